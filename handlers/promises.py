"""What a person is told when a promised duty has begun and nobody has got to them yet."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from handlers.wording import say_moment
from models.volunteer import Skill

_WHO: Final[Mapping[Skill, str]] = {
    Skill.LAWYER: "律师",
    Skill.COUNSELOR: "心理顾问",
    Skill.CAREER: "职业顾问",
    Skill.STAFF: "工作人员",
}
_HELP: Final = "心里撑不住就打12356，有危险打110或120，一直有人接。"


@dataclass(frozen=True, slots=True)
class Delay:
    """How a promise stands: until when the duty goes on, when the next begins, who is before."""

    number: int
    skill: Skill
    promised_at: datetime
    until: datetime | None
    next_at: datetime | None
    ahead: int


def say_delay(delay: Delay, *, now: datetime, timezone: ZoneInfo) -> str:
    """Tell the truth and a new time."""

    def say(moment: datetime) -> str:
        return say_moment(moment, now=now, timezone=timezone)

    place = f"您前面还有 {delay.ahead} 位" if delay.ahead else "您排在头一个"
    lines = [
        f"说好{say(delay.promised_at)}有{_WHO[delay.skill]}值班，到现在还没接上您，对不住。"
        f"我已经去催了，{place}。",
        _say_new_time(delay, say(delay.next_at) if delay.next_at else "", timezone),
        f"编号 {delay.number} 一直给您留着，不用再排。想起什么接着写。",
    ]
    return "\n".join([*lines, _HELP] if delay.skill is Skill.COUNSELOR else lines)


def _say_new_time(delay: Delay, later: str, timezone: ZoneInfo) -> str:
    next_time = f"下一次值班是{later}" if later else "下一次值班还没排出来，排好了再给您准话"
    if delay.until is None:
        return f"这一班过去了，{next_time}。"
    end = f"{delay.until.astimezone(timezone):%H:%M}"
    return f"这一班到 {end}，轮到您就在这里回您；万一没轮到，{next_time}。"
