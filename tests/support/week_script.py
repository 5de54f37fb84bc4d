"""Who helps and who needs help in a simulated week, and what does not go as it was planned."""

from collections.abc import Sequence
from datetime import date, time

from models.volunteer import Skill

TUESDAY = date(2026, 11, 24)
"""The first day; no holiday is near."""

L, P, C, S = Skill.LAWYER, Skill.COUNSELOR, Skill.CAREER, Skill.STAFF
TEAM = {
    "安律师": ((L,), 1),
    "薄律师": ((L,), 2),
    "陈姐": ((P, S), 2),
    "丁老师": ((C, P), 1),
    "高站长": ((S,), 2),
}
ROSTER = [
    *(("安律师", L, day, time(19, 30), time(21, 30)) for day in (0, 2, 4)),
    *(("薄律师", L, day, time(20), time(22)) for day in (1, 3, 5, 6)),
    *(("陈姐", P, day, time(19), time(22)) for day in (0, 2, 3, 5)),
    *(("丁老师", P, day, time(20), time(23)) for day in (1, 4, 6)),
    *(("丁老师", C, day, time(18, 30), time(19, 50)) for day in (0, 2, 4, 6)),
    *(("高站长", S, day, time(14), time(16, 30)) for day in (0, 1, 2, 3, 6)),
    *(("陈姐", S, day, time(19, 30), time(21)) for day in (4, 5)),
]
"""Who, for what, on which day after the first, from when to when."""

BOUND = ("薄律师", "陈姐")
"""Who has bound a WeChat account, and writes to it before each duty."""

ABSENT = ("薄律师", 3)
CLOSED = ("薄律师", 5)
VANISHES = ("安律师", 2)
PAUSED = ("陈姐", 3)
SWAPPED = ("安律师", 4)
"""What does not go by the roster: who, on which day."""

WISHES: Sequence[tuple[int, Skill | None, int, Sequence[str]]] = (
    (5, L, 0, ("我想找律师", "老板欠我三个月工资不给")),
    (3, L, 0, ("俺找个懂法的问问", "啥时候有人", "干活砸了脚，工伤没人管")),
    (4, P, 0, ("俺想找个心理顾问说说话", "夜里老睡不着")),
    (3, C, 0, ("找职业顾问", "下岗了想学开挖掘机，不知道中不中")),
    (2, S, 0, ("转人工", "工作人员", "我的登记信息写错了")),
    (2, S, 0, ("家里揭不开锅了，想申请困难补助", "没钱看病", "4", "肥城")),
    (1, None, 2, ("不想活了",)),
    (1, None, 3, ("我已经站在楼顶上了，这就跳下去",)),
)
"""How often, for whom, how grave, in which words."""

LAWYER_WISH, AID_WISH, CRISES = WISHES[0], WISHES[5], WISHES[6:]
CERTAIN = (
    (0, time(18, 20), CRISES[0]),
    (1, time(10, 0), CRISES[1]),
    (2, time(18, 31), AID_WISH),
    (3, time(12, 0), LAWYER_WISH),
    (3, time(12, 10), LAWYER_WISH),
    (4, time(22, 20), LAWYER_WISH),
)
"""Who comes in every week: in danger, for staff while somebody else is on duty, for a duty to which
nobody comes, for one that is called off."""
