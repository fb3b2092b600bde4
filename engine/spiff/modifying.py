"""Changes where an instance stands, by hand: tokens moved, taken away and put on elements.

All of it happens at once or not at all, and what would leave the instance without anything to
wait for is refused.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from engine.errors import N_, InvalidInputError, TaskClosedError
from engine.spiff import state as codec
from engine.spiff.commands import NEVER, all_waits, run, setting
from engine.spiff.elements import Model
from engine.spiff.specs.gateways import EventBasedGateway
from engine.spiff.specs.scopes import Scope
from engine.spiff.steps import Runtime, Step
from engine.spiff.workflow import Instance, Token


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What is to be done, in this order: variables, moves, new tokens, tokens taken away."""

    #: (waiting token, element)
    moves: Sequence[tuple[int, str]] = ()
    enter: Sequence[str] = ()
    cancel: Sequence[int] = ()
    variables: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Place:
    """Where one token stands: also inside a join, where nobody outside waits for it."""

    token: int
    element: str
    #: the token of the scope around it; None in the process itself
    around: int | None


def places(model: Model, state: bytes) -> tuple[Place, ...]:
    """Return where all tokens stand that keep the instance going, outer ones first."""
    instance = codec.load(state, model, Runtime(now=NEVER))
    root = instance.task_tree
    return tuple(
        Place(token.id, token.task_spec.name, None if token.parent is root else token.parent.id)
        for token in sorted(instance.tasks.values(), key=lambda one: one.id)
        if token is not root and not token.listener
    )


def modify(model: Model, state: bytes, change: Change, *, runtime: Runtime) -> Step:
    """Change where an instance stands; InvalidInputError names the element that is no place."""

    def order(instance: Instance) -> None:
        if change.variables:
            setting(change.variables)(instance)
        for token, element in change.moves:
            _move(instance, token, element)
        for element in change.enter:
            _enter(instance, element)
        for token in change.cancel:
            instance.cancel_token(_whole(instance, token))
        instance.do_engine_steps()
        _refuse_emptiness(instance)

    return run(model, state, codec.load(state, model, runtime), order)


def _move(instance: Instance, key: int, element: str) -> None:
    target = _target(instance, element)
    token = _whole(instance, key)
    while token.task_spec.element.scope != target.element.scope:
        token = token.parent
        if token is None or token is instance.task_tree:
            raise InvalidInputError(N_("令牌不能移到 {element}"), element=element)
    scope = token.parent
    instance.cancel_token(token)
    instance.enter(target, scope)


def _enter(instance: Instance, element: str) -> None:
    """Put a new token on an element, in the one running scope that it belongs to."""
    target = _target(instance, element)
    if target.element.scope == instance.spec.name:
        scopes = [instance.task_tree]
    else:
        scopes = [token for token in instance.tasks.values() if _holds(token, target)]
    if len(scopes) != 1:
        raise InvalidInputError(N_("令牌不能移到 {element}"), element=element)
    instance.enter(target, scopes[0])


def _holds(token: Token, target: Any) -> bool:
    """Tell whether elements like the target live directly inside a token."""
    spec = token.task_spec
    if token.listener or spec.name != target.element.scope:
        return False
    return getattr(spec, "repetition", None) is None or spec.is_instance(token)


def _whole(instance: Instance, key: int) -> Token:
    """Return what moves when a wait is moved: of a loop all turns, of a race all its events."""
    token = instance.tasks.get(key)
    if token is not None and token.listener:
        race = isinstance(token.parent.task_spec, EventBasedGateway)
        token = token.parent if race else None
    if not isinstance(token, Token) or token is instance.task_tree:
        raise TaskClosedError
    whole: Token = token
    while whole.parent.task_spec is whole.task_spec:
        whole = whole.parent
    return whole


def _target(instance: Instance, element: str) -> Any:
    """Return the element that a token may be put on by hand."""
    found = instance.spec.nodes.get(element)
    kind = None if found is None else found.element
    if kind is None or (
        kind.type in ("startEvent", "boundaryEvent", "undo")
        or kind.triggered_by_event or kind.for_compensation
        or (len(kind.incoming) > 1 and kind.type != "exclusiveGateway" and "Gateway" in kind.type)
    ):  # fmt: skip
        raise InvalidInputError(N_("令牌不能移到 {element}"), element=element)
    return found


def _refuse_emptiness(instance: Instance) -> None:
    """Refuse a change after which a scope holds nothing that could ever go on."""
    scopes = [token for token in instance.tasks.values() if isinstance(token.task_spec, Scope)]
    empty = any(all(inner.listener for inner in scope.children) for scope in scopes)
    if not instance.completed and (empty or not all_waits(instance)):
        raise InvalidInputError(N_("这样改动之后，案件就没有事可等了。要结束它，请作废案件。"))
