"""A designer hears what is odd about a table, with rule numbers and an input that shows it."""

from __future__ import annotations

import random
from typing import Any

import pytest

from decisions import dmn, feel
from tests.decisions.models import decision, model, table


def findings(logic: str) -> tuple[dmn.Finding, ...]:
    return dmn.check(dmn.parse(model(decision("d", logic))))


@pytest.mark.parametrize(
    ("policy", "rules", "expected"),
    [
        ("UNIQUE", [["< 10", "1"], ["> 5", "2"]], [("table.overlap", (1, 2), {"x": "7.5"})]),
        ("UNIQUE", [["< 5", "1"], ["> 5", "2"]], [("table.gap", (), {"x": "5"})]),
        ("UNIQUE", [["<= 5", "1"], ["> 5", "2"]], []),
        ("UNIQUE", [['"a", "b"', "1"]], [("table.gap", (), {"x": "其他"})]),
        ("UNIQUE", [["true", "1"]], [("table.gap", (), {"x": "false"})]),
        ("ANY", [["< 9", "1"], [">= 9", "1"], ["-", "1"]], []),
        (
            "FIRST",
            [["< 10", "1"], ["-", "2"], ["5", "3"]],
            [("table.unreachable", (3,), {"x": "5"})],
        ),
        ("RULE ORDER", [["? > 5 and ? < 3", "1"]], [("table.unreachable", (1,), {})]),
        ("COLLECT", [["[9..3]", "1"]], [("table.unreachable", (1,), {})]),
        ("COLLECT", [["1", "1"], ["1", "1"]], [("table.duplicate", (1, 2), {"x": "1"})]),
        (
            "UNIQUE",
            [["1", "1"], ["1", "1"], ["!= 1", "2"]],
            [("table.duplicate", (1, 2), {"x": "1"})],
        ),
        ("FIRST", [["not(null)", "1"], ["-", "2"]], []),
        ("UNIQUE", [["> y", "1"]], [("table.unchecked", (), {})]),
        (
            "UNIQUE",
            [['< date("2026-01-01")', "1"], ['> date("2026-01-01")', "2"]],
            [("table.gap", (), {"x": "2026-01-01"})],
        ),
    ],
    ids=str,
)
def test_the_check_finds(
    policy: str, rules: list[list[str]], expected: list[tuple[Any, ...]]
) -> None:
    found = findings(table(policy, ["x"], rules))

    assert [(f.code, f.rules, f.example) for f in found] == expected


def test_a_finding_reads_as_a_sentence_in_both_languages() -> None:
    found = findings(table("UNIQUE", ["x"], [["< 10", "1"], ["> 5", "2"]]))[0]

    assert found.zh == "规则 1 与 2 会同时命中，例如 x = 7.5"
    assert found.en == "rules 1 and 2 hit together, for example x = 7.5"


def test_a_table_with_a_default_output_has_no_gap() -> None:
    assert findings(table("UNIQUE", ["x"], [["1", "1"]], default="0")) == ()


def test_overlaps_and_gaps_of_random_tables_are_those_found_by_trying_every_input() -> None:
    rng = random.Random(7)
    for _ in range(60):
        rules = [
            [cell(rng), rng.choice(["true", "false", "-"]), "1"] for _ in range(rng.randint(1, 4))
        ]
        found = findings(table("UNIQUE", ["x", "y"], rules))

        hits = [tried(rules, x, y) for x in range(-1, 9) for y in (True, False)]
        overlapping = any(len(one) > 1 for one in hits)
        gap = any(not one for one in hits)
        assert overlapping == any(f.code in {"table.overlap", "table.duplicate"} for f in found), (
            rules
        )
        assert gap == any(f.code == "table.gap" for f in found), rules


def cell(rng: random.Random) -> str:
    low = rng.randint(0, 6)
    return rng.choice([f"< {low}", f">= {low}", f"[{low}..{low + 2}]", f"{low}, {low + 1}", "-"])


def tried(rules: list[list[str]], x: int, y: bool) -> list[int]:  # noqa: FBT001  an input
    return [
        n
        for n, (first, second, _) in enumerate(rules)
        if feel.compile_unary(first).evaluate({}, x) and feel.compile_unary(second).evaluate({}, y)
    ]
