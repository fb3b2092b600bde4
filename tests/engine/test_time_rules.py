"""Rules of time are rows: a case keeps those it began with; clocks pause, are lengthened, are told."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from engine import (
    accounts,
    case_clocks,
    clock,
    editions,
    extensions,
    history,
    instances,
    pauses,
    reapplying,
    tasks,
    time_requests,
    timers,
)
from engine.errors import ConflictError, ForbiddenError, InvalidInputError
from engine.models import Event, Instance, Notice, Task, TaskKind, Timer
from engine.ports import SYSTEM, ports
from tests.engine import stage

LADDER = {"name": "标准", "warn": [80], "rungs": [[100, "cs_manager"], [150, "cs_manager"]]}
POOL = {"name": "退回", "warn": [], "rungs": [[100, "cs_manager", "reassign"]]}
RULES = {
    ("ladder", "L-STD"): LADDER,
    ("ladder", "L-POOL"): POOL,
    ("limit", "RULED"): {"process": "limited", "element": "ruled", "amount": "PT8H",
                         "clock": "working", "ladder": "L-STD", "source": "guess"},
    ("limit", "CLAIM"): {"of": "claim", "process": "limited", "amount": "PT30M",
                         "clock": "calendar", "warn": "80", "source": "guess"},
    ("limit", "OPEN"): {"of": "open", "process": "limited", "amount": "PT2H",
                        "clock": "calendar", "ladder": "L-POOL", "source": "guess"},
    ("limit", "CLAIM_TWO"): {"of": "claim", "process": "two_steps", "amount": "PT30M",
                             "clock": "calendar", "source": "guess"},
    ("limit", "ANSWER"): {"of": "answer", "process": "limited", "element": "drawn",
                          "amount": "PT4H", "clock": "working", "source": "guess"},
    ("limit", "SOLVE"): {"of": "solution", "process": "limited", "amount": "P2D",
                         "clock": "working", "source": "guess"},
    ("pause", "parts"): {"name": "待配件", "free": "P1D", "longest": "P15D", "clock": "working"},
}  # fmt: skip


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo("Asia/Shanghai"))


def can(actor, action, thing):
    if action in {"limit.grant", "policy.manage"}:
        return actor.kind == "system" or ("cs_manager", "yj") in actor.memberships
    if action in {"limit.pause", "limit.extend"}:
        return stage.can(actor, "task.work", thing) if isinstance(thing, Task) else False
    return stage.can(actor, action, thing)


@pytest.fixture
def rules(database, people, hands, monkeypatch):
    """The small company with rules as rows; 何静 asks, 周建国 grants."""
    monkeypatch.setattr(ports, "can", can)
    stage.deploy(database, "limited")
    with database.begin() as session:
        editions.seed(session, RULES)
    return people


def start(database) -> int:
    with database.begin() as session:
        return instances.start(session, SYSTEM, "limited", tenant_id="yj").key


def the(database, element: str) -> Task:
    with database.read() as session:
        found = session.scalars(
            select(Task).where(Task.element == element, Task.kind == TaskKind.USER)
        ).one()
        session.expunge_all()
        return found


def drain(database, hands, moment: str) -> None:
    hands.moment = local(moment)
    while timers.run_due(database):
        pass


def kinds(database, key) -> list[str]:
    with database.read() as session:
        assert list(history.broken(session, key)) == []
        return [row.kind for row in history.of(session, key)]


def change(database, who, code: str, **fields) -> int:
    with database.begin() as session:
        there = editions.rows(session, editions.newest(session))["limit", code]
        return editions.change(session, who, {("limit", code): {**there, **fields}}, reason="试行")


def test_a_shipped_rule_fills_what_the_diagram_leaves_open(database, rules):
    start(database)
    drawn = the(database, "drawn")
    with database.begin() as session:
        tasks.complete(session, rules["he"], drawn.key, {})

    assert drawn.due_at == local("2026-11-24 10:20")
    assert "policy" not in drawn.limits
    ruled = the(database, "ruled")
    assert ruled.due_at == local("2026-11-24 08:50")
    assert ruled.limits["policy"] == "RULED"


def test_the_companys_rule_goes_before_the_diagram(database, rules):
    with database.begin() as session:
        editions.change(session, rules["zhou"], {("limit", "OURS"): {
            "process": "limited", "element": "drawn", "amount": "PT2H", "clock": "working",
        }}, reason="公司规定")  # fmt: skip
    start(database)

    assert the(database, "drawn").due_at == local("2026-11-23 12:20")


def test_a_case_keeps_the_rules_it_began_with_until_they_are_applied_anew(database, rules, hands):
    first = start(database)
    change(database, rules["zhou"], "RULED", amount="PT2H")
    with database.begin() as session:
        tasks.complete(session, rules["he"], the(database, "drawn").key, {})
    kept = the(database, "ruled").due_at
    with database.read() as session:
        shown = reapplying.preview(session, editions.current(session))

    changed = reapplying.run(database, rules["zhou"])

    ruled = the(database, "ruled")
    assert kept == local("2026-11-24 08:50")
    assert [(m.task_key, m.before, m.after) for m in shown] == [
        (ruled.key, kept, local("2026-11-23 12:20"))
    ]
    assert changed == 1
    assert ruled.due_at == local("2026-11-23 12:20")
    with database.read() as session:
        last = history.of(session, first)[-1]
        assert (last.kind, last.data["reason"]) == (Event.TASK_CHANGED, "policy")
        log = editions.log(session, kind="limit", code="RULED")
        assert ("amount", "PT8H", "PT2H") in log[0].fields()
        assert (log[0].by, log[0].reason) == (rules["zhou"].key, "试行")
    assert reapplying.run(database, rules["zhou"]) == 0


@pytest.mark.parametrize(
    ("row", "field"),
    [
        ({"amount": "1 day"}, "amount"), ({"condition": "priority >"}, "condition"),
        ({"ladder": "L-NONE"}, "ladder"), ({"warn": "120"}, "warn"), ({"of": "later"}, "of"),
        ({"pausable": True}, "pausable"), (None, "code"),
    ],
    ids=["amount", "condition", "ladder", "warning", "clock", "what is fixed", "retired"],
)  # fmt: skip
def test_a_rule_that_could_not_hold_is_refused_by_its_field(database, rules, row, field):
    fixed = {"amount": "PT5M", "clock": "calendar", "pausable": False, "locked": ["pausable"]}
    with database.begin() as session:
        editions.seed(session, {("limit", "FIXED"): fixed})
    wanted = row and {**fixed, **row}

    with pytest.raises(InvalidInputError) as refused, database.begin() as session:
        editions.change(session, rules["zhou"], {("limit", "FIXED"): wanted}, reason="试行")

    assert list(refused.value.fields) == [field]


def test_a_new_release_brings_its_rules_and_leaves_the_companys(database, rules):
    change(database, rules["zhou"], "RULED", amount="PT2H")
    newer = {**RULES, ("limit", "RULED"): {**RULES["limit", "RULED"], "amount": "PT6H"},
             ("limit", "MORE"): {"process": "limited", "amount": "P9D"}}  # fmt: skip
    with database.begin() as session:
        first = editions.seed(session, newer)
        again = editions.seed(session, newer)
        book = editions.current(session)

    assert (first is None, again) == (False, None)
    assert book.policies["RULED"].amount == "PT2H"
    assert book.policies["MORE"].amount == "P9D"


def test_who_may_not_change_rules_is_refused(database, rules):
    with pytest.raises(ForbiddenError):
        change(database, rules["he"], "RULED", amount="PT2H")


def test_nobody_claiming_opening_or_answering_is_late_each_on_its_own_clock(database, rules, hands):
    case = start(database)
    key = the(database, "drawn").key
    drain(database, hands, "2026-11-23 10:44")
    assert kinds(database, case)[-1] == "warned"
    drain(database, hands, "2026-11-23 10:50")
    with database.begin() as session:
        tasks.claim(session, rules["he"], key)
    drain(database, hands, "2026-11-23 12:50")

    with database.read() as session:
        late = [r for r in history.of(session, case) if r.kind in {Event.OVERDUE, Event.ESCALATED}]
        assert [(r.data["of"], r.data.get("action")) for r in late] == [
            ("claim", None), ("open", None), ("open", "reassign"),
        ]  # fmt: skip
        task = session.get(Task, key)
        assert (task.assignee, task.late_at) == (None, None)
        assert session.get(Timer, key) is not None


def test_a_task_that_was_opened_in_time_has_no_such_lateness(database, rules, hands):
    case = start(database)
    key = the(database, "drawn").key
    with database.begin() as session:
        tasks.claim(session, rules["he"], key)
        tasks.read(session, rules["he"], key)
    drain(database, hands, "2026-11-23 14:00")

    assert "overdue" not in kinds(database, case)


def test_a_case_is_late_with_its_first_answer_and_its_solution(database, rules, hands):
    case = start(database)
    drain(database, hands, "2026-11-23 13:50")
    drain(database, hands, "2026-11-23 14:21")
    with database.begin() as session:
        tasks.complete(session, rules["he"], the(database, "drawn").key, {})
    drain(database, hands, "2026-11-25 09:00")
    drain(database, hands, "2026-11-25 10:21")

    with database.read() as session:
        found = [(r.kind, r.data["of"]) for r in history.of(session, case)
                 if (r.data or {}).get("of") in {"answer", "solution"}]  # fmt: skip
        root = session.get(Instance, case)
        stands = {one.of: one.late(clock.now()) for one in case_clocks.standing(session, root)}
    assert found == [("warned", "answer"), ("overdue", "answer"), ("warned", "solution"),
                     ("overdue", "solution")]  # fmt: skip
    assert stands == {"answer": True, "solution": True}


def test_a_pause_lengthens_what_is_open_and_what_opens_later(database, rules, hands):
    case = start(database)
    hands.moment = local("2026-11-23 14:00")
    with database.begin() as session:
        pauses.ask(session, rules["he"], case, code="parts", text="等门锁配件",
                   until=local("2026-11-24 10:00"))  # fmt: skip
    drawn = the(database, "drawn")
    assert drawn.limits["paused_for"] == "待配件"
    # 4 hours of Monday and 1.5 of Tuesday do not count
    assert drawn.due_at == local("2026-11-24 17:20")
    hands.moment = local("2026-11-23 16:00")
    with database.begin() as session:
        pauses.resume(session, rules["he"], case)

    drawn = the(database, "drawn")
    assert drawn.due_at == local("2026-11-24 13:50")
    assert "paused_for" not in drawn.limits
    with database.begin() as session:
        tasks.complete(session, rules["he"], drawn.key, {})
    assert the(database, "ruled").limits["pauses"][0][2] == "待配件"
    assert kinds(database, case).count("paused") == kinds(database, case).count("resumed") == 1


def test_a_pause_ends_by_itself_at_its_latest_moment(database, rules, hands):
    case = start(database)
    with database.begin() as session:
        pauses.ask(session, rules["he"], case, code="parts", text="等配件",
                   until=local("2026-11-23 11:20"))  # fmt: skip
    before = the(database, "drawn").due_at
    drain(database, hands, "2026-11-23 11:25")

    assert the(database, "drawn").due_at == before == local("2026-11-24 11:20")
    assert kinds(database, case)[-1] in {"resumed", "warned", "overdue"}
    with database.read() as session:
        (row,) = [r for r in history.of(session, case) if r.kind == Event.RESUMED]
        assert row.data["to"] == row.data["until"]


def test_what_never_pauses_runs_on(database, rules, hands):
    with database.begin() as session:
        editions.change(session, rules["zhou"], {("limit", "NEVER"): {
            "process": "*", "element": "drawn", "pausable": False}}, reason="特急")  # fmt: skip
    case = start(database)
    due = the(database, "drawn").due_at
    with database.begin() as session:
        pauses.ask(session, rules["he"], case, code="parts", text="等配件", until=None)

    assert the(database, "drawn").due_at == due


def test_a_long_pause_waits_for_approval_by_somebody_else(database, rules, hands):
    case = start(database)
    with database.begin() as session:
        asked = pauses.ask(session, rules["he"], case, code="parts", text="等厂家",
                           until=local("2026-11-27 10:00"))  # fmt: skip
        request = asked.key
    due = the(database, "drawn").due_at
    assert due == local("2026-11-24 10:20")
    with database.read() as session:
        assert session.scalars(select(Notice.user_key).where(Notice.kind == "request")).all() == [
            rules["zhou"].key
        ]
    with pytest.raises(ForbiddenError), database.begin() as session:
        time_requests.decide(session, rules["he"], request, grant=True)

    with database.begin() as session:
        time_requests.decide(session, rules["zhou"], request, grant=True)

    assert the(database, "drawn").due_at == local("2026-11-30 10:00")
    with pytest.raises(ConflictError), database.begin() as session:
        time_requests.decide(session, rules["zhou"], request, grant=False, answer="不行")


def test_a_pause_longer_than_its_reason_allows_is_refused(database, rules, hands):
    case = start(database)
    with pytest.raises(InvalidInputError) as refused, database.begin() as session:
        pauses.ask(session, rules["zhou"], case, code="parts", text="等",
                   until=local("2027-02-01 10:00"))  # fmt: skip

    assert "until" in refused.value.fields


def test_an_extension_is_asked_refused_asked_again_and_granted(database, rules, hands):
    case = start(database)
    key = the(database, "drawn").key
    with database.begin() as session:
        first = extensions.ask(session, rules["he"], key, until=local("2026-11-26 18:00"),
                               text="业主出差").key  # fmt: skip
    with database.begin() as session:
        time_requests.decide(session, rules["zhou"], first, grant=False, answer="请先打电话")
    assert the(database, "drawn").due_at == local("2026-11-24 10:20")
    with database.begin() as session:
        again = extensions.ask(session, rules["he"], key, until=local("2026-11-25 18:00"),
                               text="业主周三回来").key  # fmt: skip
    with database.begin() as session:
        time_requests.decide(session, rules["zhou"], again, grant=True)

    assert the(database, "drawn").due_at == local("2026-11-25 18:00")
    with database.read() as session:
        states = [r.data["state"] for r in history.of(session, case) if r.kind == Event.EXTENDED]
    assert states == ["asked", "refused", "asked", "granted"]


def test_a_task_is_walked_through_warning_overdue_pause_extension_and_the_account_agrees(
    database, rules, hands
):
    case = start(database)
    key = the(database, "drawn").key
    with database.begin() as session:
        tasks.claim(session, rules["he"], key)
        tasks.read(session, rules["he"], key)
    drain(database, hands, "2026-11-23 14:00")
    with database.begin() as session:
        pauses.ask(session, rules["he"], case, code="parts", text="等配件",
                   until=local("2026-11-23 16:00"))  # fmt: skip
    for moment in ("2026-11-23 16:00", "2026-11-24 13:50", "2026-11-24 17:50"):
        drain(database, hands, moment)
    hands.moment = local("2026-11-24 18:00")
    with database.begin() as session:
        asked = extensions.ask(
            session, rules["he"], key, until=local("2026-11-25 12:00"), text="等业主"
        )
        request = asked.key
    with database.begin() as session:
        time_requests.decide(session, rules["zhou"], request, grant=True)
    drain(database, hands, "2026-11-25 17:00")

    with database.read() as session:
        account = accounts.of_task(session, session.get(Task, key))
        rows = [r for r in history.of(session, case) if r.task_key == key
                or r.kind in {Event.PAUSED, Event.RESUMED}]  # fmt: skip
        fired = [(r.kind, r.data.get("percent")) for r in rows
                 if r.kind in {Event.WARNED, Event.OVERDUE, Event.ESCALATED}]  # fmt: skip
    assert [(m.seq, m.kind, m.at) for m in account.marks] == [(r.seq, r.kind, r.at) for r in rows]
    assert account.agrees
    assert account.due == local("2026-11-25 12:00")
    assert len(fired) == len(set(fired))
    assert account.spans[0].begin == account.start
    assert all(a.end == b.begin for a, b in zip(account.spans, account.spans[1:], strict=False))
    assert {span.reason for span in account.spans} == {"work", "break", "closed", "pause"}
    (pause,) = [span for span in account.spans if span.reason == "pause"]
    assert (pause.begin, pause.end, pause.word) == (
        local("2026-11-23 14:00"), local("2026-11-23 16:00"), "待配件",
    )  # fmt: skip
    assert account.used == sum((s.length for s in account.spans if s.counted), timedelta())


def test_rules_add_no_statement_to_a_completion(database, rules):
    if database.dialect != "sqlite":
        return
    start(database)
    drawn = the(database, "drawn").key
    with database.begin() as session:
        editions.book(session, editions.newest(session))
    sent: list[str] = []
    with database.begin() as session:
        raw = session.connection().connection.driver_connection
        raw.set_trace_callback(sent.append)
        tasks.complete(session, rules["he"], drawn, {})
        raw.set_trace_callback(None)

    statements = [text for text in sent if not text.startswith(("SAVEPOINT", "RELEASE", "BEGIN"))]
    assert len(statements) <= 12, statements
    assert not any("FROM policy" in text for text in statements)
    assert the(database, "ruled").limits["policy"] == "RULED"


def test_a_case_that_ends_while_it_stands_still_leaves_nothing_behind(database, rules, hands):
    case = start(database)
    with database.begin() as session:
        pauses.ask(session, rules["he"], case, code="parts", text="等配件", until=None)
        extensions.ask(session, rules["he"], the(database, "drawn").key,
                       until=local("2026-12-01 10:00"), text="等业主")  # fmt: skip
    for element in ("drawn", "ruled"):
        with database.begin() as session:
            tasks.complete(session, rules["he"], the(database, element).key, {})
    drain(database, hands, "2026-11-30 10:00")

    with database.read() as session:
        assert time_requests.open_requests(session, rules["zhou"]) == []
        assert timers.next_due(session) is None
        assert "incident" not in kinds(database, case)


def test_a_task_given_back_starts_waiting_to_be_claimed_anew(database, rules, hands):
    case = start(database)
    key = the(database, "drawn").key
    with database.begin() as session:
        tasks.claim(session, rules["he"], key)
    hands.moment = local("2026-11-23 11:00")
    with database.begin() as session:
        tasks.unclaim(session, rules["he"], key)
    drain(database, hands, "2026-11-23 11:29")
    assert "overdue" not in kinds(database, case)
    drain(database, hands, "2026-11-23 11:30")

    assert "overdue" in kinds(database, case)


@pytest.mark.parametrize(
    ("until", "kept"), [("2026-11-23 10:30", False), ("2026-11-23 11:00", True)],
    ids=["claimed in time", "claimed late"],
)  # fmt: skip
def test_a_clock_that_nothing_came_of_leaves_the_row_with_the_task(
    database, rules, hands, until, kept
):
    stage.deploy(database, "two_steps")
    with database.begin() as session:
        instances.start(session, SYSTEM, "two_steps", tenant_id="yj")
    first = the(database, "a")
    assert set(first.limits) == {"claim"}
    drain(database, hands, until)
    with database.begin() as session:
        tasks.complete(session, rules["he"], first.key, {"note": "x"})

    with database.read() as session:
        task = session.get(Task, first.key)
        account = accounts.of_task(session, task, "claim")
    assert (task.limits is not None, account is not None) == (kept, kept)
