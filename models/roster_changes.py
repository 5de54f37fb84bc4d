"""How the roster changes: each step is one conditional change of one row, and is written down.

A duty of a weekly pattern gets its row when somebody touches it for the first time. Locks are taken
in one order: volunteers, duties, offers, each by number.
"""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, exists, true, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, col, select

from models.audit import record_audit
from models.duty import CloseReason, Duty, DutyOffer, OfferState, WeeklyDuty
from models.roster import DutyKey, DutyState, find_duty, list_duties, occurrence, takes_place
from models.ticket_steps import change, lock_volunteer
from models.volunteer import Skill, Volunteer, VolunteerSkill

LONGEST = timedelta(hours=14)


class RosterRefusal(StrEnum):
    """Why the roster did not change."""

    MISSING = "missing"
    NOT_YOURS = "not_yours"
    OVER = "over"
    CLOSED = "closed"
    NOT_CLOSED = "not_closed"
    NO_SKILL = "no_skill"
    OVERLAPS = "overlaps"
    TIMES = "times"
    OFFERED = "offered"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    SAME_PERSON = "same_person"


class RosterError(Exception):
    """The roster did not change, for this reason."""

    def __init__(self, reason: RosterRefusal) -> None:
        super().__init__(reason.value)
        self.reason = reason


def close_duty(
    session: Session,
    key: DutyKey,
    *,
    actor_id: int,
    reason: CloseReason,
    now: datetime,
    for_others: bool = False,
) -> None:
    """Let a duty not take place; the next promise is made without it. Raises RosterError."""
    duty = make_row(session, key)
    is_closed = change(
        session,
        Duty,
        duty.id,
        *_changeable(actor_id, now, for_others=for_others),
        col(Duty.closed_reason).is_(None),
        values={"closed_reason": reason.value},
    )
    if not is_closed:
        raise explain(session, duty.id or 0, actor_id, now, for_others=for_others)
    withdraw_offers(session, [duty.id or 0], now=now)
    note(session, "duty_close", duty, actor_id=actor_id, now=now, reason=reason)


def close_evening(
    session: Session,
    *,
    volunteer_id: int,
    day: date,
    zone: ZoneInfo,
    reason: CloseReason,
    now: datetime,
) -> int:
    """Close all that somebody still has on one day; tell how many duties that were."""
    start = datetime.combine(day, time(), tzinfo=zone)
    duties = [
        duty
        for duty in list_duties(
            session, start=start, end=start + timedelta(days=1), volunteer_id=volunteer_id
        )
        if duty.state is not DutyState.CLOSED and duty.ends_at > now and duty.starts_at >= start
    ]
    for duty in sorted(duties, key=lambda one: one.key):
        close_duty(session, duty.key, actor_id=volunteer_id, reason=reason, now=now)
    return len(duties)


def reopen_duty(
    session: Session, key: DutyKey, *, actor_id: int, now: datetime, for_others: bool = False
) -> None:
    """Let a closed duty take place after all. Raises RosterError."""
    duty = make_row(session, key)
    lock_volunteer(session, duty.volunteer_id)
    if duty.closed_reason is not None:
        check_can_take(session, duty, volunteer_id=duty.volunteer_id)
    ours = _changeable(actor_id, now, for_others=for_others)
    is_open = change(
        session,
        Duty,
        duty.id,
        *ours,
        col(Duty.closed_reason).is_not(None),
        values={"closed_reason": None, "confirmed": True},
    )
    if not is_open:
        raise explain(session, duty.id or 0, actor_id, now, for_others=for_others, is_open=True)
    note(session, "duty_reopen", duty, actor_id=actor_id, now=now)


def confirm_duty(
    session: Session, key: DutyKey, *, actor_id: int, now: datetime, for_others: bool = False
) -> None:
    """Say that one comes on a day on which it was not sure. Raises RosterError."""
    duty = make_row(session, key)
    ours = _changeable(actor_id, now, for_others=for_others)
    is_open = col(Duty.closed_reason).is_(None)
    if not change(session, Duty, duty.id, *ours, is_open, values={"confirmed": True}):
        raise explain(session, duty.id or 0, actor_id, now, for_others=for_others)
    note(session, "duty_confirm", duty, actor_id=actor_id, now=now)


def hand_over(session: Session, key: DutyKey, *, to_id: int, actor_id: int, now: datetime) -> None:
    """Give a duty to another volunteer who has agreed elsewhere. Raises RosterError."""
    lock_volunteer(session, to_id)
    duty = make_row(session, key)
    check_can_take(session, duty, volunteer_id=to_id)
    conditions = (*_changeable(actor_id, now, for_others=True), col(Duty.closed_reason).is_(None))
    values = {"volunteer_id": to_id, "confirmed": True}
    if not change(session, Duty, duty.id, *conditions, values=values):
        raise explain(session, duty.id or 0, actor_id, now, for_others=True)
    withdraw_offers(session, [duty.id or 0], now=now)
    note(session, "duty_hand_over", duty, actor_id=actor_id, now=now, reason=f"volunteer:{to_id}")


def add_single(session: Session, duty: Duty, *, actor_id: int, now: datetime) -> None:
    """Add a duty of one date. Raises RosterError."""
    if not duty.starts_at < duty.ends_at <= duty.starts_at + LONGEST:
        raise RosterError(RosterRefusal.TIMES)
    if duty.ends_at <= now:
        raise RosterError(RosterRefusal.OVER)
    lock_volunteer(session, duty.volunteer_id)
    check_can_take(session, duty, volunteer_id=duty.volunteer_id)
    session.add(duty)
    session.flush()  # the audit names its number
    note(session, "duty_add", duty, actor_id=actor_id, now=now)


def add_weekly(session: Session, weekly: WeeklyDuty, *, actor_id: int, now: datetime) -> None:
    """Add a duty of every week. Raises RosterError."""
    day = weekly.valid_from + timedelta(days=(weekly.weekday - weekly.valid_from.weekday()) % 7)
    starts_at, ends_at = occurrence(weekly, day)
    if weekly.starts == weekly.ends or ends_at - starts_at > LONGEST:
        raise RosterError(RosterRefusal.TIMES)
    lock_volunteer(session, weekly.volunteer_id)
    check_skill(session, weekly.volunteer_id, weekly.skill)
    if any(_clash(weekly, other) for other in list_weekly(session, today=weekly.valid_from)):
        raise RosterError(RosterRefusal.OVERLAPS)
    session.add(weekly)
    session.flush()  # the audit names its number
    _note_weekly(session, "weekly_add", weekly, actor_id=actor_id, now=now)


def end_weekly(
    session: Session, weekly_id: int, *, last_day: date, actor_id: int, now: datetime
) -> None:
    """Let a weekly duty end after a day; what others took over of it stays. Raises RosterError."""
    weekly = session.exec(
        select(WeeklyDuty).where(WeeklyDuty.id == weekly_id).with_for_update()
    ).first()
    if weekly is None or (weekly.valid_until is not None and weekly.valid_until <= last_day):
        raise RosterError(RosterRefusal.MISSING)
    weekly.valid_until = last_day
    session.add(weekly)
    later = session.exec(
        select(Duty)
        .where(Duty.weekly_id == weekly_id, col(Duty.day) > last_day)
        .where(Duty.volunteer_id == weekly.volunteer_id, col(Duty.closed_reason).is_(None))
        .order_by(col(Duty.id))
        .with_for_update()
    ).all()
    for duty in later:
        duty.closed_reason = CloseReason.ENDED
        session.add(duty)
    withdraw_offers(session, [duty.id or 0 for duty in later], now=now)
    _note_weekly(session, "weekly_end", weekly, actor_id=actor_id, now=now)


def list_weekly(session: Session, *, today: date) -> Sequence[WeeklyDuty]:
    """Return the weekly duties that still go on, by weekday and hour."""
    until = col(WeeklyDuty.valid_until)
    return session.exec(
        select(WeeklyDuty)
        .where((until.is_(None)) | (until >= today))
        .order_by(col(WeeklyDuty.weekday), col(WeeklyDuty.starts), col(WeeklyDuty.id))
    ).all()


def make_row(session: Session, key: DutyKey) -> Duty:
    """Return the row of a duty; a duty of every week gets one for its day, once.

    Raises RosterError where there is no such duty.
    """
    if not key.duty_id:
        weekly = session.get(WeeklyDuty, key.weekly_id)
        if weekly is None:
            raise RosterError(RosterRefusal.MISSING)
        _insert_row(session, weekly, key.day)
    wanted = select(Duty).execution_options(populate_existing=True)
    if key.duty_id:
        wanted = wanted.where(Duty.id == key.duty_id)
    else:
        wanted = wanted.where(Duty.weekly_id == key.weekly_id, Duty.day == key.day)
    duty = session.exec(wanted).first()
    if duty is None:
        raise RosterError(RosterRefusal.MISSING)
    return duty


def _insert_row(session: Session, weekly: WeeklyDuty, day: date) -> None:
    if not takes_place(weekly, day):
        return  # it may have a row from before its end
    starts_at, ends_at = occurrence(weekly, day)
    connection = session.connection()
    insert = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
    connection.execute(
        insert(Duty)
        .values(
            volunteer_id=weekly.volunteer_id,
            skill=weekly.skill,
            starts_at=starts_at,
            ends_at=ends_at,
            weekly_id=weekly.id,
            day=day,
            confirmed=False,
        )
        .on_conflict_do_nothing(index_elements=["weekly_id", "day"])
    )


def lock_duties(session: Session, ids: Iterable[int]) -> None:
    """Let one change of these duties wait for the other."""
    session.exec(
        select(Duty.id)
        .where(col(Duty.id).in_(sorted(ids)))
        .order_by(col(Duty.id))
        .with_for_update()
    ).all()


def check_can_take(
    session: Session, duty: Duty, *, volunteer_id: int, but: DutyKey | None = None
) -> None:
    """Raise RosterError where somebody cannot be there for this duty; they must be locked."""
    check_skill(session, volunteer_id, duty.skill)
    theirs = list_duties(
        session,
        start=duty.starts_at,
        end=duty.ends_at,
        skills=[duty.skill],
        volunteer_id=volunteer_id,
    )
    if any(one.state is not DutyState.CLOSED and one.key != but for one in theirs):
        raise RosterError(RosterRefusal.OVERLAPS)


def check_skill(session: Session, volunteer_id: int, skill: Skill) -> None:
    """Raise RosterError where somebody has left, or cannot help with this."""
    if session.exec(select(Volunteer.id).where(can_serve(volunteer_id, skill))).first() is None:
        raise RosterError(RosterRefusal.NO_SKILL)


def can_serve(volunteer_id: int, skill: Skill) -> ColumnElement[bool]:
    """Return the condition that a volunteer is with us and has a skill."""
    has_skill = exists().where(
        col(VolunteerSkill.volunteer_id) == volunteer_id, col(VolunteerSkill.skill) == skill
    )
    return (col(Volunteer.id) == volunteer_id) & col(Volunteer.is_active).is_(True) & has_skill


def withdraw_offers(session: Session, duty_ids: Sequence[int], *, now: datetime) -> None:
    """End the offers of duties that have changed; they must be locked."""
    session.flush()  # the statement passes by what the session still holds back
    is_theirs = col(DutyOffer.duty_id).in_(duty_ids) | col(DutyOffer.return_id).in_(duty_ids)
    session.connection().execute(
        update(DutyOffer)
        .where(is_theirs, col(DutyOffer.state) == OfferState.OFFERED)
        .values(state=OfferState.WITHDRAWN, answered_at=now)
    )


def explain(
    session: Session,
    duty_id: int,
    actor_id: int,
    now: datetime,
    *,
    for_others: bool = False,
    is_open: bool = False,
) -> RosterError:
    """Return why a duty could not be changed."""
    duty = find_duty(session, duty_id)
    if duty is None:
        return RosterError(RosterRefusal.MISSING)
    if duty.volunteer_id != actor_id and not for_others:
        return RosterError(RosterRefusal.NOT_YOURS)
    if duty.ends_at <= now:
        return RosterError(RosterRefusal.OVER)
    return RosterError(RosterRefusal.NOT_CLOSED if is_open else RosterRefusal.CLOSED)


def note(
    session: Session, action: str, duty: Duty, *, actor_id: int, now: datetime, reason: str = ""
) -> None:
    """Write down who changed which duty."""
    subject = f"duty:{duty.id}"
    record_audit(session, actor_id=actor_id, action=action, subject=subject, now=now, reason=reason)


def _note_weekly(
    session: Session, action: str, weekly: WeeklyDuty, *, actor_id: int, now: datetime
) -> None:
    subject, reason = f"weekly:{weekly.id}", f"volunteer:{weekly.volunteer_id}"
    record_audit(session, actor_id=actor_id, action=action, subject=subject, now=now, reason=reason)


def _changeable(
    actor_id: int, now: datetime, *, for_others: bool
) -> tuple[ColumnElement[bool], ...]:
    is_theirs: ColumnElement[bool] = true() if for_others else col(Duty.volunteer_id) == actor_id
    return is_theirs, col(Duty.ends_at) > now


def _clash(new: WeeklyDuty, old: WeeklyDuty) -> bool:
    """Tell whether two weekly duties of one person for one skill are on at the same time."""
    if (new.volunteer_id, new.skill) != (old.volunteer_id, old.skill):
        return False
    is_after = old.valid_until is not None and old.valid_until < new.valid_from
    return not is_after and any(
        a_from < b_until + week and b_from + week < a_until
        for a_from, a_until in [_minutes(new)]
        for b_from, b_until in [_minutes(old)]
        for week in (-_WEEK, 0, _WEEK)
    )


_WEEK = 7 * 24 * 60


def _minutes(weekly: WeeklyDuty) -> tuple[int, int]:
    begins = weekly.weekday * 24 * 60 + weekly.starts.hour * 60 + weekly.starts.minute
    ends = weekly.weekday * 24 * 60 + weekly.ends.hour * 60 + weekly.ends.minute
    return begins, ends if weekly.ends > weekly.starts else ends + 24 * 60
