"""The key that signs history, and the public keys that older signatures are checked with.

Ed25519: whoever has the public keys can check, only the installation can sign. A key is known by
the beginning of its fingerprint, so that it can be changed and old seals stay valid.
"""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey


@dataclass(frozen=True, slots=True, kw_only=True)
class Keyring:
    """What signs (`key_id`), and every public key by its id."""

    key_id: str
    private: Ed25519PrivateKey
    public: Mapping[str, bytes]

    def sign(self, message: bytes) -> bytes:
        """Sign with the key in force."""
        return self.private.sign(message)

    def holds(self, key_id: str, message: bytes, signature: bytes) -> bool:
        """Tell whether the key of this id signed the message; an unknown key signs nothing."""
        if key_id not in self.public:
            return False
        try:
            Ed25519PublicKey.from_public_bytes(self.public[key_id]).verify(signature, message)
        except InvalidSignature:
            return False
        return True


def keyring(secret: str, known: Iterable[bytes] = ()) -> Keyring:
    """Make the key of a secret; `known` are the public keys of secrets used before."""
    seed = hashlib.sha256(f"wuyeflow history {secret}".encode()).digest()
    private = Ed25519PrivateKey.from_private_bytes(seed)
    own = private.public_key().public_bytes_raw()
    return Keyring(
        key_id=key_id(own), private=private, public={key_id(one): one for one in (*known, own)}
    )


def key_id(public: bytes) -> str:
    """Return the short name of a public key."""
    return hashlib.sha256(public).hexdigest()[:16]
