"""What the admin pages say."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Section:
    """One entry of the menu."""

    path: str
    label: str
    about: str


SECTIONS: Final = (
    Section("/admin/answer", "机器人会怎么答", "写一句话，看它听成什么、怎么答、为什么"),
    Section("/admin/unanswered", "没答上来的", "同一个意思归在一起，写一条答案"),
    Section("/admin/faq-entry/list", "问答", "法律和生活问题的答案"),
    Section("/admin/job-posting/list", "岗位", "单位招人"),
    Section("/admin/open-class/list", "课程", "每周的公开课"),
    Section("/admin/station/list", "驿站", "歇脚、喝水、办事的地方"),
    Section("/admin/local-figure/list", "本地数字", "最低工资、平均工资、利率"),
    Section("/admin/volunteer/list", "志愿者", "谁在帮忙，能做什么"),
    Section("/console/news", "群发", "写一条，发给想收的人"),
    Section("/console/roster/edit", "排班和节假日", "在工作台里改"),
    Section("/admin/load-run/list", "改动和撤回", "装过的表、改过的每一条"),
    Section("/admin/audit-entry/list", "操作记录", "谁做了什么"),
    Section("/admin/settings", "设置", "公众号能不能发、知识的版本"),
)

DONE: Final[Mapping[str, str]] = {
    "saved": "存好了，下一条消息就按新的来。",
    "removed": "删掉了。删错了可以在“改动和撤回”里撤回。",
    "undone": "撤回了，回到改之前的样子。",
}
REFUSALS: Final[Mapping[int, tuple[str, str]]] = {
    400: ("没看懂", "这个地址里有写错的地方，请回到上一页再点一次。"),
    404: ("没有找到", "这里没有您要看的，可能已经删掉了。"),
    503: ("稍等一下", "系统这会儿连不上数据库。过一分钟再试。"),
}
