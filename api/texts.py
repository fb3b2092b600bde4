"""Say texts in the reader's language: Chinese msgids with `{named}` places, English catalogue."""

import os
from functools import cache
from pathlib import Path
from typing import Any

import flask_babel
from babel.messages import mofile, pofile
from babel.support import NullTranslations, Translations
from flask import Flask, g, has_request_context, request

from engine.errors import EngineError

FOLDER = Path(__file__).parent / "translations"
LANGUAGES = {"zh_CN": "中文", "en": "English"}
#: the context under which the catalogue keeps the names of steps, roles and processes
DIAGRAM = "diagram"
#: what the name of a task begins with that supervises a late one
_SUPERVISES = "督办："


def P_(message: str) -> str:  # noqa: N802 — the twin of N_ for texts about a number of things
    """Mark a msgid that has a plural in English."""
    return message


def _(message: str, **params: Any) -> str:
    """Return the text in the reader's language, its places filled in."""
    text: str = flask_babel.gettext(message) if message else ""
    return text.format(**params) if params else text


def named(name: str) -> str:
    """Return what a diagram calls something in the reader's language; a designer's own name stays."""
    step = name.removeprefix(_SUPERVISES)
    if step != name:
        return _("督办：{step}", step=named(step))
    text: str = flask_babel.pgettext(DIAGRAM, name) if name else ""
    return text


def count(message: str, n: int, **params: Any) -> str:
    """Return a text about `n` things; English has a plural, Chinese the same words."""
    translations = flask_babel.get_translations()
    text: str = translations.ungettext(message, message, n)
    return text.format(n=n, **params)


def translate(locale: str, message: str) -> str:
    """Return the text in a person's language, outside of any request; its places stay open."""
    if not message or locale == "zh_CN":
        return message
    found: str = _catalogue(locale).gettext(message)
    return found


@cache
def _catalogue(locale: str) -> NullTranslations:
    compile_catalogues()
    return Translations.load(str(FOLDER), [locale])


def of(error: EngineError) -> str:
    """Return the engine's refusal in the reader's language."""
    return _(error.message, **error.params) if error.params else _(error.message)


def language() -> str:
    """Return "zh" or "en", for what carries both languages itself."""
    return "en" if str(flask_babel.get_locale()).startswith("en") else "zh"


def init(app: Flask) -> None:
    """Take the reader's language from their account, else from the browser."""
    compile_catalogues()
    app.config["BABEL_TRANSLATION_DIRECTORIES"] = str(FOLDER)
    flask_babel.Babel(app, default_locale="zh_CN", locale_selector=_reader_language)
    app.jinja_env.globals.update({"_": _, "gettext": _, "ngettext": count, "count": count})
    app.jinja_env.filters["named"] = named


def compile_catalogues() -> None:
    """Bring the compiled catalogues up to date with their sources."""
    for source in FOLDER.glob("*/LC_MESSAGES/messages.po"):
        target = source.with_suffix(".mo")
        if not target.exists() or target.stat().st_mtime < source.stat().st_mtime:
            part = target.with_suffix(f".{os.getpid()}.part")
            with source.open("rb") as read, part.open("wb") as write:
                mofile.write_mo(write, pofile.read_po(read))
            part.replace(target)


def _reader_language() -> str | None:
    if not has_request_context():
        return "zh_CN"
    if g.get("language") in LANGUAGES:
        return str(g.language)
    user = g.get("user")
    if user is not None and user.locale in LANGUAGES:
        return str(user.locale)
    chosen = request.accept_languages.best_match(["zh-CN", "zh", "en"], default="zh-CN")
    return "en" if chosen == "en" else "zh_CN"
