"""What the complaint's service tasks do: file, tell, carry on as a new case."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import urging
from engine.errors import N_
from engine.jobs import Work
from engine.models import Instance, Submission
from engine.ports import handler
from processes import filing
from processes.complaint import carrying_on

#: who hears of the press beside the performers: the project's heads and the head office
_PRESS = ("project_manager", "cs_manager", "quality")


def register() -> None:
    """Name the handlers after their task definitions; twice does no harm."""
    handler("complaint.archive")(archive)
    handler("complaint.urge")(urge)
    handler("complaint.press")(press)
    handler("complaint.continue")(continue_)


def archive(session: Session, work: Work) -> Mapping[str, Any]:
    """Keep what the case came to in the archive of its room (requirements A8, T9)."""
    return filing.file(session, work, record="T1_record")


def urge(session: Session, work: Work) -> Mapping[str, Any]:
    """Tell whoever has the case and the customer manager that it was urged (EV_urge)."""
    said = _last(session, work.root_key, "M_urge")
    urging.urge_case(
        session, work.root_key, actor_key=said.by if said else 0,
        text=str(said.data.get("urge_text") or "") if said else "", groups=("cs_manager",),
    )  # fmt: skip
    urging.raise_priority(session, work.root_key, int(work.variables["weight"]))
    return {}


def press(session: Session, work: Work) -> Mapping[str, Any]:
    """Tell performers, managers and head office that the press follows the case (EV_press)."""
    urging.raise_priority(session, work.root_key, int(work.variables["weight"]))
    urging.tell_case(
        session, work.root_key, kind="press", groups=_PRESS,
        text=N_("媒体关注 {number}：口径同意之前请勿答复"), params={"number": work.business_key or ""},
    )  # fmt: skip
    return {}


def continue_(session: Session, work: Work) -> Mapping[str, Any]:
    """Open a new case with the same record: its owner neither withdrew nor accepted the merge."""
    carrying_on.as_new_case(session, session.get_one(Instance, work.root_key))
    return {}


def _last(session: Session, root_key: int, element: str) -> Submission | None:
    """Return the newest values of a step, in the version in force."""
    query = (
        select(Submission)
        .where(Submission.instance_key == root_key, Submission.element == element)
        .order_by(Submission.task_key.desc(), Submission.version.desc())
        .limit(1)
    )
    return session.scalars(query).first()
