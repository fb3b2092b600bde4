"""Runs BPMN diagrams on SpiffWorkflow: bytes in, bytes out, and frozen values that tell the rest.

Knows the dialect (BPMN 2.0 with `zeebe:`), FEEL and SpiffWorkflow, which nobody else imports.
Knows no database, no clock, no forms, no people. Every function is pure: a command is given the
state of an instance and gives back a `Step` with the new one; when it fails, the given one holds.
"""

from engine.spiff.commands import (
    complete,
    deliver,
    fire,
    known,
    move,
    set_variables,
    start,
    throw,
    variables,
    waits,
)
from engine.spiff.elements import (
    CallRef,
    DecisionRef,
    Element,
    EventDefinition,
    Flow,
    FormRef,
    JobDefinition,
    Loop,
    Model,
    Process,
    ScriptDefinition,
    Usage,
    VariableMapping,
)
from engine.spiff.migration import Position, migrate, obstacles, positions
from engine.spiff.models import model, outline, parse, refusals
from engine.spiff.modifying import Change, Place, modify, places
from engine.spiff.starting import StartAlarm, alarms, following_alarm
from engine.spiff.steps import Closed, Decided, Failure, Passed, Runtime, Step, Thrown, Wait

__all__ = [
    "CallRef",
    "Change",
    "Closed",
    "Decided",
    "DecisionRef",
    "Element",
    "EventDefinition",
    "Failure",
    "Flow",
    "FormRef",
    "JobDefinition",
    "Loop",
    "Model",
    "Passed",
    "Place",
    "Position",
    "Process",
    "Runtime",
    "ScriptDefinition",
    "StartAlarm",
    "Step",
    "Thrown",
    "Usage",
    "VariableMapping",
    "Wait",
    "alarms",
    "complete",
    "deliver",
    "fire",
    "following_alarm",
    "known",
    "migrate",
    "model",
    "modify",
    "move",
    "obstacles",
    "outline",
    "parse",
    "places",
    "positions",
    "refusals",
    "set_variables",
    "start",
    "throw",
    "variables",
    "waits",
]
