"""A volunteer binds their own WeChat account with a code from the console."""

import pytest
from sqlmodel import select

from models.binding import BindingCode, make_code
from models.database import OpenSession
from models.volunteer import Volunteer
from tests.handlers import stored
from tests.support.chat import Chat, FakeClock


def code_for(open_session: OpenSession, username: str, clock: FakeClock) -> str:
    """Return a fresh code of a volunteer."""
    with open_session() as session:
        one = session.exec(select(Volunteer).where(Volunteer.username == username)).one()
        return make_code(session, volunteer_id=one.id or 0, now=clock())


def bound(open_session: OpenSession) -> dict[str, str | None]:
    """Return whose WeChat account is known."""
    rows = stored.all_of(open_session, Volunteer)
    return {row.username: row.openid for row in rows if row.openid}


@pytest.mark.parametrize("wording", ["绑定 {}", "绑定{}", "绑定：{}", "绑定 {}。"])
def test_the_code_binds_the_account(
    chat: Chat, clock: FakeClock, open_session: OpenSession, wording: str
) -> None:
    code = code_for(open_session, "li", clock)

    assert "绑好了，李律师" in chat.says(wording.format(code))
    assert bound(open_session) == {"li": chat.openid}


def test_a_code_is_good_once(chat: Chat, clock: FakeClock, open_session: OpenSession) -> None:
    code = code_for(open_session, "li", clock)
    chat.says(f"绑定 {code}")

    chat.openid = "oSOMEBODYELSE00000000000001"

    assert "绑定码不对" in chat.says(f"绑定 {code}")
    assert list(bound(open_session)) == ["li"]


def test_a_code_ends_after_ten_minutes(
    chat: Chat, clock: FakeClock, open_session: OpenSession
) -> None:
    code = code_for(open_session, "li", clock)
    clock.advance(minutes=11)

    assert "过了十分钟" in chat.says(f"绑定 {code}")


def test_who_guesses_is_stopped_even_with_the_right_code(
    chat: Chat, clock: FakeClock, open_session: OpenSession
) -> None:
    code = code_for(open_session, "li", clock)
    wrong = [number for number in range(111_111, 111_118) if str(number) != code][:5]
    for number in wrong:
        chat.says(f"绑定 {number}")

    assert "试错太多次" in chat.says(f"绑定 {code}")
    assert bound(open_session) == {}


def test_an_account_moves_to_who_bound_it_last(
    chat: Chat, clock: FakeClock, open_session: OpenSession
) -> None:
    chat.says(f"绑定 {code_for(open_session, 'li', clock)}")
    chat.says(f"绑定 {code_for(open_session, 'wang', clock)}")

    assert bound(open_session) == {"wang": chat.openid}


def test_the_code_itself_is_not_stored(clock: FakeClock, open_session: OpenSession) -> None:
    code = code_for(open_session, "li", clock)

    [row] = stored.all_of(open_session, BindingCode)
    assert code not in row.code_hash
    assert row.code_hash != ""


def test_a_sentence_about_binding_is_no_code(chat: Chat) -> None:
    assert "绑定码" not in chat.says("银行卡绑定 123456 取不出钱")
