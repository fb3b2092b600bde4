"""The photos of a submission are found wherever they stand, with their side of a comparison."""

from typing import Any

import pytest

import forms
from tests.forms.samples import component, definition

COLUMNS = [
    {"key": "part", "label": "部位", "type": "text"},
    {"key": "photos", "label": "照片", "type": "photo"},
]


def found(parts: list[dict[str, Any]], data: dict[str, Any]) -> list[tuple[Any, ...]]:
    made = forms.parse(definition(*parts))
    return [(p.label, p.pair, p.keys) for p in forms.photos.of(made.scope, data)]


def test_fields_and_cells_give_their_photos_in_order():
    parts = [
        component("wf-photo", "before", label="维修前", pair="before"),
        component("wf-table", "rows", label="验收项目", columns=COLUMNS),
        component("wf-photo", "after", label="维修后", pair="after"),
    ]
    data = {
        "before": ["1", "2"],
        "rows": [{"part": "墙面", "photos": []}, {"part": "水", "photos": ["3"]}],
        "after": ["4"],
    }

    assert found(parts, data) == [
        ("维修前", "before", ("1", "2")),
        ("验收项目 第 2 行", None, ("3",)),
        ("维修后", "after", ("4",)),
    ]


@pytest.mark.parametrize("value", [None, [], "1", {"a": 1}, [{"id": 1}]])
def test_what_is_no_list_of_keys_is_no_photo(value: Any):
    assert found([component("wf-photo", "k", label="照片")], {"k": value}) == []


def test_a_pair_is_before_or_after():
    problems = forms.check(definition(component("wf-photo", "k", pair="during")))

    assert [(p.code, p.field) for p in problems] == [("attribute", "F_k")]
