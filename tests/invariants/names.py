"""The short names of the invariants, as tests and docs call them."""

from collections.abc import Mapping
from types import MappingProxyType

NAMES: Mapping[int, str] = MappingProxyType({
    1: "paid-work-follows-consent", 2: "workers-and-money", 3: "keys-after-signature",
    4: "twelve-months-prepaid", 5: "cash-of-the-day", 6: "urgent-callback", 7: "callback-after-rain",
    8: "oral-answer", 9: "unreasonable-is-explained", 10: "report-to-above",
    11: "agreement-opens-work", 12: "callback-before-the-end", 13: "event-plans",
    14: "personal-data", 15: "timers-once",
})  # fmt: skip
