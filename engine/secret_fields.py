"""Fields that are kept encrypted: what comes in is encrypted, what goes out is masked.

A person who opens a form again sees 1****…0015; sent back as it was, it stands for the value that
is kept. Nobody reads a value on the way (`processes.id_numbers` shows one, for a reason).
"""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

import forms
from engine import compiled, encryption, submissions
from engine.errors import N_, InvalidVariablesError
from engine.held import Held
from engine.models import Submission, Task
from engine.ports import Actor
from forms import masks
from forms.problems import say


def encrypted(form: forms.Form, clean: Mapping[str, Any]) -> dict[str, Any]:
    """Return checked values as they are stored."""
    return {
        name: encryption.encrypt(value) if name in form.secret and value else value
        for name, value in clean.items()
    }


def restored(
    session: Session, actor: Actor, held: Held, form: forms.Form, submitted: Mapping[str, Any]
) -> Mapping[str, Any]:
    """Return what was submitted with masked values in clear, for checking.

    Raises InvalidVariablesError for a masked value that stands for nothing kept here.
    """
    masked = [name for name in form.secret if _is_masked(submitted.get(name))]
    if not masked:
        return submitted
    kept = _kept(session, actor, held)
    found: dict[str, Any] = {}
    for name in masked:
        stored = [v for v in kept.get(name, ()) if masks.masked(v) == submitted[name]]
        if not stored:
            raise _unknown(form, name, held.name)
        found[name] = encryption.decrypt(stored[0])
    return {**submitted, **found}


def drafted(
    session: Session, actor: Actor, task: Task, data: Mapping[str, Any]
) -> Mapping[str, Any]:
    """Return what a person has typed so far as it may be kept."""
    form = None if task.form_key is None else compiled.form(session, task.form_key)
    typed = [] if form is None else [name for name in form.secret if data.get(name)]
    if form is None or not typed:
        return data
    kept = _kept(session, actor, Held.of(task)) if any(_is_masked(data[n]) for n in typed) else {}
    return {**data, **{name: _as_kept(data[name], kept.get(name, ())) for name in typed}}


def shown(form: forms.Form, data: Mapping[str, Any]) -> dict[str, Any]:
    """Return values of a form as its viewer is given them."""
    return {k: masks.masked(v) if k in form.secret else v for k, v in data.items()}


def _as_kept(value: Any, kept: list[str] | tuple[()]) -> Any:
    if not isinstance(value, str):
        return None
    if _is_masked(value):
        return next((one for one in kept if masks.masked(one) == value), None)
    return encryption.encrypt(value)


def _kept(session: Session, actor: Actor, held: Held) -> dict[str, list[str]]:
    """Return the encrypted values that a task's form may have been opened with, by field."""
    query = (
        select(Submission.data)
        .where(Submission.instance_key == held.instance_key, Submission.element == held.element)
        .order_by(Submission.task_key.desc(), Submission.version.desc())
    )
    draft = submissions.draft(session, held.key, actor.key)
    found: dict[str, list[str]] = {}
    for data in [draft or {}, *session.scalars(query)]:
        for name, value in data.items():
            if masks.is_stored(value):
                found.setdefault(name, []).append(value)
    return found


def _is_masked(value: Any) -> bool:
    return isinstance(value, str) and masks.DOTS in value


def _unknown(form: forms.Form, name: str, task: str) -> InvalidVariablesError:
    field = next(one.id for one in form.fields if one.key == name)
    text = say("secret")
    return InvalidVariablesError(
        N_("“{task}”还有 {count} 处需要补充或更正。"), task=task, count=1,
        fields={field: [str(text)]}, fields_en={field: [text.en]},
    )  # fmt: skip
