"""Takes a load back, row for row; the taking back is a run of its own and can be taken back."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session

from bot.loading.images import digest, read_row
from bot.loading.kind import Kind, M
from bot.loading.machine import Note, announce, no_note, one_load_at_a_time, start_run
from bot.loading.report import Report
from bot.loading.rows import Values
from bot.loading.writes import Seal, Stored, fetch, prepare, store
from models.database import Database
from models.load_run import (
    ChangeAction,
    LoadChange,
    LoadRun,
    find_later_run,
    find_run,
    iterate_changes,
)

_NAMED: Final = 3


class UndoError(Exception):
    """A load cannot be taken back; the text says why and what to do."""


class _DryRunError(Exception):
    """All could be taken back, and nothing shall be written."""


def undo(
    kind: Kind[M],
    run_id: int,
    *,
    database: Database,
    now: datetime,
    dry_run: bool = False,
    note: Note = no_note,
) -> Report:
    """Take a load back; raise UndoError where its rows are no longer as it left them."""
    report = Report(undoes=run_id)
    try:
        with database.transaction() as session:
            one_load_at_a_time(session)
            run = _get_run(session, kind, run_id)
            back = start_run(session, kind, now=now, undoes=run.id, file_name=run.file_name)
            for changes in iterate_changes(session, run_id):
                _take_back(session, kind, run, back, changes, report)
            _close(session, run, back, report)
            announce(session, kind)
            note(session, back)
            _stop_here(dry_run)
        report.run = back.id
    except _DryRunError:
        pass
    except IntegrityError as error:
        message = (
            f"第 {run_id} 次载入新增的{kind.noun}已经有人在用（比如有人报了名），删掉会丢东西，"
            "所以没有撤回。请改用新表更新它们"
        )
        raise UndoError(message) from error
    return report


def _stop_here(dry_run: bool) -> None:  # noqa: FBT001 - the condition itself
    if dry_run:
        raise _DryRunError


def _get_run(session: Session, kind: Kind[M], run_id: int) -> LoadRun:
    run = find_run(session, run_id)
    if run is None:
        message = f"没有编号为 {run_id} 的载入，请核对编号"
        raise UndoError(message)
    if run.kind != kind.name:
        message = f"第 {run_id} 次载入的是别的内容，请用 python -m scripts.load_{run.kind}"
        raise UndoError(message)
    if run.undone_by is not None:
        message = f"第 {run_id} 次载入已经撤回过了（编号 {run.undone_by}）"
        raise UndoError(message)
    return run


def _take_back(
    session: Session,
    kind: Kind[M],
    run: LoadRun,
    back: LoadRun,
    changes: Sequence[LoadChange],
    report: Report,
) -> None:
    keys = [change.key for change in changes]
    later = find_later_run(session, run, keys)
    if later is not None:
        message = f"后来的载入（编号 {later.id}）又改过这些行，请先撤回 {later.id}"
        raise UndoError(message)
    stored = fetch(session.connection(), kind, keys, lock=True)
    _refuse_other_hands(kind, changes, stored)
    pairs = [(stored.get(change.key), _former(kind, change, stored)) for change in changes]
    _keep_promises(kind, [former for _, former in pairs if former is not None])
    seal = Seal(session.get_bind().dialect)
    store(session, kind, back, [prepare(kind, before, former, seal) for before, former in pairs])
    kind.follow(session, keys, back.loaded_at)
    report.read += len(pairs)
    report.added += sum(before is None for before, _ in pairs)
    report.removed += sum(former is None for _, former in pairs)
    report.changed = report.read - report.added - report.removed


def _refuse_other_hands(
    kind: Kind[M], changes: Sequence[LoadChange], stored: Mapping[str, Stored]
) -> None:
    touched = [
        change.key
        for change in changes
        if digest(stored.get(change.key), kind.owned) != change.after_digest
    ]
    if touched:
        names = "、".join(touched[:_NAMED]) + ("等" if len(touched) > _NAMED else "")
        message = f"载入以后有人另外改过 {names}，撤回会盖掉那些改动，所以没有撤回。请用新表更新"
        raise UndoError(message)


def _keep_promises(kind: Kind[M], rows: Sequence[Values]) -> None:
    for row in rows:
        for fault in kind.promised(kind.model(**row)):
            message = f"撤回不了 {row[kind.key]}：{fault.reason}。请用新表更新"
            raise UndoError(message)


def _former(kind: Kind[M], change: LoadChange, stored: Mapping[str, Stored]) -> Values | None:
    """Return the row as it was, or None where there was none.

    What a load does not write, as taken seats, stays as it is now.
    """
    if change.action is ChangeAction.ADDED:
        return None
    former = read_row(kind.table, change.before)
    if change.action is ChangeAction.REMOVED:
        return former
    return dict(stored[change.key]) | {name: former[name] for name in kind.owned}


def _close(session: Session, run: LoadRun, back: LoadRun, report: Report) -> None:
    back.added, back.changed, back.removed = report.added, report.changed, report.removed
    run.undone_by = back.id
    undone = find_run(session, run.undoes) if run.undoes is not None else None
    if undone is not None:
        undone.undone_by = None  # what had been taken back is in force again
