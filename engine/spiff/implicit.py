"""Scopes without start and end events: as BPMN says, what nothing leads to begins them.

The events that BPMN leaves out get ids with `#`, which no diagram can have.
"""

from typing import Any

from engine.spiff.elements import Flow
from engine.spiff.vocabulary import NODES

_SCOPES = frozenset({"subProcess", "transaction"})
_BORDERS = frozenset({"startEvent", "endEvent"})

Fields = dict[str, Any]


def complete(process: str, elements: dict[str, Fields], flows: dict[str, Flow]) -> None:
    """Put the start and end in that a process or sub-process leaves out."""
    inside: dict[str, list[Fields]] = {}
    for fields in elements.values():
        inside.setdefault(fields["scope"], []).append(fields)
    scopes = [key for key, one in elements.items()
              if one["type"] in _SCOPES and not one["triggered_by_event"]]  # fmt: skip
    for scope in (process, *scopes):
        _complete(scope, inside.get(scope, []), elements, flows)


def _complete(
    scope: str, inside: list[Fields], elements: dict[str, Fields], flows: dict[str, Flow]
) -> None:
    if any(one["type"] in _BORDERS or one["instantiate"] for one in inside):
        return
    steps = [one["id"] for one in inside if _is_step(one)]
    targets = {flow.target for flow in flows.values()}
    sources = {flow.source for flow in flows.values()}
    first = [key for key in steps if key not in targets]
    last = [key for key in steps if key not in sources]
    if not first or not last:
        return
    start, end = f"{scope}#start", f"{scope}#end"
    elements[start] = {"id": start, "type": "startEvent", "scope": scope}
    elements[end] = {"id": end, "type": "endEvent", "scope": scope}
    for key in first:
        flows[f"{key}#in"] = Flow(id=f"{key}#in", source=start, target=key)
    for key in last:
        flows[f"{key}#out"] = Flow(id=f"{key}#out", source=key, target=end)


def _is_step(fields: Fields) -> bool:
    """Tell whether a token may begin or end here: activities and gateways, not what listens."""
    kind = NODES[fields["type"]]
    return (kind.activity or kind.gateway) and not (
        fields["triggered_by_event"] or fields["for_compensation"]
    )
