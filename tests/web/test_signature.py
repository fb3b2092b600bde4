"""Signing with finger, pen or mouse: what is written is sent when the pen rests."""

import io

import pytest
from PIL import Image
from playwright.sync_api import expect

from tests.web.samples import wf_form
from tests.web.stage import Answer

pytestmark = pytest.mark.browser
READY = "wf-form .fjs-form"
SCHEMA = {
    "type": "default", "id": "sign", "schemaVersion": 19,
    "components": [{"type": "wf-signature", "id": "f1", "key": "customer_sign", "label": "客户签名",
                    "validate": {"required": True}}],
}  # fmt: skip


@pytest.fixture(autouse=True)
def product(stage):
    """The endpoints that a task page has."""
    stage.on("PUT", "/tasks/42/draft", Answer({}))
    stage.on("POST", "/tasks/42/complete", Answer({"next": "/inbox"}))
    stage.on("GET", "/favicon.ico", Answer(b""))
    stage.pages["/inbox"] = "<!doctype html><title>待办</title><h1>待办</h1>"


def write(page) -> None:
    box = page.get_by_label("客户签名：在这里书写").bounding_box()
    page.mouse.move(box["x"] + 40, box["y"] + 40)
    page.mouse.down()
    for step in range(1, 9):
        page.mouse.move(box["x"] + 40 + step * 20, box["y"] + 40 + (step % 2) * 50)
    page.mouse.up()


@pytest.mark.parametrize("phone", [False, True], ids=["desk", "hand"])
def test_a_signature_is_written_sent_and_kept(stage, open_page, look, phone):
    stage.on("POST", "/files", Answer({"id": "s1", "name": "signature.png"}, 201))
    page = open_page(
        stage.page("/form", "form", wf_form({"schema": SCHEMA})), phone=phone, wait=READY
    )

    look(page, f"form-signature-empty-{'phone' if phone else 'desk'}")
    write(page)
    expect(page.get_by_alt_text("客户签名：已签")).to_be_visible()
    look(page, f"form-signature-{'phone' if phone else 'desk'}")
    _, content = stage.requests("POST", "/files")[0].file
    darkest, _ = Image.open(io.BytesIO(content)).convert("L").getextrema()
    assert darkest < 80
    page.get_by_role("button", name="提交").click()
    expect(page.get_by_role("heading", name="待办")).to_be_visible()
    assert stage.requests("POST", "/tasks/42/complete")[0].json["variables"] == {
        "customer_sign": "s1"
    }


def test_without_a_signature_the_form_says_so_and_a_photo_will_do(stage, open_page):
    stage.on("POST", "/files", Answer({"id": "s2", "name": "签名.png"}, 201))
    page = open_page(stage.page("/form", "form", wf_form({"schema": SCHEMA})), wait=READY)

    page.get_by_role("button", name="提交").click()
    expect(page.locator(".fjs-has-errors")).to_have_count(1)
    picture = io.BytesIO()
    Image.new("RGB", (300, 100), "white").save(picture, "PNG")
    page.get_by_label("改用签名的照片").set_input_files(
        {"name": "签名.png", "mimeType": "image/png", "buffer": picture.getvalue()}
    )
    expect(page.get_by_alt_text("客户签名：已签")).to_be_visible()
    page.get_by_role("button", name="重签").click()
    expect(page.get_by_label("客户签名：在这里书写")).to_be_visible()


def test_what_was_not_sent_is_sent_again(stage, open_page):
    answers = [Answer({"message": "服务器忙。"}, 503), Answer({"id": "s3"}, 201)]
    stage.on("POST", "/files", lambda _: answers.pop(0))
    page = open_page(stage.page("/form", "form", wf_form({"schema": SCHEMA})), wait=READY)

    write(page)
    page.get_by_role("button", name="再传一次").click()
    expect(page.get_by_alt_text("客户签名：已签")).to_be_visible()
