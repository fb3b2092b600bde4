"""What roles may do beside reading and doing cases: action × role, the rest of the matrix §4.2.

What is asked of a case or a task also needs the right to read it, but for technical work.
"""

from collections.abc import Mapping
from types import MappingProxyType

from processes.rights.table import BY_CELL, Reach, anywhere

_OWN, _ALL = Reach.OWN, Reach.ALL
_CS = {"cs_assistant": _OWN, "cs_manager": _ALL, "project_manager": _ALL}
_WORKERS = dict.fromkeys(
    ("eng_dispatch", "eng_worker", "security", "cleaning", "cashier", "finance_hq"), _OWN
)
_STAFF = {**_CS, **_WORKERS, "quality": _ALL, "leader": _ALL}
_ALL_OF_US = dict.fromkeys([*_STAFF, "designer", "publisher", "admin", "auditor"], _ALL)
_HEADS = dict.fromkeys(("cs_manager", "project_manager", "quality"), _ALL)
_DESK = dict.fromkeys(("cs_assistant", "cs_manager", "project_manager"), _ALL)
_TECHNICAL = dict.fromkeys(("project_manager", "quality", "admin"), _ALL)

#: action -> role -> reach; what is not written here is denied
GRANTS: Mapping[str, Mapping[str, Reach]] = MappingProxyType(
    {
        **{action: anywhere(action) for action in BY_CELL},
        "task.assign": {**_HEADS, "eng_dispatch": _OWN},
        "task.urge": {**_HEADS, "cs_assistant": _ALL, "leader": _ALL},
        "task.correct": {**dict.fromkeys(_STAFF, _OWN), "cs_manager": _ALL,
                         "project_manager": _ALL},
        "task.return": _HEADS,
        "instance.cancel": {"project_manager": _ALL, "quality": _ALL},
        # what is reported of a running case: the name of its message
        "case.urge": {**_HEADS, "cs_assistant": _ALL, "leader": _ALL},
        "case.withdraw": _DESK,
        "case.merge": _DESK,
        "case.press": {**_STAFF, "cs_assistant": _ALL},
        "case.link": _DESK,
        "instance.operate": _TECHNICAL,
        "instance.migrate": _TECHNICAL,
        "incident.read": {**_HEADS, "admin": _ALL},
        "incident.resolve": _TECHNICAL,
        "definition.read": _ALL_OF_US,
        "definition.edit": {"designer": _ALL, "publisher": _ALL},
        "definition.deploy": {"publisher": _ALL, "quality": _ALL},
        "message.publish": {"integration": _ALL, "admin": _ALL},
        "job.work": {"integration": _ALL, "admin": _ALL},
        "user.manage": {"admin": _ALL},
        "calendar.manage": {"admin": _ALL, "quality": _ALL, "project_manager": _ALL},
        "schedule.manage": {"admin": _ALL, "quality": _ALL, "project_manager": _ALL},
        "rain.record": {**dict.fromkeys(_CS, _ALL), "security": _ALL, "eng_dispatch": _ALL,
                        "quality": _ALL},
        "policy.read": {**_HEADS, "leader": _ALL, "admin": _ALL},
        "policy.manage": {"quality": _ALL, "admin": _ALL},
        "limit.pause": {**dict.fromkeys(_STAFF, _OWN), **_HEADS},
        "limit.extend": {**dict.fromkeys(_STAFF, _OWN), **_HEADS},
        "limit.grant": _HEADS,
        "channel.manage": {"admin": _ALL},
        "template.edit": {"cs_manager": _ALL, "quality": _ALL, "admin": _ALL},
        "owner.tell": _DESK,
        "report.read": {**_HEADS, "leader": _ALL},
        "report.export": {**_HEADS, "leader": _ALL},
        "audit.read": {"auditor": _ALL, "admin": _ALL},
        "archive.read": dict.fromkeys(_STAFF, _ALL),
        "archive.browse": {**_DESK, **dict.fromkeys(
            ("eng_dispatch", "security", "cashier", "finance_hq", "quality"), _ALL)},
        "archive.edit": {"cs_assistant": _ALL, "cs_manager": _ALL},
        "archive.house": {"cs_manager": _ALL, "eng_dispatch": _ALL},
        "archive.import": {"cs_manager": _ALL, "project_manager": _ALL},
        "archive.disclose": dict.fromkeys(("eng_dispatch", "security", "finance_hq"), _ALL),
        "archive.configure": {"quality": _ALL, "admin": _ALL},
        "personal.read": {**_DESK, **_WORKERS, "cashier": _ALL, "quality": _ALL, "leader": _OWN},
        # masked for them, and shown for a reason that stays in the case's history
        "personal.disclose": {"leader": _ALL, **_WORKERS},
        "personal.export": {"project_manager": _ALL, "quality": _ALL},
        # 证件号码: masked; in clear only one at a time, for a reason that stays on record
        "id_number.read": {"cs_assistant": _ALL, "cs_manager": _ALL, "project_manager": _ALL,
                           "cashier": _ALL},
        "id_number.write": {"cs_assistant": _ALL, "cs_manager": _ALL},
        "id_number.show": {"cs_manager": _ALL, "project_manager": _ALL},
        # absences of others in the project; one's own everybody records
        "absence.record": {**_HEADS, "eng_dispatch": _ALL, "admin": _ALL},
        # who an anonymous person is: somebody has to be able to call back
        "anonymous.read": _HEADS,
    }
)  # fmt: skip

#: work on the machinery of cases: keys and elements, no business data
TECHNICAL = frozenset(
    {
        "instance.operate", "instance.migrate", "incident.read", "incident.resolve", "job.work",
        "message.publish",
    }
)  # fmt: skip
