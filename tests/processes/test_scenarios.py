"""Every scenario file runs as it says, and together they reach every task and every end."""

from pathlib import Path

import pytest

import processes
from engine import spiff
from engine.db import Database
from engine.testing import walk
from tests.processes.conftest import ROOT

SCENARIOS = sorted(ROOT.glob("*/scenarios/[0-9]*.yaml"))


#: a repair looks at the other repairs of its house: each in a project of its own
ALONE = [path for path in SCENARIOS if "repair" in path.parts]
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
    processes.register()
    files = [path for path in SCENARIOS if key in path.parts]
    reached = set().union(*(walk(path, shared_project, names=NAMES).passed for path in files))

    assert _elements(key) - {element for process, element in reached if process == key} == set()


def test_at_least_eight_scenarios_show_the_complaint() -> None:
    assert len([path for path in SCENARIOS if "complaint" in path.parts]) >= 8


def _elements(key: str) -> set[str]:
    """Everything a token can pass; a boundary event counts when it fires."""
    model = spiff.parse((ROOT / key / f"{key}.bpmn").read_bytes())
    return set(model.processes[key].elements)
