import timeit

import pytest

from knowledge.normalise import normalise


@pytest.mark.parametrize(
    ("raw", "clean"),
    [
        ("我是下崗工人", "我是下岗工人"),
        ("請問還有沒有電工", "请问还有没有电工"),
        ("工资４０００", "工资4000"),
        ("ＰＬＣ", "plc"),
        ("保\u200b安", "保安"),
        ("找活😀👍🏻", "找活"),
        ("找活[微笑][抱拳]", "找活"),
        ("找活/::)", "找活"),
        ("找活/:rose", "找活"),
        ("活！！！！", "活!"),
        ("好好好好", "好"),
        ("18888886666", "18888886666"),
        ("工资10000", "工资10000"),
        ("你好   在吗\n\n在", "你好 在吗 在"),
        ("，。！", ","),
        ("“押金”", '"押金"'),
        ("嗯，我想找活", "我想找活"),
        ("呃那个我想找活", "我想找活"),
        ("就是说工资没发", "工资没发"),
        ("那个那个班还有吗", "班还有吗"),
        ("想当保按", "想当保安"),
        ("工自没发", "工资没发"),
        ("劳动合通", "劳动合同"),
        ("劳动仲才", "劳动仲裁"),
        ("尘飞鉴定", "尘肺鉴定"),
        ("两班到的厂", "两班倒的厂"),
        ("bu shang yeban", "bu shang 夜班"),
        ("咋整", "咋整"),
        ("我\x00找\x07活", "我找活"),
    ],
)
def test_noise_and_slips_are_taken_away(raw: str, clean: str) -> None:
    assert normalise(raw) == clean


@pytest.mark.parametrize(
    "said",
    [
        "员工自己交的",
        "三班到岗",
        "失业今年第二年",
        "深圳宝安区",
        "国电公司",
        "那个岗位还招吗",
        "办公上网",
        "工伤认定",
        "www.12333.gov.cn",
        "三三得九",
    ],
)
def test_what_is_right_stays(said: str) -> None:
    assert normalise(said) == said


def test_a_lone_filler_stays_because_it_may_be_a_yes() -> None:
    assert normalise("嗯") == "嗯"


@pytest.mark.parametrize("raw", ["", "   ", "😀", "[微笑]"])
def test_nothing_remains_of_nothing(raw: str) -> None:
    assert normalise(raw) == ""


@pytest.mark.parametrize("raw", ["嗯，我想找個保按的活！！！😀", "那个那个 工自４千", "/::) 你好"])
def test_normalising_twice_changes_nothing(raw: str) -> None:
    once = normalise(raw)

    assert normalise(once) == once


def test_a_usual_message_takes_little_time() -> None:
    said = "嗯，我想问一下肥城这边有没有保安的活，工资四千五左右，不上夜班，谢谢！"
    normalise(said)

    best = min(timeit.repeat(lambda: normalise(said), number=100, repeat=5)) / 100

    assert best < 0.001, "thirty microseconds on a quiet machine; a table lookup must not decay"
