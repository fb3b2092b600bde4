"""The state of an instance as bytes: what is alive, and nothing that the diagram knows.

Format 1 is a JSON list [1, hash of the diagram (8 digits), process id, last token id, completed,
variables, tokens, internal data of the root], deflated behind an `z` when that is shorter. A token is [id, parent, element,
state, flow, variables, internal data], where the last ones are left away when they are empty.
"""

import zlib
from typing import Any

import orjson

from engine.errors import N_, ConflictError
from engine.spiff.elements import Model
from engine.spiff.library import STARTED, WAITING
from engine.spiff.steps import Runtime
from engine.spiff.workflow import Instance, Token

FORMAT = 1
_LARGE = 2048
#: a token at rest is started or waits (at a join); a listener is started beside the path
_STATES = (STARTED, WAITING, STARTED)
_LISTENER = 2


def dump(instance: Instance, model: Model) -> bytes:
    """Return the state; tokens stand in the order of their ids, so a parent before its children."""
    root = instance.task_tree
    rows = [_row(token) for token in instance.tasks.values() if token is not root]
    blob = orjson.dumps(
        [FORMAT, model.hash[:8], instance.spec.name, instance.last_id, instance.completed,
         root.data, rows, root.internal_data]
    )  # fmt: skip
    return b"z" + zlib.compress(blob, 6) if len(blob) > _LARGE else blob


def _row(token: Token) -> list[Any]:
    state = _LISTENER if token.listener else int(token.state == WAITING)
    row = [token.id, token.outer, token.task_spec.name, state]
    tail = [token.flow or 0, token.data or 0, token.internal_data or 0]
    while tail and tail[-1] == 0:
        tail.pop()
    return row + tail


def load(blob: bytes, model: Model, runtime: Runtime) -> Instance:
    """Return the instance; refuse a state of another diagram or an unknown format."""
    values = _read(blob)
    if values[0] != FORMAT:
        raise ConflictError(N_("实例状态的格式 {format} 未知"), format=values[0])
    if values[1] != model.hash[:8]:
        raise ConflictError(N_("实例状态属于流程图的另一个版本"))
    _, _, process_id, last_id, completed, variables, rows, internal = values
    instance = Instance(model.runnable[process_id], runtime)
    root = instance.begin()
    root.data, root.internal_data, instance.completed = variables, internal, completed
    tasks, nodes = instance.tasks, instance.spec.nodes
    for row in rows:
        size = len(row)
        instance.last_id = row[0] - 1
        token = Token(instance, nodes[row[2]], tasks[row[1]], _at(row, 4))
        token.become(_STATES[row[3]])
        token.listener = row[3] == _LISTENER
        if size > 5 and row[5]:  # noqa: PLR2004 — the place of the variables
            token.data = row[5]
        if size > 6:  # noqa: PLR2004 — the place of the internal data
            token.internal_data = row[6]
    instance.last_id = last_id
    return instance


def _read(blob: bytes) -> list[Any]:
    try:
        values: list[Any] = orjson.loads(zlib.decompress(blob[1:]) if blob[:1] == b"z" else blob)
    except (zlib.error, orjson.JSONDecodeError) as error:
        raise ConflictError(N_("实例状态损坏，读不出来")) from error
    return values


def _at(row: list[Any], place: int) -> Any:
    return (row[place] or None) if len(row) > place else None
