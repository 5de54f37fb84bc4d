"""Low mood: a caring answer and the offer of the counselor."""

import re
from typing import ClassVar

from pydantic import BaseModel

from handlers.alarm import raise_alarm
from handlers.base import Context, Handler
from handlers.wording import say_duty
from knowledge.engine import Action
from knowledge.intents import Intent
from knowledge.own_data import is_clear
from knowledge.safety import Danger, Situation
from models.messages import Choice, InboundMessage, Reply
from models.roster import find_next_duty
from models.volunteer import Skill

_COUNSELOR = Choice("跟心理顾问说说", topic="human", value="counselor")
_WANTS_PERSON = re.compile(
    r"(找|请|跟|和)(个|位|一个)?(真?人|顾问|老师|他|她).{0,2}(说|聊|唠|谈|吧)|^(好|行|中|要)的?吧?$"
)


_YES_I_DID = re.compile(
    r"(嗯+|是|是的|有|有过|想过|有想过|想|会想|会|常想|天天想|老想|有点|(有时候?|偶尔|经常|天天|总是?|老)"
    r"(也|会|就)?想(过)?|想过.{0,6}|有.{0,4}(想法|念头)|(是|有)啊?)(的|了|吧|过|啊)?"
)
_WISH_TO_DIE = Danger(2, Situation.SELF, ("said yes",))


class Asked(BaseModel):
    """Whether the last words asked about harming oneself, so that a bare yes is understood."""

    about_harm: bool = False


class Counsel(Handler):
    """Listens first; the counselor is one tap away."""

    name: ClassVar[str] = "counsel"
    is_sensitive: ClassVar[bool] = True
    intents: ClassVar[frozenset[Intent]] = frozenset({Intent.COUNSEL})

    def matches(self, message: InboundMessage, ctx: Context) -> bool:
        """Take distress also where it is the only thing understood."""
        is_distressed = ctx.understanding.danger.level == 1
        is_vague = ctx.understanding.action is not Action.ANSWER
        return super().matches(message, ctx) or (is_distressed and is_vague)

    def handle(self, message: InboundMessage, ctx: Context) -> Reply:
        """Say the fixed caring words, and when the counselor is there."""
        text = ctx.safety_texts.for_situation(Situation.DISTRESS)
        duty = find_next_duty(ctx.session, skills=(Skill.COUNSELOR,), now=ctx.now)
        ctx.remember(self.name, Asked(about_harm=True))
        return Reply(
            f"{text.opening}\n{say_duty(duty, now=ctx.now, timezone=ctx.timezone)}",
            choices=[
                _COUNSELOR,
                Choice("先不用，我就说说", topic=self.name, value="listen"),
            ],
        )

    def follow_up(self, message: InboundMessage, ctx: Context) -> Reply | None:
        """Hear a yes to the question; else stay, say less, and offer the person again."""
        understanding = ctx.understanding
        was_asked = ctx.recall(self.name, Asked).about_harm
        ctx.remember(self.name, Asked())
        if was_asked and _YES_I_DID.fullmatch(understanding.plain):
            return raise_alarm(ctx, _WISH_TO_DIE, said=message.text)
        if _WANTS_PERSON.search(understanding.plain):
            return Reply("好，请心理顾问跟您说，点一下或者回复「1」：", choices=[_COUNSELOR])
        is_other = understanding.is_sure and understanding.intent not in self.intents
        is_worry = understanding.intent is Intent.PRIVACY or is_clear(understanding.plain)
        if is_other or is_worry:
            return None  # "别让家里知道" is a worry that has an answer
        text = ctx.safety_texts.for_situation(Situation.DISTRESS)
        return Reply(text.still_here, choices=[_COUNSELOR])

    def choose(self, value: str, ctx: Context) -> Reply:
        """Stay with somebody who just wants to talk."""
        return Reply(
            "好，您想说什么就说，说多少都行。我是机器人，懂得不多，可您的话我都认真听。"
            "想找真人了，回复「人工」；夜里难受，可以打12356。"
        )
