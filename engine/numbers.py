"""Case numbers: TS-{project}-{date}-{number}, counted per project and local day."""

from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import bindparam, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from engine import spiff
from engine.models import Counter, Tenant
from engine.sql import Statement, dialect, table

_table = table(Counter)


def _next(module: type[postgresql.Insert] | type[sqlite.Insert]) -> Statement:
    return Statement(
        module(_table)
        .values(name=bindparam("name"), value=1)
        .on_conflict_do_update(index_elements=["name"], set_={"value": _table.c.value + 1})
        .returning(_table.c.value)
    )


_zone = Statement(
    select(table(Tenant).c.zone).where(table(Tenant).c.tenant_id == bindparam("tenant"))
)
_statements = {"sqlite": _next(sqlite.Insert), "postgresql": _next(postgresql.Insert)}


def case_number(
    session: Session, process: spiff.Process, tenant_id: str, now: datetime
) -> str | None:
    """Return the next number of the process's `businessKey` pattern, or None without pattern.

    The pattern's places are {tenant}, {date} (the project's local day) and {number}.
    """
    pattern = process.properties.get("businessKey")
    if not pattern:
        return None
    if session.new:
        session.flush()
    found = _zone(session, {"tenant": tenant_id}).fetchone()
    zone = ZoneInfo("Asia/Shanghai" if found is None else found[0])
    day = now.astimezone(zone).strftime("%Y%m%d")
    stem = pattern.replace("{tenant}", tenant_id.upper()).replace("{date}", day)
    if "{number}" not in stem:
        return stem
    return stem.replace("{number}", f"{following(session, stem):03d}")


def following(session: Session, name: str) -> int:
    """Return the next number of a counter, from 1; two units never get the same one."""
    number: int = _statements[dialect(session)](session, {"name": name}).fetchone()[0]
    return number
