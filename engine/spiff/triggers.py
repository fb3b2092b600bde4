"""Reads the event definitions of events, receive tasks and send tasks."""

from collections.abc import Mapping
from types import MappingProxyType

from lxml import etree

from engine.spiff.elements import EventDefinition
from engine.spiff.problems import Report
from engine.spiff.safexml import BPMN
from engine.spiff.zeebe import child, line, local

_DEFINITION = "EventDefinition"

KINDS: Mapping[str, str] = MappingProxyType(
    {
        "messageEventDefinition": "message",
        "signalEventDefinition": "signal",
        "timerEventDefinition": "timer",
        "errorEventDefinition": "error",
        "escalationEventDefinition": "escalation",
        "terminateEventDefinition": "terminate",
        "cancelEventDefinition": "cancel",
        "compensateEventDefinition": "compensation",
        "linkEventDefinition": "link",
        "conditionalEventDefinition": "conditional",
    }
)

#: which kinds each event type may carry
ALLOWED: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "startEvent": frozenset({"message", "signal", "timer"}),
        "eventStart": frozenset(
            {"message", "signal", "timer", "conditional", "error", "escalation", "compensation"}
        ),
        "intermediateCatchEvent": frozenset({"message", "signal", "timer", "conditional", "link"}),
        "intermediateThrowEvent": frozenset(
            {"message", "signal", "escalation", "compensation", "link"}
        ),
        "boundaryEvent": frozenset(
            {
                "message", "signal", "timer", "conditional",
                "error", "escalation", "cancel", "compensation",
            }
        ),
        "endEvent": frozenset(
            {"message", "signal", "error", "escalation", "cancel", "compensation", "terminate"}
        ),
    }
)  # fmt: skip

_TIMERS: Mapping[str, str] = MappingProxyType(
    {"timeDate": "date", "timeDuration": "duration", "timeCycle": "cycle"}
)


class Triggers:
    """The document's messages, signals, errors, escalations and shared event definitions."""

    def __init__(self, root: etree._Element, report: Report) -> None:
        self.report = report
        self.named = {
            kind: {node.get("id"): node for node in root.iterchildren(f"{{{BPMN}}}{kind}")}
            for kind in ("message", "signal", "error", "escalation")
        }
        self.shared = {node.get("id"): node for node in root if local(node).endswith(_DEFINITION)}

    def of(self, node: etree._Element, owner: str) -> tuple[EventDefinition, ...]:
        """Return the event definitions of an event, shared ones resolved."""
        found = []
        for item in node.iterchildren(etree.Element):
            if local(item) == "eventDefinitionRef":
                found.append(self._shared(item, owner))
            elif local(item).endswith(_DEFINITION):
                found.append(self.read(item, owner))
        return tuple(definition for definition in found if definition is not None)

    def _shared(self, item: etree._Element, owner: str) -> EventDefinition | None:
        name = _plain((item.text or "").strip())
        if name not in self.shared:
            self.report.add("reference-unknown", owner, line(item), ref=name)
            return None
        return self.read(self.shared[name], owner)

    def read(self, node: etree._Element, owner: str) -> EventDefinition | None:
        """Return one event definition."""
        kind = KINDS.get(local(node))
        if kind is None:
            self.report.add("unknown-element", owner, line(node), tag=local(node))
            return None
        if kind in self.named:
            return self._named(kind, node.get(f"{kind}Ref"), owner, line(node))
        if kind == "timer":
            return self._timer(node, owner)
        if kind == "conditional":
            text = node.findtext(f"{{{BPMN}}}condition", "").strip()
            return EventDefinition(kind=kind, expression=text, line=line(node))
        if kind == "link":
            if not node.get("name"):
                self.report.add("name-missing", owner, line(node), kind="link")
            return EventDefinition(kind=kind, name=node.get("name", ""), line=line(node))
        activity = node.get("activityRef") if kind == "compensation" else None
        if kind == "compensation" and node.get("waitForCompletion") in ("false", "0"):
            self.report.add("compensation-no-wait", owner, line(node))
        return EventDefinition(
            kind=kind, activity=_plain(activity) if activity else None, line=line(node)
        )

    def message(self, reference: str | None, owner: str, at: int | None) -> EventDefinition | None:
        """Return the message of a send or receive task."""
        return self._named("message", reference, owner, at)

    def _named(
        self, kind: str, reference: str | None, owner: str, at: int | None
    ) -> EventDefinition | None:
        if reference is None:
            # An error or escalation event without reference catches every code.
            if kind in ("message", "signal"):
                self.report.add("reference-unknown", owner, at, ref=f"{kind}Ref")
            return EventDefinition(kind=kind, line=at)
        node = self.named[kind].get(_plain(reference))
        if node is None:
            self.report.add("reference-unknown", owner, at, ref=reference)
            return None
        code = node.get(f"{kind}Code")
        name = node.get("name", "")
        if kind in ("message", "signal") and not name:
            self.report.add("name-missing", owner, line(node), kind=kind)
        if kind in ("error", "escalation") and not code:
            self.report.add("code-missing", owner, line(node), kind=kind)
        subscription = child(node, "subscription")
        key = subscription.get("correlationKey") if subscription is not None else None
        return EventDefinition(kind=kind, name=name, code=code, correlation_key=key, line=at)

    def _timer(self, node: etree._Element, owner: str) -> EventDefinition:
        texts = [
            (_TIMERS[local(item)], (item.text or "").strip())
            for item in node.iterchildren(etree.Element)
            if local(item) in _TIMERS
        ]
        if len(texts) != 1 or not texts[0][1]:
            self.report.add("timer-invalid", owner, line(node), detail="timeDate/Duration/Cycle")
            return EventDefinition(kind="timer", timer="duration", expression="PT0S")
        kind, text = texts[0]
        return EventDefinition(kind="timer", timer=kind, expression=text, line=line(node))


def _plain(reference: str) -> str:
    """Drop the namespace prefix of a QName reference."""
    return reference.rpartition(":")[2]
