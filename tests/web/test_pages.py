"""What every page has: messages, keyboard, lists, live update, dialogs, requests."""

import json

import pytest
from playwright.sync_api import expect

from tests.web.stage import Answer

LIST = """
<div data-list id="list" role="listbox" aria-label="待办">
  <a class="item" data-item id="item-1" role="option" aria-selected="false" href="/case/1"><input type="checkbox" aria-label="选择 1" tabindex="-1">答复业主</a>
  <a class="item" data-item id="item-2" role="option" aria-selected="false" href="/case/2"><input type="checkbox" aria-label="选择 2" tabindex="-1">回访业主</a>
  <a class="item" data-item id="item-3" role="option" aria-selected="false" href="/case/3"><input type="checkbox" aria-label="选择 3" tabindex="-1">总结评价</a>
</div>"""


@pytest.fixture
def show(stage, open_page):
    stage.on("GET", "/favicon.ico", Answer(b""))
    for number in (1, 2, 3):
        stage.pages[f"/case/{number}"] = f"<!doctype html><title>案件</title><h1>案件 {number}</h1>"

    def show(body, **shape):
        page = open_page(stage.page("/page", "page", body), **shape)
        page.wait_for_function("() => customElements.get('wf-live')")
        return page

    return show


def focused(page):
    return page.evaluate("document.activeElement.id")


def test_letters_walk_a_list_and_open_its_entry(show):
    page = show(LIST)

    page.keyboard.press("j")
    first = focused(page)
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("k")
    second = focused(page)
    page.keyboard.press("o")

    assert (first, second) == ("item-1", "item-2")
    expect(page.get_by_role("heading", name="案件 2")).to_be_visible()


def test_a_list_is_one_stop_on_the_way_of_tab(show):
    page = show(f"<button id=before>前</button>{LIST}<button id=after>后</button>")

    page.locator("#before").focus()
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowDown")
    inside = focused(page)
    page.keyboard.press("Tab")
    after = focused(page)
    page.keyboard.press("Shift+Tab")

    assert (inside, after, focused(page)) == ("item-2", "after", "item-2")


def test_x_ticks_and_shift_x_ticks_a_range(show):
    page = show(LIST)

    page.keyboard.press("j")
    page.keyboard.press("x")
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("Shift+X")

    ticked = page.locator("[data-item] input").evaluate_all("all => all.map(e => e.checked)")
    assert ticked == [True, True, True]


def test_letters_are_silent_while_typing_and_when_switched_off(show):
    page = show(
        f"{LIST}<input id=q data-search aria-label=搜索><button data-key=c onclick-none>签收</button>"
    )

    page.keyboard.press("/")
    page.keyboard.type("jc")
    typed = page.locator("#q").input_value()
    page.keyboard.press("Escape")
    left = focused(page)
    page.evaluate("document.documentElement.dataset.shortcuts = 'off'")
    page.keyboard.press("j")

    assert (typed, left, focused(page)) == ("jc", "", "")


def test_a_letter_presses_its_button_and_stands_in_its_tooltip(show):
    page = show(
        '<a href="/case/1" data-key="c" class="button">签收</a><a href="/case/2" data-key="e" hidden>提交</a>'
    )
    button = page.get_by_role("link", name="签收")
    expect(button).to_have_attribute("title", "签收 (C)")
    expect(button).to_have_attribute("aria-keyshortcuts", "C")

    page.keyboard.press("e")
    page.keyboard.press("c")

    expect(page.get_by_role("heading", name="案件 1")).to_be_visible()


def test_g_and_a_letter_go_places(show):
    page = show('<a href="/case/3" data-go="i">待办</a>')

    page.keyboard.press("g")
    page.keyboard.press("i")

    expect(page.get_by_role("heading", name="案件 3")).to_be_visible()


def test_the_question_mark_lists_what_works_here(show, look):
    page = show(f'{LIST}<button data-key="c">签收</button><a href="/" data-go="i">待办</a>')

    page.keyboard.press("?")
    look(page, "page-keys")

    dialog = page.get_by_role("dialog", name="键盘操作")
    expect(dialog).to_contain_text("下一条")
    expect(dialog).to_contain_text("签收")
    expect(dialog).to_contain_text("去待办")
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)


def test_control_enter_submits_the_form_around(stage, show):
    stage.on("POST", "/comment", Answer(b"<h1>ok</h1>", headers={"Content-Type": "text/html"}))
    page = show(
        '<form method="post" action="/comment"><textarea name="text" aria-label="讨论"></textarea></form>'
    )

    page.get_by_label("讨论").fill("请看一下")
    page.keyboard.press("Control+Enter")

    page.get_by_role("heading", name="ok").wait_for()
    assert len(stage.requests("POST", "/comment")) == 1


def test_a_message_goes_after_a_while_but_not_while_one_looks_at_it(show):
    page = show(
        '<div class="toast" data-toast id="a">已签收</div><i data-toast="已转办给周建国"></i>'
    )
    page.clock.install()
    expect(page.get_by_text("已转办给周建国")).to_be_visible()
    page.evaluate(
        "document.body.dispatchEvent(new CustomEvent('wf:toast', {detail: {text: '已催办'}}))"
    )
    expect(page.get_by_text("已催办")).to_be_visible()

    page.get_by_text("已催办").hover()
    page.clock.fast_forward(9000)
    expect(page.get_by_text("已催办")).to_be_visible()
    page.mouse.move(600, 5)
    page.clock.fast_forward(9000)

    expect(page.get_by_text("已催办")).to_have_count(0)


def test_a_message_can_be_taken_back(stage, show):
    stage.on("POST", "/undo/7", Answer({"message": "已取回"}))
    page = show('<i data-toast="已转办给周建国" data-undo-url="/undo/7"></i>')

    page.get_by_role("button", name="撤销").click()

    expect(page.get_by_text("已取回")).to_be_visible()
    [undone] = stage.requests("POST", "/undo/7")
    assert undone.headers["x-csrftoken"] == "token-of-this-session"


def test_htmx_carries_the_token_and_its_answers_speak(stage, show):
    headers = {
        "Content-Type": "text/html",
        "HX-Trigger": json.dumps({"wf:toast": {"text": "ok 2"}}),
    }
    stage.on("POST", "/claim", Answer("<b>已签收</b>".encode(), headers=headers))
    page = show('<button hx-post="/claim" hx-target="#place">签收</button><div id="place"></div>')

    page.get_by_role("button", name="签收").click()

    expect(page.locator("#place")).to_have_text("已签收")
    expect(page.locator(".toast")).to_have_text("ok 2")
    [claimed] = stage.requests("POST", "/claim")
    assert claimed.headers["x-csrftoken"] == "token-of-this-session"


def test_focus_stays_at_its_entry_when_the_list_is_drawn_anew(stage, show):
    fresh = LIST.replace("回访业主", "回访业主（改）").replace(
        "data-list",
        'data-list hx-get="/list" hx-trigger="wf:changed from:body" hx-swap="outerHTML"',
    )
    stage.on(
        "GET", "/list", Answer(fresh.encode(), headers={"Content-Type": "text/html; charset=utf-8"})
    )
    page = show(fresh.replace("（改）", ""))
    page.keyboard.press("j")
    page.keyboard.press("j")

    page.evaluate("document.body.dispatchEvent(new CustomEvent('wf:changed'))")
    expect(page.get_by_text("回访业主（改）")).to_be_visible()

    expect(page.locator("#item-2")).to_be_focused()


LISTEN = "() => { window.heard = []; document.body.addEventListener('wf:changed', e => heard.push(e.detail)); }"


def test_a_stream_tells_that_something_has_changed(stage, show):
    events = b'retry: 50\nevent: changed\ndata: {"tasks": [7]}\n\n'
    stage.on("GET", "/live", Answer(events, headers={"Content-Type": "text/event-stream"}))
    page = show("<p>…</p>")
    page.evaluate(LISTEN)

    page.evaluate(
        "document.body.insertAdjacentHTML('beforeend', '<wf-live url=\"/live\"></wf-live>')"
    )
    page.wait_for_function("() => heard.length > 0")

    assert page.evaluate("heard[0]") == {"tasks": [7]}


def test_polling_tells_only_changes_and_asks_with_the_mark(stage, show):
    state = {"mark": '"1"'}

    def live(asked):
        if asked.headers.get("if-none-match") == state["mark"]:
            return Answer(None, 304)
        return Answer({"mark": state["mark"]}, headers={"ETag": state["mark"]})

    stage.on("GET", "/live", live)
    page = show("<p>…</p>")
    page.evaluate(LISTEN)
    page.evaluate(
        "document.body.insertAdjacentHTML('beforeend', '<wf-live poll-url=\"/live\" data-every=\"0.2\"></wf-live>')"
    )
    page.wait_for_timeout(700)
    before = page.evaluate("heard.length")
    state["mark"] = '"2"'
    page.wait_for_function("() => heard.length > 0")

    assert before == 0
    assert page.evaluate("heard") == [{"mark": '"2"'}]
    marks = [one.headers.get("if-none-match") for one in stage.requests("GET", "/live")]
    assert marks[:2] == [None, '"1"']


def test_a_refused_stream_falls_back_to_asking(stage, show):
    stage.on("GET", "/live", Answer({"message": "no"}, 404))
    stage.on("GET", "/poll", Answer({"n": 1}))
    page = show('<wf-live url="/live" poll-url="/poll" data-every="0.2"></wf-live>')

    page.wait_for_timeout(900)

    assert len(stage.requests("GET", "/poll")) > 1


def test_dialogs_and_theme_need_no_script_in_the_page(show):
    page = show(
        '<button data-open-dialog="d">作废</button><dialog id="d" aria-label="作废"><button data-close-dialog>先不作废</button></dialog>'
        '<button data-theme-switch="dark">深色</button>'
    )

    page.get_by_role("button", name="作废").click()
    expect(page.get_by_role("dialog")).to_be_visible()
    page.get_by_role("button", name="先不作废").click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    page.get_by_role("button", name="深色").click()

    assert page.evaluate("document.documentElement.dataset.theme") == "dark"
    expect(page.get_by_role("button", name="深色")).to_have_attribute("aria-pressed", "true")


def test_a_lost_connection_is_told_until_it_is_back(show):
    page = show("<p>…</p>")

    page.context.set_offline(True)
    expect(page.get_by_text("网络断开")).to_be_visible()
    page.context.set_offline(False)

    expect(page.get_by_text("网络断开")).to_have_count(0)
