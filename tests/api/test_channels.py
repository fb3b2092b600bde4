"""Channels, letters and templates through the API: what is secret goes in and never comes out."""

import pytest
from sqlalchemy import select

from engine import mail, outbox
from engine.models import Channel, Idempotency, Outbox
from engine.outward import channels, world
from tests.api.conftest import Machine
from tests.browser.house import House
from tests.engine import sinks

SECRET = "whsec_c2VjcmV0IG9mIHRoZSBkZXNr"


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    opened = House(tmp_path_factory.mktemp("channels"))
    yield opened
    opened.close()


@pytest.fixture
def ask(house):
    return lambda username: Machine(house.app.test_client(use_cookies=False), username)


@pytest.fixture
def hook(house):
    before = world.current()
    with sinks.hooks() as opened:
        world.use(world.World(allowed=frozenset({opened.host}), keys=before.keys))
        yield opened
    world.use(before)
    mail.use(None)


def add(ask, hook, **more):
    given = {"kind": "webhook", "name": "总台", "url": hook.url + "?key=K-77-of-the-desk", "secret": SECRET,
             "tenantId": "yj", "kinds": ["overdue"]}  # fmt: skip
    key = more.pop("key", None)
    headers = {"Idempotency-Key": key} if key else {}
    return ask("admin").post("/api/v1/channels", {**given, **more}, headers=headers)


def test_address_and_secret_never_come_out_nor_lie_about(house, ask, hook):
    made = add(ask, hook, key="c-1")
    again = add(ask, hook, key="c-1")
    key = made.json["channelKey"]
    changed = ask("admin").patch(f"/api/v1/channels/{key}", {"name": "新名", "secret": SECRET})
    listed = ask("admin").get("/api/v1/channels")

    assert made.json == again.json
    assert changed.json["name"] == "新名"
    for answer in (made, changed, listed):
        assert answer.status_code == 200
        assert SECRET not in answer.text
        assert "K-77" not in answer.text
        assert hook.url not in answer.text
    with house.database.read() as session:
        kept = [str(one.answer) for one in session.scalars(select(Idempotency))]
        row = session.get_one(Channel, int(key))
        assert world.unseal(row.sealed) == {
            "url": hook.url + "?key=K-77-of-the-desk",
            "secret": SECRET,
        }
        assert (row.tenant_id, row.kinds, row.active) == ("yj", ["overdue"], True)
    assert [text for text in kept if SECRET in text or "K-77" in text] == []


def test_another_secret_under_the_same_key_is_another_request(ask, hook):
    add(ask, hook, key="c-2")
    answer = add(ask, hook, key="c-2", secret="another")

    assert (answer.status_code, answer.json["code"]) == (409, "idempotency-key-reused")


def test_a_channel_is_switched_off_and_keeps_what_was_not_said(house, ask, hook):
    key = add(ask, hook).json["channelKey"]
    off = ask("admin").patch(f"/api/v1/channels/{key}", {"active": False}).json

    assert (off["active"], off["name"], off["kinds"], off["tenantId"]) == (
        False, "总台", ["overdue"], "yj",
    )  # fmt: skip
    with house.database.read() as session:
        held = world.unseal(session.get_one(Channel, int(key)).sealed)
        assert held["secret"] == SECRET
        assert int(key) not in {row.key for row in channels.of(session, ["yj"])}


def test_a_test_message_says_what_came_back(ask, hook):
    key = add(ask, hook, kind="dingtalk", secret="SEC").json["channelKey"]

    good = ask("admin").post(f"/api/v1/channels/{key}/test")
    hook.answer = {"errcode": 310000, "errmsg": "sign not match"}
    bad = ask("admin").post(f"/api/v1/channels/{key}/test")

    assert (good.status_code, good.json) == (200, {"delivered": True})
    assert (bad.status_code, bad.json["code"]) == (409, "conflict")
    assert "310000 sign not match" in bad.json["detail"]
    assert "SEC" not in bad.text
    assert len(hook.calls) == 2


def test_a_test_mail_is_handed_over_or_says_why_not(ask, hook):
    without = ask("admin").post("/api/v1/channels/mail-test", {"address": "a@example.org"})
    odd = ask("admin").post("/api/v1/channels/mail-test", {"address": "nobody"})
    with sinks.mailbox() as box:
        mail.use(mail.Server(host="127.0.0.1", port=box.port, sender="f@example.org", tls="none"))
        sent = ask("admin").post("/api/v1/channels/mail-test", {"address": "a@example.org"})

    assert (without.status_code, without.json["code"]) == (409, "conflict")
    assert (odd.status_code, sorted(odd.json["errors"])) == (422, ["address"])
    assert sent.json == {"delivered": True}
    assert [str(one["To"]) for one in box.mails] == ["a@example.org"]


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"url": "http://hooks.example.org/x"}, "url"),
        ({"url": "https://192.168.1.1/x"}, "url"),
        ({"url": "https://hooks.example.org/a b?key=K-77"}, "url"),
        ({"url": "https://hooks.example.org/\r\nX: y"}, "url"),
        ({"secret": ""}, "secret"),
        ({"secret": "whsec_%%"}, "secret"),
        ({"tenantId": "none"}, "tenantId"),
        ({"name": " "}, "name"),
        ({"kind": "pigeon"}, "json"),
        ({"kinds": ["gossip"]}, "json"),
        ({"colour": "red"}, "json"),
    ],
    ids=["no TLS", "private", "a blank", "a line", "no secret", "odd secret", "no such project", "no name", "no kind",
         "no such notice", "unknown key"],
)  # fmt: skip
def test_what_cannot_be_a_channel_is_refused_at_its_field(ask, hook, given, field):
    answer = add(ask, hook, **given)

    assert answer.status_code == 422
    assert field in answer.json["errors"]


def test_a_letter_that_was_given_up_is_listed_and_tried_again(house, ask, hook):
    with house.time(), house.database.begin() as session:
        outbox.put(session, "mail", "lost-1", {"to": ["x@example.org"], "text": "秘密"})
        row = session.scalars(select(Outbox).where(Outbox.dedupe_key == "lost-1")).one()
        row.attempts, row.error, key = outbox.PATIENCE, "OSError: refused", row.key

    (letter,) = ask("admin").get("/api/v1/letters").json["items"]
    retried = ask("admin").post(f"/api/v1/letters/{key}/retry")
    gone = ask("admin").post("/api/v1/letters/1/retry")

    assert (letter["letterKey"], letter["kind"]) == (str(key), "mail")
    assert "秘密" not in str(letter)
    assert retried.json == {"letterKey": str(key)}
    assert gone.status_code == 404
    assert ask("admin").get("/api/v1/letters").json["items"] == []


def test_channels_are_the_administrators(ask):
    for path in ("channels", "letters"):
        assert ask("quality").get(f"/api/v1/{path}").status_code == 403
    assert ask("admin").patch("/api/v1/channels/7", {"name": "x"}).status_code == 404


# -- templates ---------------------------------------------------------------------------------


def test_words_are_previewed_saved_once_and_not_over_somebody_elses(ask):
    mine = ask("yj-cs_manager")
    words = {
        (one["kind"], one["language"]): one
        for one in mine.get("/api/v1/message-templates").json["items"]
    }["receipt", "zh"]
    text = words["text"] + "谢谢。"
    path = "/api/v1/message-templates/receipt/zh"

    shown = mine.post(f"{path}/preview", {"text": text}).json
    command = {"text": text, "version": words["version"]}
    first, again = (
        mine.put(path, command, headers={"Idempotency-Key": "w-1"}).json for _ in range(2)
    )
    late = mine.put(path, {"text": "{number} 收到", "version": words["version"]})

    assert shown["text"].endswith("谢谢。")
    assert shown["length"] == len(shown["text"])
    assert (first["text"], first["version"]) == (text, words["version"] + 1)
    assert first == again
    assert (late.status_code, late.json["code"]) == (409, "conflict")
    assert set(words["needed"]) <= set(words["places"])


@pytest.mark.parametrize("text", ["", "{nobody}", "{", "没有编号", "长" * 501])
def test_words_that_cannot_be_sent_are_refused_at_their_field(ask, text):
    for method, more in (("POST", {}), ("PUT", {"version": 0})):
        path = "/api/v1/message-templates/receipt/en" + ("/preview" if method == "POST" else "")
        answer = ask("admin")(method, path, json={"text": text, **more})
        assert (answer.status_code, sorted(answer.json["errors"])) == (422, ["text"])


@pytest.mark.parametrize("path", ["nothing/zh", "receipt/fr"])
def test_there_are_no_words_of_other_kinds_and_languages(ask, path):
    answer = ask("admin").post(f"/api/v1/message-templates/{path}/preview", {"text": "x"})

    assert answer.status_code == 404
