"""Supervisors see what is late in their projects and why, and act on several at once."""

import csv
import io
from datetime import datetime
from zoneinfo import ZoneInfo

import openpyxl
import pytest
from sqlalchemy import select, update

from engine import delays, history, identity, inbox, monitoring, spreadsheets
from engine.errors import ForbiddenError, InvalidInputError
from engine.models import Event, Instance, Notice, Task
from engine.monitoring import Filter
from engine.ports import ports
from processes import rights
from tests.engine import cases_in_rows as rows

HOURS = {"timeStandard": "PT2H", "clock": "working"}


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo("Asia/Shanghai"))


@pytest.fixture
def people(database, hands, monkeypatch) -> dict[str, int]:
    monkeypatch.setattr(ports, "can", rights.can)
    with database.begin() as session:
        return rows.company(session, monkeypatch)


def actor(session, people, name):
    return identity.actor(session, people[name])


def listed(database, people, name, chosen=None) -> list[str]:
    with database.read() as session:
        page = monitoring.overdue(session, actor(session, people, name), chosen)
        return [line.number for line in page.lines]


# -- the list --------------------------------------------------------------------------------


@pytest.fixture
def late(database, people, hands) -> dict[str, int]:
    """Four late tasks and one in time, over two projects, opened at 10:20 on Monday."""
    keys = {}
    with database.begin() as session:
        for number, tenant, properties, more in [
            ("TS-1", "yj", {"timeStandard": "PT2H"}, {"assignee": people["an"]}),
            ("TS-2", "yj", HOURS, {"group": "cs_manager", "name": "判定性质", "element": "T2"}),
            ("TS-3", "lh", {"timeStandard": "PT1H"}, {}),
            ("TS-4", "yj", {"timeStandard": "PT90M"}, {"assignee": people["bo"]}),
            ("TS-5", "yj", {"timeStandard": "P9D"}, {}),
        ]:
            case = rows.case(session, tenant, number)
            keys[number] = rows.step(session, case, properties, **more).key
    hands.moment = local("2026-11-24 09:50")
    return keys


def test_the_longest_late_come_first_in_the_projects_one_supervises(database, people, late):
    assert listed(database, people, "qi") == ["TS-3", "TS-4", "TS-1", "TS-2"]
    assert listed(database, people, "ma") == ["TS-4", "TS-1", "TS-2"]


def test_who_supervises_nothing_has_no_list(database, people, late):
    with pytest.raises(ForbiddenError):
        listed(database, people, "an")


@pytest.mark.parametrize(
    ("chosen", "numbers"),
    [
        (Filter(tenant_id="lh"), ["TS-3"]),
        (Filter(group="cs_manager"), ["TS-2"]),
        (Filter(element="T2"), ["TS-2"]),
        (Filter(assignee=0), ["TS-3", "TS-2"]),
        (Filter(process_id="repair"), []),
        (Filter(text="判定"), ["TS-2"]),
        (Filter(text="502 bo"), ["TS-4"]),
        (Filter(tenant_id="nowhere"), []),
        (Filter(state="soon"), []),
    ],
    ids=lambda value: str(value) if isinstance(value, list) else None,
)
def test_the_list_narrows(database, people, late, chosen, numbers):
    assert listed(database, people, "qi", chosen) == numbers


def test_what_will_soon_be_late_is_a_list_of_its_own(database, people, late, hands):
    hands.moment = local("2026-12-01 09:00")

    assert listed(database, people, "qi", Filter(state="soon")) == ["TS-5"]


def test_an_unknown_list_and_a_broken_mark_are_refused(database, people, late):
    with pytest.raises(InvalidInputError):
        listed(database, people, "qi", Filter(state="done"))
    with database.read() as session, pytest.raises(InvalidInputError):
        monitoring.overdue(session, actor(session, people, "qi"), after="x-1")


def test_lateness_counts_in_the_limits_own_clock(database, people, late):
    with database.read() as session:
        page = monitoring.overdue(session, actor(session, people, "qi"))

    told = {line.number: (line.late_minutes, line.working, line.day_minutes) for line in page.lines}
    # TS-1 was due at 12:20, TS-2 after two working hours too: 340 minutes on Monday, 80 on Tuesday
    assert told["TS-1"] == (21 * 60 + 30, False, 1440)
    assert told["TS-2"] == (340 + 80, True, 570)


def test_pages_follow_each_other_without_gap_or_double(database, people, late):
    with database.read() as session:
        who = actor(session, people, "qi")
        first = monitoring.overdue(session, who, limit=3)
        second = monitoring.overdue(session, who, limit=3, after=first.after)
        assert monitoring.count(session, who) == 4

    assert [line.number for line in first.lines] == ["TS-3", "TS-4", "TS-1"]
    assert [line.number for line in second.lines] == ["TS-2"]
    assert second.after is None


def test_the_export_holds_exactly_what_the_list_shows(database, people, late, monkeypatch):
    monkeypatch.setattr(monitoring, "MOST", 3)
    with database.begin() as session:
        session.execute(update(Task).where(Task.key == late["TS-4"]).values(name="=1+1"))
    with database.read() as session:
        lines = list(monitoring.everything(session, actor(session, people, "qi")))
        table = list(monitoring.table(lines))

    sheet = openpyxl.load_workbook(io.BytesIO(spreadsheets.write(table, "xlsx"))).active
    text = spreadsheets.write(table, "csv").decode("utf-8-sig")
    read = list(csv.reader(io.StringIO(text)))
    assert [[cell or "" for cell in row] for row in sheet.iter_rows(values_only=True)] == [
        [("'" + cell if cell == "=1+1" else cell) or "" for cell in row] for row in table
    ]
    assert [row[1] for row in read] == ["编号", "TS-3", "TS-4", "TS-1", "TS-2"]
    assert read[2][2] == "'=1+1"
    assert read[4] == ["云景花园", "TS-2", "判定性质", "3 栋 502 漏水", "", "2026-11-23 12:20", "420",
                       "工作时间", "至今无人签收", "", "0", "50"]  # fmt: skip


# -- reasons ---------------------------------------------------------------------------------


def why(database, key: int) -> tuple[str, str]:
    with database.read() as session:
        reason = delays.reasons(session, [session.get(Task, key)])[key]
    return reason.code, str(reason)


def change(database, key: int, **values) -> None:
    with database.begin() as session:
        session.execute(update(Task).where(Task.key == key).values(**values))


def note(database, key: int, kind: Event, **data) -> None:
    with database.begin() as session:
        task = session.get(Task, key)
        history.add(session, task.instance_key, kind, 0, task_key=key, data=data)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"assignee": None}, ("unclaimed", "至今无人签收")),
        ({"claimed_at": local("2026-11-23 13:00")}, ("claimed-late", "11-23 13:00 才签收")),
        ({"claimed_at": local("2026-11-24 09:00")}, ("claimed-late", "09:00 才签收")),
        ({"claimed_at": local("2026-11-23 11:00")}, ("unread", "已签收，没有打开")),
        ({"claimed_at": local("2026-11-23 11:00"), "read_at": local("2026-11-23 16:00")},
         ("read-late", "11-23 16:00 才打开")),
        ({"claimed_at": local("2026-11-23 11:00"), "read_at": local("2026-11-23 11:01")},
         ("at-work", "已打开，没有按时办完")),
        ({"limits": {"standard": "PT2H", "clock": "calendar", "start": 0, "paused_for": "待配件"}},
         ("paused", "已暂停：待配件")),
        ({"opened_at": local("2026-11-23 15:00")}, ("opened-late", "转来时已过时限")),
    ],
    ids=["nobody claimed", "claimed too late", "claimed today", "never opened", "opened too late",
         "at work", "paused", "came too late"],
)  # fmt: skip
def test_the_reason_is_what_happened(database, people, late, values, expected):
    change(database, late["TS-1"], **values)

    assert why(database, late["TS-1"]) == expected


def test_a_task_given_back_and_left_lying_says_so(database, people, late):
    change(database, late["TS-1"], assignee=None, claimed_at=None)
    note(database, late["TS-1"], Event.TASK_CHANGED, assignee=[people["an"], None])

    assert why(database, late["TS-1"]) == ("handed-back", "退回小组后无人签收")


def test_a_task_that_went_from_hand_to_hand_says_how_often(database, people, late):
    for name in ("bo", "an"):
        note(database, late["TS-1"], Event.TASK_OFFERED, assignee=[1, people[name]])
    change(database, late["TS-1"], claimed_at=local("2026-11-24 09:00"))

    assert why(database, late["TS-1"]) == ("many-hands", "转办 2 次")


def test_a_task_handed_over_only_after_its_limit_says_when(database, people, late):
    change(database, late["TS-1"], claimed_at=local("2026-11-24 09:50"))
    note(database, late["TS-1"], Event.TASK_OFFERED, assignee=[1, people["an"]])

    assert why(database, late["TS-1"]) == ("handed-late", "超时后于 09:50 转办")


def earlier(database, key: int, **values) -> None:
    """Put a completed step before a late one."""
    with database.begin() as session:
        of = session.get(Task, key)
        done = rows.step(session, session.get(Instance, of.instance_key), name="调查分析原因",
                         element=values.pop("element", "T3_investigate"))  # fmt: skip
        session.flush()
        session.execute(
            update(Task).where(Task.key == done.key).values(state="completed", **values)
        )


def test_the_step_before_is_named_when_it_left_no_time(database, people, late):
    earlier(database, late["TS-1"], closed_at=local("2026-11-23 14:59"))
    change(database, late["TS-1"], opened_at=local("2026-11-23 15:00"))

    assert why(database, late["TS-1"]) == ("previous-late", "“调查分析原因”办完时已过时限")


def test_the_share_that_earlier_steps_took_is_said(database, people, late):
    change(database, late["TS-1"], opened_at=local("2026-11-23 12:02"),
           claimed_at=local("2026-11-23 12:03"), read_at=local("2026-11-23 12:03"))  # fmt: skip

    assert why(database, late["TS-1"]) == ("little-left", "前面的步骤已用去时限的 85%")


def test_a_step_that_is_done_again_says_so(database, people, late):
    earlier(database, late["TS-1"], closed_at=local("2026-11-23 10:20"), element="T6_reply")
    change(database, late["TS-1"], claimed_at=local("2026-11-23 11:00"),
           read_at=local("2026-11-23 11:00"))  # fmt: skip

    assert why(database, late["TS-1"]) == ("again", "第 2 次办理")


# -- several at once -------------------------------------------------------------------------


def test_several_tasks_go_to_one_person_and_each_has_its_result(database, people, late):
    with database.read() as session:
        manager = actor(session, people, "ma")
    given = [late["TS-1"], late["TS-2"], late["TS-3"], late["TS-4"], late["TS-1"], 99]

    results = monitoring.reassign_many(database, manager, given, people["bo"], reason="请假")

    codes = [(result.task_key, result.error and result.error.code) for result in results]
    assert codes == [
        (late["TS-1"], None),
        (late["TS-2"], "invalid-input"),  # not an assistant's work
        (late["TS-3"], "not-found"),  # another project
        (late["TS-4"], None),
        (99, "not-found"),
    ]
    with database.read() as session:
        owners = dict(session.execute(select(Task.key, Task.assignee)).all())
        assert [owners[late[n]] for n in ("TS-1", "TS-2", "TS-3", "TS-4")] == [
            people["bo"], None, None, people["bo"],
        ]  # fmt: skip
        assert rows.told(session, "assigned") == [people["bo"]]
        late_one = [session.get(Task, late["TS-1"])]
        assert delays.said(session, late_one) == {late["TS-1"]: "请假"}


def test_several_tasks_are_urged_at_once(database, people, late):
    with database.read() as session:
        manager = actor(session, people, "ma")

    results = monitoring.urge_many(
        database, manager, [late["TS-1"], late["TS-2"], late["TS-3"]], text="今天办完"
    )

    assert [result.error is None for result in results] == [True, True, False]
    with database.read() as session:
        assert [session.get(Task, late[n]).urged for n in ("TS-1", "TS-2", "TS-3")] == [1, 1, 0]
        query = select(Notice.user_key).where(Notice.kind == "urged").order_by(Notice.key)
        assert session.scalars(query).all() == [people["an"], people["ma"]]


def test_too_many_at_once_are_refused_as_a_whole(database, people, late):
    with database.read() as session:
        manager = actor(session, people, "ma")

    with pytest.raises(InvalidInputError):
        monitoring.urge_many(database, manager, range(monitoring.MOST + 1))


def test_a_task_closed_meanwhile_stops_no_other(database, people, late):
    change(database, late["TS-1"], state="completed", closed_at=local("2026-11-24 09:00"))
    with database.read() as session:
        manager = actor(session, people, "ma")

    results = monitoring.urge_many(database, manager, [late["TS-1"], late["TS-4"]])

    assert [result.error and result.error.code for result in results] == ["task-closed", None]


# -- people and groups that a task is offered to beside its first group -------------------------


@pytest.fixture
def offered(database, people, late) -> dict[str, int]:
    """TS-1 is open to managers as well, TS-4 to 安 by name, TS-2 to everybody but 安."""
    changes = {
        "TS-1": {"assignee": None, "candidates": {"groups": ["cs_manager"]}},
        "TS-4": {"assignee": None, "group": None, "candidates": {"users": [people["an"]]}},
        "TS-2": {"group": "cs_assistant", "candidates": {"users": [people["bo"]],
                                                          "excluded": [people["an"]]}},
    }  # fmt: skip
    with database.begin() as session:
        for number, values in changes.items():
            for name, value in values.items():
                setattr(session.get_one(Task, late[number]), name, value)
    return late


def test_the_filters_know_further_groups_and_people_by_name(database, people, offered):
    manager, an, bo = (
        listed(database, people, "qi", chosen)
        for chosen in (Filter(group="cs_manager"), Filter(assignee=people["an"]),
                       Filter(assignee=people["bo"]))
    )  # fmt: skip

    assert (manager, an, bo) == (["TS-1"], ["TS-4"], ["TS-2"])


def test_the_inbox_offers_by_name_and_not_what_is_barred(database, people, offered):
    with database.read() as session:
        mine, theirs = (
            {row.task.key for row in inbox.search(session, actor(session, people, name),
                                                  view="groups").rows}
            for name in ("an", "bo")
        )  # fmt: skip

    barred, named = offered["TS-2"], offered["TS-4"]
    assert barred not in mine
    assert named in mine
    assert barred in theirs
    assert named not in theirs


def test_a_group_one_may_not_see_is_hidden_as_a_further_group_too(
    database, people, offered, monkeypatch
):
    def blind(actor, action, thing=None):
        return thing != "cs_manager" if action == "group.see" else rights.can(actor, action, thing)

    monkeypatch.setattr(ports, "can", blind)

    assert listed(database, people, "qi") == ["TS-3", "TS-4", "TS-2"]
