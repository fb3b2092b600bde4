"""What is deployed: deployments and the versions of diagrams, forms and decisions in them."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from engine.models.base import Base, Blob, Instant, Json, Key


class Deployment(Base):
    """Resources put in force together; what is deployed together belongs together."""

    __tablename__ = "deployment"

    key: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=False)
    tenant_id: Mapped[str]
    name: Mapped[str | None]
    deployed_at: Mapped[datetime] = mapped_column(Instant)
    deployed_by: Mapped[int] = mapped_column(Key)


class Content(Base):
    """The bytes of a resource, kept once under their SHA-256."""

    __tablename__ = "content"

    hash: Mapped[str] = mapped_column(primary_key=True)
    body: Mapped[bytes] = mapped_column(Blob)


class _Version:
    """What versions of diagrams, forms and decisions have in common."""

    key: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=False)
    tenant_id: Mapped[str]
    version: Mapped[int]
    version_tag: Mapped[str | None]
    name: Mapped[str | None]
    resource: Mapped[str]
    hash: Mapped[str]


class Definition(_Version, Base):
    """One version of an executable process of a diagram."""

    __tablename__ = "definition"
    __table_args__ = (UniqueConstraint("process_id", "tenant_id", "version"),)

    process_id: Mapped[str]
    deployment_key: Mapped[int] = mapped_column(ForeignKey("deployment.key"), index=True)
    #: variables that expressions of the process and its decisions read (decision 8)
    routed: Mapped[list[str]] = mapped_column(Json)
    #: element id -> key of the form version that a step opens with, where it is pinned here
    bindings: Mapped[dict[str, Any]] = mapped_column(Json)
    deployed_at: Mapped[datetime] = mapped_column(Instant)


class FormVersion(_Version, Base):
    """One version of a form."""

    __tablename__ = "form"
    __table_args__ = (UniqueConstraint("form_id", "tenant_id", "version"),)

    form_id: Mapped[str]
    deployment_key: Mapped[int] = mapped_column(ForeignKey("deployment.key"), index=True)


class DecisionVersion(_Version, Base):
    """One version of a decision of a DMN file."""

    __tablename__ = "decision"
    __table_args__ = (UniqueConstraint("decision_id", "tenant_id", "version"),)

    decision_id: Mapped[str]
    requirements_id: Mapped[str]
    deployment_key: Mapped[int] = mapped_column(ForeignKey("deployment.key"), index=True)


Index("ix_content_definition_hash", Definition.hash)
