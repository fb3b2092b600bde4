"""Who there is: users, their passwords and memberships, and signing in."""

import re
import zoneinfo
from collections.abc import Collection, Iterable
from datetime import date, datetime, timedelta
from typing import Any

import argon2
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from engine import clock, ids
from engine import memberships as grants
from engine.errors import N_, ConflictError, EngineError, InvalidInputError, NotFoundError
from engine.models import Attempt, Membership, SignIn, Tenant, Token, User
from engine.ports import COMPANY, OWNER, SYSTEM, Actor, ports

MIN_PASSWORD = 10
_CODE = re.compile(r"[a-z][a-z0-9]{1,11}")
#: failures after which signing in waits, and how long, doubling each time
FREE_FAILURES, FIRST_WAIT, LONGEST_WAIT = 5, timedelta(seconds=30), timedelta(hours=1)


class SignInRefusedError(EngineError):
    """Name and password do not belong together; which of them is wrong is not said."""

    code = "sign-in-refused"


class ThrottledError(EngineError):
    """Too many failed sign-ins; `params["seconds"]` says how long to wait."""

    code = "throttled"


class _Hasher:
    """The argon2id hasher; its cost is a setting, low in tests."""

    current = argon2.PasswordHasher()


def use_password_cost(*, time_cost: int, memory_kib: int, parallelism: int = 1) -> None:
    """Set what a password hash costs: the default of argon2-cffi is for production."""
    _Hasher.current = argon2.PasswordHasher(time_cost, memory_kib, parallelism)


def create_user(
    session: Session, *, username: str, name: str, password: str, email: str | None = None
) -> User:
    """Add a person; raises ConflictError when the user name is taken."""
    username = username.strip()
    if not username or not name.strip():
        raise InvalidInputError(N_("请填写用户名和姓名。"), fields={"username": [N_("必填")]})
    if session.scalars(select(User).filter_by(username=username)).first() is not None:
        raise ConflictError(N_("用户名 {username} 已被使用。"), username=username)
    user = User(
        key=ids.new(), username=username, name=name.strip(), email=email,
        password_hash=_hash(password), created_at=clock.now(), locale="zh_CN", theme="auto",
        active=True,
    )  # fmt: skip
    session.add(user)
    session.flush()
    return user


def set_password(session: Session, user: User, password: str) -> None:
    """Give a new password and end all other sign-ins of this person."""
    user.password_hash = _hash(password)
    session.execute(delete(SignIn).where(SignIn.user_key == user.key))


def check_password(user: User, password: str) -> bool:
    """Tell whether this is the person's password."""
    try:
        return _Hasher.current.verify(user.password_hash, password)
    except argon2.exceptions.VerifyMismatchError:
        return False


def authenticate(session: Session, username: str, password: str, address: str) -> User | None:
    """Return the person, or None when name and password do not fit.

    Failures are counted for the name and for the address; the caller keeps this unit's writes
    also when None is returned. Raises ThrottledError while one has to wait.
    """
    subjects = (f"name:{username.strip().lower()}", f"from:{address}")
    _refuse_throttled(session, subjects)
    user = session.scalars(select(User).filter_by(username=username.strip())).first()
    known = user is not None and user.active
    if user is not None and known and check_password(user, password):
        session.execute(delete(Attempt).where(Attempt.subject == subjects[0]))
        if _Hasher.current.check_needs_rehash(user.password_hash):
            user.password_hash = _Hasher.current.hash(password)
        return user
    if not known:
        _Hasher.current.hash(password)  # a wrong name takes as long as a wrong password
    for subject in subjects:
        _failed(session, subject)
    return None


def actor(session: Session, user_key: int, *, kind: str = "user") -> Actor:
    """Return a person as an actor, with the memberships of today."""
    user = session.get(User, user_key)
    if user is None or not user.active:
        raise NotFoundError(N_("没有这个用户"))
    held = grants.of(session, user_key)
    own = {(one.group, one.tenant_id) for one in held if one.lent_by is None}
    return Actor(
        key=user.key, username=user.username, name=user.name, kind=kind,
        memberships=frozenset((one.group, one.tenant_id) for one in held),
        lent=frozenset(
            (one.group, one.tenant_id, one.lent_by) for one in held
            if one.lent_by is not None and (one.group, one.tenant_id) not in own
        ),
    )  # fmt: skip


def memberships(session: Session, user_key: int) -> list[tuple[str, str]]:
    """Return (group, project) of what a person holds now, as a deputy, too."""
    held = grants.of(session, user_key)
    return list(dict.fromkeys((one.group, one.tenant_id) for one in held))


def add_membership(  # noqa: PLR0913 — whom, what, where, when
    session: Session,
    user_key: int,
    group: str,
    tenant_id: str,
    *,
    from_on: date | None = None,
    to_on: date | None = None,
    buildings: Collection[str] = (),
) -> Membership:
    """Give a person a group in a project, a region or COMPANY, from a day to a day, both included.

    `buildings` are those of the project that are this person's own first.
    """
    if group not in ports.roles.values():
        raise InvalidInputError(
            N_("没有角色 {group}"), fields={"group": [N_("没有这个角色")]}, group=group
        )
    region = tenant_id.startswith(grants.REGION)
    if not region and tenant_id != COMPANY and session.get(Tenant, tenant_id) is None:
        raise InvalidInputError(
            N_("没有项目 {tenant}"), fields={"tenant_id": [N_("没有这个项目")]}, tenant=tenant_id
        )
    if from_on is not None and to_on is not None and from_on > to_on:
        raise InvalidInputError(
            N_("起止日期颠倒了。"), fields={"to_on": [N_("不能早于开始日期。")]}
        )
    row = Membership(
        key=ids.new(), user_key=user_key, group=group, tenant_id=tenant_id, from_on=from_on,
        to_on=to_on, buildings=sorted(set(buildings)) or None,
    )  # fmt: skip
    session.add(row)
    session.flush()
    return row


def save_project(session: Session, code: str, *, name: str, zone: str) -> Tenant:
    """Add a project, or give a new name and zone to one; its code stays as it was given first.

    Raises InvalidInputError: the code is written into case numbers, the zone has to be known.
    """
    wrong = {}
    if not _CODE.fullmatch(code):
        wrong["code"] = [N_("代号由 2 至 12 个小写字母或数字组成，以字母开头。")]
    if not name.strip():
        wrong["name"] = [N_("必填")]
    if zone not in zoneinfo.available_timezones():
        wrong["zone"] = [N_("没有这个时区，请写成 Asia/Shanghai 的形式。")]
    if wrong:
        raise InvalidInputError(N_("项目的代号、名称或时区需要更正。"), fields=wrong)
    row = session.merge(Tenant(tenant_id=code, name=name.strip(), zone=zone))
    session.flush()
    return row


def people(
    session: Session,
    tenant_id: str,
    *,
    group: str | None = None,
    text: str | None = None,
    limit: int = 50,
) -> list[User]:
    """Return active people of a project, by name; `text` matches name or user name."""
    query = (
        select(User)
        .join(Membership, Membership.user_key == User.key)
        .where(
            User.active,
            Membership.tenant_id.in_(grants.places(session, tenant_id)),
            grants.today(),
        )
        .distinct()
        .order_by(User.name, User.key)
        .limit(limit)
    )
    if group is not None:
        query = query.where(Membership.group == group)
    if text:
        query = query.where(
            User.name.contains(text, autoescape=True)
            | User.username.contains(text, autoescape=True)
        )
    return list(session.scalars(query))


def names(session: Session, user_keys: Iterable[int | None]) -> dict[int, str]:
    """Return the names of people by key; the engine itself is called 系统, whoever holds a link 业主."""
    keys = {key for key in user_keys if key}
    found = {SYSTEM.key: SYSTEM.name, OWNER.key: OWNER.name}
    if keys:
        rows = session.execute(select(User.key, User.name).where(User.key.in_(keys)))
        found |= {key: name for key, name in rows}  # noqa: C416 — rows are not pairs to mypy
    return found


def resolve(session: Session, who: Any) -> int | None:
    """Return the key of the person that a diagram names by key or by user name."""
    text = str(who).strip()
    if text.isdigit():
        return int(text)
    return session.scalars(select(User.key).filter_by(username=text)).first()


def token_actor(session: Session, token_hash: str) -> Actor | None:
    """Return the actor of a machine's bearer token, or None."""
    row = session.scalars(select(Token).filter_by(hash=token_hash)).first()
    if row is None or (row.expires_at is not None and row.expires_at <= clock.now()):
        return None
    user = session.get(User, row.user_key)
    if user is None or not user.active:
        return None
    return actor(session, row.user_key, kind="token")


def _hash(password: str) -> str:
    if len(password) < MIN_PASSWORD:
        raise InvalidInputError(
            N_("密码至少 {count} 个字符。"), count=MIN_PASSWORD,
            fields={"password": [N_("太短了，请再长一些。")]},
        )  # fmt: skip
    return _Hasher.current.hash(password)


def _refuse_throttled(session: Session, subjects: Iterable[str]) -> None:
    now = clock.now()
    query = select(Attempt).where(Attempt.subject.in_(tuple(subjects)), Attempt.until_at > now)
    held = session.scalars(query).all()
    if held:
        until: datetime = max(row.until_at for row in held)
        raise ThrottledError(
            N_("登录失败次数过多，请 {seconds} 秒后再试。"),
            seconds=int((until - now).total_seconds()) + 1,
        )


def _failed(session: Session, subject: str) -> None:
    row = session.get(Attempt, subject)
    if row is None:
        row = Attempt(subject=subject, failures=0, until_at=clock.now())
        session.add(row)
    row.failures += 1
    beyond = row.failures - FREE_FAILURES
    if beyond >= 0:
        row.until_at = clock.now() + min(FIRST_WAIT * 2 ** min(beyond, 12), LONGEST_WAIT)
