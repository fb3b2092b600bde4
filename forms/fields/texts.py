"""Free text on one line or several."""

from typing import Any, ClassVar

from marshmallow import ValidationError
from typing_extensions import override

from forms import patterns
from forms.fields.base import Component, FormField, text_of
from forms.problems import Text, say, sentence

#: the WHATWG definition of a valid e-mail address, which form-js uses
_EMAIL = patterns.search(
    r"^[a-zA-Z0-9.!#$%&'*+\/=?^_`{|}~\-]+@[a-zA-Z0-9](?:[a-zA-Z0-9\-]{0,61}[a-zA-Z0-9])?"
    r"(?:\.[a-zA-Z0-9](?:[a-zA-Z0-9\-]{0,61}[a-zA-Z0-9])?)*$"
)
#: a country code and a number (E.164); form-js knows which codes exist and is a little stricter
_PHONE = patterns.search(r"(?:\+|00)[1-9]\d{5,}$")
_TYPES = {"email": _EMAIL, "phone": _PHONE}
Bounds = dict[str, Any]


class TextField(FormField):
    """`textfield`: one line."""

    empty: ClassVar[Any] = ""
    #: what fits without a maxLength of its own
    ceiling: ClassVar[int] = 2_000

    def __init__(self, component: Component) -> None:
        super().__init__(component)
        rules = component.get("validate") or {}
        self.least = _number(rules.get("minLength"))
        self.most = _number(rules.get("maxLength"))
        self.search = patterns.search(rules["pattern"]) if rules.get("pattern") else None
        self.message = _pattern_message(component)
        self.kind = rules.get("validationType")
        self.has_rules = bool(self.search or self.kind in _TYPES or self.least)

    @override
    def take(self, value: Any) -> str:
        text = text_of(value)
        limit = self.ceiling if self.most is None else self.most
        # a text is at most twice as long in JavaScript: short ones need no closer look
        if not self.has_rules and len(text) * 2 <= limit:
            return text
        problems = [*self._shape(text), *self._lengths(text, limit)] if text else []
        if problems:
            raise ValidationError(problems)
        return text

    def _shape(self, text: str) -> list[Text]:
        found: list[Text] = []
        try:
            if self.search and not self.search(text):
                found.append(self.message)
        except TimeoutError:
            found.append(say("pattern-time"))
        if self.kind in _TYPES and not _TYPES[self.kind](text):
            found.append(say(self.kind))
        return found

    def _lengths(self, text: str, limit: float) -> list[Text]:
        if self.most is None and len(text) > self.ceiling:
            return [say("too-long-text", limit=self.ceiling)]
        return lengths(text, self.least, limit)

    @override
    def initial(self, value: Any) -> Any:
        if value is None or isinstance(value, (list, dict)):
            return ""
        text = str(value).lower() if isinstance(value, bool) else str(value)
        return text.translate(_LINES)


class AreaField(TextField):
    """`textarea`: several lines."""

    ceiling: ClassVar[int] = 100_000

    @override
    def initial(self, value: Any) -> Any:
        return "" if value is None or isinstance(value, (list, dict)) else str(value)


def lengths(text: str, least: float | None, most: float | None) -> list[Text]:
    """Return what is wrong with the length of a text, counted as form-js counts."""
    if not text:
        return []
    size = patterns.length(text)
    if least is not None and size < least:
        return [say("min-length", limit=f"{least:g}")]
    if most is not None and size > most:
        return [say("max-length", limit=f"{most:g}")]
    return []


_LINES = str.maketrans("\r\n\t", "   ")


def _number(limit: Any) -> float | None:
    return limit if isinstance(limit, (int, float)) and not isinstance(limit, bool) else None


def _pattern_message(component: Component) -> Text:
    own = (component.get("validate") or {}).get("patternErrorMessage")
    if not own:
        return say("pattern")
    english = (component.get("properties") or {}).get("patternErrorMessage_en", own)
    return sentence("pattern", own, english)
