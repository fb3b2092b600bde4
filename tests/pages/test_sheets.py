"""A case's sheets: numbered once, printed with the reader's rights, taken as PDF."""

import io
import re
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from flask.testing import FlaskClient
from pypdf import PdfReader
from sqlalchemy import select

from api import pdf
from engine import identity
from engine.models import Instance, User
from engine.models.sheets import PrintedSheet
from processes import sheets
from tests.browser.house import PASSWORD, House
from tests.pages import papers
from tests.pages.conftest import Client, token

ORDER = sheets.BY_KIND["repair_order"]


@pytest.fixture(scope="module")
def done(house: House) -> int:
    """A repair that is finished on the spot."""
    return papers.repair(house)


def numbered(client: FlaskClient, case: int, kind: str = "repair_order") -> str:
    path = f"/cases/{case}/sheets/{kind}"
    client.post(path, data={"csrf_token": token(client)})
    found = re.search(r"[A-Z]{3}-YJ-\d{4}-\d{4}", client.get(path).text)
    assert found is not None
    return found[0]


def test_a_repair_order_holds_the_case_so_far(done: int, signed_in: Client):
    page = signed_in("yj-cs_manager").get(f"/cases/{done}/sheets/repair_order").text

    for text in ("云景物业服务中心 · 云景花园", "维修服务任务单", "周明 13800000001",
                 "厨房水龙头关不紧", "更换水龙头阀芯", "维修前照片", "维修后照片"):  # fmt: skip
        assert text in page
    assert page.index("填写维修服务任务单") < page.index("上门签到") < page.index("施工与完工确认")
    # the worker's own line stays empty for the pen; both signatures of the customer are drawn
    assert page.count("：已签") == 2
    assert "维修员" in page


def test_what_a_person_may_not_see_is_not_printed_either(
    house: House, done: int, signed_in: Client
):
    with house.time(), house.database.begin() as session:
        other = identity.create_user(session, username="other", name="柯亮", password=PASSWORD)
        identity.add_membership(session, other.key, "eng_dispatch", "yj")
    path = f"/cases/{done}/sheets/repair_order"
    numbered(signed_in("yj-cs_manager"), done)

    page = signed_in("other").get(path)
    body = signed_in("other").get(f"{path}.pdf").data

    assert page.status_code == 200
    read = "".join(one.extract_text() for one in PdfReader(io.BytesIO(body)).pages)
    for text in (page.text, read):
        assert "138 **** 0001" in text
        assert "13800000001" not in text
        assert "周明" not in text
        assert "厨房水龙头" not in text
    assert signed_in("ch-cs_assistant").get(path).status_code == 404
    assert signed_in("ch-cs_assistant").get(f"{path}.pdf").status_code == 404


def test_a_sheet_is_numbered_once_and_keeps_its_number(house: House, signed_in: Client):
    client = signed_in("yj-cs_assistant")

    case = papers.repair(house, until="R1_intake", at="2026-11-23T15:30+08:00")
    assert "未编号" in client.get(f"/cases/{case}/sheets/repair_order").text

    first, again = numbered(client, case), numbered(signed_in("yj-cs_manager"), case)

    assert first == again
    assert first.startswith("WXD-YJ-2026-")


def test_numbers_run_by_project_kind_and_year_without_gap(house: House, signed_in: Client):
    client = signed_in("yj-cs_assistant")
    cases = [
        papers.repair(house, until="R1_intake", at=f"2026-11-23T1{n}:30+08:00") for n in range(3)
    ]

    found = [int(numbered(client, case)[-4:]) for case in cases]

    assert found == list(range(found[0], found[0] + 3))


def test_two_who_number_at_once_get_one_number_or_two_different_ones(house: House):
    cases = [
        papers.repair(house, until="R1_intake", at=f"2026-11-24T0{n}:30+08:00") for n in range(6)
    ]

    def number(case: int) -> str:
        with house.time(), house.database.begin() as session:
            manager = session.scalars(select(User.key).filter_by(username="yj-cs_manager")).one()
            actor, root = identity.actor(session, manager), session.get_one(Instance, case)
            return sheets.text(sheets.number(session, actor, root, ORDER))

    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(number, [*cases, *cases]))

    assert found[:6] == found[6:]
    assert len(set(found)) == 6
    with house.database.read() as session:
        rows = session.scalars(select(PrintedSheet).where(PrintedSheet.instance_key.in_(cases)))
        assert len(rows.all()) == 6


@pytest.mark.parametrize(
    ("kind", "status"), [("repair_order", 200), ("acceptance", 404), ("handover", 404), ("x", 404)]
)
def test_a_case_has_only_the_sheets_of_its_process(
    done: int, signed_in: Client, kind: str, status: int
):
    client = signed_in("yj-cs_assistant")

    assert client.get(f"/cases/{done}/sheets/{kind}").status_code == status


def test_move_in_sheets_come_with_their_steps(house: House, signed_in: Client):
    client = signed_in("yj-cs_assistant")
    signing = papers.move_in(house, until="M2_sign", at="2026-11-24T09:00+08:00")
    moved = papers.move_in(house, at="2026-11-25T09:00+08:00")

    assert "/sheets/" not in client.get(f"/cases/{signing}").text
    page = client.get(f"/cases/{moved}").text
    assert "打印 房屋交接验收单" in page
    assert "打印 交接登记" in page
    sheet = client.get(f"/cases/{moved}/sheets/handover").text
    assert all(text in sheet for text in ("进户门", "水表箱", "领取人", '<th scope="col">'))
    assert "110101199001010015" not in client.get(f"/cases/{moved}/sheets/acceptance").text


# -- PDF ----------------------------------------------------------------------------------------


def test_the_pdf_is_a4_with_its_text_and_its_font_inside(done: int, signed_in: Client):
    client = signed_in("yj-cs_manager")
    number = numbered(client, done)

    answer = client.get(f"/cases/{done}/sheets/repair_order.pdf")

    assert answer.mimetype == "application/pdf"
    assert f'filename="{number}.pdf"' in answer.headers["Content-Disposition"]
    read = PdfReader(io.BytesIO(answer.data))
    text = "\n".join(page.extract_text() for page in read.pages)
    assert all(
        word in text
        for word in (number, "维修服务任务单", "厨房水龙头关不紧", f"/ {len(read.pages)}")
    )
    width, height = (round(float(side)) for side in read.pages[0].mediabox[2:])
    assert (width, height) == (595, 842)
    fonts = [font for page in read.pages for font in embedded(page)]
    assert fonts
    assert all(fonts)
    # photos before and after, and two signatures
    assert len({image.name for page in read.pages for image in page.images}) == 4


def embedded(page: Any) -> list[bool]:
    """Tell of each font of a page whether its outlines are in the file."""
    found = []
    for font in page["/Resources"]["/Font"].values():
        inner = font.get_object()["/DescendantFonts"][0].get_object()
        kept = inner["/FontDescriptor"].get_object()
        found.append(any(f"/FontFile{n}" in kept for n in ("", "2", "3")))
    return found


def test_a_sheet_without_number_is_no_pdf_yet(house: House, signed_in: Client):
    case = papers.repair(house, until="R1_intake", at="2026-11-25T11:00+08:00")

    answer = signed_in("yj-cs_assistant").get(f"/cases/{case}/sheets/repair_order.pdf")

    assert answer.status_code == 404
    assert "还没有编号" in answer.text


def test_without_the_extra_the_page_says_how_to_install_it(
    done: int, signed_in: Client, monkeypatch: pytest.MonkeyPatch
):
    client = signed_in("yj-cs_assistant")
    numbered(client, done)
    monkeypatch.setattr(pdf, "available", lambda: False)

    page = client.get(f"/cases/{done}/sheets/repair_order").text
    answer = client.get(f"/cases/{done}/sheets/repair_order.pdf")

    assert "pip install &#39;wuyeflow[pdf]&#39;" in page or "pip install 'wuyeflow[pdf]'" in page
    assert answer.status_code == 501
    assert "没有安装 PDF 组件" in answer.text


def test_nothing_is_fetched_while_a_pdf_is_written(tmp_path: Any):
    secret = tmp_path / "secret.svg"
    secret.write_text("<svg xmlns='http://www.w3.org/2000/svg'><text>SECRET</text></svg>")

    body = pdf.write(f'<p>正文</p><img src="file://{secret}"><img src="http://127.0.0.1:9/x.png">')

    read = PdfReader(io.BytesIO(body))
    assert "正文" in read.pages[0].extract_text()
    assert len(read.pages[0].images) == 0
    assert "SECRET" not in read.pages[0].extract_text()
