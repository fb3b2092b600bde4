"""Every public model of betsy gives exactly the traces that the standard asks for."""

import json
import os
from pathlib import Path

import pytest

from tests.conformance import betsy

FOLDER = Path(os.environ["CONFORMANCE_DATA"]) / "betsy"
TESTS = [
    test
    for test in json.loads((FOLDER / "expected_traces.json").read_text("utf-8"))
    if (FOLDER / test["file"]).exists()
]
pytestmark = pytest.mark.conformance


@pytest.mark.parametrize("test", TESTS, ids=[test["name"] for test in TESTS])
def test_a_model_gives_its_traces(test) -> None:
    result = betsy.judge(FOLDER, test)

    assert result["result"] == "exact", result
