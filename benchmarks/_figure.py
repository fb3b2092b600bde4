"""One figure: its value, what it is compared with, and whether its goal is met."""

from typing import Any


def figure(  # noqa: PLR0913 — a figure has that many columns
    name: str,
    value: float,
    unit: str,
    *,
    compared_with: str = "",
    ratio: float | None = None,
    goal: str = "",
    met: bool | None = None,
) -> dict[str, Any]:
    """Return a figure as `make bench` prints it."""
    return {
        "name": name,
        "value": _short(value),
        "unit": unit,
        "compared_with": compared_with,
        "ratio": None if ratio is None else _short(ratio),
        "goal": goal,
        "met": met,
    }


def _short(number: float) -> float:
    return round(number, 3) if abs(number) < 100 else round(number)
