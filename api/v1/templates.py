"""/api/v1/message-templates: the words of messages to owners, by kind and language, versioned."""

from collections.abc import Mapping
from typing import Any

from flask_smorest import Blueprint
from marshmallow import Schema, fields
from sqlalchemy.orm import Session

from api import texts
from api.auth import actor
from api.v2.base import database, once
from engine.errors import N_, ForbiddenError, NotFoundError
from engine.outward import templates
from engine.ports import ports

blueprint = Blueprint(
    "v1-templates", __name__, url_prefix="/api/v1/message-templates", description="消息模板"
)


class WordsOut(Schema):
    """The words in force of a kind of message; version 0 is the shipped text."""

    kind = fields.String()
    language = fields.String()
    name = fields.String()
    text = fields.String()
    version = fields.Integer()
    places = fields.List(fields.String())
    needed = fields.List(fields.String())


class AllWordsOut(Schema):
    """Every kind of message in every language."""

    items = fields.List(fields.Nested(WordsOut))


class WordsIn(Schema):
    """Words with their {places}."""

    text = fields.String(required=True)


class NewWordsIn(WordsIn):
    """New words; `version` is the one in force that they were written over."""

    version = fields.Integer(required=True)


class FilledOut(Schema):
    """Words with samples filled in."""

    text = fields.String()
    length = fields.Integer()


@blueprint.get("")
@blueprint.response(200, AllWordsOut)
def listed() -> dict[str, Any]:
    """List the words in force."""
    _require()
    with database().read() as session:
        return {"items": [
            _shown(session, kind, language)
            for kind in templates.kinds() for language in templates.LANGUAGES
        ]}  # fmt: skip


@blueprint.put("/<message>/<language>")
@blueprint.arguments(NewWordsIn)
@blueprint.response(200, WordsOut)
def save(given: Mapping[str, Any], message: str, language: str) -> Any:
    """Put new words in force from the next message on; older ones stay to be read."""
    _require()
    kind = _kind(message, language)

    def command(session: Session) -> dict[str, Any]:
        templates.save(session, actor(), kind.key, language, given["text"], seen=given["version"])
        return _shown(session, kind, language)

    return once({"words": [kind.key, language], **given}, command)


@blueprint.post("/<message>/<language>/preview")
@blueprint.arguments(WordsIn)
@blueprint.response(200, FilledOut)
def preview(given: Mapping[str, Any], message: str, language: str) -> dict[str, Any]:
    """Return words with samples filled in; nothing is stored."""
    _require()
    kind = _kind(message, language)
    filled = templates.preview(kind, language, given["text"])
    return {"text": filled, "length": len(filled)}


def _require() -> None:
    if not ports.can(actor(), "template.edit", None):
        raise ForbiddenError(N_("给业主的消息模板由客户经理或系统管理员修改。"))


def _kind(message: str, language: str) -> templates.Kind:
    if language not in templates.LANGUAGES:
        raise NotFoundError(N_("没有这种消息"))
    return templates.kind(message)


def _shown(session: Session, kind: templates.Kind, language: str) -> dict[str, Any]:
    words = templates.words(session, kind.key, language)
    return {
        "kind": kind.key, "language": language, "text": words.text, "version": words.version,
        "name": kind.en if texts.language() == "en" else kind.zh,
        "places": [place.name for place in kind.places], "needed": sorted(kind.needed),
    }  # fmt: skip
