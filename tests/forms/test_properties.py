"""Whatever is thrown at forms, they answer: a form or its faults, clean data or what to correct."""

import json
from datetime import date
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import forms
from tests.forms.samples import component, definition, load

KEYS = forms.library.keys()
scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12)
anything = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4)
    ),
    max_leaves=12,
)
calm = settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@calm
@given(anything)
def test_any_json_is_a_form_or_has_faults(tree: Any) -> None:
    found = forms.check(json.dumps(tree))

    assert all(problem.code and problem.zh and problem.en for problem in found)


NAMES = ("type", "id", "key", "path", "label", "conditional", "validate", "readonly", "disabled", "properties",
         "values", "valuesKey", "valuesExpression", "columns", "components", "layout", "text", "defaultValue", "expression")  # fmt: skip


@calm
@given(st.sampled_from(KEYS), st.data())
def test_a_form_bent_anywhere_is_a_form_or_has_faults(key: str, data: st.DataObject) -> None:
    tree = json.loads(forms.library.source(key))
    part = data.draw(st.sampled_from(tree["components"]))
    part[data.draw(st.sampled_from(NAMES))] = data.draw(anything)

    for problem in forms.check(tree):
        assert problem.code
        assert problem.zh
        assert problem.en


@calm
@given(st.sampled_from(KEYS), st.data())
def test_any_submission_is_clean_or_says_what_to_correct(key: str, data: st.DataObject) -> None:
    made = forms.library.load(key)
    sent = {one: data.draw(anything) for one in sorted(made.keys)}

    clean, invalid = outcome(made, sent)

    assert set(clean) <= made.keys
    if invalid is not None:
        assert set(invalid.errors) <= {info.id for info in made.fields}
        assert {problem.field for problem in invalid.problems} == set(invalid.errors)


def outcome(made: forms.Form, sent: dict[str, Any]) -> tuple[dict[str, Any], forms.Invalid | None]:
    try:
        return load(made, sent), None
    except forms.Invalid as invalid:
        return {}, invalid


texts = st.text(max_size=30).filter(lambda text: "\0" not in text)
submissions = st.fixed_dictionaries(
    {
        "t": texts,
        "n": st.none() | st.decimals(-(10**9), 10**9, allow_nan=False, places=3),
        "f": st.booleans(),
        "d": st.none() | st.dates(date(1900, 1, 1), date(2100, 12, 31)).map(date.isoformat),
        "c": st.lists(st.sampled_from(["a", "b"]), unique=True),
        "rows": st.lists(st.fixed_dictionaries({"x": texts, "y": st.booleans()}), max_size=4),
    }
)  # fmt: skip
WIDE = definition(
    component("textfield", "t", conditional={"hide": "=f"}),
    component("number", "n", readonly="=f", properties={"default": "=case.n"}),
    component("checkbox", "f"),
    component("datetime", "d"),
    component("checklist", "c", values=["a", "b"]),
    component(
        "dynamiclist", "rows",
        components=[component("textarea", "x", conditional={"hide": "=this.y"}), component("checkbox", "y")],
    ),
)  # fmt: skip


@calm
@given(submissions)
def test_clean_data_stays_as_it_is(sent: dict[str, Any]) -> None:
    made = forms.parse(WIDE)

    clean = load(made, sent, case={"n": 7})

    assert load(made, clean, case={"n": 7}) == clean
    assert ("t" in clean) is not sent["f"]
    assert clean["n"] == (7 if sent["f"] else sent["n"])
    assert [("x" in row) for row in clean["rows"]] == [not row["y"] for row in sent["rows"]]
