"""Calling people: which alarms there are, whose turn it is to be called, and what came of it.

The ladder of an alarm has four rungs, at once and after five, ten and fifteen minutes; each calls a
wider circle. A rung that is due is committed before it is sent, under the lock of the contact that
a claim takes too: after a claim or an acknowledgement nobody is called any more.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import ColumnElement, and_, exists, func, not_, or_, update
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from models.alarm import (
    ACKNOWLEDGED_FOR,
    AlarmKind,
    Outcome,
    TicketAlarm,
    TicketPage,
    end_alarm,
    insert_once,
    is_standing,
    raise_for_ticket,
)
from models.contact import Contact
from models.promise import BrokenPromise, Unkept
from models.reply_window import ReplyWindow
from models.roster import list_on_duty
from models.ticket import DANGER, Ticket, TicketKind, TicketState
from models.ticket_steps import lock_ticket
from models.volunteer import Role, Skill, Volunteer, VolunteerSkill

RUNGS: Final = (timedelta(0), timedelta(minutes=5), timedelta(minutes=10), timedelta(minutes=15))
"""How long after the alarm each circle is called."""

LEASE = timedelta(minutes=2)
"""How long the sending of one page may take before its sender is taken for lost."""

_LAST = len(RUNGS) - 1
_HELPING = (Role.VOLUNTEER, Role.SUPERVISOR)


@dataclass(frozen=True, slots=True)
class Page:
    """What a call says and whom it reaches; nothing in it tells who the person is."""

    id: int
    alarm: TicketAlarm
    rung: int
    kind: TicketKind
    risk: int
    waiting_since: datetime
    waiting: int
    contacts: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Work:
    """What there is to do: tickets to raise an alarm for, alarms to end or to call for, lost pages.

    It is read without a lock; each step looks again under one.
    """

    unguarded: tuple[int, ...]
    over: tuple[int, ...]
    due: tuple[int, ...]
    lost: tuple[int, ...]


def find_work(session: Session, *, now: datetime) -> Work:
    """Return what there is to do now."""
    alarms = session.exec(select(TicketAlarm).where(col(TicketAlarm.ended_at).is_(None))).all()
    over = tuple(alarm.id or 0 for alarm in alarms if not is_standing(session, alarm))
    lost = session.exec(
        select(TicketPage.id)
        .where(col(TicketPage.claimed_until) <= now)
        .order_by(col(TicketPage.id))
    ).all()
    return Work(
        unguarded=_list_unguarded(session, now=now),
        over=over,
        due=tuple(
            alarm.id or 0
            for alarm in alarms
            if alarm.id not in over and _find_rung(session, alarm, now) is not None
        ),
        lost=tuple(page_id or 0 for page_id in lost),
    )


def raise_crisis(session: Session, *, ticket_id: int, now: datetime) -> None:
    """Raise the alarm for a ticket in danger that nobody has, if that is still so."""
    ticket = lock_ticket(session, ticket_id)
    if ticket_id in _list_unguarded(session, now=now, ticket_id=ticket_id):
        kind = AlarmKind.CRISIS
        raise_for_ticket(session, ticket_id=ticket_id, kind=kind, risk=ticket.risk, now=now)


def end_if_over(session: Session, *, alarm_id: int, now: datetime) -> None:
    """End an alarm whose reason is gone."""
    alarm = session.get_one(TicketAlarm, alarm_id)
    lock_ticket(session, alarm.ticket_id)
    if not is_standing(session, alarm):
        end_alarm(session, alarm_id=alarm_id, now=now)


def begin_page(session: Session, *, alarm_id: int, now: datetime) -> Page | None:
    """Commit to the next rung that is due; None where there is none, or another was quicker."""
    lock_ticket(session, session.get_one(TicketAlarm, alarm_id).ticket_id)
    alarm = session.get_one(TicketAlarm, alarm_id, populate_existing=True)
    rung = _find_rung(session, alarm, now)
    if rung is None or not is_standing(session, alarm):
        return None
    values = {"rung": rung, "at": now, "claimed_until": now + LEASE, "is_repeated": False}
    values |= {"told": 0, "wechat": Outcome.PENDING}
    values |= {"webhook": Outcome.PENDING, "mail": Outcome.PENDING}
    page_id = insert_once(session, TicketPage, alarm_id=alarm_id, **values)
    return None if page_id is None else read_page(session, page_id=page_id, now=now)


def claim_lost(session: Session, *, page_id: int, now: datetime) -> Page | None:
    """Take up a page whose sender is gone, once; the second time its outcome stays unknown."""
    stale = (col(TicketPage.id) == page_id, col(TicketPage.claimed_until) <= now)
    taken = session.connection().execute(
        update(TicketPage)
        .where(*stale, col(TicketPage.is_repeated).is_(False))
        .values(is_repeated=True, claimed_until=now + LEASE)
    )
    if taken.rowcount == 1:
        return read_page(session, page_id=page_id, now=now)
    for column in ("wechat", "webhook", "mail"):
        session.connection().execute(
            update(TicketPage)
            .where(*stale, getattr(TicketPage, column) == Outcome.PENDING)
            .values({column: Outcome.UNCERTAIN})
        )
    session.connection().execute(update(TicketPage).where(*stale).values(claimed_until=None))
    return None


def read_page(session: Session, *, page_id: int, now: datetime) -> Page:
    """Return what a page says and whom it reaches."""
    row = session.get_one(TicketPage, page_id)
    alarm = session.get_one(TicketAlarm, row.alarm_id)
    ticket = session.get_one(Ticket, alarm.ticket_id)
    circle = list_circle(session, alarm, ticket, rung=row.rung, now=now)
    return Page(
        id=page_id,
        alarm=alarm,
        rung=row.rung,
        kind=ticket.kind,
        risk=max(alarm.risk, ticket.risk),
        waiting_since=_waiting_since(alarm, ticket),
        waiting=_count_waiting(session, alarm),
        contacts=_list_contacts(session, circle),
    )


def record_outcomes(
    session: Session, *, page_id: int, is_last: bool = False, **outcomes: Outcome | int
) -> None:
    """Write down what became of a page through its channels; the last of them ends the claim."""
    ending = {"claimed_until": None} if is_last else {}
    session.connection().execute(
        update(TicketPage).where(col(TicketPage.id) == page_id).values(**outcomes, **ending)
    )


def find_outcomes(session: Session, *, page_id: int) -> TicketPage:
    """Return a page as it is stored now."""
    return session.get_one(TicketPage, page_id, populate_existing=True)


def break_promise(
    session: Session, unkept: Unkept, *, next_at: datetime | None, now: datetime
) -> None:
    """Note that a promise was not kept, once, and call a supervisor, once for each duty."""
    row = BrokenPromise(
        ticket_id=unkept.ticket_id, promised_at=unkept.promised_at, found_at=now, next_at=next_at
    )
    session.add(row)
    session.flush()
    insert_once(
        session,
        TicketAlarm,
        ticket_id=unkept.ticket_id,
        kind=AlarmKind.DUTY,
        risk=0,
        raised_at=now,
        skill=unkept.skill,
        promised_at=unkept.promised_at,
    )


def count_reachable(session: Session, *, now: datetime) -> int:
    """Return how many helpers could be told through WeChat now: inside their own reply window."""
    is_open = exists().where(
        col(ReplyWindow.contact_id) == col(Contact.id),
        col(ReplyWindow.expires_at) > now,
        col(ReplyWindow.used) < col(ReplyWindow.allowed),
    )
    helpers = select(func.count()).where(
        col(Contact.openid) == col(Volunteer.openid),
        col(Contact.followed).is_(True),
        col(Volunteer.is_active).is_(True),
        col(Volunteer.role).in_(_HELPING),
        is_open,
    )
    return session.exec(helpers).one()


def find_last_outcome(session: Session, *, channel: str) -> Outcome | None:
    """Return what became of the last call through a channel, None where there was none."""
    column = col({"webhook": TicketPage.webhook, "mail": TicketPage.mail}[channel])
    tried = (Outcome.SENT, Outcome.FAILED, Outcome.UNCERTAIN)
    last = select(column).where(column.in_(tried)).order_by(col(TicketPage.id).desc())
    return session.exec(last.limit(1)).first()


def list_circle(
    session: Session, alarm: TicketAlarm, ticket: Ticket, *, rung: int, now: datetime
) -> list[Volunteer]:
    """Return whom a rung calls: who is on duty, supervisors, all counsellors, everybody."""
    skills = {Skill.COUNSELOR, ticket.skill}
    on_duty, bosses = _on_duty(session, skills, now), col(Volunteer.role) == Role.SUPERVISOR
    holder = col(Volunteer.id) == ticket.volunteer_id
    if alarm.kind is AlarmKind.DUTY:
        return _list_people(session, bosses)
    if rung == 0:
        first = or_(holder, bosses) if alarm.kind is AlarmKind.HELD else _awake(on_duty, now)
        return _list_people(session, first) or _list_people(session, bosses)
    if rung < _LAST:
        wider = bosses if rung == 1 else or_(_can(skills), _on_duty(session, {Skill.STAFF}, now))
        wider = or_(wider, on_duty) if alarm.kind is AlarmKind.HELD else wider
        return _list_people(session, _awake(wider, now))
    return _list_people(session, or_(_can(skills | {Skill.STAFF}), bosses))


def _find_rung(session: Session, alarm: TicketAlarm, now: datetime) -> int | None:
    """Return the lowest rung that is due and was not called yet."""
    if alarm.acknowledged_at is not None or alarm.ended_at is not None:
        return None
    called = set(session.exec(select(TicketPage.rung).where(TicketPage.alarm_id == alarm.id)))
    ladder = RUNGS[:1] if alarm.kind is AlarmKind.DUTY else RUNGS
    due = (rung for rung, after in enumerate(ladder) if now - alarm.raised_at >= after)
    return next((rung for rung in due if rung not in called), None)


def _list_unguarded(
    session: Session, *, now: datetime, ticket_id: int | None = None
) -> tuple[int, ...]:
    """Return what waits in danger without an alarm, neither of its own nor of who holds them.

    An alarm that was acknowledged for less, or so long ago that somebody ought to have come, is
    none any more.
    """
    spent = or_(
        col(TicketAlarm.risk) < col(Ticket.risk),
        col(TicketAlarm.acknowledged_at) <= now - ACKNOWLEDGED_FOR,
    )
    theirs = exists().where(
        col(TicketAlarm.ticket_id) == col(Ticket.id),
        col(TicketAlarm.kind) == AlarmKind.CRISIS,
        col(TicketAlarm.ended_at).is_(None),
        not_(and_(col(TicketAlarm.acknowledged_at).is_not(None), spent)),
    )
    held = aliased(Ticket)
    holders = exists().where(
        col(held.contact_id) == col(Ticket.contact_id),
        col(TicketAlarm.ticket_id) == col(held.id),
        col(TicketAlarm.kind) == AlarmKind.HELD,
        col(TicketAlarm.ended_at).is_(None),
    )
    query = select(Ticket.id).where(
        Ticket.state == TicketState.QUEUED, col(Ticket.risk) >= DANGER, ~theirs, ~holders
    )
    if ticket_id is not None:
        query = query.where(Ticket.id == ticket_id)
    return tuple(number or 0 for number in session.exec(query.order_by(col(Ticket.id))))


def _waiting_since(alarm: TicketAlarm, ticket: Ticket) -> datetime:
    if alarm.kind is AlarmKind.CRISIS:
        return ticket.waiting_since
    return alarm.promised_at or alarm.raised_at


def _count_waiting(session: Session, alarm: TicketAlarm) -> int:
    if alarm.kind is not AlarmKind.DUTY:
        return 1
    unserved = select(func.count()).where(
        col(BrokenPromise.ticket_id) == col(Ticket.id),
        col(BrokenPromise.promised_at) == alarm.promised_at,
        col(Ticket.skill) == alarm.skill,
        col(Ticket.state) == TicketState.QUEUED,
    )
    return session.exec(unserved).one()


def _list_people(session: Session, which: ColumnElement[bool]) -> list[Volunteer]:
    active = (col(Volunteer.is_active).is_(True), col(Volunteer.role).in_(_HELPING))
    return list(session.exec(select(Volunteer).where(*active, which).order_by(col(Volunteer.id))))


def _list_contacts(session: Session, people: Sequence[Volunteer]) -> tuple[int, ...]:
    openids = [person.openid for person in people if person.openid]
    found = session.exec(
        select(Contact.id).where(col(Contact.openid).in_(openids), col(Contact.followed).is_(True))
    ).all()
    return tuple(contact_id or 0 for contact_id in found)


def _can(skills: set[Skill]) -> ColumnElement[bool]:
    return exists().where(
        col(VolunteerSkill.volunteer_id) == col(Volunteer.id),
        col(VolunteerSkill.skill).in_(sorted(skills)),
    )


def _on_duty(session: Session, skills: set[Skill], now: datetime) -> ColumnElement[bool]:
    on = list_on_duty(session, skills=sorted(skills), now=now)
    return col(Volunteer.id).in_(sorted({duty.volunteer_id for duty in on}))


def _awake(who: ColumnElement[bool], now: datetime) -> ColumnElement[bool]:
    """Return the condition without those who rest after a crisis: they are called last."""
    rested = or_(col(Volunteer.rest_until).is_(None), col(Volunteer.rest_until) <= now)
    return and_(who, rested)
