"""A table as a file: the same typing as on the screen, faults by cell, thousands of rows."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

import forms
from forms.fields.sheets import SheetField
from tests.forms.samples import NOW, component, definition

SHANGHAI = ZoneInfo("Asia/Shanghai")
COLUMNS = [
    {"key": "room", "label": "房号", "label_en": "Room", "type": "room", "required": True},
    {"key": "owner", "label": "业主", "label_en": "Owner", "type": "text", "required": True},
    {"key": "phone", "label": "电话", "type": "text", "maxLength": 11},
    {"key": "area", "label": "面积", "type": "number", "min": 1, "decimalDigits": 2},
    {"key": "day", "label": "预约日", "type": "date"},
    {"key": "seen_at", "label": "时间", "type": "datetime"},
    {"key": "state", "label": "状态", "type": "select", "options": [
        {"label": "合格", "label_en": "Pass", "value": "pass"},
        {"label": "不合格", "label_en": "Fail", "value": "fail"}]},
    {"key": "trained", "label": "已培训", "type": "checkbox"},
    {"key": "by", "label": "经办", "type": "person"},
]  # fmt: skip
HEAD = ("房号*", "业主*", "电话", "面积", "预约日", "时间", "状态", "已培训", "经办")
NAMES = {("room", "3-2-1201"): ["301"], ("room", "1"): ["8", "9"], ("person", "丁志强"): ["12"]}


def field(**more: Any) -> SheetField:
    part = component("wf-sheet", "rows", columns=COLUMNS, **more)
    made = forms.parse(definition(part))
    found = made.scope.nodes[0].field
    assert isinstance(found, SheetField)
    return found


def taken(*rows: tuple[Any, ...], head: tuple[Any, ...] = HEAD, **more: Any) -> Any:
    lines = list(enumerate([head, *rows], 1))
    return forms.sheet_rows.take(field(**more), lines, NAMES, SHANGHAI)


def faults(*rows: tuple[Any, ...], **more: Any) -> list[tuple[str, str]]:
    return [(one.cell, one.zh) for one in taken(*rows, **more).wrong]


def test_cells_become_the_values_that_the_screen_would_send():
    found = taken(
        ("3-2-1201", "周明", 13800000001.0, 89.5, datetime(2026, 12, 26),  # noqa: DTZ001
         datetime(2026, 12, 26, 9, 30), "合格", "是", "丁志强"),  # noqa: DTZ001
        ("3-2-1201", "周明", "'0755", "1,089", "2026/1/5", "2026年1月5日 9:05", "fail", None, None),
    )  # fmt: skip

    assert found.wrong == []
    first, second = found.rows
    assert first == {
        "room": "301", "owner": "周明", "phone": "13800000001", "area": first["area"], "day": "2026-12-26",
        "seen_at": "2026-12-26T09:30+08:00", "state": "pass", "trained": True, "by": "12",
    }  # fmt: skip
    assert [str(row["area"]) for row in found.rows] == ["89.5", "1089"]
    assert (second["phone"], second["day"], second["state"], second["trained"]) == (
        "0755", "2026-01-05", "fail", False,
    )  # fmt: skip
    assert second["seen_at"] == "2026-01-05T09:05+08:00"


@pytest.mark.parametrize(
    ("row", "cell", "words"),
    [
        (("9-9", "周明"), "A2", "没有房号“9-9”"),
        (("1", "周明"), "A2", "几个项目里都有"),
        ((None, "周明"), "A2", "请选择"),
        (("3-2-1201", None), "B2", "请填写这一项"),
        (("3-2-1201", "周明", "138000000012"), "C2", "最多 11 个字"),
        (("3-2-1201", "周明", None, "许多"), "D2", "请填写数字"),
        (("3-2-1201", "周明", None, 0), "D2", "不能小于 1"),
        (("3-2-1201", "周明", None, 1.005), "D2", "最多保留 2 位小数"),
        (("3-2-1201", "周明", None, None, "明天"), "E2", "正确的日期"),
        (("3-2-1201", "周明", None, None, "2026-13-01"), "E2", "正确的日期"),
        (("3-2-1201", "周明", None, None, None, "九点"), "F2", "日期和时间"),
        (("3-2-1201", "周明", *[None] * 4, "还行"), "G2", "不在选项里"),
        (("3-2-1201", "周明", *[None] * 5, "也许"), "H2", "“是”或“否”"),
        (("3-2-1201", "周明", *[None] * 6, "无此人"), "I2", "没有姓名或工号"),
    ],
)
def test_a_fault_names_its_cell(row: tuple[Any, ...], cell: str, words: str):
    (found,) = faults(row)

    assert found[0] == cell
    assert words in found[1]


def test_rows_keep_their_number_when_blank_ones_lie_between():
    blank = (None,) * len(HEAD)

    assert [cell for cell, _ in faults(blank, blank, ("9-9", "周明"))] == ["A4"]


def test_columns_may_be_moved_left_out_and_written_in_english():
    found = taken(("周明", "x", "3-2-1201"), head=("Owner", "其他", "Room"))

    assert found.wrong == []
    assert (found.rows[0]["room"], found.rows[0]["owner"]) == ("301", "周明")


@pytest.mark.parametrize("head", [("姓名", "号码"), ("业主",), ()])
def test_a_head_without_the_required_columns_is_told_by_name(head: tuple[str, ...]):
    (found,) = taken(head=head).wrong

    assert (found.cell, "房号" in found.zh) == ("A1", True)


def test_too_many_and_too_few_rows_are_refused():
    row = ("3-2-1201", "周明")

    assert "最多 2 行" in faults(row, row, row, maxRows=2)[0][1]
    assert "至少填 2 行" in faults(row, minRows=2)[0][1]


def test_the_server_holds_submitted_rows_to_the_same_rules():
    made = forms.parse(definition(component("wf-sheet", "rows", columns=COLUMNS, maxRows=3000)))
    good = [{"room": "301", "owner": f"户 {n}", "area": n + 1} for n in range(2500)]

    def known(kind: str, key: str, _actor: Any, /) -> Any:
        return {"label": key} if (kind, key) == ("room", "301") else None

    clean = made.load({"rows": good}, context={}, now=NOW, lookup=known)
    with pytest.raises(forms.Invalid) as refused:
        made.load({"rows": [{"room": "302", "area": 0}] * 2500}, context={}, now=NOW, lookup=known)

    assert len(clean["rows"]) == 2500
    assert clean["rows"][7]["by"] is None
    sentences = refused.value.errors["F_rows"]
    assert len(sentences) == 21
    assert sentences[-1] == "还有 4980 处要改。"
    assert made.show(clean)[0][1] == "共 2500 行"


def test_rooms_are_asked_for_all_at_once_and_people_once_each():
    made = forms.parse(definition(component("wf-sheet", "rows", columns=COLUMNS)))
    rows = [{"room": str(n), "owner": "周明", "by": "12"} for n in range(300)]
    asked = []

    def archive(kind: str, key: str, _actor: Any, /) -> Any:
        asked.append(kind)
        known = {"label": "", "keys": set(key.split(",")) - {"7"}}
        return known if kind == "rooms" else {"label": "丁志强"}

    with pytest.raises(forms.Invalid) as refused:
        made.load({"rows": rows}, context={}, now=NOW, lookup=archive)

    assert asked == ["rooms", "person"]
    (sentence,) = refused.value.errors["F_rows"]
    assert sentence.startswith("第 8 行「房号」")


def test_typed_rows_can_be_summed_in_a_check():
    own = {"check": "sum(for r in rows return r.area) <= 100", "checkMessage": "面积太大。"}
    made = forms.parse(definition(component("wf-sheet", "rows", columns=COLUMNS, properties=own)))
    rows = [{"room": "301", "owner": "周明", "area": 60}] * 2

    with pytest.raises(forms.Invalid) as refused:
        made.load(
            {"rows": rows},
            context={},
            now=NOW,
            lookup=lambda kind, *_: None if kind == "rooms" else {"label": "x"},
        )

    assert refused.value.errors["F_rows"] == ["面积太大。"]


@pytest.mark.parametrize(
    "column",
    [
        {"key": "a", "label": "甲", "type": "upload"},
        {"key": "a", "label": "甲", "type": "photo"},
        {"key": "a", "label": "甲", "type": "text", "readonly": True},
    ],
    ids=["files", "photos", "cells that the server fills"],
)
def test_what_no_file_can_bring_back_is_refused_in_the_design(column: dict[str, Any]):
    problems = forms.check(definition(component("wf-sheet", "rows", columns=[column])))

    assert [p.code for p in problems] == ["column"]
