"""How long a failed job waits before it is tried again: as its step says, else longer each time."""

from datetime import timedelta

from engine import working_time
from engine.errors import N_

#: the property of a step with waiting times of its own: `PT10S,PT1M,PT10M`, the last one repeated
PROPERTY = "retryBackoff"
#: where a step says nothing: after the first failure, doubled after each further one
FIRST, LONGEST = timedelta(seconds=10), timedelta(hours=1)


def read(text: str) -> tuple[timedelta, ...]:
    """Read the waiting times of a step; DurationError when one is no span of real time."""
    found = []
    for part in filter(None, (one.strip() for one in text.split(","))):
        duration = working_time.parse(part)
        if duration.months:
            raise working_time.DurationError(N_("重试间隔“{text}”不能用月和年"), text=part)
        found.append(timedelta(days=duration.days, milliseconds=duration.milliseconds))
    return tuple(found)


def wait(text: str, failures: int) -> timedelta:
    """Return how long to wait after so many failures (1 is the first)."""
    told = read(text)
    if told:
        return told[min(failures, len(told)) - 1]
    doubled: timedelta = FIRST * 2 ** min(failures - 1, 12)
    return min(doubled, LONGEST)
