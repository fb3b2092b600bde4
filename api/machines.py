"""The side for machines: both APIs, their tokens, and their description in OpenAPI 3.1."""

from functools import partial

from flask import Flask
from flask_smorest import Api

from api import tokens, v1, v2
from api.auth import anyone


def init(app: Flask) -> None:
    """Open /v2 and /api/v1 and describe them at /api/openapi.json."""
    app.config.update(
        API_TITLE="物业流 WuyeFlow",
        API_VERSION="2",
        OPENAPI_VERSION="3.1.0",
        OPENAPI_URL_PREFIX="/api",
        OPENAPI_JSON_PATH="openapi.json",
        API_SPEC_OPTIONS={
            "info": {"description": "任务、案件与流程定义；/v2 沿用 Camunda 8 的名称与载荷。"},
            "security": [{"bearer": []}, {"basic": []}],
        },
    )
    tokens.init()
    api = Api(app)
    api.spec.components.security_scheme("bearer", {"type": "http", "scheme": "bearer"})
    api.spec.components.security_scheme("basic", {"type": "http", "scheme": "basic"})
    api.spec.components.schema("Problem", v2.problem_schema())
    v2.init(api)
    v1.init(api)
    described = app.view_functions["api-docs.openapi_json"]
    app.view_functions["api-docs.openapi_json"] = anyone(partial(described))
