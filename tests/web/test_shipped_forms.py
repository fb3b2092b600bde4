"""Every form that ships opens in the viewer that people use and in the editor that designers use."""

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.barriers import serious
from tests.web.conftest import WEB, new_page
from tests.web.samples import wf_form
from tests.web.stage import Answer

ROOT = WEB.parent
FORMS = sorted((ROOT / "forms").glob("*/*.form"))
CONTEXT = {"case": {}, "user": {"key": "lin", "name": "林晓雯", "groups": []}}


def _name(path: Path) -> str:
    return f"{path.parent.name}/{path.stem}"


def test_forms_ship():
    assert FORMS


@pytest.fixture(scope="module")
def shown(browser: Browser) -> Iterator[tuple[Page, list[str]]]:
    """One page for all forms, one after another, and what went wrong in it."""
    told: list[str] = []
    page = new_page(browser, told)
    yield page, told
    page.context.close()


@pytest.mark.parametrize("path", FORMS, ids=_name)
def test_it_opens_in_the_viewer_with_every_text_translated(stage, shown, look, path):
    stage.on("GET", "/lookup/person", Answer({"items": []}))
    stage.on("GET", "/favicon.ico", Answer(b""))
    schema = json.loads(path.read_text())
    page, told = shown

    page.goto(stage.page("/form", "form", wf_form({"schema": schema, "data": CONTEXT})))
    page.wait_for_selector(".fjs-form")

    expect(page.locator(".wf-notice")).to_have_count(0)
    assert page.locator("wf-form .fjs-form-field").count() > 1
    page.get_by_role("button", name="提交答复").click()
    page.wait_for_timeout(150)
    look(page, f"shipped-{schema['id']}")
    assert page.evaluate("[...customElements.get('wf-form').missing]") == []
    assert serious(page) == []
    problems = told.copy()
    told.clear()
    assert problems == []


@pytest.fixture(scope="module")
def editor(bundle, tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("editor")
    command = ["npx", "vite", "build", "--config", "test/vite.config.mjs", "--outDir", str(folder)]
    subprocess.run(command, cwd=WEB, check=True, capture_output=True)
    return folder


def test_they_open_in_the_editor_and_come_back_unchanged(stage, open_page, editor):
    stage.folders["/editor/"] = editor
    stage.pages["/edit"] = (
        "<!doctype html><title>编辑</title><main></main>"
        '<script type="module" src="/editor/editor.js"></script>'
    )
    stage.on("GET", "/favicon.ico", Answer(b""))
    page = open_page(stage.url + "/edit")
    page.wait_for_function("() => 'openInEditor' in window")

    for path in FORMS:
        schema = json.loads(path.read_text())
        answer = page.evaluate("schema => openInEditor(schema)", schema)

        assert answer["warnings"] == [], _name(path)
        saved = answer["saved"]
        assert saved["schemaVersion"] == schema["schemaVersion"]
        assert _essence(saved) == _essence(schema), _name(path)


def _essence(component):
    """A component without what the editor adds on its own: rows and empty defaults."""
    kept = {
        name: value
        for name, value in component.items()
        if name
        not in {"layout", "exporter", "components", "executionPlatform", "executionPlatformVersion"}
    }
    return kept | {"components": [_essence(child) for child in component.get("components", [])]}
