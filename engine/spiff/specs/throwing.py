"""Elements that throw, and the search for who catches errors and escalations."""

from typing import Any

from typing_extensions import override

from engine.spiff.elements import EventDefinition
from engine.spiff.scripting import Formula, visible
from engine.spiff.specs.compensation import Undoing, owed
from engine.spiff.specs.jobs import begin_job, job_wait
from engine.spiff.specs.nodes import Node
from engine.spiff.steps import Passed, Thrown, Wait
from engine.spiff.workflow import Instance, Token


class Thrower:
    """One event definition that is thrown."""

    def __init__(self, definition: EventDefinition, title: Formula | None = None,
                 key: Formula | None = None, code: Formula | None = None) -> None:  # fmt: skip
        self.definition = definition
        self.title = title
        self.key = key
        self.code = code

    def throw(self, spec: Any, token: Token) -> None:
        """Throw from a token; what catches it may cancel the token."""
        getattr(self, f"_{self.definition.kind}")(spec, token)

    def behave(self, activity: Any, body: Token, condition: bool | None) -> None:  # noqa: FBT001
        """Throw implicitly after a turn of a multi-instance: its boundary events catch it.

        BPMN leaves open whether that interrupts; it does only where the boundary event says
        `cancelActivity="true"` in so many words.
        """
        if condition is False or (
            activity.element.loop.behavior == "one" and body.internal_data["done"] > 1
        ):
            return
        for event in activity.boundaries:
            if any(self._same(trigger.definition) for trigger in event.triggers):
                event.strike(body, {}, interrupting=event.element.interrupts_in_words)
                return

    def _same(self, other: EventDefinition) -> bool:
        mine = self.definition
        return (mine.kind, mine.name, mine.code) == (other.kind, other.name, other.code)

    def _name(self, spec: Any, token: Token) -> str:
        value = token.workflow.script_engine.evaluate(token, self.title)
        if not isinstance(value, str) or not value:
            raise spec.fault("not-a-text", "事件名称的结果不是文本", "the event's name is no text")
        return value

    def _payload(self, spec: Any, token: Token) -> dict[str, Any]:
        return dict(token.data if spec.input_formulas else visible(token))

    def _message(self, spec: Any, token: Token) -> None:
        key = None
        if self.key is not None:
            key = token.workflow.script_engine.evaluate(token, self.key)
        token.workflow.thrown.append(
            Thrown(
                kind="message", name=self._name(spec, token), element=spec.name,
                correlation_key=None if key is None else str(key),
                payload=self._payload(spec, token),
            )
        )  # fmt: skip

    def _signal(self, spec: Any, token: Token) -> None:
        name, payload = self._name(spec, token), self._payload(spec, token)
        token.workflow.thrown.append(
            Thrown(kind="signal", name=name, payload=payload, element=spec.name)
        )
        given = dict(token.data) if spec.input_formulas else {}
        broadcast(token.workflow, name, given)

    def _error(self, spec: Any, token: Token) -> None:
        code = self._code(token)
        workflow = token.workflow
        if not hand_up(token, "error", code, dict(token.data)):
            workflow.thrown.append(
                Thrown(kind="error", name=code, payload=dict(token.data), element=spec.name)
            )
            workflow.abort()

    def _escalation(self, spec: Any, token: Token) -> None:
        code = self._code(token)
        if not hand_up(token, "escalation", code, dict(token.data)):
            token.workflow.thrown.append(
                Thrown(kind="escalation", name=code, payload=dict(token.data), element=spec.name)
            )

    def _code(self, token: Token) -> str:
        if self.code is None:
            return ""
        return str(token.workflow.script_engine.evaluate(token, self.code))

    def _terminate(self, _spec: Any, token: Token) -> None:
        for other in list(token.parent.children):
            if other is not token:
                token.workflow.cancel_token(other)

    def _compensation(self, _spec: Any, token: Token) -> None:
        entries = token.internal_data.get("todo", [])
        token.internal_data["todo"] = entries + owed(token, self.definition.activity)

    def _cancel(self, spec: Any, token: Token) -> None:
        self._terminate(spec, token)
        token.internal_data["todo"] = owed(token, None)


class Throwing(Node, Undoing):
    """An intermediate throw event or an end event."""

    throwers: tuple[Thrower, ...] = ()
    type_formula: Formula | None = None
    retries_formula: Formula | None = None

    @override
    def _run_hook(self, my_task: Token) -> bool | None:
        self.apply_inputs(my_task)
        if self.type_formula is not None:
            begin_job(self, my_task)
            return None
        workflow = my_task.workflow
        workflow.path.append(Passed(element=self.name, type=self.element.type, flow=my_task.flow))
        for thrower in self.throwers:
            if my_task.id in workflow.tasks:
                thrower.throw(self, my_task)
        if "todo" in my_task.internal_data:
            return self._undone(my_task)
        return True

    def _undone(self, token: Token) -> bool | None:
        """Undo the next thing; True when all is undone."""
        if self.undo_next(token):
            return None
        if any(thrower.definition.kind == "cancel" for thrower in self.throwers):
            self._cancel_transaction(token)
        return True

    def _cancel_transaction(self, token: Token) -> None:
        transaction = token.parent
        event = _best(transaction.task_spec.boundaries, "cancel", "")
        event.strike(transaction, {})

    @override
    def child_gone(self, scope: Token, child: Token) -> None:
        if not scope.children and self._undone(scope):
            scope.complete()

    @override
    def leave(self, token: Token) -> None:
        workflow, scope = token.workflow, token.parent
        if self.type_formula is not None:
            workflow.path.append(Passed(element=self.name, type=self.element.type, flow=token.flow))
        for flow in self.chosen(token):
            workflow.enter(flow.target, scope, flow.id)

    @override
    def wait(self, token: Token) -> Wait | None:
        return job_wait(self, token) if self.type_formula is not None else None


class ThrowEvent(Throwing):
    """An intermediate throw event."""


class EndEvent(Throwing):
    """An end event."""

    @override
    def _run_hook(self, my_task: Token) -> bool | None:
        if self.type_formula is None:
            my_task.workflow.ends.append(self.name)
        return super()._run_hook(my_task)

    @override
    def leave(self, token: Token) -> None:
        if self.type_formula is not None:
            token.workflow.ends.append(self.name)
        super().leave(token)


def broadcast(workflow: Instance, name: str, values: dict[str, Any]) -> None:
    """Give a signal to all who listen in this instance at this moment."""
    for token in list(workflow.tasks.values()):
        if token.id in workflow.tasks and token.internal_data.get("n") == name:
            spec = token.task_spec
            if spec.trigger_of(token).definition.kind == "signal":
                spec.fire(token, dict(values))


def hand_up(token: Token, kind: str, code: str, values: dict[str, Any]) -> bool:
    """Give an error or escalation to the nearest catcher outwards; tell whether there is one."""
    inside_sub = False
    current: Any = token
    below: Any = None
    while current is not None:
        spec = current.task_spec
        is_body = getattr(spec, "repetition", None) is not None and not spec.is_instance(current)
        if below is not None and not is_body and not inside_sub:
            sub = _best(getattr(spec, "event_subs", ()), kind, code)
            if sub is not None:
                sub.trigger(current, values)
                return True
        turn = current.parent is not None and current.parent.task_spec is spec
        event = None if turn else _best(getattr(spec, "boundaries", ()), kind, code)
        if event is not None:
            event.strike(current, values)
            return True
        inside_sub = bool(spec.element.triggered_by_event)
        current, below = current.parent, current
    return False


def _best(candidates: Any, kind: str, code: str) -> Any:
    """Return the candidate that names the code, else one that catches every code."""
    general = None
    for candidate in candidates:
        catcher = getattr(candidate, "start", candidate)
        for trigger in catcher.triggers:
            if trigger.definition.kind == kind:
                if trigger.definition.code == code:
                    return candidate
                if trigger.definition.code is None:
                    general = general or candidate
    return general
