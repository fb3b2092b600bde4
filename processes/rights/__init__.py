"""Who sees and does what (requirements §4.2): one table, the rules over it, and lists by both."""

from processes.rights.asking import FORGETTING, can, hidden, is_system, reach
from processes.rights.bars import MONEY, MONEY_ELEMENTS, marks
from processes.rights.fields import WHO
from processes.rights.grants import GRANTS
from processes.rights.lists import shown
from processes.rights.publishing import refuse_one_pair_of_eyes
from processes.rights.table import CELLS, COLUMNS, PROCESSES, Object, Reach
from processes.rights.telling import closed, untold
from processes.rights.things import is_own

__all__ = [
    "CELLS", "COLUMNS", "FORGETTING", "GRANTS", "MONEY", "MONEY_ELEMENTS", "PROCESSES", "WHO",
    "Object", "Reach", "can", "closed", "hidden", "is_own", "is_system", "marks", "reach",
    "refuse_one_pair_of_eyes", "shown", "untold",
]  # fmt: skip
