"""Small DMN files for tests, written by what they are about."""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.sax.saxutils import escape, quoteattr

if TYPE_CHECKING:
    from collections.abc import Sequence

HEAD = (
    '<definitions xmlns="https://www.omg.org/spec/DMN/20230324/MODEL/" id="m" name="m" '
    'namespace="urn:{name}">{body}</definitions>'
)


def model(*elements: str, name: str = "test") -> bytes:
    return HEAD.format(name=name, body="".join(elements)).encode()


def given(name: str, type_: str = "") -> str:
    kind = f" typeRef={quoteattr(type_)}" if type_ else ""
    return f'<inputData id="{name}" name="{name}"><variable name="{name}"{kind}/></inputData>'


def decision(identifier: str, logic: str, *, needs: Sequence[str] = (), type_: str = "") -> str:
    """`needs` are `input:x`, `decision:x` or `knowledge:x`."""
    kind = f" typeRef={quoteattr(type_)}" if type_ else ""
    return (
        f'<decision id="{identifier}" name="{identifier}"><variable name="{identifier}"{kind}/>'
        f"{''.join(map(need, needs))}{logic}</decision>"
    )


def need(text: str) -> str:
    kind, _, target = text.partition(":")
    href = target if "#" in target else f"#{target}"
    holder = "knowledgeRequirement" if kind == "knowledge" else "informationRequirement"
    element = {
        "input": "requiredInput",
        "decision": "requiredDecision",
        "knowledge": "requiredKnowledge",
    }[kind]
    return f'<{holder}><{element} href="{href}"/></{holder}>'


def literal(source: str) -> str:
    return f"<literalExpression><text>{escape(source)}</text></literalExpression>"


def knowledge(name: str, parameters: Sequence[str], body: str, *, needs: Sequence[str] = ()) -> str:
    formal = "".join(f'<formalParameter name="{p}"/>' for p in parameters)
    return (
        f'<businessKnowledgeModel id="{name}" name="{name}"><variable name="{name}"/>'
        f"<encapsulatedLogic>{formal}{literal(body)}</encapsulatedLogic>"
        f"{''.join(map(need, needs))}</businessKnowledgeModel>"
    )


def table(
    policy: str,
    inputs: Sequence[str],
    rules: Sequence[Sequence[str]],
    *,
    outputs: Sequence[str] = ("",),
    values: str = "",
    default: str = "",
) -> str:
    """A decision table; `policy` may end in an aggregation, as in `COLLECT SUM`."""
    hit, _, aggregation = policy.partition(":")
    aggregate = f' aggregation="{aggregation}"' if aggregation else ""
    columns = "".join(
        f"<input><inputExpression><text>{escape(i)}</text></inputExpression></input>"
        for i in inputs
    )
    listed = f"<outputValues><text>{escape(values)}</text></outputValues>" if values else ""
    other = (
        f"<defaultOutputEntry><text>{escape(default)}</text></defaultOutputEntry>"
        if default
        else ""
    )
    columns += "".join(f'<output name="{name}">{listed}{other}</output>' for name in outputs)
    return f'<decisionTable id="table" hitPolicy="{hit}"{aggregate}>{columns}{rows(rules, len(inputs))}</decisionTable>'


def rows(rules: Sequence[Sequence[str]], width: int) -> str:
    written = []
    for rule in rules:
        cells = [
            f"<{kind}><text>{escape(cell)}</text></{kind}>"
            for index, cell in enumerate(rule)
            for kind in ["inputEntry" if index < width else "outputEntry"]
        ]
        written.append(f"<rule>{''.join(cells)}</rule>")
    return "".join(written)
