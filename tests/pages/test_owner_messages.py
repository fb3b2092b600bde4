"""Owners hear of their case when they allowed it, in words that staff may change, and rate it."""

import re
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from engine import history, incidents, outbox
from engine.models import (
    Event,
    History,
    Instance,
    MessageState,
    Outbox,
    OwnerLink,
    OwnerMessage,
    Rating,
)
from engine.outward import adapters, channels, links, owners, posting, templates, world
from tests.browser.house import House
from tests.engine import sinks
from tests.pages.conftest import token

JUDGE = {"do": "T2_judge", "by": "cs_manager", "after": "PT20M"}
LOOK = {"do": "T3_investigate", "by": "cs_assistant", "after": "PT30M"}
ASSIGN = {"do": "T4_assign", "by": "cs_manager", "after": "PT10M",
          "values": {"plan_due_at": "@now+PT4H"}}  # fmt: skip
PLAN = {"do": "T5_plan", "by": "eng_dispatch", "after": "PT1H"}
REPLY = {"do": "T6_reply", "by": "cs_assistant", "after": "PT30M",
         "values": {"reply_text": "卷帘门已更换缓冲垫，今晚起不再有异响。"}}  # fmt: skip
EXECUTE = {"do": "T7a_execute", "by": "eng_dispatch", "after": "PT2H"}
VERIFY = {"do": "T7b_verify", "by": "cs_assistant", "after": "PT1H"}
CALL = {"do": "C1_callback", "by": "cs_assistant 2", "after": "PT4H"}
FILE = {"do": "T8_file", "by": "cs_assistant", "after": "PT1H"}
WHOLE = (JUDGE, LOOK, ASSIGN, PLAN, REPLY, EXECUTE, VERIFY, CALL, FILE)
FRIDAY = datetime.fromisoformat("2026-11-20T09:00+08:00")


@pytest.fixture
def house(tmp_path):
    """A house of its own for every test: what one sends, another must not count."""
    opened = House(tmp_path)
    yield opened
    opened.close()


class Phone:
    """An adapter that remembers what it was given."""

    real = True

    def __init__(self) -> None:
        self.sent: list[adapters.Outgoing] = []
        self.down = False

    def send(self, message: adapters.Outgoing) -> str | None:
        if self.down:
            raise ConnectionError("no line")
        self.sent.append(message)
        return f"r-{len(self.sent)}"

    @property
    def texts(self) -> list[str]:
        return [one.text for one in self.sent]


@pytest.fixture
def phone(house, monkeypatch):
    monkeypatch.setitem(adapters.registry, "sms", lambda: connected)
    connected = Phone()
    before = house.moment, world.current()
    world.use(world.World(public_url="https://wuye.example", hotline="0755-1234", company="云景物业",
                          keys=world.current().keys))  # fmt: skip
    yield connected
    house.moment = before[0]
    world.use(before[1])


def case(house, *steps, at: datetime = FRIDAY, **record) -> int:
    return house.case(
        *steps,
        at=at.isoformat(),
        room_id="1201",
        **{"complainant_name": "陈女士", "phone": "13812346721"} | record,
    )


def send(house) -> None:
    """Let the clockwork tell and send."""
    with house.time():
        for _ in range(3):
            outbox.run_due(house.database)


def post(client, path: str, **form):
    return client.post(path, data={**form, "csrf_token": token(client)})


def allow(client, key: int, channel: str = "sms", given: str = "1", **more):
    return post(
        client,
        f"/cases/{key}/consents",
        channel=channel,
        given=given,
        source="call",
        **{"language": "zh"} | more,
    )


def told(house, key: int) -> list[OwnerMessage]:
    with house.database.read() as session:
        return list(reversed(owners.of_case(session, [key])))


def test_without_a_yes_nothing_is_sent_and_the_case_says_so(house, signed_in, phone):
    house.moment = FRIDAY + timedelta(hours=1)
    key = case(house, phone="13900001111")

    send(house)

    (row,) = told(house, key)
    page = signed_in("yj-cs_assistant").get(f"/cases/{key}").text
    assert phone.sent == []
    assert (row.kind, row.state, row.address) == ("receipt", MessageState.NO_CONSENT, "139****1111")
    assert "告诉业主“受理回执”（短信 139****1111）：业主没有同意接收，没有发送" in page
    with house.database.read() as session:
        assert list(history.broken(session, key)) == []


def test_an_anonymous_owner_is_not_written_to(house, phone):
    house.moment = FRIDAY + timedelta(hours=1)
    key = case(house, anonymous=True)

    send(house)

    assert [row.state for row in told(house, key)] == [MessageState.NO_ADDRESS]
    assert phone.sent == []


def test_an_owner_hears_at_the_right_steps(house, signed_in, phone):
    key, link = closed(house, signed_in, phone)

    number = number_of(house, key)
    receipt, answer, closing = phone.texts[-3:]
    assert receipt.startswith(
        f"陈女士您好，您反映的问题已经受理，编号 {number}。我们会在 11月23日 "
    )
    assert answer.startswith(f"陈女士您好，关于 {number}：卷帘门已更换缓冲垫")
    assert f"https://wuye.example{link}" in closing
    assert {one.to for one in phone.sent} == {"13812346721"}
    assert [(row.kind, row.state) for row in told(house, key)] == [
        ("receipt", "sent"), ("answer", "sent"), ("closing", "sent"),
    ]  # fmt: skip
    assert all(row.receipt for row in told(house, key))
    assert link not in everything(house), "the link stands in no row"
    assert "13812346721" not in everything(house), "a number stands in the record alone"
    page = signed_in("yj-cs_assistant").get(f"/cases/{key}").text
    assert "告诉业主“答复”（短信 138****6721）：已发送" in page
    assert link not in page


def test_an_owner_rates_once_and_the_case_keeps_it(house, signed_in, phone):
    key, link = closed(house, signed_in, phone)
    owner = house.app.test_client()
    page = owner.get(link).text

    wrong = rate(owner, link, score="9")
    done = rate(owner, link, score="4", word="门不响了")
    again = rate(owner, link, score="1")

    assert number_of(house, key) in page
    assert "陈女士" not in page
    assert (wrong.status_code, done.status_code, again.status_code) == (422, 303, 409)
    assert "已经收到您的评价" in owner.get(done.headers["Location"]).text
    assert "您评了 4 分" in again.text
    with house.database.read() as session:
        (row,) = session.scalars(select(Rating).where(Rating.instance_key == key))
        assert (row.score, row.word) == (4, "门不响了")
        assert list(history.broken(session, key)) == []
    page = signed_in("yj-cs_assistant").get(f"/cases/{key}").text
    assert "业主评价 4 分" in page
    assert "门不响了" in page


def everything(house) -> str:
    """Return every text that the tables of messages hold."""
    with house.database.read() as session:
        held = [*session.scalars(select(OwnerMessage.text)), *session.scalars(select(OwnerLink.token_hash)),
                *map(str, session.scalars(select(History.data))),
                *map(str, session.scalars(select(Outbox.payload)))]  # fmt: skip
    return "\n".join(held)


def number_of(house, key: int) -> str:
    with house.database.read() as session:
        return session.get_one(Instance, key).business_key


def rate(owner, link: str, **form):
    page = owner.get(link).text
    found = re.search(r'name="csrf_token" value="([^"]+)"', page) or re.search(
        r'csrf-token" content="([^"]+)"', page
    )
    return owner.post(f"{link}/rate", data={**form, "csrf_token": found[1]})


def closed(house, signed_in, phone) -> tuple[int, str]:
    """Return a closed case and its rating link."""
    house.moment = FRIDAY + timedelta(hours=15)
    allow(signed_in("yj-cs_assistant"), case(house))
    key = case(house, *WHOLE)
    send(house)
    return key, re.search(r"https://wuye\.example(/r/\S+)", phone.texts[-1])[1]


def test_a_link_that_was_taken_back_or_is_over_is_dead(house, signed_in, phone):
    key, link = closed(house, signed_in, phone)
    _key, other = closed(house, signed_in, phone)
    owner = house.app.test_client()
    assert owner.get(link).status_code == 200

    with house.database.read() as session:
        (made,) = links.of_case(session, key)
    post(signed_in("yj-cs_assistant"), f"/cases/{key}/owner-links/{made.key}/revoke")
    revoked = owner.get(link)
    house.moment += links.LIFE
    expired = owner.get(other)

    assert (revoked.status_code, expired.status_code) == (404, 404)
    assert "这个链接不能用了" in revoked.text


def test_a_guesser_of_links_has_to_wait(house, signed_in, phone):
    _key, link = closed(house, signed_in, phone)
    owner = house.app.test_client()
    forged = link[:-3] + ("AAA" if link[-3:] != "AAA" else "BBB")

    statuses = [owner.get(forged).status_code for _ in range(links.FREE_FAILURES)]

    assert set(statuses) == {404}
    assert owner.get(forged).status_code == 429
    assert owner.get(link).status_code == 429
    house.moment += links.WAIT + timedelta(seconds=1)
    assert owner.get(link).status_code == 200


def test_who_takes_the_yes_back_before_it_leaves_gets_nothing(house, signed_in, phone):
    house.moment = FRIDAY + timedelta(hours=2)
    client = signed_in("yj-cs_assistant")
    allow(client, case(house))
    send(house)
    phone.sent.clear()
    key = case(house, at=FRIDAY + timedelta(hours=1))
    with house.time():
        outbox.deliver_due(house.database)
    allow(client, key, given="0")

    send(house)

    assert phone.sent == []
    assert [row.state for row in told(house, key)] == [MessageState.NO_CONSENT]


def test_an_outage_is_waited_out_and_said(house, signed_in, phone):
    house.moment = FRIDAY + timedelta(hours=2)
    allow(signed_in("yj-cs_assistant"), case(house))
    send(house)
    phone.sent.clear()
    phone.down = True
    key = case(house, at=FRIDAY + timedelta(hours=1))
    for _ in range(outbox.PATIENCE + 2):
        send(house)
        house.moment += timedelta(hours=3)
    failed = [row.state for row in told(house, key)]
    page = signed_in("yj-cs_manager").get(f"/cases/{key}").text
    phone.down = False
    with house.database.read() as session:
        (incident,) = incidents.open_of(session, [key])
    post(signed_in("yj-project_manager"), f"/incidents/{incident.key}/resolve")

    send(house)

    assert failed == [MessageState.FAILED]
    assert "消息多次发送没有成功" in page
    assert [row.state for row in told(house, key)] == [MessageState.SENT]
    assert len(phone.sent) == 1


def test_without_an_adapter_messages_are_only_written_down(house, signed_in, phone, monkeypatch):
    monkeypatch.delitem(adapters.registry, "sms")
    house.moment = FRIDAY + timedelta(hours=2)
    key = case(house)
    allow(signed_in("yj-cs_assistant"), key)
    key = case(house, at=FRIDAY + timedelta(hours=1))

    send(house)

    page = signed_in("yj-cs_assistant").get(f"/cases/{key}/messages").text
    assert [row.state for row in told(house, key)] == [MessageState.LOGGED]
    assert "仅记录，没有接通通道" in page


def test_a_gateway_gets_a_signed_call(house, signed_in, phone, monkeypatch):
    monkeypatch.delitem(adapters.registry, "sms")
    house.moment = FRIDAY + timedelta(hours=2)
    client = signed_in("yj-cs_assistant")
    with sinks.hooks() as hook:
        world.use(world.World(allowed=frozenset({hook.host}), keys=world.current().keys))
        with house.time(), house.database.begin() as session:
            row = channels.create(session, kind="sms", name="网关", url=hook.url, tenant_id="yj")
            gateway = row.key
        allow(client, case(house), language="en")
        key = case(house, at=FRIDAY + timedelta(hours=1))

        send(house)
        with house.time(), house.database.begin() as session:
            channels.change(session, gateway, name="网关", tenant_id="yj", wanted=(), active=False)

    said = next(one for one in hook.bodies() if number_of(house, key) in one["text"])
    assert said["data"]["to"] == "13812346721"
    assert said["data"]["template"] == "receipt-en"
    assert said["text"].startswith("Dear 陈女士, we have received your complaint")
    assert told(house, key)[0].receipt == "r-1"
    assert posting.TIMEOUT


def test_a_word_before_a_delay_goes_out_by_hand_and_by_warning(house, signed_in, phone):
    house.moment = FRIDAY + timedelta(hours=3)
    client = signed_in("yj-cs_assistant")
    key = case(house, JUDGE, LOOK, ASSIGN, PLAN)
    allow(client, key)
    send(house)
    phone.sent.clear()

    answer = post(client, f"/cases/{key}/messages", kind="delay")
    send(house)
    refused = post(client, f"/cases/{key}/messages", kind="answer")

    assert answer.status_code == 303
    assert refused.status_code == 409
    assert len(phone.sent) == 1
    assert "让您久等，非常抱歉。我们会在 11月" in phone.texts[0]
    others = signed_in("ch-cs_assistant")
    assert post(others, f"/cases/{key}/messages", kind="delay").status_code == 404


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("您好，编号 {nummer}", "没有名为 {nummer} 的占位符"),
        ("您好，编号 {number.__class__}", "没有名为 {number.__class__} 的占位符"),
        ("您好，编号 {number!r}", "没有名为 {number} 的占位符"),
        ("您好，编号 {number", "花括号没有成对"),
        ("您好", "必须包含 {number}"),
        ("", "请写 1 到 500 个字"),
        ("字" * 501, "请写 1 到 500 个字"),
    ],
    ids=["unknown", "attribute", "conversion", "open brace", "number missing", "empty", "too long"],
)
def test_words_that_could_not_be_filled_in_are_refused(house, signed_in, text, said):
    client = signed_in("yj-cs_manager")

    saved = post(client, "/message-templates/receipt/zh", text=text, seen="0")
    shown = post(client, "/message-templates/receipt/zh/preview", text=text)

    assert saved.status_code == 422
    assert said in saved.text
    assert said in shown.text


def test_new_words_are_used_from_the_next_message_on_and_old_ones_stay(house, signed_in, phone):
    house.moment = FRIDAY + timedelta(hours=2)
    manager = signed_in("yj-cs_manager")
    preview = post(
        manager, "/message-templates/receipt/zh/preview", text="{name}，{number} {{已}}收到"
    ).text
    first = post(manager, "/message-templates/receipt/zh", text="{name}，{number} 收到。", seen="0")
    stale = post(manager, "/message-templates/receipt/zh", text="{number}", seen="0")
    allow(signed_in("yj-cs_assistant"), case(house))
    key = case(house, at=FRIDAY + timedelta(hours=1))

    send(house)

    row = told(house, key)[0]
    page = manager.get("/message-templates/receipt/zh").text
    assert "陈女士，TS-20261123-004 {已}收到" in preview
    assert (first.status_code, stale.status_code) == (303, 422)
    assert (row.text, row.version) == (f"陈女士，{number_of(house, key)} 收到。", 1)
    assert "第 1 版" in page
    assert templates.kind("receipt").texts["zh"] in page
    assert signed_in("yj-cs_assistant").get("/message-templates").status_code == 403


def test_values_are_never_read_as_places():
    assert templates.fill("{answer}", {"answer": "{number} {0}"}) == "{number} {0}"


@pytest.mark.parametrize(
    ("kind", "data", "heard"),
    [
        ("warned", {"percent": 80}, 1),
        ("warned", {"percent": 80, "of": "claim"}, 0),
        ("extended", {"state": "granted"}, 1),
        ("extended", {"state": "asked"}, 0),
        ("extended", {"state": "refused"}, 0),
        ("paused", {"state": "granted"}, 1),
        ("paused", {"state": "asked"}, 0),
    ],
    ids=[
        "first warning",
        "claiming",
        "extended",
        "asked for",
        "refused",
        "paused",
        "pause asked for",
    ],
)
def test_an_owner_hears_of_a_delay_when_it_is_one(house, signed_in, phone, kind, data, heard):
    house.moment = FRIDAY + timedelta(hours=3)
    key = case(house, JUDGE, LOOK, ASSIGN, PLAN)
    allow(signed_in("yj-cs_assistant"), key)
    send(house)
    phone.sent.clear()
    with house.time(), house.database.begin() as session:
        for _ in range(2 if kind == "warned" else 1):
            history.add(session, key, Event(kind), 0, data=data,
                        element=None if kind == "paused" else "T6_reply")  # fmt: skip

    send(house)

    assert len(phone.sent) == heard
