"""Tells those who moved up from a waiting list that they have a seat now."""

from collections.abc import Iterable
from datetime import datetime

from sqlmodel import Session

from models.open_class import Enrolment, OpenClass, subject_of
from models.outbox import OutboxKind, enqueue


def tell_moved_up(session: Session, moved: Iterable[Enrolment], *, now: datetime) -> None:
    """Tell everybody who moved up: at once where WeChat allows it, else with their next message."""
    for place in moved:
        wanted = session.get_one(OpenClass, place.class_id)
        link = f"到点点这里听课：{wanted.join_url}" if wanted.join_url else ""
        enqueue(
            session,
            contact_id=place.contact_id,
            body=f"您排队的公开课《{wanted.title}》有位子了，已给您报上。{link}",
            kind=OutboxKind.NOTICE,
            now=now,
            not_after=wanted.ends_at,
            subject=subject_of(wanted.id),
        )
