"""Let an instance take one step: the diagram's version, its decisions and its project's calendars."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from engine import calendars, compiled, feel_time, spiff
from engine.compiled import Compiled
from engine.runs import Run


def start(
    session: Session, which: Compiled, tenant_id: str, variables: Mapping[str, Any], now: datetime,
    element: str | None = None,
) -> spiff.Step:  # fmt: skip
    """Start a version of a process in a project, at a start event."""
    runtime = compiled.runtime(session, which, now=now)
    with feel_time.within(calendars.clocks(session, tenant_id)):
        return spiff.start(
            which.model, which.process_id, variables=variables, runtime=runtime, element=element
        )


def complete(
    session: Session, run: Run, token: int, variables: Mapping[str, Any], now: datetime
) -> spiff.Step:
    """Let a user task or a job go on."""
    runtime = compiled.runtime(session, run.which, now=now)
    with feel_time.within(calendars.clocks(session, run.tenant_id)):
        return spiff.complete(
            run.which.model, run.blob, token, variables=variables, runtime=runtime
        )


def fire(session: Session, run: Run, token: int, now: datetime) -> spiff.Step:
    """Let a timer fire."""
    runtime = compiled.runtime(session, run.which, now=now)
    with feel_time.within(calendars.clocks(session, run.tenant_id)):
        return spiff.fire(run.which.model, run.blob, token, runtime=runtime)


def deliver(
    session: Session, run: Run, token: int, payload: Mapping[str, Any], now: datetime
) -> spiff.Step:
    """Give a message, a signal or a called instance's answer to the token that waits for it."""
    runtime = compiled.runtime(session, run.which, now=now)
    with feel_time.within(calendars.clocks(session, run.tenant_id)):
        return spiff.deliver(run.which.model, run.blob, token, payload=payload, runtime=runtime)


def throw(session: Session, run: Run, token: int, event: spiff.Thrown, now: datetime) -> spiff.Step:
    """Let a call activity throw the error or escalation that left the called instance."""
    runtime = compiled.runtime(session, run.which, now=now)
    with feel_time.within(calendars.clocks(session, run.tenant_id)):
        return spiff.throw(
            run.which.model, run.blob, token, error_code=event.name, kind=event.kind,
            variables=event.payload, runtime=runtime,
        )  # fmt: skip


def modify(session: Session, run: Run, change: spiff.Change, now: datetime) -> spiff.Step:
    """Change by hand where an instance stands."""
    runtime = compiled.runtime(session, run.which, now=now)
    with feel_time.within(calendars.clocks(session, run.tenant_id)):
        return spiff.modify(run.which.model, run.blob, change, runtime=runtime)
