"""The page behind an owner's link: one case, without an account.

It shows how the case stands and what the link allows. Acts are refused in a browser in which staff
is signed in: nobody agrees for an owner at a desk. Wrong, expired and revoked links look alike.
"""

from collections.abc import Callable
from typing import Any

from flask import Response, g, jsonify, make_response, redirect, render_template, request, url_for
from sqlalchemy.orm import Session

from api import auth, texts
from api.pages import base, owner_files, owner_view
from api.pages.base import pages
from api.texts import _
from engine import idempotency
from engine.errors import N_, EngineError, ForbiddenError, InvalidInputError
from engine.idempotency import Answer
from engine.models import OwnerLink
from engine.outward import acts, feedback, givings, links

#: what was done -> what the page says next
_SAID = {
    "completed": N_("已经收到，谢谢。我们马上接着办。"),
    "rated": N_("已经收到您的评价，谢谢。"),
    "answered": N_("已经收到您的反馈，谢谢参加。"),
    "urged": N_("已经转告正在办理的人和客户经理。"),
    "reopened": N_("已经重新打开，这是新的编号。我们会尽快联系您。"),
}
_SCORES = {str(score): score for score in owner_view.SCORES}


@pages.get("/r/<token>")
@auth.anyone
def owner_page(token: str) -> Response:
    """Show how the case stands, and what its owner may do now."""
    _speak()
    try:
        with base.read() as session:
            link = links.find(session, token, _asker())
            answer = _page(session, link, token)
            fresh = links.is_fresh(link) or _is_staff()
        if not fresh:
            with base.begin() as session:
                links.looked(session, links.find(session, token, _asker()))
    except (links.DeadLinkError, links.TooManyError) as error:
        return _dead(error)
    return answer


@pages.post("/r/<token>/tasks/<key>")
@auth.anyone
def owner_complete(token: str, key: str) -> Response:
    """Do a step as the owner, or their part of it, once under its Idempotency-Key."""
    _speak()
    number, submitted = base.key(key), _submitted()
    _prove(token, number)

    def act(session: Session, link: OwnerLink) -> Answer:
        givings.answer(
            session, link, number, submitted, files=owner_files.finder(session, link)
        )  # fmt: skip
        return Answer(200, {"next": _address(token, "completed")})

    answer = _once(token, {"complete": number, "variables": submitted}, act)
    return jsonify(answer.body)


@pages.post("/r/<token>/files")
@auth.anyone
def owner_upload(token: str) -> Response:
    """Take in a signature; it belongs to the case from the start."""
    _speak()
    body = owner_files.picture(request.files.get("file"))
    _count(token)
    with base.begin() as session:
        link = links.find(session, token, _asker())
        row = owner_files.keep(session, link, body)
        return jsonify({"id": str(row.key), "name": row.name, "size": row.size})


@pages.post("/r/<token>/rate")
@auth.anyone
def owner_rate(token: str) -> Response:
    """Keep the rating; a link rates once."""
    score, word = _SCORES.get(request.form.get("score", ""), 0), request.form.get("word", "")
    return _act(token, "rated", lambda s, link: acts.rate(s, link, score=score, word=word))


@pages.post("/r/<token>/feedback")
@auth.anyone
def owner_feedback(token: str) -> Response:
    """Count what somebody thought of an event that they took part in; a telephone answers once."""
    given, score = request.form, _SCORES.get(request.form.get("score", ""), 0)

    def act(session: Session, link: OwnerLink) -> None:
        links.refuse_guessing(session, link, _asker())
        feedback.answer(
            session, link, phone=given.get("phone", ""), score=score, word=given.get("word", "")
        )  # fmt: skip

    return _act(token, "answered", act)


@pages.post("/r/<token>/urge")
@auth.anyone
def owner_urge(token: str) -> Response:
    """Urge the case."""
    return _act(token, "urged", lambda s, link: acts.urge(s, link, request.form.get("text", "")))


@pages.post("/r/<token>/reopen")
@auth.anyone
def owner_reopen(token: str) -> Response:
    """Have the closed case taken up again, and go on with the new one."""

    def act(session: Session, link: OwnerLink) -> str:
        return links.token(acts.reopen(session, link, request.form.get("text", "")).key)

    return _act(token, "reopened", act)


def _act(token: str, said: str, act: Callable[[Session, OwnerLink], Any]) -> Response:
    """Do one thing from a plain form, then show the page again; what was wrong stands in it."""
    _speak()
    try:
        _count(token)
        try:
            with base.begin() as session:
                done = act(session, links.find(session, token, _asker()))
        except (links.DeadLinkError, links.TooManyError):
            raise
        except EngineError as error:
            if isinstance(error, feedback.UnknownPhoneError):
                with base.begin() as session:
                    links.guessed(session, links.find(session, token, _asker()), _asker())
            with base.read() as session:
                link = links.find(session, token, _asker())
                return _page(session, link, token, error=error)
    except (links.DeadLinkError, links.TooManyError) as error:
        return _dead(error)
    where = done if isinstance(done, str) else token
    return _private(make_response(redirect(_address(where, said), 303)))


def _once(
    token: str, asked: dict[str, Any], act: Callable[[Session, OwnerLink], Answer]
) -> Answer:  # fmt: skip
    _count(token)
    with base.read() as session:
        link_key = links.find(session, token, _asker()).key
    return idempotency.run(
        base.database(), actor_key=link_key, key=request.headers.get("Idempotency-Key"),
        request={"link": link_key, **asked},
        command=lambda session: act(session, links.find(session, token, _asker())),
    )  # fmt: skip


def _prove(token: str, task_key: int) -> None:
    """Refuse a binding answer from somebody who does not know the telephone of the case."""
    _refuse_staff()
    body = request.get_json(silent=True)
    said = str(body.get("phone", "")) if isinstance(body, dict) else ""
    with base.read() as session:
        link = links.find(session, token, _asker())
        known = owner_view.proof(session, link, task_key)
        right = known is None or links.prove(session, link, known, said)
    if right:
        return
    with base.begin() as session:
        links.mistaken(session, links.find(session, token, _asker()))
    wrong = N_("手机号后四位不对，请填写办理这件事时留的手机号。")
    raise InvalidInputError(wrong, fields={"phone": [wrong]})


def _count(token: str) -> None:
    """Refuse staff and whoever is too busy; wrong links count against their guesser."""
    _refuse_staff()
    try:
        with base.begin() as session:
            links.acting(session, token, _asker())
    except links.DeadLinkError as error:
        _guessed(error)
        raise


def _page(
    session: Session, link: OwnerLink, token: str, *, error: EngineError | None = None
) -> Response:  # fmt: skip
    g.zone = base.zone(session, link.tenant_id)
    shown = owner_view.of(session, link)
    said = request.args.get("done", "") if error is None else ""
    page = render_template(
        "owner.html", shown=shown, token=token, said=_(_SAID[said]) if said in _SAID else "",
        error=texts.of(error) if error is not None else "", given=request.form, staff=_is_staff(),
        **_frame(),
    )  # fmt: skip
    return _private(make_response(page, 200 if error is None else _status(error)))


def _status(error: EngineError) -> int:
    return 422 if isinstance(error, InvalidInputError) else 409


def _dead(error: links.DeadLinkError | links.TooManyError) -> Response:
    """Say that the link does not work; a wrong one counts against its guesser."""
    throttled = isinstance(error, links.TooManyError)
    if not throttled and request.method in {"GET", "HEAD"}:
        _guessed(error)
    page = render_template("owner_dead.html", refused=texts.of(error), **_frame())
    return _private(make_response(page, 429 if throttled else 404))


def _guessed(error: EngineError) -> None:
    if error.params.get("wrong"):
        with base.begin() as session:
            links.failed(session, _asker())


def _frame() -> dict[str, Any]:
    other = "zh" if texts.language() == "en" else "en"
    return {
        "company": base.settings().company, "hotline": base.settings().hotline,
        "other": other, "asked": request.args.get("lang", ""),
    }  # fmt: skip


def _private(response: Response) -> Response:
    """Keep the page out of caches and indexes, and its address out of other sites' logs."""
    response.headers["Cache-Control"] = "private, no-store"
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["X-Robots-Tag"] = "noindex, nofollow, noarchive"
    return response


def _speak() -> None:
    """Speak the language that the page's switch asks for."""
    chosen = {"en": "en", "zh": "zh_CN"}.get(request.args.get("lang", ""))
    if chosen is not None:
        g.language = chosen


def _address(token: str, said: str) -> str:
    lang = request.args.get("lang", "")
    chosen = lang if lang in {"en", "zh"} else None
    return url_for("pages.owner_page", token=token, done=said, lang=chosen)


def _submitted() -> dict[str, Any]:
    body = request.get_json(silent=True)
    given = body.get("variables") if isinstance(body, dict) else None
    if not isinstance(given, dict):
        raise InvalidInputError(N_("请求里缺少 {name}。"), name="variables")
    return given


def _refuse_staff() -> None:
    if _is_staff():
        raise ForbiddenError(
            N_("您正以员工身份登录，只能查看。请业主在自己的手机上打开链接办理。")
        )  # fmt: skip


def _is_staff() -> bool:
    return g.get("actor") is not None


def _asker() -> str:
    return request.remote_addr or ""
