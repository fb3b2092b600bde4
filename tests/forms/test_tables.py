"""Tables: typed rows, faults by row and column, and cells that are the server's."""

from decimal import Decimal
from typing import Any

import pytest

import forms
from tests.forms.samples import component, errors, form, load
from tests.forms.test_fields import refusals

COLUMNS = [
    {"key": "measure", "label": "措施", "type": "text", "required": True},
    {"key": "cost", "label": "费用", "label_en": "Cost", "type": "number", "min": 0},
    {"key": "owner", "label": "责任人", "type": "person"},
    {"key": "due_on", "label": "完成时间", "type": "date"},
    {"key": "kind", "label": "类型", "type": "select", "options": [{"label": "甲", "value": "a"}]},
]
TABLE = component("wf-table", "k", columns=COLUMNS, maxRows=3)


def test_a_table_keeps_typed_rows_and_drops_empty_ones() -> None:
    row = {"measure": "换轴承", "cost": 12.5, "owner": "12", "due_on": "2026-12-01", "kind": "a"}

    loaded = load(form(TABLE), {"k": [row, {"measure": "", "cost": None}, {"x": 1}]})

    assert loaded == {"k": [{**row, "cost": Decimal("12.5")}]}


def test_a_table_says_row_and_column() -> None:
    rows = [
        {"measure": "a", "cost": -1, "owner": "99"},
        {"cost": 1, "due_on": "2026/1/1", "kind": "b"},
    ]

    with pytest.raises(forms.Invalid) as refused:
        load(form(TABLE), {"k": rows})

    places = [(p.row, p.column, p.code) for p in refused.value.problems]
    assert places == [
        (0, "cost", "min"),
        (1, "due_on", "date"),
        (1, "kind", "choice"),
        (1, "measure", "required"),
    ]
    assert refused.value.errors["F_k"][0] == "第 1 行「费用」：不能小于 0。"
    assert refused.value.problems[0].en == "Row 1, Cost: Must not be less than 0."


def test_the_archive_is_asked_for_cells_too() -> None:
    with pytest.raises(forms.Invalid) as refused:
        load(form(TABLE), {"k": [{"measure": "a", "owner": "99"}]})

    assert [(p.row, p.column, p.code) for p in refused.value.problems] == [(0, "owner", "person")]


@pytest.mark.parametrize(
    "rows", ["x", [1], {"a": 1}, [[]], [{"measure": ["a"]}], [{"measure": "a"}] * 4]
)
def test_rows_of_another_shape_are_refused(rows: Any) -> None:
    assert errors(form(TABLE), {"k": rows})["F_k"]


def test_a_required_table_needs_its_rows() -> None:
    part = component("wf-table", "k", columns=COLUMNS, minRows=2, validate={"required": True})

    assert refusals(part, []) == ["required"]
    assert refusals(part, [{}]) == ["min-rows"]
    assert refusals(part, [{"measure": "a"}]) == ["min-rows"]


FIXED = component(
    "wf-table", "k", allowAddRemove=False,
    columns=[
        {"key": "measure", "label": "措施", "type": "text", "readonly": True},
        {"key": "done", "label": "完成", "type": "checkbox"},
    ],
    properties={"default": "=case.T5_plan.measures"},
)  # fmt: skip
PLAN = {"T5_plan": {"measures": [{"measure": "换轴承", "owner": "12"}, {"measure": "道歉"}]}}


def test_read_only_cells_hold_what_the_server_put_there() -> None:
    rows = [{"measure": "forged", "done": True}, {"done": False}]

    loaded = load(form(FIXED), {"k": rows}, case=PLAN)

    assert loaded["k"] == [{"measure": "换轴承", "done": True}, {"measure": "道歉", "done": False}]


def test_fixed_rows_can_be_neither_added_nor_removed() -> None:
    assert errors(form(FIXED), {"k": [{"done": True}]}, case=PLAN)["F_k"]
    assert errors(form(FIXED), {"k": [{}, {}, {}]}, case=PLAN)["F_k"]
