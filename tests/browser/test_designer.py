"""A designer opens a deployed diagram, is told what would be refused, and puts a version in force."""

from playwright.sync_api import Page, expect
from sqlalchemy import select

from engine.models import Definition, Task
from tests.browser.conftest import SignIn
from tests.browser.filling import ready
from tests.browser.house import House


def open_editor(page: Page) -> None:
    page.get_by_role("link", name="流程设计").first.click()
    page.get_by_role("row").filter(has_text="投诉处理").get_by_role("link", name="修改").click()
    page.locator(".wf-modeler-problems .badge").first.wait_for()


def choose(page: Page, element: str, group: str) -> None:
    """Select an element of the large diagram, and open a group of its panel."""
    page.evaluate(
        """id => {
            const { modeler } = document.querySelector('wf-modeler');
            modeler.get('selection').select(modeler.get('elementRegistry').get(id));
        }""",
        element,
    )
    page.get_by_role("region", name="属性").locator(
        ".bio-properties-panel-group-header", has_text=group
    ).first.click()


def test_a_changed_limit_is_deployed_and_holds_for_new_cases(house: House, sign_in: SignIn) -> None:
    publisher = sign_in("publisher")
    open_editor(publisher)
    choose(publisher, "T1_record", "服务步骤")
    publisher.get_by_label("办理时限").fill("PT30M")
    publisher.get_by_label("办理时限").blur()
    publisher.get_by_role("button", name="发布").click()
    expect(publisher.get_by_text("已发布第 2 版")).to_be_visible()

    assistant = sign_in("yj-cs_assistant")
    assistant.get_by_role("link", name="立案登记").first.click()
    assistant.get_by_role("button", name="立案").click()
    ready(assistant)
    expect(assistant.locator(".promise")).to_contain_text("还剩 30 分钟")
    with house.database.read() as session:
        versions = session.scalars(
            select(Definition.version).filter_by(process_id="complaint").order_by("version")
        ).all()
        task = session.scalars(select(Task).where(Task.element == "T1_record")).one()
        opened = session.get_one(Definition, task.definition_key)
        assert versions == [1, 2]
        assert opened.version == 2


def test_what_cannot_run_is_refused_at_its_element_and_nothing_is_stored(
    house: House, sign_in: SignIn
) -> None:
    publisher = sign_in("publisher")
    open_editor(publisher)
    choose(publisher, "T1_record", "表单")
    publisher.get_by_label("表单编号").fill("complaint-no-such-form")
    publisher.get_by_label("表单编号").blur()

    problem = publisher.locator(".wf-modeler-problems li").filter(has_text="complaint-no-such-form")
    expect(problem.first).to_contain_text("记录投诉内容")
    publisher.get_by_role("button", name="发布").click()
    expect(publisher.get_by_text("没有发布")).to_be_visible()
    with house.database.read() as session:
        versions = session.scalars(select(Definition.version).filter_by(process_id="complaint"))
        assert list(versions) == [1]


def test_versions_are_listed_and_downloaded_and_only_publishers_deploy(
    house: House, sign_in: SignIn
) -> None:
    publisher = sign_in("publisher")
    publisher.goto(f"{house.url}/definitions/complaint/versions")
    with publisher.expect_download() as started:
        publisher.get_by_role("link", name="下载").first.click()
    assert started.value.suggested_filename == "complaint-v1.bpmn"
    assert "记录投诉内容" in started.value.path().read_text("utf-8")

    assistant = sign_in("yj-cs_assistant")
    answer = assistant.goto(f"{house.url}/definitions/complaint/versions")
    assert answer is not None
    assert answer.status == 200
    expect(assistant.get_by_role("link", name="修改")).to_have_count(0)
