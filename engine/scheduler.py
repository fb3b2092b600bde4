"""The clockwork: wakes at the earliest timer and sweeps at intervals; the database is the truth.

APScheduler keeps no job that matters: one date job in memory stands at the earliest due moment and
is set anew after each commit that arms an earlier one; the sweep finds what other processes armed.
Any number of processes may run it. APScheduler counts by the wall clock, so a watch sets its jobs
anew when somebody moves the machine's hands.
"""

import atexit
import logging
import os
import socket
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from contextvars import copy_context
from datetime import UTC, datetime, timedelta
from pathlib import Path

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.jobstores.base import JobLookupError
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.date import DateTrigger
from apscheduler.triggers.interval import IntervalTrigger
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from engine import (
    absences,
    clock,
    correlation,
    deliveries,
    housekeeping,
    jobs,
    outbox,
    timers,
    vouching,
)
from engine.db import Database
from engine.models import Heartbeat
from engine.outward import dispatch

log = logging.getLogger(__name__)

SWEEP_SECONDS, OUTBOX_SECONDS, SEAL_SECONDS, HOUSEKEEPING_SECONDS = 5.0, 5.0, 60.0, 3600.0
BEAT_SECONDS = 10.0
#: without a beat for so long the clockwork counts as standing still
PATIENCE_SECONDS = 60.0
#: a difference to the database's clock that is said, and one that stops timers (decision 13)
WARN_DRIFT, STOP_DRIFT = timedelta(seconds=2), timedelta(seconds=60)
#: a timer that is due and can't be had now (its case is worked on) is looked at again after this
_SOON = timedelta(milliseconds=250)
#: between two batches others get the write lock and the processor: a share of the batch's time
_BREATH, _SHARE = 0.002, 0.15
#: batches of one kind of work before the other kinds have their turn
_TURN = 8
#: how often the hands of the machine's clock are looked at, and a move that counts as one
WATCH_SECONDS, JUMP_SECONDS = 1.0, 2.0
#: what brings messages and signals from case to case
_BETWEEN = (correlation.run_due, deliveries.run_due)
_DATABASE_CLOCK = {
    "sqlite": "select (julianday('now') - 2440587.5) * 86400000",
    "postgresql": "select extract(epoch from clock_timestamp()) * 1000",
}

_running: "list[Clockwork]" = []


class Clockwork:
    """One process's scheduler: `start` it, `wake` it, `stop` it."""

    def __init__(
        self,
        database: Database,
        *,
        files: Path | None = None,
        keepers: str | None = None,
        voucher: vouching.Voucher | None = None,
        check_clock: bool = True,
    ) -> None:
        self.database = database
        self.name = f"clockwork {socket.gethostname()} {os.getpid()}"
        self.drift = timedelta()
        self._files, self._keepers, self._check_clock = files, keepers, check_clock
        self._voucher = voucher
        self._context = copy_context()  # jobs see the clock of who started us
        self._armed: datetime | None = None
        self._arming = threading.Lock()
        self._sweeping = threading.Lock()
        self._beaten = time.monotonic()
        self._beat_due = 0.0
        self._stopping = threading.Event()
        self._unlisten: Callable[[], None] = lambda: None
        self._scheduler = BackgroundScheduler(
            timezone=UTC,
            executors={"default": ThreadPoolExecutor(4)},
            job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 1},
        )

    def start(self) -> None:
        """Begin to work, in threads of our own."""
        logging.getLogger("apscheduler").setLevel(logging.ERROR)
        for work, seconds in (
            (self.sweep, SWEEP_SECONDS),
            (self._send, OUTBOX_SECONDS),
            (self._seal, SEAL_SECONDS),
            (self._keep_house, HOUSEKEEPING_SECONDS),
        ):
            self._scheduler.add_job(
                self._guarded, IntervalTrigger(seconds=seconds, timezone=UTC), args=[work],
                id=work.__name__, next_run_time=_real_now(),
            )  # fmt: skip
        self._unlisten = timers.listen(self.wake)
        self._scheduler.start()
        threading.Thread(target=self._watch, name="clock watch", daemon=True).start()

    def stop(self) -> None:
        """Finish the unit in hand and stop; a second call does nothing."""
        self._stopping.set()
        self._unlisten()
        self._unlisten = lambda: None
        if self in _running:
            _running.remove(self)
        if self._scheduler.running:
            self._scheduler.pause()  # nothing new is begun while we wait for what runs
            self._scheduler.shutdown(wait=True)

    def alive(self) -> bool:
        """Tell whether this process's clockwork has swept lately, with a clock to be trusted."""
        return self._scheduler.running and time.monotonic() - self._beaten < PATIENCE_SECONDS

    def wake(self, due_at: datetime) -> None:
        """Work at `due_at`, if nothing earlier is set already."""
        with self._arming:
            if self._stopping.is_set() or (self._armed is not None and self._armed <= due_at):
                return
            self._armed = due_at
            delay = max(due_at - clock.now(), timedelta())
            self._scheduler.add_job(
                self._guarded, DateTrigger(_real_now() + delay), args=[self.sweep], id="due",
                replace_existing=True,
            )  # fmt: skip

    def sweep(self) -> None:
        """Do everything that is due: timers, absences, then jobs, then messages between cases."""
        with self._sweeping:
            self._armed = None
            if not self._clock_is_right():
                return
            works = (
                self._fire, absences.run_due, jobs.run_due, *_BETWEEN, outbox.deliver_due
            )  # fmt: skip
            while sum(self._take_turn(work) for work in works):
                self._beat()
            self._beat()
        self._set_alarm()

    def _take_turn(self, work: Callable[[Database], int]) -> bool:
        """Do some batches of one kind of work; tell whether there may be more.

        Neither a day's thousands of limits nor a list of a thousand cases holds the others up.
        """
        for _ in range(_TURN):
            begin = time.perf_counter()
            if self._stopping.is_set() or not work(self.database):
                return False
            self._beat()
            time.sleep(_BREATH + _SHARE * (time.perf_counter() - begin))
        return True

    def _fire(self, database: Database) -> int:
        with database.read() as session:
            due = timers.next_due(session)
        return timers.run_due(database) if due is not None and due <= clock.now() else 0

    def _set_alarm(self) -> None:
        with self.database.read() as session:
            due = timers.next_due(session)
        if due is not None:
            self.wake(max(due, clock.now() + _SOON))

    def _send(self) -> None:
        for work in (dispatch.run_due, outbox.send_due):
            while work(self.database) and not self._stopping.is_set():
                time.sleep(_BREATH)

    def _keep_house(self) -> None:
        housekeeping.run(self.database, files=self._files, keepers=self._keepers)
        if self._voucher is not None:
            vouching.each_hour(self.database, self._voucher, stopping=self._stopping.is_set)

    def _seal(self) -> None:
        if self._voucher is not None:
            vouching.each_minute(self.database, self._voucher)

    def _beat(self) -> None:
        """Say that we live: to this process each time, to the others every few seconds."""
        self._beaten = time.monotonic()
        if self._beaten < self._beat_due:
            return
        self._beat_due = self._beaten + BEAT_SECONDS
        with self.database.begin() as session:
            session.merge(Heartbeat(name=self.name, at=clock.now()))

    def _clock_is_right(self) -> bool:
        """Compare our clock with the database's; a wrong one must not fire anything."""
        if not self._check_clock:
            return True
        with self.database.read() as session:
            self.drift = drift(session)
        if abs(self.drift) > STOP_DRIFT:
            log.error("clock differs by %s from the database's; timers are stopped", self.drift)
            return False
        if abs(self.drift) > WARN_DRIFT:
            log.warning("clock differs by %s from the database's", self.drift)
        return True

    def _watch(self) -> None:
        """Set all jobs anew when the machine's clock was moved: they would wait for its old time."""
        offset = _offset()
        while not self._stopping.wait(WATCH_SECONDS):
            moved, offset = _offset() - offset, _offset()
            if abs(moved) > JUMP_SECONDS:
                log.warning("the machine's clock was moved by %.0f s", moved)
                self._set_jobs_anew()

    def _set_jobs_anew(self) -> None:
        with self._arming:
            self._armed = None
            for job in self._scheduler.get_jobs():
                with suppress(JobLookupError):  # it ran and went at this very moment
                    job.modify(next_run_time=_real_now())

    def _guarded(self, work: Callable[[], None]) -> None:
        try:
            self._context.copy().run(work)
        except Exception:  # whatever fails, the thread lives on and the next round tries again
            log.exception("%s failed", work.__name__)


def start(
    database: Database,
    *,
    files: Path | None = None,
    keepers: str | None = None,
    voucher: vouching.Voucher | None = None,
    check_clock: bool = True,
) -> Clockwork:
    """Start this process's clockwork; `files` and `keepers` are for `housekeeping.run`.

    Without a `voucher` history is not sealed by this process.
    """
    clockwork = Clockwork(
        database, files=files, keepers=keepers, voucher=voucher, check_clock=check_clock
    )
    clockwork.start()
    _running.append(clockwork)
    # a process that ends waits for its threads before it calls what atexit knows
    threading._register_atexit(clockwork._stopping.set)  # type: ignore[attr-defined]  # noqa: SLF001 — there is no public way to hear of it earlier
    atexit.register(clockwork.stop)
    return clockwork


def wake(due_at: datetime | None = None) -> None:
    """Let this process's clockwork work at a moment, or now; nothing happens without one."""
    for clockwork in _running:
        clockwork.wake(due_at or clock.now())


def alive(session: Session) -> bool:
    """Tell whether any process's clockwork has beaten lately."""
    beat = session.scalars(select(func.max(Heartbeat.at))).one()
    return beat is not None and clock.now() - beat < timedelta(seconds=PATIENCE_SECONDS)


def drift(session: Session) -> timedelta:
    """Return how far our clock is ahead of the database's."""
    before = clock.now()
    query = _DATABASE_CLOCK[session.get_bind().dialect.name]
    theirs = float(session.execute(text(query)).scalar_one())
    ours = before + (clock.now() - before) / 2
    return timedelta(milliseconds=ours.timestamp() * 1000 - theirs)


def _offset() -> float:
    """Return how far the wall clock is ahead of the one that nobody can move."""
    return time.time() - time.monotonic()


def _real_now() -> datetime:
    """Return the machine's time: what APScheduler counts in, whatever time a test has pinned."""
    return datetime.fromtimestamp(time.time(), UTC)
