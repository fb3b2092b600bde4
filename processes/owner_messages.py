"""What owners of complaints are told, at which steps, and what fills the places of the texts."""

from collections.abc import Mapping
from datetime import datetime
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

import yaml
from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import calendars, clock, compiled, deadlines
from engine.models import Event, History, Instance, Submission, Task, TaskState, Tenant, from_ms
from engine.outward import owners, templates, world

_SOURCE = Path(__file__).with_suffix(".yaml")
#: how a case came out when its owner hears of it; an unresolved one is told in person
_CLOSED = ("E_closed", "E_explained", "E_explained_disputed", "E_not_property")
_ANSWER = "T6_reply"
_DEFAULT_PROMISE = "P1D"


def register() -> None:
    """Make the texts and the steps of complaints known; twice does no harm."""
    templates.register(kinds())
    owners.register("complaint", Complaints())


@cache
def kinds() -> tuple[templates.Kind, ...]:
    """Return the kinds of messages with their shipped words."""
    held = yaml.safe_load(_SOURCE.read_text("utf-8"))
    places = {
        name: templates.Place(name=name, zh=one["zh"], en=one["en"], sample=one["sample"])
        for name, one in held["places"].items()
    }
    return tuple(
        templates.Kind(
            key=key, zh=one["zh"], en=one["en"], texts=one["texts"],
            places=tuple(places[name] for name in one["places"]), needed=frozenset(one["needed"]),
        )
        for key, one in held["kinds"].items()
    )  # fmt: skip


class Complaints:
    """The complaint: receipt, word before a delay, answer, closing."""

    rules: Mapping[tuple[str, str | None], str] = MappingProxyType({
        (Event.TASK_COMPLETED, "T1_record"): "receipt",
        (Event.WARNED, _ANSWER): "delay",
        (Event.EXTENDED, _ANSWER): "delay",
        (Event.PAUSED, None): "delay",
        (Event.TASK_COMPLETED, _ANSWER): "answer",
        **{(Event.ENDED, end): "closing" for end in _CLOSED},
    })  # fmt: skip

    def facts(
        self, session: Session, instance: Instance, kind: str, event: History | None
    ) -> owners.Facts | None:
        """Return what a message says, from the record and the newest submissions."""
        record = _newest(session, instance.key, "T1_record")
        if record is None or _silent(session, instance, event):
            return None
        anonymous = bool(record.get("anonymous"))
        number = None if anonymous else str(record.get("phone") or "") or None
        answer = _newest(session, instance.key, _ANSWER) or {}
        moment = _promised(session, instance, record)
        if kind == "delay" and moment <= clock.now():
            return None  # a promise that is over already is none
        tenant = session.get(Tenant, instance.tenant_id)
        common = {
            "number": instance.business_key or "", "company": world.current().company,
            "project": tenant.name if tenant is not None else "",
            "hotline": world.current().hotline or world.current().company,
            "answer": str(answer.get("reply_text") or ""), "link": "",
        }  # fmt: skip
        name = str(record.get("complainant_name") or "")
        return owners.Facts(phone=number, values={
            "zh": {**common, "name": name, "promised": _zh(moment)},
            "en": {**common, "name": name, "promised": _en(moment)},
        })  # fmt: skip

    def by_hand(self, instance: Instance) -> tuple[str, ...]:
        """Return what staff may say themselves: a delay while it lasts, the closing once more."""
        if instance.ended_at is None:
            return ("delay",)
        return ("closing",) if instance.end_element in _CLOSED else ()


def first_answer(session: Session, root: Instance) -> datetime | None:
    """Return until when the owner of a complaint was promised an answer; None: nothing was said."""
    if root.process_id != "complaint":
        return None
    record = _newest(session, root.key, "T1_record")
    return None if record is None else _promised(session, root, record)


def _silent(session: Session, instance: Instance, event: History | None) -> bool:
    """Tell whether an event is no news to the owner: a second warning, a request not granted."""
    if event is None:
        return False
    data = event.data or {}
    if event.kind in {Event.EXTENDED, Event.PAUSED}:
        return data.get("state") != "granted"
    if event.kind != Event.WARNED:
        return False
    if "of" in data:  # the clock of claiming or opening is ours alone
        return True
    earlier = select(History.data).where(
        History.instance_key == instance.key, History.kind == Event.WARNED,
        History.element == _ANSWER, History.seq < event.seq,
    )  # fmt: skip
    return any("of" not in (told or {}) for told in session.scalars(earlier))


def _newest(session: Session, instance_key: int, element: str) -> dict[str, Any] | None:
    query = (
        select(Submission.data)
        .where(Submission.instance_key == instance_key, Submission.element == element)
        .order_by(Submission.at.desc(), Submission.version.desc())
        .limit(1)
    )
    return session.scalars(query).first()


def _promised(session: Session, instance: Instance, record: Mapping[str, Any]) -> datetime:
    """Return until when the owner was promised an answer, in the project's own time."""
    zone = calendars.clocks(session, instance.tenant_id).statutory.zone
    waiting = select(Task.due_at).where(
        Task.root_key == instance.root_key, Task.element == _ANSWER, Task.state == TaskState.OPEN,
        Task.due_at.is_not(None),
    )  # fmt: skip
    due = session.scalars(waiting).first()
    if due is None:
        process = compiled.compiled(session, instance.definition_key).process
        standard = process.properties.get("firstAnswerStandard") or _DEFAULT_PROMISE
        start = _received(record) or instance.started_at
        plan = deadlines.plan(
            session, properties={"timeStandard": standard, "clock": "working"}, context={},
            tenant_id=instance.tenant_id, priority=None, now=start,
        )  # fmt: skip
        due = start if plan is None or plan.due_at is None else plan.due_at
    return due.astimezone(zone)


def _received(record: Mapping[str, Any]) -> datetime | None:
    said = record.get("received_at")
    if isinstance(said, int):
        return from_ms(said)
    try:
        found = datetime.fromisoformat(str(said))
    except ValueError:
        return None
    return found if found.tzinfo is not None else None


def _zh(moment: datetime) -> str:
    return f"{moment.month}月{moment.day}日 {moment:%H:%M}"


def _en(moment: datetime) -> str:
    return f"{moment.day} {moment:%b %H:%M}"
