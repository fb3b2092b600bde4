"""The shipped forms: `complaint/T1_record` is `forms/complaint/T1_record.form`."""

from functools import cache
from pathlib import Path

from forms.cache import parse
from forms.form import Form

ROOT = Path(__file__).parent


@cache
def load(key: str) -> Form:
    """Return a shipped form by its key; KeyError when there is none."""
    return parse(source(key))


def source(key: str) -> bytes:
    """Return the bytes of a shipped form's file."""
    path = (ROOT / f"{key}.form").resolve()
    if not path.is_relative_to(ROOT) or not path.is_file():
        raise KeyError(key)
    return path.read_bytes()


def keys() -> tuple[str, ...]:
    """Return the keys of all shipped forms, in order."""
    found = ROOT.glob("*/*.form")
    return tuple(sorted(path.relative_to(ROOT).with_suffix("").as_posix() for path in found))
