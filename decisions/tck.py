"""Run a folder of DMN TCK cases and count what passes: `python -m decisions.tck DIR [--json]`."""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lxml import etree

from decisions import dmn
from decisions.feel import texts
from decisions.feel.errors import FeelError
from decisions.feel.values import CONTEXT, equal, kind, number

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_NIL = "{http://www.w3.org/2001/XMLSchema-instance}nil"
_TYPE = "{http://www.w3.org/2001/XMLSchema-instance}type"


@dataclass(frozen=True, slots=True)
class Outcome:
    """One result node of a case; `got` is shown when it failed."""

    folder: str
    case: str
    passed: bool
    expected: Any = None
    got: Any = None


def main(arguments: Sequence[str] | None = None) -> int:
    """Print passed / total per folder and in sum; 0 if all pass."""
    parser = argparse.ArgumentParser(prog="python -m decisions.tck", description=__doc__)
    parser.add_argument("dir", type=Path)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--failed", action="store_true", help="show what each failed case gave")
    options = parser.parse_args(arguments)
    outcomes = list(run(options.dir))
    summary = summarise(outcomes)
    write = sys.stdout.write
    if options.json:
        write(json.dumps(summary, ensure_ascii=False, indent=1) + "\n")
    else:
        for name, folder in summary["folders"].items():
            write(f"{folder['passed']:5} / {folder['total']:5}  {name}\n")
        write(f"{summary['passed']:5} / {summary['total']:5}  total\n")
    if options.failed:
        for one in outcomes:
            if not one.passed:
                write(f"{one.folder} {one.case}: expected {one.expected!r}, got {one.got!r}\n")
    return 0 if summary["passed"] == summary["total"] else 1


def summarise(outcomes: Sequence[Outcome]) -> dict[str, Any]:
    """The counts in the published form."""
    folders: dict[str, dict[str, Any]] = {}
    for one in outcomes:
        folder = folders.setdefault(one.folder, {"passed": 0, "total": 0, "failed": []})
        folder["total"] += 1
        folder["passed"] += one.passed
        if not one.passed:
            folder["failed"].append(one.case)
    passed = sum(one.passed for one in outcomes)
    return {"passed": passed, "total": len(outcomes), "folders": folders}


def run(directory: Path) -> Iterator[Outcome]:
    """Every result node of every case below a directory, folder by folder."""
    folders = {path.parent for path in directory.rglob("*.dmn")}
    for folder in sorted(folders):
        for path in sorted(folder.glob("*.xml")):
            root = etree.fromstring(path.read_bytes(), etree.XMLParser(remove_comments=True))
            if etree.QName(root).localname == "testCases":
                yield from _cases(root, folder)


def _cases(root: etree._Element, folder: Path) -> Iterator[Outcome]:
    try:
        model: dmn.Model | None = _load(folder / (root.findtext("{*}modelName") or "").strip(), {})
    except Exception as error:  # noqa: BLE001 — a model that can't be read fails its own cases only
        model = None
        sys.stderr.write(f"{folder.name}: {error}\n")
    for case in root.iterfind("{*}testCase"):
        for node in case.iterfind("{*}resultNode"):
            name = f"{case.get('id')}/{node.get('name')}"
            yield _outcome(folder.name, name, case, node, model)


def _outcome(
    folder: str, name: str, case: etree._Element, node: etree._Element, model: dmn.Model | None
) -> Outcome:
    expected_element = node.find("{*}expected")
    expected = None if expected_element is None else value_of(expected_element)
    if model is None:
        return Outcome(folder, name, passed=False, expected=expected, got="no model")
    got = _evaluate(model, case, node)
    passed = got is None if node.get("errorResult") == "true" else same(expected, got)
    return Outcome(folder, name, passed=passed, expected=expected, got=got)


def _evaluate(model: dmn.Model, case: etree._Element, node: etree._Element) -> Any:
    given: dict[Any, Any] = {}
    for element in case.iterfind("{*}inputNode"):
        namespace, key = element.get("namespace"), element.get("name") or ""
        given[(namespace, key) if namespace else key] = value_of(element)
    name = _target(model, case, node)
    try:
        value = model.evaluate(name, given).value
    except KeyError:
        return f"no element {name}"
    except FeelError:
        return None
    except Exception as error:  # noqa: BLE001 — a crash is this case's failure, not the run's end
        return f"{type(error).__name__}: {error}"
    if case.get("invocableName") and isinstance(value, dict) and node.get("name") in value:
        return value[node.get("name")]
    return value


def _target(model: dmn.Model, case: etree._Element, node: etree._Element) -> str:
    """The id or name of what a case evaluates: a decision, or the service or model it names."""
    kind = {"bkm": "knowledge", "decisionService": "service"}.get(case.get("type", ""))
    invocable = case.get("invocableName")
    if kind and invocable:
        named = (el.id for el in model.own.values() if el.kind == kind and el.name == invocable)
        return next(named, invocable)
    return node.get("name") or ""


def _load(path: Path, loaded: dict[Path, dmn.Model]) -> dmn.Model:
    """A model with those it imports, which lie in the same folder."""
    if path not in loaded:
        root = etree.fromstring(path.read_bytes())
        wanted = {el.get("namespace") for el in root.iterfind("{*}import")}
        imports = [
            _load(other, loaded)
            for other in sorted(path.parent.glob("*.dmn"))
            if other != path and wanted & {_namespace(other)}
        ]
        loaded[path] = dmn.parse(path.read_bytes(), imports, lenient=True)
    return loaded[path]


def _namespace(path: Path) -> str | None:
    return etree.fromstring(path.read_bytes()).get("namespace")


def value_of(element: etree._Element) -> Any:
    """The value of an `inputNode`, `expected`, `item` or `component`."""
    found = element.find("{*}value")
    if found is not None:
        return _simple(found)
    listed = element.find("{*}list")
    if listed is not None:
        if listed.get(_NIL) == "true":
            return None
        return [value_of(item) for item in listed.iterfind("{*}item")]
    components = element.findall("{*}component")
    if components:
        return {c.get("name"): None if c.get(_NIL) == "true" else value_of(c) for c in components}
    return None


def _simple(element: etree._Element) -> Any:
    text = element.text or ""
    if element.get(_NIL) == "true":
        return None
    type_ = (element.get(_TYPE) or "string").rpartition(":")[2]
    if type_ in {"decimal", "double", "integer", "int", "long", "float"}:
        return CONTEXT.create_decimal(text.strip())
    if type_ == "boolean":
        return text.strip() in {"true", "1"}
    parse = _PARSERS.get(type_)
    return text if parse is None else parse(text.strip())


_PARSERS = {
    "date": texts.parse_date,
    "time": texts.parse_time,
    "dateTime": texts.parse_date_time,
    "duration": texts.parse_duration,
    "dayTimeDuration": texts.parse_duration,
    "yearMonthDuration": texts.parse_duration,
}


def same(expected: Any, got: Any) -> bool:
    """Equal as the TCK compares: numbers to eight decimals, structures entry by entry."""
    a, b = number(expected), number(got)
    if a is not None and b is not None:
        return a == b or abs(a - b) < Decimal("1e-8")
    if isinstance(expected, dict) and isinstance(got, dict):
        return expected.keys() == got.keys() and all(same(v, got[k]) for k, v in expected.items())
    if isinstance(expected, list) and isinstance(got, list):
        return len(expected) == len(got) and all(map(same, expected, got))
    return (
        expected is None
        if got is None
        else kind(expected) == kind(got) and equal(expected, got) is True
    )


if __name__ == "__main__":
    sys.exit(main())
