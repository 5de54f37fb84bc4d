"""Turns the demonstration files of `knowledge/content` into rows, dated from the day of seeding."""

import csv
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from argon2 import PasswordHasher
from sqlmodel import Session, SQLModel, col, select

from knowledge.content_dir import CONTENT, read_yaml
from models.approved_reply import ApprovedReply, ApprovedReplyVersion
from models.duty import WeeklyDuty
from models.faq import FAQ_CONTENT, FaqEntry, bump_version
from models.faq_version import record_told
from models.job import JobPosting, SalaryUnit, monthly_amount
from models.open_class import OpenClass
from models.review import VersionState
from models.station import Station
from models.volunteer import Role, Skill, Volunteer, VolunteerSkill

DEMO = CONTENT / "demo"
_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_NUMBERS = ("headcount", "salary_min", "salary_max", "base_pay", "age_min", "age_max")


def seed(session: Session, *, now: datetime, zone: ZoneInfo, password: str) -> dict[str, int]:
    """Put all demonstration rows into the database; return how many of each kind there are."""
    today = now.astimezone(zone).date()
    counts = seed_content(session, now=now, zone=zone)
    volunteers = _seed_volunteers(session, today=today, now=now, zone=zone, password=password)
    replies = _seed_replies(session, now=now)
    return counts | {"volunteers": volunteers, "approved replies": replies}


def seed_content(session: Session, *, now: datetime, zone: ZoneInfo) -> dict[str, int]:
    """Put what the bot tells into the database: FAQ, postings, classes, stations."""
    today = now.astimezone(zone).date()
    postings = list(read_postings(today=today, now=now))
    classes = list(read_classes(today=today, zone=zone))
    entries = list(read_faq(now))
    stations = list(read_stations())
    _put(session, JobPosting, postings, key="source_id", keep=("posted_at",))
    _put(session, OpenClass, classes, key="id", keep=("seats_taken", "told"))
    _put(session, Station, stations, key="id")
    if _put(session, FaqEntry, entries, key="id", keep=("updated_at",)):
        bump_version(session, FAQ_CONTENT)
    record_told(session, [entry.id for entry in entries], now=now)
    return {
        "FAQ entries": len(entries),
        "postings": len(postings),
        "classes": len(classes),
        "stations": len(stations),
    }


def read_postings(*, today: date, now: datetime) -> Iterator[JobPosting]:
    """Yield the demonstration postings, valid from today."""
    with (DEMO / "jobs.csv").open(encoding="utf-8", newline="") as file:
        for position, row in enumerate(csv.DictReader(file)):
            yield _posting(row, today=today, posted_at=now - timedelta(hours=position % 240))


def read_classes(*, today: date, zone: ZoneInfo) -> Iterator[OpenClass]:
    """Yield the demonstration classes around the current week."""
    content = _load(DEMO / "classes.yaml")
    defaults = content["defaults"]
    for raw in content["classes"]:
        starts = _moment(raw.get("starts", defaults["starts"]), raw["week"], today, zone)
        ends = _moment(raw.get("ends", defaults["ends"]), raw["week"], today, zone)
        fields = ("id", "title", "speaker", "summary", "capacity", "join_url")
        yield OpenClass(
            **{name: raw[name] for name in fields},
            replay_url=raw.get("replay_url") or "",
            starts_at=starts,
            ends_at=ends,
            is_demo=True,
        )


def read_stations() -> Iterator[Station]:
    """Yield the demonstration stations."""
    for raw in _load(DEMO / "stations.yaml")["stations"]:
        yield Station(**raw, is_demo=True)


def read_faq(now: datetime) -> Iterator[FaqEntry]:
    """Yield the reviewed FAQ entries."""
    for path in sorted((CONTENT / "faq").glob("*.yaml")):
        for raw in read_yaml(path):
            yield FaqEntry(
                id=raw["id"],
                question=raw["question"],
                answer=raw["answer"].strip(),
                similar=list(raw["similar"]),
                topic=raw["topic"],
                citations=list(raw["citations"]),
                valid_until=_date(raw.get("valid_until")),
                is_demo=True,
                updated_at=now,
            )


def _posting(row: dict[str, str], *, today: date, posted_at: datetime) -> JobPosting:
    numbers = {name: int(row[name]) if row[name] else None for name in _NUMBERS}
    unit = SalaryUnit(row["salary_unit"])
    stated: dict[str, Any] = row | numbers
    del stated["salary_unit"], stated["valid_until"]
    return JobPosting(
        **stated,
        salary_unit=unit,
        monthly_min=monthly_amount(numbers["salary_min"], unit),
        monthly_max=monthly_amount(numbers["salary_max"], unit),
        valid_until=today + timedelta(days=int(row["valid_until"].strip("d"))),
        posted_at=posted_at,
        is_demo=True,
    )


def _seed_volunteers(
    session: Session, *, today: date, now: datetime, zone: ZoneInfo, password: str
) -> int:
    raws = _load(DEMO / "volunteers.yaml")["volunteers"]
    hashed = ""
    for raw in raws:
        known = session.exec(select(Volunteer).where(Volunteer.username == raw["username"])).first()
        if known is None:
            hashed = hashed or PasswordHasher().hash(password)
            known = _new_volunteer(session, raw, password_hash=hashed, now=now)
        known.released = True  # a demonstration in which nobody may write shows nothing
        _seed_roster(session, known, raw["duties"], today=today, zone=zone)
    return len(raws)


def _seed_replies(session: Session, *, now: datetime) -> int:
    """Publish the product's replies; one that is there stays as people have made it."""
    raws = _load(CONTENT / "replies.yaml")["replies"]
    known = set(session.exec(select(ApprovedReply.seed_key)).all())
    for raw in raws:
        if raw["key"] not in known:
            _publish_reply(session, raw, now=now)
    return len(raws)


def _publish_reply(session: Session, raw: dict[str, Any], *, now: datetime) -> None:
    """Store a reply as published; nobody acted, so nothing goes into the audit."""
    skill = Skill(raw["skill"])
    author, reviewer = _find_pair(session, skill)
    reply = ApprovedReply(skill=skill, seed_key=raw["key"], created_at=now)
    session.add(reply)
    session.flush()  # the version refers to its id
    session.add(
        ApprovedReplyVersion(
            reply_id=reply.id or 0,
            number=1,
            state=VersionState.PUBLISHED,
            title=raw["title"],
            body=raw["body"],
            source=raw.get("source", ""),
            written_by=author,
            written_at=now,
            reviewed_by=reviewer,
            reviewed_at=now,
            published_by=reviewer,
            published_at=now,
        )
    )


def _find_pair(session: Session, skill: Skill) -> tuple[int, int]:
    """Return who writes and who reviews in the demonstration: two different people."""
    writer = session.exec(
        select(VolunteerSkill.volunteer_id)
        .join(Volunteer, col(Volunteer.id) == col(VolunteerSkill.volunteer_id))
        .where(VolunteerSkill.skill == skill, Volunteer.role == Role.VOLUNTEER)
        .order_by(col(Volunteer.id))
    ).first()
    supervisor = session.exec(
        select(Volunteer.id).where(Volunteer.role == Role.SUPERVISOR).order_by(col(Volunteer.id))
    ).first()
    if writer is None or supervisor is None:
        msg = "the demonstration lacks somebody who writes or reviews a reply"
        raise ValueError(msg)
    return writer, supervisor


def _new_volunteer(
    session: Session, raw: dict[str, Any], *, password_hash: str, now: datetime
) -> Volunteer:
    volunteer = Volunteer(
        username=raw["username"],
        name=raw["name"],
        display_name=raw["display"],
        role=Role(raw["role"]),
        password_hash=password_hash,
        created_at=now,
    )
    session.add(volunteer)
    session.flush()  # skills and duty refer to its id
    for skill in raw["skills"]:
        session.add(VolunteerSkill(volunteer_id=volunteer.id or 0, skill=Skill(skill)))
    return volunteer


def _seed_roster(
    session: Session,
    volunteer: Volunteer,
    duties: Sequence[dict[str, str]],
    *,
    today: date,
    zone: ZoneInfo,
) -> None:
    """Add the duties of every week; one that was there once stays as people left it."""
    rows = session.exec(select(WeeklyDuty).where(WeeklyDuty.volunteer_id == volunteer.id)).all()
    known = {(row.skill, row.weekday, row.starts) for row in rows}
    for duty in duties:
        weekly = WeeklyDuty(
            volunteer_id=volunteer.id or 0,
            skill=Skill(duty["skill"]),
            weekday=_WEEKDAYS.index(duty["weekday"]),
            starts=time.fromisoformat(duty["start"]),
            ends=time.fromisoformat(duty["end"]),
            timezone=zone.key,
            valid_from=today - timedelta(days=today.weekday() + 7),
        )
        if (weekly.skill, weekly.weekday, weekly.starts) not in known:
            session.add(weekly)


def _put(
    session: Session,
    table: type[SQLModel],
    rows: Sequence[SQLModel],
    *,
    key: str,
    keep: Sequence[str] = (),
) -> bool:
    """Add what is new, bring what is known up to date except `keep`; tell of any change."""
    known = {getattr(row, key): row for row in session.exec(select(table)).all()}
    for row in rows:
        present = known.get(getattr(row, key))
        if present is None:
            session.add(row)
            continue
        if not getattr(present, "is_demo", True):
            continue  # somebody has loaded their own over it
        for name, value in row.model_dump(exclude={"id", *keep}).items():
            if getattr(present, name) != value:
                setattr(present, name, value)
    return bool(session.new or session.dirty)


def _moment(said: str, week: int, today: date, zone: ZoneInfo) -> datetime:
    """Return the moment of "thu 19:30" in the week that is `week` weeks from today's."""
    weekday, clock = said.split()
    monday = today - timedelta(days=today.weekday())
    day = monday + timedelta(weeks=week, days=_WEEKDAYS.index(weekday))
    return datetime.combine(day, time.fromisoformat(clock), tzinfo=zone)


def _date(value: date | str | None) -> date | None:
    return date.fromisoformat(value) if isinstance(value, str) else value


def _load(path: Path) -> dict[str, Any]:
    content = read_yaml(path)
    if not isinstance(content, dict):
        msg = f"{path.name} must hold a mapping"
        raise TypeError(msg)
    return content
