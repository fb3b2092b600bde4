"""Files that belong to cases: taken in safely, kept by content, given out with rights."""

import hashlib
import os
import re
import tempfile
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import filetype
from flask import Response, jsonify, request, send_file
from sqlalchemy import bindparam, select, update
from sqlalchemy.orm import Session
from werkzeug.datastructures import FileStorage

from api import auth
from api.pages import base, pictures
from api.pages.base import pages
from api.pages.pictures import TooLargeError, UnsupportedFileError
from engine import cases, clock, ids
from engine.errors import N_, NotFoundError
from engine.models import File, Instance, Task
from engine.ports import COMPANY, Actor
from engine.sql import Statement, table

#: what content may be -> the ending under which it is given out
ALLOWED = {
    "image/jpeg": ".jpg",
    "image/png": ".png",
    "image/webp": ".webp",
    "application/pdf": ".pdf",
    "application/msword": ".doc",
    "application/vnd.ms-excel": ".xls",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": ".docx",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": ".xlsx",
    "audio/mpeg": ".mp3",
    "audio/mp4": ".m4a",
    "audio/m4a": ".m4a",
    "audio/amr": ".amr",
    "audio/x-wav": ".wav",
    "video/mp4": ".mp4",
    "text/plain": ".txt",
}
_LONGEST_NAME = 120
#: of the largest key
_DIGITS = 19
#: figures in a submission that are looked for one by one
_MANY = 100
_BAD = re.compile(r"[\x00-\x1f\x7f/\\:*?\"<>|]+")
_f, _i, _t = table(File).c, table(Instance).c, table(Task).c
_by_key = Statement(
    select(_f.name, _f.media_type, _f.size, _f.instance_key, _f.uploaded_by)
    .where(_f.key == bindparam("k"))
)  # fmt: skip
_same_case = Statement(
    select(_i.key)
    .join(table(Task), _t.root_key == _i.root_key)
    .where(_i.key == bindparam("k"), _t.key == bindparam("task"))
)
_loose = Statement(
    select(_f.key).where(_f.instance_key.is_(None), _f.uploaded_by == bindparam("actor"))
)
_tenant_of = Statement(select(_i.tenant_id).where(_i.key == bindparam("k")))
_keep = Statement(
    update(table(File))
    .where(_f.key == bindparam("k"), _f.uploaded_by == bindparam("actor"),
           _f.instance_key.is_(None))
    .values(instance_key=bindparam("instance"), tenant_id=bindparam("tenant"))
)  # fmt: skip


class Row(NamedTuple):
    """A file as forms ask about it."""

    name: str
    media_type: str
    size: int
    instance_key: int | None
    by: int

    def told(self) -> dict[str, Any]:
        """Return what forms hear of it."""
        return {"name": self.name, "media_type": self.media_type, "size": self.size}


@pages.post("/files")
def upload() -> Response:
    """Take one file in: checked by its content, pictures written anew without where and when."""
    given = request.files.get("file")
    if given is None or not given.filename:
        raise UnsupportedFileError(N_("请选择一个文件。"))
    body, media_type = _checked(given)
    digest = store(base.settings().files, body)
    with base.begin() as session:
        row = File(
            key=ids.new(),
            tenant_id=COMPANY,
            hash=digest,
            name=_name(given.filename, media_type),
            media_type=media_type,
            size=len(body),
            instance_key=None,
            by=auth.actor().key,
            at=clock.now(),
        )
        session.add(row)
        answer = {"id": str(row.key), "name": row.name, "size": row.size, "type": media_type}
    return jsonify(answer)


@pages.get("/files/<key>")
def download(key: str) -> Response:
    """Give a file to whoever may read its case, never to be run by the browser."""
    actor = auth.actor()
    with base.read() as session:
        row = session.get(File, base.key(key))
        if row is None or not _may_open(session, actor, row):
            raise NotFoundError(N_("没有这个文件，或者它不在您负责的项目里。"))
        path, name, media_type = path_of(base.settings().files, row.hash), row.name, row.media_type
    picture = media_type in pictures.KINDS
    if picture and "thumb" in request.args:
        path, media_type = pictures.thumbnail(path), pictures.THUMBNAIL
    inline = picture and not {"inline", "thumb"}.isdisjoint(request.args)
    answer = send_file(
        path, mimetype=media_type, as_attachment=not inline, download_name=name, conditional=True
    )
    answer.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    answer.headers["Cache-Control"] = "private, max-age=86400"
    return answer


def finder(
    session: Session, actor: Actor, *, task_key: int | None = None
) -> Callable[[str], Mapping[str, Any] | None]:
    """Return what forms ask about an uploaded file: its name, kind and size.

    A submission of a task may name the actor's own new uploads and files of the same case; a
    reader is told of files they may read. Any other file is not there, whatever its key. A list
    of a thousand lines may name as many: each file is asked for once, its case's rights once.
    """
    ask = partial(_may_read, session, actor) if task_key is None else _of_task(session, task_key)
    known: dict[str, Mapping[str, Any] | None] = {}
    readable: dict[int, bool] = {}

    def may(row: Row) -> bool:
        if row.instance_key is None:
            return row.by == actor.key
        if row.instance_key not in readable:
            readable[row.instance_key] = ask(row.instance_key)
        return readable[row.instance_key]

    def find(key: str) -> Mapping[str, Any] | None:
        if key not in known:
            row = _row(session, key)
            known[key] = None if row is None or not may(row) else row.told()
        return known[key]

    return find


def keep(session: Session, actor: Actor, instance_key: int, submitted: Any) -> None:
    """Give the uploads that a submission names to its case; only the uploader's own, only once."""
    keys = {key for text in _texts(submitted) if (key := _key(text)) is not None}
    if len(keys) > _MANY:  # rooms and telephone numbers of a long list, most of them
        keys &= {key for (key,) in _loose(session, {"actor": actor.key}).fetchall()}
    if not keys:
        return
    (tenant_id,) = _tenant_of(session, {"k": instance_key}).fetchone()
    to = {"instance": instance_key, "tenant": tenant_id, "actor": actor.key}
    _keep.many(session, [{"k": key, **to} for key in sorted(keys)])


def of_case(session: Session, root: Instance) -> list[File]:
    """Return the files of a case and of what it called that the asker may know of, newest first."""
    family = {
        task.instance_key for task in cases.tasks_of(session, root.key, reader=auth.actor())
    } | {root.key}
    query = select(File).where(File.instance_key.in_(family)).order_by(File.key.desc())
    return list(session.scalars(query))


def store(folder: Path, body: bytes) -> str:
    """Write the bytes under their SHA-256, durable before the row that names them."""
    digest = hashlib.sha256(body).hexdigest()
    path = path_of(folder, digest)
    if path.exists():
        return digest
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as part:
        part.write(body)
        part.flush()
        os.fsync(part.fileno())
    Path(part.name).replace(path)
    handle = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
    return digest


def path_of(folder: Path, digest: str) -> Path:
    """Return where the bytes of a file lie."""
    return folder.resolve() / digest[:2] / digest


def _checked(given: FileStorage) -> tuple[bytes, str]:
    limit = base.settings().upload_megabytes
    body = given.stream.read(limit * 2**20 + 1)
    if len(body) > limit * 2**20:
        raise TooLargeError(N_("文件超过 {limit} MB。请压缩后再传。"), limit=limit)
    if not body:
        raise UnsupportedFileError(N_("这个文件是空的，请重新选择。"))
    media_type = _sniffed(body)
    if media_type not in ALLOWED:
        raise UnsupportedFileError(
            N_("“{name}”不能上传。可以上传照片、PDF、Word、Excel、录音和短视频。"),
            name=(given.filename or "")[:_LONGEST_NAME],
        )
    return (
        pictures.redrawn(body, media_type) if media_type in pictures.KINDS else body
    ), media_type


def _sniffed(body: bytes) -> str:
    """Say what the content is, whatever its name claims."""
    found = filetype.guess(body)
    if found is not None:
        return str(found.mime)
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        return "application/octet-stream"
    return "text/plain" if "\x00" not in text and not _is_markup(text) else "text/markup"


def _is_markup(text: str) -> bool:
    return text.lstrip("\ufeff \t\r\n")[:1] == "<"


def _name(given: str, media_type: str) -> str:
    stem = _BAD.sub("_", Path(given.replace("\\", "/")).name).strip(". ")
    stem = stem.rsplit(".", 1)[0][:_LONGEST_NAME] or "file"
    return stem + ALLOWED[media_type]


def _row(session: Session, key: str) -> Row | None:
    number = _key(key)
    found = None if number is None else _by_key(session, {"k": number}).fetchone()
    return None if found is None else Row(*found)


def _key(text: str) -> int | None:
    """Return the key that a text names; a figure of more than 63 bits is none."""
    number = int(text) if text.isascii() and text.isdigit() and len(text) <= _DIGITS else 0
    return number if 0 < number < 1 << 63 else None


def _may_open(session: Session, actor: Actor, row: File) -> bool:
    if row.instance_key is None:
        return row.by == actor.key
    return _may_read(session, actor, row.instance_key)


def _may_read(session: Session, actor: Actor, instance_key: int) -> bool:
    case = session.get(Instance, instance_key)
    return case is not None and base.may(actor, "instance.read", case)


def _of_task(session: Session, task_key: int) -> Callable[[int], bool]:
    """Return what tells whether an instance belongs to the case of a task."""

    def same(instance_key: int) -> bool:
        values = {"task": task_key, "k": instance_key}
        return _same_case(session, values).fetchone() is not None

    return same


def _texts(value: Any) -> Iterator[str]:
    """Yield every text inside submitted values."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for part in value.values():
            yield from _texts(part)
    elif isinstance(value, list):
        for part in value:
            yield from _texts(part)
