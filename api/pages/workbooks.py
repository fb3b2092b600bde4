"""Tables of forms as workbooks: downloaded with what is known, read back cell by cell."""

import json
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from urllib.parse import quote

from flask import Response, g, jsonify, make_response, render_template, request
from sqlalchemy.orm import Session

import forms
from api import auth, texts
from api.pages import base, case_view
from api.pages.base import pages
from engine import cases, workbooks
from engine.errors import N_, InvalidInputError, NotFoundError
from engine.models import Instance, Task
from engine.ports import Actor
from forms.fields.choices import ChoiceField
from forms.fields.sheets import LARGEST, SheetField
from forms.fields.tables import Column
from processes import namesakes

_PAGE = 50
#: faults told in one answer; the rest is counted
_TOLD = 50
#: what of a component says how its table looks
_OF_TABLE = ("label", "columns", "minRows", "maxRows", "properties")


@pages.post("/workbook")
def workbook() -> Response:
    """Give out a form's table as a workbook, with the rows that are known."""
    given = request.get_json()
    field, name = _field(given.get("field")), str(given.get("field", {}).get("label", ""))
    rows = given.get("rows")
    if not isinstance(rows, list) or len(rows) > LARGEST:
        raise InvalidInputError(N_("表格的内容不对，请刷新后再试。"))
    with base.read() as session:
        body = _written(session, auth.actor(), field, rows, name)
    return _file(body, name)


@pages.post("/workbook/rows")
def workbook_rows() -> Response:
    """Read a workbook that was filled up: its rows, or what is wrong by cell. Nothing is kept."""
    upload = request.files.get("file")
    if upload is None:
        raise InvalidInputError(N_("请选择一个文件。"))
    try:
        field = _field(json.loads(request.form.get("field", "")))
    except json.JSONDecodeError as error:
        raise InvalidInputError(N_("表格的内容不对，请刷新后再试。")) from error
    lines = workbooks.read(upload.stream.read(workbooks.MOST_BYTES + 1), most_rows=LARGEST + 5)
    actor = auth.actor()
    with base.read() as session:
        names = namesakes.keys(session, actor, forms.sheet_rows.asked(field, lines))
        taken = forms.sheet_rows.take(field, lines, names, base.here())
        labels = namesakes.labels(session, actor, forms.sheet_rows.archive_keys(field, taken.rows))
    chinese = texts.language() == "zh"
    problems = [
        {"cell": one.cell, "column": one.column, "text": one.zh if chinese else one.en}
        for one in taken.wrong[:_TOLD]
    ]
    return jsonify({
        "rows": [] if taken.wrong else [_plain(row) for row in taken.rows],
        "count": len(taken.rows), "problems": problems, "problemCount": len(taken.wrong),
        "labels": nested(labels),
    })  # fmt: skip


@pages.get("/tasks/<key>/rows/<field>")
def rows_page(key: str, field: str) -> str:
    """Show the rows of a table that was handed in, fifty a page."""
    actor = auth.actor()
    at = max(1, request.args.get("page", 1, type=int))
    with base.read() as session:
        root, one, info, rows = _handed_in(session, actor, key, field)
        shown = rows[(at - 1) * _PAGE : at * _PAGE]
        asked = forms.sheet_rows.archive_keys(_sheet(one, info.id), shown)
        reader = _reader(namesakes.labels(session, actor, asked), actor)
        grid = forms.grids.of(
            one.form.scope, {**one.submission.data, info.key: shown}, reader, only=info.key
        ) if one.form is not None else []  # fmt: skip
        return render_template(
            "rows.html", root=root, step=one.step, task_key=key, info=info, total=len(rows),
            label=info.label if texts.language() == "zh" else info.label_en,
            grid=grid[0] if grid else None, page=at, pages=-(-len(rows) // _PAGE), first=(at - 1) * _PAGE,
        )  # fmt: skip


@pages.get("/tasks/<key>/rows/<field>.xlsx")
def rows_file(key: str, field: str) -> Response:
    """Give out the rows of a table that was handed in, as a workbook."""
    actor = auth.actor()
    with base.read() as session:
        _root, one, info, rows = _handed_in(session, actor, key, field)
        body = _written(session, actor, _sheet(one, info.id), rows, info.label)
    return _file(body, info.label)


def nested(labels: Mapping[tuple[str, str], str]) -> dict[str, dict[str, str]]:
    """Return names by kind and key, as the form's element takes them."""
    found: dict[str, dict[str, str]] = {}
    for (kind, key), label in labels.items():
        found.setdefault(kind, {})[key] = label
    return found


def _field(component: Any) -> SheetField:
    """Return the field that a component describes; it is checked as a form would be."""
    part = (
        {name: component[name] for name in _OF_TABLE if name in component}
        if isinstance(component, dict)
        else {}
    )
    own = part.pop("properties", None)
    words = {k: v for k, v in own.items() if k == "label_en"} if isinstance(own, dict) else {}
    whole = {"type": "wf-sheet", "id": "sheet", "key": "rows", **part, "properties": words}
    try:
        form = forms.parse({"type": "default", "id": "sheet", "components": [whole]})
    except forms.FormError as error:
        raise InvalidInputError(N_("表格的内容不对，请刷新后再试。")) from error
    return _of(form, "sheet")


def _of(form: forms.Form, field_id: str) -> SheetField:
    found = next((node.field for node in form.scope.nodes if node.id == field_id), None)
    if not isinstance(found, SheetField):
        raise NotFoundError(N_("没有这张表格。"))
    return found


def _sheet(one: cases.Filled, field_id: str) -> SheetField:
    if one.form is None:
        raise NotFoundError(N_("没有这张表格。"))
    return _of(one.form, field_id)


def _handed_in(
    session: Session, actor: Actor, key: str, field: str
) -> tuple[Instance, cases.Filled, forms.FieldInfo, Sequence[Any]]:
    """Return a submitted table that the reader may see whole."""
    task = session.get(Task, base.key(key))
    if task is None:
        raise NotFoundError(N_("没有这张表格。"))
    filled = cases.filled(session, actor, task.root_key)
    one = next((one for one in filled if one.submission.task_key == task.key), None)
    infos = one.form.fields if one is not None and one.form is not None else ()
    info = next((info for info in infos if info.key == field and info.type == "wf-sheet"), None)
    if one is None or info is None:
        raise NotFoundError(N_("没有这张表格。"))
    if case_view.closed_to(session, actor, task, one.submission.data)(info):
        raise NotFoundError(N_("这张表格里有个人信息，您看不到。"))
    root = session.get_one(Instance, task.root_key)
    g.zone = base.zone(session, root.tenant_id)
    rows = one.submission.data.get(field)
    return root, one, info, rows if isinstance(rows, list) else []


def _written(
    session: Session, actor: Actor, field: SheetField, rows: Sequence[Any], title: str
) -> bytes:
    labels = namesakes.labels(session, actor, forms.sheet_rows.archive_keys(field, rows))
    reader = _reader(labels, actor)
    columns = [_column(column, reader) for column in field.columns]
    cells = [
        [_cell(column, row.get(column.key), reader) for column in field.columns]
        for row in rows
        if isinstance(row, Mapping)
    ]
    return workbooks.write(columns, cells, title=title)


def _column(column: Column, reader: forms.Reader) -> workbooks.Column:
    choices: tuple[str, ...] = ()
    if column.kind == "checkbox":
        choices = tuple(column.field.show(tick, reader) for tick in (True, False))
    elif isinstance(column.field, ChoiceField):
        values = [value for _kind, value in column.field.options or {}]
        choices = tuple(column.field.show(value, reader) for value in values)
    return workbooks.Column(
        title=column.label if reader.language == "zh" else column.label_en,
        required=column.required, choices=choices,
        as_text=column.kind in {"text", "textarea", "room", "person"},
        shown={"date": "yyyy-mm-dd", "datetime": "yyyy-mm-dd hh:mm"}.get(column.kind, ""),
    )  # fmt: skip


def _cell(column: Column, value: Any, reader: forms.Reader) -> Any:
    """Return a cell as a spreadsheet keeps it; what does not fit stays empty."""
    value = column.field.initial(value)
    if value is None or column.field.is_empty(value):
        return "" if column.kind != "checkbox" else column.field.show(False, reader)  # noqa: FBT003
    if column.kind == "number":
        return float(value) if Decimal(str(value)) % 1 else int(value)
    if column.kind == "date":
        return date.fromisoformat(value)
    if column.kind == "datetime":
        return datetime.fromisoformat(value).astimezone(base.here()).replace(tzinfo=None)
    return column.field.show(value, reader)


def _reader(labels: Mapping[tuple[str, str], str], actor: Actor) -> forms.Reader:
    def find(kind: str, key: str, _actor: Any, /) -> Mapping[str, Any] | None:
        label = labels.get((kind, key))
        return {"label": label} if label is not None else None

    return forms.Reader(lookup=find, actor=actor, language=texts.language(), zone=base.here())


def _plain(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return a row as JSON has it: numbers as numbers."""
    return {
        key: (float(value) if value % 1 else int(value)) if isinstance(value, Decimal) else value
        for key, value in row.items()
    }


def _file(body: bytes, name: str) -> Response:
    answer = make_response(body)
    answer.mimetype = workbooks.MEDIA_TYPE
    answer.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name)}.xlsx"
    answer.headers["Cache-Control"] = "private, no-store"
    return answer
