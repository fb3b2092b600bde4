"""A project with everything in force and one room, for walking processes."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.orm import Session

import processes
from engine import clock, compiled, ids
from engine.db import Database
from engine.models import Tenant
from engine.testing import Walked, walk
from processes.archive import Building, Occupancy, Resident, Room
from tests import furnished
from tests.conftest import DATABASES, MONDAY

ROOT = Path(processes.__file__).parent


@pytest.fixture(params=DATABASES)
def project(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """A database where the processes are in force and project `yj` has a room."""
    with _opened(request, request.param, tmp_path) as opened:
        yield opened


@pytest.fixture(scope="module")
def shared_project(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Database]:
    """The same for a whole module, where tests only look."""
    with _opened(request, "sqlite", tmp_path_factory.mktemp("project")) as opened:
        yield opened


@pytest.fixture(scope="module", params=DATABASES)
def lasting_project(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Database]:
    """A project on each database where the cases of a whole module lie side by side."""
    with _opened(request, request.param, tmp_path_factory.mktemp("project")) as opened:
        yield opened


@contextmanager
def _opened(request: pytest.FixtureRequest, kind: str, folder: Path) -> Iterator[Database]:
    """Open a copy of the project, and forget what was compiled before and after."""
    compiled.forget()
    processes.register()
    with ExitStack() as stack:
        if kind == "sqlite":
            url = furnished.copy("project", put_in_force, folder / "project.db")
        else:
            server = request.getfixturevalue("postgresql_server")
            url = stack.enter_context(furnished.lend("project", put_in_force, server))
        opened = furnished.opened(url)
        stack.callback(opened.close)
        yield opened
    compiled.forget()


def put_in_force(database: Database) -> None:
    """Put the processes in force and a room with its owner into the archive."""
    processes.register()
    with clock.at(lambda: MONDAY), database.begin() as session:
        processes.deploy_all(session)
        session.add(Tenant(tenant_id="yj", name="云景花园", zone="Asia/Shanghai"))
        archive(session)
    compiled.forget()


def archive(session: Session) -> None:
    """Add an old building and a new one, a room in each, and the old one's owner."""
    building = Building(
        key=ids.new(), tenant_id="yj", number="3", name="3栋", floors=18, has_lift=True
    )
    session.add(building)
    session.flush()
    session.add(
        Room(
            key=1201, tenant_id="yj", building_key=building.key, number="3-2-1201", unit="2",
            floor=12, area=8_900, use="live",
        )
    )  # fmt: skip
    new = Building(
        key=ids.new(), tenant_id="yj", number="8", name="8栋", floors=11, has_lift=True,
        handed_over_on=date(2026, 1, 1),
    )  # fmt: skip
    session.add(new)
    session.flush()
    session.add(
        Room(
            key=301, tenant_id="yj", building_key=new.key, number="8-1-301", unit="1",
            floor=3, area=10_200, use="live",
        )
    )  # fmt: skip
    session.add(
        Resident(key=77, tenant_id="yj", name="周明", phone="13800000001", vulnerable=False)
    )
    session.flush()
    session.add(
        Occupancy(key=ids.new(), tenant_id="yj", room_key=1201, resident_key=77, kind="owner")
    )


@pytest.fixture
def walked(project: Database) -> Callable[[Path | Mapping[str, Any]], Walked]:
    """Walk a scenario in the project; `@room` is its room."""

    def run(scenario: Path | Mapping[str, Any]) -> Walked:
        return walk(scenario, project, names={"room": "1201", "new_room": "301"})

    return run
