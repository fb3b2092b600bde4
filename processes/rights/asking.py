"""Who sees and does what: role x action x own or foreign, default deny, deny beats grant.

The table is requirements §4.2 for what the product has so far. Rights hold in the project of the
thing asked about; a role held company-wide holds in every project. "Own" is what is assigned or
offered to the person, or what they took part in.
"""

import enum
from collections.abc import Mapping
from datetime import timedelta
from types import MappingProxyType
from typing import Any

from sqlalchemy import and_, exists, or_, select
from sqlalchemy.orm import object_session

from engine import clock
from engine.models import Instance, Task, TaskState
from engine.ports import COMPANY, Actor


class Reach(enum.IntEnum):
    """How far a grant reaches."""

    OWN = 1  #: 本人经办
    ALL = 2  #: 本项目全部


_OWN, _ALL = Reach.OWN, Reach.ALL
_CS = {"cs_assistant": _OWN, "cs_manager": _ALL, "project_manager": _ALL}
_WORKERS = dict.fromkeys(
    ("eng_dispatch", "eng_worker", "security", "cleaning", "cashier", "finance_hq"), _OWN
)
_STAFF = {**_CS, **_WORKERS, "quality": _ALL, "leader": _ALL}
_ALL_OF_US = dict.fromkeys([*_STAFF, "designer", "publisher", "admin", "auditor"], _ALL)
_HEADS = dict.fromkeys(("cs_manager", "project_manager", "quality"), _ALL)

#: action -> role -> reach; what is not written here is denied
GRANTS: Mapping[str, Mapping[str, Reach]] = MappingProxyType(
    {
        "task.read": {**_STAFF, "cs_assistant": _ALL},
        "task.work": dict.fromkeys(_STAFF, _OWN),
        "task.assign": {**_HEADS, "eng_dispatch": _OWN},
        "task.urge": {**_HEADS, "cs_assistant": _ALL, "leader": _ALL},
        "task.correct": {**dict.fromkeys(_STAFF, _OWN), "cs_manager": _ALL,
                         "project_manager": _ALL},
        "instance.read": {**_STAFF, "cs_assistant": _ALL},
        "instance.start": {**dict.fromkeys(_CS, _ALL), "quality": _ALL, "leader": _ALL},
        "instance.cancel": {"project_manager": _ALL, "quality": _ALL},
        # what is reported of a running case: the name of its message
        "case.urge": {**_HEADS, "cs_assistant": _ALL, "leader": _ALL},
        "case.withdraw": {"cs_assistant": _ALL, "cs_manager": _ALL, "project_manager": _ALL},
        "case.merge": {"cs_assistant": _ALL, "cs_manager": _ALL, "project_manager": _ALL},
        "case.press": {**_STAFF, "cs_assistant": _ALL},
        "case.link": {"cs_assistant": _ALL, "cs_manager": _ALL, "project_manager": _ALL},
        "instance.operate": {"project_manager": _ALL, "quality": _ALL, "admin": _ALL},
        "task.return": _HEADS,
        "instance.migrate": {"project_manager": _ALL, "quality": _ALL, "admin": _ALL},
        "incident.read": {**_HEADS, "admin": _ALL},
        "incident.resolve": {"project_manager": _ALL, "quality": _ALL, "admin": _ALL},
        "definition.read": _ALL_OF_US,
        "definition.edit": {"designer": _ALL, "publisher": _ALL},
        "definition.deploy": {"publisher": _ALL},
        "message.publish": {"integration": _ALL, "admin": _ALL},
        "job.work": {"integration": _ALL, "admin": _ALL},
        "user.manage": {"admin": _ALL},
        "calendar.manage": {"admin": _ALL, "quality": _ALL, "project_manager": _ALL},
        "schedule.manage": {"admin": _ALL, "quality": _ALL, "project_manager": _ALL},
        "rain.record": {**dict.fromkeys(_CS, _ALL), "security": _ALL, "eng_dispatch": _ALL,
                        "quality": _ALL},
        "policy.read": {**_HEADS, "leader": _ALL, "admin": _ALL},
        "policy.manage": {"quality": _ALL, "admin": _ALL},
        "limit.pause": {**dict.fromkeys(_STAFF, _OWN), **_HEADS},
        "limit.extend": {**dict.fromkeys(_STAFF, _OWN), **_HEADS},
        "limit.grant": _HEADS,
        "channel.manage": {"admin": _ALL},
        "template.edit": {"cs_manager": _ALL, "quality": _ALL, "admin": _ALL},
        "owner.tell": {"cs_assistant": _ALL, "cs_manager": _ALL, "project_manager": _ALL},
        "report.read": {**_HEADS, "leader": _ALL, "finance_hq": _ALL},
        "report.export": {**_HEADS, "leader": _ALL},
        "audit.read": {"auditor": _ALL, "admin": _ALL},
        "archive.read": dict.fromkeys(_STAFF, _ALL),
        "personal.read": {"cs_assistant": _ALL, "cs_manager": _ALL, "project_manager": _ALL,
                          "quality": _ALL, "leader": _OWN, **_WORKERS, "cashier": _ALL},
        # masked for them, and shown for a reason that stays in the case's history
        "personal.disclose": {"leader": _ALL, **_WORKERS},
        "personal.export": {"project_manager": _ALL, "quality": _ALL},
    }
)  # fmt: skip

#: fields that say who somebody is
WHO = frozenset({"complainant_name", "phone"})

#: groups that handle money; a repair worker never sees their tasks, whatever else he is (P8)
MONEY = frozenset({"cashier", "finance_hq"})
MONEY_ELEMENTS = frozenset({"PAY_desk", "D1_count", "D2_deposit", "D3_check"})

#: how long those who only worked on a case see whose it was (requirements §4.2)
FORGETTING = timedelta(days=7)

#: actions on things of the whole company that any project's staff may do
_EVERYWHERE = frozenset({"definition.read", "definition.edit"})


def can(actor: Actor, action: str, thing: Any = None) -> bool:
    """Say whether `actor` may do `action` with `thing`: a row, a project's id or None.

    None asks "anywhere at all": whether a page or a list makes sense for this person.
    """
    if is_system(actor):
        return True
    if action == "group.see":
        return _sees_group(actor, thing)
    groups = _groups(actor, action, thing)
    if _denied(actor, groups, action, thing):
        return False
    granted = GRANTS.get(action, {})
    reach = max((granted[group] for group in groups if group in granted), default=0)
    if reach == Reach.OWN:
        return is_own(actor, thing) and not (action == "personal.read" and _is_long_over(thing))
    return reach == Reach.ALL


def hidden(actor: Actor, case: Any, data: Mapping[str, Any]) -> frozenset[str]:
    """Return the fields of a form that an anonymous person's handlers do not see.

    The heads of the project see them: somebody has to be able to call back (requirements §4.2).
    """
    if not data.get("anonymous") or can(actor, "report.read", case):
        return frozenset()
    return WHO


def is_system(actor: Actor) -> bool:
    """Say whether the engine itself acts: timers, jobs, the first deployment."""
    return actor.kind == "system"


def reach(actor: Actor, action: str, tenant_id: str) -> Reach | None:
    """Return how far a person's right to `action` reaches in a project, for lists."""
    granted = GRANTS.get(action, {})
    held = [granted[group] for group in actor.groups(tenant_id) if group in granted]
    return max(held, default=None)


def is_own(actor: Actor, thing: Any) -> bool:
    """Say whether a task is the person's or a case one that they take part in.

    A whole project is nobody's own; None asks only whether the right exists anywhere.
    """
    if isinstance(thing, Instance):
        return thing.started_by == actor.key or _takes_part(actor, thing)
    if hasattr(thing, "assignee"):
        return _is_my_task(actor, thing)
    return thing is None


def _sees_group(actor: Actor, group: str) -> bool:
    """Say whether lists show a group's tasks to this person: all, or those of their own groups."""
    held = frozenset(group for group, _ in actor.memberships)
    if "eng_worker" in held and group in MONEY:
        return False
    granted = GRANTS["task.read"]
    return group in held or any(granted.get(one) == Reach.ALL for one in held)


def _groups(actor: Actor, action: str, thing: Any) -> frozenset[str]:
    """Return the groups that count for the thing's project; (process id, project) has one too."""
    if isinstance(thing, tuple):
        thing = thing[-1]
    tenant_id = thing if isinstance(thing, str) else getattr(thing, "tenant_id", None)
    if tenant_id is None or (tenant_id == COMPANY and action in _EVERYWHERE):
        return frozenset(group for group, _ in actor.memberships)
    return actor.groups(tenant_id)


def _denied(actor: Actor, groups: frozenset[str], action: str, thing: Any) -> bool:
    """Say whether a rule forbids what a role would grant."""
    if "eng_worker" in groups and _is_money(thing):
        return True
    candidates = getattr(thing, "candidates", None) or {}
    return action == "task.work" and actor.key in candidates.get("excluded", ())


def _is_money(thing: Any) -> bool:
    group, element = getattr(thing, "group", None), getattr(thing, "element", None)
    return group in MONEY or element in MONEY_ELEMENTS


def _is_long_over(thing: Any) -> bool:
    """Say whether a case ended so long ago that who worked on it needs no names any more."""
    ended_at = getattr(thing, "ended_at", None)
    return ended_at is not None and clock.now() - ended_at > FORGETTING


def _is_my_task(actor: Actor, task: Any) -> bool:
    """Say whether a task is assigned to the person, was done by them, or waits for their group."""
    if actor.key in (task.assignee, getattr(task, "closed_by", None)):
        return True
    if task.assignee is not None:
        return False
    candidates = getattr(task, "candidates", None) or {}
    offered = {task.group, *candidates.get("groups", ())}
    return bool(offered & actor.groups(task.tenant_id)) or actor.key in candidates.get("users", ())


def _takes_part(actor: Actor, instance: Instance) -> bool:
    """Say whether the person has or had a task in the case, or could take one now."""
    session = object_session(instance)
    if session is None:
        return False
    mine = or_(Task.assignee == actor.key, Task.closed_by == actor.key)
    offered = and_(
        Task.state == TaskState.OPEN,
        Task.assignee.is_(None),
        Task.group.in_(actor.groups(instance.tenant_id)),
    )
    here = Task.root_key == instance.root_key
    return bool(session.scalar(select(exists().where(here, or_(mine, offered)))))
