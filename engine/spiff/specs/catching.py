"""Elements that wait for an event: subscriptions, timers, conditions, and what happens then."""

from typing import Any

from typing_extensions import override

from engine.spiff import schedule
from engine.spiff.elements import EventDefinition
from engine.spiff.schedule import Alarm, TimerTextError
from engine.spiff.scripting import Formula
from engine.spiff.specs.gateways import EventBasedGateway
from engine.spiff.specs.nodes import Node
from engine.spiff.steps import Wait
from engine.spiff.times import millis, moment
from engine.spiff.workflow import Token

#: kinds for which a token waits; the others are looked up in the diagram when they are thrown
ARMED = frozenset({"message", "signal", "timer", "conditional"})


class Trigger:
    """One event definition with its formulas."""

    __slots__ = ("definition", "formula", "key", "title")

    def __init__(self, definition: EventDefinition, formula: Formula | None = None,
                 key: Formula | None = None, title: Formula | None = None) -> None:  # fmt: skip
        self.definition = definition
        #: timer text or condition
        self.formula = formula
        #: correlation key of a message
        self.key = key
        #: name of a message or signal
        self.title = title


class Catching(Node):
    """An element that a token, or a listener beside one, waits at."""

    triggers: tuple[Trigger, ...] = ()
    #: the listener stays after it has fired
    repeats = False

    @property
    def armed(self) -> bool:
        """Tell whether a token has to wait for this event."""
        return any(trigger.definition.kind in ARMED for trigger in self.triggers)

    def subscribe(self, token: Token) -> None:
        """Begin to wait: one token per event definition when there are several."""
        if len(self.triggers) == 1:
            self._set(token, self.triggers[0])
            return
        for index, trigger in enumerate(self.triggers):
            part = token.workflow.listen(self, token)
            part.internal_data["d"] = index
            self._set(part, trigger)

    def _set(self, token: Token, trigger: Trigger) -> None:
        evaluate = token.workflow.script_engine.evaluate
        kind = trigger.definition.kind
        if kind == "timer" and trigger.formula is not None:
            self._set_alarm(token, self.alarm(token, trigger, trigger.formula))
        elif kind == "conditional":
            token.workflow.changed = True
        elif trigger.title is not None:
            token.internal_data["n"] = self._text(evaluate(token, trigger.title), "name")
            if trigger.key is not None:
                key = evaluate(token, trigger.key)
                if isinstance(key, bool) or not isinstance(key, str | int):
                    raise self.fault(
                        "correlation-key", f"关联键不是文本或整数：{key!r}",
                        f"the correlation key is neither text nor integer: {key!r}",
                    )  # fmt: skip
                token.internal_data["k"] = str(key)

    def _text(self, value: Any, what: str) -> str:
        if not isinstance(value, str) or not value:
            raise self.fault("not-a-text", f"{what} 的结果不是文本", f"{what} gave no text")
        return value

    def alarm(self, token: Token, trigger: Trigger, formula: Formula) -> Alarm:
        """Work out when a timer is due."""
        runtime = token.workflow.runtime
        text = token.workflow.script_engine.evaluate(token, formula)
        try:
            return schedule.first(trigger.definition.timer, str(text), runtime.now, runtime.zone)
        except TimerTextError as error:
            texts = (f"定时求值有误：{error}", f"the timer is wrong: {error}")
            raise self.fault("timer-invalid", *texts, formula.source) from error

    @staticmethod
    def _set_alarm(token: Token, alarm: Alarm) -> None:
        values: list[Any] = [millis(alarm.due_at)]
        if alarm.anchor is not None:
            values += [alarm.left, millis(alarm.anchor), alarm.number, alarm.text]
        token.internal_data["t"] = values

    def trigger_of(self, token: Token) -> Trigger:
        """Return the definition that this token waits for."""
        index: int = token.internal_data.get("d", 0)
        return self.triggers[index]

    @override
    def wait(self, token: Token) -> Wait | None:
        if not self.triggers or (len(self.triggers) > 1 and "d" not in token.internal_data):
            return None
        definition = self.trigger_of(token).definition
        if definition.kind not in ("timer", "message", "signal"):
            return None
        due = token.internal_data.get("t")
        return Wait(
            token=token.id, element=self.name, kind=definition.kind, name=self.element.name,
            lane=self.element.lane, properties=self.element.properties,
            due_at=moment(due[0]) if due else None, message=token.internal_data.get("n"),
            correlation_key=token.internal_data.get("k"), boundary_of=self.element.attached_to,
            once=not self.repeats or definition.kind == "timer",
        )  # fmt: skip

    @override
    def look(self, token: Token) -> None:
        if len(self.triggers) > 1 and "d" not in token.internal_data:
            return
        trigger = self.trigger_of(token)
        if trigger.definition.kind != "conditional" or trigger.formula is None:
            return
        now = token.workflow.script_engine.condition(token, trigger.formula)
        before = token.internal_data.pop("c", False)
        if now:
            token.internal_data["c"] = True
        if now and not before:
            self.fire(token, {})

    def fire(self, token: Token, values: dict[str, Any]) -> None:
        """Let what this token waits for happen."""
        if "d" in token.internal_data:
            self._fire_part(token, values)
        else:
            self._serve(token, values)

    def _fire_part(self, part: Token, values: dict[str, Any]) -> None:
        """One of several definitions: the first is enough, unless all are asked for."""
        whole = part.parent
        part.workflow.serve(part)
        if self.element.parallel_multiple:
            part.workflow.remove(part.id)
            values = {**whole.internal_data.get("v", {}), **values}
            whole.internal_data["v"] = values
            if whole.children:
                return
        elif self.repeats and self.trigger_of(part).definition.kind == "timer":
            self._again(part)
        self.happen(whole, values)

    def _serve(self, token: Token, values: dict[str, Any]) -> None:
        missed = 0
        if self.repeats and self.trigger_of(token).definition.kind == "timer":
            missed = self._again(token)
            token.workflow.serve(token, missed)
        elif not self.repeats:
            token.workflow.serve(token)
        self.happen(token, values)

    def _again(self, token: Token) -> int:
        """Arm the next cycle under a new token; passed cycles are skipped and counted."""
        runtime, due = token.workflow.runtime, token.internal_data["t"]
        alarm = Alarm(moment(due[0]))
        if len(due) > 1:
            alarm = Alarm(moment(due[0]), due[1], moment(due[2]), due[3], due[4])
        following, missed = schedule.following(alarm, runtime.now, runtime.zone)
        if following is not None:
            again = token.workflow.listen(self, token.parent)
            again.internal_data.update(token.internal_data)
            self._set_alarm(again, following)
        return missed

    def happen(self, token: Token, values: dict[str, Any]) -> None:
        """Go on after the event."""
        raise NotImplementedError


class CatchEvent(Catching):
    """An intermediate catch event."""

    @override
    def _run_hook(self, my_task: Token) -> bool | None:
        self.apply_inputs(my_task)
        if not self.triggers:
            return True
        self.subscribe(my_task)
        return None

    @override
    def happen(self, token: Token, values: dict[str, Any]) -> None:
        gateway = token.parent.task_spec
        if token.listener and isinstance(gateway, EventBasedGateway):
            gateway.won(token.parent, self, values)
        else:
            self.finish(token, values)


class BoundaryEvent(Catching):
    """An event on the border of an activity."""

    @override
    def happen(self, token: Token, values: dict[str, Any]) -> None:
        self.strike(token.parent, values, token)

    def strike(
        self, host: Token, values: dict[str, Any], listener: Token | None = None, *,
        interrupting: bool | None = None,
    ) -> None:  # fmt: skip
        """Go on from the border; an interrupting event cancels the activity first."""
        workflow, scope = host.workflow, host.parent
        if self.element.interrupting if interrupting is None else interrupting:
            workflow.cancel_token(host)
        elif listener is not None and not self._stays(listener):
            workflow.remove(listener.id)
        self.finish(Token(workflow, self, scope), values)

    def _stays(self, listener: Token) -> bool:
        single = len(self.triggers) == 1
        return not (single and self.trigger_of(listener).definition.kind == "timer")


class StartEvent(Catching):
    """A start event; with a trigger inside an event sub-process it listens for its scope."""

    @override
    def happen(self, token: Token, values: dict[str, Any]) -> None:
        sub = self._wf_spec.nodes[self.element.scope]
        scope = token.parent
        if not self.element.interrupting and self._ends(token):
            token.workflow.remove(token.id)
        sub.trigger(scope, values)

    def _ends(self, listener: Token) -> bool:
        single = len(self.triggers) == 1
        return single and self.trigger_of(listener).definition.kind == "timer"
