"""A running installation, and clients of each role for it."""

from collections.abc import Callable, Iterator

import pytest
from camunda_orchestration_sdk import CamundaClient
from flask.testing import FlaskClient

from api import tokens
from tests.browser.house import PASSWORD, House


@pytest.fixture
def house(tmp_path) -> Iterator[House]:
    """An installation on a free port, its clock on Monday morning."""
    opened = House(tmp_path)
    tokens.forget()
    yield opened
    opened.close()


@pytest.fixture
def camunda(house: House) -> Iterator[Callable[[str], CamundaClient]]:
    """Official clients by user name."""
    opened: dict[str, CamundaClient] = {}

    def client(username: str) -> CamundaClient:
        if username not in opened:
            opened[username] = CamundaClient(
                {
                    "CAMUNDA_REST_ADDRESS": house.url,
                    "CAMUNDA_AUTH_STRATEGY": "BASIC",
                    "CAMUNDA_BASIC_AUTH_USERNAME": username,
                    "CAMUNDA_BASIC_AUTH_PASSWORD": PASSWORD,
                }
            )
        return opened[username]

    yield client
    for one in opened.values():
        one.close()


class Machine:
    """A test client that sends a person's Basic credentials."""

    def __init__(self, client: FlaskClient, username: str) -> None:
        self._client, self._auth = client, (username, PASSWORD)

    def __call__(self, method: str, path: str, **more):
        return self._client.open(path, method=method, auth=self._auth, **more)

    def get(self, path: str, **more):
        return self("GET", path, **more)

    def patch(self, path: str, json=None, **more):
        return self("PATCH", path, json={} if json is None else json, **more)

    def put(self, path: str, json=None, **more):
        return self("PUT", path, json={} if json is None else json, **more)

    def post(self, path: str, json=None, **more):
        return self("POST", path, json={} if json is None else json, **more)


@pytest.fixture
def machine(house: House) -> Callable[[str], Machine]:
    """A client by user name, without a socket."""
    return lambda username: Machine(house.app.test_client(use_cookies=False), username)
