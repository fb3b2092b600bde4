"""Take the last import of a project back: only while nothing of it was changed or used since."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from sqlalchemy import Table, delete, func, select, update
from sqlalchemy.orm import Session

from engine import clock
from engine.errors import N_, ConflictError, ForbiddenError, NotFoundError
from engine.models import Base, Instance, Submission
from engine.ports import Actor, ports
from processes.archive import stock
from processes.archive.changes import Change, Import, ImportState, Look

#: keys in one statement
_BATCH = 1_000


def last(session: Session, tenant_id: str) -> Import | None:
    """Return the import of a project that can be taken back, if any."""
    query = (
        select(Import)
        .where(Import.tenant_id == tenant_id, Import.state == ImportState.APPLIED)
        .order_by(Import.settled_at.desc(), Import.key.desc())
        .limit(1)
    )
    found = session.scalars(query).first()
    kept = found is not None and session.scalars(
        select(Change.key).where(Change.import_key == found.key).limit(1)
    ).first()  # fmt: skip
    return found if kept else None


def undo(session: Session, actor: Actor, key: int) -> Import:
    """Put everything back as it was before an import; refuse when anything has moved on since."""
    found = session.get(Import, key)
    if found is None or not ports.can(actor, "archive.browse", found.tenant_id):
        raise NotFoundError(N_("没有这次导入，或者它不在您负责的项目里。"))
    if not ports.can(actor, "archive.import", found.tenant_id):
        raise ForbiddenError(N_("导入档案由客户经理或项目经理办理。"))
    newest = last(session, found.tenant_id)
    if newest is None or newest.key != found.key:
        raise ConflictError(N_("只有最近一次导入可以撤销。"))
    changes = list(session.scalars(select(Change).where(Change.import_key == key)))
    _refuse_changed(session, changes)
    _refuse_used(session, found, changes)
    _put_back(session, changes)
    session.execute(delete(Change).where(Change.import_key == key))
    found.state, found.settled_by, found.settled_at = ImportState.UNDONE, actor.key, clock.now()
    return found


def _refuse_changed(session: Session, changes: Iterable[Change]) -> None:
    """Refuse when a row is not any more as the import left it."""
    moved = 0
    for entry, mine in _by_entry(changes).items():
        rows = _rows(session, entry, [change.row_key for change in mine])
        now = {found["key"]: found for found in (stock.plain(stock.values(row)) for row in rows)}
        moved += sum(_moved(change, now.get(change.row_key)) for change in mine)
    if moved:
        raise ConflictError(
            N_("导入之后有 {n} 处又被修改过，不能撤销。请改好表格再导入一次，或逐处修改。"), n=moved
        )


def _moved(change: Change, now: Mapping[str, object] | None) -> bool:
    """Say whether what the import wrote reads otherwise now; columns that came later don't count."""
    after = change.after or {}
    return now is None or any(now.get(name) != value for name, value in after.items())


def _refuse_used(session: Session, found: Import, changes: Iterable[Change]) -> None:
    """Refuse when something hangs on a row that the import made: a stay, a car, a record, a case."""
    made = _by_entry(change for change in changes if change.before is None)
    keys = {entry: {change.row_key for change in mine} for entry, mine in made.items()}
    used = sum(
        _hanging(session, table, column, keys[entry], keys.get(table.name, set()))
        for entry in keys
        for table, column in _references(entry)
    )
    used += _cases_in(session, found, {str(key) for key in keys.get("room", ())})
    if used:
        raise ConflictError(
            N_("导入的房屋或人员已经有 {n} 处在用（案件、入住、车辆等），不能撤销。"), n=used
        )


def _references(entry: str) -> Iterator[tuple[Table, str]]:
    """Yield tables and columns that name rows of a table of the archive; a look is no use of it."""
    for table in Base.metadata.sorted_tables:
        if table.name == Look.__tablename__:
            continue
        for column in table.columns:
            named = any(key.column.table.name == entry for key in column.foreign_keys)
            if named or column.name == f"{entry}_key":
                yield table, column.name


def _hanging(
    session: Session, table: Table, column: str, keys: Iterable[int], own: set[int]
) -> int:
    """Count rows of a table that name one of the keys and are not of the import itself."""
    found = 0
    for part in _parts(sorted(keys)):
        here = table.c[column].in_(part)
        if "key" in table.c and own:
            found += sum(key not in own for key in session.scalars(select(table.c.key).where(here)))
        else:
            found += session.scalar(select(func.count()).select_from(table).where(here)) or 0
    return found


def _cases_in(session: Session, found: Import, rooms: set[str]) -> int:
    """Count steps since the import whose forms name one of its rooms."""
    if not rooms:
        return 0
    query = (
        select(Submission.data)
        .join(Instance, Instance.key == Submission.instance_key)
        .where(Instance.tenant_id == found.tenant_id, Submission.at >= found.settled_at)
    )
    return sum(str(data.get("room_id")) in rooms for data in session.scalars(query))


def _put_back(session: Session, changes: Iterable[Change]) -> None:
    """Take away what was made, children first; then give the rest its old values."""
    by_entry = _by_entry(changes)
    for entry, table in reversed(list(stock.TABLES.items())):
        made = [one.row_key for one in by_entry.get(entry, ()) if one.before is None]
        for part in _parts(made):
            session.execute(delete(table).where(table.__mapper__.c.key.in_(part)))
        for one in by_entry.get(entry, ()):
            if one.before is not None:
                columns = table.__mapper__.c
                session.execute(
                    update(table).where(columns.key == one.row_key).values(_read(table, one.before))
                )
    session.expire_all()


def _read(table: type[Base], values: Mapping[str, object]) -> dict[str, object]:
    """Return kept values as the columns take them: days are days again."""
    columns = table.__mapper__.c
    return {
        name: columns[name].type.python_type.fromisoformat(value)
        if isinstance(value, str) and hasattr(columns[name].type.python_type, "fromisoformat")
        else value
        for name, value in values.items()
    }  # fmt: skip


def _by_entry(changes: Iterable[Change]) -> dict[str, list[Change]]:
    found: dict[str, list[Change]] = {}
    for change in changes:
        found.setdefault(change.entry, []).append(change)
    return found


def _rows(session: Session, entry: str, keys: list[int]) -> Iterator[Base]:
    table = stock.TABLES[entry]
    for part in _parts(keys):
        yield from session.scalars(select(table).where(table.__mapper__.c.key.in_(part)))


def _parts(keys: Sequence[int]) -> Iterator[Sequence[int]]:
    """Yield keys in pieces that fit a statement."""
    for begin in range(0, len(keys), _BATCH):
        yield keys[begin : begin + _BATCH]
