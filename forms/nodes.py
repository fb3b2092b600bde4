"""A compiled form: what is asked, where it goes in the data, and what it depends on."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from forms.expressions import Condition, Expression, Path
from forms.fields.base import FormField
from forms.problems import Text


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldInfo:
    """What others may know about a field."""

    id: str
    #: dotted path in the data; fields of a dynamic list carry the list's path in front
    key: str
    type: str
    label: str
    label_en: str
    personal: bool
    #: whether it is kept encrypted and shown masked (`forms.masks`)
    secret: bool
    required: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """A group, a dynamic list or a field."""

    id: str
    type: str
    #: in the data of its scope: the form, or one row of a dynamic list
    path: Path
    info: FieldInfo
    #: ids of the groups around it in the same scope
    owners: tuple[str, ...] = ()
    field: FormField | None = None
    #: the fields of one row, of a dynamic list
    rows: "Scope | None" = None
    hide: Condition | None = None
    disabled: bool = False
    readonly: bool = False
    readonly_if: Condition | None = None
    required: bool = False
    required_if: Condition | None = None
    #: what the prefill puts here: an expression, or a value of its own
    default: Expression | None = None
    default_text: str | None = None
    default_value: Any = None
    check: Expression | None = None
    check_text: Text | None = None
    compute: Expression | None = None
    #: (rule, expression) of min, max, minLength, maxLength that are worked out
    bounds: tuple[tuple[str, Expression], ...] = ()
    options: Expression | None = None
    options_en: Expression | None = None
    options_key: str | None = None
    #: whether pass 2 has nothing but `required` to look at
    simple: bool = True

    def early(self) -> Iterator[Expression]:
        """Yield what must be known before this node can be."""
        yield from (e for e in (self.hide, self.readonly_if, self.compute) if e is not None)
        for child in self.rows.nodes if self.rows else ():
            yield from child.early()


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """The nodes of a form or of one row, as drawn and as worked out."""

    nodes: tuple[Node, ...] = ()
    plan: tuple[Node, ...] = ()


def get(data: Any, path: Path) -> Any:
    """Return the value at a path, None when there is none."""
    for part in path:
        if not isinstance(data, Mapping):
            return None
        data = data.get(part)
    return data


def put(data: dict[str, Any], path: Path, value: Any) -> None:
    """Set the value at a path, making the objects on the way."""
    for part in path[:-1]:
        inner = data.get(part)
        if not isinstance(inner, dict):
            inner = data[part] = {}
        data = inner
    data[path[-1]] = value
