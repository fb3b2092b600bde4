"""A small company on a real database: two roles, two people, diagrams of tests/engine/diagrams."""

from pathlib import Path

from engine import calendars, compiled, deployments, identity, owner_access
from engine.db import Database
from engine.deployments import Resource
from engine.held import Held
from engine.models import Tenant
from engine.ports import OWNER, SYSTEM, Actor, ports

DIAGRAMS = Path(__file__).parent / "diagrams"
ROLES = {"客户助理": "cs_assistant", "客户经理": "cs_manager", "维修员": "eng_worker"}


def can(actor: Actor, action: str, thing: object) -> bool:
    """Members of a task's group work on it; managers assign, urge, correct; all see their project."""
    if actor.kind == "system":
        return True
    tenant = getattr(thing, "tenant_id", None) or (thing[1] if isinstance(thing, tuple) else None)
    groups = actor.groups(tenant) if tenant else frozenset(g for g, _ in actor.memberships)
    if action == "task.work":
        task = thing if isinstance(thing, Held) else Held.of(thing)
        return task.assignee == actor.key or (task.assignee is None and task.group in groups)
    if action in {
        "task.assign",
        "task.urge",
        "task.correct",
        "instance.cancel",
        "instance.migrate",
    }:
        return "cs_manager" in groups
    return bool(groups)


def open_company(database: Database, monkeypatch) -> dict[str, Actor]:
    """Fill an empty database and the ports; return the people by user name."""
    monkeypatch.setattr(ports, "roles", ROLES)
    monkeypatch.setattr(ports, "can", can)
    monkeypatch.setattr(ports, "shown", None)
    monkeypatch.setattr(ports, "supervisors", {"cs_assistant": "cs_manager"})
    compiled.forget()
    identity.use_password_cost(time_cost=1, memory_kib=64)
    with database.begin() as session:
        session.add(Tenant(tenant_id="yj", name="云景花园", zone="Asia/Shanghai"))
        session.add(Tenant(tenant_id="tl", name="听澜苑", zone="Asia/Shanghai"))
        session.flush()
        calendars.seed(session)
        people = {}
        for username, name, groups in [
            ("he", "何静", ["cs_assistant"]),
            ("zhou", "周建国", ["cs_assistant", "cs_manager"]),
            ("lu", "陆工", ["eng_worker"]),
        ]:
            user = identity.create_user(
                session, username=username, name=name, password="0123456789"
            )
            for group in groups:
                identity.add_membership(session, user.key, group, "yj")
            people[username] = user.key
    with database.read() as session:
        return {name: identity.actor(session, key) for name, key in people.items()}


def open_to_owners(database: Database, monkeypatch) -> dict[str, Actor]:
    """Fill an empty database, where whoever holds a link may do what it is for."""
    people = open_company(database, monkeypatch)
    monkeypatch.setattr(
        ports, "can", lambda actor, action, thing: (
            owner_access.can(actor, action, thing) if actor.kind == OWNER.kind
            else can(actor, action, thing)
        )
    )  # fmt: skip
    return people


def deploy(database: Database, *stems: str) -> None:
    """Put diagrams of the folder in force together with their forms and tables."""
    files = sorted(
        path
        for stem in stems
        for path in DIAGRAMS.iterdir()
        if path.stem == stem or path.stem.startswith(f"{stem}-")
    )
    with database.begin() as session:
        deployments.deploy(session, SYSTEM, [Resource(p.name, p.read_bytes()) for p in files])
