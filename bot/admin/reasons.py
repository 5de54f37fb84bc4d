"""Why the bot understood something so, in the words of people: cues, slots, topics, knowledge."""

from collections.abc import Mapping
from typing import Final

from bot.console.words import TOPICS
from knowledge.engine import FROM_FAQ
from knowledge.intents import Intent, IntentScore

CUES: Final[Mapping[str, str]] = {
    "seeks work": "在找活",
    "asks whether there is work": "问有没有活",
    "asks whether someone hires": "问招不招人",
    "a trade is named": "说了一个工种",
    "nothing but a trade or a plain search": "只说了工种或“找活”",
    "asks for a trade": "想干某个工种",
    "conditions of a job": "说了对活的要求",
    "my age or past work as a fit": "拿年龄、经历问合不合适",
    "wages of a job in the search": "找活时说到工资",
    "wants a place of work or a kind of work": "想在哪儿干、干哪类",
    "lost the job and asks what now": "没了工作，问怎么办",
    "wants to see postings": "想看岗位",
    "thinks of going to work": "打算去干活",
    "asks for a place of work": "想要个干活的地方",
    "registers": "要登记",
    "registers for work": "要登记求职",
    "a plain sign-up line": "一句话报上自己的情况",
    "tells who they are": "说自己是谁",
    "publishes a vacancy": "在发布招工",
    "hires": "在招人",
    "terms offered": "开出了条件",
    "speaks for an employer": "替单位说话",
    "wants workers": "要工人",
    "classes": "说到课",
    "asks what is on": "问讲什么、有什么",
    "learns a trade": "想学手艺",
    "certificates": "说到证书",
    "a job with a certificate in hand": "有证，想找活",
    "course sign-up": "要报课",
    "asks for the own seats": "问自己报上的位子",
    "signs up for what was not said": "要报名，没说报什么",
    "wants a seat": "想占个位子",
    "live stream trouble": "直播出了毛病",
    "learning in general": "说到学习",
    "wages unpaid": "欠工钱",
    "contract and dismissal": "合同、辞退",
    "an agreement to end work": "解除协议",
    "injury at work and illness from work": "工伤、职业病",
    "social insurance law": "社保上的事",
    "asks about right and wrong": "问合不合法",
    "courts and procedures": "仲裁、法院、手续",
    "family, debts, property": "家事、借债、房子",
    "employer side law question": "单位一方问法律",
    "an employer does something to me": "单位对他做了什么",
    "rights and money": "该得的钱和权利",
    "asks what to do": "问怎么办",
    "low mood": "情绪低",
    "strain with people": "和人处不好",
    "wants to be heard": "想有人听",
    "grief and worry": "难过、发愁",
    "a feeling": "说了心情",
    "wants a person": "要找真人",
    "names a kind of helper": "说了要找哪一种人",
    "only asks whether someone is there": "只问有没有人",
    "fees of lawyers": "问律师收不收钱",
    "did not ask for a person": "没说要找人",
    "wants contact with people": "想联系上人",
    "station": "说到驿站",
    "where is your place": "问你们在哪儿",
    "a place to be": "想找个落脚的地方",
    "aid": "要帮扶",
    "hardship at home": "家里难",
    "asks how to apply": "问怎么申请",
    "subsidised learning": "有补贴的培训",
    "costs and help for them": "花销，想有人帮",
    "complaint or suggestion": "投诉、建议",
    "wants it known": "要反映情况",
    "displeased or pleased with us": "对我们不满意，或夸我们",
    "asks people around": "向工友打听",
    "rides, loans, shares": "搭车、借用、合伙",
    "shares or swaps": "送人、换东西",
    "own data": "说到自己的资料",
    "enough of messages": "嫌消息多",
    "already left or no longer needed": "已经走了，或用不着了",
    "fears for own data": "怕资料泄露",
    "greeting": "打招呼",
    "nothing but a greeting": "只打了个招呼",
    "thanks, goodbye, agreement": "道谢、再见、答应",
    "banter": "说笑",
    "long texts are rarely small talk": "话长，不像闲聊",
    "small words": "一两个小词",
    "a very short text": "话很短",
    "asks what this can do": "问这里能干啥",
    "a bare menu word": "只说了菜单上的词",
    "can you": "问能不能",
    "a person who cannot read or see": "看不清、不识字",
    "lost in the interface": "找不着按哪儿",
    "weather, news, leisure": "天气、新闻、消遣",
    "recipes, homework, tools": "做饭、作业、用东西",
    "banking products": "银行、贷款",
    "advertisements and traps": "广告、骗局",
    "illness and body": "病、身体",
    "machines at home": "家里的电器",
    "names a trade": "说了一个工种",
    "one clause": "单看其中一句很清楚",
}
_SLOTS: Final[Mapping[str, str]] = {
    "category": "行当",
    "title_keywords": "工种",
    "place": "地方",
    "salary_min": "工资不低于",
    "salary_max": "工资不高于",
    "salary_unit": "工资按",
    "shift": "班次",
    "age": "年龄",
    "light_work": "要轻活",
    "needs_pickup_children": "要接孩子",
    "insurance": "要社保",
    "education": "学历",
    "experience": "干过",
    "gender": "性别",
    "lodging": "要住的地方",
    "negated": "不要",
}
_VALUES: Final[Mapping[str, str]] = {
    "month": "月",
    "day": "天",
    "hour": "小时",
    "piece": "件",
    "year": "年",
    "no_night": "不上夜班",
    "day_only": "只要白班",
    "night_ok": "夜班也行",
    "night_only": "只要夜班",
    "no_rotating": "不倒班",
    "part_time": "兼职",
    "two_days_off": "双休",
    "male": "男",
    "female": "女",
}
KNOWLEDGE: Final[Mapping[str, str]] = {
    "faq": "问答",
    "jobs": "岗位",
    "classes": "课程",
    "stations": "驿站",
    "figures": "本地数字",
    "statutes": "法条",
}
_DANGER: Final = "听出了难过或危险的话"


def say_reasons(guess: IntentScore) -> list[str]:
    """Return in words what speaks for a guess, each once."""
    said = (_say_reason(reason, guess.intent) for reason in guess.why)
    return list(dict.fromkeys(filter(None, said)))


def _say_reason(reason: str, intent: Intent) -> str:
    if reason.startswith(FROM_FAQ):
        return f"像问答 {reason.removeprefix(FROM_FAQ)}"
    # The signals of danger are many: that they were heard is enough here.
    unnamed = _DANGER if intent in (Intent.CRISIS, Intent.COUNSEL) else ""
    return CUES.get(reason, unnamed)


def say_slots(slots: Mapping[str, object]) -> list[str]:
    """Return in words what was heard about the work that somebody looks for."""
    return [_say_slot(name, value) for name, value in slots.items() if value]


def _say_slot(name: str, value: object) -> str:
    label = _SLOTS.get(name, name)
    if value is True:
        return label
    values = value if isinstance(value, list | tuple) else [value]
    said = "、".join(_VALUES.get(str(one), str(one)) for one in values)
    return f"{label}：{said}"


def say_topic(topic: str) -> str:
    """Return the topic of an answer as people call it; one's own words stay."""
    return TOPICS.get(topic, topic)
