"""Which names expressions read, and whether anything gives them; personal fields never do."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from difflib import get_close_matches

from decisions import feel
from decisions.feel.expressions import FUNCTIONS
from engine.lint.rules import Findings
from engine.lint.world import World
from engine.spiff import Element, Process, Usage
from forms import Form

#: names that every expression may read and nobody submits
GIVEN = frozenset({"case", "user", "now", "instance", "loopCounter", "activationCount",
                   "waitingForStart"})  # fmt: skip
#: what these give has no form: an expression on their outputs may read any name
_OPEN = frozenset({"serviceTask", "sendTask", "receiveTask", "callActivity", "startEvent"})
_CASE_PATH = 3
#: properties of the process or a step that are FEEL behind `=` and that nobody else compiles
_PLAIN_PROPERTIES = frozenset({"timeStandard", "clock", "escalation", "claimStandard"})


def check(process: Process, world: World, found: Findings) -> None:
    """Judge every expression of a process."""
    forms = {
        element.id: world.forms[element.form.form_id]
        for element in process.elements.values()
        if element.form and element.form.form_id in world.forms
    }
    known = _Known(process, forms)
    for usage in (*process.expressions, *_of_properties(process)):
        _judge(usage, known, found)
        _functions(usage, world, found)
    for element in process.elements.values():
        _decision(element, known, world, found)
    _same_keys(process, forms, world, found)


class _Known:
    """The names a process has, and where they come from."""

    def __init__(self, process: Process, forms: dict[str, Form]) -> None:
        self.process = process
        self.forms = forms
        self.personal = {path for form in forms.values() for path in form.personal}
        self.given = {path.partition(".")[0] for form in forms.values() for path in form.keys}
        self.given |= _produced(process.elements.values())
        declared = process.properties.get("inputs", "")
        self.given |= {name.strip() for name in declared.split(",")}
        self.local = {element.id: _local(element) for element in process.elements.values()}

    def names(self, element: str) -> set[str]:
        """Return what may be read at an element: the process's names and those around it."""
        names = self.given | GIVEN
        at: Element | None = self.process.elements.get(element)
        while at is not None:
            names |= self.local[at.id]
            at = self.process.elements.get(at.scope)
        return names

    def is_personal(self, path: str) -> bool:
        """Tell whether a path leads to a personal field, or into one."""
        return any(path == one or path.startswith(f"{one}.") for one in self.personal)


def _produced(elements: Iterable[Element]) -> set[str]:
    names: set[str] = set()
    for element in elements:
        names |= {mapping.target.partition(".")[0] for mapping in element.outputs}
        if element.decision:
            names.add(element.decision.result_variable)
        if element.script:
            names.add(element.script.result_variable)
        if element.loop and element.loop.output_collection:
            names.add(element.loop.output_collection)
    return names


def _local(element: Element) -> set[str]:
    names = {mapping.target.partition(".")[0] for mapping in element.inputs}
    if element.loop and element.loop.input_element:
        names.add(element.loop.input_element)
    return names


def _of_properties(process: Process) -> Iterator[Usage]:
    """Yield the FEEL of properties that belong to limits; a wrong one is a limit's problem."""
    for element in process.elements.values():
        for name, text in element.properties.items():
            if name in _PLAIN_PROPERTIES and text.startswith("="):
                try:
                    names = feel.compile(text[1:]).names
                except feel.FeelError:
                    continue
                yield Usage(
                    element=element.id, place=name, source=text, names=names, line=element.line
                )


def _judge(usage: Usage, known: _Known, found: Findings) -> None:
    names = known.names(usage.element)
    element = known.process.elements.get(usage.element)
    anything = usage.place == "output" and element is not None and _is_open(element)
    for path in sorted(usage.names):
        where = {"place": usage.place, "name": ".".join(path)}
        if path[0] == "case":
            _case(path, usage, known, found)
        elif known.is_personal(".".join(path)) and path[0] not in known.local.get(
            usage.element, ()
        ):
            found.add("personal-read", usage.element, usage.line, **where)
        elif path[0] not in names and not anything:
            close = get_close_matches(path[0], names, n=1)
            hint = f"（{close[0]}？）" if close else ""
            where = {"place": usage.place, "name": path[0], "hint": hint}
            found.add("unknown-variable", usage.element, usage.line, **where)


def _is_open(element: Element) -> bool:
    return element.type in _OPEN or bool(element.events) or element.job is not None


def _case(path: tuple[str, ...], usage: Usage, known: _Known, found: Findings) -> None:
    """Judge `case.<step>.<field>`."""
    if len(path) < _CASE_PATH:
        return
    step, field = path[1], ".".join(path[2:])
    form = known.forms.get(step)
    where = {"place": usage.place, "name": ".".join(path)}
    if form is not None and any(field == p or field.startswith(f"{p}.") for p in form.personal):
        found.add("personal-read", usage.element, usage.line, **where)
    elif form is None or path[2] not in {key.partition(".")[0] for key in form.keys}:
        found.add("unknown-case-field", usage.element, usage.line, **where)


def _functions(usage: Usage, world: World, found: Findings) -> None:
    called = feel.compile(usage.source.strip().removeprefix("=").strip()).functions
    for name in sorted(called - world.functions - FUNCTIONS.keys()):
        close = get_close_matches(name, FUNCTIONS, n=1)
        hint = f"{name}（{close[0]}？）" if close else name
        found.add("unknown-function", usage.element, usage.line, place=usage.place, name=hint)


def _decision(element: Element, known: _Known, world: World, found: Findings) -> None:
    if element.decision:
        reads = world.decisions.get(element.decision.decision_id, frozenset())
        for name in sorted(name for name in reads if known.is_personal(name)):
            place = element.decision.decision_id
            found.add("personal-read", element.id, element.line, place=place, name=name)


def _same_keys(process: Process, forms: dict[str, Form], world: World, found: Findings) -> None:
    """Warn of fields that several forms submit under one routed name."""
    reads = {name[0] for usage in process.expressions for name in usage.names}
    for element in process.elements.values():
        if element.decision:
            reads |= world.decisions.get(element.decision.decision_id, frozenset())
    holders: dict[str, dict[str, str]] = defaultdict(dict)
    for step, form in forms.items():
        for key in form.keys & reads:
            holders[key].setdefault(form.id, step)
    for key, owners in sorted(holders.items()):
        if len(owners) > 1:
            last = process.elements[list(owners.values())[-1]]
            found.add("same-key", last.id, last.line, forms="、".join(owners), name=key)
