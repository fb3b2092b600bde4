"""Safety bounds of one evaluation: steps, sizes and recursion, so that none can hold up the rest.

A step is about half a microsecond of work: a few nodes of a loop's body, or a few items of a list
that a function goes through.
"""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Any

from decisions.feel.errors import limit

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

#: Steps that one evaluation may take.
MAX_STEPS = 30_000
#: Longest list and text that an expression may make; most values in a result.
MAX_LIST, MAX_TEXT, MAX_RESULT = 20_000, 200_000, 100_000
#: Items of a list, and characters of a text, that a function goes through in a step.
_ITEMS, _CHARACTERS = 4, 256


class _State(threading.local):
    left = MAX_STEPS
    active = False


_state = _State()


def spend(steps: int) -> None:
    """Take steps from the running evaluation's budget; what runs without one can't loop."""
    if _state.active:
        _state.left -= steps
        if _state.left < 0:
            raise limit(
                "计算步骤太多，已停止", "the evaluation took too many steps and was stopped"
            )


def spend_on(value: Any) -> None:
    """Take the steps of going through a value once."""
    if value.__class__ is list or value.__class__ is dict:
        spend(len(value) // _ITEMS)
    elif value.__class__ is str:
        spend(len(value) // _CHARACTERS)


def spend_since(start: float) -> None:
    """Take steps for the CPU time since `time.thread_time()` was start; 0.05 s takes them all."""
    spend(int((time.thread_time() - start) * 20 * MAX_STEPS))


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
            return _checked(run(*arguments))
        except RecursionError:
            raise limit("函数递归太深", "functions call each other too deeply") from None
        finally:
            _state.active, _state.left = False, MAX_STEPS

    return call


def _checked(value: Any) -> Any:
    """A result that is not too large; lists that share parts count every time they show."""
    if value.__class__ is not list and value.__class__ is not dict:
        return value
    todo: list[Iterator[Any]] = [iter((value,))]
    count = 0
    while todo:
        for one in todo[-1]:
            count += 1
            if one.__class__ is list:
                todo.append(iter(one))
                break
            if one.__class__ is dict:
                todo.append(iter(one.values()))
                break
        else:
            todo.pop()
        if count > MAX_RESULT:
            raise limit("结果太大", "the result is too large")
    return value
