"""Sends notices on their further ways: what `notices.notify` wrote goes out by mail and channels.

A sweep and not part of the command that tells: completing a task pays nothing for it. A notice is
marked in the same unit that puts its letters in the outbox, so each goes out once a way.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from engine import clock, mail, notices
from engine.db import Database
from engine.errors import N_
from engine.models import (
    Channel,
    DigestItem,
    Instance,
    Notice,
    Outbox,
    Task,
    TaskKind,
    User,
    to_ms,
)
from engine.outbox import Letter, mourners
from engine.outward import channels, choices, kinds, world
from engine.outward.choices import Choices
from engine.ports import COMPANY, ports

#: a notice that nobody routed for so long (an import, a long stop) is old news to the world
STALE = timedelta(days=2)
#: tasks of this priority and above go through quiet hours and digests
_P0 = 90
_DIGEST_LINES = 200


@dataclass(frozen=True, slots=True)
class _Told:
    """One notice with everything that decides on its ways."""

    notice: Notice
    user: User
    number: str
    kind: kinds.Kind
    urgent: bool
    choices: Choices

    @property
    def event(self) -> tuple[object, ...]:
        """Return what the notices of one act have in common."""
        row = self.notice
        return (row.kind, row.at, row.task_key, row.instance_key, row.text)


def run_due(database: Database, limit: int = 300) -> int:
    """Route what was told since; return how many notices and digests were looked after."""
    with database.read() as session:
        fresh = select(Notice.key).where(Notice.routed_at.is_(None)).limit(1)
        due = select(DigestItem.user_key).where(DigestItem.due_at <= clock.now()).limit(1)
        some = session.scalars(fresh).first() is not None
        full = session.scalars(due).first() is not None
    if not (some or full):
        return 0
    with database.begin() as session:
        return (_route(session, limit) if some else 0) + (_digests(session) if full else 0)


def _route(session: Session, limit: int) -> int:
    query = select(Notice).where(Notice.routed_at.is_(None)).order_by(Notice.key).limit(limit)
    rows = list(session.scalars(query.with_for_update(skip_locked=True)))
    now = clock.now()
    fresh = [
        row for row in rows
        if row.read_at is None and now - row.at < STALE and row.kind not in kinds.INSIDE
    ]  # fmt: skip
    found = channels.of(session, {row.tenant_id for row in fresh}) if fresh else []
    if fresh and (found or mail.server() is not None):
        told = _look_up(session, fresh)
        for one in told:
            _by_mail(session, one, now)
        for channel in found:
            _by_channel(session, channel, told, now)
    keys = [row.key for row in rows]
    session.execute(update(Notice).where(Notice.key.in_(keys)).values(routed_at=now))
    return len(rows)


def _look_up(session: Session, rows: Sequence[Notice]) -> list[_Told]:
    chosen = choices.of(session, [row.user_key for row in rows])
    people = {
        user.key: user
        for user in session.scalars(select(User).where(User.key.in_(chosen), User.active))
    }
    numbers = _numbers(session, rows)
    urgent = _urgent(session, rows)
    return [
        _Told(row, people[row.user_key], numbers.get(row.instance_key or 0, ""),
              kinds.family(row.kind), row.task_key in urgent, chosen[row.user_key])
        for row in rows if row.user_key in people
    ]  # fmt: skip


def _numbers(session: Session, rows: Iterable[Notice]) -> dict[int, str]:
    keys = {row.instance_key for row in rows if row.instance_key}
    query = select(Instance.key, Instance.business_key).where(Instance.key.in_(keys))
    return {key: number or "" for key, number in session.execute(query)}


def _urgent(session: Session, rows: Iterable[Notice]) -> set[int]:
    """Return the tasks of P0 cases; supervising is urgent when the late task is."""
    keys = {row.task_key for row in rows if row.task_key}
    known = {task.key: task for task in session.scalars(select(Task).where(Task.key.in_(keys)))}
    causes = {task.cause_key for task in known.values() if task.kind == TaskKind.SUPERVISE}
    query = select(Task.key).where(Task.key.in_(causes - {None}), Task.priority >= _P0)
    of_causes = set(session.scalars(query))
    return {
        key for key, task in known.items()
        if (task.cause_key in of_causes if task.kind == TaskKind.SUPERVISE else task.priority >= _P0)
    }  # fmt: skip


def _by_mail(session: Session, told: _Told, now: datetime) -> None:
    if mail.server() is None or not told.user.email or not told.choices.mail(told.kind):
        return
    digest = None if told.urgent else told.choices.digest_at(now)
    if digest is not None:
        session.add(DigestItem(user_key=told.user.key, notice_key=told.notice.key, due_at=digest))
        session.flush()
        return
    locale, line = told.user.locale, say(told.notice, told.user.locale)
    subject = f"{line}（{told.number}）" if told.number else line
    hint = ports.translate(locale, N_("哪些通知发邮件，在“我的账号”的“通知方式”里修改。"))
    text = "\n".join(filter(None, (subject, "", _link(told.notice), "", hint)))
    mail.post(
        session, [told.user.email], subject=subject, text=text, tenant_id=told.notice.tenant_id,
        dedupe_key=f"notice:{told.notice.key}:mail", instance_key=told.notice.instance_key,
        due_at=now if told.urgent else told.choices.free_at(now),
    )  # fmt: skip


def _by_channel(
    session: Session, channel: Channel, everyone: Sequence[_Told], now: datetime
) -> None:
    """Say each act once, to those of its people who want it here and may be disturbed together."""
    acts: dict[tuple[datetime, object], list[_Told]] = {}
    for told in everyone:
        concerns = channel.tenant_id in (COMPANY, told.notice.tenant_id)
        if concerns and told.choices.channel(told.kind, channel):
            due = now if told.urgent else told.choices.free_at(now)
            acts.setdefault((due, told.event), []).append(told)
    for (due, _event), told_of in acts.items():
        _say_once(session, channel, told_of, due)


def _say_once(session: Session, channel: Channel, told: Sequence[_Told], due: datetime) -> None:
    first = told[0].notice
    names = "、".join(one.user.name for one in told)
    line = say(first, "zh_CN") + (f"（{told[0].number}）" if told[0].number else "")
    link = world.current().link(f"/tasks/{first.task_key}") if first.task_key else ""
    data = {
        "case": told[0].number, "project": first.tenant_id, "at": first.at.isoformat(),
        "urgent": told[0].urgent, "people": [one.user.username for one in told], "link": link,
        "task": str(first.task_key) if first.task_key else None,
    }  # fmt: skip
    channels.put(
        session, channel, f"notice:{first.key}:{channel.key}",
        {"type": f"notice.{told[0].kind.key}", "text": "\n".join(filter(None, (f"{names}：{line}", link))),
         "data": data},
        tenant_id=first.tenant_id, instance_key=first.instance_key, due_at=due,
    )  # fmt: skip


def _digests(session: Session) -> int:
    """Write one mail for each person whose hour has come; what was read meanwhile is left out."""
    now = clock.now()
    query = select(DigestItem).where(DigestItem.due_at <= now).order_by(DigestItem.notice_key)
    items: dict[int, list[DigestItem]] = {}
    for item in session.scalars(query.limit(_DIGEST_LINES)):
        items.setdefault(item.user_key, []).append(item)
    for user_key, held in items.items():
        _digest(session, user_key, held)
        session.execute(
            delete(DigestItem).where(
                DigestItem.user_key == user_key,
                DigestItem.notice_key.in_([item.notice_key for item in held]),
            )
        )
    return len(items)


def _digest(session: Session, user_key: int, held: Sequence[DigestItem]) -> None:
    user = session.get(User, user_key)
    query = select(Notice).where(Notice.key.in_([item.notice_key for item in held]))
    rows = list(session.scalars(query.where(Notice.read_at.is_(None)).order_by(Notice.key)))
    if user is None or not user.active or not user.email or not rows:
        return
    numbers = _numbers(session, rows)
    lines = [_digest_line(row, user.locale, numbers) for row in rows]
    subject = ports.translate(user.locale, N_("{count} 条未读通知")).format(count=len(rows))
    mail.post(
        session, [user.email], subject=subject, text="\n\n".join(lines),
        dedupe_key=f"digest:{user_key}:{rows[0].key}:{to_ms(held[0].due_at)}",
    )  # fmt: skip


def _digest_line(row: Notice, locale: str, numbers: Mapping[int, str]) -> str:
    number = numbers.get(row.instance_key or 0, "")
    return "\n".join(
        filter(None, (say(row, locale) + (f"（{number}）" if number else ""), _link(row)))
    )


def say(row: Notice, locale: str) -> str:
    """Return a notice in words, in its reader's language."""
    text = ports.translate(locale, row.text)
    try:
        return text.format(**row.params)
    except (KeyError, IndexError, ValueError):  # one odd notice must not hold up all others
        return text


def _link(row: Notice) -> str:
    return world.current().link(f"/notices/{row.key}")


def _mourn(session: Session, letter: Letter, error: str) -> None:
    """Tell the administrators that a letter was given up; this word stays in the house."""
    row = session.get(Outbox, letter.key)
    notices.notify(
        session, notices.everywhere(session, world.current().keepers), "undelivered",
        N_("有消息发不出去（{kind}），已停止重试：{error}"),
        {"kind": letter.kind, "error": error[:120]},
        tenant_id=COMPANY if row is None else row.tenant_id,
    )  # fmt: skip


mourners.append(_mourn)
