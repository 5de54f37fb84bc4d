"""Calls people: each rung of an alarm's ladder once, through every channel there is.

Any number of processes may do it. A call is committed before it is sent, and what became of it
through each channel is recorded as soon as it is known. A call says what kind of need, how grave,
which number, how long it waits and where the console is; who the person is it cannot say, for it
is made of nothing else (see `models.paging.Page`). A volunteer on duty who has nothing to do gets a
short word besides when somebody waits (`models.nudge`).
"""

import threading
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Final, TypeVar
from zoneinfo import ZoneInfo

import structlog
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Session

from bot.alerts import MailAccount, Send, call_robot, send_mail
from bot.console import words
from bot.settings import Settings
from handlers.promises import Delay, say_delay
from models.alarm import AlarmKind, Outcome, TicketAlarm
from models.clock import Clock
from models.database import Database
from models.nudge import EVERY, SUBJECT, Nudge, find_nudge, list_idle
from models.outbox import OutboxKind, enqueue
from models.paging import (
    Page,
    begin_page,
    break_promise,
    claim_lost,
    end_if_over,
    find_outcomes,
    find_work,
    raise_crisis,
    record_outcomes,
)
from models.promise import (
    Unkept,
    find_duty_end,
    list_unkept,
    remember_promise,
    still_waits,
)
from models.roster import find_later_duty
from models.ticket import Ticket, TicketKind
from models.ticket_flow import queue_position
from models.ticket_steps import lock_ticket
from models.volunteer import Skill

T = TypeVar("T")

log = structlog.get_logger()

TICK: Final = 1.0
UNHURRIED: Final = timedelta(seconds=10)
"""How often it looks for what is a matter of minutes."""

FRESH: Final = timedelta(minutes=30)
"""A call that WeChat could not be given within this time is not made any more."""

_WHY: Final[Mapping[AlarmKind, str]] = {
    AlarmKind.CRISIS: "没有人接",
    AlarmKind.HELD: "接待途中又说了危险的话",
    AlarmKind.DUTY: "值班开始了，说好的人还没接上",
}


class Pager:
    """Raises alarms, climbs their ladders, and tells people of promises that were not kept."""

    def __init__(
        self,
        *,
        database: Database,
        clock: Clock,
        timezone: ZoneInfo,
        address: str,
        channels: Mapping[str, Send],
    ) -> None:
        self._database = database
        self._clock = clock
        self._timezone = timezone
        self._address = address
        self._channels = channels
        self._looked_at: datetime | None = None

    def run(self, stop: threading.Event) -> None:
        """Work until told to stop; what has begun is brought to its end."""
        while not stop.is_set():
            try:
                self.run_once()
            except SQLAlchemyError as error:
                log.warning("paging_database_failed", error=type(error).__name__)
            except Exception:
                log.exception("paging_failed")
            stop.wait(TICK)

    def run_once(self) -> int:
        """Do all there is to do; return how many calls were made."""
        now = self._clock()
        if self._looked_at is None or now - self._looked_at >= UNHURRIED:
            self._looked_at = now
            self._keep_promises(now)
            self._nudge(now)
        for ticket_id in self._look(find_work, now=now).unguarded:
            self._step(raise_crisis, ticket_id=ticket_id, now=now)
        work = self._look(find_work, now=now)
        for alarm_id in work.over:
            self._step(end_if_over, alarm_id=alarm_id, now=now)
        calls = sum(self._climb(alarm_id) for alarm_id in work.due)
        return calls + sum(self._retake(page_id) for page_id in work.lost)

    def _keep_promises(self, now: datetime) -> None:
        """Look for promises that were not kept."""
        for unkept in self._look(list_unkept, now=now):
            self._step(self._tell_delay, found=unkept, now=now)

    def _nudge(self, now: datetime) -> None:
        """Tell volunteers on duty who have nothing to do that somebody waits."""
        for volunteer_id, skill in self._look(list_idle, now=now):
            self._step(self._tell_idle, volunteer_id=volunteer_id, skill=skill, now=now)

    def _tell_idle(
        self, session: Session, *, volunteer_id: int, skill: Skill, now: datetime
    ) -> None:
        nudge = find_nudge(session, volunteer_id=volunteer_id, skill=skill, now=now)
        if nudge is None:
            return
        enqueue(
            session,
            contact_id=nudge.contact_id,
            body=say_nudge(nudge, address=self._address),
            kind=OutboxKind.PAGE,
            not_after=now + EVERY,
            subject=SUBJECT,
            now=now,
        )
        log.info("nudged", volunteer_id=volunteer_id, skill=skill)

    def _climb(self, alarm_id: int) -> int:
        """Make the calls of one alarm that are due; each is sent before the next is begun."""
        made = 0
        while (page := self._step(self._begin, alarm_id=alarm_id)) is not None:
            self._send(page)
            made += 1
        return made

    def _retake(self, page_id: int) -> int:
        """Make a call whose maker is gone, if it was not made again already."""
        page = self._step(claim_lost, page_id=page_id, now=self._clock())
        if page is None:
            return 0
        self._send(page)
        return 1

    def _begin(self, session: Session, *, alarm_id: int) -> Page | None:
        """Commit to a call; what WeChat is to carry is committed with it."""
        now = self._clock()
        page = begin_page(session, alarm_id=alarm_id, now=now)
        if page is None:
            return None
        for contact_id in page.contacts:
            enqueue(
                session,
                contact_id=contact_id,
                body=say_page(page, address=self._address, now=now),
                kind=OutboxKind.PAGE,
                not_after=now + FRESH,
                subject=page.alarm.subject,
                now=now,
            )
        told = len(page.contacts)
        wechat = Outcome.QUEUED if told else Outcome.OFF
        record_outcomes(session, page_id=page.id, told=told, wechat=wechat)
        return page

    def _send(self, page: Page) -> None:
        """Make a call through all channels that have no outcome yet."""
        text = say_page(page, address=self._address, now=self._clock())
        row = self._look(find_outcomes, page_id=page.id)
        for name in ("webhook", "mail"):
            if getattr(row, name) is Outcome.PENDING:
                outcome = {name: self._call(name, text)}
                self._step(record_outcomes, page_id=page.id, **outcome)
        self._step(record_outcomes, page_id=page.id, is_last=True)
        log.info("paged", ticket_id=page.alarm.ticket_id, alarm=page.alarm.kind, rung=page.rung)

    def _call(self, name: str, text: str) -> Outcome:
        send = self._channels.get(name)
        if send is None:
            return Outcome.OFF
        try:
            return send(text)
        except Exception:
            log.exception(
                "paging_channel_failed", channel=name
            )  # the others are tried all the same
            return Outcome.UNCERTAIN

    def _tell_delay(self, session: Session, *, found: Unkept, now: datetime) -> None:
        """Tell one person the truth and a new time, and call a supervisor."""
        ticket = lock_ticket(session, found.ticket_id)
        if not still_waits(session, found, now=now):
            return
        later = find_later_duty(session, ticket.served_by, now=now)
        delay = Delay(
            ticket=ticket,
            promised_at=found.promised_at,
            is_called_off=found.is_called_off,
            until=find_duty_end(session, ticket.served_by, now=now),
            next_at=later.starts_at if later else None,
            ahead=queue_position(session, ticket, now) or 0,
        )
        self._enqueue_delay(session, ticket, delay, now)
        break_promise(session, found, next_at=delay.next_at, now=now)
        if later is not None:
            skill, begins_at = later.skill, later.starts_at
            remember_promise(session, ticket, skill=skill, begins_at=begins_at, now=now)

    def _enqueue_delay(self, session: Session, ticket: Ticket, delay: Delay, now: datetime) -> None:
        enqueue(
            session,
            contact_id=ticket.contact_id,
            body=say_delay(delay, now=now, timezone=self._timezone),
            # Once a volunteer speaks it is out of date: such a message falls then.
            kind=OutboxKind.BOT,
            ticket=ticket,
            not_after=delay.next_at,
            subject=f"promise:{ticket.id}",
            now=now,
        )

    def _look(self, read: Callable[..., T], **facts: object) -> T:
        with (
            self._database.reading() as connection,
            Session(connection, expire_on_commit=False) as session,
        ):
            return read(session, **facts)

    def _step(self, act: Callable[..., T], **facts: object) -> T:
        with self._database.transaction() as session:
            return act(session, **facts)


def create_pager(settings: Settings, *, database: Database, clock: Clock) -> Pager:
    """Return a pager with the channels that are set up."""
    return Pager(
        database=database,
        clock=clock,
        timezone=settings.zone,
        address=f"{settings.console_url}/console/",
        channels=open_channels(settings),
    )


def open_channels(settings: Settings) -> Mapping[str, Send]:
    """Return the channels outside WeChat that are set up."""
    channels: dict[str, Send] = {}
    url = settings.alert_webhook_url
    if url:
        channels["webhook"] = lambda text: call_robot(url, text)
    if settings.smtp_url:
        account = MailAccount.parse(settings.smtp_url)
        channels["mail"] = lambda text: send_mail(account, text)
    return channels


def say_page(page: Page, *, address: str, now: datetime) -> str:
    """Return what a call says."""
    alarm, number = page.alarm, page.alarm.ticket_id
    if alarm.skill is not None:
        head = f"{words.SKILLS[alarm.skill]}{_say_duty(alarm)}"
        line = f"{page.waiting} 位在等，第一位编号 {number}，{_say_begin(page, now)}。"
    else:
        head = f"第 {page.rung + 1} 次呼叫：{_WHY[alarm.kind]}"
        line = f"编号 {number}，{_say_need(page)}，{_say_wait(page, now)}。"
    return f"【矿友互助】{head}\n{line}\n到工作台接下，或点「我知道了」：{address}"


def say_nudge(nudge: Nudge, *, address: str) -> str:
    """Return the short word to somebody on duty: 有一位在等（法律）."""
    many = "一位" if nudge.waiting == 1 else f" {nudge.waiting} 位"
    return f"有{many}在等（{words.KINDS[TicketKind(nudge.skill.value)]}）\n到工作台接下：{address}"


def _say_duty(alarm: TicketAlarm) -> str:
    return words.CALLED_OFF if alarm.is_called_off else _WHY[alarm.kind]


def _say_begin(page: Page, now: datetime) -> str:
    begins = page.waiting_since
    if begins > now:
        return f"离说好的时间还有 {words.say_span(now, begins)}"
    what = "说好的时间已过" if page.alarm.is_called_off else "值班已开始"
    return f"{what} {words.say_span(begins, now)}"


def _say_need(page: Page) -> str:
    risk = words.say_risk(page.risk)
    return risk if page.kind is TicketKind.CRISIS else f"{words.KINDS[page.kind]}，{risk}"


def _say_wait(page: Page, now: datetime) -> str:
    is_new = now - page.waiting_since < timedelta(minutes=1)
    span = words.say_span(page.waiting_since, now)
    if page.alarm.kind is AlarmKind.HELD:
        return "刚刚说的" if is_new else f"{span}前说的"
    return "刚来" if is_new else f"已等 {span}"
