"""Conditions hold exactly when form-js's own FEEL says so."""

import json
import random
from typing import Any

import forms
from forms import expressions
from tests.forms import viewer
from tests.forms.making import TESTS

VALUES: dict[str, list[Any]] = {
    "textfield": ["", "a", "b", "x", None],
    "number": [None, 0, 3, 4, 5, 5.5, -1],
    "checkbox": [True, False, None],
    "checklist": [[], ["a"], ["b", "c"], ["a", "b", "c"], None],
}
KEYS = {"t": "textfield", "n": "number", "f": "checkbox", "l": "checklist", "u": "textfield"}


def test_random_conditions_hold_when_feelin_says_so() -> None:
    dice = random.Random(11)
    sources = [source for source in (nested(dice, 3) for _ in range(3_000)) if is_portable(source)]
    cases = [{"kind": "test", "source": source, "context": context(dice)} for source in sources]
    assert len(cases) > 1_800

    answers = viewer.conditions(cases)

    for case, answer in zip(cases, answers, strict=True):
        holds = expressions.condition("=" + case["source"])(case["context"])
        assert holds is (answer is True), case


def is_portable(source: str) -> bool:
    kinds = {"t": "string", "u": "string", "n": "number", "f": "boolean", "l": "list"}
    return not expressions.unportable(expressions.condition("=" + source), kinds)


def nested(dice: random.Random, depth: int) -> str:
    if depth == 0 or dice.random() < 0.3:
        key = dice.choice(sorted(KEYS))
        return str(dice.choice(TESTS.get(KEYS[key], TESTS["textfield"]))).format(k=key)
    one, two = nested(dice, depth - 1), nested(dice, depth - 1)
    shape = dice.choice(
        ["({}) and ({})", "({}) or ({})", "not(({}) and ({}))", "if ({}) then ({}) else f"]
    )
    return shape.format(one, two)


def context(dice: random.Random) -> dict[str, Any]:
    whole = {key: dice.choice(VALUES[kind]) for key, kind in KEYS.items()}
    return {key: value for key, value in whole.items() if dice.random() < 0.9}


def test_conditions_of_the_shipped_forms_hold_when_feelin_says_so() -> None:
    dice = random.Random(5)
    cases = []
    for key in forms.library.keys():  # noqa: SIM118 a function
        schema = forms.library.load(key).schema
        sources = [source for part in schema["components"] for source in conditions_of(part)]
        cases += [
            {"kind": "test", "source": s.removeprefix("="), "context": some_data(dice, schema)}
            for s in sources
            for _ in range(12)
        ]

    answers = viewer.conditions(cases)

    assert len(cases) > 300
    for case, answer in zip(cases, answers, strict=True):
        assert expressions.condition(case["source"])(case["context"]) is (answer is True), case


def conditions_of(part: dict[str, Any]) -> list[str]:
    found = [part.get("conditional", {}).get("hide"), part["properties"].get("requiredIf")]
    return [source for source in found if source]


def some_data(dice: random.Random, schema: Any) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for part in schema["components"]:
        values = [v["value"] for v in part.get("values", [])]
        if part["type"] == "checklist":
            found[part["key"]] = [v for v in values if dice.random() < 0.5]
        elif part["type"] == "checkbox":
            found[part["key"]] = dice.random() < 0.5
        elif values:
            found[part["key"]] = dice.choice([None, *values])
    return dict(json.loads(json.dumps(found)))


def test_options_that_are_worked_out_are_the_viewers() -> None:
    part = next(
        p
        for p in forms.library.load("complaint/T2_judge").schema["components"]
        if p["key"] == "sub_item"
    )
    categories = ["facility", "service", "fee", "emergency", None, "other"]
    cases = [
        {"kind": "expression", "source": source.removeprefix("="), "context": {"category": one}}
        for source in (part["valuesExpression"], part["properties"]["valuesExpression_en"])
        for one in categories
    ]

    answers = viewer.conditions(cases)

    for case, answer in zip(cases, answers, strict=True):
        assert expressions.expression(case["source"])(case["context"]) == answer
    assert [len(a) for a in answers[:6]] == [7, 9, 5, 7, 0, 0]
