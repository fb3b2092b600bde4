"""Values that are kept encrypted: ID numbers and their like, found by a keyed hash, never in clear.

AES-256-GCM under a key whose id stands with each value, so that keys can be changed and older
values stay readable. `forms.masks` says how a stored value looks and what is shown of it.
"""

import base64
import functools
import hashlib
import hmac
import os
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from engine.errors import N_, EngineError
from forms import masks

_NONCE = 12
_CIPHER, _FINDER, _NAME = b"cipher", b"finder", b"name"


class KeyMissingError(EngineError):
    """A value was encrypted under a key that this installation does not have."""

    code = "key-missing"


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """One key: its id, what encrypts, and what makes the hashes that values are found by."""

    id: str
    cipher: bytes
    finder: bytes


#: gives the secrets that keys are made of, the one in force first; asked again before each use
_source: list[Callable[[], tuple[str, ...]]] = []
#: the secret of this process alone, while there is no source: for sandboxes, scenarios and tests
_FOR_NOW = (secrets.token_urlsafe(32),)


def use(source: Callable[[], tuple[str, ...]]) -> None:
    """Say where the secrets are; done once at start."""
    _source[:] = [source]


def encrypt(text: str) -> str:
    """Return a value as it is stored."""
    key = _keys()[0]
    shown = masks.mask(text)
    nonce = os.urandom(_NONCE)
    sealed = nonce + _aead(key.cipher).encrypt(nonce, text.encode(), _bound(shown))
    code = base64.urlsafe_b64encode(sealed).decode()
    return f"{masks.PREFIX}{shown}:{key.id}:{code}"


def decrypt(stored: str) -> str:
    """Return a stored value in clear; the caller keeps the record of who asked and why."""
    shown, key_id, code = stored.removeprefix(masks.PREFIX).rsplit(":", 2)
    key = next((one for one in _keys() if one.id == key_id), None)
    if key is None:
        raise KeyMissingError(N_("这个号码用密钥 {key} 加密，而这里没有这把密钥。"), key=key_id)
    sealed = base64.urlsafe_b64decode(code)
    nonce, text = sealed[:_NONCE], sealed[_NONCE:]
    return str(_aead(key.cipher).decrypt(nonce, text, _bound(shown)), "utf-8")


def key_of(stored: str) -> str:
    """Return the id of the key that a value was encrypted under."""
    return stored.rsplit(":", 2)[1]


def current_key() -> str:
    """Return the id of the key in force."""
    return _keys()[0].id


def finder(text: str) -> str:
    """Return the hash that a value is found by; only this installation can compute it."""
    return _finder(_keys()[0], text)


def finders(text: str) -> tuple[str, ...]:
    """Return the hashes under every key that is kept: some rows may still wait for the new one."""
    return tuple(_finder(key, text) for key in _keys())


def stored_in(data: Mapping[str, Any]) -> list[str]:
    """Return the encrypted values of a submission."""
    return [value for value in data.values() if masks.is_stored(value)]


def masked(data: Mapping[str, Any]) -> dict[str, Any]:
    """Return a submission with its encrypted values masked."""
    return {k: masks.masked(v) if masks.is_stored(v) else v for k, v in data.items()}


def _finder(key: Key, text: str) -> str:
    return hmac.digest(key.finder, text.strip().upper().encode(), "sha256").hex()[:32]


def _keys() -> tuple[Key, ...]:
    return tuple(_key(secret) for secret in (_source[0]() if _source else _FOR_NOW))


@functools.cache
def _key(secret: str) -> Key:
    return Key(
        id=_derived(secret, _NAME).hex()[:8], cipher=_derived(secret, _CIPHER),
        finder=_derived(secret, _FINDER),
    )  # fmt: skip


def _derived(secret: str, purpose: bytes) -> bytes:
    return hashlib.blake2b(secret.encode(), digest_size=32, person=purpose).digest()


def _bound(shown: str) -> bytes:
    """Bind what is shown to the encrypted value, so that nobody puts another mask before it."""
    return f"wuyeflow secret 1 {shown}".encode()


def _aead(key: bytes) -> Any:  # cryptography costs 20 ms to load, and most processes need none
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    return AESGCM(key)
