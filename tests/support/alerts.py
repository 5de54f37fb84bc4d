"""A group robot over real HTTP and a mail server over real SMTP, both small."""

import json
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import Message
from email.policy import default
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Robot:
    """What a group robot was told; `status` and `errcode` are what it answers."""

    address: str = ""
    status: int = 200
    errcode: int = 0
    bodies: list[dict[str, Any]] = field(default_factory=list)

    @property
    def texts(self) -> list[str]:
        """What the group reads."""
        return [body["text"]["content"] for body in self.bodies]


@dataclass
class Mailbox:
    """What arrived at a mail server; `refuses` lets it turn every letter away."""

    address: str = ""
    refuses: bool = False
    letters: list[Message] = field(default_factory=list)
    recipients: list[str] = field(default_factory=list)
    logins: list[str] = field(default_factory=list)

    @property
    def texts(self) -> list[str]:
        """What the recipients read, the subject first."""
        return [
            f"{letter['Subject']}\n{letter.get_content()}".replace("\r\n", "\n")  # type: ignore[attr-defined]
            for letter in self.letters
        ]


@contextmanager
def serving_robot() -> Iterator[Robot]:
    """Serve a robot on a free port."""
    robot = Robot()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            robot.bodies.append(json.loads(body))
            answer = json.dumps({"errcode": robot.errcode, "errmsg": "-"}).encode()
            self.send_response(robot.status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_: object) -> None:
            """Stay silent."""

    with _running(ThreadingHTTPServer(("127.0.0.1", 0), Handler)) as port:
        robot.address = f"http://127.0.0.1:{port}/cgi-bin/webhook/send?key=secret-of-the-robot"
        yield robot


@contextmanager
def serving_mail() -> Iterator[Mailbox]:
    """Serve a mail server on a free port."""
    mailbox = Mailbox()

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            _Conversation(self, mailbox).hold()

    with _running(socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler)) as port:
        query = "from=bot@example.org&to=duty@example.org,second@example.org"
        mailbox.address = f"smtp://robot:secret-of-the-mail@127.0.0.1:{port}?{query}"
        yield mailbox


class _Conversation:
    """One client of the mail server."""

    def __init__(self, handler: socketserver.StreamRequestHandler, mailbox: Mailbox) -> None:
        self._read, self._write = handler.rfile, handler.wfile
        self._mailbox = mailbox

    def hold(self) -> None:
        self._say("220 ready")
        while line := self._read.readline().decode().strip():
            verb = line.partition(" ")[0].upper()
            if verb == "QUIT":
                self._say("221 bye")
                return
            self._answer(verb, line)

    def _answer(self, verb: str, line: str) -> None:
        if verb == "EHLO":
            self._say("250-mail.example.org", "250 AUTH PLAIN")
        elif verb == "AUTH":
            self._mailbox.logins.append(line)
            self._say("235 welcome")
        elif verb == "RCPT":
            self._mailbox.recipients.append(line.partition("<")[2].rstrip(">"))
            self._say("550 no" if self._mailbox.refuses else "250 ok")
        elif verb == "DATA":
            self._say("354 go on")
            self._mailbox.letters.append(message_from_bytes(self._letter(), policy=default))
            self._say("250 kept")
        else:
            self._say("250 ok")

    def _letter(self) -> bytes:
        lines = iter(self._read.readline, b".\r\n")
        return b"".join(line.removeprefix(b".") for line in lines)

    def _say(self, *lines: str) -> None:
        self._write.write("".join(f"{line}\r\n" for line in lines).encode())


@contextmanager
def _running(server: socketserver.TCPServer) -> Iterator[int]:
    server.daemon_threads = True  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)
