"""Read a `.form` file: strict JSON within sane sizes."""

import json
from collections.abc import Mapping
from hashlib import sha256
from typing import Any, Final

from forms.problems import FormError, fault

MAX_BYTES: Final = 512_000
MAX_DEPTH: Final = 40


def read(source: str | bytes | Mapping[str, Any]) -> Any:
    """Return the JSON of a form; FormError when it is none."""
    if isinstance(source, Mapping):
        return source
    if len(source) > MAX_BYTES:
        raise FormError([fault("too-large", None, limit="512 KB")])
    try:
        text = source.decode("utf-8-sig") if isinstance(source, bytes) else source
        tree = json.loads(text, object_pairs_hook=_unique, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise FormError([fault("json", None, detail=str(error))]) from error
    if _depth(tree) > MAX_DEPTH:
        raise FormError([fault("too-deep", None, limit=MAX_DEPTH)])
    return tree


def digest(source: str | bytes | Mapping[str, Any]) -> str:
    """Return the content hash under which a compiled form is kept."""
    if isinstance(source, Mapping):
        source = json.dumps(source, sort_keys=True, ensure_ascii=False)
    return sha256(source.encode() if isinstance(source, str) else source).hexdigest()


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        keys = [key for key, _ in pairs]
        raise ValueError(f"duplicate key {next(k for k in keys if keys.count(k) > 1)!r}")
    return found


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")


def _depth(tree: Any) -> int:
    level, depth = [tree], 0
    while level and depth <= MAX_DEPTH:
        depth += 1
        level = [
            child
            for value in level
            if isinstance(value, (dict, list))
            for child in (value.values() if isinstance(value, dict) else value)
        ]
    return depth
