"""The kinds of notices that a person may choose ways for, and what holds without a choice."""

from dataclasses import dataclass

from engine.errors import N_


@dataclass(frozen=True, slots=True)
class Kind:
    """A family of notices: one row of the page of choices."""

    key: str
    name: str
    #: whether a mail goes out when the person has said nothing
    mail: bool


OTHER = "other"
KINDS = (
    Kind("task", N_("直接指派给我的新任务"), mail=False),
    Kind("assigned", N_("转给我办理的任务"), mail=True),
    Kind("urged", N_("催办"), mail=True),
    Kind("warned", N_("快到期的提醒"), mail=False),
    Kind("overdue", N_("超时"), mail=True),
    Kind("supervise", N_("请我督办"), mail=True),
    Kind("request", N_("暂停和延期的申请与答复"), mail=True),
    Kind(OTHER, N_("其他通知"), mail=False),
)
#: those that a new robot or web hook gets
LOUD = ("urged", "overdue", "supervise")
#: kinds that never leave the house: a word about a broken channel must not go through channels
INSIDE = frozenset({"undelivered"})
_KNOWN = {kind.key: kind for kind in KINDS}


def family(kind: str) -> Kind:
    """Return the family that a notice's kind belongs to."""
    return _KNOWN.get(kind, _KNOWN[OTHER])
