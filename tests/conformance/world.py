"""A small world around the engine: instances, messages, signals, calls, and a clock that jumps."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from engine import spiff

START = datetime(2026, 1, 1, tzinfo=UTC)
#: commands of one case; a model that needs more does not come to an end
_LIMIT = 2000
#: how long a handler that measures time is busy
_BUSY = timedelta(seconds=10)


@dataclass(slots=True)
class _Case:
    process: str
    step: spiff.Step
    parent: tuple["_Case", int] | None = None


@dataclass(slots=True)
class World:
    """Runs one model until nothing happens any more; `trace` is what its handlers wrote."""

    model: spiff.Model
    trace: list[str] = field(default_factory=list)
    now: datetime = START
    cases: list[_Case] = field(default_factory=list)
    _busy: dict[tuple[int, int], datetime] = field(default_factory=dict)
    _measured: list[tuple[datetime, datetime]] = field(default_factory=list)

    def run(
        self, process: str, variables: dict[str, Any], *, beside: list[str], patience: timedelta
    ) -> None:  # fmt: skip
        """Start the processes and serve everything that waits, for at most `patience`."""
        for other in beside:
            self._start(other, dict(variables))
        self._start(process, variables)
        for _ in range(_LIMIT):
            if not self._serve(START + patience):
                break
        if len(self._measured) > 1 and self._overlap():
            self.trace.append("EXECUTION_parallel")

    def _overlap(self) -> bool:
        (first, first_end), (second, second_end) = self._measured[:2]
        return first < second_end and second < first_end

    def _runtime(self) -> spiff.Runtime:
        return spiff.Runtime(now=self.now)

    def _start(
        self, process: str, variables: dict[str, Any], element: str | None = None,
        parent: tuple[_Case, int] | None = None,
    ) -> None:  # fmt: skip
        step = spiff.start(
            self.model, process, variables=variables, runtime=self._runtime(), element=element
        )
        if step.failure is not None:
            self.trace.append("ERROR_runtime")
            return
        case = _Case(process, step, parent)
        self.cases.append(case)
        self._after(case, step)

    def _go(self, case: _Case, step: spiff.Step) -> None:
        if step.failure is not None:
            self.trace.append("ERROR_runtime")
            case.step = spiff.Step(state=case.step.state, completed=True)
            return
        case.step = step
        self._after(case, step)

    def _after(self, case: _Case, step: spiff.Step) -> None:
        for wait in step.opened:
            if wait.kind == "call" and wait.called is not None:
                self._start(wait.called.process_id, dict(wait.variables), None, (case, wait.token))
        for thrown in step.thrown:
            self._deliver(case, thrown)
        if case.parent is not None:
            self._answer(step, *case.parent)

    def _answer(self, step: spiff.Step, parent: _Case, token: int) -> None:
        """Tell the caller of an escalation, an error or the end of what it called."""
        for thrown in step.thrown:
            if thrown.kind in ("escalation", "error"):
                self._go(parent, spiff.throw(self.model, parent.step.state, token, kind=thrown.kind,
                                             error_code=thrown.name, runtime=self._runtime()))  # fmt: skip
        if step.completed and any(wait.token == token for wait in self._waits(parent)):
            self._go(parent, spiff.deliver(self.model, parent.step.state, token,
                                           payload=step.variables, runtime=self._runtime()))  # fmt: skip

    def _deliver(self, source: _Case, thrown: spiff.Thrown) -> None:
        if thrown.kind not in ("message", "signal"):
            return
        for case in list(self.cases):
            if (case is not source or thrown.kind == "message") and self._receive(case, thrown):
                return
        for process in self.model.processes.values():
            for element in process.starts:
                if any(e.kind == thrown.kind and e.name == thrown.name for e in element.events):
                    self._start(process.id, dict(thrown.payload), element.id)

    def _receive(self, case: _Case, thrown: spiff.Thrown) -> bool:
        """Deliver to one instance; tell whether nobody else gets it: a message has one receiver."""
        for wait in self._waits(case):
            if wait.kind == thrown.kind and wait.message == thrown.name:
                self._go(case, spiff.deliver(self.model, case.step.state, wait.token,
                                             payload=thrown.payload, runtime=self._runtime()))  # fmt: skip
                return thrown.kind == "message"
        return False

    def _waits(self, case: _Case) -> tuple[spiff.Wait, ...]:
        return () if case.step.completed else spiff.waits(self.model, case.step.state)

    def _serve(self, until: datetime) -> bool:
        """Do the oldest job that is ready, else let the earliest timer fire."""
        moments: list[tuple[datetime, int, int, _Case, spiff.Wait]] = []
        for number, case in enumerate(self.cases):
            for wait in self._waits(case):
                moment = self._moment(number, wait)
                if moment is not None:
                    moments.append((moment, number, wait.token, case, wait))
        if not moments:
            return False
        moment, number, _, case, wait = min(moments, key=lambda item: item[:3])
        if moment > until:
            return False
        self.now = max(self.now, moment)
        if wait.kind == "timer":
            self._go(
                case, spiff.fire(self.model, case.step.state, wait.token, runtime=self._runtime())
            )
        else:
            self._work(number, case, wait)
        return True

    def _moment(self, number: int, wait: spiff.Wait) -> datetime | None:
        if wait.kind == "timer":
            return wait.due_at
        if wait.kind != "job" or wait.job is None:
            return None
        if wait.job.type.startswith(("CREATE_TIMESTAMP", "WAIT_")):
            return self._busy.setdefault((number, wait.token), self.now + _BUSY)
        return self.now

    def _work(self, number: int, case: _Case, wait: spiff.Wait) -> None:
        """Do what the token of a script stands for."""
        token = wait.job.type if wait.job is not None else ""
        if token == "THROW_ERROR":
            self._go(case, spiff.throw(self.model, case.step.state, wait.token, error_code="ERR-1",
                                       runtime=self._runtime()))  # fmt: skip
            return
        if token.startswith("SCRIPT_") or token in _MARKS:
            self.trace.append(_MARKS.get(token, token))
        if token == "LOG_DATA":
            self.trace.append(str(wait.variables.get("data")))
        if token.startswith("CREATE_TIMESTAMP"):
            end = self._busy[number, wait.token]
            self._measured.append((end - _BUSY, end))
        self._go(case, spiff.complete(self.model, case.step.state, wait.token,
                                      variables=_results(token, wait), runtime=self._runtime()))  # fmt: skip


_MARKS = {"CREATE_MARKER_FILE": "MARKER_exists", "INCREMENT_INTEGER_VARIABLE_AND_LOG": "INCREMENT"}


def _results(token: str, wait: spiff.Wait) -> dict[str, Any]:
    if token.startswith("INCREMENT_"):
        return {"integerVariable": int(wait.variables.get("integerVariable", 0)) + 1}
    return {"data": "String"} if token == "SET_STRING_DATA" else {}
