"""A diagram shows where the work stands: to the eye, to the keyboard, and as text."""

import json
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.barriers import serious
from tests.web.stage import Answer

DIAGRAM = (Path(__file__).parent / "repair.bpmn").read_bytes()
FIGURES = {
    "marks": {
        "T1_record": {"passed": 1, "heat": 1},
        "T2_repair": {"open": 7, "late": 2, "heat": 4, "note": "13 / 8 时"},
        "Flow_3": {"passed": 1},
        "gone": {"open": 1},
    },
    "current": ["T2_repair"],
}


@pytest.fixture
def diagram(stage, open_page):
    stage.on("GET", "/repair.xml", Answer(DIAGRAM, headers={"Content-Type": "application/xml"}))
    stage.on("GET", "/favicon.ico", Answer(b""))

    def diagram(figures=None, *, attributes="numbers", **shape):
        script = (
            f'<script type="application/json">{json.dumps(figures)}</script>' if figures else ""
        )
        body = f'<wf-diagram xml-url="/repair.xml" aria-label="报修" {attributes}>{script}</wf-diagram>'
        url = stage.page("/diagram", "diagram", f'<section class="card">{body}</section>')
        return open_page(url, wait="wf-diagram details", **shape)

    return diagram


def test_open_and_late_work_stands_at_its_step(diagram, look):
    page = diagram(FIGURES)

    badges = page.locator('.djs-overlays[data-container-id="T2_repair"]')
    expect(badges.locator(".wf-open")).to_have_text("7")
    expect(badges.locator(".wf-late-count")).to_have_text("!2")
    expect(badges.locator(".wf-late-count")).to_have_attribute("title", "2 件超时")
    expect(badges.locator(".wf-note")).to_have_text("13 / 8 时")
    expect(page.locator('g[data-element-id="T2_repair"].wf-current.wf-late')).to_have_count(1)
    expect(page.locator('g[data-element-id="Flow_3"].wf-passed')).to_have_count(1)
    look(page, "diagram")


def test_steps_are_numbered_in_the_order_of_the_flow(diagram):
    page = diagram(FIGURES)

    numbers = {
        step: page.locator(f'.djs-overlays[data-container-id="{step}"] .wf-number').inner_text()
        for step in ("T1_record", "T2_repair", "T3_callback")
    }
    assert numbers == {"T1_record": "1", "T2_repair": "2", "T3_callback": "3"}


def test_the_same_is_told_as_text(diagram):
    page = diagram(FIGURES)

    page.get_by_text("流程图的文字版").click()

    rows = page.get_by_role("row").all_inner_texts()
    assert rows[0].split("\t") == ["环节", "由谁办", "在办", "超时", "走过", "之后"]
    assert rows[2].split("\t") == ["登记报修", "客户助理", "0", "0", "1", "上门维修、回访业主"]
    assert rows[3].split("\t") == ["上门维修 · 现在在这一步", "维修员", "7", "2", "0", "回访业主"]
    assert serious(page) == []


def test_choosing_a_step_in_the_text_chooses_it_in_the_picture(diagram):
    page = diagram(FIGURES)
    page.evaluate("() => addEventListener('wf-diagram-select', e => { window.chosen = e.detail; })")

    page.get_by_text("流程图的文字版").click()
    page.get_by_role("button", name="回访业主").click()

    assert page.evaluate("window.chosen") == {"id": "T3_callback", "name": "回访业主"}
    expect(page.locator('g[data-element-id="T3_callback"].selected')).to_have_count(1)


def test_the_keyboard_moves_and_zooms(diagram):
    page = diagram(FIGURES)
    view = "document.querySelector('wf-diagram').viewer.get('canvas').viewbox()"
    before = page.evaluate(view)

    page.get_by_role("group", name="报修").focus()
    page.keyboard.press("+")
    closer = page.evaluate(view)
    page.keyboard.press("ArrowRight")
    moved = page.evaluate(view)
    page.keyboard.press("0")
    whole = page.evaluate(view)

    assert closer["scale"] > before["scale"]
    assert moved["x"] > closer["x"]
    assert whole["scale"] == pytest.approx(before["scale"])


def test_the_wheel_scrolls_the_page_until_one_steps_into_the_picture(diagram):
    page = diagram(FIGURES)
    view = "document.querySelector('wf-diagram').viewer.get('canvas').viewbox().y"
    before = page.evaluate(view)

    page.get_by_role("group", name="报修").hover()
    page.mouse.wheel(0, 100)
    page.wait_for_timeout(100)
    untouched = page.evaluate(view)
    page.get_by_role("group", name="报修").focus()
    page.mouse.wheel(0, 100)
    page.wait_for_timeout(100)

    assert untouched == before
    assert page.evaluate(view) != before


FINGERS = """(frame) => {
    const touch = (type, id, x) => frame.dispatchEvent(new PointerEvent(type, {
        pointerType: 'touch', pointerId: id, clientX: x, clientY: 100, bubbles: true }));
    const box = () => document.querySelector('wf-diagram').viewer.get('canvas').viewbox();
    const before = box();
    touch('pointerdown', 1, 200); touch('pointermove', 1, 120); const moved = box();
    touch('pointerdown', 2, 220); touch('pointermove', 2, 320); const closer = box();
    touch('pointerup', 1, 120); touch('pointerup', 2, 320);
    return [before, moved, closer];
}"""


def test_one_finger_moves_and_two_zoom(diagram):
    page = diagram(FIGURES, phone=True)

    before, moved, closer = page.locator(".wf-diagram-frame").evaluate(FINGERS)

    assert moved["x"] > before["x"]
    assert closer["scale"] > moved["scale"]


def test_figures_are_loaded_again_when_something_has_changed(stage, diagram):
    stage.on(
        "GET",
        "/marks",
        lambda _: Answer({"marks": {"T1_record": {"open": len(stage.requests("GET", "/marks"))}}}),
    )
    page = diagram(attributes='marks-url="/marks"')
    badge = page.locator('.djs-overlays[data-container-id="T1_record"] .wf-open')
    expect(badge).to_have_text("1")

    page.evaluate("document.body.dispatchEvent(new CustomEvent('wf:changed'))")

    expect(badge).to_have_text("2")


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("phone", [False, True], ids=["desk", "hand"])
def test_axe_finds_nothing_serious_and_the_mark_is_there(diagram, look, dark, phone):
    page = diagram(FIGURES, dark=dark, phone=phone)
    look(page, f"diagram-{'dark' if dark else 'light'}-{'phone' if phone else 'desk'}")

    expect(page.locator(".bjs-powered-by")).to_be_visible()
    frame = page.locator(".wf-diagram-frame")
    assert frame.evaluate("f => getComputedStyle(f).backgroundColor") == "rgb(255, 255, 255)"
    assert serious(page) == []


def test_a_missing_diagram_says_so(stage, open_page):
    stage.on("GET", "/favicon.ico", Answer(b""))
    url = stage.page("/diagram", "diagram", '<wf-diagram xml-url="/none.xml"></wf-diagram>')

    page = open_page(url, wait="wf-diagram [role=alert]")

    expect(page.get_by_role("alert")).to_contain_text("流程图没有打开")
