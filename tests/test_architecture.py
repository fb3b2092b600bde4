"""Rules that no linter knows, checked on the source itself."""

import ast
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGES = ("processes", "engine", "forms", "decisions", "api")
SOURCES = sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))
_HOST = re.compile(
    r"https?://(?!\S*(?:funding|sponsor|opencollective|ko-fi|tidelift|patreon))\S+/-/"
)


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


def tracked() -> list[str]:
    found = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return found.stdout.splitlines()


@pytest.mark.parametrize("path", SOURCES, ids=name)
def test_a_file_says_what_it_is_for_and_fits_the_house(path):
    text = path.read_text("utf-8")
    tree = ast.parse(text)

    assert not text or ast.get_docstring(tree), "no docstring"
    assert text.count("\n") <= 300


@pytest.mark.parametrize("path", SOURCES, ids=name)
def test_only_the_edge_commits_and_nothing_is_evaluated(path):
    calls = [
        node for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.Call)
    ]
    attributes = {call.func.attr for call in calls if isinstance(call.func, ast.Attribute)}
    names = {call.func.id for call in calls if isinstance(call.func, ast.Name)}

    if name(path) != "engine/db.py":
        assert not attributes & {"commit", "rollback"}
    assert not names & {"eval", "exec"}


@pytest.mark.parametrize(
    "path", ["requirements.lock", "requirements-dev.lock", "deploy/uv.lock", "deploy/node.lock",
             "web/package-lock.json"],
)  # fmt: skip
def test_a_lock_file_names_no_host(path):
    text = (ROOT / path).read_text("utf-8")

    assert not _HOST.search(text)
    assert "index-url" not in text
    assert '"resolved"' not in text


def test_npm_runs_no_scripts_and_writes_no_hosts():
    settings = (ROOT / "web/.npmrc").read_text("utf-8").split()

    assert {"ignore-scripts=true", "omit-lockfile-registry-resolved=true"} <= set(settings)


def test_no_file_names_a_machine_or_skips_a_test():
    machine = re.compile(r"(?<![\w./~-])/(?:work|root|home)/[\w.-]+")
    skips = re.compile(r"pytest\.(?:mark\.)?(?:skip|skipif|xfail)\b|\b(?:it|test|describe)\.skip\b")
    wrong = []
    for path in tracked():
        if not path.endswith(
            (".py", ".js", ".mjs", ".md", ".toml", ".sh", ".yaml", ".json", "Makefile")
        ):
            continue
        file = ROOT / path
        if not file.is_file() or path == "tests/test_architecture.py":
            continue
        text = file.read_text("utf-8", "replace")
        if machine.search(text):
            wrong.append((path, machine.search(text)[0]))
        if skips.search(text):
            wrong.append((path, "a skipped test"))

    assert wrong == []
