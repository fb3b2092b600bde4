"""Turn refusals into answers: a page that says what to do next, or an RFC 9457 problem."""

import logging
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from flask import (
    Flask,
    Response,
    current_app,
    g,
    jsonify,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from werkzeug.exceptions import HTTPException

from api import texts
from engine import errors, ids, incidents
from engine.errors import N_, EngineError
from engine.moving import MigrationRefusedError

log = logging.getLogger(__name__)

PROBLEM = "application/problem+json"


class NotSignedInError(EngineError):
    """Nobody is signed in, or the sign-in has ended."""

    code = "not-signed-in"


class StalePageError(EngineError):
    """An unsafe request came without the token of its session."""

    code = "stale-page"


#: the most special class first; what is not listed is a plain refusal
STATUS: dict[type[EngineError], int] = {
    NotSignedInError: 401,
    StalePageError: 400,
    errors.NotFoundError: 404,
    errors.ForbiddenError: 403,
    errors.ConflictError: 409,
    errors.InvalidInputError: 422,
    errors.DefinitionRefused: 422,
    errors.StepFailedError: 422,
    EngineError: 400,
}
_BY_CODE = {"throttled": 429, "unsupported-file": 415, "too-large": 413, "pdf-not-installed": 501}

_TITLES = {
    400: N_("这个请求没有办成"),
    401: N_("请先登录"),
    403: N_("这件事不由您办理"),
    404: N_("没有找到这个页面"),
    405: N_("这里不能这样操作"),
    409: N_("这件事刚被别人改过"),
    413: N_("文件太大了"),
    415: N_("这种文件不能上传"),
    422: N_("有几处需要改一改"),
    429: N_("试得太频繁了"),
    500: N_("这一步没有办成"),
    501: N_("这里没有安装这项功能"),
}
_NEXT = {
    400: N_("请返回上一页，刷新后再试一次。"),
    401: N_("登录后会回到刚才的页面。"),
    403: N_("需要办理或查看，请联系项目的客户经理。"),
    404: N_("可能已经办结、转给了别人，或者地址写错了。可以从待办或案件里查找。"),
    405: N_("请返回上一页，用页面上的按钮操作。"),
    409: N_("请刷新页面，对照两边的内容再提交。您填写的内容已经存成草稿。"),
    413: N_("请压缩后再传，或者分几个文件上传。"),
    415: N_("可以上传照片、PDF、Word、Excel 和录音。"),
    422: N_("请按提示修改后再提交，已经填写的内容都在。"),
    429: N_("请稍等几分钟再试。"),
    500: N_("内容没有丢失。请稍后再试；一直这样，请把下面的编号告诉管理员。"),
}


def init(app: Flask) -> None:
    """Answer every refusal and every failure of the application."""
    app.register_error_handler(EngineError, _refused)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(Exception, _failed)


def status_of(error: EngineError) -> int:
    """Return the HTTP status of a refusal."""
    if error.code in _BY_CODE:
        return _BY_CODE[error.code]
    return next(status for kind, status in STATUS.items() if isinstance(error, kind))


def problem(status: int, code: str, detail: str, **more: Any) -> Response:
    """Return an RFC 9457 problem with a stable code."""
    body = {
        "type": f"urn:wuyeflow:problem:{code}",
        "title": texts._(_title(status)),
        "status": status,
        "code": code,
        "detail": detail,
        "instance": request.path,
    }
    response = jsonify(body | more)
    response.status_code = status
    response.mimetype = PROBLEM
    return response


def wants_json() -> bool:
    """Say whether the asker is a script or a machine, not a person's page."""
    if request.path.startswith(("/api/", "/v2/")) or request.is_json:
        return True
    best = request.accept_mimetypes.best_match(["text/html", "application/json"], "text/html")
    return best == "application/json"


def _refused(error: EngineError) -> Response:
    status = status_of(error)
    log.info("%s %s was refused: %s", request.method, request.path, error.code)
    if isinstance(error, errors.StepFailedError):
        incidents.note(current_app.extensions["database"], error)
    if wants_json():
        return problem(status, error.code, texts.of(error), **_details(error))
    if isinstance(error, NotSignedInError):
        return _to_sign_in()
    return _page(status, texts.of(error) if error.message != type(error).__doc__ else "")


def _details(error: EngineError) -> Mapping[str, Any]:
    if isinstance(error, errors.DefinitionRefused | MigrationRefusedError):
        chosen = texts.language()
        return {
            "problems": [
                {
                    "rule": p.rule,
                    "element": p.element,
                    "line": p.line,
                    "severity": p.severity,
                    "resource": p.resource,
                    "message": p.zh if chosen == "zh" else p.en,
                }
                for p in error.problems
            ]
        }
    if isinstance(error, errors.InvalidInputError):
        return {"errors": _fields(error)}
    if isinstance(error, errors.StepFailedError):
        return {"element": error.element}
    return {}


def _fields(error: errors.InvalidInputError) -> Any:
    """Return the texts at the fields in the reader's language."""
    if error.fields_en is not None:
        return error.fields_en if texts.language() == "en" else error.fields
    return {
        field: [texts._(one) for one in said] if isinstance(said, list) else said
        for field, said in error.fields.items()
    }


def _to_sign_in() -> Response:
    """Send a person to sign in, and back to where they were."""
    back = request.full_path.rstrip("?") if request.method == "GET" else "/"
    address = url_for("pages.sign_in", next=back if back != "/" else None)
    if not request.headers.get("HX-Request"):
        return make_response(redirect(address))
    response = make_response("", 204)
    response.headers["HX-Redirect"] = url_for("pages.sign_in")
    return response


def _http(error: HTTPException) -> Response:
    if error.code is None or error.code < HTTPStatus.BAD_REQUEST:
        return make_response(error.get_response())
    if wants_json():
        messages = getattr(error, "data", {}).get("messages")  # webargs: a schema said no
        more = {"errors": messages} if messages else {}
        return problem(error.code, f"http-{error.code}", texts._(_title(error.code)), **more)
    response = _page(error.code, "")
    for name, value in error.get_headers():
        if name.lower() in ("allow", "retry-after"):
            response.headers[name] = value
    return response


def _failed(error: Exception) -> Response:
    """Answer what nobody expected: log it whole under a number the person can tell."""
    number = ids.new() % 100_000_000
    log.error("failure %08d at %s %s", number, request.method, request.path, exc_info=error)
    if wants_json():
        return problem(500, "failure", texts._(_NEXT[500]), number=f"{number:08d}")
    return _page(500, "", number=f"{number:08d}")


def _page(status: int, detail: str, number: str = "") -> Response:
    body = render_template(
        "error.html",
        fragment=bool(request.headers.get("HX-Request")),
        signed_in=g.get("actor") is not None,
        status=status,
        title=texts._(_title(status)),
        detail=detail,
        next=texts._(_NEXT.get(status, _NEXT[400])),
        number=number,
    )
    response = make_response(body, status)
    if request.headers.get("HX-Request"):
        response.headers["HX-Retarget"] = "#alerts"
        response.headers["HX-Reswap"] = "innerHTML"
    return response


def _title(status: int) -> str:
    return _TITLES.get(status, _TITLES[400])
