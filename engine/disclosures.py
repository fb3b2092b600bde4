"""Looks at personal data by those who do not see it every day: for a reason, for a while, on record."""

from datetime import timedelta

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from engine import clock, history, instances, runs
from engine.errors import N_, ForbiddenError, InvalidInputError
from engine.models import Event, History, Instance
from engine.ports import Actor, ports

#: how long the values stay readable for who asked
OPEN = timedelta(minutes=30)
_SHORTEST = 4


def may_ask(actor: Actor, root: Instance) -> bool:
    """Tell whether this person sees masked values here and may ask for them."""
    masked = not ports.can(actor, "personal.read", root)
    return masked and ports.can(actor, "personal.disclose", root)


def disclose(session: Session, actor: Actor, root_key: int, *, reason: str) -> None:
    """Show a case's personal values to a person for a while; who, when and why stay in its history."""
    root = instances.get(session, actor, root_key)
    if not may_ask(actor, root):
        raise ForbiddenError(N_("您不能查看这个案件里业主的个人信息，请联系客户经理。"))
    if len(reason.strip()) < _SHORTEST:
        raise InvalidInputError(N_("请写明为什么要看。"), fields={"reason": [N_("必填")]})
    runs.lock(session, root.root_key)
    history.add(session, root.root_key, Event.DISCLOSED, actor.key, data={"reason": reason.strip()})


def is_open(session: Session, actor: Actor, root_key: int) -> bool:
    """Tell whether a case's personal values were disclosed to this person a short while ago."""
    asked = exists().where(
        History.instance_key == root_key, History.kind == Event.DISCLOSED,
        History.actor == actor.key, History.at > clock.now() - OPEN,
    )  # fmt: skip
    return bool(session.scalar(select(asked)))
