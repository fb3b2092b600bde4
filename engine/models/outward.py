"""What leaves the house: channels, people's choices, templates, messages to owners, ratings."""

import enum
from datetime import datetime

from sqlalchemy import Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from engine.models.base import Base, Instant, Json, Key


class Channel(Base):
    """A group robot or a web hook that an administrator set up; what is secret is sealed."""

    __tablename__ = "channel"

    key: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=False)
    #: a project, or `*` for the notices of every project
    tenant_id: Mapped[str]
    #: wecom, dingtalk, feishu, webhook; see engine.outward.robots
    kind: Mapped[str]
    name: Mapped[str]
    #: address and signing secret, encrypted together
    sealed: Mapped[str]
    #: what a page may show of the address
    shown: Mapped[str]
    #: kinds of notices that it gets when a person has said nothing
    kinds: Mapped[list[str]] = mapped_column(Json)
    active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime] = mapped_column(Instant)
    #: the last thing that went wrong; empty again after a success
    error: Mapped[str | None]


class NoticeChoice(Base):
    """A person wants a kind of notice on a channel ("mail" or a channel's key), or does not."""

    __tablename__ = "notice_choice"
    __table_args__ = {"sqlite_with_rowid": False}  # noqa: RUF012 — SQLAlchemy's own protocol

    user_key: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=False)
    kind: Mapped[str] = mapped_column(primary_key=True)
    channel: Mapped[str] = mapped_column(primary_key=True)
    wanted: Mapped[bool]


class NoticeTimes(Base):
    """When a person wants to be left alone, and when one mail shall say everything."""

    __tablename__ = "notice_times"

    user_key: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=False)
    #: local minutes of the day; quiet hours may go over midnight; None: none
    quiet_from: Mapped[int | None]
    quiet_to: Mapped[int | None]
    digest_at: Mapped[int | None]
    zone: Mapped[str]


class DigestItem(Base):
    """A notice that waits for its person's next digest."""

    __tablename__ = "digest_item"
    __table_args__ = {"sqlite_with_rowid": False}  # noqa: RUF012 — SQLAlchemy's own protocol

    user_key: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=False)
    notice_key: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=False)
    due_at: Mapped[datetime] = mapped_column(Instant, index=True)


class MessageTemplate(Base):
    """A version of the words of a message to owners; the newest is in force."""

    __tablename__ = "message_template"
    __table_args__ = (UniqueConstraint("kind", "language", "version"),)

    key: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=False)
    kind: Mapped[str]
    #: zh or en
    language: Mapped[str]
    version: Mapped[int]
    text: Mapped[str]
    by: Mapped[int] = mapped_column("saved_by", Key)
    at: Mapped[datetime] = mapped_column("saved_at", Instant)


class Consent(Base):
    """An owner allowed messages on a channel, or took it back; the newest row holds."""

    __tablename__ = "consent"

    key: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=False)
    tenant_id: Mapped[str]
    #: who: a keyed hash of the telephone number, never the number itself
    party: Mapped[str]
    #: sms or wechat
    channel: Mapped[str]
    given: Mapped[bool]
    #: how it was said: call, visit, paper …
    source: Mapped[str]
    #: the language of messages: zh or en
    language: Mapped[str]
    #: sealed; where a channel reaches them when it is not the telephone (公众号 openid)
    address: Mapped[str | None]
    by: Mapped[int] = mapped_column("noted_by", Key)
    at: Mapped[datetime] = mapped_column("noted_at", Instant)


Index("ix_consent_party", Consent.tenant_id, Consent.party, Consent.channel, Consent.key)


class MessageState(enum.StrEnum):
    """What became of a message to an owner."""

    WAITING = "waiting"  #: 等待发送
    SENT = "sent"  #: 已发送
    LOGGED = "logged"  #: 仅记录
    FAILED = "failed"  #: 发送失败
    NO_CONSENT = "no-consent"  #: 未征得同意，没有发送
    NO_ADDRESS = "no-address"  #: 没有联系方式，没有发送


class OwnerMessage(Base):
    """A message to an owner as it was put into words; its text is personal."""

    __tablename__ = "owner_message"

    key: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=False)
    tenant_id: Mapped[str]
    instance_key: Mapped[int] = mapped_column(Key, index=True)
    kind: Mapped[str]
    channel: Mapped[str]
    language: Mapped[str]
    #: version of the template; 0 is the one shipped
    version: Mapped[int]
    text: Mapped[str]
    #: masked: 138****1234
    address: Mapped[str]
    state: Mapped[str]
    at: Mapped[datetime] = mapped_column("put_at", Instant)
    sent_at: Mapped[datetime | None] = mapped_column(Instant)
    error: Mapped[str | None]
    #: what the provider calls it
    receipt: Mapped[str | None]


class Rating(Base):
    """What an owner thought of how a case was handled; the word is personal."""

    __tablename__ = "rating"

    key: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=False)
    tenant_id: Mapped[str]
    instance_key: Mapped[int] = mapped_column(Key, index=True)
    link_key: Mapped[int] = mapped_column(Key, unique=True)
    #: 1 (very dissatisfied) to 5 (very satisfied)
    score: Mapped[int]
    word: Mapped[str | None]
    at: Mapped[datetime] = mapped_column("rated_at", Instant)
