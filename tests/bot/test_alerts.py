"""The robot and the mail server are spoken to over the wire, and both may be away or refuse."""

import pytest
from structlog.testing import capture_logs

from bot.alerts import MailAccount, call_robot, send_mail
from models.alarm import Outcome
from tests.support.alerts import serving_mail, serving_robot
from tests.support.server import free_port

pytestmark = pytest.mark.usefixtures("socket_enabled")

TEXT = "【矿友互助】第 1 次呼叫\n编号 7"


def test_the_robot_of_a_group_gets_a_text() -> None:
    with serving_robot() as robot:
        outcome = call_robot(robot.address, TEXT)

    assert outcome is Outcome.SENT
    assert robot.bodies == [{"msgtype": "text", "text": {"content": TEXT}}]


@pytest.mark.parametrize(("status", "errcode"), [(500, 0), (404, 0), (200, 93000), (200, 310000)])
def test_a_robot_that_refuses_has_not_called(status: int, errcode: int) -> None:
    with serving_robot() as robot:
        robot.status, robot.errcode = status, errcode

        assert call_robot(robot.address, TEXT) is Outcome.FAILED
        assert len(robot.bodies) == 1


def test_a_robot_that_is_away_is_asked_twice_and_its_key_is_in_no_log() -> None:
    with capture_logs() as logs:
        outcome = call_robot(f"http://127.0.0.1:{free_port()}/send?key=secret", TEXT)

    assert outcome is Outcome.FAILED
    assert [entry["event"] for entry in logs] == ["alert_robot_unreachable"] * 2
    assert "secret" not in repr(logs)


def test_mail_reaches_all_who_are_named() -> None:
    with serving_mail() as mailbox:
        outcome = send_mail(MailAccount.parse(mailbox.address), TEXT)

    assert outcome is Outcome.SENT
    assert [text.strip() for text in mailbox.texts] == [f"【矿友互助】第 1 次呼叫\n{TEXT}"]
    assert mailbox.recipients == ["duty@example.org", "second@example.org"]
    assert len(mailbox.logins) == 1


def test_a_mail_server_that_refuses_has_not_called() -> None:
    with serving_mail() as mailbox:
        mailbox.refuses = True

        assert send_mail(MailAccount.parse(mailbox.address), TEXT) is Outcome.FAILED


def test_a_mail_server_that_is_away_is_asked_twice() -> None:
    account = MailAccount.parse(f"smtp://127.0.0.1:{free_port()}?from=a@b.cn&to=c@d.cn")
    with capture_logs() as logs:
        outcome = send_mail(account, TEXT)

    assert outcome is Outcome.FAILED
    assert [entry["event"] for entry in logs] == ["alert_mail_unreachable"] * 2


@pytest.mark.parametrize(
    "url",
    [
        "smtp://mail.example.org",
        "smtp://mail.example.org?to=duty@example.org",
        "https://mail.example.org?from=a@b.cn&to=c@d.cn",
        "smtp://?from=a@b.cn&to=c@d.cn",
        "smtp://mail.example.org?from=a@b.cn&to=c@d.cn%0aBcc:x@y.cn",
    ],
)
def test_a_mail_address_that_cannot_work_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="SMTP_URL"):
        MailAccount.parse(url)


def test_the_user_is_the_sender_where_none_is_named() -> None:
    account = MailAccount.parse("smtps://bot%40example.org:p%40ss@mail.example.org?to=c@d.cn")

    assert (account.sender, account.password) == ("bot@example.org", "p@ss")
    assert (account.port, account.is_wrapped) == (465, True)
