"""A small company in rows, for tests of what happens to tasks by time alone."""

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import calendars, clock, deadlines, ids
from engine.models import (
    Definition,
    Deployment,
    FactCase,
    Instance,
    Membership,
    Notice,
    Task,
    Tenant,
    Timer,
    User,
)
from engine.ports import COMPANY, ports

PEOPLE = {
    "an": ("cs_assistant", "yj"),
    "bo": ("cs_assistant", "yj"),
    "ma": ("cs_manager", "yj"),
    "pm": ("project_manager", "yj"),
    "qi": ("quality", COMPANY),
    "lu": ("cs_assistant", "lh"),
}


def company(session: Session, monkeypatch) -> dict[str, int]:
    """Put projects, people and a definition in; return the people's keys by user name."""
    roles = {group: group for group, _ in PEOPLE.values()}
    monkeypatch.setattr(ports, "roles", roles)
    monkeypatch.setattr(ports, "supervisors", {
        "cs_assistant": "cs_manager", "cs_manager": "project_manager", "project_manager": "quality",
    })  # fmt: skip
    now = clock.now()
    session.add_all([Tenant(tenant_id="yj", name="云景花园", zone="Asia/Shanghai"),
                     Tenant(tenant_id="lh", name="绿湖", zone="Asia/Shanghai"),
                     Deployment(key=1, tenant_id=COMPANY, deployed_at=now, deployed_by=0)])  # fmt: skip
    calendars.seed(session)
    session.flush()
    session.add(Definition(key=2, tenant_id=COMPANY, version=1, resource="complaint.bpmn", hash="0",
                           process_id="complaint", deployment_key=1, routed=[], bindings={},
                           name="投诉处理", deployed_at=now))  # fmt: skip
    keys = {}
    for username, (group, tenant_id) in PEOPLE.items():
        keys[username] = ids.new()
        session.add(User(key=keys[username], username=username, name=username, password_hash="-",
                         created_at=now))  # fmt: skip
        session.flush()
        session.add(Membership(key=ids.new(), user_key=keys[username], group=group,
                               tenant_id=tenant_id))  # fmt: skip
    session.flush()
    return keys


def case(session: Session, tenant_id: str = "yj", business_key: str = "TS-1") -> Instance:
    key = ids.new()
    row = Instance(key=key, tenant_id=tenant_id, definition_key=2, process_id="complaint",
                   root_key=key, business_key=business_key, title="3 栋 502 漏水", blob=b"",
                   variables={}, started_by=0, started_at=clock.now())  # fmt: skip
    session.add(row)
    session.add(FactCase(instance_key=key, tenant_id=tenant_id, process_id="complaint",
                         started_at=clock.now()))  # fmt: skip
    session.flush()
    return row


def step(
    session: Session,
    of: Instance,
    properties: dict[str, str] | None = None,
    *,
    name: str = "答复业主",
    group: str = "cs_assistant",
    assignee: int | None = None,
    element: str = "T6_reply",
    context: dict | None = None,
) -> Task:
    """Open a task as records does, with its limit."""
    now = clock.now()
    plan = deadlines.plan(
        session,
        properties=properties or {},
        context=context or {},
        tenant_id=of.tenant_id,
        priority=50,
        now=now,
    )
    task = Task(key=ids.new(), tenant_id=of.tenant_id, instance_key=of.key, root_key=of.root_key,
                definition_key=2, token=1, element=element, name=name, group=group,
                assignee=assignee, priority=50, opened_at=now,
                limits=plan and plan.limits, due_at=plan and plan.due_at,
                warn_at=plan and plan.warn_at)  # fmt: skip
    session.add(task)
    session.flush()
    if plan is not None:
        deadlines.arm(session, key=task.key, run_key=of.key, tenant_id=of.tenant_id, plan=plan)
    return task


def told(session: Session, kind: str) -> list[int]:
    query = select(Notice.user_key).where(Notice.kind == kind).order_by(Notice.key)
    return list(session.scalars(query))


def waiting(session: Session) -> list[tuple[int, datetime]]:
    return [tuple(row) for row in session.execute(select(Timer.key, Timer.due_at))]


MINUTE = timedelta(minutes=1)
