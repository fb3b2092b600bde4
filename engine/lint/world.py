"""What exists around a diagram while it is judged."""

from collections.abc import Mapping
from dataclasses import dataclass, field

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
    #: ids of processes in force or deployed together with the diagram
    processes: frozenset[str] = frozenset()
    #: ids of forms, decisions and processes deployed together with the diagram; empty = a draft
    deployed: frozenset[str] = frozenset()
    #: FEEL functions beyond the standard
    functions: frozenset[str] = frozenset()
    #: ids of the steps of processes in force or deployed together; empty = not known
    steps: frozenset[str] = frozenset()
