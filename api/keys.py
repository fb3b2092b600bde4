"""Secrets of this installation: from the environment, or made once into a 0600 file."""

import os
import secrets
from pathlib import Path

from engine import signing


def secret(folder: Path, name: str, given: str = "") -> str:
    """Return the given secret, else the one in `folder/keys/name`, made at first use."""
    if given:
        return given
    path = folder / "keys" / name
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text(encoding="ascii")
    made = secrets.token_urlsafe(48)
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write(made)
        file.flush()
        os.fsync(file.fileno())
    return made


def keyring(folder: Path, given: str = "") -> signing.Keyring:
    """Return what signs history; the public keys of every secret so far stay in `history.pub`."""
    held = secret(folder, "history", given)
    path = folder / "keys" / "history.pub"
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    known = path.read_text(encoding="ascii").split() if path.exists() else []
    made = signing.keyring(held, map(bytes.fromhex, known))
    own = made.public[made.key_id].hex()
    if own not in known:
        with path.open("a", encoding="ascii") as file:
            file.write(f"{own}\n")
    return made
