"""Compensation: what was completed is remembered in its scope and undone backwards on demand.

A scope's internal data `done` lists its completed activities that can be undone, oldest first:
[element id, variables, done of its inside]. It is kept only where a handler is drawn.
"""

from typing import Any

from engine.spiff.workflow import Token


def remember(spec: Any, token: Token) -> None:
    """Note a completed activity in its scope, if it can be undone."""
    if not spec.undoable:
        return
    entry = [spec.name, dict(token.data), token.internal_data.get("done", [])]
    scope = token.parent.internal_data
    scope["done"] = [*scope.get("done", ()), entry]


def owed(token: Token, activity: str | None) -> list[Any]:
    """Take from the scopes of a throwing token what it has to undo, latest first.

    An event sub-process undoes what its scope did as well. A named activity is undone as often
    as it was done.
    """
    found: list[Any] = []
    scope = token.parent
    while True:
        done = scope.internal_data.get("done", [])
        taken = [entry for entry in done if activity in (None, entry[0])]
        if taken:
            kept = [entry for entry in done if entry not in taken]
            scope.internal_data["done"] = kept
        found = [*taken, *found]
        if not scope.task_spec.element.triggered_by_event:
            return list(reversed(found))
        scope = scope.parent


class Undoing:
    """An element whose token works through a list of things to undo, one after the other."""

    def undo(self, token: Token, entries: list[Any]) -> bool:
        """Begin; tell whether there is nothing to undo."""
        token.internal_data["todo"] = entries
        return not self.undo_next(token)

    def undo_next(self, token: Token) -> bool:
        """Start undoing the next entry; tell whether there was one."""
        todo = token.internal_data.pop("todo", [])
        if not todo:
            return False
        token.internal_data["todo"] = todo[1:]
        name, data, inside = todo[0]
        spec = token.workflow.spec.nodes[name]
        if spec.undo_handler is not None:
            token.workflow.enter(spec.undo_handler, token)
            return True
        undone = token.workflow.enter(spec.undo_scope, token)
        undone.data = dict(data)
        undone.internal_data["done"] = list(inside)
        return True
