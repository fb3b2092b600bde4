"""Names of several words and signs, recognised where they are in scope (DMN 1.5, 10.3.1.4)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from decisions.feel.lexer import Token, words

if TYPE_CHECKING:
    from collections.abc import Iterable


class Names:
    """Known names of more than one token, by their first; the longest that fits wins."""

    __slots__ = ("by_first",)

    def __init__(self, names: Iterable[str] = (), base: Names | None = None) -> None:
        self.by_first: dict[str, tuple[tuple[tuple[str, ...], str], ...]] = (
            dict(base.by_first) if base else {}
        )
        for name in names:
            self.add(name)

    def add(self, name: str) -> None:
        parts = words(name)
        if len(parts) < 2:  # noqa: PLR2004  one token needs no help
            return
        entry = (parts, name)
        known = self.by_first.get(parts[0], ())
        if entry not in known:
            ranked = sorted((*known, entry), key=lambda e: -len(e[0]))
            self.by_first[parts[0]] = tuple(ranked)

    def match(self, tokens: list[Token], index: int) -> tuple[str, int] | None:
        """The longest known name at an index, with the index after it."""
        candidates = self.by_first.get(tokens[index].text)
        for parts, name in candidates or ():
            end = index + len(parts)
            if end < len(tokens) and all(
                token.text == part for token, part in zip(tokens[index:end], parts, strict=True)
            ):
                return name, end
        return None
