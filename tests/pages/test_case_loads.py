"""A case that starts many others shows how far it has got, and asks again only while it works."""

from engine import loads
from engine.models import LoadLine, LoadState


def listed(house, case: int, count: int) -> int:
    """Put a list of cases to start in, as a step of the case would."""
    with house.database.begin() as session:
        load = loads.prepare(
            session, instance_key=case, element="S_open", tenant_id="yj", process_id="move_in",
            lines=[loads.Line(thing=f"r{n}", variables={}) for n in range(count)],
        )  # fmt: skip
        return load.key


def mark(house, key: int, numbers: range, state: LoadState, error: str | None = None) -> None:
    with house.database.begin() as session:
        for number in numbers:
            line = session.get_one(LoadLine, (key, number))
            line.state, line.error = state, error


def test_a_case_shows_how_far_its_list_is(house, signed_in):
    case = house.case(at="2026-11-23T10:20+08:00")
    reader = signed_in("yj-project_manager")
    before = reader.get(f"/cases/{case}").text
    key = listed(house, case, 120)
    mark(house, key, range(70), LoadState.STARTED)
    mark(house, key, range(70, 72), LoadState.KNOWN)
    mark(house, key, range(72, 73), LoadState.FAILED, "没有这个房号")
    page = reader.get(f"/cases/{case}").text
    working = reader.get(f"/cases/{case}/loads").text
    mark(house, key, range(72, 120), LoadState.STARTED)
    with house.database.begin() as session:
        loads.go_on(session, loads.running(session, case, "S_open"))
    ended = reader.get(f"/cases/{case}/loads").text

    assert "批量立案" not in before
    assert "72 / 120" in page
    assert '<li class="row-item">' in page
    assert '<span class="small is-late">第 73 行没有开成：没有这个房号' in page
    assert f'hx-get="/cases/{case}/loads"' in working
    assert "已完成 1 / 3 批" in working
    assert "2 件原来就在办" in working
    assert "第 73 行没有开成：没有这个房号" in working
    assert "120 / 120" in ended
    assert "已全部立案" in ended
    assert "hx-get" not in ended


def test_who_may_not_see_a_case_does_not_see_its_list(house, signed_in):
    case = house.case(at="2026-11-23T10:20+08:00")
    listed(house, case, 3)

    assert signed_in("ch-cs_assistant").get(f"/cases/{case}/loads").status_code == 404
