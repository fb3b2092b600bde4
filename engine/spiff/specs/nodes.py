"""What every element shares: becoming ready, running, leaving by its flows."""

from dataclasses import dataclass
from typing import Any

from typing_extensions import override

from engine.spiff.elements import Element
from engine.spiff.faults import Fault
from engine.spiff.library import CANCELLED, WAITING, BpmnSpecMixin
from engine.spiff.scripting import Formula, propagate, put, visible
from engine.spiff.steps import Passed, Wait
from engine.spiff.workflow import Token


@dataclass(frozen=True, slots=True, eq=False)
class Outgoing:
    """A compiled sequence flow."""

    id: str
    target: "Node"
    condition: Formula | None = None


class Node(BpmnSpecMixin):  # type: ignore[misc]  # the library is untyped
    """An element of the diagram, compiled."""

    element: Element
    #: it waits for events, so it runs before anything that might throw one
    arms = False

    def __init__(self, process: Any, element: Element) -> None:
        super().__init__(process, element.id, lane=element.lane, bpmn_name=element.name)
        self.element = element
        self.flows: tuple[Outgoing, ...] = ()
        self.default: Outgoing | None = None
        #: compensation: the handler of this activity, or how its inside is undone
        self.undo_handler: Node | None = None
        self.undo_scope: Node | None = None
        #: (target path, formula)
        self.input_formulas: tuple[tuple[str, Formula], ...] = ()
        self.output_formulas: tuple[tuple[str, Formula], ...] = ()

    @property
    def undoable(self) -> bool:
        """Tell whether a completed run has to be remembered for compensation."""
        return self.undo_handler is not None or self.undo_scope is not None

    # What SpiffWorkflow asks of a task spec

    @override
    def test(self) -> None:
        """Accept: the diagram was checked when it was parsed."""

    @override
    def _predict(self, *_args: Any, **_kwargs: Any) -> None:
        """Predict nothing: what may come is known from the diagram, not kept in every instance."""

    @override
    def _update_hook(self, my_task: Token) -> bool:
        needed = self.element.start_quantity
        return needed == 1 or self._gather(my_task, needed)

    @override
    def _on_ready_hook(self, my_task: Token) -> None:
        workflow = my_task.workflow
        (workflow.arming if self.arms else workflow.ready).append(my_task)

    @override
    def _run_hook(self, my_task: Token) -> bool | None:
        return True

    @override
    def _on_complete_hook(self, my_task: Token) -> None:
        if my_task.id not in my_task.workflow.tasks:
            return  # cancelled by what it threw
        self.apply_outputs(my_task)
        my_task.workflow.drop_children(my_task)
        self.leave(my_task)

    def _gather(self, token: Token, needed: int) -> bool:
        """Wait until `needed` tokens are here, then melt them into one (startQuantity)."""
        waiting = [
            peer for peer in token.parent.children
            if peer.task_spec is self and peer.state == WAITING
        ]  # fmt: skip
        if len(waiting) + 1 < needed:
            token.become(WAITING)
            return False
        for peer in waiting[: needed - 1]:
            token.workflow.remove(peer.id)
        return True

    # What a token does here

    def begin_in(self, scope: Token) -> None:
        """Put the first token of a scope here."""
        scope.workflow.enter(self, scope)

    def leave(self, token: Token) -> None:
        """Put tokens on the flows that are taken."""
        workflow, scope = token.workflow, token.parent
        workflow.path.append(Passed(element=self.name, type=self.element.type, flow=token.flow))
        chosen = self.chosen(token)
        for _ in range(self.element.completion_quantity):
            for flow in chosen:
                workflow.enter(flow.target, scope, flow.id)

    def chosen(self, token: Token) -> list[Outgoing]:
        """Return the flows to take: those without condition, and those whose condition holds."""
        engine = token.workflow.script_engine
        conditional = False
        taken = []
        for flow in self.flows:
            if flow is self.default:
                continue
            if flow.condition is None:
                taken.append(flow)
            elif engine.condition(token, flow.condition):
                conditional = True
                taken.append(flow)
        if self.default is not None and not conditional:
            taken.append(self.default)
        if not taken and self.flows:
            raise self.fault(
                "no-flow-taken", "没有一条流出的条件成立", "no outgoing condition holds"
            )
        return taken

    def finish(self, token: Token, values: dict[str, Any]) -> None:
        """Complete a token that waited, with what it was given."""
        token.result = values
        token.complete()

    def apply_inputs(self, token: Token) -> None:
        """Evaluate the input mappings into variables of the token's own scope."""
        for target, formula in self.input_formulas:
            put(token.data, target, token.workflow.script_engine.evaluate(token, formula))

    def apply_outputs(self, token: Token) -> None:
        """Give the results to the scope: all of them, or what the output mappings say."""
        values = token.result
        if not self.output_formulas:
            if values:
                propagate(token, values)
                token.workflow.changed = True
            return
        token.data.update(values or {})
        given: dict[str, Any] = {}
        for target, formula in self.output_formulas:
            value = token.workflow.script_engine.evaluate(token, formula)
            head, _, rest = target.partition(".")
            if rest and head not in given:
                given[head] = visible(token.parent).get(head)
            put(given, target, value)
            put(token.data, target, value)
        propagate(token.parent, given)
        token.workflow.changed = True

    def cancelled(self, token: Token) -> None:
        """Note that the token, with all in it, is being cancelled."""
        token.become(CANCELLED)

    def child_gone(self, scope: Token, child: Token) -> None:
        """Hear that a token inside this one has finished."""

    def look(self, token: Token) -> None:
        """Look whether a condition that this token waits for has become true."""

    def wait(self, _token: Token) -> Wait | None:
        """Return what the outside has to do, if anything."""
        return None

    def outside(self, token: Token) -> Wait | None:
        """Return what a token at rest waits for outside."""
        return self.wait(token)

    def fault(self, code: str, zh: str, en: str, detail: str = "") -> Fault:
        """Return a fault of this element."""
        return Fault(self.name, code, (zh, en), detail)
