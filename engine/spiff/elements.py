"""What a diagram says, as frozen values: the only description of it that leaves this package."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class FormRef:
    """The form of a user task or a start event."""

    form_id: str
    binding: str = "latest"
    version_tag: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CallRef:
    """The process that a call activity starts."""

    process_id: str
    binding: str = "latest"
    version_tag: str | None = None
    propagate_all_parent_variables: bool = True
    propagate_all_child_variables: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionRef:
    """The decision that a business rule task asks."""

    decision_id: str
    result_variable: str
    binding: str = "latest"
    version_tag: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class JobDefinition:
    """Work for a handler or an external worker."""

    type: str
    retries: str = "3"
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class ScriptDefinition:
    """A FEEL expression whose result becomes a variable."""

    expression: str
    result_variable: str


@dataclass(frozen=True, slots=True, kw_only=True)
class VariableMapping:
    """`source` (FEEL with `=`, otherwise text) goes to the variable path `target`."""

    source: str
    target: str
    line: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EventDefinition:
    """One event definition of an event or a receive or send task.

    `kind` is none, message, signal, timer, error, escalation, terminate, cancel, compensation,
    link or conditional. `timer` is date, duration or cycle; `expression` is its text, or the
    condition of a conditional event.
    """

    kind: str
    #: of message, signal, link: the name; of error, escalation: the name for people
    name: str = ""
    code: str | None = None
    correlation_key: str | None = None
    timer: str = ""
    expression: str = ""
    #: the activity that a compensation event names
    activity: str | None = None
    line: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Loop:
    """Multi-instance (sequential or parallel) or standard loop characteristics."""

    kind: str
    cardinality: str | None = None
    input_collection: str | None = None
    input_element: str | None = None
    output_collection: str | None = None
    output_element: str | None = None
    completion_condition: str | None = None
    #: standard loop
    condition: str | None = None
    test_before: bool = False
    maximum: int | None = None
    #: all, one, none or complex, and the events thrown then
    behavior: str = "all"
    throws: tuple[tuple[str, EventDefinition], ...] = ()
    line: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Flow:
    """A sequence flow."""

    id: str
    source: str
    target: str
    name: str = ""
    condition: str | None = None
    line: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Element:
    """One flow node with everything that its diagram says about it; expressions are source text."""

    id: str
    type: str
    name: str = ""
    #: the process or sub-process that contains it
    scope: str = ""
    lane: str | None = None
    documentation: str = ""
    properties: Mapping[str, str] = field(default_factory=dict)
    incoming: tuple[str, ...] = ()
    outgoing: tuple[str, ...] = ()
    line: int | None = None
    form: FormRef | None = None
    assignee: str | None = None
    candidate_groups: str | None = None
    candidate_users: str | None = None
    due_date: str | None = None
    follow_up_date: str | None = None
    priority: str | None = None
    called: CallRef | None = None
    decision: DecisionRef | None = None
    job: JobDefinition | None = None
    #: task headers of a job or user task
    headers: Mapping[str, str] = field(default_factory=dict)
    script: ScriptDefinition | None = None
    inputs: tuple[VariableMapping, ...] = ()
    outputs: tuple[VariableMapping, ...] = ()
    events: tuple[EventDefinition, ...] = ()
    parallel_multiple: bool = False
    attached_to: str | None = None
    interrupting: bool = True
    #: the diagram says so, it is not just the default
    interrupts_in_words: bool = False
    default: str | None = None
    loop: Loop | None = None
    triggered_by_event: bool = False
    for_compensation: bool = False
    #: the activity that undoes this one (boundary compensation event) or the handler's host
    compensation_handler: str | None = None
    start_quantity: int = 1
    completion_quantity: int = 1
    instantiate: bool = False
    #: ad-hoc sub-process
    ordering: str = "Parallel"
    completion_condition: str | None = None
    cancel_remaining: bool = True
    active_elements: str | None = None
    #: complex gateway
    activation_condition: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """Where an expression stands, for checks over all of them."""

    element: str
    place: str
    source: str
    names: frozenset[tuple[str, ...]]
    line: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Process:
    """One executable process of a diagram."""

    id: str
    name: str = ""
    documentation: str = ""
    properties: Mapping[str, str] = field(default_factory=dict)
    version_tag: str | None = None
    elements: Mapping[str, Element] = field(default_factory=dict)
    flows: Mapping[str, Flow] = field(default_factory=dict)
    #: free top-level names of all expressions
    reads: frozenset[str] = frozenset()
    expressions: tuple[Usage, ...] = ()
    line: int | None = None

    @property
    def starts(self) -> tuple[Element, ...]:
        """Return what an instance may start with: start events, instantiating receive tasks."""
        return tuple(
            element for element in self.elements.values()
            if element.scope == self.id
            and (element.type == "startEvent" or (element.instantiate and not element.incoming))
        )  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """A parsed diagram, ready to run; shared by all instances, never changed."""

    hash: str
    processes: Mapping[str, Process]
    #: how this package runs each process; opaque to everyone else
    runnable: Mapping[str, Any] = field(default_factory=dict, repr=False, compare=False)
