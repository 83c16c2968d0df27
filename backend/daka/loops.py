"""Loops: work that runs in a task of its own whenever it is woken. A failure is logged and retried; it never ends reminding."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import datetime, timedelta

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.date import DateTrigger

from daka import clock
from daka.database import when_free

log = logging.getLogger(__name__)

RETRY_SECONDS = 1.0
CLOCK_JUMP_SECONDS = 5.0


class Loop:
    """Runs `work` on `wake()`, at the moments given to `wake_at()`, and, where there is an interval, whenever it has passed.

    Moments go by the wall clock. The interval goes by the monotonic clock, which nobody sets: an APScheduler interval trigger
    lists every run that it missed, so that a clock which jumps from 1970 to today would stop it for ever.
    """

    def __init__(
        self,
        name: str,
        work: Callable[[], Awaitable[None]],
        scheduler: AsyncIOScheduler,
        *,
        every: timedelta | None = None,
        may_run: Callable[[], bool] = lambda: True,
    ) -> None:
        """While `may_run` says no, the loop does nothing; to let it run again is to wake it, too."""
        self.name = name
        self.woken = asyncio.Event()
        self._work = work
        self._may_run = may_run
        self._scheduler = scheduler
        self._every_seconds = every.total_seconds() if every else None
        self._next_moment: datetime | None = None

    def wake(self) -> None:
        """Run as soon as possible; during a run, once more after it."""
        self.woken.set()

    def wake_at(self, moment: datetime | None) -> None:
        """Run at this moment, unless an earlier one is set already. None sets nothing."""
        if moment is not None and (self._next_moment is None or moment < self._next_moment):
            self._next_moment = moment
            self._scheduler.add_job(
                self._wake_now, DateTrigger(moment), id=self.name, name=self.name, replace_existing=True
            )

    async def _wake_now(self) -> None:  # APScheduler would run a plain function in a thread
        self._next_moment = None
        self.wake()

    async def run(self) -> None:
        """Runs until it is cancelled. A loop with an interval waits longer from failure to failure, at most its interval."""
        retry_seconds = RETRY_SECONDS
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(self._every_seconds):
                    await self.woken.wait()
            self.woken.clear()
            if not self._may_run():
                continue
            try:
                await when_free(self._work)
                retry_seconds = RETRY_SECONDS
            except Exception:
                log.exception("Reminder loop failed; retrying", extra={"fields": {"loop": self.name}})
                await asyncio.sleep(retry_seconds)
                retry_seconds = min(2 * retry_seconds, self._every_seconds or RETRY_SECONDS)
                self.wake()


class ClockWatch:
    """Compares the wall clock with the monotonic clock."""

    def __init__(self) -> None:
        self._wall, self._monotonic = clock.now().timestamp(), time.monotonic()
        self.jump_seconds = 0.0
        """How far the wall clock was set forward, as of the last call."""

    def has_jumped(self, by_seconds: float = CLOCK_JUMP_SECONDS) -> bool:
        """Whether the two disagree since the last call: a suspended machine, or a wall clock that was set."""
        wall, monotonic = clock.now().timestamp(), time.monotonic()
        self.jump_seconds = (wall - self._wall) - (monotonic - self._monotonic)
        self._wall, self._monotonic = wall, monotonic
        return abs(self.jump_seconds) > by_seconds
