"""A browser, a stage, and pages that must stay free of errors."""

import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from tests.web.stage import STATIC, Stage

WEB = Path(__file__).parents[2] / "web"

Open = Callable[..., Page]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker("browser")


def _is_stale() -> bool:
    manifest = STATIC / "web" / "manifest.json"
    sources = [*WEB.glob("src/**/*.*"), WEB / "package-lock.json", WEB / "vite.config.mjs"]
    return not manifest.exists() or any(
        source.stat().st_mtime > manifest.stat().st_mtime for source in sources
    )


@pytest.fixture(scope="session")
def bundle() -> None:
    """The islands as they are in the sources now."""
    if not (WEB / "node_modules").exists():
        subprocess.run(["npm", "ci"], cwd=WEB, check=True, capture_output=True)
    if _is_stale():
        subprocess.run(["npm", "run", "build"], cwd=WEB, check=True, capture_output=True)


@pytest.fixture(scope="session")
def _server(bundle: None) -> Iterator[Stage]:
    stage = Stage()
    stage.start()
    yield stage
    stage.stop()


@pytest.fixture
def stage(_server: Stage) -> Stage:
    _server.clear()
    return _server


@pytest.fixture
def open_page(browser: Browser, stage: Stage) -> Iterator[Open]:
    """Open a page of the stage as on a desk or in the hand; an error in the page fails the test."""
    contexts: list[BrowserContext] = []
    told: list[str] = []

    def open_page(url: str, *, phone: bool = False, dark: bool = False, wait: str = "") -> Page:
        page = new_page(browser, told, phone=phone, dark=dark)
        contexts.append(page.context)
        page.goto(url)
        if wait:
            page.wait_for_selector(wait)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert told == []


def new_page(
    browser: Browser, told: list[str], *, phone: bool = False, dark: bool = False
) -> Page:
    """Return an empty page in a context of its own; its errors are added to `told`."""
    shape = browser.phone if phone else {"viewport": {"width": 1280, "height": 900}}
    context = browser.new_context(
        locale="zh-CN", timezone_id="Asia/Shanghai", color_scheme="dark" if dark else "light",
        **shape,
    )  # fmt: skip
    page = context.new_page()
    page.set_default_timeout(10_000)
    page.on("pageerror", lambda error: told.append(str(error)))
    page.on("console", lambda message: _keep_errors(message, told))
    return page


def _keep_errors(message: object, told: list[str]) -> None:
    text = message.text
    refused = "Failed to load resource" in text  # the answer itself is what the test is about
    if message.type == "error" and not refused:
        told.append(text)


@pytest.fixture
def look() -> Callable[[Page, str], None]:
    """Keep a picture where SCREENSHOTS says, for eyes."""
    folder = os.environ.get("SCREENSHOTS")

    def look(page: Page, name: str) -> None:
        if folder:
            page.screenshot(path=f"{folder}/{name}.png", full_page=True)

    return look
