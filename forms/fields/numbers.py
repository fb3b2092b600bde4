"""Numbers, always exact."""

from decimal import Decimal, InvalidOperation
from typing import Any, ClassVar, Final

from marshmallow import ValidationError
from typing_extensions import override

from forms.fields.base import Component, FormField, Reader
from forms.problems import Text, refused, say

#: numbers of people, money and meters; more would only be a way to keep the server busy
_BIGGEST: Final = Decimal(10) ** 15
_MOST_DIGITS: Final = 30


class NumberField(FormField):
    """`number`, also as text with `serializeToString`."""

    empty: ClassVar[Any] = None

    def __init__(self, component: Component) -> None:
        super().__init__(component)
        rules = component.get("validate") or {}
        self.least = fixed(rules.get("min"))
        self.most = fixed(rules.get("max"))
        self.digits: int | None = component.get("decimalDigits")
        self.step = fixed(component.get("increment"))
        self.as_text = bool(component.get("serializeToString"))
        appearance = component.get("appearance") or {}
        self.before = appearance.get("prefixAdorner") or ""
        self.after = appearance.get("suffixAdorner") or ""

    @override
    def take(self, value: Any) -> Decimal | str | None:
        if value == "":
            return None
        number = decimal(value)
        problems = [*self._shape(number), *limits(number, self.least, self.most)]
        if problems:
            raise ValidationError(problems)
        return str(value) if self.as_text else number

    def _shape(self, number: Decimal) -> list[Text]:
        found: list[Text] = []
        if self.digits is not None and places(number) > self.digits:
            code = "decimals" if self.digits else "integer"
            found.append(say(code, digits=self.digits))
        if self.step and number % self.step:
            below = number - number % self.step
            above = below + self.step
            found.append(say("increment", step=self.step, below=below, above=above))
        return found

    @override
    def initial(self, value: Any) -> Any:
        try:
            number = decimal(value)
        except ValidationError:
            return None
        return str(value) if self.as_text else number

    @override
    def show(self, value: Any, reader: Reader) -> str:
        del reader
        if value is None or value == "":
            return ""
        return f"{self.before}{decimal(value):f}{' ' if self.after else ''}{self.after}"


def decimal(value: Any) -> Decimal:
    """Return the exact number of a JSON number or text; ValidationError when it is none."""
    if isinstance(value, bool) or not isinstance(value, (int, float, Decimal, str)):
        raise refused("number")
    text = str(value)
    if len(text) > _MOST_DIGITS or not text.isascii() or "_" in text:
        raise refused("number")
    try:
        number = Decimal(text)
    except InvalidOperation as error:
        raise refused("number") from error
    if not number.is_finite() or abs(number) >= _BIGGEST or places(number) > _MOST_DIGITS:
        raise refused("number")
    return number


def fixed(limit: Any) -> Decimal | None:
    """Return a limit that is written as a number, not as an expression."""
    if limit is None or limit == "" or (isinstance(limit, str) and limit.startswith("=")):
        return None
    return decimal(limit)


def limits(number: Decimal, least: Decimal | None, most: Decimal | None) -> list[Text]:
    """Return what is wrong with the size of a number."""
    if least is not None and number < least:
        return [say("min", limit=f"{least:f}")]
    if most is not None and number > most:
        return [say("max", limit=f"{most:f}")]
    return []


def places(number: Decimal) -> int:
    """Return how many decimal places a number has, trailing zeros apart."""
    exponent = number.normalize().as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0
