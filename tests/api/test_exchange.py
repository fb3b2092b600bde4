"""The official client of Camunda 8 works jobs, publishes messages and broadcasts signals."""

import pytest
from camunda_orchestration_sdk import models
from camunda_orchestration_sdk.errors import ConflictError, NotFoundError, UnexpectedStatus

from engine import identity
from engine.testing import settle
from tests.browser.house import PASSWORD
from tests.engine import post
from tests.engine.test_workers import CHARGE

ROBOT = "pay-robot"
WAITS = "start s -> m\ncatch m message=paid@bill -> w\ncatch w signal=storm -> e\nend e"


@pytest.fixture
def robot(house, camunda):
    """A machine of an outside system that serves 云景花园."""
    with house.time(), house.database.begin() as session:
        user = identity.create_user(session, username=ROBOT, name="收费系统", password=PASSWORD)
        identity.add_membership(session, user.key, "integration", "yj")
    return camunda(ROBOT)


def deploy(house, text, process="charging"):
    with house.time():
        post.deploy(house.database, text, process=process)


def start(house, process="charging", **variables):
    with house.time():
        return post.start(house.database, process, **variables)


def activate(client, **more):
    known = {"type": "charge", "worker": "w1", "timeout": 60_000, "maxJobsToActivate": 5,
             "requestTimeout": -1}  # fmt: skip
    return client.activate_jobs(data=models.JobActivationRequest.from_dict(known | more)).jobs


def jobs(client, **wanted):
    query = models.JobSearchQuery.from_dict({"filter": wanted})
    return client.search_jobs(data=query).items


def test_a_worker_activates_fails_and_completes_a_job(house, robot):
    deploy(house, CHARGE)
    case = start(house, bill="B-7")

    (job,) = activate(robot, fetchVariable=["bill"])
    assert activate(robot) == []
    robot.fail_job(
        job_key=job.job_key,
        data=models.JobFailRequest.from_dict({"retries": 1, "errorMessage": "no route"}),
    )
    (again,) = activate(robot, withLease=True)
    robot.update_job(
        job_key=job.job_key,
        data=models.JobUpdateRequest.from_dict({"changeset": {"timeout": 120_000, "retries": 4}}),
    )
    (seen,) = jobs(robot, processInstanceKey=str(case))
    robot.complete_job(
        job_key=again.job_key,
        data=models.JobCompletionRequest.from_dict({"jobLeaseToken": again.job_lease_token}),
    )

    assert (job.process_definition_id, job.element_id) == ("charging", "c")
    assert job.variables.to_dict() == {"bill": "B-7"}
    assert (again.retries, again.worker) == (1, "w1")
    assert (seen.retries, seen.state.value, seen.error_message) == (4, "CREATED", "no route")
    (ended,) = jobs(robot, state="COMPLETED", jobKey=job.job_key)
    assert ended.end_time is not None
    with pytest.raises(ConflictError):
        robot.complete_job(job_key=job.job_key)


def test_a_worker_throws_an_error_and_a_stranger_finds_nothing(house, robot, camunda):
    deploy(house, CHARGE)
    case = start(house)
    (job,) = activate(robot)

    with pytest.raises(UnexpectedStatus, match="403"):
        activate(camunda("yj-cs_assistant"))
    with pytest.raises(NotFoundError):
        camunda("yj-cs_assistant").complete_job(job_key=job.job_key)
    robot.throw_job_error(
        job_key=job.job_key, data=models.JobErrorRequest.from_dict({"errorCode": "poor"})
    )

    assert post.path(house.database, case) == ["s", "b", "f"]


def test_messages_and_signals_reach_who_waits(house, robot):
    deploy(house, WAITS)
    first, second = start(house, bill="B-1"), start(house, bill="B-2")
    published = {"name": "paid", "correlationKey": "B-1", "timeToLive": 60_000, "messageId": "x"}

    robot.publish_message(data=models.MessagePublicationRequest.from_dict(published))
    with pytest.raises(UnexpectedStatus, match="409"):
        robot.publish_message(data=models.MessagePublicationRequest.from_dict(published))
    correlated = robot.correlate_message(
        data=models.MessageCorrelationRequest.from_dict({"name": "paid", "correlationKey": "B-2"})
    )
    with pytest.raises(NotFoundError):
        robot.correlate_message(
            data=models.MessageCorrelationRequest.from_dict(
                {"name": "paid", "correlationKey": "B-3"}
            )
        )
    with house.time():
        settle(house.database)
    signal = robot.broadcast_signal(
        data=models.SignalBroadcastRequest.from_dict({"signalName": "storm"})
    )
    with house.time():
        settle(house.database)

    assert correlated.process_instance_key == str(second)
    assert signal.tenant_id == "yj"
    assert [post.state(house.database, case) for case in (first, second)] == ["completed"] * 2
