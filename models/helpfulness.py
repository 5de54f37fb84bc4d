"""Which answers did not help: counted by answer, without a trace of who said so."""

from datetime import datetime

from sqlalchemy import update
from sqlalchemy.exc import IntegrityError
from sqlmodel import Field, Session, SQLModel, col, select

from models.columns import UtcDateTime
from models.faq import FaqEntry


class AnswerFeedback(SQLModel, table=True):
    """How often people said that an answer did not help; `ref` is the topic's id of the answer."""

    __tablename__ = "answer_feedback"

    topic: str = Field(primary_key=True, max_length=32)
    ref: str = Field(primary_key=True, max_length=64)
    unhelpful: int = 0
    last_at: datetime = Field(sa_type=UtcDateTime)


class UnhelpfulAnswer(SQLModel):
    """One line of the list for the people who write answers; `title` is empty where it is gone."""

    topic: str
    ref: str
    title: str
    unhelpful: int
    last_at: datetime


def count_unhelpful(session: Session, *, topic: str, ref: str, now: datetime) -> None:
    """Count that an answer did not help."""
    if _add_one(session, topic=topic, ref=ref, now=now):
        return
    try:
        with session.begin_nested():
            session.add(AnswerFeedback(topic=topic, ref=ref, unhelpful=1, last_at=now))
    except IntegrityError:  # somebody else was the first in this very moment
        _add_one(session, topic=topic, ref=ref, now=now)


def list_unhelpful(session: Session, *, limit: int = 50) -> list[UnhelpfulAnswer]:
    """Return the answers that helped least, the most often named first."""
    rows = session.exec(
        select(AnswerFeedback, FaqEntry.question)
        .join(FaqEntry, col(FaqEntry.id) == col(AnswerFeedback.ref), isouter=True)
        .order_by(col(AnswerFeedback.unhelpful).desc(), col(AnswerFeedback.last_at).desc())
        .limit(limit)
    )
    return [
        UnhelpfulAnswer(
            topic=row.topic,
            ref=row.ref,
            title=question or "",
            unhelpful=row.unhelpful,
            last_at=row.last_at,
        )
        for row, question in rows
    ]


def _add_one(session: Session, *, topic: str, ref: str, now: datetime) -> bool:
    counted = session.connection().execute(
        update(AnswerFeedback)
        .where(col(AnswerFeedback.topic) == topic, col(AnswerFeedback.ref) == ref)
        .values(unhelpful=AnswerFeedback.unhelpful + 1, last_at=now)
    )
    return counted.rowcount == 1
