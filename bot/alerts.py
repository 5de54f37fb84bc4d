"""The ways to call people outside WeChat: a group robot and mail. Both keep to time limits.

Neither an error nor a log line tells the address of the robot or the password of the mailbox.
"""

import smtplib
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from http import HTTPStatus
from types import MappingProxyType
from typing import Final, Self
from urllib.parse import parse_qs, unquote, urlsplit

import httpx
import structlog

from models.alarm import Outcome

log = structlog.get_logger()

TIMEOUT: Final = 8.0
"""How many seconds one step of a call may take."""

_PORTS: Final = MappingProxyType({"smtp": 587, "smtps": 465})
_LOCAL: Final = frozenset({"127.0.0.1", "::1", "localhost"})
_NOT_WRITTEN: Final = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)

Send = Callable[[str], Outcome]
"""Makes a call with a text, and tells what became of it."""


@dataclass(frozen=True, slots=True)
class MailAccount:
    """Through which server mail goes, from whom, to whom."""

    host: str
    port: int
    sender: str
    recipients: tuple[str, ...]
    username: str = ""
    password: str = ""
    is_wrapped: bool = False

    @classmethod
    def parse(cls, url: str) -> Self:
        """Read `smtp(s)://user:password@host:port?from=…&to=…,…`; raise ValueError."""
        parts = urlsplit(url)
        query = parse_qs(parts.query)
        recipients = [one.strip() for text in query.get("to", []) for one in text.split(",")]
        recipients = [one for one in recipients if one]
        username = unquote(parts.username or "")
        sender = next(iter(query.get("from", [])), username)
        if parts.scheme not in _PORTS or not parts.hostname or not recipients or not sender:
            msg = (
                "SMTP_URL has to be smtp://user:password@host:587?from=SENDER&to=RECIPIENT,… "
                "(smtps://…:465 where the server wants it)"
            )
            raise ValueError(msg)
        if any(not _is_address(one) for one in (sender, *recipients)):
            msg = "SMTP_URL: from and to have to be mail addresses"
            raise ValueError(msg)
        return cls(
            host=parts.hostname,
            port=parts.port or _PORTS[parts.scheme],
            sender=sender,
            recipients=tuple(recipients),
            username=username,
            password=unquote(parts.password or ""),
            is_wrapped=parts.scheme == "smtps",
        )


def call_robot(url: str, text: str) -> Outcome:
    """Post a text to a group robot (enterprise WeChat, DingTalk); a second time if it was away."""
    for _ in range(2):
        try:
            answer = httpx.post(url, json=robot_message(text), timeout=TIMEOUT)
        except _NOT_WRITTEN as error:
            log.warning("alert_robot_unreachable", error=type(error).__name__)
        except httpx.HTTPError as error:
            log.warning("alert_robot_answer_lost", error=type(error).__name__)
            return Outcome.UNCERTAIN
        else:
            return _judge(answer)
    return Outcome.FAILED


def robot_message(text: str) -> Mapping[str, object]:
    """Return the body that the robots of enterprise WeChat and DingTalk understand."""
    return {"msgtype": "text", "text": {"content": text}}


def send_mail(account: MailAccount, text: str) -> Outcome:
    """Send a text to all recipients; a second time if the server was not there."""
    for _ in range(2):
        try:
            return _deliver(account, _letter(account, text))
        except (smtplib.SMTPServerDisconnected, TimeoutError) as error:
            log.warning("alert_mail_answer_lost", error=type(error).__name__)
            return Outcome.UNCERTAIN
        except smtplib.SMTPException as error:
            log.warning("alert_mail_refused", error=type(error).__name__)
            return Outcome.FAILED
        except OSError as error:
            log.warning("alert_mail_unreachable", error=type(error).__name__)
    return Outcome.FAILED


def _judge(answer: httpx.Response) -> Outcome:
    code: object = 0
    try:
        body = answer.json()
        code = body.get("errcode", 0) if isinstance(body, dict) else 0
    except ValueError:
        code = 0  # a robot of another make, whose status says it
    if answer.status_code == HTTPStatus.OK and code == 0:
        return Outcome.SENT
    log.warning("alert_robot_refused", status=answer.status_code, errcode=code)
    return Outcome.FAILED


def _deliver(account: MailAccount, letter: EmailMessage) -> Outcome:
    secure = ssl.create_default_context()
    server = (
        smtplib.SMTP_SSL(account.host, account.port, timeout=TIMEOUT, context=secure)
        if account.is_wrapped
        else smtplib.SMTP(account.host, account.port, timeout=TIMEOUT)
    )
    with server:
        server.ehlo()
        is_safe = account.is_wrapped or account.host in _LOCAL
        if not account.is_wrapped and server.has_extn("starttls"):
            server.starttls(context=secure)
            server.ehlo()
            is_safe = True
        if account.username:
            if not is_safe:
                log.error("alert_mail_unsafe", missing="STARTTLS")
                return Outcome.FAILED
            server.login(account.username, account.password)
        refused = server.send_message(letter)
    return Outcome.SENT if len(refused) < len(account.recipients) else Outcome.FAILED


def _letter(account: MailAccount, text: str) -> EmailMessage:
    letter = EmailMessage()
    letter["Subject"] = text.partition("\n")[0]
    letter["From"] = account.sender
    letter["To"] = ", ".join(account.recipients)
    letter["Date"] = formatdate()
    letter["Message-ID"] = make_msgid(domain=account.sender.rpartition("@")[2])
    letter.set_content(text)
    return letter


def _is_address(text: str) -> bool:
    name, at, domain = text.partition("@")
    return bool(name and at and domain) and text.isprintable() and not set(text) & set(' <>,;"')
