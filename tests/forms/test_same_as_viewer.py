"""The server answers as form-js does: same visible fields, same values, same fields in error."""

import json
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

import forms
from tests.forms import samples, viewer
from tests.forms.making import Maker

pytestmark = pytest.mark.browser

#: codes of rules that only our server has
OWN_RULES = {"check", "person-group"}

#: the forms whose checks lie in what browser and server share
SHIPPED = [key for key in forms.library.keys() if key.startswith(("callback/", "complaint/"))]  # noqa: SIM118 a function


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory, browser: Browser) -> Iterator[Page]:
    with viewer.page(tmp_path_factory.mktemp("viewer"), browser) as opened:
        yield opened


def cases(seed: int, count: int) -> list[dict[str, Any]]:
    maker = Maker(seed)
    found = []
    while len(found) < count:
        schema = maker.form()
        assert forms.check(schema) == ()
        draft = maker.data(schema["components"]) if maker.dice.random() < 0.5 else {}
        found.append(
            {"schema": schema, "initial": draft, "typed": maker.data(schema["components"])}
        )
    return found


@pytest.mark.parametrize("seed", range(3))
def test_random_forms_are_answered_as_the_viewer_answers(page: Page, seed: int) -> None:
    made = cases(seed, 50)

    answers = viewer.submit(page, made)

    for case, answer in zip(made, answers, strict=True):
        compare(case["schema"], answer, case["typed"])


def test_what_a_stranger_sends_is_cut_to_what_the_viewer_shows(page: Page) -> None:
    made = cases(99, 40)
    answers = viewer.submit(page, made)

    for case, answer in zip(made, answers, strict=True):
        if not answer["errors"]:
            honest = samples.load(forms.parse(case["schema"]), answer["data"])
            sent = samples.load(forms.parse(case["schema"]), case["typed"])
            assert without_empty(sent) == without_empty(honest)


def compare(schema: dict[str, Any], answer: dict[str, Any], typed: Any) -> None:
    """Hold the server's answer to what the viewer submitted against the viewer's."""
    story = {"schema": schema["components"], "typed": typed, "answer": answer}
    clean, errors = judged(forms.parse(schema), answer["data"])

    assert ids(errors) == ids(answer["errors"]), (story, errors)
    if not errors:
        assert without_empty(clean) == without_empty(answer["data"]), (story, clean)


def judged(form: forms.Form, data: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return clean data and errors, leaving out rules that only the server has."""
    try:
        return samples.load(form, data), {}
    except forms.Invalid as invalid:
        ours = {p.field for p in invalid.problems if p.code in OWN_RULES}
        return {}, {key: texts for key, texts in invalid.errors.items() if key not in ours}


def ids(errors: Any, path: str = "") -> set[str]:
    """Return the places of errors; form-js writes rows as lists, the server as objects."""
    if isinstance(errors, list) and all(isinstance(e, str) for e in errors):
        return {path} if errors else set()
    pairs = enumerate(errors) if isinstance(errors, list) else errors.items()
    return {place for key, part in pairs if part for place in ids(part, f"{path}/{key}")}


def plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: plain(part) for key, part in value.items()}
    if isinstance(value, list):
        return [plain(part) for part in value]
    return (
        float(value) if isinstance(value, (Decimal, int)) and not isinstance(value, bool) else value
    )


def without_empty(data: Any) -> Any:
    """Leave out lists without rows: the viewer submits nothing for them."""
    data = plain(data)
    return {
        key: part
        for key, part in data.items()
        if part not in ([], {}, [{}], [{}, {}], [{}, {}, {}])
    }


def test_shipped_forms_are_answered_as_the_viewer_answers(page: Page) -> None:
    maker = Maker(7)
    schemas = [without_own_rules(forms.library.load(key).schema) for key in SHIPPED]
    made = [
        {"schema": schema, "initial": {}, "typed": maker.filled_in(schema["components"])}
        for schema in schemas
        for _ in range(5)
    ]

    answers = viewer.submit(page, made)

    for case, answer in zip(made, answers, strict=True):
        compare(case["schema"], answer, case["typed"])


def without_own_rules(schema: Any) -> dict[str, Any]:
    """Return a form as plain form-js has it, without the rules that only our viewer knows."""
    copy = json.loads(json.dumps(schema))
    for part in copy["components"]:
        part["properties"].pop("requiredIf", None)
        part.pop("readonly", None)
    return dict(copy)
