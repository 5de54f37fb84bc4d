"""What a message says about the work somebody looks for; nothing it does not say."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, fields, replace
from typing import Final

from knowledge.normalise import normalise
from knowledge.occupations import FoundOccupation, locate_occupations
from knowledge.places import FoundPlace, locate_places
from knowledge.slot_person import read_age, read_education, read_experience, read_gender
from knowledge.slot_readers import (
    needs_pickup,
    read_pay,
    read_shift,
    wants_insurance,
    wants_light_work,
    wants_lodging,
)
from knowledge.slot_refusals import (
    Refusal,
    locate_refusals,
    read_open_refusal,
    read_refused_terms,
)

_SHIFT_GROUPS: Final = (
    frozenset({"no_night", "day_only", "night_ok", "night_only"}),
    frozenset({"no_rotating"}),
    frozenset({"part_time", "two_days_off"}),
)
_SHIFT_TEXT: Final = {
    "no_night": "不上夜班",
    "day_only": "白班",
    "night_ok": "夜班也行",
    "night_only": "只要夜班",
    "no_rotating": "不倒班",
    "part_time": "兼职",
    "two_days_off": "双休",
}
_UNIT_TEXT: Final = {"month": "", "day": "一天", "hour": "一小时", "piece": "一件", "year": "一年"}
_MINE_WISH: Final = re.compile(
    r"(?:招|找|去|回|继续|还想|想|还要|会)(?:个|去|再|到|人|不招|的|[^ ,。不]{0,3})*"
    r"(?:下井|井下|采煤|掘进|煤矿|矿工|下矿)"
)
_PAST_BEFORE: Final = re.compile(
    r"(?:[0-9一二三四五六七八九十]年的?|(?:以前|原来|之前|从前|过去)[^ ,。]{0,6}|[干做当开]过)$"
)
_CHANGES_TRADE: Final = re.compile(r"转行|改行|换行|换个行")
_PAST_AFTER: Final = re.compile(
    r"(?:[、和跟][^ ,。、]{1,5})?(?:工作?)?(?:我|俺|都|也)*"
    r"(?:[干做开当](?:了|过)(?!不)|[0-9一二三四五六七八九十]{1,3}[多来]?年|出身|下岗)"
)
_ORIGIN_AFTER: Final = re.compile(
    r"(?:煤?矿|集团)[^ ,。]{0,2}(?:下来|下岗|出来|退|的|上|职工|矿工)|人(?:$|[ ,。])"
)
_WORKPLACE_ENDINGS: Final = ("厂", "店", "馆", "院", "园", "特钢", "企业", "公司", "站")
_FAMILY_BEFORE: Final = re.compile(
    r"[给帮](?:孩子|娃|老人|家里|老公|老伴|孙子|孙女|俺爹|俺娘|我爸|我妈)$"
)
_UNIT_ENDINGS: Final = ("队干", "队里", "队出", "队下", "队的", "区队", "科干", "科的")
_LIST_MARK: Final = re.compile(r"或|和|、|跟|都|[,。 ]")


@dataclass(frozen=True, slots=True)
class JobWish:
    """The wishes of one job message; what it leaves open is None, False or empty."""

    category: tuple[str, ...] = ()
    title_keywords: tuple[str, ...] = ()
    place: tuple[str, ...] = ()
    salary_min: int | None = None
    salary_max: int | None = None
    salary_unit: str | None = None
    shift: tuple[str, ...] = ()
    age: int | None = None
    light_work: bool = False
    needs_pickup_children: bool = False
    insurance: bool = False
    education: str | None = None
    experience: str | None = None
    gender: str | None = None
    lodging: bool = False
    negated: tuple[str, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Tell whether the message said nothing about work."""
        return not self.as_slots()

    def merged_with(self, newer: "JobWish") -> "JobWish":
        """Return both wishes as one: the newer decides, what it does not mention stays."""
        changes = {
            field.name: getattr(newer, field.name)
            for field in fields(newer)
            if getattr(newer, field.name) and field.name not in ("shift", "negated")
        }
        kept = self._without_pay() if newer.salary_unit else self
        if newer.category or newer.title_keywords:
            kept = replace(kept, category=(), title_keywords=())
        merged = replace(kept, **changes)
        merged = replace(merged, shift=_merge_shifts(self.shift, newer.shift))
        return _with_negated(merged, self.negated, newer.negated)

    def _without_pay(self) -> "JobWish":
        return replace(self, salary_min=None, salary_max=None, salary_unit=None)

    def as_slots(self) -> dict[str, object]:
        """Return the slots that were said, in the shape other programs read."""
        slots = {field.name: _plain(getattr(self, field.name)) for field in fields(self)}
        if len(self.category) > 1:
            slots["category"] = None
        elif self.category:
            slots["category"] = self.category[0]
        return {name: value for name, value in slots.items() if value not in (None, False, [])}

    def describe(self) -> str:
        """Return in one short line what was understood, for the person to confirm."""
        parts = [
            "、".join((self.title_keywords or self.category)[:3]),
            "、".join(self.place),
            self._describe_pay(),
            "交社保" if self.insurance else "",
            *(_SHIFT_TEXT[name] for name in self.shift),
            "活轻一点" if self.light_work else "",
            "要照顾孩子" if self.needs_pickup_children else "",
            "管住" if self.lodging else "",
            f"{self.age}岁" if self.age else "",
            self.gender or "",
            self.education or "",
            self.experience or "",
            f"不要：{'、'.join(self.negated)}" if self.negated else "",
        ]
        return " · ".join(part for part in parts if part)

    def _describe_pay(self) -> str:
        unit = _UNIT_TEXT.get(self.salary_unit or "", "")
        if self.salary_min is not None and self.salary_max is not None:
            return f"{unit}{self.salary_min}到{self.salary_max}元"
        if self.salary_min is not None:
            return f"{unit}{self.salary_min}元以上"
        return f"{unit}{self.salary_max}元以内" if self.salary_max is not None else ""


def _with_negated(wish: JobWish, older: tuple[str, ...], newer: tuple[str, ...]) -> JobWish:
    """Join the refusals; a thing wished anew is no longer refused, and the other way round."""
    wished = {*wish.title_keywords, *wish.category, *wish.place}
    kept = (term for term in older if term not in wished)
    return replace(
        wish,
        title_keywords=_without(wish.title_keywords, newer),
        category=_without(wish.category, newer),
        place=_without(wish.place, newer),
        negated=_unique((*kept, *newer)),
    )


def parse_wish(text: str) -> JobWish:
    """Return what a message says about the work somebody looks for."""
    said = normalise(text)
    refusals = locate_refusals(said)
    places = [found for found in locate_places(said) if not _is_origin(said, found)]
    free_places = [found for found in places if not _is_refused(found, refusals)]
    jobs = _outside(locate_occupations(said), places)
    refused_jobs = [job for job in jobs if _is_refused(job, refusals)]
    wished = _wished(said, [job for job in jobs if job not in refused_jobs])
    pay = read_pay(said)
    return JobWish(
        category=_unique(job.occupation.category for job in wished),
        title_keywords=_unique(word for job in wished for word in job.keywords),
        place=_names(free_places),
        salary_min=pay.low if pay else None,
        salary_max=pay.high if pay else None,
        salary_unit=pay.unit if pay else None,
        shift=read_shift(said),
        age=read_age(said),
        light_work=wants_light_work(said),
        needs_pickup_children=needs_pickup(said),
        insurance=wants_insurance(said),
        education=read_education(said),
        experience=_experience(said, wished),
        gender=read_gender(said),
        lodging=wants_lodging(said),
        negated=_negated(said, refusals, refused_jobs, places),
    )


def _is_refused(found: FoundOccupation | FoundPlace, refusals: list[Refusal]) -> bool:
    return any(
        found.start < refusal.end
        and found.end > refusal.start
        and (refusal.negator != "不" or found.start <= refusal.start)
        for refusal in refusals
    )


def _outside(jobs: list[FoundOccupation], places: list[FoundPlace]) -> list[FoundOccupation]:
    """Drop work words that are part of the name of a place."""
    return [job for job in jobs if not any(p.start < job.end <= p.end for p in places)]


def _wished(text: str, jobs: list[FoundOccupation]) -> list[FoundOccupation]:
    """Return the work that is wished for; work done before counts only where it stands alone."""
    jobs = [job for job in jobs if job.occupation.category != "煤矿" or _wants_mine(text, job)]
    jobs = [job for job in jobs if not _at_home(text, job)]
    jobs = [job for job in jobs if not _is_employer(text, job, jobs)]
    trades = [job for job in jobs if not job.occupation.weak] or jobs
    ahead = [job for job in trades if not _is_past(text, job)]
    return ahead if ahead or _CHANGES_TRADE.search(text) else trades


def _at_home(text: str, job: FoundOccupation) -> bool:
    """Tell whether the work is done for the own family, or names a unit: 给孩子做饭, 机电队."""
    return bool(
        _FAMILY_BEFORE.search(text[max(job.start - 5, 0) : job.start])
        or text.startswith(_UNIT_ENDINGS, job.end)
    )


def _is_employer(text: str, job: FoundOccupation, jobs: list[FoundOccupation]) -> bool:
    """Tell whether a workplace only says where a trade named after it is wanted: 电厂招电工."""
    if not job.word.endswith(_WORKPLACE_ENDINGS):
        return False
    return any(
        other.start >= job.end and not _LIST_MARK.search(text, job.end, other.start)
        for other in jobs
    )


def _wants_mine(text: str, job: FoundOccupation) -> bool:
    above_ground = job.occupation.name == "地面"
    return above_ground or bool(_MINE_WISH.search(text, max(job.start - 8, 0), job.end))


def _is_past(text: str, job: FoundOccupation) -> bool:
    return bool(
        _PAST_BEFORE.search(text[max(job.start - 10, 0) : job.start])
        or _PAST_AFTER.match(text, job.end)
    )


def _is_origin(text: str, found: FoundPlace) -> bool:
    """Tell whether the place is where the person comes from: 陶阳矿下来的."""
    return bool(_ORIGIN_AFTER.match(text, found.end))


def _names(places: list[FoundPlace]) -> tuple[str, ...]:
    """Return the names; of 肥城石横 only the part that is meant, 石横."""
    kept = [
        found
        for index, found in enumerate(places)
        if not (
            index + 1 < len(places)
            and places[index + 1].start - found.end <= 1
            and places[index + 1].place.lies_in(found.place)
        )
    ]
    return _unique(found.place.name for found in kept)


def _experience(text: str, wished: list[FoundOccupation]) -> str | None:
    said = list(read_experience(text))
    if re.search(r"(?<!没)有(?:本|证)(?!明|据)|持证", text) and wished:
        said.append(f"{wished[0].keywords[0]}证")
    return "、".join(dict.fromkeys(said)) or None


def _negated(
    text: str,
    refusals: list[Refusal],
    jobs: list[FoundOccupation],
    places: list[FoundPlace],
) -> tuple[str, ...]:
    terms = read_refused_terms(text, refusals)
    terms += [job.word for job in jobs if not any(term in job.word for term in terms)]
    terms += [found.place.name for found in places if _is_refused(found, refusals)]
    for refusal in refusals:
        other = read_open_refusal(refusal)
        if other and not any(term in other or other in term for term in terms):
            terms.append(other)
    return _unique(terms)


def _merge_shifts(older: tuple[str, ...], newer: tuple[str, ...]) -> tuple[str, ...]:
    touched = {name for group in _SHIFT_GROUPS if group & set(newer) for name in group}
    return _unique((*(name for name in older if name not in touched), *newer))


def _without(items: tuple[str, ...], refused: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(item for item in items if item not in refused)


def _unique(items: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(items))


def _plain(value: object) -> object:
    return list(value) if isinstance(value, tuple) else value
