"""What all fields of a form have in common."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import tzinfo
from typing import Any, ClassVar, Protocol

from marshmallow import fields
from typing_extensions import override

from forms.problems import Text, refused

#: halves of a character and NUL: no database keeps them as text
_UNSTORABLE = re.compile("[\ud800-\udfff\0]")

Component = Mapping[str, Any]


class Lookup(Protocol):
    """Answer with an archive entry (`label`, and what its kind adds), or None."""

    def __call__(self, kind: str, key: str, actor: Any, /) -> Mapping[str, Any] | None: ...


#: file id -> its `name`, `media_type` and `size`, or None
Files = Callable[[str], Mapping[str, Any] | None]


def nothing(_kind: str, _key: str, _actor: Any, /) -> None:
    """Know no archive entry."""


def no_files(_file_id: str) -> None:
    """Know no file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """Who fills in, and whom the server asks while it checks."""

    lookup: Lookup = nothing
    files: Files = no_files
    actor: Any = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """Who reads a submission back: language, zone, and where names come from."""

    lookup: Lookup = nothing
    actor: Any = None
    language: str = "zh"
    zone: tzinfo | None = None
    #: option value -> label, of options worked out for this reading
    labels: Mapping[Any, str] = field(default_factory=dict)


class FormField(fields.Field[Any]):
    """A field that takes a value of its own type and gives it back clean."""

    #: what form-js puts in the data for a field nobody touched
    empty: ClassVar[Any] = None
    #: the sentence for a required field left empty
    missing: ClassVar[str] = "required"
    #: whether the value must also be held against the world: archive, files, other fields
    verifies: ClassVar[bool] = False

    def __init__(self, component: Component) -> None:
        super().__init__(
            allow_none=True,
            load_default=self.nothing,
            metadata={"label": component.get("label", "")},
        )
        self.component = component

    def nothing(self) -> Any:
        """Return an empty value that nobody shares."""
        return [] if self.empty == [] else self.empty

    def is_empty(self, value: Any) -> bool:
        """Say whether `required` is not met, as form-js sees it."""
        return value is None or value in ("", [])

    @override
    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> Any:
        return self.take(value)

    def take(self, value: Any) -> Any:
        """Return the clean value of what is not null; ValidationError with sentences."""
        return value

    def clean(self, value: Any) -> Any:
        """Return the value in its own type; ValidationError with sentences when it has none."""
        return None if value is None else self.take(value)

    def initial(self, value: Any) -> Any:
        """Return a prefilled value as the viewer takes it, empty when it is unfit."""
        return value

    def verify(self, value: Any, scene: Scene) -> list[Text]:
        """Return what is wrong with a clean value in the eyes of archive and files."""
        del value, scene
        return []

    def typed(self, value: Any) -> Any:
        """Return the value for the server's own FEEL: dates as dates."""
        return value

    def show(self, value: Any, reader: Reader) -> str:
        """Return the value as a person reads it."""
        del reader
        return "" if value is None else str(value)


def text_of(value: Any) -> str:
    """Return a JSON text that can be stored anywhere."""
    if not isinstance(value, str):
        raise refused("type")
    if _UNSTORABLE.search(value):
        raise refused("control-character")
    return value
