"""Find or start a real PostgreSQL; used by the tests and by `make run-postgres`.

Order: TEST_POSTGRESQL_URL, Debian's newest binaries, `initdb` on PATH. As root the server runs
as user postgres or nobody. The cluster of a test lies in a temporary folder and is gone after.
"""

import contextlib
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import uuid
from collections.abc import Iterator
from pathlib import Path

import psycopg

MISSING = (
    "PostgreSQL was not found. Install it with: apt-get install -y postgresql "
    "(or set TEST_POSTGRESQL_URL to a server that lets us create databases)."
)


@contextlib.contextmanager
def server(data: Path | None = None, port: int | None = None) -> Iterator[str]:
    """Yield the URL of a running server; durable only when `data` names its folder."""
    if url := os.environ.get("TEST_POSTGRESQL_URL"):
        yield url
        return
    binaries = _binaries()
    base = Path(tempfile.mkdtemp(prefix="wuyeflow-pg-"))
    base.chmod(0o755)
    prefix, user = _unprivileged()
    if user:
        shutil.chown(base, user)
    folder = data or base / "data"
    if user and data is not None:
        shutil.chown(data.parent, user)
    if not (folder / "PG_VERSION").exists():
        _run([*prefix, binaries / "initdb", "-D", folder, "-U", "postgres", "-A", "trust",
              "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"])  # fmt: skip
    port = port or _free_port()
    safe = "on" if data else "off"
    options = (
        f"-c listen_addresses=127.0.0.1 -c port={port} -c unix_socket_directories={base} "
        f"-c max_connections=200 -c fsync={safe} -c synchronous_commit={safe} "
        f"-c full_page_writes={safe}"
    )
    pg_ctl = [*prefix, binaries / "pg_ctl", "-D", folder, "-w"]
    _run([*pg_ctl, "-l", base / "log", "-o", options, "start"])
    try:
        yield f"postgresql+psycopg://postgres@127.0.0.1:{port}/postgres"
    finally:
        _run([*pg_ctl, "-m", "fast", "stop"])
        shutil.rmtree(base, ignore_errors=True)


@contextlib.contextmanager
def database(admin_url: str) -> Iterator[str]:
    """Yield the URL of an empty database of its own on the server, dropped afterwards."""
    name = f"t_{uuid.uuid4().hex[:12]}"
    plain = admin_url.replace("+psycopg", "")
    with psycopg.connect(plain, autocommit=True) as connection:
        connection.execute(
            f"create database {name} template template0 "
            "encoding 'UTF8' lc_collate 'C.UTF-8' lc_ctype 'C.UTF-8'"
        )
    try:
        yield f"{admin_url.rsplit('/', 1)[0]}/{name}"
    finally:
        with psycopg.connect(plain, autocommit=True) as connection:
            connection.execute(f"drop database {name} with (force)")


def _binaries() -> Path:
    found = sorted(
        Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3])
    )
    if found:
        return found[-1].parent
    if on_path := shutil.which("initdb"):
        return Path(on_path).resolve().parent
    raise RuntimeError(MISSING)


def _unprivileged() -> tuple[list[str], str | None]:
    if os.getuid() != 0:
        return [], None
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            user = pwd.getpwnam(name)
            return (
                ["setpriv", f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups"],
                name,
            )
    raise RuntimeError("PostgreSQL does not run as root, and there is no user postgres or nobody")


def _run(command: list[object]) -> None:
    # Output goes nowhere: pg_ctl's child would hold a captured pipe open for ever.
    subprocess.run(
        [str(part) for part in command],
        env={**os.environ, "LC_ALL": "C.UTF-8"},
        cwd="/",
        check=True,
        stdout=subprocess.DEVNULL,
    )


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
