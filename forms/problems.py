"""What is wrong with a form or with a submission: stable code, field id, Chinese and English."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from marshmallow import ValidationError

from forms.messages import FAULTS, REFUSALS

#: errors as form-js keys them: field id -> sentences, or -> row index -> the same again
Errors = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One thing wrong; `field` is the id of the component, `row` counts from 0."""

    code: str
    field: str | None
    zh: str
    en: str
    row: int | None = None
    column: str | None = None


class FormError(Exception):
    """The form can't be shown and checked truly; `problems` says what to change."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("；".join(f"{p.field or '-'}: {p.zh}" for p in self.problems))


class Invalid(Exception):  # noqa: N818 — the contract's word, reads as `except forms.Invalid`
    """The submission does not fit the form; `errors` is what the viewer shows, `errors_en` too."""

    def __init__(self, errors: Errors, errors_en: Errors, problems: Iterable[Problem]) -> None:
        self.errors = errors
        self.errors_en = errors_en
        self.problems = tuple(problems)
        super().__init__("；".join(f"{p.field}: {p.zh}" for p in self.problems))


class Text(str):
    """A sentence for the person who fills in, with its code and its English twin."""

    __slots__ = ("code", "column", "en", "row")

    code: str
    en: str
    row: int | None
    column: str | None


def say(code: str, /, **params: object) -> Text:
    """Return the sentence of a refusal, its places filled in."""
    zh, en = REFUSALS[code]
    return sentence(code, zh.format(**params), en.format(**params))


def sentence(
    code: str, zh: str, en: str, *, row: int | None = None, column: str | None = None
) -> Text:
    """Return a sentence of one's own, such as a designer's message."""
    text = Text(zh)
    text.code, text.en, text.row, text.column = code, en, row, column
    return text


def refused(code: str, /, **params: object) -> ValidationError:
    """Return the error that a field raises."""
    return ValidationError([say(code, **params)])


def texts_of(error: ValidationError) -> list[Text]:
    """Return the sentences of a field's error."""
    return [text for text in error.messages if isinstance(text, Text)] or [say("type")]


def fault(code: str, field: str | None, /, **params: object) -> Problem:
    """Return what a designer must change in a form."""
    zh, en = FAULTS[code]
    return Problem(code=code, field=field, zh=zh.format(**params), en=en.format(**params))
