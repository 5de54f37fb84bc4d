"""帮上忙了 / 一般 / 没帮上: the answer to what was asked after a volunteer had closed a ticket."""

import re
from collections.abc import Mapping
from typing import ClassVar, Final

from handlers.base import Context, Handler
from models.messages import Choice, InboundMessage, Reply
from models.rating import Rating, find_question, rate

LABELS: Final[Mapping[Rating, str]] = {
    Rating.HELPED: "帮上忙了",
    Rating.SO_SO: "一般",
    Rating.NOT_HELPED: "没帮上",
}
"""What can be tapped; a label is also what arrives as text."""

QUESTION: Final = "刚才的事办得咋样？点一下就行："
_SPACES: Final = re.compile(r"\s+")
_THANKS: Final[Mapping[Rating, str]] = {
    Rating.HELPED: "谢谢您告诉我们，帮您的人听了心里也暖。往后有事，随时说话。",
    Rating.SO_SO: "记下了，谢谢您说实话，我们接着改。事没办完的，直接说，或者再找个人。",
    Rating.NOT_HELPED: "对不住，这回没帮上您。记下了，负责的人会看到。要不换个人再帮您看看？",
}
_AGAIN: Final = "您评过了，我们都记着呢，谢谢您。还有事，直接跟我说就行。"


class Rated(Handler):
    """Takes the answer; where nothing was asked these are words like others."""

    name: ClassVar[str] = "rating"
    holds_the_floor: ClassVar[bool] = False

    def is_answer(self, message: InboundMessage, ctx: Context) -> bool:
        """Tell whether somebody taps what was sent to them after a ticket."""
        if _find_rating(message.text) is None:
            return False
        return find_question(ctx.session, contact_id=ctx.contact.id, now=ctx.now) is not None

    def matches(self, message: InboundMessage, ctx: Context) -> bool:
        """Claim nothing else: the router asks `is_answer` first."""
        return False

    def handle(self, message: InboundMessage, ctx: Context) -> Reply | None:
        """Note the answer and say thank you; the first answer stays."""
        value = _find_rating(message.text)
        asked = find_question(ctx.session, contact_id=ctx.contact.id, now=ctx.now)
        if value is None or asked is None:
            return None
        if not rate(ctx.session, ticket_id=asked.ticket_id, value=value, now=ctx.now):
            return Reply(_AGAIN)
        if value is Rating.HELPED:
            return Reply(_THANKS[value])
        again = Choice("再找个人问问", topic="human", value=asked.skill.value)
        return Reply(_THANKS[value], choices=[again])


def _find_rating(text: str) -> Rating | None:
    said = _SPACES.sub("", text)
    return next((value for value, label in LABELS.items() if said == label), None)
