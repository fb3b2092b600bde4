"""Tell a designer what is odd about a decision table: overlaps, gaps, unreachable and double rules."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from decisions.dmn.documents import first
from decisions.dmn.samples import OTHER, Opaque, hits, samples
from decisions.feel.writing import text_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from decisions.dmn.models import Model
    from decisions.dmn.tables import Input, Rule, Table

#: A part of the input space: for each column the samples in it, as bits.
Box = tuple[int, ...]

_MOST_BOXES, _MOST_GAPS = 5_000, 5
#: Policies under which at most one rule answers, so that a case without a rule is a gap.
_SINGLE = frozenset(("UNIQUE", "ANY", "FIRST", "PRIORITY"))


@dataclass(frozen=True, slots=True)
class Finding:
    """Something odd in a table; the example tells an input (FEEL text by column) that shows it."""

    code: str
    decision_id: str
    rules: tuple[int, ...]
    example: dict[str, str]
    zh: str
    en: str


def check(model: Model) -> tuple[Finding, ...]:
    """The findings for every table of a model."""
    return tuple(
        finding for owner, table in model.tables.items() for finding in check_table(owner, table)
    )


def check_table(owner: str, table: Table) -> Iterator[Finding]:
    """The findings for one table."""
    try:
        space = _Space(owner, table)
    except Opaque:
        yield Finding(
            "table.unchecked", owner, (), {},
            "有的单元格用了变量或函数，无法检查重叠和空缺",
            "some cells use variables or functions, so overlaps and gaps can't be checked",
        )  # fmt: skip
        return
    doubles = list(space.doubles())
    yield from doubles
    yield from space.unreachable()
    known = {finding.rules for finding in doubles}
    yield from (found for found in space.overlaps() if found.rules not in known)
    if table.hit_policy in _SINGLE and not any(output.default for output in table.outputs):
        yield from space.gaps()


class _Space:
    """A table with its columns as samples and its rules as boxes."""

    def __init__(self, owner: str, table: Table) -> None:
        self.owner = owner
        self.table = table
        self.columns = [_column(table, index) for index in range(len(table.inputs))]
        self.whole: Box = tuple((1 << len(column)) - 1 for column in self.columns)
        self.boxes = [self._box(rule) for rule in table.rules]

    def _box(self, rule: Rule) -> Box:
        return tuple(
            hits(source, column) for source, column in zip(rule.tests, self.columns, strict=True)
        )

    def doubles(self) -> Iterator[Finding]:
        """Rules with equal conditions and results."""
        for (a, one), (b, two) in self._pairs():
            if one == two and all(one) and self._rule(a).outputs == self._rule(b).outputs:
                yield self._finding(
                    "duplicate",
                    (a, b),
                    one,
                    f"规则 {a} 与 {b} 完全相同",
                    f"rules {a} and {b} are the same",
                )

    def overlaps(self) -> Iterator[Finding]:
        """Rules that hit together where only one may, or where they must agree."""
        if self.table.hit_policy not in {"UNIQUE", "ANY"}:
            return
        for (a, one), (b, two) in self._pairs():
            common = _both(one, two)
            same = self._rule(a).outputs == self._rule(b).outputs
            if common is not None and not (same and self.table.hit_policy == "ANY"):
                yield self._finding(
                    "overlap",
                    (a, b),
                    common,
                    f"规则 {a} 与 {b} 会同时命中",
                    f"rules {a} and {b} hit together",
                )

    def unreachable(self) -> Iterator[Finding]:
        """Rules that no input meets, or under FIRST none that an earlier rule leaves."""
        for number, box in enumerate(self.boxes, 1):
            if not all(box):
                yield self._finding(
                    "unreachable", (number,), None, f"规则 {number} 的条件永远不成立",
                    f"the conditions of rule {number} never hold",
                )  # fmt: skip
            elif self.table.hit_policy == "FIRST" and _left([box], self.boxes[: number - 1]) == []:
                yield self._finding(
                    "unreachable", (number,), box, f"规则 {number} 总被前面的规则先命中",
                    f"earlier rules always hit before rule {number}",
                )  # fmt: skip

    def gaps(self) -> Iterator[Finding]:
        """Inputs that no rule meets."""
        left = _left([self.whole], self.boxes)
        if left is None:
            yield self._finding(
                "unchecked",
                (),
                None,
                "表太大，空缺没有查完",
                "the table is too large to find all gaps",
            )
        for box in (left or [])[:_MOST_GAPS]:
            yield self._finding("gap", (), box, "有的输入没有规则", "some inputs meet no rule")

    def _pairs(self) -> Iterator[tuple[tuple[int, Box], tuple[int, Box]]]:
        return itertools.combinations(enumerate(self.boxes, 1), 2)

    def _rule(self, number: int) -> Rule:
        return self.table.rules[number - 1]

    def _finding(
        self, code: str, rules: tuple[int, ...], box: Box | None, zh: str, en: str
    ) -> Finding:
        example = {} if box is None else self._example(box)
        shown = "，".join(f"{label} = {value}" for label, value in example.items())
        if shown:
            zh, en = f"{zh}，例如 {shown}", f"{en}, for example {shown}"
        return Finding(f"table.{code}", self.owner, rules, example, zh, en)

    def _example(self, box: Box) -> dict[str, str]:
        """One input inside a box; columns that no rule looks at are left out."""
        found: dict[str, str] = {}
        for column, bits, input_ in zip(self.columns, box, self.table.inputs, strict=True):
            value = next(v for n, v in enumerate(column) if bits >> n & 1)
            if len(column) > 1:
                found[input_.label] = "其他" if value == OTHER else text_of(value, nested=True)
        return found


def _column(table: Table, index: int) -> list[Any]:
    input_: Input = table.inputs[index]
    expression = first(input_.element, "inputExpression")
    type_name = "" if expression is None else expression.get("typeRef", "")
    cells = [rule.tests[index] for rule in table.rules if index < len(rule.tests)]
    return samples(cells, input_.values, type_name.rpartition(":")[2])


def _both(one: Box, two: Box) -> Box | None:
    """What two boxes share, None if nothing."""
    common = tuple(a & b for a, b in zip(one, two, strict=True))
    return common if all(common) else None


def _left(space: list[Box], taken: Sequence[Box]) -> list[Box] | None:
    """What of a space no box takes; None if that is too much work."""
    for box in taken:
        space = [part for piece in space for part in _minus(piece, box)]
        if len(space) > _MOST_BOXES:
            return None
    return space


def _minus(piece: Box, box: Box) -> Iterator[Box]:
    """The parts of a piece outside a box."""
    if _both(piece, box) is None:
        yield piece
        return
    for column, (bits, taken) in enumerate(zip(piece, box, strict=True)):
        outside = bits & ~taken
        if outside:
            inner = tuple(a & b for a, b in zip(piece[:column], box[:column], strict=True))
            yield (*inner, outside, *piece[column + 1 :])
