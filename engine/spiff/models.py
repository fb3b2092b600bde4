"""Parses diagrams into models, keeps the compiled ones, and says why one is refused."""

import hashlib
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import replace
from threading import Lock
from types import MappingProxyType

from engine.errors import DefinitionRefused, Problem
from engine.spiff import checks, safexml, undoing
from engine.spiff.builder import Builder
from engine.spiff.dialect import Reader
from engine.spiff.elements import Model
from engine.spiff.problems import Report

_KEPT = 256
_cache: OrderedDict[str, Model] = OrderedDict()
_lock = Lock()


def parse(xml: bytes) -> Model:
    """Compile a diagram, or raise DefinitionRefused with every problem found."""
    found, problems = outline(xml)
    if problems:
        raise DefinitionRefused(problems)
    return found


def model(key: str, load: Callable[[], bytes]) -> Model:
    """Return the model of a hash; `load` fetches the XML only when it is not kept."""
    known = _kept(key)
    return known if known is not None else parse(load())


def refusals(xml: bytes) -> tuple[Problem, ...]:
    """Return why the diagram can't be run truly; empty when it can."""
    return outline(xml)[1]


def outline(xml: bytes) -> tuple[Model, tuple[Problem, ...]]:
    """Return what could be read, even of a refused diagram, and why it is refused."""
    key = hashlib.sha256(xml).hexdigest()
    known = _kept(key)
    if known is not None:
        return known, ()
    found, problems = _read(xml, key)
    return (found if problems else _keep(found)), problems


def _read(xml: bytes, key: str) -> tuple[Model, tuple[Problem, ...]]:
    report = Report()
    try:
        root = safexml.read(xml)
    except safexml.Unreadable as unreadable:
        return Model(hash=key, processes={}), (unreadable.problem,)
    processes = Reader(root, report).processes()
    for process in processes.values():
        checks.check(process, report)
        undoing.check(process, report)
    if report.problems:
        return Model(hash=key, processes=processes), tuple(report.problems)
    runnable = {}
    for name, process in processes.items():
        builder = Builder(process, report)
        runnable[name] = builder.build()
        reads = frozenset(path[0] for usage in builder.formulas.usages for path in usage.names)
        processes[name] = replace(process, reads=reads, expressions=tuple(builder.formulas.usages))
    found = Model(
        hash=key, processes=MappingProxyType(processes), runnable=MappingProxyType(runnable)
    )
    return found, tuple(report.problems)


def _kept(key: str) -> Model | None:
    with _lock:
        if key not in _cache:
            return None
        _cache.move_to_end(key)
        return _cache[key]


def _keep(found: Model) -> Model:
    with _lock:
        _cache[found.hash] = found
        while len(_cache) > _KEPT:
            _cache.popitem(last=False)
    return found
