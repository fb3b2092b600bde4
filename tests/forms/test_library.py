"""The shipped forms are sound, complete in two languages, and take what staff would write."""

from datetime import timedelta
from typing import Any

import pytest

import forms
from tests.forms.samples import NOW, load

KEYS = forms.library.keys()
#: filled in here with every option; the forms of the other processes by their scenarios
BY_HAND = [key for key in KEYS if key.startswith(("callback/", "complaint/"))]
#: what may be left empty: nobody signed up
EMPTY = {"community_event/E7_signup"}
CASE: dict[str, Any] = {
    "T1_record": {"channel": "leader_instruction", "origin_doc_no": "2026-7", "demand": "尽快修好"},
    "T2_judge": {"category": "facility", "sub_item": "lift", "validity": "reasonable", "target_dept": "eng"},
    "T2u_explain": {"explanation": "已说明情况，请业主谅解。"},
    "T3_investigate": {"root_cause": "equipment"},
    "T5_plan": {
        "measures": [{"measure": "更换轴承", "owner": "12", "due_on": "2026-11-30"}],
        "cost": 1200, "compensation": None, "answer_draft": "本周五前修好电梯，并减免三天公摊。",
    },
    "T6_reply": {"reply_text": "本周五前修好电梯。"},
    "T7a_execute": {"result": "轴承已更换，运行正常。"},
}  # fmt: skip
LATER = (NOW + timedelta(days=2)).isoformat(timespec="minutes")
BEFORE = (NOW - timedelta(hours=1)).isoformat(timespec="minutes")
OWN = {
    "plan_due_at": LATER, "new_due_at": LATER, "visit_at": LATER, "month": "2026-11",
    "phone": "0755-88886666", "worker": "12",
}  # fmt: skip
BY_TYPE = {
    "textfield": "三栋二单元", "textarea": "电梯停运三天，老人上下楼不便。", "number": 1, "checkbox": True,
    "datetime": BEFORE, "date": "2026-12-01", "wf-upload": ["9001"], "wf-photo": ["9001"], "wf-signature": "9001", "wf-person": "13", "wf-room": "301",
    "wf-case": "TS-1",
}  # fmt: skip
CELLS = {
    "text": "轴承", "textarea": "更换轴承", "number": 1, "date": "2026-12-01", "checkbox": True,
    "datetime": BEFORE, "person": "12", "upload": ["9001"], "photo": ["9001"],
}  # fmt: skip


def parts(key: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = forms.library.load(key).schema["components"]
    return found


def filled_in(key: str, option: int) -> dict[str, Any]:
    """Return a whole submission that takes the first or the last option everywhere."""
    return {part["key"]: value(part, option) for part in parts(key)}


def value(part: dict[str, Any], option: int) -> Any:
    if part["key"] == "sub_item":
        return ("lift", "theft")[option]
    if part["key"] in OWN:
        return OWN[part["key"]]
    if part["type"] in ("wf-table", "wf-sheet"):
        return [{c["key"]: cell(c, option) for c in part["columns"]}]
    if part["type"] == "checklist":
        return [one["value"] for one in part["values"]]
    if "values" in part:
        return part["values"][option]["value"]
    plain = BY_TYPE[part.get("subtype") or part["type"]]
    return [plain] if part.get("multiple") else plain


def cell(column: dict[str, Any], option: int) -> Any:
    if "options" in column:
        return column["options"][option]["value"]
    return CELLS[column["type"]]


@pytest.mark.parametrize("option", [0, -1])
@pytest.mark.parametrize("key", BY_HAND)
def test_every_form_takes_a_whole_submission(key: str, option: int) -> None:
    made = forms.library.load(key)

    clean = load(made, filled_in(key, option), case=CASE)

    assert set(clean) <= made.keys
    assert load(made, clean, case=CASE) == clean
    assert made.show(clean)


@pytest.mark.parametrize("key", sorted({*KEYS} - EMPTY))
def test_every_form_refuses_an_empty_submission_with_words(key: str) -> None:
    with pytest.raises(forms.Invalid) as refused:
        load(forms.library.load(key), {}, case={})

    assert all(problem.zh and problem.en for problem in refused.value.problems)


@pytest.mark.parametrize("key", KEYS)
def test_every_form_is_named_after_its_place_in_both_languages(key: str) -> None:
    made = forms.library.load(key)

    assert made.id == key.replace("/", "-")
    assert made.name
    assert made.name_en not in ("", made.name)


@pytest.mark.parametrize("key", KEYS)
def test_every_text_has_its_english(key: str) -> None:
    for part in parts(key):
        own = part["properties"]
        assert own["label_en"].isascii(), part["id"]
        for chinese, english in (("hint", "hint_en"), ("checkMessage", "checkMessageEn")):
            assert (chinese in own) == (english in own), part["id"]
        words = [word.partition("=")[0].strip() for word in own.get("options_en", "").split(";")]
        assert {str(v["value"]) for v in part.get("values", [])} <= set(words), part["id"]
        assert all(column["label_en"].isascii() for column in part.get("columns", []))


@pytest.mark.parametrize("key", KEYS)
def test_choices_are_buttons_up_to_six_and_searched_beyond(key: str) -> None:
    for part in parts(key):
        count = len(part.get("values", []))
        if part["type"] == "radio":
            assert count <= 6, part["id"]
        if part["type"] == "select" and count > 6:
            assert part["searchable"], part["id"]


@pytest.mark.parametrize("key", [key for key in KEYS if "/M_" not in key])
def test_rows_fit_the_grid_and_every_form_ends_with_note_and_files(key: str) -> None:
    rows: dict[str, int] = {}
    for part in parts(key):
        rows[part["layout"]["row"]] = rows.get(part["layout"]["row"], 0) + part["layout"]["columns"]

    assert max(rows.values()) <= 16
    assert [part["key"] for part in parts(key)][-2:] == ["task_note", "attachments"]


@pytest.mark.parametrize("key", KEYS)
def test_free_text_is_personal(key: str) -> None:
    made = forms.library.load(key)

    free = {part["key"] for part in parts(key) if part["type"] == "textarea"}
    assert free <= made.personal


def test_names_and_telephones_are_personal_and_codes_are_not() -> None:
    made = forms.library.load("complaint/T1_record")

    assert {"complainant_name", "phone", "against_person", "place", "content"} <= made.personal
    assert not {"channel", "form", "danger", "group_count", "room_id"} & made.personal


def test_an_anonymous_caller_leaves_neither_name_nor_telephone() -> None:
    made = forms.library.load("complaint/T1_record")
    sent = {**filled_in("complaint/T1_record", 0), "complainant_name": "", "phone": ""}

    assert load(made, {**sent, "anonymous": True})["complainant_name"] == ""
    with pytest.raises(forms.Invalid) as refused:
        load(made, {**sent, "anonymous": False})
    assert refused.value.errors.keys() == {"Field_complainant_name", "Field_phone"}


T1 = "complaint/T1_record"
SLIPS = [
    (T1, {"received_at": LATER}, {"Field_received_at"}),
    (
        T1,
        {"received_at": BEFORE, "happened_at": NOW.isoformat(timespec="minutes")},
        {"Field_happened_at"},
    ),
    (T1, {"five_clear": ["who", "when"]}, {"Field_five_clear"}),
    (T1, {"phone": "12345"}, {"Field_phone"}),
    (T1, {"content": "太短"}, {"Field_content"}),
    (T1, {"group_count": 0}, {"Field_group_count"}),
    (T1, {"channel": "leader_instruction", "instruction": ""}, {"Field_instruction"}),
    (T1, {"read_back": False}, {"Field_read_back"}),
    ("complaint/T2_judge", {"sub_item": "theft"}, {"Field_sub_item"}),
    (
        "complaint/T2_judge",
        {"validity": "partly", "validity_reason": ""},
        {"Field_validity_reason"},
    ),
    ("complaint/T4_assign", {"plan_due_at": BEFORE}, {"Field_plan_due_at"}),
    ("complaint/T5_plan", {"finish_by": "2026-11-22"}, {"Field_finish_by"}),
    ("complaint/T5_plan", {"plan_kind": ["refund"], "compensation": 0}, {"Field_compensation"}),
    (
        "complaint/T6_reply",
        {"customer_agrees": "disagree", "customer_words": " "},
        {"Field_customer_words"},
    ),
    ("complaint/T7a_execute", {"measures_done": [{"done": True}]}, {"Field_measures_done"}),
    ("complaint/T7r_repair", {"worker": "11"}, {"Field_worker"}),
    ("complaint/T8r_report", {"signed_by": "11"}, {"Field_signed_by"}),
    ("complaint/T9_month", {"second_complaints": 2}, {"Field_second_complaints"}),
    ("callback/C1_callback", {"satisfaction": "1", "omissions": ""}, {"Field_omissions"}),
    ("callback/C1_callback", {"satisfaction": 5}, {"Field_satisfaction"}),
]


@pytest.mark.parametrize(("key", "slip", "fields"), SLIPS)
def test_a_slip_is_named_at_its_field(key: str, slip: dict[str, Any], fields: set[str]) -> None:
    with pytest.raises(forms.Invalid) as refused:
        load(forms.library.load(key), {**filled_in(key, 0), **slip}, case=CASE)

    assert refused.value.errors.keys() == fields


def test_only_a_manager_changes_the_priority() -> None:
    made = forms.library.load("complaint/T2_judge")
    sent = filled_in("complaint/T2_judge", 0)
    assistant = {"key": "11", "groups": ["cs_assistant"]}

    with pytest.raises(forms.Invalid) as refused:
        load(made, sent, case=CASE, user=assistant)

    assert refused.value.errors == {"Field_priority_override": ["优先级由客户经理调整。"]}
    assert load(made, {**sent, "priority_override": None}, case=CASE, user=assistant)


def test_answers_are_carried_over_from_the_case() -> None:
    def prefill(key: str) -> dict[str, Any]:
        context = {"case": CASE, "user": {"key": "13"}, "now": NOW}
        return forms.library.load(key).prefill(context)

    assert prefill(T1) == {"received_at": "2026-11-23T10:20+08:00", "receiver": "13"}
    assert prefill("complaint/T6_reply")["reply_text"] == CASE["T5_plan"]["answer_draft"]
    assert prefill("complaint/T8r_report")["report_to"] == "superior"
    assert prefill("complaint/T8_file")["sub_item"] == "lift"
    (row,) = prefill("complaint/T7a_execute")["measures_done"]
    assert (row["measure"], row["owner"], row["done"]) == ("更换轴承", "12", False)


@pytest.mark.parametrize("key", ["complaint/T0", "../pyproject", "complaint/../../pyproject", ""])
def test_there_is_no_other_form(key: str) -> None:
    with pytest.raises(KeyError):
        forms.library.load(key)
