"""Photos of a case as pages show them: small, by step, before beside after."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import forms
from api import texts
from engine import cases

#: whether a field is closed to the reader
Closed = Callable[[forms.FieldInfo], bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class Strip:
    """The photos of one field, with the ones taken before where they show the result."""

    label: str
    keys: Sequence[str]
    before: Sequence[str] = ()
    before_label: str = ""


def strips(
    one: cases.Filled, closed: Closed, before: Mapping[int, forms.photos.Photos]
) -> list[Strip]:
    """Return the photos of a submission that the reader may see."""
    return [_strip(found, before.get(one.submission.instance_key)) for found in of(one, closed)]


def of(one: cases.Filled, closed: Closed) -> list[forms.photos.Photos]:
    """Return the open photos of a submission as its form names them."""
    if one.form is None:
        return []
    data: Mapping[str, Any] = one.submission.data
    return [found for found in forms.photos.of(one.form.scope, data) if not closed(found.field)]


def latest_before(
    filled: Sequence[cases.Filled], closed: Callable[[cases.Filled], Closed]
) -> dict[int, forms.photos.Photos]:
    """Return the last photos taken before the work, by the process that they belong to."""
    return {
        one.submission.instance_key: found
        for one in filled
        for found in of(one, closed(one))
        if found.pair == "before"
    }


def label(found: forms.photos.Photos) -> str:
    """Return what the photos are called in the reader's language."""
    return found.label if texts.language() == "zh" else found.label_en


def _strip(found: forms.photos.Photos, before: forms.photos.Photos | None) -> Strip:
    if found.pair != "after" or before is None:
        return Strip(label=label(found), keys=found.keys)
    return Strip(
        label=label(found), keys=found.keys, before=before.keys, before_label=label(before)
    )
