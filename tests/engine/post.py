"""A small company whose diagrams are drawn in a test, and whose post is brought by hand."""

import re

from sqlalchemy import func, select

from engine import clock, correlation, deliveries, deployments, instances, jobs, timers
from engine.db import Database
from engine.deployments import Deployed, Resource
from engine.models import History, Instance, Message, Subscription
from engine.ports import COMPANY, SYSTEM
from tests.engine.spiff.drawing import draw

_INPUTS = (
    '<bpmn:extensionElements><zeebe:properties><zeebe:property name="inputs" value="bill, amount"/>'
    "</zeebe:properties></bpmn:extensionElements>"
)
_FOR_ASSISTANTS = (
    "<bpmn:extensionElements><zeebe:userTask/><zeebe:assignmentDefinition "
    'candidateGroups="cs_assistant"/></bpmn:extensionElements>'
)


def deploy(
    database: Database, text: str, process: str = "p", tenant_id: str = COMPANY, **changed: str
) -> Deployed:
    """Put a drawn process in force; its user tasks are for the customer assistants.

    `changed` replaces words of the document.
    """
    body = draw(text, process=process).decode()
    body = body.replace('isExecutable="true">', f'isExecutable="true">{_INPUTS}', 1)
    body = re.sub(r'(<bpmn:userTask id="\w+"[^>]*>)', rf"\1{_FOR_ASSISTANTS}", body)
    for old, new in changed.items():
        body = body.replace(old, new)
    with database.begin() as session:
        resource = Resource(f"{process}.bpmn", body.encode())
        return deployments.deploy(session, SYSTEM, [resource], tenant_id=tenant_id)


def start(database: Database, process: str = "p", tenant_id: str = "yj", **variables) -> int:
    with database.begin() as session:
        return instances.start(
            session, SYSTEM, process, tenant_id=tenant_id, variables=variables
        ).key


def settle(database: Database) -> int:
    """Do all that is due now; return how much that was."""
    done = 0
    while True:
        with database.read() as session:
            coming = timers.next_due(session)
        some = jobs.run_due(database) + correlation.run_due(database)
        some += deliveries.run_due(database)
        if coming is not None and coming <= clock.now():
            some += timers.run_due(database)
        if not some:
            return done
        done += some


def received(database: Database, key: int) -> list[str]:
    """Return the elements at which an instance got a message or signal."""
    with database.read() as session:
        query = select(History).where(History.instance_key == key, History.kind == "message")
        return [row.element for row in session.scalars(query.order_by(History.seq))
                if "thrown" not in row.data]  # fmt: skip


def path(database: Database, key: int) -> list[str]:
    """Return the elements that an instance passed."""
    with database.read() as session:
        query = select(History).where(History.instance_key == key).order_by(History.seq)
        return [e for row in session.scalars(query) for e in (row.data or {}).get("path", [])]


def state(database: Database, key: int) -> str:
    with database.read() as session:
        return session.get(Instance, key).state


def started(database: Database, process: str = "p") -> list[Instance]:
    with database.read() as session:
        query = select(Instance).where(Instance.process_id == process).order_by(Instance.key)
        return list(session.scalars(query))


def kept(database: Database) -> int:
    """Return how many messages are kept."""
    with database.read() as session:
        return session.scalar(select(func.count()).select_from(Message))


def waiting(database: Database) -> int:
    with database.read() as session:
        return session.scalar(select(func.count()).select_from(Subscription))
