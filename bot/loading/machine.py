"""Loads a sheet in two steps: judge every row first, then write in one short transaction.

Reading and judging a large sheet takes long, and SQLite has one writer: so rows that will change
something wait in a temporary file meanwhile, ready to be written. The transaction looks once more
at what is stored, and judges again where that is no longer what it was. A load that is killed has
written nothing.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from itertools import islice
from tempfile import SpooledTemporaryFile
from typing import Final, Generic, TypeAlias, TypeVar

import sqlalchemy as sa
from sqlmodel import Session

from bot.loading.images import from_plain, to_plain
from bot.loading.kind import Kind, M
from bot.loading.report import Rejection, Report
from bot.loading.rows import Entry, Judge, Verdict
from bot.loading.sheet import RawRow, Sheet
from bot.loading.writes import Seal, Stored, Write, fetch, fingerprint, prepare, store
from models.database import Database
from models.faq import bump_version
from models.load_run import ChangeAction, LoadRun

Progress: TypeAlias = Callable[[str, int, int], None]
"""Called with a step's name, how far it is, and how far it goes."""

Note: TypeAlias = Callable[[Session, LoadRun], None]
"""Called in the transaction of a run, to write down who wanted it."""

Spool: TypeAlias = "SpooledTemporaryFile[str]"

T = TypeVar("T")

AT_ONCE: Final = 500
_IN_MEMORY: Final = 4 << 20
_LOCK: Final = 6_412_027
"""Any number that nothing else uses: two loads must not write at the same time."""


class _RefusedError(Exception):
    """A row no longer fits, and all or nothing was asked for."""


def no_progress(step: str, done: int, total: int) -> None:
    """Tell nobody."""


def no_note(session: Session, run: LoadRun) -> None:
    """Write nothing down."""


class Loader(Generic[M]):
    """Loads sheets of one kind."""

    def __init__(
        self,
        kind: Kind[M],
        *,
        database: Database,
        now: datetime,
        progress: Progress = no_progress,
        note: Note = no_note,
    ) -> None:
        self._kind = kind
        self._note = note
        self._database = database
        self._now = now
        self._progress = progress
        self._seal = Seal(database.engine.dialect)
        self.judge = Judge(kind, now=now)

    def load(
        self, sheet: Sheet, *, file_name: str, dry_run: bool = False, all_or_nothing: bool = False
    ) -> Report:
        """Load the sheet and report; nothing is written in a dry run."""
        report = Report(warnings=sheet.warnings)
        with SpooledTemporaryFile(_IN_MEMORY, "w+", encoding="utf-8") as spool:
            self._judge(sheet, spool, report)
            if all_or_nothing and report.rejected:
                _withhold(report)
            elif not dry_run and report.added + report.changed:
                spool.seek(0)
                self._write(spool, report, file_name=file_name, all_or_nothing=all_or_nothing)
        report.rejected.sort(key=lambda rejection: rejection.line)
        return report

    def _judge(self, sheet: Sheet, spool: Spool, report: Report) -> None:
        for part in in_parts(sheet.rows):
            good = list(self._parse(part, report))
            with self._database.reading() as connection:
                stored = fetch(connection, self._kind, [entry.key for _, entry in good])
            for raw, entry in good:
                verdict = self.judge.decide(entry, stored.get(entry.key))
                if verdict.faults:
                    report.rejected.append(self.judge.reject(entry, verdict, raw))
                elif _count(report, verdict):
                    self._keep(spool, entry, stored.get(entry.key), verdict)
            self._progress("读取", part[-1].line, sheet.lines)

    def _parse(self, part: Sequence[RawRow], report: Report) -> Iterator[tuple[RawRow, Entry]]:
        for raw in part:
            if self.judge.is_example(raw):
                report.warnings.append(f"第 {raw.line} 行是模板里的示例，没有载入")
                continue
            report.read += 1
            parsed = self.judge.parse(raw)
            if isinstance(parsed, Rejection):
                report.rejected.append(parsed)
            else:
                yield raw, parsed

    def _write(self, spool: Spool, report: Report, *, file_name: str, all_or_nothing: bool) -> None:
        waiting = report.added + report.changed
        report.added = report.changed = 0
        try:
            with self._database.transaction() as session:
                one_load_at_a_time(session)
                run = start_run(session, self._kind, now=self._now, file_name=file_name)
                for part in in_parts(spool):
                    self._write_part(session, run, part, report)
                    self._progress("写入", min(waiting, report.added + report.changed), waiting)
                _require(not (all_or_nothing and report.rejected))
                run.added, run.changed = report.added, report.changed
                run.rejected = len(report.rejected)
                announce(session, self._kind)
                self._note(session, run)
            report.run = run.id
        except _RefusedError:
            _withhold(report)

    def _keep(self, spool: Spool, entry: Entry, stored: Stored | None, verdict: Verdict) -> None:
        write = prepare(self._kind, stored, verdict.row, self._seal)
        kept = [entry.line, to_plain(entry.values), fingerprint(stored), write.to_plain()]
        spool.write(f"{json.dumps(kept, ensure_ascii=False)}\n")

    def _write_part(
        self, session: Session, run: LoadRun, lines: Sequence[str], report: Report
    ) -> None:
        kept = [json.loads(line) for line in lines]
        keys = [values[self._kind.key] for _, values, _, _ in kept]
        stored = fetch(session.connection(), self._kind, keys, lock=True)
        writes = []
        for key, (line, values, seen, plain) in zip(keys, kept, strict=True):
            write: Write | None
            if fingerprint(stored.get(key)) == seen:
                write = Write.from_plain(self._kind.table, plain)
                _count_action(report, write.action)
            else:
                entry = Entry(line, key, from_plain(self._kind.table, values))
                write = self._judge_again(entry, stored.get(key), report)
            writes += [write] if write else []
        store(session, self._kind, run, writes)
        self._kind.follow(session, [write.key for write in writes], self._now)

    def _judge_again(self, entry: Entry, stored: Stored | None, report: Report) -> Write | None:
        verdict = self.judge.decide(entry, stored)
        if verdict.faults:
            report.rejected.append(self.judge.reject(entry, verdict))
        elif _count(report, verdict):
            return prepare(self._kind, stored, verdict.row, self._seal)
        return None


def start_run(
    session: Session,
    kind: Kind[M],
    *,
    now: datetime,
    file_name: str = "",
    undoes: int | None = None,
) -> LoadRun:
    """Return a new run, with its number."""
    run = LoadRun(kind=kind.name, file_name=file_name[:200], loaded_at=now, undoes=undoes)
    session.add(run)
    session.flush()  # its changes refer to its number
    return run


def announce(session: Session, kind: Kind[M]) -> None:
    """Have all processes compile again what depends on this kind."""
    if kind.content:
        bump_version(session, kind.content)


def one_load_at_a_time(session: Session) -> None:
    """Wait for another load to end; on SQLite the transaction itself has done so."""
    if session.get_bind().dialect.name == "postgresql":
        session.connection().execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK)))


def in_parts(items: Iterable[T]) -> Iterator[list[T]]:
    """Yield the items in lists of a size that suits memory and databases."""
    remaining = iter(items)
    while part := list(islice(remaining, AT_ONCE)):
        yield part


def _require(condition: bool) -> None:  # noqa: FBT001 - the condition itself
    if not condition:
        raise _RefusedError


def _withhold(report: Report) -> None:
    report.added = report.changed = 0
    report.is_withheld = True


def _count(report: Report, verdict: Verdict) -> bool:
    """Count a row; tell whether it changes anything."""
    if verdict.action is None:
        report.unchanged += 1
        return False
    _count_action(report, verdict.action)
    return True


def _count_action(report: Report, action: ChangeAction) -> None:
    if action is ChangeAction.ADDED:
        report.added += 1
    else:
        report.changed += 1
