"""Who sees and does what (requirements §4.2): one table, the rules over it, and lists by both."""

from processes.rights.asking import (
    FORGETTING,
    GRANTS,
    MONEY,
    MONEY_ELEMENTS,
    WHO,
    Reach,
    can,
    hidden,
    is_own,
    is_system,
    reach,
)

__all__ = [
    "FORGETTING", "GRANTS", "MONEY", "MONEY_ELEMENTS", "WHO", "Reach", "can", "hidden", "is_own",
    "is_system", "reach",
]  # fmt: skip
