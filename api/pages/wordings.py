"""The words of messages to owners: read, edited with a preview, versioned."""

from flask import Response, make_response, render_template, request
from sqlalchemy.orm import Session

from api import auth, texts
from api.pages import base
from api.pages.base import pages
from api.texts import _
from engine import identity
from engine.errors import N_, ConflictError, ForbiddenError, InvalidInputError, NotFoundError
from engine.outward import templates

_LANGUAGES = {"zh": N_("中文"), "en": N_("英文")}


@pages.get("/message-templates")
def message_templates() -> str:
    """List the kinds of messages with the words in force."""
    _require()
    with base.read() as session:
        rows = [
            (kind, [(code, name, templates.words(session, kind.key, code)) for code, name in _LANGUAGES.items()])
            for kind in templates.kinds()
        ]  # fmt: skip
    return render_template("message_templates.html", rows=rows, english=texts.language() == "en")


@pages.get("/message-templates/<kind>/<code>")
def message_template(kind: str, code: str) -> str:
    """Show the words of one message in one language."""
    _require()
    with base.read() as session:
        return _page(session, kind, code)


@pages.post("/message-templates/<kind>/<code>")
def save_message_template(kind: str, code: str) -> Response:
    """Put new words in force; older ones stay to be read."""
    _require()
    try:
        with base.begin() as session:
            templates.save(
                session, auth.actor(), kind, code, request.form.get("text", ""),
                seen=int(request.form.get("seen") or 0),
            )  # fmt: skip
    except (InvalidInputError, ConflictError) as error:
        with base.read() as session:
            return make_response(_page(session, kind, code, error=texts.of(error)), 422)
    base.done(_("已保存，从下一条消息起使用"))
    return base.to("pages.message_template", kind=kind, code=code)


@pages.post("/message-templates/<kind>/<code>/preview")
def preview_message_template(kind: str, code: str) -> str:
    """Show typed words with samples filled in, or what is wrong with them."""
    _require()
    return render_template(
        "parts/preview.html", **_preview(kind, code, request.form.get("text", ""))
    )


def _preview(kind: str, code: str, text: str) -> dict[str, str | int]:
    try:
        filled = templates.preview(templates.kind(kind), code, text)
    except InvalidInputError as error:
        length = len(text.replace("\r\n", "\n").strip())
        return {"error": texts.of(error), "preview": "", "length": length}
    return {"error": "", "preview": filled, "length": len(filled)}


def _page(session: Session, kind: str, code: str, *, error: str = "") -> str:
    if code not in _LANGUAGES:
        raise NotFoundError(N_("没有这种消息"))
    found = templates.kind(kind)
    words = templates.words(session, kind, code)
    versions = templates.versions(session, kind, code)
    text = request.form.get("text", "") if error else words.text
    return render_template(
        "message_template.html",
        kind=found,
        code=code,
        language=_(_LANGUAGES[code]),
        text=text,
        seen=request.form.get("seen", "") if error else words.version,
        shown=_preview(kind, code, text) | ({"error": error} if error else {}),
        versions=versions,
        names=identity.names(session, [row.by for row in versions]),
        english=texts.language() == "en",
        longest=templates.LONGEST,
    )


def _require() -> None:
    if not base.may(auth.actor(), "template.edit"):
        raise ForbiddenError(N_("给业主的消息模板由客户经理或系统管理员修改。"))
