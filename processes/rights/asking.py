"""`can(actor, action, thing)`: default deny, deny beats grant; rights hold in the thing's project.

A role held company-wide holds in every project. "Own" is what is assigned or offered to the person,
or what they took part in.
"""

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any

from engine import clock, disclosures, owner_access, segregation
from engine.ports import COMPANY, OWNER, Actor
from processes.rights import bars, things
from processes.rights.fields import BASICS, KEPT_BACK, PHONES, WHO
from processes.rights.grants import GRANTS, TECHNICAL
from processes.rights.table import BY_CELL, CELLS, Object, Reach, reading

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
    if actor.kind == OWNER.kind:
        return owner_access.can(actor, action, thing)
    if action == "group.see":
        return _sees_group(actor, thing)
    return _may(actor, action, thing)


def hidden(actor: Actor, case: Any, data: Mapping[str, Any]) -> frozenset[str]:
    """Return the fields of a form that stay hidden from a reader who may read the case.

    An anonymous person's handlers do not see who it is, nor does a department of whose people
    somebody complains; a callback is not read out to those it is about (requirements §4.2).
    """
    found: set[str] = set()
    if is_system(actor):
        return frozenset()
    if data.get("anonymous") and not can(actor, "anonymous.read", case):
        found |= WHO
    tenant_id = things.tenant_of(case) or ""
    if bars.is_of_somebody(data) and bars.is_accused_department(
        actor, tenant_id, data.get("against_dept")
    ):
        found |= WHO
    groups = actor.groups(tenant_id)
    found |= KEPT_BACK[_callback_cell(groups)] if "staff_manner" in data else frozenset()
    basics = BASICS & data.keys()
    return frozenset(found | (_basics_hidden(actor, groups, case) & basics if basics else set()))


def is_system(actor: Actor) -> bool:
    """Say whether the engine itself acts: timers, jobs, the first deployment."""
    return actor.kind == "system"


def reach(actor: Actor, action: str, tenant_id: str) -> Reach | None:
    """Return how far a person's right to `action` reaches in a project at best."""
    return _best(GRANTS.get(action, {}).get(group) for group in actor.groups(tenant_id))


def _may(actor: Actor, action: str, thing: Any) -> bool:
    """Ask the table, after the rules that no role overrides."""
    if action not in TECHNICAL and bars.is_closed(actor, thing, action):
        return False
    groups = _groups(actor, action, thing)
    if action == "step.see":  # that a step of a case was done, without being one's own
        return _reading(groups, thing) is not None
    held = _reach(groups, action, thing)
    if held == Reach.OWN and not _is_still_own(actor, action, thing):
        return False
    return held is not None and not (action == "task.work" and _is_excluded(actor, thing))


def _reach(groups: frozenset[str], action: str, thing: Any) -> Reach | None:
    """Return how far the groups' right reaches; what is asked of a case needs the case, too."""
    asked = BY_CELL.get(action)
    if asked is not None and (isinstance(thing, tuple) or things.is_case(thing)):
        kind = things.kind(thing)
        return _best(asked(kind, group) for group in groups)
    granted = GRANTS.get(action, {})
    held = _best(granted.get(group) for group in groups)
    if held is None or action in TECHNICAL or not things.is_case(thing):
        return held
    read = _reading(groups, thing)
    return None if read is None else min(held, read)


def _reading(groups: frozenset[str], thing: Any) -> Reach | None:
    kind = things.kind(thing)
    return _best(reading(kind, group) for group in groups)


def _best(found: Iterable[Reach | None]) -> Reach | None:
    return max((one for one in found if one is not None), default=None)


def _groups(actor: Actor, action: str, thing: Any) -> frozenset[str]:
    """Return the groups that count for the thing's project; (process id, project) has one too."""
    tenant_id = things.tenant_of(thing)
    if tenant_id is None or (tenant_id == COMPANY and action in _EVERYWHERE):
        return frozenset(group for group, _ in actor.memberships)
    return actor.groups(tenant_id)


def _sees_group(actor: Actor, group: str) -> bool:
    """Say whether lists show a group's tasks to this person: all, or those of their own groups."""
    held = frozenset(group for group, _ in actor.memberships)
    if bars.WORKER in held and group in bars.MONEY:
        return False
    granted = GRANTS["task.read"]
    return group in held or any(granted.get(one) == Reach.ALL for one in held)


def _is_still_own(actor: Actor, action: str, thing: Any) -> bool:
    return things.is_own(actor, thing) and not (action == "personal.read" and _is_long_over(thing))


def _is_excluded(actor: Actor, thing: Any) -> bool:
    return things.is_task(thing) and segregation.is_barred(
        things.session_of(thing), actor.key, thing
    )


def _is_long_over(thing: Any) -> bool:
    """Say whether a case ended so long ago that who worked on it needs no names any more."""
    now = clock.now()
    if things.is_task(thing):  # a case is never over before its tasks are
        closed_at = getattr(thing, "closed_at", None)
        if closed_at is None or now - closed_at <= FORGETTING:
            return False
        thing = things.root_of(thing)
    ended_at = getattr(thing, "ended_at", None)
    return ended_at is not None and now - ended_at > FORGETTING


def _callback_cell(groups: frozenset[str]) -> str:
    """Return how much of a callback these groups read together."""
    cells = [CELLS[Object.CALLBACK].get(group, frozenset()) for group in groups]
    if any(words & {"R", "W", "A"} for words in cells):
        return "R"
    return "team" if "eng_dispatch" in groups else "result"


def _basics_hidden(actor: Actor, groups: frozenset[str], case: Any) -> frozenset[str]:
    """Return the names and telephone numbers that a reader's cells keep back."""
    words = frozenset().union(*(CELLS[Object.CUSTOMER].get(one, frozenset()) for one in groups))
    if "R" in words:
        return frozenset()
    session, root = things.session_of(case), getattr(case, "root_key", None)
    if session is not None and root is not None and disclosures.is_open(session, actor, root):
        return frozenset()
    if words & {"M", "own"} and things.is_own(actor, case):
        return frozenset() if "own" in words or not groups <= {"security"} else PHONES
    return BASICS
