"""Ways to an owner: an adapter a channel, log-only until somebody connects a real one.

A company that has a Python client of its provider registers an adapter of its own; everyone else
sets up a gateway channel in the browser, which gets a signed web hook a message.
"""

import json
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from typing_extensions import override

from engine import clock
from engine.outward import posting, robots

log = logging.getLogger(__name__)

#: short message, 公众号
SMS, WECHAT = "sms", "wechat"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outgoing:
    """One message as an adapter is given it."""

    #: the same at every attempt: a provider that knows it already must not send it again
    id: str
    channel: str
    #: telephone number or openid
    to: str
    text: str
    #: kind and language of the template, for providers that want approved templates by name
    template: str
    values: Mapping[str, str]


class Adapter(Protocol):
    """Sends one message; returns what the provider calls it, raises when it was not taken."""

    #: whether messages truly leave
    real: bool

    def send(self, message: Outgoing) -> str | None:
        """Send; called again with the same id after a failure."""
        ...


class LogOnly:
    """Writes down that a message would have been sent: nothing leaves."""

    real = False

    def send(self, message: Outgoing) -> str | None:
        """Log the message without its text and address."""
        log.info("%s message %s not sent: no adapter is set", message.channel, message.id)
        return None


class Gateway:
    """Posts each message to a gateway of the company as a signed web hook."""

    real = True

    def __init__(self, secret: Mapping[str, Any]) -> None:
        self._secret = secret

    def send(self, message: Outgoing) -> str | None:
        """Post; what the gateway answers under `id` is the receipt."""
        word = robots.Word(
            id=message.id, type=f"message.{message.channel}", text=message.text,
            data={"to": message.to, "template": message.template, "values": dict(message.values)},
        )  # fmt: skip
        parcel = robots.pack("webhook", self._secret, word, clock.now())
        answer = posting.post(parcel.url, parcel.body, parcel.headers)
        robots.accept("webhook", answer)
        return _receipt(answer.body)

    @override
    def __repr__(self) -> str:
        return "Gateway()"


#: channel -> makes an adapter of a company's own; goes before gateways
registry: dict[str, Callable[[], Adapter]] = {}


def register(channel: str, make: Callable[[], Adapter]) -> None:
    """Let messages of a channel go through an adapter of one's own."""
    registry[channel] = make


def of(channel: str, gateway: Mapping[str, Any] | None) -> Adapter:
    """Return the adapter of a channel: one's own, else the gateway, else log-only."""
    if channel in registry:
        return registry[channel]()
    return LogOnly() if gateway is None else Gateway(gateway)


def _receipt(body: bytes) -> str | None:
    try:
        said = json.loads(body)
    except ValueError:
        return None
    found = said.get("id") if isinstance(said, dict) else None
    return None if found is None else str(found)[:100]
