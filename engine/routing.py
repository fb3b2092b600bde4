"""Which submitted values go into the workflow: those that its expressions read (decision 8)."""

from collections.abc import Iterable, Mapping

from sqlalchemy.orm import Session

from decisions import feel
from engine import compiled, spiff
from engine.errors import NotFoundError

#: names every expression may read and nobody submits
GIVEN = frozenset({"case", "user", "now", "instance"})


def routed(
    session: Session,
    process: spiff.Process,
    siblings: Mapping[str, spiff.Process],
    inputs_of: Mapping[str, Iterable[str]],
) -> frozenset[str]:
    """Return the names that expressions, decisions and called processes read.

    `siblings` are the processes of the same deployment, `inputs_of` names what each decision
    reads. A value that its own form marks as personal is left out when it is submitted, and
    reading one is refused by the lint; the same name may be a plain code in another process.
    """
    names: set[str] = set()
    waiting, seen = [process], {process.id}
    while waiting:
        one = waiting.pop()
        names |= one.reads | _of_properties(one) | _of_decisions(one, inputs_of)
        for element in one.elements.values():
            called = element.called
            if called is None or called.process_id in seen:
                continue
            seen.add(called.process_id)
            if called.process_id in siblings:
                waiting.append(siblings[called.process_id])
            elif called.propagate_all_parent_variables:
                names |= _deployed(session, called.process_id)
    return frozenset(names - GIVEN)


def _of_properties(process: spiff.Process) -> set[str]:
    """Names read by FEEL in the properties of steps: startFrom, timeStandard and their like."""
    texts = [
        text
        for element in process.elements.values()
        for text in element.properties.values()
        if text.startswith("=")
    ]
    return {name[0] for text in texts for name in feel.compile(text[1:]).names}


def _of_decisions(process: spiff.Process, inputs_of: Mapping[str, Iterable[str]]) -> set[str]:
    found: set[str] = set()
    for element in process.elements.values():
        if element.decision is not None:
            found.update(inputs_of.get(element.decision.decision_id, ()))
    return found


def _deployed(session: Session, process_id: str) -> frozenset[str]:
    """Names that a process in force reads; one that is not there yet reads nothing."""
    try:
        return compiled.newest(session, process_id).routed
    except NotFoundError:
        return frozenset()
