"""What the handbook shows as runnable runs: ```python blocks, and ```console blocks with output."""

import re
import shlex
from pathlib import Path

import pytest

from tests.docs.conftest import ROOT, Run
from tests.docs.tables import DOCS, pages

pytestmark = pytest.mark.slow

_FENCE = re.compile(r"^```(python|console)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_BLOCKS = [
    pytest.param(kind, text, id=f"{page.relative_to(DOCS)}-{number}")
    for page in pages()
    for number, (kind, text) in enumerate(_FENCE.findall(page.read_text(encoding="utf-8")), 1)
    if page.name != "feel.md"  # its own tests run it
]


@pytest.mark.parametrize(("kind", "text"), _BLOCKS)
def test_example_runs_as_shown(kind: str, text: str, run: Run) -> None:
    if kind == "python":
        result = run("-c", text)

        assert result.returncode == 0, result.stderr
        return
    for command, shown in _commands(text):
        words = shlex.split(command)
        assert words[0] == "wuyeflow", f"only wuyeflow is run here, not {words[0]}"

        result = run("-m", "api", *words[1:])

        assert result.stdout.splitlines() == shown, result.stderr


def _commands(text: str) -> list[tuple[str, list[str]]]:
    """Return each command after `$` with the lines that it is said to print."""
    found: list[tuple[str, list[str]]] = []
    for line in text.splitlines():
        if line.startswith("$ "):
            found.append((line[2:], []))
        else:
            found[-1][1].append(line)
    return found


def test_there_are_examples_of_both_kinds() -> None:
    kinds = {block.values[0] for block in _BLOCKS}

    assert kinds == {"python", "console"}
    assert (ROOT / "docs").samefile(Path(DOCS))
