"""The notice on personal data: its version, and which residents were told and said yes."""

from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import clock, ids
from processes.archive.holdings import PrivacyConsent

#: version of the notice that is handed out now: docs/how-to/archive.md says how to issue another
VERSION = "2026-11"


def note(
    session: Session, resident_key: int, *, tenant_id: str, given: bool, by: int,
    instance_key: int | None = None,
) -> None:  # fmt: skip
    """Keep that a resident was shown the notice in force and agreed, or not."""
    session.add(PrivacyConsent(
        key=ids.new(), tenant_id=tenant_id, resident_key=resident_key, version=VERSION,
        given=given, by=by, at=clock.now(), instance_key=instance_key,
    ))  # fmt: skip


def of(session: Session, residents: Iterable[int]) -> dict[int, PrivacyConsent]:
    """Return the newest word of each resident."""
    query = (
        select(PrivacyConsent)
        .where(PrivacyConsent.resident_key.in_(list(residents)))
        .order_by(PrivacyConsent.key)
    )
    return {row.resident_key: row for row in session.scalars(query)}
