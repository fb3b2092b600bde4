"""The long way: `python -m tests.invariants --walks 5000` walks, checks and writes the figures down."""

import argparse
import os
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from tests.invariants.checks import CHECKS, Broken
from tests.invariants.names import NAMES
from tests.invariants.walker import walk
from tests.invariants.world import Template

#: of a hundred walks, how many each process gets
SHARES = {"complaint": 35, "repair": 35, "move_in": 10, "move_in_inspect_first": 5,
          "community_event": 5, "daily_cash": 10}  # fmt: skip
MEASUREMENTS = Path(__file__).parents[2] / "docs" / "measurements"


@dataclass(slots=True)
class Found:
    """What all walks came to."""

    walks: Counter[str] = field(default_factory=Counter)
    ends: Counter[str] = field(default_factory=Counter)
    seen: Counter[int] = field(default_factory=Counter)
    broken: list[str] = field(default_factory=list)


def main() -> int:
    """Walk, print what broke, write the page."""
    parser = argparse.ArgumentParser(prog="python -m tests.invariants", description=__doc__)
    parser.add_argument("--walks", type=int, default=5_000)
    parser.add_argument("--first", type=int, default=0, help="number of the first walk")
    parser.add_argument("--minutes", type=float, default=600, help="stop after so long")
    parser.add_argument("--write", type=Path, default=MEASUREMENTS, help="folder of the page")
    given = parser.parse_args()
    began, found = time.monotonic(), Found()
    with tempfile.TemporaryDirectory() as folder:
        template = Template(Path(folder))
        for number in range(given.first, given.first + given.walks):
            if time.monotonic() - began > given.minutes * 60:
                break
            _one(template, number, found)
    page = _page(found, given.first, time.monotonic() - began)
    today = date.today()  # noqa: DTZ011 — the day on which somebody ran it
    (given.write / f"{today.isoformat()}-invariants.md").write_text(page, "utf-8")
    print(page, *found.broken, sep="\n")
    return 1 if found.broken else 0


def _one(template: Template, number: int, found: Found) -> None:
    """Walk the process whose turn it is."""
    turn = number * 37 % sum(SHARES.values())  # 37: processes take turns
    process_id = next(key for key, upto in _turns() if turn < upto)
    case = walk(template, process_id, number)
    found.walks[process_id] += 1
    found.ends[f"{process_id} {case.root.end_element or case.root.state}"] += 1
    for key, check in CHECKS.items():
        try:
            found.seen[key] += check(case)
        except Broken as broken:
            found.broken.append(str(broken))


def _turns() -> list[tuple[str, int]]:
    upto, turns = 0, []
    for key, share in SHARES.items():
        upto += share
        turns.append((key, upto))
    return turns


def _page(found: Found, first: int, seconds: float) -> str:
    """Say what was walked, how often each invariant was put to the test, and what broke."""
    today = date.today()  # noqa: DTZ011 — as above
    count = sum(found.walks.values())
    walked = "，".join(f"`{key}` {number}" for key, number in found.walks.items())
    said = (
        f"`python -m tests.invariants --walks {count} --first {first}`：每次用一份新的库，随机的人、"
        "填写、等待、下雨、报告、转办、退回和重启；办完后按表里的行逐条检查"
        "（[不变量](../reference/invariants.md)）。"
    )
    figures = (
        f"走了 {count:,} 次（{walked}），用时 {seconds:,.0f} 秒"
        f"（{os.cpu_count()} 核，同时有别的程序），不成立 {len(found.broken)} 次。"
    )
    title = f"# {today.isoformat()}：{count:,} 次随机办理，十五条不变量"
    lines = [
        title, "", said, "", figures, "",
        "| 不变量 | 检查到多少处 |", "|---|---|",
        *(f"| {key} {NAMES[key]} | {found.seen[key]:,} |" for key in CHECKS), "",
        "| 怎样结束 | 次数 |", "|---|---|",
        *(f"| `{end}` | {number} |" for end, number in sorted(found.ends.items())), "",
    ]  # fmt: skip
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
