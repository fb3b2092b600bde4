"""Tests that share what takes long to make run in one process: pytest and xdist agree on it."""

import subprocess
import sys
from pathlib import Path

_GROUP = """
import os
from pathlib import Path

import pytest

pytestmark = pytest.mark.xdist_group("one")


@pytest.mark.parametrize("number", range(12))
def test_where(number):
    Path(__file__).with_name(f"{number}.pid").write_text(str(os.getpid()))
"""


def test_tests_of_a_group_run_in_one_process(tmp_path: Path) -> None:
    (tmp_path / "test_group.py").write_text(_GROUP)

    subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-n", "2", "--dist", "loadgroup", tmp_path],
        cwd=tmp_path, check=True, capture_output=True,
    )  # fmt: skip

    pids = [path.read_text() for path in tmp_path.glob("*.pid")]
    assert len(pids) == 12
    assert len(set(pids)) == 1
