"""Our own models after the pattern of betsy's, in the same layout: features that its public part lacks."""

import json
import re
from pathlib import Path
from typing import Any

from tests.engine.spiff.drawing import draw

_TOKENS = {"tE": "THROW_ERROR", "tw": "WAIT_TEN_SECONDS"}
_TASK = re.compile(r'<bpmn:task id="(t\w+)"([^>]*)>(.*?)</bpmn:task>')
_KEY = re.compile(r"<bpmn:extensionElements><zeebe:subscription[^/]*/></bpmn:extensionElements>")
#: name → drawing, cases, what is put into the XML by hand
MODELS: dict[str, tuple[str, list[dict[str, Any]], list[tuple[str, str]]]] = {}


def case(given: str | None, trace: str, delay: int = 0) -> dict[str, Any]:
    """Return one case; a digit in the trace is a task."""
    marks = [f"SCRIPT_task{mark}" if len(mark) == 1 else mark for mark in trace.split()]
    return {"input": given, "trace": marks, "delay": delay, "par": False, "int": 0}


def model(
    name: str, text: str, *cases: dict[str, Any], raw: tuple[tuple[str, str], ...] = ()
) -> None:  # fmt: skip
    """Put a model into the table."""
    MODELS[name] = (text, list(cases), list(raw))


def write(folder: Path) -> list[dict[str, Any]]:
    """Write all models and their expected traces; return the tests."""
    tests = []
    for name, (text, cases, raw) in MODELS.items():
        xml = _TASK.sub(_script, draw(text, process=name).decode())
        xml = _KEY.sub("", xml).replace('errorCode="ERR1"', 'errorCode="ERR-1"')
        for old, new in raw:
            assert old in xml, name
            xml = xml.replace(old, new)
        (folder / f"{name}.bpmn").write_text(xml, "utf-8")
        tests.append({"name": name, "group": "own", "file": f"{name}.bpmn", "cases": cases})
    (folder / "expected_traces.json").write_text(json.dumps(tests), "utf-8")
    return tests


def _script(match: re.Match[str]) -> str:
    key, attributes, inside = match.groups()
    token = _TOKENS.get(key, f"SCRIPT_task{key[1]}")
    return (
        f'<bpmn:scriptTask id="{key}"{attributes}><bpmn:script>{token}</bpmn:script>{inside}'
        "</bpmn:scriptTask>"
    )


UNDONE = (
    "</bpmn:process>",
    '<bpmn:association id="as" sourceRef="c" targetRef="t3"/></bpmn:process>',
)
END = '</bpmn:script></bpmn:scriptTask>\n<bpmn:sequenceFlow id="t1_0"'
BEFORE = (
    END,
    END.replace(
        "</bpmn:scriptTask>",
        '<bpmn:standardLoopCharacteristics testBefore="true"><bpmn:loopCondition>false</bpmn:loopCondition></bpmn:standardLoopCharacteristics></bpmn:scriptTask>',
    ),
)
EACH = (
    END,
    END.replace(
        "</bpmn:scriptTask>",
        '<bpmn:multiInstanceLoopCharacteristics behavior="None" noneBehaviorEventRef="SD"><bpmn:loopCardinality>3</bpmn:loopCardinality></bpmn:multiInstanceLoopCharacteristics></bpmn:scriptTask>',
    ),
)
SHARED = (
    "<bpmn:process",
    '<bpmn:signalEventDefinition id="SD" signalRef="signal_S"/><bpmn:process',
)

model(
    "ParallelDiverging_ExclusiveConverging",
    "start s -> f\nand f -> t1 t2\ntask t1 -> m\ntask t2 -> m\nxor m -> t3\ntask t3 -> e\nend e",
    case(None, "1 2 3 3"),
)
model(
    "ParallelDiverging_InclusiveConverging",
    "start s -> f\nand f -> t1 t2\ntask t1 -> m\ntask t2 -> m\nor m -> t3\ntask t3 -> e\nend e",
    case(None, "1 2 3"),
)
model(
    "ExclusiveDiverging_InclusiveConverging",
    'start s -> f\nxor f -> t1[test.contains("a")] t2[test.contains("b")]\ntask t1 -> m\ntask t2 -> m\nor m -> t3\ntask t3 -> e\nend e',
    case("a", "1 3"),
    case("b", "2 3"),
)
model(
    "InclusiveDiverging_Parallel",
    'start s -> f\nor f -> t1[test.contains("a")] t2[test.contains("b")]\ntask t1 -> m\ntask t2 -> m\nand m -> t3\ntask t3 -> e\nend e',
    case("ab", "1 2 3"),
    case("a", "1"),
)
model(
    "ExclusiveNone",
    'start s -> f\nxor f -> t1[test.contains("a")] t2[test.contains("b")]\ntask t1 -> m\ntask t2 -> m\nxor m -> e\nend e',
    case("c", "ERROR_runtime"),
)
model(
    "Error_Boundary_Sub",
    "start s -> b\n{ sub b -> t2\nstart s2 -> tE\ntask tE -> e2\nend e2\n}\nboundary x on=b error=ERR1 -> t1\ntask t1 -> e\ntask t2 -> e\nend e",
    case(None, "1"),
)
model(
    "Error_End_Sub",
    "start s -> b\n{ sub b -> t2\nstart s2 -> t3\ntask t3 -> e2\nend e2 error=ERR1\n}\nboundary x on=b error=ERR1 -> t1\ntask t1 -> e\ntask t2 -> e\nend e",
    case(None, "3 1"),
)
model(
    "Error_EventSub",
    "start s -> tE\ntask tE -> e\nend e\n{ sub es triggeredByEvent=true\nstart s2 error=ERR1 -> t1\ntask t1 -> e2\nend e2\n}",
    case(None, "1"),
)
model("Error_End_Top", "start s -> t1\ntask t1 -> e\nend e error=ERR1", case(None, "1"))
model(
    "Error_Boundary_Task",
    "start s -> tE\ntask tE -> t2\nboundary x on=tE error=ERR1 -> t1\ntask t1 -> e\ntask t2 -> e\nend e",
    case(None, "1"),
)
model(
    "Escalation_Boundary_Interrupting",
    "start s -> b\n{ sub b -> t2\nstart s2 -> v\nthrow v escalation=E1 -> t4\ntask t4 -> e2\nend e2\n}\nboundary x on=b escalation=E1 -> t1\ntask t1 -> e\ntask t2 -> e\nend e",
    case(None, "1"),
)
model(
    "Compensation_Boundary",
    "start s -> t1\ntask t1 -> v\nboundary c on=t1 compensate=\nthrow v compensate= -> t2\ntask t2 -> e\ntask t3 isForCompensation=true\nend e",
    case(None, "1 3 2"),
    raw=(UNDONE,),
)
model(
    "Compensation_Ref",
    "start s -> t1\ntask t1 -> v\nboundary c on=t1 compensate=\nthrow v compensate=t1 -> t2\ntask t2 -> e\ntask t3 isForCompensation=true\nend e",
    case(None, "1 3 2"),
    raw=(UNDONE,),
)
model(
    "Compensation_End",
    "start s -> t1\ntask t1 -> e\nboundary c on=t1 compensate=\nend e compensate=\ntask t3 isForCompensation=true",
    case(None, "1 3"),
    raw=(UNDONE,),
)
model(
    "Terminate",
    "start s -> f\nand f -> t1 w\ntask t1 -> e\nend e terminate=1\ncatch w timer=PT5S -> t2\ntask t2 -> e2\nend e2",
    case(None, "1", 9000),
)
model("Timer_Start", "start s timer=PT5S -> t1\ntask t1 -> e\nend e", case(None, "1", 9000))
model(
    "Timer_Boundary_Non",
    "start s -> b\n{ sub b -> t3\nstart s2 -> w\ncatch w timer=PT10S -> t1\ntask t1 -> e2\nend e2\n}\nboundary x on=b timer=PT3S cancelActivity=false -> t2\ntask t2 -> e3\nend e3\ntask t3 -> e\nend e",
    case(None, "2 1 3", 20000),
)
model(
    "Timer_Date",
    "start s -> w\ncatch w date=2026-01-01T00:00:05Z -> t1\ntask t1 -> e\nend e",
    case(None, "1", 9000),
)
model(
    "EventBasedGateway_Timer",
    "start s -> g\nevent g -> w1 w2\ncatch w1 timer=PT5S -> t1\ncatch w2 timer=PT60S -> t2\ntask t1 -> e\ntask t2 -> e\nend e",
    case(None, "1", 90000),
)
model(
    "Loop_TestBefore",
    "start s -> t1\ntask t1 -> t2\ntask t2 -> e\nend e",
    case(None, "2"),
    raw=(BEFORE,),
)
model(
    "MI_None",
    "start s -> t1\ntask t1 -> t2\ntask t2 -> e\nend e\nboundary x on=t1 signal=S cancelActivity=false -> t3\ntask t3 -> e3\nend e3",
    case(None, "1 1 1 2 3 3 3"),
    raw=(EACH, SHARED),
)
model(
    "AdHoc_Parallel",
    "start s -> b\n{ adhoc b -> t3\ntask t1\ntask t2\n}\ntask t3 -> e\nend e",
    case(None, "1 2 3"),
)
model(
    "AdHoc_Seq",
    "start s -> b\n{ adhoc b ordering=Sequential -> t3\ntask t1\ntask t2\n}\ntask t3 -> e\nend e",
    case(None, "1 2 3"),
)
model(
    "Transaction",
    "start s -> b\n{ transaction b -> t2\nstart s2 -> t1\ntask t1 -> e2\nend e2\n}\ntask t2 -> e\nend e",
    case(None, "1 2"),
)
model(
    "Signal_Boundary_Non",
    "start s -> b\n{ sub b -> t3\nstart s2 -> v\nthrow v signal=S -> t1\ntask t1 -> e2\nend e2\n}\nboundary x on=b signal=S cancelActivity=false -> t2\ntask t2 -> e3\nend e3\ntask t3 -> e\nend e",
    case(None, "2 1 3"),
)
model(
    "WCP06_Or",
    'start s -> t1\ntask t1 -> t2[test.contains("a")] t3[test.contains("b")]\ntask t2 -> e\ntask t3 -> e\nend e',
    case("ab", "1 2 3"),
    case("a", "1 2"),
)
model("Implicit_Start", "task t1 -> t2\ntask t2", case(None, "1 2"))
model(
    "SubImplicit",
    "start s -> b\n{ sub b -> t3\ntask t1\ntask t2\n}\ntask t3 -> e\nend e",
    case(None, "1 2 3"),
)
model(
    "Wait",
    "start s -> tw\ntask tw -> t1\nboundary x on=tw timer=PT3S -> t2\ntask t1 -> e\ntask t2 -> e\nend e",
    case(None, "2", 20000),
)
model(
    "Conditional_Boundary_Interrupting",
    'start s -> b\n{ sub b -> t2\nstart s2 -> w\ncatch w timer=PT60S -> t3\ntask t3 -> e2\nend e2\n}\nboundary x on=b when=test.contains("a") -> t1\ntask t1 -> e\ntask t2 -> e\nend e',
    case("a", "1", 5000),
)
model(
    "Multiple_Start_EventSub",
    "start s -> v\nthrow v signal=A -> t2\ntask t2 -> e\nend e\n{ sub es triggeredByEvent=true\nstart s2 signal=A message=M isInterrupting=false -> t1\ntask t1 -> e2\nend e2\n}",
    case(None, "1 2"),
)
