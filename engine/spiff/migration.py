"""Takes a running instance to another version of its diagram, or says why it can't go.

An instance can go when every token stands on an element that the new version has in the same
place and of the same kind; what is armed beside it (boundary events, event sub-processes) is
armed anew or dropped. Variables, assignments and due instants stay as they are.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from engine.errors import DefinitionRefused, Problem
from engine.spiff import state as codec
from engine.spiff.commands import all_waits, run, waits
from engine.spiff.elements import Element, Model
from engine.spiff.library import STARTED
from engine.spiff.specs.activities import Activity
from engine.spiff.specs.catching import Catching
from engine.spiff.specs.gateways import EventBasedGateway, Joining
from engine.spiff.specs.scopes import EventSubProcess, Scope
from engine.spiff.steps import Closed, Runtime, Step
from engine.spiff.workflow import Instance, Token

_TEXTS = {
    "migration-gone": ("新版本里没有 {id}", "the new version has no {id}"),
    "migration-type": ("{id} 在新版本里是另一种元素", "{id} is another kind of element now"),
    "migration-scope": ("{id} 在新版本里换了地方", "{id} stands elsewhere now"),
    "migration-event": ("{id} 等待的事件变了", "{id} waits for something else now"),
    "migration-flow": ("{id} 等待的连线在新版本里没有了", "a flow that {id} waits on is gone"),
    "migration-loop": ("{id} 的循环方式变了", "{id} loops in another way now"),
    "migration-undo": ("要补偿的 {id} 在新版本里没有了", "{id}, to be undone, is gone"),
}


class _Plan:
    """Where each element goes."""

    def __init__(self, old: Instance, new: Any, mapping: Mapping[str, str]) -> None:
        self.old = old
        self.new = new
        self.mapping = mapping
        self.problems: dict[tuple[str, str], Problem] = {}

    def name(self, old: str) -> str:
        base, mark, rest = old.partition("#")
        return self.mapping.get(base, base) + mark + rest

    def refuse(self, rule: str, element: str) -> None:
        zh, en = (text.format(id=element) for text in _TEXTS[rule])
        self.problems[rule, element] = Problem(rule=rule, element=element, zh=zh, en=en)

    def check(self, token: Token) -> None:
        """Note why this token can't go."""
        spec, name = token.task_spec, token.task_spec.name
        target = self.new.nodes.get(self.name(name))
        if target is None:
            self.refuse("migration-gone", name)
            return
        if type(target) is not type(spec):
            self.refuse("migration-type", name)
            return
        self._place(spec.element, target.element)
        if isinstance(spec, Catching) and _kinds(spec) != _kinds(target):
            self.refuse("migration-event", name)
        if isinstance(spec, Joining) and self.flow(token, target) is None:
            self.refuse("migration-flow", name)
        if isinstance(spec, EventBasedGateway):
            self._race(spec, target)
        self._pending(token)

    def _pending(self, token: Token) -> None:
        """Check what the token has still to undo or to begin."""
        for key in ("done", "todo"):
            self.undone(_entries(token, key))
        for following in token.internal_data.get("next", []):
            if self.name(following) not in self.new.nodes:
                self.refuse("migration-gone", following)

    def _place(self, old: Element, new: Element) -> None:
        host = self.name(old.attached_to) if old.attached_to else None
        if new.scope != self.name(old.scope) or new.attached_to != host:
            self.refuse("migration-scope", old.id)
        kinds = [None if loop is None else loop.kind for loop in (old.loop, new.loop)]
        if kinds[0] != kinds[1]:
            self.refuse("migration-loop", old.id)

    def _race(self, old: EventBasedGateway, new: EventBasedGateway) -> None:
        before = {self.name(flow.target.name) for flow in old.flows}
        if before != {flow.target.name for flow in new.flows}:
            self.refuse("migration-flow", old.name)

    def undone(self, entries: list[Any]) -> None:
        for name, _, inside in entries:
            target = self.new.nodes.get(self.name(name))
            if target is None or not target.undoable:
                self.refuse("migration-undo", name)
            self.undone(inside)

    def flow(self, token: Token, target: Any) -> str | None:
        """Return the flow of the new version by which a waiting token came."""
        if token.flow is None or token.flow in target.element.incoming:
            return token.flow or ""
        old = next(
            (node.name for node in self.old.spec.nodes.values()
             for flow in node.flows if flow.id == token.flow), "",
        )  # fmt: skip
        source = self.new.nodes.get(self.name(old))
        flows = [] if source is None else [f.id for f in source.flows if f.target is target]
        return flows[0] if len(flows) == 1 else None


def obstacles(
    old: Model, state: bytes, new: Model, *, mapping: Mapping[str, str] | None = None,
    runtime: Runtime,
) -> tuple[Problem, ...]:  # fmt: skip
    """Return why the instance can't go to the new version; empty when it can."""
    instance = codec.load(state, old, runtime)
    return tuple(_plan(instance, new, mapping or {}).problems.values())


def migrate(
    old: Model, state: bytes, new: Model, *, mapping: Mapping[str, str] | None = None,
    runtime: Runtime,
) -> Step:  # fmt: skip
    """Return the instance on the new version; DefinitionRefused says why it can't go.

    `mapping` names the elements that have another id now.
    """
    instance = codec.load(state, old, runtime)
    before = all_waits(instance)
    plan = _plan(instance, new, mapping or {})
    if plan.problems:
        raise DefinitionRefused(plan.problems.values())
    moved = codec.dump(_renamed(instance, plan), new)
    step = run(new, moved, codec.load(moved, new, runtime), _arm)
    here = {wait.token for wait in waits(new, step.state)}
    closed = [
        Closed(token=token, element=wait.element, kind=wait.kind, completed=False)
        for token, wait in before.items()
        if token not in here
    ]
    return replace(step, closed=tuple(closed))


@dataclass(frozen=True, slots=True)
class Position:
    """A token inside a scope, and the flow by which it stands where it is."""

    element: str
    flow: str
    #: the scope's id, and its token: a scope may be there several times
    scope: str
    scope_token: int


def positions(model: Model, state: bytes) -> tuple[Position, ...]:
    """Return where the tokens of an instance stand that came by a flow."""
    instance = codec.load(state, model, Runtime(now=datetime(1970, 1, 1, tzinfo=UTC)))
    found = []
    for token in instance.tasks.values():
        element = token.task_spec.element
        if token is instance.task_tree or token.listener or token.parent.listener:
            continue
        if token.parent.task_spec is not token.task_spec and element.incoming:
            flow = token.flow if token.flow in element.incoming else element.incoming[0]
            found.append(Position(element.id, flow, element.scope, token.outer))
    return tuple(found)


def _plan(instance: Instance, new: Model, mapping: Mapping[str, str]) -> _Plan:
    plan = _Plan(instance, new.runnable[instance.spec.name], mapping)
    plan.undone(_entries(instance.task_tree, "done"))
    for token in list(instance.tasks.values()):
        if token is instance.task_tree or token.id not in instance.tasks:
            continue
        if _is_dropped(token, plan):
            instance.remove(token.id)
        else:
            plan.check(token)
    return plan


def _is_dropped(token: Token, plan: _Plan) -> bool:
    """Tell whether a token only listens for an event beside the path that is no longer drawn."""
    return (
        token.listener
        and plan.name(token.task_spec.name) not in plan.new.nodes
        and not isinstance(token.parent.task_spec, EventBasedGateway)
    )


def _renamed(instance: Instance, plan: _Plan) -> Instance:
    """Let every token stand on its element of the new version."""
    for token in instance.tasks.values():
        for key in ("done", "todo"):
            if entries := _entries(token, key):
                token.internal_data[key] = _names(entries, plan)
        if "next" in token.internal_data:
            token.internal_data["next"] = [plan.name(n) for n in token.internal_data["next"]]
        if token is not instance.task_tree:
            target = plan.new.nodes[plan.name(token.task_spec.name)]
            if isinstance(target, Joining):
                token.flow = plan.flow(token, target) or None
            token.task_spec = target
    return instance


def _entries(token: Token, key: str) -> list[Any]:
    """Return what a scope has done or has to undo; a loop's body counts its rounds there."""
    held = token.internal_data.get(key, [])
    return held if isinstance(held, list) else []


def _names(entries: list[Any], plan: _Plan) -> list[Any]:
    return [[plan.name(name), data, _names(inside, plan)] for name, data, inside in entries]


def _arm(instance: Instance) -> None:
    """Arm what the new version draws beside the tokens and the old one did not."""
    _arm_scope(instance.task_tree)
    for token in list(instance.tasks.values()):
        if token.state == STARTED and not token.listener and token is not instance.task_tree:
            _arm_borders(token)
            _arm_scope(token)


def _arm_borders(token: Token) -> None:
    spec = token.task_spec
    if isinstance(spec, Activity) and not spec.is_instance(token):
        for event in spec.armed_events:
            if event not in _listening(token):
                event.subscribe(token.workflow.listen(event, token))


def _arm_scope(token: Token) -> None:
    spec = token.task_spec
    if isinstance(spec, Scope) and (spec.repetition is None or spec.is_instance(token)):
        for sub in spec.event_subs:
            if sub.start not in _listening(token) and not _running(sub, token):
                sub.listen_in(token)


def _listening(token: Token) -> set[Any]:
    return {child.task_spec for child in token.children if child.listener}


def _running(sub: EventSubProcess, scope: Token) -> bool:
    """Tell whether an interrupting event sub-process has taken the scope over."""
    return any(
        isinstance(child.task_spec, EventSubProcess) and child.task_spec.start.element.interrupting
        for child in scope.children
        if not child.listener
    ) or any(child.task_spec is sub for child in scope.children)


def _kinds(spec: Catching) -> list[tuple[str, str]]:
    return [(trigger.definition.kind, trigger.definition.timer) for trigger in spec.triggers]
