"""The tutorials' promises hold: the change of a limit, the refusal, the second version."""

import re
from pathlib import Path

import pytest
import yaml

import processes
from api.database import migrate
from engine import calendars, compiled, deployments, ids, instances, lint
from engine.db import Database, sqlite_url
from engine.deployments import Resource
from engine.errors import DefinitionRefused
from engine.models import Tenant
from engine.ports import SYSTEM
from engine.testing import walk
from processes import demo, roles
from processes.archive import Building, Room
from tests.docs.tables import DOCS

DIAGRAM = Path(processes.__file__).parent / "complaint/complaint.bpmn"
_T8 = re.compile(rb'(<bpmn:userTask id="T8_file".*?"timeStandard" value=")(P2D)(")', re.DOTALL)
_FLOW_AFTER_T8 = re.compile(rb'<bpmn:sequenceFlow [^>]*sourceRef="T8_file"[^>]*/>')


@pytest.fixture
def database(tmp_path: Path) -> Database:
    opened = Database(sqlite_url(tmp_path / "wuyeflow.db"))
    migrate(opened)
    compiled.forget()
    processes.register()
    with opened.begin() as session:
        calendars.seed(session)
        session.merge(Tenant(tenant_id="yj", name="云景花园", zone="Asia/Shanghai"))
        processes.deploy_all(session)
    yield opened
    opened.close()
    compiled.forget()


def test_removed_flow_is_refused_at_the_step_behind_it(database: Database) -> None:
    flow = _FLOW_AFTER_T8.search(DIAGRAM.read_bytes())
    assert flow is not None
    ident = re.search(rb'id="([^"]+)"', flow[0])[1]
    broken = DIAGRAM.read_bytes().replace(flow[0], b"")
    broken = re.sub(rb"<bpmn:(incoming|outgoing)>%s</bpmn:\1>" % re.escape(ident), b"", broken)
    broken = re.sub(rb'<bpmndi:BPMNEdge [^>]*bpmnElement="%s".*?</bpmndi:BPMNEdge>' % re.escape(ident), b"", broken, flags=re.DOTALL)  # fmt: skip

    with (
        pytest.raises(DefinitionRefused) as refused,
        database.begin() as session,
    ):
        deployments.deploy(session, SYSTEM, [Resource("complaint.bpmn", broken)])

    found = {(problem.rule, problem.element) for problem in refused.value.problems}
    assert found == {("no-incoming", "S_archive")}


def test_changed_limit_becomes_version_2_for_new_cases_alone(database: Database) -> None:
    with database.begin() as session:
        old = instances.start(session, SYSTEM, "complaint", tenant_id="yj").definition_key
    changed, times = _T8.subn(rb"\1P3D\3", DIAGRAM.read_bytes())
    assert times == 1

    with database.begin() as session:
        world = deployments.world(session)
    problems = lint.check(changed, world=world)
    with database.begin() as session:
        (row,) = deployments.deploy(
            session, SYSTEM, [Resource("complaint.bpmn", changed)]
        ).definitions
        (again,) = deployments.deploy(
            session, SYSTEM, [Resource("complaint.bpmn", changed)]
        ).definitions
        new = instances.start(session, SYSTEM, "complaint", tenant_id="yj").definition_key

    assert [problem for problem in problems if problem.severity == "error"] == []
    assert (row.version, again.version) == (2, 2)
    assert new == row.key != old


def test_a_restart_leaves_the_designers_version_in_force(database: Database) -> None:
    changed = DIAGRAM.read_bytes().replace(b"</bpmn:definitions>", b"<!-- mine --></bpmn:definitions>")  # fmt: skip
    with database.begin() as session:
        (mine,) = deployments.deploy(session, SYSTEM, [Resource("complaint.bpmn", changed)]).definitions  # fmt: skip

    with database.begin() as session:
        put = processes.update(session)

    with database.read() as session:
        assert put is None
        assert deployments.newest(session, "complaint", "yj").key == mine.key


def test_an_empty_installation_gets_everything_shipped(tmp_path: Path) -> None:
    opened = Database(sqlite_url(tmp_path / "wuyeflow.db"))
    migrate(opened)
    processes.register()
    with opened.begin() as session:
        put = processes.update(session)
    opened.close()

    assert put is not None
    assert {row.process_id for row in put.definitions} == set(processes.KEYS)


def test_first_complaint_goes_from_hand_to_hand(database: Database) -> None:
    room = ids.new()
    with database.begin() as session:
        house = Building(key=ids.new(), tenant_id="yj", number="3", name="3栋", floors=18, has_lift=True)  # fmt: skip
        session.add(house)
        session.flush()
        session.add(Room(key=room, tenant_id="yj", building_key=house.key, number="3-2-1201",
                         unit="2", floor=12, area=8900, use="live"))  # fmt: skip
    samples: dict[str, object] = {}
    for process in ("callback", "complaint"):
        beside = DIAGRAM.parents[1] / process / "scenarios/_samples.yaml"
        samples |= yaml.safe_load(beside.read_text("utf-8"))
    plan = {"plan_kind": ["apology", "compensation"], "compensation": "800"}
    hands = [
        ("T1_record", "cs_assistant", {}),
        ("T2_judge", "cs_manager", {}),
        ("T3_investigate", "cs_assistant", {}),
        ("T4_assign", "cs_manager", {"plan_due_at": "2026-11-23T17:00+08:00"}),
        ("T5_plan", "eng_dispatch", plan),
        ("T5a_approve", "project_manager", {"decision": "approve"}),
        ("T6_reply", "cs_assistant", {}),
        ("T7a_execute", "eng_dispatch", {}),
        ("T7b_verify", "cs_assistant", {}),
        ("C1_callback", "cs_assistant 2", {}),
        ("T8_file", "cs_assistant", {}),
    ]
    steps = [{"do": do, "by": by, "values": values, "after": "PT5M"} for do, by, values in hands]
    steps[-1]["expect"] = {"open": [], "end": "E_closed"}

    result = walk(
        {"title": "教程", "process": "complaint", "tenant": "yj", "by": "cs_assistant",
         "at": "2026-11-23T10:20+08:00", "samples": samples, "steps": steps},
        database, names={"room": str(room)},
    )  # fmt: skip

    assert result.difference is None


def test_first_complaint_names_people_of_the_demonstration() -> None:
    text = (DOCS / "tutorial/first-complaint.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (\S+) \| `([\w.]+)` \| ([^，|]+)", text, re.MULTILINE)
    staff = {one.username: one for one in demo.STAFF}

    assert len(rows) == 5
    for name, username, role in rows:
        assert staff[username].name == name
        assert staff[username].tenant_id == "yj"
        assert roles.BY_KEY[staff[username].group].zh == role.strip()
    assert demo.PASSWORD in text
