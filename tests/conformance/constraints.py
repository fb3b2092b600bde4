"""Lints models that each break one BPMN rule: `python -m tests.conformance.constraints DIR [--json]`.

Every one should be refused with rule and element. The world is empty of forms, roles and handlers
on purpose, but what is missing only there does not count as a refusal.
"""

import json
import sys
from collections import Counter
from pathlib import Path
from typing import Any

from engine import lint

#: rules about this house, not about BPMN: a refusal must rest on more than these
_OF_THE_HOUSE = frozenset(
    {
        "unknown-form", "unknown-decision", "unknown-process", "unknown-handler", "unknown-role",
        "unknown-group", "no-performer", "unknown-step", "unknown-variable", "task-definition-missing",
    }
)  # fmt: skip


def judge(folder: Path, file: Path) -> dict[str, Any]:
    """Lint one model; the first problem with an element speaks for it."""
    found = [
        one
        for one in lint.errors(file.read_bytes(), world=lint.World())
        if one.rule not in _OF_THE_HOUSE
    ]
    first = next((one for one in found if one.element), found[0] if found else None)
    return {
        "name": file.relative_to(folder).with_suffix("").as_posix(),
        "result": "refused" if first else "accepted",
        "element": first.element if first else None,
        "rule": first.rule if first else None,
        "line": first.line if first else None,
        "rules": sorted({one.rule for one in found}),
    }


def main(arguments: list[str]) -> int:
    """Print the results; exit 1 when a model is accepted."""
    folder = Path(next(word for word in arguments if not word.startswith("--")))
    results = [judge(folder, file) for file in sorted(folder.rglob("*.bpmn"))]
    counts = Counter(result["result"] for result in results)
    if "--json" in arguments:
        print(json.dumps({"tests": results}, ensure_ascii=False))
    else:
        for result in results:
            print(result["result"], result["name"], result["element"], ", ".join(result["rules"]))
        named = sum(1 for result in results if result["element"])
        print(
            f"{counts['refused']} of {len(results)} refused"
            f" ({counts['refused'] / max(1, len(results)):.1%}), {named} with an element"
        )
    return 1 if counts["accepted"] else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
