"""The commands of whoever keeps an installation: history, projects, tokens."""

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import select, update

from api.cli import cli
from api.database import migrate
from engine import history, identity, seals
from engine.db import Database
from engine.models import Event, History, Tenant, Token
from engine.ports import COMPANY
from tests.engine import cases_in_rows as rows


@pytest.fixture
def installation(tmp_path, monkeypatch, hands) -> Database:
    """An installation in its folder, with one sealed case and one person."""
    monkeypatch.setenv("WUYEFLOW_FOLDER", str(tmp_path))
    identity.use_password_cost(time_cost=1, memory_kib=64)
    database = Database(f"sqlite:///{tmp_path}/wuyeflow.db")
    migrate(database)
    with database.begin() as session:
        rows.company(session, monkeypatch)
        case = rows.case(session)
        for _ in range(3):
            history.add(session, case.key, Event.NOTICE, 0, element="T1_record")
    from api import keys

    seals.run(database, keys.keyring(tmp_path), copies=tmp_path / "seals")
    yield database
    database.close()


def run(*words: str) -> Result:
    return CliRunner().invoke(cli, list(words), catch_exceptions=True)


def test_verify_says_that_everything_fits(installation):
    result = run("verify")

    assert result.exit_code == 0
    assert result.output == "==> 案件 1，事件 3，签封 1，对不上 0 处\n"


def test_verify_names_the_first_broken_row(installation):
    with installation.begin() as session:
        session.execute(update(History).where(History.seq == 2).values(actor=4711))

    result = run("verify")

    assert result.exit_code == 1
    assert result.output.splitlines()[0] == (
        "TS-1\t2\tT1_record\tevent\t第 2 件事的散列对不上：这里被改动、删除或插入过"
    )


def test_a_project_is_added_and_renamed(installation):
    assert run("project", "hy", "和园").exit_code == 0
    assert run("project", "hy", "和园二期", "--zone", "Asia/Urumqi").exit_code == 0

    with installation.read() as session:
        row = session.get_one(Tenant, "hy")
        assert (row.name, row.zone) == ("和园二期", "Asia/Urumqi")


@pytest.mark.parametrize(
    "words",
    [("HY", "和园"), ("和园", "和园"), ("h", "x"), (COMPANY, "x"), ("hy", " "),
     ("hy", "和园", "--zone", "Mars/Olympus")],
)  # fmt: skip
def test_a_wrong_project_is_refused(installation, words):
    assert run("project", *words).exit_code != 0

    with installation.read() as session:
        assert set(session.scalars(select(Tenant.tenant_id))) == {"yj", "lh"}


def test_tokens_are_issued_listed_and_taken_back(installation):
    secret = run("token", "an", "gate", "--days", "30").output.strip()
    assert secret.startswith("wf_")
    assert run("token", "an").output.startswith("gate\t2026-11-23\t-\t2026-12-23")

    assert run("token", "an", "gate", "--revoke").output == "==> 已收回 1 个\n"

    with installation.read() as session:
        assert session.scalars(select(Token)).all() == []
    assert run("token", "an", "gate", "--revoke").exit_code != 0
