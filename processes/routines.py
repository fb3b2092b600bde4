"""日清、周结、月分析: what the schedules of a property company do, and when they are shipped to do it.

Times are those of requirements §2: 17:30 each day, Friday 16:00, the month's first working day.
"""

from datetime import timedelta

from sqlalchemy.orm import Session

from engine import compiled, daily, instances, notices, schedules, weekly
from engine.errors import N_, NotFoundError
from engine.models import Schedule
from engine.outward import weather
from engine.ports import COMPANY, SYSTEM
from engine.schedules import Turn
from processes.daily_cash import handlers as cash

#: who reads a week's summary and looks at the month
_READERS = ("cs_manager", "project_manager")
REVIEW = "complaint_review"


def register() -> None:
    """Tell the engine what schedules may do."""
    schedules.action("daily_clear", N_("日清：请每人说明当天没有办完的事"))(_daily)
    schedules.action("weekly_close", N_("周结：各班组一周的数字"))(_weekly)
    schedules.action("monthly_review", N_("月分析：上月投诉总结与评审"))(_monthly)
    schedules.action("daily_cash", N_("当日现金：有现金就开始清点入账"))(_cash)
    schedules.action("rain", N_("雨天：询问天气来源"))(_rain)


def seed(session: Session) -> None:
    """Put the shipped schedules in, once."""
    schedules.seed(session, {
        "daily_clear": _shipped("日清", schedules.DAY, "17:30", "daily_clear"),
        "weekly_close": _shipped("周结", schedules.WEEK, "16:00", "weekly_close", weekday=4),
        "monthly_review": _shipped("月分析", schedules.MONTH, "09:00", "monthly_review"),
        "daily_cash": _shipped("当日现金", schedules.DAY, "16:00", "daily_cash"),
        "daily_cash_late": _shipped("当日现金（晚）", schedules.DAY, "23:30", "daily_cash"),
        "rain": _shipped("询问天气", schedules.DAY, "20:00", "rain", active=False),
    })  # fmt: skip


def _shipped(
    name: str, every: str, time: str, does: str, *, weekday: int | None = None, active: bool = True
) -> Schedule:
    return Schedule(tenant_id=COMPANY, name=name, every=every, weekday=weekday, time=time,
                    does=does, active=active, last_turns=0)  # fmt: skip


def _daily(session: Session, turn: Turn) -> None:
    daily.make(session, turn.tenant_id, turn.on)


def _weekly(session: Session, turn: Turn) -> None:
    row = weekly.make(session, turn.tenant_id, turn.on)
    if row is not None:
        _tell(session, turn.tenant_id, "weekly", N_("{from} 至 {to} 的周结已生成"),
              {"from": row.begins_on.isoformat(), "to": row.ends_on.isoformat()})  # fmt: skip


def _monthly(session: Session, turn: Turn) -> None:
    """Start the review of last month, and of the quarter that ended with it (T9).

    Where no such process is in force, ask to read the summary.
    """
    last = turn.on.replace(day=1) - timedelta(days=1)
    month = last.strftime("%Y-%m")
    try:
        which = compiled.newest(session, REVIEW, turn.tenant_id)
    except NotFoundError:
        _tell(session, turn.tenant_id, "monthly", N_("请查看 {month} 的投诉月度总结并组织分析"),
              {"month": month})  # fmt: skip
        return
    quarter = [] if last.month % 3 else [f"{last.year}-Q{last.month // 3}"]
    for period in (month, *quarter):
        instances.start_version(
            session, SYSTEM, which, tenant_id=turn.tenant_id, variables={"period": period}
        )


def _cash(session: Session, turn: Turn) -> None:
    """Begin the day's cash book where cash waits for it; by night also where it came late (M11)."""
    if cash.is_due(session, turn.tenant_id):
        instances.start(session, SYSTEM, cash.PROCESS, tenant_id=turn.tenant_id)


def _rain(session: Session, turn: Turn) -> None:
    weather.ask(session, turn)


def _tell(session: Session, tenant_id: str, kind: str, text: str, params: dict[str, str]) -> None:
    told = {key for group in _READERS for key in notices.members(session, tenant_id, group)}
    notices.notify(session, told, kind, text, params, tenant_id=tenant_id)
