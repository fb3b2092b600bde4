"""Pictures among the files: written anew without what they tell, and made small for lists."""

import io
from pathlib import Path

from PIL import Image, ImageOps

from engine import ids
from engine.errors import N_, EngineError

#: media type -> the format that writes it
KINDS = {"image/jpeg": "JPEG", "image/png": "PNG", "image/webp": "WEBP"}
#: media type of every thumbnail
THUMBNAIL = "image/jpeg"
_LONGEST_SIDE = 320
_PIXELS = 50_000_000
#: what of a picture's own remarks is needed to draw it; place, camera and comments are not
_NEEDED = frozenset({"icc_profile", "transparency"})


class UnsupportedFileError(EngineError):
    """The content is not of a kind that may be uploaded."""

    code = "unsupported-file"


class TooLargeError(EngineError):
    """The file is larger than this installation allows."""

    code = "too-large"


def redrawn(body: bytes, media_type: str) -> bytes:
    """Write a picture anew: upright, without place, time and anything hidden behind it."""
    try:
        with Image.open(io.BytesIO(body)) as picture:
            if picture.width * picture.height > _PIXELS:
                raise TooLargeError(N_("照片的像素太多。请缩小后再传。"))
            upright = ImageOps.exif_transpose(picture)
            if media_type == "image/jpeg" and upright.mode not in ("RGB", "L"):
                upright = upright.convert("RGB")
            upright.info = {k: v for k, v in upright.info.items() if k in _NEEDED}
            target = io.BytesIO()
            upright.save(target, KINDS[media_type], quality=85)
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise UnsupportedFileError(N_("这张照片打不开，请重新拍一张。")) from error
    return target.getvalue()


def thumbnail(path: Path) -> Path:
    """Return the small picture beside a stored one, drawn when it is first asked for."""
    small = path.with_name(f"{path.name}.thumb")
    if not small.exists():
        # another request may draw the same one: each writes its own part, the last one stays
        part = path.with_name(f"{path.name}.{ids.new()}.part")
        part.write_bytes(shrunk(path.read_bytes()))
        part.replace(small)
    return small


def shrunk(body: bytes) -> bytes:
    """Return a picture with no side over 320 pixels, on white where it was transparent."""
    with Image.open(io.BytesIO(body)) as picture:
        picture.draft("RGB", (_LONGEST_SIDE * 2, _LONGEST_SIDE * 2))
        picture.thumbnail((_LONGEST_SIDE, _LONGEST_SIDE))
        layer = picture.convert("RGBA")
    target, sheet = io.BytesIO(), Image.new("RGB", layer.size, "white")
    sheet.paste(layer, mask=layer.getchannel("A"))
    sheet.save(target, "JPEG", quality=80)
    return target.getvalue()
