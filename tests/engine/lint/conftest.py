"""Leaves the public models out where their data is not at hand, and says so."""

import os

collect_ignore = [] if os.environ.get("CONFORMANCE_DATA") else ["test_conformance.py"]


def pytest_report_header():
    if collect_ignore:
        return "tests/engine/lint/test_conformance.py left out: CONFORMANCE_DATA is not set"
    return None
