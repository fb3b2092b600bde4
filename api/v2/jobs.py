"""/v2/jobs: work for external workers, in the payloads of Camunda 8."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from flask import Response
from flask_smorest import Blueprint
from sqlalchemy import case, literal, select
from sqlalchemy.orm import Session

from api.auth import actor
from api.v2.base import (
    DEFAULT_TENANT,
    Searchable,
    SearchIn,
    database,
    key,
    moment,
    once,
    tenant_out,
    to_moment,
)
from api.v2.job_schemas import (
    JobActivationIn,
    JobActivationOut,
    JobCompletionIn,
    JobErrorIn,
    JobFailureIn,
    JobsOut,
    JobUpdateIn,
)
from engine import ids, leases, polling, workers
from engine.errors import N_, StepFailedError
from engine.leases import Leased
from engine.models import ClosedJob, Instance, Job, JobState, to_ms

blueprint = Blueprint("v2-jobs", __name__, url_prefix="/v2/jobs", description="自动任务")

_KIND = {"kind": "BPMN_ELEMENT", "listenerEventType": "UNSPECIFIED"}


def _searchable(rows: type[Job | ClosedJob], state: Any) -> Searchable:
    return Searchable(
        {
            "jobKey": rows.key, "type": rows.type, "state": state, "worker": rows.worker,
            "elementId": rows.element, "tenantId": rows.tenant_id, "errorMessage": rows.error,
            "processInstanceKey": rows.instance_key, "processDefinitionId": Instance.process_id,
            "processDefinitionKey": rows.definition_key,
            "rootProcessInstanceKey": Instance.root_key, "businessId": Instance.business_key,
            **({"retries": Job.retries, "deadline": Job.leased_until} if rows is Job
               else {"endTime": ClosedJob.closed_at}),
        },
        tie=rows.key,
        convert={
            "jobKey": int, "processInstanceKey": int, "processDefinitionKey": int,
            "rootProcessInstanceKey": int,
            "deadline": to_moment, "endTime": to_moment,
        },
    )  # fmt: skip


_STATE = case((Job.state == JobState.FAILED, "FAILED"), else_="CREATED")
_OUTCOME = case((ClosedJob.outcome == "error", "ERROR_THROWN"), else_="COMPLETED")
_open, _closed = _searchable(Job, _STATE), _searchable(ClosedJob, _OUTCOME)


@blueprint.post("/activation")
@blueprint.arguments(JobActivationIn)
@blueprint.response(200, JobActivationOut)
def activate(given: Mapping[str, Any]) -> dict[str, Any]:
    """Lease jobs to a worker; with a request time-out it waits for some."""
    asked = [] if given["tenantFilter"] == "ASSIGNED" else {*given["tenantIds"]} - {DEFAULT_TENANT}
    with database().read() as session:
        tenants = leases.scope(session, actor(), asked)
    wanted = leases.Request(
        type=given["type"], worker=given["worker"], limit=given["maxJobsToActivate"],
        lease=timedelta(milliseconds=given["timeout"]), tenants=tenants,
        proven=bool(given["withLease"]),
    )  # fmt: skip
    leases.check(wanted)
    patience = timedelta(milliseconds=given["requestTimeout"]) or polling.USUAL
    found = polling.lease(database(), actor(), wanted, patience=patience)
    return {"jobs": [_activated(one, given["fetchVariable"]) for one in found]}


@blueprint.post("/<job_key>/completion")
@blueprint.arguments(JobCompletionIn, required=False)
@blueprint.response(204)
def complete(given: Mapping[str, Any], job_key: str) -> Response:
    """Complete a job; what the process can't go on with costs a retry."""
    wanted, values = key(job_key, N_("自动任务")), given.get("variables") or {}

    def command(session: Session) -> None:
        workers.complete(session, actor(), wanted, values, lease=given.get("jobLeaseToken"))

    try:
        once({"job": wanted, "variables": values}, command)
    except StepFailedError as error:
        with database().begin() as session:
            workers.not_completed(session, wanted, error)
        raise
    return Response(status=204)


@blueprint.post("/<job_key>/failure")
@blueprint.arguments(JobFailureIn, required=False)
@blueprint.response(204)
def fail(given: Mapping[str, Any], job_key: str) -> Response:
    """Give a job back; without retries left it becomes an incident."""
    with database().begin() as session:
        workers.fail(
            session, actor(), key(job_key, N_("自动任务")), retries=given.get("retries", 0),
            error=given.get("errorMessage") or "", variables=given.get("variables") or {},
            back_off=timedelta(milliseconds=given.get("retryBackOff", 0)),
            lease=given.get("jobLeaseToken"),
        )  # fmt: skip
    return Response(status=204)


@blueprint.post("/<job_key>/error")
@blueprint.arguments(JobErrorIn)
@blueprint.response(204)
def throw(given: Mapping[str, Any], job_key: str) -> Response:
    """Throw a BPMN error from a job."""
    with database().begin() as session:
        workers.throw(
            session, actor(), key(job_key, N_("自动任务")), code=given["errorCode"],
            message=given["errorMessage"] or "", variables=given["variables"] or {},
            lease=given["jobLeaseToken"],
        )  # fmt: skip
    return Response(status=204)


@blueprint.patch("/<job_key>")
@blueprint.arguments(JobUpdateIn)
@blueprint.response(204)
def update(given: Mapping[str, Any], job_key: str) -> Response:
    """Change the retries of a job, or how long its lease lasts from now."""
    changes = given["changeset"]
    longer = changes["timeout"]
    with database().begin() as session:
        workers.change(
            session, actor(), key(job_key, N_("自动任务")), retries=changes["retries"],
            lease_for=None if longer is None else timedelta(milliseconds=longer),
            lease=given["jobLeaseToken"],
        )  # fmt: skip
    return Response(status=204)


@blueprint.post("/search")
@blueprint.arguments(SearchIn)
@blueprint.response(200, JobsOut)
def search(asked: Mapping[str, Any]) -> dict[str, Any]:
    """Find open jobs of the asker's projects; those that workers ended by their state."""
    ended = asked["filter"].get("state") in ("COMPLETED", "ERROR_THROWN")
    rows: Any = ClosedJob if ended else Job
    searchable, state = (_closed, _OUTCOME) if ended else (_open, _STATE)
    with database().read() as session:
        tenants = leases.tenants_of(session, actor())
        query = (
            select(rows, Instance, state, literal(ended))
            .join(Instance, Instance.key == rows.instance_key)
            .where(rows.tenant_id.in_(tenants))
        )
        return searchable.page(session, query, asked, _shown)


def _activated(leased: Leased, wanted: list[str]) -> dict[str, Any]:
    job = leased.job
    values = {name: job.variables[name] for name in wanted if name in job.variables}
    return {
        **_KIND,
        "type": job.type,
        "processDefinitionId": leased.process_id,
        "processDefinitionVersion": leased.version,
        "elementId": job.element,
        "customHeaders": job.headers,
        "worker": job.worker or "",
        "retries": job.retries,
        "deadline": to_ms(job.leased_until) if job.leased_until else 0,
        "variables": values if wanted else job.variables,
        "tenantId": tenant_out(job.tenant_id),
        "physicalTenantId": "default",
        "jobKey": str(job.key),
        "processInstanceKey": str(job.instance_key),
        "processDefinitionKey": str(job.definition_key),
        "elementInstanceKey": str(ids.derived(job.instance_key, job.token)),
        "userTask": None,
        "tags": [],
        "rootProcessInstanceKey": str(leased.root_key),
        "businessId": leased.business_key,
        "priority": 0,
        "jobLeaseToken": job.lease,
    }


def _shown(row: Any) -> dict[str, Any]:
    job, instance, state, ended = row
    return {
        **_KIND,
        "customHeaders": {} if ended else job.headers,
        "deadline": None if ended or job.state != JobState.LEASED else moment(job.leased_until),
        "deniedReason": None,
        "elementId": job.element,
        "elementInstanceKey": str(ids.derived(job.instance_key, job.token)),
        "endTime": moment(job.closed_at) if ended else None,
        "errorCode": None,
        "errorMessage": job.error,
        "hasFailedWithRetriesLeft": not ended and job.error is not None and job.retries > 0,
        "isDenied": None,
        "jobKey": str(job.key),
        "processDefinitionId": instance.process_id,
        "processDefinitionKey": str(job.definition_key),
        "processInstanceKey": str(job.instance_key),
        "rootProcessInstanceKey": str(instance.root_key),
        "businessId": instance.business_key,
        "retries": 0 if ended else job.retries,
        "state": state,
        "tenantId": tenant_out(job.tenant_id),
        "type": job.type,
        "worker": job.worker or "",
        "creationTime": None,
        "lastUpdateTime": None,
        "priority": 0,
    }
