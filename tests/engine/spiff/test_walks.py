"""Random walks: an instance saved and loaded at every step behaves as one that stays in memory."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine import spiff
from engine.spiff import commands
from engine.spiff.workflow import Instance
from tests.engine.spiff.driving import DIAGRAMS, NOW, runtime

VALUES = st.fixed_dictionaries(
    {"ok": st.booleans(), "again": st.booleans(), "note": st.sampled_from(["甲", "乙", 3, None])}
)
MOVES = st.lists(st.tuples(st.integers(0, 7), VALUES), max_size=25)
START = {"no": "C1", "items": [1, 2, 3, 4], "ok": False, "again": False}


class Memory:
    """The same commands on one live object, never written down."""

    def __init__(self, model: spiff.Model, process: str) -> None:
        self.instance = Instance(model.runnable[process], runtime())
        root = self.instance.begin()
        root.data = dict(START)
        self.do(lambda instance: instance.spec.start.open(root))

    def do(self, order: commands.Order, now: Any = NOW) -> None:
        self.instance.path.clear()
        self.instance.runtime = runtime(now)
        order(self.instance)
        self.instance.do_engine_steps()

    def look(self) -> Any:
        waits = commands.all_waits(self.instance)
        return waits, list(self.instance.path), self.instance.task_tree.data


def bare(wait: spiff.Wait) -> spiff.Wait:
    """Leave the variables out: a job shows those of the moment."""
    return replace(wait, variables={})


def order(wait: spiff.Wait, values: dict[str, Any]) -> commands.Order:
    if wait.kind in ("user", "job"):
        return commands.completing(wait.token, values)
    if wait.kind == "timer":
        return commands.firing(wait.token)
    return commands.delivering(wait.token, values)


def command(
    model: spiff.Model, state: bytes, wait: spiff.Wait, values: Any, now: Any
) -> spiff.Step:
    if wait.kind in ("user", "job"):
        return spiff.complete(model, state, wait.token, variables=values, runtime=runtime(now))
    if wait.kind == "timer":
        return spiff.fire(model, state, wait.token, runtime=runtime(now))
    return spiff.deliver(model, state, wait.token, payload=values, runtime=runtime(now))


@pytest.mark.parametrize("name", sorted(path.stem for path in DIAGRAMS.glob("*.bpmn")))
@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(moves=MOVES)
def test_saving_and_loading_at_every_step_changes_nothing(name: str, moves: Any) -> None:
    model = spiff.parse((DIAGRAMS / f"{name}.bpmn").read_bytes())
    memory = Memory(model, name)
    step = spiff.start(model, name, variables=START, runtime=runtime())
    opened = {wait.token: wait for wait in step.opened}
    seen: set[int] = set(opened)
    now = NOW

    for choice, values in moves:
        if not opened:
            break
        wait = opened[sorted(opened)[choice % len(opened)]]
        now = max(now, wait.due_at or now) + timedelta(seconds=1)
        step = command(model, step.state, wait, values, now)
        assert step.failure is None
        memory.do(order(wait, values), now)

        for closed in step.closed:
            assert opened.pop(closed.token).element == closed.element
        for wait in step.opened:
            assert wait.token not in seen, "a token is never used again"
            seen.add(wait.token)
            opened[wait.token] = wait
        waits, path, variables = memory.look()
        assert {w.token: w for w in spiff.waits(model, step.state)} == waits
        assert {key: bare(w) for key, w in waits.items()} == {k: bare(w) for k, w in opened.items()}
        assert list(step.path) == path
        assert step.variables == variables == spiff.variables(model, step.state)
        assert step.completed == memory.instance.completed == (not opened)
