"""Writes the reference of lint rules from their tables: python -m docs.tools.rules."""

from pathlib import Path

from engine.lint.foreign import OF_THE_HOUSE
from engine.lint.rules import RULES
from engine.spiff import problems

_PAGE = Path("docs/reference/lint.md")
_SEVERITY = {"error": "错误", "warning": "提醒"}
_HEAD = """# 流程图检查

发布、`wuyeflow lint`、`POST /api/v1/lint` 和浏览器里的编辑器用同一套规则。错误不能发布，什么也不会保存；
提醒可以发布。每条都说出元素、行号和规则。本页由 `python -m docs.tools.rules` 生成。

`wuyeflow lint` 检查外来的图（不在随产品提供的流程里，也没有用到本公司的角色、表单和时限属性）时，
先在内存里按 `wuyeflow import` 导入（图里写明是 Camunda、Flowable、Activiti、jBPM 的），只是本公司没有的
算提醒：‹house›。发布和接口不放宽：它们仍是错误。


## 这家公司的规则

"""
_RUN = """
## 引擎能不能照图运行

都是错误：引擎不能原样运行的图不接受。

"""


def page() -> str:
    """Return the whole page."""
    house = [
        f"| `{rule}` | {_SEVERITY[severity]} | {_cell(zh)} |"
        for rule, (severity, zh, _) in RULES.items()
    ]
    run = [f"| `{rule}` | {_cell(zh)} |" for rule, (zh, _) in problems.RULES.items()]
    softened = "、".join(f"`{rule}`" for rule in sorted(OF_THE_HOUSE))
    return (
        _HEAD.replace("‹house›", softened)
        + "\n".join(["| 规则 | 级别 | 内容 |", "|---|---|---|", *house])
        + "\n"
        + _RUN
        + "\n".join(["| 规则 | 内容 |", "|---|---|", *run])
        + "\n"
    )


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("{", "‹").replace("}", "›")


if __name__ == "__main__":
    _PAGE.write_text(page(), encoding="utf-8")
