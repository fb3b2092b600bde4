"""SpiffWorkflow's workflow and task, with the task tree used as the tree of scopes.

A token is a child of the scope (process, sub-process, multi-instance body, activity) that it
lives in, not of the token before it, and leaves the tree when it is finished. So the tree holds
what is alive and nothing else: it never grows with rounds, no traversal limit is ever met, and
a join sees the tokens that are there now, not those of an earlier pass. Variables live in the
scopes, as in Camunda 8: nothing is copied from token to token, so nothing is lost at a join.
"""

from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from typing_extensions import override

from engine.spiff.elements import DecisionRef
from engine.spiff.faults import Fault
from engine.spiff.library import ANY_STATE, FUTURE, READY, STARTED, BpmnWorkflow, Task
from engine.spiff.scripting import FeelEngine, to_variable
from engine.spiff.steps import Closed, Decided, Passed, Runtime, Thrown

#: automatic steps of one command; a diagram that needs more turns in a circle without waiting
MAX_RUNS = 3000


class Token(Task):  # type: ignore[misc]  # the library is untyped
    """A task with a small number as its id, the flow it came by, and no logging of transitions."""

    def __init__(
        self, workflow: "Instance", spec: Any, parent: "Token | None", flow: str | None = None
    ) -> None:
        workflow.last_id += 1
        super().__init__(workflow, spec, parent, FUTURE, workflow.last_id)
        self.flow = flow
        #: armed and passive: does not keep its scope alive
        self.listener = False
        #: what it was given when it was completed
        self.result: dict[str, Any] | None = None
        #: this turn of a loop satisfied the completion condition
        self.stop = False
        #: conditions of a multi-instance's complex behaviour, as this turn left them
        self.behaves: dict[Any, bool] = {}

    @override
    def _set_state(self, value: int) -> None:
        self._state = value

    become = _set_state

    @property
    def inner(self) -> list[int]:
        """Return the ids of the tokens inside this one."""
        found: list[int] = self._children
        return found

    @property
    def outer(self) -> int:
        """Return the id of the scope around this token."""
        found: int = self._parent
        return found

    @override
    def _inherit_data(self) -> None:
        """Take nothing: variables are seen through the scopes."""


class Instance(BpmnWorkflow):  # type: ignore[misc]  # the library is untyped
    """One running instance during one command."""

    def __init__(self, spec: Any, runtime: Runtime) -> None:
        super().__init__(spec, deserializing=True, script_engine=FeelEngine(runtime.functions))
        self.runtime = runtime
        self.last_id = 0
        #: elements that wait for events come first: what is thrown next finds them armed
        self.arming: deque[Token] = deque()
        self.ready: deque[Token] = deque()
        self.runs = 0
        #: what a failure is blamed on
        self.running: Token | None = None
        self.path: list[Passed] = []
        self.decisions: list[Decided] = []
        self.thrown: list[Thrown] = []
        self.ends: list[str] = []
        #: waits that ended by being served, with the cycles they covered
        self.served: dict[int, int] = {}
        #: variables changed since conditional events were looked at
        self.changed = False

    def begin(self) -> Token:
        """Plant the root: the token of the process itself."""
        root = Token(self, self.spec.start, None)
        root.become(STARTED)
        self.task_tree = root
        return root

    def enter(self, spec: Any, scope: Token, flow: str | None = None) -> Token:
        """Put a token on an element."""
        token = Token(self, spec, scope, flow)
        self.offer(token)
        return token

    def offer(self, token: Token) -> None:
        """Let an element look at a token that was put on it."""
        token.task_spec._update(token)  # noqa: SLF001 — SpiffWorkflow's way to offer a task

    def make_ready(self, token: Token) -> None:
        """Let a waiting token go on."""
        token._ready()  # noqa: SLF001 — SpiffWorkflow's way to release a task

    def listen(self, spec: Any, scope: Token) -> Token:
        """Arm an element that waits beside the path: it does not keep its scope alive."""
        token = Token(self, spec, scope)
        token.listener = True
        token.become(STARTED)
        return token

    @override
    def do_engine_steps(
        self, will_complete_task: Any = None, did_complete_task: Any = None
    ) -> None:
        """Run one token at a time, in the order they became ready, until all tokens wait."""
        while True:
            if self.changed:
                self.look_at_conditions()
            elif self.arming or self.ready:
                self._run_one((self.arming or self.ready).popleft())
            elif not any(spec.settle(self) for spec in self.spec.settling):
                return

    def _run_one(self, token: Token) -> None:
        if token.id not in self.tasks or token.state != READY:
            return  # cancelled after it became ready
        self.runs += 1
        if self.runs > MAX_RUNS:
            texts = ("流程在原地循环，没有等待点", "the process turns in a circle without waiting")
            raise Fault(token.task_spec.name, "endless-loop", texts)
        self.running = token
        token.run()

    def look_at_conditions(self) -> None:
        """Let conditional events see the variables as they are now."""
        self.changed = False
        if self.spec.has_conditions:
            for token in list(self.tasks.values()):
                if token.id in self.tasks and token.state == STARTED:
                    token.task_spec.look(token)

    @override
    def _task_completed_notify(self, task: Any) -> None:
        """Take the finished token out of the tree and tell the scope that contained it."""
        scope = task.parent
        self.remove(task.id)
        if scope is not None and scope.id in self.tasks:
            scope.task_spec.child_gone(scope, task)

    def remove(self, task_id: Any) -> None:
        """Take a token, with everything under it, out of the tree."""
        task = self.tasks.get(task_id)
        if task is not None:
            self.drop_children(task)
            task.parent.inner.remove(task_id)
            del self.tasks[task_id]

    _remove_task = remove

    def drop_children(self, task: Any) -> None:
        """Take everything under a token out of the tree."""
        stack = list(task.inner)
        while stack:
            stack.extend(self.tasks.pop(stack.pop()).inner)
        task.inner.clear()

    def cancel_token(self, token: Token) -> None:
        """Cancel a token with everything in it; its waits are closed unserved."""
        if token.id in self.tasks:
            token.task_spec.cancelled(token)
            self.remove(token.id)

    def decide(self, spec: Any, reference: DecisionRef, context: Mapping[str, Any]) -> Any:
        """Ask the outside for a decision, keep its trace, return its value as a variable."""
        answer = self.runtime.decide(reference.decision_id, reference, context)
        self.decisions.append(replace(answer, element=spec.name))
        return to_variable(answer.value)

    def abort(self) -> None:
        """End the instance at once, with everything in it."""
        for child in list(self.task_tree.children):
            self.cancel_token(child)
        self.completed = True

    @override
    def is_completed(self) -> bool:
        return bool(self.completed)

    @override
    def update_waiting_tasks(self) -> None:
        """Do nothing: only what a command or an event concerns is looked at."""

    @override
    def get_tasks_iterator(self, first_task: Any = None, **kwargs: Any) -> Iterator[Any]:
        """Walk all tokens without a depth limit."""
        state = kwargs.get("state", ANY_STATE)
        return iter([task for task in self.tasks.values() if task.has_state(state)])

    def serve(self, token: Token, missed: int = 0) -> None:
        """Note that a wait ended because what it waited for came."""
        self.served[token.id] = missed

    def closed(
        self, before: Mapping[int, tuple[str, str]], after: Mapping[int, Any]
    ) -> tuple[Closed, ...]:
        """Return the waits that are gone."""
        return tuple(
            Closed(token=token, element=element, kind=kind, completed=token in self.served,
                   missed=self.served.get(token, 0))
            for token, (element, kind) in before.items()
            if token not in after
        )  # fmt: skip
