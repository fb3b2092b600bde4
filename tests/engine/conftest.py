"""The small company that the tests of the use cases play in."""

import pytest

from processes import policies
from tests.engine import stage


@pytest.fixture(scope="session", autouse=True)
def _ladders():
    policies.register()


@pytest.fixture
def people(database, hands, monkeypatch):
    """何静 (assistant), 周建国 (assistant and manager), 陆工 (worker) of 云景花园, by user name."""
    return stage.open_company(database, monkeypatch)
