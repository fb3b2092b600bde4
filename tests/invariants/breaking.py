"""Each invariant broken on purpose: a diagram, table or form changed in a copy, or code replaced."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from engine import deadlines, tasks
from engine.deployments import Resource
from processes.rights import bars


@dataclass(frozen=True, slots=True, kw_only=True)
class Breaking:
    """One change that must not go unnoticed."""

    number: int
    name: str
    #: the process whose walks come near it
    walks: str
    #: the file that is changed, and what in it
    file: str = ""
    old: str = ""
    new: str = ""
    #: or what is replaced in the code
    patch: Callable[[pytest.MonkeyPatch], None] | None = None
    #: walks that came near it, taken before the others to save time
    first: tuple[int, ...] = ()

    def change(self, resource: Resource) -> bytes:
        """Return a file as this breaking wants it."""
        if resource.name != self.file:
            return resource.body
        text = resource.body.decode()
        if self.old not in text:
            raise LookupError(f"{self.file} says nothing like {self.old!r}")
        broken = text.replace(self.old, self.new)
        return re.sub(r"<bpmn:(incoming|outgoing)>.*?</bpmn:\1>", "", broken).encode()


def _blind(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let nobody know any more what money is."""
    monkeypatch.setattr(bars, "is_money", lambda _thing: False)


def _careless(monkeypatch: pytest.MonkeyPatch) -> None:
    """Route everything that was filled in, personal or not."""

    def everything(_run: Any, _form: Any, clean: dict[str, Any]) -> dict[str, Any]:
        return dict(clean)

    monkeypatch.setattr(tasks, "_routed", everything)


def _forgetful(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let limits forget what has happened to them."""
    monkeypatch.setattr(deadlines, "_behind", lambda _timer: {})


BREAKINGS = (
    Breaking(number=1, name="nobody asks for consent", first=(15,), walks="repair", file="repair/repair.bpmn",
             old='=payable = "paid" and consent = "',
             new='=payable = "paid" and consent = "not '),
    Breaking(number=1, name="work may begin before it", first=(2,), walks="repair",
             file="repair/R7_finish.form",
             old=" and (every t in [case.R5_quote.consent_at, case.R5c_consent.consent_at] "
                 "satisfies t = null or moment(t) <= started_at)", new=""),
    Breaking(number=2, name="money is no bar", first=(2,), walks="repair", patch=_blind),
    Breaking(number=3, name="keys before the sheet", walks="move_in", file="move_in/move_in.bpmn",
             old='sourceRef="G_result" targetRef="M6_accept"',
             new='sourceRef="G_result" targetRef="M7_handover"'),
    Breaking(number=3, name="a sheet without signature", walks="move_in",
             file="move_in/M6_accept.form",
             old='"key": "customer_sign",',
             new='"key": "customer_sign", "conditional": {"hide": "=1 = 1"},'),
    Breaking(number=4, name="two years prepaid", first=(7,), walks="move_in", file="move_in/M3_fees.form",
             old='"max": 12,', new='"max": 24,'),
    Breaking(number=5, name="nobody is told at night", first=(2,), walks="daily_cash",
             file="daily_cash/daily_cash.bpmn",
             old="=undeposited &gt; 0", new="=undeposited &gt; 1000000"),
    Breaking(number=6, name="two days for an urgent callback", first=(6,), walks="repair",
             file="callback/callback.dmn", old="PT24H", new="PT48H"),
    Breaking(number=6, name="working hours for an urgent callback", first=(6,), walks="repair",
             file="callback/callback.bpmn",
             old='<zeebe:property name="clock" value="calendar"/>',
             new='<zeebe:property name="clock" value="working"/>'),
    Breaking(number=6, name="the worker calls back", first=(3,), walks="repair", file="callback/callback.bpmn",
             old="T7b_verify,R7_finish", new="T7b_verify"),
    Breaking(number=6, name="the verifier calls back", first=(6,), walks="complaint",
             file="callback/callback.bpmn", old="T7b_verify,", new=""),
    Breaking(number=7, name="any rain counts", walks="repair", file="repair/repair.bpmn",
             old='=date(rain_day) &gt; local day(finished_at) and rain_level != "light"',
             new="=true"),
    Breaking(number=8, name="a calendar day for an oral answer", walks="complaint",
             file="complaint/complaint.bpmn", old='name="clock" value="working"',
             new='name="clock" value="calendar"'),
    Breaking(number=9, name="assigned all the same", first=(15,), walks="complaint",
             file="complaint/complaint.bpmn",
             old='=confirmed = "confirm"',
             new='=confirmed = "nothing"'),
    Breaking(number=10, name="leaders hear nothing", first=(4,), walks="complaint",
             file="complaint/complaint.bpmn",
             old='"company_forwarded", "leader_instruction", "gov_hotline"', new='"nobody"'),
    Breaking(number=11, name="carried out unasked", walks="complaint",
             file="complaint/complaint.bpmn", old='=customer_agrees = "agree"',
             new='=customer_agrees != "agree" or customer_agrees = "agree"'),
    Breaking(number=12, name="filed without a callback", walks="complaint",
             file="complaint/complaint.bpmn",
             old='sourceRef="G_verified" targetRef="T7_callback"',
             new='sourceRef="G_verified" targetRef="G_report"'),
    Breaking(number=13, name="no plan for too many", walks="community_event",
             file="community_event/E3_plan.form",
             old='"key": "plan_many",', new='"key": "plan_other",'),
    Breaking(number=13, name="published without a number", walks="community_event",
             file="community_event/E7_publicity.form",
             old='"check": "count(points) = 5"', new='"check": "count(points) > 0"'),
    Breaking(number=14, name="everything is routed", walks="complaint", patch=_careless),
    Breaking(number=15, name="what happened is forgotten", walks="complaint", patch=_forgetful),
)  # fmt: skip
