"""The roster as its pages show it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, select

from bot.console import roster_words, words
from bot.console.access import HELPERS, Person
from models.duty import Duty, DutyOffer
from models.duty_exchange import list_offers
from models.holiday import list_special_days, list_unpublished_years
from models.roster import DutyState, Gap, RosterDuty, find_gaps, list_duties
from models.volunteer import Skill, Volunteer, VolunteerSkill

DAYS = 14
"""How much of the roster a page shows."""


@dataclass(frozen=True, slots=True)
class DutyRow:
    """One duty in words."""

    key: str
    day: date
    when: str
    hours: str
    skill: Skill
    who: str
    volunteer_id: int
    state: DutyState
    reason: str
    festival: str
    offer_id: int | None = None

    @property
    def is_closed(self) -> bool:
        """Tell whether nobody comes."""
        return self.state is DutyState.CLOSED

    @property
    def is_asked(self) -> bool:
        """Tell whether the person has to say whether they come."""
        return self.state is DutyState.ASKED


@dataclass(frozen=True, slots=True)
class Evening:
    """What somebody has on one day."""

    day: date
    label: str
    is_today: bool
    rows: tuple[DutyRow, ...]

    @property
    def festival(self) -> str:
        """Return what is special about the day."""
        return self.rows[0].festival

    @property
    def when_closing(self) -> str:
        """Return how people call this day: 今晚, or 今天 where something of it is by day."""
        return "今晚" if min(row.hours for row in self.rows) >= "18" else "今天"

    @property
    def can_close(self) -> bool:
        """Tell whether something is left that can be cancelled."""
        return any(not row.is_closed for row in self.rows)


@dataclass(frozen=True, slots=True)
class OfferRow:
    """A duty that somebody would like to give to the person who looks."""

    id: int
    giver: str
    wanted: str
    in_return: str
    is_named: bool


@dataclass(frozen=True, slots=True)
class Choice:
    """Somebody, or a duty of somebody, to choose in a form."""

    value: str
    label: str


@dataclass(frozen=True, slots=True)
class Sheet:
    """The duties of the next days, and what is known of the days."""

    rows: tuple[DutyRow, ...]
    today: date
    unpublished: str
    special: tuple[str, ...]

    def of(self, skill: Skill) -> list[DutyRow]:
        """Return the duties for a skill."""
        return [row for row in self.rows if row.skill is skill]

    def evenings(self, volunteer_id: int) -> list[Evening]:
        """Return what somebody has, by day."""
        theirs = [row for row in self.rows if row.volunteer_id == volunteer_id]
        days = sorted({row.day for row in theirs})
        return [
            Evening(
                day,
                roster_words.say_day(day, today=self.today),
                day == self.today,
                tuple(row for row in theirs if row.day == day),
            )
            for day in days
        ]


def load_sheet(session: Session, *, now: datetime, zone: ZoneInfo) -> Sheet:
    """Return the duties from now on, with the offers that stand."""
    today = now.astimezone(zone).date()
    last = today + timedelta(days=DAYS)
    end = datetime.combine(last + timedelta(days=1), time(), tzinfo=zone)
    offers = {
        offer.duty_id: offer.id or 0
        for offer in session.exec(select(DutyOffer).where(DutyOffer.state == "offered"))
    }
    duties = list_duties(session, start=now, end=end)
    special = list_special_days(session, start=today, end=last)
    return Sheet(
        rows=tuple(_row(duty, offers, today=today, zone=zone) for duty in duties),
        today=today,
        unpublished=roster_words.say_unpublished(list_unpublished_years(today, last)),
        special=tuple(
            f"{roster_words.say_day(day.date, today=today)} {roster_words.say_festival(day)}"
            for day in special
            if roster_words.say_festival(day)
        ),
    )


def list_offer_rows(
    session: Session, person: Person, *, now: datetime, zone: ZoneInfo
) -> list[OfferRow]:
    """Return what this person is asked to take over."""
    names = {one.id: one.display_name for one in session.exec(select(Volunteer))}
    return [
        OfferRow(
            id=offer.id or 0,
            giver=names.get(offer.from_id, ""),
            wanted=_say_duty(duty, now=now, zone=zone),
            in_return=_say_return(session, offer, now=now, zone=zone),
            is_named=offer.to_id == person.id,
        )
        for offer, duty in list_offers(session, volunteer_id=person.id, now=now)
        if offer.from_id != person.id
    ]


def list_people(session: Session) -> dict[Skill, list[Choice]]:
    """Return who can be on duty for what."""
    rows = session.exec(
        select(VolunteerSkill.skill, Volunteer.id, Volunteer.display_name)
        .join(Volunteer, col(Volunteer.id) == col(VolunteerSkill.volunteer_id))
        .where(col(Volunteer.is_active).is_(True), col(Volunteer.role).in_(list(HELPERS)))
        .order_by(col(Volunteer.id))
    ).all()
    people: dict[Skill, list[Choice]] = {skill: [] for skill in Skill}
    for skill, number, name in rows:
        people[Skill(skill)].append(Choice(str(number), name))
    return people


def list_swaps(sheet: Sheet, person: Person, colleagues: Iterable[Choice]) -> list[Choice]:
    """Return the duties of these colleagues that this person could take for one of their own."""
    others = {choice.value for choice in colleagues}
    return [
        Choice(row.key, f"{row.who} {row.when}")
        for row in sheet.rows
        if row.volunteer_id != person.id
        and str(row.volunteer_id) in others
        and row.skill in person.skills
        and not row.is_closed
    ]


def say_gaps(session: Session, *, now: datetime, zone: ZoneInfo) -> list[str]:
    """Return where a skill has nobody for too long, in words."""
    return [_say_gap(gap, now=now, zone=zone) for gap in find_gaps(session, now=now)]


def _say_gap(gap: Gap, *, now: datetime, zone: ZoneInfo) -> str:
    skill = words.SKILLS[gap.skill]
    end = words.say_future(gap.ends_at, now=now, zone=zone) if gap.ends_at else ""
    start = words.say_future(gap.starts_at, now=now, zone=zone) if gap.starts_at else ""
    if gap.starts_at and gap.ends_at:
        length = roster_words.say_length(gap.ends_at - gap.starts_at)
        return f"{skill}：{start} 到 {end} 没有人，{length}"
    if start:
        return f"{skill}：{start} 以后还没排人"
    return f"{skill}：{end} 以前一直没有人" if end else f"{skill}：还没排过人"


def _row(duty: RosterDuty, offers: dict[int, int], *, today: date, zone: ZoneInfo) -> DutyRow:
    day = duty.starts_at.astimezone(zone).date()
    hours = roster_words.say_hours(duty.starts_at, duty.ends_at, zone=zone)
    reason = duty.closed_reason or ""
    return DutyRow(
        key=str(duty.key),
        day=day,
        when=f"{roster_words.say_day(day, today=today)} {hours}",
        hours=hours,
        skill=duty.skill,
        who=duty.who,
        volunteer_id=duty.volunteer_id,
        state=duty.state,
        reason=roster_words.say_reason(reason),
        festival=roster_words.say_festival(duty.day),
        offer_id=offers.get(duty.key.duty_id),
    )


def _say_duty(duty: Duty, *, now: datetime, zone: ZoneInfo) -> str:
    day, today = duty.starts_at.astimezone(zone).date(), now.astimezone(zone).date()
    hours = roster_words.say_hours(duty.starts_at, duty.ends_at, zone=zone)
    return f"{roster_words.say_day(day, today=today)} {hours} {words.SKILLS[duty.skill]}"


def _say_return(session: Session, offer: DutyOffer, *, now: datetime, zone: ZoneInfo) -> str:
    back = session.get(Duty, offer.return_id) if offer.return_id else None
    return _say_duty(back, now=now, zone=zone) if back else ""


def skills_of(person: Person) -> Sequence[Skill]:
    """Return the skills as a page shows them: one's own first."""
    return sorted(Skill, key=lambda skill: (skill not in person.skills, list(Skill).index(skill)))
