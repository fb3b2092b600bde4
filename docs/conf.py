"""How Sphinx builds the handbook: `make docs`; no network, and nothing written outside _build."""

import logging
import re
import warnings
from pathlib import Path

from sphinx.application import Sphinx

with warnings.catch_warnings():
    warnings.simplefilter("ignore", SyntaxWarning)  # jieba 0.42 writes "\\." in plain strings
    import jieba

project = "物业流 WuyeFlow"
author = "物业流"
project_copyright = "物业流"
language = "zh_CN"
extensions = ["myst_parser", "sphinxcontrib.mermaid"]
exclude_patterns = ["_build", "tools"]
source_suffix = {".md": "markdown"}

myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 3
# a diagram is fenced as on a source host: ```mermaid
myst_fence_as_directive = ["mermaid"]

html_theme = "furo"
html_title = project
html_show_sphinx = False
html_show_copyright = False
html_copy_source = False

# jieba cuts Chinese for the search; its cache stays with what is built, and it keeps quiet.
_CACHE = Path(__file__).parent / "_build"
_CACHE.mkdir(exist_ok=True)
jieba.setLogLevel(logging.WARNING)
jieba.dt.tmp_dir = str(_CACHE)

_OUTSIDE = re.compile(r"\]\((\.\./[^):#\s]+\.md)\)")


def setup(app: Sphinx) -> None:
    """Let links to the repository's own READMEs give the file; on a source host they just work."""
    app.connect("source-read", _link_outside)


def _link_outside(app: Sphinx, page: str, source: list[str]) -> None:
    here, docs = Path(app.srcdir, page).parent, Path(app.srcdir).resolve()

    def linked(found: re.Match[str]) -> str:
        inside = (here / found[1]).resolve().is_relative_to(docs)
        return found[0] if inside else f"](path:{found[1]})"

    source[0] = _OUTSIDE.sub(linked, source[0])
