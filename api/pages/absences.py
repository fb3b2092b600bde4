"""Who is away and who stands in: my own absences, and those of people whom I lead."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import Response, make_response, render_template, request
from sqlalchemy.orm import Session

from api import auth, texts
from api.pages import base, shell
from api.pages.base import pages
from api.texts import _
from engine import absences, identity, memberships
from engine.absences import InHand
from engine.errors import N_, EngineError, InvalidInputError
from engine.models import User
from engine.models.identity import Absence
from engine.ports import COMPANY, Actor
from processes import lookups

_MOST = 500
CHOICES = {
    InHand.DEPUTY: N_("转给代理人"),
    InHand.GROUP: N_("退回本组"),
    InHand.KEEP: N_("留给本人"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One absence as the page shows it."""

    row: Absence
    who: str
    deputy: str
    in_hand: str
    now: bool
    may_end: bool


@pages.get("/absences")
def absence_list() -> str:
    """Show my absences, where I stand in, and who of my people is away."""
    return _page({})


@pages.post("/absences")
def record_absence() -> Response:
    """Note an absence of mine, or of somebody whom I lead."""
    given, actor = request.form, auth.actor()
    try:
        with base.begin() as session:
            row = absences.record(
                session, actor, base.key(given.get("user") or str(actor.key)), _deputy(given),
                from_on=_day(given, "from_on"), to_on=_day(given, "to_on"),
                in_hand=given.get("in_hand", ""), note=given.get("note", ""),
            )  # fmt: skip
            name = identity.names(session, [row.deputy_key])[row.deputy_key]
    except EngineError as error:
        return make_response(_page(_wrong(error)), 422)
    base.done(_("已登记，{deputy} 代理", deputy=name))
    return base.back("pages.absence_list")


@pages.post("/absences/<key>/end")
def end_absence(key: str) -> Response:
    """Take an absence back, or end it today."""
    with base.begin() as session:
        absences.end(session, auth.actor(), base.key(key))
    base.done(_("已结束，代理人不再代理；已经转出的任务不会自动转回"))
    return base.back("pages.absence_list")


def away_today(session: Session, actor: Actor) -> list[Line]:
    """Return who of a person's people is away today, for the supervisor's page."""
    rows = [row for row in absences.coming(session, actor) if absences.has_begun(session, row)]
    return _lines(session, actor, rows)


def _page(errors: Mapping[str, str]) -> str:
    actor = auth.actor()
    with base.read() as session:
        mine = absences.of(session, actor.key)
        known = {row.key for row in mine}
        led = [row for row in absences.coming(session, actor) if row.key not in known]
        tenants = _tenants(session, actor)
        led_here = [one for one in tenants if base.may(actor, "absence.record", one)]
        shown: dict[str, Any] = {
            "mine": _lines(session, actor, [row for row in mine if row.user_key == actor.key]),
            "standing": _lines(session, actor, [row for row in mine if row.user_key != actor.key]),
            "led": _lines(session, actor, led),
            "people": _people(session, tenants, but=actor.key),
            "leads": _people(session, led_here, but=actor.key),
        }
        session.expunge_all()
        today = memberships.today_of(session, actor.key)
        rail = shell.rail_of(session)
    return render_template(
        "absences.html", errors=errors, given=request.form, choices=CHOICES, rail=rail, me=actor.key,
        today=today, **shown,
    )  # fmt: skip


def _lines(session: Session, actor: Actor, rows: Sequence[Absence]) -> list[Line]:
    names = identity.names(session, [k for row in rows for k in (row.user_key, row.deputy_key)])
    return [
        Line(
            row=row, who=names.get(row.user_key, ""), deputy=names.get(row.deputy_key, ""),
            in_hand=_(CHOICES[InHand(row.in_hand)]), now=absences.has_begun(session, row),
            may_end=absences.may_record(session, actor, row.user_key),
        )
        for row in rows
    ]  # fmt: skip


def _tenants(session: Session, actor: Actor) -> list[str]:
    held = actor.tenants()
    if COMPANY in held:
        held = frozenset(one.tenant_id for one in lookups.projects(session, actor)) | {COMPANY}
    return sorted(held)


def _people(session: Session, tenants: Sequence[str], *, but: int) -> list[User]:
    """Return the other people of some projects, each once, by name."""
    found = {
        one.key: one
        for tenant in tenants
        for one in identity.people(session, tenant, limit=_MOST)
        if one.key != but
    }
    return sorted(found.values(), key=lambda one: (one.name, one.key))


def _deputy(given: Mapping[str, str]) -> int:
    if not given.get("deputy"):
        raise InvalidInputError(N_("请选择代理人。"), fields={"deputy": [N_("必填")]})
    return base.key(given["deputy"])


def _day(given: Mapping[str, str], name: str) -> date:
    try:
        return date.fromisoformat(given.get(name, ""))
    except ValueError:
        raise InvalidInputError(
            N_("日期请写成 2026-11-23 的形式。"), fields={name: [N_("必填")]}
        ) from None


def _wrong(error: EngineError) -> dict[str, str]:
    """Return the error as a whole and beside its fields."""
    fields = getattr(error, "fields", None) or {}
    return {"all": texts.of(error), **{name: _(said[0]) for name, said in fields.items()}}
