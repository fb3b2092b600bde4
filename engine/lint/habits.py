"""What a person would miss in a diagram that runs: names, forms, limits, properties nobody reads."""

from collections.abc import Mapping
from difflib import get_close_matches

from decisions import feel
from engine import limits, retries
from engine.errors import EngineError
from engine.lint.rules import Findings
from engine.spiff import Element, Process

_NAMED = frozenset({"startEvent", "endEvent", "userTask", "serviceTask", "businessRuleTask",
                    "scriptTask", "sendTask", "receiveTask", "callActivity", "subProcess",
                    "boundaryEvent", "intermediateCatchEvent", "manualTask", "task"})  # fmt: skip
_QUESTIONS = frozenset({"exclusiveGateway", "inclusiveGateway"})

#: properties that the product reads, on steps and on processes
STEP = frozenset(
    {
        "claimStandard", "openStandard", "timeStandard", "clock", "startFrom", "warnAt", "endOfDay",
        "escalation", "pausable", "policy", "serviceStandard", "providerStandard",
        "inspectionStandard", "script", "failPoints", "cost", "contact", "excludePerformerOf",
        "side", "worker", retries.PROPERTY, "owner", "ownerGives", "seals",
    }
)  # fmt: skip
PROCESS = frozenset(
    {
        "title", "businessKey", "firstAnswerStandard", "solutionStandard", "serviceStandard",
        "providerStandard", "inspectionStandard", "inputs",
    }
)  # fmt: skip


def check(process: Process, found: Findings) -> None:
    """Judge what does not stop a process from running."""
    _properties(process.id, process.line, process.properties, PROCESS, found)
    for key in ("firstAnswerStandard", "solutionStandard"):
        _limit(process.id, process.line, {"timeStandard": process.properties.get(key, "")}, found)
    for element in process.elements.values():
        _element(element, found)


def _element(element: Element, found: Findings) -> None:
    asks = element.type in _QUESTIONS and len(element.outgoing) > 1
    if not element.name.strip() and (element.type in _NAMED or asks):
        found.add("no-name", element.id, element.line)
    if element.type == "userTask":
        if element.form is None:
            found.add("no-form", element.id, element.line)
        if not {"timeStandard", "policy"} & element.properties.keys():
            found.add("no-time-standard", element.id, element.line)
    _properties(element.id, element.line, element.properties, STEP, found)
    _limit(element.id, element.line, element.properties, found)
    _retries(element, found)


def _retries(element: Element, found: Findings) -> None:
    text = element.properties.get(retries.PROPERTY, "")
    try:
        retries.read(text)
    except EngineError as error:
        found.add("limit-unreadable", element.id, element.line, property=retries.PROPERTY,
                  detail=str(error), text=text)  # fmt: skip


def _limit(owner: str, line: int | None, properties: Mapping[str, str], found: Findings) -> None:
    for name, detail in limits.check(properties):
        text = properties.get(name, "")
        if text.startswith("="):
            _expression(owner, line, name, text, found)
        else:
            found.add("limit-unreadable", owner, line, property=name, detail=detail, text=text)


def _expression(owner: str, line: int | None, name: str, text: str, found: Findings) -> None:
    try:
        feel.compile(text.removeprefix("=").strip())
    except feel.FeelError as error:
        found.add(
            "feel-invalid", owner, line, place=name, row=error.line, column=error.column,
            zh=error.zh, en=error.en,
        )  # fmt: skip


def _properties(
    owner: str, line: int | None, properties: Mapping[str, str], known: frozenset[str],
    found: Findings,
) -> None:  # fmt: skip
    for name in properties:
        if name not in known and ":" not in name:
            close = get_close_matches(name, known, n=1)
            hint = f"（{close[0]}？）" if close else ""
            found.add("unknown-property", owner, line, name=name, hint=hint)
