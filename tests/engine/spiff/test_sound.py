"""Random sound diagrams run to their end, and saving them at every step changes nothing."""

import os
import random

import pytest

from engine import spiff
from engine.spiff import commands
from tests.engine.spiff.drawing import draw
from tests.engine.spiff.driving import NOW, runtime
from tests.engine.spiff.sound import Artist
from tests.engine.spiff.test_walks import START, Memory, command, order

#: `SOUND_WALKS=10000 pytest tests/engine/spiff/test_sound.py` walks more
WALKS = int(os.environ.get("SOUND_WALKS", "120"))


def diagram(seed: int) -> tuple[bytes, set[str]]:
    artist = Artist(seed)
    xml = draw(artist.draw())
    return (
        xml.replace(
            b"</bpmn:complexGateway>",
            b"<bpmn:activationCondition>=activationCount &gt;= 1</bpmn:activationCondition>"
            b"</bpmn:complexGateway>",
        ),
        artist.kinds,
    )


def candidates(waits: dict[int, spiff.Wait], *, playing: bool) -> list[spiff.Wait]:
    """Return what the walker may answer; in the end not what would come again and again."""
    ordered = [waits[token] for token in sorted(waits)]
    return ordered if playing else [wait for wait in ordered if wait.once] or ordered


def walk(seed: int) -> None:
    dice = random.Random(seed)
    xml, _ = diagram(seed)
    assert spiff.refusals(xml) == ()
    model = spiff.parse(xml)
    memory = Memory(model, "p")
    step = spiff.start(model, "p", variables=START, runtime=runtime())
    now = NOW
    for number in range(300):
        assert step.failure is None, step.failure
        waits, path, variables = memory.look()
        assert {wait.token: wait for wait in spiff.waits(model, step.state)} == waits
        assert list(step.path) == path
        assert step.variables == variables
        assert step.completed == memory.instance.completed
        if step.completed:
            return
        # At first the walker plays; then everything is answered so that loops end.
        playing = number < 30
        values = {
            "ok": not playing or dice.random() < 0.5, "again": playing and dice.random() < 0.3
        }  # fmt: skip
        if not waits:  # only a condition is awaited
            given = {"ok": True, "again": True}
            step = spiff.set_variables(model, step.state, variables=given, runtime=runtime(now))
            memory.do(commands.setting(given), now)
            continue
        wait = dice.choice(candidates(waits, playing=playing))
        now = max(now, wait.due_at or now)
        step = command(model, step.state, wait, values, now)
        memory.do(order(wait, values), now)
    pytest.fail("the walk does not come to an end")


@pytest.mark.parametrize("block", range(10))
def test_random_sound_diagrams_run_to_their_end_as_in_memory(block: int) -> None:
    for seed in range(block * WALKS // 10, (block + 1) * WALKS // 10):
        try:
            walk(seed)
        except BaseException as error:
            raise AssertionError(f"seed {seed}: {error}\n{Artist(seed).draw()}") from error


def test_the_diagrams_use_more_than_thirty_kinds_of_elements() -> None:
    kinds = set().union(*(diagram(seed)[1] for seed in range(120)))

    assert len(kinds) > 60
