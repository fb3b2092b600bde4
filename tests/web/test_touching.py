"""A form computes before people's eyes, and finds fault only with what they have touched."""

import json

import pytest
from playwright.sync_api import expect

from tests.barriers import serious
from tests.web.conftest import WEB
from tests.web.samples import component, wf_form
from tests.web.stage import Answer

READY = "wf-form .fjs-form"
PRICES = [
    {"item": "阀芯", "unit": "个", "price": 65, "quantity": None},
    {"item": "上门", "unit": "次", "price": 50.5, "quantity": None},
]
KEYS = [{"key": "进户门"}, {"key": "信箱"}]


@pytest.fixture(autouse=True)
def product(stage):
    stage.on("GET", "/favicon.ico", Answer(b""))
    stage.on("PUT", "/tasks/42/draft", Answer({}))


def shipped(name):
    return json.loads((WEB.parent / f"forms/{name}.form").read_text())


def errors(page):
    return page.locator(".fjs-form-field-error")


def form(stage, open_page, schema, data=None, **more):
    given = wf_form({"schema": schema, "data": data or {}})
    return open_page(stage.page("/form", "form", given), wait=READY, **more)


def below(page, upper, lower):
    """How many pixels the second stands below the first."""
    places = [one.bounding_box() for one in (upper, lower)]
    return places[1]["y"] - places[0]["y"]


@pytest.mark.parametrize("phone", [False, True], ids=["desk", "hand"])
def test_the_total_stands_above_the_consent_and_the_signature(stage, open_page, look, phone):
    data = {"payable": "paid", "lines": PRICES, "consent": "agree", "consent_by": "sign"}
    page = form(stage, open_page, shipped("repair/R5_quote"), data, phone=phone)
    total = page.get_by_label("报价合计（元）")
    expect(total).to_have_text("0")

    page.get_by_label("第 1 行 数量").fill("2")
    page.get_by_label("第 2 行 数量").fill("1")
    page.get_by_label("第 2 行 数量").blur()

    expect(total).to_have_text("180.50")
    assert below(page, total, page.get_by_role("radiogroup", name="客户意见")) > 0
    assert below(page, total, page.get_by_role("group", name="客户签名")) > 0
    assert serious(page) == []
    look(page, f"quote-{'phone' if phone else 'desk'}")
    assert page.evaluate("document.querySelector('wf-form').submit().data.total") == 180.5


def test_a_form_that_was_just_opened_finds_no_fault(stage, open_page):
    data = {"key_rows": KEYS, "received_by": "周" * 61}
    page = form(stage, open_page, shipped("move_in/M7_handover"), data)
    page.wait_for_timeout(300)

    expect(errors(page)).to_have_count(0)

    page.locator("wf-form").evaluate("form => form.submit()")
    expect(page.get_by_text("至少填 1 行。")).to_be_visible()


def test_a_field_is_found_at_fault_once_it_is_left(stage, open_page):
    columns = [{"key": "n", "label": "把数", "type": "number"}]
    table = component("wf-table", "rows", "钥匙", columns=columns, validate={"required": True})
    name = component("textfield", "name", "姓名", validate={"required": True, "maxLength": 3})
    page = form(
        stage, open_page, {"type": "default", "id": "f", "components": [table, name]},
        {"rows": [{"n": None}], "name": "四个字名"},
    )  # fmt: skip

    page.get_by_label("第 1 行 把数").focus()
    page.get_by_label("姓名").focus()

    expect(errors(page)).to_have_text(["至少填 1 行。"])
    page.get_by_label("姓名").blur()
    expect(errors(page)).to_have_count(2)


def test_what_the_server_said_stays_until_the_field_is_changed(stage, open_page):
    name = component("textfield", "name", "姓名")
    schema = {"type": "default", "id": "f", "components": [name]}
    page = form(stage, open_page, schema, {"name": "周明"})
    page.locator("wf-form").evaluate("form => form.showErrors({Field_name: ['查无此人。']})")

    page.get_by_label("姓名").focus()
    page.get_by_label("姓名").blur()

    expect(errors(page)).to_have_text(["查无此人。"])
    page.get_by_label("姓名").fill("周敏")
    page.get_by_label("姓名").blur()
    expect(errors(page)).to_have_count(0)


@pytest.mark.parametrize("width", [380, 620], ids=["beside the list", "in a wide pane"])
def test_no_column_of_a_table_is_cut_unseen(stage, open_page, look, width):
    """Rows become cards where the form is narrow; else the table fades where more of it follows."""
    page = form(stage, open_page, shipped("move_in/M4_inspect"))
    page.locator("wf-form").evaluate(f"form => {{ form.style.inlineSize = '{width}px' }}")
    box = page.locator(".wf-table-scroll").first

    cut = box.evaluate("box => box.scrollWidth - box.clientWidth")
    look(page, f"table-{width}")

    fading = "box => getComputedStyle(box).getPropertyValue('--fade-end')"
    if width < 480:
        assert cut <= 0
        assert page.get_by_label("第 1 行 须客户复验").bounding_box()["x"] < width
    else:
        assert cut > 100
        assert box.evaluate(fading) == "40px"
        box.evaluate("box => { box.scrollLeft = box.scrollWidth }")
        page.wait_for_timeout(100)
        assert box.evaluate(fading) == "0px"
