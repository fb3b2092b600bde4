"""Check what was filled in against the form that a task was opened with."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from sqlalchemy.orm import Session

import forms
from engine import cases, secret_fields
from engine.errors import N_, InvalidVariablesError
from engine.held import Held
from engine.ports import Actor, ports
from engine.runs import Run

#: gives what is known of an uploaded file: name, media_type, size
Files = Callable[[str], Mapping[str, Any] | None]


def no_file(_file_id: str) -> None:
    """Know no uploaded file: for callers that take none."""


def checked(  # noqa: PLR0913 — person, task, case, form, values and files
    session: Session,
    actor: Actor,
    held: Held,
    run: Run,
    *,
    form: forms.Form,
    submitted: Mapping[str, Any],
    files: Files,
) -> dict[str, Any]:
    """Return the clean values by key; raises InvalidVariablesError keyed by field id."""
    context = cases.context(session, run, actor, form=form, token=held.token)
    now = context["now"]
    if form.secret:
        submitted = secret_fields.restored(session, actor, held, form, submitted)
    try:
        clean = form.load(
            submitted, context=context, lookup=partial(ports.lookup, session), now=now, files=files,
            actor=actor,
        )  # fmt: skip
    except forms.Invalid as error:
        raise InvalidVariablesError(
            N_("“{task}”还有 {count} 处需要补充或更正。"), task=held.name, count=len(error.errors),
            fields=error.errors, fields_en=error.errors_en,
        ) from error  # fmt: skip
    return secret_fields.encrypted(form, clean) if form.secret else clean
