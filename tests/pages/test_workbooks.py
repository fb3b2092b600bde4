"""A form's table goes out as a workbook and comes back checked, cell by cell."""

import io
import json
from datetime import date
from typing import Any

import openpyxl
import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from forms import library
from processes.archive import Building, Room
from tests.browser.house import House
from tests.pages import papers
from tests.pages.conftest import Client, token

FIELD = next(
    part for part in library.load("move_in_prep/P0_batch").schema["components"]
    if part["key"] == "households"
)  # fmt: skip
BAGS = next(
    part for part in library.load("move_in_prep/P4_bags").schema["components"]
    if part["key"] == "bags"
)  # fmt: skip


def get(client: FlaskClient, field: Any, rows: Any):
    head = {"X-CSRFToken": token(client), "Accept": "application/json"}
    return client.post("/workbook", json={"field": field, "rows": rows}, headers=head)


def send(client: FlaskClient, field: Any, body: bytes):
    form = {"file": (io.BytesIO(body), "交房名单.xlsx"), "field": json.dumps(field)}
    head = {"X-CSRFToken": token(client), "Accept": "application/json"}
    return client.post("/workbook/rows", data=form, headers=head)


def filled(client: FlaskClient, field: Any, rows: list[tuple[Any, ...]]) -> bytes:
    """Fill rows into the workbook that the server gives out."""
    book = openpyxl.load_workbook(io.BytesIO(get(client, field, []).data))
    for row in rows:
        book.worksheets[0].append(row)
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def test_the_workbook_holds_the_columns_and_what_is_known(signed_in: Client):
    client = signed_in("yj-cs_manager")
    rows = [{"room": "1201", "owner": "=1+1", "phone": "013800000001", "day": "2026-12-26"}]

    answer = get(client, FIELD, rows)

    sheet = openpyxl.load_workbook(io.BytesIO(answer.data)).worksheets[0]
    assert [cell.value for cell in sheet[1]] == ["房号*", "业主*", "电话", "预约日"]
    assert [cell.value for cell in sheet[2]][:3] == ["3-2-1201", "'=1+1", "013800000001"]
    assert sheet["D2"].value.date() == date(2026, 12, 26)
    assert sheet["C2"].number_format == "@"
    assert answer.headers["Content-Disposition"].endswith(".xlsx")


def test_lists_to_pick_from_stand_in_the_workbook(signed_in: Client):
    answer = get(signed_in("yj-cs_manager"), BAGS, [{"room": "1201"}])

    sheet = openpyxl.load_workbook(io.BytesIO(answer.data)).worksheets[0]
    assert [one.formula1 for one in sheet.data_validations.dataValidation] == ['"是,否"']
    assert sheet["A2"].value == "3-2-1201"


def test_rows_come_back_with_keys_and_names(signed_in: Client):
    client = signed_in("yj-cs_manager")
    body = filled(client, FIELD, [("3栋2单元1201室", "周明", 13800000001, date(2026, 12, 26)),
                                  ("2-1-302", "孙丽", None, None)])  # fmt: skip

    answer = send(client, FIELD, body).json

    assert answer["problems"] == []
    assert answer["rows"] == [
        {"room": "1201", "owner": "周明", "phone": "13800000001", "day": "2026-12-26"},
        {"room": "302", "owner": "孙丽", "phone": "", "day": None},
    ]
    assert answer["labels"] == {"room": {"1201": "3-2-1201", "302": "2-1-302"}}


def test_faults_are_told_by_cell_and_nothing_is_taken(signed_in: Client):
    client = signed_in("yj-cs_manager")
    body = filled(client, FIELD, [("3-2-1201", "周明", "", None), ("9-9-999", "", "", "明天")])

    answer = send(client, FIELD, body).json

    assert answer["rows"] == []
    assert answer["problemCount"] == 3
    assert [(one["cell"], one["column"]) for one in answer["problems"]] == [
        ("A3", "房号"), ("B3", "业主"), ("D3", "预约日"),
    ]  # fmt: skip


def test_people_are_found_by_name_or_staff_number_in_the_own_project(signed_in: Client):
    client = signed_in("yj-cs_manager")
    rows = [("3-2-1201", "是", 3, 2, "林晓雯"), ("3-2-1201", "是", 3, 2, "yj-eng_worker"),
            ("3-2-1201", "是", 3, 2, "赵鹏")]  # fmt: skip

    answer = send(client, BAGS, filled(client, BAGS, rows)).json

    assert [one["cell"] for one in answer["problems"]] == ["E4"]  # 赵鹏 works in another project


def test_rooms_of_another_project_are_not_found(signed_in: Client):
    client = signed_in("ch-cs_assistant")

    answer = send(client, FIELD, filled(client, FIELD, [("3-2-1201", "周明", "", None)])).json

    assert [one["cell"] for one in answer["problems"]] == ["A2"]


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"\xd0\xcf\x11\xe0", "读不出来"),
        (b"PK\x03\x04broken", "读不出来"),
        (b"", "读不出来"),
        (b"a,b", "读不出来"),
    ],
    ids=["old xls", "broken", "empty", "csv"],
)
def test_what_is_no_workbook_is_refused_with_advice(signed_in: Client, body: bytes, words: str):
    answer = send(signed_in("yj-cs_manager"), FIELD, body)

    assert answer.status_code == 422
    assert words in answer.json["detail"]


@pytest.mark.parametrize(
    "field",
    [None, [], {}, {"columns": "x"}, {"columns": [{"key": "a"}]}, {"label": "x", "columns": []}],
)
def test_a_table_that_no_form_could_have_is_refused(signed_in: Client, field: Any):
    answer = get(signed_in("yj-cs_manager"), field, [])

    assert answer.status_code == 422


def test_a_list_of_1_500_households_goes_through_the_case(house: House, signed_in: Client):
    client = signed_in("yj-cs_manager")
    with house.time(), house.database.begin() as session:
        building = session.scalars(select(Building)).first()
        session.add_all(
            Room(key=900_000 + n, tenant_id="yj", building_key=building.key, number=f"9-1-{n}",
                 unit="1", floor=1, area=9_000, use="live")
            for n in range(1_500)
        )  # fmt: skip
    sent = send(
        client,
        FIELD,
        filled(client, FIELD, [(f"9-1-{n}", f"户{n}", "", None) for n in range(1_500)]),
    ).json
    assert sent["count"] == 1_500

    case, task = papers.batch(house, sent["rows"])

    page = client.get(f"/cases/{case}").text
    assert "共 1500 行" in page
    assert f"/tasks/{task}/rows/households" in page
    second = client.get(f"/tasks/{task}/rows/households?page=2").text
    assert "9-1-50<" in second
    assert "9-1-49<" not in second
    assert "第 2 页，共 30 页" in second
    book = openpyxl.load_workbook(
        io.BytesIO(client.get(f"/tasks/{task}/rows/households.xlsx").data)
    )
    assert book.worksheets[0].max_row == 1_501
    assert signed_in("ch-cs_assistant").get(f"/tasks/{task}/rows/households").status_code == 404
    assert client.get(f"/tasks/{task}/rows/other").status_code == 404
