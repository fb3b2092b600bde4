"""Let time pass on a clock of one's own: everything that falls due happens at its moment."""

from dataclasses import dataclass
from datetime import datetime

from engine import clock, correlation, deliveries, jobs, timers
from engine.db import Database

#: rounds of jobs and timers at one moment; more means that a process runs in circles
ROUNDS = 1000


class DifferenceError(AssertionError):
    """A scenario went another way than it says."""


@dataclass(slots=True, kw_only=True)
class Hands:
    """A clock whose hands are moved: `clock.at(hands)`."""

    now: datetime

    def __call__(self) -> datetime:
        return self.now


def settle(database: Database) -> None:
    """Do everything that is due at this moment: jobs, messages, timers, until nothing is left."""
    for _ in range(ROUNDS):
        done = jobs.run_due(database)
        done += correlation.run_due(database) + deliveries.run_due(database)
        coming = _coming(database)
        if coming is not None and coming <= clock.now():
            done += timers.run_due(database)
        if not done:
            return
    raise DifferenceError("自动步骤没有停下来")


def pass_time(database: Database, hands: Hands, target: datetime) -> None:
    """Move the hands to `target`, stopping wherever something is due on the way."""
    for _ in range(ROUNDS):
        coming = _coming(database)
        if coming is None or coming > target:
            break
        hands.now = max(hands.now, coming)
        settle(database)
    hands.now = max(hands.now, target)


def _coming(database: Database) -> datetime | None:
    with database.read() as session:
        return timers.next_due(session)
