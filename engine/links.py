"""Links between cases: which was merged into which, which carries another on, which are related."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import delete, or_, select
from sqlalchemy.orm import Session

from engine import clock
from engine.models import CaseLink, Instance, LinkKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Linked:
    """A case at the other end of a link, as seen from this one."""

    kind: LinkKind
    #: True: this case points at the other one; False: the other one points here
    outward: bool
    case: Instance


def add(session: Session, from_key: int, to_key: int, kind: LinkKind, *, by: int) -> None:
    """Link two cases; the same link again changes nothing."""
    if session.get(CaseLink, (from_key, to_key, str(kind))) is None:
        session.add(
            CaseLink(from_key=from_key, to_key=to_key, kind=str(kind), by=by, at=clock.now())
        )
        session.flush()


def drop(session: Session, from_key: int, kind: LinkKind) -> None:
    """Take back the links of a kind that a case points with."""
    session.execute(
        delete(CaseLink).where(CaseLink.from_key == from_key, CaseLink.kind == str(kind))
    )


def of(session: Session, instance_key: int) -> list[Linked]:
    """Return the cases that a case is linked with, in the order they were linked."""
    query = (
        select(CaseLink)
        .where(or_(CaseLink.from_key == instance_key, CaseLink.to_key == instance_key))
        .order_by(CaseLink.at, CaseLink.from_key)
    )
    rows = list(session.scalars(query))
    others = {row.to_key if row.from_key == instance_key else row.from_key for row in rows}
    cases = {
        one.key: one for one in session.scalars(select(Instance).where(Instance.key.in_(others)))
    }
    return [_seen(row, instance_key, cases) for row in rows]


def target(session: Session, instance_key: int, kinds: Sequence[LinkKind]) -> Instance | None:
    """Return the case that a case points at with one of these kinds, the newest link first."""
    query = (
        select(Instance)
        .join(CaseLink, CaseLink.to_key == Instance.key)
        .where(CaseLink.from_key == instance_key, CaseLink.kind.in_([str(kind) for kind in kinds]))
        .order_by(CaseLink.at.desc())
        .limit(1)
    )
    return session.scalars(query).first()


def _seen(row: CaseLink, here: int, cases: dict[int, Instance]) -> Linked:
    outward = row.from_key == here
    other = cases[row.to_key if outward else row.from_key]
    return Linked(kind=LinkKind(row.kind), outward=outward, case=other)
