"""What happened in a step, as frozen values, and what a step needs from outside."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

from engine.spiff.elements import CallRef, FormRef, JobDefinition

#: where timer texts without an offset are read, and where months and days begin
HOME = ZoneInfo("Asia/Shanghai")


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """The answer of a decision, with the rules that fired."""

    value: Any
    decision_id: str
    version: int | None = None
    hits: tuple[Any, ...] = ()
    element: str = ""


def _undecided(decision_id: str, _binding: Any, _context: Mapping[str, Any]) -> Decided:
    raise LookupError(decision_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class Runtime:
    """The outside of a step: the present instant, decisions, FEEL functions."""

    now: datetime
    #: (decision id, the element's DecisionRef with that id, visible variables) -> Decided
    decide: Callable[[str, Any, Mapping[str, Any]], Decided] = _undecided
    functions: Mapping[str, Callable[..., Any]] = field(default_factory=dict)
    zone: tzinfo = HOME


@dataclass(frozen=True, slots=True, kw_only=True)
class Wait:
    """A token that waits for somebody or something outside."""

    token: int
    element: str
    #: user, job, timer, message, signal or call
    kind: str
    name: str = ""
    lane: str | None = None
    properties: Mapping[str, str] = field(default_factory=dict)
    assignee: str | None = None
    candidate_groups: tuple[str, ...] = ()
    candidate_users: tuple[str, ...] = ()
    priority: int | None = None
    due_date: datetime | None = None
    follow_up_date: datetime | None = None
    form: FormRef | None = None
    #: of a user task: its task headers
    headers: Mapping[str, str] = field(default_factory=dict)
    #: of a job: type, retries (digits) and headers, evaluated
    job: JobDefinition | None = None
    #: of a timer
    due_at: datetime | None = None
    #: of a message or signal
    message: str | None = None
    correlation_key: str | None = None
    #: of a call: what to start, its process id evaluated
    called: CallRef | None = None
    #: of a job or call: what the worker or the called instance is given
    variables: Mapping[str, Any] = field(default_factory=dict)
    #: the activity that a boundary event sits on
    boundary_of: str | None = None
    #: False: the wait stays open when it fires (message or signal of a non-interrupting event)
    once: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Closed:
    """A wait that ended; `completed` is False when the path was cancelled or went elsewhere."""

    token: int
    element: str
    #: user, job, timer, message, signal or call
    kind: str
    completed: bool
    #: cycles of a timer that passed unseen (downtime) and are covered by this firing
    missed: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Passed:
    """An element that a token left behind, and the flow by which it had come."""

    element: str
    type: str
    flow: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Thrown:
    """An event for others. Listeners of the same instance have had their signal already.

    `kind` is message, signal, error (left the instance uncaught) or escalation (the same).
    """

    kind: str
    name: str
    correlation_key: str | None = None
    payload: Mapping[str, Any] = field(default_factory=dict)
    element: str = ""
    message_id: str | None = None
    time_to_live: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """Why a step could not be run; the state given stays valid."""

    element: str
    code: str
    zh: str
    en: str
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One command's whole effect."""

    state: bytes
    opened: tuple[Wait, ...] = ()
    closed: tuple[Closed, ...] = ()
    path: tuple[Passed, ...] = ()
    decisions: tuple[Decided, ...] = ()
    thrown: tuple[Thrown, ...] = ()
    completed: bool = False
    ends: tuple[str, ...] = ()
    variables: dict[str, Any] = field(default_factory=dict)
    failure: Failure | None = None
