"""What came into a step through links, for the person at the desk: in the form, and said above it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

import forms
from api.pages import base, returns
from api.texts import _
from engine.models import Draft, Task, TaskState
from engine.outward import givings
from engine.ports import Actor


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What is said above the form."""

    line: str
    at: datetime
    words: Sequence[str] = ()


def begin(session: Session, actor: Actor, task: Task, form: forms.Form) -> Mapping[str, Any]:
    """Return what the form of an open step begins with: the draft and what came through links."""
    row = session.get(Draft, (task.key, actor.key))
    draft = dict(row.data) if row is not None else {}
    before = {} if draft else returns.prefill(session, actor, task)
    found = _of(session, task)
    if found is None:
        return draft or before
    if not base.may(actor, "personal.read", task):
        values = {name: one for name, one in found.values.items() if name not in form.personal}
        found = givings.Given(values=values, at=found.at, counted=found.counted)
    return givings.merged(found, draft, row.at if row is not None else None, before)


def of(session: Session, actor: Actor, task: Task) -> Shown | None:
    """Return what is said above the form; None when nothing came."""
    found = _of(session, task)
    if found is None:
        return None
    if not found.counted:
        line = _("业主已通过链接填好自己的部分，都在下面的表里。请核对，再办完这一步。")
        return Shown(line=line, at=found.at)
    scores = found.more["scores"]
    line = _(
        "通过链接收到 {n} 份反馈，平均 {score} 分，都在下面的表里。有新的反馈时，份数和得分会更新；"
        "纸面收回的请最后再加。",
        n=len(scores), score=f"{sum(scores) / len(scores):.1f}",
    )  # fmt: skip
    may = base.may(actor, "personal.read", task)
    return Shown(line=line, at=found.at, words=found.more["words"] if may else ())


def _of(session: Session, task: Task) -> givings.Given | None:
    return givings.of(session, task.key) if task.state == TaskState.OPEN else None
