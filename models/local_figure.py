"""Figures that the law leaves to a region or a month, each with its source and its time."""

from datetime import date
from decimal import Decimal
from enum import StrEnum

from sqlmodel import Field, Session, SQLModel, col, select

from models.columns import enum_column

NATIONWIDE = "全国"


class FigureName(StrEnum):
    """What a figure is."""

    AVERAGE_WAGE = "average_wage"
    MINIMUM_WAGE = "minimum_wage"
    LPR_1Y = "lpr_1y"
    DISPOSABLE_INCOME = "disposable_income"

    @property
    def spoken(self) -> str:
        """Return what people call it."""
        return _TITLES[self]


_TITLES = {
    FigureName.AVERAGE_WAGE: "上年度职工月平均工资",
    FigureName.MINIMUM_WAGE: "最低工资",
    FigureName.LPR_1Y: "一年期LPR",
    FigureName.DISPOSABLE_INCOME: "上一年度城镇居民人均可支配收入",
}


class LocalFigure(SQLModel, table=True):
    """One figure of one region, for the days from `valid_from` to `valid_until`.

    `value` is kept as its digits: a wage is no binary fraction.
    """

    __tablename__ = "local_figure"

    id: str = Field(primary_key=True, max_length=64)
    region: str = Field(max_length=40, index=True)
    name: FigureName = Field(sa_column=enum_column(FigureName))
    value: str = Field(max_length=20)
    unit: str = Field(max_length=20)
    valid_from: date
    valid_until: date
    source: str = Field(max_length=200)
    is_demo: bool = False

    @property
    def number(self) -> Decimal:
        """Return the value to calculate with; a rate in percent as a fraction."""
        number = Decimal(self.value)
        return number / 100 if self.unit == "%" else number


def find_figure(session: Session, name: FigureName, *, region: str, on: date) -> LocalFigure | None:
    """Return the figure that is valid on the day, the newest first, or None."""
    places = {region, f"{region}市", region.removesuffix("市")}
    return session.exec(
        select(LocalFigure)
        .where(LocalFigure.name == name, col(LocalFigure.region).in_(places))
        .where(col(LocalFigure.valid_from) <= on, col(LocalFigure.valid_until) >= on)
        .order_by(col(LocalFigure.valid_from).desc(), col(LocalFigure.id))
    ).first()


def has_figure(session: Session, name: FigureName, *, on: date) -> bool:
    """Tell whether any region has such a figure on the day."""
    return (
        session.exec(
            select(LocalFigure.id)
            .where(LocalFigure.name == name)
            .where(col(LocalFigure.valid_from) <= on, col(LocalFigure.valid_until) >= on)
            .limit(1)
        ).first()
        is not None
    )
