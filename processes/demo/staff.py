"""The invented company of the demonstration: two projects and who works there."""

from dataclasses import dataclass

from sqlalchemy.orm import Session

from engine import identity, ids
from engine.models import Membership, Tenant, User
from engine.ports import COMPANY, Actor

#: for every account; the sign-in page and the start of the server show it
PASSWORD = "wuyeflow-demo"  # noqa: S105 — demonstration data, shown to everybody on purpose

PROJECTS = (("yj", "云景花园"), ("tl", "听澜苑"))


@dataclass(frozen=True, slots=True)
class Member:
    """One invented person of the staff."""

    username: str
    name: str
    group: str
    tenant_id: str


STAFF: tuple[Member, ...] = (
    Member("lin.xiaoyu", "林晓雨", "cs_assistant", "yj"),
    Member("he.jiaqi", "何嘉琪", "cs_assistant", "yj"),
    Member("tang.wenbo", "唐文博", "cs_assistant", "yj"),
    Member("shen.manqing", "沈曼青", "cs_manager", "yj"),
    Member("gao.zhiyuan", "高志远", "project_manager", "yj"),
    Member("lu.jianguo", "陆建国", "eng_dispatch", "yj"),
    Member("ma.qiang", "马强", "eng_worker", "yj"),
    Member("cui.dahai", "崔大海", "eng_worker", "yj"),
    Member("peng.yong", "彭勇", "security", "yj"),
    Member("luo.guilan", "罗桂兰", "cleaning", "yj"),
    Member("fang.lei", "方蕾", "cashier", "yj"),
    Member("jiang.yue", "江月", "cs_assistant", "tl"),
    Member("su.tingting", "苏婷婷", "cs_assistant", "tl"),
    Member("xie.minhua", "谢敏华", "cs_manager", "tl"),
    Member("wei.guodong", "魏国栋", "project_manager", "tl"),
    Member("pan.shijie", "潘世杰", "eng_dispatch", "tl"),
    Member("ding.xiaolong", "丁小龙", "eng_worker", "tl"),
    Member("hou.jun", "侯军", "security", "tl"),
    Member("bai.xiulian", "白秀莲", "cleaning", "tl"),
    Member("yao.ruohan", "姚若涵", "cashier", "tl"),
    Member("qin.yifan", "秦一帆", "quality", COMPANY),
    Member("tan.zhengping", "谭正平", "leader", COMPANY),
    Member("meng.jiahui", "孟佳慧", "finance_hq", COMPANY),
    Member("ren.shu", "任舒", "designer", COMPANY),
    Member("zou.kai", "邹凯", "publisher", COMPANY),
    Member("admin", "系统管理员", "admin", COMPANY),
    Member("shi.zhong", "石钟", "auditor", COMPANY),
)


def add(session: Session) -> list[Actor]:
    """Add the projects and the staff; one password is hashed once for all of them."""
    for tenant_id, name in PROJECTS:
        session.merge(Tenant(tenant_id=tenant_id, name=name, zone="Asia/Shanghai"))
    session.flush()
    first = identity.create_user(
        session, username=STAFF[0].username, name=STAFF[0].name, password=PASSWORD
    )
    users = [first, *(_like(first, member) for member in STAFF[1:])]
    session.add_all(users[1:])
    session.flush()
    for user, member in zip(users, STAFF, strict=True):
        session.add(
            Membership(
                key=ids.new(), user_key=user.key, group=member.group, tenant_id=member.tenant_id
            )
        )
    return [
        Actor(
            key=user.key,
            username=user.username,
            name=user.name,
            memberships=frozenset({(member.group, member.tenant_id)}),
        )
        for user, member in zip(users, STAFF, strict=True)
    ]


def _like(first: User, member: Member) -> User:
    return User(
        key=ids.new(), username=member.username, name=member.name, locale="zh_CN", theme="auto",
        active=True, password_hash=first.password_hash, created_at=first.created_at,
    )  # fmt: skip
