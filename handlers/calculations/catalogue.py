"""The one list of calculations by chat, and which of them a message asks for."""

import re
from datetime import date
from typing import Final

from handlers.calculations.injury import InjurySheet
from handlers.calculations.leave import AnnualLeaveSheet
from handlers.calculations.loan import LoanSheet
from handlers.calculations.retirement import RetirementSheet
from handlers.calculations.severance import SeveranceSheet
from handlers.calculations.sheet import Sheet
from handlers.calculations.terms import DeadlineSheet, UnemploymentSheet
from handlers.calculations.work import DoubleWageSheet, OvertimeSheet

SHEETS: Final[tuple[Sheet, ...]] = (
    UnemploymentSheet(),
    RetirementSheet(),
    LoanSheet(),
    AnnualLeaveSheet(),
    OvertimeSheet(),
    DeadlineSheet(),
    InjurySheet(),
    DoubleWageSheet(),
    SeveranceSheet(),
)
"""In the order in which they are asked: the narrow subject before the wide one."""

_ASKS: Final = re.compile(
    r"多少|几(?:个|块|天|年|岁|倍|万|千|号|月)|[赔补给拿领休]几|算|啥时候|什么时候|啥时间|什么时间"
    r"|何时|哪天|哪一天|哪年|到期|过期|多久|最晚|最迟|来得及|来不及|还能.{0,8}[吗不]|支持.{0,4}吗"
)
_ORDER: Final = re.compile(
    r"(?:帮|替)(?:我|俺|咱)?(?:们)?(?:算|核算|计算)|给(?:我|俺|咱)(?:们)?算|(?:想|要|来)算(?:一|下|算)"
    r"|^算(?:一算|一下|算|下)"
)
_METHOD: Final = re.compile(r"(?:怎么|咋|如何|怎样)(?:个)?算")


def find_sheet(text: str, today: date) -> Sheet | None:
    """Return the calculation that a normalised message asks for, or None."""
    is_order = _ORDER.search(text) is not None and not _METHOD.search(text)
    if not is_order and not _ASKS.search(text):
        return None
    named = [sheet for sheet in SHEETS if sheet.words.search(text)]
    asked = next((s for s in named if s.is_asked(text, s.found(text, today))), None)
    return asked or (named[0] if is_order and named else None)
