"""Contacts who need somebody and volunteers who help, put straight into a database."""

from datetime import datetime

from sqlmodel import Session

from models.contact import Contact
from models.ticket import Ticket, TicketKind, open_ticket
from models.volunteer import Role, Skill, Volunteer, VolunteerSkill


def add_volunteer(
    session: Session,
    name: str,
    *skills: Skill,
    now: datetime,
    role: Role = Role.VOLUNTEER,
    max_active: int = 1,
) -> int:
    """Store somebody who helps, and return their id."""
    volunteer = Volunteer(
        username=name,
        name=name,
        display_name=name,
        role=role,
        password_hash="x",
        max_active=max_active,
        created_at=now,
    )
    session.add(volunteer)
    session.flush()
    volunteer_id = volunteer.id or 0
    session.add_all(VolunteerSkill(volunteer_id=volunteer_id, skill=skill) for skill in skills)
    session.flush()
    return volunteer_id


def add_contact(session: Session, openid: str, *, now: datetime) -> int:
    """Store a follower and return their id."""
    contact = Contact(openid=openid, first_seen_at=now, last_message_at=now)
    session.add(contact)
    session.flush()
    return contact.id or 0


def add_ticket(
    session: Session,
    openid: str,
    *,
    now: datetime,
    kind: TicketKind = TicketKind.LAWYER,
    risk: int = 0,
) -> Ticket:
    """Let a new follower ask for somebody."""
    contact_id = add_contact(session, openid, now=now)
    return open_ticket(
        session, contact_id=contact_id, kind=kind, summary=openid, risk=risk, now=now
    )
