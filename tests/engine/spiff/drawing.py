"""Draws small BPMN diagrams from text, one element a line, for the tests of engine.spiff.

start s -> a
user a | <zeebe:formDefinition formId="f"/> -> g
xor g default=no -> yes:end[=ok] no:a
{ sub box -> end          (a scope until the closing brace)
}
boundary b on=a timer=PT1H -> c
"""

import re

_TAGS = {
    "start": "startEvent", "end": "endEvent", "user": "userTask", "task": "task",
    "service": "serviceTask", "send": "sendTask", "receive": "receiveTask",
    "script": "scriptTask", "rule": "businessRuleTask", "call": "callActivity",
    "xor": "exclusiveGateway", "and": "parallelGateway", "or": "inclusiveGateway",
    "event": "eventBasedGateway", "complex": "complexGateway", "catch": "intermediateCatchEvent",
    "throw": "intermediateThrowEvent", "boundary": "boundaryEvent", "sub": "subProcess",
    "transaction": "transaction", "adhoc": "adHocSubProcess",
}  # fmt: skip
_TIMERS = {"timer": "timeDuration", "date": "timeDate", "cycle": "timeCycle"}
_OWN = {"default", "on", "multi", "seq", "loop", "max", "out", "count", "until", "set", "x", "raw"}
NAMESPACES = (
    'xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" '
    'xmlns:zeebe="http://camunda.org/schema/zeebe/1.0" '
    'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
)


def document(body: str, *, process: str = "p", head: str = "") -> bytes:
    """Wrap a process body."""
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<bpmn:definitions {NAMESPACES} id="_definitions" '
        f'targetNamespace="t">\n{head}<bpmn:process id="{process}" isExecutable="true">\n{body}'
        "</bpmn:process>\n</bpmn:definitions>\n"
    ).encode()


def draw(text: str, *, process: str = "p") -> bytes:
    """Turn the lines into a document."""
    pen = _Pen()
    for line in text.strip().splitlines():
        pen.line(line.strip())
    return document("".join(pen.body), process=process, head="".join(dict.fromkeys(pen.head)))


class _Pen:
    def __init__(self) -> None:
        self.body: list[str] = []
        self.head: list[str] = []
        self.open: list[tuple[str, list[str]]] = []

    def line(self, line: str) -> None:
        if not line or line.startswith("#"):
            return
        if line == "}":
            tag, flows = self.open.pop()
            self.body.append(f"</bpmn:{tag}>\n{''.join(flows)}")
            return
        scope = line.startswith("{")
        left, _, right = line.removeprefix("{").partition(" -> ")
        head, _, inside = left.partition("|")
        kind, key, *words = head.split()
        options = dict(word.split("=", 1) for word in words)
        tag = _TAGS[kind]
        flows = self._flows(key, right)
        element = (
            f'<bpmn:{tag} id="{key}"{self._attributes(options)}>{self._children(options, inside)}'
        )
        if scope:
            self.body.append(element + "\n")
            self.open.append((tag, flows))
        else:
            self.body.append(f"{element}</bpmn:{tag}>\n{''.join(flows)}")

    def _flows(self, source: str, right: str) -> list[str]:
        found = []
        for number, item in enumerate(
            re.findall(r"[^\s\[]+(?:\[[^\]]*(?:\]\])?\])?", right.strip())
        ):
            match = re.fullmatch(r"(?:(\w+):)?(\w+)(?:\[(.*)\])?", item)
            assert match, item
            key, target, condition = match.groups()
            inner = f"<bpmn:conditionExpression>{_escape(condition)}</bpmn:conditionExpression>"
            found.append(
                f'<bpmn:sequenceFlow id="{key or f"{source}_{number}"}" sourceRef="{source}" '
                f'targetRef="{target}">{inner if condition else ""}</bpmn:sequenceFlow>\n'
            )
        return found

    def _attributes(self, options: dict[str, str]) -> str:
        given = {"default": "default", "on": "attachedToRef"}
        text = "".join(f' {given[key]}="{value}"' for key, value in options.items() if key in given)
        plain = {
            key: value for key, value in options.items()
            if key[0].islower() and any(letter.isupper() for letter in key)
        }  # fmt: skip
        message = options.get("message") if "asTask" in options else None
        plain.pop("asTask", None)
        text += "".join(f' {key}="{value}"' for key, value in plain.items())
        return text + (f' messageRef="{self._named("message", message)}"' if message else "")

    def _children(self, options: dict[str, str], inside: str) -> str:
        extensions = inside.strip()
        if "job" in options:
            extensions += f'<zeebe:taskDefinition type="{options["job"]}"/>'
        if "calls" in options:
            extensions += f'<zeebe:calledElement processId="{options["calls"]}"/>'
        if "set" in options:
            name, _, value = options["set"].partition(":")
            extensions += (
                f'<zeebe:script expression="{_escape("=" + value)}" resultVariable="{name}"/>'
            )
        if "decides" in options:
            name, _, result = options["decides"].partition(":")
            extensions += f'<zeebe:calledDecision decisionId="{name}" resultVariable="{result}"/>'
        found = (
            f"<bpmn:extensionElements>{extensions}</bpmn:extensionElements>" if extensions else ""
        )
        return found + self._loop(options) + self._events(options)

    def _loop(self, options: dict[str, str]) -> str:
        if "multi" in options or "seq" in options:
            collection = options.get("multi") or options["seq"]
            names = {"x": "inputElement", "out": "outputCollection"}
            text = "".join(f' {names[k]}="{options[k]}"' for k in names if k in options)
            element = options.get("element")
            text += f' outputElement="={element}"' if element else ""
            until = options.get("until")
            condition = f"<bpmn:completionCondition>{_escape(until)}</bpmn:completionCondition>"
            return (
                f'<bpmn:multiInstanceLoopCharacteristics isSequential="{str("seq" in options).lower()}">'
                f'<bpmn:extensionElements><zeebe:loopCharacteristics inputCollection="{_escape(collection)}"'
                f"{text}/></bpmn:extensionElements>{condition if until else ''}"
                "</bpmn:multiInstanceLoopCharacteristics>"
            )
        if "loop" in options:
            maximum = f' loopMaximum="{options["max"]}"' if "max" in options else ""
            return (
                f"<bpmn:standardLoopCharacteristics{maximum}><bpmn:loopCondition>"
                f"{_escape(options['loop'])}</bpmn:loopCondition></bpmn:standardLoopCharacteristics>"
            )
        return ""

    def _events(self, options: dict[str, str]) -> str:
        found = []
        for key, value in options.items():
            if key in _TIMERS:
                tag = _TIMERS[key]
                found.append(
                    f"<bpmn:timerEventDefinition><bpmn:{tag}>{_escape(value)}</bpmn:{tag}>"
                    "</bpmn:timerEventDefinition>"
                )
            elif key in ("signal", "error", "escalation") or (
                key == "message" and "asTask" not in options
            ):
                reference = f' {key}Ref="{self._named(key, value)}"' if value else ""
                found.append(f"<bpmn:{key}EventDefinition{reference}/>")
            elif key in ("terminate", "cancel"):
                found.append(f"<bpmn:{key}EventDefinition/>")
            elif key == "compensate":
                reference = f' activityRef="{value}"' if value else ""
                found.append(f"<bpmn:compensateEventDefinition{reference}/>")
            elif key == "link":
                found.append(f'<bpmn:linkEventDefinition name="{value}"/>')
            elif key == "when":
                found.append(
                    "<bpmn:conditionalEventDefinition><bpmn:condition>"
                    f"{_escape(value)}</bpmn:condition></bpmn:conditionalEventDefinition>"
                )
        return "".join(found)

    def _named(self, kind: str, value: str) -> str:
        name, _, key = value.partition("@")
        extra = {"message": "", "signal": ""}.get(kind, f' {kind}Code="{name}"')
        inner = (
            f'<bpmn:extensionElements><zeebe:subscription correlationKey="={key or "no"}"/>'
            "</bpmn:extensionElements>"
            if kind == "message"
            else ""
        )
        self.head.append(
            f'<bpmn:{kind} id="{kind}_{name}" name="{name}"{extra}>{inner}</bpmn:{kind}>\n'
        )
        return f"{kind}_{name}"


def _escape(text: str | None) -> str:
    value = (text or "").replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;")
    return value.replace("~", " ")
