"""Owners sign for their home, and those who took part say how an event was, each on their own phone."""

import io
import re
from datetime import timedelta
from pathlib import Path

import pytest
import yaml
from sqlalchemy import select

import processes
from engine import compiled, deployments, owner_access
from engine.models import Draft, Instance, Notice, Submission, Task, TaskKind, TaskState
from engine.outward import givings, links
from engine.ports import OWNER
from tests.browser.house import House
from tests.pages.conftest import token
from tests.pages.test_owner_links import (
    _PNG,
    TUESDAY,
    complete,
    events,
    link,
    post,
    send,
    settled,
    walked,
)

FOLDER = Path(processes.__file__).parent
HOME, EVENT = (
    yaml.safe_load((FOLDER / name / "scenarios/_samples.yaml").read_text("utf-8"))
    for name in ("move_in", "community_event")
)
FLAWS = [
    {"part": "water", "check": "通水", "state": "bad", "problem": "水管渗水", "severity": "urgent",
     "customer_rechecks": True},
    {"part": "wall", "check": "平整", "state": "bad", "problem": "墙面空鼓", "severity": "normal"},
]  # fmt: skip
TO_PAPERS = ({"do": "M0_arrive", "by": "cs_assistant"}, {"do": "M1_verify", "by": "cs_assistant"})
TO_INSPECTION = (
    *TO_PAPERS, {"do": "M2_sign", "by": "cs_assistant"}, {"do": "M3_fees", "by": "cashier"},
)  # fmt: skip
_LOOKED, _PAID = {"do": "M4_inspect", "by": "eng_worker"}, {"do": "M3_fees", "by": "cashier"}
TO_ACCEPTANCE = {
    "move_in": (*TO_INSPECTION, _LOOKED),
    "move_in_inspect_first": (*TO_INSPECTION[:3], _LOOKED, _PAID),
}
TO_DEFECTS = (
    *TO_INSPECTION,
    {"do": "M4_inspect", "by": "eng_worker", "values": {"accepted": "fail", "item_rows": FLAWS}},
    {"do": "K1_ack", "by": "cs_assistant"},
)
TO_LOOKING_AGAIN = (
    *TO_DEFECTS, {"do": "K1_ack", "by": "cs_assistant"},
    *({"do": "K2_fixed", "by": "cs_assistant"},) * 2, *({"do": "K3_recheck", "by": "eng_worker"},) * 2,
    {"do": "K4_customer", "by": "cs_assistant"},
)  # fmt: skip
GUESTS = [
    {"name": "周明", "phone": "138 0000 0001", "people": 8},
    {"name": "李强", "phone": "13800000002", "people": 4},
    {"name": "孙姨", "people": 2},
]
TO_THE_DAY = tuple(
    {"by": "cs_assistant", **step}
    for step in (
        {"do": "E1_initiate"}, {"do": "E2_research"}, {"do": "E3_plan"},
        {"do": "E4_review", "by": "cs_manager"}, {"do": "E5_decide", "by": "project_manager"},
        {"do": "E6_scheme"}, {"do": "E7_publicity"}, {"do": "E7_prepare"},
        {"do": "E7_signup", "after": "P11D", "values": {"signup": GUESTS}},
        {"do": "E8_opening", "after": "P10D"},
    )
)  # fmt: skip
TO_FEEDBACK = (*TO_THE_DAY, {"do": "E9_run", "by": "cs_assistant"})


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    opened = House(tmp_path_factory.mktemp("house"))
    opened.moment = TUESDAY + timedelta(hours=2)
    opened.hire("yj-cashier", "郑敏", "cashier")
    yield opened
    opened.close()


def home(house, *steps, process="move_in") -> int:
    """Walk a move-in through some steps; return its key."""
    return walked(house, process, list(steps), samples=HOME)


def event(house, *steps) -> int:
    """Walk an event through some steps; return its key."""
    return walked(house, "community_event", list(steps), samples=EVENT,
                  at="2026-10-20T09:00+08:00")  # fmt: skip


def prefilled(client, task: int) -> dict:
    """Return what the form of a task begins with for somebody of the staff."""
    page = client.get(f"/tasks/{task}", headers={"HX-Request": "true"}).text
    found = re.search(r'<wf-form id="task-form".*?<script[^>]*>(.*?)</script>', page, re.DOTALL)
    assert found is not None, page
    return yaml.safe_load(found[1])["data"]


def open_task(house, key: int, element: str) -> int:
    """Return the step itself: when it is late there is somebody's to look after it, too."""
    with house.database.read() as session:
        query = select(Task.key).where(
            Task.root_key == key, Task.element == element, Task.state == TaskState.OPEN,
            Task.kind == TaskKind.USER,
        )  # fmt: skip
        return session.scalars(query).one()


def upload(client) -> str:
    """Send a signature of staff; return its id."""
    return client.post(
        "/files", data={"file": (io.BytesIO(_PNG), "a.png")}, headers={"X-CSRFToken": token(client)}
    ).json["id"]


def submit(client, task: int, **variables):
    return client.post(
        f"/tasks/{task}/complete", json={"variables": variables},
        headers={"X-CSRFToken": token(client)},
    )  # fmt: skip


def say(client, address: str, phone: str, score: str = "5", word: str = ""):
    return post(client, address, "feedback", phone=phone, score=score, word=word)


@pytest.mark.parametrize("process", ["move_in", "move_in_inspect_first"])
def test_an_owner_signs_for_the_home_and_the_clerk_completes_it(house, signed_in, process):
    key = home(house, *TO_ACCEPTANCE[process], process=process)
    task, address = open_task(house, key, "M6_accept"), link(house, key, "sign")
    owner, clerk = house.app.test_client(), signed_in("yj-cs_assistant")
    mine = send(owner, address, _PNG).json["id"]

    signed = complete(owner, address, task, customer_sign=mine, staff_sign=mine, remark="免一年费")

    assert signed.status_code == 200, signed.text
    assert open_task(house, key, "M6_accept") == task, "staff complete the step"
    shown = prefilled(clerk, task)
    assert shown["customer_sign"] == mine
    assert not shown.get("remark")
    assert not shown.get("staff_sign")
    assert "业主已通过链接填好自己的部分" in clerk.get(f"/tasks/{task}").text
    own = upload(clerk)
    done = submit(clerk, task, accepted_at="2026-11-24", customer_sign=mine, staff_sign=own)
    assert done.status_code == 200, done.text
    with house.database.read() as session:
        data = session.scalars(select(Submission.data).where(Submission.task_key == task)).one()
    assert (data["customer_sign"], data["staff_sign"]) == (mine, own)


def test_an_owners_part_is_given_once_and_stands_in_the_history(house, signed_in):
    key = home(house, *TO_ACCEPTANCE["move_in"])
    task, address = open_task(house, key, "M6_accept"), link(house, key, "sign")
    owner, clerk = house.app.test_client(), signed_in("yj-cs_assistant")
    page = owner.get(address).text
    mine = send(owner, address, _PNG).json["id"]

    unsigned = complete(owner, address, task)
    stranger = complete(owner, address, task, phone="0009", customer_sign=mine)
    signed = complete(owner, address, task, customer_sign=mine)
    again = complete(owner, address, task, customer_sign=mine)

    assert "签名表示房屋已按验收单和您一起验收" in page
    assert "经办人签名" not in page
    codes = [one.status_code for one in (unsigned, stranger, signed, again)]
    assert codes == [422, 422, 200, 409], signed.text
    assert "工作人员核对后会办完这一步" in owner.get(address).text
    with house.database.read() as session:
        told = session.scalars(select(Notice.kind).where(Notice.task_key == task)).all()
    assert "given" in told
    gave = [data for _, actor, data in events(house, key)
            if actor == OWNER.key and data.get("act") == "gave"]  # fmt: skip
    assert [one["fields"] for one in gave] == [["customer_sign"]]
    assert "通过链接填好了“填写房屋交接验收单”里自己的部分" in clerk.get(f"/cases/{key}").text


def test_papers_are_signed_with_the_forms_own_rules(house, signed_in):
    key = home(house, *TO_PAPERS)
    task, address = open_task(house, key, "M2_sign"), link(house, key, "sign")
    owner, clerk = house.app.test_client(), signed_in("yj-cs_assistant")
    mine = send(owner, address, _PNG).json["id"]
    papers = ["rules", "decoration", "safety", "register"]

    three = complete(owner, address, task, signed_docs=papers[:3], privacy_consent=True,
                     customer_sign=mine)  # fmt: skip
    unasked = complete(owner, address, task, signed_docs=papers, customer_sign=mine)
    done = complete(owner, address, task, signed_docs=papers, privacy_consent=True,
                    customer_sign=mine)  # fmt: skip

    assert [one.status_code for one in (three, unasked, done)] == [422, 422, 200], done.text
    assert "四份都要签" in str(three.json["errors"])
    shown = prefilled(clerk, task)
    assert (shown["signed_docs"], shown["privacy_consent"]) == (papers, True)


def test_what_the_clerk_wrote_stays_and_the_signature_joins_it(house, signed_in):
    key = home(house, *TO_ACCEPTANCE["move_in"])
    task, address = open_task(house, key, "M6_accept"), link(house, key, "sign")
    owner, clerk = house.app.test_client(), signed_in("yj-cs_assistant")
    clerk.put(f"/tasks/{task}/draft", json={"data": {"remark": "钥匙五把", "customer_sign": None}},
              headers={"X-CSRFToken": token(clerk)})  # fmt: skip
    mine = send(owner, address, _PNG).json["id"]

    complete(owner, address, task, customer_sign=mine)

    shown = prefilled(clerk, task)
    assert (shown["remark"], shown["customer_sign"]) == ("钥匙五把", mine)


def test_a_step_of_staff_is_not_completed_by_its_owner(house):
    key = home(house, *TO_ACCEPTANCE["move_in"])
    task, other = open_task(house, key, "M6_accept"), home(house, *TO_ACCEPTANCE["move_in"])
    owner = house.app.test_client()
    mine = send(owner, link(house, key, "sign"), _PNG).json["id"]
    theirs = send(owner, link(house, other, "sign"), _PNG).json["id"]

    urging = complete(owner, link(house, key, "urge"), task, customer_sign=mine)
    foreign = complete(owner, link(house, other, "sign"), task, customer_sign=theirs)
    borrowed = complete(owner, link(house, key, "sign"), task, customer_sign=theirs)

    assert [one.status_code for one in (urging, foreign, borrowed)] == [404, 404, 422]
    with house.database.read() as session:
        assert givings.of(session, task) is None
        assert session.get_one(Task, task).state == TaskState.OPEN


def test_an_owner_sees_how_each_defect_stands_and_by_when(house):
    key = home(house, *TO_DEFECTS)
    owner = house.app.test_client()

    page = owner.get(link(house, key)).text

    section = re.search(r'id="defects">.*?</section>', page, re.DOTALL)[0]
    assert re.search(r"水管渗水.*承诺 11 月 27 日 完成.*墙面空鼓", section, re.DOTALL)
    assert section.count("承诺") == 1, "nobody has promised the second one yet"
    assert "已通知" in section
    for secret in ("云景建设", "吴工", "周明", "1201", "110101"):
        assert secret not in page, secret
    english = owner.get(f"{link(house, key)}?lang=en").text
    assert "promised for" in english


def test_an_owner_says_what_is_still_wrong_and_the_clerk_sends_it_on(house, signed_in):
    key = home(house, *TO_LOOKING_AGAIN)
    task, address = open_task(house, key, "M5_reinspect"), link(house, key, "sign")
    owner, clerk = house.app.test_client(), signed_in("yj-cs_assistant")
    mine = send(owner, address, _PNG).json["id"]
    left = [{"part": "wall", "problem": "仍有空鼓"}]

    silent = complete(owner, address, task, reaccepted="fail", customer_sign=mine)
    said = complete(owner, address, task, reaccepted="fail", left_rows=left, customer_sign=mine)

    assert (silent.status_code, said.status_code) == (422, 200), said.text
    assert owner.get(address).text.count("已经整改") == 2
    shown = prefilled(clerk, task)
    assert (shown["reaccepted"], shown["left_rows"]) == ("fail", left)
    done = submit(clerk, task, **shown)
    assert done.status_code == 200, done.text
    assert "仍有空鼓" in owner.get(address).text, "a third defect is put right now"


def test_those_who_took_part_are_counted_into_the_feedback(house, signed_in):
    key = event(house, *TO_FEEDBACK)
    task, address = open_task(house, key, "E9_feedback"), link(house, key, "feedback")
    guest, clerk = house.app.test_client(), signed_in("yj-cs_assistant")
    page = guest.get(address).text

    first = say(guest, address, "13800000001", "5", "茶很好喝")
    twice = say(guest, address, "+86 138-0000-0001", "1")
    stranger = say(guest, address, "13800000009", "1", "捣乱")
    second = say(guest, address, "13800000002", "4")

    assert "重阳敬老茶话会" in page
    assert "138" not in page
    assert "周明" not in page
    assert [one.status_code for one in (first, twice, stranger, second)] == [303, 409, 422, 303]
    assert "已经反馈过了" in twice.text
    assert "报名表里没有这个手机号" in stranger.text
    assert "捣乱" in stranger.text, "what was typed stays"
    assert "谢谢参加" in guest.get(first.headers["Location"]).text
    shown = prefilled(clerk, task)
    assert (shown["answers"], shown["feedback_score"], shown["voices"]) == (2, 4.5, "茶很好喝")
    assert "通过链接收到 2 份反馈，平均 4.5 分" in clerk.get(f"/tasks/{task}").text
    with house.database.read() as session:
        kept = str(session.scalars(select(Draft.data).where(Draft.task_key == task)).all())
    assert "13800000001" not in kept + str([data for _, _, data in events(house, key)])
    assert clerk.get(f"/cases/{key}").text.count("通过链接反馈了活动") == 2


def test_counts_follow_new_answers_and_the_clerks_words_stay(house, signed_in):
    key = event(house, *TO_FEEDBACK)
    task, address = open_task(house, key, "E9_feedback"), link(house, key, "feedback")
    guest, clerk = house.app.test_client(), signed_in("yj-cs_assistant")
    say(guest, address, "13800000001", "5", "茶很好喝")
    draft = {"answers": 1, "feedback_score": 5, "voices": "多数人满意。"}
    clerk.put(f"/tasks/{task}/draft", json={"data": draft}, headers={"X-CSRFToken": token(clerk)})
    house.moment += timedelta(seconds=1)

    say(guest, address, "13800000002", "2", "音响太小")

    shown = prefilled(clerk, task)
    assert (shown["answers"], shown["feedback_score"]) == (2, 3.5)
    assert shown["voices"] == "多数人满意。"
    assert "音响太小" in clerk.get(f"/tasks/{task}").text, "all words can be read beside the form"


def test_feedback_is_taken_after_the_event_and_until_it_is_counted(house, signed_in):
    key = event(house, *TO_THE_DAY)
    address, guest = link(house, key, "feedback"), house.app.test_client()
    clerk = signed_in("yj-cs_assistant")

    early, before = say(guest, address, "13800000001"), guest.get(address).text
    submit(clerk, open_task(house, key, "E9_run"), attended=12)
    task = open_task(house, key, "E9_feedback")
    in_time = say(guest, address, "13800000001")
    through_step = complete(guest, address, task, answers=99, feedback_score=5)
    submit(clerk, task, answers=1, feedback_score=5)
    settled(house)
    late, after = say(guest, address, "13800000002"), guest.get(address).text

    codes = [one.status_code for one in (early, in_time, through_step, late)]
    assert codes == [409, 303, 404, 409]
    assert "现在不收集反馈" in before
    assert "现在不收集反馈" in after


def test_feedback_needs_its_purpose_and_a_living_link(house):
    key = event(house, *TO_FEEDBACK)
    guest, task = house.app.test_client(), open_task(house, key, "E9_feedback")
    expired = link(house, key, "feedback", life=timedelta(milliseconds=1))
    house.moment += timedelta(seconds=1)
    known = link(house, key, "rate")
    csrf = {"csrf_token": token(guest, known), "phone": "13800000001", "score": "5"}

    other, dead = say(guest, known, "13800000001"), guest.post(f"{expired}/feedback", data=csrf)

    assert (other.status_code, dead.status_code) == (409, 404)
    assert "链接不能用" in dead.text
    with house.database.read() as session:
        assert givings.of(session, task) is None


def test_who_tries_telephones_has_to_wait_and_others_need_not(house):
    key = event(house, *TO_FEEDBACK)
    address, guest = link(house, key, "feedback"), house.app.test_client()

    tried = [say(guest, address, f"139000{n:05}").status_code
             for n in range(links.FREE_STRANGERS)]  # fmt: skip
    blocked = say(guest, address, "13800000001")
    elsewhere = guest.post(
        f"{address}/feedback", environ_base={"REMOTE_ADDR": "10.0.0.7"},
        data={"csrf_token": token(guest, address), "phone": "13800000002", "score": "4"},
    )  # fmt: skip

    assert set(tried) == {422}
    assert (blocked.status_code, elsewhere.status_code) == (429, 303)
    house.moment += links.WAIT + timedelta(seconds=1)
    assert say(guest, address, "13800000001").status_code == 303


def test_staff_make_a_link_for_an_event_and_for_nothing_else(house, signed_in):
    key, clerk = event(house, *TO_FEEDBACK), signed_in("yj-cs_assistant")
    dialog = clerk.get(f"/cases/{key}").text

    post(clerk, f"/cases/{key}", "owner-links", purpose=["feedback"], days="7")
    page = clerk.get(f"/cases/{key}").text

    assert re.findall(r'name="purpose" value="(\w+)" checked', dialog) == ["feedback"]
    assert 'value="quote"' not in dialog
    address = re.search(r'value="[^"]*(/r/[\w-]+)"', page)[1]
    assert "生成业主链接：反馈活动，7 天内有效" in page
    assert "活动办得怎样" in house.app.test_client().get(address).text
    staff = say(clerk, address, "13800000001")
    assert staff.status_code == 403
    with house.database.read() as session:
        assert session.get_one(Instance, key).ended_at is None


def test_every_field_that_an_owner_gives_is_on_the_form(house):
    with house.database.read() as session:
        for process_id in processes.KEYS:
            newest = deployments.newest(session, process_id, "yj")
            which = compiled.compiled(session, newest.key)
            for element in which.process.elements.values():
                named = element.properties.get(owner_access.GIVES, "").replace(",", " ").split()
                if named:
                    form = compiled.form(session, compiled.form_key(session, which, element.form))
                    assert set(named) <= form.keys, element.id
