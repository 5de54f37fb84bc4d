"""What was true at each moment of a simulated week, computed otherwise than the product does.

It reads nothing but the transcript: the rows of the event log, the duties as their people made
them, and the texts that arrived on phones. It shares no line with the product.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from tests.support.week_record import Called, Case, Fact, Said, Slot, Transcript

SHANGHAI = timedelta(hours=8)
BY = timedelta(minutes=15)
HEADS = {0: 0, 1: 4, 2: 48, 3: 48}
WAITS = {"opened", "reopened", "released", "lease_expired"}
IN_HANDS = {"claimed", "transfer_accepted"}
OVER = {"closed", "cancelled", "handed_back", "joined"}
WORDS = {"lawyer": "律师", "counselor": "心理", "career": "职业", "staff": "工作人员"}
NUDGED = {"法律": "lawyer", "心里话": "counselor", "求职": "career", "找工作人员": "staff"}
DAYS = "一二三四五六日"

MOMENT = r"(?:今[天晚] |昨天 |明天（周.）|周.（\d+月\d+日）)\d\d:\d\d"
NUMBER = re.compile(r"编号(?:是)? (\d+)")
QUEUED = re.compile(
    r"^转给(?:律师|心理顾问|职业顾问|工作人员)了|还在排队|给您排上了|还没接上您|那一班临时取消了"
)
AHEAD = re.compile(r"前面还有 ?(\d+) ?位")
NEXT = re.compile(rf"下次值班：({MOMENT})到(\d\d:\d\d)，(.+?)。")
NEXT_IN_DANGER = re.compile(rf"下次是({MOMENT})（(.+?)）")
ON = re.compile(r"(?:^|。)([^。]+?)正在值班（到(\d\d:\d\d)）")
ON_IN_DANGER = re.compile(r"现在(\S+?)在值班")
BROKEN = re.compile(rf"说好({MOMENT})有")
LATER = re.compile(rf"下一次值班是({MOMENT})")
NO_LATER = "下一次值班还没排出来"
UNTIL = re.compile(r"(?:这一班|值班，)到 (\d\d:\d\d)")
NUDGE = re.compile(r"有(?:一| (\d+) )位在等（(.+?)）")
NO_TIME = re.compile(r"值班还没排出来|还没有排定")


@dataclass(frozen=True)
class Wait:
    """How a ticket stands at a moment."""

    case: Case
    state: str
    since: datetime
    risk: int

    @property
    def place(self) -> tuple[bool, datetime, int]:
        return self.risk < 3, self.since - timedelta(hours=HEADS[self.risk]), self.case.id


@dataclass(frozen=True)
class Promise:
    """A duty that somebody was told to wait for."""

    ticket_id: int
    openid: str
    said_at: datetime
    begins: datetime


@dataclass(frozen=True)
class Verdict:
    """What was found: how much was checked, and what is wrong."""

    positions: int
    duties: int
    nudges: int
    promises: tuple[Promise, ...]
    broken: tuple[Promise, ...]
    announced: tuple[Promise, ...]
    called_off: int
    wrong: tuple[str, ...]

    @property
    def unannounced(self) -> tuple[Promise, ...]:
        return tuple(one for one in self.broken if one not in self.announced)


class Truth:
    """Answers what was so at a moment."""

    def __init__(self, transcript: Transcript) -> None:
        self.all = transcript
        self.cases = {case.id: case for case in transcript.cases}
        self.facts: dict[int, list[Fact]] = {}
        for fact in sorted(transcript.facts, key=lambda fact: fact.id):
            self.facts.setdefault(fact.ticket_id, []).append(fact)

    def wait(self, case: Case, at: datetime) -> Wait | None:
        """Return how a ticket stood; None before it was opened."""
        state, since, left = "", at, None
        for fact in self.facts[case.id]:
            if fact.at > at:
                break
            if fact.kind in ("opened", "reopened"):
                kept = left is not None and fact.at - left <= timedelta(minutes=10)
                since = since if kept else fact.at
            left = fact.at if fact.kind == "cancelled" else left
            for name, kinds in (("waits", WAITS), ("held", IN_HANDS), ("over", OVER)):
                state = name if fact.kind in kinds else state
        risks = [risk for of, since_, risk in self.all.graver if of == case.id and since_ <= at]
        return Wait(case, state, since, max(risks, default=0)) if state else None

    def line(self, at: datetime) -> list[Wait]:
        """Return all who wait for whoever comes, in their order."""
        waits = [self.wait(case, at) for case in self.all.cases]
        held = {w.case.openid for w in waits if w and w.state == "held"}
        queue = [w for w in waits if w and w.state == "waits" and w.case.openid not in held]
        return sorted(queue, key=lambda one: one.place)

    def ahead(self, ticket_id: int, at: datetime) -> int:
        """Return how many people are served before."""
        me = self.cases[ticket_id]
        mine = self.wait(me, at)
        assert mine is not None
        before = (w for w in self.line(at) if w.place < mine.place and w.case.openid != me.openid)
        return len({w.case.openid for w in before if self._is_rival(w, me, at)})

    def _is_rival(self, wait: Wait, me: Case, at: datetime) -> bool:
        is_alone = wait.case.kind == "crisis" and at - wait.since >= timedelta(minutes=5)
        return wait.case.skill == me.skill or (me.skill == "staff" and is_alone)

    def duties(self, skills: frozenset[str], at: datetime) -> list[tuple[Slot, str]]:
        """Return the duties that are on or to come, as they stood, each with who has it."""
        found = [
            (slot, next(who for since, who in reversed(slot.owners) if since <= at))
            for slot in self.all.slots
            if slot.skill in skills and slot.end > at and not _is_closed(slot, at)
        ]
        return sorted(found, key=lambda one: one[0].start)

    def about(self, said: Said) -> frozenset[str]:
        """Return the skills whose duties a text speaks of."""
        number = NUMBER.search(said.text)
        if number is None:
            return said.about
        case = self.cases[int(number[1])]
        return frozenset({"counselor", "staff"} if case.kind == "crisis" else {case.skill})


def judge(transcript: Transcript) -> Verdict:
    """Compare what everybody was told with what was so."""
    truth = Truth(transcript)
    wrong: list[str] = []
    positions = duties = nudges = 0
    for said in transcript.said:
        if QUEUED.search(said.text):
            positions += 1
            wrong += _check_position(truth, said)
        if nudge := NUDGE.search(said.text):
            nudges += 1
            wrong += _check_nudge(truth, said, nudge)
        found = list(_check_duty(truth, said))
        duties += len(found)
        wrong += [one for one in found if one]
    promises = tuple(_list_promises(transcript))
    broken = tuple(one for one in promises if _is_broken(truth, one))
    announced = tuple(one for one in broken if _is_announced(truth, one))
    called_off = sum("临时取消" in said.text for said in transcript.said)
    return Verdict(positions, duties, nudges, promises, broken, announced, called_off, tuple(wrong))


def read_moment(text: str, said_at: datetime) -> datetime:
    """Return the moment that people mean by a text, as heard at a moment."""
    day, clock = text[:-5], text[-5:]
    today = (said_at + SHANGHAI).date()
    if found := re.search(r"(\d+)月(\d+)日", day):
        when = date(today.year, int(found[1]), int(found[2]))
        when = when if when >= today - timedelta(days=200) else when.replace(year=today.year + 1)
    else:
        when = today + timedelta(days={"昨": -1, "今": 0, "明": 1}[day[0]])
    weekday = re.search(r"周(.)", day)
    assert weekday is None or DAYS[when.weekday()] == weekday[1], f"{text} is no such day"
    hour, minute = (int(part) for part in clock.split(":"))
    return datetime(when.year, when.month, when.day, hour, minute, tzinfo=UTC) - SHANGHAI


def _is_closed(slot: Slot, at: datetime) -> bool:
    return slot.closed_at is not None and slot.closed_at <= at


def _clock(moment: datetime) -> str:
    return f"{moment + SHANGHAI:%H:%M}"


def _check_position(truth: Truth, said: Said) -> list[str]:
    number, ahead = NUMBER.search(said.text), AHEAD.search(said.text)
    if number is None:
        return [f"{said.at}: no number in {said.text!r}"]
    told, real = int(ahead[1]) if ahead else 0, truth.ahead(int(number[1]), said.at)
    return [] if told == real else [f"{said.at}: told {told}, but {real} before: {said.text!r}"]


def _check_nudge(truth: Truth, said: Said, nudge: re.Match[str]) -> list[str]:
    """Return what is wrong with how many a volunteer on duty is told to be waiting."""
    skill, told = NUDGED[nudge[2]], int(nudge[1] or 1)
    waiting = [w for w in truth.line(said.at) if w.case.skill == skill and w.risk < 2]
    real = len({wait.case.openid for wait in waiting})
    is_on = any(slot.start <= said.at for slot, _ in truth.duties(frozenset({skill}), said.at))
    return [] if told == real and is_on else [f"{said.at}: {real} wait, {is_on=}: {said.text!r}"]


def _check_duty(truth: Truth, said: Said) -> Iterator[str]:
    """Yield for each duty that is spoken of what is wrong with it, or nothing."""
    found = truth.duties(truth.about(said), said.at)
    if broken := BROKEN.search(said.text):
        yield from _check_delay(truth, said, read_moment(broken[1], said.at))
    elif found and (told := _read_duty(said, _clock(found[0][0].end))) is not None:
        slot, who = found[0]
        when = () if slot.start <= said.at else (slot.start,)
        real = (who, _clock(slot.end), *when)
        yield "" if told == real else f"{said.at}: told {told}, but {real}: {said.text!r}"


def _read_duty(said: Said, end: str) -> tuple[object, ...] | None:
    """Return the duty of a text: who, until when, and from when where it is still to come.

    Texts to people in danger do not tell its `end`.
    """
    if one := NEXT.search(said.text):
        return one[3], one[2], read_moment(one[1], said.at)
    if one := NEXT_IN_DANGER.search(said.text):
        return one[2], end, read_moment(one[1], said.at)
    if one := ON.search(said.text):
        return one[1], one[2]
    if one := ON_IN_DANGER.search(said.text):
        return one[1], end
    return () if NO_TIME.search(said.text) or QUEUED.search(said.text) else None


def _check_delay(truth: Truth, said: Said, begins: datetime) -> Iterator[str]:
    """Yield what is wrong with the truth and the new time after a broken promise."""
    number = NUMBER.search(said.text)
    skills = truth.about(said)
    known = [p for p in _list_promises(truth.all) if number and p.ticket_id == int(number[1])]
    was_said = any(p.begins == begins and p.said_at < said.at for p in known)
    was_there = any(s.start == begins and s.skill in skills for s in truth.all.slots)
    yield "" if was_said or was_there else f"{said.at}: nobody promised {begins}: {said.text!r}"
    duties = truth.duties(skills, said.at)
    on = [slot.end for slot, _ in duties if slot.start <= said.at]
    until, later = UNTIL.search(said.text), LATER.search(said.text)
    real_until = _clock(max(on)) if on else None
    told_until = until[1] if until else None
    yield "" if told_until == real_until else f"{said.at}: until {real_until}: {said.text!r}"
    real = min((slot.start for slot, _ in duties if slot.start > said.at), default=None)
    told = read_moment(later[1], said.at) if later else None
    is_honest = told == real and (told is not None or NO_LATER in said.text)
    yield "" if is_honest else f"{said.at}: the new time is {real}: {said.text!r}"


def _list_promises(transcript: Transcript) -> Iterator[Promise]:
    """Yield the duties to come that people were told with the number of their request."""
    crises = {(c.openid): c.id for c in transcript.cases if c.kind == "crisis"}
    for said in transcript.said:
        number = NUMBER.search(said.text)
        for pattern in (NEXT, NEXT_IN_DANGER, LATER):
            ticket_id = int(number[1]) if number else crises.get(said.openid)
            if ticket_id and (found := pattern.search(said.text)):
                begins = read_moment(found[1], said.at)
                yield Promise(ticket_id, said.openid, said.at, begins)


def _is_broken(truth: Truth, promise: Promise) -> bool:
    """Tell whether somebody waited for it and nobody had come a quarter of an hour later."""
    late = promise.begins + BY
    if late > truth.all.ends_at:
        return False
    facts = truth.facts[promise.ticket_id]
    between = [f.kind for f in facts if promise.said_at < f.at <= late]
    still = promise.ticket_id in {w.case.id for w in truth.line(late)}
    return still and not IN_HANDS & set(between) and not OVER & set(between)


def _is_announced(truth: Truth, promise: Promise) -> bool:
    """Tell whether the person and a supervisor knew of it a quarter of an hour later.

    Whom WeChat lets nobody write to hears of it with their next message: then a supervisor knows.
    """
    case, late = truth.cases[promise.ticket_id], promise.begins + BY
    told = any(
        said.openid == promise.openid
        and promise.said_at < said.at <= late
        and f"编号 {case.id} " in said.text
        and (found := BROKEN.search(said.text)) is not None
        and read_moment(found[1], said.at) == promise.begins
        and (LATER.search(said.text) or NO_LATER in said.text)
        for said in truth.all.said
    )
    is_called = _is_called(truth.all.called, case, promise, late)
    return is_called and (told or not _is_reachable(truth.all, promise.openid, late))


def _is_reachable(transcript: Transcript, openid: str, at: datetime) -> bool:
    """Tell whether WeChat lets us write: five times within two days after their last message."""
    last = max(wrote.at for wrote in transcript.wrote if wrote.openid == openid and wrote.at <= at)
    pushed = [s for s in transcript.said if s.openid == openid and s.is_pushed and s.at <= at]
    used = sum(said.at > last for said in pushed)
    return at - last < timedelta(hours=48) - BY and used < 5


def _is_called(called: Sequence[Called], case: Case, promise: Promise, late: datetime) -> bool:
    return any(
        promise.said_at < call.at <= late
        and WORDS[case.skill] in call.text
        and "说好的人" in call.text
        for call in called
    )
