"""How Alembic reaches our database: on the connection that api.database hands over."""

from typing import Any, Literal

from alembic import context

from api.database import metadata
from engine.models import Instant, Json


def render(kind: str, thing: Any, _autogen: Any) -> str | Literal[False]:
    """Write our own column types as the plain ones that they are in the database."""
    if kind == "type" and isinstance(thing, Instant):
        return "sa.BigInteger()"
    if kind == "type" and isinstance(thing, Json):
        return "sa.Text()"
    return False


connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=metadata(),
    render_as_batch=connection.dialect.name == "sqlite",
    render_item=render,
    compare_type=False,
)
with context.begin_transaction():
    context.run_migrations()
