"""Which wish a message stood for, by the topic that answered it."""

from collections.abc import Mapping
from typing import Final

from knowledge.intents import Intent

WISHES: Final[Mapping[Intent, str]] = {
    Intent.JOB_SEARCH: "找工作",
    Intent.JOB_REGISTER: "登记求职",
    Intent.JOB_POST: "要招人",
    Intent.CLASS_SCHEDULE: "公开课",
    Intent.LEGAL: "问法律",
    Intent.COUNSEL: "心里话",
    Intent.HUMAN: "找人工",
    Intent.CRISIS: "可能有危险",
    Intent.STATION: "服务站",
    Intent.AID: "困难帮扶",
    Intent.FEEDBACK: "提意见",
    Intent.MUTUAL_HELP: "邻里互助",
    Intent.PRIVACY: "个人信息",
    Intent.HELP: "怎么用",
    Intent.SMALLTALK: "闲聊",
    Intent.OTHER: "其他",
}

TOPICS: Final[Mapping[str, Intent | None]] = {
    "jobs": Intent.JOB_SEARCH,
    "register": Intent.JOB_REGISTER,
    "job_post": Intent.JOB_POST,
    "classes": Intent.CLASS_SCHEDULE,
    "legal": Intent.LEGAL,
    "calculate": Intent.LEGAL,
    "counsel": Intent.COUNSEL,
    "human": Intent.HUMAN,
    "safety": Intent.CRISIS,
    "stations": Intent.STATION,
    "aid": Intent.AID,
    "opinions": Intent.FEEDBACK,
    "mutual_help": Intent.MUTUAL_HELP,
    "privacy": Intent.PRIVACY,
    "welcome": Intent.HELP,
    "smalltalk": Intent.SMALLTALK,
    "media": Intent.OTHER,
    "fallback": Intent.OTHER,
    # They go on with what was there before, or are about the service itself.
    "binding": None,
    "queue": None,
    "helpfulness": None,
    "rating": None,
    "resume": None,
}
"""Every topic of the registry; None is no wish of its own."""
