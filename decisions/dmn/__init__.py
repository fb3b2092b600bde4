"""DMN 1.2–1.5: parse a model once, evaluate its decisions many times, and see why.

model = dmn.parse(xml)
result = model.evaluate("complaint_priority", {"kind": "noise", "danger": True})
result.value, result.trace
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from decisions.dmn.checks import Finding, check
from decisions.dmn.documents import read
from decisions.dmn.hits import Hit
from decisions.dmn.models import Decision, Model, Result
from decisions.dmn.problems import DmnError, Problem

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = [
    "Decision",
    "DmnError",
    "Finding",
    "Hit",
    "Model",
    "Problem",
    "Result",
    "check",
    "parse",
]


def parse(xml: bytes, imports: Iterable[Model] = (), *, lenient: bool = False) -> Model:
    """The model of a DMN file; DmnError names everything that is wrong with it.

    `imports` are the models it imports. A lenient parse keeps going: what is wrong evaluates to
    null, as the specification has it, and stands in `model.problems`.
    """
    model = Model(read(xml), imports)
    if model.problems and not lenient:
        raise DmnError(tuple(model.problems))
    return model
