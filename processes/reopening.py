"""Take a closed case up again for its owner: a new case of the same kind, linked to the old one.

The old record is the draft of its recorder, with the owner's words in front; what was confirmed
with the owner then has to be confirmed anew.
"""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import clock, identity, instances, notices, submissions, tasks
from engine.errors import N_, NotFoundError
from engine.models import Instance, Submission, Task, TaskState
from engine.outward import acts
from engine.ports import SYSTEM, Actor, ports


@dataclass(frozen=True, slots=True, kw_only=True)
class First:
    """The first step of a process: which field tells what happened, and what is asked again."""

    element: str
    told: str
    received: str
    longest: int
    again: frozenset[str]


FIRST = {
    "complaint": First(
        element="T1_record", told="content", received="received_at", longest=2_000,
        again=frozenset({"five_clear", "read_back", "receiver", "happened_at", "attachments",
                         "origin_doc_no", "instruction", "task_note"}),
    ),
    "repair": First(
        element="R1_intake", told="description", received="reported_at", longest=1_000,
        again=frozenset({"appointment", "entry", "first_asked", "photos", "attachments",
                         "task_note"}),
    ),
}  # fmt: skip


def register() -> None:
    """Say which processes can be taken up again; twice does no harm."""
    for process_id in FIRST:
        acts.reopeners[process_id] = reopen


def reopen(session: Session, old: Instance, words: str) -> Instance:
    """Start a case with the old one's record and the owner's words as a draft; tell the desk."""
    first = FIRST[old.process_id]
    record = _record(session, old.key, first.element)
    recorder = _recorder(session, old, record)
    new = instances.start(session, recorder, old.process_id, tenant_id=old.tenant_id)
    task = session.scalars(
        select(Task).where(Task.instance_key == new.key, Task.state == TaskState.OPEN)
    ).one()
    known = {} if record is None else record.data
    draft = {key: value for key, value in known.items() if key not in first.again}
    before = str(known.get(first.told) or "")
    draft |= {
        "channel": "message",
        first.received: clock.now().isoformat(),
        first.told: f"{words}\n（{old.business_key} 重新打开。原来的记录：{before}）"[
            : first.longest
        ],
    }
    if ports.can(recorder, "task.work", task) and recorder.key != SYSTEM.key:
        submissions.save_draft(session, task.key, recorder.key, draft)
        tasks.claim(session, recorder, task.key)
    notices.notify(
        session, notices.receivers(session, task), "continued",
        N_("业主要求重新打开 {old}，已立案 {number}：请与业主核对后提交"),
        {"old": old.business_key or "", "number": new.business_key or ""}, task=task,
    )  # fmt: skip
    return new


def _record(session: Session, key: int, element: str) -> Submission | None:
    query = (
        select(Submission)
        .where(Submission.instance_key == key, Submission.element == element)
        .order_by(Submission.version.desc())
        .limit(1)
    )
    return session.scalars(query).first()


def _recorder(session: Session, old: Instance, record: Submission | None) -> Actor:
    """Return who recorded the old case, else somebody of the desk; the engine when there is nobody."""
    keys = [] if record is None else [record.by]
    keys += [one.key for one in identity.people(session, old.tenant_id, group="cs_assistant")]
    for key in keys:
        try:
            found = identity.actor(session, key)
        except NotFoundError:
            continue
        if "cs_assistant" in found.groups(old.tenant_id):
            return found
    return SYSTEM
