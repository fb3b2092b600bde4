"""One invented photograph, and one signature, for every step that asks for one."""

import io

from PIL import Image, ImageDraw, ImageFilter

_SIZE = (960, 720)


def signature() -> bytes:
    """Draw somebody's quick signature on white paper: the same bytes each time."""
    image = Image.new("RGB", (600, 240), (255, 255, 255))
    draw = ImageDraw.Draw(image)
    for stroke in (
        [(70, 90), (190, 70), (150, 170), (90, 190)],
        [(120, 50), (130, 120), (220, 150), (260, 90), (240, 190)],
        [(300, 80), (360, 70), (330, 150), (420, 100), (400, 180), (540, 130)],
    ):
        draw.line(stroke, fill=(28, 38, 58), width=7, joint="curve")
    out = io.BytesIO()
    image.filter(ImageFilter.GaussianBlur(0.8)).save(out, "JPEG", quality=80)
    return out.getvalue()


def jpeg() -> bytes:
    """Draw a corridor with a closed door: the same bytes each time, no camera, no place."""
    image = Image.new("RGB", _SIZE, (214, 218, 221))
    draw = ImageDraw.Draw(image)
    draw.polygon([(0, 720), (330, 470), (630, 470), (960, 720)], fill=(150, 146, 140))
    draw.rectangle((330, 150, 630, 470), fill=(188, 193, 196))
    draw.rectangle((395, 210, 565, 470), fill=(96, 108, 120), outline=(70, 78, 88), width=6)
    draw.line((480, 210, 480, 470), fill=(70, 78, 88), width=5)
    draw.rectangle((590, 330, 612, 372), fill=(236, 226, 150))
    out = io.BytesIO()
    image.filter(ImageFilter.GaussianBlur(1.2)).save(out, "JPEG", quality=80)
    return out.getvalue()
