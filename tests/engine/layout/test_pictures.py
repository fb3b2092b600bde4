"""bpmn-js opens every drawn diagram without a warning, in a real Chromium."""

from pathlib import Path

import pytest
from playwright.sync_api import Error

from docs.tools import picture
from engine import layout
from tests.engine.layout.diagrams import COMPLAINT, NESTED, POOLS, SIMPLE

pytestmark = pytest.mark.browser
DRAWN = {
    "complaint": COMPLAINT.xml(),
    "nested": NESTED.xml(),
    "simple": SIMPLE.xml(),
    "pools": POOLS,
}


@pytest.fixture(scope="module")
def page(browser):
    opened = browser.new_page()
    yield opened
    opened.close()


@pytest.mark.parametrize("name", DRAWN)
def test_bpmn_js_draws_every_element(page, tmp_path, name):
    target = tmp_path / f"{name}.svg"

    picture.draw(page, layout.draw(DRAWN[name]).decode(), target)

    svg = target.read_text(encoding="utf-8")
    assert svg.count("data-element-id") >= DRAWN[name].count(b"<bpmn:sequenceFlow") * 2


def test_a_diagram_without_places_is_not_passed_over(page, tmp_path):
    with pytest.raises(Error, match="no diagram to display"):
        picture.draw(page, SIMPLE.xml().decode(), tmp_path / "none.svg")


@pytest.mark.parametrize("file", sorted(Path("processes").glob("*/*.bpmn")), ids=lambda f: f.stem)
def test_shipped_diagrams_open_as_they_are(page, tmp_path, file):
    target = tmp_path / "shipped.png"

    picture.draw(page, file.read_text(encoding="utf-8"), target)

    assert target.read_bytes().startswith(b"\x89PNG")
