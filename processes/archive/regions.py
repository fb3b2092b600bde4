"""Regions of the company: which project lies in which; a region lives as long as it has projects."""

from sqlalchemy import delete, exists, select
from sqlalchemy.orm import Session

from engine import ids
from engine.errors import N_, ForbiddenError, InvalidInputError
from engine.ports import COMPANY, Actor, ports
from processes.archive.holdings import Region, RegionProject

_LONGEST = 30


def put(session: Session, actor: Actor, tenant_id: str, name: str) -> None:
    """Put a project into a region by name; without a name it lies directly under the company."""
    if not ports.can(actor, "archive.configure", COMPANY):
        raise ForbiddenError(N_("档案的设置由品质部或系统管理员维护。"))
    name = " ".join(name.split())
    if len(name) > _LONGEST:
        raise InvalidInputError(N_("区域的名称最多 30 个字。"))
    session.execute(delete(RegionProject).where(RegionProject.tenant_id == tenant_id))
    if name:
        region = session.scalars(select(Region).where(Region.name == name)).first()
        if region is None:
            region = Region(key=ids.new(), name=name)
            session.add(region)
            session.flush()
        session.add(RegionProject(tenant_id=tenant_id, region_key=region.key))
        session.flush()
    empty = ~exists().where(RegionProject.region_key == Region.key)
    session.execute(delete(Region).where(empty))


def names(session: Session) -> list[str]:
    """Return the names of the regions."""
    return list(session.scalars(select(Region.name).order_by(Region.name)))


def of_projects(session: Session) -> dict[str, str]:
    """Return the name of each project's region."""
    query = select(RegionProject.tenant_id, Region.name).join(
        Region, Region.key == RegionProject.region_key
    )
    return {tenant: name for tenant, name in session.execute(query)}  # noqa: C416 — rows, not pairs
