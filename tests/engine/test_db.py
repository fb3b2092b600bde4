"""Units of work: all or nothing, together or alone."""

import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError, OperationalError

from engine import sql
from engine.db import Database, after_commit
from engine.models import Tenant


def count(database):
    with database.read() as session:
        return session.scalar(select(func.count()).select_from(Tenant))


def test_a_unit_is_durable_when_it_is_left(database):
    with database.begin() as session:
        session.add(Tenant(tenant_id="yj", name="云景花园", zone="Asia/Shanghai"))

    assert count(database) == 1


def test_a_failing_unit_leaves_nothing(database):
    with pytest.raises(ZeroDivisionError), database.begin() as session:
        session.add(Tenant(tenant_id="yj", name="云景花园", zone="Asia/Shanghai"))
        session.flush()
        _ = 1 / 0

    assert count(database) == 0


def test_a_savepoint_holds_what_goes_straight_to_the_driver(database):
    put = sql.Insert(Tenant, columns=("tenant_id", "name", "zone"))
    with database.begin() as session:
        put(session, [("yj", "云景花园", "Asia/Shanghai")])
        with suppress(ZeroDivisionError), session.begin_nested():
            put(session, [("ch", "翠湖雅居", "Asia/Shanghai")])
            _ = 1 / 0
        put(session, [("xy", "香榭苑", "Asia/Shanghai")])

    with database.read() as session:
        kept = set(session.scalars(select(Tenant.tenant_id)))
    assert kept == {"yj", "xy"}


def test_a_failing_unit_among_many_rolls_back_alone(database):
    def work(number):
        with database.begin() as session:
            session.add(Tenant(tenant_id=f"t{number}", name="项目", zone="Asia/Shanghai"))
            session.flush()
            if number % 10 == 9:
                raise KeyError(number)

    def attempt(number):
        try:
            work(number)
        except KeyError:
            return "failed"
        return "done"

    with ThreadPoolExecutor(16) as people:
        outcomes = list(people.map(attempt, range(200)))

    assert outcomes.count("failed") == 20
    assert count(database) == 180


def test_a_statement_that_breaks_a_rule_spoils_only_its_unit(database):
    with database.begin() as session:
        session.add(Tenant(tenant_id="yj", name="云景花园", zone="Asia/Shanghai"))

    with pytest.raises(IntegrityError), database.begin() as session:
        session.add(Tenant(tenant_id="yj", name="另一个", zone="Asia/Shanghai"))
    with database.begin() as session:
        session.add(Tenant(tenant_id="tl", name="听澜苑", zone="Asia/Shanghai"))

    assert count(database) == 2


def test_units_of_concurrent_requests_share_commits_on_sqlite(tmp_path):
    database = Database(f"sqlite:///{tmp_path}/shared.db")
    Tenant.metadata.create_all(database.writer_engine)
    start = threading.Barrier(16)

    def work(number):
        start.wait()
        for round_ in range(20):
            with database.begin() as session:
                session.add(Tenant(tenant_id=f"{number}-{round_}", name="x", zone="UTC"))

    with ThreadPoolExecutor(16) as people:
        list(people.map(work, range(16)))

    assert count(database) == 320
    assert database.commits < 160
    database.close()


def test_a_unit_inside_a_unit_is_refused_on_sqlite(tmp_path):
    database = Database(f"sqlite:///{tmp_path}/nested.db")

    with pytest.raises(RuntimeError, match="already open"), database.begin(), database.begin():
        pass
    with database.begin() as session:
        assert session.connection().exec_driver_sql("select 1").scalar() == 1

    database.close()


def test_a_lost_transaction_fails_every_unit_of_its_group(tmp_path):
    database = Database(f"sqlite:///{tmp_path}/lost.db")
    Tenant.metadata.create_all(database.writer_engine)

    with pytest.raises(OperationalError), database.begin() as session:
        session.add(Tenant(tenant_id="yj", name="x", zone="UTC"))
        session.flush()
        session.connection().connection.driver_connection.rollback()  # as SQLite does on full disk
        raise KeyError

    with database.begin() as session:
        session.add(Tenant(tenant_id="tl", name="x", zone="UTC"))
    assert count(database) == 1
    database.close()


def test_what_waits_for_the_commit_runs_once_and_only_after_it(database):
    seen = []

    with pytest.raises(KeyError), database.begin() as session:
        after_commit(session, lambda: seen.append("failed"))
        raise KeyError
    with database.begin() as session:
        session.add(Tenant(tenant_id="yj", name="x", zone="UTC"))
        after_commit(session, lambda: seen.append(count(database)))
        assert seen == []

    assert seen == [1]


def test_a_look_cannot_write(database):
    with pytest.raises(Exception, match=r"(?i)read.?only"), database.read() as session:
        session.add(Tenant(tenant_id="yj", name="x", zone="UTC"))
        session.flush()
