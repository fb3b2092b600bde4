"""Scopes: the process, sub-processes, event sub-processes, and what is undone of them."""

from typing import Any

from typing_extensions import override

from engine.spiff.library import STARTED
from engine.spiff.scripting import Formula
from engine.spiff.specs.activities import Activity
from engine.spiff.specs.catching import Catching
from engine.spiff.specs.compensation import Undoing
from engine.spiff.specs.nodes import Node
from engine.spiff.workflow import Token


class Scope(Activity):
    """Contains elements of its own."""

    start: Node | None = None
    #: event sub-processes
    event_subs: "tuple[EventSubProcess, ...]" = ()

    @override
    def work(self, token: Token) -> None:
        self.open(token)

    def open(self, token: Token, start: Node | None = None) -> None:
        """Arm the event sub-processes, then begin at the start event."""
        for sub in self.event_subs:
            sub.listen_in(token)
        first = start or self.start
        if first is not None:
            first.begin_in(token)

    @override
    def child_gone(self, scope: Token, child: Token) -> None:
        if self.repetition is not None and child.task_spec is self:
            self.repetition.turn_done(self, scope, child)
        elif not any(not inner.listener for inner in scope.children):
            self.ended(scope)

    def ended(self, scope: Token) -> None:
        """Go on: nothing is alive inside any more."""
        self.finish(scope, {})


class SubProcess(Scope):
    """An embedded sub-process or transaction."""


class AdHocSubProcess(Scope):
    """Runs its elements that nothing leads to, in no order or one after the other, each once.

    The internal data `next` lists those still to come of a sequential one.
    """

    entries: tuple[Node, ...] = ()
    active_formula: Formula | None = None
    until_formula: Formula | None = None

    @override
    def open(self, token: Token, start: Node | None = None) -> None:
        for sub in self.event_subs:
            sub.listen_in(token)
        chosen = self._chosen(token)
        first = chosen[:1] if self.element.ordering == "Sequential" else chosen
        token.internal_data["next"] = [spec.name for spec in chosen[len(first) :]]
        for spec in first:
            token.workflow.enter(spec, token)

    @override
    def work(self, token: Token) -> bool | None:  # type: ignore[override]  # may be empty
        self.open(token)
        return None if token.children else True

    def _chosen(self, token: Token) -> list[Node]:
        if self.active_formula is None:
            return list(self.entries)
        names = token.workflow.script_engine.evaluate(token, self.active_formula)
        known = {spec.name: spec for spec in self.entries}
        if not isinstance(names, list) or any(name not in known for name in names):
            raise self.fault("adhoc-elements", f"没有这些活动：{names!r}", f"no such: {names!r}")
        return [known[name] for name in names]

    @override
    def child_gone(self, scope: Token, child: Token) -> None:
        if self.repetition is not None and child.task_spec is self:
            self.repetition.turn_done(self, scope, child)
            return
        active = [inner for inner in scope.children if not inner.listener]
        if self._is_enough(scope, child):
            self._enough(scope, active)
        else:
            self._further(scope, active)

    def _is_enough(self, scope: Token, child: Token) -> bool:
        """Ask the completion condition whenever something inside has come to its end."""
        if self.until_formula is None or child.task_spec.element.outgoing:
            return False
        return bool(scope.workflow.script_engine.condition(scope, self.until_formula))

    def _enough(self, scope: Token, active: list[Token]) -> None:
        """Begin nothing new: the completion condition holds."""
        scope.internal_data["next"] = []
        scope.internal_data["enough"] = True
        if self.element.cancel_remaining:
            for inner in active:
                scope.workflow.cancel_token(inner)
        if self.element.cancel_remaining or not active:
            self.ended(scope)

    def _further(self, scope: Token, active: list[Token]) -> None:
        waiting = scope.internal_data.get("next", [])
        if active:
            return
        if waiting:
            scope.internal_data["next"] = waiting[1:]
            scope.workflow.enter(scope.workflow.spec.nodes[waiting[0]], scope)
        elif self.until_formula is None or scope.internal_data.get("enough"):
            self.ended(scope)
        else:
            raise self.fault(
                "adhoc-stuck", "完成条件不成立，也没有可做的活动了",
                "the completion condition does not hold and nothing is left to do",
            )  # fmt: skip


class EventSubProcess(Scope):
    """Runs inside its scope when its start event is triggered."""

    start: Catching

    def listen_in(self, scope: Token) -> None:
        """Arm the start event, unless it is one that is looked up when it is thrown."""
        if self.start.triggers and self.start.armed:
            self.start.subscribe(scope.workflow.listen(self.start, scope))

    def trigger(self, scope: Token, values: dict[str, Any]) -> None:
        """Start in `scope`; an interrupting one cancels everything else there."""
        workflow = scope.workflow
        if self.start.element.interrupting:
            for child in list(scope.children):
                workflow.cancel_token(child)
        inside = Token(workflow, self, scope)
        inside.become(STARTED)
        self.apply_inputs(inside)
        for sub in self.event_subs:
            sub.listen_in(inside)
        self.start.finish(Token(workflow, self.start, inside), values)


class UndoneScope(Node, Undoing):
    """A completed sub-process while it is undone: its variables are there again.

    Its compensation event sub-process does it, else everything inside is undone backwards.
    """

    handler: EventSubProcess | None = None

    @override
    def _run_hook(self, my_task: Token) -> bool | None:
        if self.handler is not None:
            self.handler.trigger(my_task, {})
            return None
        entries = list(reversed(my_task.internal_data.pop("done", [])))
        return True if self.undo(my_task, entries) else None

    @override
    def child_gone(self, scope: Token, child: Token) -> None:
        if not scope.children and not self.undo_next(scope):
            scope.complete()

    @override
    def leave(self, token: Token) -> None:
        """Leave no trace: what was undone inside has left its own."""


class ProcessRoot(Scope):
    """The process itself as the outermost scope."""

    @override
    def ended(self, scope: Token) -> None:
        scope.workflow.drop_children(scope)
        scope.workflow.completed = True
