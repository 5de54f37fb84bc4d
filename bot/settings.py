"""All settings, typed, read here and nowhere else."""

import hashlib
import re
from enum import StrEnum
from pathlib import Path
from typing import Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field, ValidationError, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from bot.alerts import MailAccount
from bot.demo import ensure_demo_env
from bot.wechat.webhook import WeChatCredentials
from models.announcement import FASTEST, SLOWEST
from models.encryption import Cipher

WECHAT_API = "https://api.weixin.qq.com"
STAND_IN = "/simulator/wechat"
"""Where the demonstration's stand-in of WeChat's API is, on this server."""

SHORTEST_SECRET = 32
_HOST = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z][a-z0-9-]*[a-z0-9]")
"""The name of a host as others reach it: lower case, with a dot, never a bare address."""

DEMO_ENV = Path("data/demo.env")
"""Where the demonstration keeps the secrets it made for itself (never committed)."""


class Environment(StrEnum):
    """How the product runs."""

    DEMO = "demo"
    PRODUCTION = "production"


class SettingsError(Exception):
    """A setting is missing or unsafe; the message says what to set."""


class Settings(BaseSettings):
    """Settings from the environment (and in the demonstration from `data/demo.env`)."""

    model_config = SettingsConfigDict(env_file_encoding="utf-8", extra="ignore")

    environment: Environment = Environment.DEMO
    host: str = "127.0.0.1"
    port: int = Field(default=8000, ge=1, le=65535)
    workers: int = Field(default=1, ge=1, le=64)
    database_url: str = "sqlite:///data/kuangyou.db"
    wechat_token: str = ""
    wechat_app_id: str = ""
    wechat_app_secret: str = Field(default="", repr=False)
    wechat_api_base: str = Field(default="", pattern=r"^(https?://[^\s/?#@]+/?)?$")
    wechat_media_hosts: str = "mmbiz.qpic.cn"
    wechat_encoding_aes_key: str = ""
    wechat_previous_encoding_aes_key: str = ""
    wechat_max_clock_skew: int = Field(default=600, ge=1)
    data_encryption_key: str = ""
    secret_key: str = Field(default="", repr=False)
    public_url: str = Field(default="", pattern=r"^(https?://[^\s/?#@]+/?)?$")
    background_worker: bool = True
    demo_slow_seconds: float = Field(default=0, ge=0, le=60)
    announcements_per_minute: int = Field(default=300, ge=SLOWEST, le=FASTEST)
    alert_webhook_url: str = Field(default="", repr=False, pattern=r"^(https?://[^\s]+)?$")
    smtp_url: str = Field(default="", repr=False)
    safety_text_approved_by: str = ""
    log_level: str = Field(default="INFO", pattern="^(DEBUG|INFO|WARNING|ERROR)$")
    timezone: str = "Asia/Shanghai"

    @property
    def is_production(self) -> bool:
        """Tell whether real people are served."""
        return self.environment is Environment.PRODUCTION

    @property
    def spoken(self) -> dict[str, str]:
        """Return what admins may know of the settings: nothing that lets anybody in."""
        return {
            "运行方式": "正式" if self.is_production else "演示",
            "数据库": "PostgreSQL" if self.database_url.startswith("postgres") else "SQLite",
            "时区": "北京时间" if self.timezone == "Asia/Shanghai" else self.timezone,
            "群发每分钟最多": f"{self.announcements_per_minute} 条",
            "危险时的话由谁审定": self.safety_text_approved_by or "还没有人",
            "群机器人提醒": "开着" if self.alert_webhook_url else "没开",
            "邮件提醒": "开着" if self.smtp_url else "没开",
        }

    @property
    def zone(self) -> ZoneInfo:
        """Return the zone in which times are shown to people."""
        return ZoneInfo(self.timezone)

    @property
    def api_base(self) -> str:
        """Return where WeChat's API is: in the demonstration the simulator's stand-in."""
        if self.wechat_api_base:
            return self.wechat_api_base.rstrip("/")
        return WECHAT_API if self.is_production else f"{self.local_url}{STAND_IN}"

    @property
    def app_secret(self) -> str:
        """Return what the API is asked with; the demonstration's stand-in has one of its own."""
        if self.wechat_app_secret or self.is_production or self.wechat_api_base:
            return self.wechat_app_secret
        return hashlib.sha256(f"stand-in {self.wechat_token}".encode()).hexdigest()[:32]

    @property
    def media_hosts(self) -> frozenset[str]:
        """Return the hosts that pictures may be fetched from; raise ValueError for an address."""
        hosts = frozenset(filter(None, (h.strip() for h in self.wechat_media_hosts.split(","))))
        for host in hosts:
            if not _HOST.fullmatch(host):
                msg = (
                    f"WECHAT_MEDIA_HOSTS has {host!r}: list names of hosts, separated by commas, "
                    "such as mmbiz.qpic.cn"
                )
                raise ValueError(msg)
        return hosts

    @property
    def own_pictures(self) -> str:
        """Return where the demonstration's own pictures are; production has none."""
        return "" if self.is_production else self.local_url

    @property
    def signing_key(self) -> str:
        """Return what the console signs with; the demonstration may do with its data key."""
        return (
            self.secret_key
            or hashlib.sha256(f"sign {self.data_encryption_key}".encode()).hexdigest()
        )

    @property
    def console_url(self) -> str:
        """Return where people reach this server: PUBLIC_URL, else as seen from this machine."""
        return self.public_url.rstrip("/") or self.local_url

    @property
    def credentials(self) -> WeChatCredentials:
        """Return what the account's console knows too; raise ValueError where it is unsafe."""
        return WeChatCredentials(
            token=self.wechat_token,
            app_id=self.wechat_app_id,
            encoding_aes_key=self.wechat_encoding_aes_key,
            previous_encoding_aes_key=self.wechat_previous_encoding_aes_key,
            max_clock_skew=self.wechat_max_clock_skew,
        )

    @property
    def local_url(self) -> str:
        """Return the address of this server as seen from this machine."""
        host = "127.0.0.1" if self.host in ("0.0.0.0", "::") else self.host  # noqa: S104
        return f"http://{host}:{self.port}"

    @model_validator(mode="after")
    def refuse_what_is_unsafe(self) -> Self:
        """Refuse what would let strangers in or harm people, with what to set instead."""
        problems = [*self._always(), *(self._in_production() if self.is_production else [])]
        if problems:
            raise ValueError("; ".join(problems))
        return self

    def _always(self) -> list[str]:
        problems = []
        for check in (
            *(self._check_credentials, self._check_cipher),
            *(self._check_timezone, self._check_media_hosts, self._check_mail),
        ):
            try:
                check()
            except ValueError as error:
                problems.append(str(error))
        return problems

    def _check_credentials(self) -> None:
        self.credentials.cipher()

    def _check_cipher(self) -> None:
        Cipher(self.data_encryption_key)

    def _check_media_hosts(self) -> None:
        _ = self.media_hosts

    def _check_mail(self) -> None:
        if self.smtp_url:
            MailAccount.parse(self.smtp_url)

    def _check_timezone(self) -> None:
        try:
            ZoneInfo(self.timezone)
        except (ZoneInfoNotFoundError, ValueError) as error:
            msg = f"TIMEZONE {self.timezone!r} is unknown: use e.g. Asia/Shanghai"
            raise ValueError(msg) from error

    def _in_production(self) -> list[str]:
        problems = []
        if not self.safety_text_approved_by:
            problems.append(
                "SAFETY_TEXT_APPROVED_BY is empty: a mental-health professional must approve "
                "knowledge/content/safety/texts.yaml; set it to their name"
            )
        if (
            len(self.secret_key) < SHORTEST_SECRET
            or len(set(self.secret_key)) < SHORTEST_SECRET // 4
        ):
            problems.append(
                "SECRET_KEY is empty, short or too plain: set 32 random characters or more, e.g. "
                'from `python -c "import secrets; print(secrets.token_urlsafe(48))"`'
            )
        if self.demo_slow_seconds:
            problems.append("DEMO_SLOW_SECONDS makes people wait: leave it out in production")
        if not self.wechat_app_id:
            problems.append("WECHAT_APP_ID is empty: set the account's AppID")
        if not self.api_base.startswith(("https://", "http://127.0.0.1:")):
            problems.append("WECHAT_API_BASE has to begin with https://: the AppSecret goes there")
        return problems


def load_settings(demo_env: Path = DEMO_ENV) -> Settings:
    """Read the settings; raise SettingsError with one readable sentence for each problem.

    In the demonstration what was not given is made on the first run and kept in `demo_env`.
    """
    try:
        if not _is_demo():
            return Settings()
        ensure_demo_env(demo_env)
        return Settings(_env_file=demo_env)
    except ValidationError as error:
        raise SettingsError(_readable(error)) from error


def _is_demo() -> bool:
    return _EnvironmentOnly().environment is Environment.DEMO


class _EnvironmentOnly(BaseSettings):
    model_config = SettingsConfigDict(extra="ignore")

    environment: Environment = Environment.DEMO


def _readable(error: ValidationError) -> str:
    lines = []
    for item in error.errors():
        name = ".".join(str(part) for part in item["loc"]).upper()
        said = item["msg"].removeprefix("Value error, ")
        lines.append(f"{name}: {said}" if name else said)
    return "\n".join(lines)
