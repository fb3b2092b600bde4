"""Patterns mean in Python what they mean in JavaScript, and never run long."""

import random
import time

import pytest

from forms import patterns
from tests.forms import viewer

ATOMS = ("a", "b", "1", "_", "中", ".", "\\d", "\\w", "\\s", "\\D", "\\W", "\\S", "[a-c]", "[^a1]", "[\\d\\s-]", "\\b", "\\B", "^", "$",
         "(a|b)", "(?:1|中)", "(?=a)", "(?!b)", "(?<=a)", "(?<!1)", "\\.", "\\/", "{", "}", "]", "\\u4e2d", "\\x61", "[.*]", "\\-")  # fmt: skip
QUANTIFIERS = ("", "", "", "*", "+", "?", "{2}", "{1,2}", "{0,}", "*?", "+?", "{,2}")
LETTERS = "ab1_中 \n\t\u3000\ufeff\u0085.-/{}]é𠮷x٣"


def made(seed: int, count: int) -> list[tuple[str, str]]:
    dice = random.Random(seed)
    return [
        (
            "".join(
                dice.choice(ATOMS) + dice.choice(QUANTIFIERS) for _ in range(dice.randint(1, 5))
            ),
            "".join(dice.choice(LETTERS) for _ in range(dice.randint(0, 6))),
        )
        for _ in range(count)
    ]


def test_patterns_find_what_javascript_finds() -> None:
    cases = made(1, 4_000)
    answers = viewer.patterns(cases)
    refused = 0

    for (pattern, text), expected in zip(cases, answers, strict=True):
        try:
            found = patterns.search(pattern)(text)
        except patterns.PatternError:
            refused += 1
            continue
        assert found is expected, (pattern, text)

    assert refused < 0.4 * len(cases)


@pytest.mark.parametrize(
    "pattern",
    ["(", "[a", "[]", "[^]", "a**", "*a", "a{2}{3}", "(?i)a", "(?<n>a)", "(?P<n>a)", "\\1", "\\k<n>", "\\p{L}", "\\cA", "\\Z", "[\\D]", "\\01", "x" * 501, "𠮷", "a++"],
)  # fmt: skip
def test_what_is_not_portable_is_refused(pattern: str) -> None:
    with pytest.raises(patterns.PatternError):
        patterns.search(pattern)


def test_a_runaway_pattern_is_stopped() -> None:
    found = patterns.search("^(?:a|a)*(?:a|a)*(?:a|a)*$")
    start = time.perf_counter()

    with pytest.raises(TimeoutError):
        found("a" * 3_000 + "b")

    assert time.perf_counter() - start < 2


def test_length_is_counted_in_utf_16_after_trimming() -> None:
    assert patterns.length(" \u3000ab\ufeff\n") == 2
    assert patterns.length("𠮷a") == 3
    assert patterns.length("\u200b") == 1
