"""Letters leave when their unit is durable: at least once outside, once between cases."""

import logging
import smtplib
import socketserver
import threading

import pytest
from sqlalchemy import select

from engine import mail, outbox
from engine.models import Incident, Outbox
from tests.engine import cases_in_rows as rows


@pytest.fixture
def sent(monkeypatch) -> list[str]:
    """A sink that remembers what it was given, and fails as often as `failures` says."""
    seen: list[str] = []
    monkeypatch.setitem(outbox.senders, "sink", lambda letter: seen.append(letter.dedupe_key))
    return seen


def put(database, key: str, **more) -> bool:
    with database.begin() as session:
        return outbox.put(session, "sink", key, {"n": 1}, **more)


def test_a_letter_is_sent_once_and_marked(database, hands, sent):
    put(database, "a")

    counts = [outbox.run_due(database), outbox.run_due(database)]

    assert counts == [1, 0]
    assert sent == ["a"]
    with database.read() as session:
        assert session.scalars(select(Outbox.sent_at)).one() == hands.moment


def test_the_same_letter_is_put_in_once(database, hands, sent):
    assert [put(database, "a"), put(database, "a"), put(database, "b")] == [True, False, True]

    outbox.run_due(database)

    assert sorted(sent) == ["a", "b"]


def test_a_letter_of_a_failed_unit_never_leaves(database, hands, sent):
    def fail() -> None:
        with database.begin() as session:
            outbox.put(session, "sink", "a", {})
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()

    assert outbox.run_due(database) == 0
    assert sent == []


def test_a_letter_is_sent_while_nobody_holds_the_write_lock(database, hands, monkeypatch):
    def write_meanwhile(letter: outbox.Letter) -> None:
        with database.begin() as session:
            outbox.put(session, "other", f"by {letter.dedupe_key}", {})

    monkeypatch.setitem(outbox.senders, "sink", write_meanwhile)
    put(database, "a")

    assert outbox.run_due(database) == 1

    with database.read() as session:
        keys = set(session.scalars(select(Outbox.dedupe_key)))
        assert keys == {"a", "by a"}


def test_a_crash_between_sending_and_marking_sends_again_after_the_lease(
    database, hands, monkeypatch
):
    sent: list[str] = []

    def crash(letter: outbox.Letter) -> None:
        sent.append(letter.dedupe_key)
        raise KeyboardInterrupt

    monkeypatch.setitem(outbox.senders, "sink", crash)
    put(database, "a")
    with pytest.raises(KeyboardInterrupt):
        outbox.run_due(database)
    monkeypatch.setitem(outbox.senders, "sink", lambda letter: sent.append(letter.dedupe_key))

    at_once = outbox.run_due(database)
    hands.moment += outbox.LEASE
    later = outbox.run_due(database)

    assert (at_once, later) == (0, 1)
    assert sent == ["a", "a"]


def test_a_failing_letter_waits_longer_each_time_and_then_raises_an_incident(
    database, hands, monkeypatch
):
    def refuse(letter: outbox.Letter) -> None:
        raise ConnectionError("no route")

    monkeypatch.setitem(outbox.senders, "sink", refuse)
    with database.begin() as session:
        rows.company(session, monkeypatch)
        case_key = rows.case(session).key
    put(database, "a", tenant_id="yj", instance_key=case_key)
    waits = []
    logging.disable(logging.CRITICAL)
    for _ in range(outbox.PATIENCE):
        assert outbox.run_due(database) == 1
        with database.read() as session:
            due = session.scalars(select(Outbox.due_at)).one()
        waits.append((due - hands.moment).total_seconds())
        hands.moment = due
    logging.disable(logging.NOTSET)

    for waited, least in zip(waits, [30, 60, 120, 240, 480, 960, 1920, 3840], strict=True):
        assert least <= waited <= least * (1 + outbox.JITTER)
    assert outbox.run_due(database) == 0
    with database.read() as session:
        row = session.scalars(select(Outbox)).one()
        incident = session.scalars(select(Incident)).one()
        assert row.error == "ConnectionError: no route"
        assert (incident.code, incident.instance_key) == ("message-not-sent", case_key)

    monkeypatch.setitem(outbox.senders, "sink", lambda _: None)
    with database.begin() as session:
        outbox.retry(session, row.key)
    assert outbox.run_due(database) == 1


class _Mailbox(socketserver.StreamRequestHandler):
    """The server's half of RFC 5321, as far as one mail needs it."""

    def handle(self) -> None:
        self.wfile.write(b"220 test\r\n")
        while line := self.rfile.readline().strip():
            command = line[:4].upper()
            if command == b"DATA":
                self.wfile.write(b"354 go on\r\n")
                lines = iter(self.rfile.readline, b".\r\n")
                self.server.mails.append(b"".join(lines).decode())
            self.wfile.write(b"221 bye\r\n" if command == b"QUIT" else b"250 ok\r\n")
            if command == b"QUIT":
                return


@pytest.fixture
def mailbox():
    with socketserver.TCPServer(("127.0.0.1", 0), _Mailbox) as server:
        server.mails = []
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        yield server
        server.shutdown()
        thread.join()
        mail.use(None)


def post(database) -> None:
    with database.begin() as session:
        mail.post(session, ["an@example.org", ""], subject="超时", text="请办理", dedupe_key="t1")


def test_mail_goes_through_the_server_that_is_set(database, hands, mailbox):
    host, port = mailbox.server_address
    mail.use(mail.Server(host=host, port=port, sender="flow@example.org", tls="none"))
    post(database)

    outbox.run_due(database)

    (text,) = mailbox.mails
    with database.read() as session:
        row = session.scalars(select(Outbox)).one()
    assert row.sent_at == hands.moment
    assert "To: an@example.org" in text
    assert f"Message-ID: <{row.key}@example.org>" in text
    assert "=?utf-8?" in text


def test_mail_without_a_server_is_logged_without_addresses(database, hands, caplog):
    post(database)

    with caplog.at_level(logging.INFO, logger="engine.mail"):
        outbox.run_due(database)

    assert "no mail server is set" in caplog.text
    assert "an@example.org" not in caplog.text


def test_mail_is_kept_when_the_server_is_down(database, hands, mailbox):
    host, port = mailbox.server_address
    mail.use(mail.Server(host=host, port=port, sender="flow@example.org", tls="starttls"))
    post(database)

    outbox.run_due(database)

    with database.read() as session:
        row = session.scalars(select(Outbox)).one()
    assert row.sent_at is None
    assert row.error.startswith(smtplib.SMTPNotSupportedError.__name__)
