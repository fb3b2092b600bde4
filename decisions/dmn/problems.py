"""What can be wrong with a DMN file, told with a stable code, the element and its line."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Problem:
    """A finding about one element of a file."""

    code: str
    element: str
    line: int
    zh: str
    en: str


class DmnError(ValueError):
    """A file that is no DMN or can't be evaluated truly."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__("；".join(f"{p.element}（第 {p.line} 行）：{p.zh}" for p in problems))
        self.problems = problems
