"""Leaves betsy's models out where the data is not at hand, and says so."""

import os

collect_ignore = [] if os.environ.get("CONFORMANCE_DATA") else ["test_betsy.py"]


def pytest_report_header():
    if collect_ignore:
        return "tests/conformance/test_betsy.py left out: CONFORMANCE_DATA is not set"
    return None
