"""Which owner allowed which channel: without a yes nothing is sent (Personal Information Protection Law, art. 13).

The party is known by a keyed hash of the telephone number; every yes and no is a row of its own.
"""

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import clock, ids
from engine.errors import N_, ForbiddenError, InvalidInputError
from engine.models import Consent
from engine.outward import world
from engine.outward.adapters import SMS, WECHAT
from engine.ports import Actor, ports

CHANNELS = {SMS: N_("短信"), WECHAT: N_("公众号")}
#: how an owner said it
SOURCES = {
    "call": N_("电话中同意"), "visit": N_("当面同意"), "paper": N_("书面同意"),
    "online": N_("线上同意"),
}  # fmt: skip
_HASH_BYTES = 16


def party(tenant_id: str, phone: str) -> str:
    """Return under what an owner's consents are kept: nobody reads the number out of it."""
    digits = "".join(filter(str.isdigit, phone)).removeprefix("86")
    return world.keyed("party", f"{tenant_id} {digits}")[:_HASH_BYTES].hex()


def held(session: Session, tenant_id: str, phone: str) -> dict[str, Consent]:
    """Return what holds for an owner: channel -> the newest yes or no."""
    query = select(Consent).where(
        Consent.tenant_id == tenant_id, Consent.party == party(tenant_id, phone)
    )
    return {row.channel: row for row in session.scalars(query.order_by(Consent.key))}


def note(  # noqa: PLR0913 — what was said, by whom, how
    session: Session,
    actor: Actor,
    *,
    tenant_id: str,
    phone: str,
    channel: str,
    given: bool,
    source: str,
    language: str = "zh",
    address: str = "",
) -> Consent:
    """Write down that an owner allows a channel, or no longer."""
    if not ports.can(actor, "owner.tell", tenant_id):
        raise ForbiddenError(N_("业主的同意由客户助理或客户经理记录。"))
    if channel not in CHANNELS or source not in SOURCES or language not in ("zh", "en"):
        raise InvalidInputError(
            N_("请选择通道、方式和语言。"), fields={"channel": [N_("请选择。")]}
        )
    if channel == WECHAT and given and not address.strip():
        raise InvalidInputError(
            N_("公众号消息要有业主的 openid。"), fields={"address": [N_("必填")]}
        )
    row = Consent(
        key=ids.new(), tenant_id=tenant_id, party=party(tenant_id, phone), channel=channel,
        given=given, source=source, language=language, by=actor.key, at=clock.now(),
        address=world.seal({"to": address.strip()}) if address.strip() else None,
    )  # fmt: skip
    session.add(row)
    session.flush()
    return row


def masked(address: str) -> str:
    """Return what may be shown of a number or openid: 138****6721."""
    if len(address) < 8:  # noqa: PLR2004 — too short to keep seven figures of
        return "****"
    return f"{address[:3]}****{address[-4:]}"
