"""Is history whole? The seals over it and what the last look found, for auditors."""

from collections.abc import Mapping
from typing import Any

from flask import render_template
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from api import auth, keys
from api.pages import base
from api.pages.base import pages
from api.texts import _
from engine import verification
from engine.errors import N_, ForbiddenError
from engine.models import Seal

_SHOWN = 20


@pages.get("/history")
def history() -> str:
    """Show the last look at all of history, and the newest seals."""
    if not base.may(auth.actor(), "audit.read"):
        raise ForbiddenError(N_("历史校验由审计员和系统管理员查看。"))
    with base.read() as session:
        return render_template("history.html", **_page(session))


def _page(session: Session) -> dict[str, Any]:
    last = verification.last(session)
    settings = base.settings()
    return {
        "last": last,
        "faults": [_fault(fault) for fault in last.faults] if last else [],
        "seals": session.scalars(select(Seal).order_by(Seal.number.desc()).limit(_SHOWN)).all(),
        "count": session.scalar(select(func.count()).select_from(Seal)) or 0,
        "key_ids": sorted(keys.keyring(settings.folder, settings.history_key).public),
    }


def _fault(fault: Mapping[str, Any]) -> dict[str, Any]:
    text = _(verification.FAULTS[fault["kind"]], seq=fault["seq"], seal=fault["seal"])
    return {"text": text, "number": fault["business_key"], "case": fault["instance_key"]}
