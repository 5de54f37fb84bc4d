"""Several operating-system processes against one database, let loose at the same moment."""

import io
import multiprocessing
import os
import runpy
import sys
import time
import traceback
from collections.abc import Callable, Mapping, Sequence
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnContext, SpawnProcess
from multiprocessing.synchronize import Barrier
from typing import Generic, TypeVar

T = TypeVar("T")

_PATIENCE = 5.0
"""How long a process that gave its result may take to end by itself."""


class ProcessError(Exception):
    """A process failed, died or was too slow; the message tells which and why."""


@dataclass(frozen=True)
class Racer:
    """What one of the processes knows: the database, its number, and the start line."""

    url: str
    index: int
    _barrier: Barrier
    _timeout: float

    def wait_for_others(self) -> None:
        """Return when all processes have got here: connect before, race after."""
        self._barrier.wait(self._timeout)


@dataclass(frozen=True)
class ModuleRun:
    """How `python -m …` went in one of the processes."""

    status: int
    output: str


@dataclass(frozen=True)
class _Failure:
    trace: str


@dataclass(frozen=True)
class _Running(Generic[T]):
    process: SpawnProcess
    receiver: Connection


def race(work: Callable[[Racer], T], url: str, *, count: int, timeout: float = 60) -> list[T]:
    """Run `work` in `count` processes and return what each returned, in their order.

    `work` must be importable (a function of a module, or a partial of one) and should call
    `wait_for_others` before the step that races. Raises ProcessError when any process fails, or
    is not done after `timeout` seconds; no process is left behind.
    """
    context = multiprocessing.get_context("spawn")
    barrier = context.Barrier(count)
    runners: list[_Running[T]] = []
    try:
        for index in range(count):
            racer = Racer(url, index, barrier, timeout)
            runners.append(_start(context, work, racer))
        return _collect(runners, deadline=time.monotonic() + timeout)
    finally:
        _reap(runners)


def race_module(
    module: str,
    arguments: Sequence[str],
    url: str,
    *,
    count: int,
    environment: Mapping[str, str] | None = None,
    timeout: float = 60,
) -> list[ModuleRun]:
    """Run `python -m module arguments…` in `count` processes with DATABASE_URL set to `url`."""
    work = _ModuleWork(module, tuple(arguments), dict(environment or {}))
    return race(work, url, count=count, timeout=timeout)


@dataclass(frozen=True)
class _ModuleWork:
    module: str
    arguments: tuple[str, ...]
    environment: Mapping[str, str] = field(default_factory=dict)

    def __call__(self, racer: Racer) -> ModuleRun:
        os.environ.update({"DATABASE_URL": racer.url, **self.environment})  # noqa: TID251 - a child's own
        sys.argv = [self.module, *self.arguments]
        output = io.StringIO()
        racer.wait_for_others()
        with redirect_stdout(output), redirect_stderr(output):
            status = _run_module(self.module)
        return ModuleRun(status, output.getvalue())


def _run_module(module: str) -> int:
    try:
        runpy.run_module(module, run_name="__main__", alter_sys=True)
    except SystemExit as end:
        if end.code is None or isinstance(end.code, int):
            return end.code or 0
        sys.stderr.write(f"{end.code}\n")
        return 1
    return 0


def _start(context: SpawnContext, work: Callable[[Racer], T], racer: Racer) -> _Running[T]:
    receiver, sender = context.Pipe(duplex=False)
    process = context.Process(target=_work_and_tell, args=(work, racer, sender))
    try:
        process.start()
    finally:
        sender.close()  # ours: the pipe then ends when the process does
    return _Running(process, receiver)


def _work_and_tell(work: Callable[[Racer], object], racer: Racer, sender: Connection) -> None:
    try:
        result: object = work(racer)
        sender.send(result)
    except BaseException:  # all is told to the parent
        sender.send(_Failure(traceback.format_exc()))
    finally:
        sender.close()


def _collect(runners: Sequence[_Running[T]], *, deadline: float) -> list[T]:
    results: dict[int, T] = {}
    waiting = {runner.receiver: index for index, runner in enumerate(runners)}
    while waiting:
        ready = wait(list(waiting), timeout=max(0.0, deadline - time.monotonic()))
        if not ready:
            msg = f"processes {sorted(waiting.values())} of {len(runners)} were not done in time"
            raise ProcessError(msg)
        for receiver in ready:
            assert isinstance(receiver, Connection)
            index = waiting.pop(receiver)
            results[index] = _receive(runners[index], index)
    return [results[index] for index in range(len(runners))]


def _receive(runner: _Running[T], index: int) -> T:
    try:
        answer = runner.receiver.recv()
    except EOFError:
        runner.process.join(_PATIENCE)
        msg = f"process {index} died with exit code {runner.process.exitcode}"
        raise ProcessError(msg) from None
    if isinstance(answer, _Failure):
        msg = f"process {index} failed:\n{answer.trace}"
        raise ProcessError(msg)
    result: T = answer
    return result


def _reap(runners: Sequence[_Running[T]]) -> None:
    finished = sys.exc_info()[0] is None
    for runner in runners:
        if finished:
            runner.process.join(_PATIENCE)
        if runner.process.is_alive():
            runner.process.kill()
        runner.process.join()
        runner.process.close()
        runner.receiver.close()
