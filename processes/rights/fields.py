"""Fields of forms that rights are about: who somebody is, and what a callback says of people."""

from collections.abc import Mapping
from types import MappingProxyType

#: fields that say who complained
WHO = frozenset({"complainant_name", "phone"})

#: telephone numbers of customers, by the fields of all processes
PHONES = frozenset({"phone", "caller_phone", "emergency_contact"})

#: names and telephone numbers of customers (§4.2 "customer basics")
BASICS = PHONES | {
    "complainant_name", "reporter", "caller_name", "customer", "owner_name", "agent_name", "payer",
}  # fmt: skip

#: a callback's fields kept back: nothing, from the department's head, from whom it is about
KEPT_BACK: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "R": frozenset(),
        "team": frozenset({"tries", "task_note", "new_issue_text"}),
        "result": frozenset(
            {"tries", "task_note", "new_issue_text", "suggestion", "effect", "omissions",
             "staff_manner"}
        ),
    }
)  # fmt: skip
