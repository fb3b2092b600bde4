"""What a component of each type may carry, in tables, and the rules that read them."""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from forms.expressions import is_expression
from forms.fields.archive import (
    CaseField,
    PhotoField,
    RoomField,
    SignatureField,
    UploadField,
    person_field,
)
from forms.fields.base import Component, FormField
from forms.fields.choices import ChoiceField, ChoicesField, TickField
from forms.fields.moments import MomentField
from forms.fields.numbers import NumberField
from forms.fields.sheets import LARGEST, SheetField
from forms.fields.tables import TableField
from forms.fields.texts import AreaField, TextField

#: component type -> the field that takes its values
FIELDS: Final[dict[str, Callable[[Component], FormField]]] = {
    "textfield": TextField,
    "textarea": AreaField,
    "number": NumberField,
    "datetime": MomentField,
    "checkbox": TickField,
    "radio": ChoiceField,
    "select": ChoiceField,
    "checklist": ChoicesField,
    "taglist": ChoicesField,
    "expression": FormField,
    "wf-upload": UploadField,
    "wf-photo": PhotoField,
    "wf-signature": SignatureField,
    "wf-person": person_field,
    "wf-room": RoomField,
    "wf-case": CaseField,
    "wf-table": TableField,
    "wf-sheet": SheetField,
}
CHOICES: Final = frozenset({"radio", "select", "checklist", "taglist"})
CONTAINERS: Final = frozenset({"group", "dynamiclist"})
SILENT: Final = frozenset({"text", "image", "separator", "spacer", "button", "table"})
#: what other type does the same here
INSTEAD: Final = {
    "filepicker": "wf-upload",
    "html": "text",
    "iframe": "text",
    "documentPreview": "wf-upload",
}

_LENGTH: Final = frozenset({"required", "minLength", "maxLength"})
_PATTERN: Final = frozenset({"pattern", "patternErrorMessage", "validationType"})
#: type -> the keys of `validate` that do something
RULES: Final[dict[str, frozenset[str]]] = {
    "textfield": _LENGTH | _PATTERN,
    "textarea": _LENGTH | _PATTERN,
    "number": frozenset({"required", "min", "max"}),
    "expression": frozenset(),
}
REQUIRED_ONLY: Final = frozenset({"required"})

IDENTIFIER: Final = re.compile(r"[A-Za-z_][\w-]{0,127}", re.ASCII)
_MARKUP: Final = re.compile(r"<\s*[/!a-zA-Z]|javascript:|vbscript:|data:text", re.IGNORECASE)
_IMAGE: Final = re.compile(
    r"/(?!/)[^\s\\]*|data:image/(?:png|jpeg|gif|webp);base64,[A-Za-z0-9+/=]+"
)
_TEMPLATE: Final = re.compile(r"\{\{\s*(?:#\w+\s+)?([^}/#][^}]*?)\s*\}\}")
#: texts that people read; those that label values must stay what they are
READ_BACK: Final = ("label", "dateLabel", "timeLabel")
TEXTS: Final = (*READ_BACK, "description", "text")

Complaint = tuple[str, dict[str, object]]


_OBJECTS: Final = ("conditional", "layout", "appearance", "validate")


def misshapen(component: Component) -> Iterator[Complaint]:
    """Yield attributes that are not even of the right JSON type."""
    for name in _OBJECTS:
        if not isinstance(component.get(name), Mapping | None):
            yield "attribute", {"name": name, "expected": "object"}
    if not isinstance(component.get("components"), list | None):
        yield "attribute", {"name": "components", "expected": "list"}
    own = component.get("properties")
    if own is not None and not (
        isinstance(own, Mapping) and all(isinstance(value, str) for value in own.values())
    ):
        yield "properties", {}


def markup(component: Component) -> Iterator[Complaint]:
    """Yield texts that hold HTML or scripts, or templates where none may stand."""
    for name in TEXTS:
        text = component.get(name)
        if not isinstance(text, str):
            continue
        if _MARKUP.search(text):
            yield "markup", {"name": name}
        if name in READ_BACK and ("{{" in text or is_expression(text)):
            yield "template", {"name": name}


def templates(component: Component) -> Iterator[tuple[str, str]]:
    """Yield attribute and source of the expressions in texts that people read."""
    for name in ("description", "text"):
        text = component.get(name) or ""
        if is_expression(text):
            yield name, str(text)
        else:
            yield from ((name, source) for source in _TEMPLATE.findall(str(text)))
    if component["type"] == "table":
        sources = {name: str(component.get(name)) for name in ("dataSource", "columnsExpression")}
        yield from ((name, text) for name, text in sources.items() if is_expression(text))


def attributes(component: Component) -> Iterator[Complaint]:
    """Yield attributes whose value no viewer could use."""
    for name, (fits, expected) in ATTRIBUTES.get(component["type"], {}).items():
        if name in component and not fits(component[name]):
            yield "attribute", {"name": name, "expected": expected}
    columns = (component.get("layout") or {}).get("columns")
    if columns is not None and not (_whole(columns) and 1 <= columns <= 16):  # noqa: PLR2004 the grid of form-js
        yield "attribute", {"name": "layout.columns", "expected": "1–16"}
    if component["type"] == "image" and not _IMAGE.fullmatch(str(component.get("source", ""))):
        yield "url", {"name": "source"}


def properties(component: Component) -> Iterator[Complaint]:
    """Yield what is wrong with our own properties."""
    own = component.get("properties") or {}
    if "check" in own and "checkMessage" not in own:
        yield "needs-message", {}


def _whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _between(low: int, high: int) -> tuple[Callable[[Any], bool], str]:
    return lambda v: _whole(v) and low <= v <= high, f"{low}–{high}"


def _one_of(*values: object) -> tuple[Callable[[Any], bool], str]:
    return lambda v: v in values, " / ".join(map(str, values))


def _text(value: Any) -> bool:
    return isinstance(value, str)


def _positive(value: Any) -> bool:
    try:
        return not isinstance(value, bool) and float(value) > 0
    except (TypeError, ValueError):
        return False


_BOOL: Final = (lambda v: isinstance(v, bool), "true / false")
#: type -> attribute -> (what fits, how to say it)
ATTRIBUTES: Final[dict[str, dict[str, tuple[Callable[[Any], bool], str]]]] = {
    "number": {
        "decimalDigits": _between(0, 10),
        "increment": (_positive, "> 0"),
        "serializeToString": _BOOL,
    },
    "datetime": {
        "subtype": _one_of("date", "time", "datetime"),
        "timeSerializingFormat": _one_of("utc_offset", "utc_normalized", "no_timezone"),
    },
    "dynamiclist": {
        "isRepeating": (lambda v: v is True, "true"),
        "defaultRepetitions": _between(0, 50),
    },
    "expression": {"computeOn": _one_of("change", "presubmit")},
    "button": {"action": _one_of("submit", "reset")},
    "wf-upload": {"accept": (_text, "text"), "max": _between(1, 50), "camera": _BOOL},
    "wf-photo": {"max": _between(1, 50), "pair": _one_of("before", "after")},
    "wf-person": {"multiple": _BOOL, "max": _between(1, 100), "group": (_text, "text")},
    "wf-case": {"process": (_text, "text")},
    "wf-table": {
        "minRows": _between(0, 200),
        "maxRows": _between(1, 200),
        "allowAddRemove": _BOOL,
    },
    "wf-sheet": {"minRows": _between(0, LARGEST), "maxRows": _between(1, LARGEST)},
}
