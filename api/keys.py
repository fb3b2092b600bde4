"""Secrets of this installation: from the environment, or made once into a 0600 file."""

import os
import secrets
from pathlib import Path


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
