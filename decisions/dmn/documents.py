"""Read DMN XML safely and walk it by local names (versions 1.1 to 1.5 differ in namespace only)."""

from __future__ import annotations

import re

from lxml import etree

from decisions.dmn.problems import DmnError, Problem

MAX_BYTES = 2_000_000
_NAMESPACE = re.compile(
    r"https?://www\.omg\.org/spec/DMN/(20151101/dmn\.xsd|20(18|19|21|23|24)\d{4}/MODEL/)"
)


def read(xml: bytes) -> etree._Element:
    """The `definitions` element; DmnError for anything that is not plain DMN."""
    if len(xml) > MAX_BYTES:
        raise refusal("dmn.too_large", "文件太大", "the file is too large")
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False,
        remove_comments=True, remove_pis=True,
    )  # fmt: skip
    try:
        root = etree.fromstring(xml, parser)
    except etree.XMLSyntaxError as error:
        line = error.lineno or 1
        raise refusal(
            "dmn.xml", "不是正确的 XML", f"not well-formed XML: {error.msg}", line
        ) from None
    if root.getroottree().docinfo.doctype:
        raise refusal("dmn.doctype", "不接受 DOCTYPE", "a DOCTYPE is not accepted")
    namespace = etree.QName(root).namespace or ""
    if local(root) != "definitions" or not _NAMESPACE.fullmatch(namespace):
        raise refusal("dmn.namespace", "不是 DMN 文件", "not a DMN file")
    return root


def refusal(code: str, zh: str, en: str, line: int = 1, element: str = "") -> DmnError:
    return DmnError((Problem(code, element or "definitions", line, zh, en),))


def local(element: etree._Element) -> str:
    """The element's name without its namespace."""
    return etree.QName(element).localname


def inside(element: etree._Element, *names: str) -> list[etree._Element]:
    """The child elements of these names, in order; of any name of DMN if none is given."""
    home = etree.QName(element).namespace
    return [
        child
        for child in element
        if (etree.QName(child).namespace == home)
        and (not names or local(child) in names)
        and local(child) not in _TEXTUAL.difference(names)
    ]


def first(element: etree._Element, *names: str) -> etree._Element | None:
    return next(iter(inside(element, *names)), None)


def text(element: etree._Element | None, name: str = "text") -> str:
    """The text of a child element, without outer white space."""
    child = None if element is None else first(element, name)
    return "" if child is None else (child.text or "").strip()


def line(element: etree._Element) -> int:
    found = element.sourceline
    return found if isinstance(found, int) else 1


def id_of(element: etree._Element) -> str:
    """The nearest id: the element's own or that of what holds it."""
    for candidate in (element, *element.iterancestors()):
        found = candidate.get("id")
        if found:
            return found
    return local(element)


#: Children that describe, and are never expressions.
_TEXTUAL = frozenset(("description", "extensionElements"))
EXPRESSIONS = (
    "literalExpression", "decisionTable", "context", "invocation", "list", "relation",
    "functionDefinition", "conditional", "for", "every", "some", "filter",
)  # fmt: skip
