"""Messages, signals and times start instances of the versions in force."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from engine import correlation, instances, messages, signals, timers
from engine.models import History, StartSubscription, Timer
from engine.ports import SYSTEM
from tests.engine import post

BY_MESSAGE = "start s message=order@bill -> u\nuser u -> e\nend e"
HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def company(people):
    """The small company."""


def publish(database, key=None, name="order", tenant_id="yj", **more):
    with database.begin() as session:
        return messages.publish(
            session, SYSTEM, name, key, more.pop("variables", {}), tenant_id=tenant_id, **more
        )


def subscriptions(database) -> list[tuple[str, str, str]]:
    with database.read() as session:
        query = select(StartSubscription).order_by(StartSubscription.key)
        return [(row.process_id, row.element, row.kind) for row in session.scalars(query)]


def end(database, key):
    with database.begin() as session:
        instances.cancel(session, SYSTEM, key, reason="x")


def test_a_message_starts_every_process_that_waits_for_it_in_its_project(database, hands):
    post.deploy(database, BY_MESSAGE)
    post.deploy(database, BY_MESSAGE, process="q")

    publish(database, variables={"bill": "B-7"})
    post.settle(database)

    (one,), (other,) = post.started(database), post.started(database, "q")
    assert {one.tenant_id, other.tenant_id} == {"yj"}
    assert one.variables == {} | one.variables
    assert post.path(database, one.key) == ["s"]


def test_the_newest_version_alone_is_started(database, hands):
    post.deploy(database, BY_MESSAGE)
    newest = post.deploy(database, BY_MESSAGE.replace("u ->", "v ->").replace("-> u", "-> v"))

    publish(database)
    post.settle(database)

    (case,) = post.started(database)
    assert case.definition_key == newest.definitions[0].key
    assert len(subscriptions(database)) == 1
    post.deploy(database, "start s -> u\nuser u -> e\nend e")
    publish(database)
    post.settle(database)
    assert len(post.started(database)) == 1
    assert subscriptions(database) == []


def test_a_project_with_a_version_of_its_own_starts_that_one(database, hands):
    post.deploy(database, BY_MESSAGE)
    own = post.deploy(database, BY_MESSAGE.replace("order", "own"), tenant_id="yj")

    publish(database)
    publish(database, name="own")
    publish(database, tenant_id="tl")
    post.settle(database)

    found = [(case.tenant_id, case.definition_key) for case in post.started(database)]
    assert len(found) == 2
    assert ("yj", own.definitions[0].key) in found


def test_one_instance_a_correlation_key_is_open_and_the_next_message_waits_for_its_end(
    database, hands
):
    post.deploy(database, BY_MESSAGE)
    for key in ("K", "K", "L", "K"):
        publish(database, key, time_to_live=HOUR)
    post.settle(database)
    first = [case.key for case in post.started(database)]

    end(database, first[0])
    post.settle(database)
    second = [case.key for case in post.started(database)]
    hands.moment += HOUR
    end(database, second[-1])
    post.settle(database)

    assert (len(first), len(second), len(post.started(database))) == (2, 3, 3)
    assert post.kept(database) == 0


def test_messages_without_a_key_start_one_each(database, hands):
    post.deploy(database, BY_MESSAGE)

    for _ in range(3):
        publish(database)
    post.settle(database)
    post.settle(database)

    assert len(post.started(database)) == 3


def test_a_waiting_token_goes_before_a_start_event_of_the_same_process(database, hands):
    post.deploy(database, "start s message=order@bill -> m\ncatch m message=order@bill -> e\nend e")

    for _ in range(3):
        publish(database, "B", variables={"bill": "B"})
        post.settle(database)

    first, second = post.started(database)
    assert post.received(database, first.key) == ["m"]
    assert (post.state(database, first.key), post.state(database, second.key)) == (
        "completed", "active",
    )  # fmt: skip


def test_a_receive_task_may_start_an_instance(database, hands):
    post.deploy(
        database, "receive r asTask=1 message=order@bill isFirst=true -> u\nuser u -> e\nend e",
        isFirst="instantiate",
    )  # fmt: skip

    publish(database)
    post.settle(database)

    (case,) = post.started(database)
    assert post.path(database, case.key) == ["r"]
    assert post.waiting(database) == 0


def test_correlation_starts_too_and_tells_which(database, hands):
    post.deploy(database, BY_MESSAGE)

    with database.begin() as session:
        done = correlation.correlate(session, SYSTEM, "order", None, {}, tenant_id="yj")

    assert [case.key for case in post.started(database)] == [done.instance_key]


def test_a_kept_message_starts_a_process_that_is_deployed_later(database, hands):
    publish(database)
    post.settle(database)

    post.deploy(database, BY_MESSAGE)
    post.settle(database)

    assert len(post.started(database)) == 1


def test_a_signal_starts_an_instance_in_its_project_or_in_all(database, hands):
    post.deploy(database, "start s signal=storm -> u\nuser u -> e\nend e")
    with database.begin() as session:
        signals.broadcast(session, SYSTEM, "storm", {}, tenant_id="yj")
    post.settle(database)
    with database.begin() as session:
        signals.broadcast(session, SYSTEM, "storm", {}, tenant_id="*")
    post.settle(database)

    assert sorted(case.tenant_id for case in post.started(database)) == ["tl", "yj", "yj"]


def test_what_one_process_throws_starts_another(database, hands):
    post.deploy(database, BY_MESSAGE)
    post.deploy(database, "start s -> t\nthrow t message=order@bill -> e\nend e", process="thrower")

    post.start(database, "thrower")
    post.settle(database)

    assert len(post.started(database)) == 1


@pytest.mark.parametrize(
    ("timer", "due"),
    [
        ("date=2026-11-24T08:00:00+08:00", ["2026-11-24 08:00"]),
        ("timer=PT2H", ["2026-11-23 12:20"]),
        ("cycle=R2/P1D", ["2026-11-24 10:20", "2026-11-25 10:20"]),
        ('date=="2026-11-24T08:00:00"', ["2026-11-24 08:00"]),
    ],
    ids=["date", "duration", "cycle", "FEEL"],
)
def test_times_start_an_instance_in_every_project(database, hands, timer, due):
    post.deploy(database, f"start s {timer} -> u\nuser u -> e\nend e")

    seen = []
    while True:
        with database.read() as session:
            coming = timers.next_due(session)
        if coming is None:
            break
        hands.moment = max(hands.moment, coming)
        post.settle(database)
        seen.append(coming.astimezone(ZoneInfo("Asia/Shanghai")).strftime("%Y-%m-%d %H:%M"))

    assert seen == due
    assert sorted(case.tenant_id for case in post.started(database)) == (
        ["tl"] * len(due) + ["yj"] * len(due)
    )


def test_missed_cycles_are_one_start_that_counts_them(database, hands):
    post.deploy(database, "start s cycle=R/PT1H -> u\nuser u -> e\nend e", tenant_id="yj")
    begin = hands.moment
    hands.moment += 5 * HOUR + timedelta(minutes=30)

    post.settle(database)

    (case,) = post.started(database)
    with database.read() as session:
        query = select(History).where(History.instance_key == case.key, History.kind == "fired")
        (fired,) = session.scalars(query)
        (timer,) = session.scalars(select(Timer))
    assert fired.data["missed"] == 4
    assert timer.due_at == begin + 6 * HOUR


def test_a_newer_version_sets_the_timer_anew(database, hands):
    post.deploy(database, "start s cycle=R/PT1H -> u\nuser u -> e\nend e")
    hands.moment += timedelta(minutes=10)
    post.deploy(database, "start s cycle=R/PT1H -> v\nuser v -> e\nend e")

    with database.read() as session:
        assert [timer.due_at for timer in session.scalars(select(Timer))] == [hands.moment + HOUR]
    post.deploy(database, "start s -> v\nuser v -> e\nend e")
    with database.read() as session:
        assert session.scalars(select(Timer)).all() == []


def test_missed_cycles_of_a_catch_event_are_counted_too(database, hands):
    post.deploy(database, "start s -> u\nuser u -> e\nend e\n"
                          "boundary b on=u cycle=R/PT1H cancelActivity=false -> f\nend f")  # fmt: skip
    case = post.start(database)
    hands.moment = datetime.fromtimestamp(
        hands.moment.timestamp() + 4 * 3600 + 60, hands.moment.tzinfo
    )

    post.settle(database)

    with database.read() as session:
        query = select(History).where(History.instance_key == case, History.kind == "fired")
        assert [row.data.get("missed") for row in session.scalars(query)] == [3]
