"""A resident's page, the owner record 业主档案: rooms over time, groups, consent, records, edits."""

from flask import Response, make_response, render_template, request
from sqlalchemy.orm import Session

from api import auth
from api.pages import archive_rooms, archive_words, base, shell
from api.pages.base import pages
from api.texts import _
from engine import identity
from engine.cases import MASK
from engine.errors import InvalidInputError
from processes import id_numbers
from processes.archive import Resident, living, looks, notices, reading, traits


@pages.get("/archive/people/<key>")
def archive_person(key: str) -> str:
    """Show a resident with everything that the archive holds of them."""
    with base.read() as session:
        return _page(session, base.key(key))


@pages.post("/archive/people/<key>")
def edit_resident(key: str) -> Response:
    """Correct a resident."""
    actor, who = auth.actor(), base.key(key)
    try:
        with base.begin() as session:
            living.edit_resident(session, actor, who, request.form)
    except InvalidInputError as error:
        with base.read() as session:
            page = _page(session, who, errors=archive_rooms.errors_of(error))
            return make_response(page, 422)
    base.done(_("已保存资料"))
    return base.to("pages.archive_person", key=key)


@pages.post("/archive/people/<key>/traits")
def note_traits(key: str) -> Response:
    """Say which groups a resident is in."""
    actor, given = auth.actor(), request.form
    try:
        with base.begin() as session:
            who = living.editable(session, actor, base.key(key))
            for kind in traits.TRAITS:
                if kind.key in given:
                    traits.note(session, actor, who, kind.key, given[kind.key])
    except InvalidInputError as error:
        with base.read() as session:
            page = _page(session, base.key(key), errors=archive_rooms.errors_of(error))
            return make_response(page, 422)
    base.done(_("已保存客户属性"))
    return base.to("pages.archive_person", key=key)


@pages.post("/archive/people/<key>/consent")
def note_privacy(key: str) -> Response:
    """Note that a resident was shown the notice on personal data and agreed, or not."""
    actor = auth.actor()
    with base.begin() as session:
        who = living.editable(session, actor, base.key(key))
        notices.note(
            session, who.key, tenant_id=who.tenant_id, given=request.form.get("given") == "1",
            by=actor.key,
        )  # fmt: skip
    base.done(_("已记录个人信息告知"))
    return base.to("pages.archive_person", key=key)


@pages.post("/archive/people/<key>/id-number")
def enter_id_number(key: str) -> Response:
    """Enter or correct a resident's ID number; why stays on record."""
    actor, given = auth.actor(), request.form
    try:
        with base.begin() as session:
            id_numbers.enter(
                session, actor, living.resident(session, actor, base.key(key)),
                given.get("id_no", ""), kind=given.get("id_type", ""),
                reason=given.get("reason", ""),
            )  # fmt: skip
    except InvalidInputError as error:
        with base.read() as session:
            wrong = archive_rooms.errors_of(error)
            return make_response(_page(session, base.key(key), errors=wrong, section="number"), 422)
    base.done(_("已登记证件号码，加密保存"))
    return base.to("pages.archive_person", key=key)


def _page(
    session: Session, key: int, *, errors: dict[str, str] | None = None, section: str = "who"
) -> str:
    actor = auth.actor()
    who = living.resident(session, actor, key)
    stays = reading.of_resident(session, key)
    shown = base.may(actor, "personal.read", who.tenant_id) or any(
        looks.is_open(session, actor, one.room.key) for one in stays
    )
    may_number = base.may(actor, "id_number.read", who.tenant_id)
    entries = [("resident", key), *([("id_number", key)] if may_number else [])]
    changes = reading.changes(session, entries)
    records = reading.during(
        [(one, reading.cases(session, actor, one.room)) for one in stays],
        base.zone(session, who.tenant_id),
    )
    consent = notices.of(session, [key]).get(key)
    return render_template(
        "archive_person.html", who=who, shown=shown, words=archive_words,
        stays=[archive_words.person(one, shown=shown) for one in stays],
        name=who.name if shown else MASK,
        phone=who.phone if shown else archive_words.masked(who.phone),
        groups=_groups(session, who) if shown else [],
        number=id_numbers.masked(session, actor, [who]).get(who.key, ""),
        may_show_number=base.may(actor, "id_number.show", who.tenant_id),
        may_write_number=base.may(actor, "id_number.write", who.tenant_id),
        papers=archive_words.chosen(id_numbers.PAPERS),
        consent=consent, version=notices.VERSION,
        records=records,
        processes=archive_rooms.process_names(session, (), records),
        changes=changes,
        names=identity.names(
            session, [*(one.by for one in changes), consent.by if consent else None]
        ),
        tenant=shell.tenant_names(session).get(who.tenant_id, ""),
        may_edit=shown and base.may(actor, "archive.edit", who.tenant_id),
        given=request.form, errors=errors or {}, section=section if errors else "",
    )  # fmt: skip


def _groups(session: Session, who: Resident) -> list[tuple[traits.Kind, str]]:
    """Return the traits that the company keeps with what is noted of somebody."""
    noted = traits.of(session, [who.key]).get(who.key, {})
    kept = traits.choices(session)
    return [(kind, noted.get(kind.key, "")) for kind in traits.TRAITS if kept[kind.key].kept]
