"""The State Council's working-day arrangements as data of ours, so that no package is asked at run time.

`cn.json` holds per year the days off and the working weekends 调休. A year under `official` rests
on a published notice; a year under `statutory` only on the holidays fixed by law, because its
notice is not out yet.
"""

import json
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

#: date.weekday() of the first day of the weekend
_SATURDAY = 5
_FILE = Path(__file__).with_name("cn.json")
#: holidays that fall on the same dates each year (regulation of 2024-11-10), for years not in the file
_FIXED = {(1, 1): "元旦", (5, 1): "劳动节", (5, 2): "劳动节",
          (10, 1): "国庆节", (10, 2): "国庆节", (10, 3): "国庆节"}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """One day that differs from an ordinary week: a holiday, or a working weekend."""

    on: date
    working: bool
    name: str


def official_years() -> tuple[int, ...]:
    """Return the years whose notice is in the file."""
    return tuple(sorted(int(year) for year in _read()["official"]))


@cache
def days(year: int) -> tuple[Day, ...]:
    """Return what differs in a year: by its notice, else by the law, else by the fixed dates."""
    data = _read()
    if entry := data["official"].get(str(year)):
        rows = [
            *_days(year, entry["off"], working=False),
            *_days(year, entry["work"], working=True),
        ]
    elif entry := data["statutory"].get(str(year)):
        rows = _days(year, entry, working=False)
    else:
        rows = [Day(on=date(year, *on), working=False, name=n) for on, n in _FIXED.items()]
    return tuple(sorted(rows, key=lambda day: day.on))


def source(year: int) -> str | None:
    """Return where a year's notice was published."""
    entry = _read()["official"].get(str(year))
    return None if entry is None else str(entry["source"])


def from_package(year: int) -> dict[str, dict[str, str]]:
    """Read a year from the package `holidays`: how the file is made and checked, never at run time."""
    import holidays

    table = holidays.country_holidays("CN", years=year, language="zh_CN")
    every = [date(year, 1, 1) + timedelta(days=n) for n in range(366)]
    weekend = [day for day in every if day.year == year and day.weekday() >= _SATURDAY]
    return {
        "off": {f"{day:%m-%d}": name for day, name in sorted(table.items())},
        "work": {f"{day:%m-%d}": "调休上班" for day in weekend if table.is_working_day(day)},
    }


@cache
def _read() -> dict[str, Any]:
    read: dict[str, Any] = json.loads(_FILE.read_text(encoding="utf-8"))
    return read


def _days(year: int, entry: dict[str, str], *, working: bool) -> list[Day]:
    return [
        Day(on=date.fromisoformat(f"{year}-{day}"), working=working, name=name)
        for day, name in entry.items()
    ]
