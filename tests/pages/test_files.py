"""Uploads are judged by their content, cleaned, kept by hash, and given out with rights."""

import io

import pytest
from flask.testing import FlaskClient
from PIL import Image, PngImagePlugin
from sqlalchemy import select, update

from api.pages import files
from engine import identity, instances
from engine.models import File, Instance, Task, User
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
