"""Lists what the bot could not answer, and drafts the answer that people then write."""

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated, Any, Final
from zoneinfo import ZoneInfo

import typer

from bot.asking.draft import asked_in_vain, draft_id, write_draft
from bot.asking.gather import AskedGroup, Gathered, Gatherer, Missing, find_still_asked
from bot.settings import load_settings
from knowledge.clusters import MOST_TEXTS, Grouper
from knowledge.content_dir import CONTENT
from knowledge.engine import Engine
from knowledge.live import LiveKnowledge
from models.clock import system_clock
from models.database import Database
from models.faq_version import draft_asked
from scripts.loading.command import open_database

_EXAMPLES: Final = 3
_SHOWN: Final = 60


def main(
    *,
    since: Annotated[
        int, typer.Option(metavar="DAYS", min=1, max=3650, help="How many days to look back.")
    ] = 30,
    limit: Annotated[int, typer.Option(min=1, help="How many rows of each list.")] = 20,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
    draft: Annotated[
        tuple[int, Path] | None,
        typer.Option(
            metavar="ID OUT.yaml", help="Write the draft of an FAQ entry for that row instead."
        ),
    ] = None,
    to_console: Annotated[
        int | None,
        typer.Option(metavar="ID", help="Put that draft into the console instead, to be written."),
    ] = None,
) -> None:
    """List what people asked in vain, the same question in other words as one row.

    What the FAQ surely answers by now is left out; so is a wording that was put into an entry
    after it was asked. Numbers of phones and identity cards are masked. docs/unanswered.md.
    """
    with open_database() as database:
        now = system_clock()
        gatherer = _gatherer(database, now)
        gathered = gatherer.gather(since=now - timedelta(days=since))
        if gathered.is_cut:
            typer.echo(f"只看了最近的 {MOST_TEXTS} 个问题；天数可以少一些：--since", err=True)
        if draft is not None:
            _write(gathered, *draft)
            return
        if to_console is not None:
            _put_into_console(gathered, to_console, database, now)
            return
        groups = [gatherer.with_nearest(group) for group in gathered.groups[:limit]]
    missing = gathered.missing[:limit]
    if as_json:
        typer.echo(json.dumps(_to_json(groups, missing), ensure_ascii=False))
        return
    for line in _lines(gathered, groups, missing, days=since, zone=load_settings().zone):
        typer.echo(line)


def _gatherer(database: Database, now: datetime) -> Gatherer:
    knowledge = LiveKnowledge(engine=Engine.load(CONTENT), database=database)
    return Gatherer(database, engine=knowledge.engine(now), grouper=Grouper.load(CONTENT))


def _find_group(gathered: Gathered, question_id: int) -> AskedGroup:
    return _there(gathered.find(question_id), question_id)


def _there(group: AskedGroup | None, question_id: int) -> AskedGroup:
    if group is None:
        typer.echo(f"没有编号 {question_id}：可能已经答上了，或者不在这些天里（--since）", err=True)
        raise typer.Exit(1)
    return group


def _put_into_console(
    gathered: Gathered, question_id: int, database: Database, now: datetime
) -> None:
    group = _find_group(gathered, question_id)
    with database.transaction() as session:
        group = _there(find_still_asked(session, group), question_id)
        name = draft_id(group)
        version = draft_asked(session, asked_in_vain(group), entry_id=name, now=now)
    if version is None:
        typer.echo(f"{name} 的草稿已经在工作台等着了，没有再放一份", err=True)
        raise typer.Exit(1)
    typer.echo(f"{name} 的草稿放进了工作台的「问答」（{len(group.wordings)} 种问法）")


def _write(gathered: Gathered, question_id: int, path: Path) -> None:
    group = _find_group(gathered, question_id)
    try:
        write_draft(group, path)
    except FileExistsError as error:
        message = f"{path} is there already; a draft overwrites nothing"
        raise typer.BadParameter(message, param_hint="--draft") from error
    except OSError as error:
        raise typer.BadParameter(str(error), param_hint="--draft") from error
    typer.echo(f"{draft_id(group)} 的草稿写到了 {path}（{len(group.wordings)} 种问法）")
    typer.echo(f"填好 answer 以后：python -m scripts.load_faq {path}", err=True)


def _to_json(groups: list[AskedGroup], missing: tuple[Missing, ...]) -> dict[str, Any]:
    return {
        "unanswered": [
            {
                "id": group.id,
                "count": len(group.asked),
                "people": group.people,
                "last_asked": group.last_at.isoformat(),
                "examples": list(group.wordings[:_EXAMPLES]),
                "nearest": [
                    {"id": p.id, "score": p.score, "title": p.title} for p in group.nearest
                ],
            }
            for group in groups
        ],
        "unhelpful": [
            {
                "topic": one.answer.topic,
                "id": one.answer.ref,
                "title": one.answer.title,
                "count": one.answer.unhelpful,
                "last_at": one.answer.last_at.isoformat(),
                "missing": list(one.notes),
            }
            for one in missing
        ],
    }


def _lines(
    gathered: Gathered,
    groups: list[AskedGroup],
    missing: tuple[Missing, ...],
    *,
    days: int,
    zone: ZoneInfo,
) -> Iterator[str]:
    asked = sum(len(group.asked) for group in gathered.groups)
    yield f"近 {days} 天没答上来的：{len(gathered.groups)} 样，共问了 {asked} 次"
    for group in groups:
        yield from _group_lines(group, zone)
    if len(gathered.groups) > len(groups):
        yield f"（还有 {len(gathered.groups) - len(groups)} 样，--limit 可以多看一些）"
    yield ""
    yield f"没帮上忙的回答：{len(gathered.missing)} 条"
    for one in missing:
        yield from _missing_lines(one, zone)


def _group_lines(group: AskedGroup, zone: ZoneInfo) -> Iterator[str]:
    when = _when(group.last_at, zone)
    yield f"\n[{group.id}] {group.people} 人问了 {len(group.asked)} 次，最近 {when}"
    yield from (f"  · {_shorten(words)}" for words in group.wordings[:_EXAMPLES])
    for passage in group.nearest:
        yield f"  像 {passage.score:.0%}  {passage.id}  {passage.title}"


def _missing_lines(missing: Missing, zone: ZoneInfo) -> Iterator[str]:
    answer = missing.answer
    title = answer.title or "（这一条已经不在了）"
    when = _when(answer.last_at, zone)
    yield f"\n{answer.unhelpful} 次，最近 {when}  {answer.topic}:{answer.ref}  {title}"
    yield from (f"  还缺：{_shorten(note)}" for note in missing.notes[:_EXAMPLES])


def _when(moment: datetime, zone: ZoneInfo) -> str:
    return f"{moment.astimezone(zone):%Y-%m-%d %H:%M}"


def _shorten(words: str) -> str:
    return words if len(words) <= _SHOWN else f"{words[:_SHOWN]}…"


if __name__ == "__main__":
    typer.run(main)
