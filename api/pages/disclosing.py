"""Asking to see personal data: with a reason, which stays on record."""

from flask import Response, make_response, render_template, request, url_for

from api import auth
from api.pages import base
from api.pages.base import pages
from api.texts import _
from engine import disclosures
from processes import id_numbers


@pages.post("/cases/<key>/disclose")
def disclose(key: str) -> Response:
    """Show me the personal values of this case for half an hour."""
    with base.begin() as session:
        disclosures.disclose(
            session, auth.actor(), base.key(key), reason=request.form.get("reason", "")
        )
    base.done(_("半小时内可以看到，已记入案件的经过"))
    return base.to("pages.case", key=key)


@pages.post("/cases/<key>/id-numbers")
def show_id_numbers(key: str) -> Response:
    """Show the ID numbers of a case in clear, this once."""
    reason = request.form.get("reason", "")
    with base.begin() as session:
        shown = id_numbers.show_of_case(session, auth.actor(), base.key(key), reason=reason)
    return _numbers(shown, reason=reason, back=url_for("pages.case", key=key))


@pages.post("/residents/<key>/id-number")
def show_id_number(key: str) -> Response:
    """Show a resident's ID number in clear, this once; `back` is the page that asked."""
    reason = request.form.get("reason", "")
    with base.begin() as session:
        shown = id_numbers.show(session, auth.actor(), base.key(key), reason=reason)
    back = base.safe(request.form.get("back", "")) or url_for("pages.inbox")
    return _numbers([shown], reason=reason, back=back)


def _numbers(shown: list[id_numbers.Shown], *, reason: str, back: str) -> Response:
    page = render_template("id_numbers.html", shown=shown, reason=reason.strip(), back=back)
    answer = make_response(page)
    answer.headers["Cache-Control"] = "no-store"
    return answer
