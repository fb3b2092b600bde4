"""What people report of a running case: the message starts of its event sub-processes.

An event sub-process whose start waits for a message named `case.<…>` and carries a form is an
action on the case: the name is what `can` is asked, the form what the person fills in, and the
message reaches exactly this case, in the unit of the report.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

import forms
from engine import (
    cases,
    clock,
    compiled,
    ids,
    instances,
    notices,
    outlook,
    runs,
    secret_fields,
    stepping,
)
from engine.checking import Files, no_file
from engine.errors import N_, ConflictError, ForbiddenError, InvalidVariablesError
from engine.models import Event, Instance, InstanceState, Submission, Subscription
from engine.ports import Actor, ports
from engine.records import Effects, Opened

#: names of messages that people send by hand begin so
PREFIX = "case."

#: checks a report before it is made; gives what is to be done after it, in the same unit
Prepare = Callable[[Session, Actor, int, Mapping[str, Any]], Callable[[], None]]
#: name -> what the business does around that report
around: dict[str, Prepare] = {}
#: process id -> whether anything may be reported of a case yet
ready: dict[str, Callable[[Session, Instance], bool]] = {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """Something that may be reported of a case now."""

    #: the message's name without its prefix: withdraw, urge
    name: str
    element: str
    label: str
    label_en: str
    form_key: int
    #: what is under way ends with it
    ends_work: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Reported:
    """What a report brought about."""

    instance_key: int
    element: str
    opened: tuple[Opened, ...]
    ended: bool


def offers(session: Session, actor: Actor, instance_key: int) -> list[Offer]:
    """Return what this person may report of a case: first what lets the work go on."""
    case = instances.get(session, actor, instance_key)
    if case.state != InstanceState.ACTIVE or not _is_ready(session, case):
        return []
    which = compiled.compiled(session, case.definition_key)
    found = [
        offer
        for row in _waiting(session, case.key)
        if ports.can(actor, row.name, case) and (offer := _offer(session, which, row)) is not None
    ]
    lines = {key: element.line or 0 for key, element in which.process.elements.items()}
    return sorted(found, key=lambda offer: (offer.ends_work, lines[offer.element]))


def get(session: Session, actor: Actor, instance_key: int, name: str) -> Offer:
    """Return one thing that this person may report now; says why when there is none."""
    case = instances.get(session, actor, instance_key)
    if not ports.can(actor, PREFIX + name, case):
        raise ForbiddenError(N_("这件事不由您来办，请联系客户经理。"))
    if not _is_ready(session, case):
        raise ConflictError(N_("请先提交这个案件的登记，再办这件事。"))
    which = compiled.compiled(session, case.definition_key)
    for row in _waiting(session, case.key, PREFIX + name):
        offer = _offer(session, which, row)
        if offer is not None:
            return offer
    raise ConflictError(N_("这个案件现在不能这样办：它已经结束，或者按较早的流程办理。"))


def report(
    session: Session,
    actor: Actor,
    instance_key: int,
    name: str,
    submitted: Mapping[str, Any],
    *,
    files: Files = no_file,
) -> Reported:
    """Report something of a case: check the form, keep it, let the case take its step.

    Raises InvalidVariablesError (keyed by field id), ForbiddenError, ConflictError.
    """
    runs.lock(session, instance_key)
    offer = get(session, actor, instance_key, name)
    conclude = around[name](session, actor, instance_key, submitted) if name in around else None
    run = runs.lock(session, instance_key)
    form = compiled.form(session, offer.form_key)
    clean = _checked(session, actor, run, form=form, label=offer.label, submitted=submitted,
                     files=files)  # fmt: skip
    waiting = _waiting(session, run.key, PREFIX + name)[0]
    now = clock.now()
    key = ids.new()
    session.add(
        Submission(
            instance_key=run.key, task_key=key, element=offer.element, version=1,
            form_key=offer.form_key, data=clean, by=actor.key, at=now,
        )
    )  # fmt: skip
    session.flush()
    given = {k: v for k, v in instances.route(run.which, clean).items() if k not in form.personal}
    step = stepping.deliver(session, run, waiting.token, given, now)
    run.chain.add(
        Event.MESSAGE, actor.key, at=now, element=offer.element,
        data={"name": waiting.name, **outlook.account(step, given)},
    )  # fmt: skip
    effects = Effects()
    instances.record(session, run, step, actor, now=now, effects=effects)
    notices.opened(session, run, effects.tasks, actor)
    session.expire_all()
    if conclude is not None:
        conclude()
    return Reported(
        instance_key=run.key, element=offer.element, opened=tuple(effects.tasks),
        ended=run.key in effects.ended,
    )  # fmt: skip


def _is_ready(session: Session, case: Instance) -> bool:
    check = ready.get(case.process_id)
    return check is None or check(session, case)


def _waiting(session: Session, instance_key: int, name: str | None = None) -> list[Subscription]:
    query = select(Subscription).where(
        Subscription.instance_key == instance_key,
        Subscription.kind == "message",
        Subscription.name == name if name else Subscription.name.startswith(PREFIX),
    )
    return list(session.scalars(query.order_by(Subscription.key)))


def _offer(session: Session, which: compiled.Compiled, row: Subscription) -> Offer | None:
    """Return the action that a waiting start event is; None when it carries no form."""
    element = which.process.elements.get(row.element)
    if element is None or element.form is None:
        return None
    form_key = compiled.form_key(session, which, element.form)
    form = compiled.form(session, form_key)
    return Offer(
        name=row.name.removeprefix(PREFIX), element=element.id, label=form.name,
        label_en=form.name_en, form_key=form_key, ends_work=element.interrupting,
    )  # fmt: skip


def _checked(  # noqa: PLR0913 — person, case, form, its name, values and files
    session: Session, actor: Actor, run: runs.Run, *, form: forms.Form, label: str,
    submitted: Mapping[str, Any], files: Files,
) -> dict[str, Any]:  # fmt: skip
    context = cases.context(session, run, actor, form=form)
    try:
        clean = form.load(
            submitted, context=context, lookup=partial(ports.lookup, session), now=context["now"], files=files,
            actor=actor,
        )  # fmt: skip
    except forms.Invalid as error:
        raise InvalidVariablesError(
            N_("“{task}”还有 {count} 处需要补充或更正。"), task=label, count=len(error.errors),
            fields=error.errors, fields_en=error.errors_en,
        ) from error  # fmt: skip
    return secret_fields.encrypted(form, clean)
