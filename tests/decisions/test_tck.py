"""The TCK runner counts result nodes by folder, as anyone may check with a folder of their own."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from decisions import tck
from tests.decisions.models import decision, given, literal, model

if TYPE_CHECKING:
    from pathlib import Path

CASES = """<testCases xmlns="http://www.omg.org/spec/DMN/20160719/testcase"
 xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:xsd="http://www.w3.org/2001/XMLSchema">
 <modelName>m.dmn</modelName>
 <testCase id="right"><inputNode name="n"><value xsi:type="xsd:decimal">2</value></inputNode>
  <resultNode name="twice"><expected><value xsi:type="xsd:decimal">4.0</value></expected></resultNode>
  <resultNode name="wrong" errorResult="true"><expected><value xsi:nil="true"/></expected></resultNode>
 </testCase>
 <testCase id="false"><inputNode name="n"><value xsi:type="xsd:decimal">2</value></inputNode>
  <resultNode name="twice"><expected><value xsi:type="xsd:string">4</value></expected></resultNode>
  <resultNode name="twice" errorResult="true"><expected><value xsi:nil="true"/></expected></resultNode>
  <resultNode name="nothing"><expected><value xsi:nil="true"/></expected></resultNode>
 </testCase></testCases>"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    place = tmp_path / "0001-own"
    place.mkdir()
    (place / "m.dmn").write_bytes(
        model(
            given("n", "number"),
            decision("twice", literal("n * 2"), needs=["input:n"]),
            decision("wrong", literal("1 +")),
        )
    )
    (place / "m-test-01.xml").write_text(CASES)
    return tmp_path


def test_the_runner_prints_passed_and_total_by_folder(folder: Path, capsys) -> None:
    status = tck.main([str(folder), "--json"])

    own = {"passed": 2, "total": 5, "failed": ["false/twice", "false/twice", "false/nothing"]}
    assert status == 1
    assert json.loads(capsys.readouterr().out) == {
        "passed": 2,
        "total": 5,
        "folders": {"0001-own": own},
    }


def test_the_runner_shows_what_failed_cases_gave(folder: Path, capsys) -> None:
    tck.main([str(folder), "--failed"])

    shown = capsys.readouterr().out
    assert "    2 /     5  total" in shown
    assert "0001-own false/twice: expected '4', got Decimal('4')" in shown
