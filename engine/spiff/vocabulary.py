"""The BPMN words that are executed, the ones without meaning for execution, and nothing else."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class NodeKind:
    """What kind of flow node a tag is."""

    activity: bool = False
    gateway: bool = False
    event: bool = False
    #: contains flow nodes of its own
    scope: bool = False


_TASK = NodeKind(activity=True)
_GATEWAY = NodeKind(gateway=True)
_EVENT = NodeKind(event=True)
_SCOPE = NodeKind(activity=True, scope=True)

NODES: Mapping[str, NodeKind] = MappingProxyType(
    {
        "task": _TASK, "userTask": _TASK, "manualTask": _TASK, "serviceTask": _TASK,
        "sendTask": _TASK, "receiveTask": _TASK, "scriptTask": _TASK, "businessRuleTask": _TASK,
        "callActivity": _TASK,
        "subProcess": _SCOPE, "transaction": _SCOPE, "adHocSubProcess": _SCOPE,
        "exclusiveGateway": _GATEWAY, "parallelGateway": _GATEWAY, "inclusiveGateway": _GATEWAY,
        "eventBasedGateway": _GATEWAY, "complexGateway": _GATEWAY,
        "startEvent": _EVENT, "endEvent": _EVENT, "intermediateCatchEvent": _EVENT,
        "intermediateThrowEvent": _EVENT, "boundaryEvent": _EVENT,
    }
)  # fmt: skip

#: global tasks, and the task that each is when it is called
GLOBAL_TASKS: Mapping[str, str] = MappingProxyType(
    {
        "globalTask": "task", "globalUserTask": "userTask", "globalManualTask": "manualTask",
        "globalScriptTask": "scriptTask", "globalBusinessRuleTask": "businessRuleTask",
    }
)  # fmt: skip

#: children of a process or sub-process that draw or describe and run nothing
IGNORED = frozenset(
    {
        "documentation", "extensionElements", "incoming", "outgoing", "textAnnotation", "group",
        "dataObject", "dataObjectReference", "dataStoreReference", "auditing", "monitoring",
        "category", "supports",
    }
)  # fmt: skip

_DESCRIPTION = frozenset({"documentation", "extensionElements", "incoming", "outgoing"})
_DEFINITIONS = frozenset(
    {
        "eventDefinitionRef", "messageEventDefinition", "signalEventDefinition",
        "timerEventDefinition", "errorEventDefinition", "escalationEventDefinition",
        "terminateEventDefinition", "cancelEventDefinition", "compensateEventDefinition",
        "linkEventDefinition", "conditionalEventDefinition",
    }
)  # fmt: skip
#: drawn data: as in Camunda 8 it moves nothing, variables are seen by all in their scope
_DATA = frozenset({"property", "dataInputAssociation", "dataOutputAssociation"})
_LOOPS = frozenset({"multiInstanceLoopCharacteristics", "standardLoopCharacteristics"})

#: further children that each element may have; "*" = every flow node
PARTS: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "*": _DESCRIPTION | _LOOPS | _DATA,
        "process": frozenset({"property"}),
        "subProcess": _LOOPS | _DATA,
        "transaction": _LOOPS | _DATA,
        "adHocSubProcess": _LOOPS | _DATA | {"completionCondition"},
        "complexGateway": frozenset({"activationCondition"}),
        "startEvent": _DEFINITIONS,
        "endEvent": _DEFINITIONS,
        "intermediateCatchEvent": _DEFINITIONS,
        "intermediateThrowEvent": _DEFINITIONS,
        "boundaryEvent": _DEFINITIONS,
    }
)

_QUANTITY = frozenset({"startQuantity", "completionQuantity", "isForCompensation", "default"})
_DIRECTION = frozenset({"gatewayDirection"})

#: attributes without a namespace that are read, or say nothing about execution
ATTRIBUTES: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "*": frozenset({"id", "name"}),
        "process": frozenset({"isExecutable", "processType", "isClosed"}),
        "sequenceFlow": frozenset({"sourceRef", "targetRef", "isImmediate"}),
        "task": _QUANTITY,
        "userTask": _QUANTITY | {"implementation"},
        "manualTask": _QUANTITY,
        "serviceTask": _QUANTITY | {"implementation"},
        "sendTask": _QUANTITY | {"implementation", "messageRef", "operationRef"},
        "receiveTask": _QUANTITY | {"implementation", "messageRef", "operationRef", "instantiate"},
        "scriptTask": _QUANTITY | {"scriptFormat"},
        "businessRuleTask": _QUANTITY | {"implementation"},
        "callActivity": _QUANTITY,
        "subProcess": _QUANTITY | {"triggeredByEvent"},
        "transaction": _QUANTITY | {"method"},
        "adHocSubProcess": _QUANTITY | {"ordering", "cancelRemainingInstances", "triggeredByEvent"},
        "exclusiveGateway": _DIRECTION | {"default"},
        "parallelGateway": _DIRECTION,
        "inclusiveGateway": _DIRECTION | {"default"},
        "eventBasedGateway": _DIRECTION | {"instantiate"},
        "complexGateway": _DIRECTION | {"default"},
        "startEvent": frozenset({"isInterrupting", "parallelMultiple"}),
        "endEvent": frozenset(),
        "intermediateCatchEvent": frozenset({"parallelMultiple"}),
        "intermediateThrowEvent": frozenset(),
        "boundaryEvent": frozenset({"cancelActivity", "attachedToRef", "parallelMultiple"}),
    }
)
