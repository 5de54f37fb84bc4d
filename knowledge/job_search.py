"""Finds the postings that fit a wish, and says what had to be loosened to find any.

Health, shift, age, insurance and what somebody refuses are never loosened; place and pay are, in
small steps, and the reply says so.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy import ColumnElement
from sqlmodel import Session, col, select

from knowledge.lexicon import load_content
from knowledge.places import get_place
from knowledge.slots import JobWish
from models.job import JobPosting, SalaryUnit, monthly_amount

NIGHT = ("夜", "三班", "两班", "倒班", "上一休", "轮班", "24小时", "晚班")
ROTATING = ("三班", "两班", "倒", "轮班")
HEAVY = ("装卸", "搬运", "小工", "力工", "井下", "掘进", "采煤", "钢筋", "瓦工", "混凝土", "架子")
_LESS_PAY = 0.9


@dataclass(frozen=True, slots=True)
class Found:
    """The postings, how many fit in all, and what was loosened ("地点", "工资") to find them."""

    postings: tuple[JobPosting, ...]
    total: int
    loosened: tuple[str, ...] = ()


def search_postings(
    session: Session, wish: JobWish, *, today: date, skip: Iterable[int] = (), limit: int = 5
) -> Found:
    """Return the postings that fit, best first; loosen place, then pay, only where none does."""
    seen = tuple(skip)
    for loosened, tried in _steps(wish):
        found = session.exec(
            select(JobPosting, sa.func.count().over())
            .where(*_conditions(tried, today=today), col(JobPosting.id).not_in(seen))
            .order_by(*_order(wish))
            .limit(limit)
        ).all()
        if found:
            postings = tuple(posting for posting, _ in found)
            return Found(postings, total=len(seen) + found[0][1], loosened=loosened)
    return Found((), total=len(seen))


def has_night_shift(shift: str) -> bool | None:
    """Tell whether a stated shift has nights in it; None where the posting does not say."""
    return any(word in shift for word in NIGHT) if shift else None


def _steps(wish: JobWish) -> Iterable[tuple[tuple[str, ...], JobWish]]:
    yield (), wish
    wider = _wider_place(wish)
    if wider is not None:
        yield ("地点",), wider
    less = _less_pay(wish)
    if less is not None:
        yield ("工资",), less
        if wider is not None:
            yield ("地点", "工资"), replace(wider, salary_min=less.salary_min)


def _wider_place(wish: JobWish) -> JobWish | None:
    """Return the wish for the county around the town, or the city around the county."""
    wider = []
    for name in wish.place:
        place = get_place(name)
        if place is None or place.name == place.city:
            continue
        wider.append(place.county if place.name != place.county else place.city)
    return replace(wish, place=tuple(dict.fromkeys(wider))) if wider else None


def _less_pay(wish: JobWish) -> JobWish | None:
    if wish.salary_min is None:
        return None
    return replace(wish, salary_min=int(wish.salary_min * _LESS_PAY))


def _conditions(wish: JobWish, *, today: date) -> list[ColumnElement[bool]]:
    conditions = [*_is_open(today), *_occupation(wish), *_refused(wish), *_shift(wish)]
    if wish.place:
        conditions.append(sa.or_(*(_lies_in(name) for name in wish.place)))
    wanted = _monthly(wish)
    if wanted is not None:
        conditions.append(col(JobPosting.monthly_min) >= wanted)
    if wish.age is not None:
        conditions += _open_to(wish.age)
    if wish.insurance:
        conditions.append(_contains(JobPosting.insurance, ("五险", "社保")))
    if wish.lodging:
        conditions.append(_contains(JobPosting.lodging, ("住",)))
    if wish.light_work:
        conditions.append(sa.not_(_contains(JobPosting.title, HEAVY)))
    return conditions


def _is_open(today: date) -> list[ColumnElement[bool]]:
    return [
        col(JobPosting.withdrawn_at).is_(None),
        sa.or_(col(JobPosting.valid_until).is_(None), col(JobPosting.valid_until) >= today),
    ]


def _occupation(wish: JobWish) -> list[ColumnElement[bool]]:
    if wish.title_keywords:
        words = _contains(JobPosting.title, wish.title_keywords)
        return [words]
    return [col(JobPosting.category).in_(wish.category)] if wish.category else []


def _refused(wish: JobWish) -> list[ColumnElement[bool]]:
    if not wish.negated:
        return []
    mines = {"下井", "井下", "煤矿", "矿"}
    categories = [*wish.negated, *(["煤矿"] if mines & set(wish.negated) else [])]
    return [
        sa.not_(_contains(JobPosting.title, wish.negated)),
        col(JobPosting.category).not_in(categories),
    ]


def _shift(wish: JobWish) -> list[ColumnElement[bool]]:
    conditions = []
    if {"no_night", "day_only"} & set(wish.shift) or wish.needs_pickup_children:
        conditions.append(sa.not_(_contains(JobPosting.shift, NIGHT)))
    if "no_rotating" in wish.shift:
        conditions.append(sa.not_(_contains(JobPosting.shift, ROTATING)))
    if "night_only" in wish.shift:
        conditions.append(_contains(JobPosting.shift, ("夜",)))
    if "part_time" in wish.shift:
        conditions.append(
            sa.or_(
                _contains(JobPosting.shift, ("兼职", "小时", "半天")),
                _contains(JobPosting.title, ("兼职", "小时工", "钟点")),
                col(JobPosting.salary_unit) == SalaryUnit.HOUR,
            )
        )
    if "two_days_off" in wish.shift:
        conditions.append(
            sa.or_(_contains(JobPosting.shift, ("双休",)), _contains(JobPosting.text, ("双休",)))
        )
    return conditions


def _open_to(age: int) -> list[ColumnElement[bool]]:
    adult = 18
    limits: list[ColumnElement[bool]] = [
        sa.or_(col(JobPosting.age_max).is_(None), col(JobPosting.age_max) >= age),
        sa.or_(col(JobPosting.age_min).is_(None), col(JobPosting.age_min) <= age),
    ]
    if age < adult:
        limits += [
            col(JobPosting.age_min) <= age,
            sa.not_(_contains(JobPosting.shift, NIGHT)),
            sa.not_(_contains(JobPosting.title, HEAVY)),
            col(JobPosting.category) != "煤矿",
        ]
    return limits


def _lies_in(name: str) -> ColumnElement[bool]:
    place = get_place(name)
    counties = _counties(place.name) if place is not None and place.name == place.city else ()
    in_district = _contains(JobPosting.district, (name, *counties))
    is_town = place is not None and place.name not in (place.city, place.county)
    if not is_town:
        return in_district
    county = place.county if place is not None else ""
    in_town = sa.or_(in_district, _contains(JobPosting.text, (name,)))
    return sa.and_(in_town, _contains(JobPosting.district, (county,))) if county else in_town


def _counties(city: str) -> tuple[str, ...]:
    cities = load_content("places.yaml")["cities"]
    entry = cities.get(city) if isinstance(cities, dict) else None
    counties = entry.get("counties") if isinstance(entry, dict) else None
    return tuple(counties) if isinstance(counties, dict) else ()


def _monthly(wish: JobWish) -> int | None:
    unit = SalaryUnit(wish.salary_unit) if wish.salary_unit else SalaryUnit.MONTH
    return monthly_amount(wish.salary_min, unit)


def _contains(column: object, words: Sequence[str]) -> ColumnElement[bool]:
    attribute = col(column)
    return sa.or_(*(attribute.contains(word, autoescape=True) for word in words))


def _order(wish: JobWish) -> list[Any]:
    """Return: what is sure before what is not stated, then the newest, then a fixed order."""
    order: list[Any] = []
    if wish.shift or wish.needs_pickup_children:
        order.append(sa.case((col(JobPosting.shift) == "", 1), else_=0))
    if wish.light_work:
        order.append(sa.case((_contains(JobPosting.text, ("轻", "坐着", "不累")), 0), else_=1))
    return [*order, col(JobPosting.posted_at).desc(), col(JobPosting.id)]
