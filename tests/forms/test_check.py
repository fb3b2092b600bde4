"""A form that viewer and server can't both follow is refused, with code, field and reason."""

import json
from typing import Any

import pytest

import forms
from tests.forms.samples import codes, component, definition

SOUND = component("textfield", "a")
HIDE = "conditional"


def hidden(source: str, key: str = "b") -> dict[str, Any]:
    return component("textfield", key, conditional={"hide": source})


def own(**properties: str) -> dict[str, Any]:
    return component("textfield", "b", properties=properties)


REFUSED: list[tuple[str, Any]] = [
    ("json", "{"),
    ("json", b"\xff"),
    ("json", '{"type": "default", "type": "default"}'),
    ("json", '{"type": "default", "id": NaN}'),
    ("too-large", " " * 600_000),
    ("too-deep", "[" * 60 + "]" * 60),
    ("not-a-form", "[]"),
    ("not-a-form", {"type": "group", "id": "x", "components": []}),
    ("not-a-form", {"type": "default", "id": "x", "components": {}}),
    ("schema-version", {**definition(), "schemaVersion": 20}),
    ("schema-version", {**definition(), "schemaVersion": True}),
    ("form-id", {**definition(), "id": "1 x"}),
    ("properties", {**definition(), "properties": []}),
    ("field-id", definition("x")),
    ("field-id", definition({"type": "textfield", "key": "a"})),
    ("field-id", definition({**SOUND, "id": "a b"})),
    ("duplicate-id", definition(SOUND, {**SOUND, "key": "b"})),
    ("key", definition({**SOUND, "key": ""})),
    ("key", definition({**SOUND, "key": None})),
    ("key", definition({**SOUND, "key": "a..b"})),
    ("key", definition({**SOUND, "key": "a b"})),
    ("key", definition({**SOUND, "key": "case"})),
    ("key", definition({**SOUND, "key": "this"})),
    ("key", definition({**SOUND, "key": "x.now"})),
    ("key", definition({**SOUND, "key": "__proto__"})),
    ("key", definition({**SOUND, "key": "if"})),
    ("path-taken", definition(SOUND, {**SOUND, "id": "F_2"})),
    ("path-taken", definition(SOUND, component("textfield", "a.b"))),
    ("path-taken", definition(component("textfield", "a.b"), SOUND)),
    ("path-taken", definition(component("group", "a", components=[]), {**SOUND, "id": "F_2"})),
    ("path-taken", definition(component("dynamiclist", "a", components=[]), component("textfield", "a.b"))),
    ("path-taken", definition(component("dynamiclist", "a", components=[]), component("dynamiclist", "a", id="F_2"))),
    ("type", definition({**SOUND, "type": "password"})),
    ("type", definition({**SOUND, "type": ["textfield"]})),
    ("type-instead", definition(component("html", "a", content="<b>x</b>"))),
    ("type-instead", definition(component("iframe", "a", url="https://example.com"))),
    ("type-instead", definition(component("filepicker", "a"))),
    ("type-instead", definition(component("documentPreview", "a"))),
    ("attribute", definition({**SOUND, "layout": {"columns": 17}})),
    ("attribute", definition({**SOUND, "layout": []})),
    ("attribute", definition({**SOUND, "conditional": "=true"})),
    ("attribute", definition(component("group", "g", components={}))),
    ("attribute", definition(component("number", "a", decimalDigits=-1))),
    ("attribute", definition(component("number", "a", increment=0))),
    ("attribute", definition(component("datetime", "a", subtype="week"))),
    ("attribute", definition(component("datetime", "a", timeSerializingFormat="local"))),
    ("attribute", definition(component("wf-upload", "a", max=0))),
    ("attribute", definition(component("dynamiclist", "a", isRepeating=False, components=[]))),
    ("attribute", definition(component("number", "a", defaultValue="many"))),
    ("attribute", definition(component("select", "a", values=["x"], defaultValue="y"))),
    ("markup", definition({**SOUND, "label": "<script>alert(1)</script>"})),
    ("markup", definition(component("text", "t", text='<a href="x">x</a>'))),
    ("markup", definition(component("text", "t", text="[x](javascript:alert(1))"))),
    ("template", definition({**SOUND, "label": "{{a}}"})),
    ("template", definition({**SOUND, "label": "=a"})),
    ("url", definition(component("image", "t", source="https://example.com/x.png"))),
    ("url", definition(component("image", "t", source="//example.com/x.png"))),
    ("expression", definition(SOUND, hidden("=a ="))),
    ("expression", definition(SOUND, hidden("=unknown function(a)"))),
    ("expression", definition(SOUND, hidden("a"))),
    ("expression", definition(component("expression", "a", expression=None))),
    ("expression", definition(component("text", "t", text="{{a +}}"))),
    ("expression", definition(own(check="b >", checkMessage="x"))),
    ("expression-now", definition(component("datetime", "d"), hidden("=d = string(now)"))),
    ("expression-now", definition(hidden("=today() = null"))),
    ("unknown-name", definition(hidden("=nobody"))),
    ("unknown-name", definition(own(default="=a"), SOUND)),
    ("unknown-name", definition(component("text", "t", text="{{nobody}}"))),
    ("mixed-types", definition(SOUND, hidden("=a > 3"))),
    ("mixed-types", definition(component("checklist", "a", values=["x"]), hidden('=a = "x"'))),
    ("mixed-types", definition(component("number", "a"), hidden('="3" = a'))),
    ("cycle", definition(hidden("=b = null"))),
    ("cycle", definition(hidden('=b = "x"', "a"), hidden('=a = "x"'))),
    ("cycle", definition(component("expression", "a", expression="=b + 1"), component("expression", "b", expression="=a"))),
    ("condition-loose", definition(SOUND, hidden('=a = "x"'), hidden('=b = "x"', "c"))),
    ("condition-loose", definition(SOUND, component("group", "g", components=[hidden("=true", "b")], conditional={"hide": '=a = "x"'}), hidden('=g.b = "x" or true', "c"))),
    ("condition-loose", definition(SOUND, hidden('=a = "x"'), component("expression", "e", expression="=b"), hidden('=e = "x"', "d"))),
    ("condition-loose", definition(component("dynamiclist", "l", components=[SOUND, hidden('=this.a = "x"'), hidden('=this.b = "x"', "c")]))),
    ("validate-key", definition({**SOUND, "validate": {"min": 3}})),
    ("validate-key", definition(component("number", "a", validate={"pattern": "x"}))),
    ("validate-key", definition({**SOUND, "validate": {"unique": True}})),
    ("validate-value", definition({**SOUND, "validate": {"required": "yes"}})),
    ("validate-value", definition({**SOUND, "validate": {"minLength": -1}})),
    ("validate-value", definition({**SOUND, "validate": {"validationType": "url"}})),
    ("validate-value", definition(component("number", "a", validate={"max": "many"}))),
    ("pattern", definition({**SOUND, "validate": {"pattern": "("}})),
    ("pattern", definition({**SOUND, "validate": {"pattern": "(a)\\1"}})),
    ("pattern", definition({**SOUND, "validate": {"pattern": "\\p{L}"}})),
    ("options", definition(component("select", "a"))),
    ("options", definition(component("select", "a", values=[]))),
    ("options", definition(component("select", "a", values=[{"label": "x"}]))),
    ("options", definition(component("select", "a", values=["x"], valuesKey="y"))),
    ("duplicate-option", definition(component("select", "a", values=["x", {"label": "y", "value": "x"}]))),
    ("key", definition(component("select", "a", valuesKey="a b"))),
    ("expression-expected", definition(component("select", "a", valuesExpression="[1]"))),
    ("label", definition({"type": "textfield", "id": "F", "key": "a"})),
    ("columns", definition(component("wf-table", "a"))),
    ("columns", definition(component("wf-table", "a", columns=[]))),
    ("columns", definition(component("wf-table", "a", columns=[{"key": "x", "label": "x", "type": "text"}] * 2))),
    ("column", definition(component("wf-table", "a", columns=[{"key": "x", "label": "x", "type": "money"}]))),
    ("column", definition(component("wf-table", "a", columns=[{"key": "x y", "label": "x", "type": "text"}]))),
    ("column", definition(component("wf-table", "a", columns=[{"key": "x", "type": "text"}]))),
    ("column", definition(component("wf-table", "a", columns=[{"key": "x", "label": "x", "type": "text", "required": 1}]))),
    ("options", definition(component("wf-table", "a", columns=[{"key": "x", "label": "x", "type": "select"}]))),
    ("default-in-list", definition(component("dynamiclist", "l", components=[own(default="=user.key")]))),
    ("properties", definition({**SOUND, "properties": {"personal": True}})),
    ("needs-message", definition(own(check="b != null"))),
]  # fmt: skip


@pytest.mark.parametrize(("code", "source"), REFUSED)
def test_what_is_unsupported_is_refused(code: str, source: Any) -> None:
    found = forms.check(source)

    assert code in {problem.code for problem in found}
    assert all(problem.zh and problem.en and problem.zh != problem.en for problem in found)
    with pytest.raises(forms.FormError):
        forms.parse(source)


def test_a_refusal_names_the_field_in_both_languages() -> None:
    (problem,) = forms.check(definition(component("html", "a")))

    assert (problem.code, problem.field) == ("type-instead", "F_a")
    assert problem.zh == "不支持组件类型「html」，请改用「text」。"
    assert problem.en == "Components of type “html” are not supported; use “text”."


def test_everything_wrong_is_named_at_once() -> None:
    source = definition(
        component("group", "g", layout={"columns": 0}, components=[component("html", "h")]),
        component("select", "s"),
        hidden("=a ="),
    )

    assert codes(source) == {"attribute", "type-instead", "options", "expression"}


SOUND_FORMS = [
    definition(),
    {"id": "x", "components": [], "type": "default"},
    definition(component("text", "t", text="# 标题\n{{user.name}} · {{case.T1_record.content}}")),
    definition(component("image", "i", source="/static/plan.png")),
    definition(component("separator", "s"), component("spacer", "p"), component("button", "b", action="submit")),
    definition(component("table", "t", dataSource="=rows"), component("wf-table", "rows", columns=[{"key": "x", "label": "x", "type": "text"}])),
    definition(component("group", "a", components=[component("textfield", "b")]), component("group", "a", id="F_2", components=[component("textfield", "c")])),
    definition(component("group", "", id="F_g", components=[SOUND])),
    definition(component("number", "n"), hidden("=n != null and n > 3")),
    definition(SOUND, hidden('=a = "x" or a = "y"'), hidden('=( a = "x"  or a = "y" ) or (b = "x or" or b = "y")', "c")),
    definition(SOUND, hidden('=a = "x"'), component("textfield", "c", conditional={"hide": '=a = "x"'}, readonly='=b = "y"')),
    definition(SOUND, hidden('=a = "x"'), component("expression", "e", expression="=b")),
    definition(component("dynamiclist", "l", components=[component("number", "n"), hidden("=this.n > 3")])),
    definition({**SOUND, "validate": {"pattern": "^(?:[A-Z]{2}|粤)\\d+$", "validationType": "custom"}}),
    definition(component("select", "s", valuesKey="lists")),
]  # fmt: skip


@pytest.mark.parametrize("source", SOUND_FORMS)
def test_what_is_supported_is_accepted(source: Any) -> None:
    assert forms.check(source) == ()
    assert forms.check(json.dumps(source)) == ()


def test_the_same_content_is_compiled_once() -> None:
    text = json.dumps(definition(SOUND))

    assert forms.parse(text) is forms.parse(text.encode())
    assert forms.parse(text).hash == forms.parse(text.encode()).hash
