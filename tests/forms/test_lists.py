"""Dynamic lists: each row has its own conditions, errors and checks."""

from typing import Any

import pytest

import forms
from tests.forms.samples import component, errors, form, load

REQUIRED = {"required": True}
FLAG = component("checkbox", "flag")
PEOPLE = component(
    "dynamiclist", "people",
    components=[
        component("textfield", "name", validate=REQUIRED),
        component("checkbox", "adult"),
        component("textfield", "guardian", validate=REQUIRED, conditional={"hide": "=this.adult"}),
        component("number", "place", validate={"max": "=i[1]"}),
    ],
)  # fmt: skip


def test_each_row_has_its_own_conditions() -> None:
    rows = [{"name": "a", "adult": True, "guardian": "x"}, {"name": "b", "guardian": "c"}]

    loaded = load(form(PEOPLE), {"people": rows})

    assert loaded["people"] == [
        {"name": "a", "adult": True, "place": None},
        {"name": "b", "adult": False, "guardian": "c", "place": None},
    ]


def test_errors_of_rows_are_keyed_by_field_and_row() -> None:
    rows = [{"name": "a", "adult": True, "place": 1}, {"adult": False, "place": 3}]

    with pytest.raises(forms.Invalid) as refused:
        load(form(PEOPLE), {"people": rows})

    assert refused.value.errors == {
        "F_name": {"1": ["请填写这一项。"]},
        "F_guardian": {"1": ["请填写这一项。"]},
        "F_place": {"1": ["不能大于 2。"]},
    }
    assert {p.row for p in refused.value.problems} == {1}


@pytest.mark.parametrize("rows", ["x", {"0": {}}, [1], [None], [{}] * 201])
def test_a_list_of_another_shape_is_refused(rows: Any) -> None:
    assert list(errors(form(PEOPLE), {"people": rows})) == ["F_people"]


def test_lists_in_lists_know_their_parents() -> None:
    inner = component(
        "dynamiclist", "rooms",
        components=[component("textfield", "number", conditional={"hide": "=parent.empty or flag"})],
    )  # fmt: skip
    made = form(
        FLAG, component("dynamiclist", "floors", components=[component("checkbox", "empty"), inner])
    )
    floors = [{"empty": True, "rooms": [{"number": "1"}]}, {"rooms": [{"number": "2"}]}]

    assert load(made, {"floors": floors})["floors"] == [
        {"empty": True, "rooms": [{}]},
        {"empty": False, "rooms": [{"number": "2"}]},
    ]


def test_a_check_inside_rows_sees_its_row() -> None:
    first = component("datetime", "start", subtype="date")
    last = component(
        "datetime", "end", subtype="date",
        properties={"check": "this.start <= this.end and this.end < date(now)", "checkMessage": "先后不对。"},
    )  # fmt: skip
    made = form(component("dynamiclist", "spans", components=[first, last]))

    rows = [
        {"start": "2026-11-01", "end": "2026-11-02"},
        {"start": "2026-11-03", "end": "2026-11-02"},
    ]
    assert errors(made, {"spans": rows}) == {"F_end": {"1": ["先后不对。"]}}
