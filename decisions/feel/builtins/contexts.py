"""Functions on contexts (DMN 1.5, 10.3.4.10)."""

from __future__ import annotations

from typing import Any

from decisions.feel import budget
from decisions.feel.builtins.define import define


@define("get value(m: context, key: string)")
def get_value(m: dict[str, Any], key: str) -> Any:
    return m.get(key)


@define("get value(context: context, keys: list)")
def get_value_at(context: dict[str, Any], keys: list[Any]) -> Any:
    """The value at a path of keys."""
    value: Any = context
    for key in keys:
        if not isinstance(value, dict) or not isinstance(key, str):
            return None
        value = value.get(key)
    return value if keys else None


@define("get entries(m: context)")
def get_entries(m: dict[str, Any]) -> list[dict[str, Any]]:
    return [{"key": key, "value": value} for key, value in m.items()]


@define("context(entries: list)")
def context(entries: list[Any]) -> dict[str, Any] | None:
    """A context from records with `key` and `value`; null if a key is missing or twice there."""
    found: dict[str, Any] = {}
    for entry in entries:
        if not isinstance(entry, dict) or not {"key", "value"} <= entry.keys():
            return None
        key = entry["key"]
        if not isinstance(key, str) or key in found:
            return None
        found[key] = entry["value"]
    return found


@define("context put(context: context, key: string, value: any)")
def context_put(context: dict[str, Any], key: str, value: Any) -> dict[str, Any]:
    return {**context, key: value}


@define("context put(context: context, keys: list, value: any)")
def context_put_at(context: dict[str, Any], keys: list[Any], value: Any) -> dict[str, Any] | None:
    """Set the value at a path of keys; null if a context on the way is missing."""
    if not keys or not all(isinstance(key, str) for key in keys):
        return None
    budget.spend(len(keys))
    if len(keys) == 1:
        return {**context, keys[0]: value}
    inner = context.get(keys[0])
    if not isinstance(inner, dict):
        return None
    put = context_put_at(inner, keys[1:], value)
    return None if put is None else {**context, keys[0]: put}


@define("context merge(contexts: list)")
def context_merge(contexts: list[Any]) -> dict[str, Any] | None:
    """All entries; later contexts win."""
    found: dict[str, Any] = {}
    for one in contexts:
        if not isinstance(one, dict):
            return None
        found.update(one)
    return found
