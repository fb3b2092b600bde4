"""The page behind a rating link: one case, one rating, no account."""

from typing import Any

from flask import Response, g, make_response, render_template, request

from api import auth, texts
from api.pages import base
from api.pages.base import pages
from api.texts import _
from engine.errors import N_, InvalidInputError
from engine.models import Instance, RatingLink, Tenant
from engine.outward import ratings

_SCORES = {5: N_("很满意"), 4: N_("满意"), 3: N_("一般"), 2: N_("不满意"), 1: N_("很不满意")}

_SCORE = {str(score): score for score in _SCORES}


@pages.get("/r/<token>")
@auth.anyone
def rating(token: str) -> Response:
    """Show which case is rated, or why it can't be."""
    try:
        with base.read() as session:
            return _form(_about(session, ratings.find(session, token, _asker())), {})
    except (ratings.DeadLinkError, ratings.TooManyError) as error:
        return _dead(error)


@pages.post("/r/<token>")
@auth.anyone
def rate(token: str) -> Response:
    """Keep the rating; the link is used."""
    given = request.form
    try:
        with base.begin() as session:
            about = _about(session, ratings.find(session, token, _asker()))
            score, word = _SCORE.get(given.get("score", ""), 0), given.get("word", "")
            try:
                ratings.rate(session, token, _asker(), score=score, word=word)
            except InvalidInputError as error:
                return _form(about, dict.fromkeys(error.fields, texts.of(error)), 422)
    except (ratings.DeadLinkError, ratings.TooManyError) as error:
        return _dead(error)
    return make_response(_page(thanks=_("已经收到您的评价，谢谢。")))


def _asker() -> str:
    return request.remote_addr or ""


def _about(session: Any, link: RatingLink) -> dict[str, str]:
    """Return what may be told about a case to whoever holds its link: no names, no words."""
    case = session.get_one(Instance, link.instance_key)
    tenant = session.get(Tenant, case.tenant_id)
    g.zone = base.zone(session, case.tenant_id)
    return {"number": case.business_key or "", "project": tenant.name if tenant else ""}


def _form(about: dict[str, str], errors: dict[str, str], status: int = 200) -> Response:
    return make_response(_page(about=about, errors=errors), status)


def _dead(error: ratings.DeadLinkError | ratings.TooManyError) -> Response:
    """Say why the link does not work; a wrong one counts against its guesser."""
    if isinstance(error, ratings.TooManyError):
        return make_response(_page(refused=texts.of(error)), 429)
    if error.params.get("wrong"):
        with base.begin() as session:
            ratings.failed(session, _asker())
        return make_response(_page(refused=texts.of(error)), 404)
    if error.params.get("used"):
        return make_response(_page(thanks=texts.of(error)))
    return make_response(_page(refused=texts.of(error)), 410)


def _page(**shown: Any) -> str:
    known: dict[str, Any] = {"about": None, "errors": {}, "thanks": "", "refused": ""}
    return render_template(
        "rating.html", **known | shown, scores=_SCORES, given=request.form,
        company=base.settings().company, hotline=base.settings().hotline,
        longest=ratings.LONGEST_WORD,
    )  # fmt: skip
