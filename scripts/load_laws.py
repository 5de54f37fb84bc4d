"""Load the texts of statutes, so that the bot can show an article and search among them."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Annotated

import typer
from sqlalchemy import delete
from sqlmodel import Session, col, select

from knowledge.citations import read_statute
from models.faq import bump_version
from models.statute import LAW_CONTENT, StatuteArticle
from scripts.loading.command import open_database

_HEADING_PARTS = 3


@dataclass(frozen=True, slots=True)
class Rejected:
    """A file that cannot be used, and why."""

    line: int
    field: str
    value: str
    reason: str


@dataclass(slots=True)
class Report:
    """What a load did, article by article."""

    read: int = 0
    added: int = 0
    changed: int = 0
    removed: int = 0
    unchanged: int = 0
    rejected: list[Rejected] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Statute:
    """A statute as its file tells it."""

    name: str
    source: str
    version: str
    articles: dict[int, str]


class StatuteError(ValueError):
    """A file is no statute; the message says what is missing and how it should look."""


def main(
    paths: Annotated[
        list[Path], typer.Argument(exists=True, metavar="FILE|FOLDER", help="Texts (*.txt).")
    ],
    *,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Write nothing.")] = False,
    all_or_nothing: Annotated[
        bool, typer.Option("--all-or-nothing", help="Write only if every file is good.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the report as JSON.")] = False,
) -> None:
    """Load statutes: a file each, `# name | source | version`, then 第一条　… paragraphs.

    An article that is no longer in a newer text of its statute is removed. Loading twice changes
    nothing. The status is 1 when a file was rejected.
    """
    report, statutes = Report(), []
    for path in _files(paths):
        try:
            statutes.append(read_file(path))
        except (StatuteError, UnicodeDecodeError, OSError) as error:
            report.rejected.append(Rejected(1, "file", str(path), str(error)))
    if not (all_or_nothing and report.rejected):
        with open_database() as database, database.transaction() as session:
            for statute in statutes:
                _load(session, statute, report)
            if report.added + report.changed + report.removed:
                bump_version(session, LAW_CONTENT)
            if dry_run:
                session.rollback()
    _tell(report, as_json=as_json, dry_run=dry_run)
    raise typer.Exit(1 if report.rejected else 0)


def read_file(path: Path) -> Statute:
    """Read one statute; raises `StatuteError` with what to mend."""
    heading = path.read_text(encoding="utf-8-sig").partition("\n")[0]
    parts = [part.strip() for part in heading.lstrip("# ").split("|")]
    if not heading.startswith("#") or len(parts) != _HEADING_PARTS:
        message = "第一行要写成：# 劳动合同法 | source: 从哪来 | version: 哪年哪月的版本"
        raise StatuteError(message)
    name, source, version = (part.partition(": ")[2] or part for part in parts)
    articles = read_statute(path)
    if not articles:
        message = "没有找到法条：每一条另起一段，用「第一条」加一个全角空格开头"
        raise StatuteError(message)
    return Statute(name.removeprefix("中华人民共和国"), source[:200], version[:120], articles)


def _files(paths: Sequence[Path]) -> Iterator[Path]:
    for path in paths:
        yield from sorted(path.glob("*.txt")) if path.is_dir() else (path,)


def _load(session: Session, statute: Statute, report: Report) -> None:
    known = {
        row.article: row
        for row in session.exec(
            select(StatuteArticle).where(StatuteArticle.statute == statute.name)
        )
    }
    for number, text in statute.articles.items():
        _put(session, known.get(number), statute, number=number, text=text, report=report)
    gone = sorted(set(known) - set(statute.articles))
    report.removed += len(gone)
    session.flush()
    session.connection().execute(
        delete(StatuteArticle)
        .where(col(StatuteArticle.statute) == statute.name)
        .where(col(StatuteArticle.article).in_(gone))
    )


def _put(
    session: Session,
    known: StatuteArticle | None,
    statute: Statute,
    *,
    number: int,
    text: str,
    report: Report,
) -> None:
    report.read += 1
    wanted = StatuteArticle(
        statute=statute.name,
        article=number,
        version=statute.version,
        source=statute.source,
        text=text,
    )
    if known is None:
        report.added += 1
        session.add(wanted)
    elif known.model_dump() == wanted.model_dump():
        report.unchanged += 1
    else:
        report.changed += 1
        known.sqlmodel_update(wanted.model_dump())
        session.add(known)


def _tell(report: Report, *, as_json: bool, dry_run: bool) -> None:
    if as_json:
        typer.echo(json.dumps(asdict(report), ensure_ascii=False))
        return
    for rejected in report.rejected:
        typer.echo(f"{rejected.value}：{rejected.reason}")
    typer.echo(
        ("试跑，什么都没有写入：" if dry_run else "")
        + f"读了 {report.read} 条：新增 {report.added}，更新 {report.changed}，"
        f"删去 {report.removed}，没变 {report.unchanged}，退回 {len(report.rejected)} 个文件"
    )


if __name__ == "__main__":
    typer.run(main)
