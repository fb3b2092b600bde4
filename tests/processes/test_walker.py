"""The walker tells a designer where a diagram and a scenario part, in words."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest

import processes
from engine.testing import Walked
from tests.processes.conftest import ROOT

Walk = Callable[[Mapping[str, Any]], Walked]
RECORD = {
    "channel": "phone", "form": "oral", "received_at": "@now-PT5M", "place": "东门",
    "complainant_kind": "owner", "complainant_name": "周明", "phone": "13800000001",
    "room_id": "@room", "against_dept": "eng", "content": "东门的闸机坏了三天没有人修。",
    "demand": "修好。", "five_clear": ["who", "when", "where", "what", "want"],
    "read_back": True, "receiver": "@cs_assistant",
}  # fmt: skip


def scenario(*steps: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "title": "试走", "process": "complaint", "tenant": "yj", "by": "cs_assistant",
        "at": "2026-11-23T10:20+08:00", "samples": {"T1_record": RECORD}, "steps": list(steps),
    }  # fmt: skip


RECORDED = {"do": "T1_record", "by": "cs_assistant"}


@pytest.mark.parametrize(
    ("step", "told"),
    [
        ({**RECORDED, "expect": {"open": ["T3_investigate"]}}, "第 1 步（T1_record）：待办应为"),
        ({**RECORDED, "expect": {"due": {"T2_judge": "2026-11-23T18:00+08:00"}}}, "到期时刻应为"),
        ({**RECORDED, "expect": {"group": {"T2_judge": "leader"}}}, "办理组应为 'leader'"),
        ({**RECORDED, "expect": {"variables": {"priority": "P0"}}}, "变量 priority应为 'P0'"),
        ({**RECORDED, "expect": {"end": "E_closed"}}, "结束应为 'E_closed'"),
        ({**RECORDED, "expect": {"late": ["T2_judge"]}}, "已超时应为"),
        ({**RECORDED, "expect": {"supervised": ["cs_manager"]}}, "督办应为"),
        ({**RECORDED, "expect": {"mood": "good"}}, "不认识的期望 mood"),
        ({"do": "T8_file", "by": "cs_assistant"}, "T8_file 没有待办"),
        ({**RECORDED, "refused": "forbidden"}, "应被拒绝（forbidden），却办成了"),
        ({**RECORDED, "by": "cashier"}, "not-found"),
        ({**RECORDED, "values": {"demand": ""}}, "invalid-variables"),
        ({**RECORDED, "values": {"demand": ""}, "refused": "invalid-variables", "fields": ["x"]},
         "出错的字段应为 ['x']"),
    ],
)  # fmt: skip
def test_the_first_difference_is_told_with_its_step(
    walked: Walk, step: Mapping[str, Any], told: str
) -> None:
    result = walked(scenario(step))

    assert result.difference is not None
    assert told in result.difference


def test_a_refusal_that_is_expected_changes_nothing(walked: Walk) -> None:
    refused = {**RECORDED, "values": {"read_back": False}, "refused": "invalid-variables",
               "expect": {"open": ["T1_record"]}}  # fmt: skip

    result = walked(scenario(refused, {**RECORDED, "expect": {"open": ["T2_judge"]}}))

    assert result.difference is None
    assert result.completed == [("complaint", "T1_record")]
    assert result.end is None


def test_a_second_person_of_a_role_is_somebody_else(walked: Walk) -> None:
    unreasonable = {
        "category": "service", "sub_item": "noise", "validity": "unreasonable",
        "validity_reason": "没有依据。", "responsibility": "own_dept", "in_authority": "inside",
    }  # fmt: skip
    confirm = {"confirmed": "confirm", "opinion": "查过，属实。"}

    result = walked(
        scenario(
            RECORDED,
            {"do": "T2_judge", "by": "cs_manager", "values": unreasonable},
            {"do": "T2c_confirm", "by": "cs_manager", "values": confirm, "refused": "forbidden"},
            {"do": "T2c_confirm", "by": "cs_manager 2", "values": confirm},
        )
    )

    assert result.difference is None


def test_every_scenario_folder_has_samples() -> None:
    found = {path.parent.parent.name for path in ROOT.glob("*/scenarios/_samples.yaml")}
    assert found == set(processes.KEYS)
