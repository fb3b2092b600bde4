"""Groups of residents: outer traits reach decisions as codes, inner ones only when turned on."""

import pytest
from sqlalchemy import select

from decisions import feel
from engine.db import Database
from engine.errors import ForbiddenError, InvalidInputError
from engine.ports import COMPANY, Actor, ports
from processes.archive import Resident, Trait, traits

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
