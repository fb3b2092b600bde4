"""Jobs: work that a service or send task, or a throwing event, leaves to a handler or worker."""

from typing import Any

from engine.spiff.elements import JobDefinition
from engine.spiff.scripting import visible
from engine.spiff.steps import Wait
from engine.spiff.workflow import Token


def begin_job(spec: Any, token: Token) -> None:
    """Work out the job's type and retries."""
    evaluate = token.workflow.script_engine.evaluate
    kind, retries = evaluate(token, spec.type_formula), evaluate(token, spec.retries_formula)
    if not isinstance(kind, str) or not kind:
        raise spec.fault(
            "job-type", f"任务类型不是文本：{kind!r}", f"the job type is no text: {kind!r}"
        )
    if isinstance(retries, bool) or not str(retries).isdigit():
        raise spec.fault("job-retries", f"重试次数有误：{retries!r}", f"wrong retries: {retries!r}")
    token.internal_data["j"] = [kind, int(retries)]


def job_wait(spec: Any, token: Token) -> Wait:
    """Return the job that a token waits for."""
    kind, retries = token.internal_data["j"]
    element = spec.element
    return Wait(
        token=token.id, element=spec.name, kind="job", name=element.name, lane=element.lane,
        properties=element.properties, variables=dict(visible(token)),
        job=JobDefinition(type=kind, retries=str(retries), headers=element.job.headers),
    )  # fmt: skip
