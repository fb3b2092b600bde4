"""What is known of those who signed up, for the feedback that they give through a link."""

from collections.abc import Collection, Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from sqlalchemy.orm import Session

from engine import submissions
from engine.models import Instance

_SIGNUP, _TABLE = "E7_signup", "signup"
#: as much as the field for voices takes
_LONGEST = 2000


class Participants:
    """Everybody whose telephone stands in the list of an event."""

    def phones(self, session: Session, case: Instance) -> Collection[str]:
        """Return the telephones of all lists of the event: a second call adds to the first."""
        return {
            str(line["phone"])
            for row in submissions.latest(session, [case.key]) if row.element == _SIGNUP
            for line in row.data.get(_TABLE) or () if line.get("phone")
        }  # fmt: skip

    def counted(self, scores: Sequence[int], words: Sequence[str]) -> dict[str, Any]:
        """Return how many answered, the mean of their scores, and their words as far as they fit."""
        mean = (Decimal(sum(scores)) / len(scores)).quantize(Decimal("0.1"), ROUND_HALF_UP)
        return {"answers": len(scores), "feedback_score": float(mean), "voices": _voices(words)}

    def totals(self) -> Sequence[str]:
        """Return the fields that are counted."""
        return ("answers", "feedback_score")


def _voices(words: Sequence[str]) -> str:
    """Return the words line by line, whole ones only, up to what the field takes."""
    found = ""
    for word in words:
        line = " ".join(word.split())
        longer = f"{found}\n{line}" if found else line
        if len(longer) <= _LONGEST:
            found = longer
    return found
