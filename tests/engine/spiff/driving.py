"""Drives one instance by element names, over bytes at every step as the product does."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from engine import spiff

DIAGRAMS = Path(__file__).parent / "diagrams"
NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)


def decide(decision_id: str, _reference: Any, context: Any) -> spiff.Decided:
    return spiff.Decided(value="P0" if context.get("danger") else "P2", decision_id=decision_id)


def runtime(now: datetime = NOW, **functions: Callable[..., Any]) -> spiff.Runtime:
    return spiff.Runtime(now=now, decide=decide, functions=functions)


class Drive:
    """An instance on its way."""

    def __init__(
        self, xml: bytes, *, process: str = "p", now: datetime = NOW, **variables: Any
    ) -> None:
        self.model = spiff.parse(xml)
        self.now = now
        self.path: list[str] = []
        self.thrown: list[spiff.Thrown] = []
        self.missed = 0
        self.step = spiff.start(self.model, process, variables=variables, runtime=runtime(now))
        self._note(self.step)

    def _note(self, step: spiff.Step) -> "Drive":
        if step.failure is None:
            self.step = step
            self.path += [passed.element for passed in step.path]
            self.thrown += step.thrown
            self.missed += sum(closed.missed for closed in step.closed)
        self.failure = step.failure
        return self

    @property
    def waits(self) -> tuple[spiff.Wait, ...]:
        return spiff.waits(self.model, self.step.state)

    @property
    def open(self) -> list[str]:
        return sorted(wait.element for wait in self.waits)

    @property
    def variables(self) -> dict[str, Any]:
        return self.step.variables

    def wait(self, element: str) -> spiff.Wait:
        return next(wait for wait in self.waits if wait.element == element)

    def complete(self, element: str, **variables: Any) -> "Drive":
        return self._note(
            spiff.complete(self.model, self.step.state, self.wait(element).token,
                           variables=variables, runtime=runtime(self.now))
        )  # fmt: skip

    def fire(self, element: str, *, late: timedelta = timedelta()) -> "Drive":
        wait = self.wait(element)
        self.now = max(self.now, wait.due_at + late)
        return self._note(
            spiff.fire(self.model, self.step.state, wait.token, runtime=runtime(self.now))
        )

    def deliver(self, element: str, **payload: Any) -> "Drive":
        return self._note(
            spiff.deliver(self.model, self.step.state, self.wait(element).token, payload=payload,
                          runtime=runtime(self.now))
        )  # fmt: skip

    def throw(self, element: str, code: str, **variables: Any) -> "Drive":
        return self._note(
            spiff.throw(self.model, self.step.state, self.wait(element).token, error_code=code,
                        variables=variables, runtime=runtime(self.now))
        )  # fmt: skip
