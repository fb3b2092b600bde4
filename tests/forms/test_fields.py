"""Each field takes its own values, refuses the rest, and says why."""

from decimal import Decimal
from typing import Any

import pytest
from marshmallow import ValidationError

import forms
from forms import schemas
from tests.forms.samples import NOW, component, form, load

OPTIONS = [
    {"label": "甲", "value": "a"},
    {"label": "乙", "value": 1},
    {"label": "丙", "value": True},
]


def refusals(part: dict[str, Any], value: Any) -> list[str]:
    """Return the codes with which a field refuses a value."""
    key = part["key"]
    try:
        load(form(part), {key: value})
    except forms.Invalid as invalid:
        return [problem.code for problem in invalid.problems]
    return []


TEXT_RULES = [
    ({"required": True}, "", ["required"]),
    ({"required": True}, None, ["required"]),
    ({"required": True}, " ", []),
    ({"required": True, "minLength": 1}, " \u3000\ufeff", ["min-length"]),
    ({"minLength": 2}, "", []),
    ({"minLength": 2}, " a ", ["min-length"]),
    ({"maxLength": 2}, " ab ", []),
    ({"maxLength": 2}, "abc", ["max-length"]),
    ({"maxLength": 2}, "𠮷", []),
    ({"maxLength": 2}, "𠮷𠮷", ["max-length"]),
    ({"pattern": "\\d{3}"}, "x123y", []),
    ({"pattern": "^\\d{3}$"}, "123\n", ["pattern"]),
    ({"pattern": "^\\d{3}$"}, "１２３", ["pattern"]),
    ({"pattern": "x"}, "", []),
    ({"validationType": "email"}, "wang@example.com", []),
    ({"validationType": "email"}, "wang@", ["email"]),
    ({"validationType": "phone"}, "+8613800138000", []),
    ({"validationType": "phone"}, "13812345678", ["phone"]),
    ({}, 5, ["type"]),
    ({}, ["a"], ["type"]),
    ({}, "a\0b", ["control-character"]),
    ({}, "\ud800", ["control-character"]),
    ({}, "x" * 2_001, ["too-long-text"]),
]


@pytest.mark.parametrize(("rules", "value", "codes"), TEXT_RULES)
def test_a_text_is_held_against_its_rules(
    rules: dict[str, Any], value: Any, codes: list[str]
) -> None:
    assert refusals(component("textfield", "k", validate=rules), value) == codes


NUMBERS = [
    ({}, 5, Decimal(5)),
    ({}, 0.1, Decimal("0.1")),
    ({}, "7.50", Decimal("7.50")),
    ({}, "", None),
    ({}, None, None),
    ({"decimalDigits": 2}, Decimal("1.500"), Decimal("1.500")),
    ({"increment": 2.5}, 7.5, Decimal("7.5")),
    ({"increment": "0.1"}, 0.3, Decimal("0.3")),
    ({"serializeToString": True}, "0.10", "0.10"),
]


@pytest.mark.parametrize(("attributes", "value", "clean"), NUMBERS)
def test_a_number_is_exact(attributes: dict[str, Any], value: Any, clean: Any) -> None:
    loaded = load(form(component("number", "k", **attributes)), {"k": value})["k"]

    assert loaded == clean
    assert type(loaded) is type(clean)


BAD_NUMBERS = [
    ({}, True, "number"),
    ({}, "abc", "number"),
    ({}, "1_000", "number"),
    ({}, "１２", "number"),
    ({}, float("nan"), "number"),
    ({}, float("inf"), "number"),
    ({}, "1e999999", "number"),
    ({}, "1e-999999", "number"),
    ({}, 10**15, "number"),
    ({"decimalDigits": 0}, 1.5, "integer"),
    ({"decimalDigits": 1}, 1.55, "decimals"),
    ({"increment": 2.5}, 6, "increment"),
    ({"validate": {"min": 1}}, 0, "min"),
    ({"validate": {"max": "7.5"}}, 7.51, "max"),
]


@pytest.mark.parametrize(("attributes", "value", "code"), BAD_NUMBERS)
def test_a_number_out_of_bounds_is_refused(
    attributes: dict[str, Any], value: Any, code: str
) -> None:
    assert refusals(component("number", "k", **attributes), value) == [code]


OFFSET = {"subtype": "datetime", "timeSerializingFormat": "utc_offset"}
MOMENTS = [
    ({"subtype": "date"}, "2026-11-22", []),
    ({}, "2026-11-22", []),
    ({"subtype": "date"}, "2026/11/22", ["date"]),
    ({"subtype": "date"}, "2026-02-30", ["date"]),
    ({"subtype": "date"}, "2026-11-22T09:30", ["date"]),
    ({"subtype": "date"}, "20261122", ["date"]),
    ({"subtype": "date"}, "0226-11-22", ["year"]),
    ({"subtype": "date"}, "9026-11-22", ["year"]),
    (OFFSET, "2026-11-22T09:30+08:00", []),
    (OFFSET, "2026-11-22T09:30Z", []),
    (OFFSET, "2026-11-22T09:30:15+08:00", ["datetime"]),
    (OFFSET, "2026-11-22 09:30+08:00", ["datetime"]),
    (OFFSET, "2026-11-22T24:00+08:00", ["datetime"]),
    (OFFSET, "2026-W47-7T09:30", ["datetime"]),
    (OFFSET, "2026-11-22T09:30", ["offset"]),
    (OFFSET, "2026-11-22T09:30+15:00", ["offset"]),
    (OFFSET, "2026-11-22T09:30-12:30", ["offset"]),
    ({"subtype": "datetime"}, "2026-11-22T09:30", []),
    ({"subtype": "datetime"}, "2026-11-22T09:30Z", ["offset"]),
    ({"subtype": "datetime", "timeSerializingFormat": "utc_normalized"}, "2026-11-22T01:30Z", []),
    ({"subtype": "time"}, "09:30", []),
    ({"subtype": "time"}, "9:30", ["time"]),
    ({"subtype": "time", "timeSerializingFormat": "utc_offset"}, "09:30+08:00", []),
    ({"subtype": "date"}, 20261122, ["date"]),
    ({"subtype": "date"}, "", []),
]


@pytest.mark.parametrize(("attributes", "value", "codes"), MOMENTS)
def test_a_moment_is_exact_iso_and_plausible(
    attributes: dict[str, Any], value: Any, codes: list[str]
) -> None:
    assert refusals(component("datetime", "k", **attributes), value) == codes


CHOICES = [
    ("select", "a", []),
    ("select", "", []),
    ("select", "b", ["choice"]),
    ("select", "1", ["choice"]),
    ("radio", 1, []),
    ("radio", 1.0, []),
    ("radio", True, []),
    ("radio", False, ["choice"]),
    ("radio", {"value": "a"}, ["choice"]),
    ("checklist", ["a", 1], []),
    ("checklist", ["a", "x"], ["choice"]),
    ("taglist", "a", ["type"]),
    ("taglist", [["a"]], ["choice"]),
]


@pytest.mark.parametrize(("kind", "value", "codes"), CHOICES)
def test_a_choice_is_one_of_its_options(kind: str, value: Any, codes: list[str]) -> None:
    assert refusals(component(kind, "k", values=OPTIONS), value) == codes


def test_a_choice_made_twice_counts_once() -> None:
    made = form(component("checklist", "k", values=OPTIONS))

    assert load(made, {"k": ["a", 1, "a"]}) == {"k": ["a", 1]}


def test_a_box_that_must_be_ticked_is_ticked() -> None:
    part = component("checkbox", "k", validate={"required": True})

    assert refusals(part, False) == ["required-tick"]
    assert refusals(part, "true") == ["type"]
    assert refusals(part, True) == []


ARCHIVE = [
    ({}, "wf-person", "11", []),
    ({}, "wf-person", "99", ["person"]),
    ({"group": "eng_worker"}, "wf-person", "12", []),
    ({"group": "eng_worker"}, "wf-person", "11", ["person-group"]),
    ({"multiple": True}, "wf-person", ["11", "12", "11"], []),
    ({"multiple": True, "max": 1}, "wf-person", ["11", "12"], ["too-many"]),
    ({"multiple": True}, "wf-person", "11", ["type"]),
    ({}, "wf-person", 11, ["type"]),
    ({}, "wf-room", "301", []),
    ({}, "wf-room", "302", ["room"]),
    ({"process": "complaint"}, "wf-case", "TS-1", []),
    ({"process": "repair"}, "wf-case", "TS-1", ["case"]),
    ({}, "wf-case", "TS-2", ["case"]),
    ({}, "wf-signature", "9001", []),
    ({}, "wf-signature", "9002", ["file-type"]),
    ({}, "wf-signature", "9009", ["file"]),
    ({}, "wf-signature", ["9001"], ["type"]),
    ({"validate": {"required": True}}, "wf-signature", None, ["required-signature"]),
    ({}, "wf-upload", ["9001"], []),
    ({}, "wf-upload", ["9009"], ["file"]),
    ({"accept": "image/*"}, "wf-upload", ["9001"], []),
    ({"accept": "image/*"}, "wf-upload", ["9002"], ["file-type"]),
    ({"accept": ".pdf, image/png"}, "wf-upload", ["9002"], []),
    ({"max": 1}, "wf-upload", ["9001", "9002"], ["too-many"]),
    ({}, "wf-upload", ["9001", {"id": 1}], ["type"]),
    ({"validate": {"required": True}}, "wf-upload", [], ["required"]),
    ({}, "wf-photo", ["9001"], []),
    ({}, "wf-photo", ["9002"], ["file-type"]),
    ({"max": 1, "pair": "after"}, "wf-photo", ["9001", "9002"], ["too-many"]),
]


@pytest.mark.parametrize(("attributes", "kind", "value", "codes"), ARCHIVE)
def test_people_rooms_cases_and_files_are_looked_up(
    attributes: dict[str, Any], kind: str, value: Any, codes: list[str]
) -> None:
    assert refusals(component(kind, "k", **attributes), value) == codes


def test_nobody_is_known_without_a_lookup() -> None:
    made = form(component("wf-person", "k"), component("wf-upload", "f"))

    with pytest.raises(forms.Invalid) as refused:
        made.load({"k": "11", "f": ["9001"]}, context={}, now=NOW)

    assert {p.code for p in refused.value.problems} == {"person", "file"}


def test_a_form_is_a_marshmallow_schema_too() -> None:
    made = form(
        component("textfield", "name", validate={"maxLength": 3}),
        component("group", "room", components=[component("number", "floor")]),
        component("dynamiclist", "people", components=[component("checkbox", "adult")]),
    )
    sent = {"name": "何静", "room": {"floor": 3}, "people": [{"adult": True}], "other": 1}
    schema = schemas.of(made)

    assert schema.load(sent) == load(made, sent)
    with pytest.raises(ValidationError):
        schema.load({"name": "四个字了"})
