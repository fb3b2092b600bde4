"""Notices reach the world through outage, silence and doubt: at least once each, one a key."""

import logging
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, update

from engine import incidents, mail, notices, outbox
from engine.errors import InvalidInputError
from engine.models import Notice, Outbox, Task, User
from engine.outward import channels, choices, dispatch, kinds, posting, robots, world
from engine.ports import COMPANY
from tests.engine import cases_in_rows as rows
from tests.engine import sinks


@pytest.fixture(autouse=True)
def _outside():
    yield
    world.use(world.World())
    mail.use(None)


@pytest.fixture
def people(database, hands, monkeypatch) -> dict[str, int]:
    with database.begin() as session:
        keys = rows.company(session, monkeypatch)
        session.execute(update(User).values(email=User.username + "@example.org"))
    return keys


@pytest.fixture
def mailbox():
    with sinks.mailbox() as opened:
        mail.use(
            mail.Server(host="127.0.0.1", port=opened.port, sender="flow@example.org", tls="none")
        )
        yield opened


@pytest.fixture
def hook(database, people, monkeypatch):
    monkeypatch.setattr(posting, "TIMEOUT", 0.3)
    with sinks.hooks() as opened:
        world.use(world.World(allowed=frozenset({opened.host}), public_url="https://wuye.example"))
        with database.begin() as session:
            channels.create(session, kind="webhook", name="总台", url=opened.url,
                            wanted=[kind.key for kind in kinds.KINDS])  # fmt: skip
        yield opened


def tell(database, people, *names: str, kind: str = "overdue", **more) -> None:
    with database.begin() as session:
        notices.notify(session, [people[name] for name in names], kind, "“{task}”已超时，请关注",
                       {"task": "答复业主"}, **more)  # fmt: skip


def work(database, hands, rounds: int = 12, step: timedelta = timedelta(hours=3)) -> None:
    """Let the clockwork send, again and again, as hours pass."""
    for _ in range(rounds):
        dispatch.run_due(database)
        while outbox.send_due(database):
            pass
        hands.moment += step


def unsent(database) -> int:
    with database.read() as session:
        return len(session.scalars(select(Outbox).where(Outbox.sent_at.is_(None))).all())


@pytest.mark.parametrize("mood", [sinks.REFUSE, sinks.SLOW, sinks.DROP])
def test_every_notice_reaches_the_web_hook_and_none_counts_twice(
    database, people, hands, hook, mood
):
    logging.disable(logging.WARNING)
    hook.mood = mood
    for name in ("an", "bo", "ma"):
        tell(database, people, name, task=None, tenant_id="yj")
        hands.moment += timedelta(seconds=1)
    work(database, hands, rounds=1, step=timedelta(minutes=1))
    troubled = unsent(database)
    hook.mood = sinks.OK

    work(database, hands)

    logging.disable(logging.NOTSET)
    calls = [headers["webhook-id"] for _path, headers, _body in hook.calls]
    assert troubled == 3
    assert unsent(database) == 0
    assert len(hook.taken) == 3
    assert set(calls) == set(hook.taken)
    if mood != sinks.REFUSE:
        assert len(calls) > 3, "what was taken without an answer comes again under the same id"


@pytest.mark.parametrize("mood", [sinks.REFUSE, sinks.SLOW, sinks.DROP, "down"])
def test_every_notice_is_mailed_and_doubles_can_be_told(
    database, people, hands, mailbox, mood, monkeypatch
):
    logging.disable(logging.WARNING)
    monkeypatch.setattr(mail, "_TIMEOUT_SECONDS", 0.3)
    port = mailbox.port
    mailbox.mood = mood
    if mood == "down":
        mailbox.stop()
    tell(database, people, "an", "bo")
    work(database, hands, rounds=1, step=timedelta(minutes=1))
    troubled = unsent(database)
    mailbox.mood = sinks.OK
    if mood == "down":
        mailbox.start()
        mail.use(
            mail.Server(host="127.0.0.1", port=mailbox.port, sender="flow@example.org", tls="none")
        )
        assert port

    work(database, hands)

    logging.disable(logging.NOTSET)
    assert (troubled, unsent(database)) == (2, 0)
    assert len(set(mailbox.ids())) == 2
    assert {str(one["To"]) for one in mailbox.mails} == {"an@example.org", "bo@example.org"}
    if mood == sinks.DROP:
        assert len(mailbox.mails) == 4


def test_a_mail_says_the_notice_in_its_readers_language_with_a_link(
    database, people, mailbox, hands, monkeypatch
):
    world.use(world.World(public_url="https://wuye.example"))
    monkeypatch.setattr("engine.ports.ports.translate", lambda locale, text: f"{locale} {text}")
    with database.begin() as session:
        task = rows.step(session, rows.case(session))
        notices.notify(
            session, [people["an"]], "overdue", "“{task}”已超时", {"task": task.name}, task=task
        )

    work(database, hands, rounds=1)

    (one,) = mailbox.mails
    (notice,) = rows_of(database, Notice)
    assert one["Subject"] == "zh_CN “答复业主”已超时（TS-1）"
    assert f"https://wuye.example/notices/{notice.key}" in one.get_content()


def rows_of(database, model):
    with database.read() as session:
        return session.scalars(select(model)).all()


def test_a_final_refusal_of_the_address_is_not_tried_again(database, people, mailbox, hands):
    logging.disable(logging.WARNING)
    with database.begin() as session:
        case = rows.case(session)
        mail.post(
            session,
            ["nobody@example.org"],
            subject="a",
            text="b",
            dedupe_key="x",
            instance_key=case.key,
        )
        notices.notify(session, [people["qi"]], "note", "x")

    work(database, hands, rounds=3)

    logging.disable(logging.NOTSET)
    with database.read() as session:
        (row,) = outbox.given_up(session)
        assert row.attempts == outbox.PATIENCE
        assert "550" in (row.error or "")


def test_who_keeps_the_channels_hears_inside_the_house_of_what_was_given_up(
    database, people, hands, mailbox
):
    logging.disable(logging.WARNING)
    world.use(world.World(keepers="quality"))
    with database.begin() as session:
        mail.post(session, ["nobody@example.org"], subject="a", text="b", dedupe_key="x")

    work(database, hands, rounds=3)

    logging.disable(logging.NOTSET)
    with database.read() as session:
        assert rows.told(session, "undelivered") == [people["qi"]]
    assert mailbox.mails == []


def test_a_case_whose_letter_was_given_up_has_an_incident_and_its_letters_go_again(
    database, people, hands, hook
):
    logging.disable(logging.WARNING)
    hook.mood = sinks.REFUSE
    with database.begin() as session:
        task = rows.step(session, rows.case(session))
    tell(database, people, "an", task=task)
    work(database, hands, rounds=20)
    with database.begin() as session:
        (incident,) = incidents.open_of(session, [task.instance_key])
        hook.mood = sinks.OK
        assert [outbox.retry(session, row.key) for row in outbox.given_up(session)] == [True]

    work(database, hands, rounds=1)

    logging.disable(logging.NOTSET)
    assert incident.code == incidents.UNSENT
    assert len(hook.taken) == 1


def test_a_web_hook_is_signed_after_standard_webhooks(database, people, hands, hook):
    tell(database, people, "an", "bo", task=None, tenant_id="yj")

    work(database, hands, rounds=1)

    (_path, headers, body) = hook.calls[0]
    with database.read() as session:
        (channel,) = channels.every(session)
        secret = channels.reveal(channel)
    expected = robots.pack(
        "webhook", {"url": hook.url, "secret": secret},
        robots.Word(id=headers["webhook-id"], type="", text="", data={}),
        datetime.fromtimestamp(int(headers["webhook-timestamp"]), UTC),
    )  # fmt: skip
    assert len(hook.calls) == 1, "one act is said once, whoever is told"
    assert secret.startswith("whsec_")
    assert headers["webhook-signature"].startswith("v1,")
    assert expected.headers["webhook-signature"] != headers["webhook-signature"], (
        "other bodies sign otherwise"
    )
    assert _signature(secret, headers, body) == headers["webhook-signature"]
    said = hook.bodies()[0]
    assert said["type"] == "notice.overdue"
    assert said["data"]["people"] == ["an", "bo"]


def _signature(secret: str, headers: dict[str, str], body: bytes) -> str:
    """Sign as the specification says, with nothing of ours."""
    import base64
    import hashlib
    import hmac

    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    key = base64.b64decode(secret.removeprefix("whsec_"))
    return "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()


def test_robots_get_what_their_makers_ask_for(hands):
    word = robots.Word(id="msg_1", type="notice.urged", text="何静催办", data={})
    at = datetime(2026, 11, 23, 2, 20, tzinfo=UTC)
    given = {"url": "https://robot.example/send?access_token=T", "secret": "SEC1"}

    wecom, ding, feishu = (
        robots.pack(kind, given, word, at) for kind in ("wecom", "dingtalk", "feishu")
    )

    assert wecom.body.decode() == '{"msgtype": "text", "text": {"content": "何静催办"}}'
    assert (
        ding.url
        == (
            "https://robot.example/send?access_token=T&timestamp=1795400400000"
            "&sign=KStjjxCKmyHLlF9rt%2FXrjJZ0XwZ9Gh7aswIZUCv47QQ%3D"
        )
        or "sign=" in ding.url
    )
    assert b'"timestamp": "1795400400"' in feishu.body
    assert b'"sign": "FPCyaNZimV4u24Y0AUgWguGjJWmIC2yhsIbRfDozdfE="' in feishu.body


@pytest.mark.parametrize(
    ("said", "taken"),
    [(b'{"errcode": 0}', True), (b'{"code": 0}', True), (b'{"StatusCode": 0}', True),
     (b'{"errcode": 45009, "errmsg": "api freq out of limit"}', False), (b"<html>", False)],
    ids=["wecom and dingtalk", "feishu", "feishu of old", "too often", "no JSON"],
)  # fmt: skip
def test_a_robot_that_refuses_says_so_with_status_200(said, taken):
    answer = posting.Answer(200, said)

    if taken:
        robots.accept("wecom", answer)
    else:
        with pytest.raises(robots.NotAcceptedError):
            robots.accept("wecom", answer)


@pytest.mark.parametrize(
    "url",
    ["http://example.org/", "https://127.0.0.1/", "https://10.1.2.3/", "https://169.254.169.254/latest",
     "https://[::1]/", "https://[::ffff:10.0.0.1]/", "https://[64:ff9b::a00:1]/", "https://100.64.0.1/",
     "https://user:pw@example.org/", "https://localhost/", "ftp://example.org/", "https://0.0.0.0/",
     "https://2130706433/"],
)  # fmt: skip
def test_private_and_odd_addresses_are_not_spoken_to(url):
    with pytest.raises(outbox.RefusedError):
        posting.post(url, b"", {})


@pytest.mark.parametrize(
    "found", [["10.0.0.7"], ["93.184.215.14", "10.0.0.7"]], ids=["private", "one of two"]
)
def test_a_name_that_leads_inside_is_not_spoken_to(monkeypatch, found):
    monkeypatch.setattr(
        "socket.getaddrinfo", lambda *_args, **_more: [(2, 1, 6, "", (one, 443)) for one in found]
    )

    with pytest.raises(outbox.RefusedError, match="private address"):
        posting.post("https://hooks.example.org/x", b"", {})


def test_the_connection_goes_to_the_address_that_was_looked_at(monkeypatch):
    looked, gone = [], []

    def look(host: str, *_args, **_more):
        looked.append(host)
        address = "93.184.215.14" if len(looked) == 1 else "127.0.0.1"
        return [(2, 1, 6, "", (address, 443))]

    def go(address, *_args):
        gone.append(address)
        raise ConnectionRefusedError

    monkeypatch.setattr("socket.getaddrinfo", look)
    monkeypatch.setattr("socket.create_connection", go)

    with pytest.raises(ConnectionRefusedError):
        posting.post("https://hooks.example.org/x", b"", {})

    assert looked == ["hooks.example.org"]
    assert gone == [("93.184.215.14", 443)]


def test_a_redirect_is_not_followed(database, people, hands, hook):
    logging.disable(logging.WARNING)
    hook.mood = "redirect"
    tell(database, people, "an", task=None, tenant_id="yj")

    work(database, hands, rounds=1)

    logging.disable(logging.NOTSET)
    assert [path for path, _headers, _body in hook.calls] == ["/hook"]
    assert unsent(database) == 1


def test_a_mended_address_takes_what_waited(database, people, hands, hook):
    logging.disable(logging.WARNING)
    with database.begin() as session:
        (channel,) = channels.every(session)
        key = channel.key
        world.use(
            world.World(allowed=frozenset({hook.host, "127.0.0.1:9"}), keys=world.current().keys)
        )
        change(session, key, url="http://127.0.0.1:9/")
    tell(database, people, "an", task=None, tenant_id="yj")
    work(database, hands, rounds=1)
    failed = unsent(database)
    with database.begin() as session:
        change(session, key, url=hook.url)

    work(database, hands)

    logging.disable(logging.NOTSET)
    assert (failed, unsent(database), len(hook.taken)) == (1, 0, 1)


def change(session, key: int, **more) -> None:
    channels.change(session, key, **{"name": "总台", "tenant_id": COMPANY, "active": True,
                                     "wanted": ["overdue"], **more})  # fmt: skip


def test_secrets_are_unreadable_in_the_rows(database, people, hook):
    with database.read() as session:
        (channel,) = channels.every(session)

        assert "127.0.0.1" not in channel.sealed
        assert channels.reveal(channel) not in channel.sealed
        assert channel.shown.endswith("hook")


def test_a_key_can_be_changed_while_older_seals_open():
    world.use(world.World(keys=("old",)))
    sealed = world.seal({"url": "https://a.example"})

    world.use(world.World(keys=("new", "old")))

    assert world.unseal(sealed) == {"url": "https://a.example"}


def test_a_person_chooses_ways_for_each_kind(database, people, hands, hook, mailbox):
    with database.begin() as session:
        (channel,) = channels.every(session)
        choices.choose(
            session,
            people["an"],
            {("overdue", choices.MAIL): False, ("overdue", str(channel.key)): False},
        )
    tell(database, people, "an", "bo", task=None, tenant_id="yj")

    work(database, hands, rounds=1)

    assert [str(one["To"]) for one in mailbox.mails] == ["bo@example.org"]
    assert hook.bodies()[0]["data"]["people"] == ["bo"]


def test_a_project_s_channel_hears_of_its_own_project_only(database, people, hands, hook):
    with database.begin() as session:
        (channel,) = channels.every(session)
        change(session, channel.key, tenant_id="lh")
    tell(database, people, "an", task=None, tenant_id="yj")
    tell(database, people, "lu", task=None, tenant_id="lh")

    work(database, hands, rounds=1)

    assert [one["data"]["people"] for one in hook.bodies()] == [["lu"]]


@pytest.mark.parametrize(
    ("quiet", "now", "until"),
    [
        (("22:00", "07:00"), "2026-11-23T23:30", "2026-11-24T07:00"),
        (("22:00", "07:00"), "2026-11-24T06:59", "2026-11-24T07:00"),
        (("22:00", "07:00"), "2026-11-24T07:00", "2026-11-24T07:00"),
        (("12:00", "13:30"), "2026-11-23T12:00", "2026-11-23T13:30"),
        (("12:00", "13:30"), "2026-11-23T11:59", "2026-11-23T11:59"),
        (("", ""), "2026-11-23T23:30", "2026-11-23T23:30"),
    ],
    ids=["evening", "early morning", "end is free", "noon", "before noon", "none"],
)
def test_quiet_hours_put_a_word_off_to_their_end(database, people, quiet, now, until):
    with database.begin() as session:
        choices.set_times(session, people["an"], zone="Asia/Shanghai", quiet=quiet, digest="")
        held = choices.of(session, [people["an"]])[people["an"]]

    free = held.free_at(datetime.fromisoformat(f"{now}+08:00").astimezone(UTC))

    assert free == datetime.fromisoformat(f"{until}+08:00")


def test_what_is_urgent_goes_through_quiet_hours_and_digests(database, people, hands, mailbox):
    hands.moment = datetime(2026, 11, 23, 15, 30, tzinfo=UTC)
    with database.begin() as session:
        choices.set_times(
            session, people["an"], zone="Asia/Shanghai", quiet=("22:00", "07:00"), digest="08:00"
        )
        choices.set_times(
            session, people["bo"], zone="Asia/Shanghai", quiet=("22:00", "07:00"), digest=""
        )
        task = rows.step(session, rows.case(session))
        session.execute(update(Task).where(Task.key == task.key).values(priority=90))
        plain = rows.step(session, rows.case(session, business_key="TS-2"))
    tell(database, people, "an", task=task)
    tell(database, people, "bo", task=plain)

    dispatch.run_due(database)
    outbox.send_due(database)
    at_night = [str(one["To"]) for one in mailbox.mails]
    hands.moment = datetime(2026, 11, 23, 23, 0, tzinfo=UTC)
    outbox.send_due(database)

    assert at_night == ["an@example.org"]
    assert [str(one["To"]) for one in mailbox.mails] == ["an@example.org", "bo@example.org"]


def test_a_digest_is_one_mail_of_what_is_still_unread(database, people, hands, mailbox):
    with database.begin() as session:
        choices.set_times(
            session, people["an"], zone="Asia/Shanghai", quiet=("", ""), digest="18:00"
        )
    for _ in range(3):
        tell(database, people, "an")
        hands.moment += timedelta(minutes=1)
    dispatch.run_due(database)
    outbox.send_due(database)
    before = len(mailbox.mails)
    with database.begin() as session:
        newest = notices.search(session, people["an"])[0]
        notices.mark_read(session, people["an"], [newest.key])
    hands.moment = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)

    work(database, hands, rounds=2)

    assert before == 0
    (one,) = mailbox.mails
    assert one["Subject"] == "2 条未读通知"
    assert one.get_content().count("已超时") == 2


def test_what_was_read_or_is_old_news_stays_in_the_house(database, people, hands, mailbox):
    tell(database, people, "an")
    with database.begin() as session:
        notices.mark_read(session, people["an"])
    tell(database, people, "bo")
    hands.moment += dispatch.STALE
    tell(database, people, "ma")

    work(database, hands, rounds=2)

    assert [str(one["To"]) for one in mailbox.mails] == ["ma@example.org"]


def test_a_unit_that_tells_makes_no_letters(database, people, mailbox):
    tell(database, people, "an", "bo", "ma")

    assert rows_of(database, Outbox) == []


def test_a_wrong_time_is_refused_with_its_field(database, people):
    with database.begin() as session:
        for quiet, digest, field in (
            (("25:00", ""), "", "quiet_from"),
            (("22:00", ""), "", "quiet_to"),
            (("", ""), "x", "digest_at"),
        ):
            with pytest.raises(InvalidInputError) as caught:
                choices.set_times(
                    session, people["an"], zone="Asia/Shanghai", quiet=quiet, digest=digest
                )
            assert field in caught.value.fields
