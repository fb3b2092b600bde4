"""A form, compiled: load a submission, prefill the viewer, read a submission back."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo
from typing import Any

from forms import prefills, readings
from forms.expressions import Path
from forms.fields.base import Files, Lookup, Reader, Scene, no_files, nothing
from forms.nodes import FieldInfo, Scope
from forms.submissions import Filling, outside

#: (label, text, field) of one line of a submission
Line = tuple[str, str, FieldInfo]


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """What a person fills in at one step."""

    id: str
    name: str
    name_en: str
    #: sha256 of the source
    hash: str
    schema: Mapping[str, Any] = field(repr=False)
    scope: Scope = field(repr=False)
    #: the fields as drawn; a dynamic list stands before its own
    fields: tuple[FieldInfo, ...] = field(repr=False)
    #: dotted paths of the values a submission holds; a dynamic list counts as one
    keys: frozenset[str]
    #: those of them that hold personal data
    personal: frozenset[str]
    #: those that are kept encrypted and shown masked
    secret: frozenset[str]
    #: paths of `case`, `user` and `variables` that the viewer needs for its expressions
    reads: frozenset[Path]
    #: whether checking or prefilling it needs the case's earlier submissions
    reads_case: bool
    #: whether it also needs what the case is linked with: `case.main`, `case.related`
    reads_linked: bool
    #: whether it needs what the step knows: the process's variables and the step's own inputs
    reads_variables: bool
    #: names of option lists that the caller puts into the context
    option_keys: frozenset[str]
    watched: bool

    def load(
        self,
        submitted: Mapping[str, Any],
        *,
        context: Mapping[str, Any],
        now: datetime,
        lookup: Lookup = nothing,
        files: Files = no_files,
        actor: Any = None,
    ) -> dict[str, Any]:
        """Return the clean data by key; `Invalid` says what to correct.

        `now` is aware, best in the project's zone. What the form does not ask is dropped.
        """
        names = outside(context, now, self.option_keys)
        scene = Scene(lookup=lookup, files=files, actor=actor)
        filling = Filling(names, scene, self.watched)
        return filling.run(self.scope, submitted)

    def prefill(
        self, context: Mapping[str, Any], saved: Mapping[str, Any] | None = None
    ) -> dict[str, Any]:
        """Return the viewer's initial data: defaults, what its expressions read, the draft on top."""
        now = context.get("now")
        names = outside(context, now if isinstance(now, datetime) else _NEVER, self.option_keys)
        return prefills.data(self.scope, names, self.reads, self.option_keys, saved or {})

    def show(
        self,
        data: Mapping[str, Any],
        lookup: Lookup = nothing,
        *,
        context: Mapping[str, Any] | None = None,
        actor: Any = None,
        language: str = "zh",
        zone: tzinfo | None = None,
    ) -> list[Line]:
        """Return the lines of a submission as a person reads them, empty ones left out.

        Names of files are asked of `lookup` with kind `file`. Times are shown in `zone`.
        """
        reader = Reader(lookup=lookup, actor=actor, language=language, zone=zone)
        names = outside(context or {}, _NEVER, self.option_keys)
        return readings.lines(self.scope, data, reader, names)


#: stands for `now` where there is no clock and nobody may ask for one
_NEVER = datetime(1970, 1, 1, tzinfo=UTC)
