"""Compile each form once: by the hash of its content."""

from collections import OrderedDict
from collections.abc import Mapping
from threading import Lock
from typing import Any, Final

from forms.compiler import Compiler
from forms.form import Form
from forms.nodes import Scope
from forms.problems import FormError, Problem
from forms.source import digest, read

_KEPT: Final = 512
_forms: OrderedDict[str, Form] = OrderedDict()
_lock: Final = Lock()


def parse(source: str | bytes | Mapping[str, Any]) -> Form:
    """Return the form; `FormError` names everything that is wrong or unsupported."""
    key = digest(source)
    with _lock:
        form = _forms.get(key)
        if form is not None:
            _forms.move_to_end(key)
            return form
    form, problems = _compiled(read(source), key)
    if problems:
        raise FormError(problems)
    with _lock:
        _forms[key] = form
        while len(_forms) > _KEPT:
            _forms.popitem(last=False)
    return form


def check(source: str | bytes | Mapping[str, Any]) -> tuple[Problem, ...]:
    """Return everything that is wrong or unsupported in a form, nothing when it is sound."""
    try:
        parse(source)
    except FormError as error:
        return error.problems
    return ()


def _compiled(tree: Any, key: str) -> tuple[Form, list[Problem]]:
    compiler = Compiler()
    scope = compiler.form(tree)
    head: Mapping[str, Any] = tree if isinstance(tree, Mapping) and not compiler.problems else {}
    name = head.get("name") or head.get("id", "")
    top = [node.info for node in scope.nodes if node.type != "group"]
    reads = compiler.expressions.from_outside()
    form = Form(
        id=head.get("id", ""),
        name=name,
        name_en=(head.get("properties") or {}).get("name_en") or name,
        hash=key,
        schema=head,
        scope=scope,
        fields=tuple(compiler.infos),
        keys=frozenset(info.key for info in top),
        personal=frozenset(info.key for info in top if info.personal),
        secret=frozenset(info.key for info in top if info.secret),
        reads=reads,
        reads_case=compiler.expressions.reads("case"),
        reads_linked=any(compiler.expressions.reads("case", name) for name in ("main", "related")),
        reads_variables=compiler.expressions.reads("variables"),
        option_keys=frozenset(_option_keys(scope)),
        watched=bool(compiler.expressions.in_browser) or any(n.check for n in scope.nodes),
    )
    return form, compiler.problems


def _option_keys(scope: Scope) -> set[str]:
    found: set[str] = set()
    for node in scope.nodes:
        found |= {node.options_key} if node.options_key else set()
        found |= _option_keys(node.rows) if node.rows else set()
    return found
