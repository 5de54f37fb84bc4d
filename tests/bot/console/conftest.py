"""A miner who asks for a lawyer, and volunteers at the console."""

from collections.abc import Callable

import pytest
from fastapi.testclient import TestClient

from tests.support.chat import Chat
from tests.support.console import Console

OpenConsole = Callable[[str], Console]


@pytest.fixture
def client(whole_client: TestClient) -> TestClient:
    """The follower and the volunteers meet in one service."""
    return whole_client


@pytest.fixture
def console(client: TestClient) -> OpenConsole:
    """Log somebody in, each in a browser of their own."""

    def open_for(username: str) -> Console:
        console = Console.beside(client)
        console.logs_in(username)
        return console

    return open_for


@pytest.fixture
def asked(chat: Chat) -> Chat:
    """A miner who waits for a lawyer."""
    chat.says("老板三个月没发工资")
    chat.taps("找律师问问")
    chat.says("好")
    return chat
