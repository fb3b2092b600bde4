"""Mail: letters of the outbox, sent through a mail server, or only logged when none is set."""

import logging
import smtplib
import ssl
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime, formataddr
from typing import Any

from sqlalchemy.orm import Session

from engine import clock, outbox
from engine.errors import N_, ConflictError, InvalidInputError
from engine.ports import COMPANY

log = logging.getLogger(__name__)
KIND = "mail"
TLS_MODES = ("starttls", "tls", "none")
_TIMEOUT_SECONDS = 15
#: replies of 500 and above are final (RFC 5321 §4.2.1)
_FINAL = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """The mail server of the installation."""

    host: str
    port: int = 587
    username: str = ""
    password: str = ""
    #: the address and name that mails come from
    sender: str
    sender_name: str = "物业流"
    #: starttls (port 587), tls (port 465), none (only for a relay on the same machine)
    tls: str = "starttls"


_server: list[Server] = []


def use(server: Server | None) -> None:
    """Say which server sends; None: mails are logged and counted as sent."""
    _server[:] = [] if server is None else [server]


def server() -> Server | None:
    """Return the server that sends."""
    return _server[0] if _server else None


def post(  # noqa: PLR0913 — a mail has that many parts
    session: Session,
    to: Iterable[str],
    *,
    subject: str,
    text: str,
    dedupe_key: str,
    tenant_id: str = COMPANY,
    instance_key: int | None = None,
    due_at: datetime | None = None,
) -> bool:
    """Put a mail in the outbox; the same dedupe key is sent once."""
    payload = {"to": sorted({address for address in to if address}), "subject": subject,
               "text": text}  # fmt: skip
    return outbox.put(
        session, KIND, dedupe_key, payload, tenant_id=tenant_id, instance_key=instance_key,
        due_at=due_at,
    )  # fmt: skip


@outbox.sender(KIND)
def send(letter: outbox.Letter) -> None:
    """Send one letter; its key is in the Message-ID, so that a receiver can drop doubles."""
    known = server()
    if known is None:
        log.info("mail %s to %s not sent: no mail server is set", letter.key,
                 len(letter.payload["to"]))  # fmt: skip
        return
    if letter.payload["to"]:
        _hand_over(known, _message(known, letter.key, letter.payload))


def test(to: str) -> None:
    """Send a test mail at once; raises ConflictError that says what the server answered."""
    if "@" not in to:
        text = N_("请填写收件的邮箱地址。")
        raise InvalidInputError(text, fields={"address": [text]})
    known = server()
    if known is None:
        raise ConflictError(
            N_("还没有设置邮件服务器。请设置 WUYEFLOW_MAIL_HOST 和 WUYEFLOW_MAIL_FROM。")
        )
    text = "这是一封测试邮件。收到它，说明物业流可以发送邮件。\n\nThis is a test mail of WuyeFlow."
    letter = {"to": [to], "subject": "物业流测试邮件 WuyeFlow test mail", "text": text}
    try:
        _hand_over(known, _message(known, int(clock.now().timestamp() * 1000), letter))
    except (OSError, smtplib.SMTPException, outbox.RefusedError) as error:
        said = f"{type(error).__name__}: {error}"[:300]
        raise ConflictError(N_("测试邮件没有发出：{reason}"), reason=said) from error


def _hand_over(known: Server, message: EmailMessage) -> None:
    """Give a mail to the server; a final refusal of the addressees is not tried again."""
    try:
        with _connect(known) as connection:
            if known.username:
                connection.login(known.username, known.password)
            connection.send_message(message)
    except smtplib.SMTPRecipientsRefused as error:
        codes = [code for code, _said in error.recipients.values()]
        if codes and min(codes) >= _FINAL:
            raise outbox.RefusedError(f"{codes[0]} no such recipient") from error
        raise


def _connect(known: Server) -> smtplib.SMTP:
    if known.tls == "tls":
        return smtplib.SMTP_SSL(
            known.host, known.port, timeout=_TIMEOUT_SECONDS, context=ssl.create_default_context()
        )
    connection = smtplib.SMTP(known.host, known.port, timeout=_TIMEOUT_SECONDS)
    if known.tls == "starttls":
        try:
            connection.starttls(context=ssl.create_default_context())
        except BaseException:  # whatever it was, the socket must not stay open
            connection.close()
            raise
    return connection


def _message(known: Server, key: int, letter: Mapping[str, Any]) -> EmailMessage:
    message = EmailMessage()
    domain = known.sender.partition("@")[2] or "localhost"
    message["Message-ID"] = f"<{key}@{domain}>"
    message["Date"] = format_datetime(clock.now())
    message["From"] = formataddr((known.sender_name, known.sender))
    message["To"] = ", ".join(letter["to"])
    message["Subject"] = " ".join(letter["subject"].split())
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(letter["text"])
    return message
