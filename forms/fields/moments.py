"""Days, times and moments."""

from collections.abc import Callable
from datetime import date, datetime, time
from typing import Any, ClassVar, Final

from typing_extensions import override

from forms import moments
from forms.fields.base import Component, FormField, Reader
from forms.problems import refused

_READERS: Final[dict[str, Callable[[str], date | datetime | time]]] = {
    "date": moments.read_date,
    "time": moments.read_time,
    "datetime": moments.read_moment,
}


class MomentField(FormField):
    """`datetime`, whose `subtype` says date, time or both."""

    empty: ClassVar[Any] = None

    def __init__(self, component: Component) -> None:
        super().__init__(component)
        self.subtype: str = component.get("subtype") or "date"
        self.style: str | None = component.get("timeSerializingFormat")
        self.read = _READERS[self.subtype]

    @override
    def take(self, value: Any) -> str | None:
        if value == "":
            return None
        if not isinstance(value, str):
            raise refused(self.subtype)
        try:
            found = self.read(value)
        except ValueError as error:
            raise refused(self.subtype) from error
        self._plausible(found)
        return value

    def _plausible(self, found: date | datetime | time) -> None:
        if isinstance(found, date) and not moments.YEARS[0] <= found.year <= moments.YEARS[1]:
            raise refused("year", year=found.year)
        if isinstance(found, (datetime, time)):
            zoned = self.style in (moments.UTC_OFFSET, moments.UTC_NORMALIZED)
            if zoned is not (found.tzinfo is not None):
                raise refused("offset")
            if not moments.plausible_offset(found):
                raise refused("offset")

    @override
    def initial(self, value: Any) -> Any:
        if not isinstance(value, (str, date, time)):
            return None
        try:
            return self._written(value)
        except ValueError:
            return None

    def _written(self, value: str | date | time) -> str | None:
        if self.subtype == "time":
            found = time.fromisoformat(value) if isinstance(value, str) else value
            return moments.write_time(found, self.style) if isinstance(found, time) else None
        found = datetime.fromisoformat(value) if isinstance(value, str) else value
        if self.subtype == "date":
            return found.isoformat()[:10] if isinstance(found, date) else None
        return moments.write_moment(found, self.style) if isinstance(found, datetime) else None

    @override
    def typed(self, value: Any) -> Any:
        return self.read(value) if value else None

    @override
    def show(self, value: Any, reader: Reader) -> str:
        if not value:
            return ""
        found = self.read(value)
        if isinstance(found, datetime):
            return moments.show_moment(found, reader.language, reader.zone)
        if isinstance(found, date):
            return moments.show_date(found, reader.language)
        return f"{found:%H:%M}"
