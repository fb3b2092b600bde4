"""Broken at random: a diagram is refused in words, or runs in words; nothing ever just crashes."""

import random

import pytest
from lxml import etree

from engine import spiff
from tests.engine.spiff.driving import DIAGRAMS, runtime
from tests.engine.spiff.test_walks import START, command

SOURCES = sorted(DIAGRAMS.glob("*.bpmn"))
VALUES = [
    "",
    "s",
    "e",
    "p",
    "true",
    "false",
    "=1",
    "=x",
    "PT1H",
    "R3/PT1H",
    "0",
    "-1",
    "消息",
    "a b",
]


def mutate(xml: bytes, dice: random.Random) -> bytes:
    """Change one to three things anywhere in the document."""
    root = etree.fromstring(xml)
    for _ in range(dice.randint(1, 3)):
        nodes = [node for node in root.iter(etree.Element) if node is not root]
        if not nodes:
            break
        node = dice.choice(nodes)
        other = dice.choice(nodes)
        dice.choice([drop, copy, attribute, forget, text, rename])(node, other, dice)
    return etree.tostring(root)


def drop(node, _other, _dice):
    node.getparent().remove(node)


def copy(node, other, _dice):
    if other not in node.iter():
        other.append(etree.fromstring(etree.tostring(node)))


def attribute(node, _other, dice):
    if node.attrib:
        node.set(dice.choice(list(node.attrib)), dice.choice(VALUES))


def forget(node, _other, dice):
    if node.attrib:
        del node.attrib[dice.choice(list(node.attrib))]


def text(node, _other, dice):
    node.text = dice.choice(VALUES)


def rename(node, other, _dice):
    node.tag = other.tag


def walk(model: spiff.Model, dice: random.Random) -> None:
    for process in model.processes:
        step = spiff.start(model, process, variables=START, runtime=runtime())
        for _ in range(12):
            if step.failure is not None:
                assert step.failure.zh
                assert step.failure.code != "step-failed", step.failure
                break
            waits = [wait for wait in spiff.waits(model, step.state) if not step.completed]
            if not waits:
                break
            values = {"ok": dice.random() < 0.5, "again": dice.random() < 0.3}
            step = command(model, step.state, dice.choice(waits), values, runtime().now)


@pytest.mark.parametrize("seed", range(40))
def test_a_mutated_diagram_is_refused_or_runs_but_never_crashes(seed: int) -> None:
    dice = random.Random(seed)
    for source in SOURCES:
        xml = mutate(source.read_bytes(), dice)
        for problem in spiff.refusals(xml):
            assert problem.rule
            assert "{" not in problem.zh.replace("{http", "")
        if not spiff.refusals(xml):
            walk(spiff.parse(xml), dice)
