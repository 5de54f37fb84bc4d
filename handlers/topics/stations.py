"""The directory of stations: by town, by name, by what they have, by how near they are."""

import re
from collections.abc import Mapping, Sequence
from typing import ClassVar

from pydantic import BaseModel, Field
from sqlmodel import col, select

from handlers.base import Context, Handler, is_only_found
from handlers.station_needs import WEAK_NEEDS, find_needs, has_need, say_needs
from handlers.wording import shorten
from knowledge.intents import Intent
from knowledge.places import Place, find_places
from models.messages import Choice, InboundMessage, Reply
from models.station import NearStation, Station, nearest

PAGE = 5
NEAREST = 3
FAR_KM = 60.0
HOME = (36.1828, 116.7687)
"""The middle of Feicheng: without a place named, the list begins there."""

_EVERY = 10_000
_MORE = re.compile(r"换一?批|下一?批|还有(别的|其他|其它|吗|没|不)|别的(呢|吗|站)?|更多|后面的")
_NEAR = re.compile(r"(最|更|哪个|离我|离俺)近|多远|近(一?点|些)|远不远|附近|太远")
_ASPECTS = (
    ("开放时间", re.compile(r"几点|时间|开门|关门|营业|啥时候|什么时候|周[一二三四五六日末]")),
    ("电话", re.compile(r"电话|联系|打给")),
    ("地址", re.compile(r"地址|在哪|哪里|哪儿|怎么走|咋走|咋去|怎么去")),
)
_ELSEWHERE = re.compile(r"附近|哪(个|儿|里|家)?(站|有|能)|还有哪|别的")
_SHORT = 8
_OFFICE = re.compile(r"你们|恁|办公|交材料|当面|哪个窗口")
_HOW_NEAR = "想按远近找：点右下角的「＋」，选「位置」发给我。"
_DEMO = "（演示数据，不是真实站点）"


class StationMemory(BaseModel):
    """Which stations were found, how far the list was read, and which one is spoken of.

    `base` are those of the place that was named, before they were narrowed down.
    Where the person is stays out of it: only the order of the stations is kept.
    """

    ids: list[str] = Field(default_factory=list)
    base: list[str] = Field(default_factory=list)
    shown: int = 0
    focus: str = ""


class Stations(Handler):
    """Tells where the stations are and what can be had there."""

    name: ClassVar[str] = "stations"
    intents: ClassVar[frozenset[Intent]] = frozenset({Intent.STATION})
    menu_keys: ClassVar[Mapping[str, str]] = {"MENU_STATION": ""}

    def handle(self, message: InboundMessage, ctx: Context) -> Reply:
        """Answer a place that was sent with the nearest, words with the stations they mean."""
        if "latitude" in message.details and "longitude" in message.details:
            return self._near(message, ctx)
        return self._find(ctx.understanding.plain, ctx)

    def follow_up(self, message: InboundMessage, ctx: Context) -> Reply | None:
        """Take "还有吗", "有母婴室的" and "几点关门" for the stations just shown."""
        memory = ctx.recall(self.name, StationMemory)
        text = ctx.understanding.plain
        asks_more = len(text) <= _SHORT and _MORE.search(text) is not None
        asks_about = bool(memory.focus) and len(text) <= _SHORT and _aspect_of(text) is not None
        asks_on = asks_more or asks_about
        if not memory.ids or (self._is_elsewhere(ctx) and not asks_on):
            return None
        if _MORE.search(text):
            return self._page(memory, ctx)
        if find_places(text):
            return self._find(text, ctx)
        if memory.focus and not _ELSEWHERE.search(text):
            return self._about(memory.focus, text, ctx)
        needs = find_needs(text)
        if needs:
            return self._narrow(memory, needs, ctx)
        return Reply(_HOW_NEAR) if _NEAR.search(text) else None

    def choose(self, value: str, ctx: Context) -> Reply:
        """Show a station, the next ones, or the directory from its beginning."""
        action, _, argument = value.partition(":")
        if action == "show":
            return self._show(argument, ctx)
        if action == "more":
            return self._page(ctx.recall(self.name, StationMemory), ctx)
        return self._list(_by_distance(ctx), head="", ctx=ctx)

    def _is_elsewhere(self, ctx: Context) -> bool:
        understanding = ctx.understanding
        is_sure = understanding.is_sure and not is_only_found(understanding)
        return is_sure and understanding.intent not in self.intents

    def _find(self, text: str, ctx: Context) -> Reply:
        stations = _by_distance(ctx)
        named = next((s for s in stations if s.name in text), None)
        if named is not None:
            return self._show(named.id, ctx)
        places, needs = find_places(text), find_needs(text)
        found, head = _in_place(stations, places)
        with_all = [s for s in found if all(has_need(s, need) for need in needs)]
        if needs and not with_all:
            what = "、".join(needs)
            head = f"{head}登记的站点里，没有写明有「{what}」的，去之前打电话问一声："
        elif needs and not places:
            head = f"写明有「{'、'.join(needs)}」的站点：" if set(needs) - WEAK_NEEDS else ""
        closing = "想当面办事，先打电话问好再去。" if _OFFICE.search(text) else ""
        base = [s.id for s in found]
        return self._list(with_all or found, head=head, ctx=ctx, closing=closing, base=base)

    def _narrow(self, memory: StationMemory, needs: Sequence[str], ctx: Context) -> Reply:
        """Keep of the stations found the ones that have it, in their order."""
        listed = _get_all(memory.base, ctx)
        found = [s for s in listed if all(has_need(s, need) for need in needs)]
        what = "、".join(needs)
        if found:
            return self._list(found, head=f"写明有「{what}」的：", ctx=ctx, base=memory.base)
        elsewhere = [s for s in _by_distance(ctx) if all(has_need(s, need) for need in needs)]
        if elsewhere:
            return self._list(elsewhere, head=f"刚才那些没写有「{what}」，这些有：", ctx=ctx)
        head = f"登记的站点里，没有写明有「{what}」的，去之前打电话问一声："
        return self._list(listed, head=head, ctx=ctx)

    def _near(self, message: InboundMessage, ctx: Context) -> Reply:
        """Show the three nearest with their distance; the place itself is not kept."""
        ctx.conversation.topic = self.name  # a place comes in by the topic for things without words
        point = (float(message.details["latitude"]), float(message.details["longitude"]))
        found = nearest(ctx.session, *point, limit=_EVERY)
        if not found:
            return self._nothing()
        ids = [near.station.id for near in found]
        ctx.remember(self.name, StationMemory(ids=ids, base=ids, shown=NEAREST))
        closest = found[0].km
        head = f"离您最近的{min(NEAREST, len(found))}个（直线距离）："
        if closest > FAR_KM:
            head = f"您附近还没有登记的站点，最近的也有{closest:.0f}公里："
        choices = [self._choice(near.station, far=_say_km(near)) for near in found[:NEAREST]]
        choices.append(Choice("在附近找活", topic="jobs", value=""))
        closing = "点一下看地址、电话。位置只用来算远近。"
        is_demo = any(near.station.is_demo for near in found[:NEAREST])
        return Reply(f"{head}{_DEMO if is_demo else ''}", choices=choices, closing=closing)

    def _list(
        self,
        stations: Sequence[Station],
        *,
        head: str,
        ctx: Context,
        closing: str = "",
        base: Sequence[str] = (),
    ) -> Reply:
        if not stations:
            return self._nothing()
        ids = [s.id for s in stations]
        memory = StationMemory(ids=ids, base=list(base) or ids)
        head = head or f"登记的服务站有{len(stations)}个，肥城、泰安的在前面："
        return self._page(memory, ctx, head=head, closing=closing)

    def _page(
        self, memory: StationMemory, ctx: Context, *, head: str = "接着看：", closing: str = ""
    ) -> Reply:
        """Show the next five of what was found."""
        page = _get_all(memory.ids[memory.shown : memory.shown + PAGE], ctx)
        if not page:
            return Reply("就这些了，没有更多的站点。", choices=self._further())
        shown = memory.shown + PAGE
        ctx.remember(self.name, memory.model_copy(update={"shown": shown, "focus": ""}))
        choices = [self._choice(station) for station in page]
        if shown < len(memory.ids):
            choices.append(Choice("换一批", topic=self.name, value="more"))
        demo = _DEMO if any(station.is_demo for station in page) else ""
        closing = f"点一下看地址、电话。{closing or _HOW_NEAR}"
        return Reply(f"{head}{demo}", choices=choices, closing=closing)

    def _choice(self, station: Station, far: str = "") -> Choice:
        label = " ".join(part for part in (station.name, far, station.hours) if part)
        return Choice(shorten(label, 36), topic=self.name, value=f"show:{station.id}")

    def _show(self, station_id: str, ctx: Context) -> Reply:
        station = ctx.session.get(Station, station_id)
        if station is None:
            return Reply(
                "这个站点刚刚撤了，看看别的吧。",
                choices=[Choice("看别的站点", topic=self.name, value="")],
            )
        memory = ctx.recall(self.name, StationMemory)
        if not memory.ids:
            memory = StationMemory(ids=[station.id], base=[station.id])
        ctx.remember(self.name, memory.model_copy(update={"focus": station.id}))
        return Reply(_describe(station), choices=self._further())

    def _about(self, station_id: str, text: str, ctx: Context) -> Reply | None:
        """Answer a question about the station just read, from what is written about it."""
        station = ctx.session.get(Station, station_id)
        if station is None:
            return None
        needs = find_needs(text)
        if needs:
            return Reply(say_needs(station, needs), choices=self._further())
        said = {"开放时间": station.hours, "电话": station.phone, "地址": station.address}
        asked = _aspect_of(text)
        if asked is None:
            return Reply(_HOW_NEAR) if _NEAR.search(text) else None
        answer = said[asked] or "没写，我不乱说"
        return Reply(f"{station.name}，{asked}：{answer}。", choices=self._further())

    def _further(self) -> list[Choice]:
        return [
            Choice("看别的站点", topic=self.name, value=""),
            Choice("问工作人员", topic="human", value="staff"),
        ]

    def _nothing(self) -> Reply:
        return Reply(
            "服务站的地址我这儿还没有现成的，不敢乱指路，可以让工作人员查了告诉您。",
            choices=[Choice("转给工作人员", topic="human", value="staff")],
        )


def _by_distance(ctx: Context) -> list[Station]:
    return [near.station for near in nearest(ctx.session, *HOME, limit=_EVERY)]


def _get_all(ids: Sequence[str], ctx: Context) -> list[Station]:
    rows = ctx.session.exec(select(Station).where(col(Station.id).in_(ids)))
    return sorted(rows, key=lambda station: ids.index(station.id))


def _aspect_of(text: str) -> str | None:
    return next((name for name, words in _ASPECTS if words.search(text)), None)


def _in_place(
    stations: Sequence[Station], places: Sequence[Place]
) -> tuple[Sequence[Station], str]:
    """Return the stations of the place named last, else of what it belongs to, and what to say."""
    if not places:
        return stations, ""
    place = places[-1]
    levels = dict.fromkeys(name for name in (place.name, place.county, place.city) if name)
    for name in levels:
        found = [s for s in stations if name in s.name or name in s.address]
        if found and name == place.name:
            return found, f"{name}的站点："
        if found:
            return found, f"{place.name}还没有登记的站点，{name}的有："
    return stations, f"{place.name}还没有登记的站点，有的都在这儿："


def _say_km(near: NearStation) -> str:
    return f"{near.km:.1f}公里"


def _describe(station: Station) -> str:
    fields = {
        "地址": station.address,
        "开放": station.hours,
        "电话": station.phone,
        "有": "、".join(station.services),
    }
    stated = [f"{name}：{value}" for name, value in fields.items() if value]
    head = f"【{station.name}】{_DEMO if station.is_demo else ''}"
    return "\n".join([head, *stated])
