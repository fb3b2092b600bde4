"""Which steps of a case and of what it called a reader may know of: a payment is not everybody's."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar

from sqlalchemy.orm import Session

from engine.models import Instance
from engine.ports import Actor, ports


class OfStep(Protocol):
    """What belongs to a step of an instance: a task, a submission, an event."""

    @property
    def instance_key(self) -> Any: ...
    @property
    def element(self) -> Any: ...


Row = TypeVar("Row", bound=OfStep)


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A step as rights are asked about it: somebody did it, or will."""

    tenant_id: str
    root_key: int
    process_id: str
    element: str | None
    session: Session
    group: str | None = None
    assignee: int | None = None


@dataclass(slots=True)
class Seen:
    """The steps of a family of instances that a reader may know of; each is asked for once."""

    session: Session
    reader: Actor
    family: Iterable[Instance]
    _known: dict[tuple[int, str | None, str | None], bool] = field(default_factory=dict)

    def only(self, rows: Iterable[Row]) -> list[Row]:
        """Return what belongs to steps that the reader may know of."""
        by_key = {one.key: one for one in self.family}
        return [row for row in rows if self._may(by_key[row.instance_key], row)]

    def cases(self) -> list[Instance]:
        """Return the instances of the family that the reader may know of."""
        return [one for one in self.family if ports.can(self.reader, "step.see", one)]

    def _may(self, instance: Instance, row: OfStep) -> bool:
        group = getattr(row, "group", None)
        asked = (instance.key, row.element, group)
        if asked not in self._known:
            step = Step(
                tenant_id=instance.tenant_id, root_key=instance.root_key, session=self.session,
                process_id=instance.process_id, element=row.element, group=group,
            )  # fmt: skip
            self._known[asked] = ports.can(self.reader, "step.see", step)
        return self._known[asked]
