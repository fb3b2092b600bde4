"""Fill in a task's form the way a person does: by the words on the screen."""

import io
import re
from typing import Any

from PIL import Image
from playwright.sync_api import Error, Locator, Page, expect


def open_task(page: Page, step: str, *, view: str = "groups") -> None:
    """Open the first task of a step from a list of the inbox."""
    page.get_by_role("navigation", name="主导航").get_by_title(
        {"mine": "我的待办", "groups": "本组待签收", "overdue": "已超时"}[view]
    ).click()
    wanted = page.get_by_role("option").filter(has_text=step).first
    try:
        wanted.wait_for()
    except Error as error:
        shown = page.get_by_role("option").all_inner_texts()
        raise AssertionError(f"{step} is not among {shown} at {page.url}") from error
    wanted.click()
    expect(page.locator("#task h1")).to_contain_text(step)
    ready(page)


def ready(page: Page) -> None:
    """Wait until the form can be filled in."""
    page.locator("wf-form .fjs-form-field").first.wait_for()
    # the viewer takes over its initial values first; only then what one types is one's own
    page.wait_for_function("() => document.querySelector('wf-form')?.draft")


#: the name written by hand, and a photograph
SIGN, PHOTO = object(), object()


def fill(page: Page, values: dict[str, Any]) -> None:
    """Fill fields in by their labels.

    A value is a text, the words of a choice or a list of them, True for a box, (day, time) for a
    moment, SIGN for a signature, PHOTO for a photograph, or a list of rows for a table.
    """
    for label, value in values.items():
        if isinstance(value, list) and value and isinstance(value[0], dict):
            for number, row in enumerate(value, 1):
                _row(page, label, f"第 {number} 行 {next(iter(row))}")
                for column, cell in row.items():
                    _cell(page, f"第 {number} 行 {column}", cell)
        else:
            _field(page, label, value)


def submit(page: Page) -> None:
    """Submit, and wait until the next page says that it is done."""
    page.get_by_role("button", name="提交").click()
    said = page.locator(".toast", has_text="已办完").first
    refused = page.locator(".wf-notice").first
    said.or_(refused).first.wait_for()
    if refused.is_visible():
        problems = page.locator(".wf-notice, .fjs-form-field-error").all_inner_texts()
        raise AssertionError(problems)


def _field(page: Page, label: str, value: Any) -> None:
    form = page.locator("wf-form")
    choices = form.get_by_role("radiogroup", name=label, exact=True)
    boxes = form.get_by_role("group", name=label, exact=True)
    if value is SIGN:
        _sign(page, label)
    elif value is PHOTO:
        _photograph(form, label)
    elif value is True:
        form.get_by_label(label).click()
    elif isinstance(value, tuple):
        _moment(form, label, *value)
    elif isinstance(value, list):
        for one in value:
            boxes.get_by_label(one, exact=True).click()
    elif choices.count():
        choices.get_by_label(value, exact=True).click()
    else:
        _put(page, form.get_by_label(re.compile(rf"^{re.escape(label)}\s*\*?$")).first, value)


def _sign(page: Page, label: str) -> None:
    """Write a name with the mouse, and wait until it is kept."""
    pad = page.locator("wf-form").get_by_label(f"{label}：在这里书写")
    pad.scroll_into_view_if_needed()
    box = pad.bounding_box()
    assert box is not None
    left, top = box["x"] + box["width"] / 4, box["y"] + box["height"] / 2
    page.mouse.move(left, top)
    page.mouse.down()
    for step in range(1, 9):
        page.mouse.move(left + step * 14, top + (12 if step % 2 else -12))
    page.mouse.up()
    page.get_by_alt_text(f"{label}：已签").wait_for()


def _photograph(form: Locator, label: str) -> None:
    """Choose a photograph, and wait until it is there."""
    group = form.get_by_role("group", name=label)
    photograph = {"name": "现场.jpg", "mimeType": "image/jpeg", "buffer": _picture()}
    group.locator('input[type="file"]').last.set_input_files(photograph)
    group.get_by_role("link").first.wait_for()


def _picture() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (320, 240), (120, 140, 150)).save(out, "JPEG")
    return out.getvalue()


def _moment(form: Locator, label: str, day: str, time: str = "") -> None:
    """Fill a date in, and the time beside it."""
    field = form.locator(".fjs-form-field-datetime", has_text=label).first
    inputs = field.locator("input:visible")
    inputs.nth(0).fill(day)
    inputs.nth(0).press("Tab")
    if time:
        inputs.nth(1).fill(time)
        inputs.nth(1).press("Tab")


def _put(page: Page, control: Locator, value: str) -> None:
    if control.evaluate("e => e.tagName") == "SELECT":
        control.select_option(label=value)
        return
    control.fill(value)
    if control.get_attribute("role") == "combobox":
        page.locator("wf-form").get_by_role("option", name=value).first.click()
    elif control.evaluate("e => e.closest('.fjs-form-field-select') !== null"):
        page.locator(".fjs-dropdownlist-item", has_text=value).first.click()
    else:
        control.blur()


def _row(page: Page, label: str, first: str) -> None:
    """Add a row to a table where there is none yet."""
    form = page.locator("wf-form")
    if form.get_by_label(first, exact=True).count() == 0:
        field = form.locator(".fjs-form-field").filter(has_text=label)
        field.get_by_role("button", name="加一行").first.click()


def _cell(page: Page, name: str, value: Any) -> None:
    cell = page.locator("wf-form").get_by_label(name, exact=True).first
    if value is True:
        cell.check()
    else:
        _put(page, cell, value)
