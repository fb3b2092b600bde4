"""How far a case has got with the many cases that it starts: a bar that moves by itself."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask import render_template
from sqlalchemy.orm import Session

from api import auth
from api.pages import base
from api.pages.base import pages
from engine import compiled, instances, loads
from engine.errors import NotFoundError
from engine.models import Instance, LoadState


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """One list of cases as the page shows it."""

    name: str
    progress: loads.Progress
    #: share of the list that has its case, in percent, rounded down
    percent: int
    known: int
    failed: int
    running: bool


@pages.get("/cases/<key>/loads")
def case_loads(key: str) -> str:
    """Give the bars of a case anew while it works."""
    actor = auth.actor()
    with base.read() as session:
        found = instances.get(session, actor, base.key(key))
        root = session.get_one(Instance, found.root_key)
        return render_template("parts/case_loads.html", root=root, loads=of(session, root))


def of(session: Session, root: Instance) -> Sequence[Shown]:
    """Return the lists of a case, oldest first."""
    return [_shown(session, root, one) for one in loads.progress(session, root.key)]


def _shown(session: Session, root: Instance, one: loads.Progress) -> Shown:
    try:
        name = compiled.newest(session, one.process_id, root.tenant_id).name
    except NotFoundError:  # the process is not in force any more
        name = one.process_id
    return Shown(
        name=name, progress=one, percent=one.done * 100 // one.total if one.total else 100,
        known=one.counts.get(LoadState.KNOWN, 0), failed=one.counts.get(LoadState.FAILED, 0),
        running=one.ended_at is None and root.ended_at is None and root.suspended_at is None,
    )  # fmt: skip
