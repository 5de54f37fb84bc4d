"""Keeps the compiled knowledge in step with the database, in every running process."""

import threading
from datetime import datetime, timedelta

import structlog
from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import col, select

from knowledge.engine import Engine
from knowledge.retrieval import FaqDocument
from knowledge.statutes import document_id
from models.database import Database
from models.faq import FAQ_CONTENT, ContentVersion, FaqEntry
from models.statute import LAW_CONTENT, StatuteArticle

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
        self._law_version = 0
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
    def current(self) -> Engine:
        """Return the engine as it is, without asking the database whether there is a newer one."""
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
            versions = _versions(connection)
            law_version, version = versions.get(LAW_CONTENT, 0), versions.get(FAQ_CONTENT, 0)
            if law_version != self._law_version:
                self._plain = self._plain.with_laws(_articles(connection))
            if (version, law_version) != (self._version, self._law_version):
                self._engine = self._plain.with_faq(_documents(connection))
        self._version, self._law_version = version, law_version


def _versions(connection: Connection) -> dict[str, int]:
    rows = connection.execute(select(ContentVersion.name, ContentVersion.version))
    return {row.name: row.version for row in rows}


def _articles(connection: Connection) -> list[FaqDocument]:
    rows = connection.execute(
        select(StatuteArticle.statute, StatuteArticle.article, StatuteArticle.text).order_by(
            col(StatuteArticle.statute), col(StatuteArticle.article)
        )
    )
    return [FaqDocument(document_id(r.statute, r.article), r.statute, (), r.text) for r in rows]


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
