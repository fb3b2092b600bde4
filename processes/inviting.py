"""Messages with a link, for processes whose owners hear nothing of their own accord."""

from collections.abc import Mapping
from types import MappingProxyType

from sqlalchemy.orm import Session

from engine.models import History, Instance, Tenant
from engine.outward import owners, world
from processes import owner_pages

#: processes whose first form holds whom the case is about
REACHED = ("repair", "inquiry", "move_in", "move_in_inspect_first")
#: the kind of message that carries a link
KIND = "invite"


def register() -> None:
    """Let the owners of these processes be sent links; twice does no harm."""
    for process_id in REACHED:
        owners.register(process_id, Invited())


class Invited:
    """An owner who is sent a link by hand, and nothing else."""

    rules: Mapping[tuple[str, str | None], str] = MappingProxyType({})

    def facts(
        self,
        session: Session,
        instance: Instance,
        kind: str,  # noqa: ARG002 — the protocol's shape
        event: History | None,  # noqa: ARG002
    ) -> owners.Facts | None:
        """Return name and number of whoever the case is about."""
        known = owner_pages.contact(session, instance)
        if known is None:
            return None
        tenant = session.get(Tenant, instance.tenant_id)
        values = {
            "number": instance.business_key or "", "company": world.current().company,
            "project": tenant.name if tenant is not None else "", "name": known.name,
            "hotline": world.current().hotline or world.current().company,
            "promised": "", "answer": "", "link": "",
        }  # fmt: skip
        return owners.Facts(phone=known.phone, values={"zh": values, "en": values})

    def by_hand(self, instance: Instance) -> tuple[str, ...]:  # noqa: ARG002 — the protocol's shape
        """Return nothing: a link is sent from its own card."""
        return ()
