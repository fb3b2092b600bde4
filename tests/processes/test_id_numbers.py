"""ID numbers are nowhere in clear: not in the database, its journal, the log, lists or forms."""

import logging
from pathlib import Path

import pytest
import yaml
from sqlalchemy import func, inspect, select, text

from api import keys
from engine import cases, clock, encryption, identity, search, tasks
from engine.errors import ForbiddenError, InvalidInputError, InvalidVariablesError
from engine.models import Draft, Event, History, Submission, Task, User
from engine.ports import Actor
from engine.testing import walk
from forms import masks
from processes import id_numbers, rekeying
from processes.archive import Change, IdNumber, Look, Resident
from tests.processes.conftest import ROOT

NUMBER, SHOWN = "110101199001010015", "1****…0015"
SAMPLES = yaml.safe_load((ROOT / "move_in/scenarios/_samples.yaml").read_text("utf-8"))


def staff(role: str, tenant: str = "yj") -> Actor:
    return Actor(key=9, username=role, name=role, memberships=frozenset({(role, tenant)}))


@pytest.fixture(scope="module")
def secrets(tmp_path_factory):
    """The folder where the keys of this module lie."""
    folder = tmp_path_factory.mktemp("keys")
    encryption.use(keys.numbers(folder))
    yield folder
    encryption._source.clear()


class Heard(logging.Handler):
    """What was logged, as text."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(record.getMessage())


@pytest.fixture(scope="module")
def heard():
    """Everything that is logged while this module runs, statements with their values too."""
    handler = Heard()
    loggers = [logging.getLogger(name) for name in ("", "sqlalchemy.engine")]
    before = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.INFO)
    loggers[0].addHandler(handler)
    yield handler.lines
    loggers[0].removeHandler(handler)
    for logger, level in zip(loggers, before, strict=True):
        logger.setLevel(level)


@pytest.fixture(scope="module")
def moved_in(heard, lasting_project, secrets):
    """A household whose papers were verified, and that has moved in."""
    scenario = yaml.safe_load(
        (ROOT / "move_in/scenarios/01_keys_the_same_day.yaml").read_text("utf-8")
    )
    scenario["samples"] = SAMPLES
    scenario["steps"] = scenario["steps"][:-2]
    outcome = walk(scenario, lasting_project, names={"room": "1201", "new_room": "301"})
    assert outcome.difference is None, outcome.difference
    return outcome.instance_key


def everything(database) -> str:
    """Return every value of every table as text."""
    with database.read() as session:
        names = inspect(session.get_bind()).get_table_names()
        return "\n".join(
            str(tuple(bytes(v) if isinstance(v, memoryview) else v for v in row))
            for name in names
            for row in session.execute(text(f'select * from "{name}"'))
        )


@pytest.mark.parametrize(
    ("number", "valid"),
    [
        (NUMBER, True),
        ("11010119900307002x", True),
        ("110101199001010016", False),
        ("110101199002310015", False),
        ("11010119900101001", False),
        ("010101199001010015", False),
        ("", False),
    ],
    ids=["right", "ends in x", "check digit", "no such day", "17 digits", "begins with 0", "empty"],
)
def test_an_identity_cards_number_is_checked(number, valid):
    assert id_numbers.is_valid(number) is valid


def test_the_number_is_nowhere_in_clear(lasting_project, moved_in, heard):
    assert NUMBER not in everything(lasting_project)
    assert SHOWN in everything(lasting_project)
    assert heard
    assert not [line for line in heard if NUMBER in line]
    path = lasting_project.url.removeprefix("sqlite:///")
    for file in Path(path).parent.glob("*.db*") if path != lasting_project.url else ():
        assert NUMBER.encode() not in file.read_bytes()


def test_the_archive_keeps_it_and_the_steps_after_it_read_it_masked(lasting_project, moved_in):
    with lasting_project.read() as session:
        row = session.scalars(select(IdNumber)).one()
        assert encryption.decrypt(row.stored) == NUMBER
        resident = session.get_one(Resident, row.resident_key)
        seen = {
            role: id_numbers.masked(session, staff(role), [resident]).get(resident.key)
            for role in ("cs_assistant", "cashier", "quality", "eng_worker", "leader")
        }
        read = cases.values(session, moved_in, staff("cs_manager"))["M1_verify"]["id_no"]

    assert seen == {
        "cs_assistant": SHOWN, "cashier": SHOWN, "quality": None, "eng_worker": None, "leader": None,
    }  # fmt: skip
    assert read == SHOWN


def test_it_is_shown_for_a_reason_that_stays_on_record(lasting_project, moved_in):
    manager = staff("cs_manager")
    with lasting_project.begin() as session:
        (shown,) = id_numbers.show_of_case(session, manager, moved_in, reason="核对产权证")
        resident = session.scalars(select(IdNumber.resident_key)).one()
        again = id_numbers.show(session, manager, resident, reason="公安来函核查")

    assert (shown.number, again.number) == (NUMBER, NUMBER)
    with lasting_project.read() as session:
        event = session.scalars(select(History).where(History.kind == Event.DISCLOSED)).one()
        mine = select(Look).where(Look.by == manager.key).order_by(Look.key)
        looks = session.scalars(mine).all()
        assert (event.actor, event.data["reason"]) == (manager.key, "核对产权证")
        assert [(one.kind, one.by, one.reason) for one in looks] == [
            ("id_number", manager.key, "核对产权证"),
            ("id_number", manager.key, "公安来函核查"),
        ]


@pytest.mark.parametrize(
    ("role", "reason", "refused"),
    [
        ("cs_assistant", "核对产权证", ForbiddenError),
        ("cashier", "核对产权证", ForbiddenError),
        ("cs_manager", "看", InvalidInputError),
    ],
)
def test_nobody_else_and_nobody_without_a_reason(role, reason, refused, lasting_project, moved_in):
    count = select(func.count()).select_from(Look)
    with lasting_project.read() as session:
        before = session.scalar(count)

    with pytest.raises(refused), lasting_project.begin() as session:
        resident = session.scalars(select(IdNumber.resident_key)).one()
        id_numbers.show(session, staff(role), resident, reason=reason)

    with lasting_project.read() as session:
        assert session.scalar(count) == before


def test_a_case_and_a_resident_are_found_by_the_whole_number_alone(lasting_project, moved_in):
    with lasting_project.read() as session:
        clerk = staff("cs_assistant")
        assert search.find(session, clerk, NUMBER) == [moved_in]
        assert len(id_numbers.find_residents(session, clerk, f" {NUMBER} ")) == 1
        for part in (NUMBER[:-1], NUMBER[6:14], "0015"):
            assert search.find(session, clerk, part) == []
            assert id_numbers.find_residents(session, clerk, part) == []
        for other in (staff("eng_worker"), staff("cs_assistant", "ch")):
            assert search.find(session, other, NUMBER) == []
            assert id_numbers.find_residents(session, other, NUMBER) == []


def test_a_masked_value_sent_back_stands_for_the_one_kept(lasting_project, moved_in):
    with lasting_project.begin() as session:
        task = session.scalars(select(Task).where(Task.element == "M1_verify")).one()
        performer = identity.actor(session, task.closed_by)
        before = session.scalars(select(Submission).filter_by(task_key=task.key)).one().data
        given = {**before, "id_no": SHOWN, "owner_name": "周明明"}
        row = tasks.correct(session, performer, task.key, given, reason="姓名写错")
        assert encryption.decrypt(row.data["id_no"]) == NUMBER
        with pytest.raises(InvalidVariablesError) as refused:
            tasks.correct(
                session, performer, task.key, {**given, "id_no": "9****…9999"}, reason="写错"
            )

    assert refused.value.fields == {"Field_id_no": ["请重新填写完整的内容：遮住的部分无法还原。"]}


def test_a_draft_is_kept_encrypted_and_a_new_key_opens_everything(project, secrets):
    walked = walk(
        {
            "title": "", "process": "move_in", "tenant": "yj", "at": "2026-11-24T09:00+08:00",
            "by": "cs_assistant", "samples": SAMPLES,
            "steps": [{"do": "M0_arrive", "by": "cs_assistant"}],
        },
        project, names={"room": "1201"},
    )  # fmt: skip
    filled = {**SAMPLES["M1_verify"]}
    with project.begin() as session:
        task = session.scalars(select(Task).where(Task.element == "M1_verify")).one()
        clerk = session.scalars(select(User).where(User.username == "yj-cs_assistant")).one()
        performer = identity.actor(session, clerk.key)
        tasks.save_draft(session, performer, task.key, {"id_no": NUMBER})
        tasks.save_draft(session, performer, task.key, {"id_no": SHOWN, "agent": False})
        key = task.key
    assert NUMBER not in everything(project)
    with project.begin() as session:
        tasks.complete(session, performer, key, {**filled, "id_no": SHOWN})
        session.merge(
            Draft(
                task_key=1, user_key=9, at=clock.now(), data={"id_no": encryption.encrypt(NUMBER)}
            )
        )
    first = encryption.current_key()

    keys.rotate(secrets)
    assert encryption.current_key() != first
    done = rekeying.run(project)

    assert (done >= 2, rekeying.run(project)) == (True, 0)
    assert f":{first}:" not in everything(project)
    assert NUMBER not in everything(project)
    with project.read() as session:
        kept = [*session.scalars(select(Submission.data)), *session.scalars(select(Draft.data))]
        stored = [v for data in kept for v in data.values() if masks.is_stored(v)]
        assert {encryption.decrypt(one) for one in stored} == {NUMBER}
        assert search.find(session, staff("cs_assistant"), NUMBER) == [walked.instance_key]


def test_without_its_key_a_number_is_refused_with_the_keys_name(tmp_path, monkeypatch):
    monkeypatch.setattr(encryption, "_source", [keys.numbers(tmp_path)])
    stored = encryption.encrypt(NUMBER)
    keys.rotate(tmp_path)
    assert encryption.decrypt(stored) == NUMBER
    assert keys.forget(tmp_path) == 1

    with pytest.raises(encryption.KeyMissingError, match=encryption.key_of(stored)):
        encryption.decrypt(stored)
    assert (tmp_path / "keys/numbers").stat().st_mode & 0o777 == 0o600


def test_the_archive_takes_a_number_and_its_correction_with_a_reason(project, secrets):
    other = "11010119900307002X"
    clerk = staff("cs_assistant")
    with project.begin() as session:
        who = session.get_one(Resident, 77)
        id_numbers.enter(
            session, clerk, who, "110101199003070021", kind="passport", reason="核对护照原件"
        )
    with project.begin() as session:
        who = session.get_one(Resident, 77)
        id_numbers.enter(session, clerk, who, other.lower(), kind="id", reason="核对身份证原件")

    with project.read() as session:
        row = session.get_one(IdNumber, 77)
        assert (row.kind, encryption.decrypt(row.stored), row.by) == ("id", other, clerk.key)
        looks = session.scalars(select(Look).order_by(Look.key)).all()
        assert [(one.kind, one.reason) for one in looks] == [
            ("id_number_entered", "核对护照原件"), ("id_number_entered", "核对身份证原件"),
        ]  # fmt: skip
        first, second = session.scalars(select(Change).order_by(Change.key)).all()
        assert first.before is None
        assert second.before == first.after == {"id_type": "passport", "id_no": "1****…0021"}
        assert second.after == {"id_type": "id", "id_no": "1****…002X"}
        assert id_numbers.find_residents(session, clerk, other) == [77]
        assert id_numbers.find_residents(session, clerk, "110101199003070021") == []
    assert other not in everything(project)


@pytest.mark.parametrize(
    ("role", "given", "field"),
    [
        ("cashier", {}, None),
        ("project_manager", {}, None),
        ("cs_assistant", {"number": "110101199001010016"}, "id_no"),
        ("cs_assistant", {"number": SHOWN}, "id_no"),
        ("cs_assistant", {"number": "E1", "kind": "passport"}, "id_no"),
        ("cs_assistant", {"kind": "library"}, "id_type"),
        ("cs_assistant", {"reason": "  看  "}, "reason"),
    ],
)
def test_a_wrong_number_or_somebody_without_the_right_enters_nothing(
    role, given, field, shared_project
):
    asked = {"number": NUMBER, "kind": "id", "reason": "核对身份证原件", **given}
    with shared_project.begin() as session:
        with pytest.raises(InvalidInputError if field else ForbiddenError) as refused:
            id_numbers.enter(session, staff(role), session.get_one(Resident, 77), **asked)
        assert session.get(IdNumber, 77) is None
        assert session.scalars(select(Look).where(Look.kind == "id_number_entered")).all() == []

    assert [*getattr(refused.value, "fields", {})] == ([field] if field else [])
