"""The public part of the DMN Technology Compatibility Kit passes (CONFORMANCE_DATA/dmn-tck)."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from decisions import tck

DATA = Path(os.environ["CONFORMANCE_DATA"]) / "dmn-tck"
pytestmark = pytest.mark.conformance


@pytest.mark.parametrize("level", ["compliance-level-2", "compliance-level-3"])
def test_every_case_of_the_level_passes(level: str) -> None:
    summary = tck.summarise(list(tck.run(DATA / level)))

    failed = {
        name: folder["failed"] for name, folder in summary["folders"].items() if folder["failed"]
    }
    assert failed == {}
    assert summary["total"] > 100
