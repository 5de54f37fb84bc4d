"""Three processes that stay for all races of a run: to start them is the longest part of a race."""

import multiprocessing
from collections.abc import Callable
from concurrent.futures import Future, ProcessPoolExecutor
from multiprocessing.synchronize import Barrier
from threading import BrokenBarrierError
from types import TracebackType
from typing import Self, TypeVar

from tests.races.service import load_engine
from tests.support.processes import Racer

T = TypeVar("T")

SIZE = 3


class Crew:
    """Processes that run the same work at the same moment, for the time of a `with` block."""

    def __init__(self) -> None:
        context = multiprocessing.get_context("spawn")
        self._barrier = context.Barrier(SIZE)
        self._pool = ProcessPoolExecutor(
            SIZE, mp_context=context, initializer=_prepare, initargs=(self._barrier,)
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._barrier.abort()
        self._pool.shutdown(cancel_futures=True)

    def race(self, work: Callable[[Racer], T], url: str, *, timeout: float = 30) -> list[T]:
        """Return what `work`, which must be importable, returned in each process."""
        self._barrier.reset()
        futures = [self._pool.submit(_run, work, url, index, timeout) for index in range(SIZE)]
        errors = [error for future in futures if (error := future.exception(timeout * 2))]
        if errors:
            raise next((e for e in errors if not isinstance(e, BrokenBarrierError)), errors[0])
        return [_result(future) for future in futures]


_barriers: list[Barrier] = []
"""In the processes of a crew: their start line, which can only be handed over at their birth."""


def _prepare(barrier: Barrier) -> None:
    _barriers.append(barrier)
    load_engine()


def _run(work: Callable[[Racer], T], url: str, index: int, timeout: float) -> T:
    barrier = _barriers[0]
    try:
        barrier.wait(timeout)  # who waits here takes no second task: each process has its own
        return work(Racer(url, index, barrier, timeout))
    except BaseException:
        barrier.abort()
        raise


def _result(future: "Future[T]") -> T:
    return future.result()
