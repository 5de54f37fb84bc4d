"""Four seconds: how long a request waits for its answer, and what it does when they are over.

WeChat hangs up after five seconds. The dispatcher runs in a thread that cannot be stopped, so it is
not waited for but watched: when its time is over the message is put off (see `bot.deferral`), and
what the thread still commits is the answer that is then brought. A request that has nothing to say
yet is held until WeChat has hung up: an earlier answer of any kind would be the last one.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any, Final, TypeVar

import structlog
from anyio import CapacityLimiter, to_thread
from sqlalchemy.exc import SQLAlchemyError
from starlette.concurrency import run_in_threadpool

from bot.deferral import Deferral
from models.clock import Clock
from models.messages import InboundMessage, RenderedReply

log = structlog.get_logger()

T = TypeVar("T")
Dispatch = Callable[[InboundMessage], RenderedReply]

_REPEATED_AFTER: Final = timedelta(seconds=4)
"""A message of this age may have been delivered before."""

_THREADS: Final = 8
_TRIES: Final = 60
"""How often a message is tried to be put off of which WeChat does not ask again."""


class HeldError(Exception):
    """There is no answer for this request; WeChat is to ask again."""


@dataclass(frozen=True, slots=True)
class Patience:
    """In seconds since the request came: when an answer is late, when nobody listens any more.

    An answer after `give_up` may not reach WeChat before it hangs up; after `hang_up` it has.
    """

    answer: float = 4.0
    give_up: float = 4.8
    hang_up: float = 5.5
    poll: float = 0.2
    noticeable: float = 1.0
    again: float = 2.0


class PatientDispatch:
    """Answers in time, one way or the other; raises HeldError where WeChat is to ask again."""

    def __init__(
        self, dispatch: Dispatch, *, deferral: Deferral, clock: Clock, patience: Patience
    ) -> None:
        self._dispatch = dispatch
        self._deferral = deferral
        self._clock = clock
        self._patience = patience
        self._tasks: set[asyncio.Future[Any]] = set()
        self._limiter: CapacityLimiter | None = None

    async def __call__(self, message: InboundMessage) -> RenderedReply:
        """Return what WeChat is told."""
        wait = _Wait(self._patience)
        work = self._watch(asyncio.ensure_future(run_in_threadpool(self._dispatch, message)))
        is_repeated = self._clock() - message.created_at >= _REPEATED_AFTER
        if is_repeated:
            fetched = await self._fetch_meanwhile(message, work, wait)
            if fetched is not None:
                return fetched
        else:
            await asyncio.wait({work}, timeout=self._patience.answer)
        if work.done() and not isinstance(work.exception(), SQLAlchemyError):
            return await self._checked(message, work.result(), wait)
        return await self._put_off(message, work, wait)

    async def _checked(
        self, message: InboundMessage, reply: RenderedReply, wait: "_Wait"
    ) -> RenderedReply:
        """Return the answer, unless it was put off meanwhile and has gone another way."""
        if not reply.was_put_off and not wait.is_noticeable:
            return reply
        fetched = await self._in_thread(partial(self._deferral.fetch, message))
        return reply if fetched is None else fetched

    async def _put_off(
        self, message: InboundMessage, work: "asyncio.Future[RenderedReply]", wait: "_Wait"
    ) -> RenderedReply:
        defer = self._watch(
            asyncio.ensure_future(self._in_thread(partial(self._deferral.defer, message)))
        )
        await asyncio.wait({defer}, timeout=wait.until(self._patience.give_up))
        if not defer.done() or defer.exception() is not None:
            return await self._without_a_trace(message, wait)
        said = defer.result()
        while said is None and wait.until(self._patience.give_up):
            await self._nap(work, wait.until(self._patience.give_up))
            said = await self._look(message)
        return await self._hold(wait) if said is None else said

    async def _fetch_meanwhile(
        self, message: InboundMessage, work: "asyncio.Future[RenderedReply]", wait: "_Wait"
    ) -> RenderedReply | None:
        """Return the answer where another one had it first; None when the time is over."""
        fetched = None
        while fetched is None and wait.until(self._patience.answer):
            await self._nap(work, wait.until(self._patience.answer))
            if work.done():
                return None
            fetched = await self._look(message)
        return fetched

    async def _nap(self, work: "asyncio.Future[RenderedReply]", most: float) -> None:
        """Wait a little, less where the work is done meanwhile."""
        seconds = min(self._patience.poll, most)
        if work.done():
            await asyncio.sleep(seconds)
        else:
            await asyncio.wait({work}, timeout=seconds)

    async def _look(self, message: InboundMessage) -> RenderedReply | None:
        try:
            return await self._in_thread(partial(self._deferral.fetch, message))
        except SQLAlchemyError:
            return None

    async def _without_a_trace(self, message: InboundMessage, wait: "_Wait") -> RenderedReply:
        """Answer danger although the database is away; else let WeChat ask.

        Where it will not ask again, the message is put off as soon as the database is back.
        """
        log.warning("answer_not_put_off", kind=message.kind.value)
        words = await self._in_thread(partial(self._deferral.say_without_a_trace, message))
        if words is not None or self._deferral.is_last_request(message):
            self._watch(asyncio.ensure_future(self._keep_trying(message)))
        if words is not None:
            return words
        if not wait.is_noticeable:
            raise HeldError  # it failed at once: so may WeChat know
        return await self._hold(wait)

    async def _keep_trying(self, message: InboundMessage) -> None:
        for _ in range(_TRIES):
            await asyncio.sleep(self._patience.again)
            try:
                await self._in_thread(partial(self._deferral.leave_behind, message))
            except SQLAlchemyError:
                continue
            return
        log.error("message_lost", kind=message.kind.value)

    async def _hold(self, wait: "_Wait") -> RenderedReply:
        await asyncio.sleep(wait.until(self._patience.hang_up))
        raise HeldError

    async def _in_thread(self, act: Callable[[], T]) -> T:
        # Threads of their own: what is slow must not keep others from being put off.
        if self._limiter is None:
            self._limiter = CapacityLimiter(_THREADS)
        return await to_thread.run_sync(act, limiter=self._limiter)

    def _watch(self, task: "asyncio.Future[T]") -> "asyncio.Future[T]":
        self._tasks.add(task)  # the loop itself would let go of it
        task.add_done_callback(self._let_go)
        return task

    def _let_go(self, task: "asyncio.Future[T]") -> None:
        self._tasks.discard(task)
        if not task.cancelled():
            task.exception()  # told by who waits; if nobody does, WeChat asks or a worker finishes


class _Wait:
    """How long a request has waited."""

    def __init__(self, patience: Patience) -> None:
        self._noticeable = patience.noticeable
        self._loop = asyncio.get_running_loop()
        self._since = self._loop.time()

    @property
    def is_noticeable(self) -> bool:
        """Tell whether it took so long that another delivery may have come meanwhile."""
        return self._loop.time() - self._since >= self._noticeable

    def until(self, moment: float) -> float:
        """Return how many seconds are left until a moment of this request."""
        return max(0.0, self._since + moment - self._loop.time())
