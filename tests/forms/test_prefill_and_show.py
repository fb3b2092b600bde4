"""What the viewer starts from, and how a submission reads afterwards."""

from decimal import Decimal
from typing import Any

import forms
from tests.forms.samples import NOW, SHANGHAI, USER, component, form, load, lookup

CASE = {
    "T1_record": {"received_at": "2026-11-20T09:30+08:00", "danger": True, "content": "电梯停运"},
    "T2_judge": {"category": "facility"},
    "T5_plan": {"cost": Decimal("1200.5"), "measures": [{"measure": "换轴承", "done": "x"}]},
}
CONTEXT: dict[str, Any] = {"case": CASE, "user": USER, "now": NOW}


def prefilled(part: dict[str, Any], saved: dict[str, Any] | None = None) -> Any:
    return form(part).prefill(CONTEXT, saved).get(part["key"])


def defaulted(kind: str, default: str, **attributes: Any) -> dict[str, Any]:
    return component(kind, "k", properties={"default": default}, **attributes)


def test_defaults_are_worked_out_for_the_viewer() -> None:
    zoned = {"subtype": "datetime", "timeSerializingFormat": "utc_offset"}
    utc = {"subtype": "datetime", "timeSerializingFormat": "utc_normalized"}

    assert prefilled(defaulted("datetime", "=now", **zoned)) == "2026-11-23T10:20+08:00"
    assert prefilled(defaulted("datetime", "=now", **utc)) == "2026-11-23T02:20Z"
    assert prefilled(defaulted("datetime", "=now", subtype="datetime")) == "2026-11-23T10:20"
    assert prefilled(defaulted("datetime", "=now")) == "2026-11-23"
    assert prefilled(defaulted("datetime", '=date(now) + duration("P3D")')) == "2026-11-26"
    assert prefilled(defaulted("datetime", "=time(now)", subtype="time")) == "10:20"
    assert (
        prefilled(defaulted("datetime", "=case.T1_record.received_at", **utc))
        == "2026-11-20T01:30Z"
    )
    assert prefilled(defaulted("wf-person", "=user.key")) == "13"
    assert prefilled(defaulted("number", "=case.T5_plan.cost")) == Decimal("1200.5")
    assert prefilled(defaulted("textfield", "见方案")) == "见方案"
    assert prefilled(defaulted("textfield", "=case.T9.nothing")) == ""


def test_a_default_that_does_not_fit_is_left_out() -> None:
    options = [{"label": "收费", "value": "fee"}]

    assert prefilled(defaulted("radio", "=case.T2_judge.category", values=options)) is None
    assert prefilled(defaulted("number", "=case.T2_judge.category")) is None
    assert prefilled(defaulted("datetime", "=case.T2_judge.category")) is None
    assert prefilled(defaulted("checklist", "=case.T2_judge.category", values=["fee"])) == []
    assert prefilled(defaulted("checkbox", "=case.T2_judge.category")) is False


def test_a_table_is_prefilled_by_its_own_columns() -> None:
    columns = [
        {"key": "measure", "label": "措施", "type": "text"},
        {"key": "done", "label": "完成", "type": "checkbox"},
    ]

    rows = prefilled(defaulted("wf-table", "=case.T5_plan.measures", columns=columns))

    assert rows == [{"measure": "换轴承", "done": False}]


def test_a_draft_wins_over_defaults_but_not_over_what_is_read_only() -> None:
    assert prefilled(defaulted("textfield", "旧"), {"k": "新"}) == "新"
    assert prefilled(defaulted("textfield", "旧"), {"k": ""}) == ""
    assert prefilled(defaulted("number", "=case.T5_plan.cost"), {"k": None}) is None
    assert prefilled(defaulted("textfield", "旧"), {"other": 1}) == "旧"
    assert prefilled(defaulted("textfield", "旧", readonly=True), {"k": "新"}) == "旧"
    assert prefilled(defaulted("textfield", "旧", disabled=True), {"k": "新"}) == "旧"


def test_the_viewer_is_given_what_its_expressions_read_and_no_more() -> None:
    made = form(
        component("textfield", "a", conditional={"hide": "=case.T1_record.danger = true"}),
        component("text", "t", text="{{user.name}}"),
        component("select", "s", valuesKey="cities"),
    )

    data = made.prefill({**CONTEXT, "cities": ["a"]})

    assert data == {
        "case": {"T1_record": {"danger": True}},
        "user": {"name": "陈经理"},
        "cities": ["a"],
    }


def test_a_list_may_be_prefilled_as_a_whole() -> None:
    part = component(
        "dynamiclist", "rows", components=[component("textfield", "measure")],
        properties={"default": "=case.T5_plan.measures"},
    )  # fmt: skip

    assert form(part).prefill(CONTEXT)["rows"] == [{"measure": "换轴承", "done": "x"}]


def shown(part: dict[str, Any], value: Any, language: str = "zh") -> str:
    lines = form(part).show({part["key"]: value}, lookup, language=language, zone=SHANGHAI)
    return "\n".join(text for _, text, _ in lines)


def test_values_read_as_people_write_them() -> None:
    options = [{"label": "来电", "value": "phone"}, {"label": "来访", "value": "visit"}]
    english = {"options_en": "phone=Telephone; visit=Visit"}
    zoned = {"subtype": "datetime", "timeSerializingFormat": "utc_normalized"}
    money = component("number", "k", appearance={"suffixAdorner": "元"})

    assert shown(component("datetime", "k"), "2026-11-02") == "2026 年 11 月 2 日"
    assert shown(component("datetime", "k"), "2026-11-02", "en") == "2 Nov 2026"
    assert (
        shown(component("datetime", "k", **zoned), "2026-11-22T01:30Z")
        == "2026 年 11 月 22 日 09:30"
    )
    assert shown(component("datetime", "k", subtype="time"), "09:30") == "09:30"
    assert shown(money, Decimal("1200.50")) == "1200.50 元"
    assert shown(component("checkbox", "k"), False) == "否"
    assert shown(component("checkbox", "k"), True, "en") == "yes"
    assert shown(component("radio", "k", values=options), "phone") == "来电"
    assert (
        shown(component("radio", "k", values=options, properties=english), "phone", "en")
        == "Telephone"
    )
    assert shown(component("checklist", "k", values=options), ["visit", "phone"]) == "来访、来电"
    assert shown(component("wf-person", "k"), "12") == "周建国"
    assert shown(component("wf-person", "k", multiple=True), ["11", "99"]) == "何静、99"
    assert shown(component("wf-room", "k"), "301") == "3-2-1201"
    assert shown(component("wf-upload", "k"), ["9001", "9002"]) == "现场.jpg、报告.PDF"
    assert shown(component("wf-photo", "k"), ["9001", "9002"]) == "2 张"
    assert shown(component("wf-signature", "k"), "9001") == "已签"
    assert shown(component("wf-signature", "k"), "9001", "en") == "signed"
    assert shown(component("textfield", "k"), "") == ""


def test_a_table_reads_row_by_row() -> None:
    columns = [
        {"key": "measure", "label": "措施", "label_en": "Measure", "type": "text"},
        {"key": "owner", "label": "责任人", "label_en": "Owner", "type": "person"},
        {"key": "due_on", "label": "完成时间", "label_en": "Due", "type": "date"},
    ]
    part = component("wf-table", "k", columns=columns)
    rows = [
        {"measure": "换轴承", "owner": "12", "due_on": "2026-12-01"},
        {"measure": "道歉", "due_on": None},
    ]

    assert (
        shown(part, rows)
        == "1. 措施 换轴承，责任人 周建国，完成时间 2026 年 12 月 1 日\n2. 措施 道歉"
    )
    assert shown(part, rows, "en").startswith("1. Measure: 换轴承, Owner: 周建国, Due: 1 Dec 2026")


def test_lines_carry_label_and_field() -> None:
    people = component(
        "dynamiclist", "people", components=[component("textfield", "name", label="姓名")]
    )
    made = form(
        component("textfield", "a", label="甲", properties={"label_en": "A", "personal": "true"}),
        people,
    )

    lines = made.show({"a": "x", "people": [{"name": "何静"}, {"name": "周建国"}]})

    assert [(label, text) for label, text, _ in lines] == [
        ("甲", "x"), ("标签people 1 · 姓名", "何静"), ("标签people 2 · 姓名", "周建国"),
    ]  # fmt: skip
    assert lines[0][2] == made.fields[0]
    assert (lines[0][2].personal, lines[0][2].label_en) == (True, "A")


def test_worked_out_options_read_with_their_words() -> None:
    made = forms.library.load("complaint/T2_judge")
    data = {"category": "facility", "sub_item": "lift"}

    chinese = {info.key: text for _, text, info in made.show(data)}
    english = {info.key: (label, text) for label, text, info in made.show(data, language="en")}

    assert chinese == {"category": "设备设施", "sub_item": "电梯"}
    assert english == {"category": ("Category", "Facilities"), "sub_item": ("Sub item", "Lift")}


def test_what_is_loaded_can_be_shown_and_prefilled_again() -> None:
    made = form(component("number", "n"), component("checklist", "c", values=["a", "b"]))
    clean = load(made, {"n": 1.5, "c": ["b"]})

    assert made.prefill(CONTEXT, clean) == clean
    assert [text for _, text, _ in made.show(clean)] == ["1.5", "b"]
