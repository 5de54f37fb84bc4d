"""Serves: `python -m bot`."""

import socket
import sys

import uvicorn

from bot.demo import read_env
from bot.settings import DEMO_ENV, Settings
from bot.startup import NotReadyError, open_checked, refuse


def main() -> int:
    """Check what can be checked before serving, say where everything is, and serve."""
    try:
        settings, database = open_checked()
    except NotReadyError as error:
        return refuse(str(error))
    database.close()
    if not _is_free(settings):
        return refuse(f"port {settings.port} is taken: stop what uses it, or set PORT=8001")
    if not settings.is_production:
        _say_where(settings)
    uvicorn.run(
        "bot.app:create_app",
        factory=True,
        host=settings.host,
        port=settings.port,
        workers=settings.workers,
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=10,
    )
    return 0


def _is_free(settings: Settings) -> bool:
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.host, settings.port))
        except OSError:
            return False
    return True


def _say_where(settings: Settings) -> None:
    sys.stdout.write(
        f"\n  矿友互助 · demonstration\n"
        f"  simulator   {settings.local_url}/simulator\n"
        f"  console     {settings.local_url}/console\n"
        f"  webhook     {settings.local_url}/wechat   (token in {DEMO_ENV})\n"
        f"  ready?      {settings.local_url}/readyz\n"
        f"  log in as   li, wang (lawyers), qin (supervisor, counsellor), song (counsellor),\n"
        f"              zhou (career, staff), guo (supervisor, staff, career)\n"
        f"  password    {_demo_password()}\n\n"
    )
    sys.stdout.flush()


def _demo_password() -> str:
    password = read_env(DEMO_ENV).get("DEMO_VOLUNTEER_PASSWORD") if DEMO_ENV.exists() else None
    return f"{password}   (from {DEMO_ENV})" if password else "as set when they were added"


if __name__ == "__main__":
    sys.exit(main())
