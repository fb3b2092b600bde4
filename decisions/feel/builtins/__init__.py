"""The built-in functions of FEEL (DMN 1.5, 10.3.4), one module a section of the specification.

conversions: 10.3.4.1 · numbers: 10.3.4.5 · strings: 10.3.4.3 · patterns: `matches`, `replace`,
`split` · lists, positions, statistics: 10.3.4.4 · temporals: 10.3.4.6, 10.3.4.8 · intervals: 10.3.4.9
· contexts: 10.3.4.10
"""

from decisions.feel.builtins import (
    contexts,
    conversions,
    intervals,
    lists,
    numbers,
    patterns,
    positions,
    statistics,
    strings,
    temporals,
)
from decisions.feel.builtins.define import BUILTINS

__all__ = [
    "BUILTINS",
    "contexts",
    "conversions",
    "intervals",
    "lists",
    "numbers",
    "patterns",
    "positions",
    "statistics",
    "strings",
    "temporals",
]
