"""What a person wants to hear where and when: ways a kind, quiet hours, one mail a day."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from engine.errors import N_, InvalidInputError
from engine.models import Channel, NoticeChoice, NoticeTimes
from engine.outward import kinds

MAIL = "mail"
DAY_MINUTES = 24 * 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Choices:
    """One person's choices, with what holds where they have said nothing."""

    wanted: Mapping[tuple[str, str], bool]
    times: NoticeTimes | None

    def mail(self, kind: kinds.Kind) -> bool:
        """Tell whether a kind of notices comes by mail."""
        return self.wanted.get((kind.key, MAIL), kind.mail)

    def channel(self, kind: kinds.Kind, channel: Channel) -> bool:
        """Tell whether a robot or web hook says a kind of notices about this person."""
        return self.wanted.get((kind.key, str(channel.key)), kind.key in channel.kinds)

    def free_at(self, now: datetime) -> datetime:
        """Return when this person may be disturbed: now, or when the quiet hours end."""
        held = self.times
        if held is None or held.quiet_from is None or held.quiet_to is None:
            return now
        return _end_of_quiet(now, held.quiet_from, held.quiet_to, ZoneInfo(held.zone))

    def digest_at(self, now: datetime) -> datetime | None:
        """Return when the next digest leaves; None for a person who wants single mails."""
        if self.times is None or self.times.digest_at is None:
            return None
        zone = ZoneInfo(self.times.zone)
        today = _local(now.astimezone(zone), self.times.digest_at)
        return (today if today > now else _local(_tomorrow(now, zone), self.times.digest_at)).astimezone(now.tzinfo)  # fmt: skip


def of(session: Session, user_keys: Iterable[int]) -> dict[int, Choices]:
    """Return the choices of several people."""
    keys = sorted(set(user_keys))
    wanted: dict[int, dict[tuple[str, str], bool]] = {key: {} for key in keys}
    for row in session.scalars(select(NoticeChoice).where(NoticeChoice.user_key.in_(keys))):
        wanted[row.user_key][row.kind, row.channel] = row.wanted
    query = select(NoticeTimes).where(NoticeTimes.user_key.in_(keys))
    times = {row.user_key: row for row in session.scalars(query)}
    return {key: Choices(wanted=wanted[key], times=times.get(key)) for key in keys}


def choose(session: Session, user_key: int, wanted: Mapping[tuple[str, str], bool]) -> None:
    """Keep a person's choices: (kind, "mail" or a channel's key) -> wanted."""
    session.execute(delete(NoticeChoice).where(NoticeChoice.user_key == user_key))
    known = {kind.key for kind in kinds.KINDS}
    session.add_all(
        NoticeChoice(user_key=user_key, kind=kind, channel=channel, wanted=yes)
        for (kind, channel), yes in wanted.items()
        if kind in known
    )
    session.flush()


def set_times(
    session: Session, user_key: int, *, zone: str, quiet: tuple[str, str], digest: str
) -> None:
    """Keep a person's quiet hours and digest: local HH:MM, empty for none."""
    quiet_from, quiet_to = (
        minutes(text, field) for text, field in zip(quiet, ("quiet_from", "quiet_to"), strict=True)
    )
    if (quiet_from is None) != (quiet_to is None):
        raise InvalidInputError(
            N_("免打扰请填开始和结束两个时间，或者都不填。"),
            fields={"quiet_to": [N_("请填完整。")]},
        )
    session.merge(
        NoticeTimes(user_key=user_key, zone=zone, quiet_from=quiet_from, quiet_to=quiet_to,
                    digest_at=minutes(digest, "digest_at"))
    )  # fmt: skip
    session.flush()


def minutes(text: str, field: str) -> int | None:
    """Return the minute of the day that HH:MM names."""
    if not text.strip():
        return None
    try:
        found = time.fromisoformat(text.strip())
    except ValueError:
        raise InvalidInputError(
            N_("时间请写成 22:00 这样。"), fields={field: [N_("请检查时间。")]}
        ) from None
    return found.hour * 60 + found.minute


def clock_of(minute: int | None) -> str:
    """Return HH:MM of a minute of the day; empty for none."""
    return "" if minute is None else f"{minute // 60:02}:{minute % 60:02}"


def _end_of_quiet(now: datetime, begin: int, end: int, zone: ZoneInfo) -> datetime:
    local = now.astimezone(zone)
    minute = local.hour * 60 + local.minute
    inside = begin <= minute < end if begin < end else (minute >= begin or minute < end)
    if begin == end or not inside:
        return now
    day = local if minute < end else _tomorrow(now, zone)
    return _local(day, end).astimezone(now.tzinfo)


def _local(day: datetime, minute: int) -> datetime:
    return day.replace(hour=minute // 60, minute=minute % 60, second=0, microsecond=0)


def _tomorrow(now: datetime, zone: ZoneInfo) -> datetime:
    return now.astimezone(zone) + timedelta(days=1)
