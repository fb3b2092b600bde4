"""Ticks and choices; a choice is held against its options again."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any, ClassVar

from typing_extensions import override

from forms.fields.base import Component, FormField, Reader
from forms.problems import Text, refused, say

#: an option's value as something one can look up: 1, true and "1" are three
Key = tuple[str, Any]


class TickField(FormField):
    """`checkbox`: yes or no."""

    empty: ClassVar[Any] = False
    missing: ClassVar[str] = "required-tick"

    @override
    def is_empty(self, value: Any) -> bool:
        return value is None or value is False

    @override
    def take(self, value: Any) -> bool:
        if not isinstance(value, bool):
            raise refused("type")
        return value

    @override
    def initial(self, value: Any) -> Any:
        return value is True

    @override
    def show(self, value: Any, reader: Reader) -> str:
        return ("是" if value else "否") if reader.language == "zh" else ("yes" if value else "no")


class ChoiceField(FormField):
    """`select` and `radio`: one of the options."""

    missing: ClassVar[str] = "required-choice"

    def __init__(self, component: Component) -> None:
        super().__init__(component)
        # in the order form-js looks: valuesKey, values, valuesExpression
        fixed = component.get("valuesKey") is None and component.get("values") is not None
        self.options = labels(component["values"]) if fixed else None
        self.words = _english(component)

    @override
    def take(self, value: Any) -> Any:
        if value == "":
            return None
        if self.options is not None and option_key(value) not in self.options:
            raise refused("choice")
        return value

    def among(self, value: Any, options: Mapping[Key, str]) -> list[Text]:
        """Return what is wrong with a value when the options are known at last."""
        return [] if value is None or option_key(value) in options else [say("choice")]

    @override
    def initial(self, value: Any) -> Any:
        if self.options is not None and (value is None or option_key(value) not in self.options):
            return None
        return value

    @override
    def show(self, value: Any, reader: Reader) -> str:
        return "" if value is None else self.label(value, reader)

    def label(self, value: Any, reader: Reader) -> str:
        """Return the word of one option."""
        key = option_key(value)
        known = self.options if self.options is not None else reader.labels
        text = known.get(key, str(value))
        return text if reader.language == "zh" else self.words.get(str(value), text)


class ChoicesField(ChoiceField):
    """`checklist` and `taglist`: any number of the options, each once."""

    empty: ClassVar[Any] = []

    @override
    def take(self, value: Any) -> Any:
        if not isinstance(value, list):
            raise refused("type")
        chosen = list({option_key(item): item for item in value}.values())
        if self.options is not None and any(option_key(i) not in self.options for i in chosen):
            raise refused("choice")
        return chosen

    @override
    def among(self, value: Any, options: Mapping[Key, str]) -> list[Text]:
        return [] if all(option_key(item) in options for item in value or ()) else [say("choice")]

    @override
    def initial(self, value: Any) -> Any:
        if not isinstance(value, list):
            return []
        if self.options is None:
            return value
        return [item for item in value if option_key(item) in self.options]

    @override
    def show(self, value: Any, reader: Reader) -> str:
        comma = "、" if reader.language == "zh" else ", "
        return comma.join(self.label(item, reader) for item in value or ())


def option_key(value: Any) -> Key:
    """Return a value as form-js compares it (deep and by type), hashable."""
    if isinstance(value, str):
        return "text", value
    if isinstance(value, bool) or value is None:
        return "plain", value
    if isinstance(value, (int, float, Decimal)):
        return "number", Decimal(str(value))
    if isinstance(value, list):
        return "list", tuple(option_key(item) for item in value)
    if isinstance(value, Mapping):
        return "object", tuple(sorted((str(k), option_key(v)) for k, v in value.items()))
    raise refused("type")


def labels(options: Iterable[Any]) -> dict[Key, str]:
    """Return value → label of an option list, read as form-js normalises it."""
    found: dict[Key, str] = {}
    for option in options:
        value = option.get("value") if isinstance(option, Mapping) else option
        label = option.get("label") if isinstance(option, Mapping) else None
        plain = isinstance(value, (str, bool, int, float, Decimal)) and value != ""
        if (
            label
            and isinstance(label, str)
            and (plain or (isinstance(value, (list, dict)) and value))
        ):
            found[option_key(value)] = label
        elif plain and not (isinstance(label, str) and label):
            found[option_key(value)] = str(value)
    return found


def _english(component: Component) -> dict[str, str]:
    """Read `options_en`: `phone=Telephone; visit=Visit`."""
    text = (component.get("properties") or {}).get("options_en", "")
    pairs = (part.partition("=") for part in text.split(";") if "=" in part)
    return {value.strip(): word.strip() for value, _, word in pairs}
