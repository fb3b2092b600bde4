"""A furnished house without a browser, and people with a client each."""

import re
from collections.abc import Callable, Iterator

import pytest
from flask.testing import FlaskClient

from tests.browser.house import PASSWORD, House

_TOKEN = re.compile(r'name="csrf-token" content="([^"]+)"')

Client = Callable[[str], FlaskClient]


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    opened = House(tmp_path_factory.mktemp("house"))
    yield opened
    opened.close()


@pytest.fixture(autouse=True)
def _as_it_was(request: pytest.FixtureRequest) -> Iterator[None]:
    """Give every test of a module the house as the module furnished it, in whatever order."""
    if "house" not in request.fixturenames:
        yield
        return
    house = request.getfixturevalue("house")
    kept, moment = house.keep(), house.moment
    yield
    house.put_back(kept, moment)


def token(client: FlaskClient, path: str = "/account") -> str:
    """Return the token that the page gives out for unsafe requests."""
    found = _TOKEN.search(client.get(path).text)
    assert found is not None
    return found[1]


def sign_in(client: FlaskClient, username: str, password: str = PASSWORD):
    form = {"username": username, "password": password, "csrf_token": token(client, "/sign-in")}
    return client.post("/sign-in", data=form)


@pytest.fixture
def signed_in(house: House) -> Client:
    def enter(username: str) -> FlaskClient:
        client = house.app.test_client()
        assert sign_in(client, username).status_code == 303
        return client

    return enter
