"""Who may do what: one table of routes and roles, one door to tickets; all else is denied.

Who may not see something gets the same answer as where it does not exist.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Annotated, Final

from fastapi import Depends, Request
from sqlmodel import Session, col, select

from models.audit import AuditEntry, record_audit
from models.media import MediaView
from models.ticket import Ticket, TicketState
from models.ticket_flow import why_not
from models.volunteer import Role, Skill

EVERYBODY: Final = frozenset(Role)
HELPERS: Final = frozenset({Role.VOLUNTEER, Role.SUPERVISOR})
SUPERVISORS: Final = frozenset({Role.SUPERVISOR})
AUDITORS: Final = frozenset({Role.AUDITOR, Role.SUPERVISOR})
EDITORS: Final = frozenset({Role.SUPERVISOR, Role.ADMIN})
"""Who makes the roster; it holds nothing that anybody has confided."""

ADMINS: Final = frozenset({Role.ADMIN})
WRITERS: Final = frozenset({Role.VOLUNTEER, Role.SUPERVISOR, Role.ADMIN})
PUBLISHERS: Final = frozenset({Role.SUPERVISOR, Role.ADMIN})
"""Who writes approved replies and FAQ entries, and who lets them be used."""

PUBLIC: Final[frozenset[Role]] = frozenset()
"""Also for who is not logged in."""

RULES: Final[Mapping[tuple[str, str], frozenset[Role]]] = {
    ("GET", "/static/{name:path}"): PUBLIC,
    ("GET", "/login"): PUBLIC,
    ("POST", "/login"): PUBLIC,
    ("POST", "/logout"): EVERYBODY,
    ("GET", "/"): EVERYBODY,
    ("GET", "/account"): EVERYBODY,
    ("POST", "/account/password"): EVERYBODY,
    ("POST", "/account/sessions"): EVERYBODY,
    ("POST", "/account/binding"): HELPERS,
    ("POST", "/account/unbinding"): HELPERS,
    ("POST", "/account/kinds"): HELPERS,
    ("GET", "/queue"): HELPERS,
    ("GET", "/queue/live"): HELPERS,
    ("POST", "/queue/next"): HELPERS,
    ("POST", "/queue/pause"): HELPERS,
    ("POST", "/queue/resume"): HELPERS,
    ("POST", "/queue/rested"): HELPERS,
    ("POST", "/offers/{offer_id}/accept"): HELPERS,
    ("POST", "/offers/{offer_id}/refuse"): HELPERS,
    ("GET", "/tickets/{ticket_id}"): HELPERS,
    ("GET", "/tickets/{ticket_id}/live"): HELPERS,
    ("POST", "/tickets/{ticket_id}/claim"): HELPERS,
    ("POST", "/tickets/{ticket_id}/send"): HELPERS,
    ("POST", "/tickets/{ticket_id}/draft"): HELPERS,
    ("POST", "/tickets/{ticket_id}/insert"): HELPERS,
    ("POST", "/tickets/{ticket_id}/find"): HELPERS,
    ("POST", "/tickets/{ticket_id}/withdrawal"): HELPERS,
    ("POST", "/tickets/{ticket_id}/notes"): HELPERS,
    ("POST", "/tickets/{ticket_id}/help"): HELPERS,
    ("POST", "/tickets/{ticket_id}/transfer"): HELPERS,
    ("POST", "/tickets/{ticket_id}/transfer/withdrawal"): HELPERS,
    ("POST", "/tickets/{ticket_id}/release"): HELPERS,
    ("POST", "/tickets/{ticket_id}/hand-back"): HELPERS,
    ("POST", "/tickets/{ticket_id}/close"): HELPERS,
    ("POST", "/tickets/{ticket_id}/reopen"): HELPERS,
    ("POST", "/tickets/{ticket_id}/join"): HELPERS,
    ("POST", "/tickets/{ticket_id}/risk"): HELPERS,
    ("POST", "/tickets/{ticket_id}/block"): HELPERS,
    ("POST", "/tickets/{ticket_id}/avoid"): HELPERS,
    ("POST", "/tickets/{ticket_id}/take-over"): SUPERVISORS,
    ("GET", "/tickets/{ticket_id}/media/{number}"): HELPERS,
    ("POST", "/tickets/{ticket_id}/media/{number}/again"): HELPERS,
    ("POST", "/tickets/{ticket_id}/reassignment"): SUPERVISORS,
    ("POST", "/alarms/{alarm_id}/acknowledgement"): HELPERS,
    ("GET", "/board"): SUPERVISORS,
    ("GET", "/board/live"): SUPERVISORS,
    ("GET", "/tickets/{ticket_id}/reveal"): HELPERS,
    ("POST", "/tickets/{ticket_id}/reveal"): HELPERS,
    ("GET", "/roster"): HELPERS | EDITORS,
    ("POST", "/roster/evening/close"): HELPERS,
    ("POST", "/roster/duty/reopen"): HELPERS,
    ("POST", "/roster/duty/confirm"): HELPERS,
    ("POST", "/roster/duty/offer"): HELPERS,
    ("POST", "/roster/offers/{offer_id}/accept"): HELPERS,
    ("POST", "/roster/offers/{offer_id}/refuse"): HELPERS,
    ("POST", "/roster/offers/{offer_id}/withdrawal"): HELPERS,
    ("POST", "/roster/extra"): HELPERS,
    ("GET", "/roster/edit"): EDITORS,
    ("POST", "/roster/edit/duty"): EDITORS,
    ("POST", "/roster/edit/extra"): EDITORS,
    ("POST", "/roster/edit/weekly"): EDITORS,
    ("POST", "/roster/edit/weekly/{weekly_id}/end"): EDITORS,
    ("POST", "/roster/edit/day"): EDITORS,
    ("POST", "/roster/edit/day/removal"): EDITORS,
    ("GET", "/news"): ADMINS,
    ("POST", "/news"): ADMINS,
    ("GET", "/news/{news_id}"): ADMINS,
    ("GET", "/news/{news_id}/live"): ADMINS,
    ("POST", "/news/{news_id}"): ADMINS,
    ("POST", "/news/{news_id}/send"): ADMINS,
    ("POST", "/news/{news_id}/stop"): ADMINS,
    ("POST", "/news/{news_id}/discard"): ADMINS,
    ("GET", "/replies"): WRITERS,
    ("POST", "/replies"): WRITERS,
    ("GET", "/replies/{reply_id}"): WRITERS,
    ("POST", "/replies/{reply_id}/versions"): WRITERS,
    ("POST", "/replies/{reply_id}/review"): HELPERS,
    ("POST", "/replies/{reply_id}/rejection"): WRITERS,
    ("POST", "/replies/{reply_id}/publication"): PUBLISHERS,
    ("POST", "/replies/{reply_id}/withdrawal"): PUBLISHERS,
    ("GET", "/faq"): WRITERS,
    ("POST", "/faq"): WRITERS,
    ("GET", "/faq/{entry_id}"): WRITERS,
    ("POST", "/faq/{entry_id}/versions"): WRITERS,
    ("POST", "/faq/{entry_id}/review"): WRITERS,
    ("POST", "/faq/{entry_id}/rejection"): WRITERS,
    ("POST", "/faq/{entry_id}/publication"): PUBLISHERS,
    ("POST", "/faq/{entry_id}/withdrawal"): PUBLISHERS,
    ("POST", "/faq/{entry_id}/restoration"): PUBLISHERS,
    ("GET", "/people"): SUPERVISORS,
    ("POST", "/people/{volunteer_id}/release"): SUPERVISORS,
    ("POST", "/people/{volunteer_id}/restriction"): SUPERVISORS,
    ("GET", "/audit"): AUDITORS,
}
"""The roles of every route, by its method and path."""

_READ_AGAIN = timedelta(hours=1)


class MissingError(Exception):
    """There is no such thing, or none for this person."""


class NotLoggedInError(Exception):
    """Nobody is logged in; `back` is where they wanted to go."""

    def __init__(self, back: str) -> None:
        super().__init__(back)
        self.back = back


@dataclass(frozen=True, slots=True)
class Person:
    """Who is logged in, as they are in the database at this moment; `mark` goes into each form."""

    id: int
    name: str
    role: Role
    skills: frozenset[Skill]
    session_id: int
    mark: str
    must_change_password: bool = False

    @property
    def is_supervisor(self) -> bool:
        """Tell whether they see everything."""
        return self.role is Role.SUPERVISOR

    @property
    def edits_roster(self) -> bool:
        """Tell whether they make the roster."""
        return self.role in EDITORS

    @property
    def helps(self) -> bool:
        """Tell whether they talk with people who ask for help."""
        return self.role in HELPERS


class Sight(StrEnum):
    """How much of a ticket somebody sees: that it is there, or all of it."""

    OUTSIDE = "outside"
    WHOLE = "whole"


@dataclass(frozen=True, slots=True)
class Seen:
    """A ticket, how much of it this person sees, and whether it is in their hands."""

    ticket: Ticket
    sight: Sight
    is_mine: bool

    @property
    def id(self) -> int:
        """Return the ticket's number."""
        return self.ticket.id or 0


def rule_of(request: Request) -> frozenset[Role] | None:
    """Return the roles of the route that was called; None where nobody has declared it."""
    route = request.scope.get("route")
    return RULES.get((request.method, getattr(route, "path", "")))


def person_of(request: Request) -> Person:
    """Return who is logged in; the guard has put them there."""
    person = getattr(request.state, "person", None)
    if not isinstance(person, Person):
        raise MissingError
    return person


Signed = Annotated[Person, Depends(person_of)]
"""A parameter that gets who is logged in."""


def find_ticket_for(session: Session, person: Person, ticket_id: int, *, now: datetime) -> Seen:
    """Return a ticket as far as this person may see it; raise MissingError where they may not."""
    ticket = session.exec(
        select(Ticket).where(Ticket.id == ticket_id).execution_options(populate_existing=True)
    ).first()
    if ticket is None or not person.helps:
        raise MissingError
    is_mine = ticket.volunteer_id == person.id
    if is_mine or person.is_supervisor or _was_theirs(person, ticket):
        return Seen(ticket, Sight.WHOLE, is_mine)
    if ticket.skill in person.skills or _could_take(session, person, ticket_id, now=now):
        return Seen(ticket, Sight.OUTSIDE, is_mine)
    raise MissingError


def get_whole(session: Session, person: Person, ticket_id: int, *, now: datetime) -> Seen:
    """Return a ticket of which this person sees everything; raise MissingError else."""
    seen = find_ticket_for(session, person, ticket_id, now=now)
    if seen.sight is not Sight.WHOLE:
        raise MissingError
    return seen


def note_reading(session: Session, person: Person, seen: Seen, *, now: datetime) -> None:
    """Write down that somebody reads a ticket that is not in their hands, once an hour."""
    if not is_noted(session, person, seen, now=now):
        subject = f"ticket:{seen.id}"
        record_audit(session, actor_id=person.id, action="read", subject=subject, now=now)


def is_noted(session: Session, person: Person, seen: Seen, *, now: datetime) -> bool:
    """Tell whether nothing has to be written down about this reading."""
    if seen.is_mine or seen.sight is Sight.OUTSIDE:
        return True
    return was_noted(session, person, f"ticket:{seen.id}", action="read", now=now)


def was_noted(
    session: Session, person: Person, subject: str, *, action: str, now: datetime
) -> bool:
    """Tell whether this person doing this was written down within the last hour."""
    lately = select(AuditEntry.id).where(
        AuditEntry.actor_id == person.id,
        AuditEntry.subject == subject,
        AuditEntry.action == action,
        col(AuditEntry.at) > now - _READ_AGAIN,
    )
    return session.exec(lately.limit(1)).first() is not None


def may_look_at(person: Person, media: MediaView) -> bool:
    """Tell whether this person may see what was sent, given that they read its ticket.

    What was confided to a counsellor stays there, also when the ticket goes on to another trade.
    """
    is_confided = media.skill is Skill.COUNSELOR
    return person.is_supervisor or not is_confided or Skill.COUNSELOR in person.skills


def may_know_of(person: Person, ticket: Ticket) -> bool:
    """Tell whether this person may know that somebody once asked for this, and how it ended."""
    return person.is_supervisor or ticket.skill in person.skills


def _was_theirs(person: Person, ticket: Ticket) -> bool:
    # Who passed it on to another profession sees no more of it.
    is_over = ticket.state is TicketState.CLOSED and ticket.skill in person.skills
    return is_over and ticket.former_volunteer_id == person.id


def _could_take(session: Session, person: Person, ticket_id: int, *, now: datetime) -> bool:
    return why_not(session, ticket_id=ticket_id, volunteer_id=person.id, now=now) is None
