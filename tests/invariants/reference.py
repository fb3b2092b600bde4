"""One working day, told a second time: the State Council's notice for 2026 and the hours of §7.2."""

from datetime import date, datetime, time, timedelta

from tests.invariants.rows import ZONE

#: first and last days off, and the weekends that are worked (notice of 2025-11-04)
_OFF = (("01-01", "01-03"), ("02-15", "02-23"), ("04-04", "04-06"), ("05-01", "05-05"),
        ("06-19", "06-21"), ("09-25", "09-27"), ("10-01", "10-07"))  # fmt: skip
_WORKED = {"01-04", "02-14", "02-28", "05-09", "09-20", "10-10"}
_HOURS = ((time(8, 30), time(12)), (time(13, 30), time(18)))
SATURDAY = 5
#: days of Spring Festival
FESTIVAL = (date(2026, 2, 15), date(2026, 2, 23))


def works(day: date) -> bool:
    """Say whether a day of 2026 is a working day."""
    said = f"{day:%m-%d}"
    if said in _WORKED:
        return True
    return day.weekday() < SATURDAY and not any(first <= said <= last for first, last in _OFF)


def one_working_day(after: datetime) -> datetime:
    """Return the same clock time on the next working day; closed hours count as the next opening."""
    begin = _opening(after.astimezone(ZONE))
    day = begin.date() + timedelta(days=1)
    while not works(day):
        day += timedelta(days=1)
    return datetime.combine(day, begin.timetz())


def _opening(moment: datetime) -> datetime:
    """Return the moment, or when somebody works again."""
    day = moment.date()
    while True:
        if works(day):
            for begins, ends in _HOURS:
                opens = datetime.combine(day, begins, ZONE)
                if moment < datetime.combine(day, ends, ZONE):
                    return max(moment, opens)
        day += timedelta(days=1)
