"""Say in the summary when the public conformance data is not there to test against."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _pytest.terminal import TerminalReporter

collect_ignore = [] if os.environ.get("CONFORMANCE_DATA") else ["test_conformance.py"]


def pytest_terminal_summary(terminalreporter: TerminalReporter) -> None:
    if collect_ignore:
        terminalreporter.write_line(
            "tests/decisions/test_conformance.py left out: CONFORMANCE_DATA is not set", yellow=True
        )
