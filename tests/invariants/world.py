"""A project with everybody in it, those with two hats too, for walking at random."""

import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

import processes
from api.database import metadata
from engine import calendars, clock, compiled, deployments, identity, ids
from engine.db import Database, sqlite_url
from engine.deployments import Resource
from engine.models import Membership, Tenant, User
from engine.ports import COMPANY, SYSTEM, Actor
from engine.testing import Hands
from processes import shipping
from tests import furnished
from tests.conftest import MONDAY
from tests.processes.conftest import archive

#: user name -> groups; a `*` before a group: held in the whole company
PEOPLE: Mapping[str, Sequence[str]] = {
    "assistant": ["cs_assistant"],
    "assistant-2": ["cs_assistant"],
    "manager": ["cs_manager"],
    "manager-2": ["cs_manager"],
    "head": ["project_manager"],
    "dispatcher": ["eng_dispatch"],
    "worker": ["eng_worker"],
    "worker-2": ["eng_worker"],
    "cashier": ["cashier"],
    "guard": ["security"],
    "gardener": ["cleaning"],
    "finance": ["*finance_hq"],
    "quality": ["*quality"],
    "leader": ["*leader"],
    "worker-cashier": ["eng_worker", "cashier"],
    "worker-assistant": ["eng_worker", "cs_assistant", "cs_manager"],
    "worker-head": ["eng_worker", "project_manager"],
}
#: changes the files before they are deployed
Change = Callable[[Resource], bytes]


@dataclass(slots=True)
class World:
    """A database with everything in force, and the people who work there."""

    database: Database
    people: dict[str, Actor] = field(default_factory=dict)

    def of_group(self, group: str) -> list[Actor]:
        """Return who holds a role, by name."""
        held = [one for one in self.people.values() if group in one.groups("yj")]
        return sorted(held, key=lambda one: one.username)


def _as_it_is(resource: Resource) -> bytes:
    return resource.body


def furnish(database: Database, change: Change = _as_it_is) -> None:
    """Put the processes in force, with the files changed as asked, and let people work there."""
    compiled.forget()
    processes.register()
    with clock.at(Hands(now=MONDAY)), database.begin() as session:
        files = [Resource(one.name, change(one)) for one in processes.resources()]
        deployments.deploy(session, SYSTEM, files, tenant_id=COMPANY, name=shipping.SHIPPED)
        calendars.seed(session)
        session.add(Tenant(tenant_id="yj", name="云景花园", zone="Asia/Shanghai"))
        session.flush()
        archive(session)
        for name, groups in PEOPLE.items():
            _person(session, name, groups)
    compiled.forget()


@contextmanager
def opened(url: str) -> Iterator[World]:
    """Yield a furnished database, and forget what was compiled before and after."""
    compiled.forget()
    processes.register()
    database = furnished.opened(url)
    with database.read() as session:
        keys = {name: key for name, key in session.execute(select(User.username, User.key))}  # noqa: C416 — rows
        people = {name: identity.actor(session, keys[name]) for name in PEOPLE}
    yield World(database, people)
    database.close()
    compiled.forget()


class Template:
    """A furnished SQLite database that is copied for each walk: what one leaves no other finds."""

    def __init__(self, folder: Path, change: Change = _as_it_is) -> None:
        self.file, self._copies = folder / "template.db", 0
        made = furnished.opened(sqlite_url(self.file))
        metadata().create_all(made.writer_engine)
        furnish(made, change)
        made.close()

    @contextmanager
    def copy(self) -> Iterator[World]:
        """Yield a world of one's own."""
        self._copies += 1
        file = self.file.with_name(f"copy-{self._copies}.db")
        shutil.copyfile(self.file, file)
        with opened(sqlite_url(file)) as made:
            yield made
        file.unlink()


def _person(session: Session, name: str, groups: Sequence[str]) -> None:
    user = User(key=ids.new(), username=name, name=name, password_hash="", created_at=clock.now())
    session.add(user)
    session.flush()
    for one in groups:
        scope = COMPANY if one[0] == "*" else "yj"
        session.add(
            Membership(key=ids.new(), user_key=user.key, group=one.lstrip("*"), tenant_id=scope)
        )
