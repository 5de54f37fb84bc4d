"""The mistakes about the law that cost people most: an entry gets each right, none repeats it."""

import re
from dataclasses import dataclass

import pytest
import yaml

from knowledge.content_dir import CONTENT
from knowledge.engine import Engine
from knowledge.normalise import normalise
from knowledge.retrieval import FaqDocument


@dataclass(frozen=True, slots=True)
class Mistake:
    """A false belief: how people ask, what the entries say instead, what no answer may say."""

    name: str
    says: dict[str, tuple[str, ...]]
    """Of each entry that gets it right, the words that do so."""
    asked: dict[str, str]
    """A question in people's own words, and the entry that has to be among the first three."""
    never: str
    """What no answer may say."""


MISTAKES = (
    Mistake(
        "arbitration within sixty days, two or three years",
        {
            "arbitration-deadline": (
                "一年，从您知道或者应当知道权利受侵害那天起算",
                "不是六十天，也不是两三年",
                "离职的要在离职之日起一年内提",
            )
        },
        {
            "听人说仲裁就六十天，过了就没用了": "arbitration-deadline",
            "劳动仲裁是不是两年内都行": "arbitration-deadline",
        },
        r"仲裁(?:时效|期限|要在)[^。；]{0,8}(?:六十|60|两年|二年|三年)",
    ),
    Mistake(
        "severance is capped at twelve months for everybody",
        {
            "severance-cap": ("不是人人都封顶", "三倍", "2008年以前"),
            "severance-amount": ("2008年以前的年头要另按当时的规定算",),
            "mine-closure-pay": ("其他人没有这个封顶",),
        },
        {
            "矿上说补偿最多给12个月，俺干了二十年": "severance-cap",
            "2008年以前的工龄补偿咋算": "severance-before-2008",
        },
        r"(?:最多|只给|封顶)[^。；，]{0,6}(?:12|十二)个月(?!平均)的?(?:工资|补偿)",
    ),
    Mistake(
        "everybody who is dismissed gets N+1",
        {
            "severance-n-plus-one": (
                "不是被辞退都有“+1”",
                "提前三十日书面通知",
                "按上一个月的工资",
                "按离开前十二个月的平均工资",
            )
        },
        {"被辞退都有N+1吧": "severance-n-plus-one", "n加1啥时候才给": "severance-n-plus-one"},
        r"(?:被辞退|辞退您)[^。；，]{0,6}(?:都给|都有|都能拿|一律)[^。；，]{0,3}N\+1",
    ),
    Mistake(
        "2N and N on top, or 2N split at 2008",
        {
            "severance-unlawful-double": (
                "拿了2N，就不能再要一份N",
                "从上班那天算起，不按2008年分段",
            )
        },
        {
            "违法辞退给2N，还能再要一份N不": "severance-unlawful-double",
            "违法辞退赔多少": "severance-unlawful-double",
        },
        r"2N(?:之外|以外|再加|加上|外加)",
    ),
    Mistake(
        "the injury deadline runs from leaving, or is the employer's thirty days",
        {
            "injury-recognition-deadline": (
                "30日内",
                "1年内可以自己去报",
                "不是从出院、离职那天算",
                "职业病从诊断或者鉴定那天算",
            ),
            "disease-recognition-clock": ("从诊断、鉴定为职业病那天算，不是从离矿那天",),
        },
        {
            "单位过了三十天没报工伤，我还能报不": "injury-recognition-deadline",
            "离开矿十年了查出尘肺，工伤期限从哪天算": "disease-recognition-clock",
        },
        r"工伤[^。；]{0,12}(?:从|自)(?:出院|离职|离矿)",
    ),
    Mistake(
        "no diagnosis of pneumoconiosis without the employer, none when the mine is closed",
        {
            "pneumoconiosis-no-papers": ("不需要单位先开证明", "不得拒绝您的诊断要求"),
            "pneumoconiosis-closed-mine": ("矿关了也能诊断",),
            "leaving-checkup": ("没做离岗检查，单位不得解除或者终止合同",),
        },
        {
            "单位不给开证明尘肺能诊断吗": "pneumoconiosis-no-papers",
            "矿都关了，尘肺还咋诊断": "pneumoconiosis-closed-mine",
            "走的时候矿上不给体检": "leaving-checkup",
        },
        r"(?:必须|需要|先)(?:让|由|要)单位(?:先)?开(?:具)?证明",
    ),
    Mistake(
        "just sign that you leave of your own will",
        {
            "severance-own-resignation": ("千万别写", "“自愿离职”"),
            "severance-settlement-signed": ("别当场签", "签完再要就难了"),
            "contract-waive-insurance": ("都无效", "还没签的，别签"),
            "unemployment-who": ("千万别签自愿离职",),
        },
        {
            "单位叫我签自愿离职": "severance-own-resignation",
            "让签个再无争议的协议能签不": "severance-settlement-signed",
            "写了自愿放弃社保的保证书": "contract-waive-insurance",
        },
        r"(?:可以|放心)签[^。；，]{0,4}(?:自愿离职|放弃社保|再无争议)",
    ),
    Mistake(
        "unemployment benefit is a fixed number of months, also for those who quit",
        {
            "unemployment-months": ("最长", "不是人人领满"),
            "unemployment-who": ("不是自己愿意离开的", "领取期限从登记那天算"),
            "unemployment-near-retirement": ("领取年限可以延长到法定退休年龄",),
        },
        {
            "失业金能领几个月": "unemployment-months",
            "我自己辞的能领失业金不": "unemployment-quit-myself",
            "离退休还有八个月，失业金会停吗": "unemployment-near-retirement",
        },
        r"(?:固定|一律|都能)领(?:12|十二|18|十八|24|二十四)个月|辞职也能领失业",
    ),
    Mistake(
        "injury benefits by the months before 2011, or of the pay in hand",
        {
            "injury-benefits-one-to-four": (
                "一级27个月、二级25个月、三级23个月、四级21个月",
                "不是到手的钱",
            ),
            "injury-benefits-five-to-ten": (
                "五级18个月、六级16、七级13、八级11、九级9、十级7个月",
                "不是实发工资",
                "月数各省定",
            ),
        },
        {
            "工伤十级赔几个月工资": "injury-benefits-five-to-ten",
            "工伤二级有啥待遇": "injury-benefits-one-to-four",
        },
        r"一级(?:24|二十四)个月|二级(?:22|二十二)个月|五级(?:16|十六)个月|十级(?:6|六)个月",
    ),
    Mistake(
        "double pay for every year without a contract",
        {"contract-none-double-pay": ("最多11个月", "不是没签几年赔几年")},
        {
            "没签合同干了三年，双倍工资给三年吗": "contract-none-double-pay",
            "没签劳动合同能要双倍工资不": "contract-none-double-pay",
        },
        r"(?<!不是)没签几年赔几年|双倍工资[^。；，]{0,6}(?:按年|每年都)",
    ),
    Mistake(
        "retirement at 63 and 58 at once; 55 for everybody who was underground",
        {
            "retirement-age": ("不是一下子就到六十三周岁", "每四个月延迟一个月"),
            "retirement-underground": ("别听人打包票", "以人社部门的认定为准"),
            "internal-retirement": ("要按延迟后的新年龄算，别按老的算",),
            "dismissal-fifteen-five": ("要用延迟以后的新退休年龄往前推",),
        },
        {
            "现在是不是男的都63才退": "retirement-age",
            "下过井是不是五十五一定能退": "retirement-underground",
            "工龄十六年，离退休不到五年能裁我吗": "dismissal-fifteen-five",
        },
        r"(?:下过井|干过井下)[^。；，”]{0,4}(?:都能|一定)[^。；，”]{0,4}(?:55|五十五)",
    ),
    Mistake(
        "the resettlement policy of 2016 to 2020 as if it were in force",
        {
            "capacity-cut-policy": (
                "实施期是2016到2020年",
                "现在不能当然照用",
                "外省的标准也不能拿来套",
            ),
            "public-welfare-post": ("到期不干了也没有经济补偿的规定",),
            "internal-retirement": ("不能强迫",),
        },
        {
            "去产能的安置政策现在还有没有": "capacity-cut-policy",
            "矿上逼俺内退": "internal-retirement",
            "公益岗到期给不给补偿": "public-welfare-post",
        },
        r"(?:离退休|距法定退休年龄)[^。；]{0,6}五年[^。；]{0,6}(?:必须|应当)内退",
    ),
    Mistake(
        "interest of 24 and 36 per cent; a vague guarantor answers jointly, for two years",
        {
            "interest-cap": (
                "借款合同成立时的一年期贷款市场报价利率（LPR）",
                "四倍",
                "不是起诉那天的",
            ),
            "guarantor": ("按一般保证", "还款期满起六个月"),
        },
        {
            "借钱三分利合法不": "interest-cap",
            "替人担保签了字，没写啥担保": "guarantor",
        },
        r"(?:24|36)[%％]|百分之(?:二十四|三十六)|保证期间[^。；，]{0,4}(?:二|两|2)年",
    ),
    Mistake(
        "thirty days to sue after arbitration, a cooling-off period in court, an order some day",
        {
            "arbitration-sue-after": ("十五日内向法院起诉，不是三十天",),
            "divorce-court": ("没有三十日冷静期这一说",),
            "domestic-violence": ("七十二小时内作出决定", "紧急的二十四小时内"),
        },
        {
            "裁决书下来了不服，三十天内去法院行吗": "arbitration-sue-after",
            "起诉离婚也要等冷静期吗": "divorce-court",
            "申请人身保护令几天能下来": "domestic-violence",
        },
        r"收到裁决书[^。；，]{0,6}(?:三十|30)(?:日|天)内[^。；，]{0,4}(?:向|去)[^。；，]{0,4}起诉",
    ),
    Mistake(
        "hotlines that answer day and night, a diagnosis by whoever listens",
        {
            "mind-who-diagnoses": ("只有精神科执业医师能诊断", "12356"),
            "privacy-sensitive-consent": ("单独同意",),
        },
        {
            "心理咨询师能给我诊断抑郁症吗": "mind-who-diagnoses",
            "收我病历要不要我同意": "privacy-sensitive-consent",
        },
        r"(?:12356|热线)[^。；]{0,10}(?:24|二十四)小时|您(?:这)?(?:是|得了)抑郁症",
    ),
)


@pytest.fixture(scope="module")
def entries() -> dict[str, FaqDocument]:
    raw = (
        entry
        for path in sorted((CONTENT / "faq").glob("*.yaml"))
        for entry in yaml.safe_load(path.read_text(encoding="utf-8"))
    )
    return {
        one["id"]: FaqDocument(one["id"], one["question"], tuple(one["similar"]), one["answer"])
        for one in raw
    }


@pytest.fixture(scope="module")
def answering(engine: Engine, entries: dict[str, FaqDocument]) -> Engine:
    return engine.with_faq(entries.values())


def named(mistake: Mistake) -> str:
    return mistake.name


@pytest.mark.parametrize("mistake", MISTAKES, ids=named)
def test_an_entry_gets_it_right(mistake: Mistake, entries: dict[str, FaqDocument]) -> None:
    missing = [
        (entry, words)
        for entry, said in mistake.says.items()
        for words in said
        if words not in entries[entry].answer
    ]

    assert missing == []


@pytest.mark.parametrize("mistake", MISTAKES, ids=named)
def test_no_answer_repeats_it(mistake: Mistake, entries: dict[str, FaqDocument]) -> None:
    wrong = re.compile(mistake.never)

    assert [e.id for e in entries.values() if wrong.search(e.answer)] == []


@pytest.mark.parametrize("mistake", MISTAKES, ids=named)
def test_who_asks_in_own_words_gets_that_entry(mistake: Mistake, answering: Engine) -> None:
    found = {
        text: [passage.id for passage in answering.faq.search(normalise(text), limit=3)]
        for text in mistake.asked
    }

    assert {t: ids for t, ids in found.items() if mistake.asked[t] not in ids} == {}


@pytest.mark.parametrize(
    ("said", "mistake"),
    [
        ("劳动争议的仲裁时效是六十日。", 0),
        ("补偿最多12个月工资。", 1),
        ("被辞退的都有N+1。", 2),
        ("2N之外还有一份N。", 3),
        ("工伤申请从离职那天起一年。", 4),
        ("要先让单位开证明才能诊断。", 5),
        ("可以签自愿离职。", 6),
        ("固定领24个月。", 7),
        ("一级24个月本人工资。", 8),
        ("双倍工资按年给。", 9),
        ("下过井的都能55岁退。", 10),
        ("离退休不足五年的应当内退。", 11),
        ("利息不超过24%就行。", 12),
        ("收到裁决书三十日内去法院起诉。", 13),
        ("打12356，全国24小时有人。", 14),
    ],
)
def test_the_mistake_itself_would_be_found(said: str, mistake: int) -> None:
    assert re.search(MISTAKES[mistake].never, said)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("合同条款逐条看", "contract-checklist-paper"),
        ("帮我把新合同一条一条对一遍", "contract-checklist-paper"),
        ("值不值得仲裁", "arbitration-worth-it"),
        ("就欠我两千块，打仲裁划算吗", "arbitration-worth-it"),
    ],
)
def test_a_new_contract_and_a_doubtful_case_have_their_guides(
    answering: Engine, text: str, wanted: str
) -> None:
    found = [passage.id for passage in answering.faq.search(normalise(text), limit=3)]

    assert wanted in found


def test_the_guide_to_arbitration_weighs_deadline_evidence_cost_and_mediation(
    entries: dict[str, FaqDocument],
) -> None:
    answer = entries["arbitration-worth-it"].answer

    assert [word for word in ("期限", "证据", "不收费", "调解") if word not in answer] == []
