"""Models give the value their requirements and tables say, and tell which rules made it."""

from __future__ import annotations

from decimal import Decimal

import pytest

from decisions import dmn
from tests.decisions.models import decision, given, knowledge, literal, model, need, table

PRIORITY = table(
    "UNIQUE",
    ["kind", "danger"],
    [
        ['"noise"', "false", '"P3"'],
        ['"noise"', "true", '"P2"'],
        ['"leak", "power"', "-", '"P1"'],
    ],
)
OVERLAP = [["< 10", "1"], ["> 5", "2"], ["> 8", "3"]]


def evaluate(logic: str, context: dict[str, object]) -> dmn.Result:
    return dmn.parse(model(decision("d", logic))).evaluate("d", context)


def test_a_table_answers_and_tells_the_rule_and_the_values_it_saw() -> None:
    result = evaluate(PRIORITY, {"kind": "power", "danger": None})

    assert result.value == "P1"
    assert result.trace == (dmn.Hit("d", (3,), {"kind": "power", "danger": None}, "P1"),)


def test_a_table_without_a_hit_is_null_and_the_trace_shows_no_rule() -> None:
    result = evaluate(PRIORITY, {"kind": "noise", "danger": None})

    assert result.value is None
    assert result.trace[0].rules == ()


def test_two_hits_under_unique_are_an_error_and_the_trace_shows_both() -> None:
    result = evaluate(table("UNIQUE", ["x"], OVERLAP), {"x": 7})

    assert result.value is None
    assert result.trace[0].rules == (1, 2)


@pytest.mark.parametrize(
    ("policy", "x", "value"),
    [
        ("FIRST", 9, 1),
        ("ANY", 7, None),
        ("ANY", 3, 1),
        ("PRIORITY", 9, 3),
        ("OUTPUT ORDER", 9, [3, 2, 1]),
        ("RULE ORDER", 9, [1, 2, 3]),
        ("COLLECT", 9, [1, 2, 3]),
        ("COLLECT:SUM", 9, 6),
        ("COLLECT:MIN", 9, 1),
        ("COLLECT:MAX", 9, 3),
        ("COLLECT:COUNT", 9, 3),
    ],
    ids=str,
)
def test_a_hit_policy_makes_one_answer_of_several_hits(policy: str, x: int, value: object) -> None:
    assert evaluate(table(policy, ["x"], OVERLAP, values="3, 2, 1"), {"x": x}).value == value


def test_several_outputs_make_a_context() -> None:
    logic = table("UNIQUE", ["x"], [["> 0", '"a"', "1 + 1"]], outputs=["letter", "number"])

    assert evaluate(logic, {"x": 1}).value == {"letter": "a", "number": 2}


def test_the_default_output_answers_when_no_rule_hits() -> None:
    logic = table("UNIQUE", ["x"], [["> 0", '"yes"']], default='"no"')

    assert evaluate(logic, {"x": -1}).value == "no"


def test_a_decision_uses_those_it_requires_and_nothing_else() -> None:
    found = dmn.parse(
        model(
            given("a"),
            given("b"),
            decision("sum of both", literal("a + 1"), needs=["input:a"]),
            decision("top", literal("sum of both * 2"), needs=["decision:sum of both"]),
            decision("blind", literal("if b = null then 0 else b"), needs=["input:a"]),
        )
    )

    assert found.evaluate("top", {"a": 1}).value == 4
    assert found.evaluate("blind", {"a": 1, "b": 5}).value == 0
    assert found.decisions["top"].inputs == {"a"}


def test_a_knowledge_model_may_call_itself() -> None:
    found = dmn.parse(
        model(
            knowledge("fact", ["n"], "if n < 2 then 1 else n * fact(n - 1)"),
            decision("d", literal("fact(n: 5)"), needs=["knowledge:fact"]),
        )
    )

    assert found.evaluate("d", {}).value == 120
    assert found.evaluate("fact", {"n": 4}).value == 24


def test_a_service_sees_only_the_inputs_it_declares() -> None:
    service = (
        '<decisionService id="s" name="s"><variable name="s"/><outputDecision href="#twice"/>'
        '<encapsulatedDecision href="#twice"/><inputData href="#n"/></decisionService>'
    )
    found = dmn.parse(
        model(
            given("n", "number"),
            decision("twice", literal("n * 2"), needs=["input:n"]),
            service,
            decision("d", literal("s(21)"), needs=["knowledge:s"]),
        )
    )

    assert found.evaluate("d", {"n": 1}).value == 42
    assert found.evaluate("s", {"n": 4}).value == 8


def test_an_imported_decision_is_seen_under_its_prefix_or_without_one() -> None:
    base = dmn.parse(
        model(given("n"), decision("next one", literal("n + 1"), needs=["input:n"]), name="base")
    )

    for prefix, source in (("base", "base.next one * 2"), ("", "next one * 2")):
        imported = f'<import namespace="urn:base" name="{prefix}" importType="DMN"/>'
        top = decision("d", need("decision:urn:base#next one") + literal(source))

        assert dmn.parse(model(imported, top), [base]).evaluate("d", {"n": 4}).value == 10


def test_an_input_of_another_type_or_outside_its_values_is_null() -> None:
    level = (
        '<itemDefinition name="level"><typeRef>string</typeRef>'
        '<allowedValues><text>"low", "high"</text></allowedValues></itemDefinition>'
    )
    found = dmn.parse(
        model(level, given("l", "level"), decision("d", literal("l"), needs=["input:l"]))
    )

    assert [found.evaluate("d", {"l": value}).value for value in ("low", "other", 3)] == [
        "low",
        None,
        None,
    ]


def test_a_single_item_fits_a_list_and_a_list_of_one_its_item() -> None:
    numbers = '<itemDefinition name="numbers" isCollection="true"><typeRef>number</typeRef></itemDefinition>'
    found = dmn.parse(
        model(
            numbers,
            decision("one", literal("[7]"), type_="number"),
            decision("many", literal("7"), type_="numbers"),
            decision("wrong", literal('"a"'), type_="number"),
        )
    )

    assert found.evaluate("one", {}).value == 7
    assert found.evaluate("many", {}).value == [Decimal(7)]
    assert found.evaluate("wrong", {}).value is None


REFUSALS = {
    "dmn.xml": b"<definitions",
    "dmn.doctype": b'<!DOCTYPE d SYSTEM "http://x/y.dtd">' + model(decision("d", literal("1"))),
    "dmn.namespace": b'<definitions xmlns="urn:other"/>',
    "dmn.too_large": model(decision("d", literal('"' + "a" * 2_000_000 + '"'))),
    "feel.syntax": model(decision("d", literal("1 +"))),
    "dmn.type": model(decision("d", literal("1"), type_="nothing")),
    "dmn.requirement": model(decision("d", literal("1"), needs=["input:gone"])),
    "dmn.cycle": model(
        decision("d", literal("1"), needs=["decision:e"]),
        decision("e", literal("1"), needs=["decision:d"]),
    ),
    "dmn.hit_policy": model(decision("d", table("BEST", ["x"], OVERLAP))),
    "dmn.rule": model(decision("d", table("UNIQUE", ["x"], [["1", "2", "3"]]))),
    "dmn.import": model('<import namespace="urn:gone" name="g" importType="DMN"/>'),
    "dmn.language": model(
        decision(
            "d", '<literalExpression expressionLanguage="juel"><text>1</text></literalExpression>'
        )
    ),
    "dmn.external": model(decision("d", '<functionDefinition kind="Java"/>')),
}


@pytest.mark.parametrize(("code", "xml"), REFUSALS.items(), ids=REFUSALS)
def test_a_file_that_cannot_be_evaluated_truly_is_refused(code: str, xml: bytes) -> None:
    with pytest.raises(dmn.DmnError) as refusal:
        dmn.parse(xml)

    problem = refusal.value.problems[0]
    assert problem.code == code
    assert problem.zh
    assert problem.en
    assert problem.line >= 1


def test_a_wrong_cell_is_named_by_its_rule_and_column() -> None:
    xml = model(decision("d", table("UNIQUE", ["amount"], [["> 1", "1"], ["> > 2", "2"]])))

    with pytest.raises(dmn.DmnError) as refusal:
        dmn.parse(xml)

    (problem,) = refusal.value.problems
    assert problem.zh == "规则 2“amount”：表达式第 1 行第 3 列：这里不能出现“>”"
    assert problem.en == "rule 2, column 'amount': expression line 1 column 3: '>' can't stand here"


def test_an_entity_bomb_is_refused() -> None:
    bomb = b'<!DOCTYPE d [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>' + model(
        decision("d", literal("&b;"))
    )

    with pytest.raises(dmn.DmnError):
        dmn.parse(bomb)
