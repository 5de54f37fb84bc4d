"""Tells those who moved up from a waiting list that they have a seat now."""

from collections.abc import Iterable
from datetime import datetime

from sqlmodel import Session

from models.open_class import Enrolment, OpenClass
from models.outbox import OutboxMessage, OutboxStatus


def tell_moved_up(session: Session, moved: Iterable[Enrolment], *, now: datetime) -> None:
    """Leave a word for everybody who moved up; they read it with their next message.

    Not every account may send by itself.
    """
    for place in moved:
        wanted = session.get_one(OpenClass, place.class_id)
        link = f"到点点这里听课：{wanted.join_url}" if wanted.join_url else ""
        session.add(
            OutboxMessage(
                contact_id=place.contact_id,
                status=OutboxStatus.PARKED,
                body=f"您排队的公开课《{wanted.title}》有位子了，已给您报上。{link}",
                created_at=now,
                not_after=wanted.ends_at,
            )
        )
