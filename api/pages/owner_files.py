"""Signatures that owners write on the page behind their link: pictures only, theirs alone."""

import io
from collections.abc import Callable, Mapping
from typing import Any

from PIL import Image, ImageOps
from sqlalchemy.orm import Session
from werkzeug.datastructures import FileStorage

from api.pages import base, files, pictures
from engine import clock, ids
from engine.errors import N_
from engine.models import File, OwnerLink
from engine.ports import OWNER

_MOST_BYTES = 4 * 2**20
_MOST_PIXELS = 20_000_000
_LONGEST_SIDE = 2_000


def picture(given: FileStorage | None) -> bytes:
    """Return an uploaded picture written anew as PNG; raises for anything else."""
    body = b"" if given is None else given.stream.read(_MOST_BYTES + 1)
    if len(body) > _MOST_BYTES:
        raise pictures.TooLargeError(
            N_("文件超过 {limit} MB。请压缩后再传。"), limit=_MOST_BYTES >> 20
        )
    try:
        with Image.open(io.BytesIO(body), formats=("PNG", "JPEG", "WEBP")) as found:
            if found.width * found.height > _MOST_PIXELS:
                raise pictures.TooLargeError(N_("照片的像素太多。请缩小后再传。"))
            upright = ImageOps.exif_transpose(found).convert("RGBA")
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise pictures.UnsupportedFileError(N_("这张照片打不开，请重新拍一张。")) from error
    upright.thumbnail((_LONGEST_SIDE, _LONGEST_SIDE))
    target = io.BytesIO()
    upright.save(target, "PNG")
    return target.getvalue()


def keep(session: Session, link: OwnerLink, body: bytes) -> File:
    """Keep a picture in the case of a link."""
    row = File(
        key=ids.new(), tenant_id=link.tenant_id, hash=files.store(base.settings().files, body),
        name="signature.png", media_type="image/png", size=len(body),
        instance_key=link.instance_key, by=OWNER.key, at=clock.now(),
    )  # fmt: skip
    session.add(row)
    session.flush()
    return row


def finder(session: Session, link: OwnerLink) -> Callable[[str], Mapping[str, Any] | None]:
    """Return what forms ask about a file: an owner may name what an owner sent to this case."""

    def find(key: str) -> Mapping[str, Any] | None:
        row = session.get(File, int(key)) if key.isascii() and key.isdigit() else None
        if row is None or row.by != OWNER.key or row.instance_key != link.instance_key:
            return None
        return {"name": row.name, "media_type": row.media_type, "size": row.size}

    return find
