"""Features that betsy's public models lack give their traces through our deployment, too."""

import json

import pytest

from tests.conformance import betsy, constraints
from tests.conformance.models import MODELS, write
from tests.conformance.world import Stock


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory):
    made = tmp_path_factory.mktemp("models")
    write(made)
    return made


@pytest.fixture(scope="module")
def stock(tmp_path_factory: pytest.TempPathFactory) -> Stock:
    return Stock(tmp_path_factory.mktemp("databases"))


@pytest.mark.parametrize("name", MODELS)
def test_a_model_gives_its_traces(name: str, folder, stock: Stock) -> None:
    test = next(one for one in betsy.read(folder) if one["name"] == name)

    result = betsy.judge(folder, test, stock)

    assert result["result"] == "exact", result


def test_a_folder_that_is_not_laid_out_so_is_refused_in_words(tmp_path, capsys) -> None:
    assert betsy.main([str(tmp_path)]) == 2
    (tmp_path / "expected_traces.json").write_text("{")
    assert betsy.main([str(tmp_path)]) == 2
    (tmp_path / "expected_traces.json").write_text('[{"name": "x"}]')
    assert betsy.main([str(tmp_path)]) == 2
    assert betsy.main([]) == 2
    said = capsys.readouterr().err
    assert "no JSON" in said
    assert "no cases, file" in said


def test_the_constraints_command_tells_refused_from_accepted(folder, tmp_path, capsys) -> None:
    good, bad = next(iter(MODELS)), tmp_path / "bad"
    bad.mkdir()
    text = (folder / f"{good}.bpmn").read_text("utf-8")
    (bad / "good.bpmn").write_text(text)
    (bad / "bad.bpmn").write_text(text.replace('targetRef="m"', 'targetRef="nowhere"', 1))

    status = constraints.main([str(bad), "--json"])

    told = json.loads(capsys.readouterr().out)
    assert status == 1
    assert told == {
        "refused": [{"file": "bad.bpmn", "element": "t1_0", "rule": "flow-ends-nowhere"}],
        "accepted": ["good.bpmn"], "total": 2,
    }  # fmt: skip
    assert constraints.main([str(tmp_path / "none")]) == 2
