"""What every resource of /v2 stands on: keys as strings, moments with zone, tenants, searches."""

import base64
import binascii
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from flask import current_app, request
from marshmallow import EXCLUDE, Schema, fields
from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import Session

from api import auth
from engine import idempotency
from engine.db import Database
from engine.errors import N_, InvalidInputError, NotFoundError
from engine.ports import COMPANY, Actor

#: Camunda's name for what belongs to no tenant: our company-wide definitions
DEFAULT_TENANT = "<default>"
MOST, USUAL = 1000, 100
#: beyond it a total is given as "at least"
COUNTED = 10_000


class Input(Schema):
    """A request body; unknown keys are ignored, as the API that we speak does."""

    class Meta:
        """Ignore what is not ours."""

        unknown = EXCLUDE


class PageIn(Input):
    """Which part of a result: from an offset, or behind or before a cursor."""

    offset = fields.Integer(data_key="from", load_default=0)
    limit = fields.Integer(load_default=USUAL)
    after = fields.String(load_default=None, allow_none=True)
    before = fields.String(load_default=None, allow_none=True)


class SortIn(Input):
    """One key of the order."""

    field = fields.String(required=True)
    order = fields.String(load_default="ASC")


class SearchIn(Input):
    """A search: filter, order, page."""

    filter = fields.Dict(keys=fields.String(), load_default=dict)
    sort = fields.List(fields.Nested(SortIn), load_default=list)
    page = fields.Nested(PageIn, load_default=lambda: PageIn().load({}))


class PageOut(Schema):
    """Where a page stands in its result."""

    totalItems = fields.Integer()
    hasMoreTotalItems = fields.Boolean()
    startCursor = fields.String(allow_none=True)
    endCursor = fields.String(allow_none=True)


def database() -> Database:
    """Return this application's database."""
    found: Database = current_app.extensions["database"]
    return found


def once(asked: Any, command: Callable[[Session], Any]) -> Any:
    """Run a command in one unit and return its answer, a JSON body or None.

    Under an Idempotency-Key used before, nothing is run and the answer of that time is returned.
    """
    return idempotency.run(
        database(), actor_key=auth.actor().key, key=request.headers.get("Idempotency-Key"),
        request=asked, command=lambda session: idempotency.Answer(200, command(session)),
    ).body  # fmt: skip


@contextmanager
def fields_named(**names: str) -> Iterator[None]:
    """Let a refusal say what is wrong at the names of the API, not at those of the engine."""
    try:
        yield
    except InvalidInputError as error:
        error.fields = {names.get(one, one): said for one, said in error.fields.items()}
        raise


def key(text: Any, name: str) -> int:
    """Read a key; what is no key names nothing."""
    given = str(text)
    if not (given.isascii() and given.isdigit() and len(given) <= 19):  # noqa: PLR2004 — 63 bits
        raise NotFoundError(N_("没有编号为 {key} 的{name}"), key=given[:40], name=name)
    return int(given)


def text(value: int | None) -> str | None:
    """Return a key as the API gives it."""
    return None if value is None else str(value)


def moment(value: datetime | None) -> str | None:
    """Return an instant as ISO 8601 in UTC with milliseconds."""
    if value is None:
        return None
    return value.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def tenant_out(tenant_id: str) -> str:
    """Return a tenant as the API names it."""
    return DEFAULT_TENANT if tenant_id == COMPANY else tenant_id


def tenant_in(actor: Actor, given: str | None) -> str:
    """Return the project that a command is for; who has one project need not name it."""
    if given and given != DEFAULT_TENANT:
        return given
    own = sorted(actor.tenants() - {COMPANY})
    if len(own) == 1:
        return own[0]
    raise InvalidInputError(
        N_("请用 tenantId 指明项目。"), fields={"tenantId": [N_("这里需要项目代号。")]}
    )


class Searchable:
    """A resource's rows: their columns by API name, and how a row is shown."""

    def __init__(
        self,
        columns: Mapping[str, Any],
        *,
        tie: Any,
        convert: Mapping[str, Callable[[Any], Any]] | None = None,
    ) -> None:
        self.columns, self._tie, self._convert = columns, tie, convert or {}

    def page(
        self,
        session: Session,
        query: Select[Any],
        asked: Mapping[str, Any],
        show: Callable[[Any], dict[str, Any]],
    ) -> dict[str, Any]:
        """Return a page of the rows that fit, as the API gives it.

        Keys come first: a database leaves out what `query` joins by LEFT JOIN until rows are shown.
        """
        fit = query.with_only_columns(self._tie)
        for name, wanted in asked["filter"].items():
            fit = fit.where(*self._conditions(name, wanted))
        counted = select(func.count()).select_from(fit.limit(COUNTED + 1).subquery())
        total = session.scalar(counted) or 0
        offset, limit = _window(asked["page"])
        order = self._order(asked["sort"])
        keys = session.scalars(fit.order_by(*order).offset(offset).limit(limit)).all()
        rows = session.execute(query.where(self._tie.in_(keys)).order_by(*order)).all()
        return {
            "items": [show(row) for row in rows],
            "page": {
                "totalItems": min(total, COUNTED),
                "hasMoreTotalItems": total > COUNTED,
                "startCursor": _cursor(offset) if rows else None,
                "endCursor": _cursor(offset + len(rows)) if rows else None,
            },
        }

    def _order(self, sort: Sequence[Mapping[str, str]]) -> list[Any]:
        order = []
        for one in sort:
            column = self._column(one["field"])
            order.append(column.desc() if one["order"].upper() == "DESC" else column.asc())
        return [*order, self._tie]

    def _column(self, name: str) -> Any:
        if name not in self.columns:
            raise InvalidInputError(
                N_("不能按 {name} 查询。"), name=name, fields={name: [N_("这里没有这个字段。")]}
            )
        return self.columns[name]

    def _conditions(self, name: str, wanted: Any) -> list[ColumnElement[bool]]:
        column, change = self._column(name), self._convert.get(name, _same)
        operators = wanted if isinstance(wanted, dict) else {"$eq": wanted}
        found = []
        for operator, operand in operators.items():
            if operator not in _OPERATORS:
                raise InvalidInputError(
                    N_("不认识运算符 {operator}。"), operator=operator,
                    fields={name: [N_("不认识这个运算符。")]},
                )  # fmt: skip
            found.append(_OPERATORS[operator](column, _changed(change, operator, operand, name)))
        return found


def _changed(change: Callable[[Any], Any], operator: str, operand: Any, name: str) -> Any:
    if operator in {"$exists", "$like"}:
        return operand
    try:
        if operator in {"$in", "$notIn"}:
            return [change(one) for one in operand]
        return change(operand)
    except (TypeError, ValueError) as error:
        raise InvalidInputError(
            N_("{name} 的值无效。"), name=name, fields={name: [N_("这个值无效。")]}
        ) from error


_OPERATORS: dict[str, Callable[[Any, Any], ColumnElement[bool]]] = {
    "$eq": lambda column, value: column == value,
    "$neq": lambda column, value: column != value,
    "$exists": lambda column, value: column.is_not(None) if value else column.is_(None),
    "$gt": lambda column, value: column > value,
    "$gte": lambda column, value: column >= value,
    "$lt": lambda column, value: column < value,
    "$lte": lambda column, value: column <= value,
    "$in": lambda column, value: column.in_(value),
    "$notIn": lambda column, value: column.not_in(value),
    "$like": lambda column, value: column.like(_like(str(value)), escape="\\"),
}


def _like(pattern: str) -> str:
    """Turn the API's wildcards * and ? into SQL's."""
    plain = pattern.replace("\\", "\\\\").replace("%", r"\%").replace("_", r"\_")
    return plain.replace("*", "%").replace("?", "_")


def _window(page: Mapping[str, Any]) -> tuple[int, int]:
    limit = max(1, min(page["limit"], MOST))
    if page["after"]:
        return _offset(page["after"]), limit
    if page["before"]:
        end = _offset(page["before"])
        return max(0, end - limit), min(limit, end) or 1
    return max(0, page["offset"]), limit


def _cursor(offset: int) -> str:
    return base64.urlsafe_b64encode(str(offset).encode()).decode()


def _offset(cursor: str) -> int:
    try:
        return int(base64.urlsafe_b64decode(cursor.encode()))
    except (binascii.Error, ValueError) as error:
        raise InvalidInputError(
            N_("游标无效，请从第一页开始。"), fields={"page": [N_("游标无效。")]}
        ) from error


def _same(value: Any) -> Any:
    return value


def to_moment(value: Any) -> datetime:
    """Read an instant of a filter."""
    found = datetime.fromisoformat(str(value))
    if found.tzinfo is None:
        raise ValueError("an instant carries its zone")
    return found
