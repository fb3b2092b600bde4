"""The words under which cases are found."""

from sqlalchemy.orm import Mapped, mapped_column

from engine.models.base import Base, Blob, Key


class Word(Base):
    """One word of one case: two Chinese characters, a number, a name (engine.search)."""

    __tablename__ = "word"
    __table_args__ = {"sqlite_with_rowid": False}  # noqa: RUF012 — SQLAlchemy's own protocol

    #: UTF-8, so that both databases order it by bytes and find beginnings in the index
    word: Mapped[bytes] = mapped_column(Blob, primary_key=True)
    root_key: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=False)
    tenant_id: Mapped[str]
    #: found only by who may see personal data of the project
    personal: Mapped[bool]
