"""Welcome, help and menu: what this account is for, in one screen."""

from typing import ClassVar

from sqlalchemy import delete, update
from sqlmodel import col

from handlers.base import Context, Handler
from knowledge.intents import Intent
from models.contact import Contact
from models.conversation import Conversation, StoredConversation
from models.messages import Choice, InboundMessage, Reply

MENU = (
    Choice("找工作", topic="jobs", value=""),
    Choice("登记求职", topic="register", value=""),
    Choice("看公开课", topic="classes", value=""),
    Choice("问法律", topic="legal", value=""),
    Choice("找人帮忙", topic="human", value=""),
)
_CAN = "您可以直接打字或说话问我，也可以点下面的：\n"
_ALWAYS = "随时回复「0」或「人工」找真人。"


class Welcome(Handler):
    """Greets a new follower, explains the account, says goodbye to who leaves."""

    name: ClassVar[str] = "welcome"
    intents: ClassVar[frozenset[Intent]] = frozenset({Intent.HELP})
    menu_keys: ClassVar[dict[str, str]] = {"MENU_HELP": ""}
    events: ClassVar[frozenset[str]] = frozenset({"subscribe", "scan", "unsubscribe"})

    def handle(self, message: InboundMessage, ctx: Context) -> Reply | None:
        """Answer the follow, the scan of a code, the unfollow, or a question for help."""
        if message.event == "unsubscribe":
            self._forget(ctx)
            return None
        if message.event in self.events:
            return self._greet(message, ctx)
        return self._help()

    def choose(self, value: str, ctx: Context) -> Reply:
        """Show the help."""
        return self._help()

    def _greet(self, message: InboundMessage, ctx: Context) -> Reply:
        if message.event_key:
            ctx.session.connection().execute(
                update(Contact)
                .where(col(Contact.id) == ctx.contact.id)
                .values(scene=message.event_key[:64])
            )
        return Reply(
            "您好，这里是矿友互助，工友自己人办的，不收一分钱。\n"
            "找工作、问法律、听公开课、心里有事想说，都可以找我。\n"
            "我是机器人，先替大伙接个头；要紧的事有志愿律师、心理顾问和职业顾问。\n" + _CAN,
            choices=MENU,
            closing=_ALWAYS,
        )

    def _help(self) -> Reply:
        return Reply(
            "我能帮您：找岗位、登记求职、看公开课、查法律、找志愿者。\n"
            "比如这样说：「泰安有电工的活吗」「老板欠我工资咋办」「这周四讲啥」。\n" + _CAN,
            choices=MENU,
            closing=_ALWAYS,
        )

    def _forget(self, ctx: Context) -> None:
        """Drop the dialogue of somebody who left; nothing can be shown to them any more."""
        ctx.conversation.__dict__.update(Conversation().__dict__)
        ctx.session.connection().execute(
            delete(StoredConversation).where(col(StoredConversation.contact_id) == ctx.contact.id)
        )
