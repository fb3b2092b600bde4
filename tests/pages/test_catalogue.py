"""Every text that a user can see has its English."""

import re
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

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


def _first(text: str | tuple[str, ...]) -> str:
    return text if isinstance(text, str) else text[0]


def _places(text: str | tuple[str, ...]) -> set[str]:
    return set(_PLACE.findall(" ".join([text] if isinstance(text, str) else text)))
