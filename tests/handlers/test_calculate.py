"""Working figures out by chat: one dialogue for each calculator, corrections, and what is left."""

from datetime import date
from pathlib import Path

import pytest
import yaml

from handlers.calculations.catalogue import find_sheet
from knowledge.normalise import normalise
from models.database import OpenSession
from models.inbox import InboxEntry
from models.local_figure import FigureName, LocalFigure
from models.ticket import TicketKind
from tests.conftest import NOON
from tests.handlers import stored
from tests.support.chat import Chat

SIMPLE = "我干了7年半一个月5200被辞退赔多少"


def add_figure(open_session: OpenSession, **values: object) -> None:
    """Store a figure that is valid today unless it says otherwise."""
    usual = {
        "id": "F1",
        "region": "泰安市",
        "name": FigureName.AVERAGE_WAGE,
        "value": "6000",
        "unit": "元/月",
        "valid_from": date(2026, 1, 1),
        "valid_until": date(2026, 12, 31),
        "source": "试验用的数",
    }
    with open_session() as session:
        session.add(LocalFigure.model_validate(usual | values))


def test_three_sums_stand_side_by_side_from_one_message(chat: Chat) -> None:
    seen = chat.says(SIMPLE)

    assert "N：8个月 × 5200元 = 41600元" in seen
    assert "2N：8个月 × 5200元 × 2 = 83200元" in seen
    assert "N+1：41600元 + 5200元 = 46800元" in seen
    assert "您是怎么走的" in seen


def test_a_result_cites_the_law_says_what_is_left_out_and_offers_the_lawyer(
    chat: Chat, open_session: OpenSession
) -> None:
    seen = chat.says(SIMPLE)

    assert "《劳动合同法》第47条" in seen
    assert "不含欠发的工资" in seen
    assert "一般信息" in seen
    chat.taps("找律师问问")
    chat.says("好")
    assert [ticket.kind for ticket in stored.tickets(open_session)] == [TicketKind.LAWYER]


def test_a_correction_is_worked_out_again(chat: Chat) -> None:
    chat.says(SIMPLE)

    assert "N：8个月 × 5200元" in chat.says("不对，是8年")
    assert "N：8个月 × 6000元 = 48000元" in chat.says("我说错了，一个月6000")
    assert "N：9.5个月 × 6000元 = 57000元" in chat.says("那要是九年零两个月呢")


@pytest.mark.parametrize(
    ("ended", "said"),
    [
        ("单位直接让我走", "可以主张2N，83200元"),
        ("协商签字走的", "应补N，41600元"),
        ("裁员或关矿", "没有“+1”"),
        ("合同到期没续", "照原条件续、您自己不续的，没有"),
        ("我自己辞的", "一般没有补偿"),
    ],
)
def test_how_it_ended_decides_which_sum_it_is(chat: Chat, ended: str, said: str) -> None:
    chat.says(SIMPLE)

    assert said in chat.taps(ended)


def test_who_says_that_they_quit_is_told_at_once(chat: Chat) -> None:
    assert "一般没有补偿" in chat.says("我干了5年自己辞职的，一个月4000，能拿多少补偿")


def test_how_it_ended_may_be_typed(chat: Chat) -> None:
    chat.says(SIMPLE)

    assert "应补N，41600元" in chat.says("矿上裁员裁的")


def test_what_is_missing_is_asked_for_one_by_one(chat: Chat) -> None:
    seen = chat.says("帮我算算被辞退的补偿")
    assert "干了多久" in seen
    seen = chat.says("10年")
    assert "是10个月" in seen
    assert "一个月应发多少" in seen

    assert "N：10个月 × 4500元 = 45000元" in chat.says("四千五")


def test_work_before_2008_is_told_apart(chat: Chat) -> None:
    assert "哪年哪月" in chat.says("我干了25年 让我走人能拿多少补偿 月薪4000")
    assert "几号" in chat.says("1998年7月到2025年6月")
    seen = chat.says("1998年7月1号到2025年6月30号")

    assert "N：18个月 × 4000元 = 72000元" in seen
    assert "2N：27个月 × 4000元 × 2 = 216000元" in seen
    assert "2008年以前的工龄要按当时的规定另算" in seen


def test_who_forgot_the_days_gets_the_smaller_figure(chat: Chat) -> None:
    chat.says("我干了25年 让我走人能拿多少补偿 月薪4000")
    chat.says("1998年7月到2025年6月")

    assert "N：17.5个月 × 4000元" in chat.says("记不清了")


def test_a_high_wage_needs_the_local_average_and_nothing_is_assumed(chat: Chat) -> None:
    assert "封顶" in chat.says("我干了15年，月薪两万，辞退赔多少")
    seen = chat.says("不知道")

    assert "12333" in seen
    assert "元 =" not in seen


def test_a_local_figure_caps_a_high_wage_and_names_its_source(
    chat: Chat, open_session: OpenSession
) -> None:
    add_figure(open_session)

    seen = chat.says("我在泰安干了15年，月薪两万，辞退赔多少")

    assert "N：12个月 × 18000元 = 216000元" in seen
    assert "泰安市上年度职工月平均工资6000元/月（试验用的数）" in seen


def test_the_figure_of_the_year_of_leaving_counts(chat: Chat, open_session: OpenSession) -> None:
    add_figure(open_session)

    seen = chat.says("我在泰安2010年3月1号干到2024年9月10号，月薪两万，辞退赔多少")

    assert "上年度职工月平均工资" in seen
    assert "18000" not in seen


def test_a_low_wage_points_to_the_minimum_wage(chat: Chat) -> None:
    assert "按最低工资算" in chat.says("我干了8年，一个月1200，被辞退赔多少")


def test_service_that_ended_before_2008_is_asked_again(chat: Chat) -> None:
    chat.says("我干了25年 让我走人能拿多少补偿 月薪4000")
    seen = chat.says("1978年7月1号到2007年6月30号")

    assert "2008年以前" in seen
    assert "N：10个月" in chat.says("10年")


def test_a_figure_out_of_its_time_counts_as_absent(chat: Chat, open_session: OpenSession) -> None:
    add_figure(open_session, valid_until=date(2026, 11, 23))

    seen = chat.says("我在泰安干了15年，月薪两万，辞退赔多少")

    assert "上年度职工月平均工资" in seen
    assert "18000" not in seen


def test_double_wage(chat: Chat) -> None:
    seen = chat.says("我2024年3月15号上班 没签合同 月薪6000 能要多少双倍工资")
    assert "合同后来签了没有" in seen
    assert "哪天补签" in chat.taps("后来补签了")
    assert "2024年7月15日到2024年7月24日" in chat.says("2024年7月25号")
    seen = chat.says("8天")

    assert "20206.9元" in seen
    assert "《劳动合同法》第82条" in seen


def test_overtime(chat: Chat) -> None:
    seen = chat.says("工资4350，周末加班8小时，平时加班20小时，加班费多少")
    assert "补休" in seen
    seen = chat.says("没补休")

    assert "平时20小时 × 1.5倍 = 750元" in seen
    assert "一共1150元" in seen


def test_hours_of_no_kind_are_asked_about(chat: Chat) -> None:
    assert "什么时候加的" in chat.says("一个月4350，加班40小时，加班费多少")

    assert "超过36小时是违法安排" in chat.taps("平时")


def test_annual_leave(chat: Chat) -> None:
    assert "今年的年假是10天" in chat.says("我工作12年了，年假几天")


def test_unused_leave_on_leaving(chat: Chat) -> None:
    chat.says("我离职了，帮我算算年假能折多少钱")
    assert "哪天离的职" in chat.says("12年")
    assert "已经休了几天" in chat.says("2025年6月30号")
    assert "多少工资" in chat.says("2天")

    assert "另外再付800元" in chat.says("4350")


def test_the_lump_sum_of_an_injury(chat: Chat) -> None:
    assert "上年度职工月平均工资" in chat.says("我鉴定九级，缴费工资5000，能赔多少")
    seen = chat.says("7000")

    assert "9级伤残是9个月：9 × 5000元 = 45000元" in seen
    assert "标准由省里定" in seen
    assert "按21000元算" in chat.says("不对，缴费工资是30000")


def test_the_local_average_is_never_made_up(chat: Chat) -> None:
    chat.says("我鉴定九级，缴费工资5000，能赔多少")
    seen = chat.says("不知道")

    assert "12333" in seen
    assert "45000" not in seen


def test_a_stored_average_is_used_where_the_city_is_known(
    chat: Chat, open_session: OpenSession
) -> None:
    add_figure(open_session)

    assert "哪个市" in chat.says("我鉴定九级，缴费工资3000，能赔多少")
    seen = chat.says("肥城")
    assert "按3600元算" in seen
    assert "试验用的数" in seen


def test_a_death_at_work(chat: Chat, open_session: OpenSession) -> None:
    add_figure(
        open_session,
        id="F2",
        region="全国",
        name=FigureName.DISPOSABLE_INCOME,
        value="50000",
        unit="元/年",
    )
    chat.says("帮我算算工亡的丧葬补助金")
    seen = chat.says("7000")

    assert "50000元 × 20倍 = 1000000元" in seen
    assert "7000元 × 6个月 = 42000元" in seen


def test_care_and_relatives(chat: Chat) -> None:
    chat.says("鉴定部分不能自理，护理费一个月多少，帮我算算")
    assert "每月2100元" in chat.says("7000")

    chat.says("帮我算算抚恤金，有老婆、两个孩子、父母")
    assert "不能超过生前工资，按每月6000元" in chat.says("6000")


def test_months_of_unemployment_benefit(chat: Chat) -> None:
    assert "怎么走的" in chat.says("我交了8年失业保险，能领几个月失业金")
    assert "最长可以领18个月" in chat.taps("单位让走的")
    assert "自己愿意辞职的领不了" in chat.says("不对，我是自己辞的")


def test_a_deadline_begins_again_with_a_claim(chat: Chat) -> None:
    assert "找单位要过" in chat.says("我2025年12月10号被辞退的，仲裁最晚哪天")
    assert "最晚2027年3月1日申请仲裁" in chat.says("2026年3月1号")


def test_owed_wages_have_no_deadline_while_the_job_lasts(chat: Chat) -> None:
    chat.says("老板从2025年3月10号欠我工资，仲裁啥时候过期")

    assert "不受一年限制" in chat.says("还在上班")


def test_the_day_of_the_arrears_is_not_that_of_leaving(chat: Chat) -> None:
    chat.says("老板从2025年3月10号欠我工资，仲裁啥时候过期")
    assert "哪天离职" in chat.taps("已经离职")
    chat.says("2026年6月30号")

    assert "最晚2027年6月30日" in chat.says("没有")


def test_fifteen_days_after_an_award(chat: Chat) -> None:
    assert "最晚2026年12月8日去法院起诉" in chat.says("昨天收到的裁决书，最晚哪天起诉")


def test_dust_lung_counts_from_its_diagnosis(chat: Chat) -> None:
    seen = chat.says("我2026年1月31号诊断的尘肺，工伤认定最晚到哪天")

    assert "到2026年3月2日" in seen
    assert "到2027年1月31日" in seen


def test_the_days_of_a_divorce(chat: Chat) -> None:
    assert "到2026年6月5日" in chat.says("5月6号申请的离婚登记，冷静期到几号")


def test_interest_up_to_the_cap(chat: Chat) -> None:
    assert "哪年哪月借的" in chat.says("借了10万，月息2分，一年，利息该给多少")
    assert "LPR" in chat.says("2024年3月")
    seen = chat.says("3.45")

    assert "100000元 × 13.8% × 365天 ÷ 365 = 13800元" in seen


def test_the_loan_prime_rate_is_that_of_the_day_of_the_loan(
    chat: Chat, open_session: OpenSession
) -> None:
    month = {"region": "全国", "name": FigureName.LPR_1Y, "unit": "%"}
    spring = {"valid_from": date(2024, 3, 1), "valid_until": date(2024, 3, 31)}
    add_figure(open_session, id="L1", value="3.5", **month, **spring)
    add_figure(open_session, id="L2", value="9", **month)

    chat.says("借了10万，月息2分，一年，利息该给多少")

    assert "14000元" in chat.says("2024年3月")


def test_a_loan_from_before_the_new_rule_goes_to_the_lawyer(chat: Chat) -> None:
    chat.says("借了10万，月息2分，一年，利息该给多少")

    assert "请让律师算" in chat.says("2019年9月")


def test_retirement_asks_for_special_trades_first(chat: Chat) -> None:
    assert "下过井" in chat.says("我68年5月生的，男的，啥时候退休")

    assert "2029年4月" in chat.says("没有")


@pytest.mark.parametrize("answer", ["下过", "干了十几年采煤", "不清楚"])
def test_who_worked_underground_is_sent_to_12333_and_told_no_age(chat: Chat, answer: str) -> None:
    chat.says("我68年5月生的，男的，啥时候退休")
    seen = chat.says(answer)

    assert "12333" in seen
    assert "2029" not in seen


def test_underground_in_the_first_message_is_heard(chat: Chat) -> None:
    seen = chat.says("我68年5月生，下井20年，几岁退休")

    assert "12333" in seen
    assert "岁零" not in seen


def test_a_woman_is_asked_for_her_trade(chat: Chat) -> None:
    chat.says("我75年1月生的，女的，多少岁退休")
    assert "干部" in chat.says("没有")

    assert "2025年2月（50岁零1个月）" in chat.taps("女，工人岗")


@pytest.mark.parametrize(
    "said",
    [
        "被辞退有补偿吗",
        "被辞退的经济补偿怎么算？",
        "什么情况才有N+1",
        "劳动仲裁最晚什么时候申请",
        "工伤五级到十级能拿哪些钱",
        "失业金能领几个月",
        "煤矿工人能提前退休吗",
        "加班费怎么算",
        "没签劳动合同能要双倍工资吗",
        "高利贷的利息受保护吗",
        "我干了8年保安，想找个一个月5200的活",
    ],
)
def test_a_question_without_a_figure_of_ones_own_stays_elsewhere(
    chat: Chat, open_session: OpenSession, said: str
) -> None:
    chat.says(said)

    assert "calculate" not in topics(open_session)


def test_no_question_of_the_faq_is_taken_for_a_sum() -> None:
    folder = Path(__file__).parents[2] / "knowledge/content/faq"
    entries = [e for path in folder.glob("*.yaml") for e in yaml.safe_load(path.read_text("utf-8"))]
    taken = [e["question"] for e in entries if find_sheet(normalise(e["question"]), NOON.date())]

    assert len(entries) > 80
    assert taken == []


def topics(open_session: OpenSession) -> list[str]:
    return [entry.topic for entry in stored.all_of(open_session, InboxEntry)]


def test_a_danger_comes_before_any_figure(chat: Chat) -> None:
    seen = chat.says("我干了20年被辞退了，不想活了，能赔多少")

    assert "N：" not in seen


def test_another_wish_leaves_the_calculation_and_comes_back(chat: Chat) -> None:
    chat.says("我干了8年被辞退，能赔多少")
    seen = chat.says("找工作")
    assert "什么活" in seen
    assert "继续" in seen

    assert "应发多少" in chat.says("继续")
    assert "N：8个月 × 5200元" in chat.says("5200")


def test_the_missing_figure_takes_up_what_was_left(chat: Chat) -> None:
    chat.says("我干了8年被辞退，能赔多少")
    chat.says("找工作")

    assert "N：8个月 × 5200元" in chat.says("一个月5200")


def test_another_figure_than_the_one_asked_for_is_kept(chat: Chat) -> None:
    chat.says("帮我算算被辞退的补偿")
    seen = chat.says("一个月5000")
    assert "记下了" in seen
    assert "干了多久" in seen

    assert "N：6个月 × 5000元" in chat.says("6年")


def test_a_figure_is_put_right_before_the_result(chat: Chat) -> None:
    chat.says("我干了8年被辞退，能赔多少")

    assert "是9个月" in chat.says("不对，是9年")


def test_how_it_came_about_is_shown_again(chat: Chat) -> None:
    seen = chat.says(SIMPLE)

    assert chat.says("怎么算的") in seen


def test_a_monthly_allowance_comes_with_the_high_grades(chat: Chat) -> None:
    assert "几级" in chat.says("帮我算算工伤伤残补助")
    assert "缴费" in chat.says("四")
    chat.says("6000")
    seen = chat.says("7000")

    assert "21 × 6000元 = 126000元" in seen
    assert "伤残津贴每月4500元（工伤保险基金付）" in seen


def test_a_bare_number_of_hours_is_asked_about(chat: Chat) -> None:
    chat.says("帮我算算加班费，一个月4350")
    assert "什么时候加的" in chat.says("40个")

    assert "法定节假日40小时 × 3倍 = 3000元" in chat.taps("法定节假日")


def test_a_legal_question_in_between_is_answered(chat: Chat) -> None:
    chat.says("我干了8年被辞退，能赔多少")

    assert "仲裁委员会" in chat.says("去哪仲裁 要带什么")


def test_it_can_be_left_skipped_and_gone_back(chat: Chat) -> None:
    chat.says("帮我算算补偿")
    chat.says("8年")
    assert "干了多久" in chat.says("上一步")
    chat.says("9年")
    assert "银行流水" in chat.says("跳过")
    assert "没有说到一半的事" in chat.says("继续")

    chat.says("帮我算算补偿")
    assert "先不算了" in chat.says("取消")


def test_an_answer_that_is_none_is_asked_again(chat: Chat) -> None:
    chat.says("我鉴定九级，能赔多少")

    assert "请回复一个数" in chat.says("挺多的")


@pytest.mark.parametrize("said", ["一个月大概五六千", "不告诉你", "1"])
def test_a_range_or_no_number_is_never_taken_for_a_wage(chat: Chat, said: str) -> None:
    chat.says("我干了8年被辞退，能赔多少")
    seen = chat.says(said)

    assert "请回复一个数" in seen
    assert "元 =" not in seen
    assert "N：8个月 × 5500元" in chat.says("5500左右")


def test_a_bare_figure_after_the_result_replaces_its_like(chat: Chat) -> None:
    chat.says(SIMPLE)

    assert "N：8个月 × 5500元" in chat.says("5500左右")


def test_the_day_of_leaving_does_not_replace_the_first_day(chat: Chat) -> None:
    chat.says("我2024年5月8号上班 没签合同 工资4350 能赔多少双倍")
    assert "合同后来签了没有" in chat.says("2025年3月20号")
    chat.says("没签就离职了")
    assert "上了几天班" in chat.says("2024年8月12号")
    assert "9300元" in chat.says("3天")

    assert "整月：3个月" in chat.says("不对，走的那天是2024年9月7号")


def test_a_second_calculation_replaces_the_first(chat: Chat) -> None:
    chat.says("我干了8年被辞退，能赔多少")

    assert "下过井" in chat.says("帮我算算退休年龄")


def test_dates_the_wrong_way_round_are_asked_again(chat: Chat) -> None:
    chat.says("帮我算算双倍工资 没签合同 2025年3月1号上班 一个月5000")
    chat.says("没签就离职了")
    seen = chat.says("2025年3月20号")

    assert "没有双倍工资" in seen
