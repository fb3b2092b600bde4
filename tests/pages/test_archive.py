"""The archive's pages: rooms found, a house record, people moving, masks, imports, exports, settings."""

import io
from collections.abc import Callable

import openpyxl
import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from engine import instances
from engine.ports import SYSTEM
from processes.archive import Import, Look, Occupancy, Resident, Room
from tests.browser.house import House
from tests.pages.conftest import token

Client = Callable[[str], FlaskClient]
ROW = ["3", "2", 12, "1201", 89, "周明", "13800000001", "业主"]
HEAD = ["楼栋", "单元", "楼层", "房号", "建筑面积", "姓名", "电话", "身份"]


def book(*rows: list) -> bytes:
    made = openpyxl.Workbook()
    for row in (HEAD, *rows):
        made.worksheets[0].append(row)
    target = io.BytesIO()
    made.save(target)
    return target.getvalue()


def post(client: FlaskClient, path: str, **given):
    return client.post(path, data={"csrf_token": token(client), **given})


def upload(client: FlaskClient, body: bytes, name: str = "rooms.xlsx"):
    return client.post(
        "/archive/imports",
        data={"csrf_token": token(client), "tenant_id": "yj", "file": (io.BytesIO(body), name)},
    )


def test_rooms_are_listed_with_their_people(signed_in: Client):
    page = signed_in("yj-cs_assistant").get("/archive").text

    assert "3-2-1201" in page
    assert "周明" in page
    assert "13800000001" in page


@pytest.mark.parametrize("text", ["3-2-1201", "3栋2单元1201", "周明", "13800000001"])
def test_a_room_is_found_by_number_and_by_person(signed_in: Client, text: str):
    page = signed_in("yj-cs_assistant").get("/archive", query_string={"q": text}).text

    assert "3-2-1201" in page
    assert "4-1-802" not in page


def test_who_may_not_read_names_sees_them_masked_and_cannot_search_by_them(signed_in: Client):
    client = signed_in("yj-eng_dispatch")

    listed = client.get("/archive").text
    by_name = client.get("/archive", query_string={"q": "周明"}).text
    room = client.get("/archive/rooms/1201").text

    assert "周明" not in listed + room
    assert "13800000001" not in listed + room
    assert "138 **** 0001" in room
    assert "3-2-1201" not in by_name


def test_a_reason_shows_a_room_for_a_while_and_stays_on_record(signed_in: Client, house: House):
    client = signed_in("yj-eng_dispatch")

    answer = post(client, "/archive/rooms/1201/disclose", reason="上门查漏水，要先打电话")

    assert answer.status_code == 303
    assert "13800000001" in client.get("/archive/rooms/1201").text
    with house.database.begin() as session:
        look = session.scalars(select(Look).where(Look.kind == "shown")).one()
        session.delete(look)  # the next test finds the room masked again
    assert (look.room_key, look.rows, look.reason) == (1201, 1, "上门查漏水，要先打电话")


def test_a_reason_of_one_word_is_none(signed_in: Client):
    answer = post(signed_in("yj-eng_dispatch"), "/archive/rooms/802/disclose", reason="看")

    assert answer.status_code == 422


@pytest.mark.parametrize("who", ["yj-eng_worker", "leader"])
def test_the_archive_is_closed_to_others(signed_in: Client, who: str):
    client = signed_in(who)

    assert client.get("/archive").status_code == 403
    assert client.get("/archive/rooms/1201").status_code == 404
    assert client.get("/archive/people/77").status_code == 404


def test_another_project_is_not_there(signed_in: Client):
    client = signed_in("ch-cs_assistant")

    assert "3-2-1201" not in client.get("/archive", query_string={"tenant_id": "yj"}).text
    assert client.get("/archive/rooms/1201").status_code == 404
    assert post(client, "/archive/people/77", name="x").status_code == 404


def test_a_tenant_moves_in_and_out(signed_in: Client, house: House):
    client = signed_in("yj-cs_assistant")

    wrong = post(client, "/archive/rooms/802/people", name="钱红", phone="12", kind="tenant",
                 from_on="2026-11-01")  # fmt: skip
    done = post(client, "/archive/rooms/802/people", name="钱红", phone="13700000003",
                kind="tenant", from_on="2026-11-01")  # fmt: skip

    assert wrong.status_code == 422
    assert "11 位手机号" in wrong.text
    assert "钱红" in wrong.text
    assert done.status_code == 303
    with house.database.read() as session:
        stay = session.scalars(select(Occupancy).where(Occupancy.room_key == 802)).one()
    post(client, f"/archive/stays/{stay.key}/end", to_on="2026-11-20")
    page = client.get("/archive/rooms/802").text
    assert "2026-11-01 – 2026-11-20" in page
    assert "修改记录" in page


def test_cars_keys_and_meters_are_kept_and_ended(signed_in: Client):
    client, manager = signed_in("yj-cs_assistant"), signed_in("yj-cs_manager")

    post(client, "/archive/rooms/501/vehicles", plate="粤b12345", model="轿车")
    post(client, "/archive/rooms/501/keys", kind="entrance", count="3", on="2026-11-20")
    post(manager, "/archive/rooms/501/meters", kind="water", reading="12.5", on="2026-11-20")
    page = client.get("/archive/rooms/501").text

    assert "粤B12345" in page
    assert "进户门  × 3" in page
    assert "底数 12.5" in page
    assert "501" in client.get("/archive", query_string={"q": "粤B12345"}).text


def test_the_assistant_does_not_edit_the_house_and_the_dispatcher_not_the_people(
    signed_in: Client,
):
    room = {"floor": "12", "area": "90", "property_type": "residence", "use": "rent"}

    assert post(signed_in("yj-cs_assistant"), "/archive/rooms/302", **room).status_code == 403
    assert post(signed_in("yj-eng_dispatch"), "/archive/rooms/302", **room).status_code == 303
    answer = post(signed_in("yj-eng_dispatch"), "/archive/people/77", name="周明")
    assert answer.status_code == 403


def test_a_resident_is_edited_and_put_into_groups(signed_in: Client, house: House):
    client = signed_in("yj-cs_assistant")

    post(client, "/archive/people/77", name="周明", phone="13800000001", vulnerable="1")
    post(client, "/archive/people/77/traits", need="opinion")
    post(client, "/archive/people/77/consent", given="1")
    page = client.get("/archive/people/77").text

    assert "优先照顾" in page
    assert '<option value="opinion" selected>' in page
    assert "已同意" in page
    assert "信仰" not in page
    assert "意见型" in client.get("/archive/rooms/1201").text
    assert "意见型" not in signed_in("yj-cs_manager").get("/archive/rooms/802").text


def test_a_workbook_is_checked_shown_imported_and_taken_back(signed_in: Client, house: House):
    client = signed_in("yj-cs_manager")
    new = ["9", "1", 3, "301", 70, "韩雪", "13500000005", "业主"]

    sent = upload(client, book(ROW, new))
    preview = client.get(sent.location).text
    done = post(client, f"{sent.location}/apply")

    assert sent.status_code == done.status_code == 303
    assert "会修改的内容" in preview or "新增" in preview
    assert "韩雪" in client.get("/archive", query_string={"q": "9-1-301"}).text

    with house.database.read() as session:
        last = session.scalars(select(Import.key).order_by(Import.key.desc())).first()
    assert post(client, f"/archive/imports/{last}/undo").status_code == 303
    with house.database.read() as session:
        assert session.scalars(select(Room).where(Room.number == "9-1-301")).all() == []


def test_a_faulty_workbook_is_told_by_cell_and_given_back_marked(signed_in: Client, house: House):
    client = signed_in("yj-cs_manager")

    sent = upload(client, book(ROW, ["9", "1", "三", "301", 70, "韩雪", "1", "业主"]))
    page = client.get(sent.location).text
    marked = client.get(f"{sent.location}/faults.xlsx").data

    assert "C3" in page
    assert "楼层：写 -9 到 200 的整数。" in page
    assert "一行也没有导入" in page
    assert post(client, f"{sent.location}/apply").status_code == 409
    sheet = openpyxl.load_workbook(io.BytesIO(marked)).worksheets[0]
    assert "C3" in str(sheet["I3"].value)
    with house.database.read() as session:
        assert session.scalars(select(Resident).where(Resident.name == "韩雪")).all() == []


def test_what_is_no_workbook_is_refused_on_the_page(signed_in: Client):
    client = signed_in("yj-cs_manager")

    answer = upload(client, b"%PDF-1.7", "x.pdf")

    assert answer.status_code == 422
    assert "另存为 .xlsx" in answer.text


def test_the_template_is_given_to_those_who_import(signed_in: Client):
    assert signed_in("yj-cs_manager").get("/archive/imports/template.xlsx").data[:2] == b"PK"
    assert signed_in("yj-cs_assistant").get("/archive/imports/template.xlsx").status_code == 403


def test_an_export_needs_a_reason_and_is_logged(signed_in: Client, house: House):
    client = signed_in("yj-project_manager")

    refused = post(client, "/archive/export", tenant_id="yj", reason="")
    given = post(client, "/archive/export", tenant_id="yj", reason="街道办要求上报住户名册")

    assert refused.status_code == 422
    sheet = openpyxl.load_workbook(io.BytesIO(given.data)).worksheets[0]
    names = [row[7].value for row in sheet.iter_rows(min_row=2)]
    assert "周明" in names
    assert "街道办要求上报住户名册" in client.get("/archive/export").text
    assert post(signed_in("yj-cs_manager"), "/archive/export", reason="想看看").status_code == 403


def test_an_export_can_be_imported_again_without_change(signed_in: Client, house: House):
    given = post(signed_in("yj-project_manager"), "/archive/export", tenant_id="yj",
                 reason="核对导入导出是否一致")  # fmt: skip

    sent = upload(signed_in("yj-cs_manager"), given.data)

    with house.database.read() as session:
        found = session.scalars(select(Import).order_by(Import.key.desc())).first()
    assert sent.status_code == 303
    assert found is not None
    assert (found.counts["new"], found.counts["changed"], found.counts["errors"]) == (0, 0, 0)


def test_head_office_chooses_traits_and_regions(signed_in: Client):
    client = signed_in("quality")

    post(client, "/settings/archive/regions", **{"region-yj": "华南"})
    page = client.get("/archive", query_string={"tenant_id": "yj"}).text
    settings = client.get("/settings/archive").text
    post(client, "/settings/archive/regions", **{"region-yj": ""})

    assert "华南 / 云景花园" in page
    assert "信仰" in settings
    assert "华南" not in client.get("/settings/archive").text
    assert signed_in("yj-cs_manager").get("/settings/archive").status_code == 403


def test_a_room_shows_its_open_cases(signed_in: Client, house: House):
    key = house.case(at="2026-11-23T10:00+08:00")

    page = signed_in("yj-cs_assistant").get("/archive/rooms/1201").text

    assert f"/cases/{key}" in page


def test_what_was_done_stands_in_the_house_and_in_the_record_of_who_had_it(
    signed_in: Client, house: House
):
    number = "1701"
    key = house.case(at="2026-11-23T10:05+08:00", room_id=number)
    with house.time(), house.database.begin() as session:
        instances.cancel(session, SYSTEM, key, reason="登记重复")
    client = signed_in("yj-cs_assistant")
    for name, first in (("李前", "2020-01-01"), ("赵后", "2026-11-24")):
        post(client, f"/archive/rooms/{number}/people", name=name, kind="owner", from_on=first)
    with house.database.read() as session:
        people = session.execute(
            select(Resident.name, Resident.key)
            .join(Occupancy, Occupancy.resident_key == Resident.key)
            .where(Occupancy.room_key == int(number))
        )
        who = {name: resident for name, resident in people}  # noqa: C416 — rows, not pairs

    link = f"/cases/{key}"
    assert link in client.get(f"/archive/rooms/{number}").text
    assert link in client.get(f"/archive/people/{who['李前']}").text
    assert link not in client.get(f"/archive/people/{who['赵后']}").text
