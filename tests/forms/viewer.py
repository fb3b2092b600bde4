"""Run form-js's own viewer and FEEL, the outside truth that `forms` is held against."""

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page

WEB = Path(__file__).parents[2] / "web"
BUNDLE = Path(__file__).with_name("bundle.mjs")
FEELIN = Path(__file__).with_name("feelin.mjs")


def conditions(cases: list[dict[str, Any]]) -> list[Any]:
    """Answer unary tests and expressions with feelin, as the viewer asks it."""
    answer = subprocess.run(
        ["node", FEELIN],
        input=json.dumps(cases),
        capture_output=True,
        text=True,
        check=True,
        cwd=WEB,
    )
    found: list[Any] = json.loads(answer.stdout)
    return found


def patterns(cases: list[tuple[str, str]]) -> list[Any]:
    """Answer whether JavaScript finds each pattern in its text; None for a wrong pattern."""
    return conditions([{"kind": "pattern", "source": p, "text": t} for p, t in cases])


@contextmanager
def page(folder: Path, browser: Browser) -> Iterator[Page]:
    """Open a page with form-js's viewer; `submit(case)` fills a form in and submits it."""
    bundle = folder / "viewer.js"
    subprocess.run(["node", BUNDLE, bundle], check=True, cwd=WEB, capture_output=True)
    context = browser.new_context(locale="zh-CN", timezone_id="Asia/Shanghai")
    opened = context.new_page()
    opened.set_content("<!doctype html><title>viewer</title><main id=form></main>")
    opened.add_script_tag(content=bundle.read_text("utf-8"))
    yield opened
    context.close()


def submit(opened: Page, cases: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return what the viewer submits and complains about, for schema, initial and typed data."""
    found: list[dict[str, Any]] = opened.evaluate("cases => FormJS.submitAll(cases)", cases)
    return found
