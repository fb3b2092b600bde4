"""The headers that keep a browser from doing for others what it should do for us only."""

from flask import Flask, Response, current_app, g, request

from api import auth

#: bpmn-js and form-js write inline styles; scripts come from our own files alone
_POLICY = {
    "default-src": "'self'",
    "script-src": "'self'",
    "style-src": "'self' 'unsafe-inline'",
    "img-src": "'self' data: blob:",
    "font-src": "'self' data:",
    "connect-src": "'self'",
    "object-src": "'none'",
    "base-uri": "'none'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
}
POLICY = "; ".join(f"{name} {value}" for name, value in _POLICY.items())
YEAR = 31_536_000
_ALWAYS = (
    ("Content-Security-Policy", POLICY),
    ("X-Content-Type-Options", "nosniff"),
    ("X-Frame-Options", "DENY"),
    ("Referrer-Policy", "same-origin"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
    ("Permissions-Policy", "camera=(self), microphone=(), geolocation=()"),
)
#: an answer to a machine is no page: it runs nothing, frames nothing and asks for no device
_FOR_MACHINES = (
    ("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"),
    ("X-Content-Type-Options", "nosniff"),
    ("Cache-Control", "private, no-store"),
)
_SECURE = ("Strict-Transport-Security", f"max-age={YEAR}; includeSubDomains")


def init(app: Flask) -> None:
    """Send them with every answer."""
    app.after_request(_protect)


def _protect(response: Response) -> Response:
    """Add what the view has not set itself."""
    machine = auth.by_machine()
    wanted = _FOR_MACHINES if machine else _ALWAYS
    if current_app.config["SETTINGS"].https:
        wanted = (*wanted, _SECURE)
    own = {name.lower() for name, _ in response.headers}
    response.headers.extend([pair for pair in wanted if pair[0].lower() not in own])
    if not machine:
        _keep_private(response)
    return response


def _keep_private(response: Response) -> None:
    """Let nobody keep a page about people; let built files be kept for ever."""
    if request.endpoint == "static":
        hashed = "/web/assets/" in request.path or "v" in request.args
        response.headers["Cache-Control"] = (
            f"public, max-age={YEAR}, immutable" if hashed else "public, max-age=0, must-revalidate"
        )
    elif g.get("actor") is not None:
        response.headers.setdefault("Cache-Control", "private, no-store")
    response.headers.setdefault("Vary", "Cookie, Accept-Language, HX-Request")
