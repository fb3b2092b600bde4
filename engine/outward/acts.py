"""What an owner does through a link: complete their step, rate, urge, have the case taken up again.

Each act is one unit with its rule inside it; the page only shows what is allowed.
"""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from decisions import feel
from engine import (
    cases,
    clock,
    compiled,
    occurrences,
    owner_access,
    runs,
    tasks,
)
from engine import (
    links as case_links,
)
from engine.checking import Files, no_file
from engine.errors import N_, ConflictError, ForbiddenError, InvalidInputError, NotFoundError
from engine.models import (
    CaseLink,
    Event,
    History,
    Instance,
    InstanceState,
    LinkKind,
    OwnerLink,
    Rating,
    Task,
)
from engine.outward import links, ratings
from engine.owner_access import Owner
from engine.ports import OWNER

#: how long after its end a case may be taken up again, and how long between two urgings
REOPENING, BETWEEN = timedelta(days=7), timedelta(hours=2)
LONGEST_TEXT, SHORTEST_TEXT = 500, 2
#: the property of a form's field that is not the owner's to fill in: the value it gets, in FEEL
PRESET = "owner"
#: process id -> takes a closed case up again as a new one, with the owner's words
reopeners: dict[str, Callable[[Session, Instance, str], Instance]] = {}


def complete(
    session: Session, link: OwnerLink, task_key: int, submitted: Mapping[str, Any], *,
    files: Files = no_file,
) -> tasks.Completed:  # fmt: skip
    """Complete a step as the owner: what is not the owner's to say is filled in here.

    Raises NotFoundError for a step that is not this link's, TaskClosedError for one that is done.
    """
    runs.lock(session, link.instance_key)
    owner = links.holder(session, link)
    task = task_of(session, owner, task_key)
    given = {key: value for key, value in submitted.items() if key not in _preset(session, task)}
    whole = {**given, **presets(session, owner, task)}
    done = tasks.complete(session, owner, task.key, whole, files=files)
    links.used(session, link, "completed", task=task_key, step=task.name)
    return done


def presets(session: Session, owner: Owner, task: Task) -> dict[str, Any]:
    """Return what is filled in for the owner: that it came by link, when, what the case knows."""
    return _filled(session, owner, task.instance_key, _preset(session, task))


def urge(session: Session, link: OwnerLink, text: str) -> None:
    """Urge the case by the rules of every urging: counted, told, supervised from the second on."""
    words = _words(text)
    runs.lock(session, link.instance_key)
    owner = links.holder(session, link)
    until = urged_until(session, link.instance_key)
    if until is not None:
        raise ConflictError(N_("已经催过了，正在办理的人都收到了。请两小时后再催。"))
    offer = occurrences.get(session, owner, link.instance_key, "urge")
    form = compiled.form(session, offer.form_key)
    given = _filled(session, owner, link.instance_key, _sources(form.schema))
    occurrences.report(
        session, owner, link.instance_key, "urge", {**given, "urge_text": words}
    )  # fmt: skip
    links.used(session, link, "urged")


def urged_until(session: Session, root_key: int) -> datetime | None:
    """Return until when an owner who has urged a case has to wait; None: not at all."""
    query = (
        select(History.at, History.data)
        .where(
            History.instance_key == root_key, History.kind == Event.MESSAGE,
            History.actor == OWNER.key, History.at > clock.now() - BETWEEN,
        )
        .order_by(History.seq.desc())
    )  # fmt: skip
    for at, data in session.execute(query):
        if (data or {}).get("act") == "urged":
            moment: datetime = at
            return moment + BETWEEN
    return None


def may_urge(session: Session, owner: Owner) -> bool:
    """Tell whether the case can be urged at all now."""
    return any(one.name == "urge" for one in occurrences.offers(session, owner, owner.root_key))


def may_rate(session: Session, link: OwnerLink) -> bool:
    """Tell whether a rating is still wanted: of a closed case, once a link."""
    case = session.get_one(Instance, link.instance_key)
    return (
        "rate" in link.purposes
        and case.state == InstanceState.COMPLETED
        and ratings.by_link(session, link.key) is None
    )


def rate(session: Session, link: OwnerLink, *, score: int, word: str = "") -> Rating:
    """Rate a closed case."""
    if "rate" not in link.purposes:
        raise ForbiddenError(N_("这个链接不能用来评价。"))
    case = session.get_one(Instance, link.instance_key)
    if case.state != InstanceState.COMPLETED:
        raise ConflictError(N_("这件事还没有办结，办结以后再请您评价。"))
    return ratings.rate(session, link, score=score, word=word)


def reopen(session: Session, link: OwnerLink, text: str) -> OwnerLink:
    """Have a closed case taken up again as a new one; return a link to that one."""
    if "reopen" not in link.purposes:
        raise ForbiddenError(N_("这个链接不能用来重新打开。"))
    words = _words(text)
    runs.lock(session, link.instance_key)
    case = session.get_one(Instance, link.instance_key, populate_existing=True)
    if reopened_as(session, case) is not None:
        raise ConflictError(N_("这件事已经重新打开了。"))
    if reopen_until(case) is None:
        raise ConflictError(N_("办结七天以后不能在这里重新打开，请致电物业服务中心。"))
    new = reopeners[case.process_id](session, case, words)
    case_links.add(session, new.key, case.key, LinkKind.REOPENS, by=OWNER.key)
    links.used(session, link, "reopened", number=new.business_key)
    row = links.open_link(session, new, purposes=("urge",), by=OWNER)
    links.note(session, row, OWNER, "created", purposes=row.purposes, days=links.LIFE.days)
    return row


def reopen_until(case: Instance) -> datetime | None:
    """Return until when a case may be taken up again; None: not, or not any more."""
    if case.state != InstanceState.COMPLETED or case.ended_at is None:
        return None
    until = case.ended_at + REOPENING
    return until if case.process_id in reopeners and until > clock.now() else None


def reopened_as(session: Session, case: Instance) -> Instance | None:
    """Return the case as which a closed one was taken up again."""
    query = (
        select(Instance)
        .join(CaseLink, CaseLink.from_key == Instance.key)
        .where(CaseLink.to_key == case.key, CaseLink.kind == str(LinkKind.REOPENS))
    )
    return session.scalars(query).first()


def preset_fields(schema: Mapping[str, Any]) -> frozenset[str]:
    """Return the keys of a form's fields that are not the owner's to fill in."""
    return frozenset(_sources(schema))


def _filled(
    session: Session, owner: Owner, instance_key: int, sources: Mapping[str, str]
) -> dict[str, Any]:  # fmt: skip
    """Return the values of presets as the browser would send them; what is null is left out."""
    context = cases.context(session, session.get_one(Instance, instance_key), owner)
    found = {
        key: _sent(feel.compile(source.removeprefix("=")).evaluate(context))
        for key, source in sources.items()
    }
    return {key: value for key, value in found.items() if value is not None}


def _sent(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat(timespec="minutes")
    if isinstance(value, Mapping):
        return {key: _sent(part) for key, part in value.items()}
    return [_sent(part) for part in value] if isinstance(value, list) else value


def _preset(session: Session, task: Task) -> dict[str, str]:
    return {} if task.form_key is None else _sources(compiled.form(session, task.form_key).schema)


def _sources(schema: Mapping[str, Any]) -> dict[str, str]:
    return {
        part["key"]: part["properties"][PRESET]
        for part in schema.get("components", ())
        if "key" in part and PRESET in (part.get("properties") or {})
    }


def task_of(session: Session, owner: Owner, task_key: int) -> Task:
    """Return a step that is the owner's by their link; raises NotFoundError for any other."""
    task = session.get(Task, task_key, populate_existing=True)
    known = task is not None and task.root_key == owner.root_key
    if task is None or not known or owner_access.kind_of(session, task) not in owner.purposes:
        raise NotFoundError(N_("没有找到这一步，请从链接重新打开页面。"))
    return task


def _words(text: str) -> str:
    words = text.strip()
    if not SHORTEST_TEXT <= len(words) <= LONGEST_TEXT:
        raise InvalidInputError(
            N_("请写 {least} 到 {most} 个字。"), least=SHORTEST_TEXT, most=LONGEST_TEXT,
            fields={"text": [N_("请写明情况。")]},
        )  # fmt: skip
    return words
