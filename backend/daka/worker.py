"""The scheduler: one APScheduler per process over the durable tables. Any number of them may run; none is the leader."""

import asyncio
import logging
import os
import secrets
import socket
import time
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.date import DateTrigger
from apscheduler.triggers.interval import IntervalTrigger
from sqlmodel import func, select

import daka.roster.cells  # noqa: F401 - it listens for people who change teams
from daka import clock
from daka.audit.service import forget_old_entries
from daka.backup.service import BackupJob
from daka.change_events import KEEP as KEEP_CHANGE_EVENTS
from daka.change_events import ChangeEvent, ChangeNotifier, listen_to_other_processes
from daka.database import Database
from daka.delivery import outbox
from daka.delivery.backup_alerts import tell_about_backups
from daka.delivery.delivery_log import forget_old_deliveries
from daka.delivery.lanes import forget_waits_of_another_clock
from daka.delivery.loop import SendLoop
from daka.delivery.models import Delivery, Lane
from daka.delivery.punch_http import GuardedHttp
from daka.delivery.receipts import ReceiptPoller, next_receipt_at
from daka.delivery.roster_notices import queue_notices
from daka.delivery.sender import Sender
from daka.delivery.service import sync_environment_channels
from daka.identity.moves import apply_due_moves
from daka.identity.sessions import forget_old_sign_ins
from daka.outbound.http import HttpRequest, NoAnswer, Outbound
from daka.reminders import actions, planner
from daka.reminders.models import Worker
from daka.reminders.punches.asking import PunchAsker
from daka.reminders.punches.errands import AHEAD
from daka.reminders.punches.service import forget_old_checks
from daka.settings import Settings

log = logging.getLogger(__name__)

SAFETY_TICK = timedelta(seconds=15)
STALE_AFTER = timedelta(seconds=60)
"""A worker that has not ticked for this long is not alive."""
PLAN_EVERY = timedelta(minutes=10)
TIDY_EVERY = timedelta(hours=1)
TELL_EVERY = timedelta(minutes=1)
"""So often it is seen whether people are to be told of their roster."""
BACKUP_LOOKS_EVERY = timedelta(minutes=5)
STOP_WITHIN_SECONDS = 5.0
"""Shorter than the ten seconds that Docker waits; an attempt that takes longer is made again under the same key."""
DEAD_MAN_EVERY = timedelta(minutes=1)
CLOCK_JUMP_SECONDS = 5.0
WAKE_UPS_APART_SECONDS = 0.1
"""In a burst every commit notifies; one look at the tables does for many."""
LOOK_AGAIN = timedelta(milliseconds=200)
"""So often it is seen whether an answer that reminders wait for is there."""
OTHERS_MOVE_ON = timedelta(seconds=1)
OVERDUE_AFTER = timedelta(seconds=60)
"""What should have been looked at or sent this long ago means that reminding does not work."""


class ReminderWorker:
    """Plans, looks at what is due at the very moment, and sends."""

    def __init__(
        self, database: Database, settings: Settings, sender: Sender, outbound: Outbound, notifier: ChangeNotifier
    ) -> None:
        self.id = f"{socket.gethostname()[:40]}:{os.getpid()}:{secrets.token_hex(3)}"
        self._database = database
        self._settings = settings
        self._outbound = outbound
        self._notifier = notifier
        self._scheduler = AsyncIOScheduler(
            timezone="UTC", job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None}
        )
        self._tasks: list[asyncio.Task[None]] = []
        self._due = asyncio.Event()
        self._waiting = asyncio.Event()
        self._ahead = asyncio.Event()
        self._receipts = asyncio.Event()
        self._looker = ReceiptPoller(database, sender)
        self._owed = asyncio.Event()
        self._asker = PunchAsker(database, settings, GuardedHttp(outbound))
        self._loop = SendLoop(database, sender, self.id, settings.send_concurrency, self._waiting)
        self._last_wall, self._last_running = clock.now().timestamp(), time.monotonic()
        self._backups = BackupJob(database, settings)
        self._last_ping = -DEAD_MAN_EVERY.total_seconds()

    async def start(self) -> None:
        """Catch up with what passed while no worker was there, then keep to the clock."""
        async with self._database.write() as session:
            last_seen = (await session.exec(select(func.max(Worker.last_tick_at)))).one()
            now = clock.now()
            session.add(Worker(id=self.id, started_at=now, last_tick_at=now))
            await session.exec(sa.delete(Worker).where(Worker.last_tick_at < now - timedelta(days=1)))
            await sync_environment_channels(session, self._settings)
        await self._plan_everybody(missed_since=last_seen)
        # What runs on its own clock; the two events below are set by it, by the change notifier, and by each other.
        self._keep_time()
        self._scheduler.start()
        self._tasks = [
            asyncio.create_task(listen_to_other_processes(self._database, self._notifier)),
            asyncio.create_task(self._listen()),
            asyncio.create_task(self._forever(self._due, self._queue_due)),
            asyncio.create_task(self._forever(self._waiting, self._send)),
            asyncio.create_task(self._forever(self._ahead, self._look_ahead)),
            asyncio.create_task(self._forever(self._receipts, self._look_at_receipts)),
            asyncio.create_task(self._forever(self._owed, self._run_pending_replans)),
        ]
        self._receipts.set()
        self._owed.set()
        self._ahead.set()
        self._due.set()
        self._waiting.set()

    async def stop(self) -> None:
        """Let attempts that run come to their end, record them and give their lanes back; then stop."""
        if self._scheduler.running:
            self._scheduler.shutdown(wait=False)
        await self._backups.stop()
        await self._loop.finish(STOP_WITHIN_SECONDS)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._asker.stop()

    def _keep_time(self) -> None:
        """Let the regular jobs run from now on. The scheduler goes by the wall clock: one set back would stop them so long."""
        jobs = (
            (self._tick, SAFETY_TICK),
            (self._tell_roster, TELL_EVERY),
            (self._plan, PLAN_EVERY),
            (self._tidy, TIDY_EVERY),
            (self._back_up, BACKUP_LOOKS_EVERY),
        )
        for job, every in jobs:
            trigger = IntervalTrigger(seconds=int(every.total_seconds()))
            self._scheduler.add_job(job, trigger, id=job.__name__, replace_existing=True)

    async def _listen(self) -> None:
        listener = self._notifier.listener()
        while True:
            await listener.wait(SAFETY_TICK.total_seconds())
            self._due.set()
            self._waiting.set()
            self._owed.set()
            await asyncio.sleep(WAKE_UPS_APART_SECONDS)
            if clock.now().timestamp() - self._last_wall < -CLOCK_JUMP_SECONDS:
                self._keep_time()
                self._scheduler.modify_job(self._tick.__name__, next_run_time=clock.now())

    async def _forever(self, asked: asyncio.Event, work: Callable[[], Awaitable[None]]) -> None:
        """Do the work whenever it is asked for. A failure is logged and tried again; it never ends reminding."""
        while True:
            await asked.wait()
            asked.clear()
            try:
                await work()
            except Exception:
                log.exception("Reminding stumbled; trying again")
                await asyncio.sleep(1)
                asked.set()

    def _wake_at(self, event: asyncio.Event, name: str, moment: datetime | None) -> None:
        if moment is not None:
            self._scheduler.add_job(_set, DateTrigger(moment), args=[event], id=name, replace_existing=True)

    # --- the jobs ----------------------------------------------------------------------------------------------------

    async def _queue_due(self) -> None:
        """Queue what is due, and wake again at the very moment at which something is due next."""
        async with self._database.read() as session:
            if await actions.is_paused(session):
                return
            next_due = await actions.next_due_at(session)
        awaited = await self._asker.awaited() if next_due is not None and next_due <= clock.now() else frozenset()
        while next_due is not None and next_due <= clock.now():
            queued = await self._queue_batch(awaited)
            self._waiting.set()
            if queued is not None and not queued.looked_at:  # they wait for an answer; or another process moves them on
                self._wake_at(self._due, "due", clock.now() + (LOOK_AGAIN if awaited else OTHERS_MOVE_ON))
                return
            async with self._database.read() as session:
                next_due = await actions.next_due_at(session)
        self._wake_at(self._due, "due", next_due)
        if next_due is not None and next_due - clock.now() > AHEAD:
            self._wake_at(self._ahead, "ahead", next_due - AHEAD)

    async def _queue_batch(self, awaited: frozenset[int]) -> outbox.Queued | None:
        """Queue many at once. None: one of them was at fault, and each was queued by itself."""
        try:
            async with self._database.write() as session:
                queued = await outbox.queue_due(session, without=awaited)
                if queued.looked_at:
                    lateness = int(queued.lateness.total_seconds() * 1000)
                    await session.exec(sa.update(Worker).where(Worker.id == self.id).values(last_lateness_ms=lateness))
        except (OSError, sa.exc.SQLAlchemyError):
            raise
        except Exception:
            log.exception("What is due could not be queued together; trying one by one")
            await outbox.queue_due_one_by_one(self._database, without=awaited)
            return None
        return queued

    async def _look_ahead(self) -> None:
        """Ask punch sources about whoever is reminded next, so that who has punched is left alone."""
        async with self._database.read() as session:
            if await actions.is_paused(session):
                return
        self._wake_at(self._ahead, "ahead again", await self._asker.look_ahead())

    async def _run_pending_replans(self) -> None:
        """Plan the people whom a change of very many left to be planned."""
        if await planner.run_pending_replans(self._database):
            self._due.set()
            self._ahead.set()

    async def _send(self) -> None:
        """Send what waits, and wake again when the next attempt is due or a lane is free again."""
        async with self._database.read() as session:
            if await actions.is_paused(session):
                return
            upcoming = await next_attempt_at(session)
        if upcoming is not None and upcoming <= clock.now():
            await self._loop.drain()
            async with self._database.read() as session:
                upcoming = await next_attempt_at(session)
        if upcoming is not None:
            self._wake_at(self._waiting, "waiting", max(upcoming, clock.now() + timedelta(milliseconds=200)))

    async def _look_at_receipts(self) -> None:
        """Ask providers what became of what they had accepted, and send another way what did not arrive."""
        async with self._database.read() as session:
            if await actions.is_paused(session):
                return
        if await self._looker.look():
            self._waiting.set()
        async with self._database.read() as session:
            self._wake_at(self._receipts, "receipts", await next_receipt_at(session))

    async def _tick(self) -> None:
        """Heartbeat, and a look in case a wake-up was lost (suspended machine, a clock that jumped)."""
        try:
            async with self._database.write() as session:
                await session.exec(sa.update(Worker).where(Worker.id == self.id).values(last_tick_at=clock.now()))
        except (OSError, sa.exc.SQLAlchemyError):
            log.exception("The heartbeat could not be written")
            return
        self._due.set()
        self._waiting.set()
        self._ahead.set()
        self._receipts.set()
        if self._has_clock_jumped():
            log.warning("The clock jumped; planning anew")
            async with self._database.write() as session:
                await forget_waits_of_another_clock(session)
            await self._plan()
        await self._tell_dead_man()

    def _has_clock_jumped(self) -> bool:
        """Whether wall clock and running time disagree since the last look: a suspended machine, or a corrected clock."""
        wall, running = clock.now().timestamp(), time.monotonic()
        jump = abs((wall - self._last_wall) - (running - self._last_running))
        self._last_wall, self._last_running = wall, running
        return jump > CLOCK_JUMP_SECONDS

    async def _tell_dead_man(self) -> None:
        """Tell the watcher at DEAD_MAN_URL that reminding works; it raises the alarm when it hears nothing."""
        now = time.monotonic()
        if not self._settings.dead_man_url or now - self._last_ping < DEAD_MAN_EVERY.total_seconds():
            return
        async with self._database.read() as session:
            if await what_is_overdue(session, clock.now()):
                return
        self._last_ping = now
        try:
            await self._outbound.send(
                HttpRequest(url=self._settings.dead_man_url, body=b"", method="GET", is_trusted=True)
            )
        except NoAnswer as failure:
            log.warning("The dead man's switch did not answer", extra={"fields": {"reason": failure.code}})

    async def _plan(self) -> None:
        """Let the horizon move on."""
        try:
            async with self._database.write() as session:
                await apply_due_moves(session)
            await self._plan_everybody()
        except (OSError, sa.exc.SQLAlchemyError):
            log.exception("Planning failed; the next round tries again")

    async def _plan_everybody(self, missed_since: datetime | None = None) -> None:
        """What is stored of one person may be beyond understanding; all others are planned nevertheless."""
        try:
            await planner.plan_everybody(self._database, missed_since=missed_since)
        except (OSError, sa.exc.SQLAlchemyError):
            raise
        except Exception:
            log.exception("Planning everybody together failed; trying one by one")
            await planner.plan_one_by_one(self._database, missed_since=missed_since)

    async def _tell_roster(self) -> None:
        """Tell people of their roster: what changed, and tomorrow's shift."""
        try:
            async with self._database.write() as session:
                queued = await queue_notices(session)
        except (OSError, sa.exc.SQLAlchemyError):
            log.exception("Roster notices could not be queued; the next round tries again")
            return
        if queued:
            self._waiting.set()

    async def _back_up(self) -> None:
        """Make the backup that is due, unless another worker does; tell administrators if there is none."""
        try:
            await self._backups.run()
            async with self._database.write() as session:
                queued = await tell_about_backups(session)
        except (OSError, sa.exc.SQLAlchemyError):
            log.exception("The backup could not be made; the next round tries again")
            return
        if queued:
            self._waiting.set()

    async def _tidy(self) -> None:
        """Remove what is older than it is kept for."""
        try:
            async with self._database.write() as session:
                keep = timedelta(days=self._settings.log_retention_days)
                await forget_old_deliveries(session, keep)
                await forget_old_sign_ins(session, clock.now() - keep)
                await forget_old_entries(session, timedelta(days=self._settings.audit_retention_days))
                await forget_old_checks(session, clock.now() - keep)
                await session.exec(sa.delete(ChangeEvent).where(ChangeEvent.at < clock.now() - KEEP_CHANGE_EVENTS))
        except (OSError, sa.exc.SQLAlchemyError):
            log.exception("Tidying failed; the next round tries again")


def _set(event: asyncio.Event) -> None:
    event.set()


async def next_attempt_at(session: Any) -> datetime | None:
    """When the next waiting delivery may be tried, the hold and the lease of its lane considered."""
    asked = (
        select(func.min(Delivery.next_attempt_at), Lane.throttled_until, Lane.leased_until)
        .join(Lane, Lane.key == Delivery.lane)
        .where(Delivery.next_attempt_at.is_not(None))
        .group_by(Lane.key)
    )
    moments = [max(moment for moment in row if moment is not None) for row in await session.exec(asked)]
    return min(moments, default=None)


async def is_alive(session: Any, now: datetime) -> tuple[bool, datetime | None]:
    """Whether any worker ticked lately, and when the last tick was."""
    last: datetime | None = (await session.exec(select(func.max(Worker.last_tick_at)))).one()
    return last is not None and now - last <= STALE_AFTER, last


async def what_is_overdue(session: Any, now: datetime) -> str:
    """`reminders` or `deliveries` if some should have moved on a while ago and nobody took them; empty if all is well."""
    if await actions.is_paused(session):
        return ""
    next_due = await actions.next_due_at(session)
    if next_due is not None and now - next_due > OVERDUE_AFTER:
        return "reminders"
    upcoming = await next_attempt_at(session)
    if upcoming is not None and now - upcoming > OVERDUE_AFTER:
        return "deliveries"
    return ""
