"""Fields of our own that name something outside the form: files, people, rooms, cases."""

from collections.abc import Mapping
from typing import Any, ClassVar

from typing_extensions import override

from forms.fields.base import Component, FormField, Reader, Scene, text_of
from forms.problems import Text, refused, say

_LONGEST_KEY = 200


class ArchiveField(FormField):
    """One entry of the archive, by key."""

    missing: ClassVar[str] = "required-choice"
    verifies: ClassVar[bool] = True
    #: what `lookup` is asked for, and the sentence when it knows nothing
    kind: ClassVar[str]

    @override
    def take(self, value: Any) -> Any:
        return None if value == "" else key_of(value)

    @override
    def verify(self, value: Any, scene: Scene) -> list[Text]:
        entry = scene.lookup(self.kind, value, scene.actor)
        return [say(self.kind)] if entry is None else self.fits(entry)

    def fits(self, entry: Mapping[str, Any]) -> list[Text]:
        """Return what is wrong with choosing this entry here."""
        del entry
        return []

    @override
    def initial(self, value: Any) -> Any:
        return value if isinstance(value, str) and value else None

    @override
    def show(self, value: Any, reader: Reader) -> str:
        return entry_label(self.kind, value, reader) if value else ""


class RoomField(ArchiveField):
    """`wf-room`."""

    kind: ClassVar[str] = "room"


class CaseField(ArchiveField):
    """`wf-case`: the number of another case, perhaps of one process only."""

    kind: ClassVar[str] = "case"

    @override
    def fits(self, entry: Mapping[str, Any]) -> list[Text]:
        process = self.component.get("process")
        return [say("case")] if process and entry.get("process_id") != process else []


class PersonField(ArchiveField):
    """`wf-person`, perhaps of one group only."""

    kind: ClassVar[str] = "person"

    @override
    def fits(self, entry: Mapping[str, Any]) -> list[Text]:
        group = self.component.get("group")
        return [say("person-group")] if group and group not in entry.get("groups", ()) else []


class PeopleField(PersonField):
    """`wf-person` with `multiple`."""

    empty: ClassVar[Any] = []

    def __init__(self, component: Component) -> None:
        super().__init__(component)
        self.most: int = component.get("max", 20)

    @override
    def take(self, value: Any) -> Any:
        return keys_of(value, self.most)

    @override
    def verify(self, value: Any, scene: Scene) -> list[Text]:
        found = [text for key in value for text in PersonField.verify(self, key, scene)]
        return found[:1]

    @override
    def initial(self, value: Any) -> Any:
        value = [value] if isinstance(value, str) and value else value
        return [key for key in value if isinstance(key, str)] if isinstance(value, list) else []

    @override
    def show(self, value: Any, reader: Reader) -> str:
        comma = "、" if reader.language == "zh" else ", "
        return comma.join(entry_label(self.kind, key, reader) for key in value or ())


class UploadField(FormField):
    """`wf-upload`: files that were uploaded before, by id."""

    empty: ClassVar[Any] = []
    missing: ClassVar[str] = "required"
    verifies: ClassVar[bool] = True

    def __init__(self, component: Component) -> None:
        super().__init__(component)
        self.most: int = component.get("max", 9)
        accept = component.get("accept") or ""
        self.accepted = tuple(part.strip().lower() for part in accept.split(",") if part.strip())

    @override
    def take(self, value: Any) -> Any:
        return keys_of(value, self.most)

    @override
    def verify(self, value: Any, scene: Scene) -> list[Text]:
        found: list[Text] = []
        for file_id in value:
            file = scene.files(file_id)
            if file is None:
                found.append(say("file"))
            elif self.accepted and not any(_accepts(part, file) for part in self.accepted):
                accept = "、".join(self.accepted)
                found.append(say("file-type", name=file.get("name", file_id), accept=accept))
        return found

    @override
    def initial(self, value: Any) -> Any:
        return [key for key in value if isinstance(key, str)] if isinstance(value, list) else []

    @override
    def show(self, value: Any, reader: Reader) -> str:
        comma = "、" if reader.language == "zh" else ", "
        return comma.join(entry_label("file", key, reader) for key in value or ())


class PhotoField(UploadField):
    """`wf-photo`: pictures taken on the spot; `pair` says which side of a comparison they show."""

    def __init__(self, component: Component) -> None:
        super().__init__(component)
        self.accepted = ("image/*",)
        self.pair: str | None = component.get("pair")

    @override
    def show(self, value: Any, reader: Reader) -> str:
        """Say how many: what telephones call their photos tells nobody anything."""
        if not value:
            return ""
        return f"{len(value)} 张" if reader.language == "zh" else f"{len(value)} photos"


class SignatureField(UploadField):
    """`wf-signature`: the picture of a signature, uploaded before, by id."""

    empty: ClassVar[Any] = None
    missing: ClassVar[str] = "required-signature"

    def __init__(self, component: Component) -> None:
        super().__init__(component)
        self.accepted = ("image/*",)

    @override
    def take(self, value: Any) -> Any:
        return None if value == "" else key_of(value)

    @override
    def verify(self, value: Any, scene: Scene) -> list[Text]:
        return super().verify([value], scene)

    @override
    def initial(self, value: Any) -> Any:
        return value if isinstance(value, str) and value else None

    @override
    def show(self, value: Any, reader: Reader) -> str:
        """Say that somebody has signed: the name of the picture tells nothing."""
        if not value:
            return ""
        return "已签" if reader.language == "zh" else "signed"


def person_field(component: Component) -> FormField:
    """Return the field for one person or for several."""
    return PeopleField(component) if component.get("multiple") else PersonField(component)


def key_of(value: Any) -> str:
    """Return the key of an archive entry or file, in shape."""
    text = text_of(value)
    if not text or len(text) > _LONGEST_KEY:
        raise refused("type")
    return text


def keys_of(value: Any, most: int) -> list[str]:
    """Return the keys, each once, at most so many."""
    if not isinstance(value, list):
        raise refused("type")
    keys = list(dict.fromkeys(key_of(item) for item in value))
    if len(keys) > most:
        raise refused("too-many", limit=most)
    return keys


def entry_label(kind: str, key: str, reader: Reader) -> str:
    """Return the name of an archive entry, its key when the reader may not know it."""
    entry = reader.lookup(kind, key, reader.actor)
    named = entry and (entry.get("label") or entry.get("name"))
    return str(named or key)


def _accepts(part: str, file: Mapping[str, Any]) -> bool:
    media_type = str(file.get("media_type", "")).lower()
    if part.startswith("."):
        return str(file.get("name", "")).lower().endswith(part)
    return media_type.startswith(part[:-1]) if part.endswith("/*") else media_type == part
