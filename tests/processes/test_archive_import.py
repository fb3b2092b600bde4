"""Rooms and owners come in from a workbook: checked by cell, shown, whole or not at all, taken back."""

import io
from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

import openpyxl
import pytest
from sqlalchemy import func, select

from benchmarks.archive_import import workbook
from engine import clock, ids
from engine.db import Database
from engine.errors import ConflictError, InvalidInputError, NotFoundError, OvertakenError
from engine.models import Tenant
from engine.ports import SYSTEM, Actor
from processes.archive import (
    Change,
    Import,
    Look,
    Occupancy,
    Record,
    Resident,
    Room,
    Vehicle,
    importing,
    undoing,
    workbooks,
)
from processes.archive.columns import COLUMNS
from tests.conftest import MONDAY

HEAD = ["楼栋", "单元", "楼层", "房号", "建筑面积", "姓名", "电话", "身份", "起始日期", "截止日期"]
ZHOU = ["3", "2", 12, "1201", 89.12, "周明", "13800000001", "业主", "2021-03-01", None]


@pytest.fixture
def yj(database: Database) -> Iterator[Database]:
    with clock.at(lambda: MONDAY):
        with database.begin() as session:
            session.add(Tenant(tenant_id="yj", name="云景花园"))
        yield database


def book(*rows: Sequence[Any], head: Sequence[str] = HEAD) -> bytes:
    made = openpyxl.Workbook()
    for row in (head, *rows):
        made.worksheets[0].append(list(row))
    target = io.BytesIO()
    made.save(target)
    return target.getvalue()


def upload(database: Database, body: bytes, tenant_id: str = "yj") -> Import:
    sent = importing.read("rooms.xlsx", body)
    with database.begin() as session:
        return importing.keep(session, SYSTEM, tenant_id, sent)


def apply(database: Database, key: int) -> Import:
    with database.read() as session:
        sent = importing.waiting(session, SYSTEM, key)
    with database.begin() as session:
        return importing.apply(session, SYSTEM, key, sent)


def take_in(database: Database, *rows: Sequence[Any]) -> Import:
    return apply(database, upload(database, book(*rows)).key)


def faults(database: Database, *rows: Sequence[Any]) -> list[tuple[str, str]]:
    preview = upload(database, book(*rows)).preview or {}
    return [(one["cell"], one["zh"]) for one in preview["faults"]]


def count(database: Database, table: type) -> int:
    with database.read() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def row(**changes: Any) -> list[Any]:
    return [changes.get(heading, value) for heading, value in zip(HEAD, ZHOU, strict=True)]


def test_a_room_with_its_owner_comes_in(yj: Database):
    done = take_in(yj, ZHOU)

    with yj.read() as session:
        room = session.scalars(select(Room)).one()
        person = session.scalars(select(Resident)).one()
        stay = session.scalars(select(Occupancy)).one()
    assert (room.number, room.floor, room.area, room.use) == ("3-2-1201", 12, 8_912, "live")
    assert (person.name, person.phone, person.vulnerable) == ("周明", "13800000001", False)
    assert (stay.kind, stay.from_on, stay.to_on) == ("owner", date(2021, 3, 1), None)
    assert done.counts == {"new": 1, "changed": 0, "same": 0, "rooms": 1, "people": 1, "errors": 0}
    assert done.body is None


def test_the_same_workbook_again_changes_nothing(yj: Database):
    take_in(yj, ZHOU)

    again = upload(yj, book(ZHOU))

    assert (again.counts["same"], again.counts["new"], again.counts["changed"]) == (1, 0, 0)


def test_a_new_number_is_shown_before_it_is_taken_over(yj: Database):
    take_in(yj, ZHOU)

    found = upload(yj, book(row(电话="13900000002", 建筑面积=90)))

    changes = (found.preview or {})["changes"]
    assert found.counts["changed"] == 1
    assert [(one["room"], one["field"], one["before"], one["after"]) for one in changes] == [
        ("3-2-1201", "area", 8_912, 9_000),
        ("3-2-1201", "phone", "13800000001", "13900000002"),
    ]
    apply(yj, found.key)
    with yj.read() as session:
        assert session.scalars(select(Resident.phone)).one() == "13900000002"


def test_someone_with_two_rooms_is_one_person(yj: Database):
    take_in(yj, ZHOU, row(房号="1202"))

    assert (count(yj, Room), count(yj, Resident), count(yj, Occupancy)) == (2, 1, 2)


def test_a_sold_flat_keeps_who_lived_there(yj: Database):
    take_in(yj, ZHOU)

    take_in(
        yj, row(截止日期="2026-10-31"), row(姓名="钱红", 电话="13700000003", 起始日期="2026-11-01")
    )

    with yj.read() as session:
        stays = session.execute(
            select(Resident.name, Occupancy.from_on, Occupancy.to_on)
            .join(Occupancy, Occupancy.resident_key == Resident.key)
            .order_by(Occupancy.from_on)
        ).all()
    assert [tuple(stay) for stay in stays] == [
        ("周明", date(2021, 3, 1), date(2026, 10, 31)),
        ("钱红", date(2026, 11, 1), None),
    ]


@pytest.mark.parametrize(
    ("wrong", "cell", "said"),
    [
        (row(楼栋=None), "A2", "楼栋：这里要填写。"),
        (row(楼栋="3-2"), "A2", "楼栋：写数字或字母，最多 10 个字。"),
        (row(楼层="十二"), "C2", "楼层：写 -9 到 200 的整数。"),
        (row(建筑面积="不详"), "E2", "建筑面积：写大于 0 的数，单位平方米。"),
        (row(建筑面积=-3), "E2", "建筑面积：写大于 0 的数，单位平方米。"),
        (row(电话="1380000"), "G2", "电话：写 11 位手机号，或带区号的固定电话。"),
        (row(身份="房东"), "H2", "身份：只能写：业主、租客、其他使用人。"),
        (row(起始日期="2021-02-30"), "I2", "起始日期：写成 2026-03-01 的形式。"),
        (row(截止日期="2020-01-01"), "J2", "截止日期：早于起始日期。"),
        (row(姓名=None), "F2", "姓名：写了电话，还要写姓名。"),
    ],
    ids=[
        "no building",
        "no place",
        "no floor",
        "no area",
        "less than nothing",
        "short number",
        "no such title",
        "no such day",
        "ends first",
        "no name",
    ],
)
def test_a_faulty_cell_is_named_with_what_it_should_hold(
    yj: Database, wrong: list[Any], cell: str, said: str
):
    assert faults(yj, wrong) == [(cell, said)]


def test_rows_that_contradict_each_other_are_faulty(yj: Database):
    found = faults(
        yj, ZHOU, row(姓名="李莉", 电话="13800000009", 建筑面积=70), ZHOU,
        row(房号="1203", 楼层=12), row(房号="1203", 姓名=None, 电话=None, 身份=None, 起始日期=None),
    )  # fmt: skip

    assert found == [
        ("E3", "建筑面积：和第 2 行的同一套房不一样。"),
        ("F4", "姓名：和第 2 行重复。"),
        ("D6", "房号：和第 5 行重复。"),
    ]


def test_one_person_cannot_get_two_numbers(yj: Database):
    take_in(yj, ZHOU, row(房号="1202"))

    found = faults(yj, row(电话="13700000001"), row(房号="1202", 电话="13700000002"))

    assert found == [("G3", "电话：和第 2 行的同一个人不一样。")]


def test_five_thousand_rooms_with_fifty_faulty_rows_import_nothing(yj: Database):
    found = upload(yj, workbook(rooms=5_000, faulty=50))

    told = (found.preview or {})["faults"]
    assert (found.state, found.counts["errors"]) == ("refused", 50)
    assert [one["cell"] for one in told[:2]] == ["E101", "E201"]
    assert len({one["cell"] for one in told}) == 50
    assert all(one["zh"] and one["en"].isascii() for one in told)
    with pytest.raises(ConflictError):
        apply(yj, found.key)
    assert count(yj, Room) == count(yj, Resident) == count(yj, Occupancy) == 0


def test_more_faults_than_a_preview_shows_are_counted_and_all_marked(yj: Database):
    body = workbook(rooms=300, faulty=300)
    found = upload(yj, body)

    with yj.read() as session:
        marked = importing.marked(session, "yj", importing.waiting(session, SYSTEM, found.key))
    sheet = openpyxl.load_workbook(io.BytesIO(marked)).worksheets[0]
    told = [str(cell.value) for cell in sheet[get_column(sheet, "问题 Problem")][1:]]
    assert found.counts["errors"] == 300
    assert len((found.preview or {})["faults"]) == importing.SHOWN
    assert len(told) == 300
    assert told[0].startswith("E2: 建筑面积")
    assert sheet["E2"].comment is not None


def test_a_marked_workbook_can_be_corrected_and_sent_again(yj: Database):
    found = upload(yj, book(row(楼层="十二")))
    with yj.read() as session:
        marked = importing.marked(session, "yj", importing.waiting(session, SYSTEM, found.key))
    corrected = openpyxl.load_workbook(io.BytesIO(marked))
    corrected.worksheets[0]["C2"] = 12
    target = io.BytesIO()
    corrected.save(target)

    assert upload(yj, target.getvalue()).state == "checked"


def get_column(sheet: Any, heading: str) -> str:
    return next(cell.column_letter for cell in sheet[1] if cell.value == heading)


def test_what_was_previewed_is_written_or_nothing(yj: Database):
    take_in(yj, ZHOU)
    found = upload(yj, book(row(电话="13900000002")))
    with yj.begin() as session:
        session.scalars(select(Resident)).one().phone = "13600000006"

    with pytest.raises(OvertakenError):
        apply(yj, found.key)

    with yj.read() as session:
        assert session.scalars(select(Resident.phone)).one() == "13600000006"


def test_an_import_is_applied_once(yj: Database):
    found = take_in(yj, ZHOU)

    with pytest.raises(ConflictError):
        apply(yj, found.key)


def test_a_newer_upload_takes_the_place_of_one_that_waits(yj: Database):
    first = upload(yj, book(ZHOU))
    upload(yj, book(row(房号="1301")))

    with pytest.raises(ConflictError):
        apply(yj, first.key)


def test_the_last_import_is_taken_back(yj: Database):
    take_in(yj, ZHOU)
    second = take_in(
        yj, row(电话="13900000002", 截止日期=date(2026, 10, 31)),
        row(电话="13900000002", 房号="1301"),
    )  # fmt: skip
    with yj.begin() as session:
        undone = undoing.undo(session, SYSTEM, second.key)

    with yj.read() as session:
        stay = session.scalars(select(Occupancy)).one()
        assert session.scalars(select(Room.number)).all() == ["3-2-1201"]
        assert session.scalars(select(Resident.phone)).all() == ["13800000001"]
        assert (stay.from_on, stay.to_on) == (date(2021, 3, 1), None)
    assert undone.state == "undone"
    assert count(yj, Change) == 0


def test_only_the_last_import_can_be_taken_back(yj: Database):
    first = take_in(yj, ZHOU)
    take_in(yj, row(房号="1301", 电话="13900000002"))

    with yj.begin() as session, pytest.raises(ConflictError, match="最近一次"):
        undoing.undo(session, SYSTEM, first.key)


def test_what_was_changed_since_keeps_an_import_from_being_taken_back(yj: Database):
    done = take_in(yj, ZHOU)
    with yj.begin() as session:
        session.scalars(select(Resident)).one().phone = "13600000006"

    with yj.begin() as session, pytest.raises(ConflictError, match="1 处又被修改过"):
        undoing.undo(session, SYSTEM, done.key)
    assert count(yj, Room) == 1


def test_what_is_used_since_keeps_an_import_from_being_taken_back(yj: Database):
    done = take_in(yj, ZHOU)
    with yj.begin() as session:
        room = session.scalars(select(Room)).one()
        session.add(Vehicle(key=ids.new(), tenant_id="yj", room_key=room.key, plate="粤B12345"))

    with yj.begin() as session, pytest.raises(ConflictError, match="1 处在用"):
        undoing.undo(session, SYSTEM, done.key)
    assert count(yj, Room) == 1


def test_a_case_in_a_new_room_keeps_its_import_from_being_taken_back(yj: Database):
    done = take_in(yj, ZHOU)
    with yj.begin() as session:
        room = session.scalars(select(Room)).one()
        session.add(Record(instance_key=9, tenant_id="yj", room_key=room.key, process_id="repair",
                           at=MONDAY, codes={}))  # fmt: skip

    with yj.begin() as session, pytest.raises(ConflictError, match="1 处在用"):
        undoing.undo(session, SYSTEM, done.key)


def test_a_look_at_a_new_room_is_no_use_of_it(yj: Database):
    done = take_in(yj, ZHOU)
    with yj.begin() as session:
        room = session.scalars(select(Room)).one()
        session.add(Look(key=ids.new(), tenant_id="yj", kind="shown", room_key=room.key, rows=1,
                         reason="核对资料", by=1, at=MONDAY))  # fmt: skip

    with yj.begin() as session:
        assert undoing.undo(session, SYSTEM, done.key).state == "undone"


def test_another_project_neither_sees_nor_applies_an_import(yj: Database):
    found = upload(yj, book(ZHOU))
    stranger = Actor(key=5, username="x", name="外人")

    with yj.read() as session, pytest.raises(NotFoundError):
        importing.get(session, stranger, found.key)


@pytest.mark.parametrize(
    "body",
    [b"", b"nothing", book(head=["姓名", "电话"])],
    ids=["empty", "no workbook", "no columns"],
)
def test_what_is_no_such_workbook_is_refused(body: bytes):
    with pytest.raises(InvalidInputError):
        importing.read("x.xlsx", body)


def test_the_template_has_the_headings_and_is_read_as_empty():
    sheet = openpyxl.load_workbook(io.BytesIO(workbooks.template())).worksheets[0]

    assert [cell.value for cell in sheet[1]] == [column.zh for column in COLUMNS]
    assert [fault.zh for fault in importing.read("t.xlsx", workbooks.template()).faults] == [
        "表里没有房屋。"
    ]


def test_a_formula_that_somebody_typed_is_not_run_in_the_marked_workbook(yj: Database):
    found = upload(yj, book(row(楼层="十二", 姓名="@SUM(1)")))
    with yj.read() as session:
        marked = importing.marked(session, "yj", importing.waiting(session, SYSTEM, found.key))

    sheet = openpyxl.load_workbook(io.BytesIO(marked)).worksheets[0]
    assert sheet["F2"].value == "'@SUM(1)"
    assert sheet["F2"].data_type == "s"
