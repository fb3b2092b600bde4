"""Expressions give the values the specification says, null where nothing can be said."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from decisions import feel

VALUES = [
    ("1 + 2 * 3", Decimal(7)),
    ("-3 ** 2", Decimal(9)),
    ("0.1 + 0.2 = 0.3", True),
    ('"物业" + "流"', "物业流"),
    ("1 / 0", None),
    ('1 + "a"', None),
    ("null > 100", None),
    ("null = null", True),
    ("true and null", None),
    ("false and null", False),
    ("true or null", True),
    ('if amount > 100 then "多" else "少"', "多"),
    ("amount between 100 and 200", True),
    ('category in ("fee", "service")', True),
    ("5 in (1..5[", False),
    ("[1, 2, 3][-1]", Decimal(3)),
    ("[{a: 1}, {a: 2}][a > 1].a", [Decimal(2)]),
    ("for i in 1..3 return i * 2", [Decimal(2), Decimal(4), Decimal(6)]),
    ("some x in [1, 2] satisfies x > 1", True),
    ("{first name: 1, b: first name + 1}.b", Decimal(2)),
    ('date("2024-02-29") + duration("P1Y")', dt.date(2025, 2, 28)),
    ("(function(x) x + 1)(2)", Decimal(3)),
    ('substring(string: "foobar", start position: 3)', "obar"),
    ('string([1, "a", {b: 1.50}])', '[1, "a", {b: 1.5}]'),
]


@pytest.mark.parametrize(("source", "value"), VALUES, ids=[source for source, _ in VALUES])
def test_an_expression_gives_its_value(source: str, value: object) -> None:
    context = {"amount": 120, "category": "fee"}

    assert feel.compile(source).evaluate(context) == value


@pytest.mark.parametrize(
    ("source", "line", "column"),
    [("1 +", 1, 4), ('1 +\n  "abc', 2, 3), ("a b", 1, 3), ("[1, 2", 1, 6)],
    ids=["incomplete", "unclosed text", "two names", "unclosed list"],
)
def test_a_wrong_expression_says_where_it_is_wrong(source: str, line: int, column: int) -> None:
    with pytest.raises(feel.FeelError) as refusal:
        feel.compile(source)

    assert (refusal.value.line, refusal.value.column) == (line, column)
    assert refusal.value.zh
    assert refusal.value.en


def test_an_expression_tells_the_paths_it_reads() -> None:
    expression = feel.compile(
        "amount > 100 and case.T1_record.danger and (some x in y satisfies x > 1)"
    )

    assert expression.names == {("amount",), ("case", "T1_record", "danger"), ("y",)}


def test_names_in_a_filter_may_be_entries_of_an_item() -> None:
    expression = feel.compile("count(rooms[area > least]) > limit")

    assert expression.names == {("rooms",), ("area",), ("least",), ("limit",)}
    assert expression.item_names == {("area",), ("least",)}


@pytest.mark.parametrize(
    ("cell", "value", "passes"),
    [
        ("-", None, True),
        ('"a", "b"', "b", True),
        ("< 5", 4, True),
        ("[1..3]", 4, False),
        ('not("a")', "b", True),
        ("< 5", None, None),
        ("? > 5", None, None),
        ("flag", None, True),
    ],
    ids=str,
)
def test_a_cell_tests_a_value(cell: str, value: object, passes: object) -> None:
    assert feel.compile_unary(cell).evaluate({}, value) is passes


def test_a_registered_function_is_called_by_its_name_of_several_words() -> None:
    feel.register("double it", lambda n: n * 2, ["n"])

    assert feel.compile("double it(4)").evaluate({}) == 8
    assert feel.compile("double it(n: 4)").evaluate({}) == 8


def test_a_value_survives_json() -> None:
    value = feel.compile(
        '{a: 1.5, b: @"2024-02-29", c: [@"P1D", null], d: {"$feel": "x"}}'
    ).evaluate({})

    assert feel.from_json(feel.to_json(value)) == value
