"""The commands: bytes and an order in, bytes and what happened out; a failing one changes nothing."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from engine.errors import N_, InvalidInputError, NotFoundError, TaskClosedError
from engine.spiff import state as codec
from engine.spiff.elements import Model
from engine.spiff.faults import Fault
from engine.spiff.library import STARTED
from engine.spiff.scripting import to_variable, visible
from engine.spiff.specs.throwing import hand_up
from engine.spiff.steps import Failure, Runtime, Step, Wait
from engine.spiff.workflow import Instance, Token

#: looking at a state asks for no time
NEVER = datetime(1970, 1, 1, tzinfo=UTC)

Order = Callable[[Instance], None]


def start(
    model: Model, process_id: str, *, variables: Mapping[str, Any] | None = None,
    runtime: Runtime, element: str | None = None,
) -> Step:  # fmt: skip
    """Start an instance; `element` names the start event (default: the one without trigger)."""
    if process_id not in model.runnable:
        raise NotFoundError(N_("流程 {process} 不存在"), process=process_id)
    instance = Instance(model.runnable[process_id], runtime)
    root = instance.begin()
    root.data = _clean(variables)
    first = None
    if element is not None:
        if all(start.id != element for start in model.processes[process_id].starts):
            raise NotFoundError(N_("开始事件 {element} 不存在"), element=element)
        first = instance.spec.nodes[element]

    def order(_: Instance) -> None:
        instance.spec.start.open(root, first)

    return run(model, b"", instance, order)


def complete(
    model: Model, state: bytes, token: int, *, variables: Mapping[str, Any] | None = None,
    runtime: Runtime,
) -> Step:  # fmt: skip
    """Complete a user task or a job with its result."""
    order = completing(token, variables)
    return run(model, state, codec.load(state, model, runtime), order)


def fire(model: Model, state: bytes, token: int, *, runtime: Runtime) -> Step:
    """Fire exactly this timer; that it is due is the caller's business."""
    return run(model, state, codec.load(state, model, runtime), firing(token))


def deliver(
    model: Model, state: bytes, token: int, *, payload: Mapping[str, Any] | None = None,
    runtime: Runtime,
) -> Step:  # fmt: skip
    """Deliver a message or signal, or the variables of the called instance that has ended."""
    return run(model, state, codec.load(state, model, runtime), delivering(token, payload))


def throw(  # noqa: PLR0913 — the contract's parameters
    model: Model, state: bytes, token: int, *, error_code: str,
    variables: Mapping[str, Any] | None = None, runtime: Runtime, kind: str = "error",
) -> Step:  # fmt: skip
    """Throw a BPMN error (or `kind="escalation"`) from a job, a user task or a call.

    An error that nobody catches is a failure with the code `error-uncaught`.
    """
    order = throwing(token, kind, error_code, variables)
    return run(model, state, codec.load(state, model, runtime), order)


def move(model: Model, state: bytes, token: int, *, element: str, runtime: Runtime) -> Step:
    """Take a token from where it waits and put it on another element of the same scope.

    Sends work back 退回 or skips it; what waited is closed unserved.
    """
    return run(model, state, codec.load(state, model, runtime), moving(token, element))


def set_variables(
    model: Model, state: bytes, *, variables: Mapping[str, Any], runtime: Runtime
) -> Step:
    """Set variables of the process from outside; conditional events may fire."""
    return run(model, state, codec.load(state, model, runtime), setting(variables))


def waits(model: Model, state: bytes) -> tuple[Wait, ...]:
    """Return everything that waits now, for rebuilding rows and for checks."""
    instance = codec.load(state, model, Runtime(now=NEVER))
    return tuple(all_waits(instance).values())


def variables(model: Model, state: bytes) -> dict[str, Any]:
    """Return the variables of the process."""
    found: dict[str, Any] = codec.load(state, model, Runtime(now=NEVER)).task_tree.data
    return found


def known(model: Model, state: bytes, token: int) -> dict[str, Any]:
    """Return what a waiting token sees: its own values over those of the scopes around it.

    A token that is gone sees what the process knows.
    """
    instance = codec.load(state, model, Runtime(now=NEVER))
    return dict(visible(instance.tasks.get(token, instance.task_tree)))


# The orders themselves, on an instance in memory


def completing(token: int, variables: Mapping[str, Any] | None) -> Order:
    """Complete a user task or job."""
    values = _clean(variables)

    def order(instance: Instance) -> None:
        waiting = _waiting(instance, token, "user", "job")
        instance.serve(waiting)
        waiting.task_spec.finish(waiting, values)

    return order


def firing(token: int) -> Order:
    """Fire a timer."""

    def order(instance: Instance) -> None:
        waiting = _waiting(instance, token, "timer")
        waiting.task_spec.fire(waiting, {})

    return order


def delivering(token: int, payload: Mapping[str, Any] | None) -> Order:
    """Deliver to a message, signal or call."""
    values = _clean(payload)

    def order(instance: Instance) -> None:
        waiting = _waiting(instance, token, "message", "signal", "call")
        spec = waiting.task_spec
        if hasattr(spec, "fire"):
            spec.fire(waiting, values)
        else:
            instance.serve(waiting)
            spec.finish(waiting, values)

    return order


def setting(variables: Mapping[str, Any]) -> Order:
    """Set variables."""
    values = _clean(variables)

    def order(instance: Instance) -> None:
        instance.task_tree.data.update(values)
        instance.look_at_conditions()

    return order


def moving(token: int, element: str) -> Order:
    """Move a token."""

    def order(instance: Instance) -> None:
        waiting = instance.tasks.get(token)
        target = instance.spec.nodes.get(element)
        if waiting is None or waiting.listener or waiting is instance.task_tree:
            raise TaskClosedError
        home = waiting.parent.task_spec is waiting.task_spec
        scope = waiting.task_spec.element.scope
        if target is None or home or target.element.scope != scope or not _enterable(target):
            raise InvalidInputError(N_("令牌不能移到 {element}"), element=element)
        parent = waiting.parent
        instance.cancel_token(waiting)
        instance.enter(target, parent)

    return order


def _enterable(target: Any) -> bool:
    """Tell whether a token may be put on an element by hand."""
    kind = target.element
    return not (
        kind.type in ("startEvent", "boundaryEvent", "undo")
        or kind.triggered_by_event or kind.for_compensation
        or (len(kind.incoming) > 1 and kind.type != "exclusiveGateway" and "Gateway" in kind.type)
    )  # fmt: skip


def throwing(token: int, kind: str, code: str, variables: Mapping[str, Any] | None) -> Order:
    """Throw an error or escalation from where a token waits."""
    values = _clean(variables)

    def order(instance: Instance) -> None:
        waiting = _waiting(instance, token, "job", "user", "call")
        if not hand_up(waiting, kind, code, values) and kind == "error":
            texts = (f"没有事件接住错误 {code}", f"nothing catches the error {code}")
            raise Fault(waiting.task_spec.name, "error-uncaught", texts)

    return order


def run(model: Model, given: bytes, instance: Instance, order: Order) -> Step:
    """Carry out an order on an instance just loaded from `given`."""
    before = {token: (w.element, w.kind) for token, w in all_waits(instance).items()}
    try:
        order(instance)
        instance.do_engine_steps()
        after = all_waits(instance)
        blob = codec.dump(instance, model)
    except Fault as fault:
        return Step(state=given, failure=fault.failure)
    except (TaskClosedError, InvalidInputError):
        raise
    except Exception as error:  # noqa: BLE001 — whatever a decision or the library raises, nothing is lost
        return Step(state=given, failure=_failure(instance, error))
    return Step(
        state=blob,
        opened=tuple(wait for token, wait in after.items() if token not in before),
        closed=instance.closed(before, after),
        path=tuple(instance.path),
        decisions=tuple(instance.decisions),
        thrown=tuple(instance.thrown),
        completed=instance.completed,
        ends=tuple(instance.ends),
        variables=instance.task_tree.data,
    )


def _failure(instance: Instance, error: Exception) -> Failure:
    element = instance.running.task_spec.name if instance.running is not None else ""
    return Failure(
        element=element, code="step-failed", zh=f"这一步执行失败：{error}",
        en=f"the step failed: {error}", detail=f"{type(error).__name__}: {error}",
    )  # fmt: skip


def all_waits(instance: Instance) -> dict[int, Wait]:
    """Return what an instance in memory waits for, by token."""
    found = {}
    for token in instance.tasks.values():
        if token.state == STARTED:
            wait = token.task_spec.outside(token)
            if wait is not None:
                found[token.id] = wait
    return found


def _waiting(instance: Instance, key: int, *kinds: str) -> Token:
    token = instance.tasks.get(key)
    if isinstance(token, Token) and token.state == STARTED:
        wait = token.task_spec.outside(token)
        if wait is not None and wait.kind in kinds:
            instance.running = token
            return token
    raise TaskClosedError


def _clean(values: Mapping[str, Any] | None) -> dict[str, Any]:
    return {key: to_variable(value) for key, value in (values or {}).items()}
