"""What a sheet of classes holds, and how its rows are judged."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final

from sqlmodel import Session

from bot.loading.cell_contacts import https
from bot.loading.cell_times import SHANGHAI, moment
from bot.loading.cells import Cell, choice, key, text, whole_number
from bot.loading.kind import Column, Fault, Kind, Settling
from handlers.class_news import tell_changes
from handlers.seats import tell_moved_up
from models.open_class import USUAL_LENGTH, OpenClass, fill_free_seats

_LONGEST_HOURS: Final = 12
_CANCELLED: Final = "cancelled"
_STATES: Final = choice(
    dict.fromkeys(("正常", "照常", "否", "不取消", "false", "no", "0"), "normal")
    | dict.fromkeys(("取消", "已取消", "停课", "是", "true", "yes", "1"), _CANCELLED),
    say="“正常”或“取消”",
)


def _settle(settling: Settling[OpenClass]) -> Iterable[Fault]:
    """Give a class its usual length where none is written; keep promises already made."""
    row = settling.row
    if settling.lacks("ends_at"):
        row.ends_at = row.starts_at + USUAL_LENGTH
    if row.ends_at <= row.starts_at:
        yield Fault("ends_at", "结束要晚于开始，请核对日期和时间")
    elif (row.ends_at - row.starts_at).total_seconds() > _LONGEST_HOURS * 3600:
        yield Fault("ends_at", f"一节课超过 {_LONGEST_HOURS} 小时，请核对日期")
    yield from _promised(row)


def _promised(row: OpenClass) -> Iterable[Fault]:
    """Find fewer seats than people already have."""
    taken = row.seats_taken
    if row.capacity < taken:
        yield Fault("capacity", f"已经有 {taken} 人报上名，名额不能少于 {taken}")


def _go_on(session: Session, class_ids: Sequence[str], now: datetime) -> None:
    """Tell those who come what has changed; give new seats to those who wait, and tell them."""
    tell_changes(session, class_ids=class_ids, zone=SHANGHAI, now=now)
    tell_moved_up(session, fill_free_seats(session, class_ids, now=now), now=now)


def _is_cancelled(cell: Cell) -> bool:
    """Take whether a class is cancelled; an empty cell says that it is not."""
    return _STATES(cell) == _CANCELLED


KIND: Final = Kind(
    name="classes",
    noun="课程",
    model=OpenClass,
    settle=_settle,
    promised=_promised,
    follow=_go_on,
    columns=(
        Column(
            "id",
            ("编号", "课程编号", "序号"),
            key(64),
            "示例-1",
            required=True,
            hint="每节一个，不要改动",
        ),
        Column(
            "title",
            ("课名", "标题", "课程名称", "主题"),
            text(80),
            "新单位的合同，先看哪几行",
            required=True,
        ),
        Column("speaker", ("主讲人", "讲师", "老师"), text(80), "李砚青（志愿律师）"),
        Column(
            "starts_at",
            ("开始时间", "上课时间", "开始"),
            moment,
            "2026-11-26 19:30",
            required=True,
            hint="北京时间",
        ),
        Column(
            "ends_at",
            ("结束时间", "下课时间", "结束"),
            moment,
            "2026-11-26 20:45",
            hint=f"空着算 {int(USUAL_LENGTH.total_seconds() // 60)} 分钟",
        ),
        Column(
            "capacity",
            ("名额", "人数", "人数上限"),
            whole_number(1, 100_000, unit=" 人"),
            "100",
            required=True,
        ),
        Column(
            "join_url",
            ("听课链接", "直播链接", "上课链接"),
            https(400),
            "https://example.org/class",
        ),
        Column("replay_url", ("回放链接", "回放"), https(400), "https://example.org/replay"),
        Column("place", ("地点", "上课地点", "教室"), text(120), "", hint="只在手机上听的空着"),
        Column(
            "is_cancelled",
            ("状态", "是否取消"),
            _is_cancelled,
            "正常",
            hint="写“取消”，报了名的人会收到通知",
            options=("正常", "取消"),
        ),
    ),
)
