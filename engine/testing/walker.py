"""Runs a scenario step by step through the engine's own functions."""

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import yaml
from sqlalchemy import select

from engine import calendars, clock, instances, occurrences, signals, tasks
from engine.db import Database
from engine.errors import EngineError, InvalidInputError
from engine.models import History, Instance, TaskKind, Tenant
from engine.ports import SYSTEM
from engine.testing import expectations
from engine.testing.passing import DifferenceError, pass_time, settle
from engine.testing.state import (
    Walk,
    Walked,
    compare,
    local,
    moment,
    open_task,
    person,
    span,
)

try:  # ten times as fast, where PyYAML was built with it
    from yaml import CSafeLoader as SafeLoader
except ImportError:
    from yaml import SafeLoader  # type: ignore[assignment]  # the same loader, in Python

_TIME = re.compile(r"(?P<from>now|today)(?:(?P<sign>[+-])(?P<span>P.+))?")


def walk(
    scenario: Path | Mapping[str, Any],
    database: Database,
    *,
    names: Mapping[str, str] | None = None,
) -> Walked:
    """Run a scenario; `names` are further `@name` places of its values, beside `@<role>`.

    Values that a step does not give come from the sample of the step's name (or of its `like`):
    `samples` of the scenario, or the file `_samples.yaml` beside it.
    """
    read = scenario if isinstance(scenario, Mapping) else _read(scenario)
    title = str(read.get("title", "")) or (scenario.stem if isinstance(scenario, Path) else "")
    held = Walk(
        database=database, tenant_id=str(read.get("tenant", "demo")), names=dict(names or {}),
        now=moment(read["at"]), result=Walked(title=title), samples=_samples(scenario, read),
    )  # fmt: skip
    with clock.at(held):
        try:
            _start(held, read)
            for number, step in enumerate(read["steps"], 1):
                _guarded(held, number, step)
        except DifferenceError as difference:
            held.result.difference = str(difference)
        _conclude(held)
    return held.result


def _start(held: Walk, read: Mapping[str, Any]) -> None:
    with held.database.begin() as session:
        if session.get(Tenant, held.tenant_id) is None:
            session.add(Tenant(tenant_id=held.tenant_id, name=held.tenant_id, zone="Asia/Shanghai"))
        calendars.seed(session)
    starter = person(held, str(read["by"]))
    for step in read["steps"]:  # all are there from the beginning: who else may check counts
        if "by" in step:
            person(held, str(step["by"]))
    for name in (*read.get("also", ()), ""):
        with held.database.begin() as session:
            case = instances.start(
                session, starter, str(read["process"]), tenant_id=held.tenant_id,
                variables=read.get("variables") or {},
            )  # fmt: skip
            held.cases[name] = held.root_key = held.result.instance_key = case.key
            held.names[name or "case"] = case.business_key or ""
        settle(held.database)


def _guarded(held: Walk, number: int, step: Mapping[str, Any]) -> None:
    """Do one step; whatever goes wrong is told with the step's number and name."""
    name = (
        step.get("do") or step.get("report") or step.get("signal") or step.get("wait") or "expect"
    )
    try:
        _step(held, step)
    except DifferenceError as difference:
        raise DifferenceError(f"第 {number} 步（{name}）：{difference}") from None
    except EngineError as error:
        fields = f" {error.fields}" if isinstance(error, InvalidInputError) else ""
        raise DifferenceError(f"第 {number} 步（{name}）：{error.code} {error}{fields}") from error


def _step(held: Walk, step: Mapping[str, Any]) -> None:
    if "at" in step:
        pass_time(held.database, held, moment(step["at"]))
    for passing in ("after", "wait"):
        if passing in step:
            pass_time(held.database, held, held.now + span(str(step[passing])))
    held.root_key = held.cases[str(step.get("of", ""))]
    if "do" in step:
        _done_or_refused(held, step, _do)
    if "report" in step:
        _done_or_refused(held, step, _report)
    if "signal" in step:
        _signal(held, step)
    settle(held.database)
    expectations.check(held, step.get("expect") or {})
    held.root_key = held.cases[""]


def _done_or_refused(
    held: Walk, step: Mapping[str, Any], act: Callable[[Walk, Mapping[str, Any]], None]
) -> None:
    """Do a step as one of the people, or be refused as the scenario says."""
    refused = step.get("refused")
    try:
        act(held, step)
    except EngineError as error:
        if refused is None:
            raise
        compare("拒绝", refused, error.code)
        wrong = sorted(error.fields) if isinstance(error, InvalidInputError) else []
        if "fields" in step:
            compare("出错的字段", sorted(step["fields"]), wrong)
        return
    if refused is not None:
        raise DifferenceError(f"应被拒绝（{refused}），却办成了")


def _signal(held: Walk, step: Mapping[str, Any]) -> None:
    """Broadcast a signal in the project, as the clockwork or an adapter would."""
    values = _values(held, step.get("values") or {})
    with held.database.begin() as session:
        signals.broadcast(session, SYSTEM, str(step["signal"]), values, tenant_id=held.tenant_id)


def _do(held: Walk, step: Mapping[str, Any]) -> None:
    """Complete a step's task."""
    element, actor = str(step["do"]), person(held, str(step["by"]))
    values = _filled(held, step, element)
    with held.database.begin() as session:
        task = open_task(session, held, element, TaskKind(step.get("kind", TaskKind.USER)))
        process_id = session.get_one(Instance, task.instance_key).process_id
        tasks.complete(session, actor, task.key, values, files=_file)
    held.result.completed.append((process_id, element))


def _report(held: Walk, step: Mapping[str, Any]) -> None:
    """Report something of the case: withdraw, urge, merge."""
    name, actor = str(step["report"]), person(held, str(step["by"]))
    with held.database.read() as session:
        element = occurrences.get(session, actor, held.root_key, name).element
    values = _filled(held, step, element)
    with held.database.begin() as session:
        occurrences.report(session, actor, held.root_key, name, values, files=_file)


def _filled(held: Walk, step: Mapping[str, Any], element: str) -> dict[str, Any]:
    """Return what a step fills in: its sample with its own values."""
    sample = held.samples.get(str(step.get("like", element)), {})
    values: dict[str, Any] = _values(held, {**sample, **(step.get("values") or {})})
    return values


def _samples(scenario: Path | Mapping[str, Any], read: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values that steps take over unless they give their own."""
    beside = scenario.parent / "_samples.yaml" if isinstance(scenario, Path) else None
    shared = _read(beside) if beside and beside.is_file() else {}
    return {**shared, **(read.get("samples") or {})}


def _read(path: Path) -> dict[str, Any]:
    """Return what a YAML file holds, as a safe loader reads it."""
    found: dict[str, Any] = yaml.load(path.read_bytes(), Loader=SafeLoader)
    return found


def _values(held: Walk, value: Any) -> Any:
    """Return a step's values with `@` places filled in and instants as the forms write them."""
    if isinstance(value, Mapping):
        return {key: _values(held, one) for key, one in value.items()}
    if isinstance(value, list):
        return [_values(held, one) for one in value]
    if isinstance(value, datetime):
        return local(value)
    if isinstance(value, date):
        return value.isoformat()
    return _place(held, value[1:]) if isinstance(value, str) and value[:1] == "@" else value


def _place(held: Walk, name: str) -> str:
    """Fill in `now`, `now-PT10M`, `today+P2D`, a further name, or a person's key by their role."""
    if found := _TIME.fullmatch(name):
        passed = span(found["span"]) if found["span"] else timedelta()
        at = held.now - passed if found["sign"] == "-" else held.now + passed
        text = local(at) or ""
        return text if found["from"] == "now" else text[:10]
    return held.names[name] if name in held.names else str(person(held, name).key)


def _file(file_id: str) -> Mapping[str, Any]:
    """Take any id for an uploaded picture: a scenario has no files."""
    return {"key": file_id, "name": "照片.jpg", "media_type": "image/jpeg", "size": 1}


def _conclude(held: Walk) -> None:
    """Note what the case passed and how it ended."""
    with held.database.read() as session:
        family = {row.key: row for row in instances.family(session, held.root_key)}
        query = select(History).where(History.instance_key.in_(family))
        held.result.passed = frozenset(
            (family[event.instance_key].process_id, element)
            for event in session.scalars(query)
            for element in (event.data or {}).get("path", ())
        )
        if held.root_key in family:
            held.result.end = family[held.root_key].end_element
