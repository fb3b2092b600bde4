"""The elements of a requirements graph and the arrows between them (DMN 6.3)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias

from decisions.dmn.documents import inside
from decisions.feel.calls import make_function

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from lxml import etree

    from decisions.dmn.places import Place
    from decisions.feel.codes import Code
    from decisions.feel.types import Type

#: (namespace, id)
Key: TypeAlias = tuple[str, str]


@dataclass(slots=True)
class Element:
    """Input data, a decision, a business knowledge model or a decision service."""

    kind: str
    id: str
    name: str
    variable: str
    xml: etree._Element
    namespace: str
    prefixes: Mapping[str, str]
    requires: tuple[Key, ...]
    type: Type | None
    code: Code | None = None
    place: Place | None = None
    open: bool = False
    parts: dict[str, tuple[Key, ...]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.kind == "service":
            for part in ("inputData", "inputDecision", "outputDecision"):
                hrefs = (el.get("href", "") for el in inside(self.xml, part))
                self.parts[part] = tuple(key_of(href, self.namespace) for href in hrefs)

    @property
    def key(self) -> Key:
        return self.namespace, self.id


def key_of(href: str, namespace: str) -> Key:
    """`#id` in this model, `namespace#id` in another."""
    home, _, identifier = href.rpartition("#")
    return home or namespace, identifier


def requirements(xml: etree._Element, namespace: str) -> tuple[Key, ...]:
    """The elements that this one's logic may use, in the order written."""
    return tuple(
        key_of(target.get("href", ""), namespace)
        for holder in inside(xml, "informationRequirement", "knowledgeRequirement")
        for target in inside(holder, "requiredDecision", "requiredInput", "requiredKnowledge")
    )


def inner_function(
    xml: etree._Element, place: Place, body_of: Callable[[etree._Element, Place], Code]
) -> Code:
    """The function of a business knowledge model."""
    parameters = inside(xml, "formalParameter")
    names = tuple(p.get("name", "") for p in parameters)
    types = tuple(place.type_of(p) for p in parameters)
    if xml.get("kind", "FEEL") != "FEEL":
        place.problem(
            xml, "dmn.external", "不执行外部（Java、PMML）函数",
            "external (Java, PMML) functions are not run",
        )  # fmt: skip
        return make_function(names, types, _nothing, None)
    return make_function(names, types, body_of(xml, place.bind(*names)), place.type_of(xml))


def _nothing(_scope: Any) -> None:
    return None
