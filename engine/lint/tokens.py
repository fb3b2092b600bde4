"""Plays tokens through a process to find joins that wait for ever and branches that run twice.

Conditions are not known here, so every branch may be taken; a finding is an error only where no
choice beside other tokens led to it, or where no play ever passes the join.
Where this can't be decided (inclusive joins, too many markings) nothing is said.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import combinations, pairwise

from engine.lint.rules import Findings
from engine.spiff import Element, Process

_MOST_STATES = 4000
_MOST_BRANCHES = 6
_ENDING = frozenset({"terminate", "error", "cancel"})

#: the flows that carry a token, sorted; whether a choice was made beside other tokens
State = tuple[tuple[str, ...], bool]


@dataclass(slots=True)
class _Play:
    """What one scope's play has come to."""

    process: Process
    nodes: dict[str, Element]
    boundaries: dict[str, list[Element]]
    links: dict[str, str]
    passed: set[str] = field(default_factory=set)
    stuck: dict[str, bool] = field(default_factory=dict)
    doubled: set[str] = field(default_factory=set)


def check(process: Process, found: Findings) -> None:
    """Play every scope of a process and report what goes wrong for certain, or may."""
    scopes: dict[str, dict[str, Element]] = defaultdict(dict)
    for element in process.elements.values():
        scopes[element.scope][element.id] = element
    for nodes in scopes.values():
        if _decidable(nodes):
            play = _prepare(process, nodes)
            starts = [one for one in nodes.values() if one.type == "startEvent" and one.outgoing]
            if _run(play, [(tuple(sorted(start.outgoing)), False) for start in starts]):
                _report(play, found)


def waits_for_ever(process: Process, scope: str, flows: Iterable[str]) -> tuple[str, ...]:
    """Return the joins of a scope that tokens on these flows could never get past."""
    nodes = {one.id: one for one in process.elements.values() if one.scope == scope}
    play = _prepare(process, nodes)
    if not _decidable(nodes) or not _run(play, [(tuple(sorted(flows)), False)]):
        return ()
    return tuple(join for join in play.stuck if _is_certain(play, join))


def _decidable(nodes: dict[str, Element]) -> bool:
    """Tell whether the rules of every element here are the plain ones."""
    for element in nodes.values():
        joins = len(element.incoming) > 1
        if element.type == "inclusiveGateway" and joins:
            return False
        if element.type == "complexGateway" or len(element.outgoing) > _MOST_BRANCHES:
            return False
        if element.start_quantity != 1 or element.completion_quantity != 1:
            return False
    return True


def _prepare(process: Process, nodes: dict[str, Element]) -> _Play:
    boundaries: dict[str, list[Element]] = defaultdict(list)
    targets: dict[str, str] = {}
    for element in nodes.values():
        if element.attached_to and element.interrupting and element.outgoing:
            boundaries[element.attached_to].append(element)
        if element.type == "intermediateCatchEvent":
            targets |= {e.name: element.id for e in element.events if e.kind == "link"}
    links = {
        element.id: targets[event.name]
        for element in nodes.values()
        for event in element.events
        if element.type == "intermediateThrowEvent"
        and event.kind == "link"
        and event.name in targets
    }
    return _Play(process, nodes, boundaries, links)


def _run(play: _Play, waiting: list[State]) -> bool:
    """Visit every marking that follows; tell whether that came to an end."""
    seen = set(waiting)
    while waiting:
        state = waiting.pop()
        after = list(_steps(play, state))
        if not after and state[0]:
            _note_stuck(play, state)
        for one in after:
            if one not in seen and not _note_doubled(play, one):
                seen.add(one)
                waiting.append(one)
        if len(seen) > _MOST_STATES:
            return False
    return True


def _note_stuck(play: _Play, state: State) -> None:
    for flow in state[0]:
        target = play.process.flows[flow].target
        if target in play.nodes and play.nodes[target].type == "parallelGateway":
            play.stuck[target] = play.stuck.get(target, True) and state[1]


def _note_doubled(play: _Play, state: State) -> bool:
    """Tell whether a flow carries two tokens; note where they came together."""
    tokens, chosen = state
    twice = {one for one, other in pairwise(tokens) if one == other}
    for flow in twice:
        source = play.nodes[play.process.flows[flow].source]
        if not chosen and len(source.incoming) > 1 and source.type != "parallelGateway":
            play.doubled.add(source.id)
    return bool(twice)


def _steps(play: _Play, state: State) -> Iterator[State]:
    tokens, chosen = state
    asked: set[str] = set()
    for flow in dict.fromkeys(tokens):
        node = play.nodes.get(play.process.flows[flow].target)
        if node is None or node.id in asked:
            continue
        if node.type == "parallelGateway":
            asked.add(node.id)
            if not set(node.incoming) <= set(tokens):
                continue
            taken = node.incoming
        else:
            taken = (flow,)
        play.passed.add(node.id)
        rest = list(tokens)
        for one in taken:
            rest.remove(one)
        yield from _moves(play, node, rest, chosen=chosen)


def _moves(play: _Play, node: Element, rest: list[str], *, chosen: bool) -> Iterator[State]:
    if node.type == "endEvent" and _ENDING & {event.kind for event in node.events}:
        yield (), chosen
        return
    choices = list(_choices(play, node))
    wide = any(len(produced) > 1 for produced in choices)
    for produced in choices:
        tokens = tuple(sorted([*rest, *produced]))
        beside = bool(rest) or wide
        joined = not rest and node.type == "parallelGateway"
        yield tokens, (chosen and not joined) or (beside and len(choices) > 1)


def _choices(play: _Play, node: Element) -> Iterator[tuple[str, ...]]:
    """Yield each set of flows that may get a token when the node has run."""
    out = node.outgoing
    for event in play.boundaries.get(node.id, ()):
        yield event.outgoing
    if node.id in play.links:
        yield play.nodes[play.links[node.id]].outgoing
    elif node.type in {"exclusiveGateway", "eventBasedGateway"} and out:
        for flow in out:
            yield (flow,)
    elif node.type == "inclusiveGateway" or any(play.process.flows[one].condition for one in out):
        for size in range(1, len(out) + 1):
            yield from combinations(out, size)
    else:
        yield out


def _is_certain(play: _Play, join: str) -> bool:
    """Tell whether no choice beside other tokens is to blame, or no play ever passes."""
    return not play.stuck[join] or join not in play.passed


def _report(play: _Play, found: Findings) -> None:
    for join in play.stuck:
        node = play.nodes[join]
        if _is_certain(play, join):
            names = "、".join(play.process.flows[flow].source for flow in node.incoming)
            found.add("join-never", join, node.line, sources=names)
        else:
            found.add("join-may-wait", join, node.line)
    for merge in sorted(play.doubled):
        found.add("runs-twice", merge, play.nodes[merge].line)
