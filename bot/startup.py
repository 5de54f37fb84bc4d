"""What every process checks before it begins."""

import sys

from bot.settings import Settings, SettingsError, load_settings
from models import schema
from models.database import Database
from models.encryption import Cipher


class NotReadyError(Exception):
    """The process must not begin; the message says what to do."""


def open_checked() -> tuple[Settings, Database]:
    """Return the settings and the open database; raises NotReadyError where either is wrong."""
    try:
        settings = load_settings()
        database = Database(settings.database_url, cipher=Cipher(settings.data_encryption_key))
    except (SettingsError, ValueError) as error:
        raise NotReadyError(str(error)) from error
    if not database.is_reachable():
        message = "the database does not answer: is DATABASE_URL right, is it running?"
        raise NotReadyError(message)
    if not schema.is_current(database):
        message = "the database is not at this version: run `python -m scripts.migrate`"
        raise NotReadyError(message)
    return settings, database


def refuse(reason: str) -> int:
    """Say why on standard error; return the status of a usage error."""
    sys.stderr.write(f"{reason}\n")
    return 2
