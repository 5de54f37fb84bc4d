import pytest

from models.conceal import conceal, without_marks


@pytest.mark.parametrize(
    "number",
    [
        "13805380001",
        "138 0538 0001",
        "138-0538-0001",
        "１３８０５３８０００１",
        "0538-1234567",
        "8226-3341",
        "370983197001011234",
        "37098319700101123X",
        "370983 19700101 123x",
        "6222 0212 3456 7890 123",
        "一三八零五三八零零零一",
        "幺三八零五三八幺二三四",
    ],
)
def test_a_number_of_a_person_is_masked(number: str) -> None:
    assert conceal(f"找我 {number}，矿上的房能卖不") == "找我 [号码]，矿上的房能卖不"


@pytest.mark.parametrize(
    "said",
    [
        "工资2800-3200能不能谈",
        "2001-2010在井下干的",
        "2023-01-15受的伤",
        "干了二十年零三个月",
        "欠我123456块",
        "12333打不通",
    ],
)
def test_money_years_and_public_numbers_stay(said: str) -> None:
    assert conceal(said) == said


def test_breaks_become_spaces_and_marks_can_be_taken_out() -> None:
    concealed = conceal("房子\n能卖不\t电话13805380001")

    assert concealed == "房子 能卖不 电话[号码]"
    assert without_marks(concealed) == "房子 能卖不 电话"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("我叫郝秘密，今年50", "我叫[姓名]，今年50"),
        ("姓名：王建国 想找活", "姓名[姓名] 想找活"),
        ("我名叫李红今年四十", "我名叫[姓名]今年四十"),
        ("我叫他还钱他不还", "我叫他还钱他不还"),
        ("这叫什么事", "这叫什么事"),
        ("那个地方叫石横，怎么去", "那个地方叫石横，怎么去"),
        ("报名要钱吗", "报名要钱吗"),
    ],
)
def test_a_name_that_is_given_is_concealed(text: str, shown: str) -> None:
    assert conceal(text) == shown
