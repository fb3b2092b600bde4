"""Every text that a user can see has its English."""

import re
from pathlib import Path

import flask_babel
import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po
from lxml import etree

import processes
from api import texts
from engine.models import User

ROOT = Path(__file__).parents[2]
KEYWORDS = {"_": None, "N_": None, "P_": (1, 1), "count": (1, 1), "gettext": None}
_PLACE = re.compile(r"\{(\w+)\}")
#: places that a translation may use beyond those of its msgid: month names and the number
_FURTHER = {"name", "day", "n"}


def _found() -> set[str]:
    texts: set[str] = set()
    for folder in ("api", "engine", "processes"):
        methods = [("**.py", "python"), ("**/templates/**.html", "jinja2")]
        for _file, _line, message, _comments, _context in extract_from_dir(
            str(ROOT / folder), methods, keywords=KEYWORDS
        ):
            texts.add(message if isinstance(message, str) else message[0])
    return {text for text in texts if text and not text.isascii()}


@pytest.fixture(scope="module")
def english() -> Catalog:
    with (ROOT / "api/translations/en/LC_MESSAGES/messages.po").open("rb") as file:
        return read_po(file, locale="en")


def test_every_text_is_translated(english: Catalog):
    missing = [
        text for text in sorted(_found())
        if (entry := english.get(text)) is None or not _first(entry.string)
    ]  # fmt: skip

    assert missing == []


def test_translations_fill_in_the_same_places(english: Catalog):
    wrong = [
        entry.id for entry in english
        if entry.id and not _places(entry.string) <= _places(entry.id) | _FURTHER
    ]  # fmt: skip

    assert wrong == []


#: what pages name: processes, lanes, steps, events, and the flows that answer a question
_NAMED = (
    "process", "lane", "sequenceFlow", "userTask", "serviceTask", "scriptTask", "businessRuleTask",
    "callActivity", "subProcess", "startEvent", "endEvent", "intermediateCatchEvent",
    "intermediateThrowEvent", "boundaryEvent",
)  # fmt: skip


def _drawn() -> set[str]:
    """Return every name in the shipped diagrams that a page may show."""
    drawn: set[str] = set()
    for path in sorted(Path(processes.__file__).parent.glob("*/*.bpmn")):
        diagram = etree.parse(path)
        for kind in _NAMED:
            drawn.update(one.get("name", "") for one in diagram.iter(f"{{*}}{kind}"))
    return drawn - {""}


def test_every_name_in_a_shipped_diagram_has_its_english(english: Catalog):
    names = _drawn()

    missing = [
        name for name in sorted(names)
        if (entry := english.get(name, context=texts.DIAGRAM)) is None or not _first(entry.string)
    ]  # fmt: skip

    assert len(names) > 300
    assert missing == []


def test_english_names_hold_no_chinese(english: Catalog):
    kept = [entry for entry in english if entry.context == texts.DIAGRAM]

    assert [one.id for one in kept if re.search(r"[\u4e00-\u9fff]", _first(one.string))] == []


def test_a_name_is_said_in_the_readers_language_a_designers_own_stays(house):
    with house.app.test_request_context():
        for locale, told in (
            ("en", ("Judge its nature", "新的步骤")), ("zh_CN", ("判定投诉性质", "新的步骤")),
        ):  # fmt: skip
            with flask_babel.force_locale(locale):
                assert (texts.named("判定投诉性质"), texts.named("新的步骤")) == told
                assert texts.named("") == ""
                assert texts.named("督办：判定投诉性质").endswith(f"{told[0]}")


def test_lists_and_cases_name_their_steps_in_english(house, signed_in):
    case = house.case(at="2026-11-23T09:00+08:00")
    key = house.hire("yj-english", "Ann", "cs_manager")
    with house.database.begin() as session:
        session.get_one(User, key).locale = "en"
    reader = signed_in("yj-english")

    page = reader.get(f"/cases/{case}").text
    todo = reader.get("/?view=groups").text

    assert "Judge its nature" not in signed_in("yj-cs_manager").get(f"/cases/{case}").text
    assert re.search(r'<span class="strong">Judge its nature</span>', page)
    assert re.search(r"“Record the complaint”", page)
    assert "Judge its nature: " in todo
    assert "Moving in (inspection first)" in reader.get("/start").text


def _first(text: str | tuple[str, ...]) -> str:
    return text if isinstance(text, str) else text[0]


def _places(text: str | tuple[str, ...]) -> set[str]:
    return set(_PLACE.findall(" ".join([text] if isinstance(text, str) else text)))
