"""Parallel work: joins count the tokens of the present pass, and no branch's values are lost."""

from itertools import permutations

import pytest

from tests.engine.spiff.drawing import draw
from tests.engine.spiff.driving import DIAGRAMS, Drive

THREE = list(permutations("abc"))


@pytest.mark.parametrize("second", THREE, ids="".join)
@pytest.mark.parametrize("first", THREE, ids="".join)
def test_join_in_a_rework_loop_waits_for_every_branch_of_each_pass(first, second) -> None:
    drive = Drive((DIAGRAMS / "rework_loop.bpmn").read_bytes(), process="rework_loop")

    for order, satisfied in ((first, False), (second, False), (first, True)):
        for number, branch in enumerate(order):
            assert "check" not in drive.open
            drive.complete(branch)
            if branch == "b":
                drive.complete("b2")
            assert ("check" in drive.open) == (number == 2)
        drive.complete("check", ok=satisfied)

    assert drive.step.completed
    assert drive.path.count("join") == drive.path.count("check") == 3


FORK = """
start s -> f
and f -> a b
user a -> j
user b -> j
and j -> c
user c -> e
end e
"""


@pytest.mark.parametrize("order", ["ab", "ba"])
def test_what_one_branch_wrote_is_not_overwritten_by_the_other(order: str) -> None:
    drive = Drive(draw(FORK), k="init", shared={"items": []})
    given = {"a": {"k": "from a", "left": {"x": 1}}, "b": {"right": {"y": 2}}}

    for branch in order:
        drive.complete(branch, **given[branch])

    assert drive.variables == {
        "k": "from a", "left": {"x": 1}, "right": {"y": 2}, "shared": {"items": []},
    }  # fmt: skip


def test_objects_given_to_a_branch_are_not_shared_with_the_caller() -> None:
    box = {"items": [1]}
    drive = Drive(draw(FORK)).complete("a", box=box)

    box["items"].append(2)
    drive.complete("b")

    assert drive.variables["box"] == {"items": [1]}


def test_a_nested_target_copies_the_object_it_changes() -> None:
    mapping = '<zeebe:ioMapping><zeebe:output source="=1" target="case.a"/></zeebe:ioMapping>'
    diagram = draw(f"""
        start s -> t
        user t | {mapping} -> u
        user u -> e
        end e
    """)

    drive = Drive(diagram, case={"b": 2}).complete("t", other=3)

    assert drive.variables == {"case": {"a": 1, "b": 2}}, "only what the mapping says comes out"


def test_inclusive_join_waits_for_what_may_come_in_every_round() -> None:
    drive = Drive(
        (DIAGRAMS / "inclusive.bpmn").read_bytes(), process="inclusive", ok=True, again=True
    )

    for first, second in ("ab", "ba", "ab"):
        assert drive.open == ["a", "b"]
        drive.complete(first)
        assert drive.open == [second]
        drive.complete(second).complete("check", again=True)
    drive.complete("a").complete("b").complete("check", again=False)

    assert drive.step.completed


def test_inclusive_join_does_not_wait_for_branches_never_taken() -> None:
    drive = Drive(
        (DIAGRAMS / "inclusive.bpmn").read_bytes(), process="inclusive", ok=False, again=False
    )

    assert drive.open == ["c"]
    drive.complete("c")

    assert drive.open == ["check"]
