"""Which data path belongs to which field: the rules of form-js's path registry."""

from dataclasses import dataclass, field

from forms.expressions import Path


@dataclass(slots=True)
class _Place:
    """A segment of the data: closed by a field, repeated by a list, or open."""

    children: dict[str, "_Place"] = field(default_factory=dict)
    closed: bool = False
    taken: bool = False
    list_id: str | None = None


class Claims:
    """The paths taken so far."""

    def __init__(self) -> None:
        self._root = _Place()

    def field(self, path: Path, lists: tuple[str, ...]) -> bool:
        """Take a path for a field; False when it is not free."""
        place = self._walk(path, lists)
        if place is None or place.children or place.taken or place.list_id:
            return False
        place.closed = True
        return True

    def group(self, path: Path, lists: tuple[str, ...]) -> bool:
        """Take a path for a group, which others may share."""
        place = self._walk(path, lists)
        if place is not None:
            place.taken = True
        return place is not None

    def list(self, path: Path, lists: tuple[str, ...], list_id: str) -> bool:
        """Take a path for a dynamic list, free for its own children only."""
        place = self._walk(path, lists)
        if place is None or place.children or place.taken or place.list_id:
            return False
        place.list_id = list_id
        return True

    def _walk(self, path: Path, lists: tuple[str, ...]) -> _Place | None:
        place = self._root
        for part in path:
            place = place.children.setdefault(part, _Place())
            if place.closed or (place.list_id and place.list_id not in lists):
                return None
        return place
