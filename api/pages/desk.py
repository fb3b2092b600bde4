"""The front desk: find who is calling, see what their room has under way, and start at once."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from flask import Response, render_template, request
from sqlalchemy.orm import Session

from api import auth, texts
from api.pages import alike, base, ledger, occurrences, shell, subjects
from api.pages.base import pages
from api.texts import _
from engine import compiled, submissions, tasks
from engine import occurrences as reports
from engine.errors import N_, ForbiddenError, NotFoundError
from engine.models import Instance
from engine.ports import Actor
from processes import callers, lookups, searching
from processes.archive import Room
from processes.complaint import summary

#: what a call is turned into with one button; every other process begins on the page of all
OFFERED = ("complaint", "repair", "inquiry", "move_in")
_RECORDING = frozenset(f"{process}-{first.element}" for process, first in searching.FIRST.items())


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One case as the desk shows it."""

    case: Instance
    process: str
    subject: subjects.Subject
    kind: str
    state: str
    open: bool = True
    same: bool = False
    #: the owner may be helped by urging instead of recording the same thing twice
    urge: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """A room with who lives there and what it has had."""

    room: Room
    project: str
    residents: Iterable[Any]
    chosen: str
    lines: list[Line]
    older: int
    offers: list[tuple[str, str]]


@pages.get("/desk")
def desk() -> str | Response:
    """Show the one search box, what was found, and the room that was chosen."""
    actor = auth.actor()
    _require(actor)
    with base.read() as session:
        found = callers.find(session, actor, _typed())
        chosen = request.args.get("room", "")
        room = _room(session, actor, chosen) if chosen else None
        if room is None and found.only is not None and not found.cases:
            room = found.only
        return render_template(
            "desk.html", pane=True, q=_typed(), found=_shown(session, actor, found),
            card=None if room is None else _card(session, actor, room),
        )  # fmt: skip


@pages.get("/desk/find")
def desk_find() -> str:
    """Give what fits the words typed so far."""
    actor = auth.actor()
    _require(actor)
    with base.read() as session:
        found = callers.find(session, actor, _typed())
        return render_template(
            "parts/found.html", q=_typed(), found=_shown(session, actor, found), card=None
        )


@pages.get("/desk/beside/<key>")
def desk_beside(key: str) -> str:
    """Give the other cases of the room that is being recorded, for the place beside the form."""
    actor = auth.actor()
    with base.read() as session:
        task = tasks.get(session, actor, base.key(key))
        typed = submissions.draft(session, task.key, actor.key) or {}
        here = session.get_one(Instance, task.instance_key)
        first = searching.FIRST.get(here.process_id)
        number = str(typed.get(first.room) or "") if first and first.element == task.element else ""
        room = session.get(Room, int(number)) if number.isdigit() else None
        if room is None or not base.may(actor, "archive.read", room.tenant_id):
            return render_template("parts/beside.html", room=None, lines=[], task=task)
        field = callers.KINDS.get(here.process_id, ("", ""))[1]
        there = callers.at_room(
            session, actor, room, process_id=here.process_id, kind=str(typed.get(field) or "")
        )
        others = [one for one in there.lines if one.case.key != task.root_key]
        return render_template(
            "parts/beside.html", room=room, task=task, lines=_earlier(session, actor, others),
            may_link=base.may(actor, "case.link", here), process_id=here.process_id,
        )  # fmt: skip


@pages.post("/desk/link/<key>")
def desk_link(key: str) -> Response:
    """Link the case being recorded with another one of the room, or mark it to be merged."""
    with base.begin() as session:
        task = tasks.get(session, auth.actor(), base.key(key))
        case = session.get_one(Instance, task.root_key)
        if not base.may(auth.actor(), "case.link", case):
            raise ForbiddenError(N_("这件事不由您来办，请联系客户经理。"))
        alike.link(session, auth.actor(), case, request.form.get("link", ""))
    base.done(_("已关联，案卷里看得到"))
    return base.to("pages.task", key=key)


@pages.app_template_global("is_recording")
def is_recording(schema: Mapping[str, Any]) -> bool:
    """Say whether a form is a case's first one, beside which the room's other cases stand."""
    return schema.get("id") in _RECORDING


def prefill(session: Session, actor: Actor, process_id: str) -> dict[str, Any]:
    """Return what the first form begins with, from the room and person that the desk chose."""
    number = request.form.get("room_id", "")
    room = session.get(Room, int(number)) if number.isdigit() else None
    if room is None or room.tenant_id != request.form.get("tenant_id"):
        return {}
    person = request.form.get("resident", "")
    known = (
        callers.resident_of(session, actor, room, int(person)) if person.isdigit() else None
    )  # fmt: skip
    resident, kind = known or (None, "")
    return callers.first_values(process_id, room, resident, kind)


def _typed() -> str:
    return request.args.get("q", "").strip()


def _require(actor: Actor) -> None:
    if not base.may(actor, "archive.read"):
        raise ForbiddenError(N_("前台由客户服务人员使用。需要查找住户，请联系客户助理。"))


def _room(session: Session, actor: Actor, text: str) -> Room:
    room = session.get(Room, base.key(text))
    if room is None or not base.may(actor, "archive.read", room.tenant_id):
        raise NotFoundError(N_("没有这个房号，或者它不在您负责的项目里。"))
    return room


def _shown(session: Session, actor: Actor, found: callers.Found) -> dict[str, Any]:
    named = {one.tenant_id: one.name for one in lookups.projects(session, actor)}
    return {
        "people": found.people, "rooms": found.rooms, "projects": named,
        "lines": _lines(session, actor, found.cases),
    }  # fmt: skip


def _card(session: Session, actor: Actor, room: Room) -> Card:
    entry = lookups.lookup(session, "room", str(room.key), actor) or {}
    there = callers.at_room(session, actor, room)
    residents = entry.get("residents", ())
    chosen = request.args.get("person", "")
    if not chosen and len(residents) == 1:
        chosen = residents[0]["key"]
    return Card(
        room=room, project=shell.tenant_names(session).get(room.tenant_id, ""),
        residents=residents, chosen=chosen, lines=_earlier(session, actor, there.lines),
        older=there.older, offers=_offers(session, actor, room),
    )  # fmt: skip


def _offers(session: Session, actor: Actor, room: Room) -> list[tuple[str, str]]:
    if not base.may(actor, "instance.start", room.tenant_id):
        return []
    return [(one, compiled.newest(session, one).name) for one in OFFERED]


def _earlier(session: Session, actor: Actor, found: Iterable[callers.Earlier]) -> list[Line]:
    marks = {one.case.key: one for one in found}
    return [
        Line(
            case=line.case, process=line.process, subject=line.subject, kind=line.kind,
            state=line.state, open=marks[line.case.key].open, same=marks[line.case.key].same,
            urge=marks[line.case.key].open and any(
                one.name == "urge" for one in reports.offers(session, actor, line.case.key)),
        )
        for line in _lines(session, actor, [one.case for one in marks.values()])
    ]  # fmt: skip


def _lines(session: Session, actor: Actor, cases: Iterable[Instance]) -> list[Line]:
    found = list(cases)
    about = subjects.of(session, actor, {one.key: (one, one.title) for one in found})
    kinds = summary.sub_items(english=texts.language() == "en")
    return [
        Line(
            case=one, process=ledger.process_name(session, one), subject=about[one.key],
            kind=kinds.get(str(one.variables.get("sub_item") or ""), ""),
            state=occurrences.outcome(session, one), open=one.ended_at is None,
        )
        for one in found
    ]  # fmt: skip
