"""Serves an application on a free port of this machine, in a thread."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn
from fastapi import FastAPI


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


@contextmanager
def serving(app: FastAPI, port: int) -> Iterator[str]:
    """Serve until the block ends; gives the address."""
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=port, log_level="error"))
    started = threading.Event()
    server.config.load()
    startup = server.startup

    async def announce(sockets: list[socket.socket] | None = None) -> None:
        await startup(sockets)
        started.set()

    server.startup = announce  # type: ignore[method-assign]
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    if not started.wait(30):
        msg = f"the server did not start on port {port}"
        raise TimeoutError(msg)
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    thread.join(10)
