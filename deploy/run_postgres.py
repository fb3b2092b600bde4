"""`make run-postgres`: the server with demo data on a PostgreSQL of its own under var/."""

import os
import subprocess
import sys
from pathlib import Path

import psycopg

from tests import postgresql

_PORT = 5544


def main() -> int:
    """Start the cluster, make its database once, and serve until Ctrl+C."""
    folder = Path("var/postgresql").resolve()
    folder.mkdir(parents=True, exist_ok=True)
    with postgresql.server(folder / "data", _PORT) as url:
        plain = url.replace("+psycopg", "")
        with psycopg.connect(plain, autocommit=True) as connection:
            known = connection.execute("select 1 from pg_database where datname = 'wuyeflow'")
            if known.fetchone() is None:
                connection.execute("create database wuyeflow template template0 encoding 'UTF8' "
                                   "lc_collate 'C.UTF-8' lc_ctype 'C.UTF-8'")  # fmt: skip
        database = url.rsplit("/", 1)[0] + "/wuyeflow"
        return subprocess.call(
            [sys.executable, "-m", "api", "serve", "--demo"],
            env={**os.environ, "WUYEFLOW_DATABASE_URL": database},
        )


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(0)
