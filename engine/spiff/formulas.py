"""Compiles the expressions of a process, each once, and notes where each stands."""

from collections.abc import Callable, Mapping
from functools import partial

from decisions.feel import FeelError
from engine.spiff import schedule
from engine.spiff.elements import Element, EventDefinition, Usage
from engine.spiff.problems import Report
from engine.spiff.schedule import TimerTextError
from engine.spiff.scripting import Formula, expression, is_path, text_or_expression
from engine.spiff.specs.catching import Catching, Trigger
from engine.spiff.specs.loops import Repetition
from engine.spiff.specs.nodes import Node
from engine.spiff.specs.throwing import Thrower, Throwing
from engine.spiff.steps import HOME

#: properties whose values are expressions
FEEL_PROPERTIES = frozenset({"startFrom", "title", "businessKey"})


class Formulas:
    """The expressions of one process."""

    def __init__(self, report: Report) -> None:
        self.report = report
        self.usages: list[Usage] = []

    def formula(
        self, compiler: Callable[[str, str, str], Formula], place: str, source: str, owner: Element
    ) -> Formula:
        """Compile and note an expression; a wrong one is reported and stands as a constant."""
        try:
            formula = compiler(owner.id, place, source)
        except FeelError as error:
            self.report.add(
                "feel-invalid", owner.id, owner.line, place=place,
                row=error.line, column=error.column, detail=error.zh, detail_en=error.en,
            )  # fmt: skip
            return Formula(owner.id, place, source)
        if formula.compiled is not None:
            self.usages.append(
                Usage(element=owner.id, place=place, source=source, names=formula.names,
                      line=owner.line)
            )  # fmt: skip
        return formula

    def feel(self, place: str, source: str, owner: Element) -> Formula:
        """Compile what is always FEEL."""
        return self.formula(expression, place, source, owner)

    def text(self, place: str, source: str, owner: Element) -> Formula:
        """Compile what is FEEL behind `=` and plain text otherwise."""
        return self.formula(text_or_expression, place, source, owner)

    def properties(self, owner: str, properties: Mapping[str, str], line: int | None) -> None:
        element = Element(id=owner, type="property", line=line)
        for name in FEEL_PROPERTIES & set(properties):
            compiler = expression if name == "startFrom" else text_or_expression
            self.formula(compiler, name, properties[name], element)

    def mappings(self, node: Node) -> None:
        element = node.element
        for mapping in (*element.inputs, *element.outputs):
            if not is_path(mapping.target):
                self.report.add("target-invalid", element.id, mapping.line, name=mapping.target)
        of = partial(self.text, owner=element)
        node.input_formulas = tuple((m.target, of("input", m.source)) for m in element.inputs)
        node.output_formulas = tuple((m.target, of("output", m.source)) for m in element.outputs)

    def catching(self, node: Catching) -> None:
        element = node.element
        node.triggers = tuple(
            self._trigger(definition, element)
            for definition in element.events
            if definition.kind != "link"
        )
        node.repeats = not element.interrupting

    def _trigger(self, definition: EventDefinition, owner: Element) -> Trigger:
        formula = key = title = None
        if definition.kind == "timer":
            formula = self.text("timer", definition.expression, owner)
            self._check_timer(definition, formula, owner)
        elif definition.kind == "conditional":
            formula = self.feel("condition", definition.expression, owner)
        elif definition.kind in ("message", "signal"):
            title = self.text("name", definition.name, owner)
            if definition.correlation_key:
                key = self.feel("correlationKey", definition.correlation_key, owner)
        return Trigger(definition, formula, key, title)

    def _check_timer(self, definition: EventDefinition, formula: Formula, owner: Element) -> None:
        if formula.compiled is not None or formula.source.startswith("="):
            return
        try:
            schedule.check(definition.timer, formula.source, HOME)
        except TimerTextError as error:
            self.report.add("timer-invalid", owner.id, definition.line, detail=str(error))

    def throwing(self, node: Throwing) -> None:
        element = node.element
        node.throwers = tuple(
            self.thrower(definition, element)
            for definition in element.events
            if definition.kind != "link"
        )
        if element.job is not None:
            node.type_formula = self.text("type", element.job.type, element)
            node.retries_formula = self.text("retries", element.job.retries, element)

    def thrower(self, definition: EventDefinition, owner: Element) -> Thrower:
        title = key = code = None
        if definition.kind in ("message", "signal"):
            title = self.text("name", definition.name, owner)
            if definition.correlation_key:
                key = self.feel("correlationKey", definition.correlation_key, owner)
        elif definition.code:
            code = self.text("code", definition.code, owner)
        return Thrower(definition, title, key, code)

    def repetition(self, element: Element) -> Repetition | None:
        loop = element.loop
        if loop is None:
            return None
        places = (
            "cardinality", "input_collection", "output_element", "completion_condition", "condition"
        )  # fmt: skip
        formulas = {
            place: self.feel(place, getattr(loop, place), element)
            for place in places
            if getattr(loop, place)
        }
        throwers = tuple(
            (self.feel("behavior", condition, element) if condition else None,
             self.thrower(definition, element))
            for condition, definition in loop.throws
        )  # fmt: skip
        return Repetition(loop, formulas, throwers)
