"""A complaint walks through warning, overdue, ladder, pause and extension; the page tells it all."""

import re
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from engine import accounts, history, identity, tasks
from engine.models import Event, Task, TaskKind
from engine.testing import settle
from processes import policies
from tests.browser.conftest import JUDGE
from tests.browser.house import House
from tests.pages.conftest import Client, sign_in, token

_TIMED = {Event.WARNED, Event.OVERDUE, Event.ESCALATED}


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo("Asia/Shanghai"))


@pytest.fixture
def house(tmp_path):
    opened = House(tmp_path)
    with opened.time(), opened.database.begin() as session:
        policies.seed(session)
    yield opened
    opened.close()


@pytest.fixture
def signed_in(house: House) -> Client:
    def enter(username: str):
        client = house.app.test_client()
        assert sign_in(client, username).status_code == 303
        return client

    return enter


def later(house: House, moment: str) -> None:
    """Let the clock go on in steps of half an hour, as the clockwork would see it."""
    with house._at_work:
        until = local(moment)
        while house.moment < until:
            house.moment = min(until, house.moment + timedelta(minutes=30))
            with house.time():
                settle(house.database)


def post(client, path: str, **form: str):
    answer = client.post(path, data={**form, "csrf_token": token(client)})
    assert answer.status_code == 303, answer.text
    return answer


def the(house: House, case: int) -> Task:
    with house.database.read() as session:
        found = [t for t in session.query(Task).filter_by(root_key=case, state="open")
                 if t.kind == TaskKind.USER]  # fmt: skip
        session.expunge_all()
    return found[0]


def walked(house: House, assistant, manager) -> tuple[int, Task]:
    """Walk a complaint's third step through all that can happen to its limit."""
    case = house.case(JUDGE, at="2026-11-23T10:20+08:00")
    step = the(house, case)
    assert (step.element, step.due_at) == ("T3_investigate", local("2026-11-24 10:30"))
    house.moment = local("2026-11-23 10:30")
    with house.time(), house.database.begin() as session:
        actor = identity.actor(session, identity.resolve(session, "yj-cs_assistant"))
        tasks.claim(session, actor, step.key)
        tasks.read(session, actor, step.key)

    later(house, "2026-11-23 11:00")
    until = "2026-11-23T14:00"
    post(assistant, f"/cases/{case}/pause", code="customer", text="等业主回电", until=until)
    later(house, "2026-11-23 12:00")
    post(assistant, f"/cases/{case}/resume")
    later(house, "2026-11-24 18:00")  # overdue at 11:30, 150 % at 17:00
    until = "2026-11-25T18:00"
    post(assistant, f"/tasks/{step.key}/extension", until=until, text="资料下午才到")
    asked = re.search(r"/time-requests/(\d+)", manager.get("/time-requests").text)
    assert asked is not None
    post(manager, f"/time-requests/{asked[1]}", verdict="grant", answer="同意")
    later(house, "2026-12-03 15:00")  # 300 % of the extended limit at 14:00
    return case, step


def test_the_account_on_the_page_equals_history_row_by_row(house: House, signed_in: Client):
    assistant, manager = signed_in("yj-cs_assistant"), signed_in("yj-cs_manager")

    case, step = walked(house, assistant, manager)

    page = assistant.get(f"/cases/{case}/time").text
    with house.database.read() as session:
        task = session.get_one(Task, step.key)
        account = accounts.of_task(session, task)
        rows = [r for r in history.of(session, case) if r.task_key == step.key
                or r.kind in {Event.PAUSED, Event.RESUMED}]  # fmt: skip
        fired = [(r.kind, r.data.get("percent")) for r in rows if r.kind in _TIMED]
    first = page.split("逐段说明")[1]
    shown = re.findall(r'data-row="(\d+)-(\d+)"', first)
    assert shown == [(str(r.instance_key), str(r.seq)) for r in rows]
    assert account.agrees
    assert account.due == task.due_at == local("2026-11-25 18:00")
    assert fired == [
        (Event.WARNED, 80), (Event.OVERDUE, None), (Event.ESCALATED, 100),
        (Event.ESCALATED, 150), (Event.ESCALATED, 300),
    ]  # fmt: skip
    assert "暂停：待客户答复" in page
    assert "经批准延期" in page
    assert "由经过和日历重新推算，与记录一致" in page
