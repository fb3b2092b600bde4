"""The rules around what staff report of a running complaint: what it may be merged into.

`engine.occurrences` asks them before it delivers the message to the case.
"""

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import history, links, occurrences, runs
from engine.errors import N_, InvalidVariablesError
from engine.models import Event, Instance, InstanceState, LinkKind, Submission
from engine.ports import Actor, ports

#: who sent it wants it back in writing: such a case is never merged away (invariant 10)
UPWARD = frozenset({"company_forwarded", "leader_instruction", "gov_hotline"})
_RECORD, _FIELD = "T1_record", "Field_main_case"


def register() -> None:
    """Put the rules around the reports of complaints; twice does no harm."""
    occurrences.around["merge"] = _merge
    occurrences.ready["complaint"] = _recorded


def _merge(
    session: Session, actor: Actor, instance_key: int, submitted: Mapping[str, Any]
) -> Callable[[], None]:
    """Check the main case; afterwards link the two, in both histories."""
    main = _main(session, actor, instance_key, str(submitted.get("main_case") or ""))
    for key in sorted((instance_key, main.key)):
        runs.lock(session, key)
    case = session.get_one(Instance, instance_key)
    _mergeable(session, case, main)

    def conclude() -> None:
        links.drop(session, instance_key, LinkKind.INTENDED)
        links.add(session, instance_key, main.key, LinkKind.MERGED, by=actor.key)
        history.add(
            session, main.key, Event.MESSAGE, actor.key,
            data={"name": "case.merged", "number": case.business_key},
        )  # fmt: skip

    return conclude


def _main(session: Session, actor: Actor, instance_key: int, number: str) -> Instance:
    case = session.get_one(Instance, instance_key)
    query = select(Instance).where(
        Instance.business_key == number,
        Instance.parent_key.is_(None),
        Instance.tenant_id == case.tenant_id,
        Instance.process_id == case.process_id,
    )
    found = session.scalars(query.limit(1)).first() if number else None
    if found is None or not ports.can(actor, "instance.read", found):
        raise _refused("本项目没有这个编号的案件，请核对。", "No such case in this project.")
    return found


def _mergeable(session: Session, case: Instance, main: Instance) -> None:
    """Refuse what would leave somebody without an answer."""
    if main.key == case.key:
        raise _refused("不能并入自己，请选另一件。", "A case can't be merged into itself.")
    if main.state != InstanceState.ACTIVE:
        raise _refused(
            "主案已经结束。请改为关联，单独办理这一件。",
            "The main case is over. Relate the two and handle this one by itself.",
        )
    known = links.of(session, main.key)
    if any(one.kind == LinkKind.MERGED and one.outward for one in known):
        raise _refused(
            "这一件自己已并入别的案件，请选它的主案。",
            "That case was merged itself; choose its main case.",
        )
    if any(one.kind == LinkKind.MERGED for one in links.of(session, case.key)):
        raise _refused(
            "已有案件并入这一件，它是主案，不能再并走。",
            "Other cases were merged into this one; it is a main case.",
        )
    if case.variables.get("channel") in UPWARD:
        raise _refused(
            "上级转来的投诉须单独书面汇报，不能并走；请把另一件并入它。",
            "What came from above is reported by itself; merge the other one into it.",
        )


def _refused(zh: str, en: str) -> InvalidVariablesError:
    return InvalidVariablesError(
        N_("“{task}”还有 {count} 处需要补充或更正。"), task=N_("并案"), count=1,
        fields={_FIELD: [zh]}, fields_en={_FIELD: [en]},
    )  # fmt: skip


def _recorded(session: Session, case: Instance) -> bool:
    """Say whether the complaint has been recorded: before, there is nothing to report of it."""
    query = select(Submission.task_key).where(
        Submission.instance_key == case.key, Submission.element == _RECORD
    )
    return session.scalars(query.limit(1)).first() is not None
