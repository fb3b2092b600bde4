"""Printed sheets of a case: numbered once, on paper and as PDF, with the reader's rights."""

import base64
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from flask import Response, g, make_response, render_template, url_for
from sqlalchemy.orm import Session

import forms
from api import auth, pdf, texts
from api.pages import base, case_view, files, lookups, photos, pictures, shell, subjects
from api.pages.base import pages
from engine import cases, clock, identity, instances
from engine.cases import MASK
from engine.errors import N_, NotFoundError
from engine.models import File, Instance
from engine.ports import Actor
from processes import sheets

_STYLE = Path(__file__).parents[1] / "static/sheet.css"
#: widths of a Latin letter that fit beside another value
_SHORT = 34
_WIDE = "\u2e80"
#: shown on paper in ways of their own
_OWN_PLACE = frozenset({"wf-photo", "wf-signature", "wf-upload"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step on the sheet: fields, tables, photos."""

    name: str
    by: str
    at: Any
    #: one pair of label and text a row, or two short ones
    rows: Sequence[Sequence[tuple[str, str]]]
    grids: Sequence[forms.grids.Grid]
    strips: Sequence[photos.Strip]


@dataclass(frozen=True, slots=True, kw_only=True)
class Signature:
    """A place to sign, with the picture of the signature where somebody has signed."""

    label: str
    key: str | None
    at: Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A sheet as the pages of the case offer it."""

    kind: str
    label: str
    number: str


@pages.get("/cases/<key>/sheets/<kind>")
def sheet(key: str, kind: str) -> str:
    """Show a sheet as it will be printed."""
    actor = auth.actor()
    with base.read() as session:
        root, which = _asked(session, actor, key, kind)
        return render_template(
            "sheet.html",
            pdf=pdf.available(),
            picture=_address,
            **_content(session, actor, root, which),
        )


@pages.post("/cases/<key>/sheets/<kind>")
def number_sheet(key: str, kind: str) -> Response:
    """Give a sheet its number, for good, and show it."""
    actor = auth.actor()
    with base.begin() as session:
        root, which = _asked(session, actor, key, kind)
        sheets.number(session, actor, root, which)
    return base.to("pages.sheet", key=key, kind=kind)


@pages.get("/cases/<key>/sheets/<kind>.pdf")
def sheet_pdf(key: str, kind: str) -> Response:
    """Give out a numbered sheet as PDF."""
    actor = auth.actor()
    with base.read() as session:
        root, which = _asked(session, actor, key, kind)
        content = _content(session, actor, root, which)
        if not content["number"]:
            raise NotFoundError(N_("这张单据还没有编号。请先打开它，点“编号”，再下载。"))
        inside = _inside(session, actor)
        html = render_template("sheet_pdf.html", picture=inside, style=_style(), **content)
    answer = make_response(pdf.write(html))
    answer.mimetype = "application/pdf"
    name = f"{content['number']}.pdf"
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


def links(session: Session, root: Instance, filled: Sequence[str]) -> list[Link]:
    """Return the sheets that a case offers now, with the numbers that they have."""
    offered = sheets.offered(root.process_id, filled)
    numbered = sheets.printed(session, root) if offered else {}
    return [
        Link(
            kind=which.kind,
            label=_name(which),
            number=sheets.text(numbered[which.kind]) if which.kind in numbered else "",
        )
        for which in offered
    ]


def of_case(session: Session, root: Instance) -> list[Link]:
    """Return the sheets that a case offers now."""
    if not any(root.process_id in which.processes for which in sheets.SHEETS):
        return []
    closed = [task.element for task in cases.tasks_of(session, root.key) if task.closed_by]
    return links(session, root, closed)


def _asked(session: Session, actor: Actor, key: str, kind: str) -> tuple[Instance, sheets.Sheet]:
    """Return the case and the kind of sheet; what the case can't print is not there."""
    found = instances.get(session, actor, base.key(key))
    root = session.get_one(Instance, found.root_key)
    g.zone = base.zone(session, root.tenant_id)
    if kind not in {link.kind for link in of_case(session, root)}:
        raise NotFoundError(N_("这个案件还没有这张单据。"))
    return root, sheets.BY_KIND[kind]


def _content(session: Session, actor: Actor, root: Instance, which: sheets.Sheet) -> dict[str, Any]:
    """Return everything on the sheet, masked as it is on the screen."""
    tasks = {task.key: task for task in cases.tasks_of(session, root.key)}
    filled = sorted(
        (one for one in cases.filled(session, actor, root.key)
         if one.submission.element in which.steps),
        key=lambda one: (which.steps.index(one.submission.element), one.submission.at),
    )  # fmt: skip

    def closed(one: cases.Filled) -> photos.Closed:
        thing = tasks.get(one.submission.task_key) or root
        return case_view.closed_to(session, actor, thing, one.submission.data)

    before = photos.latest_before(filled, closed)
    row = sheets.printed(session, root).get(which.kind)
    return {
        "sheet": which, "title": _name(which), "root": root,
        "number": sheets.text(row) if row is not None else "",
        "company": base.settings().company,
        "project": shell.tenant_names(session).get(root.tenant_id, ""),
        "subject": subjects.one(session, actor, root),
        "steps": [_step(session, actor, one, closed(one), before) for one in filled],
        "signatures": _signatures(which, filled, closed),
        "numbered_by": identity.names(session, [row.by]).get(row.by, "") if row else "",
        "numbered_at": row.at if row else None,
        "printed_by": actor.name, "printed_at": clock.now(),
    }  # fmt: skip


def _step(
    session: Session,
    actor: Actor,
    one: cases.Filled,
    closed: photos.Closed,
    before: Mapping[int, forms.photos.Photos],
) -> Step:
    row = one.submission
    reader = forms.Reader(
        lookup=lookups.finder(session), actor=actor, language=texts.language(), zone=base.here()
    )
    grids = forms.grids.of(one.form.scope, row.data, reader) if one.form is not None else []
    drawn = {grid.field.id for grid in grids if not closed(grid.field)}
    return Step(
        name=texts.named(one.step),
        by=one.by,
        at=row.at,
        rows=_rows([] if one.form is None else _lines(one.form, row.data, reader, closed, drawn)),
        grids=[grid for grid in grids if grid.field.id in drawn],
        strips=photos.strips(one, closed, before),
    )


def _lines(
    form: forms.Form,
    data: Mapping[str, Any],
    reader: forms.Reader,
    closed: photos.Closed,
    drawn: set[str],
) -> list[tuple[str, str]]:
    lines = form.show(
        data, reader.lookup, actor=reader.actor, language=reader.language, zone=reader.zone
    )
    return [
        (label, MASK if closed(field) else text)
        for label, text, field in lines
        if field.type not in _OWN_PLACE and field.id not in drawn
    ]


def _rows(lines: Sequence[tuple[str, str]]) -> list[list[tuple[str, str]]]:
    """Put two short values beside each other, to save paper."""
    rows: list[list[tuple[str, str]]] = []
    for label, text in lines:
        if rows and len(rows[-1]) == 1 and _is_short(text) and _is_short(rows[-1][0][1]):
            rows[-1].append((label, text))
        else:
            rows.append([(label, text)])
    return rows


def _is_short(text: str) -> bool:
    return "\n" not in text and sum(1 + (letter >= _WIDE) for letter in text) <= _SHORT


def _signatures(
    which: sheets.Sheet,
    filled: Sequence[cases.Filled],
    closed: Callable[[cases.Filled], photos.Closed],
) -> list[Signature]:
    """Return where to sign: the last signature of each field, or an empty line."""
    signed: dict[str, tuple[str, Any]] = {}
    for one in filled:
        for field in one.form.fields if one.form is not None else ():
            key = one.submission.data.get(field.key)
            if field.type == "wf-signature" and isinstance(key, str) and not closed(one)(field):
                signed[field.key] = (key, one.submission.at)
    chinese = texts.language() == "zh"
    return [
        Signature(label=zh if chinese else en, key=signed.get(field, (None, None))[0],
                  at=signed.get(field, (None, None))[1])
        for field, zh, en in which.signatures
    ]  # fmt: skip


def _name(which: sheets.Sheet) -> str:
    return which.zh if texts.language() == "zh" else which.en


def _address(key: str, *, small: bool = True) -> str:
    """Return where the browser gets a picture."""
    size: dict[str, Any] = {"thumb": 1} if small else {"inline": 1}
    return url_for("pages.download", key=key, **size)


def _inside(session: Session, actor: Actor) -> Callable[..., str]:
    """Return what puts a picture into the document itself, with the reader's rights."""
    find = files.finder(session, actor)

    def picture(key: str, *, small: bool = True) -> str:
        row = session.get(File, int(key)) if find(key) is not None else None
        if row is None or row.media_type not in pictures.KINDS:
            return "data:,"
        path, kind = files.path_of(base.settings().files, row.hash), row.media_type
        if small:
            path, kind = pictures.thumbnail(path), pictures.THUMBNAIL
        return f"data:{kind};base64,{base64.b64encode(path.read_bytes()).decode()}"

    return picture


@cache
def _style() -> str:
    return _STYLE.read_text("utf-8")
