"""The one error of FEEL: what is wrong, where, in Chinese and English, under a stable code."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Problem:
    """A finding about one place of an expression; lines and columns count from 1."""

    code: str
    zh: str
    en: str
    line: int = 1
    column: int = 1


class FeelError(ValueError):
    """An expression that can't be compiled, or an evaluation that went over a safety bound."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(f"{problem.line}:{problem.column} {problem.zh}")
        self.problem = problem
        self.code = problem.code
        self.zh = problem.zh
        self.en = problem.en
        self.line = problem.line
        self.column = problem.column


def error_at(source: str, offset: int, code: str, zh: str, en: str) -> FeelError:
    """The error at a character offset of the source."""
    line = source.count("\n", 0, offset) + 1
    column = offset - (source.rfind("\n", 0, offset) + 1) + 1
    return FeelError(Problem(code, zh, en, line, column))


def limit(zh: str, en: str) -> FeelError:
    """A safety bound was met while evaluating."""
    return FeelError(Problem("feel.limit", zh, en))
