"""What people give into an open step through links, kept beside the drafts until staff complete it.

An owner fills in their own fields of a step (their signature), once; the person at the desk finds
them in the form and completes it. Nothing of the case moves before that.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any

from sqlalchemy.orm import Session

import forms
from engine import cases, compiled, notices, owner_access, runs, submissions
from engine.checking import Files, no_file
from engine.errors import N_, ConflictError, InvalidVariablesError, TaskClosedError
from engine.models import Draft, Instance, OwnerLink, Task, TaskState
from engine.outward import acts, links
from engine.owner_access import Owner
from engine.ports import OWNER, ports


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """What came into a step through links."""

    #: field -> value
    values: Mapping[str, Any]
    at: datetime
    #: fields that are counted anew with each answer
    counted: Sequence[str] = ()
    #: what stands behind the counting
    more: Mapping[str, Any] = field(default_factory=dict)


def answer(
    session: Session, link: OwnerLink, task_key: int, submitted: Mapping[str, Any], *,
    files: Files = no_file,
) -> None:  # fmt: skip
    """Do the owner's step: complete it, or give what is theirs into one that staff complete."""
    runs.lock(session, link.instance_key)
    owner = links.holder(session, link)
    task = acts.task_of(session, owner, task_key)
    if owner_access.gives(session, task):
        _give(session, link, owner, task, submitted, files=files)
    else:
        acts.complete(session, link, task_key, submitted, files=files)


def of(session: Session, task_key: int) -> Given | None:
    """Return what came into a step through links."""
    row = session.get(Draft, (task_key, OWNER.key), populate_existing=True)
    if row is None:
        return None
    known = row.data
    return Given(values=known["values"], at=row.at, counted=known["counted"], more=known["more"])


def keep(
    session: Session, task_key: int, values: Mapping[str, Any], *, counted: Sequence[str] = (),
    **more: Any,
) -> None:  # fmt: skip
    """Keep what came into a step through links, in place of what was kept before."""
    data = {"values": dict(values), "counted": list(counted), "more": more}
    submissions.save_draft(session, task_key, OWNER.key, data)


def merged(
    given: Given, draft: Mapping[str, Any] | None, drafted_at: datetime | None,
    before: Mapping[str, Any],
) -> dict[str, Any]:  # fmt: skip
    """Return what staff's form begins with: their own draft, what was filled in before, the given.

    What staff wrote stays, except for counts that are older than the newest answer. A signature
    takes the place of one from before the step came back; a count does not.
    """
    if not draft:
        kept = {name: value for name, value in before.items() if not _is_empty(value)}
        return {**given.values, **kept} if given.counted else {**before, **given.values}
    newer = drafted_at is None or given.at > drafted_at
    taken = {
        name: value for name, value in given.values.items()
        if _is_empty(draft.get(name)) or (newer and name in given.counted)
    }  # fmt: skip
    return {**draft, **taken}


def part(session: Session, task: Task) -> forms.Form:
    """Return the owner's part of a step's form."""
    whole = compiled.form(session, task.form_key or 0).schema
    names = owner_access.gives(session, task)
    fields = [one for one in whole["components"] if one.get("key") in names]
    return forms.parse({**whole, "components": fields})


def _give(
    session: Session, link: OwnerLink, owner: Owner, task: Task, submitted: Mapping[str, Any], *,
    files: Files,
) -> None:  # fmt: skip
    if task.state != TaskState.OPEN:
        raise TaskClosedError(N_("“{task}”已经办结或取消。"), task=task.name)
    runs.refuse_suspended(runs.load(session, task.instance_key))
    if of(session, task.key) is not None:
        raise ConflictError(N_("已经收到您填写的内容，工作人员核对后会办完这一步。"))
    clean = _checked(session, owner, task, submitted, files)
    keep(session, task.key, clean)
    links.used(session, link, "gave", task=task.key, step=task.name, fields=sorted(clean))
    notices.notify(
        session, notices.receivers(session, task), "given",
        N_("业主通过链接填好了“{task}”里自己的部分，请核对后办完。"), {"task": task.name}, task=task,
    )  # fmt: skip


def _checked(
    session: Session, owner: Owner, task: Task, submitted: Mapping[str, Any], files: Files
) -> dict[str, Any]:  # fmt: skip
    form = part(session, task)
    here = session.get_one(Instance, task.instance_key)
    context = cases.context(session, here, owner, form=form, token=task.token)
    try:
        return form.load(
            submitted, context=context, lookup=partial(ports.lookup, session), now=context["now"],
            files=files, actor=owner,
        )  # fmt: skip
    except forms.Invalid as error:
        raise InvalidVariablesError(
            N_("“{task}”还有 {count} 处需要补充或更正。"), task=task.name, count=len(error.errors),
            fields=error.errors, fields_en=error.errors_en,
        ) from error  # fmt: skip


def _is_empty(value: Any) -> bool:
    return value is None or value is False or value in ("", [], {})
