"""The table of docs/reference/invariants.md names the tests that there are, and no others."""

import re
from pathlib import Path

from tests.invariants import test_attacks
from tests.invariants.breaking import BREAKINGS
from tests.invariants.checks import CHECKS
from tests.invariants.names import NAMES

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "invariants.md"


def rows() -> dict[int, list[list[str]]]:
    """By invariant: what each column of the table names."""
    lines = [line for line in PAGE.read_text("utf-8").splitlines() if re.match(r"\| \d+ \|", line)]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    return {int(row[0]): [re.findall(r"`([^`]+)`", cell) for cell in row] for row in cells}


def test_every_invariant_has_its_row() -> None:
    assert list(rows()) == list(CHECKS) == list(NAMES)


def test_every_row_names_its_walks() -> None:
    assert {number: row[3] for number, row in rows().items()} == {
        number: [name] for number, name in NAMES.items()
    }


def test_every_row_names_its_attacks() -> None:
    there = [name for name in vars(test_attacks) if name.startswith("test_")]
    wanted = {number: [one for one in there if one.startswith(f"test_{number:02}_")]
              for number in CHECKS}  # fmt: skip

    assert {number: row[4] for number, row in rows().items()} == wanted
    assert all(wanted.values())


def test_every_row_names_what_is_broken() -> None:
    wanted = {number: [one.name for one in BREAKINGS if one.number == number] for number in CHECKS}

    assert {number: row[5] for number, row in rows().items()} == wanted
