"""The keyboard list, and where to turn to."""

from flask import render_template

from api.pages.base import pages
from api.texts import _


@pages.get("/help")
def help_page() -> str:
    """Show every key and what it does."""
    return render_template("help.html", keys=_keys())


def _keys() -> list[tuple[str, list[tuple[str, str]]]]:
    return [
        (_("待办列表"), [
            ("j", _("下一条")), ("k", _("上一条")), ("Enter", _("打开")), ("x", _("选择")),
            ("Shift x", _("连续选择")), ("/", _("搜索")),
        ]),
        (_("任务"), [
            ("c", _("签收")), ("e", _("提交（主按钮）")), ("t", _("转办")), ("r", _("退回签收")),
            ("u", _("催办")), ("Ctrl Enter", _("在填写时提交")),
        ]),
        (_("到处可用"), [
            ("g i", _("去待办")), ("g b", _("去超时督办")), ("g p", _("去流程设计")),
            ("g c", _("去案件")), ("?", _("打开这张表")), ("Esc", _("返回上一层")),
        ]),
    ]  # fmt: skip
