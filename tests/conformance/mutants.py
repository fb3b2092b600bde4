"""Damages a BPMN file as editors, converters and people do."""

import random
from collections.abc import Callable, Iterator

from lxml import etree

_PARSER = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
_ODD = (
    "",
    " ",
    "a b",
    "=",
    "${x}",
    "-1",
    "1e9",
    "\u00e9\u4e2d",
    "#{",
    "x" * 500,
    "true",
    "PT",
    "R/",
)
_DEEP = 150

Node = etree._Element
Damage = Callable[[random.Random, list[Node]], None]


def mutants_of(body: bytes, count: int, seed: str) -> Iterator[bytes]:
    """Yield damaged copies; the same ones for the same seed."""
    dice = random.Random(seed)
    for _ in range(count):
        root = _root(body)
        if root is None or dice.random() < 0.1:
            yield _raw(body, dice)
            continue
        for _ in range(dice.randint(1, 4)):
            nodes = list(root.iter(etree.Element))
            dice.choice(_DAMAGES)(dice, nodes)
        yield etree.tostring(root)


def _root(body: bytes) -> Node | None:
    try:
        return etree.fromstring(body, _PARSER)
    except etree.XMLSyntaxError:
        return None


def _raw(body: bytes, dice: random.Random) -> bytes:
    """Cut or twist the bytes themselves."""
    at = dice.randrange(max(1, len(body)))
    return dice.choice([
        body[:at], body[:at] + b"\x00" + body[at:], body + body, b"\xff\xfe" + body,
        body.replace(b"?>", b'?><!DOCTYPE x [<!ENTITY y "z">]>', 1), body.replace(b"><", b">&y;<", 1),
    ])  # fmt: skip


def _drop_attribute(dice: random.Random, nodes: list[Node]) -> None:
    node = dice.choice(nodes)
    if node.attrib:
        del node.attrib[dice.choice(list(node.attrib))]


def _odd_value(dice: random.Random, nodes: list[Node]) -> None:
    node = dice.choice(nodes)
    if node.attrib:
        node.attrib[dice.choice(list(node.attrib))] = dice.choice(_ODD)
    else:
        node.text = dice.choice(_ODD)


def _same_id(dice: random.Random, nodes: list[Node]) -> None:
    named = [node for node in nodes if node.get("id")]
    if named:
        dice.choice(named).set("id", dice.choice(named).get("id", ""))


def _swap(dice: random.Random, nodes: list[Node]) -> None:
    name = dice.choice(["sourceRef", "targetRef", "attachedToRef", "default", "messageRef"])
    having = [node for node in nodes if node.get(name)]
    if having:
        one, other = dice.choice(having), dice.choice(having)
        mine, theirs = one.get(name, ""), other.get(name, "")
        one.set(name, theirs)
        other.set(name, mine)


def _remove(dice: random.Random, nodes: list[Node]) -> None:
    node = dice.choice(nodes)
    if node.getparent() is not None:
        node.getparent().remove(node)


def _copy(dice: random.Random, nodes: list[Node]) -> None:
    node, place = dice.choice(nodes), dice.choice(nodes)
    if node.getparent() is not None and node not in place.iterancestors() and node is not place:
        place.append(etree.fromstring(etree.tostring(node)))


def _rename(dice: random.Random, nodes: list[Node]) -> None:
    node, like = dice.choice(nodes), dice.choice(nodes)
    if node.getparent() is not None:
        node.tag = dice.choice([like.tag, str(node.tag).rpartition("}")[2], "{urn:odd}thing"])


def _nest(dice: random.Random, nodes: list[Node]) -> None:
    node = dice.choice(nodes)
    for _ in range(dice.choice([3, _DEEP])):
        node = etree.SubElement(node, node.tag)


_DAMAGES: tuple[Damage, ...] = (
    _drop_attribute, _drop_attribute, _odd_value, _same_id, _swap, _swap, _remove, _copy, _rename,
    _nest,
)  # fmt: skip
