"""The invented owners: most of them allow messages, some rate how their case was handled."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import outbox
from engine.db import Database
from engine.models import Instance, Outbox, Submission
from engine.outward import consents, links, ratings
from engine.outward.adapters import SMS
from engine.ports import SYSTEM

#: of ten owners, by the last figure of their number: who says no; who rates
_RELUCTANT, _OUTSPOKEN = frozenset({"3", "7"}), frozenset({"0", "2", "5", "8", "9"})
_WORDS = {
    5: "处理得很快，态度也好，谢谢。", 4: "问题解决了，谢谢。", 3: "总算修好了，希望下次快一点。",
    2: "拖得太久，打了好几次电话。",
}  # fmt: skip
_CLOSED = frozenset({"E_closed", "E_explained"})


def hear(database: Database, key: int) -> None:
    """Let the owner of a case allow messages, hear what is to be said, and rate what is closed."""
    with database.read() as session:
        if (
            session.scalars(select(Outbox.key).where(Outbox.sent_at.is_(None)).limit(1)).first()
            is None
        ):
            return
    with database.begin() as session:
        phone = _phone(session, key)
        case = session.get_one(Instance, key)
        if (
            phone
            and not consents.held(session, case.tenant_id, phone)
            and phone[-1] not in _RELUCTANT
        ):
            consents.note(
                session, SYSTEM, tenant_id=case.tenant_id, phone=phone, channel=SMS, given=True,
                source="call",
            )  # fmt: skip
    while outbox.run_due(database):
        pass
    with database.begin() as session:
        case = session.get_one(Instance, key)
        if phone and phone[-1] in _OUTSPOKEN and case.end_element in _CLOSED:
            _rate(session, case, phone)


def _rate(session: Session, case: Instance, phone: str) -> None:
    """Rate a case once, by its number: the same company every time."""
    if ratings.given(session, case.key):
        return
    score = (5, 4, 5, 3, 4, 2)[int(phone[-3:]) % 6]
    ratings.rate(session, links.open_link(session, case), score=score, word=_WORDS[score])


def _phone(session: Session, key: int) -> str:
    """Return the number that an owner left; none when they want to stay unnamed."""
    query = select(Submission.data).where(
        Submission.instance_key == key, Submission.element == "T1_record"
    )
    record = session.scalars(query).first() or {}
    return "" if record.get("anonymous") else str(record.get("phone") or "")
