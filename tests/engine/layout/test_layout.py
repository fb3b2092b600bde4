"""A drawn diagram is readable: nothing hidden, nothing slanted, the same twice."""

from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

from engine import layout
from engine.errors import DefinitionRefused
from tests.engine.layout import geometry
from tests.engine.layout.diagrams import COMPLAINT, NESTED, POOLS, SIMPLE, Diagram, scattered

DRAWN = {
    "complaint": COMPLAINT.xml(),
    "nested": NESTED.xml(),
    "simple": SIMPLE.xml(),
    "pools": POOLS,
}
UNDRAWN = {"definitions", "process", "collaboration", "laneSet", "childLaneSet", "text"}


@pytest.fixture(params=DRAWN, ids=str)
def picture(request):
    return geometry.read(layout.draw(DRAWN[request.param]))


def faults(picture):
    return (
        geometry.overlapping(picture)
        + geometry.hidden_lines(picture)
        + geometry.slanted_lines(picture)
        + geometry.hidden_labels(picture)
    )


def test_every_element_has_a_place(picture):
    missing = {
        key
        for key, tag in picture.tags.items()
        if tag not in UNDRAWN
        and not tag.endswith("EventDefinition")
        and key not in picture.shapes
        and key not in picture.edges
    }

    assert missing == set()


def test_nothing_is_hidden_or_slanted(picture):
    assert faults(picture) == []
    assert geometry.doubled_lines(picture) == []


def test_centres_and_corners_stand_on_the_grid(picture):
    centres = [
        (box.x + box.width / 2, box.y + box.height / 2)
        for key, box in picture.shapes.items()
        if picture.tags[key] not in {"participant", "lane"}
    ]

    assert all(x % 10 == 0 and y % 10 == 0 for x, y in centres)


def test_every_element_stands_in_its_lane(picture):
    for lane in (key for key, tag in picture.tags.items() if tag == "lane"):
        frame = picture.shapes[lane]
        for reference in picture.elements[lane].findall(f"{geometry.BPMN}flowNodeRef"):
            box = picture.shapes[reference.text]
            assert frame.y <= box.y
            assert box.y + box.height <= frame.y + frame.height


def test_the_complaint_has_few_crossings_and_bends():
    picture = geometry.read(layout.draw(COMPLAINT.xml()))

    assert geometry.crossings(picture) <= 12
    assert geometry.bends(picture) <= 60


def test_a_parallel_split_is_drawn_without_crossings():
    picture = geometry.read(layout.draw(SIMPLE.xml()))

    assert geometry.crossings(picture) == 0
    assert geometry.bends(picture) == 4


def test_lanes_stand_in_the_order_of_the_file():
    picture = geometry.read(layout.draw(COMPLAINT.xml()))

    tops = [box.y for key, box in picture.shapes.items() if picture.tags[key] == "lane"]

    assert tops == sorted(tops)


def test_a_chain_in_one_lane_is_a_straight_line():
    keys = ["s", "a", "b", "c", "e"]
    tags = ["startEvent", "userTask", "userTask", "serviceTask", "endEvent"]
    diagram = Diagram(
        nodes=[(key, tag, key, "客服") for key, tag in zip(keys, tags, strict=True)],
        flows=[(one, other, "") for one, other in pairwise(keys)],
    )

    picture = geometry.read(layout.draw(diagram.xml()))

    assert geometry.bends(picture) == 0
    lefts = [picture.shapes[key].x for key in keys]
    assert lefts == sorted(lefts)


def test_boundary_events_sit_on_the_lower_edge_and_leave_downwards():
    picture = geometry.read(layout.draw(NESTED.xml()))
    host, event = picture.shapes["sub"], picture.shapes["late"]
    flow = next(key for key, one in picture.elements.items() if one.get("sourceRef") == "late")

    assert event.y + event.height / 2 == host.y + host.height
    assert host.x <= event.x
    assert event.x + event.width <= host.x + host.width
    start, after = picture.edges[flow][:2]
    assert start[0] == after[0]
    assert after[1] > start[1]


def test_event_sub_processes_stand_below_the_flow_of_their_lane():
    picture = geometry.read(layout.draw(NESTED.xml()))

    flow = max(picture.shapes[key].y + picture.shapes[key].height for key in ("s", "a", "b", "e"))

    assert picture.shapes["withdraw"].y > flow
    assert picture.shapes["urge"].y > flow


def test_the_inside_of_a_sub_process_stands_inside_it():
    picture = geometry.read(layout.draw(NESTED.xml()))
    frame = picture.shapes["sub"]

    for key in ("s1", "v", "g", "r", "e1"):
        box = picture.shapes[key]
        assert frame.x < box.x
        assert box.x + box.width < frame.x + frame.width
        assert frame.y < box.y
        assert box.y + box.height < frame.y + frame.height


@pytest.mark.parametrize("name", DRAWN)
def test_the_same_file_gives_the_same_bytes(name):
    once = layout.draw(DRAWN[name])

    assert layout.draw(DRAWN[name]) == once
    assert layout.draw(once) == once


@pytest.mark.parametrize("name", DRAWN)
def test_what_is_not_a_picture_is_left_alone(name):
    drawn = etree.fromstring(layout.draw(DRAWN[name]))

    for diagram in drawn.findall(f"{geometry.BPMNDI}BPMNDiagram"):
        drawn.remove(diagram)

    before = etree.fromstring(DRAWN[name])
    assert [(one.tag, dict(one.attrib)) for one in drawn.iter()] == [
        (one.tag, dict(one.attrib)) for one in before.iter()
    ]


def test_keep_changes_nothing_that_is_whole():
    drawn = layout.draw(COMPLAINT.xml())

    assert layout.draw(drawn, keep=True) == drawn


def test_keep_places_only_what_is_missing():
    gone = {"T5a_approve", "G_approved", "B_silent", "T2u_explain"}
    drawn = layout.draw(COMPLAINT.xml())
    before = geometry.read(drawn)
    root = etree.fromstring(drawn)
    for item in [
        *root.iter(f"{geometry.BPMNDI}BPMNShape"),
        *root.iter(f"{geometry.BPMNDI}BPMNEdge"),
    ]:
        element = before.elements[item.get("bpmnElement")]
        if {item.get("bpmnElement"), element.get("sourceRef"), element.get("targetRef")} & gone:
            item.getparent().remove(item)

    after = geometry.read(layout.draw(etree.tostring(root), keep=True))

    assert after.shapes.keys() == before.shapes.keys()
    assert after.edges.keys() == before.edges.keys()
    assert all(after.shapes[key] == box for key, box in before.shapes.items() if key not in gone)
    assert geometry.overlapping(after) == []
    assert geometry.hidden_lines(after) == []
    assert geometry.hidden_labels(after) == []
    for key in ("T5a_approve", "T2u_explain"):
        assert _lane_of(after, key) == _lane_of(before, key)


def _lane_of(picture, key):
    box = picture.shapes[key]
    return [
        lane
        for lane, tag in picture.tags.items()
        if tag == "lane"
        and picture.shapes[lane].y <= box.y
        and box.y + box.height <= picture.shapes[lane].y + picture.shapes[lane].height
    ]


def test_a_moved_shape_stays_where_a_person_put_it():
    drawn = layout.draw(SIMPLE.xml())
    moved = drawn.replace(b'<bpmndi:BPMNShape id="b_di" bpmnElement="b">', b"<!--moved-->", 1)
    assert moved != drawn
    moved = drawn.replace(
        b'bpmnElement="b">\n        <dc:Bounds x="', b'bpmnElement="b">\n        <dc:Bounds x="1', 1
    )

    assert geometry.read(layout.draw(moved, keep=True)).shapes == geometry.read(moved).shapes


@pytest.mark.parametrize(
    ("xml", "line"),
    [(b"<a><b></a>", 1), (b"<html/>", 1), (b'<!DOCTYPE x [<!ENTITY e "x">]><x>&e;</x>', 1)],
    ids=["broken", "other", "doctype"],
)
def test_what_is_not_bpmn_is_refused_with_its_line(xml, line):
    with pytest.raises(DefinitionRefused) as caught:
        layout.draw(xml)

    assert caught.value.problems[0].line == line


def test_a_message_to_a_pool_with_contents_ends_at_its_border():
    xml = POOLS.replace(b'sourceRef="Owner" targetRef="s"', b'sourceRef="Owner" targetRef="Firm"')

    picture = geometry.read(layout.draw(xml))

    pool, end = picture.shapes["Firm"], picture.edges["m1"][-1]
    assert end[0] in {pool.x, pool.x + pool.width, pool.x + pool.width // 2}
    assert pool.y <= end[1] <= pool.y + pool.height


def test_an_element_without_an_id_is_left_out():
    drawn = layout.draw(SIMPLE.xml().replace(b'id="d" name', b"name"))

    assert "c" in geometry.read(drawn).shapes


@settings(
    max_examples=40, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
@given(seed=st.integers(0, 10**6), size=st.integers(2, 18), lanes=st.integers(0, 4))
def test_any_diagram_is_drawn_without_hiding_anything(seed, size, lanes):
    xml = scattered(seed, size=size, lanes=lanes).xml()

    picture = geometry.read(layout.draw(xml))

    assert faults(picture) == []
    assert len(geometry.doubled_lines(picture)) <= 1
    assert len(picture.shapes) + len(picture.edges) >= len(picture.elements) - len(UNDRAWN) - 4
