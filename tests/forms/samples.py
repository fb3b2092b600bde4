"""Small forms and submissions for tests, made from few words."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import forms

SHANGHAI = timezone(timedelta(hours=8))
NOW = datetime(2026, 11, 23, 2, 20, tzinfo=UTC).astimezone(SHANGHAI)
PEOPLE = {
    "11": {"label": "何静", "groups": ["cs_assistant"]},
    "12": {"label": "周建国", "groups": ["eng_worker"]},
    "13": {"label": "陈经理", "groups": ["cs_manager", "project_manager"]},
}
ROOMS = {"301": {"label": "3-2-1201"}}
CASES = {"TS-1": {"label": "TS-1 电梯停运", "process_id": "complaint"}}
FILES = {
    "9001": {"name": "现场.jpg", "media_type": "image/jpeg", "size": 70_000},
    "9002": {"name": "报告.PDF", "media_type": "application/pdf", "size": 90_000},
}
USER = {"key": "13", "name": "陈经理", "groups": ["cs_manager"]}


def lookup(kind: str, key: str, actor: Any) -> Mapping[str, Any] | None:
    archive = {"person": PEOPLE, "room": ROOMS, "case": CASES, "file": FILES}
    return archive.get(kind, {}).get(key)


def component(type_: str, key: str, **attributes: Any) -> dict[str, Any]:
    """Return a component with an id and a label."""
    named = {"group": "path", "dynamiclist": "path"}.get(type_, "key")
    return {
        "type": type_,
        "id": "F_" + key.replace(".", "_"),
        named: key,
        "label": f"标签{key}",
        **attributes,
    }


def definition(*components: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "type": "default",
        "id": "test-form",
        "schemaVersion": 19,
        "components": list(components),
    }


def form(*components: Mapping[str, Any]) -> forms.Form:
    return forms.parse(definition(*components))


def load(made: forms.Form, submitted: Mapping[str, Any], **context: Any) -> dict[str, Any]:
    """Load a submission with everything the server knows."""
    whole = {"user": USER, "case": {}, **context}
    return made.load(submitted, context=whole, now=NOW, lookup=lookup, files=FILES.get)


def errors(made: forms.Form, submitted: Mapping[str, Any], **context: Any) -> dict[str, Any]:
    """Return the errors of a submission, none when it is accepted."""
    try:
        load(made, submitted, **context)
    except forms.Invalid as invalid:
        return invalid.errors
    return {}


def codes(source: Any) -> set[str]:
    """Return the codes of what is wrong with a form."""
    return {problem.code for problem in forms.check(source)}
