"""The handbook's links lead somewhere, and its tables say what the code says."""

import dataclasses
import re
from pathlib import Path

import pytest

from api import errors as edge
from api.app import create_app
from api.settings import Settings
from engine.errors import EngineError
from engine.models.history import Event
from engine.testing import expectations
from tests.docs.conftest import ROOT
from tests.docs.tables import ACTIONS, DOCS, PLACE, TABLES, made, pages

PAGES = [pytest.param(page, id=str(page.relative_to(DOCS))) for page in pages()]
#: pages that stand beside the code
BESIDE = sorted(
    [*ROOT.glob("*.md"), *ROOT.glob("*/README.md"), *ROOT.glob("processes/*/README.md")]
)
LINKED = [*PAGES, *(pytest.param(page, id=str(page.relative_to(ROOT))) for page in BESIDE)]
_LINK = re.compile(r"\]\(([^)\s#]+)(?:#[^)\s]*)?\)")
_CODE = re.compile(r"```.*?```|`[^`\n]*`", re.DOTALL)
_PATH = re.compile(
    r"`((?:api|engine|forms|decisions|processes|tests|web|docs|benchmarks|deploy)/[\w./-]+\.\w+)`"
)
_FORBIDDEN = re.compile(r"/work/|/tmp/|/home/|/root/|localhost:\d|pypi\.org|registry\.npmjs")
_LONGEST_ADR = 40
#: modules that only look at events
READERS = {"history.py", "delays.py"}


@pytest.mark.parametrize("page", LINKED)
def test_links_lead_to_files(page: Path) -> None:
    text = _CODE.sub("", page.read_text(encoding="utf-8"))
    links = [link for link in _LINK.findall(text) if "://" not in link]

    assert [link for link in links if not (page.parent / link).exists()] == []


@pytest.mark.parametrize("page", PAGES)
def test_files_that_a_page_names_exist(page: Path) -> None:
    named = _PATH.findall(page.read_text(encoding="utf-8"))

    assert [name for name in named if not (ROOT / name).exists()] == []


@pytest.mark.parametrize("page", PAGES)
def test_made_tables_are_fresh(page: Path) -> None:
    """Run `python -m tests.docs.tables` when this fails."""
    text = page.read_text(encoding="utf-8")

    assert text == made(text)


@pytest.mark.parametrize("page", PAGES)
def test_no_page_names_a_machine(page: Path) -> None:
    assert _FORBIDDEN.findall(page.read_text(encoding="utf-8")) == []


def test_every_made_table_stands_on_a_page() -> None:
    used = {name for page in pages() for _, name, _ in PLACE.findall(page.read_text("utf-8"))}

    assert used == set(TABLES)


def test_every_action_has_a_name() -> None:
    from processes import rights

    assert set(ACTIONS) == set(rights.GRANTS)


def test_every_event_has_its_word() -> None:
    assert TABLES["events"]().count("\n") == len(Event) + 1


def test_events_page_says_which_kinds_nobody_writes() -> None:
    told = re.search(r"还没有人写入的：(.*)。", _read("reference/events.md"))
    engine = [file for file in (ROOT / "engine").rglob("*.py") if file.name not in READERS]
    code = "\n".join(file.read_text(encoding="utf-8") for file in engine)
    unwritten = {str(event) for event in Event if f"Event.{event.name}" not in code}

    named = set() if told is None else set(re.findall(r"`(\w+)`", told[1])) - {"data"}
    assert named == unwritten
    assert ("`disclosed` 已经定下" in _read("explanation/privacy.md")) == ("disclosed" in unwritten)


def test_states_page_says_what_nobody_writes_yet() -> None:
    code = "\n".join(file.read_text(encoding="utf-8") for file in (ROOT / "engine").rglob("*.py"))
    page = _read("reference/states.md")

    assert ("`leased` 留给外部执行者" in page) == ("JobState.LEASED" not in code)
    assert ("还没有人写它" in page) == ("TimerKind.SCHEDULE" not in code)


def test_settings_page_lists_every_field_with_its_default() -> None:
    told = dict(
        re.findall(
            r"^\| `WUYEFLOW_(\w+)` \| (\S+) \|", _read("reference/settings.md"), re.MULTILINE
        )
    )

    assert told == {field.name.upper(): _default(field) for field in dataclasses.fields(Settings)}


def _default(field: "dataclasses.Field[object]") -> str:
    value = field.default
    if value in (dataclasses.MISSING, ""):
        return "空"
    return f"`{str(value).lower() if isinstance(value, bool) else value}`"


def test_errors_page_lists_every_code_with_its_status() -> None:
    told = dict(
        re.findall(r"^\| `([\w-]+)` \| (\d+) \|", _read("reference/errors.md"), re.MULTILINE)
    )
    codes = {kind.code: str(edge.status_of(kind.__new__(kind))) for kind in _kinds(EngineError)}

    assert told == {**codes, "failure": "500"}


def _kinds(kind: type[EngineError]) -> set[type[EngineError]]:
    mine = (
        {kind} if not kind.__name__.startswith("_") and ".tests" not in kind.__module__ else set()
    )
    return mine.union(*(_kinds(sub) for sub in kind.__subclasses__()))


def test_api_page_lists_every_endpoint(tmp_path: Path) -> None:
    told = set(re.findall(r"^\| (GET|POST|PUT|PATCH|DELETE) \| `(/[^`]+)` \|", _read("reference/api.md"), re.MULTILINE))  # fmt: skip
    app = create_app(Settings(database_url="sqlite://", folder=tmp_path))
    open_ = {
        (method, re.sub(r"<[^>]+>", "{key}", rule.rule))
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith(("/v2/", "/api/v1/"))
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }

    assert told == open_


def test_scenarios_page_lists_every_expectation() -> None:
    table = _read("how-to/scenarios.md").split("| `expect` 里的词", 1)[1].split("\n\n", 1)[0]

    assert set(re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE)) == set(expectations._CHECKS)


@pytest.mark.parametrize("page", sorted((DOCS / "adr").glob("[0-9]*.md")), ids=lambda p: p.stem)
def test_a_decision_fits_a_screen(page: Path) -> None:
    lines = page.read_text(encoding="utf-8").splitlines()

    assert len(lines) <= _LONGEST_ADR
    assert lines[0].startswith(f"# {page.stem[:4]} ")


def _read(name: str) -> str:
    return (DOCS / name).read_text(encoding="utf-8")
