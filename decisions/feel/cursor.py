"""A place in a list of tokens: look, take, and complain with line and column."""

from __future__ import annotations

from decisions.feel.errors import FeelError, error_at
from decisions.feel.lexer import Token, tokens

#: Longest source that is read.
MAX_LENGTH = 10_000


class Cursor:
    """Stands before the token with index `i`."""

    def __init__(self, source: str) -> None:
        if len(source) > MAX_LENGTH:
            raise error_at(
                source, MAX_LENGTH, "feel.too_long",
                f"表达式超过 {MAX_LENGTH} 个字符",
                f"the expression is longer than {MAX_LENGTH} characters",
            )  # fmt: skip
        self.source = source
        self.tokens = tokens(source)
        self.i = 0

    def next(self) -> Token:
        token = self.tokens[self.i]
        self.i += 1
        return token

    def peek(self, text: str) -> bool:
        return self.tokens[self.i].text == text

    def take(self, text: str) -> bool:
        if self.tokens[self.i].text == text:
            self.i += 1
            return True
        return False

    def need(self, text: str) -> None:
        if not self.take(text):
            raise self.error(
                "feel.syntax", f"这里应为“{text}”{self._found_zh()}",
                f"expected '{text}' here{self._found_en()}",
            )  # fmt: skip

    def unexpected(self) -> FeelError:
        if self.tokens[self.i].kind == "end":
            return self.error("feel.syntax", "表达式不完整", "the expression is incomplete")
        text = self.tokens[self.i].text
        return self.error("feel.syntax", f"这里不能出现“{text}”", f"'{text}' can't stand here")

    def error(self, code: str, zh: str, en: str, at: int | None = None) -> FeelError:
        start = self.tokens[self.i].start if at is None else at
        return error_at(self.source, start, code, zh, en)

    def _found_zh(self) -> str:
        text = self.tokens[self.i].text
        return f"，却是“{text}”" if text else "，表达式却结束了"

    def _found_en(self) -> str:
        text = self.tokens[self.i].text
        return f", found '{text}'" if text else ", found the end"
