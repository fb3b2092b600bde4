"""How this installation is reached from outside, whom it may reach, and its key for secrets."""

import base64
import hashlib
import hmac
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

_SEAL, _HASH = b"seal", b"hash"


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """What the settings say about the world outside."""

    #: where people reach us, without a slash at its end; empty: messages carry no links
    public_url: str = ""
    company: str = "物业服务中心"
    #: the telephone number that owners may call
    hotline: str = ""
    #: hosts (or host:port) that may be private, or be spoken to without TLS
    allowed: frozenset[str] = frozenset()
    #: seals and signs; the first one is used, all of them open
    keys: tuple[str, ...] = field(default_factory=lambda: (secrets.token_urlsafe(32),))
    #: the group that hears of letters that could not be sent
    keepers: str = "admin"

    def link(self, path: str) -> str:
        """Return an address of a page of ours, or nothing when nobody said where we are."""
        return f"{self.public_url}{path}" if self.public_url else ""


_current: list[World] = [World()]


def use(world: World) -> None:
    """Say how the world looks from here; done once at start."""
    _current[:] = [world]


def current() -> World:
    """Return what the settings say."""
    return _current[0]


def seal(secret: Mapping[str, Any]) -> str:
    """Encrypt what no page may show again (Fernet: AES-128-CBC with HMAC-SHA256)."""
    return str(_fernet().encrypt(json.dumps(dict(secret)).encode()), "ascii")


def unseal(sealed: str) -> dict[str, Any]:
    """Open what was sealed here, also under an older key."""
    opened: dict[str, Any] = json.loads(_fernet().decrypt(sealed.encode()))
    return opened


def keyed(purpose: str, text: str) -> bytes:
    """Return a hash that only this installation can compute."""
    key = _derived(current().keys[0], _HASH)
    return hmac.digest(key, f"{purpose}\0{text}".encode(), "sha256")


def _fernet() -> Any:  # cryptography costs 20 ms to load, and most processes seal nothing
    from cryptography.fernet import Fernet, MultiFernet

    keys = [base64.urlsafe_b64encode(_derived(key, _SEAL)) for key in current().keys]
    return MultiFernet([Fernet(key) for key in keys])


def _derived(key: str, purpose: bytes) -> bytes:
    """Return a key of 32 bytes for one purpose."""
    return hashlib.blake2b(key.encode(), digest_size=32, person=purpose).digest()
