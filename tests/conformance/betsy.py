"""Runs a folder laid out like betsy's data: `python -m tests.conformance.betsy DIR [--json]`.

For each test: exact (every case gives its trace, or a model that breaks BPMN is refused), refused
(with rule and element) or wrong. Traces of parallel branches have no order, so they are compared
as betsy compares them: without order.
"""

import json
import sys
from collections import Counter
from datetime import timedelta
from pathlib import Path
from typing import Any

from engine import spiff
from engine.errors import DefinitionRefused, EngineError
from tests.conformance.tokens import translate
from tests.conformance.world import World

#: betsy's group of models that break BPMN
_BROKEN = "errors"
#: what an engine may report for a broken model instead of running it
_ERRORS = ("ERROR", "ERROR_runtime", "ERROR_deployment")


def judge(folder: Path, test: dict[str, Any]) -> dict[str, Any]:
    """Run all cases of one test."""
    result = {"name": test["name"], "result": "exact", "element": None, "rule": None}
    try:
        model = spiff.parse(translate((folder / test["file"]).read_bytes()))
    except DefinitionRefused as refused:
        first = refused.problems[0]
        broken = test["group"] == _BROKEN
        result |= {"element": first.element, "rule": first.rule,
                   "result": "exact" if broken else "refused"}  # fmt: skip
        return result
    for case in test["cases"]:
        trace = _run(model, test, case)
        if Counter(trace) != Counter(case["trace"]):
            result |= {"result": "wrong", "expected": case["trace"], "trace": trace}
            return result
    return result


def _run(model: spiff.Model, test: dict[str, Any], case: dict[str, Any]) -> list[str]:
    world = World(model)
    variables = {"integerVariable": case["int"], "test": case["input"] or ""}
    process = test["name"] if test["name"] in model.processes else _first(model)
    try:
        world.run(
            process, variables, patience=timedelta(milliseconds=case["delay"] or 0),
            beside=_beside(model, process) if case["par"] else [],
        )  # fmt: skip
    except EngineError as error:
        return [*world.trace, f"{error.code}: {error}"]
    marked = "MARKER_exists" in case["trace"]
    return [mark for mark in world.trace if marked or mark != "MARKER_exists"]


def _beside(model: spiff.Model, process: str) -> list[str]:
    """Return the processes that a parallel case starts too."""
    return [
        other.id for other in model.processes.values()
        if other.id != process and any(not element.events for element in other.starts)
    ]  # fmt: skip


def _first(model: spiff.Model) -> str:
    """Return the process that starts without a trigger."""
    for process in model.processes.values():
        if any(not element.events for element in process.starts):
            return process.id
    return next(iter(model.processes))


def main(arguments: list[str]) -> int:
    """Print the results; exit 1 when anything is wrong."""
    folder = Path(next(word for word in arguments if not word.startswith("--")))
    tests = json.loads((folder / "expected_traces.json").read_text("utf-8"))
    results = [judge(folder, test) for test in tests if (folder / test["file"]).exists()]
    counts = Counter(result["result"] for result in results)
    if "--json" in arguments:
        keys = ("name", "result", "element", "rule")
        print(
            json.dumps(
                {"tests": [{key: r[key] for key in keys} for r in results]}, ensure_ascii=False
            )
        )
    else:
        for result in results:
            if result["result"] != "exact":
                print({key: value for key, value in result.items() if value is not None})
        print(dict(counts), f"{counts['exact'] / max(1, len(results)):.1%} exact")
    return 1 if counts["wrong"] else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
