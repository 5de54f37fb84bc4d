"""What was said around a ticket, in its order: the person, the bot, volunteers, private notes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from sqlmodel import Session, col, select

from bot.console import words
from bot.console.access import Person, may_look_at
from bot.console.masking import mask
from models.faq import FaqEntry
from models.inbox import InboxEntry
from models.media import MediaKind, MediaView, list_media
from models.messages import MessageKind
from models.note import list_notes
from models.outbox import OutboxKind, OutboxMessage, OutboxStatus, list_for_ticket
from models.ticket import Ticket, TicketEvent, TicketEventKind, list_events
from models.volunteer import Skill, Volunteer

MOST_BEFORE = 30
"""How many exchanges with the bot are shown."""

_BEFORE = timedelta(days=30)
_TOPICS: Final[Mapping[Skill, frozenset[str]]] = {
    Skill.LAWYER: frozenset({"legal", "calculate", "helpfulness"}),
    Skill.COUNSELOR: frozenset({"counsel", "safety"}),
    Skill.CAREER: frozenset({"jobs", "register", "classes"}),
    Skill.STAFF: frozenset({"aid", "stations", "classes", "mutual_help", "opinions", "job_post"}),
}
"""Whose business what was said to the bot is; all else stays between the person and the bot."""

_THEIRS = frozenset({TicketEventKind.OPENED, TicketEventKind.CONTACT_WROTE})
_ON_THE_CARD = frozenset({TicketEventKind.OPENED, TicketEventKind.JOINED})
"""What the card shows as the question."""

_KINDS: Final[Mapping[str, str]] = {
    "[image]": "［发来一张图片］",
    "[voice]": "［发来一段语音］",
    "[video]": "［发来一段视频，请他用文字说说是什么］",
    "[location]": "［发来一个位置］",
    "[link]": "［发来一个链接］",
    "[unknown]": "［发来的东西这里看不了］",
}
_PLACEHOLDERS: Final = frozenset({_KINDS["[image]"], _KINDS["[voice]"], "[图片]", "[语音]"})
"""What stands for a picture or a recording where that is shown below."""

_FOLLOWED: Final = "subscribe"


class Speaker(StrEnum):
    """Whose words they are."""

    CONTACT = "contact"
    BOT = "bot"
    VOLUNTEER = "volunteer"
    NOTE = "note"
    MARK = "mark"


@dataclass(frozen=True, slots=True)
class Line:
    """One thing said or done; `below` is the source of an answer, or how far a message has come."""

    speaker: Speaker
    at: datetime
    text: str
    who: str = ""
    below: str = ""
    is_late: bool = False
    message_id: int | None = None
    media: MediaView | None = None
    may_look: bool = False


def read_conversation(session: Session, ticket: Ticket, person: Person) -> list[Line]:
    """Return the conversation as this person may read it; numbers are hidden."""
    media = list_media(session, ticket_id=ticket.id or 0)
    lines = _show_media(_list_lines(session, ticket, person), media, person)
    return sorted(lines, key=lambda line: line.at)


def _list_lines(session: Session, ticket: Ticket, person: Person) -> list[Line]:
    entries = _list_entries(session, ticket, person)
    answered = {entry.received_at for entry in entries}
    names = _names(session)
    lines: list[Line] = []
    for entry in entries:
        lines += _exchange(entry, say_source(session, entry.source))
    lines += _tell_what_is_held_back(session, ticket)
    for event in list_events(session, ticket_id=ticket.id or 0):
        lines += _from_event(event, names, answered=answered)
    lines += [_sent(message, names) for message in _theirs(session, ticket)]
    return lines + [
        Line(Speaker.NOTE, note.at, mask(note.body), names.get(note.volunteer_id, ""))
        for note in list_notes(session, ticket_id=ticket.id or 0)
    ]


def _show_media(lines: list[Line], media: Sequence[MediaView], person: Person) -> list[Line]:
    """Put what was sent into the line that tells of it, or into one of its own."""
    shown = list(lines)
    for one in media:
        place = next((i for i, line in enumerate(shown) if _tells_of(line, one)), None)
        line = Line(Speaker.CONTACT, one.received_at, "") if place is None else shown[place]
        text = "" if line.text in _PLACEHOLDERS else line.text
        line = replace(line, text=text, media=one, may_look=may_look_at(person, one))
        if place is None:
            shown.append(line)
        else:
            shown[place] = line
    return shown


def _tells_of(line: Line, media: MediaView) -> bool:
    # Each message of a person has a moment of its own: they come one after the other.
    is_theirs = line.speaker is Speaker.CONTACT and line.at == media.received_at
    is_voice = media.kind is MediaKind.VOICE
    return is_theirs and line.media is None and (is_voice or line.text in _PLACEHOLDERS)


def own_words(session: Session, ticket: Ticket, person: Person) -> list[str]:
    """Return what the person said, as far as it belongs to this ticket; nothing is hidden."""
    entries = [entry.text for entry in _list_entries(session, ticket, person)]
    events = list_events(session, ticket_id=ticket.id or 0)
    return [*entries, *(event.body for event in events if event.kind in _THEIRS)]


def last_words(session: Session, ticket: Ticket) -> str:
    """Return what the person wrote last in this ticket."""
    event = session.exec(
        select(TicketEvent)
        .where(TicketEvent.ticket_id == ticket.id, col(TicketEvent.kind).in_(_THEIRS))
        .order_by(col(TicketEvent.id).desc())
    ).first()
    return _shown(event.body) if event else ""


def _list_entries(session: Session, ticket: Ticket, person: Person) -> list[InboxEntry]:
    """Return what was said to the bot, as far as it is the business of this kind of help."""
    query = (
        select(InboxEntry)
        .where(InboxEntry.contact_id == ticket.contact_id, InboxEntry.topic != "in_hands")
        .where(col(InboxEntry.is_held_back).is_(False))
        .where(col(InboxEntry.received_at) > ticket.opened_at - _BEFORE)
        .order_by(col(InboxEntry.id).desc())
        .limit(MOST_BEFORE)
    )
    if ticket.closed_at is not None:
        query = query.where(col(InboxEntry.received_at) <= ticket.closed_at)
    if not person.is_supervisor:
        query = query.where(col(InboxEntry.topic).in_(_TOPICS[ticket.skill]))
    entries = session.exec(query).all()
    return [entry for entry in reversed(entries) if entry.text or entry.reply_text]


def _tell_what_is_held_back(session: Session, ticket: Ticket) -> list[Line]:
    """Say that something was taken out, where it stood, and nothing of what it was."""
    held = select(InboxEntry.received_at).where(
        InboxEntry.contact_id == ticket.contact_id,
        col(InboxEntry.is_held_back).is_(True),
        col(InboxEntry.received_at) > ticket.opened_at - _BEFORE,
    )
    at = session.exec(held.order_by(col(InboxEntry.id)).limit(1)).first()
    return [] if at is None else [Line(Speaker.MARK, at, words.HELD_BACK)]


def _theirs(session: Session, ticket: Ticket) -> Sequence[OutboxMessage]:
    messages = list_for_ticket(session, ticket_id=ticket.id or 0)
    return [message for message in messages if message.kind is OutboxKind.VOLUNTEER]


def _exchange(entry: InboxEntry, title: str) -> list[Line]:
    said = mask(entry.text) or _name_act(entry)
    lines = [Line(Speaker.CONTACT, entry.received_at, said)]
    if entry.reply_text:
        answer = mask(_without_links(entry.reply_text))
        # The answer belongs behind the question, whatever the clock says.
        at = entry.received_at + timedelta(microseconds=1)
        lines.append(Line(Speaker.BOT, at, answer, below=title))
    return lines


def _name_act(entry: InboxEntry) -> str:
    """Return what the person did where they wrote nothing."""
    if entry.kind is MessageKind.EVENT:
        return "［关注了公众号］" if entry.event == _FOLLOWED else "［点了菜单］"
    return _KINDS[f"[{entry.kind.value}]"]


def _from_event(
    event: TicketEvent, names: Mapping[int, str], *, answered: set[datetime]
) -> list[Line]:
    if event.kind is TicketEventKind.CONTACT_WROTE:
        is_known = event.at in answered
        return [] if is_known else [Line(Speaker.CONTACT, event.at, _shown(event.body))]
    who = names.get(event.actor_id or 0, "")
    text = words.EVENTS.get(event.kind, "")
    below = "" if event.kind in _ON_THE_CARD else mask(event.body)
    return [Line(Speaker.MARK, event.at, text, who, below=below)] if text else []


def _sent(message: OutboxMessage, names: Mapping[int, str]) -> Line:
    who = names.get(message.volunteer_id or 0, "")
    return Line(
        Speaker.VOLUNTEER,
        message.created_at,
        mask(message.body).removeprefix(f"{who}："),
        who,
        below=words.say_delivery(message),
        is_late=message.status not in (OutboxStatus.SENT, OutboxStatus.SENDING),
        message_id=message.id if _can_be_taken_back(message) else None,
    )


def _can_be_taken_back(message: OutboxMessage) -> bool:
    return message.status in (OutboxStatus.WAITING, OutboxStatus.PARKED)


def say_source(session: Session, source: str) -> str:
    """Return where an answer is from, in words; nothing where only choices were offered."""
    kind, _, names = source.partition(":")
    keys = names.split(",")
    if kind == "calculator":
        return "按法条算出来的"
    if kind == "law":
        articles = [key.partition("#") for key in keys]
        return "出自" + "、".join(f"《{name}》第{number}条" for name, _, number in articles)
    entry = session.get(FaqEntry, keys[0]) if kind == "faq" else None
    return f"出自问答「{entry.question}」" if entry else ""


def _shown(body: str) -> str:
    return mask(_KINDS.get(body, body))


def _without_links(text: str) -> str:
    """Return a reply as the person saw it, without what makes its choices tappable."""
    parts = text.split("<")
    return "".join(part.split(">", 1)[1] if ">" in part else part for part in parts)


def _names(session: Session) -> dict[int, str]:
    rows = session.exec(select(Volunteer.id, Volunteer.display_name)).all()
    return {volunteer_id or 0: name for volunteer_id, name in rows}
