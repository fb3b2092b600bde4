"""Every example of docs/reference/feel.md gives what it says, and nothing is left out of it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from decisions import feel
from decisions.feel.builtins import BUILTINS
from decisions.feel.portable_rules import RULES

PAGE = (Path(__file__).parents[2] / "docs" / "reference" / "feel.md").read_text(encoding="utf-8")
PACKAGE = Path(feel.__file__).parents[1]
EXAMPLES = [line.split(" ⇒ ") for line in PAGE.splitlines() if " ⇒ " in line]
CONTEXT = feel.compile(next(line for line in PAGE.splitlines() if line.startswith("{"))).evaluate(
    {}
)


@pytest.mark.parametrize(("source", "expected"), EXAMPLES, ids=[source for source, _ in EXAMPLES])
def test_an_example_gives_what_the_page_says(source: str, expected: str) -> None:
    wanted = feel.compile(expected).evaluate(CONTEXT)

    assert feel.equal(feel.compile(source).evaluate(CONTEXT), wanted) is True


def test_every_code_of_an_error_or_finding_is_explained() -> None:
    sources = (PACKAGE / name for name in PACKAGE.rglob("*.py"))
    text = "".join(path.read_text(encoding="utf-8") for path in sources)
    codes = set(re.findall(r'"((?:feel|dmn)\.[a-z_]+)"', text))

    assert {code for code in codes if f"`{code}`" not in PAGE} == set()


def test_every_built_in_has_an_example() -> None:
    called = {name for source, _ in EXAMPLES for name in feel.compile(source).functions}

    assert set(BUILTINS) - called == set()


def test_every_known_difference_has_a_row_and_its_example_is_refused() -> None:
    rows = {
        cells[1].strip(" `"): cells[2]
        for line in PAGE.splitlines()
        if line.startswith("| `") and len(cells := line.split("|")) == 5
    }

    assert set(RULES) <= set(rows)
