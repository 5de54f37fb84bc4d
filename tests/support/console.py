"""A volunteer at the console: what they open, what they press, what they read."""

import html
import re
from dataclasses import dataclass, field

import httpx2
from fastapi.testclient import TestClient

PASSWORD = "only for tests"
"""Of every volunteer of the demonstration data in tests."""


@dataclass
class Console:
    """One browser of one volunteer; `page` is what it shows."""

    client: TestClient
    page: str = ""
    status: int = 0
    place: str = ""
    headers: dict[str, str] = field(default_factory=dict)

    @classmethod
    def beside(cls, client: TestClient) -> "Console":
        """Return another browser in front of the same service."""
        return cls(TestClient(client.app))

    @property
    def text(self) -> str:
        """What a person reads, without the markup."""
        body = re.sub(r"<(script|style|title)[^>]*>.*?</\1>", "", self.page, flags=re.S)
        return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", body)))

    def opens(self, path: str) -> str:
        """Open a page; return what is read on it."""
        return self._show(self.client.get(f"/console{path}"))

    def presses(self, path: str, **fields: object) -> str:
        """Send a form of the open page; return what is read on the page that follows."""
        body = {"mark": self.mark} | self._hidden(path) | {k: str(v) for k, v in fields.items()}
        return self._show(self.client.post(f"/console{path}", data=body))

    def logs_in(self, username: str, password: str = PASSWORD) -> str:
        """Fill in the log-in form."""
        self.opens("/login")
        return self.presses("/login", username=username, password=password)

    @property
    def mark(self) -> str:
        """The mark of the forms on the open page."""
        found = re.search(r'name="mark" value="([^"]*)"', self.page)
        return found[1] if found else ""

    def value(self, name: str) -> str:
        """What a field of the open page holds."""
        found = re.search(rf'name="{name}"[^>]*value="([^"]*)"', self.page)
        return html.unescape(found[1]) if found else ""

    def _hidden(self, path: str) -> dict[str, str]:
        """What the form for this address carries unseen."""
        form = re.search(
            rf'<form[^>]*action="/console{re.escape(path)}".*?</form>', self.page, re.S
        )
        pairs = (
            re.findall(r'type="hidden" name="([^"]*)"[^>]* value="([^"]*)"', form[0])
            if form
            else []
        )
        return {name: html.unescape(value) for name, value in pairs}

    def _show(self, answer: httpx2.Response) -> str:
        self.page, self.status = answer.text, answer.status_code
        self.place = answer.url.path.removeprefix("/console")
        self.headers = dict(answer.headers)
        return self.text
