"""Who there is: users, memberships, sign-ins, machine tokens, notices to staff."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from engine.models.base import Base, Instant, Json, Key


class Tenant(Base):
    """A project 小区: the scope of almost every row (decision 15)."""

    __tablename__ = "tenant"

    tenant_id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    #: IANA zone of the project's local time
    zone: Mapped[str] = mapped_column(default="Asia/Shanghai")


class User(Base):
    """A person of the staff who signs in."""

    __tablename__ = "user"

    key: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=False)
    username: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    password_hash: Mapped[str]
    email: Mapped[str | None]
    locale: Mapped[str] = mapped_column(default="zh_CN")
    theme: Mapped[str] = mapped_column(default="auto")
    active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime] = mapped_column(Instant)


class Membership(Base):
    """A person holds a group somewhere, from a day to a day of the place's own calendar.

    `tenant_id` is a project, `*` for the whole company, or `region:<key>` for the projects of a
    region (`identity.REGION`).
    """

    __tablename__ = "membership"

    key: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=False)
    user_key: Mapped[int] = mapped_column(ForeignKey("user.key"), index=True)
    group: Mapped[str] = mapped_column("group_key")
    tenant_id: Mapped[str]
    from_on: Mapped[date | None]
    to_on: Mapped[date | None]
    #: numbers of the buildings that are this person's own first; None: no building more than others
    buildings: Mapped[list[str] | None] = mapped_column(Json)


Index("ix_membership_group", Membership.tenant_id, Membership.group)


class Absence(Base):
    """A person is away from a day to a day, both included; another stands in for them."""

    __tablename__ = "absence"

    key: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=False)
    user_key: Mapped[int] = mapped_column(ForeignKey("user.key"), index=True)
    deputy_key: Mapped[int] = mapped_column(ForeignKey("user.key"), index=True)
    from_on: Mapped[date]
    to_on: Mapped[date]
    #: deputy, group or keep: where tasks in hand go when it begins
    in_hand: Mapped[str]
    note: Mapped[str]
    by: Mapped[int] = mapped_column("recorded_by", Key)
    at: Mapped[datetime] = mapped_column("recorded_at", Instant)
    #: when the tasks in hand were handed on
    begun_at: Mapped[datetime | None] = mapped_column(Instant)
    #: when it was taken back or ended early; it holds no more
    ended_at: Mapped[datetime | None] = mapped_column(Instant)


class SignIn(Base):
    """A server-side session; the cookie holds a secret of which only the hash is here."""

    __tablename__ = "sign_in"

    hash: Mapped[str] = mapped_column(primary_key=True)
    user_key: Mapped[int] = mapped_column(ForeignKey("user.key"), index=True)
    csrf: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(Instant)
    seen_at: Mapped[datetime] = mapped_column(Instant)
    expires_at: Mapped[datetime] = mapped_column(Instant)


class Attempt(Base):
    """Failed sign-ins of a name or an address, for throttling over all processes."""

    __tablename__ = "attempt"

    subject: Mapped[str] = mapped_column(primary_key=True)
    failures: Mapped[int]
    until_at: Mapped[datetime] = mapped_column(Instant)


class Token(Base):
    """A bearer token of a machine; it acts with the memberships of its user."""

    __tablename__ = "token"

    key: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=False)
    hash: Mapped[str] = mapped_column(unique=True)
    user_key: Mapped[int] = mapped_column(ForeignKey("user.key"), index=True)
    name: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(Instant)
    expires_at: Mapped[datetime | None] = mapped_column(Instant)
    used_at: Mapped[datetime | None] = mapped_column(Instant)


class Notice(Base):
    """A notice to one person, shown in the bell list; `text` is a gettext msgid."""

    __tablename__ = "notice"

    key: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=False)
    tenant_id: Mapped[str]
    user_key: Mapped[int] = mapped_column(Key)
    kind: Mapped[str]
    text: Mapped[str]
    params: Mapped[dict[str, Any]] = mapped_column(Json)
    instance_key: Mapped[int | None] = mapped_column(Key)
    task_key: Mapped[int | None] = mapped_column(Key)
    at: Mapped[datetime] = mapped_column(Instant)
    read_at: Mapped[datetime | None] = mapped_column(Instant)
    #: when engine.outward.dispatch put it on its further ways: mail, robots, web hooks
    routed_at: Mapped[datetime | None] = mapped_column(Instant)


Index("ix_notice_user", Notice.user_key, Notice.key)
_unrouted = text("routed_at is null")
Index("ix_notice_unrouted", Notice.key, sqlite_where=_unrouted, postgresql_where=_unrouted)
