"""People fill in forms: with mouse, finger and keyboard, and hear from the server at the field."""

import io
import json
import re

import pytest
from PIL import Image
from playwright.sync_api import expect

from tests.barriers import serious
from tests.web.samples import FILLED, PEOPLE, REPLY, component, wf_form
from tests.web.stage import Answer

READY = "wf-form .fjs-form"


@pytest.fixture(autouse=True)
def product(stage):
    """The endpoints that a task page has."""
    stage.on("PUT", "/tasks/42/draft", Answer({}))
    stage.on("POST", "/tasks/42/complete", Answer({"next": "/inbox"}))
    stage.on("GET", "/lookup/person", _people)
    stage.on("GET", "/lookup/room", Answer({"items": [{"key": "r1", "label": "2-1-302"}]}))
    stage.on("GET", "/favicon.ico", Answer(b""))
    stage.pages["/inbox"] = "<!doctype html><title>待办</title><h1>待办</h1>"


def _people(asked):
    if "key" in asked.query:
        return Answer({"items": [one for one in PEOPLE if one["key"] == asked.query["key"]]})
    return Answer({"items": [one for one in PEOPLE if asked.query["q"] in one["label"]]})


def _form(*components, **more):
    return {
        "type": "default",
        "id": "f",
        "schemaVersion": 19,
        "components": list(components),
        **more,
    }


def _missing(page):
    return page.evaluate("[...customElements.get('wf-form').missing]")


@pytest.mark.parametrize("phone", [False, True], ids=["desk", "hand"])
def test_a_form_is_filled_in_and_submitted_once(stage, open_page, look, phone):
    page = open_page(
        stage.page("/form", "form", wf_form({"schema": REPLY})), phone=phone, wait=READY
    )

    page.get_by_role("radiogroup", name="答复方式").get_by_label("电话").click()
    page.get_by_label("答复日期").fill("2026-11-23")
    page.get_by_label("答复时间").fill("10:15")
    page.get_by_label("答复内容").fill("今天下午更换滚轮，夜间改为常开。")
    page.get_by_label("责任部门").select_option("工程部")
    page.get_by_label("预计费用").fill("680.50")
    page.get_by_label("责任人", exact=True).fill("周")
    page.get_by_role("option", name="周建国").click()
    page.get_by_label("第 1 行 措施").fill("更换导轨滚轮")
    page.get_by_label("第 1 行 完成日期").fill("2026-11-23")
    page.get_by_label("第 1 行 费用").fill("680.5")
    look(page, f"form-filled-{'phone' if phone else 'desk'}")
    page.get_by_role("button", name="提交答复").click()

    expect(page.get_by_role("heading", name="待办")).to_be_visible()
    [sent] = stage.requests("POST", "/tasks/42/complete")
    assert sent.headers["x-csrftoken"] == "token-of-this-session"
    assert len(sent.headers["idempotency-key"]) == 32
    variables = sent.json["variables"]
    assert variables["reply_by"] == "phone"
    assert variables["replied_at"] == "2026-11-23T10:15+08:00"
    assert variables["dept"] == "engineering"
    assert variables["cost"] == 680.5
    assert variables["owner"] == "zhou"
    assert variables["measures"] == [
        {"what": "更换导轨滚轮", "who": None, "by": "2026-11-23", "cost": 680.5}
    ]


def test_a_form_is_filled_in_without_a_mouse(stage, open_page):
    page = open_page(stage.page("/form", "form", wf_form({"schema": REPLY})), wait=READY)
    keys = page.keyboard

    page.get_by_role("radio", name="电话").focus()
    keys.press("Space")
    for control in ("答复日期", "答复时间"):
        page.get_by_label(control).focus()
        for _part in range(3):  # in whatever order the browser shows them
            keys.press("ArrowUp")
            keys.press("ArrowRight")
    page.get_by_label("答复内容").focus()
    keys.type("今天下午更换滚轮，夜间改为常开。")
    page.get_by_label("责任部门").focus()
    keys.press("ArrowDown")
    keys.press("ArrowDown")
    page.get_by_label("责任人", exact=True).focus()
    keys.type("周敏")
    page.get_by_role("option", name="周敏").wait_for()
    keys.press("Enter")
    page.get_by_label("第 1 行 措施").focus()
    keys.type("调整值守")
    keys.press("Control+Enter")

    expect(page.get_by_role("heading", name="待办")).to_be_visible()
    variables = stage.requests("POST", "/tasks/42/complete")[0].json["variables"]
    assert variables["reply_by"] == "phone"
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d\+08:00", variables["replied_at"])
    assert variables["dept"] == "security"
    assert variables["owner"] == "zhoum"
    assert variables["measures"][0]["what"] == "调整值守"


def test_an_unfinished_form_is_not_sent_and_shows_where_it_lacks(stage, open_page, look):
    page = open_page(stage.page("/form", "form", wf_form({"schema": REPLY})), wait=READY)

    page.get_by_role("button", name="提交答复").click()

    expect(page.get_by_role("alert").first).to_contain_text("还有 4 处要改")
    expect(page.get_by_role("radio", name="电话")).to_be_focused()
    look(page, "form-unfinished")
    assert stage.requests("POST", "/tasks/42/complete") == []


@pytest.mark.parametrize("phone", [False, True], ids=["desk", "hand"])
def test_the_servers_sentences_stand_at_their_fields(stage, open_page, look, phone):
    stage.on(
        "POST",
        "/tasks/42/complete",
        Answer(
            {
                "errors": {
                    "Field_reply_text": ["请补充时间和楼层。"],
                    "Field_gone": {"0": ["少了派工单。"]},
                }
            },
            422,
        ),
    )
    url = stage.page("/form", "form", wf_form({"schema": REPLY, "data": FILLED}))
    page = open_page(url, phone=phone, wait=READY)

    page.get_by_role("button", name="提交答复").click()

    field = page.locator(".fjs-form-field-textarea", has_text="答复内容")
    expect(field).to_contain_text("请补充时间和楼层。")
    expect(field.get_by_role("textbox")).to_be_focused()
    expect(page.locator(".wf-notice")).to_contain_text("少了派工单。")
    expect(page.get_by_role("button", name="提交答复")).to_have_attribute("aria-busy", "false")
    look(page, f"form-refused-{'phone' if phone else 'desk'}")


def test_a_conflict_is_told_and_the_same_key_is_kept_only_for_the_same_attempt(stage, open_page):
    answers = [Answer({"message": "故障"}, 503), Answer({"message": "何静刚办完这件事。"}, 409)]
    stage.on("POST", "/tasks/42/complete", lambda _: answers.pop(0))
    url = stage.page("/form", "form", wf_form({"schema": REPLY, "data": FILLED}))
    page = open_page(url, wait=READY)
    button = page.get_by_role("button", name="提交答复")

    button.click()
    expect(page.locator(".wf-notice")).to_contain_text("故障")
    button.click()

    expect(page.locator(".wf-notice")).to_contain_text("何静刚办完这件事。")
    expect(page.locator(".wf-notice")).to_be_focused()
    first, second = stage.requests("POST", "/tasks/42/complete")
    assert first.headers["idempotency-key"] == second.headers["idempotency-key"]


def test_a_lost_connection_keeps_what_was_written(stage, open_page):
    url = stage.page("/form", "form", wf_form({"schema": REPLY, "data": FILLED}))
    page = open_page(url, wait=READY)
    page.context.set_offline(True)

    page.get_by_role("button", name="提交答复").click()

    expect(page.locator(".wf-notice")).to_contain_text("没有连上服务器")
    expect(page.get_by_label("答复内容")).to_have_value(FILLED["reply_text"])


def test_typing_is_kept_as_a_draft(stage, open_page):
    url = stage.page("/form", "form", wf_form({"schema": REPLY, "data": FILLED}))
    page = open_page(url, wait=READY)
    page.wait_for_timeout(400)

    page.get_by_label("答复内容").fill("写到一半")

    expect(page.get_by_text("草稿已保存")).to_be_visible()
    [draft] = stage.requests("PUT", "/tasks/42/draft")
    assert draft.json["data"]["reply_text"] == "写到一半"
    assert draft.headers["x-csrftoken"] == "token-of-this-session"


def test_the_last_words_are_kept_when_another_task_takes_the_place(stage, open_page):
    url = stage.page("/form", "form", wf_form({"schema": REPLY, "data": FILLED}))
    page = open_page(url, wait=READY)
    page.wait_for_timeout(400)

    page.get_by_label("答复内容").fill("最后一句")
    page.evaluate("document.querySelector('wf-form').remove()")
    page.wait_for_timeout(300)

    [draft] = stage.requests("PUT", "/tasks/42/draft")
    assert draft.json["data"]["reply_text"] == "最后一句"
    expect(page.get_by_text("草稿已保存")).to_have_count(0)


def test_a_form_that_was_only_looked_at_leaves_no_draft(stage, open_page):
    url = stage.page("/form", "form", wf_form({"schema": REPLY, "data": FILLED}))
    page = open_page(url, wait=READY)

    page.get_by_label("答复内容").click()
    page.wait_for_timeout(2200)

    assert stage.requests("PUT", "/tasks/42/draft") == []


def test_no_draft_arrives_after_the_submission(stage, open_page):
    url = stage.page("/form", "form", wf_form({"schema": REPLY, "data": FILLED}))
    page = open_page(url, wait=READY)
    page.wait_for_timeout(400)

    page.get_by_label("答复内容").fill("今天下午更换滚轮，夜间改为常开。")
    page.get_by_role("button", name="提交答复").click()
    expect(page.get_by_role("heading", name="待办")).to_be_visible()
    page.wait_for_timeout(1800)

    assert stage.requests("PUT", "/tasks/42/draft") == []


def _photo(width, height):
    picture = Image.effect_noise((width, height), 80).convert("RGB")
    content = io.BytesIO()
    picture.save(content, "JPEG", quality=95)
    return {"name": "现场.jpg", "mimeType": "image/jpeg", "buffer": content.getvalue()}


@pytest.mark.parametrize("phone", [False, True], ids=["desk", "hand"])
def test_a_photo_is_made_smaller_and_sent_at_once(stage, open_page, look, phone):
    stage.on("POST", "/files", Answer({"id": "f1", "name": "现场.jpg"}, 201))
    url = stage.page("/form", "form", wf_form({"schema": REPLY, "data": FILLED}))
    page = open_page(url, phone=phone, wait=READY)
    word = "拍照" if phone else "选择文件"

    page.get_by_label(f"证据 {word}").set_input_files(_photo(2400, 1200))

    expect(page.get_by_role("link", name="打开 现场.jpg")).to_be_visible()
    look(page, f"form-upload-{'phone' if phone else 'desk'}")
    name, content = stage.requests("POST", "/files")[0].file
    assert name == "现场.jpg"
    assert Image.open(io.BytesIO(content)).size == (1600, 800)
    page.get_by_role("button", name="提交答复").click()
    expect(page.get_by_role("heading", name="待办")).to_be_visible()
    assert stage.requests("POST", "/tasks/42/complete")[0].json["variables"]["evidence"] == ["f1"]


def test_a_file_that_failed_is_sent_again_or_removed_before_submitting(stage, open_page):
    answers = [Answer({"message": "不是图片。"}, 415), Answer({"id": "f2"}, 201)]
    stage.on("POST", "/files", lambda _: answers.pop(0))
    url = stage.page("/form", "form", wf_form({"schema": REPLY, "data": FILLED}))
    page = open_page(url, wait=READY)
    file = {"name": "单据.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7"}

    page.get_by_label("证据 选择文件").set_input_files(file)
    again = page.get_by_role("button", name="重传 单据.pdf")
    expect(again).to_be_visible()
    page.get_by_role("button", name="提交答复").click()
    expect(page.locator(".wf-notice")).to_contain_text("有 1 个文件没有传上")
    again.click()
    expect(page.get_by_role("link", name="打开 单据.pdf")).to_be_visible()
    page.get_by_role("button", name="移除 单据.pdf").click()
    page.get_by_role("button", name="提交答复").click()

    expect(page.get_by_role("heading", name="待办")).to_be_visible()
    assert stage.requests("POST", "/tasks/42/complete")[0].json["variables"]["evidence"] == []


def test_no_more_files_than_the_form_allows(stage, open_page):
    numbers = iter(range(9))
    stage.on("POST", "/files", lambda _: Answer({"id": f"f{next(numbers)}"}, 201))
    url = stage.page("/form", "form", wf_form({"schema": REPLY, "data": FILLED}))
    page = open_page(url, wait=READY)
    files = [{"name": f"{n}.txt", "mimeType": "text/plain", "buffer": b"x"} for n in range(4)]

    page.get_by_label("证据 选择文件").set_input_files(files)

    expect(page.get_by_text("最多 3 个")).to_be_visible()
    expect(page.locator(".wf-files li a")).to_have_count(3)


def test_people_are_found_by_typing_within_their_group(stage, open_page, look):
    url = stage.page("/form", "form", wf_form({"schema": REPLY}))
    page = open_page(url, wait=READY)
    helpers = page.get_by_label("协办人")

    helpers.fill("周")
    look(page, "form-person")
    page.get_by_role("option", name="周建国").click()
    helpers.fill("何")
    page.get_by_role("option", name="何静").click()
    page.get_by_role("button", name="清除 周建国").click()
    page.get_by_label("责任人", exact=True).fill("王")

    expect(page.get_by_text("没有找到“王”")).to_be_visible()
    asked = [one.query for one in stage.requests("GET", "/lookup/person")]
    assert {"q": "周"} in asked
    assert {"q": "王", "group": "engineering"} in asked
    data = page.evaluate("document.querySelector('wf-form').submit().data")
    assert data["helpers"] == ["hejing"]


def test_a_chosen_person_is_replaced_by_choosing_another(stage, open_page):
    page = open_page(
        stage.page("/form", "form", wf_form({"schema": REPLY, "data": FILLED})), wait=READY
    )
    owner = page.get_by_label("责任人", exact=True)
    expect(page.get_by_role("button", name="清除 周建国").first).to_be_visible()

    owner.fill("周敏")
    page.get_by_role("option", name="周敏").click()

    data = page.evaluate("document.querySelector('wf-form').submit().data")
    assert data["owner"] == "zhoum"


def test_enter_that_belongs_to_the_input_method_chooses_nobody(stage, open_page):
    page = open_page(stage.page("/form", "form", wf_form({"schema": REPLY})), wait=READY)
    owner = page.get_by_label("责任人", exact=True)

    owner.fill("周")
    page.get_by_role("option", name="周建国").wait_for()
    owner.dispatch_event("keydown", {"key": "Enter", "isComposing": True, "bubbles": True})
    page.wait_for_timeout(100)

    assert page.evaluate("document.querySelector('wf-form').submit().data.owner") is None


DROP = """(zone) => {
    const given = new DataTransfer();
    given.items.add(new File(['%PDF'], '单据.pdf', {type: 'application/pdf'}));
    zone.dispatchEvent(new DragEvent('drop', {dataTransfer: given, bubbles: true, cancelable: true}));
}"""


def test_a_file_is_dropped_where_it_belongs(stage, open_page):
    stage.on("POST", "/files", Answer({"id": "f7", "name": "单据.pdf"}, 201))
    page = open_page(stage.page("/form", "form", wf_form({"schema": REPLY})), wait=READY)

    page.locator(".wf-files").evaluate(DROP)

    expect(page.get_by_role("link", name="打开 单据.pdf")).to_be_visible()


def test_a_stored_key_is_shown_by_its_name(stage, open_page):
    given = {"schema": REPLY, "data": FILLED, "labels": {"room": {"r9": "3-2-1701"}}}
    given["data"] = FILLED | {"room": "r9"}
    page = open_page(stage.page("/form", "form", wf_form(given)), wait=READY)

    expect(page.locator(".fjs-form-field-wf-room")).to_contain_text("3-2-1701")
    expect(page.locator(".fjs-form-field-wf-person").first).to_contain_text("周建国")
    assert stage.requests("GET", "/lookup/room") == []


@pytest.mark.parametrize("phone", [False, True], ids=["desk", "hand"])
def test_table_rows_are_added_removed_and_brought_back(stage, open_page, look, phone):
    url = stage.page("/form", "form", wf_form({"schema": REPLY, "data": FILLED}))
    page = open_page(url, phone=phone, wait=READY)

    page.get_by_role("button", name="加一行").click()
    expect(page.get_by_label("第 2 行 措施")).to_be_focused()
    page.get_by_label("第 2 行 费用").fill("不贵")
    page.get_by_label("第 2 行 费用").blur()
    page.get_by_role("button", name="提交答复").click()
    expect(page.locator(".fjs-form-field-wf-table")).to_contain_text("第 2 行「措施」必填。")
    expect(page.locator(".fjs-form-field-wf-table")).to_contain_text("第 2 行「费用」要填数字。")
    look(page, f"form-table-{'phone' if phone else 'desk'}")
    page.get_by_role("button", name="移除第 1 行").click()
    expect(page.get_by_label("第 2 行 措施")).to_have_count(0)
    page.get_by_role("button", name="撤销").click()

    expect(page.get_by_label("第 1 行 措施")).to_have_value("更换导轨滚轮")
    data = page.evaluate("document.querySelector('wf-form').submit().data")
    assert [row["what"] for row in data["measures"]] == ["更换导轨滚轮", ""]


def test_a_table_without_adding_keeps_its_rows_and_its_readonly_cells(stage, open_page):
    table = component(
        "wf-table",
        "checks",
        "检查",
        allowAddRemove=False,
        columns=[
            {"key": "point", "label": "项目", "type": "text", "readonly": True},
            {
                "key": "result",
                "label": "结果",
                "type": "select",
                "options": [{"label": "合格", "value": "ok"}, {"label": "不合格", "value": "bad"}],
            },
            {"key": "seen", "label": "已看", "type": "checkbox"},
            {"key": "at", "label": "时间", "type": "datetime"},
            {"key": "note", "label": "备注", "type": "textarea"},
        ],
    )
    data = {"checks": [{"point": "电梯"}, {"point": "消防栓"}]}
    page = open_page(
        stage.page("/form", "form", wf_form({"schema": _form(table), "data": data})), wait=READY
    )

    expect(page.get_by_role("button", name="加一行")).to_have_count(0)
    expect(page.get_by_label("第 1 行 项目")).not_to_be_editable()
    page.get_by_label("第 2 行 结果").select_option("不合格")
    page.get_by_label("第 2 行 已看").check()
    page.get_by_label("第 2 行 时间").fill("2026-11-23T09:30")
    page.get_by_label("第 2 行 备注").fill("水带缺失")

    rows = page.evaluate("document.querySelector('wf-form').submit().data.checks")
    assert rows == [
        {"point": "电梯"},
        {
            "point": "消防栓",
            "result": "bad",
            "seen": True,
            "at": "2026-11-23T09:30+08:00",
            "note": "水带缺失",
        },
    ]


def test_a_field_is_required_while_its_condition_holds(stage, open_page):
    url = stage.page("/form", "form", wf_form({"schema": REPLY, "data": FILLED}))
    page = open_page(url, wait=READY)
    label = page.locator("label", has_text="不同意的理由")
    star = label.locator(".fjs-asterix")
    expect(star).to_have_count(0)

    page.get_by_label("业主不同意").check()
    expect(star).to_have_count(1)
    page.get_by_role("button", name="提交答复").click()

    expect(page.get_by_label("不同意的理由")).to_be_focused()
    page.get_by_label("业主不同意").uncheck()
    expect(star).to_have_count(0)


@pytest.mark.parametrize(
    ("subtype", "parts", "format_", "stored"),
    [
        ("date", ["2026-11-23"], None, "2026-11-23"),
        ("time", ["09:30"], "utc_offset", "09:30+08:00"),
        ("time", ["09:30"], "utc_normalized", "01:30Z"),
        ("time", ["09:30"], "no_timezone", "09:30"),
        ("datetime", ["2026-11-23", "09:30"], "utc_offset", "2026-11-23T09:30+08:00"),
        ("datetime", ["2026-11-23", "07:30"], "utc_normalized", "2026-11-22T23:30Z"),
        ("datetime", ["2026-11-23", "09:30"], "no_timezone", "2026-11-23T09:30"),
        ("datetime", ["2026-11-23"], "utc_offset", None),
    ],
)
def test_moments_are_stored_as_form_js_stores_them(
    stage, open_page, subtype, parts, format_, stored
):
    field = component(
        "datetime",
        "at",
        "",
        subtype=subtype,
        dateLabel="日",
        timeLabel="时",
        timeSerializingFormat=format_,
    )
    page = open_page(stage.page("/form", "form", wf_form({"schema": _form(field)})), wait=READY)

    for label, part in zip(["时"] if subtype == "time" else ["日", "时"], parts, strict=False):
        page.get_by_label(label).fill(part)
    page.wait_for_timeout(100)

    data = page.evaluate("document.querySelector('wf-form').submit().data")
    assert data["at"] == stored
    half = page.get_by_text("日期和时间都要填。")
    expect(half).to_have_count(1 if stored is None else 0)


def test_a_stored_moment_is_shown_in_local_time(stage, open_page):
    field = component("datetime", "at", "", subtype="datetime", dateLabel="日", timeLabel="时")
    given = {"schema": _form(field), "data": {"at": "2026-11-22T23:30Z"}}
    page = open_page(stage.page("/form", "form", wf_form(given)), wait=READY)

    expect(page.get_by_label("日")).to_have_value("2026-11-23")
    expect(page.get_by_label("时")).to_have_value("07:30")


def test_a_submission_is_shown_read_only(stage, open_page, look):
    url = stage.page(
        "/form", "form", wf_form({"schema": REPLY, "data": FILLED}, attributes="readonly")
    )
    page = open_page(url, wait=READY)

    expect(page.get_by_label("答复内容")).not_to_be_editable()
    expect(page.get_by_role("button", name="加一行")).to_have_count(0)
    expect(page.get_by_label("证据 选择文件")).to_have_count(0)
    look(page, "form-readonly")


def test_english_readers_get_english(stage, open_page, look):
    url = stage.page("/form", "form", wf_form({"schema": REPLY}), lang="en")
    page = open_page(url, wait=READY)

    expect(page.get_by_role("radiogroup", name="By")).to_contain_text("Telephone")
    expect(page.get_by_text("Say what and by when.")).to_be_visible()
    page.get_by_label("Why not").wait_for()
    page.get_by_role("button", name="提交答复").click()

    expect(page.locator(".wf-notice")).to_contain_text("Correct 4 entries")
    expect(page.get_by_text("Field is required.").first).to_be_visible()
    look(page, "form-english")


def test_a_broken_form_says_so(stage, open_page):
    url = stage.page(
        "/form", "form", wf_form({"schema": _form(component("hologram", "h", "全息"))})
    )
    page = open_page(url, wait=".wf-notice")

    expect(page.locator(".wf-notice")).to_contain_text("表单没有打开")


def _everything():
    """Every kind of field, and rules enough to make each of them complain."""
    items = [{"label": "甲", "value": "a"}, {"label": "乙", "value": "b"}]
    return _form(
        component(
            "textfield", "short", "短", validate={"minLength": 3, "maxLength": 5, "pattern": "^x"}
        ),
        component("textfield", "mail", "邮箱", validate={"validationType": "email"}),
        component("textfield", "tel", "电话", validate={"validationType": "phone"}),
        component("number", "whole", "整数", decimalDigits=0, validate={"min": 3, "max": 5}),
        component("number", "one", "一位", decimalDigits=1, increment="0.5"),
        component("number", "two", "两位", decimalDigits=2),
        component("datetime", "at", "", subtype="datetime", dateLabel="日", timeLabel="时"),
        component("select", "pick", "选", values=items),
        component("select", "find", "找", values=items, searchable=True),
        component("taglist", "tags", "多选", values=items),
        component("filepicker", "file", "文件"),
        {
            "type": "dynamiclist",
            "id": "List_1",
            "path": "list",
            "label": "明细",
            "isRepeating": True,
            "allowAddRemove": True,
            "defaultRepetitions": 3,
            "nonCollapsedItems": 2,
            "components": [component("textfield", "item", "品名")],
        },
        {
            "type": "table",
            "id": "Table_1",
            "label": "费用",
            "dataSource": "=fees",
            "rowCount": 2,
            "columns": [{"label": "项目", "key": "name"}],
        },
        {"type": "iframe", "id": "Frame_1", "label": "外部", "url": ""},
        {"type": "documentPreview", "id": "Preview_1", "label": "文件", "title": "文件"},
    )


def test_no_text_of_the_viewer_is_left_in_english(stage, open_page):
    data = {
        "short": "ab",
        "mail": "x",
        "tel": "1",
        "whole": 1.5,
        "one": 1.25,
        "two": 1.005,
        "fees": [{"name": str(n)} for n in range(5)],
    }
    page = open_page(
        stage.page("/form", "form", wf_form({"schema": _everything(), "data": data})), wait=READY
    )

    page.get_by_label("日", exact=True).fill("2026-11-23")
    page.get_by_label("日", exact=True).blur()
    page.get_by_label("找").click()
    page.get_by_label("找").fill("没有的")
    expect(page.get_by_text("没有找到“没有的”")).to_be_visible()
    page.get_by_label("找").fill("乙")
    page.locator(".wf-picker-list").get_by_text("乙").click()
    page.get_by_label("多选").click()
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    page.get_by_text("再加一项").click()
    page.get_by_text("收起").click()
    page.get_by_text("全部展开").click()
    page.locator(".fjs-table-th").click()
    page.locator(".fjs-table-th").click()
    page.get_by_role("button", name="提交答复").click()
    page.wait_for_timeout(200)

    assert page.evaluate("document.querySelector('wf-form').submit().data.find") == "b"
    shown = page.locator("wf-form .fjs-form").inner_text()
    assert _missing(page) == []
    assert not [
        word for word in shown.split() if word.isascii() and word.isalpha() and len(word) > 2
    ]


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("phone", [False, True], ids=["desk", "hand"])
def test_axe_finds_nothing_serious(stage, open_page, look, dark, phone):
    url = stage.page("/form", "form", wf_form({"schema": REPLY, "data": {"phone": "138"}}))
    page = open_page(url, phone=phone, dark=dark, wait=READY)
    assert serious(page) == []

    page.get_by_role("button", name="提交答复").click()
    expect(page.get_by_role("radio", name="电话")).to_be_focused()
    page.get_by_label("协办人").fill("周")
    page.get_by_role("option", name="周敏").wait_for()
    look(page, f"form-{'dark' if dark else 'light'}-{'phone' if phone else 'desk'}")

    assert serious(page) == []


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_the_makers_mark_stays_visible(stage, open_page, dark):
    page = open_page(stage.page("/form", "form", wf_form({"schema": REPLY})), dark=dark, wait=READY)
    mark = page.locator("a.fjs-powered-by-link")

    expect(mark).to_be_visible()
    colours = mark.evaluate("m => [getComputedStyle(m).color, getComputedStyle(m).backgroundColor]")
    assert colours == ["rgb(64, 64, 64)", "rgb(255, 255, 255)"]


def test_a_form_survives_being_swapped_out_and_in(stage, open_page):
    url = stage.page("/form", "form", wf_form({"schema": REPLY, "data": FILLED}))
    page = open_page(url, wait=READY)

    page.evaluate(
        "() => { const f = document.querySelector('wf-form'); const p = f.parentNode; f.remove(); p.append(f); }"
    )

    expect(page.locator("wf-form .fjs-form")).to_have_count(1)
    assert (
        json.loads(
            page.evaluate("JSON.stringify(document.querySelector('wf-form').submit().errors)")
        )
        == {}
    )
