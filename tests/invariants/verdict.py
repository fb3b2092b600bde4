"""How a check says that an invariant does not hold."""

from tests.invariants.rows import Case


class Broken(AssertionError):  # noqa: N818 — what it says, not what went wrong with the program
    """An invariant does not hold in a case."""

    def __init__(self, number: int, case: Case, why: str) -> None:
        super().__init__(f"invariant {number}: {why}; {case.root.business_key}, {case.said}")
        self.number = number


def must(holds: object, number: int, case: Case, why: str) -> None:
    """Raise Broken unless something holds."""
    if not holds:
        raise Broken(number, case, why)
