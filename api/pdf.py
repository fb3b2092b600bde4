"""Pages as PDF: the same HTML as on paper, with the Chinese font embedded. An extra: `pdf`."""

import importlib
import importlib.util
from functools import cache
from typing import Any

from engine.errors import N_, EngineError


class NoPdfError(EngineError):
    """The installation was set up without what writes PDF."""

    code = "pdf-not-installed"


@cache
def available() -> bool:
    """Say whether PDF can be written here: the package, and the system's Pango that it draws with."""
    if importlib.util.find_spec("weasyprint") is None:
        return False
    try:
        importlib.import_module("weasyprint")
    except OSError:  # Pango's libraries are missing
        return False
    return True


def write(html: str) -> bytes:
    """Return the document as PDF; it may hold pictures as data, nothing is fetched."""
    if not available():
        raise NoPdfError(
            N_("这台服务器没有安装 PDF 组件。可以先用浏览器打印，安装方法见操作指南“单据与照片”。")
        )
    weasyprint: Any = importlib.import_module("weasyprint")
    urls: Any = importlib.import_module("weasyprint.urls")
    fetcher = urls.URLFetcher(allowed_protocols={"data"}, allow_redirects=False)
    body: bytes = weasyprint.HTML(string=html, url_fetcher=fetcher).write_pdf()
    return body
