"""Instants as whole milliseconds, as the state and the rows keep them."""

from datetime import UTC, datetime, timedelta

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def millis(moment: datetime) -> int:
    """Return milliseconds since 1970."""
    return round((moment - _EPOCH) / timedelta(milliseconds=1))


def moment(value: int) -> datetime:
    """Return the aware instant."""
    return _EPOCH + timedelta(milliseconds=value)
