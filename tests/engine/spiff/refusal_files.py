"""Files of strangers that are refused before they are read as diagrams."""

from tests.engine.spiff.drawing import document

BOMB = b"""<?xml version="1.0"?><!DOCTYPE b [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;">]>
<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL">&b;</bpmn:definitions>"""


EXTERNAL = (
    b"""<?xml version="1.0"?><!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]><r>&x;</r>"""
)


NOT_XML = {
    "entity-bomb": (BOMB, "xml-doctype"),
    "external-entity": (EXTERNAL, "xml-doctype"),
    "hidden-by-utf-16": (BOMB.decode().encode("utf-16"), "xml-encoding"),
    "broken": (b"<bpmn:definitions", "xml-not-well-formed"),
    "empty": (b"", "xml-not-well-formed"),
    "binary": (bytes(range(1, 200)), "xml-not-well-formed"),
    "huge": (b"<a>" + b" " * 2_000_001 + b"</a>", "xml-too-large"),
    "deep": (b"<a>" * 220 + b"</a>" * 220, "xml-too-deep"),
    "something-else": (b"<html/>", "not-bpmn"),
    "no-process": (
        document("").replace(b'isExecutable="true"', b'isExecutable="false"'),
        "no-process",
    ),
}
