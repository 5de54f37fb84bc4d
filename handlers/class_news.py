"""What those who come to a class hear unasked: a reminder in time, and what is different.

A reminder comes the evening before and half an hour before, once each. It concerns a class for
which people signed up themselves, so who wants no news gets it all the same; who wants no reminders
says so (别提醒). A change or a cancellation is told to everybody who comes or waits for a seat.
"""

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement
from sqlmodel import Session, col

from handlers.wording import say_date
from models.open_class import (
    ClassFacts,
    Enrolment,
    EnrolmentState,
    OpenClass,
    list_comers,
    lock_classes,
    remind_once,
    subject_of,
)
from models.outbox import OutboxKind, enqueue, withdraw_subject

EVENING: Final = time(19, 0)
SOON: Final = timedelta(minutes=30)
_TOO_LATE_FOR_THE_EVENING: Final = timedelta(hours=2)
_AWAKE: Final = range(8, 22)
_LOOK_AHEAD: Final = timedelta(hours=50)


@dataclass(frozen=True, slots=True)
class _Reminder:
    """A reminder that is due: `at` is when it became so."""

    name: str
    at: datetime
    say: Callable[[OpenClass, ZoneInfo], str]


def remind(session: Session, *, zone: ZoneInfo, now: datetime) -> int:
    """Put the reminders that are due into the outbox; return how many."""
    soon = lock_classes(
        session,
        col(OpenClass.starts_at) > now,
        col(OpenClass.starts_at) <= now + _LOOK_AHEAD,
        col(OpenClass.is_cancelled).is_(False),
    )
    return sum(
        _send(session, each, reminder, zone=zone, now=now)
        for each in soon
        for reminder in _due(each, zone=zone, now=now)
    )


def tell_changes(
    session: Session,
    *,
    zone: ZoneInfo,
    now: datetime,
    class_ids: Collection[str] | None = None,
) -> int:
    """Tell those who come to a class what is no longer as they were told; return how many.

    All classes to come are looked at, or those with these keys.
    """
    chosen: ColumnElement[bool] = col(OpenClass.ends_at) > now - _LOOK_AHEAD
    if class_ids is not None:
        chosen = col(OpenClass.id).in_(class_ids)
    classes = lock_classes(session, chosen)
    return sum(_compare(session, each, zone=zone, now=now) for each in classes)


def _compare(session: Session, each: OpenClass, *, zone: ZoneInfo, now: datetime) -> int:
    before = each.facts_told
    if before == each.facts:
        return 0
    each.told = each.facts.model_dump_json()
    session.add(each)
    if before is None or max(before.starts_at, each.ends_at) <= now:
        return 0
    if before.is_cancelled and each.is_cancelled:
        return 0
    return _tell(session, each, before, zone=zone, now=now)


def _tell(
    session: Session, each: OpenClass, before: ClassFacts, *, zone: ZoneInfo, now: datetime
) -> int:
    subject = subject_of(each.id)
    withdraw_subject(session, subject=subject, kind=OutboxKind.REMINDER)
    comers = list_comers(session, class_id=each.id)
    until = max(each.ends_at, before.starts_at)
    for place in comers:
        enqueue(
            session,
            contact_id=place.contact_id,
            body=_say_change(each, before, place, zone),
            kind=OutboxKind.NOTICE,
            now=now,
            not_after=until,
            subject=subject,
        )
    return len(comers)


def _due(each: OpenClass, *, zone: ZoneInfo, now: datetime) -> Iterator[_Reminder]:
    """Yield the reminder whose time has come: the later one replaces the earlier."""
    day_before = each.starts_at.astimezone(zone).date() - timedelta(days=1)
    evening = datetime.combine(day_before, EVENING, zone)
    is_awake = now.astimezone(zone).hour in _AWAKE
    if each.starts_at - SOON <= now:
        yield _Reminder("soon", each.starts_at - SOON, _say_soon)
    elif evening <= now < each.starts_at - _TOO_LATE_FOR_THE_EVENING and is_awake:
        yield _Reminder("evening", evening, _say_evening)


def _send(
    session: Session, each: OpenClass, reminder: _Reminder, *, zone: ZoneInfo, now: datetime
) -> int:
    name = f"{reminder.name}:{each.starts_at.isoformat()}"
    contacts = remind_once(session, class_id=each.id, reminder=name, asked_before=reminder.at)
    subject = subject_of(each.id)
    for contact_id in contacts:
        # Who has not read the first reminder yet reads only this one.
        withdraw_subject(session, subject=subject, contact_id=contact_id, kind=OutboxKind.REMINDER)
        enqueue(
            session,
            contact_id=contact_id,
            body=reminder.say(each, zone),
            kind=OutboxKind.REMINDER,
            now=now,
            not_after=each.starts_at,
            subject=subject,
        )
    return len(contacts)


def _say_evening(each: OpenClass, zone: ZoneInfo) -> str:
    when = say_date(each.starts_at, timezone=zone)
    how = _say_how(each, none="链接还没定，开课前来问我就行。")
    return f"提醒您：您报的公开课《{each.title}》{when}开课。\n{how}\n（不用提醒，回复「别提醒」）"


def _say_soon(each: OpenClass, zone: ZoneInfo) -> str:
    when = say_date(each.starts_at, timezone=zone)
    how = _say_how(each, none="链接来问我要。")
    return f"快开课了：《{each.title}》，{when}。\n{how}"


def _say_how(each: OpenClass, *, none: str) -> str:
    lines = [f"地点：{each.place}"] if each.place else []
    if each.join_url:
        lines.append(f"到点点这里听课：{each.join_url}")
    return "\n".join(lines) or none


def _say_change(each: OpenClass, before: ClassFacts, place: Enrolment, zone: ZoneInfo) -> str:
    was = say_date(before.starts_at, timezone=zone)
    if each.is_cancelled:
        return (
            f"跟您说一声：公开课《{each.title}》（{was}）取消了，您不用等了。"
            "想看别的课，回复「公开课」。"
        )
    waits = "（您还在排队等位）" if place.state is EnrolmentState.WAITING else ""
    when = f"时间：{say_date(each.starts_at, timezone=zone)}"
    if before.starts_at != each.starts_at:
        when += f"（原来是{was}）"
    facts = "\n".join([when, _say_how(each, none="链接还没定，开课前来问我就行。")])
    return f"您报的公开课《{each.title}》{_say_what(each.facts, before)}{waits}：\n{facts}"


def _say_what(facts: ClassFacts, before: ClassFacts) -> str:
    if before.is_cancelled:
        return "又照常上了"
    changed: Sequence[tuple[str, bool]] = (
        ("时间", facts.starts_at != before.starts_at),
        ("地点", facts.place != before.place),
        ("链接", facts.join_url != before.join_url),
    )
    names = [name for name, is_other in changed if is_other]
    return f"{'、'.join(names)}有变动"
