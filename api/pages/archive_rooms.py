"""A room's page, the house record 房屋档案: people over time, what they have, what was done, edits."""

from collections.abc import Callable, Sequence
from typing import Any

from flask import Response, make_response, render_template, request
from sqlalchemy.orm import Session

from api import auth, texts
from api.pages import archive_words, base, shell
from api.pages.base import pages
from api.texts import _
from engine import clock, compiled, identity
from engine.errors import InvalidInputError
from engine.models import Instance
from processes.archive import KeySet, Vehicle, columns, living, looks, reading, regions, traits
from processes.archive.living import KEY_KINDS, METER_KINDS


@pages.get("/archive/rooms/<key>")
def archive_room(key: str) -> str:
    """Show a room with everything that the archive holds of it."""
    with base.read() as session:
        return _page(session, base.key(key))


@pages.post("/archive/rooms/<key>")
def edit_room(key: str) -> Response:
    """Correct a room."""
    return _act(key, living.edit_room, _("已保存房屋资料"), "room")


@pages.post("/archive/rooms/<key>/people")
def move_in(key: str) -> Response:
    """Note who moves in."""
    return _act(key, living.move_in, _("已登记入住"), "people")


@pages.post("/archive/rooms/<key>/vehicles")
def add_vehicle(key: str) -> Response:
    """Note a car of the room."""
    return _act(key, living.add_vehicle, _("已登记车辆"), "vehicles")


@pages.post("/archive/rooms/<key>/keys")
def add_keys(key: str) -> Response:
    """Note keys that were handed out."""
    return _act(key, living.add_keys, _("已登记钥匙"), "keys")


@pages.post("/archive/rooms/<key>/meters")
def add_meter(key: str) -> Response:
    """Note a meter of the room."""
    return _act(key, living.add_meter, _("已登记表具"), "meters")


@pages.post("/archive/rooms/<key>/disclose")
def disclose_room(key: str) -> Response:
    """Show me who lives in a room for half an hour."""
    actor = auth.actor()
    with base.begin() as session:
        room = living.room(session, actor, base.key(key))
        looks.disclose(session, actor, room, reason=request.form.get("reason", ""))
    base.done(_("半小时内可以看到，已记录"))
    return base.to("pages.archive_room", key=key)


@pages.post("/archive/stays/<key>/end")
def move_out(key: str) -> Response:
    """Note that somebody moved out."""
    with base.begin() as session:
        stay = living.move_out(session, auth.actor(), base.key(key), request.form)
        room = stay.room_key
    base.done(_("已登记迁出"))
    return base.to("pages.archive_room", key=room)


@pages.post("/archive/vehicles/<key>/end")
def end_vehicle(key: str) -> Response:
    """Note that a car is gone."""
    return _end(key, living.end_vehicle, _("已注销车辆"))


@pages.post("/archive/keys/<key>/returned")
def return_keys(key: str) -> Response:
    """Note that keys came back."""
    return _end(key, living.return_keys, _("已登记退还"))


def _end(key: str, do: Callable[..., Vehicle | KeySet], told: str) -> Response:
    """Note that a room has something no longer from today on."""
    with base.begin() as session:
        today = clock.now().astimezone(base.here()).date()
        room = do(session, auth.actor(), base.key(key), today).room_key
    base.done(told)
    return base.to("pages.archive_room", key=room)


def _act(key: str, do: Callable[..., Any], told: str, section: str) -> Response:
    """Do something with a room; what is wrong is shown beside its field."""
    actor, room = auth.actor(), base.key(key)
    given: dict[str, Any] = request.form.to_dict()
    try:
        if given.get("on"):
            given["on"] = columns.day(given["on"])
        with base.begin() as session:
            do(session, actor, room, given)
    except columns.WrongCellError as error:
        wrong = {"on": error.en if texts.language() == "en" else error.zh}
    except InvalidInputError as error:
        wrong = errors_of(error)
    else:
        base.done(told)
        return base.to("pages.archive_room", key=key)
    with base.read() as session:
        return make_response(_page(session, room, section=section, errors=wrong), 422)


def errors_of(error: InvalidInputError) -> dict[str, str]:
    """Return what is wrong by field in the reader's language."""
    if texts.language() == "en" and error.fields_en is not None:
        return {name: found[0] for name, found in error.fields_en.items()}
    return {name: _(found[0]) for name, found in error.fields.items()} or {"": texts.of(error)}


def _page(
    session: Session, key: int, *, section: str = "", errors: dict[str, str] | None = None
) -> str:
    actor = auth.actor()
    room = living.room(session, actor, key)
    shown = looks.may_read(session, actor, room)
    stays = reading.of_room(session, key)
    noted = traits.of(session, [one.who.key for one in stays]) if shown else {}
    cars, keys, meters = reading.holdings(session, key)
    entries = [("room", key), *(("occupancy", one.stay.key) for one in stays),
               *(("resident", one.who.key) for one in stays)]  # fmt: skip
    changes = reading.changes(session, entries)
    cases = reading.cases(session, actor, room)
    return render_template(
        "archive_room.html", room=room, shown=shown, cars=cars, keys=keys, meters=meters,
        people=[
            archive_words.person(one, shown=shown, noted=noted.get(one.who.key)) for one in stays
        ],
        cases=cases, processes=process_names(session, cases.running, cases.done),
        changes=changes, names=identity.names(session, [one.by for one in changes]),
        tenant=shell.tenant_names(session).get(room.tenant_id, ""),
        region=regions.of_projects(session).get(room.tenant_id, ""),
        may_edit=base.may(actor, "archive.edit", room.tenant_id),
        may_house=base.may(actor, "archive.house", room.tenant_id),
        may_ask=looks.may_ask(session, actor, room),
        words=archive_words, key_kinds=KEY_KINDS, meter_kinds=METER_KINDS,
        today=clock.now().astimezone(base.zone(session, room.tenant_id)).date(),
        given=request.form, section=section, errors=errors or {},
    )  # fmt: skip


def process_names(
    session: Session, running: Sequence[Instance], done: Sequence[reading.Done]
) -> dict[int, str]:
    """Return what the process of each case is called."""
    instances = [*running, *(one.instance for one in done if one.instance is not None)]
    return {one.key: compiled.compiled(session, one.definition_key).name for one in instances}
