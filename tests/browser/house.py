"""A whole installation for a browser: database, people, rooms, server, and a clock with hands."""

import logging
import shutil
import sqlite3
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import yaml
from flask import Flask
from werkzeug.serving import BaseWSGIServer, make_server

import processes
from api import tokens
from api.app import build, install
from api.settings import Settings
from engine import calendars, clock, compiled, identity, ids
from engine.db import Database
from engine.models import Tenant
from engine.ports import COMPANY
from engine.testing import settle, walk
from processes.archive import Building, Occupancy, Resident, Room
from tests import furnished

PASSWORD = "wuyeflow-demo"
MONDAY = datetime(2026, 11, 23, 2, 20, tzinfo=UTC)
COMPLAINT = Path(processes.__file__).parent / "complaint"
SAMPLES = yaml.safe_load((COMPLAINT / "scenarios/_samples.yaml").read_text("utf-8"))
#: user name, name, (role, scope)…; the names are those under which scenarios look for people
PEOPLE: tuple[tuple[str, str, tuple[tuple[str, str], ...]], ...] = (
    ("yj-cs_assistant", "林晓雯", (("cs_assistant", "yj"),)),
    ("yj-cs_assistant-2", "徐敏", (("cs_assistant", "yj"),)),
    ("yj-cs_manager", "何静", (("cs_manager", "yj"),)),
    ("yj-project_manager", "方磊", (("project_manager", "yj"),)),
    ("yj-eng_dispatch", "周建国", (("eng_dispatch", "yj"),)),
    ("yj-eng_worker", "丁志强", (("eng_worker", "yj"),)),
    ("ch-cs_assistant", "赵鹏", (("cs_assistant", "ch"),)),
    ("quality", "孙丽", (("quality", COMPANY),)),
    ("leader", "高远", (("leader", COMPANY),)),
    ("publisher", "沈流", (("publisher", COMPANY), ("designer", COMPANY))),
    ("admin", "管理员", (("admin", COMPANY),)),
)
ROOMS = {1201: "3-2-1201", 302: "2-1-302", 1701: "3-2-1701", 802: "4-1-802", 501: "2-3-501"}


logging.getLogger("werkzeug").setLevel(logging.WARNING)


#: applications that no house has at the moment: building one takes longer than most tests
_free: list[Flask] = []


class House:
    """One installation on a free port of this machine; `moment` is what its clock shows."""

    def __init__(self, folder: Path, kind: type[Database] = Database) -> None:
        self.moment, self._kind = MONDAY, kind
        compiled.forget()
        identity.use_password_cost(time_cost=1, memory_kib=64)
        processes.register()
        with self.time():
            self.database = furnished.opened(
                furnished.copy("house", furnish, folder / "house.db"), kind
            )
        settings = Settings(database_url=self.database.url, folder=folder, company="云景物业服务中心",
                            poll_seconds=1, idle_hours=240, keep_days=30)  # fmt: skip
        self.app = _free.pop() if _free else build()
        self._untimed = self.app.wsgi_app
        install(self.app, settings, self.database)
        self.app.wsgi_app = self._timed(self.app.wsgi_app)
        self.server: BaseWSGIServer = make_server("127.0.0.1", 0, self.app, threaded=True)
        self.url = f"http://127.0.0.1:{self.server.port}"
        self._thread = threading.Thread(
            target=self.server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True
        )
        self._thread.start()
        self._stopped = threading.Event()
        #: the clockwork stands still while a case is walked through its own past
        self._at_work = threading.Lock()
        self._clockwork = threading.Thread(target=self._tick, daemon=True)
        self._clockwork.start()

    def close(self) -> None:
        self._stopped.set()
        self._clockwork.join()
        self.server.shutdown()
        self._thread.join()
        self.server.server_close()
        self.database.close()
        compiled.forget()
        self.app.wsgi_app = self._untimed
        _free.append(self.app)

    @contextmanager
    def time(self) -> Iterator[None]:
        """Let the house's clock tell the time here, too."""
        with clock.at(lambda: self.moment):
            yield

    def keep(self) -> Path:
        """Keep the house as it is now; `put_back` returns to it."""
        kept = Path(self.database.url.removeprefix("sqlite:///")).with_suffix(".kept")
        now = sqlite3.connect(kept.with_suffix(".db"))
        with self._at_work, closing(now), closing(sqlite3.connect(kept)) as copy:
            now.backup(copy)
        return kept

    def put_back(self, kept: Path, moment: datetime) -> None:
        """Let the house be again as it was kept, at that moment; nobody asks for anything now."""
        with self._at_work:
            self.database.close()
            self.moment = moment
            for old in kept.parent.glob(f"{kept.stem}.db*"):
                old.unlink()
            shutil.copyfile(kept, kept.with_suffix(".db"))
            self.database = self.app.extensions["database"] = furnished.opened(
                self.database.url, self._kind
            )
        tokens.forget()

    def hire(self, username: str, name: str, group: str, tenant_id: str = "yj") -> int:
        """Give somebody an account and a role; return their key."""
        with self.time(), self.database.begin() as session:
            user = identity.create_user(session, username=username, name=name, password=PASSWORD)
            identity.add_membership(session, user.key, group, tenant_id)
            return user.key

    def later(self, span: timedelta) -> None:
        """Move the hands; the clockwork does what is due by then."""
        self.moment += span

    @contextmanager
    def at_rest(self) -> Iterator[None]:
        """Keep the clockwork still for a while."""
        with self._at_work:
            yield

    def _tick(self) -> None:
        """Do what is due, again and again: jobs, timers, limits."""
        while not self._stopped.wait(0.1):
            with self._at_work, self.time():
                settle(self.database)

    def case(self, *steps: Any, at: str, by: str = "cs_assistant", **record: Any) -> int:
        """Walk a complaint through some steps; return its key. Times are local, in order."""
        first = {"do": "T1_record", "by": by, "values": record}
        with self._at_work:
            outcome = walk(
                {"title": "", "process": "complaint", "tenant": "yj", "at": at, "by": by,
                 "samples": SAMPLES, "steps": [first, *steps]},
                self.database, names={"room": "1201", **{f"room{k}": str(k) for k in ROOMS}},
            )  # fmt: skip
        assert outcome.difference is None, outcome.difference
        return outcome.instance_key

    def follow(self, scenario: Path | Mapping[str, Any]) -> int:
        """Walk a case of any process as a scenario says; return its key."""
        with self._at_work:
            outcome = walk(scenario, self.database, names={
                "room": "1201", **{f"room{k}": str(k) for k in ROOMS}})  # fmt: skip
        assert outcome.difference is None, outcome.difference
        return outcome.instance_key

    def _timed(self, inner: Callable[..., Any]) -> Callable[..., Any]:
        def call(environ: Mapping[str, Any], start: Any) -> Any:
            with self.time():
                return inner(environ, start)

        return call


def furnish(database: Database) -> None:
    """Put everything in force, with people of every role and some rooms."""
    with database.begin() as session:
        calendars.seed(session)
        processes.deploy_all(session)
        session.add(Tenant(tenant_id="yj", name="云景花园", zone="Asia/Shanghai"))
        session.add(Tenant(tenant_id="ch", name="翠湖名邸", zone="Asia/Shanghai"))
        session.flush()
        for username, name, grants in PEOPLE:
            user = identity.create_user(session, username=username, name=name, password=PASSWORD)
            for group, tenant in grants:
                identity.add_membership(session, user.key, group, tenant)
        building = Building(key=ids.new(), tenant_id="yj", number="3", name="3栋", floors=18,
                            has_lift=True)  # fmt: skip
        session.add(building)
        session.flush()
        for key, number in ROOMS.items():
            session.add(Room(key=key, tenant_id="yj", building_key=building.key, number=number,
                             unit="2", floor=12, area=8_900, use="live"))  # fmt: skip
        session.add(
            Resident(key=77, tenant_id="yj", name="周明", phone="13800000001", vulnerable=False)
        )
        session.flush()
        session.add(Occupancy(key=ids.new(), tenant_id="yj", room_key=1201, resident_key=77,
                              kind="owner"))  # fmt: skip
