"""The matrix of requirements §4.2 as the domain writes it, and what it makes of every endpoint.

Nothing here is taken from processes.rights: what stands here is what has to come out there.
"""

from collections.abc import Mapping

#: the columns; roles that are not here have no cell
COLUMNS = ("assistant", "manager", "project", "dispatch", "worker", "security", "cleaning",
           "cashier", "finance", "quality", "leader")  # fmt: skip
KEYS = dict(zip(COLUMNS, (
    "cs_assistant", "cs_manager", "project_manager", "eng_dispatch", "eng_worker", "security",
    "cleaning", "cashier", "finance_hq", "quality", "leader"), strict=True))  # fmt: skip

#: how far each role reads: * every case of the project, + its own, . none
READS = """
              a m p d w s c $ f q l
complaint     * * * + + + + + . * *
repair        * * * * + . . + + * +
payment       . * * . . . . * * + +
cash          . + * . . . . * * * +
move_in       * * * + + . + + + * +
defect        * * * + + . + . + * +
event         * * * + . + + + + * *
callback      * * * + + . . . . * +
inquiry       * * * + + + + + + * *
review        + * * + + + + + . * *
"""
#: process -> its row; a process drawn by the customer is read by the desk, the heads and the company
ROWS = {
    "complaint": "complaint", "repair": "repair", "payment_at_desk": "payment",
    "daily_cash": "cash", "move_in": "move_in", "move_in_inspect_first": "move_in",
    "move_in_prep": "move_in", "rectification": "defect", "community_event": "event",
    "callback": "callback", "inquiry": "inquiry", "complaint_review": "review",
}  # fmt: skip

_DESK = {"cs_assistant", "cs_manager", "project_manager"}
_HEADS = {"cs_manager", "project_manager", "quality"}
_STAFF = set(KEYS.values())
#: verb -> (who does it to every case they read, who only to their own); it always takes reading
VERBS: Mapping[str, tuple[set[str], set[str]]] = {
    "read": (_STAFF, set()),
    "work": (set(), _STAFF),
    "take": (_STAFF, set()),  # what somebody has taken is theirs: a conflict, and no secret
    "hand over": (_HEADS, _STAFF),
    "urge": (_DESK | {"quality", "leader"}, set()),
    "correct": ({"cs_manager", "project_manager"}, _STAFF),
    "send back": (_HEADS, set()),
    "start again": ({"project_manager", "quality"}, set()),
    "cancel": ({"project_manager", "quality"}, set()),
    "tell owner": (_DESK, set()),
    # whoever works on a case sees whose it is, for a week after its end, and need not ask
    "disclose": ({"leader"}, set()),
    "link": (_DESK, set()),
    "show ID": ({"cs_manager", "project_manager"}, set()),
    "wait": (_HEADS, _STAFF),
    "pause": (_HEADS, _STAFF),
}  # fmt: skip
#: what those who keep the machinery do, without reading the business
TECHNICAL: Mapping[str, set[str]] = {
    "operate": {"project_manager", "quality", "admin"},
}
#: endpoint -> (verb, of what)
ENDPOINTS: Mapping[str, tuple[str, str]] = {
    "pages.task": ("read", "task"), "pages.task_tab": ("read", "task"),
    "pages.task_people": ("read", "task"), "pages.task_time": ("read", "task"),
    "v2-user-tasks.get": ("read", "task"), "v2-user-tasks.form": ("read", "task"),
    "v2-user-tasks.variables": ("read", "task"), "v1-time.account": ("read", "task"),
    "pages.save_draft": ("read", "task"),
    "pages.complete": ("work", "task"), "pages.complete_plain": ("work", "task"),
    "v1-tasks.complete": ("work", "task"), "v2-user-tasks.complete": ("work", "task"),
    "pages.assign": ("hand over", "task"), "v2-user-tasks.assign": ("hand over", "task"),
    "pages.unclaim": ("hand over", "task"), "v2-user-tasks.unassign": ("hand over", "task"),
    "pages.urge": ("urge", "task"), "v1-tasks.urge": ("urge", "task"),
    "pages.earlier_steps": ("send back", "task"), "pages.send_back": ("send back", "task"),
    "v1-operations.earlier_steps": ("send back", "task"),
    "v1-operations.send_back": ("send back", "task"),
    "pages.claim": ("take", "task"),
    "pages.pause_case": ("pause", "case"), "pages.resume_case": ("pause", "case"),
    "v1-time.pause": ("pause", "task"), "v1-time.resume": ("pause", "task"),
    "pages.extend_task": ("wait", "task"), "v1-time.extend": ("wait", "task"),
    "pages.correct_form": ("read", "done"), "pages.correct": ("correct", "done"),
    "pages.case": ("read", "case"), "pages.case_time": ("read", "case"),
    "v2-process-instances.get": ("read", "case"), "v2-variables.search": ("read", "case"),
    "v1-cases.offers": ("read", "case"), "v1-cases.linked": ("read", "case"),
    "pages.owner_messages": ("read", "case"),
    "pages.report_form": ("urge", "case"), "pages.report": ("urge", "case"),
    "v1-cases.report": ("urge", "case"), "pages.revoke_rating_links": ("tell owner", "case"),
    "pages.case_loads": ("read", "case"), "pages.desk_beside": ("read", "task"),
    "pages.desk_link": ("link", "case"), "pages.show_id_numbers": ("show ID", "case"),
    "pages.create_owner_link": ("tell owner", "case"),
    "v2-incidents.search_of_instance": ("read", "case"),
    "v1-operations.tokens": ("look inside", "case"),
    "v1-operations.restart": ("start again", "case"),
    "pages.cancel_case": ("cancel", "case"), "v2-process-instances.cancel": ("cancel", "case"),
    "pages.send_owner_message": ("tell owner", "case"), "pages.note_consent": ("tell owner", "case"),
    "pages.disclose": ("disclose", "case"),
    "pages.operations": ("operate", "case"), "pages.operate": ("operate", "case"),
    "v2-operations.suspend": ("operate", "case"), "v2-operations.resume": ("operate", "case"),
    "v2-operations.modify": ("operate", "case"),
    "v2-operations.set_variables": ("operate", "case"),
    "v1-operations.skip": ("operate", "case"), "v1-operations.fail": ("operate", "case"),
    "v2-migrations.migrate": ("operate", "case"),
}  # fmt: skip


def table() -> dict[str, dict[str, str]]:
    """Return row -> role -> mark."""
    lines = [line.split() for line in READS.strip().splitlines()[1:]]
    marks = {row: dict(zip(KEYS.values(), cells, strict=True)) for row, *cells in lines}
    other = dict.fromkeys(KEYS.values(), "+")
    for role in (*_DESK, "quality", "leader"):
        other[role] = "*"
    return {**marks, "other": other}


def reads(role: str, process_id: str, *, own: bool) -> bool:
    """Say whether a role of the project reads a case, its own or another's."""
    mark = table()[ROWS.get(process_id, "other")].get(role, ".")
    return mark == "*" or (mark == "+" and own)


def may(role: str, verb: str, process_id: str, *, own: bool) -> bool:
    """Say whether a role of the project does something to a case."""
    if verb in TECHNICAL:
        return role in TECHNICAL[verb]
    if verb == "look inside":
        return reads(role, process_id, own=own) or role in _HEADS | {"admin"}
    to_all, to_own = VERBS[verb]
    if not reads(role, process_id, own=own) or (
        role == "eng_worker" and ROWS.get(process_id) in {"payment", "cash"}
    ):
        return False
    if own and verb == "work" and ROWS.get(process_id) == "callback":
        return role not in {"eng_dispatch", "eng_worker"}  # they read what came of it
    if verb == "disclose" and own:
        return False
    return role in to_all or (own and role in to_own)
