"""What stays closed whatever a role grants: payments to repair workers, complaints to the accused.

A complaint of a person names them in its record: by choosing who it is (`=accused-user:…`), and by
what was written as their name (`=accused:…`), which is the second net. Both, and the department
(`=against:…`), are kept with the words that cases are found by, so that one look into an index
tells lists and single tasks alike (requirements §4.2, P8).
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from types import MappingProxyType
from typing import Any

from sqlalchemy import ColumnElement, bindparam, exists, false, func, or_, select, true
from sqlalchemy.orm import Session

from engine import search
from engine.models import Definition, Instance, Task, Word
from engine.ports import COMPANY, Actor
from engine.sql import Statement, table
from processes.rights import things
from processes.rights.table import MONEY_OBJECTS, PROCESSES

WORKER = "eng_worker"
#: groups that handle money; a repair worker never sees their tasks, whatever else he is (P8)
MONEY = frozenset({"cashier", "finance_hq"})
MONEY_ELEMENTS = frozenset({"PAY_desk", "D1_count", "D2_deposit", "D3_check", "M3_fees"})
_MONEY_PROCESSES = sorted(key for key, kind in PROCESSES.items() if kind in MONEY_OBJECTS)

#: complained-of department -> its own people; the desk and the project's heads handle the case
_DEPARTMENTS: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "eng": frozenset({"eng_dispatch", "eng_worker"}),
        "security": frozenset({"security"}),
        "clean": frozenset({"cleaning"}),
        "fin": frozenset({"cashier", "finance_hq"}),
    }
)
#: of an accused department, its head may be given a task by name, to hear what is said
_HEARD = "eng_dispatch"
_ABOVE = frozenset({"cs_assistant", "cs_manager", "project_manager", "quality", "leader"})
#: a name in what was written: two to four characters of Chinese, or a Latin word
_RUN = re.compile(r"[\u4e00-\u9fff]+|[a-z]+(?: [a-z]+)*")
_SHORT, _LONG = 2, 4
#: fields of a record: the member of the staff it is about, and what was written of them
CHOSEN, WRITTEN = "against_staff", "against_person"
#: marks a complaint of the person with this key
_USER = "accused-user:"
#: marks every complaint of a person
_ANYBODY = "accused"
EVERY = f"={_ANYBODY}".encode()
#: who is meant by name and by key, whether anybody is, all departments: what can concern anybody
_WORDS = [f"word{at}" for at in range(3 + len(_DEPARTMENTS))]
_of_root = Statement(
    select(table(Word).c.word, table(Word).c.root_key).where(
        table(Word).c.word.in_([bindparam(name) for name in _WORDS]),
        table(Word).c.root_key == bindparam("root"),
    )
)


def marks(data: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the words by which the accused find nothing: who it is, names as written, department."""
    if not is_of_somebody(data):
        return ()
    chosen, written = (str(data.get(name) or "").strip().lower() for name in (CHOSEN, WRITTEN))
    named = dict.fromkeys(f"accused:{name}" for name in _names(written))
    department = data.get("against_dept")
    return (
        _ANYBODY, *((f"{_USER}{chosen}",) if chosen else ()), *named,
        *((f"against:{department}",) if department in _DEPARTMENTS else ()),
    )  # fmt: skip


def is_of_somebody(data: Mapping[str, Any]) -> bool:
    """Say whether a record complains of a person, chosen or written down."""
    return any(str(data.get(name) or "").strip() for name in (CHOSEN, WRITTEN))


def is_of_a_person(session: Session, root_key: int) -> bool:
    """Say whether somebody is complained of in a case; asked once, or known from any other look."""
    for (_person, root), found in _seen(session).items():
        if root == root_key:
            return _ANYBODY in found
    words = {**dict.fromkeys(_WORDS, EVERY), "root": root_key}
    return bool(_of_root(session, words).fetchall())


def is_closed(actor: Actor, thing: Any, action: str) -> bool:
    """Say whether a case or a task stays closed to this person whatever their roles grant."""
    tenant_id = things.tenant_of(thing)
    if tenant_id is None or not things.is_case(thing):
        return False
    groups = actor.groups(tenant_id)
    return (WORKER in groups and is_money(thing)) or _is_accused(actor, groups, thing, action)


def is_money(thing: Any) -> bool:
    """Say whether a task or a case is about taking or checking money."""
    group, element = getattr(thing, "group", None), getattr(thing, "element", None)
    return group in MONEY or element in MONEY_ELEMENTS or things.kind(thing) in MONEY_OBJECTS


def is_accused_department(actor: Actor, tenant_id: str, department: Any) -> bool:
    """Say whether a person belongs to a department and to nobody who stands above it."""
    groups = actor.groups(tenant_id)
    own = _DEPARTMENTS.get(str(department), frozenset())
    return bool(groups & own) and not groups & _ABOVE


def closed_tasks(actor: Actor) -> ColumnElement[bool]:
    """Return the condition for tasks that no list shows to this person."""
    money = [
        _in(Task.tenant_id, tenant)
        & or_(func.coalesce(Task.group, "").in_(sorted(MONEY)), Task.element.in_(sorted(MONEY_ELEMENTS)),
              Task.definition_key.in_(_definitions(_MONEY_PROCESSES)))
        for tenant in _held(actor, WORKER)
    ]  # fmt: skip
    heard = Task.assignee == actor.key
    return or_(false(), *money, *_accused(actor, Task, heard))


def closed_cases(actor: Actor) -> ColumnElement[bool]:
    """Return the condition for cases that no list shows to this person."""
    money = [
        _in(Instance.tenant_id, tenant) & Instance.process_id.in_(_MONEY_PROCESSES)
        for tenant in _held(actor, WORKER)
    ]
    heard = exists().where(Task.root_key == Instance.root_key, Task.assignee == actor.key)
    return or_(false(), *money, *_accused(actor, Instance, heard))


def _accused(actor: Actor, rows: Any, heard: ColumnElement[bool]) -> Iterator[ColumnElement[bool]]:
    yield rows.root_key.in_(_roots(_own(actor)))
    for tenant in sorted(actor.tenants()):
        words = _departments(actor, tenant)
        if not words:
            continue
        closed = _in(rows.tenant_id, tenant) & rows.root_key.in_(_roots(words))
        yield closed & ~heard if _HEARD in actor.groups(tenant) else closed


def _is_accused(actor: Actor, groups: frozenset[str], thing: Any, action: str) -> bool:
    session, root_key = things.session_of(thing), getattr(thing, "root_key", None)
    if session is None or root_key is None:
        return False
    found = _marked(session, actor, things.tenant_of(thing) or "", root_key) - {_ANYBODY}
    if not found.isdisjoint(_own(actor)):
        return True
    if not found:
        return False
    return not (_HEARD in groups and _is_heard(session, actor, thing, action))


def _is_heard(session: Session, actor: Actor, thing: Any, action: str) -> bool:
    """Say whether the accused department's head was given a task of the case by name."""
    if (
        things.is_task(thing) and action != "step.see"
    ):  # whether one may be given to them is asked before it is
        return thing.assignee == actor.key or (thing.assignee is None and action == "task.work")
    query = select(exists().where(Task.root_key == thing.root_key, Task.assignee == actor.key))
    return bool(session.scalar(query))


def _marked(session: Session, actor: Actor, tenant_id: str, root_key: int) -> frozenset[str]:
    """Return which marks of a case concern this person.

    A unit of work looks once a case, and at all cases of a list that it holds at once.
    """
    seen = _seen(session)
    if (actor.key, root_key) not in seen:
        words = _asked(actor, tenant_id)
        roots = {root_key, *_listed(session, tenant_id)}
        found: Sequence[Any]
        if len(roots) == 1:
            found = _of_root(session, {**words, "root": root_key}).fetchall()
        else:
            marked = Word.word.in_(set(words.values())) & Word.root_key.in_(roots)
            found = session.execute(select(Word.word, Word.root_key).where(marked)).all()
        for root in roots:
            mine = (bytes(word)[1:].decode() for word, of in found if of == root)
            seen[actor.key, root] = frozenset(mine)
    return seen[actor.key, root_key]


@lru_cache(maxsize=4096)  # every command on a case looks for its person's words
def _asked(actor: Actor, tenant_id: str) -> Mapping[str, bytes]:
    """Return the words that concern a person in a project, as the compiled look takes them."""
    asked = [_word(one) for one in (*_own(actor), *_departments(actor, tenant_id))]
    return {**dict.fromkeys(_WORDS, EVERY), **dict(zip(_WORDS, asked, strict=False))}


def _seen(session: Session) -> dict[tuple[int, int], frozenset[str]]:
    """Return what this unit of work has looked up, by person and case."""
    looked: dict[str, Any] = session.info.setdefault(search.LOOKED, {})
    seen: dict[tuple[int, int], frozenset[str]] = looked.setdefault("marks", {})
    return seen


def _own(actor: Actor) -> list[str]:
    """Return the marks of complaints of this person: by key, and by the name as it is written."""
    return [f"{_USER}{actor.key}", f"accused:{actor.name.lower()}"]


def _listed(session: Session, tenant_id: str) -> Iterator[int]:
    """Yield the cases of a project whose rows this unit holds; nothing is read for it."""
    for row in session.identity_map.values():
        held = vars(row) if isinstance(row, Instance | Task) else {}
        if held.get("tenant_id") == tenant_id and "root_key" in held:
            yield held["root_key"]


def _departments(actor: Actor, tenant_id: str) -> list[str]:
    return [
        f"against:{one}" for one in _DEPARTMENTS if is_accused_department(actor, tenant_id, one)
    ]


def _roots(words: list[str]) -> Any:
    return select(Word.root_key).where(Word.word.in_([_word(word) for word in words]))


def _definitions(processes: list[str]) -> Any:
    return select(Definition.key).where(Definition.process_id.in_(processes))


def _held(actor: Actor, group: str) -> list[str]:
    return sorted(tenant for held, tenant in actor.memberships if held == group)


def _in(column: Any, tenant: str) -> ColumnElement[bool]:
    here: ColumnElement[bool] = column == tenant
    return true() if tenant == COMPANY else here


def _word(mark: str) -> bytes:
    return f"={mark}".encode()


def _names(written: str) -> Iterator[str]:
    """Yield every piece of a text that may be somebody's name."""
    for run in _RUN.findall(written):
        if run.isascii():
            yield run
            yield from run.split(" ")
            continue
        for size in range(_SHORT, _LONG + 1):
            yield from (run[at : at + size] for at in range(len(run) - size + 1))
