"""Random walks through the shipped processes: not one of the fifteen invariants may break."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import furnished
from tests.invariants import world as worlds
from tests.invariants.checks import CHECKS
from tests.invariants.checks_of_time import over_festival
from tests.invariants.names import NAMES
from tests.invariants.rows import Case
from tests.invariants.walker import walk, walk_in
from tests.invariants.world import Template

#: what the module makes is made once, by one worker
pytestmark = pytest.mark.xdist_group("walks")
#: process -> numbers of the walks of every test run; `python -m tests.invariants` takes more
WALKS = {
    "complaint": (*range(13), 17), "repair": range(16), "move_in": range(4),
    "move_in_inspect_first": range(2), "community_event": range(3), "daily_cash": range(6),
}  # fmt: skip
#: how often the walks above must have put each invariant to the test, at least
SEEN_LEAST = 1


@pytest.fixture(scope="module")
def cases(tmp_path_factory: pytest.TempPathFactory) -> list[Case]:
    template = Template(tmp_path_factory.mktemp("walks"))
    return [walk(template, key, number) for key, numbers in WALKS.items() for number in numbers]


@pytest.mark.parametrize("number", CHECKS, ids=NAMES.get)
def test_walks_keep(number: int, cases: list[Case]) -> None:
    seen = sum(CHECKS[number](case) for case in cases)

    assert seen >= SEEN_LEAST


def test_walks_reach_many_ends(cases: list[Case]) -> None:
    ends = Counter(case.root.end_element for case in cases if case.root.end_element)

    assert len(ends) >= 12


def test_an_urgent_callback_fell_due_in_spring_festival(cases: list[Case]) -> None:
    assert any(over_festival(case) for case in cases)


@pytest.fixture
def served(postgresql_server: str) -> Iterator[worlds.World]:
    with (
        furnished.lend("walks", worlds.furnish, postgresql_server) as url,
        worlds.opened(url) as made,
    ):
        yield made


@pytest.mark.parametrize("process_id", ["complaint", "repair", "daily_cash"])
def test_a_walk_on_postgresql_keeps_them_all(process_id: str, served: worlds.World) -> None:
    case = walk_in(served, process_id, 1)

    assert sum(check(case) for check in CHECKS.values()) > 0


def test_a_walk_is_told_by_its_number_alone(tmp_path: Path) -> None:
    template = Template(tmp_path)

    assert walk(template, "repair", 3).said == walk(template, "repair", 3).said
