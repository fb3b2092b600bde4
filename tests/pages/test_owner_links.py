"""A link opens one case for its owner and nothing else, however it is bent."""

import io
import re
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import yaml
from sqlalchemy import select

import processes
from engine import history
from engine.models import (
    CaseLink,
    Draft,
    Event,
    File,
    History,
    Instance,
    LinkKind,
    Rating,
    Submission,
    Task,
    TaskState,
)
from engine.outward import acts, links
from engine.ports import OWNER
from engine.testing import settle, walk
from tests.browser.house import ROOMS, House
from tests.pages.conftest import token

SAMPLES = yaml.safe_load(
    (Path(processes.__file__).parent / "repair/scenarios/_samples.yaml").read_text("utf-8")
)
TUESDAY = datetime.fromisoformat("2026-11-24T09:00+08:00")
UP_TO_QUOTE = (
    {"do": "R2_dispatch", "by": "eng_dispatch"},
    {"do": "R3_accept", "by": "eng_worker"},
    {"do": "R4_arrive", "by": "eng_worker"},
    {"do": "R5_quote", "by": "eng_worker", "values": {"consent": "later"}},
)
FINISHED = (
    *UP_TO_QUOTE[:3],
    {"do": "R5_quote", "by": "eng_worker", "values": {"payable": "free"}},
    {"do": "R7_finish", "by": "eng_worker"},
)
_PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de0000000c4944415408d763f8"
    "cfc0000003010100c9fe92ef0000000049454e44ae426082"
)


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    opened = House(tmp_path_factory.mktemp("house"))
    opened.moment = TUESDAY + timedelta(hours=2)
    yield opened
    opened.close()


def repair(house, *steps, **record) -> int:
    """Walk a repair through some steps; return its key."""
    first = {"do": "R1_intake", "by": "cs_assistant", "values": record}
    return walked(house, "repair", [first, *steps])


def walked(house, process: str, steps: list, **more) -> int:
    """Walk a case of a process through some steps; return its key."""
    with house._at_work:
        outcome = walk(
            {"title": "", "process": process, "tenant": "yj", "at": TUESDAY.isoformat(),
             "by": "cs_assistant", "samples": SAMPLES, "steps": steps, **more},
            house.database, names={"room": "1201", **{f"room{k}": str(k) for k in ROOMS}},
        )  # fmt: skip
    assert outcome.difference is None, outcome.difference
    return outcome.instance_key


def link(house, key: int, *purposes: str, life=timedelta(days=3)) -> str:
    """Make a link for a case; return its address."""
    with house.time(), house.database.begin() as session:
        case = session.get_one(Instance, key)
        return "/r/" + links.token(links.open_link(session, case, purposes=purposes, life=life).key)


def open_task(house, key: int, element: str) -> int:
    with house.database.read() as session:
        query = select(Task.key).where(
            Task.root_key == key, Task.element == element, Task.state == TaskState.OPEN
        )
        return session.scalars(query).one()


def complete(client, address: str, task: int, *, phone: str = "0001", **variables):
    """Complete a step as the owner, who knows their telephone."""
    return client.post(
        f"{address}/tasks/{task}",
        json={"variables": variables, "phone": phone},
        headers={"X-CSRFToken": token(client, address), "Accept": "application/json"},
    )


def post(client, address: str, act: str, **form):
    return client.post(f"{address}/{act}", data={**form, "csrf_token": token(client, address)})


def events(house, key: int) -> list[tuple[str, int, dict]]:
    with house.database.read() as session:
        assert list(history.broken(session, key)) == []
        return [(row.kind, row.actor, row.data or {}) for row in history.of(session, key)]


def test_an_owner_accepts_a_quotation_and_the_case_says_who_did_it(house, signed_in):
    key = repair(house, *UP_TO_QUOTE)
    address = link(house, key, "quote")
    task = open_task(house, key, "R5c_consent")
    owner = house.app.test_client()
    page = owner.get(address)

    done = complete(owner, address, task, consent="agree")

    assert "请确认报价" in page.text
    assert "更换水龙头阀芯" in page.text
    assert done.status_code == 200, done.text
    assert "已经收到，谢谢" in owner.get(done.json["next"]).text
    with house.database.read() as session:
        row = session.scalars(select(Submission).where(Submission.task_key == task)).one()
        closed = session.get_one(Task, task)
        quoted = session.scalars(
            select(Submission.data).where(
                Submission.instance_key == key, Submission.element == "R5_quote"
            )
        ).one()
    assert (row.data["consent"], row.data["consent_by"]) == ("agree", "link")
    assert row.data["total"] == quoted["total"]
    told = page.text.index(f'<td class="number">{float(quoted["total"]):.2f}</td></tr></tfoot>')
    assert told < page.text.index("<wf-form")
    assert (closed.state, closed.closed_by) == (TaskState.COMPLETED, OWNER.key)
    acted = [data for kind, actor, data in events(house, key) if actor == OWNER.key]
    assert {"opened", "completed"} <= {data.get("act") for data in acted}
    staff = signed_in("yj-cs_assistant").get(f"/cases/{key}").text
    assert re.search(r"<b>业主</b> 办完“客户答复报价”", staff)
    assert "<b>业主</b> 打开了链接" in staff


def test_a_quotation_stands_once_it_was_put_to_the_owner(house, signed_in):
    key = repair(house, *UP_TO_QUOTE)
    address, owner = link(house, key, "quote"), house.app.test_client()
    complete(owner, address, open_task(house, key, "R5c_consent"), consent="agree")
    with house.database.read() as session:
        query = select(Submission).where(
            Submission.instance_key == key, Submission.element == "R5_quote"
        )
        before = session.scalars(query).one()
    manager = signed_in("yj-cs_manager")

    answer = manager.post(
        f"/tasks/{before.task_key}/correct",
        json={"variables": {**before.data, "lines": []}, "reason": "改价"},
        headers={"X-CSRFToken": token(manager)},
    )

    assert answer.status_code == 409
    assert "不能再更正" in answer.json["detail"]
    with house.database.read() as session:
        assert session.scalars(query).one().data == before.data


def test_what_is_not_the_owners_to_say_cannot_be_said(house):
    key = repair(house, *UP_TO_QUOTE)
    address, owner = link(house, key, "quote"), house.app.test_client()
    task = open_task(house, key, "R5c_consent")

    complete(
        owner, address, task, consent="agree", consent_by="sign", total=1,
        consent_at="2020-01-01T00:00:00Z", task_note="同意免费",
    )  # fmt: skip

    with house.database.read() as session:
        data = session.scalars(select(Submission.data).where(Submission.task_key == task)).one()
    assert data["consent_by"] == "link"
    assert data["total"] != 1
    assert not data["consent_at"].startswith("2020")
    assert not data.get("task_note")


def test_the_forms_own_rules_hold_for_owners(house):
    key = repair(house, *UP_TO_QUOTE)
    address, owner = link(house, key, "quote"), house.app.test_client()
    task = open_task(house, key, "R5c_consent")

    answers = [
        complete(owner, address, task),
        complete(owner, address, task, consent="maybe"),
        complete(owner, address, task, consent=["agree"]),
    ]

    assert [one.status_code for one in answers] == [422, 422, 422]
    assert "Field_consent" in answers[0].json["errors"]
    assert open_task(house, key, "R5c_consent") == task


def test_a_binding_answer_asks_for_the_telephone_of_the_case(house):
    key = repair(house, *UP_TO_QUOTE)
    address, owner = link(house, key, "quote"), house.app.test_client()
    task = open_task(house, key, "R5c_consent")
    shown = owner.get(address).text

    guesses = [complete(owner, address, task, phone=f"{n:04}", consent="agree")
               for n in range(2, 2 + links.FREE_MISTAKES)]  # fmt: skip
    knowing = complete(owner, address, task, consent="agree")
    house.moment += links.WAIT + timedelta(seconds=1)
    later = complete(owner, address, task, consent="agree")

    assert "手机号后四位" in shown
    assert "0001" not in shown
    assert {one.status_code for one in guesses} == {422}
    assert (knowing.status_code, later.status_code) == (429, 200)


def test_an_answer_cannot_be_given_again(house):
    key = repair(house, *UP_TO_QUOTE)
    address, owner = link(house, key, "quote"), house.app.test_client()
    task = open_task(house, key, "R5c_consent")
    first = complete(owner, address, task, consent="decline")

    again = complete(owner, address, task, consent="agree")

    assert (first.status_code, again.status_code) == (200, 404)
    with house.database.read() as session:
        found = session.scalars(select(Submission.data).where(Submission.task_key == task)).all()
        assert [one["consent"] for one in found] == ["decline"]
        assert session.get_one(Instance, key).end_element == "E_declined"


@pytest.mark.parametrize("purposes", [("rate",), ("sign", "questionnaire", "urge", "reopen"), ()])
def test_a_link_for_something_else_answers_no_quotation(house, purposes):
    key = repair(house, *UP_TO_QUOTE)
    address, owner = link(house, key, *purposes), house.app.test_client()
    task = open_task(house, key, "R5c_consent")

    answer = complete(owner, address, task, consent="agree")

    assert answer.status_code == 404
    assert "请确认报价" not in owner.get(address).text
    assert open_task(house, key, "R5c_consent") == task


def test_a_link_reaches_no_other_case_and_no_step_of_staff(house):
    mine, other = repair(house, *UP_TO_QUOTE), repair(house, *UP_TO_QUOTE)
    staffs = repair(house, *UP_TO_QUOTE[:2])
    address, owner = link(house, mine, "quote"), house.app.test_client()
    at_staff = link(house, staffs, *links.PURPOSES)

    foreign = complete(owner, address, open_task(house, other, "R5c_consent"), consent="agree")
    arriving = complete(owner, at_staff, open_task(house, staffs, "R4_arrive"), customer_home="no")
    nothing = complete(owner, address, 1, consent="agree")

    assert [one.status_code for one in (foreign, arriving, nothing)] == [404, 404, 404]
    assert foreign.json["detail"] == nothing.json["detail"] == arriving.json["detail"]
    assert open_task(house, other, "R5c_consent")


def test_dead_links_look_alike(house, signed_in):
    key = repair(house, *UP_TO_QUOTE)
    expired = link(house, key, "quote", life=timedelta(milliseconds=1))
    revoked, owner = link(house, key, "quote"), house.app.test_client()
    forged = revoked[:-4] + ("AAAA" if revoked[-4:] != "AAAA" else "BBBB")
    staff = signed_in("yj-cs_assistant")
    with house.database.read() as session:
        newest = links.of_case(session, key)[0].key
    taken = staff.post(
        f"/cases/{key}/owner-links/{newest}/revoke", data={"csrf_token": token(staff)}
    )
    house.moment += timedelta(seconds=1)
    task = open_task(house, key, "R5c_consent")
    known = owner.get(link(house, key)).text
    csrf = re.search(r'csrf-token" content="([^"]+)"', known)[1]

    pages = [owner.get(one) for one in (expired, revoked, forged, "/r/x", "/r/%00")]
    sent = [
        owner.post(f"{one}/tasks/{task}", json={"variables": {"consent": "agree"}, "phone": "0001"},
                   headers={"X-CSRFToken": csrf})
        for one in (expired, revoked, forged)
    ]  # fmt: skip

    assert taken.status_code == 303
    assert {one.status_code for one in [*pages, *sent]} == {404}
    assert len({re.sub(r'csrf-token" content="[^"]+"', "", one.text) for one in pages}) == 1
    assert {one.json["detail"] for one in sent} == {sent[0].json["detail"]}
    assert open_task(house, key, "R5c_consent") == task


def test_a_token_cannot_be_made_from_a_key_or_moved_to_another(house):
    key = repair(house, *UP_TO_QUOTE)
    with house.time(), house.database.begin() as session:
        rows = [links.open_link(session, session.get_one(Instance, key)) for _ in range(2)]
        one, two = (links.token(row.key) for row in rows)
        hashes = {row.token_hash for row in rows}
    owner = house.app.test_client()

    mixed = owner.get(f"/r/{one[:11]}{two[11:]}")

    assert len(one) == len(two) == 32
    assert hashes.isdisjoint({one, two})
    assert mixed.status_code == 404


def test_guessing_waits_and_so_does_acting_too_often(house):
    key = repair(house, *UP_TO_QUOTE)
    address, owner = link(house, key, "urge"), house.app.test_client()
    try:
        guesses = [owner.get("/r/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA").status_code
                   for _ in range(links.FREE_FAILURES + 12)]  # fmt: skip
        blocked = owner.get(address).status_code
    finally:
        house.moment += links.WAIT + timedelta(seconds=1)

    acted = [post(owner, address, "urge", text="").status_code for _ in range(links.FREE_ACTS)]
    too_often = post(owner, address, "urge", text="快一点")

    assert (guesses[-1], blocked) == (429, 429)
    assert set(acted) == {422}
    assert too_often.status_code == 429
    assert not [1 for kind, actor, _ in events(house, key) if kind == Event.URGED]


def test_the_page_tells_no_machine_and_no_staff_words(house):
    key = repair(house, *UP_TO_QUOTE, task_note="客户脾气急", description="厨房龙头漏水，客户很凶")
    owner = house.app.test_client()
    answer = owner.get(link(house, key, *links.PURPOSES))

    assert answer.headers["X-Robots-Tag"].startswith("noindex, nofollow")
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert not re.search(r'(?:src|href)="https?://', answer.text)
    for secret in ("脾气", "很凶", "周明", "13800000001", "丁志强", "林晓雯", "1201", "改价",
                   "没有同意就施工"):  # fmt: skip
        assert secret not in answer.text, secret
    names = [one.split("=")[0] for one in answer.headers.getlist("Set-Cookie")]
    assert names in ([], ["wuyeflow_page"])


def test_the_page_speaks_english_when_asked(house):
    key = repair(house, *UP_TO_QUOTE)
    address, owner = link(house, key, "quote", "urge"), house.app.test_client()

    page = owner.get(f"{address}?lang=en").text
    done = post(owner, address, "urge?lang=en", text="Please hurry")

    assert '<html lang="en"' in page
    assert "Quote" in page
    assert not re.search(r">[^<]*请确认报价", page)
    assert "lang=en" in done.headers["Location"]


def test_staff_cannot_answer_for_an_owner_in_their_own_browser(house, signed_in):
    key = repair(house, *UP_TO_QUOTE)
    address, staff = link(house, key, "quote"), signed_in("yj-eng_worker")
    task = open_task(house, key, "R5c_consent")

    page, answer = staff.get(address), complete(staff, address, task, consent="agree")

    assert "您正以员工身份登录" in page.text
    assert answer.status_code == 403
    assert open_task(house, key, "R5c_consent") == task
    assert "opened" not in {data.get("act") for _, _, data in events(house, key)}


def test_an_owner_urges_like_anybody_and_not_at_every_tap(house):
    key = repair(house, *UP_TO_QUOTE[:2])
    address, owner = link(house, key, "urge"), house.app.test_client()

    first, second = (post(owner, address, "urge", text="请快一点") for _ in range(2))
    waiting = owner.get(address).text
    house.moment += acts.BETWEEN + timedelta(seconds=1)
    third = post(owner, address, "urge", text="还没有人来")

    assert [one.status_code for one in (first, second, third)] == [303, 409, 303]
    assert "以后可以再催" in waiting
    acted = [data.get("act") for _, actor, data in events(house, key) if actor == OWNER.key]
    assert acted.count("urged") == 2
    with house.database.read() as session:
        assert session.get_one(Instance, key).variables["urge_count"] == 2


def test_nothing_is_done_through_a_link_without_its_purpose(house):
    key = repair(house, *UP_TO_QUOTE[:2])
    address, owner = link(house, key), house.app.test_client()

    answers = [
        post(owner, address, "urge", text="快一点"),
        post(owner, address, "reopen", text="没修好"),
        post(owner, address, "rate", score="5"),
    ]

    assert {one.status_code for one in answers} == {409}
    assert all("这个链接不能用" in one.text or "不由您" in one.text for one in answers)
    with house.database.read() as session:
        assert session.scalars(select(Rating).where(Rating.instance_key == key)).all() == []


def test_a_case_is_rated_once_closed_and_once_only(house):
    running = repair(house, *UP_TO_QUOTE)
    closed = finished(house)
    owner = house.app.test_client()
    early = post(owner, link(house, running, "rate"), "rate", score="5")
    address = link(house, closed, "rate")

    wrong = post(owner, address, "rate", score="9")
    done = post(owner, address, "rate", score="4", word="修得很快")
    again = post(owner, address, "rate", score="1")

    codes = [one.status_code for one in (early, wrong, done, again)]
    assert codes == [409, 422, 303, 409]
    with house.database.read() as session:
        (row,) = session.scalars(select(Rating).where(Rating.instance_key == closed))
        assert (row.score, row.word) == (4, "修得很快")
    assert "您评了 4 分" in owner.get(address).text


def test_a_closed_case_is_taken_up_again_within_seven_days_once(house, signed_in):
    key = finished(house)
    address, owner = link(house, key, "reopen", life=timedelta(days=30)), house.app.test_client()

    short = post(owner, address, "reopen", text=" ")
    done = post(owner, address, "reopen", text="水龙头又开始滴水了")
    again = post(owner, address, "reopen", text="水龙头又开始滴水了")

    assert [one.status_code for one in (short, done, again)] == [422, 303, 409]
    with house.database.read() as session:
        new = session.scalars(
            select(CaseLink.from_key).where(
                CaseLink.to_key == key, CaseLink.kind == LinkKind.REOPENS
            )
        ).one()
        task = session.scalars(select(Task).where(Task.root_key == new)).one()
        draft = session.scalars(select(Draft).where(Draft.task_key == task.key)).one()
        number = session.get_one(Instance, new).business_key
    assert draft.data["description"].startswith("水龙头又开始滴水了\n（")
    assert "entry" not in draft.data
    following = owner.get(done.headers["Location"]).text
    assert number in following
    assert "已经重新打开" in following
    staff = signed_in("yj-cs_assistant")
    assert f"要求重新打开，新的案件是 {number}" in staff.get(f"/cases/{key}").text
    assert "重新打开自" in staff.get(f"/cases/{new}").text


def test_after_seven_days_a_case_stays_closed(house):
    key = finished(house)
    address, owner = link(house, key, "reopen", life=timedelta(days=30)), house.app.test_client()
    before = house.moment
    house.moment += acts.REOPENING
    try:
        page, answer = owner.get(address).text, post(owner, address, "reopen", text="又坏了")
    finally:
        house.moment = before

    assert answer.status_code == 409
    assert "没有解决？" not in page


def test_an_owner_answers_the_callback_and_the_case_goes_on(house):
    key = repair(house, *FINISHED, urgency="urgent")
    address, owner = link(house, key, "questionnaire"), house.app.test_client()
    task = open_task(house, key, "C1_callback")

    incomplete = complete(owner, address, task, solved="solved")
    bad = complete(owner, address, task, solved="not", satisfaction="1")
    done = complete(owner, address, task, solved="solved", satisfaction="5", suggestion="很好")

    assert [one.status_code for one in (incomplete, bad, done)] == [422, 422, 200], done.text
    settled(house)
    with house.database.read() as session:
        data = session.scalars(select(Submission.data).where(Submission.task_key == task)).one()
        assert session.get_one(Instance, key).ended_at is not None
    assert (data["method"], data["reached"], len(data["tries"])) == ("message", "reached", 1)


def put_right(house) -> int:
    """Return a defect that waits for its owner to look at it."""
    return walked(
        house, "rectification",
        [{"do": "K1_ack", "by": "cs_assistant"}, {"do": "K2_fixed", "by": "cs_assistant"},
         {"do": "K3_recheck", "by": "eng_worker"}],
        variables={"defect": "水管渗水", "severity": "serious", "needs_customer": True, "weight": 50},
    )  # fmt: skip


def send(client, address: str, body: bytes, name: str = "a.png"):
    return client.post(
        f"{address}/files", data={"file": (io.BytesIO(body), name)},
        headers={"X-CSRFToken": token(client, address)},
    )  # fmt: skip


def test_an_owner_signs_what_was_put_right(house):
    key, other = put_right(house), put_right(house)
    address, owner = link(house, key, "sign"), house.app.test_client()
    task = open_task(house, key, "K4_customer")
    mine = send(owner, address, _PNG).json["id"]
    theirs = send(owner, link(house, other, "sign"), _PNG).json["id"]

    unsigned = complete(owner, address, task, customer_result="pass")
    borrowed = complete(owner, address, task, customer_result="pass", customer_sign=theirs)
    done = complete(owner, address, task, customer_result="pass", customer_sign=mine)

    assert [one.status_code for one in (unsigned, borrowed, done)] == [422, 422, 200], done.text
    with house.database.read() as session:
        data = session.scalars(select(Submission.data).where(Submission.task_key == task)).one()
        assert session.get_one(Instance, key).end_element == "E_rectified"
    assert data["customer_sign"] == mine


def test_a_signature_is_a_picture_and_leaves_the_case_to_staff_alone(house):
    key = put_right(house)
    address, owner = link(house, key, "sign"), house.app.test_client()

    kept = send(owner, address, _PNG)
    bad = [send(owner, address, body) for body in (b"<svg onload=alert(1)>", b"", b"%PDF-1.4")]

    assert kept.status_code == 200, kept.text
    assert {one.status_code for one in bad} == {415}
    with house.database.read() as session:
        row = session.get_one(File, int(kept.json["id"]))
        assert (row.instance_key, row.by, row.name) == (key, OWNER.key, "signature.png")
    assert owner.get(f"/files/{kept.json['id']}").status_code in (302, 303, 401)


def test_staff_make_copy_send_and_take_back_links_of_their_own_cases(house, signed_in):
    key = repair(house, *UP_TO_QUOTE)
    staff, colleague = signed_in("yj-cs_assistant"), signed_in("yj-cs_manager")
    made = post(staff, f"/cases/{key}", "owner-links", purpose=["quote", "urge"], days="3")
    page = staff.get(f"/cases/{key}").text
    address = re.search(r'value="[^"]*(/r/[\w-]+)"', page)[1]
    owner = house.app.test_client()

    assert made.status_code == 303
    assert "生成业主链接：答复报价、催办，3 天内有效" in page
    assert owner.get(address).status_code == 200
    assert "/r/" not in colleague.get(f"/cases/{key}").text, "only its maker may copy a link"
    for wrong in ({"days": "3", "purpose": "admin"}, {"days": "9999"}, {"days": "x"}):
        refused = post(staff, f"/cases/{key}", "owner-links", **wrong)
        assert refused.status_code == 422
    for name in ("ch-cs_assistant", "yj-eng_worker"):
        other = signed_in(name)
        answer = other.post(
            f"/cases/{key}/owner-links", data={"days": "3", "csrf_token": token(other)}
        )
        assert answer.status_code in (403, 404), name
    assert "/r/" not in str([data for _, _, data in events(house, key)])
    with house.database.read() as session:
        (row,) = links.of_case(session, key)
        rows = str(session.scalars(select(History.data)).all()) + row.token_hash
    assert address.removeprefix("/r/") not in rows


def finished(house) -> int:
    """Return a closed repair."""
    key = repair(house, *FINISHED, urgency="urgent")
    task = open_task(house, key, "C1_callback")
    owner, address = house.app.test_client(), link(house, key, "questionnaire")
    done = complete(owner, address, task, solved="solved", satisfaction="5")
    assert done.status_code == 200, done.text
    settled(house)
    return key


def settled(house) -> None:
    """Let the automatic steps run."""
    with house._at_work, house.time():
        settle(house.database)
