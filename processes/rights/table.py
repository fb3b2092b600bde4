"""The matrix of requirements §4.2 in one place: object × role, and what an action asks of a cell.

A cell holds words: `R` reads all of the project, `W` does and starts, `A` approves, `own` reads and
does what is assigned, offered or was done by the person, `S` sees figures and does only what is
given to them, `M` reads all with personal data masked, `status` sees only how it stands, `result`
sees only what came of it. An empty cell is closed, whatever a diagram says.
"""

import enum
from collections.abc import Mapping
from types import MappingProxyType


class Reach(enum.IntEnum):
    """How far a grant reaches."""

    OWN = 1  #: 本人经办
    ALL = 2  #: 本项目全部


class Object(enum.StrEnum):
    """What the matrix has rows for; a case is of one kind, by its process."""

    COMPLAINT = "complaint"  #: 投诉
    REPAIR = "repair"  #: 维修任务单和报价
    PAYMENT = "payment"  #: 收费和收据
    CASH = "cash"  #: 现金入账
    MOVE_IN = "move_in"  #: 入住资料
    DEFECT = "defect"  #: 整改
    EVENT = "event"  #: 社区活动
    CALLBACK = "callback"  #: 回访记录
    INQUIRY = "inquiry"  #: 来电来访来信
    REVIEW = "review"  #: 投诉评审
    OTHER = "other"  #: 其他流程的案件
    CUSTOMER = "customer"  #: 业主姓名和电话


#: process -> what kind of object its cases are; a process drawn later is OTHER
PROCESSES: Mapping[str, Object] = MappingProxyType(
    {
        "complaint": Object.COMPLAINT,
        "repair": Object.REPAIR,
        "payment_at_desk": Object.PAYMENT,
        "daily_cash": Object.CASH,
        "move_in": Object.MOVE_IN,
        "move_in_inspect_first": Object.MOVE_IN,
        "move_in_prep": Object.MOVE_IN,
        "rectification": Object.DEFECT,
        "community_event": Object.EVENT,
        "callback": Object.CALLBACK,
        "inquiry": Object.INQUIRY,
        "complaint_review": Object.REVIEW,
    }
)

#: the columns of the matrix; the other roles have no cell and no case
COLUMNS = (
    "cs_assistant", "cs_manager", "project_manager", "eng_dispatch", "eng_worker", "security",
    "cleaning", "cashier", "finance_hq", "quality", "leader",
)  # fmt: skip

_MATRIX = """
complaint | R W   | R W | R A   | own    | own    | own | own | own | -   | R A   | R A
repair    | R W   | R W | R     | R W    | own    | -   | -   | own | S   | R     | S
payment   | status| R   | R     | status | status | -   | -   | R W | R A | S     | S
cash      | -     | own | R     | -      | -      | -   | -   | R W | R A | R     | S
move_in   | R W   | R W | R A   | own    | own    | -   | own | own | S   | R     | S
defect    | R W   | R W | R A   | own    | own    | -   | own | -   | S   | R     | S
event     | R W   | R W | R A   | own    | -      | own | own | own | S   | R     | R A
callback  | R W   | R W | R     | result | result | -   | -   | -   | -   | R W   | S
inquiry   | R W   | R W | R     | own    | own    | own | own | own | own | R     | R
review    | own   | R W | R A   | own    | own    | own | own | own | -   | R W A | R
other     | R W   | R W | R W A | own    | own    | own | own | own | own | R W A | R W A
customer  | R W   | R W | R     | M      | own    | M   | -   | R   | M   | M     | S
"""

#: object -> role -> words of the cell
CELLS: Mapping[Object, Mapping[str, frozenset[str]]] = MappingProxyType(
    {
        Object(name.strip()): MappingProxyType(
            {
                role: frozenset(cell.replace("-", "").split())
                for role, cell in zip(COLUMNS, cells, strict=True)
            }
        )
        for name, *cells in (line.split("|") for line in _MATRIX.strip().splitlines())
    }
)

#: the rows that are cases
CASES = tuple(kind for kind in Object if kind != Object.CUSTOMER)

#: objects of which a payment task is a part: a repair worker never has to do with them (P8)
MONEY_OBJECTS = frozenset({Object.PAYMENT, Object.CASH})

#: whoever is asked first takes it down (首问负责), beside those whose cell says W
_FIRST_ASKED: Mapping[Object, tuple[str, ...]] = MappingProxyType(
    dict.fromkeys(
        (Object.COMPLAINT, Object.REPAIR, Object.INQUIRY), ("project_manager", "quality", "leader")
    )
)


def reading(kind: Object, role: str) -> Reach | None:
    """Return how far a role reads the cases and tasks of a kind; None: not at all."""
    words = CELLS[kind].get(role, frozenset())
    if words & {"R", "W", "A", "M"}:
        return Reach.ALL
    return Reach.OWN if words & {"own", "S", "result"} else None


def working(kind: Object, role: str) -> Reach | None:
    """Return how far a role does tasks of a kind: what its diagram or a supervisor gives it."""
    closed = reading(kind, role) is None or "result" in CELLS[kind][role]
    return None if closed else Reach.OWN


def starting(kind: Object, role: str) -> Reach | None:
    """Return whether a role starts cases of a kind."""
    writes = "W" in CELLS[kind].get(role, frozenset())
    return Reach.ALL if writes or role in _FIRST_ASKED.get(kind, ()) else None


#: action -> what it asks of the cell; other actions are in `grants`
BY_CELL = MappingProxyType(
    {
        "task.read": reading,
        "instance.read": reading,
        "task.work": working,
        "instance.start": starting,
    }
)


def kind_of(process_id: str | None) -> Object:
    """Return what kind of object the cases of a process are."""
    return PROCESSES.get(process_id or "", Object.OTHER)


def anywhere(action: str) -> dict[str, Reach]:
    """Return how far each role's right to an action of the matrix reaches at best."""
    asked = BY_CELL[action]
    best: dict[str, Reach] = {}
    for role in COLUMNS:
        held = [found for kind in CASES if (found := asked(kind, role)) is not None]
        if held:
            best[role] = max(held)
    return best
