"""The payloads of /v2/jobs, as Camunda 8 names them."""

from marshmallow import Schema, fields, validate

from api.v2.base import Input, PageOut


class JobActivationIn(Input):
    """Which jobs a worker wants, for how long, and how long it waits for some."""

    type = fields.String(required=True, validate=validate.Length(min=1))
    worker = fields.String(load_default="")
    timeout = fields.Integer(required=True)
    maxJobsToActivate = fields.Integer(required=True)
    fetchVariable = fields.List(fields.String(), load_default=list)
    requestTimeout = fields.Integer(load_default=0)
    tenantIds = fields.List(fields.String(), load_default=list)
    tenantFilter = fields.String(
        load_default="PROVIDED", validate=validate.OneOf(["PROVIDED", "ASSIGNED"])
    )
    withLease = fields.Boolean(load_default=False, allow_none=True)


class JobActivationOut(Schema):
    """The jobs that the worker has now."""

    jobs = fields.List(fields.Dict())


class _EndIn(Input):
    variables = fields.Dict(keys=fields.String(), load_default=dict, allow_none=True)
    jobLeaseToken = fields.String(load_default=None, allow_none=True)


class JobCompletionIn(_EndIn):
    """What the worker found out."""


class JobFailureIn(_EndIn):
    """Why it did not work, and whether it may be tried again."""

    retries = fields.Integer(load_default=0)
    errorMessage = fields.String(load_default="", allow_none=True)
    retryBackOff = fields.Integer(load_default=0, validate=validate.Range(min=0))


class JobErrorIn(_EndIn):
    """The BPMN error that the diagram is to catch."""

    errorCode = fields.String(required=True, validate=validate.Length(min=1))
    errorMessage = fields.String(load_default="", allow_none=True)


class JobChangesIn(Input):
    """What is to be changed."""

    retries = fields.Integer(load_default=None, allow_none=True)
    timeout = fields.Integer(load_default=None, allow_none=True, validate=validate.Range(min=1))


class JobUpdateIn(Input):
    """A change of a job."""

    changeset = fields.Nested(JobChangesIn, required=True)
    jobLeaseToken = fields.String(load_default=None, allow_none=True)


class JobOut(Schema):
    """One job of a search."""

    customHeaders = fields.Dict()
    deadline = fields.String(allow_none=True)
    deniedReason = fields.String(allow_none=True)
    elementId = fields.String()
    elementInstanceKey = fields.String()
    endTime = fields.String(allow_none=True)
    errorCode = fields.String(allow_none=True)
    errorMessage = fields.String(allow_none=True)
    hasFailedWithRetriesLeft = fields.Boolean()
    isDenied = fields.Boolean(allow_none=True)
    jobKey = fields.String()
    kind = fields.String()
    listenerEventType = fields.String()
    processDefinitionId = fields.String()
    processDefinitionKey = fields.String()
    processInstanceKey = fields.String()
    rootProcessInstanceKey = fields.String()
    businessId = fields.String(allow_none=True)
    retries = fields.Integer()
    state = fields.String()
    tenantId = fields.String()
    type = fields.String()
    worker = fields.String()
    creationTime = fields.String(allow_none=True)
    lastUpdateTime = fields.String(allow_none=True)
    priority = fields.Integer()


class JobsOut(Schema):
    """A page of jobs."""

    items = fields.List(fields.Nested(JobOut))
    page = fields.Nested(PageOut)
