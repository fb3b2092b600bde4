"""What a community event leaves in the archive."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from engine.jobs import Work
from engine.outward import feedback
from engine.ports import handler
from processes import filing
from processes.community_event.feedback import Participants


def register() -> None:
    """Name the handlers after their task definitions, and who took part; twice does no harm."""
    handler("event.archive")(archive)
    feedback.sources["community_event"] = Participants()


def archive(session: Session, work: Work) -> Mapping[str, Any]:
    """Keep plan, attendance, cost and score of the event (requirement E9)."""
    return filing.file(session, work, record="E1_initiate")
