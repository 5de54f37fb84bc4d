"""Keeps the compiled knowledge in step with the database, in every running process."""

import threading
from datetime import datetime, timedelta

import structlog
from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import col, select

from knowledge.engine import Engine
from knowledge.retrieval import FaqDocument
from models.database import Database
from models.faq import FAQ_CONTENT, ContentVersion, FaqEntry

log = structlog.get_logger()

CHECK_EVERY = timedelta(seconds=5)
"""A change of the FAQ is seen within this time (design: at most ten seconds)."""


class LiveKnowledge:
    """Hands out the engine for now; compiles the FAQ again when its version row has moved."""

    def __init__(self, *, engine: Engine, database: Database) -> None:
        self._plain = engine
        self._engine = engine
        self._database = database
        self._version = -1
        self._checked_at: datetime | None = None
        self._compiling = threading.Lock()

    def engine(self, now: datetime) -> Engine:
        """Return the engine; one thread compiles while the others go on with the former one."""
        if self._is_fresh(now) or not self._compiling.acquire(blocking=self._version < 0):
            return self._engine
        try:
            if not self._is_fresh(now):
                self._refresh_or_keep()
                self._checked_at = now
        finally:
            self._compiling.release()
        return self._engine

    @property
    def is_loaded(self) -> bool:
        """Tell whether the FAQ has been compiled at least once."""
        return self._version >= 0

    def _is_fresh(self, now: datetime) -> bool:
        return self._checked_at is not None and abs(now - self._checked_at) < CHECK_EVERY

    def _refresh_or_keep(self) -> None:
        """Compile what has changed; content that does not compile leaves the former in place."""
        try:
            self._refresh()
        except SQLAlchemyError:
            raise
        except Exception:
            if self._version < 0:
                raise
            log.exception("knowledge_not_compiled")

    def _refresh(self) -> None:
        with self._database.reading() as connection:
            version = _faq_version(connection)
            if version != self._version:
                self._engine = self._plain.with_faq(_documents(connection))
        self._version = version


def _faq_version(connection: Connection) -> int:
    row = connection.execute(
        select(ContentVersion.version).where(ContentVersion.name == FAQ_CONTENT)
    ).first()
    return row[0] if row is not None else 0


def _documents(connection: Connection) -> list[FaqDocument]:
    rows = connection.execute(
        select(FaqEntry.id, FaqEntry.question, FaqEntry.similar, FaqEntry.answer).order_by(
            col(FaqEntry.id)
        )
    )
    return [
        FaqDocument(id=row.id, question=row.question, similar=tuple(row.similar), answer=row.answer)
        for row in rows
    ]
