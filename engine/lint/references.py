"""Whether what a diagram names exists: forms, decisions, processes, handlers, roles, steps."""

import re
from collections.abc import Collection, Iterator

from decisions import feel
from engine import owner_access
from engine.lint.rules import Findings
from engine.lint.world import World
from engine.spiff import Element, Process

_EXTERNAL = "external"
_SPLIT = re.compile(r"[,，;；\s]+")


def check(process: Process, world: World, found: Findings) -> None:
    """Judge every reference of a process."""
    for element in process.elements.values():
        _bound(element, world, found)
        _job(element, world, found)
        _performer(element, world, found)
        _groups(element, world, found)
        _steps(process, element, world, found)
        _owner(element, world, found)
    for lane, element in _lanes(process):
        if lane not in world.roles:
            found.add("unknown-role", element.id, element.line, name=lane or "（未命名）")


def _lanes(process: Process) -> Iterator[tuple[str, Element]]:
    """Yield each lane label with the first element that stands in it."""
    seen: set[str] = set()
    for element in process.elements.values():
        if element.lane is not None and element.lane not in seen:
            seen.add(element.lane)
            yield element.lane, element


def _bound(element: Element, world: World, found: Findings) -> None:
    """Judge forms, decisions and called processes with their bindings."""
    for kind, name, binding, there in _references(element, world):
        if name.startswith("="):
            continue
        if name not in there and name not in world.deployed:
            found.add(f"unknown-{kind}", element.id, element.line, name=name)
        elif binding == "latest":
            found.add("binding-latest", element.id, element.line, name=name)
        elif binding == "deployment" and world.deployed and name not in world.deployed:
            found.add("not-together", element.id, element.line, name=name)


def _references(element: Element, world: World) -> Iterator[tuple[str, str, str, Collection[str]]]:
    """Yield (kind, id, binding, ids there are) of what the element names."""
    if element.form:
        yield "form", element.form.form_id, element.form.binding, world.forms
    if element.decision:
        decision = element.decision
        yield "decision", decision.decision_id, decision.binding, world.decisions
    if element.called:
        called = element.called
        yield "process", called.process_id, called.binding, world.processes


def _job(element: Element, world: World, found: Findings) -> None:
    if element.job is None or element.job.type.startswith("="):
        return
    external = element.properties.get("worker") == _EXTERNAL
    if not external and element.job.type not in world.handlers:
        found.add("unknown-handler", element.id, element.line, name=element.job.type)


def _performer(element: Element, world: World, found: Findings) -> None:  # noqa: ARG001 — one shape
    if element.type != "userTask":
        return
    named = element.lane or element.assignee or element.candidate_groups or element.candidate_users
    if not named:
        found.add("no-performer", element.id, element.line)


def _groups(element: Element, world: World, found: Findings) -> None:
    known = set(world.roles.values()) | set(world.roles)
    for group in _constant(element.candidate_groups or ""):
        if group not in known:
            found.add("unknown-group", element.id, element.line, name=group)


def _constant(source: str) -> list[str]:
    """Return the groups of a text that does not depend on variables."""
    if not source.startswith("="):
        return [part for part in _SPLIT.split(source.strip()) if part]
    try:
        compiled = feel.compile(source[1:])
    except feel.FeelError:
        return []
    if compiled.names or compiled.functions:
        return []
    value = compiled.evaluate({})
    return [one for one in value if isinstance(one, str)] if isinstance(value, list) else []


def _steps(process: Process, element: Element, world: World, found: Findings) -> None:
    for name in _SPLIT.split(element.properties.get("excludePerformerOf", "").strip()):
        if not name or name in process.elements or name in world.steps:
            continue
        others = world.steps - process.elements.keys()
        rule = "unknown-step" if others else "foreign-step"
        found.add(rule, element.id, element.line, property="excludePerformerOf", name=name)
    for name in _SPLIT.split(element.properties.get("seals", "").strip()):
        if name and name not in process.elements:
            found.add("unknown-step", element.id, element.line, property="seals", name=name)


def _owner(element: Element, world: World, found: Findings) -> None:
    """Judge what is meant for owners: a user task with a form, of a kind that links know."""
    kind = element.properties.get("owner")
    if kind is None:
        return
    kinds = (*owner_access.STEPS, owner_access.FEEDBACK)
    if kind not in kinds:
        known = "、".join(kinds)
        found.add("owner-unknown", element.id, element.line, kind=kind, known=known)
    if element.type != "userTask" or element.form is None:
        found.add("owner-no-form", element.id, element.line)
    form = world.forms.get(element.form.form_id) if element.form is not None else None
    for name in _SPLIT.split(element.properties.get(owner_access.GIVES, "").strip()):
        if name and form is not None and name not in form.keys:
            found.add("owner-gives-unknown", element.id, element.line, name=name, form=form.name)
