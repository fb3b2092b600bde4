"""The command `wuyeflow lint`: files and folders, our diagrams and those of other houses."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from api import linting
from api.cli import cli
from tests.conformance.dress import dressed
from tests.conformance.mutants import mutants_of

PLAIN = """<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL"
 xmlns:zeebe="http://camunda.org/schema/zeebe/1.0" id="d" targetNamespace="t">
<process id="p" isExecutable="true"><laneSet id="l"><lane id="la" name="{lane}">
<flowNodeRef>t</flowNodeRef></lane></laneSet>
<startEvent id="s"/><sequenceFlow id="f1" sourceRef="s" targetRef="t"/>
<serviceTask id="t"><extensionElements><zeebe:taskDefinition type="nobody-does-this"/>
</extensionElements></serviceTask>
<sequenceFlow id="f2" sourceRef="t" targetRef="e"/><endEvent id="e"/></process></definitions>"""


def run(*words: str | Path) -> Result:
    return CliRunner().invoke(cli, ["lint", *map(str, words)])


def write(folder: Path, name: str, text: str | bytes) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def test_a_name_that_only_another_house_knows_is_a_warning(tmp_path) -> None:
    path = write(tmp_path, "a.bpmn", PLAIN.format(lane="Warehouse"))

    result = run(path)

    assert result.exit_code == 0
    assert f"{path}:6\twarning\tt\tunknown-handler\t" in result.output
    assert result.output.endswith("==> 没有错误。\n")


def test_the_same_name_is_an_error_in_a_diagram_of_this_house(tmp_path) -> None:
    path = write(tmp_path, "a.bpmn", PLAIN.format(lane="客户助理"))

    assert run(path).exit_code == 1
    assert "\terror\tt\tunknown-handler\t" in run(path).output
    assert run(path, "--foreign").exit_code == 0


def test_a_folder_is_searched_and_summed_up(tmp_path) -> None:
    write(tmp_path, "deep/er/a.bpmn", PLAIN.format(lane="Warehouse"))
    write(tmp_path, "b.bpmn20.xml", dressed(3))
    broken = write(tmp_path, "c.bpmn2", PLAIN.format(lane="x").replace('sourceRef="t"', ""))
    write(tmp_path, "notes.txt", "no diagram")

    result = run(tmp_path, "--quiet")

    assert result.exit_code == 1
    assert result.output.splitlines()[-1].startswith(
        "==> 3 份（外来 3 份）：接受 2 份，拒绝 1 份；提醒 "
    )
    assert {line.split(":")[0] for line in result.output.splitlines()[:-1]} == {str(broken)}


def test_a_folder_without_diagrams_is_no_error(tmp_path) -> None:
    assert run(tmp_path).output == "==> 0 份（外来 0 份）：接受 0 份，拒绝 0 份；提醒 0 处。\n"


@pytest.mark.parametrize("body", [b"", b"<", b"\x00\xff\xfe", b"<x/>", b"<html>" * 3000])
def test_what_is_no_diagram_is_refused_with_a_rule(tmp_path, body: bytes) -> None:
    result = run(write(tmp_path, "a.bpmn", body))

    assert result.exit_code == 1
    assert all(len(line.split("\t")) == 5 for line in result.output.splitlines())
    assert "\tfault\t" not in result.output


def test_a_file_that_cannot_be_read_does_not_hide_the_others(tmp_path) -> None:
    gone = tmp_path / "gone.bpmn"
    gone.symlink_to(tmp_path / "nowhere")
    good = write(tmp_path, "a.bpmn", PLAIN.format(lane="Warehouse"))

    first, second = linting.run([gone, good], as_foreign=False)

    assert [one.rule for one in first.problems] == ["fault"]
    assert first.errors == 1
    assert second.errors == 0


def test_damaged_diagrams_in_many_processes_are_all_judged(tmp_path) -> None:
    for seed in range(4):
        for number, copy in enumerate(mutants_of(dressed(seed), 5, str(seed))):
            write(tmp_path, f"{seed}-{number}.bpmn", copy)
    shown: list[int] = []

    judged = list(linting.run(linting.files([tmp_path]), as_foreign=False, progress=shown.append))

    assert len(judged) == 20
    assert shown == [20]
    for one in judged:
        assert all(problem.rule != "fault" for problem in one.problems)
        refusals = [problem for problem in one.problems if problem.severity == "error"]
        assert all(problem.element or problem.rule.startswith("xml-") for problem in refusals)
