import pytest

from knowledge.posting_fields import (
    find_age,
    find_employer,
    find_headcount,
    find_insurance,
    find_pay,
    find_phone,
    find_trade,
    lacks_insurance,
    month_of,
    read_employer,
    read_headcount,
    read_insurance,
    read_until,
)


def test_fields_are_read_as_employers_write_them() -> None:
    assert find_headcount("招俩焊工") == "2"
    assert find_headcount("干三个月") is None
    assert find_age("不要五十岁以上的") == "50岁以下"
    assert find_age("18到45岁") == "18到45岁"
    assert find_age("三到五千") is None
    assert find_pay("一天180") == "每天180元"
    assert find_phone("打 0538-1234567 找老张") == "0538-1234567"
    assert find_employer("单位是石横特钢食堂") == "石横特钢食堂"
    assert find_employer("俺厂里要招人") is None
    assert find_insurance("五险都交") == "交"
    assert find_insurance("交不交社保都行吗") is None
    assert read_employer("多少人来应聘") is None
    assert find_trade("俺饭店想招个服务员") == "服务员"
    assert find_trade("要个拉面师傅 要清真的") == "拉面师傅"
    assert find_trade("要六个人 三千八") is None
    assert read_employer("不知道") is None
    assert read_headcount("五六个") == "5"
    assert read_until("招到12月31日") == "到12月31日"


@pytest.mark.parametrize("said", ["交", "给交", "那给交 行了吧", "行 没问题", "五险都有", "中"])
def test_a_yes_to_insurance_has_many_forms(said: str) -> None:
    assert read_insurance(said) == "交"
    assert not lacks_insurance(said, is_asked=True)


@pytest.mark.parametrize(
    "said", ["不交", "没有", "先不给交", "试用期不交", "社保自己交", "没社保", "不给上保险"]
)
def test_a_no_to_insurance_has_many_forms(said: str) -> None:
    assert read_insurance(said) is None
    assert lacks_insurance(said, is_asked=True)


def test_a_bare_no_is_about_insurance_only_where_that_was_asked() -> None:
    assert not lacks_insurance("没有", is_asked=False)
    assert lacks_insurance("社保没有", is_asked=False)


@pytest.mark.parametrize(
    ("pay", "month"),
    [("每月3000到5000元", 3000), ("每天180元", 4680), ("每小时10元", 2080), ("每件2元", None)],
)
def test_pay_is_compared_by_the_month(pay: str, month: int | None) -> None:
    assert month_of(pay) == month
