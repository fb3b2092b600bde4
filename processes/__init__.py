"""What the business does: roles, rights, archive and one folder a process.

Registers itself with the engine (`register`) and puts its diagrams, forms and tables in force
(`deploy_all`). Knows the engine and the forms; knows nothing of Flask or of pages.
"""

from pathlib import Path

from sqlalchemy.orm import Session

from decisions import feel
from engine import calendars, deployments, feel_time
from engine.deployments import Deployed, Resource
from engine.ports import COMPANY, SYSTEM, Actor, ports
from processes import (
    filing,
    inviting,
    lookups,
    owner_messages,
    places,
    policies,
    reopening,
    reports,
    rights,
    roles,
    routines,
    searching,
    services,
    shipping,
)
from processes.archive import traits

ROOT = Path(__file__).parent
FORMS = ROOT.parent / "forms"
#: the process folders; what they hold is deployed together
KEYS = (
    "callback", "community_event", "complaint", "complaint_review", "daily_cash", "inquiry",
    "move_in", "move_in_inspect_first", "move_in_prep", "payment_at_desk", "rectification", "repair",
)  # fmt: skip


def register() -> None:
    """Answer the engine's questions."""
    ports.can, ports.lookup = rights.can, lookups.lookup
    ports.hidden, ports.shown = rights.hidden, rights.shown
    ports.publishing, ports.untold = rights.refuse_one_pair_of_eyes, rights.untold
    ports.closed = rights.closed
    ports.roles = dict(roles.LANES)
    ports.supervisors = dict(roles.SUPERVISORS)
    feel.register("department_group", roles.department_group)
    ports.feel_functions |= {**feel_time.FUNCTIONS, "department_group": roles.department_group}
    traits.register()
    places.register()
    policies.register()
    searching.register()
    services.register()
    filing.register()
    owner_messages.register()
    inviting.register()
    reopening.register()
    reports.register()
    routines.register()


def seed(session: Session) -> None:
    """Put in what every installation starts with: calendars, rules, schedules of the company."""
    calendars.seed(session)
    policies.seed(session)
    routines.seed(session)


def deploy_all(session: Session, actor: Actor = SYSTEM) -> Deployed:
    """Put every process with its forms and tables in force, as one deployment for the company."""
    return deployments.deploy(session, actor, resources(), tenant_id=COMPANY, name=shipping.SHIPPED)


def update(session: Session) -> Deployed | None:
    """Put in force what is shipped and new; what a designer changed since stays (shipping)."""
    return shipping.update(session, resources())


def resources() -> list[Resource]:
    """Return the files of all process folders and of their form folders, in a fixed order."""
    files = [
        file
        for key in KEYS
        for folder, pattern in ((ROOT, "*.bpmn"), (ROOT, "*.dmn"), (FORMS, "*.form"))
        for file in sorted((folder / key).glob(pattern))
    ]
    return [Resource(f"{file.parent.name}/{file.name}", file.read_bytes()) for file in files]
