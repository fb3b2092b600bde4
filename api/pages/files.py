"""Files that belong to cases: taken in safely, kept by content, given out with rights."""

import hashlib
import os
import re
import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import filetype
from flask import Response, jsonify, request, send_file
from sqlalchemy import select, update
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
_BAD = re.compile(r"[\x00-\x1f\x7f/\\:*?\"<>|]+")


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
        if row is None or not _may_read(session, actor, row):
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
    reader is told of files they may read. Any other file is not there, whatever its key.
    """

    def find(key: str) -> Mapping[str, Any] | None:
        row = session.get(File, int(key)) if key.isascii() and key.isdigit() else None
        if row is None or not _may_name(session, actor, row, task_key):
            return None
        return {"name": row.name, "media_type": row.media_type, "size": row.size}

    return find


def keep(session: Session, actor: Actor, instance_key: int, submitted: Any) -> None:
    """Give the uploads that a submission names to its case; only the uploader's own, only once."""
    keys = {int(text) for text in _texts(submitted) if text.isascii() and text.isdigit()}
    if not keys:
        return
    tenant_id = session.get_one(Instance, instance_key).tenant_id
    session.execute(
        update(File)
        .where(File.key.in_(keys), File.by == actor.key, File.instance_key.is_(None))
        .values(instance_key=instance_key, tenant_id=tenant_id)
    )


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


def _may_read(session: Session, actor: Actor, row: File) -> bool:
    if row.instance_key is None:
        return row.by == actor.key
    case = session.get(Instance, row.instance_key)
    return case is not None and base.may(actor, "instance.read", case)


def _may_name(session: Session, actor: Actor, row: File, task_key: int | None) -> bool:
    if task_key is None or row.instance_key is None:
        return _may_read(session, actor, row)
    task, of = session.get(Task, task_key), session.get(Instance, row.instance_key)
    return task is not None and of is not None and task.root_key == of.root_key


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
