"""What may be sent to the person now, and in plain words why not.

Who sends imports this: nothing here may know private notes.
"""

from dataclasses import dataclass, replace
from datetime import datetime

from sqlmodel import Session, select

from bot.console.access import Person
from models.account_state import find_limits
from models.contact import Contact
from models.reply_window import WindowState, remaining
from models.ticket import Ticket
from models.volunteer import Volunteer


@dataclass(frozen=True, slots=True)
class Sending:
    """What can be sent now: `closed` says why nothing can, `parked` why it has to wait.

    Who is new sends approved replies only (`approved_only`).
    """

    window: WindowState
    closed: str = ""
    parked: str = ""
    approved_only: bool = False


def read_sending(
    session: Session, ticket: Ticket, person: Person, *, app_id: str, now: datetime
) -> Sending:
    """Return whether this person can send now, in words where they cannot."""
    sending = _read_sending(session, ticket, person, app_id=app_id, now=now)
    return replace(sending, approved_only=not is_released(session, person.id))


def is_released(session: Session, volunteer_id: int) -> bool:
    """Tell, as it is stored now, whether somebody may write in their own words."""
    released = select(Volunteer.released).where(Volunteer.id == volunteer_id)
    return session.exec(released).first() is True


def _read_sending(
    session: Session, ticket: Ticket, person: Person, *, app_id: str, now: datetime
) -> Sending:
    window = remaining(session, contact_id=ticket.contact_id, now=now)
    if ticket.volunteer_id != person.id:
        return Sending(window, closed="这位不在您手里，只能看。")
    if not session.get_one(Contact, ticket.contact_id).followed:
        return Sending(window, closed="他取消关注了，什么都送不到。")
    limits = find_limits(session.connection(), app_id=app_id)
    if not limits.may_send(now):
        return Sending(window, parked="这个公众号不能主动发。写好先存着，他下次说话时一起送到。")
    if limits.is_over_for_today(now):
        return Sending(window, parked="今天能发的次数用完了。写好先存着，明天或他下次说话时送到。")
    if window.left == 0:
        why = "他 48 小时没说话了，或五条已用完，微信这会儿不让发。"
        return Sending(window, parked=f"{why}写好先存着，他下次说话时送到。")
    return Sending(window)
