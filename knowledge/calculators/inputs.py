"""Reading the inputs of a calculation by name; whatever is refused is refused with its field."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Final, NoReturn, TypeVar

from knowledge.calculators.base import CalculatorError
from knowledge.calculators.dates import Month

HIGHEST_WAGE: Final = 1_000_000
HIGHEST_SUM: Final = 1_000_000_000
HIGHEST_RATE: Final = 10
HIGHEST_LPR: Final = Decimal("0.2")
YEARS: Final = (1900, 2100)
_FINEST: Final = Decimal("1e-12")
_NUMBER: Final = re.compile(r"[+-]?\d+(?:\.\d+)?")
_DAY: Final = re.compile(r"(\d{4})-(\d{2})-(\d{2})")
_MONTH: Final = re.compile(r"(\d{4})-(\d{2})")
Choice = TypeVar("Choice", bound=StrEnum)


class Inputs:
    """The inputs of one calculation. `find_x` may return None, `get_x` refuses what is missing."""

    def __init__(self, raw: Mapping[str, object], labels: Mapping[str, str]) -> None:
        self._raw = raw
        self._labels = labels

    def has(self, name: str) -> bool:
        """Tell whether the input is there and not null."""
        return self._raw.get(name) is not None

    def names(self, name: str) -> bool:
        """Tell whether the input is mentioned, be it as null: "there is none"."""
        return name in self._raw

    def need(self, name: str, hint: str = "") -> None:
        """Refuse a calculation without this input."""
        if not self.has(name):
            self.refuse(name, f"没有填，请补上{f'（{hint}）' if hint else ''}")

    def refuse(self, name: str, why: str) -> NoReturn:
        """Refuse this input, for the reason given."""
        msg = f"「{self._labels.get(name, name)}」{why}"
        raise CalculatorError(msg, field=name)

    def find_number(self, name: str, *, most: Decimal | int = HIGHEST_SUM) -> Decimal | None:
        """Return a number from 0 to `most`."""
        if not self.has(name):
            return None
        value = self._number(name)
        if value < 0:
            self.refuse(name, "不能是负数")
        if value > most:
            self.refuse(name, f"太大了，最多是{most}，请核对")
        return value

    def get_number(self, name: str, *, most: Decimal | int = HIGHEST_SUM) -> Decimal:
        """Return a number from 0 to `most` that must be there."""
        self.need(name)
        return self.find_number(name, most=most) or Decimal(0)

    def find_money(self, name: str, *, most: int = HIGHEST_WAGE) -> Decimal | None:
        """Return a sum of money above nothing."""
        value = self.find_number(name, most=most)
        if value is not None and value == 0:
            self.refuse(name, "要大于0")
        return value

    def get_money(self, name: str, *, most: int = HIGHEST_WAGE) -> Decimal:
        """Return a sum of money above nothing that must be there."""
        self.need(name)
        return self.find_money(name, most=most) or Decimal(0)

    def find_whole(self, name: str, *, least: int = 0, most: int) -> int | None:
        """Return a whole number between two bounds."""
        value = self.find_number(name)
        if value is None:
            return None
        if value != int(value):
            self.refuse(name, "要是整数")
        if not least <= value <= most:
            self.refuse(name, f"应在{least}到{most}之间")
        return int(value)

    def get_whole(self, name: str, *, least: int = 0, most: int) -> int:
        """Return a whole number between two bounds that must be there."""
        self.need(name)
        return self.find_whole(name, least=least, most=most) or 0

    def find_rate(self, name: str) -> Decimal | None:
        """Return a yearly rate as a fraction."""
        value = self.find_number(name)
        if value is not None and value > HIGHEST_RATE:
            self.refuse(name, "要写成小数，例如年利率12%写0.12")
        return value

    def get_lpr(self, name: str) -> Decimal:
        """Return a loan prime rate as a fraction that must be there."""
        self.need(name, "一年期贷款市场报价利率，例如3%写0.03")
        value = self.find_number(name)
        if value is None or not 0 < value <= HIGHEST_LPR:
            self.refuse(name, "要写成小数，例如3%写0.03")
        return value

    def find_flag(self, name: str) -> bool | None:
        """Return true or false."""
        value = self._raw.get(name)
        if value is not None and not isinstance(value, bool):
            self.refuse(name, "只能是 true（是）或 false（不是）")
        return value

    def find_day(self, name: str) -> date | None:
        """Return a day written as 2024-03-01."""
        if not self.has(name):
            return None
        match = _DAY.fullmatch(self._text(name))
        try:
            day = date(int(match[1]), int(match[2]), int(match[3])) if match else None
        except ValueError:
            day = None
        if day is None or not YEARS[0] <= day.year <= YEARS[1]:
            self.refuse(name, "要写成 2024-03-01 这样，而且日历上真有这一天")
        return day

    def get_day(self, name: str) -> date:
        """Return a day that must be there."""
        self.need(name, "例如 2024-03-01")
        day = self.find_day(name)
        assert day is not None  # noqa: S101 - it is needed
        return day

    def find_month(self, name: str) -> Month | None:
        """Return a month written as 1966-01."""
        if not self.has(name):
            return None
        match = _MONTH.fullmatch(self._text(name))
        month = Month(int(match[1]), int(match[2])) if match else None
        is_real = month is not None and 1 <= month.month <= 12  # noqa: PLR2004 - months of a year
        if month is None or not is_real or not YEARS[0] <= month.year <= YEARS[1]:
            self.refuse(name, "要写成 1966-01 这样，月份是01到12")
        return month

    def get_month(self, name: str) -> Month:
        """Return a month that must be there."""
        self.need(name, "例如 1966-01")
        month = self.find_month(name)
        assert month is not None  # noqa: S101 - it is needed
        return month

    def find_choice(self, name: str, enum: type[Choice]) -> Choice | None:
        """Return one of the words of `enum`."""
        if not self.has(name):
            return None
        said = self._raw[name]
        words = [member.value for member in enum]
        if not isinstance(said, str) or said not in words:
            self.refuse(name, f"只能是这些里的一个：{'、'.join(words)}")
        return enum(said)

    def get_choice(self, name: str, enum: type[Choice]) -> Choice:
        """Return one of the words of `enum` that must be there."""
        self.need(name, "、".join(member.value for member in enum))
        choice = self.find_choice(name, enum)
        assert choice is not None  # noqa: S101 - it is needed
        return choice

    def get_list(self, name: str) -> Sequence[object]:
        """Return a list with something in it."""
        self.need(name)
        value = self._raw[name]
        if not isinstance(value, list) or not value:
            self.refuse(name, '要写成列表，例如 ["spouse", "child"]')
        return value

    def _text(self, name: str) -> str:
        value = self._raw[name]
        return value.strip() if isinstance(value, str) and value.isascii() else ""

    def _number(self, name: str) -> Decimal:
        raw = self._raw[name]
        value: Decimal | None = None
        if isinstance(raw, int | Decimal) and not isinstance(raw, bool):
            value = Decimal(raw)
        elif isinstance(raw, float):
            value = Decimal(str(raw))
        elif isinstance(raw, str):
            plain = unicodedata.normalize("NFKC", raw).replace(",", "").strip()
            value = Decimal(plain) if _NUMBER.fullmatch(plain) and plain.isascii() else None
        if value is None or not value.is_finite():
            self.refuse(name, "要是一个数，用阿拉伯数字写")
        is_tiny = abs(value) < HIGHEST_SUM and value != value.quantize(_FINEST)
        return value.quantize(_FINEST) if is_tiny else value
