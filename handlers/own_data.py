"""Says what is kept of a person, what stays and why, and which messages they get."""

from collections.abc import Iterable, Mapping

from models.erasure import Holdings, KeptBecause, KeptTicket
from models.job import JobSeeker
from models.ticket import Ticket, TicketKind, TicketState

NEWS = {"class": "课程", "job": "岗位"}
FIELDS = {"name": "姓名", "age": "年龄", "trade": "工种", "place": "地点", "pay": "工资"}
_KIND_NAMES = {
    TicketKind.LAWYER: "律师", TicketKind.COUNSELOR: "心理顾问", TicketKind.CAREER: "职业顾问",
    TicketKind.STAFF: "工作人员", TicketKind.CRISIS: "紧急求助", TicketKind.AID: "困难帮扶",
    TicketKind.FEEDBACK: "意见", TicketKind.MUTUAL_HELP: "邻里互助", TicketKind.PRIVACY: "个人信息",
    TicketKind.POSTING: "招工", TicketKind.ERROR: "故障",
}  # fmt: skip
_BECAUSE = {
    KeptBecause.IN_HANDS: "有人正在办，办完再说删",
    KeptBecause.ALARM: "关系到安全，值班的人看过以后才能删",
    KeptBecause.COUNSELLING: "心理顾问的记录，按行业规定留三年",
}


def say_holdings(held: Holdings) -> list[str]:
    """Return what is kept of a person, line by line."""
    lines = [say_seeker(held.seeker), f"聊天：{held.messages}条"]
    if held.media:
        lines.append(f"随求助存下的图片和语音：{held.media}个")
    if held.classes_to_come or held.classes_past:
        lines.append(f"公开课报名：要上的{held.classes_to_come}节，上过的{held.classes_past}节")
    lines += [_say_ticket(ticket) for ticket in held.tickets]
    if held.unanswered:
        lines.append(f"我没答上来的问题：{held.unanswered}个")
    if held.parked:
        lines.append(f"还没看的留言：{held.parked}条（回复「继续」看）")
    return lines


def say_seeker(seeker: JobSeeker | None) -> str:
    """Say what somebody told as a job seeker."""
    if seeker is None:
        return "求职登记：没有"
    said = "，".join(f"{label}{getattr(seeker, f) or '没填'}" for f, label in FIELDS.items())
    return f"求职登记：{said}"


def _say_ticket(ticket: Ticket) -> str:
    state = "已办完" if ticket.state is TicketState.CLOSED else "没办完"
    return f"求助：编号{ticket.id}（{_KIND_NAMES[ticket.kind]}，{state}）"


def say_news(news: Mapping[str, bool]) -> str:
    """Say which messages somebody wants."""
    said = {True: "想收", False: "不收"}
    return "消息推送：" + "，".join(f"{NEWS[kind]}{said[w]}" for kind, w in news.items())


def say_kept(kept: Iterable[KeptTicket]) -> str:
    """Say which tickets stay for now and why, a line each."""
    lines = [f"编号{ticket.id}的求助先留着（{_BECAUSE[ticket.because]}）。" for ticket in kept]
    return "\n".join([*lines, ""])
