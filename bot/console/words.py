"""How the console says things: kinds, dangers, states and times, for a tired volunteer."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from handlers.topics.rating import LABELS
from models.alarm import AlarmKind
from models.alarm import Outcome as CallOutcome
from models.announcement import Announcement, AnnouncementState, NewsKind
from models.block import BlockLength, BlockReason
from models.media import MediaKind, MediaStatus, MediaView
from models.outbox import OutboxMessage, OutboxReason, OutboxStatus
from models.rating import Rating
from models.taking import Refusal
from models.ticket import Outcome, TicketEventKind, TicketKind, TicketState
from models.transfer import TransferState
from models.volunteer import Role, Skill

KINDS: Final[Mapping[TicketKind, str]] = {
    TicketKind.LAWYER: "法律",
    TicketKind.COUNSELOR: "心里话",
    TicketKind.CAREER: "求职",
    TicketKind.STAFF: "找工作人员",
    TicketKind.CRISIS: "可能有危险",
    TicketKind.AID: "困难帮扶",
    TicketKind.FEEDBACK: "提意见",
    TicketKind.MUTUAL_HELP: "互相帮忙",
    TicketKind.PRIVACY: "个人信息",
    TicketKind.POSTING: "招工信息",
    TicketKind.ERROR: "机器人没答好",
}
SKILLS: Final[Mapping[Skill, str]] = {
    Skill.LAWYER: "律师",
    Skill.COUNSELOR: "心理顾问",
    Skill.CAREER: "职业顾问",
    Skill.STAFF: "工作人员",
}
ROLES: Final[Mapping[Role, str]] = {
    Role.VOLUNTEER: "志愿者",
    Role.SUPERVISOR: "督导",
    Role.ADMIN: "管理员",
    Role.AUDITOR: "审计",
}
TOPICS: Final[Mapping[str, str]] = {
    "wages": "工资",
    "contract": "劳动合同",
    "dismissal": "辞退",
    "compensation": "补偿金",
    "injury": "工伤",
    "disease": "职业病",
    "coal": "煤矿安全",
    "insurance": "社保",
    "unemployment": "失业金",
    "retirement": "退休养老",
    "older_workers": "超龄打工",
    "leave": "休假",
    "women": "女职工",
    "dispatch": "劳务派遣",
    "employment": "找工作",
    "arbitration": "仲裁",
    "dispute": "打官司",
    "aid": "法律援助",
    "relief": "社会救助",
    "union": "工会",
    "family": "婚姻家庭",
    "lending": "借钱欠债",
    "traffic": "交通事故",
    "minors": "未成年人",
    "privacy": "个人信息",
    "mental_health": "心理健康",
}
"""What the answers are about."""

RATINGS: Final[Mapping[Rating, str]] = LABELS
RISKS: Final = ("平常", "情绪不太好，多留心", "可能有危险", "马上有危险")
STATES: Final[Mapping[TicketState, str]] = {
    TicketState.QUEUED: "在排队",
    TicketState.HUMAN: "该您回话",
    TicketState.WAITING_CONTACT: "等对方回话",
    TicketState.WRAP_UP: "正在收尾",
    TicketState.CLOSED: "已结束",
}
OUTCOMES: Final[Mapping[Outcome, str]] = {
    Outcome.SOLVED: "解决了",
    Outcome.ADVISED: "说清楚了，他自己去办",
    Outcome.REFERRED: "介绍到别处去了",
    Outcome.NO_ANSWER: "他没再回",
    Outcome.NOT_NEEDED: "他不需要了",
    Outcome.ABUSE: "是骚扰",
    Outcome.OTHER: "其他",
    Outcome.HANDED_BACK: "交回机器人",
    Outcome.CANCELLED: "他自己取消了",
    Outcome.JOINED: "并到另一件事里",
    Outcome.ERASED: "他要求删除",
}
CHOSEN_OUTCOMES: Final = (
    Outcome.SOLVED,
    Outcome.ADVISED,
    Outcome.REFERRED,
    Outcome.NO_ANSWER,
    Outcome.NOT_NEEDED,
    Outcome.ABUSE,
    Outcome.OTHER,
)
EVENTS: Final[Mapping[TicketEventKind, str]] = {
    TicketEventKind.OPENED: "来求助",
    TicketEventKind.RISK_RAISED: "危险程度调高了",
    TicketEventKind.RISK_LOWERED: "危险程度调低了",
    TicketEventKind.CLAIMED: "接下了",
    TicketEventKind.RELEASED: "放回了排队",
    TicketEventKind.REASSIGNED: "督导重新安排了",
    TicketEventKind.LEASE_EXPIRED: "太久没动静，回到了排队",
    TicketEventKind.TRANSFER_OFFERED: "想转给别人",
    TicketEventKind.TRANSFER_ACCEPTED: "接了转交",
    TicketEventKind.TRANSFER_REFUSED: "没接转交",
    TicketEventKind.TRANSFER_EXPIRED: "转交没人应，还在原处",
    TicketEventKind.TRANSFER_WITHDRAWN: "转交收回了",
    TicketEventKind.WRAPPED_UP: "开始收尾",
    TicketEventKind.HANDED_BACK: "交回机器人",
    TicketEventKind.JOINED: "并进了另一件事",
    TicketEventKind.SUPERVISOR_ASKED: "请督导来看看",
    TicketEventKind.CANCELLED: "本人取消了",
    TicketEventKind.CLOSED: "结束了",
    TicketEventKind.REOPENED: "重新打开了",
}
REFUSALS: Final[Mapping[Refusal, str]] = {
    Refusal.NOT_WAITING: "这位已经不在排队了。",
    Refusal.CONTACT_HELD: "这位正由别的志愿者接待。",
    Refusal.NOT_ALLOWED: "这个账号不能接待。",
    Refusal.NO_SKILL: "这件事要别的专长的志愿者来接。",
    Refusal.PAUSED: "这会儿是暂停状态，点「继续接待」再来。",
    Refusal.RESTING: "刚处理完危急的事，先歇一会儿。",
    Refusal.FULL: "手上的人数已经满了，先把手上的办完。",
    Refusal.SKIPPED: "这一类事设成了不接。",
    Refusal.AVOIDED: "之前选了不再接待这位。",
    Refusal.CONTACT_BLOCKED: "这位被暂停服务了。",
}
GIVEN_REFUSALS: Final[Mapping[Refusal, str]] = {
    Refusal.CONTACT_HELD: "没转成：这位另有一件事，正由别的志愿者接待，先和那边商量。",
    Refusal.NOT_ALLOWED: "没转成：{who}的账号现在不能接待，请换一个人。",
    Refusal.NO_SKILL: "没转成：{who}不管这一类事，请换一个人。",
    Refusal.PAUSED: "没转成：{who}暂停接待了，请换一个人。",
    Refusal.RESTING: "没转成：{who}刚处理完危急的事，在休息，请换一个人。",
    Refusal.FULL: "没转成：{who}手上的人数满了。换一个人，或等那边办完一位再转。",
    Refusal.SKIPPED: "没转成：{who}不接这一类事，请换一个人。",
    Refusal.AVOIDED: "没转成：{who}不再接待这位，请换一个人。",
    Refusal.CONTACT_BLOCKED: "没转成：这位被暂停服务了。",
    Refusal.NOT_WAITING: "没转成：这位已经不在排队了。",
}
"""Why somebody else cannot be given a ticket, for the one who gives it."""

OFFERS: Final[Mapping[TransferState, str]] = {
    TransferState.OFFERED: "还在等回应。",
    TransferState.ACCEPTED: "已经有人接了。",
    TransferState.REFUSED: "对方没接。",
    TransferState.EXPIRED: "过了五分钟没人应，还在原来的人手里。",
    TransferState.WITHDRAWN: "已经收回了。",
}
BLOCK_REASONS: Final[Mapping[BlockReason, str]] = {
    BlockReason.ABUSE: "辱骂",
    BlockReason.THREAT: "威胁",
    BlockReason.SEXUAL: "性骚扰",
    BlockReason.SPAM: "广告刷屏",
}
BLOCK_LENGTHS: Final[Mapping[BlockLength, str]] = {
    BlockLength.DAY: "24 小时",
    BlockLength.MONTH: "30 天",
}
ACTIONS: Final[Mapping[str, str]] = {
    "read": "看了记录",
    "reveal": "看了号码或姓名",
    "media": "看了图片或听了语音",
    "block": "暂停服务",
    "unblock": "恢复服务",
    "reassign": "重新安排",
    "acknowledge": "回应了呼叫",
    "lower_risk": "调低危险程度",
    "announce": "发出了群发消息",
    "stop_announcement": "停了群发消息",
    "review_reply": "审了回复",
    "publish_reply": "发布了回复",
    "reject_reply": "没通过回复",
    "withdraw_reply": "撤下了回复",
    "review_faq": "审了问答",
    "publish_faq": "发布了问答",
    "reject_faq": "退回了问答",
    "withdraw_faq": "撤下了问答",
    "release_newcomer": "放行新人",
    "restrict_volunteer": "改回只发审过的回复",
    "log_in": "登录",
    "admin_add": "在后台加了",
    "admin_change": "在后台改了",
    "admin_remove": "在后台删了",
    "undo": "撤回了",
    "try_again": "让公众号再试一次",
    "volunteer_add": "加了志愿者",
    "volunteer_change": "改了志愿者",
    "volunteer_on": "让人再进来",
    "volunteer_off": "不让人再进来",
    "volunteer_password": "给了新密码",
    "password": "改了密码",
    "duty_close": "停了一班",
    "duty_reopen": "恢复了一班",
    "duty_confirm": "说这天能来",
    "duty_offer": "想把一班给别人",
    "duty_accept": "接了一班",
    "duty_refuse": "没接一班",
    "duty_withdraw": "收回了想给出的一班",
    "duty_hand_over": "把一班交给别人",
    "duty_add": "加了一班",
    "weekly_add": "排了每周的班",
    "weekly_end": "停了每周的班",
    "holiday": "改了节假日表",
    "holiday_off": "从节假日表里去掉了",
}
NEWS: Final[Mapping[NewsKind, str]] = {NewsKind.CLASS: "课程", NewsKind.JOB: "岗位"}
NEWS_STATES: Final[Mapping[AnnouncementState, str]] = {
    AnnouncementState.DRAFT: "草稿，还没发",
    AnnouncementState.RUNNING: "正在发",
    AnnouncementState.SPREAD: "名单排完了",
    AnnouncementState.STOPPED: "停了",
}
ALARMS: Final[Mapping[AlarmKind, str]] = {
    AlarmKind.CRISIS: "可能有危险，没有人接",
    AlarmKind.HELD: "接待途中又说了危险的话",
    AlarmKind.DUTY: "值班开始了，说好的人还没接上",
}
CALLED_OFF: Final = "值班取消了，说好的人还在等"
CALLS: Final[Mapping[CallOutcome, str]] = {
    CallOutcome.PENDING: "正在发",
    CallOutcome.OFF: "没开通",
    CallOutcome.QUEUED: "在发",
    CallOutcome.SENT: "已发",
    CallOutcome.FAILED: "没发出去",
    CallOutcome.UNCERTAIN: "不知发没发到",
}
_WAY: Final[Mapping[OutboxStatus, str]] = {
    OutboxStatus.WAITING: "正要发出",
    OutboxStatus.SENDING: "正在发",
    OutboxStatus.SENT: "已送到微信",
    OutboxStatus.PARKED: "先存着，他下次说话时送到",
    OutboxStatus.UNCERTAIN: "微信没给回执，他可能收到两次",
    OutboxStatus.FAILED: "没送到",
}
_WHY: Final[Mapping[OutboxReason, str]] = {
    OutboxReason.NO_WINDOW: "他 48 小时没说话，或五条已用完",
    OutboxReason.WINDOW_CLOSED: "微信说过了 48 小时",
    OutboxReason.QUOTA_USED_UP: "微信说五条已用完",
    OutboxReason.ACCOUNT_MAY_NOT: "这个公众号不能主动发",
    OutboxReason.DAY_LIMIT: "今天的次数用完了",
    OutboxReason.BUSY: "微信忙，一会儿再试",
    OutboxReason.UNREACHABLE: "连不上微信，一会儿再试",
    OutboxReason.TOKEN_REFUSED: "微信在换凭证，一会儿再试",
    OutboxReason.GONE: "他取消关注了",
    OutboxReason.REFUSED: "微信不收",
    OutboxReason.WITHDRAWN: "收回了",
}


_MEDIA: Final[Mapping[MediaKind, str]] = {MediaKind.IMAGE: "图片", MediaKind.VOICE: "语音"}
_MISSING: Final[Mapping[MediaStatus, str]] = {
    MediaStatus.GONE: "没取到：微信那边已经拿不到了",
    MediaStatus.REFUSED: "没取到：发来的不是能看的内容",
    MediaStatus.TOO_LARGE: "没取到：太大了，超过 10 MB",
}


def say_media(media: MediaView) -> str:
    """Return what somebody sent, and why it is not here."""
    noun = _MEDIA[media.kind]
    if media.status is MediaStatus.WAITING:
        return f"{noun}正在取，一会儿就好"
    return f"{noun}{_MISSING.get(media.status, '')}"


def say_size(size: int) -> str:
    """Return how large a file is: 86 KB, 1.2 MB."""
    if size < 1024 * 1024:
        return f"{max(size // 1024, 1)} KB"
    return f"{size / 1024 / 1024:.1f} MB"


def say_delivery(message: OutboxMessage) -> str:
    """Return how far a message has come, and why it is not further."""
    way = _WAY[message.status]
    if message.status in (OutboxStatus.SENT, OutboxStatus.UNCERTAIN, OutboxStatus.SENDING):
        return way
    why = _WHY.get(message.reason) if message.reason else None
    return f"{way}（{why}）" if why else way


def say_news(news: Announcement, now: datetime) -> str:
    """Return how far an announcement is."""
    is_under_way = news.state in (AnnouncementState.RUNNING, AnnouncementState.SPREAD)
    if is_under_way and news.expires_at <= now:
        return "到期了"
    return NEWS_STATES[news.state]


def explain_news(news: Announcement, now: datetime) -> str:
    """Return what still happens with an announcement."""
    if news.state is AnnouncementState.STOPPED:
        return "停下以后一条也不再送；停的那一刻正在路上的，可能还会到。"
    if news.expires_at <= now:
        return "过了截止时间，没送到的不再送了。"
    if news.state is AnnouncementState.RUNNING:
        return "还在一批一批地排名单，数字会接着涨。关掉这一页也照样发。"
    return "名单都排好了。没来说话的人，截止以前来了就能看到。"


def say_duration(count: int, per_minute: int) -> str:
    """Return about how long so many messages take."""
    return say_length(timedelta(minutes=max(-(-count // per_minute), 1)))


def say_field(moment: datetime | None, zone: ZoneInfo) -> str:
    """Return a moment as a field for date and time holds it."""
    return "" if moment is None else f"{moment.astimezone(zone):%Y-%m-%dT%H:%M}"


def say_risk(risk: int) -> str:
    """Return a grade of danger in words."""
    return RISKS[min(max(risk, 0), len(RISKS) - 1)]


def say_span(moment: datetime, now: datetime) -> str:
    """Return how long ago something was: 12 分钟."""
    return say_length(now - moment)


def say_length(length: timedelta) -> str:
    """Return a length of time in the two units that matter."""
    minutes = max(int(length.total_seconds()) // 60, 0)
    if minutes < 1:
        return "1 分钟不到"
    hours, minutes = divmod(minutes, 60)
    if not hours:
        return f"{minutes} 分钟"
    days, hours = divmod(hours, 24)
    if days:
        return f"{days} 天 {hours} 小时" if hours else f"{days} 天"
    return f"{hours} 小时 {minutes} 分钟" if minutes else f"{hours} 小时"


def say_past(moment: datetime, *, now: datetime, zone: ZoneInfo) -> str:
    """Return when something was, as people say it: 3 分钟前, 昨天 19:30."""
    ago = now - moment
    if timedelta(minutes=-1) < ago < timedelta(minutes=1):
        return "刚刚"
    if timedelta(0) <= ago < timedelta(hours=1):
        return f"{int(ago.total_seconds()) // 60} 分钟前"
    return say_future(moment, now=now, zone=zone)


def say_future(moment: datetime, *, now: datetime, zone: ZoneInfo) -> str:
    """Return the day and the time of a moment: 今天 19:30, 11月26日 19:30."""
    there, here = moment.astimezone(zone), now.astimezone(zone)
    days = (there.date() - here.date()).days
    names = {-1: "昨天", 0: "今天", 1: "明天"}
    day = names.get(days, f"{there.month}月{there.day}日")
    return f"{day} {there:%H:%M}"


SAID: Final[Mapping[str, str]] = {
    "bye": "您已退出。辛苦了，早点歇着。",
    "bye_held": "您已退出，辛苦了。手上的人先给您留着；久了没动静，会自动放回排队，由别人接着办。",
    "must_change": "第一次登录，请先换一个只有您知道的密码。",
    "password": "密码改好了，别的设备都已退出。",
    "sessions": "别的设备都已退出。",
    "kinds": "记下了，这几类不会再派给您。",
    "unbound": "解绑了，微信里不再叫您。",
    "claimed": "接好了。机器人不再插话，您来说。",
    "refused": "没关系，这位还在原来的志愿者手里。",
    "paused": "已暂停，不会给您派新的人。手上的还在。",
    "resumed": "欢迎回来。",
    "is_paused": "您现在是暂停状态，先点「继续接待」。",
    "is_resting": "刚处理完危急的事，先歇一会儿。您要是缓过来了，可以点「我缓过来了」。",
    "is_full": "手上的还没办完，办完再接下一位。",
    "nobody": "这会儿没有您能接的人，谢谢您来。",
    "sent": "发出去了。",
    "parked": "存好了，他下次说话时一起送到。",
    "empty": "还没写字呢。",
    "asked_again": "已经请他再发一次。",
    "asked_later": "存好了，他下次说话时请他再发一次。",
    "asked_to_type": "已经请他打字。",
    "asked_to_type_later": "存好了，他下次说话时请他打字。",
    "look_first": "他刚又发来了新的，先看一眼。",
    "inserted": "放进去了，您再看看，改好再发。",
    "reply_gone": "这条回复撤下了，您写的字还在。",
    "taken_back": "收回来了，没有发。",
    "too_late": "已经发出去了，收不回来。",
    "noted": "记下了，只有志愿者看得见。",
    "empty_note": "还没写字呢。",
    "asked": "已经请督导来看，他会在这里给您留备注。",
    "nobody_chosen": "请先选转给谁。",
    "offered": "转交发出去了。对方接下之前，还是您来回话。",
    "withdrawn": "转交收回了，还是您来。",
    "released": "放回排队了，还在原来的位置，您写了一半的话也留着。",
    "reason_missing": "请先写明理由。",
    "outcome_missing": "请选一个结果。",
    "closed": "办完一位，辛苦了。",
    "handed_back": "交回机器人了，他下一句话由机器人接。",
    "reopened": "重新打开了，您来接着说。",
    "joined": "并过来了，一起办。",
    "acknowledged": "记下了，不再呼叫别人。这位还等着人接，请盯着点。",
    "acknowledged_before": "这个呼叫已经停了。",
    "reassigned": "重新安排好了。",
    "back_in_line": "放回排队了，还在原来的位置。",
    "risk_missing": "请选一个危险程度。",
    "risk": "危险程度记下了。",
    "roster_closed": "记下了，这一班不会再许给来访的人。您先忙您的，谢谢您早说。",
    "roster_reopened": "太好了，这一班又算上您了。",
    "roster_confirmed": "记下了，过节还来，辛苦您了。",
    "roster_offered": "问出去了。有人接下之前，这一班还是您的。",
    "roster_accepted": "接好了，这一班归您，谢谢您搭把手。",
    "roster_refused": "没关系，这一班还在原来的人那里。",
    "roster_withdrawn": "收回了，这一班还是您的。",
    "roster_added": "排上了，下一位来问的人就会听到。",
    "roster_reason_missing": "请点一个原因。",
    "roster_closed_for": "这一班停了，不会再许给来访的人。",
    "roster_back": "这一班又算上了。",
    "roster_handed_over": "交过去了，两位那里都能看到。",
    "roster_ended": "到今天为止，以后不排了。别人接走的班还在。",
    "roster_day": "节假日表改好了，马上算数。",
    "roster_day_missing": "请填日期，再选这天放假还是上班。",
    "blocked": "已暂停为这位服务，到时间自动恢复。他要是有危险，保命的话照样会送到。辛苦您了。",
    "news_saved": "存好了。下面就是手机上看到的样子。",
    "news_sent": "开始发了。您可以离开这一页，它自己会发完。",
    "news_stopped": "停了，从现在起一条也不再发。",
    "news_gone": "草稿删掉了。",
    "news_too_late": "已经不能这样做了，请看看现在的情况。",
    "reply_written": "写好了，等别人审。",
    "reply_reviewed": "审好了，督导或管理员发布后大家就能用。",
    "reply_rejected": "退回了，写的人会看到理由。",
    "reply_published": "发布了，大家现在就能用。",
    "reply_withdrawn": "撤下了，不会再给人用。",
    "faq_written": "写好了，等别人审。",
    "faq_reviewed": "审好了，督导或管理员发布后机器人就这样答。",
    "faq_rejected": "退回了，写的人会看到理由。",
    "faq_published": "发布了，十秒之内机器人就这样答。",
    "faq_withdrawn": "撤下了，机器人不再这样答。",
    "faq_restored": "从前那一版抄成了新的草稿，等别人审。",
    "newcomer_released": "放行了，他现在可以自己写。",
    "newcomer_restricted": "改好了，他现在只能发审过的回复。",
    "avoided": "以后不再把这位派给您。手上这次，可以转给别人或放回排队。",
}
"""What a page says after something was done, by the word in its address."""


def say_done(word: str) -> str:
    """Return the sentence for the word in an address; nothing for a word that is not ours."""
    return SAID.get(word, "")


HELD_BACK: Final = "有几句他没让转，想知道可以问他"
"""Where a person took something out before they were handed over."""
