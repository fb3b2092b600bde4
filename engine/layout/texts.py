"""How much room a name takes in bpmn-js: Chinese characters are square, others about half."""

import unicodedata
from math import ceil

from engine.layout.plan import GRID

LABEL_SIZE = 11
LABEL_WIDTH = 90
LINE_HEIGHT = 14
TASK_LINE = 6
_LATIN = 0.56


def width(text: str, size: int = LABEL_SIZE) -> int:
    """Return the width of one line in pixels."""
    wide = sum(1 for mark in text if unicodedata.east_asian_width(mark) in "WF")
    return ceil(size * (wide + (len(text) - wide) * _LATIN))


def label(text: str, room: int = LABEL_WIDTH) -> tuple[int, int]:
    """Return width and height of a label beside a shape or a line."""
    lines = 0
    widest = 0
    for part in text.split("\n"):
        length = width(part)
        lines += max(1, ceil(length / (room - 4)))
        widest = max(widest, min(length + 4, room))
    return widest, lines * LINE_HEIGHT


def task_width(text: str) -> int:
    """Return how wide a task is so that its name stays clear of the icon above it."""
    characters = ceil(width(text, 1)) if text else 0
    for wide in (100, 120, 140, 160, 180):
        line = TASK_LINE + (wide - 100) // 12
        if characters <= 2 * line:
            return wide
    return 200


def snapped(value: float, step: int = GRID) -> int:
    """Round up to the grid."""
    return ceil(value / step) * step
