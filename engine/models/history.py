"""What happened: the hash-chained events of each instance, and the facts that reports read."""

import enum
from datetime import datetime
from typing import Any

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from engine.models.base import Base, Blob, Instant, Json, Key


class Event(enum.StrEnum):
    """The whole list of decision 9; a kind is never renamed."""

    STARTED = "started"  #: 立案
    ENDED = "ended"  #: 结束
    CANCELLED = "cancelled"  #: 作废
    TASK_OPENED = "opened"  #: 任务产生
    TASK_OFFERED = "offered"  #: 指派
    TASK_CLAIMED = "claimed"  #: 签收
    TASK_READ = "read"  #: 打开查看
    TASK_CHANGED = "changed"  #: 变更
    TASK_COMPLETED = "completed"  #: 办结任务
    TASK_CANCELLED = "dropped"  #: 任务取消
    ROUTED = "routed"  #: 按规则分派
    DECIDED = "decided"  #: 决策结果
    TIMER_DUE = "timer"  #: 计时开始
    TIMER_FIRED = "fired"  #: 计时到期
    WARNED = "warned"  #: 临期提醒
    OVERDUE = "overdue"  #: 超时
    ESCALATED = "escalated"  #: 升级督办
    PAUSED = "paused"  #: 暂停计时
    RESUMED = "resumed"  #: 恢复计时
    EXTENDED = "extended"  #: 延期
    MESSAGE = "message"  #: 消息
    JOB_DONE = "job"  #: 自动步骤
    INCIDENT = "incident"  #: 异常
    INCIDENT_RESOLVED = "resolved"  #: 异常解除
    NOTICE = "notice"  #: 通知
    URGED = "urged"  #: 催办
    CORRECTED = "corrected"  #: 更正
    DISCLOSED = "disclosed"  #: 查看受保护信息
    SUSPENDED = "suspended"  #: 挂起
    CONTINUED = "continued"  #: 恢复办理
    VARIABLES_SET = "variables"  #: 改动流程数据
    MOVED = "moved"  #: 移动
    SENT_BACK = "returned"  #: 退回
    SKIPPED = "skipped"  #: 跳过
    FAILED_ONWARD = "thrown"  #: 按出错继续
    RESTARTED = "restarted"  #: 重新发起
    REPAIRED = "repaired"  #: 补回等待
    MIGRATED = "migrated"  #: 换版
    UNSEPARATED = "unseparated"  #: 一人兼办


class History(Base):
    """One event of one instance; `hash` covers the event and the hash before it."""

    __tablename__ = "history"
    __table_args__ = {"sqlite_with_rowid": False}  # noqa: RUF012 — SQLAlchemy's own protocol

    instance_key: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=False)
    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[datetime] = mapped_column(Instant)
    kind: Mapped[str]
    actor: Mapped[int] = mapped_column(Key)
    task_key: Mapped[int | None] = mapped_column(Key)
    element: Mapped[str | None]
    data: Mapped[dict[str, Any] | None] = mapped_column(Json)
    hash: Mapped[bytes] = mapped_column(Blob)


class FactCase(Base):
    """One line a case, for reports; rebuildable from history."""

    __tablename__ = "fact_case"

    instance_key: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=False)
    tenant_id: Mapped[str]
    process_id: Mapped[str]
    started_at: Mapped[datetime] = mapped_column(Instant)
    ended_at: Mapped[datetime | None] = mapped_column(Instant)
    end_element: Mapped[str | None]
    #: coded routed variables at the end (category, priority …), never personal values
    codes: Mapped[dict[str, Any] | None] = mapped_column(Json)
    late_steps: Mapped[int] = mapped_column(default=0)


class FactStep(Base):
    """One line a completed or cancelled task, for reports; rebuildable from history."""

    __tablename__ = "fact_step"

    task_key: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=False)
    instance_key: Mapped[int] = mapped_column(Key)
    tenant_id: Mapped[str]
    element: Mapped[str]
    group: Mapped[str | None] = mapped_column("group_key")
    by: Mapped[int | None] = mapped_column("closed_by", Key)
    opened_at: Mapped[datetime] = mapped_column(Instant)
    claimed_at: Mapped[datetime | None] = mapped_column(Instant)
    closed_at: Mapped[datetime] = mapped_column(Instant)
    due_at: Mapped[datetime | None] = mapped_column(Instant)
    completed: Mapped[bool]


Index("ix_fact_case_tenant", FactCase.tenant_id, FactCase.started_at)
Index("ix_fact_step_tenant", FactStep.tenant_id, FactStep.closed_at)


class Incident(Base):
    """A step that could not be run, until somebody resolves it."""

    __tablename__ = "incident"

    key: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=False)
    tenant_id: Mapped[str]
    instance_key: Mapped[int] = mapped_column(Key, index=True)
    element: Mapped[str]
    code: Mapped[str]
    #: what happened and why, in words; `detail` is the fault as it was raised, for who mends it
    message: Mapped[str]
    detail: Mapped[str | None]
    #: the token that stands there, where it is known
    token: Mapped[int | None]
    job_key: Mapped[int | None] = mapped_column(Key)
    raised_at: Mapped[datetime] = mapped_column(Instant)
    resolved_at: Mapped[datetime | None] = mapped_column(Instant)
    resolved_by: Mapped[int | None] = mapped_column(Key)


class Idempotency(Base):
    """The answer given to a command under its Idempotency-Key; kept for a day."""

    __tablename__ = "idempotency"
    __table_args__ = {"sqlite_with_rowid": False}  # noqa: RUF012 — SQLAlchemy's own protocol

    actor: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=False)
    idempotency_key: Mapped[str] = mapped_column(primary_key=True)
    request: Mapped[bytes] = mapped_column("request_hash", Blob)
    status: Mapped[int | None]
    answer: Mapped[str | None]
    at: Mapped[datetime] = mapped_column(Instant, index=True)
