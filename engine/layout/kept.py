"""Keeps hand-made positions: only elements without a place get one, near their neighbours."""

from engine.layout import interchange, source
from engine.layout.plan import Drawing


def complete(root: source.Element, pictures: list[tuple[source.Element, Drawing]]) -> bytes:
    """Return the file with its own places and fresh ones for what had none."""
    return interchange.replace(root, pictures)
