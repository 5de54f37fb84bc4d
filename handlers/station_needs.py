"""What people look for at a station, and whether it is written that they find it there."""

import re
from collections.abc import Sequence

from models.station import Station

_NEEDS = {
    "饮水": re.compile(r"饮水|喝(口)?水|热水|开水|接水|冰水|水喝"),
    "微波炉": re.compile(r"微波炉|热(个|口)?饭"),
    "充电": re.compile(r"充(个|下|会儿?)?电|没电|充手机"),
    "休息": re.compile(r"歇|休息|坐(会|一会|坐|着)|避暑|避雨|躲雨|凉快|空调|取暖|暖和|乘凉|纳凉"),
    "母婴室": re.compile(r"母婴|喂奶|哺乳|换尿布"),
    "法律咨询": re.compile(r"法律|律师|讨薪|维权"),
    "心理": re.compile(r"心理|谈心|聊天室|说说话"),
    "厕所": re.compile(r"厕所|卫生间|洗手间|茅房"),
    "洗澡": re.compile(r"洗澡|淋浴"),
    "打印": re.compile(r"打印|复印"),
    "血压": re.compile(r"血压"),
    "药箱": re.compile(r"药箱|急救包|创可贴"),
    "停车": re.compile(r"停(大|个)?车"),
    "上网": re.compile(r"wifi|上网|无线网"),
}
WEAK_NEEDS = frozenset({"休息", "饮水"})
"""Every station is there for these: they are how people ask for a station at all."""


def find_needs(text: str) -> list[str]:
    """Return the needs that a sentence names."""
    return [need for need, words in _NEEDS.items() if words.search(text)]


def has_need(station: Station, need: str) -> bool:
    """Tell whether it is written of the station that it has this."""
    words = _NEEDS[need]
    return any(need in service or words.search(service) for service in station.services)


def say_needs(station: Station, needs: Sequence[str]) -> str:
    """Say which of these the station has, and for which one has to ask."""
    has = [need for need in needs if has_need(station, need)]
    lacks = [need for need in needs if need not in has]
    parts = [f"写着有{'、'.join(has)}"] if has else []
    if lacks:
        call = f"，打 {station.phone} 问一声" if station.phone else ""
        parts.append(f"没写有没有{'、'.join(lacks)}{call}")
    return f"{station.name}{'；'.join(parts)}。"
