"""What a sheet of jobs holds, and how its rows are judged."""

from collections.abc import Iterable, Iterator
from typing import Final

from bot.loading.cell_contacts import phone
from bot.loading.cell_times import day
from bot.loading.cells import (
    BadCellError,
    Cell,
    Parse,
    choice,
    key,
    text,
    whole_number,
)
from bot.loading.districts import tidy_district
from bot.loading.kind import Column, Fault, Kind, Settling
from knowledge.occupations import list_occupations, locate_occupations
from models.job import JobPosting, SalaryUnit, monthly_amount

CATEGORIES: Final = tuple(dict.fromkeys(trade.category for trade in list_occupations()))
_LEAST_MONTHLY: Final = 1000
_UNITS: Final = {
    SalaryUnit.MONTH: (
        "月",
        "元/月",
        "月薪",
        "每月",
        "按月",
        "一个月",
        "元每月",
        "month",
        "monthly",
    ),
    SalaryUnit.DAY: ("天", "日", "元/天", "元/日", "日薪", "日结", "每天", "按天", "day", "daily"),
    SalaryUnit.HOUR: (
        ("时", "小时", "元/时", "元/小时", "时薪", "每小时", "按小时", "小时工", "钟点", "hour")
    ),
    SalaryUnit.PIECE: ("件", "元/件", "计件", "按件", "每件", "计件工资", "piece"),
    SalaryUnit.YEAR: ("年", "元/年", "年薪", "每年", "按年", "year"),
}
_UNIT: Final = choice(
    {word: unit for unit, words in _UNITS.items() for word in words},
    say="元/月、元/天、元/小时、元/件、元/年 中的一个",
)
_PAY: Final = whole_number(1, 10_000_000, unit=" 元")
_AGE: Final = whole_number(16, 80, unit=" 岁")


def category(cell: Cell) -> str:
    """Take one of the categories; a trade instead is refused with the category it belongs to."""
    said = str(_CATEGORY_TEXT(cell))
    if said in CATEGORIES or not said:
        return said
    near = [found.occupation.category for found in locate_occupations(said)]
    hint = f"“{said}”可以写成“{near[0]}”；" if near else ""
    message = f"{hint}请写这些里的一个：{'、'.join(CATEGORIES)}"
    raise BadCellError(message)


def unit(cell: Cell) -> SalaryUnit | None:
    """Take a unit of pay as people write it, None for an empty cell."""
    found = _UNIT(cell)
    return SalaryUnit(str(found)) if found else None


def district(longest: int) -> Parse:
    """Take a district and write it as the other postings do."""
    plain = text(longest)

    def parse(cell: Cell) -> str:
        return tidy_district(str(plain(cell)))[:longest]

    return parse


_CATEGORY_TEXT: Final = key(40)


def _settle(settling: Settling[JobPosting]) -> Iterable[Fault]:
    """Fill in pay per month; find bounds the wrong way round and pay without a unit."""
    row = settling.row
    if settling.lacks("salary_unit"):
        yield from _without_unit(row)
    yield from _order(row.salary_min, row.salary_max, "salary_min", "最低工资高于最高工资")
    yield from _order(row.age_min, row.age_max, "age_min", "最小年龄大于最大年龄")
    row.monthly_min = monthly_amount(row.salary_min, row.salary_unit)
    row.monthly_max = monthly_amount(row.salary_max, row.salary_unit)


def _without_unit(row: JobPosting) -> Iterator[Fault]:
    row.salary_unit = SalaryUnit.MONTH
    amount = row.salary_min or row.salary_max
    if amount is not None and amount < _LEAST_MONTHLY:
        yield Fault(
            "salary_unit", f"{amount} 元是一天、一小时还是一件？请写 元/天、元/小时 或 元/件"
        )


def _order(low: int | None, high: int | None, column: str, what: str) -> Iterator[Fault]:
    if low is not None and high is not None and low > high:
        yield Fault(column, f"{what}（{low} > {high}），请核对这两列")


KIND: Final = Kind(
    name="jobs",
    noun="岗位",
    model=JobPosting,
    settle=_settle,
    derived=("monthly_min", "monthly_max"),
    born=("posted_at",),
    columns=(
        Column(
            "source_id",
            ("编号", "岗位编号", "职位编号", "序号"),
            key(64),
            "示例-1",
            required=True,
            hint="每个岗位一个，不要改动：再载入时靠它认出是同一个",
        ),
        Column(
            "title",
            ("岗位", "岗位名称", "职位", "职位名称", "招聘岗位", "工种"),
            text(80),
            "小区门岗保安",
            required=True,
        ),
        Column(
            "employer",
            ("单位", "用人单位", "公司", "企业名称", "招聘单位", "公司名称"),
            text(80),
            "青檐物业服务",
            required=True,
        ),
        Column(
            "licence_no",
            ("许可证号", "人力资源许可证号", "营业执照号", "统一社会信用代码"),
            key(64),
            "",
        ),
        Column(
            "category",
            ("类别", "岗位类别", "行业", "工作类别"),
            category,
            "安保",
            required=True,
            hint="从下拉里选",
            options=CATEGORIES,
        ),
        Column(
            "headcount", ("招聘人数", "人数", "招几人"), whole_number(1, 100_000, unit=" 人"), "6"
        ),
        Column(
            "district",
            ("地区", "工作地点", "区县", "地点", "工作区县"),
            district(40),
            "肥城市",
            hint="写到区县或镇街",
        ),
        Column(
            "salary_min",
            ("最低工资", "工资下限", "月薪下限", "最低薪资"),
            _PAY,
            "2800",
            hint="只写数字",
        ),
        Column(
            "salary_max",
            ("最高工资", "工资上限", "月薪上限", "最高薪资"),
            _PAY,
            "3200",
            hint="只写数字",
        ),
        Column(
            "salary_unit",
            ("工资单位", "计薪单位", "薪资单位", "单位时间"),
            unit,
            "元/月",
            hint="空着算元/月",
            options=("元/月", "元/天", "元/小时", "元/件", "元/年"),
        ),
        Column("base_pay", ("基本工资", "底薪", "保底工资"), _PAY, "2400"),
        Column("insurance", ("社保", "保险", "社会保险", "五险"), text(80), "五险"),
        Column("age_min", ("最小年龄", "年龄下限", "最低年龄"), _AGE, "18", hint="16到80"),
        Column("age_max", ("最大年龄", "年龄上限", "最高年龄"), _AGE, "60", hint="16到80"),
        Column("experience", ("经验", "工作经验", "经验要求"), text(80), "不限"),
        Column("education", ("学历", "学历要求", "文化程度"), text(40), "不限"),
        Column("shift", ("班次", "上班时间", "工作时间"), text(40), "两班倒"),
        Column("lodging", ("食宿", "吃住", "住宿"), text(40), "管午饭"),
        Column(
            "contact_phone", ("联系电话", "电话", "手机", "联系方式"), phone(40), "0538-0000001"
        ),
        Column(
            "valid_until",
            ("有效期", "有效期至", "截止日期", "有效期到"),
            day,
            "2027-03-31",
            hint="过了这天不再给人看；空着是一直有效",
        ),
        Column(
            "text",
            ("说明", "岗位描述", "职位描述", "详情", "备注"),
            text(2000),
            "看大门、登记车辆。地点在新城街道。发两季工装。",
        ),
    ),
)
