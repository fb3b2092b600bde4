"""An installation without demonstration data, in which the handbook's examples run."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Run Python in the project's folder, on a migrated installation of the module's own."""
    folder = tmp_path_factory.mktemp("installation")
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("WUYEFLOW_")},
        "WUYEFLOW_FOLDER": str(folder),
        "WUYEFLOW_DATABASE_URL": f"sqlite:///{folder}/wuyeflow.db",
        "PYTHONPATH": str(ROOT),
    }

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-W", "error", *arguments], cwd=ROOT, env=environment,
            capture_output=True, text=True, check=False, timeout=120,
        )  # fmt: skip

    prepared = run("-m", "api", "migrate")
    assert prepared.returncode == 0, prepared.stderr
    return run
