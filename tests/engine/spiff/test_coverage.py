"""The reference page of elements is complete, and each of its lines names a test that exists."""

import re
from pathlib import Path

from engine.spiff.triggers import KINDS
from engine.spiff.vocabulary import ATTRIBUTES, GLOBAL_TASKS, NODES
from engine.spiff.zeebe import _KNOWN
from tests.engine.spiff import coverage

ROWS = [row for rows in coverage.SECTIONS.values() for row in rows]
PAGE = Path(__file__).parents[3] / "docs" / "reference" / "bpmn.md"


def test_every_element_that_is_read_stands_on_the_page() -> None:
    listed = {tag for row in ROWS for tag in row.tag.split("、")}
    known = {*NODES, *KINDS, *GLOBAL_TASKS, *(f"zeebe:{tag}" for tag in _KNOWN)}

    assert known - listed == set()


def test_every_attribute_that_is_read_stands_on_the_page() -> None:
    for rows, known in (
        (coverage.BPMN_ATTRIBUTES, ATTRIBUTES), (coverage.ZEEBE_ATTRIBUTES, _KNOWN),
    ):  # fmt: skip
        listed = {tag for row in rows for tag in row.tag.split("、")}
        assert set().union(*known.values()) - listed == set()


def test_every_line_names_a_test_that_exists() -> None:
    here = Path(__file__).parent
    tests = {
        name
        for file in here.glob("test_*.py")
        for name in re.findall(r"^def test_(\w+)", file.read_text("utf-8"), re.MULTILINE)
    }

    assert {row.proof for row in [*ROWS, *coverage.REFUSED]} - tests == set()


def test_the_page_is_the_one_that_is_generated() -> None:
    assert PAGE.read_text("utf-8") == coverage.page()
