"""Settings refuse what is unsafe, with a sentence that says what to set."""

from pathlib import Path

import pytest

from bot.demo import ensure_demo_env, read_env
from bot.settings import Environment, SettingsError, load_settings
from models.encryption import Cipher

PRODUCTION = {
    "ENVIRONMENT": "production",
    "WECHAT_TOKEN": "a-real-token",
    "WECHAT_APP_ID": "wx0123456789abcdef",
    "DATA_ENCRYPTION_KEY": Cipher.generate_key(),
    "SAFETY_TEXT_APPROVED_BY": "某医生",
    "SECRET_KEY": "vQ0t3Xw8Zr5nKp2sLd7fGh1jMb4cVy6a9Ue",
}


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (*PRODUCTION, "PORT", "TIMEZONE", "WECHAT_ENCODING_AES_KEY", "DATABASE_URL"):
        monkeypatch.delenv(name, raising=False)


def set_all(monkeypatch: pytest.MonkeyPatch, values: dict[str, str]) -> None:
    for name, value in values.items():
        monkeypatch.setenv(name, value)


def test_the_first_run_of_the_demonstration_makes_its_own_secrets(tmp_path: Path) -> None:
    path = tmp_path / "data" / "demo.env"

    first, second = load_settings(path), load_settings(path)

    assert first.environment is Environment.DEMO
    assert first.wechat_token == second.wechat_token != ""
    assert first.wechat_encoding_aes_key == ""
    assert set(read_env(path)) >= {"WECHAT_TOKEN", "DATA_ENCRYPTION_KEY", "DEMO_VOLUNTEER_PASSWORD"}


def test_what_is_given_wins_over_what_was_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ensure_demo_env(tmp_path / "demo.env")
    monkeypatch.setenv("WECHAT_TOKEN", "given")

    assert load_settings(tmp_path / "demo.env").wechat_token == "given"


def test_an_empty_token_is_refused_even_in_the_demonstration(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WECHAT_TOKEN", "")

    with pytest.raises(SettingsError, match="WECHAT_TOKEN is empty"):
        load_settings(tmp_path / "demo.env")


def test_production_starts_with_all_it_needs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_all(monkeypatch, PRODUCTION)

    assert load_settings(tmp_path / "never-made.env").is_production
    assert not (tmp_path / "never-made.env").exists()


@pytest.mark.parametrize(
    "missing",
    [
        *("WECHAT_TOKEN", "WECHAT_APP_ID", "DATA_ENCRYPTION_KEY"),
        *("SAFETY_TEXT_APPROVED_BY", "SECRET_KEY"),
    ],
)
def test_production_refuses_to_start_without(
    missing: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_all(monkeypatch, {name: v for name, v in PRODUCTION.items() if name != missing})

    with pytest.raises(SettingsError, match=missing):
        load_settings(tmp_path / "demo.env")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", "eighty"),
        ("PORT", "0"),
        ("TIMEZONE", "Mars/Olympus"),
        ("ENVIRONMENT", "staging"),
        ("PUBLIC_URL", "help.example.org"),
        ("DATA_ENCRYPTION_KEY", "too short"),
        ("WECHAT_ENCODING_AES_KEY", "x" * 42),
    ],
)
def test_a_wrong_value_is_named(
    name: str, value: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, value)

    with pytest.raises(SettingsError, match=name):
        load_settings(tmp_path / "demo.env")


@pytest.mark.parametrize("secret", ["short", "a" * 64, "change-me"])
def test_production_refuses_a_secret_that_can_be_guessed(
    secret: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_all(monkeypatch, PRODUCTION | {"SECRET_KEY": secret})

    with pytest.raises(SettingsError, match="SECRET_KEY"):
        load_settings(tmp_path / "demo.env")


def test_production_refuses_to_let_people_wait(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_all(monkeypatch, PRODUCTION | {"DEMO_SLOW_SECONDS": "7"})

    with pytest.raises(SettingsError, match="DEMO_SLOW_SECONDS makes people wait"):
        load_settings(tmp_path / "demo.env")


def test_the_demonstration_may_let_people_wait(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DEMO_SLOW_SECONDS", "7")

    assert load_settings(tmp_path / "demo.env").demo_slow_seconds == 7


def test_the_demonstration_speaks_to_the_simulators_stand_in(tmp_path: Path) -> None:
    settings = load_settings(tmp_path / "demo.env")

    assert settings.api_base == "http://127.0.0.1:8000/simulator/wechat"
    assert len(settings.app_secret) == 32
    assert settings.app_secret == load_settings(tmp_path / "demo.env").app_secret


def test_production_has_no_secret_but_the_one_it_is_given(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_all(monkeypatch, PRODUCTION)
    assert load_settings(tmp_path / "demo.env").app_secret == ""

    monkeypatch.setenv("WECHAT_APP_SECRET", "given")
    assert load_settings(tmp_path / "demo.env").app_secret == "given"


def test_the_background_worker_can_be_switched_off(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert load_settings(tmp_path / "demo.env").background_worker

    monkeypatch.setenv("BACKGROUND_WORKER", "false")
    assert not load_settings(tmp_path / "demo.env").background_worker
