"""Where the tokens of a case stand, and where each may be put by hand: what operators choose from."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from engine import ids, instances, runs, spiff
from engine.errors import N_, InvalidInputError, NotFoundError
from engine.models import Instance
from engine.ports import Actor, ports
from engine.spiff import Element, Process

#: kinds of elements a person would name as a place; gateways and plain events are passed at once
_PLACES = frozenset({
    "userTask", "serviceTask", "sendTask", "receiveTask", "businessRuleTask", "scriptTask", "task",
    "manualTask", "callActivity", "subProcess", "transaction", "adHocSubProcess", "endEvent",
    "intermediateCatchEvent", "intermediateThrowEvent",
})  # fmt: skip
#: where a token may wait for others
_JOINS = frozenset({"parallelGateway", "inclusiveGateway", "complexGateway"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """One token that waits, in the case itself or in a process that it called."""

    instance_key: int
    token: int
    #: the key of this token in the API
    key: int
    element: str
    name: str
    #: what it waits for: user, job, timer, message, signal, call; join: for other tokens
    kind: str
    due_at: datetime | None
    #: it waits beside a step for an event, and cannot be moved
    beside: bool
    #: (element, name) of the places where it may be put
    targets: tuple[tuple[str, str], ...] = ()
    #: error codes that the diagram catches here
    errors: tuple[str, ...] = ()


def of(session: Session, actor: Actor, instance_key: int) -> list[Standing]:
    """Return where the tokens of a case and of all that it called stand."""
    row = session.get(Instance, instance_key)
    if row is None or not _sees(actor, row):
        raise NotFoundError(N_("没有这个案件，或者它不在您负责的项目里。"))
    found: list[Standing] = []
    for one in instances.family(session, row.root_key):
        if one.ended_at is None:
            run = runs.load(session, one.key)
            found += [*_of(one, run), *_at_joins(one, run)]
    return found


def token_of(session: Session, instance_key: int, *, key: int | None, element: str | None) -> int:
    """Return the token that the API names by its key, or by the only element it stands on."""
    run = runs.load(session, instance_key)
    waits = spiff.waits(run.which.model, run.blob) if run.blob else ()
    found = [
        wait.token for wait in waits
        if (key is not None and ids.derived(instance_key, wait.token) == key)
        or (key is None and wait.element == element)
    ]  # fmt: skip
    if len(found) != 1:
        raise InvalidInputError(
            N_("“{element}”上没有正好一个等待的令牌。"), element=element or str(key or ""),
            fields={"elementId": [N_("这里没有正好一个等待的令牌。")]},
        )  # fmt: skip
    return found[0]


def tokens_on(session: Session, instance_key: int, element: str) -> list[int]:
    """Return the tokens of an instance that wait on an element."""
    run = runs.load(session, instance_key)
    waits = spiff.waits(run.which.model, run.blob) if run.blob else ()
    return [wait.token for wait in waits if wait.element == element]


def _of(one: Instance, run: runs.Run) -> Iterable[Standing]:
    process = run.which.process
    for wait in spiff.waits(run.which.model, run.blob):
        element = process.elements[wait.element]
        beside = wait.boundary_of is not None or _listens(process, element)
        yield Standing(
            instance_key=one.key, token=wait.token, key=ids.derived(one.key, wait.token),
            element=wait.element, name=wait.name or element.name or wait.element, kind=wait.kind,
            due_at=wait.due_at, beside=beside,
            targets=() if beside else _targets(process, element),
            errors=_errors(process, element) if wait.kind in {"job", "user", "call"} else (),
        )  # fmt: skip


def _at_joins(one: Instance, run: runs.Run) -> Iterable[Standing]:
    """Yield the tokens that wait in a gateway for others, which may never come after a move."""
    process = run.which.process
    for place in spiff.places(run.which.model, run.blob):
        element = process.elements.get(place.element)
        if element is not None and element.type in _JOINS:
            yield Standing(
                instance_key=one.key, token=place.token, key=ids.derived(one.key, place.token),
                element=element.id, name=element.name or element.id, kind="join", due_at=None,
                beside=False, targets=_targets(process, element),
            )  # fmt: skip


def _targets(process: Process, here: Element) -> tuple[tuple[str, str], ...]:
    """Return the places in the scopes around an element; the diagram's order is kept."""
    around = set()
    at: Element | None = here
    while at is not None:
        around.add(at.scope)
        at = process.elements.get(at.scope)
    return tuple(
        (one.id, one.name or one.id)
        for one in process.elements.values()
        if one.scope in around and one.type in _PLACES and one.id != here.id
        and not one.triggered_by_event and not one.for_compensation
    )  # fmt: skip


def _errors(process: Process, here: Element) -> tuple[str, ...]:
    """Return the codes that boundary events or event sub-processes around an element catch."""
    around = {here.id}
    at: Element | None = process.elements.get(here.scope)
    while at is not None:
        around.add(at.id)
        at = process.elements.get(at.scope)
    codes = []
    for one in process.elements.values():
        holder = process.elements.get(one.scope)
        inside = holder is not None and holder.triggered_by_event and one.type == "startEvent"
        if one.attached_to in around or inside:
            codes += [event.code or "" for event in one.events if event.kind == "error"]
    return tuple(dict.fromkeys(codes))


def _listens(process: Process, element: Element) -> bool:
    """Tell whether an element is the start of an event sub-process."""
    holder = process.elements.get(element.scope)
    return element.type == "startEvent" and holder is not None and holder.triggered_by_event


def _sees(actor: Actor, row: Instance) -> bool:
    return ports.can(actor, "instance.read", row) or ports.can(actor, "incident.read", row)
