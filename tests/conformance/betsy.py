"""Runs a folder laid out like betsy's data: `python -m tests.conformance.betsy DIR [--json]`.

Every model is put in force by our own deployment, on a SQLite file, and each case runs through the
product: instances, jobs, timers, messages and signals in rows. For each test: exact (every case
gives its trace, or a model that breaks BPMN is refused), refused (with rule and element) or wrong.
Traces of parallel branches have no order, so they are compared as betsy compares them: without it.
"""

import json
import logging
import sys
import tempfile
from collections import Counter
from datetime import timedelta
from pathlib import Path
from typing import Any

from lxml import etree

from engine import spiff
from engine.errors import DefinitionRefused
from tests.conformance.tokens import translate
from tests.conformance.world import Stock, World

#: betsy's group of models that break BPMN
_BROKEN = "errors"


class LayoutError(Exception):
    """The folder is not laid out like betsy's data."""


def read(folder: Path) -> list[dict[str, Any]]:
    """Return the tests of a folder; LayoutError says what is missing."""
    file = folder / "expected_traces.json"
    try:
        tests = json.loads(file.read_text("utf-8"))
    except OSError as error:
        raise LayoutError(f"{file}: {error.strerror}") from error
    except ValueError as error:
        raise LayoutError(f"{file}: no JSON ({error})") from error
    if not isinstance(tests, list):
        raise LayoutError(f"{file}: a list of tests is expected")
    for test in tests:
        missing = {"name", "file", "cases"} - set(test) if isinstance(test, dict) else {"name"}
        if missing:
            raise LayoutError(f"{file}: a test has no {', '.join(sorted(missing))}")
    return tests


def judge(folder: Path, test: dict[str, Any], stock: Stock) -> dict[str, Any]:
    """Deploy one model and run all its cases."""
    result = {"name": test["name"], "result": "exact", "element": None, "rule": None}
    try:
        xml = translate((folder / test["file"]).read_bytes())
        with stock.deployed(xml) as file:
            return result | _cases(spiff.parse(xml), file, test, stock)
    except etree.XMLSyntaxError as error:
        return result | {"result": "refused", "rule": "xml-not-well-formed", "why": str(error)}
    except DefinitionRefused as refused:
        first = next((one for one in refused.problems if one.element), refused.problems[0])
        broken = test.get("group") == _BROKEN
        return result | {"element": first.element, "rule": first.rule, "why": first.en,
                         "result": "exact" if broken else "refused"}  # fmt: skip


def _cases(
    model: spiff.Model, file: Path, test: dict[str, Any], stock: Stock
) -> dict[str, Any]:  # fmt: skip
    process = test["name"] if test["name"] in model.processes else _first(model)
    by_hand = [] if _starts_by_time(model.processes[process]) else [process]
    for case in test["cases"]:
        beside = _beside(model, process) if case.get("par") else []
        with stock.copy(file) as database:
            world = World(database)
            world.run(
                [*beside, *by_hand],
                {"integerVariable": case.get("int") or 0, "test": case.get("input") or ""},
                patience=timedelta(milliseconds=case.get("delay") or 0),
            )
        marked = "MARKER_exists" in case["trace"]
        trace = [mark for mark in world.trace if marked or mark != "MARKER_exists"]
        if Counter(trace) != Counter(case["trace"]):
            return {"result": "wrong", "expected": case["trace"], "trace": trace}
    return {}


def _beside(model: spiff.Model, process: str) -> list[str]:
    """Return the processes that a parallel case starts too."""
    return [
        other.id for other in model.processes.values()
        if other.id != process and any(not element.events for element in other.starts)
    ]  # fmt: skip


def _starts_by_time(process: spiff.Process) -> bool:
    """Tell whether a process waits for its hour, as its deployment made it do."""
    starts = process.starts
    return bool(starts) and all(any(e.kind == "timer" for e in one.events) for one in starts)


def _first(model: spiff.Model) -> str:
    """Return the process that starts without a trigger."""
    for process in model.processes.values():
        if any(not element.events for element in process.starts):
            return process.id
    return next(iter(model.processes))


def run(folder: Path) -> list[dict[str, Any]]:
    """Return the result of every test whose model is there."""
    tests = read(folder)
    logging.disable(logging.CRITICAL)  # a timer that fails is a line of the result, not of a log
    memory = Path("/dev/shm")  # noqa: S108 — files of one run, in memory where there is such a place
    with tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else None) as scratch:
        stock = Stock(Path(scratch))
        return [judge(folder, test, stock) for test in tests if (folder / test["file"]).is_file()]


def main(arguments: list[str]) -> int:
    """Print the results; exit 1 when anything is wrong, 2 when the folder can't be read."""
    folders = [word for word in arguments if not word.startswith("--")]
    if len(folders) != 1:
        print("usage: python -m tests.conformance.betsy DIR [--json]", file=sys.stderr)
        return 2
    try:
        results = run(Path(folders[0]))
    except LayoutError as error:
        print(error, file=sys.stderr)
        return 2
    counts = Counter(result["result"] for result in results)
    if "--json" in arguments:
        keys = ("name", "result", "element", "rule")
        told = {"tests": [{key: result[key] for key in keys} for result in results]}
        print(json.dumps(told, ensure_ascii=False))
    else:
        for result in results:
            if result["result"] != "exact":
                print({key: value for key, value in result.items() if value is not None})
        print(dict(counts), f"{counts['exact'] / max(1, len(results)):.1%} exact")
    return 1 if counts["wrong"] else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
