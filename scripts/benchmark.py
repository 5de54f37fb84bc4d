"""Measures speed: the service against a bare FastAPI and wechatpy endpoint, in the same run."""

import json
import os
import sys
import tempfile
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from scripts.benchmarking.load import Outcome, Postman, send_at_rate, send_in_turn
from scripts.benchmarking.servers import Server, pinned, serve_echo, serve_product
from scripts.benchmarking.stages import measure_stages

CONNECTIONS = 8
WARM_UP = 300
_PROBE = 300


class Mode(StrEnum):
    """Whether WeChat encrypts messages."""

    PLAIN = "plain"
    SAFE = "safe"
    BOTH = "both"


@dataclass(frozen=True, slots=True)
class Figures:
    """What one server did under one mode; `cpu` is milliseconds of processor time a message."""

    server: str
    mode: str
    answers: int
    failures: int
    requests_per_second: float
    closed_p50_ms: float
    closed_p99_ms: float
    closed_cpu_ms: float
    open_rate: float
    open_p50_ms: float
    open_p99_ms: float
    open_cpu_ms: float
    memory_mb: float
    cpu_times_echo: float = 1.0
    rate_of_echo: float = 1.0


@dataclass(frozen=True, slots=True)
class Plan:
    """How much is measured, and on which cores (None where there is only one)."""

    seconds: float
    followers: int
    rate: float
    server_core: int | None
    load_core: int | None


Serve = Callable[..., AbstractContextManager[Server]]


def main(
    seconds: Annotated[float, typer.Option(min=0.1, max=120, help="Length of each load.")] = 10,
    followers: Annotated[int, typer.Option(min=1, help="How many people write.")] = 1000,
    rate: Annotated[float, typer.Option(min=1, help="Messages a second, open loop.")] = 150,
    mode: Annotated[Mode, typer.Option(help="WeChat's message mode.")] = Mode.BOTH,
    stages: Annotated[bool, typer.Option("--stages", help="Where the time goes.")] = False,  # noqa: FBT002
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,  # noqa: FBT002
) -> None:
    """Measure the service and the bare endpoint, each on one core, with signed messages.

    With --stages: the parts of one message instead, in this process.
    """
    if stages:
        _print(measure_stages(messages=int(seconds * rate), followers=followers), as_json=as_json)
        return
    plan = _plan(seconds=seconds, followers=followers, rate=rate)
    modes = [Mode.PLAIN, Mode.SAFE] if mode is Mode.BOTH else [mode]
    rows = [figures for each in modes for figures in _compare(each, plan)]
    _print(rows, as_json=as_json)
    if any(row.failures for row in rows):
        typer.echo("some messages got no answer: the figures are worth nothing", err=True)
        raise typer.Exit(1)


def _plan(*, seconds: float, followers: int, rate: float) -> Plan:
    cores = sorted(os.sched_getaffinity(0))
    alone = len(cores) == 1
    return Plan(
        seconds=seconds,
        followers=followers,
        rate=rate,
        server_core=None if alone else cores[-1],
        load_core=None if alone else cores[0],
    )


def _compare(mode: Mode, plan: Plan) -> Sequence[Figures]:
    floor = _measure("echo", serve_echo, mode=mode, plan=plan)
    product = _measure("kuangyou", serve_product, mode=mode, plan=plan)
    ratio = product.closed_cpu_ms / floor.closed_cpu_ms if floor.closed_cpu_ms else 0.0
    share = product.requests_per_second / floor.requests_per_second
    return floor, replace(product, cpu_times_echo=round(ratio, 2), rate_of_echo=round(share, 3))


def _measure(name: str, serve: Serve, *, mode: Mode, plan: Plan) -> Figures:
    typer.echo(f"{name}, {mode} …", err=True)
    is_safe = mode is Mode.SAFE
    postman = Postman(followers=plan.followers, is_safe=is_safe)
    with (
        tempfile.TemporaryDirectory(prefix="kuangyou-benchmark-") as folder,
        serve(Path(folder), is_safe=is_safe, core=plan.server_core) as server,
        pinned(plan.load_core),
    ):
        closed, closed_cpu = _closed_loop(server, postman, seconds=plan.seconds)
        requests = postman.write(max(int(plan.seconds * plan.rate), 1))
        before = server.cpu_seconds()
        opened = send_at_rate(server.port, requests, rate=plan.rate)
        open_cpu = server.cpu_seconds() - before
        memory = server.memory_mb()
    return Figures(
        server=name,
        mode=mode.value,
        answers=len(closed.latencies) + len(opened.latencies),
        failures=closed.failures + opened.failures,
        requests_per_second=round(closed.rate, 1),
        closed_p50_ms=round(closed.percentile(0.5), 2),
        closed_p99_ms=round(closed.percentile(0.99), 2),
        closed_cpu_ms=_per_message(closed_cpu, closed),
        open_rate=plan.rate,
        open_p50_ms=round(opened.percentile(0.5), 2),
        open_p99_ms=round(opened.percentile(0.99), 2),
        open_cpu_ms=_per_message(open_cpu, opened),
        memory_mb=round(memory, 1),
    )


def _closed_loop(server: Server, postman: Postman, *, seconds: float) -> tuple[Outcome, float]:
    """Warm up, see how fast it is, then send about as much as it can answer in the time."""
    send_in_turn(server.port, postman.write(WARM_UP), connections=CONNECTIONS)
    probe = send_in_turn(server.port, postman.write(_PROBE), connections=CONNECTIONS)
    requests = postman.write(max(int(probe.rate * seconds), CONNECTIONS))
    before = server.cpu_seconds()
    outcome = send_in_turn(server.port, requests, connections=CONNECTIONS)
    return outcome, server.cpu_seconds() - before


def _per_message(cpu_seconds: float, outcome: Outcome) -> float:
    return round(cpu_seconds * 1000 / max(len(outcome.latencies), 1), 3)


def _print(rows: Sequence[object], *, as_json: bool) -> None:
    records = [asdict(row) for row in rows]  # type: ignore[call-overload]
    if as_json:
        typer.echo(json.dumps(records, ensure_ascii=False, indent=2))
        return
    table = Table(*(name.replace("_", " ") for name in records[0]))
    for record in records:
        table.add_row(*map(str, record.values()))
    Console(file=sys.stdout).print(table)


if __name__ == "__main__":
    typer.run(main)
