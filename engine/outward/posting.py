"""One POST to the world: TLS, public addresses only, no redirects, short time-outs (SSRF guard).

The name is resolved here, every address is looked at, and the connection goes to the address that
was looked at: a name that changes its mind between the look and the connection gains nothing.
Hosts that the settings allow may be private and may do without TLS.
"""

import http.client
import ipaddress
import socket
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

from typing_extensions import override

from engine.errors import N_, InvalidInputError
from engine.outbox import RefusedError
from engine.outward import world

#: seconds to connect, and to wait for each piece of the answer
TIMEOUT = 10.0
#: as much of an answer as is looked at
_MOST = 65_536
_NAT64 = ipaddress.ip_network("64:ff9b::/96")


class BlockedError(RefusedError):
    """The address is not one that we speak to."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What the other side said."""

    status: int
    body: bytes


def check(url: str) -> SplitResult:
    """Return the parts of an address that may be posted to, as far as it can be told by its look."""
    parts = urlsplit(url.strip())
    odd = any(one.isspace() or not one.isprintable() for one in url.strip())
    if odd or parts.username or parts.password or not parts.hostname or parts.fragment:
        raise InvalidInputError(
            N_("网址不完整。请写成 https://主机/路径。"), fields={"url": [N_("请检查网址。")]}
        )
    if parts.scheme != "https" and not (parts.scheme == "http" and _is_allowed(parts)):
        raise InvalidInputError(
            N_("只能使用 https 网址。内部主机要先由设置 WUYEFLOW_OUTBOUND_ALLOW 放行。"),
            fields={"url": [N_("请使用 https 网址。")]},
        )  # fmt: skip
    try:
        literal = ipaddress.ip_address(parts.hostname)
    except ValueError:
        return parts
    if not _is_allowed(parts) and not is_public(literal):
        raise InvalidInputError(
            N_("这是内部网络的地址，不能使用。"), fields={"url": [N_("请使用公网地址。")]}
        )
    return parts


def post(url: str, body: bytes, headers: Mapping[str, str]) -> Answer:
    """Send a body and return the answer, whatever its status; a redirect is not followed."""
    try:
        parts = check(url)
    except InvalidInputError as error:
        raise BlockedError(str(error)) from None
    connection = _connection(parts)
    target = parts._replace(scheme="", netloc="").geturl() or "/"
    try:
        connection.request("POST", target, body, {"User-Agent": "wuyeflow", **headers})
        answer = connection.getresponse()
        return Answer(answer.status, _read(answer))
    finally:
        connection.close()


def is_public(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    """Tell whether an address belongs to the public network, also when it hides in another."""
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is not None:
            return is_public(address.ipv4_mapped)
        if address.sixtofour is not None:
            return is_public(address.sixtofour)
        if address in _NAT64:
            return is_public(ipaddress.IPv4Address(int(address) & 0xFFFFFFFF))
    return address.is_global and not address.is_multicast


def _read(answer: http.client.HTTPResponse) -> bytes:
    """Return the beginning of an answer; one that drips is cut off after a while."""
    until, body = time.monotonic() + TIMEOUT, b""
    while len(body) < _MOST and time.monotonic() < until and (piece := answer.read1(_MOST)):
        body += piece
    return body


def _is_allowed(parts: SplitResult) -> bool:
    allowed = world.current().allowed
    return parts.hostname in allowed or f"{parts.hostname}:{parts.port}" in allowed


def _connection(parts: SplitResult) -> http.client.HTTPConnection:
    host = parts.hostname or ""
    port = parts.port or (443 if parts.scheme == "https" else 80)
    address = _resolve(host, port, free=_is_allowed(parts))
    if parts.scheme == "https":
        return _Secure(host, port, address)
    return _Plain(host, port, address)


def _resolve(host: str, port: int, *, free: bool) -> str:
    """Return the address to connect to; one private address among several refuses them all."""
    found = [str(info[4][0]) for info in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
    if not free and not all(is_public(ipaddress.ip_address(one)) for one in found):
        raise BlockedError(f"{host} leads to a private address")
    return found[0]


class _Plain(http.client.HTTPConnection):
    """A connection to the address that was looked at."""

    def __init__(self, host: str, port: int, address: str) -> None:
        super().__init__(host, port, timeout=TIMEOUT)
        self._address = address

    @override
    def connect(self) -> None:
        self.sock = socket.create_connection((self._address, self.port), self.timeout)


class _Secure(_Plain):
    """The same under TLS: the certificate has to be the name's."""

    @override
    def connect(self) -> None:
        super().connect()
        context = ssl.create_default_context()
        self.sock = context.wrap_socket(self.sock, server_hostname=self.host)
