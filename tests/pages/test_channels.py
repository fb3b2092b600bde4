"""Administrators set channels up, secrets are never shown again, people choose their ways."""

import re

import pytest
from sqlalchemy import select

from engine import mail, notices, outbox
from engine.models import Channel, User
from engine.outward import choices, dispatch, world
from tests.browser.house import House
from tests.engine import sinks
from tests.pages.conftest import token


@pytest.fixture
def house(tmp_path):
    """A house of its own for every test: what one sends, another must not count."""
    opened = House(tmp_path)
    yield opened
    opened.close()


@pytest.fixture
def hook(house):
    before = world.current()
    with sinks.hooks() as opened:
        world.use(world.World(allowed=frozenset({opened.host}), keys=before.keys))
        yield opened
    world.use(before)
    mail.use(None)


def post(client, path: str, **form):
    return client.post(path, data={**form, "csrf_token": token(client)})


def add(client, hook, **form):
    given = {
        "kind": "webhook",
        "name": "总台",
        "url": hook.url,
        "tenant_id": "*",
        "kinds": ["overdue"],
    }
    return post(client, "/channels", **given | form)


def newest(house) -> Channel:
    with house.database.read() as session:
        return session.scalars(select(Channel).order_by(Channel.key.desc())).first()


def test_a_made_secret_is_shown_once_and_then_never(house, signed_in, hook):
    admin = signed_in("admin")

    made = add(admin, hook)

    key = newest(house).key
    (secret,) = re.findall(r"whsec_[\w+/=]+", made.text)
    later = admin.get(f"/channels/{key}").text + admin.get("/channels").text
    assert secret not in later
    assert hook.url not in later
    assert secret not in newest(house).sealed


def test_a_test_message_says_what_came_back(house, signed_in, hook):
    admin = signed_in("admin")
    add(admin, hook, kind="dingtalk", url=f"{hook.url}?access_token=T", secret="SEC")
    key = newest(house).key

    good = post(admin, f"/channels/{key}/test")
    hook.answer = {"errcode": 310000, "errmsg": "sign not match"}
    bad = post(admin, f"/channels/{key}/test")

    assert good.status_code == 303
    assert bad.status_code == 422
    assert "310000 sign not match" in bad.text
    assert "sign=" in hook.calls[0][0]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"url": "http://hooks.example.org/x"}, "只能使用 https 网址"),
        ({"url": "https://192.168.1.1/x"}, "内部网络"),
        ({"url": "hooks"}, "网址不完整"),
        ({"name": " "}, "请给通道起个名字"),
        ({"secret": "whsec_%%"}, "签名密钥不对"),
        ({"tenant_id": "none"}, "没有项目"),
    ],
    ids=["no TLS", "private", "no address", "no name", "odd secret", "no such project"],
)
def test_what_cannot_be_a_channel_is_refused_beside_its_field(house, signed_in, hook, given, said):
    answer = add(signed_in("admin"), hook, **given)

    assert answer.status_code == 422
    assert said in answer.text
    assert "has-error" in answer.text


def test_a_channel_is_changed_without_its_secret_being_typed_again(house, signed_in, hook):
    admin = signed_in("admin")
    add(admin, hook, secret="whsec_c2VjcmV0")
    key = newest(house).key

    post(
        admin,
        f"/channels/{key}",
        name="新名",
        tenant_id="yj",
        kinds=["urged"],
        active="1",
        url="",
        secret="",
    )

    row = newest(house)
    assert (row.name, row.tenant_id, row.kinds, row.active) == ("新名", "yj", ["urged"], True)
    assert world.unseal(row.sealed) == {"url": hook.url, "secret": "whsec_c2VjcmV0"}


def test_what_was_given_up_is_listed_and_tried_again(house, signed_in, hook):
    with sinks.mailbox() as mailbox, house.time():
        mail.use(
            mail.Server(host="127.0.0.1", port=mailbox.port, sender="a@example.org", tls="none")
        )
        with house.database.begin() as session:
            mail.post(session, ["nobody@example.org"], subject="s", text="t", dedupe_key="gone")
        outbox.run_due(house.database)
        admin = signed_in("admin")
        page = admin.get("/channels").text
        (key,) = re.findall(r"/letters/(\d+)/retry", page)

        post(admin, f"/letters/{key}/retry")
        with house.database.read() as session:
            waiting = outbox.given_up(session)

    assert "550 no such recipient" in page
    assert waiting == []


def test_what_is_still_tried_is_counted(house, signed_in, hook):
    hook.mood = sinks.REFUSE
    admin = signed_in("admin")
    add(admin, hook, tenant_id="ch")
    with house.time(), house.database.begin() as session:
        key = session.scalars(select(User.key).filter_by(username="ch-cs_assistant")).one()
        notices.notify(session, [key], "overdue", "{n}", {"n": 1}, tenant_id="ch")
    with house.time():
        dispatch.run_due(house.database)
        outbox.send_due(house.database)

    page = admin.get("/channels").text

    assert "有 1 条消息没有发出，正在重试。" in page


def test_a_test_mail_is_sent_or_says_why_not(house, signed_in, hook):
    admin = signed_in("admin")
    without = post(admin, "/channels/mail-test", address="an@example.org")
    with sinks.mailbox() as mailbox:
        mail.use(
            mail.Server(host="127.0.0.1", port=mailbox.port, sender="a@example.org", tls="none")
        )

        sent = post(admin, "/channels/mail-test", address="an@example.org")
        refused = post(admin, "/channels/mail-test", address="nobody@example.org")
        page = admin.get("/channels").text

    assert (without.status_code, sent.status_code, refused.status_code) == (422, 303, 422)
    assert "还没有设置邮件服务器" in without.text
    assert "550" in refused.text
    assert len(mailbox.mails) == 1
    assert "a@example.org" in page


def test_a_person_s_ways_are_kept_and_heeded(house, signed_in, hook):
    add(signed_in("admin"), hook, tenant_id="yj")
    channel = newest(house).key
    client = signed_in("yj-cs_assistant")
    saved = post(client, "/account/notices", **{
        "email": "lin@example.org", "quiet_from": "22:00", "quiet_to": "07:00", "digest_at": "18:00",
        f"urged:{channel}": "on", "overdue:mail": "on",
    })  # fmt: skip

    page = client.get("/account/notices").text

    assert saved.status_code == 303
    for wanted in ('value="lin@example.org"', 'value="22:00"', 'value="18:00"',
                   f'name="urged:{channel}" checked', 'name="overdue:mail" checked'):  # fmt: skip
        assert wanted in page
    assert f'name="overdue:{channel}" checked' not in page
    assert str(channel) not in signed_in("ch-cs_assistant").get("/account/notices").text
    with house.database.read() as session:
        key = session.scalars(select(User.key).filter_by(username="yj-cs_assistant")).one()
        assert choices.of(session, [key])[key].times.digest_at == 18 * 60
    wrong = post(client, "/account/notices", email="lin@example.org", quiet_from="22:00")
    assert wrong.status_code == 422
    assert "请填开始和结束两个时间" in wrong.text


def test_the_open_page_learns_how_many_notices_are_unread(house, signed_in):
    client = signed_in("yj-project_manager")
    before = client.get("/live")
    with house.time(), house.database.begin() as session:
        key = session.scalars(select(User.key).filter_by(username="yj-project_manager")).one()
        notices.notify(session, [key], "note", "{n}", {"n": 1})

    after = client.get("/live", headers={"If-None-Match": before.headers["ETag"]})

    assert after.status_code == 200
    assert after.json["unread"] == before.json["unread"] + 1
    assert str(after.json["unread"]) in after.json["bell"]
    assert f">{after.json['unread']}</i>" in client.get("/notices").text


def test_an_english_reader_gets_english_mails(house, hook):
    with sinks.mailbox() as mailbox, house.time():
        mail.use(
            mail.Server(host="127.0.0.1", port=mailbox.port, sender="a@example.org", tls="none")
        )
        with house.database.begin() as session:
            user = session.scalars(select(User).filter_by(username="leader")).one()
            user.locale, user.email = "en", "leader@example.org"
            session.flush()
            notices.notify(
                session, [user.key], "overdue", "“{task}”已超时，请关注", {"task": "Reply"}
            )
        dispatch.run_due(house.database)
        outbox.send_due(house.database)

    (one,) = mailbox.mails
    assert "已超时" not in one["Subject"]
    assert "Reply" in one["Subject"]
    assert "Ways of notices" in one.get_content()


def test_only_the_administrator_sets_channels_up(signed_in, hook, house):
    client = signed_in("yj-cs_manager")

    assert client.get("/channels").status_code == 403
    assert add(client, hook).status_code == 403
    assert dispatch.run_due(house.database) >= 0
