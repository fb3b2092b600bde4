"""Lints folders of foreign BPMN files: `python -m tests.conformance.foreign DIR… [--json]`.

`--mutants=N` judges N damaged copies of each file too, for exceptions and nameless refusals alone.

Counts what the lint says as the files are and after the import of their vendor's attributes.
What only this house lacks (forms, roles, handlers, variables) is no refusal here. Every exception
and every refusal without rule or element is a fault; exit 1 then.
"""

import json
import sys
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

from engine import importing, lint
from engine.errors import Problem
from tests.conformance.constraints import OF_THE_HOUSE
from tests.conformance.mutants import mutants_of

#: rules that say: this element or attribute is not in the list of what runs
_NOT_LISTED = frozenset(
    {
        "unknown-element", "unknown-attribute", "unknown-extension", "vendor-extension", "listener",
        "not-executed", "event-definition-refused", "data-refused", "import", "quantity",
        "loop-refused", "compensation-no-wait", "script-missing",
    }
)  # fmt: skip
#: no file of ours to judge: no XML, no BPMN, nothing to execute
_NO_DIAGRAM = ("xml-", "not-bpmn", "no-process", "too-")


def judge(file: Path, mutants: int = 0) -> list[dict[str, Any]]:
    """Lint one file and damaged copies of it; return what came of each."""
    body = file.read_bytes()
    copies = (mutants_of(body, mutants, str(file))) if mutants else ()
    return [judge_one(str(file), body)] + [
        judge_one(f"{file} mutant {number}", copy) for number, copy in enumerate(copies)
    ]


def judge_one(name: str, body: bytes) -> dict[str, Any]:
    """Lint one body as it is and imported; return what came of it."""
    try:
        raw = _errors(body)
        read = _errors(importing.read(body).xml)
    except Exception as error:  # noqa: BLE001 — an exception is what is looked for
        return {"file": name, "fault": f"{type(error).__name__}: {error}"}
    nameless = [one.rule for one in (*raw, *read)
                if not one.rule or (not one.element and not one.rule.startswith(_NO_DIAGRAM))]  # fmt: skip
    if nameless:
        return {"file": name, "fault": f"no element: {sorted(set(nameless))}"}
    return {"file": name, "raw": _verdict(raw), "imported": _verdict(read),
            "rules": sorted({one.rule for one in read}),
            "where": [f"{one.element}: {one.rule}: {one.en}" for one in read][:5]}  # fmt: skip


def _errors(body: bytes) -> list[Problem]:
    found = lint.errors(body, world=lint.World())
    return [one for one in found if one.rule not in OF_THE_HOUSE]


def _verdict(found: list[Problem]) -> str:
    """Return accepted, refused, or why the file does not count: not listed, no diagram."""
    rules = {one.rule for one in found}
    if any(rule.startswith(_NO_DIAGRAM) for rule in rules):
        return "no diagram"
    if rules & _NOT_LISTED:
        return "not listed"
    return "refused" if rules else "accepted"


def main(arguments: list[str]) -> int:
    """Print the figures; exit 1 when there is a fault, 2 when there is no file."""
    folders = [Path(word) for word in arguments if not word.startswith("--")]
    files = sorted(
        file for folder in folders for pattern in ("*.bpmn", "*.bpmn20.xml", "*.bpmn2")
        for file in folder.rglob(pattern) if file.is_file()
    )  # fmt: skip
    if not files:
        print("usage: python -m tests.conformance.foreign DIR… [--json]: no file", file=sys.stderr)
        return 2
    mutants = next((int(word[10:]) for word in arguments if word.startswith("--mutants=")), 0)
    started, results = time.monotonic(), list[dict[str, Any]]()
    with ProcessPoolExecutor() as pool:
        work = pool.map(judge, files, [mutants] * len(files), chunksize=5)
        for number, result in enumerate(work, 1):
            results += result
            if sys.stderr.isatty() and number % 20 == 0:
                print(f"\r{number} of {len(files)}", end="", file=sys.stderr)
    faults = [one for one in results if "fault" in one]
    if "--json" in arguments:
        print(json.dumps(results, ensure_ascii=False))
        return 1 if faults else 0
    for one in faults:
        print(one["file"], one["fault"])
    _summary(results, time.monotonic() - started)
    return 1 if faults else 0


def _summary(results: list[dict[str, Any]], seconds: float) -> None:
    damaged = sum(" mutant " in one["file"] for one in results)
    faults = sum("fault" in one for one in results)
    good = [one for one in results if "fault" not in one and " mutant " not in one["file"]]
    good = [one for one in good if one["raw"] != "no diagram"]
    for word in ("raw", "imported"):
        print(word, dict(Counter(one[word] for one in good)))
    counted = Counter(one["imported"] for one in good)
    listed = counted["accepted"] + counted["refused"]
    print(f"{len(results) - damaged} files and {damaged} damaged copies, {faults} faults,"
          f" {seconds:.0f} s; {len(good)} files have an executable process;"
          f" of {listed} with listed elements only {counted['accepted']} accepted"
          f" ({counted['accepted'] / max(1, listed):.1%})")  # fmt: skip
    rules = Counter(
        rule for one in good if one["imported"] == "refused" for rule in one["rules"]
    )  # fmt: skip
    for rule, count in rules.most_common():
        print(f"{count:6} {rule}")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
