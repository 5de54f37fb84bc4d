"""Pictures, voice without words, places, links: never a dead end."""

from typing import ClassVar

from handlers.base import Context, Handler
from models.messages import Choice, InboundMessage, MessageKind, Reply
from models.ticket import add_to_ticket, list_open_tickets

_NAMES = {
    MessageKind.VOICE: "语音",
    MessageKind.IMAGE: "图片",
    MessageKind.VIDEO: "视频",
    MessageKind.LOCATION: "位置",
    MessageKind.LINK: "链接",
}
_ASK = {
    MessageKind.VOICE: "这段语音我没听清。您再说一遍，或者打几个字，也可以直接点下面的：",
    MessageKind.IMAGE: "图片收到了，我还看不懂图片。您想让谁看看？",
    MessageKind.VIDEO: "视频收到了，我还看不懂视频。您用一句话说说是什么事？",
    MessageKind.LOCATION: "位置收到了。您是想在附近找活，还是找附近的服务站？",
    MessageKind.LINK: "链接收到了。网上的招工要当心：让先交钱的都别信。您想怎么办？",
}
_LAWYER = Choice("给律师看合同或单据", topic="human", value="lawyer")
_STAFF = Choice("转给工作人员", topic="human", value="staff")
_JOBS = Choice("找工作", topic="jobs", value="")
_LEGAL = Choice("问法律", topic="legal", value="")
_CHOICES = {
    MessageKind.VOICE: (_JOBS, _LEGAL, _STAFF),
    MessageKind.IMAGE: (_LAWYER, _STAFF),
    MessageKind.VIDEO: (_STAFF, _JOBS, _LEGAL),
    MessageKind.LOCATION: (_JOBS, _STAFF),
    MessageKind.LINK: (_JOBS, _LAWYER, _STAFF),
}


class Media(Handler):
    """Answers what has no words in it."""

    name: ClassVar[str] = "media"
    holds_the_floor: ClassVar[bool] = False

    def handle(self, message: InboundMessage, ctx: Context) -> Reply:
        """Add it to the open ticket, or ask what to do with it."""
        name = _NAMES.get(message.kind, "这条消息")
        tickets = list_open_tickets(ctx.session, contact_id=ctx.contact.id)
        if tickets:
            body = f"[{name}] {message.details.get('media_id') or message.details.get('url', '')}"
            add_to_ticket(ctx.session, tickets[0], body=body.strip(), now=ctx.now)
            return Reply(f"{name}收到，记到您的求助（编号 {tickets[0].id}）里了，志愿者会看到。")
        asked = _ASK.get(message.kind, "收到了，可这种消息我还打不开。您打几个字说说是什么事？")
        return Reply(asked, choices=_CHOICES.get(message.kind, (_JOBS, _LEGAL, _STAFF)))
