"""Mail: letters of the outbox, sent through a mail server, or only logged when none is set."""

import logging
import smtplib
from collections.abc import Iterable
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import formataddr

from sqlalchemy.orm import Session

from engine import outbox
from engine.ports import COMPANY

log = logging.getLogger(__name__)
KIND = "mail"
_TIMEOUT_SECONDS = 20


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
    #: False only for a relay on the same machine
    starttls: bool = True


_server: list[Server] = []


def use(server: Server | None) -> None:
    """Say which server sends; None: mails are logged and counted as sent."""
    _server[:] = [] if server is None else [server]


def post(
    session: Session,
    to: Iterable[str],
    *,
    subject: str,
    text: str,
    dedupe_key: str,
    tenant_id: str = COMPANY,
) -> bool:
    """Put a mail in the outbox; the same dedupe key is sent once."""
    payload = {"to": sorted({address for address in to if address}), "subject": subject,
               "text": text}  # fmt: skip
    return outbox.put(session, KIND, dedupe_key, payload, tenant_id=tenant_id)


@outbox.sender(KIND)
def send(letter: outbox.Letter) -> None:
    """Send one letter; the dedupe key is its Message-ID, so that a receiver can drop doubles."""
    if not _server:
        log.info("mail %s to %s not sent: no mail server is set", letter.key,
                 len(letter.payload["to"]))  # fmt: skip
        return
    server = _server[0]
    with smtplib.SMTP(server.host, server.port, timeout=_TIMEOUT_SECONDS) as connection:
        if server.starttls:
            connection.starttls()
        if server.username:
            connection.login(server.username, server.password)
        connection.send_message(_message(letter, server))


def _message(letter: outbox.Letter, server: Server) -> EmailMessage:
    message = EmailMessage()
    domain = server.sender.partition("@")[2] or "localhost"
    message["Message-ID"] = f"<{letter.key}@{domain}>"
    message["From"] = formataddr((server.sender_name, server.sender))
    message["To"] = ", ".join(letter.payload["to"])
    message["Subject"] = letter.payload["subject"]
    message.set_content(letter.payload["text"])
    return message
