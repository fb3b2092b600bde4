"""A worker's request that waits for jobs: some seconds, woken by the commit that opens one."""

import threading
import time
from datetime import timedelta

from engine import leases, timers
from engine.db import Database
from engine.leases import Leased, Request
from engine.ports import Actor

#: what is waited when the worker says nothing, and at most
USUAL, LONGEST = timedelta(seconds=10), timedelta(seconds=30)
#: requests of this process that may wait at a time; others are answered at once
WAITERS = 4
#: another process's jobs are found after this
_LOOK_SECONDS = 1.0
_seats = threading.BoundedSemaphore(WAITERS)


def lease(
    database: Database, actor: Actor, request: Request, *, patience: timedelta
) -> list[Leased]:
    """Lease jobs as soon as there are some; none when the patience is over."""
    found = _try(database, actor, request)
    if found or patience <= timedelta() or not _seats.acquire(blocking=False):
        return found
    bell = threading.Event()
    unlisten = timers.listen(lambda _: bell.set())
    try:
        until = time.monotonic() + min(patience, LONGEST).total_seconds()
        while not found and (left := until - time.monotonic()) > 0:
            bell.wait(min(left, _LOOK_SECONDS))
            bell.clear()
            found = _try(database, actor, request)
    finally:
        unlisten()
        _seats.release()
    return found


def _try(database: Database, actor: Actor, request: Request) -> list[Leased]:
    with database.read() as session:
        if not leases.any_for(session, request):
            return []
    with database.begin() as session:
        return leases.lease(session, actor, request)
