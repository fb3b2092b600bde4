"""Public models that break BPMN are refused, and those that keep to it are not (CONFORMANCE_DATA)."""

import os
from pathlib import Path

import pytest

from tests.conformance import constraints

DATA = Path(os.environ["CONFORMANCE_DATA"])
pytestmark = pytest.mark.conformance


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
def test_a_correct_model_is_accepted(file):
    assert constraints.judge(DATA, file)["result"] == "accepted"
