"""Links by which an owner looks at one case and acts in it without an account."""

from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from engine.models.base import Base, Instant, Json, Key


class OwnerLink(Base):
    """A link to one case; only the hash of its token is here, and nothing about its holder."""

    __tablename__ = "owner_link"

    key: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=False)
    tenant_id: Mapped[str]
    #: the case itself, never one that it called
    instance_key: Mapped[int] = mapped_column(Key, index=True)
    token_hash: Mapped[str] = mapped_column(unique=True)
    #: what its holder may do beyond looking: quote, sign, questionnaire, rate, urge, reopen
    purposes: Mapped[list[str]] = mapped_column(Json)
    created_at: Mapped[datetime] = mapped_column(Instant)
    #: 0: the engine, with a message to the owner
    by: Mapped[int] = mapped_column("created_by", Key)
    expires_at: Mapped[datetime] = mapped_column(Instant)
    revoked_at: Mapped[datetime | None] = mapped_column(Instant)
    revoked_by: Mapped[int | None] = mapped_column(Key)
    #: when the page was opened last, and how often something was done through it
    opened_at: Mapped[datetime | None] = mapped_column(Instant)
    uses: Mapped[int] = mapped_column(default=0)
