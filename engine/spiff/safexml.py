"""Reads XML that a stranger wrote: no entities, no network, bounded size and depth."""

from lxml import etree

from engine.errors import Problem

MAX_BYTES = 2_000_000
MAX_DEPTH = 200

BPMN = "http://www.omg.org/spec/BPMN/20100524/MODEL"


class Unreadable(Exception):  # noqa: N818 — carries the problem, never reaches a caller
    """The bytes are no XML that we open."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.en)
        self.problem = problem


def read(xml: bytes) -> etree._Element:
    """Return the root element, or raise Unreadable."""
    if len(xml) > MAX_BYTES:
        raise _refusal("xml-too-large", "文件超过 2 MB", "the file is larger than 2 MB")
    if b"\x00" in xml[:200]:
        raise _refusal("xml-encoding", "只接受 UTF-8 编码", "only UTF-8 is read")
    if b"<!DOCTYPE" in xml or b"<!ENTITY" in xml:
        raise _refusal(
            "xml-doctype", "不接受 DOCTYPE 与实体声明", "DOCTYPE and entities are refused"
        )
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False,
        remove_comments=True, remove_pis=True,
    )  # fmt: skip
    try:
        root = etree.fromstring(xml, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        line = getattr(error, "lineno", None)
        raise _refusal(
            "xml-not-well-formed",
            f"不是格式良好的 XML：{error}",
            f"not well-formed XML: {error}",
            line,
        ) from error
    if root.getroottree().docinfo.doctype:
        raise _refusal(
            "xml-doctype", "不接受 DOCTYPE 与实体声明", "DOCTYPE and entities are refused"
        )
    if _depth(root) > MAX_DEPTH:
        raise _refusal("xml-too-deep", "XML 嵌套过深", "the XML is nested too deeply")
    if root.tag != f"{{{BPMN}}}definitions":
        raise _refusal(
            "not-bpmn",
            "根元素不是 BPMN 2.0 的 definitions",
            "the root element is not BPMN 2.0 definitions",
        )
    return root


def _depth(root: etree._Element) -> int:
    deepest, stack = 0, [(root, 1)]
    while stack:
        node, depth = stack.pop()
        deepest = max(deepest, depth)
        if depth <= MAX_DEPTH:
            stack.extend((child, depth + 1) for child in node)
    return deepest


def _refusal(rule: str, zh: str, en: str, line: int | None = None) -> Unreadable:
    return Unreadable(Problem(rule=rule, zh=zh, en=en, line=line))
