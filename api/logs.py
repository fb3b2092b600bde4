"""Write the log: one line an event, with telephone, identity and bank numbers masked."""

import logging
import re
import sys

from typing_extensions import override

_MASKED = (
    # identity card: six of place, the day of birth, four more
    (re.compile(r"(?<!\d)(\d{6})(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])"
                r"(\d{3}[\dXx])(?!\d)"), r"\1********\2"),
    (re.compile(r"(?<!\d)(1[3-9]\d)\d{4}(\d{4})(?!\d)"), r"\1****\2"),  # mobile telephone
    (re.compile(r"(?<!\d)(0\d{2,3}-)\d{4}(\d{3,4})(?!\d)"), r"\1****\2"),  # land line
    (re.compile(r"(?i)(password|passwd|token|secret|authorization)(['\"]?\s*[=:]\s*)\S+"),
     r"\1\2***"),
)  # fmt: skip


class Masking(logging.Formatter):
    """A formatter that takes personal numbers and secrets out of the finished line."""

    @override
    def format(self, record: logging.LogRecord) -> str:
        return mask(super().format(record))


def mask(text: str) -> str:
    """Return a text without personal numbers and secrets."""
    for pattern, shown in _MASKED:
        text = pattern.sub(shown, text)
    return text


def start(level: str = "INFO") -> None:
    """Send the log of this process to standard error."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(Masking("%(asctime)s %(levelname)s %(name)s %(message)s"))
    logging.basicConfig(level=level, handlers=[handler], force=True)
    for noisy in ("spiff", "alembic.runtime", "apscheduler"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
