"""On a phone: photos at the door, a long table as a workbook, and a sheet to print."""

import io
from pathlib import Path
from typing import Any

import openpyxl
from PIL import Image
from playwright.sync_api import Page, expect
from sqlalchemy import select

from engine import identity, instances
from engine.models import Task, User
from tests.browser.filling import fill, ready, submit
from tests.browser.house import House
from tests.pages import papers


def photo(colour: str) -> dict[str, Any]:
    """A photo as the camera gives it, larger than a page needs."""
    target = io.BytesIO()
    Image.new("RGB", (2400, 1800), colour).save(target, "JPEG")
    return {"name": f"{colour}.jpg", "mimeType": "image/jpeg", "buffer": target.getvalue()}


def open_step(page: Page, house: House, case: int, element: str) -> None:
    with house.database.read() as session:
        query = select(Task.key).where(Task.root_key == case, Task.element == element)
        key = session.scalars(query).one()
    page.goto(f"{house.url}/tasks/{key}")
    ready(page)


def test_a_worker_takes_photos_at_the_door_and_the_manager_prints_the_order(
    house: House, sign_in, tmp_path: Path
):
    case = papers.repair(house, until="R3_accept")
    page = sign_in("yj-eng_worker", phone=True)
    open_step(page, house, case, "R4_arrive")
    fill(page, {"客户在场": "是"})
    photos = page.get_by_role("group", name="维修前照片")

    expect(photos.get_by_text("拍照")).to_be_visible()
    camera = photos.locator("input[capture=environment]")
    assert camera.get_attribute("accept") == "image/*"
    page.route("**/files", lambda route: route.abort(), times=1)
    camera.set_input_files(photo("firebrick"))
    expect(photos.get_by_role("button", name="重传 firebrick.jpg")).to_be_visible()
    page.get_by_role("button", name="提交").click()
    expect(page.locator(".wf-notice")).to_contain_text("有 1 个文件没有传上")
    photos.get_by_role("button", name="重传 firebrick.jpg").click()
    expect(photos.locator("li a")).to_have_count(1)
    photos.locator("input[multiple]").set_input_files([photo("teal"), photo("navy")])
    expect(photos.locator("li a")).to_have_count(3)
    photos.get_by_role("button", name="移除 navy.jpg").click()
    expect(photos.locator("li a")).to_have_count(2)
    page.screenshot(path=tmp_path / "photos.png", full_page=True)
    page.get_by_role("button", name="提交").click()
    expect(page.locator(".toast", has_text="已办完").first).to_be_visible()

    _prints(sign_in("yj-cs_manager", phone=True), house, case)


def _prints(manager: Page, house: House, case: int) -> None:
    manager.goto(f"{house.url}/cases/{case}")
    shots = manager.locator(".photo-strip img")
    expect(shots).to_have_count(2)
    shots.first.scroll_into_view_if_needed()
    manager.wait_for_function("() => document.querySelector('.photo-strip img').naturalWidth > 0")
    assert shots.first.evaluate("image => [image.naturalWidth, image.naturalHeight]") == [320, 240]
    manager.get_by_role("link", name="打印 维修服务任务单").click()
    manager.get_by_role("button", name="编号，准备打印").click()
    expect(manager.locator(".paper-number")).to_have_text("WXD-YJ-2026-0001")
    expect(manager.locator(".paper-shots img")).to_have_count(2)
    with manager.expect_download() as download:
        manager.get_by_role("link", name="下载 PDF").click()
    assert download.value.suggested_filename == "WXD-YJ-2026-0001.pdf"


def test_a_list_of_households_is_filled_up_in_a_workbook(house: House, sign_in, tmp_path: Path):
    case = batch(house)
    page = sign_in("yj-cs_manager", phone=True)
    open_step(page, house, case, "P0_batch")
    fill(page, {"批次名称": "3 栋首批", "接待人员已培训": True})
    table = page.get_by_role("group", name="交房名单")
    with page.expect_download() as download:
        table.get_by_role("button", name="下载空表").click()
    given = tmp_path / "given.xlsx"
    download.value.save_as(given)

    wrong = filled(given, tmp_path / "wrong.xlsx", [("9-9-999", "周明", "", None)])
    table.locator("input[type=file]").set_input_files(wrong)
    expect(table.get_by_role("alert")).to_contain_text("有 1 处要改")
    expect(table.get_by_role("alert")).to_contain_text("A2 房号：没有房号“9-9-999”")
    page.screenshot(path=tmp_path / "faults.png", full_page=True)
    rows = [("3-2-1201", f"户{n}", f"1380000{n:04d}", None) for n in range(60)]
    table.locator("input[type=file]").set_input_files(filled(given, tmp_path / "good.xlsx", rows))
    expect(table.get_by_role("alert")).to_have_count(0)
    expect(table.get_by_text("共 60 行", exact=True)).to_be_visible()
    expect(table.locator("tbody tr")).to_have_count(10)
    table.get_by_role("button", name="下一页").click()
    expect(table.locator("tbody tr").first).to_contain_text("户10")
    expect(table.locator("tbody tr").first).to_contain_text("3-2-1201")
    page.screenshot(path=tmp_path / "rows.png", full_page=True)
    fill(page, {"首个交房日": ("2026-12-26", None), "最后交房日": ("2026-12-28", None)})
    submit(page)

    _reads(page, house, case, tmp_path)


def _reads(page: Page, house: House, case: int, tmp_path: Path) -> None:
    page.goto(f"{house.url}/cases/{case}")
    page.get_by_role("link", name="看“交房名单”的全部内容").click()
    expect(page.get_by_text("第 1 页，共 2 页")).to_be_visible()
    page.get_by_role("link", name="下一页").click()
    expect(page.locator("tbody tr")).to_have_count(10)
    page.screenshot(path=tmp_path / "page.png")
    with page.expect_download() as again:
        page.get_by_role("link", name="下载表格").click()
    again.value.save_as(tmp_path / "again.xlsx")
    assert openpyxl.load_workbook(tmp_path / "again.xlsx").worksheets[0].max_row == 61


def batch(house: House) -> int:
    with house.time(), house.database.begin() as session:
        query = select(User.key).where(User.username == "yj-cs_manager")
        actor = identity.actor(session, session.scalars(query).one())
        return instances.start(session, actor, "move_in_prep", tenant_id="yj").key


def filled(given: Path, target: Path, rows: list[tuple[Any, ...]]) -> Path:
    book = openpyxl.load_workbook(given)
    for row in rows:
        book.worksheets[0].append(row)
    book.save(target)
    return target
