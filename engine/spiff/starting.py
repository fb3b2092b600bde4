"""Timer start events: when they are due first and again, before there is an instance."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from engine.spiff import schedule
from engine.spiff.elements import Model
from engine.spiff.schedule import Alarm
from engine.spiff.steps import Runtime
from engine.spiff.times import millis, moment
from engine.spiff.workflow import Instance


@dataclass(frozen=True, slots=True, kw_only=True)
class StartAlarm:
    """A timer start event that is set; `state` (JSON) sets it again with `following_alarm`."""

    element: str
    due_at: datetime
    state: tuple[Any, ...]


def alarms(model: Model, process_id: str, runtime: Runtime) -> tuple[StartAlarm, ...]:
    """Set the timer start events of a process that has just come into force."""
    found = []
    for start in model.processes[process_id].starts:
        if not any(event.kind == "timer" for event in start.events):
            continue
        instance = Instance(model.runnable[process_id], runtime)
        root = instance.begin()
        for trigger in instance.spec.nodes[start.id].triggers:
            if trigger.definition.kind == "timer":
                alarm = instance.spec.nodes[start.id].alarm(root, trigger, trigger.formula)
                found.append(_shown(start.id, alarm))
    return tuple(found)


def following_alarm(
    element: str, due_at: datetime, state: list[Any], runtime: Runtime
) -> tuple[StartAlarm | None, int]:
    """Set a start event's timer again; also return how many cycles passed unseen until now."""
    left, anchor, number, text = state
    alarm = Alarm(due_at, left, None if anchor is None else moment(anchor), number, text)
    following, missed = schedule.following(alarm, runtime.now, runtime.zone)
    return None if following is None else _shown(element, following), missed


def _shown(element: str, alarm: Alarm) -> StartAlarm:
    anchor = None if alarm.anchor is None else millis(alarm.anchor)
    return StartAlarm(
        element=element, due_at=alarm.due_at, state=(alarm.left, anchor, alarm.number, alarm.text)
    )
