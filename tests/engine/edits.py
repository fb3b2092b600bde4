"""Random edits of a diagram as a designer makes them, and which elements and flows each touched."""

import random
from copy import deepcopy
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from lxml import etree

if TYPE_CHECKING:
    from collections.abc import Callable

BPMN = "http://www.omg.org/spec/BPMN/20100524/MODEL"
ZEEBE = "http://camunda.org/schema/zeebe/1.0"
_TASKS = ("userTask", "serviceTask", "manualTask", "task")


@dataclass(slots=True)
class Edit:
    """One edited diagram."""

    xml: bytes
    kind: str
    #: ids of elements that changed their kind, place or id, or are gone
    elements: set[str] = field(default_factory=set)
    #: ids of flows that lead elsewhere now, or are gone
    flows: set[str] = field(default_factory=set)


class Editor:
    """Makes one edit."""

    def __init__(self, xml: bytes, dice: random.Random) -> None:
        self.root = etree.fromstring(xml)
        self.dice = dice
        self.elements: set[str] = set()
        self.flows: set[str] = set()

    def make(self) -> Edit:
        """Make one random edit."""
        kinds: dict[str, Callable[[], None]] = {
            "insert": self.insert, "remove": self.remove, "retype": self.retype,
            "rename id": self.change_id, "relabel": self.relabel, "add timer": self.add_timer,
            "drop boundary": self.drop_boundary, "change timer": self.change_timer,
            "change condition": self.change_condition, "change limit": self.change_limit,
            "add branch": self.add_branch, "insert twice": self.insert_twice,
        }  # fmt: skip
        needs = {"change condition": "conditionExpression", "add branch": "parallelGateway"}
        there = [kind for kind in sorted(kinds) if kind not in needs or self.all(needs[kind])]
        kind = self.dice.choice(there)
        kinds[kind]()
        return Edit(etree.tostring(self.root), kind, self.elements, self.flows)

    def all(self, *tags: str) -> list[etree._Element]:
        return [node for tag in tags for node in self.root.iter(f"{{{BPMN}}}{tag}")]

    def choose(self, *tags: str) -> etree._Element:
        return self.dice.choice(self.all(*tags))

    def insert(self) -> None:
        flow = self.choose("sequenceFlow")
        holder = flow.getparent()
        new = etree.SubElement(
            holder, f"{{{BPMN}}}manualTask", id=f"new{self.dice.random():.9f}".replace(".", "_"),
            name="新步骤",
        )  # fmt: skip
        key = new.get("id")
        etree.SubElement(
            holder, f"{{{BPMN}}}sequenceFlow", id=f"{key}_on", sourceRef=key,
            targetRef=flow.get("targetRef"),
        )  # fmt: skip
        flow.set("targetRef", key)
        self.flows.add(flow.get("id"))

    def insert_twice(self) -> None:
        self.insert()
        self.insert()

    def remove(self) -> None:
        task = self.choose(*_TASKS)
        key = task.get("id")
        leaving = [f for f in self.all("sequenceFlow") if f.get("sourceRef") == key]
        for flow in self.all("sequenceFlow"):
            if flow.get("targetRef") == key:
                flow.set("targetRef", leaving[0].get("targetRef"))
                self.flows.add(flow.get("id"))
        for flow in leaving:
            self.flows.add(flow.get("id"))
            flow.getparent().remove(flow)
        for border in self.all("boundaryEvent"):
            if border.get("attachedToRef") == key:
                self._drop(border)
        self.elements.add(key)
        task.getparent().remove(task)

    def _drop(self, border: etree._Element) -> None:
        for flow in self.all("sequenceFlow"):
            if flow.get("sourceRef") == border.get("id"):
                self._drop_dead(flow)
        self.elements.add(border.get("id"))
        border.getparent().remove(border)

    def _drop_dead(self, flow: etree._Element) -> None:
        """Remove a flow, and what only it led to."""
        target = flow.get("targetRef")
        self.flows.add(flow.get("id"))
        flow.getparent().remove(flow)
        if any(f.get("targetRef") == target for f in self.all("sequenceFlow")):
            return
        for following in [f for f in self.all("sequenceFlow") if f.get("sourceRef") == target]:
            self._drop_dead(following)
        node = next(n for n in self.root.iter() if n.get("id") == target)
        self.elements.add(target)
        node.getparent().remove(node)

    def drop_boundary(self) -> None:
        self._drop(self.choose("boundaryEvent"))

    def retype(self) -> None:
        task = self.choose(*_TASKS)
        task.tag = f"{{{BPMN}}}manualTask"
        for child in list(task):
            if not child.tag.endswith("LoopCharacteristics"):
                task.remove(child)
        self.elements.add(task.get("id"))

    def change_id(self) -> None:
        task = self.choose(*_TASKS)
        old = task.get("id")
        task.set("id", f"{old}_x")
        for node in self.root.iter():
            for name in ("sourceRef", "targetRef", "attachedToRef"):
                if node.get(name) == old:
                    node.set(name, f"{old}_x")
        self.elements.add(old)

    def relabel(self) -> None:
        self.choose(*_TASKS).set("name", "改了名字")

    def add_timer(self) -> None:
        host = self.choose("userTask")
        holder, key = host.getparent(), f"late_{host.get('id')}"
        border = etree.SubElement(
            holder, f"{{{BPMN}}}boundaryEvent", id=key, attachedToRef=host.get("id"),
            cancelActivity="false", name="催",
        )  # fmt: skip
        timer = etree.SubElement(border, f"{{{BPMN}}}timerEventDefinition")
        etree.SubElement(timer, f"{{{BPMN}}}timeDuration").text = "P9D"
        end = etree.SubElement(holder, f"{{{BPMN}}}endEvent", id=f"{key}_end", name="已催")
        etree.SubElement(
            holder, f"{{{BPMN}}}sequenceFlow", id=f"{key}_on", sourceRef=key,
            targetRef=end.get("id"),
        )  # fmt: skip

    def change_timer(self) -> None:
        self.choose("timeDuration").text = "P8D"

    def change_condition(self) -> None:
        self.choose("conditionExpression").text = "=again = true"

    def change_limit(self) -> None:
        task = self.choose("userTask")
        for held in task.iter(f"{{{ZEEBE}}}property"):
            if held.get("name") == "timeStandard":
                held.set("value", "PT5H")

    def add_branch(self) -> None:
        fork = self.choose("parallelGateway")
        outgoing = [f for f in self.all("sequenceFlow") if f.get("sourceRef") == fork.get("id")]
        if len(outgoing) < 2:
            return self.insert()
        joins = [g for g in self.all("parallelGateway") if g is not fork
                 and g.getparent() is fork.getparent()]  # fmt: skip
        join, holder = joins[0], fork.getparent()
        task = deepcopy(next(t for t in self.all("userTask")))
        for child in list(task):
            if child.tag.endswith("LoopCharacteristics"):
                task.remove(child)
        task.set("id", "extra")
        holder.append(task)
        for key, ends in (
            ("x_in", (fork.get("id"), "extra")),
            ("x_out", ("extra", join.get("id"))),
        ):
            etree.SubElement(holder, f"{{{BPMN}}}sequenceFlow", id=key, sourceRef=ends[0],
                             targetRef=ends[1])  # fmt: skip
        # what lies between fork and join stands beside the new branch, neither behind nor ahead
        self.elements |= self._after(fork.get("id")) - self._after(join.get("id"))
        self.elements |= {join.get("id"), fork.get("id")}
        return None

    def _after(self, key: str) -> set[str]:
        found, waiting = set(), [key]
        while waiting:
            at = waiting.pop()
            for flow in self.all("sequenceFlow"):
                if flow.get("sourceRef") == at and flow.get("targetRef") not in found:
                    found.add(flow.get("targetRef"))
                    waiting.append(flow.get("targetRef"))
        return found
