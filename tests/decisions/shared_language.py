"""Random expressions of the language that forms share with the browser, with contexts for them.

The grammar is that of docs/reference/feel.md, "表单与浏览器共用的语言".
"""

from __future__ import annotations

import random
from collections import Counter
from typing import Any

KINDS = {
    "amount": "number", "price": "number", "count_of": "integer", "floors": "integer",
    "name": "string", "category": "string", "text": "string", "danger": "boolean",
    "agreed": "boolean", "visit_on": "date", "due_on": "date", "tags": "list", "marks": "list",
    "items": "list", "case": "context", "case.T1_record.kind": "string",
    "case.T1_record.cost": "number", "case.T1_record.urgent": "boolean",
}  # fmt: skip
_NUMBERS = ("amount", "price", "case.T1_record.cost")
_WHOLE = ("count_of", "floors")
_TEXTS = ("name", "category", "text", "case.T1_record.kind")
_FLAGS = ("danger", "agreed", "case.T1_record.urgent")
_WORDS = ("fee", "service", "漏水", "噪音", "A栋3单元", "13800138000", "", "a b", "Zz")
_DATES = ("2026-01-31", "2026-11-22", "2024-02-29", "2025-12-01", "2026-11-23")


def context(rng: random.Random) -> dict[str, Any]:
    """A form's data; a quarter of it is null or missing."""

    def maybe(value: Any) -> Any:
        return None if rng.random() < 0.25 else value

    def number() -> Any:
        return rng.choice((rng.randint(-20, 200), round(rng.uniform(-50, 500), rng.randint(1, 4))))

    record = {
        "kind": maybe(rng.choice(_WORDS)),
        "cost": maybe(number()),
        "urgent": maybe(rng.random() < 0.5),
    }
    found = {
        "amount": maybe(number()),
        "price": maybe(number()),
        "count_of": maybe(rng.randint(-5, 60)),
        "floors": maybe(rng.randint(0, 33)),
        "name": maybe(rng.choice(_WORDS)),
        "category": maybe(rng.choice(_WORDS)),
        "text": maybe(rng.choice(_WORDS)),
        "danger": maybe(rng.random() < 0.5),
        "agreed": maybe(rng.random() < 0.5),
        "visit_on": maybe(rng.choice(_DATES)),
        "due_on": maybe(rng.choice(_DATES)),
        "tags": maybe([rng.choice(_WORDS) for _ in range(rng.randint(0, 4))]),
        "marks": maybe([number() for _ in range(rng.randint(0, 4))]),
        "items": maybe(
            [
                {"price": maybe(number()), "label": maybe(rng.choice(_WORDS))}
                for _ in range(rng.randint(0, 3))
            ]
        ),
        "case": maybe({"T1_record": maybe(record)}),
    }
    return {key: value for key, value in found.items() if value is not None or rng.random() < 0.7}


_ATOMS = (
    "1", "2", "-2", "2.5", '"x"', "true", "null", "amount", "count_of", "name", "danger", "floors",
    "if danger then 1 else 2", "not(danger)", 'contains(name, "a")', 'name in ("a", "b")',
    'date(due_on) < date("2026-05-05")', 'date(due_on) + duration("P1D") = date("2026-05-05")',
    "count(items[price > 3])", "items[price > 3].price", "for one in marks return one + 1", "tags",
    "string length(name)", "upper case(name)", 'string join(tags, ",")', 'name + "a"', "sum(marks)",
    "every one in marks satisfies one != 2", "case.T1_record.cost", "abs(amount)", "min(price, 3)",
    "list contains(tags, name)",
)  # fmt: skip
_BETWEEN_ATOMS = (
    " + ", " - ", " * ", " / ", " = ", " != ", " < ", " > ", " <= ", " and ", " or ",
    " in (1, 2) and ", " between 1 and 3 and ", " in (1) or ",
)  # fmt: skip


def flat(rng: random.Random) -> str:
    """An expression without parentheses and without regard to kinds: precedence must be the same."""
    found = rng.choice(_ATOMS)
    for _ in range(rng.randint(1, 4)):
        found += rng.choice(_BETWEEN_ATOMS) + rng.choice(_ATOMS)
    before = rng.choice(("", "", "", "some one in marks satisfies one = 1 and ", "- "))
    return before + found


class Generator:
    """Makes well-typed expressions; `used` counts operators and functions."""

    def __init__(self, seed: int) -> None:
        self.rng = random.Random(seed)
        self.used: Counter[str] = Counter()

    def pick(self, *choices: Any) -> Any:
        return self.rng.choice(choices)

    def note(self, name: str, text: str) -> str:
        self.used[name] += 1
        return text

    def expression(self) -> str:
        make = self.pick(self.flag, self.flag, self.number, self.text, self.things)
        return str(make(3))

    def condition(self) -> str:
        return self.flag(3)

    # numbers

    def exact(self, depth: int) -> str:
        """A number that doubles and decimals hold alike."""
        if depth <= 0 or self.rng.random() < 0.4:
            literal = self.pick(str(self.rng.randint(0, 99)), f"{self.rng.uniform(0, 99):.2f}")
            return str(self.pick(self.pick(*_NUMBERS), self.pick(*_WHOLE), literal))
        inner = depth - 1
        return self.one_of({
            "count": lambda: f"count({self.things(inner)})",
            "string length": lambda: f"string length({self.text(inner)})",
            "min": lambda: f"min({self.exact(inner)}, {self.exact(inner)})",
            "max": lambda: f"max({self.exact(inner)}, {self.exact(inner)})",
            "abs": lambda: f"abs({self.exact(inner)})",
            "whole number": lambda: self.whole(depth),
            "if": lambda: self.choice(self.exact, depth),
        })  # fmt: skip

    def one_of(self, made: dict[str, Any]) -> str:
        name = self.pick(*made)
        return self.note(name, made[name]())

    def whole(self, depth: int) -> str:
        if depth <= 0 or self.rng.random() < 0.4:
            return self.pick(self.pick(*_WHOLE), str(self.rng.randint(0, 30)))
        op = self.pick("+", "-", "*")
        return self.note(op, f"({self.whole(depth - 1)} {op} {self.whole(depth - 1)})")

    def number(self, depth: int) -> str:
        """Any number, also one that doubles round."""
        if depth <= 0 or self.rng.random() < 0.2:
            return self.exact(depth)
        inner = depth - 1
        return self.one_of({
            **{op: lambda op=op: f"({self.number(inner)} {op} {self.number(inner)})" for op in "+-*/"},
            **{name: lambda name=name: f"{name}({self.numbers()})" for name in ("sum", "mean", "product")},
            **{
                name: lambda name=name: f"{name}({self.exact(inner)})"
                for name in ("floor", "ceiling", "sqrt")
            },
            "modulo": lambda: f"modulo({self.exact(1)}, {self.rng.randint(1, 9)})",
            "index": lambda: f"marks[{self.pick('1', '2', '-1', '9')}]",
            "path": lambda: "case.T1_record.cost",
            "if": lambda: self.choice(self.number, depth),
        })  # fmt: skip

    def numbers(self) -> str:
        return str(self.pick("marks", f"[{self.number(1)}, {self.number(1)}]"))

    def choice(self, make: Any, depth: int) -> str:
        parts = (self.flag(depth - 1, sure=True), make(depth - 1), make(depth - 1))
        return self.note("if", "(if {} then {} else {})".format(*parts))

    # texts

    def literal(self) -> str:
        return f'"{self.pick(*_WORDS)}"'

    def text(self, depth: int) -> str:
        if depth <= 0 or self.rng.random() < 0.35:
            return str(self.pick(self.pick(*_TEXTS), self.literal()))
        one = self.text(depth - 1)
        places = f"{self.rng.randint(1, 4)}{self.pick('', f', {self.rng.randint(0, 4)}')}"
        pattern = self.pick("[0-9]+", "a", "水+")
        return self.one_of({
            "text +": lambda: f"({self.literal()} + {one})",
            "upper case": lambda: f"upper case({one})",
            "lower case": lambda: f"lower case({one})",
            "substring": lambda: f"substring({one}, {places})",
            "substring before": lambda: f"substring before({one}, {self.literal()})",
            "substring after": lambda: f"substring after({one}, {self.literal()})",
            "string join": lambda: f"string join(tags, {self.literal()})",
            "string": lambda: f"string({self.pick('count(tags)', 'danger', one, 'count_of')})",
            "replace": lambda: f'replace({one}, "{pattern}", "{self.pick("", "x")}")',
            "if": lambda: self.choice(self.text, depth),
        })  # fmt: skip

    # lists

    def things(self, depth: int) -> str:
        name = self.pick("list", "filter", "filter", "for", "append", "reverse", "distinct values",
                         "flatten", "index of", "split", "projection", "tags", "marks")  # fmt: skip
        if depth <= 0 or name in {"tags", "marks"}:
            return self.pick("tags", "marks", "items")
        made = {
            "list": lambda: f"[{self.text(1)}, {self.literal()}]",
            "filter": lambda: self.pick(
                f"items[price {self.order()} {self.rng.randint(0, 300)}]",
                f"items[label = {self.literal()}]",
                f"marks[item {self.order()} {self.rng.randint(0, 300)}]",
                f"items[price != null and price > {self.rng.randint(0, 200)}].label",
            ),
            "for": lambda: self.pick(
                "for one in marks return one * 2", "for one in items return one.label",
                f"for one in tags return one + {self.literal()}",
            ),
            "append": lambda: f"append(tags, {self.literal()})",
            "reverse": lambda: f"reverse({self.things(depth - 1)})",
            "distinct values": lambda: f"distinct values({self.pick('tags', 'marks')})",
            "flatten": lambda: "flatten([tags, marks])",
            "index of": lambda: f"index of(tags, {self.literal()})",
            "split": lambda: f'split({self.text(1)}, "{self.pick(",", " ", "栋")}")',
            "projection": lambda: self.pick("items.price", "items.label"),
        }  # fmt: skip
        return self.note(name, made[name]())

    # conditions

    def order(self) -> str:
        op = str(self.pick("<", "<=", ">", ">="))
        self.used[op] += 1
        return op

    def flag(self, depth: int, *, sure: bool = False) -> str:
        """A condition; `sure` when it must be written as one, not as a variable."""
        kinds = ["order", "equal", "text", "null", "in", "between", "date", "logic", "logic",
                 "not", "call", "some", "every", "odd", "list contains"]  # fmt: skip
        if not sure:
            kinds += ["variable", "variable", "literal"]
        if depth <= 0:
            kinds = ["order", "equal", "null", "text"]
        return str(getattr(self, "_" + self.pick(*kinds).replace(" ", "_"))(depth))

    def _variable(self, _depth: int) -> str:
        return self.pick(*_FLAGS)

    def _literal(self, _depth: int) -> str:
        return self.pick("true", "false", "null")

    def _order(self, depth: int) -> str:
        return f"({self.exact(depth - 1)} {self.order()} {self.exact(depth - 1)})"

    def _equal(self, depth: int) -> str:
        op = self.pick("=", "!=")
        make = self.pick(self.exact, self.text)
        return self.note(op, f"({make(depth - 1)} {op} {make(depth - 1)})")

    def _text(self, _depth: int) -> str:
        op = self.pick("=", "!=")
        return self.note(op, f"({self.pick(*_TEXTS)} {op} {self.literal()})")

    def _null(self, _depth: int) -> str:
        op = self.pick("=", "!=")
        return self.note("null test", f"({self.pick(*KINDS)} {op} null)")

    def _in(self, _depth: int) -> str:
        if self.rng.random() < 0.3:
            return self.note("in", f"({self.pick(*_WHOLE)} in ({self.rng.randint(0, 9)}, 3, null))")
        return self.note("in", f"({self.pick(*_TEXTS)} in ({self.literal()}, {self.literal()}))")

    def _between(self, depth: int) -> str:
        low = self.rng.randint(0, 60)
        return self.note("between", f"({self.exact(depth - 1)} between {low} and {low + 40})")

    def _date(self, _depth: int) -> str:
        shift = self.pick("", ' + duration("P1D")', ' - duration("P1M")', ' + duration("P2Y")')
        left = f"date({self.pick('visit_on', 'due_on')}){shift}"
        right = self.pick("date(due_on)", f'date("{self.pick(*_DATES)}")')
        self.used["duration"] += bool(shift)
        op = self.pick(self.order(), "=", "!=")
        return self.note("date", f"({left} {op} {right})")

    def _logic(self, depth: int) -> str:
        op = self.pick("and", "or")
        parts = [self.flag(depth - 1) for _ in range(self.rng.randint(2, 3))]
        return self.note(op, "(" + f" {op} ".join(parts) + ")")

    def _not(self, depth: int) -> str:
        return self.note("not", f"not({self.flag(depth - 1)})")

    def _call(self, depth: int) -> str:
        name = self.pick("contains", "starts with", "ends with", "matches", "all", "any")
        if name in {"all", "any"}:
            return self.note(name, f"{name}([{self.flag(depth - 1)}, {self.flag(depth - 1)}])")
        if name == "matches":
            return self.note(
                name, f'matches({self.text(1)}, "{self.pick("^[0-9]{11}$", "水", "^a")}")'
            )
        return self.note(name, f"{name}({self.text(1)}, {self.literal()})")

    def _some(self, _depth: int) -> str:
        return self.note("some", self._loop("some"))

    def _every(self, _depth: int) -> str:
        return self.note("every", self._loop("every"))

    def _loop(self, word: str) -> str:
        condition = self.pick(
            f"one in tags satisfies one = {self.literal()}",
            f"one in items satisfies one.label != {self.literal()}",
            f"one in items satisfies one.price != null and one.price > {self.rng.randint(0, 200)}",
        )
        return f"({word} {condition})"

    def _odd(self, _depth: int) -> str:
        name = self.pick("odd", "even")
        return self.note(name, f"{name}({self.pick(*_WHOLE)})")

    def _list_contains(self, _depth: int) -> str:
        return self.note("list contains", f"list contains(tags, {self.literal()})")
