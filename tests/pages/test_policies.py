"""Rules of time come and go in the browser: a new one, one taken out of force, what is refused."""

import re

import pytest

from engine import editions
from processes import policies
from tests.pages.conftest import Client, token

NEW = {"code": "r-night", "name": "夜间答复", "of": "done", "process": "complaint",
       "element": "T6_reply", "amount": "PT6H", "clock": "calendar", "ladder": "L-STD",
       "reason": "夜班要求"}  # fmt: skip


@pytest.fixture(autouse=True)
def rules(house):
    with house.time(), house.database.begin() as session:
        policies.seed(session)


def send(client, path: str, **form: str):
    return client.post(path, data={**form, "csrf_token": token(client)})


def now(house) -> dict:
    with house.database.read() as session:
        return editions.rows(session, editions.newest(session))


def test_a_new_rule_is_previewed_put_in_force_and_taken_out_again(house, signed_in: Client):
    quality = signed_in("quality")
    assert "/policies/limit/new" in quality.get("/policies").text
    assert 'name="code"' in quality.get("/policies/limit/new").text

    shown = send(quality, "/policies/limit/new/preview", **NEW).text
    assert "夜间答复（R-NIGHT）" in shown
    assert ("limit", "R-NIGHT") not in now(house)
    assert send(quality, "/policies/limit/new", **NEW).status_code == 303
    assert now(house)["limit", "R-NIGHT"]["amount"] == "PT6H"

    one = "/policies/limit/R-NIGHT"
    gone = send(quality, f"{one}/preview", retire="1", reason="不再夜班").text
    assert re.search(r"时限</td><td[^>]*>PT6H</td><td><b>—", gone)
    assert send(quality, one, retire="1", reason="不再夜班").status_code == 303
    assert ("limit", "R-NIGHT") not in now(house)
    log = quality.get("/policies/log").text
    assert "停用" in log
    assert "不再夜班" in log


@pytest.mark.parametrize(
    ("kind", "given", "said"),
    [
        ("limit", {"code": "夜"}, "编号有误"),
        ("limit", {"code": "claim_std"}, "已经有规则"),
        ("limit", {"amount": "6小时"}, "R-NIGHT"),
        ("limit", {"name": ""}, "请写明规则的名称"),
        ("ladder", {"rungs": "150 不存在的人"}, "150 项目经理"),
    ],
)
def test_a_new_rule_that_cannot_be_is_refused_and_kept_on_the_form(
    house, signed_in: Client, kind, given, said
):
    quality, before = signed_in("quality"), now(house)

    answer = send(quality, f"/policies/{kind}/new/preview", **NEW | given)

    assert answer.status_code == 422
    assert said in answer.text
    assert f'value="{given.get("name", "夜间答复")}"' in answer.text
    assert now(house) == before


def test_a_ladder_in_use_and_a_fixed_rule_stay(house, signed_in: Client):
    quality = signed_in("quality")
    locked = next(code for (kind, code), row in now(house).items()
                  if kind == "limit" and row.get("locked"))  # fmt: skip
    ladder = {"code": "L-NIGHT", "name": "夜间", "warn": "50", "rungs": "100 客户经理",
              "reason": "夜班"}  # fmt: skip
    assert send(quality, "/policies/ladder/new", **ladder).status_code == 303
    named = send(quality, "/policies/limit/new",
                 **NEW | {"code": "R-NAMED", "ladder": "L-NIGHT"})  # fmt: skip
    assert named.status_code == 303

    for path in ("/policies/ladder/L-NIGHT", f"/policies/limit/{locked}"):
        refused = send(quality, path, retire="1", reason="清理")
        assert refused.status_code == 422, path
    assert 'value="retire"' not in quality.get(f"/policies/limit/{locked}").text


def test_who_may_not_keep_rules_makes_none(signed_in: Client):
    manager = signed_in("yj-cs_manager")

    assert "/policies/limit/new" not in manager.get("/policies").text
    assert manager.get("/policies/limit/new").status_code == 403
    assert send(manager, "/policies/limit/new", **NEW).status_code == 403
