"""What an owner's page shows of a case: stages in plain words, answers, and what may be done now."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from api import texts
from api.pages import base, times
from api.texts import _
from engine import cases, clock, compiled, owner_access
from engine.errors import N_
from engine.models import Instance, InstanceState, OwnerLink, Rating, Task, Tenant
from engine.outward import acts, feedback, givings, links, ratings
from engine.owner_access import Owner
from processes import owner_pages

SCORES = {5: N_("很满意"), 4: N_("满意"), 3: N_("一般"), 2: N_("不满意"), 1: N_("很不满意")}
#: kind of step -> its heading and the words on its button
_STEPS = {
    "quote": (N_("请确认报价"), N_("提交我的决定")),
    "sign": (N_("请确认并签名"), N_("提交")),
    "questionnaire": (N_("请告诉我们您的感受"), N_("提交")),
}
#: steps by which the owner is bound, and how many figures of the telephone they ask for
_BINDING, _FIGURES = frozenset({"quote", "sign"}), 4
#: the property of a field that says how an owner is asked for it
_LABEL = "ownerLabel"
_MATERIALS = {"company": N_("材料由物业提供。"), "customer": N_("材料由您自备。")}


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """One stage in the reader's language."""

    words: str
    state: str
    at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A step that the owner may complete now."""

    key: int
    kind: str
    heading: str
    button: str
    #: the defect that it is about, and what a signature means
    about: str
    meaning: str
    #: what is the owner's has come already; staff complete the step
    given: bool
    quote: owner_pages.Quote | None
    material: str
    #: whether the last figures of the telephone are asked for
    asks_phone: bool
    form: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Defect:
    """Something that is put right, in the reader's language."""

    text: str
    words: str
    done: bool
    promised: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """The page."""

    number: str
    project: str
    title: str
    subject: str
    standing: str
    closed: bool
    stages: Sequence[Stage]
    promised: datetime | None
    answers: Sequence[owner_pages.Answer]
    defects: Sequence[Defect]
    steps: Sequence[Step]
    may_feed_back: bool
    may_rate: bool
    rated: Rating | None
    may_urge: bool
    urge_from: datetime | None
    reopen_until: datetime | None
    reopened_as: str
    expires_at: datetime
    scores: Mapping[int, str]
    longest: int
    longest_feedback: int
    shared: bool


def of(session: Session, link: OwnerLink) -> Shown:
    """Read what the page shows; nothing of what staff say among themselves."""
    owner = links.holder(session, link)
    root = session.get_one(Instance, link.instance_key)
    tenant = session.get(Tenant, root.tenant_id)
    stages = [
        Stage(words=one.words[texts.language()], state=one.state, at=one.at)
        for one in owner_pages.stages(session, root)
    ]
    waiting = root.state == InstanceState.ACTIVE and root.suspended_at is None
    urged = acts.urged_until(session, root.key)
    again = acts.reopened_as(session, root)
    may_urge = "urge" in owner.purposes and acts.may_urge(session, owner)
    reopening = acts.reopen_until(root) if "reopen" in owner.purposes and again is None else None
    return Shown(
        number=root.business_key or "",
        project=tenant.name if tenant else "",
        title=owner_pages.title(root.process_id)[texts.language()],
        subject=owner_pages.subject(session, root),
        standing=_standing(root, stages),
        closed=root.ended_at is not None,
        stages=stages,
        promised=owner_pages.promised(session, root),
        answers=owner_pages.answers(session, root),
        defects=_defects(session, root),
        steps=_steps(session, owner, root) if waiting else (),
        may_feed_back=feedback.wanted(session, link) is not None,
        may_rate=acts.may_rate(session, link),
        rated=ratings.by_link(session, link.key),
        may_urge=may_urge and urged is None,
        urge_from=urged if may_urge else None,
        reopen_until=reopening,
        reopened_as=(again.business_key or "") if again is not None else "",
        expires_at=link.expires_at,
        scores=SCORES,
        longest=ratings.LONGEST_WORD,
        longest_feedback=feedback.LONGEST_WORD,
        shared=links.is_shared(link),
    )


def proof(session: Session, link: OwnerLink, task_key: int) -> str | None:
    """Return the figures that a binding answer asks for: of the telephone that the case holds."""
    task = session.get(Task, task_key)
    if task is None or task.root_key != link.instance_key:
        return None
    root = session.get_one(Instance, link.instance_key)
    return _proof(session, root, owner_access.kind_of(session, task) or "")


def _proof(session: Session, root: Instance, kind: str) -> str | None:
    known = owner_pages.contact(session, root) if kind in _BINDING else None
    figures = "".join(filter(str.isdigit, (known.phone if known else None) or ""))
    return figures[-_FIGURES:] if len(figures) >= _FIGURES else None


def _standing(root: Instance, stages: Sequence[Stage]) -> str:
    if root.state == InstanceState.COMPLETED:
        return _("已经办结")
    if root.ended_at is not None:
        return _("已经结束")
    now = next((one.words for one in stages if one.state == "now"), "")
    return _("正在办理：{stage}", stage=now) if now else _("正在办理")


def _defects(session: Session, root: Instance) -> list[Defect]:
    today = clock.now().astimezone(base.zone(session, root.tenant_id)).date()
    return [
        Defect(text=one.text, done=one.done,
               promised=times.on(one.promised, today) if one.promised is not None else "",
               words=_("已经整改") if one.done else one.words.get(texts.language(), ""))
        for one in owner_pages.defects(session, root)
    ]  # fmt: skip


def _steps(session: Session, owner: Owner, root: Instance) -> list[Step]:
    tasks = owner_access.steps(session, root.key, owner.purposes)
    return [_step(session, owner, root, task) for task in tasks]


def _step(session: Session, owner: Owner, root: Instance, task: Task) -> Step:
    kind = owner_access.kind_of(session, task) or ""
    heading, button = _STEPS[kind]
    quote = owner_pages.quote(session, root) if kind == "quote" else None
    given = givings.of(session, task.key) is not None
    return Step(
        key=task.key, kind=kind, heading=_(heading), button=_(button), quote=quote, given=given,
        about=owner_pages.defect_of(session, root, task),
        meaning=owner_pages.signing(root.process_id, task.element).get(texts.language(), ""),
        material=_(_MATERIALS.get(quote.material, "")) if quote is not None else "",
        asks_phone=_proof(session, root, kind) is not None,
        form={} if given else _form(session, owner, task),
    )  # fmt: skip


def _form(session: Session, owner: Owner, task: Task) -> dict[str, Any]:
    """Return the form with the owner's fields alone; what is filled in for them stands in the data."""
    shared = bool(owner_access.gives(session, task))
    form = givings.part(session, task) if shared else compiled.form(session, task.form_key or 0)
    here = session.get_one(Instance, task.instance_key)
    context = cases.context(session, here, owner, form=form, token=task.token)
    left_out = acts.preset_fields(form.schema)
    parts = [_spoken(one) for one in form.schema["components"] if one.get("key") not in left_out]
    return {
        "schema": {**form.schema, "components": parts},
        "data": {**form.prefill(context), **acts.presets(session, owner, task)},
        "labels": {},
    }


def _spoken(part: Mapping[str, Any]) -> dict[str, Any]:
    """Return a field with the words that are meant for owners, where the form has some."""
    own = dict(part.get("properties") or {})
    if _LABEL not in own:
        return dict(part)
    own["label_en"] = own.get(f"{_LABEL}_en", own[_LABEL])
    for hint in ("hint", "hint_en"):
        own.pop(hint, None)
    return {**part, "label": own[_LABEL], "properties": own}
