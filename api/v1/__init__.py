"""What this product has and Camunda's API has not: lint, deployments of the editor, completions.

In the style of /v2; here unknown keys are refused (style sheet 9).
"""

from flask_smorest import Api

from api.v1 import (
    calendars,
    cases,
    channels,
    migrations,
    models,
    operations,
    policies,
    rain,
    rounds,
    schedules,
    tasks,
    templates,
    time,
)

BLUEPRINTS = (
    calendars.blueprint,
    cases.blueprint,
    channels.blueprint,
    migrations.blueprint,
    models.blueprint,
    operations.blueprint,
    policies.blueprint,
    rain.blueprint,
    rounds.blueprint,
    schedules.blueprint,
    tasks.blueprint,
    templates.blueprint,
    time.blueprint,
)


def init(api: Api) -> None:
    """Open the endpoints under /api/v1."""
    for blueprint in BLUEPRINTS:
        api.register_blueprint(blueprint)
