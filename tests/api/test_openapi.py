"""The description of both APIs is valid OpenAPI 3.1, and complete enough to write a client from."""

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from api.app import create_app
from api.settings import Settings


@pytest.fixture(scope="module")
def described(tmp_path_factory):
    folder = tmp_path_factory.mktemp("openapi")
    app = create_app(Settings(database_url="sqlite://", folder=folder))
    return app.test_client().get("/api/openapi.json").json


def test_the_description_is_valid_openapi(described):
    assert described["openapi"] == "3.1.0"
    assert [error.message for error in OpenAPIV31SpecValidator(described).iter_errors()] == []


def test_every_command_of_our_own_says_what_it_takes_and_answers(described):
    silent = []
    for path, methods in described["paths"].items():
        for method, told in methods.items():
            if path.startswith("/api/v1") and method != "parameters":
                answers = [str(one) for one in told["responses"] if str(one).startswith("2")]
                if not told.get("summary") or not answers:
                    silent.append(f"{method} {path}")

    assert silent == []


def test_no_answer_about_channels_has_a_place_for_a_secret(described):
    schemas = described["components"]["schemas"]
    places = {name: set(one.get("properties", ())) for name, one in schemas.items()}

    assert places["ChannelOut"] & {"secret", "url", "sealed"} == set()
    assert {"secret", "url"} <= places["ChannelIn"]
