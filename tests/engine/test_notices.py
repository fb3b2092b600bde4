"""A notice reaches each person once, and is read by its owner alone."""

from datetime import date

import pytest

from engine import ids, notices
from engine.models import Membership, Notice, Task, User
from engine.ports import SYSTEM
from tests.engine import cases_in_rows as rows


@pytest.fixture
def people(database, hands, monkeypatch) -> dict[str, int]:
    with database.begin() as session:
        return rows.company(session, monkeypatch)


def test_each_person_is_told_once_and_the_engine_never(database, people):
    with database.begin() as session:
        task = rows.step(session, rows.case(session))
        count = notices.notify(session, [people["an"], people["an"], people["ma"], SYSTEM.key],
                               "urged", "“{task}”", {"task": task.name}, task=task)  # fmt: skip

    with database.read() as session:
        (row,) = notices.search(session, people["an"])
        assert count == 2
        assert (row.tenant_id, row.kind, row.text, row.params) == (
            "yj", "urged", "“{task}”", {"task": "答复业主"},
        )  # fmt: skip
        assert (row.task_key, row.instance_key) == (task.key, task.instance_key)
        assert notices.unread_count(session, people["ma"]) == 1


def test_reading_marks_only_ones_own(database, people):
    with database.begin() as session:
        notices.notify(session, [people["an"], people["ma"]], "note", "一")
        notices.notify(session, [people["an"]], "note", "二")
    with database.begin() as session:
        newest, oldest = notices.search(session, people["an"])
        assert notices.mark_read(session, people["ma"], [newest.key]) == 0
        assert notices.mark_read(session, people["an"], [newest.key]) == 1

    with database.read() as session:
        unread = notices.search(session, people["an"], unread=True)
        behind = notices.search(session, people["an"], before=newest.key)
        assert [row.key for row in unread] == [oldest.key]
        assert [row.key for row in behind] == [oldest.key]
    with database.begin() as session:
        assert notices.mark_read(session, people["an"]) == 1
        assert notices.unread_count(session, people["ma"]) == 1


def test_a_word_about_a_task_reaches_its_performer_or_all_candidates(database, people):
    with database.begin() as session:
        case = rows.case(session)
        taken = rows.step(session, case, assignee=people["bo"])
        free = rows.step(session, case, group="cs_assistant")
        free.candidates = {"groups": ["cs_manager"], "users": [people["qi"]],
                           "excluded": [people["bo"]]}  # fmt: skip
        session.flush()

        assert notices.receivers(session, taken) == [people["bo"]]
        assert notices.receivers(session, free) == sorted(
            [people["an"], people["ma"], people["qi"]]
        )


@pytest.mark.parametrize(
    ("from_on", "to_on", "active", "member"),
    [
        (None, None, True, True),
        (date(2026, 11, 23), date(2026, 11, 23), True, True),
        (date(2026, 11, 24), None, True, False),
        (None, date(2026, 11, 22), True, False),
        (None, None, False, False),
    ],
    ids=["always", "just today", "from tomorrow", "until yesterday", "has left"],
)
def test_a_group_is_who_holds_it_today(database, people, from_on, to_on, active, member):
    key = ids.new()
    with database.begin() as session:
        session.add(User(key=key, username="zoe", name="zoe", password_hash="-", active=active,
                         created_at=session.get(User, people["an"]).created_at))  # fmt: skip
        session.flush()
        session.add(Membership(key=ids.new(), user_key=key, group="security", tenant_id="yj",
                               from_on=from_on, to_on=to_on))  # fmt: skip
        session.flush()

        assert notices.members(session, "yj", "security") == ([key] if member else [])
        assert notices.members(session, "lh", "security") == []


def test_a_company_wide_holder_belongs_to_every_project(database, people):
    with database.read() as session:
        assert notices.members(session, "yj", "quality") == [people["qi"]]
        assert notices.members(session, "lh", "quality") == [people["qi"]]


def test_a_given_task_is_announced_and_a_groups_task_is_not(database, people):
    class Given:
        key, name, assignee = 7, "答复业主", people["an"]

    class Free:
        key, name, assignee = 8, "核验", None

    with database.begin() as session:
        case = rows.case(session)
        notices.opened(session, case, [Given, Free], SYSTEM)

    with database.read() as session:
        (row,) = session.query(Notice).all()
        assert (row.user_key, row.task_key, row.kind) == (people["an"], 7, "task")
        assert session.query(Task).count() == 0
