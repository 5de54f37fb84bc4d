"""What a sheet of stations holds, and how its rows are judged."""

from collections.abc import Iterable
from typing import Final

from bot.loading.cell_contacts import phone
from bot.loading.cells import decimal, key, listed, text
from bot.loading.kind import Column, Fault, Kind, Settling
from models.station import Station

_LAT: Final = (3.5, 54.0)
_LON: Final = (73.0, 136.0)


def _settle(settling: Settling[Station]) -> Iterable[Fault]:
    """Find coordinates outside the country, or the wrong way round."""
    lat, lon = settling.row.lat, settling.row.lon
    if _inside(lat, _LAT) and _inside(lon, _LON):
        return
    if _inside(lon, _LAT) and _inside(lat, _LON):
        yield Fault("lat", f"经纬度填反了：纬度应是 {lon:g}，经度应是 {lat:g}")
    elif not _inside(lat, _LAT):
        yield Fault("lat", "纬度不在国内，泰安一带约是 36")
    else:
        yield Fault("lon", "经度不在国内，泰安一带约是 117")


def _inside(value: float, bounds: tuple[float, float]) -> bool:
    return bounds[0] <= value <= bounds[1]


KIND: Final = Kind(
    name="stations",
    noun="驿站",
    model=Station,
    settle=_settle,
    columns=(
        Column(
            "id",
            ("编号", "驿站编号", "序号"),
            key(64),
            "示例-1",
            required=True,
            hint="每个一个，不要改动",
        ),
        Column("name", ("名称", "站名", "驿站名称"), text(80), "老城街道暖心驿站", required=True),
        Column(
            "address",
            ("地址", "位置", "详细地址"),
            text(200),
            "肥城市老城街道长山街口往东50米",
            required=True,
        ),
        Column(
            "lat",
            ("纬度", "北纬"),
            decimal(0, 180, example="36.2412"),
            "36.2412",
            required=True,
            hint="地图上的纬度，泰安一带约36",
        ),
        Column(
            "lon",
            ("经度", "东经", "lng"),
            decimal(0, 180, example="116.7713"),
            "116.7713",
            required=True,
            hint="地图上的经度，泰安一带约117",
        ),
        Column("hours", ("开放时间", "营业时间", "时间"), text(80), "每天 8:00-20:00"),
        Column("phone", ("电话", "联系电话"), phone(40), "0538-0000001"),
        Column(
            "services",
            ("服务", "服务项目", "能做什么"),
            listed(40, 20, breaks=r"[|｜、,，;；/\n]"),
            "饮水、微波炉、充电",
            hint="用顿号隔开",
        ),
    ),
)
