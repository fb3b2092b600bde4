"""What a scenario may expect after a step: one word, one check."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlalchemy.orm import Session

from engine.models import Instance, InstanceState, TaskKind
from engine.testing.passing import DifferenceError
from engine.testing.state import (
    Walk,
    compare,
    local,
    moment,
    open_task,
    open_tasks,
)


def check(held: Walk, expected: Mapping[str, Any]) -> None:
    """Compare everything that a step expects; raise DifferenceError at the first difference."""
    with held.database.read() as session:
        for what, value in expected.items():
            test = _CHECKS.get(what)
            if test is None:
                raise DifferenceError(f"不认识的期望 {what}")
            test(session, held, value)


def _expect_open(session: Session, held: Walk, elements: Sequence[str]) -> None:
    found = [task.element for task in open_tasks(session, held) if task.kind == TaskKind.USER]
    compare("待办", sorted(elements), sorted(found))


def _expect_supervised(session: Session, held: Walk, groups: Sequence[str]) -> None:
    found = [task.group for task in open_tasks(session, held) if task.kind == TaskKind.SUPERVISE]
    compare("督办", sorted(groups), sorted(map(str, found)))


def _expect_due(session: Session, held: Walk, due: Mapping[str, Any]) -> None:
    for element, instant in due.items():
        task = open_task(session, held, element)
        wanted = None if instant is None else moment(instant)
        compare(f"{element} 的到期时刻", local(wanted), local(task.due_at))


def _expect_late(session: Session, held: Walk, elements: Sequence[str]) -> None:
    found = [task.element for task in open_tasks(session, held) if task.late_at is not None]
    compare("已超时", sorted(elements), sorted(found))


def _expect_group(session: Session, held: Walk, groups: Mapping[str, str]) -> None:
    for element, group in groups.items():
        compare(f"{element} 的办理组", group, open_task(session, held, element).group)


def _expect_variables(session: Session, held: Walk, values: Mapping[str, Any]) -> None:
    case = session.get_one(Instance, held.root_key)
    for name, value in values.items():
        compare(f"变量 {name}", value, case.variables.get(name))


def _expect_end(session: Session, held: Walk, element: str | None) -> None:
    case = session.get_one(Instance, held.root_key)
    if element is not None:
        compare("结束", element, case.end_element)
    wanted = InstanceState.ACTIVE if element is None else InstanceState.COMPLETED
    compare("状态", str(wanted), case.state)


_CHECKS: Mapping[str, Callable[[Session, Walk, Any], None]] = {
    "open": _expect_open,
    "due": _expect_due,
    "late": _expect_late,
    "group": _expect_group,
    "supervised": _expect_supervised,
    "variables": _expect_variables,
    "end": _expect_end,
}
