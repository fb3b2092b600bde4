"""What the viewer is given before the person has written anything."""

from collections.abc import Mapping
from typing import Any

from forms.expressions import Path
from forms.fields.base import Scene
from forms.nodes import Node, Scope, get, put
from forms.submissions import Filling


def data(
    scope: Scope,
    names: dict[str, Any],
    reads: frozenset[Path],
    option_keys: frozenset[str],
    saved: Mapping[str, Any],
) -> dict[str, Any]:
    """Return the initial data: outside values that expressions read, defaults, the draft."""
    found: dict[str, Any] = {}
    for path in sorted(reads):
        _copy(names, path, found)
    for key in option_keys:
        found[key] = names.get(key)
    filling = Filling(names, Scene(), watched=False)
    for node in scope.nodes:
        _prefill(node, filling, saved, found)
    return found


def _prefill(node: Node, filling: Filling, saved: Mapping[str, Any], found: dict[str, Any]) -> None:
    if node.type == "group":
        return
    above = get(saved, node.path[:-1])
    kept = isinstance(above, Mapping) and node.path[-1] in above
    if kept and not (node.disabled or node.readonly):
        # what somebody emptied stays empty
        put(found, node.path, get(saved, node.path))
    elif node.default is not None or node.default_text is not None:
        put(found, node.path, filling.initial(node))


def _copy(names: Mapping[str, Any], path: Path, found: dict[str, Any]) -> None:
    """Copy the value at a path, or nothing where there is none."""
    value: Any = names
    for part in path:
        if not isinstance(value, Mapping):
            return
        value = value.get(part)
    if value is not None:
        put(found, path, value)
