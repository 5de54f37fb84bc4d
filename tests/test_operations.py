"""What runs the service elsewhere: the image, the composition and the guide stay true."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.settings import Settings
from tests.conftest import KEY

ROOT = Path(__file__).parents[1]
GUIDE = "docs/operations.md"


def read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def instructions() -> list[tuple[str, str]]:
    """Return the instructions of the Dockerfile, each in one line, without comments."""
    lines = [line for line in read("Dockerfile").splitlines() if not line.startswith("#")]
    text = "\n".join(lines).replace("\\\n", " ")
    found = [line.split(maxsplit=1) for line in text.splitlines() if line.strip()]
    return [(name, " ".join(rest.split())) for name, rest in found]


def arguments(name: str) -> list[str]:
    return [rest for instruction, rest in instructions() if instruction == name]


def entrypoint() -> list[str]:
    """Return the command that the container starts with."""
    [found] = arguments("ENTRYPOINT")
    command: list[str] = json.loads(found)
    return command


def composition() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(read("compose.yaml"))
    return found


def test_the_image_stands_on_an_exact_version() -> None:
    stages = arguments("FROM")
    outside = [stage for stage in stages if stage.split()[0] != "base"]

    assert len(stages) == 3
    assert len(outside) == 1
    assert re.fullmatch(r"python:3\.\d+\.\d+-slim-\w+ AS base", outside[0])


def test_the_image_runs_as_nobody_in_particular() -> None:
    assert arguments("USER")[-1] == "10001:10001"
    assert instructions()[-1][0] == "ENTRYPOINT"


def test_the_image_installs_only_what_the_lock_names_with_its_hash() -> None:
    [install] = [run for run in arguments("RUN") if "pip install" in run]

    assert "--require-hashes -r requirements.txt" in install
    assert "requirements-dev" not in read("Dockerfile")


def test_the_image_fetches_nothing_unchecked() -> None:
    assert arguments("ADD") == []
    assert not re.search(r"curl|wget|https?://(?!127\.0\.0\.1)", read("Dockerfile"))


@pytest.mark.parametrize("word", ["TOKEN", "SECRET", "KEY", "PASSWORD"])
def test_no_secret_is_built_into_the_image(word: str) -> None:
    assert word not in " ".join(arguments("ENV") + arguments("ARG")).upper()


def test_the_image_asks_the_server_whether_it_lives() -> None:
    [check] = arguments("HEALTHCHECK")

    assert "/healthz" in check
    command = json.loads(check[check.index("[") :])
    compile(command[2], "HEALTHCHECK", "exec")


def test_everything_the_image_copies_is_there_and_not_ignored() -> None:
    copied = [rest.split()[0] for rest in arguments("COPY") if not rest.startswith("--from")]
    let_through = [line[1:] for line in read(".dockerignore").splitlines() if line.startswith("!")]

    assert sorted(copied) == sorted(let_through)
    assert [name for name in copied if not (ROOT / name).exists()] == []


def test_the_image_has_every_folder_that_the_server_imports() -> None:
    ours = set(re.findall(r"root_packages = \[([^\]]*)\]", read("pyproject.toml"))[0].split(", "))

    assert {name.strip('"') for name in ours} <= set(" ".join(arguments("COPY")).split())


@pytest.mark.parametrize("name", ["*.env", ".env", "*.db"])
def test_secrets_and_data_never_reach_the_builder(name: str) -> None:
    rules = read(".dockerignore").splitlines()

    assert "*" in rules
    assert rules.index(f"**/{name}") > max(n for n, rule in enumerate(rules) if rule[:1] == "!")


def test_the_entrypoint_migrates_first_and_starts_nothing_without_settings(tmp_path: Path) -> None:
    environment = {
        "PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin",
        "PYTHONPATH": str(ROOT),
        "ENVIRONMENT": "production",
    }

    ended = subprocess.run(
        entrypoint(), cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
    )

    assert ended.returncode == 2
    assert ended.stderr.count("WECHAT_TOKEN is empty") == 1, "the server was started all the same"


@pytest.mark.race
def test_two_containers_that_start_together_migrate_once(
    request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    for url in (f"sqlite:///{tmp_path}/new.db", _empty_postgres(request)):
        command = [sys.executable, "-m", "scripts.migrate"]
        environment = _settings(url)
        both = [
            subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)
            for _ in range(2)
        ]
        said = [process.communicate(timeout=60)[0] for process in both]

        assert [process.returncode for process in both] == [0, 0]
        assert sum("was empty" in text for text in said) == 1


def _empty_postgres(request: pytest.FixtureRequest) -> str:
    request.getfixturevalue("socket_enabled")
    return str(request.getfixturevalue("postgres").create_database())


def _settings(url: str) -> dict[str, str]:
    inherited = {k: v for k, v in os.environ.items() if k in ("PATH", "HOME", "LANG")}  # noqa: TID251 - a child's own
    return inherited | {
        "ENVIRONMENT": "production",
        "DATABASE_URL": url,
        "WECHAT_TOKEN": "a-token",
        "WECHAT_APP_ID": "wx0000000000000001",
        "DATA_ENCRYPTION_KEY": KEY,
        "SECRET_KEY": "vQ0t3Xw8Zr5nKp2sLd7fGh1jMb4cVy6a9Ue",
        "SAFETY_TEXT_APPROVED_BY": "nobody, this is a test",
    }


def test_the_composition_has_no_default_password() -> None:
    variables = re.findall(r"\$\{([A-Z_]+)(.*?)\}", read("compose.yaml"))

    assert {name for name, _ in variables} == {"POSTGRES_PASSWORD"}
    assert all(rest.startswith(":?") for _, rest in variables)
    assert any("set POSTGRES_PASSWORD in .env" in rest for _, rest in variables)


def test_the_bot_waits_for_a_database_that_answers() -> None:
    services = composition()["services"]

    assert services["bot"]["depends_on"] == {"database": {"condition": "service_healthy"}}
    assert "pg_isready" in services["database"]["healthcheck"]["test"]


def test_the_composed_bot_runs_in_production_on_postgresql() -> None:
    bot = composition()["services"]["bot"]

    assert bot["env_file"] == ".env"
    assert bot["environment"]["ENVIRONMENT"] == "production"
    assert bot["environment"]["DATABASE_URL"].startswith("postgresql+psycopg://")
    assert {name.lower() for name in bot["environment"]} <= set(Settings.model_fields)


def test_what_is_composed_comes_back_and_keeps_its_data() -> None:
    content = composition()

    for service in content["services"].values():
        [volume] = service["volumes"]
        assert service["restart"] == "unless-stopped"
        assert volume.split(":")[0] in content["volumes"]


def test_nothing_of_the_composition_is_open_to_the_world() -> None:
    services = composition()["services"]

    assert services["bot"]["ports"] == ["127.0.0.1:8000:8000"]
    assert "ports" not in services["database"]


def test_the_container_gets_longer_to_stop_than_the_server_takes() -> None:
    [seconds] = re.findall(r"timeout_graceful_shutdown=(\d+)", read("bot/__main__.py"))

    assert int(composition()["services"]["bot"]["stop_grace_period"].rstrip("s")) > int(seconds)


def test_the_guide_names_only_commands_and_settings_that_exist() -> None:
    guide = read(GUIDE)
    commands = set(re.findall(r"-m scripts\.(\w+)", guide))
    settings = set(re.findall(r"^([A-Z_]{4,})=", guide, flags=re.MULTILINE))

    assert {"migrate", "publish_menu"} <= commands
    assert [name for name in commands if not (ROOT / "scripts" / f"{name}.py").exists()] == []
    assert "WECHAT_TOKEN" in settings
    assert {name.lower() for name in settings - {"POSTGRES_PASSWORD"}} <= set(Settings.model_fields)


def test_the_links_of_the_guide_lead_somewhere() -> None:
    targets = [t for t in re.findall(r"\]\(([^)#]+)", read(GUIDE)) if not t.startswith("http")]

    assert targets != []
    assert [target for target in targets if not (ROOT / "docs" / target).exists()] == []
