"""Secrets of this installation: from the environment, or made once into a 0600 file."""

import os
import secrets
from collections.abc import Callable
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


def numbers(folder: Path, given: str = "") -> Callable[[], tuple[str, ...]]:
    """Return what gives the secrets that ID numbers are encrypted with, the one in force first.

    The file is read again when it was changed: a running service follows `wuyeflow rotate-keys`.
    """
    path, held = folder / "keys" / "numbers", _Held()

    def ask() -> tuple[str, ...]:
        changed = path.stat().st_mtime_ns if path.exists() and not given else 0
        if not held.parts or held.changed != changed:
            held.parts = _parts(secret(folder, "numbers", given))
            held.changed = changed or (path.stat().st_mtime_ns if not given else 0)
        return held.parts

    return ask


def rotate(folder: Path) -> None:
    """Put a new secret before those that ID numbers are encrypted with."""
    held = _parts(secret(folder, "numbers"))
    _replace(folder / "keys" / "numbers", (secrets.token_urlsafe(48), *held))


def forget(folder: Path) -> int:
    """Drop every secret of ID numbers but the one in force; return how many were dropped."""
    held = _parts(secret(folder, "numbers"))
    _replace(folder / "keys" / "numbers", held[:1])
    return len(held) - 1


class _Held:
    """What was read of a file of secrets, and when that was changed."""

    parts: tuple[str, ...] = ()
    changed: int = 0


def _parts(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())


def _replace(path: Path, parts: tuple[str, ...]) -> None:
    """Write a file of secrets anew, whole or not at all."""
    draft = path.with_suffix(".new")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write(",".join(parts))
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
