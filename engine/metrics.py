"""Figures for Prometheus: what waits, what is late, and whether the clockwork keeps up."""

from collections.abc import Iterator

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from typing_extensions import override

from engine import clock
from engine.models import (
    Heartbeat,
    Incident,
    Instance,
    InstanceState,
    Job,
    Outbox,
    Task,
    TaskState,
    Timer,
)


def render(session: Session, *, commits: int | None = None) -> bytes:
    """Return the figures as text; `commits` is `Database.commits` of this process."""
    registry = CollectorRegistry()
    registry.register(_Figures(session, commits))
    return generate_latest(registry)


class _Figures(Collector):
    """One look at the database, written as metrics."""

    def __init__(self, session: Session, commits: int | None) -> None:
        self.session = session
        self.commits = commits

    @override
    def collect(self) -> Iterator[Metric]:
        yield from _tasks(self.session)
        yield from _clockwork(self.session)
        yield _by_label(self.session, "wuyeflow_jobs", "Jobs by state", Job.state, "state")
        for name, words, query in (
            ("wuyeflow_active_instances", "Cases under way",
             select(func.count()).where(Instance.state == InstanceState.ACTIVE)),
            ("wuyeflow_open_incidents", "Steps that could not be run",
             select(func.count()).where(Incident.resolved_at.is_(None))),
            ("wuyeflow_outbox", "Letters that are not sent yet",
             select(func.count()).where(Outbox.sent_at.is_(None))),
            ("wuyeflow_outbox_failing", "Letters that failed at least once and are not sent",
             select(func.count()).where(Outbox.sent_at.is_(None), Outbox.error.is_not(None))),
        ):  # fmt: skip
            yield GaugeMetricFamily(name, words, value=self.session.scalars(query).one())
        if self.commits is not None:
            yield CounterMetricFamily("wuyeflow_commits", "Commits since start", self.commits)


def _tasks(session: Session) -> Iterator[Metric]:
    """Give open and late tasks of each project."""
    now = clock.now()
    late = func.count().filter(Task.due_at <= now)
    query = (
        select(Task.tenant_id, func.count(), late)
        .where(Task.state == TaskState.OPEN)
        .group_by(Task.tenant_id)
    )
    opened = GaugeMetricFamily("wuyeflow_open_tasks", "Tasks that wait for a person",
                               labels=["tenant"])  # fmt: skip
    overdue = GaugeMetricFamily("wuyeflow_late_tasks", "Open tasks past their limit",
                                labels=["tenant"])  # fmt: skip
    for tenant_id, count, late_count in session.execute(query):
        opened.add_metric([tenant_id], count)
        overdue.add_metric([tenant_id], late_count)
    yield from (opened, overdue)


def _clockwork(session: Session) -> Iterator[Metric]:
    """Give what the clockwork has before it, and how far behind it is."""
    now = clock.now()
    yield _by_label(session, "wuyeflow_timers", "Timers that wait, by kind", Timer.kind, "kind")
    oldest = session.scalars(select(func.min(Timer.due_at))).one()
    behind = 0.0 if oldest is None else max(0.0, (now - oldest).total_seconds())
    yield GaugeMetricFamily("wuyeflow_timer_lag_seconds",
                            "How long the most overdue timer has been due", value=behind)  # fmt: skip
    failing = session.scalars(select(func.count()).where(Timer.attempts > 0)).one()
    yield GaugeMetricFamily("wuyeflow_timers_failing", "Timers that failed at least once",
                            value=failing)  # fmt: skip
    beat = session.scalars(select(func.max(Heartbeat.at))).one()
    if beat is not None:
        yield GaugeMetricFamily("wuyeflow_heartbeat_age_seconds", "Since the last beat",
                                value=(now - beat).total_seconds())  # fmt: skip


def _by_label(session: Session, name: str, words: str, column: object, label: str) -> Metric:
    family = GaugeMetricFamily(name, words, labels=[label])
    for value, count in session.execute(select(column, func.count()).group_by(column)):  # type: ignore[call-overload] # any column
        family.add_metric([value], count)
    return family
