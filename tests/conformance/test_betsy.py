"""Every public model of betsy gives, once deployed, exactly the traces that the standard asks for."""

import os
from pathlib import Path

import pytest

from tests.conformance import betsy
from tests.conformance.world import Stock

FOLDER = Path(os.environ["CONFORMANCE_DATA"]) / "betsy"
TESTS = [test for test in betsy.read(FOLDER) if (FOLDER / test["file"]).exists()]
pytestmark = pytest.mark.conformance


@pytest.fixture(scope="module")
def stock(tmp_path_factory: pytest.TempPathFactory) -> Stock:
    return Stock(tmp_path_factory.mktemp("databases"))


@pytest.mark.parametrize("test", TESTS, ids=[test["name"] for test in TESTS])
def test_a_model_gives_its_traces(test, stock: Stock) -> None:
    result = betsy.judge(FOLDER, test, stock)

    assert result["result"] == "exact", result
