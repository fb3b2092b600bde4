"""Lints models that each break one BPMN rule: `python -m tests.conformance.constraints DIR [--json]`.

Every one should be refused with rule and element. Tokens are mapped as for betsy's tests, and the
world is empty of forms, roles and handlers on purpose: what is missing only there is no refusal.
"""

import json
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

from lxml import etree

import processes
from engine import lint
from engine.errors import Problem
from engine.lint.foreign import OF_THE_HOUSE
from tests.conformance.tokens import translate

#: what often only follows from another problem: it speaks for the model when nothing else does
_CONSEQUENCES = frozenset(
    {
        "no-start", "no-end", "no-process", "no-incoming", "no-outgoing", "unreachable", "endless",
        "dead-end", "subprocess-start", "missing-id", "flow-ends-nowhere", "flow-mismatch",
        "gateway-direction", "gateway-idle", "lonely-condition", "join-never", "unknown-element",
        "unknown-attribute", "wrong-reference",
    }
)  # fmt: skip
#: of these the one named first is the likelier cause
_ORDER = ("flow-ends-nowhere", "missing-id", "wrong-reference", "unknown-element",
          "unknown-attribute", "flow-mismatch", "subprocess-start")  # fmt: skip


def judge(folder: Path, file: Path) -> dict[str, Any]:
    """Lint one model; the likeliest cause speaks for it."""
    found = [one for one in _errors(file.read_bytes()) if one.rule not in OF_THE_HOUSE]
    first = min(found, key=_rank, default=None)
    return {
        "file": file.relative_to(folder).as_posix(),
        "result": "refused" if first else "accepted",
        "element": first.element if first else None,
        "rule": first.rule if first else None,
        "rules": sorted({one.rule for one in found}),
    }


def _rank(problem: Problem) -> tuple[bool, bool, int]:
    """Order the problems: with an element, then causes before consequences."""
    later = _ORDER.index(problem.rule) if problem.rule in _ORDER else len(_ORDER)
    return problem.element is None, problem.rule in _CONSEQUENCES, later


def _errors(xml: bytes) -> tuple[Problem, ...]:
    with suppress(etree.XMLSyntaxError):  # the lint says better what is no XML
        xml = translate(xml)
    return lint.errors(xml, world=lint.World())


def main(arguments: list[str]) -> int:
    """Print the results; exit 1 when a model is accepted, 2 when there is no model."""
    folders = [Path(word) for word in arguments if not word.startswith("--")]
    if len(folders) != 1:
        print("usage: python -m tests.conformance.constraints DIR [--json]", file=sys.stderr)
        return 2
    files = sorted(file for file in folders[0].rglob("*.bpmn*") if file.is_file())
    if not files:
        print(f"{folders[0]}: no .bpmn file", file=sys.stderr)
        return 2
    results = [judge(folders[0], file) for file in files]
    refused = [one for one in results if one["result"] == "refused"]
    accepted = [one["file"] for one in results if one["result"] == "accepted"]
    if "--json" in arguments:
        keys = ("file", "element", "rule")
        told = [{key: one[key] for key in keys} for one in refused]
        print(json.dumps({"refused": told, "accepted": accepted, "total": len(results)},
                         ensure_ascii=False))  # fmt: skip
    else:
        for one in results:
            print(one["result"], one["file"], one["element"], ", ".join(one["rules"]))
        named = sum(1 for one in refused if one["element"])
        print(f"{len(refused)} of {len(results)} refused"
              f" ({len(refused) / len(results):.1%}), {named} with an element")  # fmt: skip
    return 1 if accepted else 0


if __name__ == "__main__":
    processes.register()  # the house's words in FEEL and limits, as everywhere else
    sys.exit(main(sys.argv[1:]))
