"""The open class: this week's, the next ones, the speaker, joining, signing up, replays."""

import re
from collections.abc import Callable
from typing import ClassVar

from pydantic import BaseModel

from handlers.base import Context, Handler
from handlers.pushing import may_push
from handlers.seats import tell_moved_up
from handlers.wording import say_moment
from knowledge.intents import Intent
from knowledge.own_data import NO_REMINDER
from knowledge.wordmatch import best_match
from models.messages import Choice, InboundMessage, Reply
from models.open_class import (
    EnrolmentState,
    OpenClass,
    cancel_enrolment,
    enrol,
    find_enrolment,
    list_enrolments,
    list_past_classes,
    list_upcoming_classes,
    switch_reminders,
)
from models.reply_window import GrantReason

LONGEST_ORDER = 40
_ACTIONS = (
    ("cancel", r"取消(?!提醒)|不去了|不上了|不听了|退(了|掉)?(课|报名)|去不了|来不了"),
    ("quiet", NO_REMINDER),
    ("replay", r"回放|录像|录(下来|播|屏)|重播|补课|错过|没赶上|没听(上|着|到)|以前的课|往期"),
    ("remind", r"提醒|叫我一声|喊我一声|告诉我一声"),
    ("mine", r"我报(了|名)?(哪|啥|什么|没)|报上(没|了吗)|我的报名|报名成功"),
    ("enrol", r"报(个)?名|报上|给我报|[我俺](也要|要|也)(上|听|参加|去)|参加|占个(座|位)|算我一个"),
    ("join", r"(怎么|咋|在哪|从哪|哪里|哪儿)(能)?(进|听|看|上|加入)|链接|会议号|网址|直播间"),
    ("next", r"下(一)?(周|次|期|节|个|礼拜|星期)|后面|以后|还有(啥|什么|哪些)|计划|课表|都有"),
    ("speaker", r"谁讲|谁来讲|讲课的|主讲|哪个老师|哪位老师|老师是谁|什么来头"),
)
_COMPILED = tuple((name, re.compile(pattern)) for name, pattern in _ACTIONS)
_FOLLOWS = frozenset(name for name, _ in _ACTIONS)
_GENERIC = (
    *("公开课", "课程", "学习", "培训", "老师", "讲课", "报名"),
    *("有没有", "有没", "没有", "什么", "时候", "啥时", "这周", "周四", "下周", "今晚"),
)


class Shown(BaseModel):
    """The class that was spoken of last."""

    class_id: str = ""


class Classes(Handler):
    """Answers about the open class and keeps its seats."""

    name: ClassVar[str] = "classes"
    intents: ClassVar[frozenset[Intent]] = frozenset({Intent.CLASS_SCHEDULE})
    menu_keys: ClassVar[dict[str, str]] = {"MENU_CLASS": ""}

    def matches(self, message: InboundMessage, ctx: Context) -> bool:
        """Take also 别提醒 and 取消报名 of somebody who comes to a class."""
        if super().matches(message, ctx):
            return True
        text = ctx.understanding.plain
        if len(text) > LONGEST_ORDER or not _is_about_ones_place(text):
            return False
        return bool(list_enrolments(ctx.session, contact_id=ctx.contact.id, now=ctx.now))

    def handle(self, message: InboundMessage, ctx: Context) -> Reply:
        """Answer what is asked about the class that is meant."""
        text = ctx.understanding.plain
        action = _action(text)
        if len(text) > LONGEST_ORDER:
            action = None  # a long letter is not an order: show, change nothing
        chosen = self._about(text, ctx)
        if action is None and chosen is not None:
            return self._show(chosen, ctx)
        return self._act(action or "show", chosen, ctx)

    def follow_up(self, message: InboundMessage, ctx: Context) -> Reply | None:
        """Take "给我报上" and the like for the class just shown."""
        text = ctx.understanding.plain
        action = _action(text)
        others = {Intent.JOB_SEARCH, Intent.JOB_REGISTER, Intent.LEGAL, Intent.PRIVACY}
        is_other = ctx.understanding.is_sure and ctx.understanding.intent in others
        if action not in _FOLLOWS or (is_other and "课" not in text):
            return None
        return self._act(action, self._about(text, ctx), ctx)

    def choose(self, value: str, ctx: Context) -> Reply:
        """Do what was tapped: "action" or "action:class id"."""
        action, _, class_id = value.partition(":")
        chosen = ctx.session.get(OpenClass, class_id) if class_id else None
        return self._act(action or "show", chosen, ctx)

    def _act(self, action: str, chosen: OpenClass | None, ctx: Context) -> Reply:
        acts: dict[str, Callable[[OpenClass, Context], Reply]] = {
            "show": self._show,
            "enrol": self._enrol,
            "cancel": self._cancel,
            "remind": self._remind,
            "join": self._join,
            "speaker": self._speaker,
        }
        if action == "cancel" and chosen is None:
            mine = list_enrolments(ctx.session, contact_id=ctx.contact.id, now=ctx.now)
            chosen = mine[0] if len(mine) == 1 else None
        if action == "quiet":
            return self._quiet(chosen, ctx)
        if action == "replay":
            return self._replays(ctx, chosen)
        if action == "next":
            return self._next(ctx)
        if action == "mine" or (action == "cancel" and chosen is None):
            return self._mine(ctx)
        wanted = chosen or self._default(ctx)
        if wanted is None:
            return Reply(
                "眼下没有排好的公开课，过几天再来问问。您也可以看看以前的回放。",
                choices=[Choice("看回放", topic=self.name, value="replay")],
            )
        ctx.remember(self.name, Shown(class_id=wanted.id))
        return acts[action](wanted, ctx)

    def _default(self, ctx: Context) -> OpenClass | None:
        shown = ctx.recall(self.name, Shown).class_id
        found = ctx.session.get(OpenClass, shown) if shown else None
        if found is not None and found.ends_at > ctx.now and not found.is_cancelled:
            return found
        upcoming = list_upcoming_classes(ctx.session, now=ctx.now, limit=1)
        return upcoming[0] if upcoming else None

    def _about(self, text: str, ctx: Context) -> OpenClass | None:
        """Return the class whose title or speaker the text names."""
        classes = [
            *list_upcoming_classes(ctx.session, now=ctx.now, limit=10),
            *list_past_classes(ctx.session, now=ctx.now, limit=10),
        ]
        index = best_match(
            text, [f"{c.title} {c.speaker} {c.summary}" for c in classes], ignore=_GENERIC
        )
        if index is not None:
            return classes[index]
        shown = ctx.recall(self.name, Shown).class_id
        found = ctx.session.get(OpenClass, shown) if shown and _points_back(text) else None
        return None if found is not None and found.is_cancelled else found

    def _when(self, shown: OpenClass, ctx: Context) -> str:
        return say_moment(shown.starts_at, now=ctx.now, timezone=ctx.timezone)

    def _show(self, shown: OpenClass, ctx: Context) -> Reply:
        ctx.remember(self.name, Shown(class_id=shown.id))
        if shown.is_cancelled:
            return self._say_cancelled(shown)
        if shown.ends_at <= ctx.now:
            return self._replays(ctx, shown)
        left = shown.capacity - shown.seats_taken
        seats = f"还有{left}个名额。" if left > 0 else "名额满了，可以排队等位。"
        is_on = shown.starts_at <= ctx.now
        when = "正在上课" if is_on else self._when(shown, ctx)
        demo = "（演示数据）" if shown.is_demo else ""
        return Reply(
            f"公开课《{shown.title}》{demo}\n时间：{when}\n主讲：{shown.speaker}\n"
            f"{shown.summary}\n{_where(shown)}{seats}",
            choices=[
                Choice("给我报上", topic=self.name, value=f"enrol:{shown.id}"),
                Choice("后面还有啥课", topic=self.name, value="next"),
                Choice("看回放", topic=self.name, value="replay"),
            ],
        )

    def _enrol(self, wanted: OpenClass, ctx: Context) -> Reply:
        if wanted.is_cancelled:
            return self._say_cancelled(wanted)
        if wanted.ends_at <= ctx.now:
            return self._replays(ctx, wanted)
        place = enrol(ctx.session, class_id=wanted.id, contact_id=ctx.contact.id, now=ctx.now)
        when = self._when(wanted, ctx)
        # Not as number 1: who answers "1" twice in a hurry must not lose the seat.
        cancel = [
            Choice("后面还有啥课", topic=self.name, value="next"),
            Choice("取消报名", topic=self.name, value=f"cancel:{wanted.id}"),
        ]
        if place.state is EnrolmentState.WAITING:
            return Reply(
                f"《{wanted.title}》（{when}）名额满了，给您排上队了。有人退就轮到您，"
                f"{'我会告诉您' if may_push(ctx) else '下次您来说话时我告诉您'}。",
                choices=cancel,
            )
        link = f"\n到点点这里听课：{wanted.join_url}" if wanted.join_url else ""
        reminder = f"\n{_say_reminder(wanted, ctx)}" if may_push(ctx) else ""
        return Reply(f"报上了：《{wanted.title}》，{when}。{link}{reminder}", choices=cancel)

    def _cancel(self, wanted: OpenClass, ctx: Context) -> Reply:
        place = find_enrolment(ctx.session, class_id=wanted.id, contact_id=ctx.contact.id)
        if place is None or place.state is EnrolmentState.CANCELLED:
            return self._mine(ctx)
        had_reminder = place.wants_reminder
        moved = cancel_enrolment(ctx.session, place)
        tell_moved_up(ctx.session, [moved] if moved else [], now=ctx.now)
        also = "，提醒也一起取消了" if had_reminder else ""
        return Reply(
            f"《{wanted.title}》的报名取消了{also}。想听的话，课后可以看回放。",
            choices=[Choice("看回放", topic=self.name, value="replay")],
        )

    def _remind(self, wanted: OpenClass, ctx: Context) -> Reply:
        if wanted.is_cancelled:
            return self._say_cancelled(wanted)
        place = enrol(ctx.session, class_id=wanted.id, contact_id=ctx.contact.id, now=ctx.now)
        switch_reminders(ctx.session, place, wanted=True)
        return Reply(
            f"记下了：《{wanted.title}》，{self._when(wanted, ctx)}，"
            f"也给您报上名了{_waits(wanted, ctx)}。{_say_reminder(wanted, ctx)}",
            choices=[Choice("取消报名", topic=self.name, value=f"cancel:{wanted.id}")],
        )

    def _quiet(self, chosen: OpenClass | None, ctx: Context) -> Reply:
        """Remind them no more, of the class that is meant or of all; the seat stays."""
        mine = list_enrolments(ctx.session, contact_id=ctx.contact.id, now=ctx.now)
        meant = [each for each in mine if chosen is None or each.id == chosen.id]
        if not meant:
            return self._mine(ctx)
        for each in meant:
            place = find_enrolment(ctx.session, class_id=each.id, contact_id=ctx.contact.id)
            if place is not None:
                switch_reminders(ctx.session, place, wanted=False)
        titles = "".join(f"《{each.title}》" for each in meant)
        return Reply(
            f"好，{titles}开课前不提醒您了，位子还给您留着。时间有变动，还会告诉您。",
            choices=[
                Choice("还是提醒我吧", topic=self.name, value=f"remind:{meant[0].id}"),
                Choice("取消报名", topic=self.name, value=f"cancel:{meant[0].id}"),
            ],
        )

    def _say_cancelled(self, wanted: OpenClass) -> Reply:
        return Reply(
            f"公开课《{wanted.title}》取消了，对不住。",
            choices=[Choice("后面还有啥课", topic=self.name, value="next")],
        )

    def _join(self, wanted: OpenClass, ctx: Context) -> Reply:
        if wanted.is_cancelled:
            return self._say_cancelled(wanted)
        when = self._when(wanted, ctx)
        how = (
            f"{when}点这个链接 {wanted.join_url} 。不用下载别的，点开就能听。"
            if wanted.join_url
            else f"{when}开课，链接还没定，开课前再来问我。"
        )
        choice = Choice("给我报上", topic=self.name, value=f"enrol:{wanted.id}")
        return Reply(f"《{wanted.title}》在手机上听：{how}", choices=[choice])

    def _speaker(self, wanted: OpenClass, ctx: Context) -> Reply:
        return Reply(
            f"《{wanted.title}》由{wanted.speaker}来讲，{self._when(wanted, ctx)}。",
            choices=[Choice("给我报上", topic=self.name, value=f"enrol:{wanted.id}")],
        )

    def _next(self, ctx: Context) -> Reply:
        upcoming = list_upcoming_classes(ctx.session, now=ctx.now)
        if not upcoming:
            return self._act("show", None, ctx)
        choices = [Choice(f"{c.title}", topic=self.name, value=f"show:{c.id}") for c in upcoming]
        dates = "\n".join(f"{self._when(c, ctx)} {c.title}" for c in upcoming)
        return Reply(f"后面的课：\n{dates}\n想听哪个，点一下或者回复数字：", choices=choices)

    def _mine(self, ctx: Context) -> Reply:
        mine = list_enrolments(ctx.session, contact_id=ctx.contact.id, now=ctx.now)
        if not mine:
            return Reply(
                "您现在没有报着名的课。",
                choices=[Choice("看这周的课", topic=self.name, value="show")],
            )
        if len(mine) == 1:
            ctx.remember(self.name, Shown(class_id=mine[0].id))
        lines = "\n".join(f"《{c.title}》{self._when(c, ctx)}{_standing(c, ctx)}" for c in mine)
        choices = [
            Choice(f"取消《{c.title}》", topic=self.name, value=f"cancel:{c.id}") for c in mine
        ]
        return Reply(f"您报了：\n{lines}", choices=choices)

    def _replays(self, ctx: Context, chosen: OpenClass | None = None) -> Reply:
        if chosen is not None and chosen.ends_at <= ctx.now:
            if chosen.replay_url:
                return Reply(f"《{chosen.title}》已经讲过了，回放在这儿：{chosen.replay_url}")
            return Reply(f"《{chosen.title}》的回放还没传上来，过两天再来看看。")
        past = [c for c in list_past_classes(ctx.session, now=ctx.now, limit=4) if c.replay_url]
        if not past:
            return Reply("眼下还没有回放，上完课就会放上来。")
        lines = "\n".join(f"《{c.title}》{c.replay_url}" for c in past)
        upcoming = "这节课还没上，上完才有回放。\n" if chosen is not None else ""
        return Reply(f"{upcoming}以前的课随时能看：\n{lines}")


def _action(text: str) -> str | None:
    return next((name for name, pattern in _COMPILED if pattern.search(text)), None)


def _is_about_ones_place(text: str) -> bool:
    action = _action(text)
    return action == "quiet" or (action == "cancel" and re.search(r"报名|课", text) is not None)


def _points_back(text: str) -> bool:
    return len(text) <= 20 or any(word in text for word in ("这", "那", "给我报"))  # noqa: PLR2004


def _where(shown: OpenClass) -> str:
    """Say where to go, or that a phone is enough."""
    return f"地点：{shown.place}。免费。" if shown.place else "免费，在手机上听就行。"


def _say_reminder(wanted: OpenClass, ctx: Context) -> str:
    """Promise no more than WeChat allows: it lets us write for two days after their last word."""
    if not may_push(ctx):
        return "这个号不能主动给您发消息，手机上也定个闹钟，保险。"
    if wanted.starts_at - ctx.now < GrantReason.MESSAGE.lifetime:
        return "开课前我提醒您。"
    return "开课前我提醒您；不过您两天没来说话，微信就不让我先开口，手机上也定个闹钟，保险。"


def _standing(each: OpenClass, ctx: Context) -> str:
    """Say what stands in the way of coming, if something does."""
    return "（已取消）" if each.is_cancelled else _waits(each, ctx)


def _waits(wanted: OpenClass, ctx: Context) -> str:
    """Say that there is no seat yet, where the person only waits for one."""
    place = find_enrolment(ctx.session, class_id=wanted.id, contact_id=ctx.contact.id)
    is_waiting = place is not None and place.state is EnrolmentState.WAITING
    return "（您还在排队等位）" if is_waiting else ""
