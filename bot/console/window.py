"""What may be sent to the person now, and in plain words why not.

Who sends imports this: nothing here may know private notes.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from bot.console.access import Person
from models.account_state import find_limits
from models.contact import Contact
from models.reply_window import WindowState, remaining
from models.ticket import Ticket
from models.volunteer import Volunteer


@dataclass(frozen=True, slots=True)
class Sending:
    """What can be sent now: `closed` says why nothing can, `parked` why it has to wait."""

    window: WindowState
    closed: str = ""
    parked: str = ""


def read_sending(  # noqa: PLR0911 - each reason is a sentence of its own
    session: Session, ticket: Ticket, person: Person, *, app_id: str, now: datetime
) -> Sending:
    """Return whether this person can send now, in words where they cannot."""
    window = remaining(session, contact_id=ticket.contact_id, now=now)
    if ticket.volunteer_id != person.id:
        return Sending(window, closed="这位不在您手里，只能看。")
    volunteer = session.get_one(Volunteer, person.id)
    if not volunteer.released:
        return Sending(window, closed="您还在熟悉阶段，只能发审过的回复；请督导放行后再自己写。")
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
