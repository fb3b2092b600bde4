"""Who is drawn in while work stays undone: one ladder for each level that may be late.

The engine ships L-STD and L-P0 (requirements §3.0). A manager's own delay goes to the next higher
one, and an answer to an owner follows the limit CP_ORAL_REPLY of requirements §3.1.
"""

from engine.policies import Ladder, Rung, add_ladder, use_supervising_form

LADDERS: tuple[Ladder, ...] = (
    Ladder(code="L-REPLY", warn=(80,), rungs=(
        Rung(percent=100, group="cs_manager"),
        Rung(percent=200, group="project_manager"),
        Rung(percent=300, group="quality"),
    )),
    Ladder(code="L-MGR", warn=(80,), rungs=(
        Rung(percent=100, group="project_manager"),
        Rung(percent=300, group="quality"),
    )),
    Ladder(code="L-PM", warn=(80,), rungs=(
        Rung(percent=100, group="quality"),
        Rung(percent=300, group="leader"),
    )),
    Ladder(code="L-HQ", warn=(80,), rungs=(Rung(percent=150, group="leader"),)),
)  # fmt: skip


def register() -> None:
    """Make the ladders and the form of supervising tasks known; twice does no harm."""
    for ladder in LADDERS:
        add_ladder(ladder)
    use_supervising_form("complaint-T4s_supervise")
