"""Low mood: a caring answer and the offer of the counselor."""

import re
from typing import ClassVar

from handlers.base import Context, Handler
from handlers.wording import say_duty
from knowledge.engine import Action
from knowledge.intents import Intent
from knowledge.safety import Situation
from models.messages import Choice, InboundMessage, Reply
from models.volunteer import Skill, find_next_duty

_COUNSELOR = Choice("跟心理顾问说说", topic="human", value="counselor")
_WANTS_PERSON = re.compile(
    r"(找|请|跟|和)(个|位|一个)?(真?人|顾问|老师|他|她).{0,2}(说|聊|唠|谈|吧)|^(好|行|中|要)的?吧?$"
)


class Counsel(Handler):
    """Listens first; the counselor is one tap away."""

    name: ClassVar[str] = "counsel"
    intents: ClassVar[frozenset[Intent]] = frozenset({Intent.COUNSEL})

    def matches(self, message: InboundMessage, ctx: Context) -> bool:
        """Take distress also where it is the only thing understood."""
        is_distressed = ctx.understanding.danger.level == 1
        is_vague = ctx.understanding.action.value != "answer"
        return super().matches(message, ctx) or (is_distressed and is_vague)

    def handle(self, message: InboundMessage, ctx: Context) -> Reply:
        """Say the fixed caring words, and when the counselor is there."""
        text = ctx.safety_texts.for_situation(Situation.DISTRESS)
        duty = find_next_duty(ctx.session, skills=(Skill.COUNSELOR,), now=ctx.now)
        return Reply(
            f"{text.opening}\n{say_duty(duty, now=ctx.now, timezone=ctx.timezone)}",
            choices=[
                _COUNSELOR,
                Choice("先不用，我就说说", topic=self.name, value="listen"),
            ],
        )

    def follow_up(self, message: InboundMessage, ctx: Context) -> Reply | None:
        """Stay with who goes on telling; say less the second time, and offer the person again."""
        understanding = ctx.understanding
        if _WANTS_PERSON.search(understanding.plain):
            return Reply("好，请心理顾问跟您说，点一下或者回复「1」：", choices=[_COUNSELOR])
        is_other = (
            understanding.action is Action.ANSWER and understanding.intent not in self.intents
        )
        if is_other:
            return None
        text = ctx.safety_texts.for_situation(Situation.DISTRESS)
        return Reply(text.still_here, choices=[_COUNSELOR])

    def choose(self, value: str, ctx: Context) -> Reply:
        """Stay with somebody who just wants to talk."""
        return Reply(
            "好，您想说什么就说，说多少都行。我是机器人，懂得不多，可您的话我都认真听。"
            "想找真人了，回复「人工」；夜里难受，可以打12356。"
        )
