"""Groups of residents: outer traits reach decisions as codes, inner ones only when turned on."""

from collections.abc import Callable

import pytest
import yaml
from sqlalchemy import select

from decisions import feel
from engine.db import Database
from engine.errors import ForbiddenError, InvalidInputError
from engine.models import Event, History, Instance
from engine.ports import COMPANY, Actor, ports
from engine.testing import Walked
from processes.archive import Resident, Trait, notices, traits
from tests.processes.conftest import ROOT

QUALITY = Actor(key=9, username="q", name="孙丽", memberships=frozenset({("quality", COMPANY)}))
ASSISTANT = Actor(key=7, username="x", name="某人", memberships=frozenset({("cs_assistant", "yj")}))


def note(database: Database, name: str, value: str | None) -> None:
    with database.begin() as session:
        traits.note(session, ASSISTANT, session.get_one(Resident, 77), name, value)


def asked(database: Database, name: str):
    expression = feel.compile(f'segment(room_id, "{name}")')
    with database.read() as session, ports.deciding(session):
        return expression.evaluate({"room_id": "1201"})


def test_a_decision_reads_an_outer_trait_of_the_room(project: Database):
    note(project, "need", "opinion")

    assert asked(project, "need") == "opinion"
    assert asked(project, "title") == "owner"
    assert asked(project, "property_type") == "residence"
    assert asked(project, "value") is None


def test_outside_of_a_decision_nothing_is_told(project: Database):
    note(project, "need", "opinion")

    assert feel.compile('segment(room_id, "need")').evaluate({"room_id": "1201"}) is None


@pytest.mark.parametrize("name", [kind.key for kind in traits.TRAITS if kind.inner])
def test_an_inner_trait_is_off_until_the_company_turns_it_on(shared_project: Database, name: str):
    with pytest.raises(InvalidInputError):
        note(shared_project, name, "x")


def test_an_inner_trait_that_is_kept_is_still_no_input_of_decisions(project: Database):
    with project.begin() as session:
        traits.choose(session, QUALITY, "belief", kept=True, decides=False)
    note(project, "belief", "佛教")

    agree(project, given=True)

    assert asked(project, "belief") is None
    with project.begin() as session:
        traits.choose(session, QUALITY, "belief", kept=True, decides=True)
    assert asked(project, "belief") == "佛教"


def test_a_trait_that_is_turned_off_is_forgotten(project: Database):
    note(project, "need", "opinion")
    with project.begin() as session:
        traits.choose(session, QUALITY, "need", kept=False, decides=True)

    assert asked(project, "need") is None
    with project.read() as session:
        assert session.scalars(select(Trait)).all() == []


def test_only_head_office_chooses_traits(shared_project: Database):
    with shared_project.begin() as session, pytest.raises(ForbiddenError):
        traits.choose(session, ASSISTANT, "belief", kept=True, decides=False)


def test_a_value_that_is_no_code_is_refused(shared_project: Database):
    with pytest.raises(InvalidInputError):
        note(shared_project, "need", "loud")


def test_a_trait_is_taken_back(project: Database):
    note(project, "need", "opinion")
    note(project, "need", None)

    assert asked(project, "need") is None


def agree(database: Database, *, given: bool) -> None:
    with database.begin() as session:
        notices.note(session, 77, tenant_id="yj", given=given, by=7)


def in_need(database: Database) -> None:
    with database.begin() as session:
        session.get_one(Resident, 77).vulnerable = True


def recorded(walked: Callable[..., Walked], process: str, **expected: object) -> Walked:
    """Take a case of the room down; return what the first decision came to."""
    step = {"complaint": "T1_record", "repair": "R1_intake"}[process]
    found = walked({
        "title": "", "process": process, "tenant": "yj", "at": "2026-11-24T09:00+08:00",
        "by": "cs_assistant",
        "samples": yaml.safe_load((ROOT / process / "scenarios/_samples.yaml").read_text("utf-8")),
        "steps": [{"do": step, "by": "cs_assistant", "expect": {"variables": expected}}],
    })  # fmt: skip
    assert found.difference is None, found.difference
    return found


def why(database: Database, case: int) -> list[str]:
    """Return the grounds that the decisions of a case gave."""
    with database.read() as session:
        query = select(History).where(History.instance_key == case, History.kind == Event.DECIDED)
        found = [one.data["value"] for one in session.scalars(query)]
    return [one["basis"] for one in found if isinstance(one, dict)]


def test_a_household_in_need_comes_first_though_nobody_ticked_it(
    project: Database, walked: Callable[..., Walked]
):
    recorded(walked, "complaint", priority="P3", level="assistant")
    recorded(walked, "repair", priority="P3", accept_standard="PT2H")
    in_need(project)

    complaint = recorded(walked, "complaint", priority="P2", level="manager")
    repair = recorded(walked, "repair", priority="P2", accept_standard="PT1H", skill="plumber")

    assert why(project, complaint.instance_key) == ["特殊困难住户"]
    assert why(project, repair.instance_key) == ["特殊困难住户"]


def test_somebody_who_wants_to_be_heard_is_heard_by_the_manager(
    project: Database, walked: Callable[..., Walked]
):
    note(project, "need", "opinion")
    found = recorded(walked, "complaint", priority="P3", level="manager")
    assert why(project, found.instance_key) == ["意见型客户，先倾听"]

    note(project, "need", "fee")
    recorded(walked, "complaint", priority="P3", level="assistant")


def test_an_age_decides_only_where_it_is_let_and_agreed_to(
    project: Database, walked: Callable[..., Walked]
):
    with project.begin() as session:
        traits.choose(session, QUALITY, "age", kept=True, decides=True)
    note(project, "age", "old")

    recorded(walked, "complaint", priority="P3")
    agree(project, given=True)
    recorded(walked, "complaint", priority="P2")
    recorded(walked, "repair", priority="P2")
    agree(project, given=False)
    recorded(walked, "complaint", priority="P3")
    agree(project, given=True)
    with project.begin() as session:
        traits.choose(session, QUALITY, "age", kept=True, decides=False)
    recorded(walked, "complaint", priority="P3")


def test_what_the_archive_says_of_a_person_is_nowhere_in_the_case(
    project: Database, walked: Callable[..., Walked]
):
    """The decision sees codes; the case keeps what it came to, not what it saw."""
    note(project, "need", "opinion")
    found = recorded(walked, "complaint", level="manager")

    with project.read() as session:
        case = session.get_one(Instance, found.instance_key)
        lines = session.scalars(select(History.data).where(History.instance_key == case.key))
        kept = [case.variables, *lines]
    assert "opinion" not in str(kept)
