"""How a case is called and how it came out, as its diagram says."""

from decisions import feel
from engine import spiff
from engine.runs import Run


def outcome(run: Run, step: spiff.Step) -> str | None:
    """Return the end event of this step that says how the case came out."""
    elements = run.which.process.elements
    ends = [end for end in step.ends if elements[end].properties.get("side") != "true"]
    return ends[-1] if ends else None


def title(run: Run) -> str | None:
    """Return the title that the process's FEEL property makes of the routed values."""
    source = run.which.process.properties.get("title", "")
    if not source.startswith("="):
        return source or run.which.name
    value = feel.compile(source[1:]).evaluate(run.variables)
    return value if isinstance(value, str) else None
