"""Random forms, what somebody might type into them, and likely answers to the shipped ones."""

import random
from typing import Any

from tests.forms.samples import component, definition

CHOICES = [
    {"label": "甲", "value": "a"},
    {"label": "乙", "value": "b"},
    {"label": "丙", "value": "c"},
]
CELLS = {
    "text": "更换轴承", "textarea": "更换轴承", "number": 1, "date": "2026-11-20", "checkbox": False,
    "datetime": "2026-11-20T09:30+08:00", "person": "12", "upload": ["9001"], "photo": ["9001"],
    "room": "301", "select": None,
}  # fmt: skip
LIKELY = {
    "textfield": "2026-11", "textarea": "电梯停运三天无人修理，请尽快处理。", "number": 1,
    "date": "2026-11-30", "datetime": "2026-11-20T09:30+08:00", "wf-upload": ["9001"], "wf-photo": ["9001"], "wf-signature": "9001",
    "wf-person": "13", "wf-room": "301", "wf-case": "TS-1",
}  # fmt: skip
TEXTS = ["", "a", "b", "c", " x ", "13800138000", "啊啊啊啊啊啊", "a@b.cn", "𠮷𠮷"]
NUMBERS: list[Any] = [None, 0, 1, 5, 7.5, 10, -3, 2.25, 100]
TYPES = (
    "textfield",
    "textarea",
    "number",
    "checkbox",
    "radio",
    "select",
    "checklist",
    "taglist",
    "datetime",
)


#: type -> conditions that compare it with values of its own kind
TESTS = {
    "textfield": ('{k} = "b"', '{k} != "a"', "{k} = null", 'if {k} = "a" then true else false',
                  'list contains(["a", "b"], {k})', 'not({k} = "c")', '{k} in ("a", "b")'),
    "number": ("{k} > 3", "{k} = 5", "{k} = null", "{k} != null and {k} <= 5", "{k} >= 7.5 or {k} = 2.25"),
    "checkbox": ("{k}", "{k} = true", "not({k})", "{k} != true", "not({k} = true)"),
    "checklist": ('list contains({k}, "a")', "count({k}) = 0", 'some x in {k} satisfies x = "b"',
                  'count({k}[item = "c"]) > 0', "count({k}) > 1 or {k} = null"),
}  # fmt: skip
TESTS["taglist"] = TESTS["checklist"]


#: key -> type and the condition under which it is hidden
Known = dict[str, tuple[str, str]]


def hide_of(part: dict[str, Any]) -> str:
    return str(part.get("conditional", {}).get("hide", "")).removeprefix("=")


class Maker:
    """Random forms and what somebody might type into them."""

    def __init__(self, seed: int) -> None:
        self.dice = random.Random(seed)

    def form(self) -> dict[str, Any]:
        parts: list[dict[str, Any]] = []
        for number in range(self.dice.randint(3, 8)):
            known = {p["key"]: (p["type"], hide_of(p)) for p in parts if "key" in p}
            parts.append(self.part(f"k{number}", known))
        return definition(*parts)

    def part(self, key: str, known: Known) -> dict[str, Any]:
        kind = self.dice.random()
        if kind < 0.12 and known:
            inner = [self.field(f"{key}x", known), self.field(f"{key}y", known)]
            return self.conditional(component("group", key, components=inner), known)
        if kind < 0.24:
            one = f"{key}a"
            inner = [self.field(one, {}), self.field(f"{key}b", {})]
            hide = "=" + self.test({f"this.{one}": (inner[0]["type"], "")})
            inner[1]["conditional"] = {"hide": hide}
            return self.conditional(
                component("dynamiclist", key, components=inner, isRepeating=True), known
            )
        return self.field(key, known)

    def field(self, key: str, known: Known) -> dict[str, Any]:
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
            rules = dice.choice(
                [
                    {},
                    {"minLength": 2},
                    {"maxLength": 3},
                    {"pattern": "^1\\d+$"},
                    {"validationType": "email"},
                ]
            )
            return {
                "validate": dict(rules) if kind == "textfield" or "pattern" not in rules else {}
            }
        if kind == "number":
            rules = dice.choice([{}, {"min": 1}, {"max": 7}, {"min": 0, "max": 7.5}])
            return {
                "validate": dict(rules),
                **dice.choice([{}, {"decimalDigits": 0}, {"decimalDigits": 1}, {"increment": 2.5}]),
            }
        if kind == "datetime":
            return dice.choice(
                [
                    {"subtype": "date"},
                    {"subtype": "datetime", "timeSerializingFormat": "utc_offset"},
                ]
            )
        return {} if kind == "checkbox" else {"values": CHOICES}

    def conditional(self, made: dict[str, Any], known: Known) -> dict[str, Any]:
        if known and self.dice.random() < 0.5:
            made["conditional"] = {"hide": self.condition(known)}
        return made

    def condition(self, known: Known) -> str:
        return "=" + self.dice.choice([self.test, self.two_tests])(known)

    def two_tests(self, known: Known) -> str:
        joined = f" {self.dice.choice(['and', 'or'])} "
        one, two = self.dice.choice(sorted(known)), self.dice.choice(sorted(known))
        own = joined.join(f"({self.of(key, known)})" for key in (one, two))
        above = [f"({known[key][1]})" for key in sorted({one, two}) if known[key][1]]
        return " or ".join([*above, f"({own})"])

    def test(self, known: Known) -> str:
        key = self.dice.choice(sorted(known))
        above = known[key][1]
        return f"({above}) or ({self.of(key, known)})" if above else self.of(key, known)

    def of(self, key: str, known: Known) -> str:
        kind = known[key][0]
        return str(self.dice.choice(TESTS.get(kind, TESTS["textfield"]))).format(k=key)

    def data(self, parts: list[dict[str, Any]]) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for part in parts:
            if part["type"] == "group":
                found[part["path"]] = self.data(part["components"])
            elif part["type"] == "dynamiclist":
                found[part["path"]] = [
                    self.data(part["components"]) for _ in range(self.dice.randint(0, 3))
                ]
            elif not part.get("disabled"):
                found[part["key"]] = self.value(part)
        return found

    def filled_in(self, parts: list[dict[str, Any]]) -> dict[str, Any]:
        """Return what somebody might fill into a shipped form, now and then too little."""
        return {part["key"]: self.likely(part) for part in parts if self.dice.random() < 0.9}

    def likely(self, part: dict[str, Any]) -> Any:
        if part["type"] == "wf-table":
            row = {c["key"]: self.cell(c) for c in part["columns"]}
            return [] if part.get("allowAddRemove") is False else [row] * part.get("minRows", 1)
        if part["type"] in ("radio", "select", "checklist"):
            chosen = self.option(part.get("values") or [{"value": "lift"}, {"value": "theft"}])
            return [chosen] if part["type"] == "checklist" else chosen
        if part["type"] == "checkbox":
            return self.dice.random() < 0.5
        value = LIKELY.get(part.get("subtype") or part["type"])
        return [value] if part.get("multiple") else value

    def cell(self, column: dict[str, Any]) -> Any:
        return self.option(column["options"]) if "options" in column else CELLS[column["type"]]

    def option(self, options: list[dict[str, Any]]) -> Any:
        return self.dice.choice(options)["value"]

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
