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
    RatingLink,
)
from engine.models.planning import CalendarChange, DailyItem, Rain, Schedule, Summary
from engine.models.seal import Seal, Sealed, Verification
from engine.models.policy import Policy, PolicyEdition, RequestState, TimeRequest
from engine.models.submission import Draft, File, Submission
from engine.models.task import Task, TaskKind, TaskState
from engine.models.word import Word
from engine.models.waiting import Job, JobState, Outbox, Subscription, Timer, TimerKind

__all__ = [
    "CaseLink", "LinkKind",
    "Channel", "Consent", "DigestItem", "MessageState", "MessageTemplate", "NoticeChoice",
    "NoticeTimes", "OwnerMessage", "Rating", "RatingLink",
    "Broadcast", "ClosedJob", "Delivery", "Message", "MessageReceipt", "StartLock",
    "StartSubscription",
    "Policy", "PolicyEdition", "RequestState", "TimeRequest",
    "Attempt", "Base", "Calendar", "CalendarChange", "CalendarDay", "DailyItem", "Rain", "Schedule", "Summary", "CalendarYear", "Content", "Counter", "DecisionVersion",
    "Definition", "Deployment", "Draft", "Event", "FactCase", "FactStep", "File", "FormVersion",
    "Heartbeat", "History", "Idempotency", "Incident", "Instance", "InstanceState", "Instant",
    "Job", "JobState", "Json", "Key", "Membership", "Notice", "Outbox", "Seal", "Sealed", "SignIn", "Submission",
    "Subscription", "Task", "TaskKind", "TaskState", "Tenant", "Timer", "TimerKind", "Token",
    "User", "Verification", "from_ms", "to_ms",
]  # fmt: skip
