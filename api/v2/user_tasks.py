"""/v2/user-tasks: find, assign and complete what waits for people."""

from collections.abc import Mapping
from typing import Any

from flask import Response
from flask_smorest import Blueprint
from marshmallow import Schema, fields, validate
from sqlalchemy import select
from sqlalchemy.orm import Session

from api.auth import actor
from api.pages import files
from api.v2.base import (
    Input,
    PageOut,
    Searchable,
    SearchIn,
    database,
    key,
    moment,
    once,
    tenant_out,
    text,
    to_moment,
)
from api.v2.forms import FormOut
from api.v2.forms import shown as shown_form
from api.v2.variables import VariablesOut
from api.v2.variables import of_instance as variables_of
from engine import identity, ids, inbox, tasks
from engine.errors import N_, InvalidInputError
from engine.models import Definition, FormVersion, Instance, Task, User
from engine.ports import ports

blueprint = Blueprint("v2-user-tasks", __name__, url_prefix="/v2/user-tasks", description="任务")

_STATES = {"open": "CREATED", "completed": "COMPLETED", "cancelled": "CANCELED"}
_FROM_STATES = {shown: kept for kept, shown in _STATES.items()}


class UserTaskOut(Schema):
    """One user task."""

    name = fields.String(allow_none=True)
    state = fields.String()
    assignee = fields.String(allow_none=True)
    elementId = fields.String()
    candidateGroups = fields.List(fields.String())
    candidateUsers = fields.List(fields.String())
    processDefinitionId = fields.String()
    creationDate = fields.String()
    completionDate = fields.String(allow_none=True)
    followUpDate = fields.String(allow_none=True)
    dueDate = fields.String(allow_none=True)
    tenantId = fields.String()
    externalFormReference = fields.String(allow_none=True)
    processDefinitionVersion = fields.Integer()
    customHeaders = fields.Dict()
    priority = fields.Integer()
    userTaskKey = fields.String()
    elementInstanceKey = fields.String()
    processName = fields.String(allow_none=True)
    processDefinitionKey = fields.String()
    processInstanceKey = fields.String()
    rootProcessInstanceKey = fields.String(allow_none=True)
    businessId = fields.String(allow_none=True)
    formKey = fields.String(allow_none=True)
    tags = fields.List(fields.String())


class UserTasksOut(Schema):
    """A page of user tasks."""

    items = fields.List(fields.Nested(UserTaskOut))
    page = fields.Nested(PageOut)


class CompleteIn(Input):
    """The values of the form."""

    variables = fields.Dict(keys=fields.String(), load_default=dict, allow_none=True)
    action = fields.String(load_default=None, allow_none=True)


class AssignIn(Input):
    """The user name of the person who is to do it."""

    assignee = fields.String(required=True, validate=validate.Length(min=1))
    allowOverride = fields.Boolean(load_default=True, allow_none=True)
    action = fields.String(load_default=None, allow_none=True)


_rows = Searchable(
    {
        "name": Task.name, "state": Task.state, "assignee": User.username,
        "elementId": Task.element, "candidateGroup": Task.group,
        "processDefinitionId": Instance.process_id, "creationDate": Task.opened_at,
        "completionDate": Task.closed_at, "followUpDate": Task.follow_up_at,
        "dueDate": Task.due_at, "tenantId": Task.tenant_id, "priority": Task.priority,
        "userTaskKey": Task.key, "processDefinitionKey": Task.definition_key,
        "processInstanceKey": Task.instance_key, "businessId": Instance.business_key,
        "rootProcessInstanceKey": Task.root_key, "formKey": Task.form_key,
    },
    tie=Task.key,
    convert={
        "state": _FROM_STATES.__getitem__, "userTaskKey": int, "processDefinitionKey": int,
        "processInstanceKey": int, "rootProcessInstanceKey": int, "formKey": int,
        "creationDate": to_moment, "completionDate": to_moment, "followUpDate": to_moment,
        "dueDate": to_moment,
    },
)  # fmt: skip


@blueprint.post("/search")
@blueprint.arguments(SearchIn)
@blueprint.response(200, UserTasksOut)
def search(asked: Mapping[str, Any]) -> dict[str, Any]:
    """Find tasks of the asker's projects."""
    with database().read() as session:
        return _rows.page(session, _query().where(inbox.visible(actor())), asked, _shown)


@blueprint.get("/<task_key>")
@blueprint.response(200, UserTaskOut)
def get(task_key: str) -> dict[str, Any]:
    """Return one task."""
    with database().read() as session:
        task = tasks.get(session, actor(), key(task_key, N_("任务")))
        return _shown(session.execute(_query().where(Task.key == task.key)).one())


@blueprint.post("/<task_key>/assignment")
@blueprint.arguments(AssignIn)
@blueprint.response(204)
def assign(given: Mapping[str, Any], task_key: str) -> Response:
    """Give a task to a person; taking it oneself is claiming it."""
    with database().begin() as session:
        person = identity.resolve(session, given["assignee"])
        if person is None:
            raise InvalidInputError(
                N_("没有用户 {name}。"), name=given["assignee"],
                fields={"assignee": [N_("没有这个用户。")]},
            )  # fmt: skip
        wanted = key(task_key, N_("任务"))
        if person == actor().key:
            tasks.claim(session, actor(), wanted)
        else:
            tasks.assign(session, actor(), wanted, person)
    return Response(status=204)


@blueprint.delete("/<task_key>/assignee")
@blueprint.response(204)
def unassign(task_key: str) -> Response:
    """Give a task back to its group."""
    with database().begin() as session:
        tasks.unclaim(session, actor(), key(task_key, N_("任务")))
    return Response(status=204)


@blueprint.post("/<task_key>/completion")
@blueprint.arguments(CompleteIn, required=False)
@blueprint.response(204)
def complete(given: Mapping[str, Any], task_key: str) -> Response:
    """Complete a task with the values of its form; wrong ones are told by field id."""
    wanted, values = key(task_key, N_("任务")), given.get("variables") or {}

    def command(session: Session) -> None:
        done = tasks.complete(
            session, actor(), wanted, values, files=files.finder(session, actor(), task_key=wanted)
        )
        files.keep(session, actor(), done.instance_key, values)

    once({"complete": wanted, "variables": values}, command)
    return Response(status=204)


@blueprint.get("/<task_key>/form")
@blueprint.response(200, FormOut)
def form(task_key: str) -> Any:
    """Return the form that a task was opened with; 204 when it has none."""
    with database().read() as session:
        task = tasks.get(session, actor(), key(task_key, N_("任务")))
        if task.form_key is None:
            return Response(status=204)
        return shown_form(session, session.get_one(FormVersion, task.form_key))


@blueprint.post("/<task_key>/variables/search")
@blueprint.arguments(SearchIn, required=False)
@blueprint.response(200, VariablesOut)
def variables(_asked: Mapping[str, Any], task_key: str) -> dict[str, Any]:
    """Return the routed variables that a task sees."""
    with database().read() as session:
        task = tasks.get(session, actor(), key(task_key, N_("任务")))
        return variables_of(session.get_one(Instance, task.instance_key))


def _query() -> Any:
    return (
        select(
            Task, Instance.business_key, Instance.process_id, Definition.name, Definition.version,
            User.username,
        )
        .outerjoin(Instance, Instance.key == Task.instance_key)
        .outerjoin(Definition, Definition.key == Task.definition_key)
        .outerjoin(User, User.key == Task.assignee)
    )  # fmt: skip


def _shown(row: Any) -> dict[str, Any]:
    task, business_key, process_id, process_name, version, assignee = row
    candidates = task.candidates or {}
    groups = [task.group] if task.group else []
    return {
        "name": task.name,
        "state": _STATES[task.state],
        "assignee": assignee,
        "elementId": task.element,
        "candidateGroups": [*groups, *candidates.get("groups", [])],
        "candidateUsers": [str(user) for user in candidates.get("users", [])],
        "processDefinitionId": process_id,
        "creationDate": moment(task.opened_at),
        "completionDate": moment(task.closed_at),
        "followUpDate": moment(task.follow_up_at),
        "dueDate": moment(task.due_at),
        "tenantId": tenant_out(task.tenant_id),
        "externalFormReference": None,
        "processDefinitionVersion": version,
        "customHeaders": {},
        "priority": task.priority,
        "userTaskKey": str(task.key),
        "elementInstanceKey": str(ids.derived(task.instance_key, task.token)),
        "processName": process_name,
        "processDefinitionKey": str(task.definition_key),
        "processInstanceKey": str(task.instance_key),
        "rootProcessInstanceKey": str(task.root_key),
        "businessId": business_key if ports.can(actor(), "task.read", task) else None,
        "formKey": text(task.form_key),
        "tags": [],
    }
