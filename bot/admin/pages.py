"""Pages that are no table: how would the bot answer, what it could not answer, the settings."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, Final

from sqladmin import BaseView, expose
from sqlmodel import select
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from bot.admin.office import LOOK_BACK, Office
from bot.admin.reasons import KNOWLEDGE, say_reasons, say_slots
from bot.admin.rules import PREFIX
from bot.admin.views import in_thread
from bot.answering import Answered
from bot.asking.gather import AskedGroup
from bot.console.access import Person, person_of
from bot.console.words import RISKS
from knowledge.engine import Action
from knowledge.intents import Intent
from models.account_state import AccountState, switch_media_on, switch_sending_on
from models.audit import record_audit
from models.faq import ContentVersion

LONGEST: Final = 2000
SHOWN: Final = 30
_PERIODS: Final = (7, 30, LOOK_BACK)
INTENTS: Final[Mapping[Intent, str]] = {
    Intent.JOB_SEARCH: "找工作",
    Intent.JOB_DETAIL: "问一个岗位",
    Intent.JOB_REGISTER: "登记求职",
    Intent.JOB_POST: "发布岗位",
    Intent.CLASS_SCHEDULE: "问课程",
    Intent.LEGAL: "问法律",
    Intent.COUNSEL: "心里不好受",
    Intent.HUMAN: "找人说话",
    Intent.CRISIS: "有危险",
    Intent.STATION: "找驿站",
    Intent.AID: "要帮扶",
    Intent.FEEDBACK: "提意见",
    Intent.MUTUAL_HELP: "互助",
    Intent.PRIVACY: "问自己的资料",
    Intent.SMALLTALK: "闲聊",
    Intent.HELP: "问能做什么",
    Intent.OTHER: "别的",
}
ACTIONS: Final[Mapping[Action, str]] = {
    Action.ANSWER: "直接答",
    Action.ASK: "先问一句",
    Action.FALLBACK: "说没听懂",
}


class Page(BaseView):
    """A page of ours among those of sqladmin."""

    office: ClassVar[Office]


class AnswerView(Page):
    """What a person who never wrote before would get, and why."""

    name = "机器人会怎么答"

    @expose("/answer", methods=["GET", "POST"], identity="answer")
    async def answer(self, request: Request) -> Response:
        """Show the box, and what the bot makes of the words in it."""
        text, found = "", None
        if request.method == "POST":
            text = str((await request.form()).get("text", "")).strip()[:LONGEST]
        if text:
            found = await in_thread(self.office.bot.answer, text)
        facts = {"text": text, "found": found, "title": self.name, **_words(found)}
        return await self.templates.TemplateResponse(request, "sqladmin/answer.html", facts)


_TAP: Final = re.compile(r'<a href="weixin://[^"]*">(.*?)</a>')


def _pieces(answer: str) -> list[tuple[str, bool]]:
    """Return the answer in pieces, each with whether one may tap it in WeChat."""
    return [(text, number % 2 == 1) for number, text in enumerate(_TAP.split(answer)) if text]


def _words(found: Answered | None) -> dict[str, object]:
    if found is None:
        return {}
    understanding = found.understanding
    return {
        "pieces": _pieces(found.answer),
        "intents": INTENTS,
        "action": ACTIONS[understanding.action],
        "risk": RISKS[understanding.danger.level],
        "guesses": [guess for guess in understanding.intents[:5] if guess.score > 0],
        "heard": say_slots(understanding.wish.as_slots()),
        "say_reasons": say_reasons,
    }


class UnansweredView(Page):
    """What people asked in vain, the same question in other words as one row."""

    name = "没答上来的"

    @expose("/unanswered", methods=["GET"], identity="unanswered")
    async def unanswered(self, request: Request) -> Response:
        """List what was asked most, with the entries that come nearest."""
        asked = request.query_params.get("days", "")
        days = int(asked) if asked in map(str, _PERIODS) else _PERIODS[1]
        groups, count, is_cut = await in_thread(self._gather, days)
        facts = {
            "title": self.name,
            "groups": groups,
            "count": count,
            "is_cut": is_cut,
            "days": days,
            "periods": _PERIODS,
        }
        return await self.templates.TemplateResponse(request, "sqladmin/unanswered.html", facts)

    def _gather(self, days: int) -> tuple[list[AskedGroup], int, bool]:
        gatherer = self.office.gatherer()
        gathered = self.office.gather(days=days)
        groups = [gatherer.with_nearest(group) for group in gathered.groups[:SHOWN]]
        return groups, len(gathered.groups), gathered.is_cut


@dataclass(frozen=True, slots=True)
class Account:
    """What is known of the account's rights."""

    sending_off_at: datetime | None = None
    media_off_at: datetime | None = None
    paused_until: datetime | None = None


class SettingsView(Page):
    """What can be set while the service runs, and what is set where it is started."""

    name = "设置"

    @expose("/settings", methods=["GET", "POST"], identity="settings")
    async def settings(self, request: Request) -> Response:
        """Show the settings; a press lets the account try again what WeChat refused."""
        if request.method == "POST":
            await in_thread(self._try_again, person_of(request))
            return RedirectResponse(f"{PREFIX}/settings?said=saved", status_code=303)
        account, versions = await in_thread(self._look)
        facts = {
            "title": self.name,
            "account": account,
            "versions": versions,
            "fixed": self.office.facts,
        }
        return await self.templates.TemplateResponse(request, "sqladmin/settings.html", facts)

    def _look(self) -> tuple[Account, dict[str, int]]:
        state = select(
            AccountState.sending_off_at, AccountState.media_off_at, AccountState.paused_until
        ).where(AccountState.app_id == self.office.desk.app_id)
        with self.office.desk.looking() as session:
            row = session.exec(state).first()
            versions = session.exec(select(ContentVersion.name, ContentVersion.version)).all()
        named = {KNOWLEDGE.get(name, name): version for name, version in versions}
        return Account(*row) if row else Account(), named

    def _try_again(self, person: Person) -> None:
        desk = self.office.desk
        with desk.database.transaction() as session:
            switch_sending_on(session, app_id=desk.app_id)
            switch_media_on(session, app_id=desk.app_id)
            record_audit(
                session,
                actor_id=person.id,
                action="try_again",
                subject="account:1",
                now=desk.clock(),
            )
