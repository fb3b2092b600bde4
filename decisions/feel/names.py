"""Names of several words and signs, recognised where they are in scope (DMN 1.5, 10.3.1.4)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from decisions.feel.lexer import Token, words

if TYPE_CHECKING:
    from collections.abc import Iterable

#: the key under which a branch of the tree holds the name that ends there; no token is empty
_HERE = ""


class Names:
    """Known names of more than one token as a tree of their tokens; the longest that fits wins."""

    __slots__ = ("base", "tree")

    def __init__(self, names: Iterable[str] = (), base: Names | None = None) -> None:
        self.base = base
        self.tree: dict[str, Any] = {}
        for name in names:
            self.add(name)

    def add(self, name: str) -> None:
        parts = words(name)
        if len(parts) < 2:  # noqa: PLR2004  one token needs no help
            return
        branch = self.tree
        for part in parts:
            branch = branch.setdefault(part, {})
        branch[_HERE] = name

    def match(self, tokens: list[Token], index: int) -> tuple[str, int] | None:
        """The longest known name at an index, with the index after it."""
        best: tuple[str, int] | None = None
        layer: Names | None = self
        while layer is not None:
            found = layer.own_match(tokens, index)
            if found is not None and (best is None or found[1] > best[1]):
                best = found
            layer = layer.base
        return best

    def own_match(self, tokens: list[Token], index: int) -> tuple[str, int] | None:
        branch = self.tree.get(tokens[index].text)
        best: tuple[str, int] | None = None
        while branch is not None:
            index += 1
            if _HERE in branch:
                best = branch[_HERE], index
            branch = branch.get(tokens[index].text or None) if index < len(tokens) else None
        return best
