"""Takes one row away, as a run of its own: so it can be taken back as any load can."""

from datetime import datetime

from sqlalchemy.exc import IntegrityError

from bot.loading.kind import Kind, M
from bot.loading.machine import Note, announce, no_note, one_load_at_a_time, start_run
from bot.loading.writes import Seal, fetch, prepare, store
from models.database import Database


class RemovalError(Exception):
    """A row cannot be taken away; the text says why and what to do."""


def remove(
    kind: Kind[M],
    key: str,
    *,
    database: Database,
    now: datetime,
    file_name: str = "",
    note: Note = no_note,
) -> int:
    """Take the row away and return the number of the run; raise RemovalError where it is used."""
    try:
        with database.transaction() as session:
            one_load_at_a_time(session)
            stored = fetch(session.connection(), kind, [key], lock=True).get(key)
            if stored is None:
                message = f"{kind.noun} {key} 已经不在了"
                raise RemovalError(message)
            run = start_run(session, kind, now=now, file_name=file_name)
            write = prepare(kind, stored, None, Seal(session.get_bind().dialect))
            store(session, kind, run, [write])
            run.removed = 1
            announce(session, kind)
            note(session, run)
            return run.id or 0
    except IntegrityError as error:
        message = f"{kind.noun} {key} 已经有人在用（比如有人报了名），不能删。请改它的内容"
        raise RemovalError(message) from error
