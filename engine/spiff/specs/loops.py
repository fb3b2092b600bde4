"""Multi-instance and standard loops: a body token with one child token a turn."""

from typing import Any

from engine.spiff.elements import Loop
from engine.spiff.scripting import Formula, propagate
from engine.spiff.specs.throwing import Thrower
from engine.spiff.workflow import Token

#: larger fan-outs are started by jobs in batches
MAX_TURNS = 1000


class Repetition:
    """How an activity repeats. The body's internal data: n turns, i next, done, items."""

    def __init__(
        self,
        loop: Loop,
        formulas: dict[str, Formula],
        throwers: tuple[tuple[Formula | None, Thrower], ...],
    ) -> None:
        self.loop = loop
        self.formulas = formulas
        self.throwers = throwers

    def begin(self, activity: Any, body: Token) -> bool | None:
        """Start the first turn or all; True when there is none."""
        if self.loop.kind == "standard":
            body.internal_data.update(i=0, done=0)
            if self.loop.test_before and not self._goes_on(body):
                return True
            self._start(activity, body, None)
            return None
        items = self._items(activity, body)
        body.internal_data.update(n=len(items), i=0, done=0)
        if self.loop.output_collection:
            body.data[self.loop.output_collection] = [None] * len(items)
        if not items:
            return True
        if self.loop.kind == "sequential":
            body.internal_data["items"] = items
            items = items[:1]
        for item in items:
            self._start(activity, body, item)
        return None

    def _items(self, activity: Any, body: Token) -> list[Any]:
        if "input_collection" in self.formulas:
            items = body.workflow.script_engine.evaluate(body, self.formulas["input_collection"])
            if not isinstance(items, list):
                raise activity.fault(
                    "collection", f"多实例的集合不是列表：{items!r}", f"no list: {items!r}"
                )
        else:
            count = body.workflow.script_engine.evaluate(body, self.formulas["cardinality"])
            count = int(count) if isinstance(count, str) and count.isdigit() else count
            if isinstance(count, bool) or not isinstance(count, int) or count < 0:
                raise activity.fault(
                    "cardinality", f"次数有误：{count!r}", f"wrong count: {count!r}"
                )
            items = [None] * min(count, MAX_TURNS + 1)
        if len(items) > MAX_TURNS:
            raise activity.fault(
                "too-many-instances",
                f"多实例不得超过 {MAX_TURNS} 个",
                f"over {MAX_TURNS} instances",
            )
        return items

    def _start(self, activity: Any, body: Token, item: Any) -> None:
        turn = Token(body.workflow, activity, body)
        number = body.internal_data["i"] + 1
        body.internal_data["i"] = number
        turn.data["loopCounter"] = number
        if self.loop.input_element:
            turn.data[self.loop.input_element] = item
        output = self.loop.output_element
        if output is not None and output.strip("= ").isidentifier():
            turn.data.setdefault(output.strip("= "), None)
        body.workflow.offer(turn)

    def _goes_on(self, body: Token) -> bool:
        maximum = self.loop.maximum
        if maximum is not None and body.internal_data["i"] >= maximum:
            return False
        formula = self.formulas.get("condition")
        return formula is None or body.workflow.script_engine.condition(body, formula)

    def collect(self, turn: Token) -> None:
        """Keep a turn's output element at its place."""
        formula = self.formulas.get("output_element")
        name, body = self.loop.output_collection, turn.parent
        if name and formula is not None:
            known = list(body.data[name])
            known[turn.data["loopCounter"] - 1] = turn.workflow.script_engine.evaluate(
                turn, formula
            )
            body.data[name] = known
        self._weigh(turn)

    def _weigh(self, turn: Token) -> None:
        """Evaluate the completion condition and the behaviours' conditions, as the turn sees it."""
        formula = self.formulas.get("completion_condition")
        conditions = [condition for condition, _ in self.throwers if condition is not None]
        if formula is None and not conditions:
            return
        state = turn.parent.internal_data
        done = state["done"] + 1
        turn.data.update(
            numberOfInstances=state.get("n", state["i"]), numberOfCompletedInstances=done,
            numberOfActiveInstances=state["i"] - done, numberOfTerminatedInstances=0,
        )  # fmt: skip
        holds = turn.workflow.script_engine.condition
        turn.behaves = {condition: holds(turn, condition) for condition in conditions}
        turn.stop = formula is not None and holds(turn, formula)

    def turn_done(self, activity: Any, body: Token, turn: Token) -> None:
        """Start the next turn, wait for the others, or finish the body."""
        state = body.internal_data
        state["done"] += 1
        for condition, thrower in self.throwers:
            holds = None if condition is None else turn.behaves[condition]
            thrower.behave(activity, body, holds)
            if body.id not in body.workflow.tasks:
                return
        if self.loop.kind == "standard":
            again = self._goes_on(body)
        elif self.loop.kind == "sequential":
            again = not turn.stop and state["i"] < state["n"]
        else:
            again = False
        if again:
            items = state.get("items")
            self._start(activity, body, items[state["i"]] if items else None)
        elif turn.stop or not self._turns(body, activity):
            self._end(activity, body)

    def _turns(self, body: Token, activity: Any) -> list[Token]:
        return [child for child in body.children if child.task_spec is activity]

    def _end(self, activity: Any, body: Token) -> None:
        for child in self._turns(body, activity):
            body.workflow.cancel_token(child)
        activity.finish(body, {})

    def give(self, body: Token) -> None:
        """Hand the output collection to the scope."""
        name = self.loop.output_collection
        if name and name in body.data:
            propagate(body.parent, {name: body.data[name]})
            body.workflow.changed = True
