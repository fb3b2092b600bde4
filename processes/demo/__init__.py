"""Demonstration data: an invented company whose cases really went through the engine.

Seeded: the same moment gives the same company. Names, numbers and stories are invented.
"""

import random
from collections.abc import Callable
from datetime import timedelta

from sqlalchemy import select

from engine import clock
from engine.db import Database
from engine.models import User
from engine.testing import Hands
from processes import roles
from processes.demo import cases, houses, picture, staff, tours
from processes.demo.course import Course
from processes.demo.staff import PASSWORD, PROJECTS, STAFF

__all__ = ["PASSWORD", "SEED", "accounts", "fill", "missing"]

SEED = 20261122
_WEEKS = timedelta(weeks=6, days=1)


def missing(database: Database) -> bool:
    """Tell whether the invented company is not here yet."""
    with database.read() as session:
        known = session.scalar(select(User.key).where(User.username == STAFF[0].username))
        return known is None


def fill(database: Database, *, store: Callable[[bytes], str] | None = None) -> None:
    """Invent the company and let sixty complaints, and some of all else, take their course up to now.

    `store` keeps the bytes of a picture and returns their hash; without it, steps that need a
    photograph are left open. Where the company is already, nothing is changed.
    """
    if not missing(database):
        return
    now, rng = clock.now(), random.Random(SEED)  # noqa: S311 — invented data, not a secret
    hands = Hands(now=now - _WEEKS)
    with clock.at(hands):
        with database.begin() as session:
            people = staff.add(session)
            homes, empty = houses.add(session, rng)
        course = Course(
            database=database, staff=people, hands=hands, rng=rng,
            picture=None if store is None else _kept(store, picture.jpeg()),
            signature=None if store is None else _kept(store, picture.signature()),
        )  # fmt: skip
        others = tours.invent(random.Random(SEED), homes, empty, now)  # noqa: S311 — the same
        course.run([*cases.invent(rng, homes, now), *others], now)


def _kept(store: Callable[[bytes], str], image: bytes) -> tuple[str, int]:
    return store(image), len(image)


def accounts() -> list[str]:
    """Return one line for each kind of account, for the start of the server."""
    projects = dict(PROJECTS)
    lines = [f"演示账号（密码都是 {PASSWORD}）："]
    for member in STAFF:
        where = projects.get(member.tenant_id, "全公司")
        lines.append(
            f"  {member.username:<14} {member.name}　{roles.BY_KEY[member.group].zh}　{where}"
        )
    return lines
