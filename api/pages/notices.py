"""The bell: notices to me, newest first."""

from flask import Response, render_template, request
from sqlalchemy import select, update

from api import auth
from api.pages import base
from api.pages.base import pages
from api.texts import _
from engine import clock
from engine.models import Instance, Notice

_PAGE = 30
#: where notices lead that are about no task and no case, by the beginning of their kind
_PAGES = {
    "daily": "pages.my_daily", "weekly": "pages.weekly_list", "monthly": "pages.monthly",
    "calendar": "pages.calendar_list",
}  # fmt: skip


@pages.get("/notices")
def notices() -> str:
    """List my notices; opening the page does not mark them read, opening one does."""
    before = request.args.get("before", "")
    query = (
        select(Notice, Instance.business_key)
        .outerjoin(Instance, Instance.key == Notice.instance_key)
        .where(Notice.user_key == auth.actor().key)
    )
    if before:
        query = query.where(Notice.key < base.key(before))
    with base.read() as session:
        rows = session.execute(query.order_by(Notice.key.desc()).limit(_PAGE + 1)).all()
        return render_template("notices.html", rows=rows[:_PAGE], more=rows[_PAGE:], say=_say)


@pages.get("/notices/<key>")
def open_notice(key: str) -> Response:
    """Mark a notice read and go to what it is about."""
    with base.begin() as session:
        row = session.get(Notice, base.key(key))
        if row is None or row.user_key != auth.actor().key:
            return base.to("pages.notices")
        row.read_at = row.read_at or clock.now()
        task_key, instance_key, kind = row.task_key, row.instance_key, row.kind
    if task_key:
        return base.to("pages.task", key=task_key)
    if instance_key:
        return base.to("pages.case", key=instance_key)
    return base.to(_PAGES.get(kind.partition("-")[0], "pages.notices"))


@pages.post("/notices/read")
def read_all() -> Response:
    """Mark all my notices read."""
    with base.begin() as session:
        session.execute(
            update(Notice)
            .where(Notice.user_key == auth.actor().key, Notice.read_at.is_(None))
            .values(read_at=clock.now())
        )
    base.done(_("通知都已标为已读"))
    return base.to("pages.notices")


def _say(row: Notice) -> str:
    """Fill the notice's text in, in the reader's language."""
    return _(row.text, **row.params)
