"""Uploads are judged by their content, cleaned, kept by hash, and given out with rights."""

import io
import json
import re
from pathlib import Path

import pytest
import yaml
from flask.testing import FlaskClient
from PIL import Image, PngImagePlugin
from sqlalchemy import select, update

import processes
from api.pages import files
from engine import identity, instances
from engine.models import File, Instance, Task, TaskState, User
from engine.testing import settle
from tests.browser.house import House
from tests.pages.conftest import Client, token


def photo(*, place: bool = True) -> bytes:
    """A small photo that says where it was taken."""
    picture, target = Image.new("RGB", (40, 30), "teal"), io.BytesIO()
    told = Image.Exif()
    if place:
        told[0x010F] = "SECRET-CAMERA"
        told[0x0112] = 6
    picture.save(target, "JPEG", exif=told)
    return target.getvalue()


def upload(client: FlaskClient, body: bytes, name: str):
    form = {"file": (io.BytesIO(body), name), "csrf_token": token(client)}
    return client.post("/files", data=form, headers={"Accept": "application/json"})


def test_a_photo_is_turned_upright_and_loses_what_it_told(house: House, signed_in: Client):
    client = signed_in("yj-cs_assistant")

    answer = upload(client, photo(), "..\\..\\厨房 照片.JPEG.exe")

    assert answer.json["name"] == "厨房 照片.JPEG.jpg"
    got = client.get(f"/files/{answer.json['id']}", buffered=True)
    assert b"SECRET-CAMERA" not in got.data
    assert Image.open(io.BytesIO(got.data)).size == (30, 40)
    assert got.headers["Content-Disposition"].startswith("attachment")
    assert got.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize(
    ("kind", "told"),
    [
        ("JPEG", {"comment": b"SECRET", "xmp": b"<x>SECRET</x>"}),
        ("PNG", {"pnginfo": "SECRET"}),
        ("WEBP", {"xmp": b"<x>SECRET</x>"}),
    ],
    ids=["JPEG comment and XMP", "PNG text", "WebP XMP"],
)
def test_remarks_beside_the_camera_s_do_not_stay_either(signed_in: Client, kind: str, told: dict):
    picture, target = Image.new("RGB", (40, 30), "teal"), io.BytesIO()
    if "pnginfo" in told:
        told = {"pnginfo": PngImagePlugin.PngInfo()}
        told["pnginfo"].add_text("Comment", "SECRET")
    picture.save(target, kind, **told)
    assert b"SECRET" in target.getvalue()
    client = signed_in("yj-cs_assistant")

    answer = upload(client, target.getvalue(), "kitchen.bin")

    got = client.get(f"/files/{answer.json['id']}", buffered=True)
    assert b"SECRET" not in got.data


def test_a_thumbnail_is_small_and_as_closed_as_its_photo(house: House, signed_in: Client):
    mine = signed_in("yj-cs_assistant")
    wide, target = Image.new("RGBA", (1200, 400), (0, 128, 128, 0)), io.BytesIO()
    wide.save(target, "PNG")
    key = upload(mine, target.getvalue(), "wall.png").json["id"]

    small = [mine.get(f"/files/{key}?thumb", buffered=True) for _ in range(2)]

    with Image.open(io.BytesIO(small[0].data)) as picture:
        assert (picture.size, picture.format) == ((320, 107), "JPEG")
        assert picture.getpixel((5, 5)) == (255, 255, 255)
    assert small[0].data == small[1].data
    assert small[0].headers["Content-Type"] == "image/jpeg"
    assert small[0].headers["Content-Disposition"].startswith("inline")
    assert signed_in("ch-cs_assistant").get(f"/files/{key}?thumb").status_code == 404


@pytest.mark.parametrize(
    ("body", "name"),
    [
        (b"<html><script>alert(1)</script>", "letter.pdf"),
        (b"<?xml version='1.0'?><svg xmlns='http://www.w3.org/2000/svg'/>", "plan.png"),
        (b"MZ\x90\x00" + b"\x00" * 64, "report.pdf"),
        (photo()[:200], "broken.jpg"),
        (b"", "empty.txt"),
    ],
    ids=["html", "svg", "program", "broken photo", "empty"],
)
def test_content_that_is_not_allowed_is_refused_whatever_its_name(
    signed_in: Client, body: bytes, name: str
):
    answer = upload(signed_in("yj-cs_assistant"), body, name)

    assert answer.status_code == 415
    assert answer.json["code"] == "unsupported-file"


def test_the_same_bytes_are_kept_once_and_before_their_row(house: House, signed_in: Client):
    client = signed_in("yj-cs_assistant")
    keys = [upload(client, b"a letter of the owner", "letter.txt").json["id"] for _ in range(2)]

    with house.database.read() as session:
        hashes = set(session.scalars(select(File.hash).where(File.key.in_(map(int, keys)))))
    assert len(hashes) == 1
    path = files.path_of(house.app.config["SETTINGS"].files, hashes.pop())
    assert path.read_bytes() == b"a letter of the owner"


def test_an_upload_is_for_its_uploader_until_a_case_has_it(house: House, signed_in: Client):
    mine, foreign = signed_in("yj-cs_assistant"), signed_in("ch-cs_assistant")
    key = upload(mine, b"a letter", "letter.txt").json["id"]
    case = house.case(at="2026-11-23T09:00+08:00")

    assert mine.get(f"/files/{key}", buffered=True).status_code == 200
    assert signed_in("yj-cs_manager").get(f"/files/{key}", buffered=True).status_code == 404
    with house.database.begin() as session:
        assert session.get(Instance, case) is not None
        session.execute(update(File).where(File.key == int(key)).values(instance_key=case))
    assert signed_in("yj-cs_manager").get(f"/files/{key}", buffered=True).status_code == 200
    assert foreign.get(f"/files/{key}", buffered=True).status_code == 404


# -- a foreign file in a submission -------------------------------------------------------------


def reader(session, username: str):
    return identity.actor(
        session, session.scalars(select(User.key).filter_by(username=username)).one()
    )


def test_a_submission_cannot_take_somebody_elses_file(house: House, signed_in: Client):
    mine, foreign = signed_in("yj-cs_assistant"), signed_in("ch-cs_assistant")
    secret = upload(foreign, b"a foreign letter", "bank-account.txt").json["id"]
    own = upload(mine, b"my letter", "mine.txt").json["id"]
    case = house.case(at="2026-11-23T08:00+08:00")

    with house.database.read() as session:
        task = session.scalars(select(Task.key).where(Task.root_key == case)).first()
        find = files.finder(session, reader(session, "yj-cs_assistant"), task_key=task)

        assert find(own) == {"name": "mine.txt", "media_type": "text/plain", "size": 9}
        assert find(secret) is None


def test_a_file_of_another_case_cannot_be_named_a_file_of_the_same_can(
    house: House, signed_in: Client
):
    client = signed_in("yj-cs_assistant")
    here, there = (house.case(at=f"2026-11-23T08:0{n}+08:00") for n in (1, 2))
    keys = {case: upload(client, b"a letter", "letter.txt").json["id"] for case in (here, there)}
    with house.database.begin() as session:
        for case, key in keys.items():
            session.execute(update(File).where(File.key == int(key)).values(instance_key=case))

    with house.database.read() as session:
        task = session.scalars(select(Task.key).where(Task.root_key == here)).first()
        find = files.finder(session, reader(session, "yj-cs_assistant"), task_key=task)

        assert find(keys[here]) is not None
        assert find(keys[there]) is None


def test_an_attack_over_http_gets_a_field_error_and_no_name(house: House, signed_in: Client):
    client = signed_in("yj-cs_assistant")
    secret = upload(signed_in("ch-cs_assistant"), b"foreign", "bank-account.txt").json["id"]
    with house.time(), house.database.begin() as session:
        who = reader(session, "yj-cs_assistant")
        case = instances.start(session, who, "complaint", tenant_id="yj").key
    with house.database.read() as session:
        task = session.scalars(select(Task.key).where(Task.root_key == case)).one()

    answer = client.post(
        f"/tasks/{task}/complete", json={"variables": {"attachments": [secret]}},
        headers={"Accept": "application/json", "X-CSRFToken": token(client)},
    )  # fmt: skip

    assert answer.status_code == 422
    assert "bank-account" not in answer.text
    assert any("attachments" in field.lower() for field in answer.json["errors"])
    with house.database.read() as session:
        assert session.get_one(File, int(secret)).instance_key is None


@pytest.mark.parametrize("most", [1, 300], ids=["few", "many"])
def test_a_submission_keeps_its_uploads_among_all_the_figures_it_holds(
    house: House, signed_in: Client, most: int
):
    client = signed_in("yj-cs_assistant")
    own = [upload(client, photo(), f"{n}.jpg").json["id"] for n in range(2)]
    theirs = upload(signed_in("yj-cs_manager"), photo(), "c.jpg").json["id"]
    case = house.case(at=f"2026-11-23T08:0{3 + most // 300}+08:00")

    phones = [str(13800000000 + n) for n in range(most)]
    submitted = {"rows": [{"photos": own, "phones": phones, "account": "9" * 30}, theirs]}
    with house.database.begin() as session:
        files.keep(session, reader(session, "yj-cs_assistant"), case, submitted)

    with house.database.read() as session:
        rows = session.scalars(select(File).where(File.key.in_([*map(int, own), int(theirs)])))
        kept = {row.key: (row.instance_key, row.tenant_id) for row in rows}
    assert {kept[int(one)] for one in own} == {(case, "yj")}
    assert kept[int(theirs)] == (None, "*")


# -- photos that go with a call -----------------------------------------------------------------

TO_INSPECTION = ("M0_arrive", "M1_verify", "M2_sign", "M3_fees")
HANDED = {"Accept": "application/json"}
SAMPLES = yaml.safe_load(
    (Path(processes.__file__).parent / "move_in/scenarios/_samples.yaml").read_text("utf-8")
)


def inspected(house: House) -> int:
    """Walk a household up to the inspection; return the open step."""
    key = house.follow({
        "title": "", "process": "move_in", "tenant": "yj", "at": "2026-11-23T08:00+08:00",
        "by": "cs_assistant", "samples": SAMPLES, "steps": [
            {"do": step, "by": "cashier" if step == "M3_fees" else "cs_assistant"}
            for step in TO_INSPECTION
        ],
    })  # fmt: skip
    return waiting(house, key, "M4_inspect").key


def waiting(house: House, root: int, element: str) -> Task:
    with house.database.read() as session:
        query = select(Task).filter_by(root_key=root, element=element, state=TaskState.OPEN)
        return session.scalars(query).one()


def complete(client: FlaskClient, task: int, values: dict[str, object]):
    headers = {**HANDED, "X-CSRFToken": token(client)}
    return client.post(f"/tasks/{task}/complete", json={"variables": values}, headers=headers)


def form_data(client: FlaskClient, task: int) -> dict[str, object]:
    """Return what the form of a step is opened with."""
    found = re.search(r'<script type="application/json">(.*?)</script>',
                      client.get(f"/tasks/{task}").text, re.DOTALL)  # fmt: skip
    assert found is not None
    return json.loads(found[1])


def test_photos_of_a_defect_arrive_as_the_pictures_before_it_is_mended(
    house: House, signed_in: Client
):
    worker, assistant = signed_in("yj-eng_worker"), signed_in("yj-cs_assistant")
    here = inspected(house)
    crack, leak, sign = (upload(worker, photo(), "a.jpg").json["id"] for _ in range(3))
    with house.database.read() as session:
        root, who = session.get_one(Task, here).root_key, reader(session, "yj-eng_worker").key
    rows = [
        {"part": "wall", "check": "平整", "state": "bad", "problem": "空鼓", "severity": "normal",
         "photos": [crack]},
        {"part": "water", "check": "通水", "state": "ok", "photos": [leak]},
    ]  # fmt: skip

    done = complete(worker, here, {"inspectors": [str(who)], "item_rows": rows, "accepted": "fail",
                                   "customer_sign": sign})  # fmt: skip
    assert done.status_code == 200, done.text
    with house.time():
        settle(house.database)
    ack = waiting(house, root, "K1_ack").key
    given = form_data(assistant, ack)
    assert (given["data"]["defect_text"], given["data"]["photo_before"]) == ("空鼓", [crack])
    assert crack in given["labels"]["file"]

    done = complete(assistant, ack, {**SAMPLES["K1_ack"], "promised_at": "2026-11-30",
                                     "photo_before": [crack]})  # fmt: skip
    assert done.status_code == 200, done.text
    assert f"/files/{crack}?thumb" in assistant.get(f"/cases/{root}").text
    assert assistant.get(f"/files/{crack}", buffered=True).status_code == 200
    assert signed_in("ch-cs_assistant").get(f"/files/{crack}").status_code == 404


def test_a_photo_carried_into_a_call_opens_nobody_elses_file(house: House, signed_in: Client):
    assistant = signed_in("yj-cs_assistant")
    secret = upload(signed_in("ch-cs_assistant"), photo(), "bank-account.jpg").json["id"]
    with house.time(), house.database.begin() as session:
        who = reader(session, "yj-cs_assistant")
        values = {"defect": "渗水", "severity": "normal", "photos_before": [secret]}
        root = instances.start(session, who, "rectification", tenant_id="yj", variables=values).key
    ack = waiting(house, root, "K1_ack").key

    page = assistant.get(f"/tasks/{ack}").text
    done = complete(assistant, ack, {**SAMPLES["K1_ack"], "promised_at": "2026-11-30",
                                     "photo_before": [secret]})  # fmt: skip

    assert "bank-account" not in page
    assert done.status_code == 422
    assert "Field_photo_before" in done.json["errors"]
    assert assistant.get(f"/files/{secret}").status_code == 404
