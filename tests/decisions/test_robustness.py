"""Whatever is written, an evaluation ends in a value or in a FeelError, and values survive JSON."""

from __future__ import annotations

import random

from decisions import feel
from decisions.feel.builtins import BUILTINS

_ATOMS = (
    "1", "-2", "0", "1.5", "1e30", "6000", '"a"', '""', '"2020-01-01"', '"P1D"', '"[1..2]"', '"^a+$"',
    "true", "false", "null", "[]", "[1, 2, 3]", '["a", "b"]', "[null]", "[[1]]", "[{a: 1}, {a: 2}]",
    "{}", "{a: 1}", '{key: "a", value: 1}', '@"2020-02-29"', '@"10:00:00"',
    '@"10:00:00@Europe/Paris"', '@"2020-01-01T10:00:00Z"', '@"2020-01-01T10:00:00"', '@"P1D"',
    '@"-P1Y"', '@"-999999999-01-01"', '@"999999999-12-31"', "[1..3]", "(1..3)", "(< 5)", "(!= 3)",
    '["a".."c"]', '[@"2020-01-01"..@"2020-01-05"]', "function(x) x", "function(x, y) x < y",
    "function() 1", "x", "f", "count",
)  # fmt: skip
_OPERATORS = ("+", "-", "*", "/", "**", "=", "!=", "<", ">=", "and", "or", "in")
_MEMBERS = ("a", "year", "start", "days", "time offset", "end included")
_BEFORE_FILTER = ("", "> ", "< ", "item > ", "not(item) and ")


def anything(rng: random.Random, depth: int) -> str:
    """An expression without regard to kinds."""
    if depth <= 0 or rng.random() < 0.25:
        return rng.choice(_ATOMS)
    one, two, three = (anything(rng, depth - 1) for _ in range(3))
    arguments = ", ".join((one, two, three)[: rng.randint(0, 3)])
    forms = (
        f"{rng.choice(sorted(BUILTINS))}({arguments})",
        f"{rng.choice(sorted(BUILTINS))}({arguments})",
        f"({one} {rng.choice(_OPERATORS)} {two})",
        f"{one}[{rng.choice(_BEFORE_FILTER)}{two}]",
        f"({one}).{rng.choice(_MEMBERS)}",
        f"(for i in {one} return {two})",
        f"({rng.choice(('some', 'every'))} i in {one} satisfies {two})",
        f"(if {one} then {two} else {three})",
        f"({one} between {two} and {three})",
    )
    return rng.choice(forms)


def outcome(source: str, value: object) -> None:
    """Evaluate as expression and as cell; what is no function is written as JSON and read back."""
    context = {"x": 5, "f": abs}
    try:
        found = feel.compile(source).evaluate(context)
        feel.compile_unary(source).evaluate(context, value)
        feel.text_of(found)
    except feel.FeelError:
        return
    try:
        written = feel.to_json(found)
    except TypeError:
        assert "function" in feel.text_of(found)
        return
    assert feel.text_of(feel.from_json(written)) == feel.text_of(found)


def test_no_expression_ends_in_another_error_than_ours() -> None:
    rng = random.Random()

    for _ in range(1_500):
        outcome(anything(rng, 3), rng.choice([1, "a", None, [1]]))
