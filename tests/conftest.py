"""What every test may stand on: a real database of each kind, and time that stands still."""

import os
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from playwright.sync_api import Browser, sync_playwright

from engine import clock
from engine.db import Database
from tests import furnished, postgresql

#: Monday 2026-11-23 10:20 in Shanghai: an ordinary working morning.
MONDAY = datetime(2026, 11, 23, 2, 20, tzinfo=UTC)


#: TEST_DATABASES=sqlite,postgresql runs the tests of the database on both
DATABASES = os.environ.get("TEST_DATABASES", "sqlite").split(",")
#: a browser that asks nobody outside
CHROMIUM = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


class Hands:
    """A clock whose hands the test moves."""

    def __init__(self, moment: datetime) -> None:
        self.moment = moment

    def __call__(self) -> datetime:
        return self.moment


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if {"postgresql_url", "bare_postgresql_url"} & set(getattr(item, "fixturenames", ())):
            item.add_marker("postgresql")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """The one real Chromium of a test process; `browser.phone` describes a Pixel 7."""
    program = shutil.which("chromium") or shutil.which("chromium-browser")
    if program is None:
        pytest.fail("Chromium was not found. Install it with: deploy/debian.sh")
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=program, args=CHROMIUM)
        opened.phone = {
            name: value
            for name, value in playwright.devices["Pixel 7"].items()
            if name != "default_browser_type"
        }
        yield opened
        opened.close()


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[str]:
    with postgresql.server() as url:
        yield url
        furnished.drop()


@pytest.fixture
def postgresql_url(postgresql_server: str) -> Iterator[str]:
    """A database with all tables and no row."""
    with furnished.lend("empty", furnished.empty, postgresql_server) as url:
        yield url


@pytest.fixture
def bare_postgresql_url(postgresql_server: str) -> Iterator[str]:
    """A database without a table."""
    with postgresql.database(postgresql_server) as url:
        yield url


@pytest.fixture(params=DATABASES)
def database(request: pytest.FixtureRequest, tmp_path) -> Iterator[Database]:
    """All tables and no row; TEST_DATABASES=sqlite,postgresql runs a test on both."""
    if request.param == "sqlite":
        url = furnished.copy("empty", furnished.empty, tmp_path / "test.db")
    else:
        url = request.getfixturevalue("postgresql_url")
    opened = furnished.opened(url)
    yield opened
    opened.close()


@pytest.fixture
def hands() -> Iterator[Hands]:
    """Pinned time; `hands.moment` moves it, in every thread that copies this context."""
    held = Hands(MONDAY)
    with clock.at(held):
        yield held
