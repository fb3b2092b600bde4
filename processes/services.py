"""The handlers of the service tasks of all processes, named to the engine at once."""

from processes.community_event import handlers as community_event
from processes.complaint import handlers as complaint
from processes.complaint_review import handlers as complaint_review
from processes.daily_cash import handlers as daily_cash
from processes.move_in import handlers as move_in
from processes.move_in_prep import handlers as move_in_prep
from processes.repair import handlers as repair

_ALL = (community_event, complaint, complaint_review, daily_cash, move_in, move_in_prep, repair)


def register() -> None:
    """Name the handlers after their task definitions; twice does no harm."""
    for module in _ALL:
        module.register()
