"""What may be deployed: the only linter, used by deployment, API, editor and command line."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from engine import spiff
from engine.errors import Problem
from forms import Form


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """What exists around a diagram."""

    forms: Mapping[str, Form] = field(default_factory=dict)
    #: decision id -> the names it reads
    decisions: Mapping[str, frozenset[str]] = field(default_factory=dict)
    #: lane label -> group key
    roles: Mapping[str, str] = field(default_factory=dict)
    handlers: frozenset[str] = frozenset()
    processes: frozenset[str] = frozenset()
    #: ids of forms and decisions deployed together with the diagram
    deployed: frozenset[str] = frozenset()
    #: FEEL functions beyond the standard
    functions: frozenset[str] = frozenset()


def check(xml: bytes, *, world: World) -> tuple[Problem, ...]:
    """Return everything that is wrong with a diagram in this world."""
    return spiff.refusals(xml)
