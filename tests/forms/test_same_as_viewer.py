"""The server answers as form-js does: same visible fields, same values, same fields in error."""

import random
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

import forms
from tests.forms import samples, viewer
from tests.forms.samples import component, definition

pytestmark = pytest.mark.browser

CHOICES = [{"label": "甲", "value": "a"}, {"label": "乙", "value": "b"}, {"label": "丙", "value": "c"}]
TEXTS = ["", "a", "b", "c", " x ", "13800138000", "啊啊啊啊啊啊", "a@b.cn", "𠮷𠮷"]
NUMBERS: list[Any] = [None, 0, 1, 5, 7.5, 10, -3, 2.25, 100]
TYPES = ("textfield", "textarea", "number", "checkbox", "radio", "select", "checklist", "taglist", "datetime")


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    with viewer.page(tmp_path_factory.mktemp("viewer")) as opened:
        yield opened


class Maker:
    """Random forms and what somebody might type into them."""

    def __init__(self, seed: int) -> None:
        self.dice = random.Random(seed)

    def form(self) -> dict[str, Any]:
        parts: list[dict[str, Any]] = []
        for number in range(self.dice.randint(3, 8)):
            known = [p["key"] for p in parts if "key" in p]
            parts.append(self.part(f"k{number}", known))
        return definition(*parts)

    def part(self, key: str, known: list[str]) -> dict[str, Any]:
        kind = self.dice.random()
        if kind < 0.12 and known:
            inner = [self.field(f"{key}x", known), self.field(f"{key}y", known)]
            return self.conditional(component("group", key, components=inner), known)
        if kind < 0.24:
            one = f"{key}a"
            inner = [self.field(one, []), self.field(f"{key}b", [])]
            hide = f'=this.{one} = "b" or this.{one} = 5 or this.{one} = true'
            inner[1]["conditional"] = {"hide": hide}
            return self.conditional(component("dynamiclist", key, components=inner, isRepeating=True), known)
        return self.field(key, known)

    def field(self, key: str, known: list[str]) -> dict[str, Any]:
        kind = self.dice.choice(TYPES)
        made = component(kind, key, **self.attributes(kind))
        if self.dice.random() < 0.1:
            made["disabled"] = True
        if self.dice.random() < 0.4:
            made.setdefault("validate", {})["required"] = True
        return self.conditional(made, known)

    def attributes(self, kind: str) -> dict[str, Any]:
        dice = self.dice
        if kind in ("textfield", "textarea"):
            rules = dice.choice([{}, {"minLength": 2}, {"maxLength": 3}, {"pattern": "^1\\d+$"}, {"validationType": "email"}])
            return {"validate": dict(rules) if kind == "textfield" or "pattern" not in rules else {}}
        if kind == "number":
            rules = dice.choice([{}, {"min": 1}, {"max": 7}, {"min": 0, "max": 7.5}])
            return {"validate": dict(rules), **dice.choice([{}, {"decimalDigits": 0}, {"decimalDigits": 1}, {"increment": 2.5}])}
        if kind == "datetime":
            return dice.choice([{"subtype": "date"}, {"subtype": "datetime", "timeSerializingFormat": "utc_offset"}])
        return {} if kind == "checkbox" else {"values": CHOICES}

    def conditional(self, made: dict[str, Any], known: list[str]) -> dict[str, Any]:
        if known and self.dice.random() < 0.5:
            made["conditional"] = {"hide": self.condition(known)}
        return made

    def condition(self, known: list[str]) -> str:
        key = self.dice.choice(known)
        tests = (
            f'{key} = "b"', f'{key} != "a"', f"{key} > 3", f"{key} = null", f"{key} = true",
            f"not({key} = true)", f'list contains(["a", "b"], {key})', f"count({key}) = 0",
            f'if {key} = "a" then true else false', f'{key} = "a" or {self.dice.choice(known)} = 5',
        )  # fmt: skip
        return f"={self.dice.choice(tests)}"

    def data(self, parts: list[dict[str, Any]]) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for part in parts:
            if part["type"] == "group":
                found[part["path"]] = self.data(part["components"])
            elif part["type"] == "dynamiclist":
                found[part["path"]] = [self.data(part["components"]) for _ in range(self.dice.randint(0, 3))]
            else:
                found[part["key"]] = self.value(part)
        return found

    def value(self, part: dict[str, Any]) -> Any:
        kind = part["type"]
        if kind in ("textfield", "textarea"):
            return self.dice.choice(TEXTS)
        if kind == "number":
            return self.dice.choice(NUMBERS)
        if kind == "checkbox":
            return self.dice.random() < 0.5
        if kind in ("radio", "select"):
            return self.dice.choice([None, "a", "b", "c"])
        if kind == "datetime":
            day = self.dice.choice([None, "2026-11-22", "2027-01-01"])
            return day and (f"{day}T09:30+08:00" if part["subtype"] == "datetime" else day)
        return self.dice.choice([[], ["a"], ["b", "c"]])


def cases(seed: int, count: int) -> list[dict[str, Any]]:
    maker = Maker(seed)
    found = []
    while len(found) < count:
        schema = maker.form()
        assert forms.check(schema) == ()
        found.append({"schema": schema, "initial": {}, "typed": maker.data(schema["components"])})
    return found


@pytest.mark.parametrize("seed", range(4))
def test_random_forms_are_answered_as_the_viewer_answers(page: Page, seed: int) -> None:
    made = cases(seed, 60)

    answers = viewer.submit(page, made)

    for case, answer in zip(made, answers, strict=True):
        compare(case["schema"], answer, case["typed"])


def test_what_a_stranger_sends_is_cut_to_what_the_viewer_shows(page: Page) -> None:
    made = cases(99, 60)
    answers = viewer.submit(page, made)

    for case, answer in zip(made, answers, strict=True):
        if not answer["errors"]:
            honest = samples.load(forms.parse(case["schema"]), answer["data"])
            assert plain(samples.load(forms.parse(case["schema"]), case["typed"])) == plain(honest)


def compare(schema: dict[str, Any], answer: dict[str, Any], typed: Any) -> None:
    """Hold the server's answer to what the viewer submitted against the viewer's."""
    form = forms.parse(schema)
    story = {"schema": schema["components"], "typed": typed, "answer": answer}
    try:
        clean: Any = samples.load(form, answer["data"])
    except forms.Invalid as invalid:
        assert ids(invalid.errors) == ids(answer["errors"]), (story, invalid.errors)
    else:
        assert answer["errors"] == {}, story
        assert without_empty(plain(clean)) == without_empty(answer["data"]), (story, clean)


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
    return float(value) if isinstance(value, (Decimal, int)) and not isinstance(value, bool) else value


def without_empty(data: Any) -> Any:
    """Leave out lists without rows: the viewer submits nothing for them."""
    data = plain(data)
    return {key: part for key, part in data.items() if part not in ([], {}, [{}], [{}, {}], [{}, {}, {}])}


SHIPPED = Path(forms.__file__).parent


def test_shipped_forms_are_answered_as_the_viewer_answers(page: Page) -> None:
    dice = Maker(7)
    made = []
    for key in forms.library.keys():
        schema = dict(forms.library.load(key).schema)
        made += [
            {"schema": schema, "initial": {}, "typed": shipped_data(dice, schema["components"])}
            for _ in range(6)
        ]

    answers = viewer.submit(page, made)

    for case, answer in zip(made, answers, strict=True):
        assert "failed" not in answer, (case["schema"]["id"], answer)
        form = forms.parse(case["schema"])
        seen = {part.partition("/")[0] for part in answer["data"]}
        assert visible(form, answer["data"]) == seen, case["schema"]["id"]


def shipped_data(maker: Maker, parts: list[dict[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for part in parts:
        if part["type"] in ("radio", "select") and "values" in part:
            found[part["key"]] = maker.dice.choice(part["values"])["value"]
        elif part["type"] == "checkbox":
            found[part["key"]] = maker.dice.random() < 0.5
        elif part["type"] == "checklist":
            found[part["key"]] = [v["value"] for v in part["values"] if maker.dice.random() < 0.4]
    return found


def visible(form: forms.Form, data: dict[str, Any]) -> set[str]:
    """Return the keys that the server thinks were asked: in the data, or complained about."""
    ids = {info.id: info.key for info in form.fields}
    sent = dict.fromkeys(form.keys) | data
    try:
        return set(samples.load(form, sent))
    except forms.Invalid:
        from forms.submissions import Filling, Frame, outside  # the first pass alone
        from forms.fields.base import Scene

        filling = Filling(outside({}, samples.NOW, form.option_keys), Scene(), form.watched)
        names = {**filling.outside, "i": []}
        frame = Frame({}, names)
        clean: dict[str, Any] = {}
        filling._fill(form.scope, frame, sent, clean)
        return set(clean) | {ids[field] for field in frame.errors}
