"""How a case is called, which way it took and how it came out, as its diagram says."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from decisions import feel
from engine import search, spiff
from engine.errors import N_, StepFailedError
from engine.runs import Run


def outcome(run: Run, step: spiff.Step) -> str | None:
    """Return the end event of this step that says how the case came out."""
    elements = run.which.process.elements
    ends = [end for end in step.ends if elements[end].properties.get("side") != "true"]
    return ends[-1] if ends else None


def entitle(session: Session, run: Run) -> None:
    """Give the case the title that its routed values make now, and let it be found by it."""
    search.entitle(session, run, title(run))


def title(run: Run) -> str | None:
    """Return the title that the process's FEEL property makes of the routed values."""
    source = run.which.process.properties.get("title", "")
    if not source.startswith("="):
        return source or run.which.name
    value = feel.compile(source[1:]).evaluate(run.variables)
    return value if isinstance(value, str) else None


def failed(fault: spiff.Failure, stood: tuple[int, int] | None = None) -> StepFailedError:
    """Return the refusal of a step that could not be run; the instance is as it was."""
    error = StepFailedError(
        N_("流程在“{element}”停住了：{reason}"), element=fault.element, reason=fault.zh,
        detail=fault.detail,
    )  # fmt: skip
    error.stood = stood
    return error


def account(step: spiff.Step, given: Mapping[str, Any]) -> dict[str, Any]:
    """Return what history keeps of a command: its routed input and the path that followed."""
    return {"path": path_of(step)} | ({"routed": dict(given)} if given else {})


def fired(step: spiff.Step) -> dict[str, Any]:
    """Return what history keeps of a timer: the path, and the cycles that passed unseen."""
    missed = sum(closed.missed for closed in step.closed)
    return {"path": path_of(step)} | ({"missed": missed} if missed else {})


def path_of(step: spiff.Step) -> list[str]:
    """Return the elements a step passed, in order, as history keeps them."""
    return [passed.element for passed in step.path]
