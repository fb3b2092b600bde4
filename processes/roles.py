"""The closed list of roles: who works in the company, under which name, watched by whom.

A lane of a diagram carries a role's Chinese label; rows and the API carry its key. A grant is
(role, scope): company-wide or in one project (requirements §4.1).
"""

import enum
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


class Scope(enum.StrEnum):
    """Where a role is held."""

    PROJECT = "project"  #: 项目
    COMPANY = "company"  #: 公司


@dataclass(frozen=True, slots=True, kw_only=True)
class Role:
    """One role; `supervisor` is the group that is told of its overdue work."""

    key: str
    zh: str
    en: str
    scope: Scope = Scope.PROJECT
    supervisor: str | None = None
    #: False: nobody holds it; a lane of that name is filled by the case itself
    held: bool = True


ROLES: tuple[Role, ...] = (
    Role(key="cs_assistant", zh="客户助理", en="Customer assistant", supervisor="cs_manager"),
    Role(key="cs_manager", zh="客户经理", en="Customer manager", supervisor="project_manager"),
    Role(key="project_manager", zh="项目经理", en="Project manager", supervisor="quality"),
    Role(key="eng_dispatch", zh="工程主管", en="Engineering dispatcher", supervisor="cs_manager"),
    Role(key="eng_worker", zh="工程维修员", en="Repair worker", supervisor="eng_dispatch"),
    Role(key="security", zh="安全服务员", en="Security officer", supervisor="cs_manager"),
    Role(key="cleaning", zh="保洁绿化", en="Cleaning and gardening", supervisor="cs_manager"),
    Role(key="cashier", zh="收费员", en="Cashier", supervisor="project_manager"),
    Role(key="responsible", zh="责任部门", en="Responsible department",
         supervisor="cs_manager", held=False),
    Role(key="finance_hq", zh="公司财务", en="Head office finance",
         scope=Scope.COMPANY, supervisor="leader"),
    Role(key="quality", zh="公司品质部", en="Head office quality",
         scope=Scope.COMPANY, supervisor="leader"),
    Role(key="leader", zh="公司领导", en="Company leader", scope=Scope.COMPANY),
    Role(key="designer", zh="流程设计员", en="Process designer", scope=Scope.COMPANY),
    Role(key="publisher", zh="流程发布人", en="Process publisher", scope=Scope.COMPANY),
    Role(key="admin", zh="系统管理员", en="Administrator", scope=Scope.COMPANY),
    Role(key="auditor", zh="审计", en="Auditor", scope=Scope.COMPANY),
    Role(key="owner", zh="业主", en="Owner"),
    Role(key="external", zh="外部单位", en="External unit"),
    Role(key="integration", zh="外部系统", en="External system"),
)  # fmt: skip

BY_KEY: Mapping[str, Role] = MappingProxyType({role.key: role for role in ROLES})

#: lane label -> group key
LANES: Mapping[str, str] = MappingProxyType({role.zh: role.key for role in ROLES})

#: group -> group that supervises its overdue work
SUPERVISORS: Mapping[str, str] = MappingProxyType(
    {role.key: role.supervisor for role in ROLES if role.supervisor is not None}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Department:
    """A department that may be complained of or made responsible; `group` does its work."""

    key: str
    zh: str
    en: str
    group: str


#: The departments of forms.tsv; those outside the company are handled by the customer manager.
DEPARTMENTS: tuple[Department, ...] = (
    Department(key="cs", zh="客服", en="Customer service", group="cs_assistant"),
    Department(key="eng", zh="工程", en="Engineering", group="eng_dispatch"),
    Department(key="security", zh="安全", en="Security", group="security"),
    Department(key="clean", zh="保洁绿化", en="Cleaning and gardening", group="cleaning"),
    Department(key="fin", zh="财务", en="Finance", group="cashier"),
    Department(key="project", zh="项目", en="Project", group="project_manager"),
    Department(key="developer", zh="开发商", en="Developer", group="cs_manager"),
    Department(key="neighbour", zh="邻里", en="Neighbours", group="cs_manager"),
    Department(key="other", zh="其他", en="Other", group="cs_manager"),
)

_GROUPS: Mapping[str, str] = MappingProxyType({one.key: one.group for one in DEPARTMENTS})


def department_group(department: object) -> str | None:
    """Return the group that does a department's work; the FEEL function of the same name."""
    return _GROUPS.get(str(department))
