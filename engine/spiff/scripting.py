"""FEEL in the place of SpiffWorkflow's Python: compiled once per model, no Python is ever run."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from typing_extensions import override

from decisions import feel
from engine.spiff.faults import Fault
from engine.spiff.library import BasePythonScriptEngineEnvironment, PythonScriptEngine

_PATH = re.compile(r"[^\W\d]\w*(\.[^\W\d]\w*)*")


@dataclass(frozen=True, slots=True)
class Formula:
    """A compiled expression, or a constant text (a `zeebe:` value without `=`)."""

    element: str
    place: str
    source: str
    compiled: Any = None

    @property
    def names(self) -> frozenset[tuple[str, ...]]:
        """Return the free variable paths."""
        return frozenset(self.compiled.names) if self.compiled is not None else frozenset()


def is_path(text: str) -> bool:
    """Tell whether a text can be a variable name or a path into one."""
    return _PATH.fullmatch(text) is not None


def expression(element: str, place: str, source: str) -> Formula:
    """Compile FEEL, with or without the leading `=`; raises feel.FeelError."""
    text = source.strip().removeprefix("=").strip()
    return Formula(element, place, source, feel.compile(text))


def text_or_expression(element: str, place: str, source: str) -> Formula:
    """Compile FEEL behind `=`; anything else is a constant text."""
    if source.strip().startswith("="):
        return expression(element, place, source)
    return Formula(element, place, source.strip())


class FeelEnvironment(BasePythonScriptEngineEnvironment):  # type: ignore[misc]  # untyped library
    """Evaluates formulas; anything else that reaches it was never compiled and is refused."""

    def __init__(self, functions: Mapping[str, Any]) -> None:
        super().__init__(dict(functions))

    @override
    def evaluate(self, expression: Any, context: Any, external_context: Any = None) -> Any:
        if not isinstance(expression, Formula):
            raise TypeError("only compiled FEEL is evaluated")
        if expression.compiled is None:
            return expression.source
        scope = {**self.globals, **context} if self.globals else context
        return to_variable(expression.compiled.evaluate(scope))

    @override
    def execute(self, script: Any, context: Any, external_context: Any = None) -> Any:
        raise TypeError("scripts are not executed")

    @override
    def call_service(self, context: Any, **kwargs: Any) -> Any:
        raise TypeError("services are jobs; nothing is called inside a step")


class FeelEngine(PythonScriptEngine):  # type: ignore[misc]  # the library is untyped
    """SpiffWorkflow's door to expressions, kept narrow."""

    def __init__(self, functions: Mapping[str, Any]) -> None:
        super().__init__(FeelEnvironment(functions))

    @override
    def validate(self, expression: Any) -> None:
        feel.compile(expression)

    @override
    def evaluate(self, task: Any, expression: Any, external_context: Any = None) -> Any:
        """Return the value as JSON; a formula that breaks a bound is a fault of its element."""
        try:
            return self.environment.evaluate(expression, visible(task))
        except feel.FeelError as error:
            place = f"{expression.place}: {expression.source}"
            texts = (f"表达式求值失败：{error.zh}", f"the expression failed: {error.en}")
            raise Fault(expression.element, "expression-failed", texts, place) from error

    @override
    def execute(self, task: Any, script: Any, external_context: Any = None) -> Any:
        return self.environment.execute(script, task.data)

    @override
    def call_service(self, task: Any, **kwargs: Any) -> Any:
        return self.environment.call_service(task.data, **kwargs)

    def condition(self, task: Any, formula: Formula) -> bool:
        """Return a boolean; any other value is a fault, never silently false."""
        value = self.evaluate(task, formula)
        if not isinstance(value, bool):
            texts = (
                f"条件的结果不是布尔值，而是 {value!r}",
                f"the condition gave no boolean but {value!r}",
            )
            raise Fault(formula.element, "condition-not-boolean", texts, formula.source)
        return value


_PLAIN = frozenset({str, bool, int, float, type(None)})


def to_variable(value: Any) -> Any:
    """Return a FEEL value as the JSON that variables are made of, as Camunda 8 does.

    Whole numbers are integers, others binary fractions; dates, times, durations and ranges their
    FEEL text. TypeError for functions and foreign values.
    """
    kind = value.__class__
    if kind in _PLAIN:
        return value
    if kind is Decimal:
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, Mapping):
        return {str(key): to_variable(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [to_variable(item) for item in value]
    feel.to_json(value)
    return feel.text_of(value)


def visible(task: Any) -> dict[str, Any]:
    """Return the variables that a token sees: its own before those of the scopes around it."""
    chain = []
    current = task
    while current is not None:
        if current.data:
            chain.append(current.data)
        current = current.parent
    if len(chain) == 1:
        return chain[0]  # type: ignore[no-any-return]  # task.data is untyped; never changed here
    seen: dict[str, Any] = {}
    for data in reversed(chain):
        seen.update(data)
    return seen


def propagate(task: Any, values: Mapping[str, Any]) -> None:
    """Write each value where its variable lives, upwards from the token; new ones to the root."""
    for key, value in values.items():
        current = task
        while key not in current.data and current.parent is not None:
            current = current.parent
        current.data[key] = value


def put(data: dict[str, Any], path: str, value: Any) -> None:
    """Set `a.b.c` without touching objects that others may hold: every level is copied."""
    head, _, rest = path.partition(".")
    if not rest:
        data[head] = value
        return
    inner = data.get(head)
    copy = dict(inner) if isinstance(inner, dict) else {}
    put(copy, rest, value)
    data[head] = copy
