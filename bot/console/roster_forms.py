"""What the forms of the roster hold: days, hours, duties."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.console import roster_words
from bot.console.forms import Form
from models.duty import CloseReason, Duty
from models.roster import DutyKey, parse_key
from models.roster_changes import RosterError, RosterRefusal
from models.volunteer import Skill


def read_key(form: Form, name: str = "duty") -> DutyKey:
    """Return the duty that a form is about; raise RosterError where it names none."""
    key = parse_key(form.text(name, most=40))
    if key is None:
        raise RosterError(RosterRefusal.MISSING)
    return key


def read_reason(form: Form) -> CloseReason | None:
    """Return why somebody cannot come; None where nothing was chosen."""
    word = form.text("reason", most=20)
    return CloseReason(word) if word in roster_words.CHOSEN_REASONS else None


def read_skill(form: Form) -> Skill:
    """Return a skill; raise RosterError where it is none."""
    word = form.text("skill", most=20)
    if word not in set(Skill):
        raise RosterError(RosterRefusal.NO_SKILL)
    return Skill(word)


def read_date(form: Form, name: str) -> date | None:
    """Return a day; None where it is none."""
    try:
        return date.fromisoformat(form.text(name, most=10))
    except ValueError:
        return None


def read_hours(form: Form) -> tuple[time, time]:
    """Return from when to when; raise RosterError where it is not said."""
    try:
        starts, ends = (time.fromisoformat(form.text(name, most=8)) for name in ("starts", "ends"))
    except ValueError as error:
        raise RosterError(RosterRefusal.TIMES) from error
    return starts.replace(tzinfo=None), ends.replace(tzinfo=None)


def read_single(form: Form, *, volunteer_id: int, zone: ZoneInfo) -> Duty:
    """Return a duty of one date; raise RosterError where something of it is missing."""
    day, (starts, ends) = read_date(form, "day"), read_hours(form)
    if day is None:
        raise RosterError(RosterRefusal.TIMES)
    last = day if ends > starts else day + timedelta(days=1)
    return Duty(
        volunteer_id=volunteer_id,
        skill=read_skill(form),
        starts_at=datetime.combine(day, starts, tzinfo=zone),
        ends_at=datetime.combine(last, ends, tzinfo=zone),
    )
