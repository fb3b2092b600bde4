"""Whoever has the building is told first; a building that nobody has is everybody's."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from engine import absences, clock, identity, notices
from engine.models import Task
from engine.models.identity import Membership
from engine.testing import walk
from processes import places
from tests.conftest import MONDAY


@pytest.fixture
def team(project):
    """Three assistants: of building 3, of building 5, and one of none."""
    with clock.at(lambda: MONDAY), project.begin() as session:
        found = {}
        for username, buildings in (("three", ["3"]), ("five", ["5"]), ("free", [])):
            user = identity.create_user(
                session, username=username, name=username, password="0123456789"
            )
            identity.add_membership(session, user.key, "cs_assistant", "yj", buildings=buildings)
            found[username] = user.key
    return found


@pytest.fixture
def waiting(project, team):
    """A case of a room of building 3 or 8, at a step of the assistants."""

    def open_(room: str) -> Task:
        outcome = walk(
            {"title": "", "process": "move_in", "tenant": "yj", "at": "2026-11-23T10:20+08:00",
             "by": "cs_assistant",
             "samples": {"M0_arrive": {"room_id": room, "customer": "周明", "came": "booked",
                                       "phone": "13800000001", "arrived_at": "@now"}},
             "steps": [{"do": "M0_arrive", "by": "cs_assistant"}]},
            project,
        )  # fmt: skip
        assert outcome.difference is None, outcome.difference
        with project.read() as session:
            here = select(Task).filter_by(root_key=outcome.instance_key, element="M1_verify")
            return session.scalars(here).one()

    return open_


def told(project, task, moment=MONDAY):
    with clock.at(lambda: moment), project.read() as session:
        return set(notices.receivers(session, task))


def test_the_assistant_of_the_building_is_told_and_others_when_nobody_has_it(
    project, team, waiting
):
    assert told(project, waiting("1201")) == {team["three"]}
    assert set(team.values()) <= told(project, waiting("301"))


def test_the_list_leaves_out_only_what_a_colleague_has(project, team, waiting):
    of_three, of_eight = waiting("1201"), waiting("301")

    with clock.at(lambda: MONDAY), project.read() as session:
        left_out = {
            name: places.elsewhere(session, identity.actor(session, key))
            for name, key in team.items()
        }

    assert left_out["five"] == {of_three.root_key}
    assert of_eight.root_key not in left_out["three"] | left_out["five"]
    assert left_out["free"] == frozenset()


def test_a_deputy_has_the_buildings_of_who_is_away(project, team, waiting):
    task = waiting("1201")
    with clock.at(lambda: MONDAY), project.begin() as session:
        absences.record(
            session, identity.actor(session, team["three"]), team["three"], team["five"],
            from_on=MONDAY.date(), to_on=MONDAY.date(),
        )  # fmt: skip

    with clock.at(lambda: MONDAY), project.read() as session:
        seen = places.elsewhere(session, identity.actor(session, team["five"]))

    assert seen == frozenset()
    assert told(project, task) == {team["five"]}
    assert told(project, task, MONDAY + timedelta(days=1)) == {team["three"]}


def test_a_membership_that_is_over_has_no_building_any_more(project, team, waiting):
    task = waiting("1201")
    with project.begin() as session:
        row = session.scalars(select(Membership).filter_by(user_key=team["three"])).one()
        row.to_on = MONDAY.date() - timedelta(days=1)

    assert {team["five"], team["free"]} <= told(project, task)
