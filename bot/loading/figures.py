"""What a sheet of figures holds, and how its rows are judged."""

from collections.abc import Iterable
from decimal import Decimal, InvalidOperation
from typing import Final

from bot.loading.cell_times import day
from bot.loading.cells import BadCellError, Cell, choice, key, show, text
from bot.loading.kind import Column, Fault, Kind, Settling
from models.local_figure import FigureName, LocalFigure

_SAY: Final = "上年度职工月平均工资、最低工资、一年期LPR、上一年度城镇居民人均可支配收入"
_NAMES: Final = {
    **{name.spoken: name.value for name in FigureName},
    **{name.value: name.value for name in FigureName},
    "社平工资": FigureName.AVERAGE_WAGE.value,
    "职工月平均工资": FigureName.AVERAGE_WAGE.value,
    "LPR": FigureName.LPR_1Y.value,
}
_WORD: Final = choice(_NAMES, say=_SAY)
_UNITS: Final = {
    FigureName.AVERAGE_WAGE: "元/月",
    FigureName.MINIMUM_WAGE: "元/月",
    FigureName.LPR_1Y: "%",
    FigureName.DISPOSABLE_INCOME: "元/年",
}
_BOUNDS: Final = {
    FigureName.AVERAGE_WAGE: (1000, 100_000),
    FigureName.MINIMUM_WAGE: (500, 20_000),
    FigureName.LPR_1Y: (1, 20),
    FigureName.DISPOSABLE_INCOME: (10_000, 1_000_000),
}
_PLACES: Final = 4
_LONGEST_DAYS: Final = 800


def figure_name(cell: Cell) -> FigureName | str:
    """Take what a figure is called; an empty cell stays empty."""
    said = _WORD(cell)
    return FigureName(str(said)) if said else ""


def exact(cell: Cell) -> str:
    """Take a number as its digits, without a unit."""
    said = show(cell).replace(",", "").replace("，", "").strip().removesuffix("%").strip()
    try:
        number = Decimal(said) if said.isascii() else Decimal("NaN")
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite() or number <= 0 or number != round(number, _PLACES):
        msg = "请填阿拉伯数字，如 7069 或 3.45，不要带单位"
        raise BadCellError(msg)
    return f"{round(number, _PLACES).normalize():f}"


def _settle(settling: Settling[LocalFigure]) -> Iterable[Fault]:
    """Find a figure in the wrong unit or size, or valid for too long to be believed."""
    row = settling.row
    unit, (least, most) = _UNITS[row.name], _BOUNDS[row.name]
    if row.unit != unit:
        yield Fault("unit", f"{row.name.spoken}的单位请写“{unit}”")
    if not least <= Decimal(row.value) <= most:
        yield Fault("value", f"{row.name.spoken}应在 {least} 到 {most} {unit} 之间，请核对")
    if row.valid_until < row.valid_from:
        yield Fault("valid_until", "失效日早于生效日，请核对")
    elif (row.valid_until - row.valid_from).days > _LONGEST_DAYS:
        yield Fault("valid_until", "有效期超过两年，这种数每年会变，请写下一次公布的日子")


KIND: Final = Kind(
    name="figures",
    noun="本地数字",
    model=LocalFigure,
    settle=_settle,
    columns=(
        Column(
            "id",
            ("编号", "序号"),
            key(64),
            "示例-1",
            required=True,
            hint="每个数一个，不要改动",
        ),
        Column(
            "region", ("地区", "地方"), text(40), "泰安市", required=True, hint="全国的写“全国”"
        ),
        Column(
            "name",
            ("名称", "是什么数"),
            figure_name,
            "最低工资",
            required=True,
            options=tuple(name.spoken for name in FigureName),
        ),
        Column("value", ("数值", "数"), exact, "2000", required=True, hint="只写数，不带单位"),
        Column(
            "unit",
            ("单位",),
            text(20),
            "元/月",
            required=True,
            options=("元/月", "元/年", "%"),
        ),
        Column("valid_from", ("生效日", "从哪天起"), day, "2026-01-01", required=True),
        Column(
            "valid_until",
            ("失效日", "到哪天止", "有效期"),
            day,
            "2026-12-31",
            required=True,
            hint="过了这天就当没有",
        ),
        Column(
            "source",
            ("来源", "出处", "文号"),
            text(200),
            "某市人社局 2026 年第 1 号通知",
            required=True,
            hint="谁公布的、哪份文件",
        ),
    ),
)
