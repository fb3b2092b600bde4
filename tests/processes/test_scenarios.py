"""Every scenario file runs as it says, and together they reach every task and every end."""

from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

import processes
from engine import spiff
from engine.db import Database
from engine.models import Instance
from engine.testing import Walked, walk
from processes import filing
from processes.archive import Record
from processes.searching import FIRST
from tests.processes.conftest import ROOT

SCENARIOS = sorted(ROOT.glob("*/scenarios/[0-9]*.yaml"))


#: a repair looks at the other repairs of its house: each in a project of its own
ALONE = [path for path in SCENARIOS if "repair" in path.parts]
_done: dict[str, list[Walked]] = {}
NAMES = {"room": "1201", "new_room": "301"}


def _name(path: Path) -> str:
    return f"{path.parts[-3]}-{path.stem}"


@pytest.mark.parametrize("scenario", [s for s in SCENARIOS if s not in ALONE], ids=_name)
def test_scenario_runs_as_it_says(scenario: Path, lasting_project: Database) -> None:
    processes.register()  # another test may have asked other questions

    assert walk(scenario, lasting_project, names=NAMES).difference is None


@pytest.mark.parametrize("scenario", ALONE, ids=_name)
def test_scenario_runs_as_it_says_in_a_fresh_project(scenario: Path, project: Database) -> None:
    assert walk(scenario, project, names=NAMES).difference is None


@pytest.mark.parametrize("key", processes.KEYS)
def test_scenarios_reach_every_element_of_the_diagram(key: str, shared_project: Database) -> None:
    reached = set().union(*(one.passed for one in _walked(key, shared_project)))

    assert _elements(key) - {element for process, element in reached if process == key} == set()


@pytest.mark.parametrize("key", FIRST)
def test_every_case_that_ended_stands_once_in_the_record(key: str, shared_project: Database):
    """A1, A2, A8: whatever end it came to, under the room that its first form names."""
    ended = {one.instance_key for one in _walked(key, shared_project) if one.end is not None}

    assert ended
    with shared_project.read() as session:
        for case in session.scalars(select(Instance).where(Instance.key.in_(ended))).all():
            family = select(Instance.key).where(Instance.root_key == case.key)
            record = session.scalars(select(Record).where(Record.instance_key.in_(family))).one()
            filed = session.get_one(Instance, record.instance_key)
            assert record.room_key == _room(session, filed)
            assert record.process_id == filed.process_id
            assert record.business_key == filed.business_key


def _room(session: Session, case: Instance) -> int | None:
    first = FIRST.get(case.process_id)
    said = None if first is None else filing.last(session, case.key, first.element)
    return int(said[first.room]) if first and said and said.get(first.room) else None


def _walked(key: str, project: Database) -> list[Walked]:
    """Walk every scenario of a process, once for the tests of this module."""
    if key not in _done:
        processes.register()  # another test may have asked other questions
        files = [path for path in SCENARIOS if key in path.parts]
        _done[key] = [walk(path, project, names=NAMES) for path in files]
    return _done[key]


def test_at_least_eight_scenarios_show_the_complaint() -> None:
    assert len([path for path in SCENARIOS if "complaint" in path.parts]) >= 8


def _elements(key: str) -> set[str]:
    """Everything a token can pass; a boundary event counts when it fires."""
    model = spiff.parse((ROOT / key / f"{key}.bpmn").read_bytes())
    return set(model.processes[key].elements)
