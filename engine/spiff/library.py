"""The names of SpiffWorkflow 3.2 that we stand on, untyped on purpose: its annotations are partial."""

from typing import Any

from SpiffWorkflow.bpmn import BpmnWorkflow as _BpmnWorkflow
from SpiffWorkflow.bpmn.script_engine import (
    BasePythonScriptEngineEnvironment as _Environment,
)
from SpiffWorkflow.bpmn.script_engine import PythonScriptEngine as _PythonScriptEngine
from SpiffWorkflow.bpmn.specs import BpmnProcessSpec as _BpmnProcessSpec
from SpiffWorkflow.bpmn.specs.mixins import BpmnSpecMixin as _BpmnSpecMixin
from SpiffWorkflow.exceptions import WorkflowException as _WorkflowException
from SpiffWorkflow.specs import WorkflowSpec as _WorkflowSpec
from SpiffWorkflow.task import Task as _Task
from SpiffWorkflow.util.task import TaskState

BpmnWorkflow: Any = _BpmnWorkflow
BasePythonScriptEngineEnvironment: Any = _Environment
PythonScriptEngine: Any = _PythonScriptEngine
BpmnProcessSpec: Any = _BpmnProcessSpec
BpmnSpecMixin: Any = _BpmnSpecMixin
WorkflowException: Any = _WorkflowException
WorkflowSpec: Any = _WorkflowSpec
Task: Any = _Task

FUTURE: int = TaskState.FUTURE
WAITING: int = TaskState.WAITING
READY: int = TaskState.READY
STARTED: int = TaskState.STARTED
CANCELLED: int = TaskState.CANCELLED
ANY_STATE: int = TaskState.ANY_MASK
