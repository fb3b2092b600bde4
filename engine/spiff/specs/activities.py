"""Activities: what each does when a token comes, and what it leaves to the outside."""

from dataclasses import replace
from typing import Any

from typing_extensions import override

from engine.spiff.elements import CallRef, DecisionRef
from engine.spiff.schedule import TimerTextError, instant
from engine.spiff.scripting import Formula, visible
from engine.spiff.specs.catching import BoundaryEvent, Catching
from engine.spiff.specs.compensation import remember
from engine.spiff.specs.gateways import EventBasedGateway
from engine.spiff.specs.jobs import begin_job, job_wait
from engine.spiff.specs.loops import Repetition
from engine.spiff.specs.nodes import Node
from engine.spiff.steps import Wait
from engine.spiff.times import millis, moment
from engine.spiff.workflow import Token


class Activity(Node):
    """A task or sub-process: variables of its own, boundary events, perhaps a loop.

    Itself it does nothing, as BPMN's abstract and manual tasks.
    """

    #: boundary events of every kind, in the order of the diagram
    boundaries: tuple[BoundaryEvent, ...] = ()
    #: those for which a listener is armed
    armed_events: tuple[BoundaryEvent, ...] = ()
    repetition: Repetition | None = None

    @override
    def _run_hook(self, my_task: Token) -> bool | None:
        if self.repetition is not None and not self.is_instance(my_task):
            self.arm(my_task)
            return self.repetition.begin(self, my_task)
        self.apply_inputs(my_task)
        if self.repetition is None:
            self.arm(my_task)
        return self.work(my_task)

    def is_instance(self, token: Token) -> bool:
        """Tell whether a token is one turn of a loop, not the loop itself."""
        return token.parent.task_spec is self

    @override
    def outside(self, token: Token) -> Wait | None:
        if self.repetition is not None and not self.is_instance(token):
            return None  # the turns wait, not the loop
        return self.wait(token)

    def arm(self, token: Token) -> None:
        """Arm the boundary events before anything is done."""
        for event in self.armed_events:
            event.subscribe(token.workflow.listen(event, token))

    def work(self, _token: Token) -> bool | None:
        """Do the work: True when it is done, None when somebody else has to."""
        return True

    @override
    def apply_outputs(self, token: Token) -> None:
        if self.repetition is None:
            super().apply_outputs(token)
        elif self.is_instance(token):
            super().apply_outputs(token)
            self.repetition.collect(token)
        else:
            self.repetition.give(token)

    @override
    def leave(self, token: Token) -> None:
        if not self.is_instance(token):
            remember(self, token)
            super().leave(token)

    @override
    def child_gone(self, scope: Token, child: Token) -> None:
        if self.repetition is not None and child.task_spec is self:
            self.repetition.turn_done(self, scope, child)

    def value(self, token: Token, formula: Formula | None) -> Any:
        """Evaluate an optional formula."""
        return None if formula is None else token.workflow.script_engine.evaluate(token, formula)


class UserTask(Activity):
    """Work for a person."""

    #: assignee, candidate_groups, candidate_users, priority, due_date, follow_up_date
    formulas: dict[str, Formula]

    @override
    def work(self, token: Token) -> None:
        for name, formula in self.formulas.items():
            value = self.value(token, formula)
            if value is not None:
                token.internal_data[name] = getattr(self, f"_{name}")(value, token)

    def _assignee(self, value: Any, _token: Token) -> str | None:
        if not isinstance(value, str):
            raise self.fault("assignee", f"assignee 不是文本：{value!r}", "assignee is no text")
        return value or None

    def _candidate_groups(self, value: Any, _token: Token) -> list[str]:
        names = value.split(",") if isinstance(value, str) else value
        if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
            raise self.fault(
                "candidates", f"候选不是文本列表：{value!r}", "candidates are no texts"
            )
        return [name.strip() for name in names if name.strip()]

    _candidate_users = _candidate_groups

    def _priority(self, value: Any, _token: Token) -> int:
        number = int(value) if isinstance(value, str) and value.isdigit() else value
        if isinstance(number, bool) or not isinstance(number, int) or not 0 <= number <= 100:  # noqa: PLR2004 — Camunda 8's range
            raise self.fault("priority", f"优先级须为 0–100：{value!r}", "priority must be 0–100")
        return number

    def _due_date(self, value: Any, token: Token) -> int:
        try:
            return millis(instant(str(value), token.workflow.runtime.zone))
        except TimerTextError as error:
            texts = (f"日期有误：{error}", f"wrong date: {error}")
            raise self.fault("date-invalid", *texts) from error

    _follow_up_date = _due_date

    @override
    def wait(self, token: Token) -> Wait:
        known, element = token.internal_data, self.element
        return Wait(
            token=token.id, element=self.name, kind="user", name=element.name, lane=element.lane,
            properties=element.properties, headers=element.headers, form=element.form, assignee=known.get("assignee"),
            candidate_groups=tuple(known.get("candidate_groups", ())),
            candidate_users=tuple(known.get("candidate_users", ())),
            priority=known.get("priority"), due_date=_instant(known.get("due_date")),
            follow_up_date=_instant(known.get("follow_up_date")),
        )  # fmt: skip


class JobTask(Activity):
    """Work for a handler or an external worker."""

    type_formula: Formula
    retries_formula: Formula

    @override
    def work(self, token: Token) -> None:
        begin_job(self, token)

    @override
    def wait(self, token: Token) -> Wait:
        return job_wait(self, token)


class ScriptTask(Activity):
    """Evaluates a FEEL expression into a variable."""

    formula: Formula
    result_variable: str

    @override
    def work(self, token: Token) -> bool:
        token.result = {self.result_variable: self.value(token, self.formula)}
        return True


class DecisionTask(Activity):
    """Asks a decision."""

    id_formula: Formula
    reference: DecisionRef

    @override
    def work(self, token: Token) -> bool:
        asked = replace(self.reference, decision_id=str(self.value(token, self.id_formula)))
        value = token.workflow.decide(self, asked, visible(token))
        token.result = {self.reference.result_variable: value}
        return True


class CallActivity(Activity):
    """Waits for an instance of another process."""

    id_formula: Formula

    @override
    def work(self, token: Token) -> None:
        name = self.value(token, self.id_formula)
        if not isinstance(name, str) or not name:
            raise self.fault("called-process", f"流程 id 不是文本：{name!r}", "no process id")
        if self.id_formula.compiled is not None:
            token.internal_data["p"] = name

    @override
    def wait(self, token: Token) -> Wait:
        called = self.element.called or CallRef(process_id="")
        known = visible(token) if called.propagate_all_parent_variables else token.data
        return Wait(
            token=token.id, element=self.name, kind="call", name=self.element.name,
            lane=self.element.lane, properties=self.element.properties, variables=dict(known),
            called=CallRef(
                process_id=token.internal_data.get("p", called.process_id),
                binding=called.binding, version_tag=called.version_tag,
                propagate_all_parent_variables=called.propagate_all_parent_variables,
                propagate_all_child_variables=called.propagate_all_child_variables,
            ),
        )  # fmt: skip

    @override
    def finish(self, token: Token, values: dict[str, Any]) -> None:
        called = self.element.called
        if called and not called.propagate_all_child_variables and not self.output_formulas:
            values = {}
        super().finish(token, values)


class ReceiveTask(Activity, Catching):
    """Waits for a message."""

    @override
    def begin_in(self, scope: Token) -> None:
        """Begin with the message received: it is what the instance was started by."""
        self.finish(Token(scope.workflow, self, scope), {})

    @override
    def work(self, token: Token) -> None:
        self.subscribe(token)

    @override
    def wait(self, token: Token) -> Wait | None:
        return Catching.wait(self, token)

    @override
    def happen(self, token: Token, values: dict[str, Any]) -> None:
        gateway = token.parent.task_spec
        if token.listener and isinstance(gateway, EventBasedGateway):
            gateway.won(token.parent, self, values)
        else:
            self.finish(token, values)


class MessageTask(Activity):
    """A send task that names its message and leaves no job."""

    throwers: tuple[Any, ...] = ()

    @override
    def work(self, token: Token) -> bool:
        for thrower in self.throwers:
            thrower.throw(self, token)
        return True


def _instant(known: int | None) -> Any:
    return None if known is None else moment(known)
