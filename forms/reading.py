"""The expressions of a form's components: compiled, and held against the names there are."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from forms import mixing
from forms.expressions import (
    LOCAL,
    NOW,
    OUTSIDE,
    Expression,
    ExpressionError,
    Path,
    condition,
    expression,
    is_expression,
    reads_clock,
    unportable,
)
from forms.fields.base import Component
from forms.problems import Problem, fault, sentence

#: rules of `validate` that form-js evaluates when they begin with `=`
_BOUNDS: Final = ("min", "max", "minLength", "maxLength")


@dataclass(slots=True)
class Expressions:
    """Every expression met, with its field and attribute."""

    #: what the browser evaluates: the viewer must be given what these read from outside
    in_browser: list[tuple[str, str, Expression]] = field(default_factory=list)
    _on_server: list[tuple[str, str, Expression]] = field(default_factory=list)

    def of(self, part: Component) -> tuple[dict[str, Any], list[Problem]]:
        """Return the expressions of a component as attributes of its node."""
        found: dict[str, Any] = {}
        problems: list[Problem] = []
        for attribute, name, source, compiler in _sources(part):
            try:
                compiled = compiler(source)
            except ExpressionError as error:
                problems.append(_wrong(part["id"], name, error))
                continue
            if attribute == "bounds":
                found["bounds"] = (*found.get("bounds", ()), (name.partition(".")[2], compiled))
            else:
                found[attribute] = compiled
            kept = self._on_server if attribute in _SERVER else self.in_browser
            kept.append((part["id"], name, compiled))
        found.update(_plain_parts(part))
        return found, problems

    def hide(self, part: Component) -> Problem | None:
        """Note the condition of a component that holds no data."""
        source = (part.get("conditional") or {}).get("hide")
        return self.shown(part["id"], "conditional.hide", source, condition) if source else None

    def shown(
        self,
        field_id: str,
        name: str,
        source: str,
        compiler: Callable[[str], Expression] = expression,
    ) -> Problem | None:
        """Note an expression in a text that people read."""
        try:
            self.in_browser.append((field_id, name, compiler(source)))
        except ExpressionError as error:
            return _wrong(field_id, name, error)
        return None

    def unknown_names(self, known: frozenset[str]) -> Iterator[Problem]:
        """Yield expressions that read what does not exist, or a clock the browser does not share."""
        for field_id, name, compiled in (*self.in_browser, *self._on_server):
            server = (field_id, name, compiled) in self._on_server
            allowed = OUTSIDE | {NOW} if name == "properties.default" else known
            for path in sorted(compiled.names):
                read = path[1:] if path[0] in LOCAL and path[1:] else path
                if read[0] not in allowed:
                    yield fault("unknown-name", field_id, name=name, path=".".join(path))
            if not server and reads_clock(compiled.source):
                yield fault("expression-now", field_id, name=name)

    def reads(self, *names: str) -> bool:
        """Tell whether any expression, of browser or server, reads a path: `case`, `case.main`."""
        every = (*self.in_browser, *self._on_server)
        deep = len(names)
        return any(path[:deep] == names for _, _, compiled in every for path in compiled.names)

    def mixed_kinds(self, kinds: Mapping[str, str]) -> Iterator[Problem]:
        """Yield comparisons that browser and server would answer differently."""
        in_feel = mixing.feel_kinds(kinds)
        for field_id, name, compiled in self.in_browser:
            for key in mixing.mixed(compiled.source, kinds):
                yield fault("mixed-types", field_id, name=name, key=key)
            for error in unportable(compiled, in_feel):
                yield _wrong(field_id, name, error)

    def from_outside(self) -> frozenset[Path]:
        """Return the paths of `case`, `user` and `variables` that the browser reads."""
        return frozenset(
            path for _, _, e in self.in_browser for path in e.names if path[0] in OUTSIDE
        )


_SERVER: Final = frozenset({"default", "check"})
_Source = tuple[str, str, str, Callable[[str], Expression]]


def _sources(part: Component) -> Iterator[_Source]:
    """Yield node attribute, name for the designer, source and compiler of each expression."""
    own = part.get("properties") or {}
    rules = part.get("validate") or {}
    hide = (part.get("conditional") or {}).get("hide")
    if hide:
        yield "hide", "conditional.hide", _marked(hide), condition
    if part["type"] == "expression":
        yield "compute", "expression", _marked(part.get("expression")), expression
    for attribute, name, value, compiler in (
        ("readonly_if", "readonly", part.get("readonly"), condition),
        ("options", "valuesExpression", part.get("valuesExpression"), expression),
        *(("bounds", f"validate.{rule}", rules.get(rule), expression) for rule in _BOUNDS),
        ("default", "properties.default", own.get("default"), expression),
        (
            "options_en",
            "properties.valuesExpression_en",
            own.get("valuesExpression_en"),
            expression,
        ),
    ):
        if is_expression(value):
            yield attribute, name, str(value), compiler
    for attribute, name, key, compiler in (
        ("required_if", "properties.requiredIf", "requiredIf", condition),
        ("check", "properties.check", "check", expression),
    ):
        if key in own:
            yield attribute, name, own[key], compiler


def _marked(source: Any) -> str:
    """Return an expression that form-js takes only with its `=`; without, it is none."""
    return source if is_expression(source) else "="


def _plain_parts(part: Component) -> dict[str, Any]:
    own: Mapping[str, str] = part.get("properties") or {}
    found: dict[str, Any] = {}
    readonly = part.get("readonly")
    if readonly and not is_expression(readonly):
        found["readonly"] = True
    if "check" in own:
        zh = own.get("checkMessage", "")
        found["check_text"] = sentence("check", zh, own.get("checkMessageEn", zh))
    if "default" in own and not is_expression(own["default"]):
        found["default_text"] = own["default"]
    return found


def _wrong(field_id: str, name: str, error: ExpressionError) -> Problem:
    problem = fault("expression", field_id, name=name, detail=error.zh)
    english = fault("expression", field_id, name=name, detail=error.en)
    return Problem(code=problem.code, field=field_id, zh=problem.zh, en=english.en)
