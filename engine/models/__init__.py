"""The records the engine keeps; one class a table, no behaviour."""

from engine.models.base import Base, Instant, Json, Key, from_ms, to_ms
from engine.models.calendar import Calendar, CalendarDay, CalendarYear, Heartbeat
from engine.models.definition import Content, DecisionVersion, Definition, Deployment, FormVersion
from engine.models.exchange import (
    Broadcast,
    ClosedJob,
    Delivery,
    Message,
    MessageReceipt,
    StartLock,
    StartSubscription,
)
from engine.models.history import (
    Event,
    FactCase,
    FactStep,
    History,
    Idempotency,
    Incident,
)
from engine.models.identity import (
    Attempt,
    Membership,
    Notice,
    SignIn,
    Tenant,
    Token,
    User,
)
from engine.models.instance import Counter, Instance, InstanceState
from engine.models.links import CaseLink, LinkKind
from engine.models.load import Load, LoadLine, LoadState
from engine.models.outward import (
    Channel,
    Consent,
    DigestItem,
    MessageState,
    MessageTemplate,
    NoticeChoice,
    NoticeTimes,
    OwnerMessage,
    Rating,
)
from engine.models.owner_link import OwnerLink
from engine.models.planning import CalendarChange, DailyItem, Rain, Schedule, Summary
from engine.models.policy import Policy, PolicyEdition, RequestState, TimeRequest
from engine.models.seal import Seal, Sealed, Verification
from engine.models.submission import Draft, File, Submission
from engine.models.task import Task, TaskKind, TaskState
from engine.models.waiting import Job, JobState, Outbox, Subscription, Timer, TimerKind
from engine.models.word import Word

__all__ = [
    "Attempt", "Base", "Broadcast", "Calendar", "CalendarChange", "CalendarDay", "CalendarYear",
    "CaseLink", "Channel", "ClosedJob", "Consent", "Content", "Counter", "DailyItem",
    "DecisionVersion", "Definition", "Delivery", "Deployment", "DigestItem", "Draft", "Event",
    "FactCase", "FactStep", "File", "FormVersion", "Heartbeat", "History", "Idempotency",
    "Incident", "Instance", "InstanceState", "Instant", "Job", "JobState", "Json", "Key",
    "LinkKind", "Load", "LoadLine", "LoadState", "Membership", "Message", "MessageReceipt", "MessageState", "MessageTemplate",
    "Notice", "NoticeChoice", "NoticeTimes", "Outbox", "OwnerLink", "OwnerMessage", "Policy", "PolicyEdition",
    "Rain", "Rating", "RequestState", "Schedule", "Seal", "Sealed", "SignIn",
    "StartLock", "StartSubscription", "Submission", "Subscription", "Summary", "Task", "TaskKind",
    "TaskState", "Tenant", "TimeRequest", "Timer", "TimerKind", "Token", "User", "Verification",
    "Word", "from_ms", "to_ms",
]  # fmt: skip
