"""What the engine asks of the business: the business registers here, the engine never imports it."""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Any, Protocol

from sqlalchemy import ColumnElement
from sqlalchemy.orm import Session

#: the scope of a grant that holds for the whole company, every project
COMPANY = "*"


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """Who acts: a person or a machine's token, with the groups they hold in each project."""

    key: int
    username: str
    name: str
    #: (group key, tenant id or COMPANY)
    memberships: frozenset[tuple[str, str]] = frozenset()
    #: "user", "token" or "system"
    kind: str = "user"
    #: (group key, tenant id, whose it is) of those held only while somebody is away
    lent: frozenset[tuple[str, str, int]] = frozenset()

    def groups(self, tenant_id: str) -> frozenset[str]:
        """Return the groups this person holds in a project, company-wide ones included."""
        return _groups(self.memberships, tenant_id)

    def tenants(self) -> frozenset[str]:
        """Return the projects of this person's memberships; COMPANY stands for all."""
        return frozenset(scope for _, scope in self.memberships)


@lru_cache(maxsize=4096)  # every question of rights begins with it
def _groups(memberships: frozenset[tuple[str, str]], tenant_id: str) -> frozenset[str]:
    return frozenset(group for group, scope in memberships if scope in (tenant_id, COMPANY))


#: The engine itself: timers, jobs, the demo generator.
SYSTEM = Actor(key=0, username="system", name="系统", kind="system")
#: The owner of a case, who acts through a link and has no account.
OWNER = Actor(key=1, username="owner", name="业主", kind="owner")


class Lookup(Protocol):
    """Gives an archive entry as a JSON object, or None; what this same unit wrote is seen."""

    def __call__(
        self, session: Session, kind: str, key: str, actor: Actor, /
    ) -> Mapping[str, Any] | None: ...


class Can(Protocol):
    """`can(actor, action, thing)`: default deny; deny beats grant."""

    def __call__(self, actor: Actor, action: str, thing: Any) -> bool: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What lists of tasks or cases hold for a person, as conditions of SQL.

    `whole`: rows that are theirs to read though they have no part in them; `closed`: rows that they
    never see, not even with a part in them.
    """

    whole: ColumnElement[bool]
    closed: ColumnElement[bool]


def _nothing(*_asked: object) -> None:
    return None


def _as_it_is(locale: str, text: str) -> str:  # noqa: ARG001 — the port's shape
    return text


def _nobody(actor: Actor, action: str, thing: Any) -> bool:  # noqa: ARG001 — the port's shape
    return actor.kind == "system"


def _nothing_hidden(
    reader: Actor,  # noqa: ARG001 — the port's shape
    case: Any,  # noqa: ARG001
    data: Mapping[str, Any],  # noqa: ARG001
) -> frozenset[str]:
    return frozenset()


def _to_nobody(
    session: Session,  # noqa: ARG001 — the port's shape
    person: int,  # noqa: ARG001
    case: Any,  # noqa: ARG001
) -> bool:
    return False


def _all_told(
    session: Session,  # noqa: ARG001 — the port's shape
    task: Any,  # noqa: ARG001
    people: frozenset[int],  # noqa: ARG001
) -> frozenset[int]:
    return frozenset()


@dataclass(slots=True)
class Ports:
    """The registered answers of the business."""

    lookup: Lookup = _nothing
    can: Can = _nobody
    #: (locale, msgid) -> the text in that language, its places still open
    translate: Callable[[str, str], str] = _as_it_is
    #: (reader, case, values of a step) -> fields that stay hidden from this reader beyond `can`
    hidden: Callable[[Actor, Any, Mapping[str, Any]], frozenset[str]] = _nothing_hidden
    #: (reader, Task or Instance) -> what lists of them hold; None: lists ask `can` by groups
    shown: Callable[[Actor, Any], Shown] | None = None
    #: (session, run, moment): hears in the same unit that a case has come to its end, those that it
    #: called not counted
    ended: Callable[[Session, Any, datetime], None] = _nothing
    #: what stands around a decision that is made in a unit: the archive it may ask, as codes
    deciding: Callable[[Session], AbstractContextManager[None]] = lambda _session: nullcontext()
    #: (session, publisher, scope): refuses who may publish, but not this, or not alone
    publishing: Callable[[Session, Actor, str], None] = _nothing
    #: (session, user key, case or task) -> whether it stays closed to them whatever they may
    closed: Callable[[Session, int, Any], bool] = _to_nobody
    #: (session, task, people) -> who of them is told nothing of it
    untold: Callable[[Session, Any, frozenset[int]], frozenset[int]] = _all_told
    #: names of service tasks (zeebe:taskDefinition type) -> function(session, job) -> variables,
    #: or `jobs.Later` when it is to come again
    handlers: dict[str, Callable[..., Any]] = field(default_factory=dict)
    #: FEEL functions beyond the standard: name -> callable
    feel_functions: dict[str, Callable[..., Any]] = field(default_factory=dict)
    #: lane label -> group key, of every role
    roles: dict[str, str] = field(default_factory=dict)
    #: group that supervises overdue work of a group
    supervisors: dict[str, str] = field(default_factory=dict)


ports = Ports()


def handler(name: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Register the function that does the work of service tasks of type `name`."""

    def register(function: Callable[..., Any]) -> Callable[..., Any]:
        if ports.handlers.get(name, function) is not function:
            raise ValueError(f"handler {name!r} is registered twice")
        ports.handlers[name] = function
        return function

    return register
