"""Four eyes on diagrams: who designs them does not publish them while somebody else may."""

from sqlalchemy.orm import Session

from engine import identity, notices
from engine.errors import N_, ForbiddenError
from engine.ports import COMPANY, Actor

DESIGNER, PUBLISHER, TOLD = "designer", "publisher", "quality"


def refuse_one_pair_of_eyes(session: Session, actor: Actor, tenant_id: str) -> None:
    """Refuse a designer who publishes, or tell the quality department when nobody else could."""
    if DESIGNER not in actor.groups(tenant_id):
        return
    designers = set(notices.members(session, tenant_id, DESIGNER))
    others = set(notices.members(session, tenant_id, PUBLISHER)) - designers
    if others:
        names = identity.names(session, others)
        raise ForbiddenError(
            N_("设计流程的人不能自己发布，请由 {name} 发布。"), name=names[min(others)]
        )
    notices.notify(
        session, notices.members(session, COMPANY, TOLD), "other",
        N_("{by} 兼任流程设计员和流程发布人，独自发布了流程，请复核。"), {"by": actor.name},
    )  # fmt: skip
