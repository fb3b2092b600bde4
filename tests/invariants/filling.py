"""Fills forms in at random: the scenarios' samples, changed field by field as the form allows.

What the form refuses is mended field by field after what it says, so that most submissions pass;
some are wrong on purpose (a number too high, a moment moved, a field left out), and whether they
pass is the product's affair.
"""

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import cache
from random import Random
from typing import Any

import yaml

import forms
import processes
from decisions import feel
from engine import calendars, clock
from engine.testing.state import span
from tests.invariants.world import World

_TIME = re.compile(r"(?P<from>now|today)(?:(?P<sign>[+-])(?P<span>P.+))?")
#: a part of a personal text that occurs nowhere else
MARK = "甲乙丙丁戊己庚辛"
PLACES = {"room": "1201", "new_room": "301"}


@cache
def samples(process_id: str) -> Mapping[str, Mapping[str, Any]]:
    """Return the values that the scenarios of a process fill its steps in with."""
    file = processes.ROOT / process_id / "scenarios" / "_samples.yaml"
    return yaml.safe_load(file.read_text("utf-8")) or {}


class Filler:
    """Fills in one form at one moment, for one person."""

    def __init__(self, world: World, random: Random, names: Mapping[str, str]) -> None:
        self.world, self.random = world, random
        self.names = {**PLACES, **names}

    def start(self, process_ids: list[str], element: str) -> dict[str, Any]:
        """Return the sample of a step, from the first process that has one."""
        for process_id in process_ids:
            if element in samples(process_id):
                return self._places(dict(samples(process_id)[element]))
        return {}

    def vary(self, form: forms.Form, values: dict[str, Any]) -> dict[str, Any]:
        """Change some fields to other values that the form offers."""
        changed = dict(values)
        for one in fields(form):
            often = _STEERING.get(one["key"], _OFTEN.get(one["type"], 0.06))
            if self.random.random() < often:
                changed[one["key"]] = self.value(one, changed)
        return changed

    def spoil(self, form: forms.Form, values: dict[str, Any]) -> dict[str, Any]:
        """Make something wrong that somebody might try."""
        wrong = dict(values)
        for one in fields(form):
            if one["key"] in wrong and self.random.random() < 0.4:
                self._spoil(one, wrong)
        return wrong

    def mend(self, form: forms.Form, values: dict[str, Any], wrong: list[str]) -> dict[str, Any]:
        """Give the fields that were refused a value of their kind."""
        mended = dict(values)
        by_id = {one["id"]: one for one in fields(form)}
        for field_id in wrong:
            one = by_id.get(re.split(r"[^\w-]", field_id)[0])
            if one is not None:
                mended[one["key"]] = self.value(one, mended, wanted=True)
        return mended

    def value(
        self, one: Mapping[str, Any], others: Mapping[str, Any], *, wanted: bool = False
    ) -> Any:
        """Return a value that a field takes."""
        kind = one["type"]
        if kind in {"radio", "select"}:
            found = self._options(one, others)
            return self.random.choice(found) if found else None
        if kind == "checkbox":
            return wanted or self.random.random() < 0.5
        makers = {
            "checklist": lambda: self._options(one, others),
            "number": lambda: self._number(one.get("validate") or {}),
            "datetime": lambda: self._moment(one),
            "textfield": lambda: self._text(one),
            "textarea": lambda: self._text(one),
        }
        return makers[kind]() if kind in makers else self._special(one, others)

    def _text(self, one: Mapping[str, Any]) -> str:
        text = f"{MARK}{self.random.randrange(1_000_000)}随机填写的内容"
        return text[: (one.get("validate") or {}).get("maxLength", 99)]

    def _special(self, one: Mapping[str, Any], others: Mapping[str, Any]) -> Any:
        kind = one["type"]
        if kind == "wf-signature":
            return "sign-9"
        if kind in {"wf-upload", "wf-photo"}:
            return ["photo-9"]
        if kind == "wf-room":
            return self.random.choice(list(PLACES.values()))
        if kind in {"wf-person", "person"}:
            group = one.get("group")
            known = self.world.of_group(group) if group else list(self.world.people.values())
            key = str(self.random.choice(known).key)
            return [key] if one.get("multiple") else key
        if kind == "wf-table":
            row = {
                column["key"]: self.value({**column, "id": column["key"]}, others)
                for column in one["columns"]
                if not column.get("readonly") and column["type"] != "case"
            }
            return [row] * max(1, one.get("minRows", 1))
        return others.get(one["key"])

    def _options(self, one: Mapping[str, Any], others: Mapping[str, Any]) -> list[Any]:
        if "valuesExpression" in one:
            found: Any = feel.to_json(feel.compile(one["valuesExpression"][1:]).evaluate(others))
            return [option["value"] for option in found or ()]
        return [option["value"] for option in one.get("values") or one.get("options") or ()]

    def _number(self, limits: Mapping[str, Any]) -> int:
        low = int(float(limits.get("min", 0)) + 0.999)
        high = min(int(limits.get("max", low + 60)), low + 5_000)
        return self.random.randint(low, max(low, high))

    def _moment(self, one: Mapping[str, Any]) -> str:
        now = local_now()
        return (
            now.date().isoformat()
            if one.get("subtype") == "date"
            else now.isoformat(timespec="minutes")
        )

    def _spoil(self, one: Mapping[str, Any], wrong: dict[str, Any]) -> None:
        key, value = one["key"], wrong[one["key"]]
        if one["type"] == "datetime" and isinstance(value, str) and "T" in value:
            moved = datetime.fromisoformat(value) - timedelta(hours=self.random.choice([1, 9, 26]))
            zone = clock.now().tzinfo if self.random.random() < 0.5 else moved.tzinfo
            wrong[key] = moved.astimezone(zone).isoformat(timespec="minutes")
        elif one["type"] == "number":
            limits = one.get("validate") or {}
            wrong[key] = limits.get("max", 60) + self.random.choice([1, 12])
        elif isinstance(value, list) and value:
            wrong[key] = self.random.choice([value[:-1], [value[0]] * len(value)])
        else:
            del wrong[key]

    def _places(self, value: Any) -> Any:
        if isinstance(value, Mapping):
            return {key: self._places(one) for key, one in value.items()}
        if isinstance(value, list):
            return [self._places(one) for one in value]
        return self._place(value[1:]) if isinstance(value, str) and value[:1] == "@" else value

    def _place(self, name: str) -> str:
        if found := _TIME.fullmatch(name):
            passed = span(found["span"]) if found["span"] else timedelta()
            now = local_now()
            text = (now - passed if found["sign"] == "-" else now + passed).isoformat(
                timespec="minutes"
            )
            return text if found["from"] == "now" else text[:10]
        if name in self.names:
            return self.names[name]
        known = self.world.of_group(name.split(maxsplit=1)[0])
        return str(self.random.choice(known).key) if known else name


#: how often a field of a kind is changed: what decides where a case goes, more often
_OFTEN = {"radio": 0.22, "select": 0.22, "wf-person": 0.2, "number": 0.15, "checkbox": 0.1,
          "textarea": 0.15, "wf-signature": 0.0, "checklist": 0.05}  # fmt: skip


#: fields that lead to what the invariants are about
_STEERING = {"validity": 0.65, "is_leak": 0.5, "repair_item": 0.4, "urgency": 0.8, "channel": 0.5,
             "consent": 0.7, "second_outcome": 0.6, "customer_attitude": 0.5, "form": 0.4,
             "counted": 0.7, "method": 0.5, "customer_agrees": 0.4, "no_rain": 0.5, "months": 0.5}  # fmt: skip

_fields: dict[str, tuple[Mapping[str, Any], ...]] = {}


def fields(form: forms.Form) -> tuple[Mapping[str, Any], ...]:
    """Return the fields of a form that somebody fills in."""
    if form.hash not in _fields:
        drawn = form.schema["components"]
        _fields[form.hash] = tuple(
            one for one in drawn if "key" in one and one["type"] != "expression"
        )
    return _fields[form.hash]


def local_now() -> datetime:
    """Return the local time of the project."""
    return clock.now().astimezone(calendars.default().statutory.zone)
