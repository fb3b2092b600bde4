"""What `feel.portable` passes has equal values and equal hide results in the browser's FEEL.

A sample runs here; the full run is `python -m tests.decisions.test_browser 100000`.
"""

from __future__ import annotations

import datetime as dt
import json
import random
import shutil
import subprocess
import sys
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from decisions import feel
from decisions.feel.portable_rules import FUNCTIONS, RULES
from tests.decisions.shared_language import KINDS, Generator, context, flat

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Iterator

HERE = Path(__file__).parent
MODULES = HERE.parents[1] / "web" / "node_modules"


def cases(amount: int, seed: int) -> tuple[list[dict[str, Any]], Counter[str]]:
    """Expressions that may be saved in a form, each with data; and what they use."""
    generator = Generator(seed)
    rng = random.Random(seed + 1)
    found: list[dict[str, Any]] = []
    while len(found) < amount:
        unary = len(found) % 2 == 0
        source = generator.condition() if unary else generator.expression()
        if not feel.portable(source, unary=unary, kinds=KINDS):
            found.append({"expression": source, "context": context(rng), "unary": unary})
    return found, generator.used


def browser(asked: list[dict[str, Any]]) -> list[dict[str, Any]]:
    node = shutil.which("node")
    assert node, "node is needed to run the browser's FEEL"
    lines = "\n".join(json.dumps(case) for case in asked) + "\n"
    answer = subprocess.run(
        [node, str(HERE / "feelin.mjs"), str(MODULES)],
        input=lines, capture_output=True, text=True, check=True, cwd=HERE,
    )  # fmt: skip
    return [json.loads(line) for line in answer.stdout.splitlines()]


def server(case: dict[str, Any]) -> Any:
    data = json.loads(json.dumps(case["context"]), parse_float=Decimal)
    if case["unary"]:
        return feel.compile_unary(case["expression"]).evaluate(data, None)
    return feel.compile(case["expression"]).evaluate(data)


def same(ours: Any, theirs: Any) -> bool:
    if isinstance(ours, (int, Decimal)) and not isinstance(ours, bool):
        if not isinstance(theirs, (int, float)) or isinstance(theirs, bool):
            return False
        a, b = Decimal(ours), Decimal(repr(theirs))
        return abs(a - b) <= Decimal("1e-9") * max(Decimal(1), abs(a))
    if isinstance(ours, dt.date):
        return bool(theirs == {"date": ours.isoformat()})
    if isinstance(ours, list):
        return (
            isinstance(theirs, list) and len(ours) == len(theirs) and all(map(same, ours, theirs))
        )
    if isinstance(ours, dict):
        return isinstance(theirs, dict) and all(same(v, theirs.get(k)) for k, v in ours.items())
    return type(ours) is type(theirs) and bool(ours == theirs)


def differences(asked: list[dict[str, Any]]) -> Iterator[str]:
    for case, answer in zip(asked, browser(asked), strict=True):
        ours, theirs = server(case), answer.get("value", answer)
        equal = (ours is True) == (theirs is True) if case["unary"] else same(ours, theirs)
        if not equal:
            yield f"{case['expression']}  {case['context']}  server {ours!r}  browser {theirs!r}"


def test_server_and_browser_agree_on_a_sample_of_form_expressions() -> None:
    asked, _ = cases(3000, seed=random.randrange(10**6))

    assert list(differences(asked))[:5] == []


def test_what_may_be_saved_without_parentheses_is_read_alike() -> None:
    rng = random.Random()
    asked: list[dict[str, Any]] = []
    while len(asked) < 600:
        source, unary = flat(rng), rng.random() < 0.5
        if not feel.portable(source, unary=unary, kinds=KINDS):
            asked.append({"expression": source, "context": context(rng), "unary": unary})

    assert list(differences(asked))[:5] == []


def test_the_comparison_sees_a_difference_where_there_is_one() -> None:
    refused = [{"expression": "amount in [1..5]", "context": {"amount": None}, "unary": True}]

    assert len(list(differences(refused))) == 1


@pytest.mark.parametrize(
    ("source", "rule"),
    [
        ("amount * 1.1 > 110", "rounding"),
        ("2 ** 3", "power"),
        ('day = @"2026-11-22"', "temporal"),
        ("count = 3", "name"),
        ("tags = [1]", "structure"),
        ('name < "m"', "order"),
        ('amount = "a"', "kinds"),
        ("a < b < c", "chain"),
        ("-amount > 3", "negative"),
        ("- 3 < amount", "negative"),
        ("amount between a and b", "ends"),
        ("amount in [1..5]", "membership"),
        ("if flag then 1 else 2", "condition"),
        ("some x in marks satisfies x > 5", "null in a loop"),
        ("for i in 1..3 return i", "loop"),
        ("marks[position]", "filter"),
        ("now()", "function"),
        ('contains(string: name, match: "a")', "named"),
        ("substring(name, -1)", "arguments"),
        ("function(x) x", "function literal"),
        ("amount instance of number", "instance of"),
        ("[1..5]", "range"),
        ("amount = 12345678901234567890", "digits"),
    ],
    ids=str,
)  # fmt: skip
def test_a_form_expression_that_could_differ_is_refused(source: str, rule: str) -> None:
    problems = feel.portable(source, kinds={"amount": "number"})

    assert f"feel.portable.{rule}" in {problem.code for problem in problems}


def test_a_condition_written_as_a_cell_is_refused() -> None:
    assert [p.code for p in feel.portable("> 5", unary=True)] == ["feel.portable.test"]


def test_every_rule_is_met_by_a_refused_expression() -> None:
    marks = test_a_form_expression_that_could_differ_is_refused.pytestmark
    rules = {rule for mark in marks for _, rule in mark.args[1]} | {"test"}

    assert rules == set(RULES)


def full_run(amount: int) -> int:
    """Print the differences and how often each operator and function came; 0 if none differ."""
    seed = random.randrange(10**9)
    asked, used = cases(amount, seed)
    found = list(differences(asked))
    values = [value for case in asked for value in (case["context"].get(key) for key in KINDS)]
    nulls = sum(value is None for value in values) / len(values)
    print(f"seed {seed}: {amount} expressions, {len(found)} differ, nulls {nulls:.0%}")
    for text in found[:20]:
        print(" ", text)
    rare = {name: used[name] for name in FUNCTIONS if used[name] < 500}
    print("least used:", used.most_common()[-5:], "under 500:", rare)
    return 1 if found or rare or nulls < 0.2 else 0


if __name__ == "__main__":
    sys.exit(full_run(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000))
