"""What can be set, run and called is in both READMEs; neither can fall behind."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from bot.settings import Settings

ROOT = Path(__file__).parents[1]
READMES = ["README.md", "README.zh-CN.md"]


def read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


@pytest.mark.parametrize("readme", READMES)
@pytest.mark.parametrize("field", list(Settings.model_fields))
def test_every_setting_is_documented(readme: str, field: str) -> None:
    assert f"`{field.upper()}`" in read(readme)


@pytest.mark.parametrize("readme", READMES)
def test_every_command_is_documented(readme: str) -> None:
    commands = [
        path.stem
        for path in (ROOT / "scripts").glob("*.py")
        if 'if __name__ == "__main__"' in path.read_text(encoding="utf-8")
    ]

    assert len(commands) >= 4
    assert [name for name in commands if f"`{name}`" not in read(readme)] == []


def paths(app: object) -> Iterator[str]:
    """Yield the paths of an application, those of its included routers too."""
    for route in getattr(app, "routes", []):
        inner = getattr(route, "original_router", None)
        yield from paths(inner) if inner is not None else [route.path]


@pytest.mark.parametrize("readme", READMES)
def test_every_address_is_documented(readme: str, whole_client: TestClient) -> None:
    roots = {"/" + path.split("/")[1] for path in paths(whole_client.app)}

    assert {"/wechat", "/healthz", "/readyz"} <= roots
    assert [root for root in roots if root not in read(readme)] == []


@pytest.mark.parametrize("readme", READMES)
def test_links_lead_somewhere(readme: str) -> None:
    targets = re.findall(r"\]\(([^)#]+)\)|src=\"([^\"]+)\"", read(readme))
    local = [a or b for a, b in targets if not (a or b).startswith("http")]

    assert [target for target in local if not (ROOT / target).exists()] == []


def test_the_twins_have_the_same_shape() -> None:
    def outline(name: str) -> list[int]:
        return [len(mark) for mark in re.findall(r"^(#+) ", read(name), flags=re.MULTILINE)]

    def rows(name: str) -> int:
        return len(re.findall(r"^\|", read(name), flags=re.MULTILINE))

    assert outline(READMES[0]) == outline(READMES[1])
    assert rows(READMES[0]) == rows(READMES[1])
