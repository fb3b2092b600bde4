"""What is broken on purpose must be noticed by the same checks that the walks must pass."""

from pathlib import Path

import pytest

from tests.invariants.breaking import BREAKINGS, Breaking
from tests.invariants.checks import CHECKS, Broken
from tests.invariants.walker import walk
from tests.invariants.world import Template

#: walks taken at most until it is noticed
PATIENCE = 60


@pytest.mark.parametrize("breaking", BREAKINGS, ids=lambda one: f"{one.number}: {one.name}")
def test_notices(breaking: Breaking, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    template = Template(tmp_path, breaking.change)
    if breaking.patch is not None:
        breaking.patch(monkeypatch)

    with pytest.raises(Broken, match=f"^invariant {breaking.number}:"):
        for number in (*breaking.first, *range(PATIENCE)):
            CHECKS[breaking.number](walk(template, breaking.walks, number))


def test_every_invariant_is_broken_once() -> None:
    assert {one.number for one in BREAKINGS} == set(CHECKS)
