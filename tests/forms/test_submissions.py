"""What is hidden counts for nothing, and what the server knows better is the server's."""

from decimal import Decimal
from typing import Any

import pytest

import forms
from tests.forms.samples import NOW, component, errors, form, load

REQUIRED = {"required": True}
FLAG = component("checkbox", "flag")
REASON = component("textfield", "reason", validate=REQUIRED, conditional={"hide": "=flag"})


def test_a_hidden_field_leaves_data_and_rules() -> None:
    made = form(FLAG, REASON)

    assert load(made, {"flag": True, "reason": "smuggled"}) == {"flag": True}
    assert errors(made, {"flag": False}) == {"F_reason": ["请填写这一项。"]}


def test_an_unknown_condition_hides_as_in_the_viewer() -> None:
    made = form(
        component("number", "amount"),
        component("textfield", "reason", validate=REQUIRED, conditional={"hide": "=amount > 100"}),
    )

    assert load(made, {"amount": None}) == {"amount": None}
    assert errors(made, {"amount": 5}) == {"F_reason": ["请填写这一项。"]}


def test_a_hidden_group_takes_its_children_along() -> None:
    inner = component("textfield", "name", validate=REQUIRED)
    made = form(FLAG, component("group", "room", components=[inner], conditional={"hide": "=flag"}))

    assert load(made, {"flag": True, "room": {"name": "x"}}) == {"flag": True}
    assert errors(made, {"flag": False, "room": {}}) == {"F_name": ["请填写这一项。"]}


def test_what_depends_on_a_hidden_field_sees_its_initial_value() -> None:
    made = form(
        FLAG,
        component("textfield", "a", conditional={"hide": "=flag"}, defaultValue="yes"),
        component("number", "b", validate={"max": '=if a = "yes" then 1 else 9'}),
    )

    assert errors(made, {"flag": True, "a": "no", "b": 5}) == {"F_b": ["不能大于 1。"]}
    assert load(made, {"flag": False, "a": "no", "b": 5})["b"] == 5


def test_conditions_are_followed_wherever_the_fields_stand() -> None:
    made = form(component("textfield", "late", conditional={"hide": "=flag"}), FLAG)

    assert load(made, {"late": "x", "flag": True}) == {"flag": True}


def test_a_disabled_field_is_never_taken() -> None:
    made = form(
        component("textfield", "a", disabled=True, validate=REQUIRED),
        component("textfield", "b", disabled="=false"),
    )

    assert load(made, {"a": "x", "b": "x"}) == {}


def test_a_read_only_field_holds_the_servers_value() -> None:
    part = component("number", "cost", readonly=True, properties={"default": "=case.T5_plan.cost"})
    made = form(part)

    assert load(made, {"cost": 1}, case={"T5_plan": {"cost": Decimal("99.5")}}) == {
        "cost": Decimal("99.5")
    }
    assert load(made, {"cost": 1}, case={}) == {"cost": None}


def test_a_field_may_be_read_only_on_a_condition() -> None:
    made = form(FLAG, component("textfield", "a", readonly="=flag", properties={"default": "own"}))

    assert load(made, {"flag": True, "a": "x"})["a"] == "own"
    assert load(made, {"flag": False, "a": "x"})["a"] == "x"


def test_an_expression_is_worked_out_again() -> None:
    made = form(
        component("expression", "twice", expression="=total * 2"),
        component("expression", "total", expression="=price * pieces", computeOn="presubmit"),
        component("number", "price"),
        component("number", "pieces"),
    )

    loaded = load(made, {"price": 1.5, "pieces": 4, "total": 0, "twice": 0})

    assert (loaded["total"], loaded["twice"]) == (Decimal(6), Decimal(12))


def test_what_the_form_does_not_ask_is_dropped() -> None:
    assert load(form(FLAG), {"flag": True, "is_admin": True, "case": {}}) == {"flag": True}


def test_a_missing_field_is_empty() -> None:
    made = form(FLAG, component("textfield", "t"), component("checklist", "c", values=["a"]))

    assert load(made, {}) == {"flag": False, "t": "", "c": []}


@pytest.mark.parametrize("sent", ["x", None, [], 5])
def test_a_submission_is_an_object(sent: Any) -> None:
    with pytest.raises(forms.Invalid) as refused:
        load(form(FLAG), sent)

    assert [p.code for p in refused.value.problems] == ["not-an-object"]


def test_dotted_keys_and_paths_make_nested_data() -> None:
    made = form(
        component("group", "a.b", components=[component("textfield", "c.d")]),
        component("textfield", "a.e"),
    )

    loaded = load(made, {"a": {"b": {"c": {"d": "1"}}, "e": "2"}})

    assert loaded == {"a": {"b": {"c": {"d": "1"}}, "e": "2"}}
    assert made.keys == {"a.b.c.d", "a.e"}


@pytest.mark.parametrize("sent", [{"a": "x"}, {"a": None}, {"a": {"b": 5}}, {"a": []}])
def test_nested_data_of_another_shape_is_empty(sent: Any) -> None:
    made = form(component("group", "a.b", components=[component("textfield", "c")]))

    assert load(made, sent) == {"a": {"b": {"c": ""}}}


def test_required_if_holds_as_long_as_its_condition() -> None:
    part = component("textfield", "name", properties={"requiredIf": "=not(flag)"})
    made = form(FLAG, part)

    assert errors(made, {"flag": False}) == {"F_name": ["请填写这一项。"]}
    assert load(made, {"flag": True}) == {"flag": True, "name": ""}
    assert load(made, {"flag": True, "name": "何静"})["name"] == "何静"


MOMENT = {"subtype": "datetime", "timeSerializingFormat": "utc_offset"}


def checked(key: str, check: str) -> dict[str, Any]:
    own = {"check": check, "checkMessage": "不对。", "checkMessageEn": "Wrong."}
    return component("datetime", key, **MOMENT, properties=own)


def test_checks_compare_moments_across_offsets() -> None:
    made = form(
        checked("received_at", "received_at <= now"),
        checked("happened_at", "=happened_at <= received_at"),
    )

    sound = {"received_at": "2026-11-23T10:20+08:00", "happened_at": "2026-11-23T02:20Z"}
    assert load(made, sound) == sound
    late = {"received_at": "2026-11-23T10:21+08:00", "happened_at": "2026-11-23T10:22+08:00"}
    assert errors(made, late) == {"F_received_at": ["不对。"], "F_happened_at": ["不对。"]}


def test_a_check_waits_until_there_is_something_to_check() -> None:
    made = form(checked("a", "a <= b"), component("datetime", "b", **MOMENT, validate=REQUIRED))

    assert errors(made, {}) == {"F_b": ["请填写这一项。"]}
    assert errors(made, {"a": "2026-11-23T10:20+08:00", "b": "soon"}).keys() == {"F_b"}


def test_a_check_that_cannot_be_worked_out_is_not_met() -> None:
    made = form(
        component("number", "n", properties={"check": "n < case.limit", "checkMessage": "超限。"})
    )

    assert errors(made, {"n": 1}, case={}) == {"F_n": ["超限。"]}
    assert load(made, {"n": 1}, case={"limit": 2}) == {"n": 1}


def test_limits_may_be_worked_out() -> None:
    made = form(
        component("number", "total"),
        component("number", "part", validate={"max": "=total", "min": "=null"}),
        component("textfield", "text", validate={"maxLength": "=total"}),
    )

    assert load(made, {"total": 3, "part": 3, "text": "abc"})["part"] == 3
    assert errors(made, {"total": 3, "part": 4, "text": "abcd"}) == {
        "F_part": ["不能大于 3。"],
        "F_text": ["最多 3 个字。"],
    }
    assert load(made, {"total": None, "part": 4, "text": "abcd"})["part"] == 4


def test_options_may_come_from_the_context_or_be_worked_out() -> None:
    made = form(
        component("select", "city", valuesKey="cities"),
        component(
            "radio",
            "size",
            valuesExpression='=if city = "a" then ["s", "m"] else [{label: "大", value: "l"}]',
        ),
        component("checklist", "more", valuesKey="cities"),
    )
    cities = [{"label": "甲", "value": "a"}, "b"]

    sound = {"city": "a", "size": "m", "more": ["a", "b"]}
    assert load(made, sound, cities=cities) == sound
    wrong = {"city": "c", "size": "l", "more": ["a", "c"]}
    assert load(made, {"city": "b", "size": "l"}, cities=cities)["size"] == "l"
    assert errors(made, wrong, cities=cities).keys() == {"F_city", "F_more"}
    assert errors(made, {"city": "a"}, cities=None).keys() == {"F_city"}


def test_every_refusal_speaks_both_languages() -> None:
    with pytest.raises(forms.Invalid) as refused:
        load(form(component("textfield", "a", validate=REQUIRED)), {})

    problem = refused.value.problems[0]
    assert (problem.zh, problem.en) == ("请填写这一项。", "Please fill this in.")
    assert refused.value.errors_en == {"F_a": ["Please fill this in."]}
    assert str(refused.value) == "F_a: 请填写这一项。"


def test_a_clock_without_zone_is_no_reason_to_fail() -> None:
    made = form(
        component(
            "datetime", "a", subtype="datetime", properties={"default": "=now"}, readonly=True
        )
    )

    loaded = made.load({}, context={}, now=NOW.replace(tzinfo=None))

    assert loaded == {"a": "2026-11-23T10:20"}
