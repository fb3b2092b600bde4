"""Asking to see personal data of a case: with a reason, which stays in its history."""

from flask import Response, request

from api import auth
from api.pages import base
from api.pages.base import pages
from api.texts import _
from engine import disclosures


@pages.post("/cases/<key>/disclose")
def disclose(key: str) -> Response:
    """Show me the personal values of this case for half an hour."""
    with base.begin() as session:
        disclosures.disclose(
            session, auth.actor(), base.key(key), reason=request.form.get("reason", "")
        )
    base.done(_("半小时内可以看到，已记入案件的经过"))
    return base.to("pages.case", key=key)
