"""Before a complaint is recorded: is there one of this room already, open or of late?"""

from dataclasses import dataclass
from typing import Any

from flask import render_template, request
from sqlalchemy.orm import Session

from api import auth, texts
from api.pages import base, occurrences, subjects
from api.pages.base import pages
from engine import links
from engine.errors import N_, ForbiddenError, InvalidInputError, NotFoundError
from engine.models import Instance, LinkKind
from engine.ports import Actor
from processes import lookups as archive
from processes.complaint import alike, summary

#: rooms offered for what was typed
_ROOMS = 6
#: what the clerk may choose for the new case
_KINDS = {"intended": LinkKind.INTENDED, "related": LinkKind.RELATED}


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One complaint of the room."""

    case: Instance
    subject: subjects.Subject
    kind: str
    state: str
    open: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What was typed, the rooms that fit, and what one of them has had."""

    text: str
    rooms: list[Any]
    #: the room meant, when there is only one or its number was typed in full
    room: Any | None
    lines: list[Line]


@pages.get("/start/alike")
def start_alike() -> str:
    """Give the complaints of the room that was typed, for the page that starts one."""
    with base.read() as session:
        return render_template("parts/alike.html", alike=of_request(session, auth.actor()))


def of_request(session: Session, actor: Actor, tenant_id: str | None = None) -> Found:
    """Look for the room that the request names, and for its complaints."""
    text = request.args.get("room", "").strip()
    tenant_id = request.args.get("tenant_id") or tenant_id or _first(session, actor)
    if not base.may(actor, "instance.start", tenant_id):
        raise ForbiddenError(N_("登记由客户助理和经理办理。需要登记，请联系客户助理。"))
    rooms = (
        archive.search(session, "room", text, actor, tenant_id=tenant_id, limit=_ROOMS)
        if text
        else []
    )
    exact = [room for room in rooms if room["number"] == archive.room_number(text)]
    room = exact[0] if exact else rooms[0] if len(rooms) == 1 else None
    lines = [] if room is None else _lines(session, actor, tenant_id, int(room["key"]))
    return Found(text=text, rooms=rooms, room=room, lines=lines)


def _first(session: Session, actor: Actor) -> str:
    """Return the first project where this person may start a case; none is no project."""
    found = (project.tenant_id for project in archive.projects(session, actor))
    return next((one for one in found if base.may(actor, "instance.start", one)), "")


def link(session: Session, actor: Actor, case: Instance, chosen: str) -> None:
    """Link a new case as the clerk chose: `intended:<key>` to be merged, `related:<key>`."""
    kind, _, key = chosen.partition(":")
    if kind not in _KINDS:
        raise InvalidInputError(N_("请求里缺少 {name}。"), name="link")
    other = session.get(Instance, base.key(key))
    if (
        other is None
        or other.tenant_id != case.tenant_id
        or not base.may(actor, "instance.read", other)
    ):
        raise NotFoundError(N_("没有这个案件，或者它不在您负责的项目里。"))
    if not base.may(actor, "case.link", case):
        raise ForbiddenError(N_("这件事不由您来办，请联系客户经理。"))
    links.add(session, case.key, other.key, _KINDS[kind], by=actor.key)


def _lines(session: Session, actor: Actor, tenant_id: str, room_key: int) -> list[Line]:
    found = alike.of_room(session, actor, tenant_id, room_key)
    about = subjects.of(session, actor, {one.case.key: (one.case, one.case.title) for one in found})
    names = summary.sub_items(english=texts.language() == "en")
    return [
        Line(
            case=one.case,
            subject=about[one.case.key],
            kind=names.get(one.sub_item or "", ""),
            state=occurrences.outcome(session, one.case),
            open=one.open,
        )
        for one in found
    ]
