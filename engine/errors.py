"""Every refusal the engine can give, each with the stable code that the API shows.

A message is a Chinese gettext msgid with `{named}` places; the edge translates it and fills
`params` in. `str(error)` is the filled Chinese text, for logs and the command line.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from typing_extensions import override


def N_(message: str) -> str:  # noqa: N802 — the gettext world's name for "mark, don't translate"
    """Mark a msgid for the catalogue."""
    return message


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One thing wrong in a diagram, form or table: `rule` is its stable id."""

    rule: str
    zh: str
    en: str
    element: str | None = None
    line: int | None = None
    severity: str = "error"
    resource: str | None = None


class EngineError(Exception):
    """The engine refused; the message may be shown to the person who asked."""

    code: ClassVar[str] = "refused"

    def __init__(self, message: str = "", **params: Any) -> None:
        self.message = message or (self.__doc__ or "").strip()
        self.params = params
        super().__init__(self.message)

    @override
    def __str__(self) -> str:
        return self.message.format(**self.params) if self.params else self.message


class NotFoundError(EngineError):
    """There is no such thing, or not for this person."""

    code = "not-found"


class ForbiddenError(EngineError):
    """The person may not do this."""

    code = "forbidden"


class ConflictError(EngineError):
    """The thing is in a state that does not allow this any more."""

    code = "conflict"


class TaskClosedError(ConflictError):
    """The task was completed or cancelled before."""

    code = "task-closed"


class OvertakenError(ConflictError):
    """Someone else changed the same thing a moment ago."""

    code = "overtaken"


class SuspendedError(ConflictError):
    """The case is suspended; nothing in it moves until it is resumed."""

    code = "suspended"


class KeyReusedError(ConflictError):
    """An idempotency key came back with another request."""

    code = "idempotency-key-reused"


class InvalidInputError(EngineError):
    """A value is not acceptable; `fields` says which and why."""

    code = "invalid-input"

    def __init__(
        self,
        message: str,
        *,
        fields: Mapping[str, Any] | None = None,
        fields_en: Mapping[str, Any] | None = None,
        **params: Any,
    ) -> None:
        super().__init__(message, **params)
        #: field -> its texts; inside dynamic lists nested by row
        self.fields = dict(fields or {})
        #: the same in English, where the texts are not msgids
        self.fields_en = None if fields_en is None else dict(fields_en)


class InvalidVariablesError(InvalidInputError):
    """The submitted values do not fit the task's form; keyed by field id."""

    code = "invalid-variables"


class DefinitionRefused(EngineError):  # noqa: N818 — reads as a sentence where it is caught
    """A deployment can't be run truly; `problems` names element, line and rule."""

    code = "definition-refused"

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        first = self.problems[0].zh if self.problems else ""
        super().__init__(
            N_("部署被拒绝：{first}（共 {count} 处）"), first=first, count=len(self.problems)
        )


class StepFailedError(EngineError):
    """A step of an instance could not be run; nothing was changed."""

    code = "step-failed"

    def __init__(self, message: str, *, element: str, detail: str = "", **params: Any) -> None:
        super().__init__(message, element=element, **params)
        self.element = element
        self.detail = detail
        #: of a person's completion: instance and token, for the incident that those in charge get
        self.stood: tuple[int, int] | None = None
