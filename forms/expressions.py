"""FEEL in forms: conditions as the viewer runs them, and the server's own expressions."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from typing_extensions import override

from decisions import feel
from decisions.feel import syntax

Context = Mapping[str, Any]
Path = tuple[str, ...]

#: names every expression may use without a field of that name
LOCAL: Final = frozenset({"this", "parent", "i", "_this_", "_parent_", "_i_"})
OUTSIDE: Final = frozenset({"case", "user", "variables"})
NOW: Final = "now"
#: names a field must not take, because expressions or JavaScript mean something else by them
RESERVED: Final = LOCAL | OUTSIDE | {NOW, "today", "item", "partial", "constructor", "prototype"}
KEYWORDS: Final = frozenset(
    (
        "if", "then", "else", "for", "return", "in", "some", "every", "satisfies", "and", "or",
        "not", "null", "true", "false", "between", "instance", "of", "function", "external",
    )
)  # fmt: skip


_CLOCK: Final = re.compile(r"\b(?:now|today)\b")
_PLACES: Final = re.compile(r"\bat=\d+")
_STRING: Final = re.compile(r'"(?:[^"\\]|\\.)*"')


#: form-js's parser takes a long `not(…)` for something else
_LONGEST_NOT: Final = 120
_TOO_LONG_NOT: Final = (
    "以 not 开头的条件太长，浏览器会读错；请把 not 写到各项里",
    "a condition this long must not begin with not: the browser misreads it; move not inside",
)


class ExpressionError(ValueError):
    """The expression is not FEEL that browser and server both understand."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(zh)
        self.zh, self.en = zh, en


@dataclass(frozen=True, slots=True)
class Expression:
    """A compiled expression and the names it reads."""

    source: str
    names: frozenset[Path]
    _compiled: Any

    def __call__(self, context: Context) -> Any:
        """Return the value; null when the evaluation meets a safety bound."""
        try:
            return self._compiled.evaluate(context)
        except feel.FeelError:
            return None


@dataclass(frozen=True, slots=True)
class Condition(Expression):
    """A unary test without input value: form-js hides when it is true, and *null is true*."""

    def alternatives(self) -> frozenset[str]:
        """Return the parts that `or` joins, each in a form that can be compared."""
        tests = self._compiled.node
        if tests.negated:
            return frozenset({f"not {_comparable(tests.tests)}"})
        return frozenset(part for test in tests.tests for part in _alternatives(test))

    @override
    def __call__(self, context: Context) -> bool:
        """Say whether the condition holds; one that meets a safety bound is unknown, so true."""
        try:
            return self._compiled.evaluate(context, None) is True
        except feel.FeelError:
            return True


def _alternatives(node: Any) -> Iterator[str]:
    if isinstance(node, syntax.Logic) and node.op == "or":
        yield from (part for item in node.items for part in _alternatives(item))
    elif isinstance(node, syntax.Call) and getattr(node.target, "name", "") == "not":
        yield f"not {_comparable(node.arguments)}"
    else:
        yield _comparable(node)


def _comparable(node: Any) -> str:
    """Return a syntax tree as text, without the places in the source."""
    return _PLACES.sub("", repr(node))


def expression(source: str) -> Expression:
    """Compile an expression, with or without its leading `=`."""
    text = source.removeprefix("=")
    try:
        compiled = feel.compile(text)
    except feel.FeelError as error:
        raise ExpressionError(error.zh, error.en) from error
    return Expression(source, compiled.names, compiled)


def condition(source: str) -> Condition:
    """Compile a condition as `conditional.hide` has it."""
    text = source.removeprefix("=")
    try:
        compiled = feel.compile_unary(text)
    except feel.FeelError as error:
        raise ExpressionError(error.zh, error.en) from error
    return Condition(source, compiled.names, compiled)


def plain(value: Any) -> Any:
    """Return a FEEL value as the viewer holds it: dates, times and durations as text."""
    if isinstance(value, list):
        return [plain(item) for item in value]
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if value is None or isinstance(value, (str, bool, int, float, Decimal)):
        return value
    return feel.text_of(value)


def reads_clock(source: str) -> bool:
    """Say whether an expression asks what time it is."""
    return _CLOCK.search(_STRING.sub("", source)) is not None


def unportable(found: Expression, kinds: Mapping[str, str]) -> tuple[ExpressionError, ...]:
    """Return the reasons why browser and server could answer an expression differently."""
    text, unary = found.source.removeprefix("="), isinstance(found, Condition)
    problems = [ExpressionError(p.zh, p.en) for p in feel.portable(text, unary=unary, kinds=kinds)]
    if unary and len(text) > _LONGEST_NOT and text.lstrip().startswith("not"):
        problems.append(ExpressionError(*_TOO_LONG_NOT))
    return tuple(problems)


def is_expression(value: Any) -> bool:
    """Say whether form-js would evaluate this text."""
    return isinstance(value, str) and value.startswith("=")
