"""A designer changes a diagram, hears at once what would be refused, and deploys it."""

from pathlib import Path

import pytest
from lxml import etree
from playwright.sync_api import expect

from tests.barriers import serious
from tests.web.stage import Answer

DIAGRAM = (Path(__file__).parent / "repair.bpmn").read_bytes()
SPACES = {
    "bpmn": "http://www.omg.org/spec/BPMN/20100524/MODEL",
    "zeebe": "http://camunda.org/schema/zeebe/1.0",
}
REFUSAL = {
    "rule": "step-needs-form",
    "severity": "error",
    "element": "T2_repair",
    "line": 31,
    "zh": "没有表单，也没有写明由谁办。",
    "en": "Neither form nor performer.",
}


@pytest.fixture
def modeler(stage, open_page):
    stage.on("GET", "/repair.xml", Answer(DIAGRAM, headers={"Content-Type": "application/xml"}))
    stage.on("POST", "/lint", Answer({"problems": []}))
    stage.on("POST", "/deployments", Answer({"version": 8}))
    stage.on("GET", "/favicon.ico", Answer(b""))

    def modeler(*, load="/repair.xml", **shape):
        body = (
            f'<div style="block-size: 780px"><wf-modeler {f"load-url={load}" if load else ""} lint-url="/lint" '
            'deploy-url="/deployments" file-name="repair.bpmn"></wf-modeler></div>'
        )
        return open_page(
            stage.page("/modeler", "modeler", body), wait=".wf-modeler-problems .badge", **shape
        )

    return modeler


def choose(page, element):
    page.evaluate(
        """id => {
            const { modeler } = document.querySelector('wf-modeler');
            modeler.get('selection').select(modeler.get('elementRegistry').get(id));
        }""",
        element,
    )


def open_group(page, name):
    page.get_by_role("region", name="属性").locator(
        ".bio-properties-panel-group-header", has_text=name
    ).first.click()


def sent_xml(stage, path):
    return etree.fromstring(stage.requests("POST", path)[-1].json["xml"].encode())


def read(tree, element, name):
    found = tree.xpath(
        f"//bpmn:*[@id='{element}']/bpmn:extensionElements/zeebe:properties/zeebe:property[@name='{name}']/@value",
        namespaces=SPACES,
    )
    return list(found)


def test_a_changed_standard_is_checked_and_deployed(stage, modeler, look):
    page = modeler()
    expect(page.get_by_text("没有问题，可以发布")).to_be_visible()
    checks = len(stage.requests("POST", "/lint"))

    page.locator('g[data-element-id="T1_record"] .djs-hit').first.click(force=True)
    open_group(page, "服务步骤")
    page.get_by_label("办理时限").fill("PT30M")
    page.get_by_label("提供标准").fill("三声内接听，重复一遍内容。")
    page.get_by_label("可以暂停计时").check(force=True)
    page.get_by_label("与业主接触").select_option("前台")
    expect(page.get_by_text("有改动，还没有发布")).to_be_visible()
    page.wait_for_timeout(1200)
    look(page, "modeler-service")
    page.get_by_role("button", name="发布").click()

    expect(page.get_by_text("已发布第 8 版")).to_be_visible()
    assert len(stage.requests("POST", "/lint")) > checks
    [deployed] = stage.requests("POST", "/deployments")
    assert deployed.json["name"] == "repair.bpmn"
    assert deployed.headers["x-csrftoken"] == "token-of-this-session"
    assert deployed.headers["idempotency-key"]
    tree = sent_xml(stage, "/deployments")
    assert read(tree, "T1_record", "timeStandard") == ["PT30M"]
    assert read(tree, "T1_record", "clock") == ["working"]
    assert read(tree, "T1_record", "providerStandard") == ["三声内接听，重复一遍内容。"]
    assert read(tree, "T1_record", "pausable") == ["true"]
    assert read(tree, "T1_record", "contact") == ["front"]
    form = tree.xpath("//bpmn:*[@id='T1_record']//zeebe:formDefinition", namespaces=SPACES)
    assert form[0].get("formId") == "repair-T1_record"


def test_an_emptied_standard_leaves_the_diagram_and_undo_brings_it_back(stage, modeler):
    page = modeler()

    choose(page, "T1_record")
    open_group(page, "服务步骤")
    page.get_by_label("办理时限").fill("")
    page.wait_for_timeout(500)
    removed = page.evaluate("document.querySelector('wf-modeler').xml()")
    page.get_by_role("button", name="撤销").click()
    restored = page.evaluate("document.querySelector('wf-modeler').xml()")

    assert read(etree.fromstring(removed.encode()), "T1_record", "timeStandard") == []
    assert read(etree.fromstring(restored.encode()), "T1_record", "timeStandard") == ["PT15M"]


def test_a_wrong_duration_is_told_at_the_entry_and_not_written(modeler):
    page = modeler()

    choose(page, "T1_record")
    open_group(page, "服务步骤")
    page.get_by_label("办理时限").fill("八小时")

    expect(page.get_by_text("写成 PT15M、PT8H、P1D 这样。")).to_be_visible()
    xml = page.evaluate("document.querySelector('wf-modeler').xml()")
    assert read(etree.fromstring(xml.encode()), "T1_record", "timeStandard") == ["PT15M"]


def test_a_pool_carries_the_promise_of_its_process(modeler):
    page = modeler()

    choose(page, "Participant_repair")
    open_group(page, "服务承诺")
    page.get_by_label("首次答复时限").fill("P1D")
    page.wait_for_timeout(500)

    xml = page.evaluate("document.querySelector('wf-modeler').xml()")
    assert read(etree.fromstring(xml.encode()), "repair", "firstAnswerStandard") == ["P1D"]


def test_what_the_server_would_refuse_stands_at_the_element(stage, modeler, look):
    warning = REFUSAL | {
        "severity": "warning",
        "element": None,
        "line": None,
        "zh": "没有写版本标记。",
    }
    stage.on("POST", "/lint", Answer({"problems": [warning, REFUSAL]}))
    page = modeler()

    expect(page.get_by_text("1 处要改，1 处建议")).to_be_visible()
    sign = page.locator('.djs-overlays[data-container-id="T2_repair"] .wf-sign')
    expect(sign).to_have_attribute("title", "没有表单，也没有写明由谁办。")
    expect(page.locator('g[data-element-id="T2_repair"].wf-refused')).to_have_count(1)
    page.get_by_role("button", name="上门维修").click()

    expect(page.locator('g[data-element-id="T2_repair"].selected')).to_have_count(1)
    first = page.locator(".wf-modeler-problems li").first
    expect(first).to_contain_text("要改")
    expect(first).to_contain_text("第 31 行")
    look(page, "modeler-refusals")


def test_a_refused_deployment_shows_its_reasons_and_keeps_the_change(stage, modeler):
    stage.on("POST", "/deployments", Answer({"problems": [REFUSAL]}, 422))
    page = modeler()

    page.get_by_role("button", name="发布").click()

    expect(page.get_by_text("没有发布：有 1 处要改。")).to_be_visible()
    expect(page.locator(".wf-modeler-problems li")).to_contain_text("没有表单")
    expect(page.get_by_role("button", name="发布")).to_have_attribute("aria-busy", "false")


def test_the_newest_check_wins(stage, modeler):
    page = modeler()
    stage.on("POST", "/lint", Answer({"problems": [REFUSAL]}))
    page.evaluate("document.querySelector('wf-modeler').lint()")
    stage.on("POST", "/lint", Answer({"problems": []}))
    page.evaluate("document.querySelector('wf-modeler').lint()")

    page.wait_for_timeout(400)

    expect(page.get_by_text("没有问题，可以发布")).to_be_visible()
    expect(page.locator(".wf-modeler-problems li")).to_have_count(0)


def test_a_condition_and_a_new_step_are_drawn(stage, modeler):
    page = modeler()

    choose(page, "T3_callback")
    page.locator('.djs-context-pad [data-action="append.append-task"]').click()
    expect(page.locator(".djs-shape .djs-visual")).not_to_have_count(0)
    page.keyboard.press("Escape")
    choose(page, "Flow_3")
    expect(page.get_by_role("region", name="属性")).to_contain_text("条件")
    xml = etree.fromstring(page.evaluate("document.querySelector('wf-modeler').xml()").encode())

    assert xml.xpath("//bpmn:task", namespaces=SPACES)
    assert xml.xpath(
        "//bpmn:sequenceFlow[@id='Flow_3']/bpmn:conditionExpression/text()", namespaces=SPACES
    ) == ["=visit"]


def test_what_is_deployed_is_offered_by_name(stage, open_page):
    stage.on("GET", "/repair.xml", Answer(DIAGRAM, headers={"Content-Type": "application/xml"}))
    stage.on("POST", "/lint", Answer({"problems": []}))
    stage.on("GET", "/favicon.ico", Answer(b""))
    forms = [{"id": "repair-T1_record", "name": "登记报修"}, {"id": "repair-T2", "name": "维修单"}]
    stage.on("GET", "/choices", Answer({"forms": forms}))
    body = (
        '<wf-modeler load-url="/repair.xml" lint-url="/lint" choices-url="/choices"></wf-modeler>'
    )
    page = open_page(stage.page("/modeler", "modeler", body), wait=".wf-modeler-problems .badge")

    choose(page, "T1_record")
    open_group(page, "表单")

    entry = page.get_by_label("表单编号")
    offered = entry.evaluate("e => [...e.list.options].map(o => [o.value, o.label])")
    assert offered == [["repair-T1_record", "登记报修"], ["repair-T2", "维修单"]]
    expect(page.get_by_role("button", name="发布")).to_have_count(0)


def test_a_new_diagram_starts_with_one_event(stage, modeler):
    page = modeler(load="")

    page.get_by_role("button", name="发布").click()

    expect(page.get_by_text("已发布第 8 版")).to_be_visible()
    assert sent_xml(stage, "/deployments").xpath("//bpmn:startEvent/@id", namespaces=SPACES)


def test_a_file_is_opened_and_can_be_put_back(modeler, tmp_path):
    page = modeler()
    other = DIAGRAM.decode().replace("登记报修", "记下报修")

    page.locator(".wf-modeler-file input").set_input_files(
        {"name": "other.bpmn", "mimeType": "text/xml", "buffer": other.encode()}
    )
    expect(page.get_by_text("已打开 other.bpmn")).to_be_visible()
    expect(page.locator("svg").get_by_text("记下报修")).to_be_visible()
    page.get_by_role("button", name="换回原来的图").click()
    expect(page.locator("svg").get_by_text("登记报修")).to_be_visible()

    page.locator(".wf-modeler-file input").set_input_files(
        {"name": "broken.bpmn", "mimeType": "text/xml", "buffer": b"<no"}
    )
    expect(page.get_by_text("没有打开：")).to_be_visible()
    expect(page.locator("svg").get_by_text("登记报修")).to_be_visible()


def test_the_diagram_is_saved_as_a_file(modeler):
    page = modeler()

    with page.expect_download() as download:
        page.get_by_role("button", name="存为文件").click()

    assert download.value.suggested_filename == "repair.bpmn"
    assert b"T1_record" in Path(download.value.path()).read_bytes()


def test_leaving_with_changes_is_asked_about(modeler):
    page = modeler()
    asked = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))

    page.locator('g[data-element-id="T3_callback"] .djs-hit').first.click(force=True)
    page.keyboard.press("Delete")
    page.wait_for_timeout(200)
    page.close(run_before_unload=True)
    page.wait_for_event("close")

    assert asked == ["beforeunload"]


def test_no_text_of_the_editor_is_left_in_english(modeler):
    page = modeler()

    for element in (
        "Start_call",
        "T1_record",
        "Gate_urgent",
        "T3_callback",
        "End_closed",
        "Flow_3",
        "Lane_worker",
        "Participant_repair",
    ):
        choose(page, element)
        headers = page.locator(".bio-properties-panel-group-header")
        for index in range(headers.count()):
            headers.nth(index).click()
        wrench = page.locator('.djs-context-pad [data-action="replace"]')
        if wrench.count():
            wrench.click()
            page.locator(".djs-popup").wait_for()
            page.keyboard.press("Escape")
    page.locator(".djs-palette").hover()

    assert page.evaluate("[...customElements.get('wf-modeler').missing]") == []
    titles = page.locator(".djs-palette .entry").evaluate_all("all => all.map(e => e.ariaLabel)")
    assert titles
    assert not [title for title in titles if title.isascii()]


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("phone", [False, True], ids=["desk", "hand"])
def test_axe_finds_nothing_serious(stage, modeler, look, dark, phone):
    stage.on("POST", "/lint", Answer({"problems": [REFUSAL]}))
    page = modeler(dark=dark, phone=phone)
    if not phone:
        choose(page, "T1_record")
        open_group(page, "服务步骤")
    page.wait_for_timeout(300)
    look(page, f"modeler-{'dark' if dark else 'light'}-{'phone' if phone else 'desk'}")

    assert serious(page) == []
    expect(page.locator(".bjs-powered-by")).to_be_visible()
