"""Safety bounds of one evaluation: steps, sizes and recursion, so that none can hold up the rest."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

from decisions.feel.errors import limit

if TYPE_CHECKING:
    from collections.abc import Callable

#: Iterations and list elements that one evaluation may go through.
MAX_STEPS = 100_000
#: Longest list and text that an expression may make.
MAX_LIST, MAX_TEXT = 50_000, 500_000


class _State(threading.local):
    left = MAX_STEPS
    active = False


_state = _State()


def spend(steps: int) -> None:
    """Take steps from the running evaluation's budget."""
    _state.left -= steps
    if _state.left < 0:
        raise limit("计算步骤太多，已停止", "the evaluation took too many steps and was stopped")


def check_list(size: int) -> None:
    if size > MAX_LIST:
        raise limit(f"列表超过 {MAX_LIST} 项", f"a list has more than {MAX_LIST} items")


def check_text(size: int) -> None:
    if size > MAX_TEXT:
        raise limit(f"文字超过 {MAX_TEXT} 个字符", f"a text has more than {MAX_TEXT} characters")


def guarded(run: Callable[..., Any]) -> Callable[..., Any]:
    """The outermost call gets a fresh budget; calls inside it share it."""

    def call(*arguments: Any) -> Any:
        if _state.active:
            return run(*arguments)
        _state.active, _state.left = True, MAX_STEPS
        try:
            return run(*arguments)
        except RecursionError:
            raise limit("函数递归太深", "functions call each other too deeply") from None
        finally:
            _state.active, _state.left = False, MAX_STEPS

    return call
