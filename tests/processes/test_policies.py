"""The rules that the product ships can be read, and say where they come from."""

import pytest

import processes
from decisions import feel
from engine import editions, limits, spiff
from engine.ports import SYSTEM
from processes import policies, roles

SHIPPED = policies.shipped()
LIMITS = {code: row for (kind, code), row in SHIPPED.items() if kind == "limit"}


@pytest.fixture
def ruled(database):
    processes.register()
    with database.begin() as session:
        policies.seed(session)
    return database


@pytest.mark.parametrize("code", LIMITS)
def test_a_shipped_limit_can_be_read_and_names_its_source(code):
    policies.register()
    row = LIMITS[code]
    policy = policies.policies.policy(code, row)

    assert limits.check(policy.properties()) == []
    assert feel.compile(policy.condition or "true")
    assert policy.source in {"seed", "public", "guess"}
    assert policy.ladder in {"", *(c for kind, c in SHIPPED if kind == "ladder")}


def test_a_rule_for_a_process_of_ours_names_steps_that_it_has():
    drawn = {}
    for file in policies.ROOT.parent.glob("*/*.bpmn"):
        for process in spiff.outline(file.read_bytes())[0].processes.values():
            drawn[process.id] = set(process.elements)

    wrong = {
        (code, element)
        for code, row in LIMITS.items()
        if (row["process"] in drawn and row["element"] != "*")
        for element in row["element"].split(",")
        if element not in drawn[row["process"]]
    }
    assert wrong == set()


def test_every_rung_draws_in_a_role():
    groups = {r[1] for (kind, _), row in SHIPPED.items() if kind == "ladder" for r in row["rungs"]}

    assert groups <= set(roles.BY_KEY)


@pytest.mark.parametrize("code", ["113_FIRST", "113_HANDLE", "113_CALLBACK", "137_FIRST",
                                  "137_PLAN", "137_SOLVE"])  # fmt: skip
def test_what_the_sources_leave_unexplained_is_marked_a_guess(code):
    assert LIMITS[code]["source"] == "guess"
    assert "请按本公司规定修改" in LIMITS[code]["note"]


def test_emergencies_and_the_callback_after_an_urgent_repair_never_pause(ruled):
    with ruled.read() as session:
        book = editions.current(session)

    urgent = book.resolve({}, "complaint", "T5_plan", {"priority": 95})
    usual = book.resolve({}, "complaint", "T5_plan", {"priority": 50})
    callback = book.resolve(
        {}, "callback", "C1_callback", {"kind": "repair", "due_standard": "PT24H", "priority": 50}
    )
    assert (urgent.pausable, usual.pausable, callback.pausable) == (False, True, False)
    assert callback.clocks["done"][0]["timeStandard"] == "PT24H"


def test_a_service_level_changes_its_rules_at_once(ruled):
    with ruled.begin() as session:
        there = editions.rows(session, editions.newest(session))
        editions.change(session, SYSTEM, policies.level(there, "2"), reason="改为二级")
        book = editions.current(session)

    assert book.policies["RP_ARRIVE_URG"].amount == "PT60M"
    assert book.principles["LEVEL"].value == "二级"
    assert set(policies.level(editions_of(ruled), "2")) == set()


def editions_of(database):
    with database.read() as session:
        return editions.rows(session, editions.newest(session))
