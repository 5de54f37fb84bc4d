"""What people write, in sentences of our own, and the wish that must come out first."""

from pathlib import Path

import pytest

from knowledge.engine import Action, Engine
from knowledge.intents import Cues, Intent

SENTENCES = {
    Intent.JOB_SEARCH: """
        想找个看大门的活 | 有没有洗碗的差事 | 泰安这边电子厂还要人吗 | 俺能干点啥
        帮俺寻摸个轻省活 | 招不招搬运工 | 五十六岁了还有单位要吗 | 保洁 | 附近哪家超市招理货员
        求职 电工 新泰 | 矿上黄了，想换个工作 | 有管吃住的工地没 | 离家近的班有吗，不想上夜班
        我会开叉车，有岗位吗 | 哪里招司机 | 想出来挣点钱贴补家用 | 给俺闺女瞅个文员的活
        日结的零活今天有没有 | 女的没文化能做啥工作 | 宁阳招聘信息 | 腿脚不好有没有坐着干的活
        我在家闲着没事想找点事做 | 退休了还能干保安不 | 有双休的厂子吗 | 老公下岗了 给他找个活
    """,
    Intent.JOB_REGISTER: """
        我要登记找工作 | 给我报个求职登记 | 怎么填求职表 | 想在你们这留个简历
        把我的情况记上，有活喊我 | 求职登记 | 我爹想登记一下，他不会打字 | 简历在哪里传
        有合适的岗位就通知我，我先登个记 | 登记 老周 五十一岁 | 本人男，49岁，会电焊，想登记
    """,
    Intent.JOB_POST: """
        我们饭店缺个洗碗工，能帮发一下吗 | 招两名保安，月薪三千二，包吃 | 怎么发布招聘信息
        俺家超市想招个收银员 | 诚聘面点师傅一名 | 厂里急招缝纫工十名
        工地需要小工五个，一天二百四 | 我是物业的，想招聘保洁 | 想雇个阿姨照顾我妈
        我们合作社招人摘苹果，怎么登出来 | 招司机一名，有A2证，工资面议，有意者联系
        公司想在平台发个岗位
    """,
    Intent.CLASS_SCHEDULE: """
        这周有什么课 | 公开课几点开始 | 想学电焊 | 叉车证怎么考 | 有没有免费培训
        上次的讲座能看回放吗 | 电工证到期了去哪复审 | 法律课啥时候讲 | 俺想报名学厨师
        直播卡得听不清 | 课程表发我一份 | 学会计难不难 | 月嫂培训班还收人吗
        那个教手机的老师今天讲不讲 | 消防证好考吗
    """,
    Intent.LEGAL: """
        老板拖着三个月工资不给 | 单位不给交社保咋办 | 没签合同能要双倍工资吗 | 工伤鉴定去哪里做
        被辞退了有补偿吗 | 尘肺病能赔多少钱 | 劳动仲裁要准备什么材料 | 矿上让我签自愿离职书
        离婚了房子怎么分 | 朋友借钱不还能起诉吗 | 试用期把我开了合法吗 | 加班费怎么算
        上班路上被车撞了算工伤不 | 买断工龄还能领失业金吗 | 内退工资停发了
        包工头跑路了找谁要钱 | 单位扣着我的身份证 | 退休年龄咋算的，井下算特殊工种不
        年假没休能折钱吗 | 请个律师打官司要花多少钱 | 转岗以后工资少了一半，公司这样行吗
        矿上破产了，工龄咋补 | 老板说我旷工要罚款 | 工资条上少了二百，没人给说法
    """,
    Intent.COUNSEL: """
        心里堵得慌 | 天天睡不着觉 | 觉得自己是个废人 | 跟老婆老吵架，不想回家
        没人说话，憋得难受 | 下岗以后抬不起头 | 孩子不理我，我很伤心 | 一想到以后就发慌
        最近总爱发火 | 压力太大快撑不住了 | 想我娘了，夜里老哭 | 干啥都提不起精神
        我真没用，养不了家 | 想找个人唠唠心里话 | 爸爸天天喝闷酒不说话，我该怎么劝
        一个人在家冷清得很 | 老觉得别人笑话我
    """,
    Intent.HUMAN: """
        转人工 | 我要跟真人说话 | 有客服吗 | 帮我找个律师 | 我想约心理老师
        让你们的人给我打个电话 | 别用机器人糊弄我，换个人来 | 工会的电话是多少
        能不能找个志愿者帮帮我 | 有没有懂政策的顾问 | 我要找你们领导 | 人工客服几点上班
        机器人说不明白，接人工
    """,
    Intent.STATION: """
        附近有歇脚的地方吗 | 哪里能接热水 | 最近的驿站怎么走 | 手机没电了哪能充 | 厕所在哪
        送外卖的能进去歇会不 | 服务站几点关门 | 哪里有微波炉热饭 | 你们办公室在哪
        下大雨了有没有躲雨的地方
    """,
    Intent.AID: """
        低保怎么申请 | 家里困难有补助吗 | 孩子考上大学没钱交学费 | 住院费太高能帮帮吗
        残疾证能领多少补贴 | 取暖费有没有减免 | 大病救助找谁办 | 工会过年慰问困难职工吗
        我妈瘫在床上，有啥政策 | 医保能报多少 | 创业贷款有贴息吗 | 米面油啥时候发
    """,
    Intent.FEEDBACK: """
        我要投诉你们的客服 | 提个建议，字太小了看不清 | 你们推荐的岗位是假的，电话打不通
        反映一下，食堂卫生太差 | 机器人答非所问 | 表扬一下李老师，很负责 | 举报黑中介乱收费
        希望你们多办点夜校 | 等了三天没人回我
    """,
    Intent.MUTUAL_HELP: """
        谁家有梯子借我用一下 | 明天有去济南的车吗，想拼个车 | 谁能帮我接一下孩子
        我有个旧沙发谁要 | 捡到一个钱包，谁丢的 | 想找几个老伙计一起钓鱼
        哪位邻居会修水龙头，搭把手 | 顺路捎我去医院行不 | 家里多了一张床，白送
        搬家缺人手，谁有空帮个忙 | 二手电动车转让
    """,
    Intent.PRIVACY: """
        把我的信息删了 | 我说的话会不会被单位知道 | 不要再给我发消息了 | 注销我的登记
        怎么退订推送 | 你们把我电话给谁了 | 手机号换了，改一下 | 我填的资料安全吗
        别让我老婆看到 | 名字写错了要更正 | 聊天记录保存多长时间
    """,
    Intent.SMALLTALK: """
        你好 | 谢谢啦 | 再见 | 在吗 | 早上好 | 好的 | 辛苦了 | 吃了没 | 哈哈哈 | 你真聪明
        过年好 | 祝你们工作顺利 | 晓得了 | 嗯嗯 | 讲个笑话听听 | 先忙了，改天聊
    """,
    Intent.HELP: """
        你能干啥 | 这个公众号怎么用 | 都有什么功能 | 菜单 | 我不会弄这个 | 可以发语音吗 | 帮助
        你们是干什么的 | 收费吗 | 第一次来，按哪个 | 怎么返回上一步
    """,
    Intent.OTHER: """
        明天天气怎么样 | 红烧肉怎么做 | 帮我写首诗 | 三角形面积公式 | 放首歌 | 双色球开奖号码
        1加1等于几 | 翻译成英文 | 无抵押贷款秒到账加微信 | 高价收银行卡 | 股票今天涨了吗
        讲讲三国演义 | 苹果手机多少钱 | python怎么装 | 刷单一天赚五百 | 火车票怎么买
    """,
}
ROWS = [
    pytest.param(sentence.strip(), intent, id=sentence.strip())
    for intent, block in SENTENCES.items()
    for sentence in block.replace("\n", "|").split("|")
    if sentence.strip()
]


@pytest.mark.parametrize(("sentence", "wanted"), ROWS)
def test_a_sentence_is_taken_for_what_it_wants(
    engine: Engine, sentence: str, wanted: Intent
) -> None:
    best = engine.understand(sentence).intents[0]
    assert best.intent is wanted, best


def test_all_intents_are_scored_in_descending_order(engine: Engine) -> None:
    scores = engine.understand("找律师问问工资的事").intents
    assert {guess.intent for guess in scores} == set(Intent)
    assert [guess.score for guess in scores] == sorted((g.score for g in scores), reverse=True)
    assert all(0 <= guess.score <= 1 for guess in scores)


def test_a_guess_names_the_cues_behind_it(engine: Engine) -> None:
    assert "wants a person" in engine.understand("转人工").intents[0].why


def test_nothing_said_is_never_answered(engine: Engine) -> None:
    for text in ("", "   ", "。。。", "𠮷", "qwzx"):
        assert engine.understand(text).action is Action.FALLBACK


def test_punctuation_and_spaces_do_not_change_a_guess(engine: Engine) -> None:
    assert engine.understand("转人工！！").intents == engine.understand(" 转人工 ").intents


def write(path: Path, cues: str) -> Path:
    path.write_text(f"terms: {{}}\ncues:\n{cues}", encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("cue", "problem"),
    [
        ("{cue: bad one, any: ['(x'], wishes: [legal]}", "bad one"),
        ("{cue: a, any: [x], wishes: [cooking]}", "cooking"),
        ("{cue: a sign of danger, any: [x], wishes: [crisis]}", "a sign of danger"),
    ],
)
def test_a_cue_that_cannot_be_used_is_named(tmp_path: Path, cue: str, problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        Cues.load(write(tmp_path / "a.yaml", f"  - {cue}\n"))


def test_a_cue_is_found_in_normalised_text_by_its_name(tmp_path: Path) -> None:
    cues = Cues.load(write(tmp_path / "a.yaml", "  - {cue: a, any: [工 伤], wishes: [legal]}\n"))
    assert [cue.name for cue in cues.find("工,伤")] == ["a"]
    assert cues.find("工资") == ()
