"""A secret field is shown masked, counts as personal, and stands only where it can be kept."""

import pytest

import forms
from forms import masks


def form(*components):
    return {"type": "default", "id": "people-card", "name": "证件", "components": list(components)}


def field(**more):
    return {"type": "textfield", "id": "Field_no", "key": "no", "label": "号码",
            "properties": {"secret": "true"}, **more}  # fmt: skip


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("110101199001010015", "1****…0015"),
        ("E12345678", "E****…78"),
        ("1234567", "****…"),
        ("", ""),
    ],
    ids=["long", "short", "too short to show any", "empty"],
)
def test_a_mask_shows_little_of_a_value(text, shown):
    assert masks.masked(text) == shown
    assert masks.masked(f"{masks.PREFIX}{shown}:key:cipher") == shown


def test_a_secret_field_is_personal_and_read_back_masked():
    compiled = forms.parse(form(field()))

    (line,) = compiled.show({"no": f"{masks.PREFIX}1****…0015:key:cipher"})

    assert (compiled.secret, compiled.personal) == ({"no"}, {"no"})
    assert line[:2] == ("号码", "1****…0015")


@pytest.mark.parametrize(
    "component",
    [
        field(type="textarea"),
        field(key="card.no"),
        {"type": "dynamiclist", "id": "List", "path": "rows", "components": [field()]},
    ],
    ids=["several lines", "with a path", "in a list"],
)
def test_where_a_value_could_not_be_kept_encrypted_it_is_refused(component):
    assert "secret-place" in [one.code for one in forms.check(form(component))]
