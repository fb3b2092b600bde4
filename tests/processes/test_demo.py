"""The invented company: every end, every stage, some of it late, and all of it really happened."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

import processes
from engine import clock, compiled, identity
from engine.db import Database
from engine.models import (
    CaseLink,
    File,
    Incident,
    Instance,
    Job,
    Membership,
    Submission,
    Task,
    TaskKind,
    TaskState,
    User,
)
from processes import demo, roles
from processes.archive import Record, Room
from processes.complaint import summary
from processes.demo import staff
from tests import furnished

#: what the module makes is made once, by one worker
pytestmark = pytest.mark.xdist_group("demo")
NOW = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)


#: the evening before, when most of a day's steps wait for the morning
SUNDAY = datetime(2026, 11, 22, 12, 40, tzinfo=UTC)


@contextmanager
def filled(path: Path, now: datetime) -> Iterator[Database]:
    """The invented company as it is at a moment."""
    database = furnished.opened(f"sqlite:///{path}/demo.db")
    processes.archive.Base.metadata.create_all(database.writer_engine)
    compiled.forget()
    processes.register()
    with clock.at(lambda: now):
        with database.begin() as session:
            processes.seed(session)
            processes.deploy_all(session)
        demo.fill(database, store=lambda body: f"{len(body):064x}")
        yield database
    database.close()
    compiled.forget()


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """The invented company as it is on a Tuesday at eleven in the morning."""
    with filled(tmp_path_factory.mktemp("demo"), NOW) as database:
        yield database


def test_sixty_complaints_are_at_every_stage(company: Database) -> None:
    with company.read() as session:
        cases = list(session.scalars(select(Instance).where(Instance.process_id == "complaint")))
        waiting = set(session.scalars(
            select(Task.element).where(Task.state == TaskState.OPEN, Task.kind == TaskKind.USER)
        ))  # fmt: skip

    ends = Counter(case.end_element for case in cases)
    assert len(cases) == 60
    assert set(ends) == {
        None, "E_closed", "E_explained", "E_explained_disputed", "E_not_property",
        "E_unresolved_external", "E_no_answer", "E_withdrawn", "E_merged",
    }  # fmt: skip
    assert ends[None] >= 12
    assert len(waiting) >= 10


def test_some_are_withdrawn_urged_merged_and_watched_by_the_press(company: Database) -> None:
    with company.read() as session:
        reported = Counter(session.scalars(
            select(Submission.element).where(Submission.element.startswith("M_", autoescape=True))
        ))  # fmt: skip
        waiting = set(session.scalars(select(Task.element).where(Task.state == TaskState.OPEN)))
        merged = session.scalars(select(CaseLink).where(CaseLink.kind == "merged")).all()

    assert reported == {"M_withdraw": 3, "M_urge": 2, "M_merge": 2, "M_press": 1}
    assert waiting >= {"T_confirm_withdraw", "T_supervise_urge", "T_tell_merged", "T_press_respond"}
    assert len(merged) == 2


def test_some_work_is_late_and_supervised(company: Database) -> None:
    with company.read() as session:
        late = session.scalars(
            select(Task).where(Task.state == TaskState.OPEN, Task.late_at.is_not(None))
        ).all()
        supervised = session.scalars(
            select(Task).where(Task.state == TaskState.OPEN, Task.kind == TaskKind.SUPERVISE)
        ).all()

    assert len(late) >= 4
    assert {task.cause_key for task in supervised} & {task.key for task in late}


#: who has to find something to do, in each project and at the head office
AT_WORK = ("cs_assistant", "cs_manager", "project_manager", "eng_dispatch", "eng_worker", "security",
           "cleaning", "cashier", "quality", "leader")  # fmt: skip


def test_repairs_move_ins_events_and_inquiries_are_at_several_stages(company: Database) -> None:
    with company.read() as session:
        found = Counter(
            (row.process_id, row.state) for row in session.scalars(
                select(Instance).where(Instance.parent_key.is_(None)))
        )  # fmt: skip
        waiting = set(session.scalars(select(Task.element).where(Task.state == TaskState.OPEN)))

    assert found["repair", "active"] >= 6
    assert found["repair", "completed"] >= 3
    assert found["move_in", "active"] >= 5
    assert found["community_event", "active"] == 2
    assert found["inquiry", "active"] >= 5
    assert found["inquiry", "completed"] >= 3
    assert waiting >= {"PAY_desk", "R5c_consent", "M1_verify", "M3_fees", "K2_fixed", "Q5_dept_answer",
                       "E7_signup", "D3_check"}  # fmt: skip


def test_leaks_that_were_repaired_wait_for_rain(company: Database) -> None:
    with company.read() as session:
        leaks = session.scalars(
            select(Instance).where(Instance.process_id == "repair", Instance.state == "active")
        ).all()
        open_of = set(session.scalars(select(Task.root_key).where(Task.state == TaskState.OPEN)))

    waiting = [one for one in leaks if one.variables.get("is_leak")]
    assert {one.tenant_id for one in waiting} == {"yj", "tl"}
    assert not {one.key for one in waiting} & open_of


def _busy(database: Database) -> set[tuple[str, str]]:
    """Return who has something to do: role and project."""
    with database.read() as session:
        return {
            (group, task.tenant_id)
            for task in session.scalars(select(Task).where(Task.state == TaskState.OPEN))
            for group in (task.group, *(task.candidates or {}).get("groups", ()))
            if group
        }


def test_nobody_s_inbox_is_empty(company: Database) -> None:
    busy = _busy(company)

    assert {group for group, _ in busy} >= {*AT_WORK, "finance_hq"}
    assert {(group, "yj") for group in AT_WORK} <= busy


def test_a_sunday_evening_finds_everybody_with_work_too(tmp_path: Path) -> None:
    with filled(tmp_path, SUNDAY) as database:
        busy = _busy(database)
        with database.read() as session:
            failed = session.scalar(select(func.count()).select_from(Incident))
            newest = session.scalar(select(func.max(Task.opened_at)))

    assert failed == 0
    assert newest is not None
    assert newest <= SUNDAY
    assert {(group, "yj") for group in AT_WORK} <= busy


def test_nothing_failed_and_nothing_lies_in_the_future(company: Database) -> None:
    with company.read() as session:
        assert session.scalar(select(func.count()).select_from(Incident)) == 0
        assert session.scalar(select(func.count()).select_from(Job)) == 0
        assert session.scalar(select(func.max(Task.opened_at))) <= NOW
        assert session.scalar(select(func.min(Task.opened_at))) > NOW - timedelta(weeks=7)


def test_every_role_of_the_staff_is_held_and_signs_in(company: Database) -> None:
    with company.read() as session:
        held = set(session.scalars(select(Membership.group)))
        users = session.scalars(select(User)).all()

    assert held == {role.key for role in roles.ROLES if role.held} - {
        "owner",
        "external",
        "integration",
    }
    assert len(users) == len(staff.STAFF)
    assert all(identity.check_password(user, demo.PASSWORD) for user in users[:1])
    assert len({user.password_hash for user in users}) == 1


def test_houses_files_and_archive_are_there(company: Database) -> None:
    with company.read() as session:
        rooms = session.scalar(select(func.count()).select_from(Room))
        records = session.scalar(select(func.count()).select_from(Record))
        files = session.scalars(select(File)).all()

    assert rooms is not None
    assert 520 <= rooms <= 680
    assert records is not None
    assert records >= 30
    assert files
    assert all(file.instance_key for file in files)


def test_filling_twice_changes_nothing(company: Database) -> None:
    with company.read() as session:
        before = session.scalar(select(func.count()).select_from(Task))
    demo.fill(company)
    with company.read() as session:
        assert session.scalar(select(func.count()).select_from(Task)) == before
    assert not demo.missing(company)


def test_accounts_are_named_with_role_and_project() -> None:
    lines = "\n".join(demo.accounts())

    assert demo.PASSWORD in lines
    assert "lin.xiaoyu" in lines
    assert "客户助理" in lines
    assert "云景花园" in lines


def test_the_summary_counts_every_case_once(company: Database) -> None:
    with company.read() as session:
        found = summary.of(session, ["yj", "tl"], NOW - timedelta(weeks=7), NOW)
        only = summary.of(session, ["yj"], NOW - timedelta(weeks=7), NOW)

    assert found.total.received == 60
    for table in (found.by_category, found.by_sub_item, found.by_department, found.by_project):
        assert sum(line.received for line in table.values()) == 60
        assert sum(line.on_time for line in table.values()) == found.total.on_time
    assert sum(found.ends.values()) == 60
    assert found.total.unresolved == 2
    assert found.total.second >= 2
    assert found.total.unreasonable >= 5
    assert 0 < found.total.on_time < found.total.closed
    assert only.total.received == found.by_project["yj"].received


def test_every_sub_item_of_the_summary_has_a_name(company: Database) -> None:
    with company.read() as session:
        found = summary.of(session, ["yj", "tl"], NOW - timedelta(weeks=7), NOW)

    chinese, english = summary.sub_items(), summary.sub_items(english=True)
    assert set(found.by_sub_item) - {None} <= set(chinese)
    assert set(chinese) == set(english)
    assert chinese["trapped"] == "困人"


def test_the_summary_knows_open_cases_by_what_was_judged_so_far(company: Database) -> None:
    with company.read() as session:
        found = summary.of(session, ["yj", "tl"], NOW - timedelta(weeks=7), NOW)

    undecided = found.by_category.get(None)
    assert undecided is None or undecided.received < found.ends[None]
    assert {step.element for step in found.steps} >= {"T1_record", "C1_callback", "T8_file"}
