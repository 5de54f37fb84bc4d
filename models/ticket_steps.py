"""What every change of hands is made of: locks in one order, one conditional UPDATE, an event.

The order of locks is volunteer, contact, ticket. The lock of the contact is the one that each of
their messages takes too: a claim comes wholly before a message or wholly after it, so that the
machine never answers over a person.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, update
from sqlmodel import Session, SQLModel, col, select

from models.ageing import priority_since
from models.contact import Contact
from models.taking import Refusal
from models.ticket import IN_HANDS, Ticket, TicketState
from models.volunteer import Volunteer


class FlowError(Exception):
    """A ticket could not go the way that was wished; nothing was changed."""


class ClaimLostError(FlowError):
    """Another volunteer was quicker; `winner` is the name that contacts see."""

    def __init__(self, winner: str) -> None:
        super().__init__(winner)
        self.winner = winner


class ClaimRefusedError(FlowError):
    """The volunteer cannot take this ticket, or nobody can."""

    def __init__(self, reason: Refusal) -> None:
        super().__init__(reason.value)
        self.reason = reason


class NotHolderError(FlowError):
    """The ticket is not, or no longer, in the hands of this volunteer."""


class StaleTicketError(FlowError):
    """The ticket has changed since the volunteer looked at it."""


class NotAllowedError(FlowError):
    """This person may not do that, or not with a ticket in this state."""


def lock_volunteer(session: Session, volunteer_id: int) -> None:
    """Let one step of a volunteer wait for the other: what they hold is counted under this lock."""
    session.exec(
        select(Volunteer.id).where(Volunteer.id == volunteer_id).with_for_update(key_share=True)
    ).one()


def lock_ticket(session: Session, ticket_id: int) -> Ticket:
    """Lock the contact of a ticket and return the ticket as it is then.

    Raises NoResultFound where there is no such ticket.
    """
    contact_id = session.exec(select(Ticket.contact_id).where(Ticket.id == ticket_id)).one()
    lock_contact(session, contact_id)
    return reread(session, ticket_id)


def lock_contact(session: Session, contact_id: int) -> None:
    """Lock a contact, as each of their messages does."""
    session.exec(
        select(Contact.id).where(Contact.id == contact_id).with_for_update(key_share=True)
    ).one()


def reread(session: Session, ticket_id: int) -> Ticket:
    """Return the ticket as it is stored now."""
    return session.exec(
        select(Ticket).where(Ticket.id == ticket_id).execution_options(populate_existing=True)
    ).one()


def change(
    session: Session,
    model: type[SQLModel],
    row_id: int | None,
    *conditions: ColumnElement[bool],
    values: Mapping[str, Any],
) -> bool:
    """Change one row if all conditions hold; tell whether it was changed."""
    session.flush()  # the statement passes by what the session still holds back
    id_column: ColumnElement[int] = model.id  # type: ignore[attr-defined]
    changed = session.connection().execute(
        update(model).where(id_column == row_id, *conditions).values(**values)
    )
    return changed.rowcount == 1


def change_held(
    session: Session,
    before: Ticket,
    *,
    volunteer_id: int,
    version: int | None,
    values: Mapping[str, Any],
    states: Iterable[TicketState] = IN_HANDS,
) -> Ticket:
    """Change a ticket that this volunteer holds, at the version that they saw.

    Raises NotHolderError or StaleTicketError.
    """
    changed = change(
        session,
        Ticket,
        before.id,
        col(Ticket.volunteer_id) == volunteer_id,
        col(Ticket.state).in_(tuple(states)),
        col(Ticket.version) == (before.version if version is None else version),
        values={"version": col(Ticket.version) + 1, **values},
    )
    if changed:
        return reread(session, before.id or 0)
    if before.volunteer_id == volunteer_id and version not in {None, before.version}:
        raise StaleTicketError
    raise NotHolderError


def held_values(volunteer_id: int, *, now: datetime, lease: datetime) -> dict[str, Any]:
    """Return what a ticket becomes in the hands of a volunteer whose turn it is."""
    return {
        "state": TicketState.HUMAN,
        "volunteer_id": volunteer_id,
        "claimed_at": now,
        "lease_until": lease,
        "updated_at": now,
        "version": col(Ticket.version) + 1,
    }


def queued_values(
    before: Ticket, *, now: datetime, since: datetime | None = None
) -> dict[str, Any]:
    """Return what a ticket becomes in the queue, at its old place or waiting `since` then."""
    waiting_since = since or before.waiting_since
    return {
        "state": TicketState.QUEUED,
        "volunteer_id": None,
        "former_volunteer_id": before.volunteer_id or before.former_volunteer_id,
        "claimed_at": None,
        "lease_until": None,
        "queued_at": waiting_since,
        "priority_since": priority_since(before.risk, waiting_since),
        "updated_at": now,
        "version": col(Ticket.version) + 1,
    }


def find_name(session: Session, volunteer_id: int | None) -> str:
    """Return what contacts call a volunteer; nothing for nobody."""
    name = select(Volunteer.display_name).where(Volunteer.id == volunteer_id)
    return session.exec(name).first() or ""


def find_holder(session: Session, contact_id: int) -> int | None:
    """Return the volunteer in whose hands the contact is, if they are in any."""
    return session.exec(
        select(Ticket.volunteer_id).where(
            Ticket.contact_id == contact_id, col(Ticket.volunteer_id).is_not(None)
        )
    ).first()
