"""Public models that break BPMN are refused, and those that keep to it are not (CONFORMANCE_DATA)."""

import os
from pathlib import Path

import pytest

from engine import lint
from engine.lint.rules import RULES
from tests.conformance import constraints

DATA = Path(os.environ["CONFORMANCE_DATA"])
pytestmark = pytest.mark.conformance
#: rules that speak of what exists in a house, and of what a plain BPMN model can't know
_OF_THE_HOUSE = {rule for rule in RULES if rule.startswith("unknown-")} | {"no-performer"}


@pytest.mark.parametrize(
    "file", sorted((DATA / "betsy_constraints").rglob("*.bpmn")), ids=lambda file: file.stem
)
def test_a_model_that_breaks_a_rule_is_refused(file):
    assert constraints.judge(DATA, file)["result"] == "refused"


@pytest.mark.parametrize(
    "file",
    [file for file in sorted((DATA / "betsy").rglob("*.bpmn")) if file.parent.name != "errors"],
    ids=lambda file: file.stem,
)
def test_a_correct_model_gives_no_false_alarm(file):
    found = {one.rule for one in lint.errors(file.read_bytes(), world=lint.World())}

    assert found & (set(RULES) - _OF_THE_HOUSE - {"limit-unreadable", "feel-invalid"}) == set()
