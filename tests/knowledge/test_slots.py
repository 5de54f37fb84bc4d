import timeit

import pytest

from knowledge.occupations import list_occupations, locate_occupations
from knowledge.slots import JobWish, parse_wish

CATEGORIES = [
    "安保",
    "保洁",
    "餐饮",
    "家政",
    "护理",
    "零售销售",
    "司机",
    "物流仓储",
    "普工制造",
    "电工机电",
    "建筑",
    "化工",
    "文员行政",
    "财务",
    "教育",
    "医疗",
    "物业后勤",
    "煤矿",
    "农业",
]


@pytest.mark.parametrize(
    ("said", "category", "keyword"),
    [
        ("想找个看大门的活", "安保", "保安"),
        ("有没有门卫", "安保", "门卫"),
        ("当保按行不", "安保", "保安"),
        ("扫地也行", "保洁", "保洁"),
        ("打扫卫生的还招人吗", "保洁", "保洁"),
        ("伺候老人俺干过", "护理", "护工"),
        ("学校食堂做饭", "餐饮", "厨师"),
        ("洗碗的活", "餐饮", "洗碗"),
        ("月嫂", "家政", "月嫂"),
        ("给人带孩子", "家政", "月嫂"),
        ("开大车的", "司机", "司机"),
        ("会拉货", "司机", "司机"),
        ("送外卖", "司机", "外卖"),
        ("开叉车", "物流仓储", "叉车"),
        ("快递分拣", "物流仓储", "分拣"),
        ("装卸工", "物流仓储", "装卸"),
        ("踩缝纫机", "普工制造", "缝纫"),
        ("电焊", "普工制造", "电焊"),
        ("氩弧焊", "普工制造", "焊工"),
        ("想进电子厂", "普工制造", "普工"),
        ("低压电工", "电工机电", "电工"),
        ("弱电", "电工机电", "弱电"),
        ("电厂巡检", "电工机电", "巡检"),
        ("开挖机", "建筑", "挖掘机"),
        ("开铲车的", "建筑", "铲车"),
        ("会瓦工", "建筑", "瓦工"),
        ("中控操作", "化工", "中控"),
        ("办公室文员", "文员行政", "文员"),
        ("出纳", "财务", "出纳"),
        ("幼儿园老师", "教育", "老师"),
        ("护士", "医疗", "护士"),
        ("烧锅炉", "物业后勤", "锅炉"),
        ("物业水电工", "物业后勤", "水电工"),
        ("小区绿化", "物业后勤", "绿化"),
        ("站柜台卖衣服", "零售销售", "营业员"),
        ("超市理货", "零售销售", "理货"),
        ("看果园", "农业", "果园"),
        ("养猪场", "农业", "养殖"),
        ("矿上还招下井的吗", "煤矿", "井下"),
    ],
)
def test_the_work_is_named_in_everyday_words(said: str, category: str, keyword: str) -> None:
    wish = parse_wish(said)

    assert wish.category[0] == category
    assert keyword in wish.title_keywords


def test_the_tree_has_exactly_the_agreed_categories() -> None:
    assert list(dict.fromkeys(work.category for work in list_occupations())) == CATEGORIES


def test_every_title_leads_to_its_category() -> None:
    for work in list_occupations():
        found = locate_occupations(work.titles[0].lower())
        assert found, work.name


@pytest.mark.parametrize(
    ("said", "low", "high", "unit"),
    [
        ("保安 四千以上", 4000, None, "month"),
        ("4k的活", 4000, None, "month"),
        ("工资不低于四千五", 4500, None, "month"),
        ("四五千就行", 4000, 5000, "month"),
        ("6500往上", 6500, None, "month"),
        ("4000多的", 4000, None, "month"),
        ("月薪3500起", 3500, None, "month"),
        ("五六千的电工", 5000, 6000, "month"),
        ("4-5k", 4000, 5000, "month"),
        ("肥城 电工 6000", 6000, None, "month"),
        ("一个月五千", 5000, None, "month"),
        ("少于三千不干", 3000, None, "month"),
        ("最少5千块", 5000, None, "month"),
        ("一万二往上的司机", 12000, None, "month"),
        ("一天200", 200, None, "day"),
        ("一天不少于260", 260, None, "day"),
        ("350一天", 350, None, "day"),
        ("三百五一天", 350, None, "day"),
        ("日薪两百八", 280, None, "day"),
        ("日结 200", 200, None, "day"),
        ("200块钱一天", 200, None, "day"),
        ("一小时20", 20, None, "hour"),
        ("时薪18", 18, None, "hour"),
        ("25块一小时", 25, None, "hour"),
        ("年薪8万", 80000, None, "year"),
        ("一年十万", 100000, None, "year"),
        ("两毛五不干 一件3块", 3, None, "piece"),
        ("工资8000以下都行", None, 8000, "month"),
    ],
)
def test_pay_is_read_with_its_unit(said: str, low: int | None, high: int | None, unit: str) -> None:
    wish = parse_wish(said)

    assert (wish.salary_min, wish.salary_max, wish.salary_unit) == (low, high, unit)


@pytest.mark.parametrize(
    "said",
    [
        "干了20年保安",
        "今年52",
        "2019年下岗的",
        "电话18800001111",
        "招300人的厂",
        "以前下井一个月挣8000",
        "欠我5000块",
        "押金2000",
        "8小时的活",
        "早上8点到下午5点",
        "找个工资高的",
        "2015肥城招聘会",
    ],
)
def test_other_numbers_are_no_pay(said: str) -> None:
    assert parse_wish(said).salary_unit is None


@pytest.mark.parametrize(
    ("said", "shift"),
    [
        ("不要夜班", "no_night"),
        ("不上夜班", "no_night"),
        ("夜班不行", "no_night"),
        ("熬不了夜", "no_night"),
        ("熬夜吃不消", "no_night"),
        ("不能熬夜", "no_night"),
        ("夜班我真干不了", "no_night"),
        ("别给俺排夜班", "no_night"),
        ("晚上不能上班", "no_night"),
        ("身体受不了夜班", "no_night"),
        ("长白班", "day_only"),
        ("只上白班", "day_only"),
        ("朝九晚五的", "day_only"),
        ("正常班", "day_only"),
        ("白天的活", "day_only"),
        ("下午五点前能下班", "day_only"),
        ("早上八点到下午四点", "day_only"),
        ("夜班也行", "night_ok"),
        ("两班倒也行", "night_ok"),
        ("能上夜班", "night_ok"),
        ("倒班可以", "night_ok"),
        ("倒班没问题", "night_ok"),
        ("不怕熬夜", "night_ok"),
        ("只要夜班", "night_only"),
        ("想找个夜班", "night_only"),
        ("不倒班", "no_rotating"),
        ("不要三班倒", "no_rotating"),
        ("四班三倒受不了", "no_rotating"),
        ("倒不了班", "no_rotating"),
        ("双休", "two_days_off"),
        ("周末休息 周末双休", "two_days_off"),
        ("兼职", "part_time"),
        ("干半天的", "part_time"),
        ("小时工", "part_time"),
    ],
)
def test_hours_are_understood(said: str, shift: str) -> None:
    assert parse_wish(said).shift == (shift,)


@pytest.mark.parametrize(
    "said", ["有没有保安", "夜班行不行", "夜班能上吗", "双休不双休无所谓", "白天晚上"]
)
def test_a_question_about_hours_is_no_wish(said: str) -> None:
    assert parse_wish(said).shift == ()


@pytest.mark.parametrize(
    ("said", "age"),
    [
        ("52了", 52),
        ("我52了还能干啥", 52),
        ("男53", 53),
        ("女 50 缝纫", 50),
        ("五十三岁", 53),
        ("今年48", 48),
        ("俺今年四十九", 49),
        ("俺都五十八了", 58),
        ("47 初中 保洁", 47),
        ("27男", 27),
        ("我弟38，退伍", 38),
        ("56还能干吗", 56),
        ("快60岁了", 60),
        ("年龄 45", 45),
    ],
)
def test_the_age_is_read(said: str, age: int) -> None:
    assert parse_wish(said).age == age


@pytest.mark.parametrize(
    "said",
    [
        "干了20年",
        "28年工龄",
        "孩子三岁",
        "孩子15岁上初中",
        "一小时20",
        "一天50",
        "能干到60岁的",
        "18到35岁的厂",
        "35岁以上要吗",
        "12个人",
        "晚上10点",
    ],
)
def test_other_numbers_are_no_age(said: str) -> None:
    assert parse_wish(said).age is None


@pytest.mark.parametrize(
    "said",
    [
        "早晚接孩子",
        "要接送孩子",
        "得送孙女上学",
        "孩子没人接",
        "孩子上小学没人接",
        "一个人带俩娃",
        "要照顾孩子",
        "孩子放学要接",
    ],
)
def test_children_to_fetch_are_noticed(said: str) -> None:
    assert parse_wish(said).needs_pickup_children


@pytest.mark.parametrize(
    "said", ["给人带孩子的活", "校车接送学生", "带孩子的工作", "孩子大了", "月嫂"]
)
def test_minding_children_as_a_job_is_no_need(said: str) -> None:
    assert not parse_wish(said).needs_pickup_children


@pytest.mark.parametrize(
    "said",
    [
        "腰不好",
        "干不了重活",
        "轻松点的",
        "腰椎间盘突出",
        "重活干不了",
        "不要太累的",
        "别要体力活",
        "腿不方便",
        "坐着干的活",
    ],
)
def test_light_work_is_wanted(said: str) -> None:
    assert parse_wish(said).light_work


@pytest.mark.parametrize("said", ["重活俺也能干", "身体好着呢", "不怕累", "有力气", "力气活能干"])
def test_strength_is_no_wish_for_light_work(said: str) -> None:
    assert not parse_wish(said).light_work


@pytest.mark.parametrize(
    "said", ["交社保", "五险一金", "有保险的", "得给交保险", "社保要交", "不交社保的不去"]
)
def test_insurance_is_wanted(said: str) -> None:
    assert parse_wish(said).insurance


@pytest.mark.parametrize(
    "said",
    ["卖保险", "不做保险", "不交社保也行", "社保自己交着", "保险公司招人不", "没有社保也可以"],
)
def test_the_insurance_trade_or_none_is_no_wish_for_insurance(said: str) -> None:
    assert not parse_wish(said).insurance


@pytest.mark.parametrize(
    "said", ["包住", "管住", "有宿舍", "管吃住", "能住宿", "提供住宿的", "包吃包住"]
)
def test_lodging_is_wanted(said: str) -> None:
    assert parse_wish(said).lodging


@pytest.mark.parametrize("said", ["不用住宿舍", "住家保姆", "住家里", "不住宿", "住院部保洁"])
def test_lodging_is_not_wanted(said: str) -> None:
    assert not parse_wish(said).lodging


@pytest.mark.parametrize(
    ("said", "level"),
    [
        ("初中文化", "初中"),
        ("高中毕业", "高中"),
        ("大专学历", "大专"),
        ("没上过学", "没上过学"),
        ("47 中专", "中专"),
    ],
)
def test_schooling_is_read(said: str, level: str) -> None:
    assert parse_wish(said).education == level


@pytest.mark.parametrize(
    "said", ["孩子上小学", "离新城小学近", "接孩子放学 初中生家长", "小学门口"]
)
def test_somebody_elses_school_is_no_schooling(said: str) -> None:
    assert parse_wish(said).education is None


@pytest.mark.parametrize(
    ("said", "sex"),
    [
        ("我是女的", "女"),
        ("女 50", "女"),
        ("男53", "男"),
        ("58岁女", "女"),
        ("本人男 会开车", "男"),
        ("给我妈找个活", "女"),
        ("替我爸问问", "男"),
    ],
)
def test_the_sex_is_read_where_it_is_said(said: str, sex: str) -> None:
    assert parse_wish(said).gender == sex


@pytest.mark.parametrize(
    "said", ["男朋友在肥城", "男女都要吗", "女儿上学", "女的多的厂", "女工宿舍"]
)
def test_other_people_say_nothing_about_the_sex(said: str) -> None:
    assert parse_wish(said).gender is None


@pytest.mark.parametrize(
    ("said", "refused"),
    [
        ("不想下井了", "下井"),
        ("再也不想下井", "下井"),
        ("不干销售", "销售"),
        ("销售不干", "销售"),
        ("不做保险", "保险"),
        ("别发保险的", "保险"),
        ("不出差的", "出差"),
        ("不去西部", "西部"),
        ("不去青岛", "青岛"),
        ("不要押金的", "押金"),
        ("不要中介", "中介"),
        ("不喝酒应酬", "喝酒应酬"),
        ("恐高", "高处作业"),
        ("别让我爬高", "高处作业"),
        ("不要外包", "外包"),
        ("除了保安都行", "保安"),
        ("不想干保洁想干保安", "保洁"),
        ("不住家的保姆", "住家"),
    ],
)
def test_what_is_refused_is_kept_apart(said: str, refused: str) -> None:
    wish = parse_wish(said)

    assert refused in wish.negated
    assert refused not in (*wish.title_keywords, *wish.place)


@pytest.mark.parametrize(
    "said", ["要不要押金", "没有经验不要紧", "不要经验的", "招不招保安", "不限学历"]
)
def test_a_question_or_a_set_phrase_refuses_nothing(said: str) -> None:
    assert parse_wish(said).negated == ()


def test_a_refused_trade_leaves_the_wanted_one() -> None:
    wish = parse_wish("不想干保洁想干保安")

    assert wish.title_keywords == ("保安",)


@pytest.mark.parametrize(
    ("said", "done"),
    [
        ("干了20年电工", "20年"),
        ("15年经验", "15年"),
        ("下井28年", "28年"),
        ("有焊工证", "焊工证"),
        ("退伍军人", "退伍"),
        ("在综采队干", "综采队"),
        ("叉车 有证", "叉车证"),
    ],
)
def test_experience_is_kept_in_the_words_of_the_text(said: str, done: str) -> None:
    assert done in (parse_wish(said).experience or "")


@pytest.mark.parametrize("said", ["没证", "身份证丢了", "考个证", "我保证好好干", "没干过"])
def test_no_experience_is_made_up(said: str) -> None:
    assert parse_wish(said).experience is None


def test_work_done_before_is_not_the_work_wanted() -> None:
    wish = parse_wish("保卫干过二十年 想找个开小车的活")

    assert wish.category == ("司机",)


@pytest.mark.parametrize(
    ("said", "keywords"),
    [
        ("之前一直从事销售 想转行", ()),
        ("得给孩子做饭 找个保洁", ("保洁",)),
        ("石横特钢招电工不", ("电工",)),
        ("电子厂或者文员", ("普工", "操作工", "电子厂", "文员")),
        ("机电队干了十五年", ()),
        ("嗓子不好干不了客服", ()),
        ("以前在井上开绞车，现在想看个大门", ("保安", "门卫")),
        ("干矿工死都不想再下井了", ()),
        ("28年井下电工 找电工活", ("电工",)),
    ],
)
def test_only_the_work_wished_for_is_searched(said: str, keywords: tuple[str, ...]) -> None:
    assert parse_wish(said).title_keywords == keywords


@pytest.mark.parametrize(
    "said", ["早七点到晚七点两班倒的别给我发", "倒班的我不去", "天天倒班身体扛不住"]
)
def test_turns_refused_at_the_end_are_understood(said: str) -> None:
    assert parse_wish(said).shift == ("no_rotating",)


def test_mining_done_before_is_not_wanted_again() -> None:
    assert parse_wish("28年井下 找个地面的活").category == ()


@pytest.mark.parametrize(
    ("said", "places"),
    [
        ("肥城石横的活", ("石横",)),
        ("泰安或者新泰", ("泰安", "新泰")),
        ("我是陶阳矿下来的", ()),
        ("石横电厂招电工吗", ("石横",)),
    ],
)
def test_the_place_of_the_work_is_read(said: str, places: tuple[str, ...]) -> None:
    assert parse_wish(said).place == places


@pytest.mark.parametrize("said", ["", "你好", "有没有活", "谢谢", "工资没发怎么办", "😀"])
def test_a_message_without_wishes_is_empty(said: str) -> None:
    wish = parse_wish(said)

    assert wish.is_empty
    assert wish.describe() == ""
    assert wish.as_slots() == {}


def test_the_slots_have_the_agreed_shape() -> None:
    slots = parse_wish("泰安 电工 6500以上 交社保 不上夜班 男53").as_slots()

    assert slots == {
        "category": "电工机电",
        "title_keywords": ["电工"],
        "place": ["泰安"],
        "salary_min": 6500,
        "salary_unit": "month",
        "shift": ["no_night"],
        "age": 53,
        "insurance": True,
        "gender": "男",
    }


def test_the_description_is_one_short_line() -> None:
    wish = parse_wish("泰安 电工 6500以上 交社保 不上夜班")

    assert wish.describe() == "电工 · 泰安 · 6500元以上 · 交社保 · 不上夜班"


@pytest.mark.parametrize(
    ("said", "line"),
    [
        ("一天200 小工", "小工、力工"[:2] + " · 一天200元以上"),
        ("四五千 保洁", "保洁 · 4000到5000元"),
        ("8000以下 不干销售", "8000元以内 · 不要：销售"),
        ("接孩子 腰不好 管住", "活轻一点 · 要照顾孩子 · 管住"),
    ],
)
def test_each_wish_has_its_words(said: str, line: str) -> None:
    assert parse_wish(said).describe() == line


def test_a_newer_wish_keeps_what_it_does_not_mention() -> None:
    older = parse_wish("泰安 电工 6500以上 不上夜班")

    merged = older.merged_with(parse_wish("肥城也行 5000"))

    assert merged.title_keywords == ("电工",)
    assert merged.place == ("肥城",)
    assert (merged.salary_min, merged.salary_max) == (5000, None)
    assert merged.shift == ("no_night",)


def test_a_newer_trade_replaces_the_older_one() -> None:
    merged = parse_wish("电工").merged_with(parse_wish("保安吧"))

    assert (merged.category, merged.title_keywords) == (("安保",), ("保安",))


def test_a_newer_range_replaces_the_whole_pay() -> None:
    merged = parse_wish("四五千").merged_with(parse_wish("一天200"))

    assert (merged.salary_min, merged.salary_max, merged.salary_unit) == (200, None, "day")


def test_a_newer_shift_replaces_only_what_contradicts_it() -> None:
    merged = parse_wish("不上夜班 双休").merged_with(parse_wish("夜班也行"))

    assert set(merged.shift) == {"two_days_off", "night_ok"}


def test_a_thing_wished_anew_is_no_longer_refused() -> None:
    merged = parse_wish("不干保洁").merged_with(parse_wish("保洁也行"))

    assert merged.negated == ()
    assert "保洁" in merged.title_keywords


def test_a_thing_refused_anew_is_no_longer_wished() -> None:
    merged = parse_wish("保安 保洁").merged_with(parse_wish("不干保洁"))

    assert merged.title_keywords == ("保安",)


def test_merging_with_nothing_changes_nothing() -> None:
    wish = parse_wish("泰安 电工 6500以上")

    assert wish.merged_with(JobWish()) == wish


def test_a_usual_message_takes_little_time() -> None:
    said = "我是肥城的，男53，想找个电工的活，工资四千五以上，交社保，不上夜班，腰不好"
    parse_wish(said)

    best = min(timeit.repeat(lambda: parse_wish(said), number=20, repeat=5)) / 20

    assert best < 0.005, "a third of a millisecond on a quiet machine"
