"""Role × endpoint × own, foreign, of another project: every cell of the matrix §4.2, asked for real.

What has to come out stands in tests/api/matrix.py, in the words of the domain.
"""

from functools import partial
from types import SimpleNamespace

import pytest
from sqlalchemy import select

from api import tokens
from engine import clock, identity, ids, instances
from engine.models import Definition, Task
from engine.models.base import Base
from engine.ports import SYSTEM
from processes import KEYS, policies, roles
from tests.api import matrix
from tests.api.test_access import _NOTHING_THERE, ASKS, Rehearsal, call, rules
from tests.browser.house import PASSWORD, House

#: what the module makes is made once, by one worker
pytestmark = pytest.mark.xdist_group("matrix")

ROLES = [role.key for role in roles.ROLES if role.held]
#: what each process has to be given to begin
_GIVEN = {
    "callback": {"level": "manager", "call_due": "PT24H"},
    "daily_cash": {"day": "2026-11-23"},
    "payment_at_desk": {"amount_due": 100},
    "complaint_review": {"period": "2026-11", "kind": "month"},
}


@pytest.fixture(scope="module")
def stage(tmp_path_factory):
    """A house with a case of each process for each role, and one that is a stranger's."""
    house = House(tmp_path_factory.mktemp("matrix"), Rehearsal)
    tokens.forget()
    with house._at_work:  # its clockwork rests: what it does would never be done
        yield house, *_furnished(house)
        house.database.on_stage = False
    house.close()


def _furnished(house):
    people, cases = {}, {}
    with house.time(), house.database.begin() as session:
        policies.seed(session)
        stranger = _person(session, "stranger", "integration", "yj")
        for role in ROLES:
            people[role, "yj"] = _person(session, f"{role}.yj", role, "yj")
            people[role, "ch"] = _person(session, f"{role}.ch", role, "ch")
    for process_id in KEYS:
        with house.time(), house.database.begin() as session:
            cases[process_id, None] = _case(session, process_id, stranger)
            for role in ROLES:
                cases[process_id, role] = _case(session, process_id, people[role, "yj"])
    with house.database.read() as session:
        session.expunge_all()
        definition = session.scalars(select(Definition.key).filter_by(process_id="complaint")).one()
        form = next(one.form for one in cases.values() if one.form)
    values = {"definition": definition, "form": form, "person": people["cs_assistant", "yj"]}
    house.database.on_stage = True
    return cases, values


def _person(session, username, role, tenant):
    user = identity.create_user(session, username=username, name=username, password=PASSWORD)
    identity.add_membership(session, user.key, role, tenant)
    return user.key


def _case(session, process_id, person):
    """Begin a case; its first step is this person's, and so was one before it."""
    case = instances.start(
        session, SYSTEM, process_id, tenant_id="yj", variables=_GIVEN.get(process_id, {})
    )
    session.flush()
    task = session.scalars(select(Task).filter_by(root_key=case.key).order_by(Task.key)).first()
    if task is None:  # it begins with a job
        task = Task(key=ids.new(), tenant_id="yj", instance_key=case.key, root_key=case.key,
                    definition_key=case.definition_key, element="first", name="第一步",
                    opened_at=clock.now())  # fmt: skip
        session.add(task)
        session.flush()
    task.assignee, task.claimed_at = person, clock.now()
    columns = {c.name: getattr(task, a.key) for a in Task.__mapper__.column_attrs
               for c in a.columns}  # fmt: skip
    done = Base.metadata.tables["task"].insert().values(
        {**columns, "key": ids.new(), "state": "completed", "token": None, "closed_by": person,
         "closed_at": clock.now(), "due_at": None, "warn_at": None, "limits": None})  # fmt: skip
    session.flush()
    session.execute(done)
    last = session.scalars(select(Task).filter_by(root_key=case.key).order_by(Task.key.desc()))
    return SimpleNamespace(key=case.key, task=task.key, done=last.first().key, form=task.form_key,
                           business_key=case.business_key)  # fmt: skip


def _things(case):
    return {name: SimpleNamespace(key=key, business_key=case.business_key)
            for name, key in (("task", case.task), ("done", case.done), ("case", case.key))}  # fmt: skip


def _as_expected(status, expected):
    """Say whether an answer is open, forbidden (403) or as if it was not there (404)."""
    if expected == "open":
        return status not in (401, 403, 404) and status < 500
    return status == {"forbidden": 403, "unseen": 404}[expected]


def _keys(ask, what, name):
    """Return the keys of everything that a search of the API finds."""
    found, offset = set(), 0
    while True:
        page = {"page": {"from": offset, "limit": 100}}
        items = ask(f"/v2/{what}/search", method="POST", json=page).json["items"]
        found |= {int(one[name]) for one in items}
        offset += len(items)
        if not items:
            return found


def _ask(stage, role, endpoints, processes):
    house, cases, values = stage
    found = []
    for rule in rules(house):
        if rule.endpoint not in endpoints:
            continue
        verb, _ = endpoints[rule.endpoint]
        for process_id in processes:
            for whose, case, username in (
                ("own", cases[process_id, role], f"{role}.yj"),
                ("foreign", cases[process_id, None], f"{role}.yj"),
                ("elsewhere", cases[process_id, None], f"{role}.ch"),
            ):
                here = whose != "elsewhere"
                read = here and matrix.reads(role, process_id, own=whose == "own")
                allowed = here and matrix.may(role, verb, process_id, own=whose == "own")
                status = call(house, rule, _things(case), values, username).status_code
                expected = "open" if allowed else "forbidden" if read else "unseen"
                if not _as_expected(status, expected):
                    found.append(f"{rule.endpoint} {process_id} {whose} {expected}: {status}")
    return found


def test_every_endpoint_about_a_case_has_its_verb() -> None:
    about = {name for name, asks in ASKS.items()
             if isinstance(asks, tuple) and asks[1] in {"task", "done", "case"}}  # fmt: skip

    assert about - set(matrix.ENDPOINTS) - _NOTHING_THERE == set()


@pytest.mark.parametrize("role", ROLES)
def test_endpoints_answer_as_the_matrix_says(role, stage):
    assert _ask(stage, role, matrix.ENDPOINTS, ["complaint"]) == []


@pytest.mark.parametrize("role", ROLES)
def test_lists_and_counts_hold_what_the_matrix_shows(role, stage):
    house, cases, _ = stage
    client = house.app.test_client(use_cookies=False)
    ask = partial(client.open, auth=(f"{role}.yj", PASSWORD))
    seen = {
        (process_id, whose): case for (process_id, whose), case in cases.items()
        if matrix.reads(role, process_id, own=whose == role)
        and not (role == "eng_worker" and matrix.ROWS[process_id] in {"payment", "cash"})
    }  # fmt: skip

    tasks = _keys(ask, "user-tasks", "userTaskKey")
    found = _keys(ask, "process-instances", "processInstanceKey")
    mine = ask("/live").json["counts"]["mine"]

    assert tasks == {key for one in seen.values() for key in (one.task, one.done)}
    assert found == {one.key for one in seen.values()}
    assert mine == sum(whose == role for _, whose in seen)


@pytest.mark.parametrize("role", ROLES)
def test_each_kind_of_case_is_closed_as_the_matrix_says(role, stage):
    few = {name: matrix.ENDPOINTS[name] for name in (
        "v2-user-tasks.get", "v2-process-instances.get", "v1-tasks.complete")}  # fmt: skip

    assert _ask(stage, role, few, KEYS) == []
