"""The steps of a case as staff count them: who did which when, where it stands, what comes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from api.pages import times
from api.texts import _
from engine.errors import N_
from engine.models import Task, TaskKind, TaskState

#: process -> (short word, full name, elements) of each step in its order
MILESTONES: dict[str, tuple[tuple[str, str, frozenset[str]], ...]] = {
    "complaint": (
        (N_("记录"), N_("记录投诉内容"), frozenset({"T1_record"})),
        (N_("判定"), N_("判定投诉性质"), frozenset({
            "T2_judge", "T2c_confirm", "T2u_explain", "T2u2_second_talk", "T2n_explain",
            "T2d_accept"})),
        (N_("调查"), N_("调查分析投诉原因"), frozenset({"T3_investigate"})),
        (N_("定责"), N_("确定处理责任人"), frozenset({"T4_assign"})),
        (N_("方案"), N_("提出解决投诉的方案"), frozenset({"T5_plan", "T5a_approve", "T5b_company"})),
        (N_("答复"), N_("答复业主"), frozenset({
            "T6_reply", "T6e_mediate", "T6c_contact", "T6d_no_answer", "T7a_execute", "T7r_repair",
            "T7b_verify"})),
        (N_("回访"), N_("回访"), frozenset({"C1_callback"})),
        (N_("总结"), N_("总结评价"), frozenset({"T8r_report", "T8_file"})),
    ),
}  # fmt: skip


def numbers(process_id: str) -> dict[str, int]:
    """Return the number of the step that each element belongs to."""
    table = MILESTONES.get(process_id, ())
    return {element: n for n, (_s, _n, held) in enumerate(table, 1) for element in held}


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step of the bar."""

    number: int
    short: str
    name: str
    #: done, late or nothing
    state: str = ""
    current: bool = False
    used: int = 0
    #: who and when, or until when
    who: str = ""


def bar(
    process_id: str,
    tasks: Sequence[Task],
    names: dict[int, str],
    words: dict[int, times.Words],
    now: datetime,
    zone: ZoneInfo,
) -> list[Step]:
    """Return the bar of a case; `words` are those of its open tasks by key."""
    own = [task for task in tasks if task.kind == TaskKind.USER]
    table = MILESTONES.get(process_id, ())
    of_element = numbers(process_id)
    waiting = [task for task in own if task.state == TaskState.OPEN and task.element in of_element]
    current = min((of_element[task.element] for task in waiting), default=len(table) + 1)
    steps = []
    for number, (short, name, elements) in enumerate(table, 1):
        here = [task for task in own if task.element in elements]
        told = {"number": number, "short": _(short), "name": _(name)}
        if number == current:
            steps.append(_current(told, [task for task in waiting if task in here], words))
        else:
            steps.append(_other(told, here, names, now, zone, before=number < current))
    return steps


def _current(told: dict[str, object], waiting: list[Task], words: dict[int, times.Words]) -> Step:
    said = [words[task.key] for task in waiting if task.key in words]
    worst = max(said, key=lambda w: (w.state == "late", w.used), default=None)
    if worst is None:
        return Step(**told, current=True, used=50)  # type: ignore[arg-type]  # built above
    late = worst.state == "late"
    return Step(
        **told,  # type: ignore[arg-type]  # built above
        current=True,
        state="late" if late else "",
        used=max(8, worst.used),
        who=worst.short if late else worst.before,
    )


def _other(
    told: dict[str, object], here: list[Task], names: dict[int, str], now: datetime,
    zone: ZoneInfo, *, before: bool,
) -> Step:  # fmt: skip
    done = [task for task in here if task.state == TaskState.COMPLETED and task.closed_at]
    if not (done and before):
        return Step(**told)  # type: ignore[arg-type]  # built above
    last = max(done, key=lambda task: task.closed_at or now)
    when = times.day(last.closed_at, now, zone) if last.closed_at else ""
    who = names.get(last.closed_by or 0, "")
    return Step(**told, state="done", who=f"{who} {when}".strip())  # type: ignore[arg-type]
