"""The decision tables, rule by rule: what the cases they were written for come to."""

from decimal import Decimal
from typing import Any

import pytest

from decisions import dmn
from processes.archive import traits
from tests.processes.conftest import ROOT

traits.register()  # tables ask the archive; outside of a case it tells nothing

PLAIN = {
    "danger": False, "category": None, "sub_item": None, "channel": "phone", "group_count": 1,
    "vulnerable": False, "repeat_of": None, "priority_override": None, "room_id": None,
}  # fmt: skip


def decided(table: str, decision: str, **values: Any) -> Any:
    return dmn.parse((ROOT / table).read_bytes()).evaluate(decision, values).value


@pytest.mark.parametrize(
    ("values", "priority", "level"),
    [
        ({}, "P3", "assistant"),
        ({"danger": True}, "P0", "project"),
        ({"danger": None}, "P3", "assistant"),
        ({"sub_item": "trapped", "category": "emergency"}, "P0", "project"),
        ({"category": "emergency", "sub_item": "theft"}, "P1", "manager"),
        ({"channel": "leader_instruction"}, "P1", "project"),
        ({"channel": "company_forwarded"}, "P1", "manager"),
        ({"channel": "gov_hotline"}, "P1", "manager"),
        ({"group_count": 5}, "P1", "project"),
        ({"group_count": 4}, "P2", "assistant"),
        ({"group_count": None}, "P3", "assistant"),
        ({"repeat_of": "TS-YJ-20261101-003"}, "P2", "manager"),
        ({"vulnerable": True}, "P2", "manager"),
        ({"category": "facility", "sub_item": "lift"}, "P2", "assistant"),
        ({"category": "facility", "sub_item": "access"}, "P3", "assistant"),
        ({"danger": True, "priority_override": "P2"}, "P2", "manager"),
        ({"priority_override": "P4"}, "P4", "assistant"),
    ],
)
def test_priority_follows_the_first_rule_that_fits(
    values: dict[str, Any], priority: str, level: str
) -> None:
    found = decided("complaint/complaint_priority.dmn", "complaint_priority", **PLAIN | values)

    assert (found["priority"], found["level"]) == (priority, level)
    assert found["basis"]


def test_a_more_urgent_case_stands_before_a_less_urgent_one() -> None:
    weights = [
        decided("complaint/complaint_priority.dmn", "complaint_priority",
                **PLAIN | {"priority_override": priority})["weight"]
        for priority in ("P0", "P1", "P2", "P3", "P4")
    ]  # fmt: skip

    assert weights == sorted(weights, reverse=True)
    assert len(set(weights)) == 5


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"level": "assistant", "in_authority": "inside"}, ("cs_assistant", "113", "P1D")),
        ({"level": "assistant", "in_authority": "outside"}, ("cs_assistant", "137", "P3D")),
        ({"level": "manager", "in_authority": "inside"}, ("cs_manager", "113", "PT8H")),
        ({"level": "project", "in_authority": "inside"}, ("project_manager", "113", "PT4H")),
        ({"level": "assistant", "in_authority": "inside", "reopen_count": 1},
         ("cs_manager", "113", "PT8H")),
        ({}, ("cs_manager", "113", "P1D")),
    ],
)  # fmt: skip
def test_allocation_proposes_who_and_how_long(
    values: dict[str, Any], expected: tuple[str, str, str]
) -> None:
    blank = {"reopen_count": None, "level": None, "in_authority": None}
    found = decided("complaint/complaint_allocation.dmn", "complaint_allocation", **blank | values)

    assert (found["handler"], found["policy"], found["investigate_standard"]) == expected


@pytest.mark.parametrize(
    ("values", "approver"),
    [
        ({}, "none"),
        ({"cost": Decimal(2000)}, "none"),
        ({"cost": Decimal("2000.01")}, "project_manager"),
        ({"cost": Decimal("20000.01")}, "company"),
        ({"compensation": Decimal("0.01")}, "project_manager"),
        ({"compensation": Decimal(2000)}, "project_manager"),
        ({"compensation": Decimal("2000.01")}, "company"),
        ({"plan_kind": ["refund"]}, "project_manager"),
        ({"plan_kind": ["third"]}, "project_manager"),
        ({"in_authority": "outside"}, "project_manager"),
    ],
)
def test_a_plan_beyond_authority_needs_approval(values: dict[str, Any], approver: str) -> None:
    blank = {
        "cost": None, "compensation": None, "plan_kind": ["explain"], "in_authority": "inside",
    }  # fmt: skip

    found = decided("complaint/complaint_authority.dmn", "complaint_authority", **blank | values)

    assert found == approver


@pytest.mark.parametrize(
    ("priority", "standard"), [("P0", "PT24H"), ("P1", "PT24H"), ("P2", "P3D"), (None, "P3D")]
)
def test_urgent_callbacks_are_due_in_24_hours(priority: str | None, standard: str) -> None:
    found = decided("callback/callback.dmn", "callback_due", kind="complaint", priority=priority)

    assert found == standard


@pytest.mark.parametrize(
    ("reached", "solved", "satisfaction", "outcome"),
    [
        ("reached", "solved", "5", "satisfied"),
        ("reached", "solved", "3", "acceptable"),
        ("reached", "partly", "5", "acceptable"),
        ("reached", "solved", "2", "unsatisfied"),
        ("reached", "not", "5", "unsatisfied"),
        ("refused", None, None, "unreached"),
        ("not_reached", None, None, "unreached"),
    ],
)
def test_the_outcome_of_a_callback(
    reached: str, solved: str | None, satisfaction: str | None, outcome: str
) -> None:
    found = decided(
        "callback/callback.dmn", "callback_outcome",
        reached=reached, solved=solved, satisfaction=satisfaction,
    )  # fmt: skip

    assert found == outcome
