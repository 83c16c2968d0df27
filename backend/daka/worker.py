"""The worker: its loops plan, queue and send from the durable tables. Any number of workers may run; none is the leader."""

import asyncio
import logging
import os
import secrets
import socket
import time
from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial
from itertools import chain
from pathlib import Path

import sqlalchemy as sa
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from sqlmodel import func, select

from daka import clock
from daka.audit.service import delete_old_entries
from daka.backup.service import BackupJob
from daka.change_events import KEEP as KEEP_CHANGE_EVENTS
from daka.change_events import ChangeEvent, ChangeNotifier, listen_to_other_processes
from daka.chat.answering import forget_old_messages
from daka.chat.connection import VendorEvent
from daka.chat.supervisor import LOOK_EVERY, ChatConnections
from daka.database import Database
from daka.delivery import failover, outbox
from daka.delivery.cards import CardUpdater, next_card_at
from daka.delivery.channels.kind import ChatApp
from daka.delivery.delivery_log import forget_old_deliveries
from daka.delivery.lanes import (
    LEASE,
    LONGEST_THROTTLING,
    LONGEST_WAIT,
    Claimant,
    next_attempt_at,
    reset_leases_after_clock_jump,
    reset_waits_after_clock_jump,
)
from daka.delivery.receipts import ReceiptPoller, next_receipt_at
from daka.delivery.send_loop import SendLoop
from daka.delivery.sender import Sender
from daka.delivery.service import sync_environment_channels
from daka.identity.moves import apply_due_moves, next_move_at
from daka.identity.sessions import delete_old_sign_ins
from daka.loops import ClockWatch, Loop
from daka.notices.backup_alerts import alert_about_backups
from daka.notices.month_notices import queue_month_reports
from daka.notices.roster_notices import queue_notices
from daka.outbound.http import Outbound
from daka.outbound.requests import HttpRequest, NoAnswer
from daka.reminders import claims, planner, replans
from daka.reminders.punches.check_batches import AHEAD
from daka.reminders.punches.checker import PunchChecker
from daka.reminders.punches.events import (
    DINGTALK,
    EVENT,
    FEISHU,
    MOST_PEOPLE,
    PunchEvent,
    end_settled,
    people_with_userid,
    put_off,
    read_punch_events,
)
from daka.reminders.punches.feishu_events import FLOW_EVENT, TASK_EVENT, read_flow, read_settled
from daka.reminders.punches.serving import forget_old_checks, forget_waits_ahead
from daka.scheduler.models import Worker
from daka.scheduler.service import is_on_hold
from daka.settings import Settings
from daka.syncing.pulls import RosterPuller, put_forward_pulls
from daka.syncing.pushes import RosterPusher
from daka.today.overdue import what_is_overdue

log = logging.getLogger(__name__)

HEARTBEAT_EVERY = timedelta(seconds=15)
CLOCK_CHECK_EVERY = timedelta(seconds=2)
NOTICES_EVERY = timedelta(minutes=1)
PLAN_EVERY = timedelta(minutes=10)
PULLS_EVERY = timedelta(minutes=5)
PUSHES_EVERY = timedelta(seconds=10)
HAND_OVERS_EVERY = timedelta(seconds=5)
TIDY_EVERY = timedelta(hours=1)
LATENESS_STEP_MS = 100
"""A smaller change of the lateness is not written."""
FIRST_SLICE = 16
"""People; each slice after it is twice as large, as far as there is room to send."""
LOOK_AHEAD = timedelta(milliseconds=500)
"""How long before the moment the first slice is chosen, so that no read stands between the moment and its messages."""
LATEST_MS = 2**31 - 1
"""As much as the column holds: 25 days."""
TIDY_LATER = timedelta(days=1)
"""After the clock was set, or a rest."""
BACKUP_CHECK_EVERY = timedelta(minutes=5)
DEAD_MAN_EVERY = timedelta(minutes=1)
STOP_WITHIN_SECONDS = 5.0
"""Shorter than the ten seconds that Docker waits; an attempt that takes longer is made again under the same key."""
DELIVERIES_AT_ONCE = 2000
"""Old deliveries that one transaction deletes."""
WAKE_UPS_APART_SECONDS = 0.25
"""In a burst every commit notifies; reading the tables once serves many."""
LOADED_BEFORE = timedelta(minutes=1)
"""Something is due: longer than the heartbeat, which looks for that, and than loading the HTTP client takes."""
POLL_CHECKS_EVERY = timedelta(milliseconds=200)
"""Poll interval while due reminders wait for a punch check."""
OTHERS_MOVE_ON = timedelta(seconds=1)
"""When to look again for due reminders that another process has locked."""


class ReminderWorker:
    """Plans, queues what is due at that very moment, and sends."""

    def __init__(
        self,
        database: Database,
        settings: Settings,
        sender: Sender,
        outbound: Outbound,
        notifier: ChangeNotifier,
        *,
        tick_file: Path | None = None,
    ) -> None:
        """`tick_file` is touched after each heartbeat, so that a container without a port has a health check."""
        self.id = f"{socket.gethostname()[:40]}:{os.getpid()}:{secrets.token_hex(3)}"
        self._database = database
        self._settings = settings
        self._sender = sender
        self._outbound = outbound
        self._notifier = notifier
        self._tick_file = tick_file
        self._scheduler = AsyncIOScheduler(
            timezone="UTC", job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None}
        )
        self.believes_clock = False
        """Whether reminders are planned by a clock that can be right. Until then nothing runs but the loops that watch."""
        self._worked_until: datetime | None = None
        """When reminding last worked, here or, at the start, anywhere."""
        self._punch_checker = PunchChecker(database, settings, outbound)
        watching = partial(Loop, scheduler=self._scheduler)
        loop = partial(watching, may_run=lambda: self.believes_clock and clock.is_plausible())
        # Woken by changes, by each other, and at moments of the wall clock.
        self._due = loop("due", self._queue_due)
        self._sending = loop("sending", self._send)
        self._checks = loop("punch checks", self._check_punches)
        self._receipts = loop("receipts", self._poll_receipts)
        self._replans = loop("replans", self._run_pending_replans)
        self._moves = loop("moves", self._make_moves)
        self._cards = loop("cards", self._change_cards)
        self._chat_answers = loop("chat answers", self._act_on_chats)
        self._chat_replies = loop("chat replies", self._reply_in_chats)
        self._chat_connections = loop("chat connections", self._look_at_chats, every=LOOK_EVERY)
        # Woken by the monotonic clock.
        self._heartbeat = watching("heartbeat", self._beat, every=HEARTBEAT_EVERY)
        self._planning = loop("planning", self._plan, every=PLAN_EVERY)
        self._clock_jump = watching("clock jump", self._recover_from_jump)
        self._leases = watching("leases", self._drop_leases)
        self._woken = (
            self._due,
            self._sending,
            self._checks,
            self._receipts,
            self._replans,
            self._moves,
            self._cards,
            self._chat_answers,
            self._chat_connections,  # a tap after a start is not to wait for the interval
        )
        self._loops = (
            *self._woken,
            self._chat_replies,
            self._heartbeat,
            self._planning,
            self._clock_jump,
            self._leases,
            watching("clock", self._check_clock, every=CLOCK_CHECK_EVERY),
            loop("roster notices", self._queue_notices, every=NOTICES_EVERY),
            loop("roster sources", RosterPuller(database, self._punch_checker).pull_due, every=PULLS_EVERY),
            loop("roster publications", RosterPusher(database, self._punch_checker).check_due, every=PUSHES_EVERY),
            loop("hand-overs", self._hand_over, every=HAND_OVERS_EVERY),
            loop("tidying", self._tidy, every=TIDY_EVERY),
            loop("backup", self._back_up, every=BACKUP_CHECK_EVERY),
            loop("dead man's switch", self._ping_dead_man, every=DEAD_MAN_EVERY),
        )
        self._tasks: list[asyncio.Task[None]] = []
        self._first_slice: tuple[datetime, list[int]] | None = None
        """The next moment, and the reminders that are queued first then, as it looked shortly before."""
        self._lateness_ms = 0
        """As it was written last."""
        self._clock_watch = ClockWatch()
        self._has_caught_up = False
        self._tidies_from = 0.0
        """On the monotonic clock. What seems old to a clock that was just set may not be."""
        self._set_back_by = timedelta(0)
        """How far the wall clock was set back since waits were last corrected."""
        self._receipt_poller = ReceiptPoller(database, sender)
        self._send_loop = SendLoop(database, sender, self.id, settings.send_concurrency, self._sending.woken)
        self._backups = BackupJob(database, settings)
        self._card_updater = CardUpdater(database, sender)
        self._chats = ChatConnections(
            database,
            settings,
            sender,
            outbound,
            self.id,
            self._chat_answers.wake,
            self._chat_replies.wake,
            listener=self._heard,
            is_listening=self._takes_events,
        )

    async def _takes_events(self, dialect: str) -> bool:
        """Whether the month's events suffice for everybody's punches. Only DingTalk counts them."""
        if dialect != "dingtalk":
            return True
        return 0 < await people_with_userid(self._database) <= MOST_PEOPLE

    async def _heard(self, app: ChatApp, event: VendorEvent) -> None:
        match app.dialect, event.kind:
            case "dingtalk", kind if kind == EVENT:
                await put_off(self._database, DINGTALK, app.name, read_punch_events(event.data))
            case "feishu", kind if kind == TASK_EVENT:
                await end_settled(self._database, app.name, read_settled(event.data))
            case "feishu", kind if kind == FLOW_EVENT and (flow := read_flow(event.data)) is not None:
                punch = PunchEvent(*flow, is_by_user=True)
                await put_off(self._database, FEISHU, app.name, [punch])

    async def start(self) -> None:
        """Catch up on what was missed while no worker ran, then follow the clock."""
        async with self._database.write() as session:
            self._worked_until = (await session.exec(select(func.max(Worker.last_tick_at)))).one()
            await sync_environment_channels(session, self._settings)
        if clock.is_plausible():
            await self._catch_up()
        else:
            self._doubt_clock()
        self._touch_tick_file()
        self._scheduler.start()
        self._tasks = [
            asyncio.create_task(listen_to_other_processes(self._database, self._notifier)),
            asyncio.create_task(self._wake_on_changes()),
            *(asyncio.create_task(loop.run()) for loop in self._loops),
        ]
        for loop in self._woken:
            loop.wake()

    async def _catch_up(self) -> None:
        """Plan everybody, and count what was missed since reminding last worked by a clock that could be right."""
        async with self._database.write() as session:
            # Nobody saw the clock being set before the start: a provider may ask for a wait of a day.
            longest = LONGEST_WAIT if self._has_caught_up else LONGEST_THROTTLING
            await reset_waits_after_clock_jump(session, set_back_by=self._set_back_by, longest=longest)
            await forget_waits_ahead(session)
            await put_forward_pulls(session)
            await apply_due_moves(session)
        self._set_back_by, self._has_caught_up = timedelta(0), True
        await planner.plan_everybody(self._database, missed_since=self._worked_until)
        now = clock.now()
        if self._worked_until is not None and abs(now - self._worked_until) > TIDY_EVERY:
            self._tidies_from = time.monotonic() + TIDY_LATER.total_seconds()
        self._worked_until = now
        async with self._database.write() as session:
            await session.merge(Worker(id=self.id, started_at=now, last_tick_at=now))
            await session.exec(sa.delete(Worker).where(Worker.last_tick_at < now - timedelta(days=1)))
            await session.exec(sa.delete(Worker).where(Worker.last_tick_at > now + clock.AHEAD))
        self.believes_clock = True
        asyncio.get_running_loop().call_later(LEASE.total_seconds(), self._leases.wake)

    def _doubt_clock(self) -> None:
        self.believes_clock = False
        log.error("The clock is wrong: nothing is sent", extra={"fields": {"clock": clock.describe_doubt()}})

    async def stop(self) -> None:
        """Let running attempts finish, record them and give their lanes back; then stop."""
        if self._scheduler.running:
            self._scheduler.shutdown(wait=False)
        await self._backups.stop()
        await self._send_loop.finish(STOP_WITHIN_SECONDS)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._chats.stop()
        await self._punch_checker.stop()

    async def _wake_on_changes(self) -> None:
        listener = self._notifier.listener()
        while True:
            await listener.wait(HEARTBEAT_EVERY.total_seconds())
            for loop in (self._due, self._sending, self._replans, self._cards):
                loop.wake()
            await asyncio.sleep(WAKE_UPS_APART_SECONDS)

    # --- the work of the loops ---------------------------------------------------------------------------------------

    async def _queue_due(self) -> None:
        """Queue what is due, and wake again at the very moment at which something is due next."""
        limit = outbox.AT_ONCE if await self._queue_first_slice() else FIRST_SLICE
        async with self._database.read() as session:
            if await is_on_hold(session):
                return
            next_due = await claims.next_due_at(session)
        awaited = (
            await self._punch_checker.awaited() if next_due is not None and next_due <= clock.now() else frozenset()
        )
        # The first messages leave before all who are due are known.
        while next_due is not None and next_due <= clock.now():
            has_moved = await self._queue_slices(awaited, limit)
            # Otherwise they share messages, wait for a punch check, or another process has them.
            if not has_moved and limit == outbox.AT_ONCE:
                self._due.wake_at(clock.now() + (POLL_CHECKS_EVERY if awaited else OTHERS_MOVE_ON))
                return
            limit = outbox.AT_ONCE
            async with self._database.read() as session:
                next_due = await claims.next_due_at(session)
        if next_due is None:
            return
        if next_due - clock.now() > LOOK_AHEAD:
            self._due.wake_at(next_due - LOOK_AHEAD)
        else:
            self._due.wake_at(next_due)
            await self._choose_first_slice(next_due)
        if next_due - clock.now() > AHEAD:
            self._checks.wake_at(next_due - AHEAD)
        if next_due - clock.now() < LOADED_BEFORE:
            await self._outbound.load()

    async def _choose_first_slice(self, due_at: datetime) -> None:
        if self._first_slice and self._first_slice[0] == due_at:
            return
        async with self._database.read() as session:
            alone, _ = await outbox.due_at(session, due_at, FIRST_SLICE)
        self._first_slice = due_at, list(chain.from_iterable(alone))

    async def _queue_first_slice(self) -> bool:
        """Queue those who were chosen before the moment, as far as they are due now. Returns whether anything has moved on."""
        if self._first_slice is None or (late := clock.now() - self._first_slice[0]) < timedelta(0):
            return False
        (_, only), self._first_slice = self._first_slice, None
        by = await self._send_loop.claimant(len(only)) if only and late < LOOK_AHEAD else None
        if by is None:
            return False
        queued = await self._queue_slice(await self._punch_checker.awaited(), only, by, are_alone=True)
        return queued is None or bool(queued.claimed)

    async def _queue_slices(self, awaited: frozenset[int], limit: int) -> bool:
        """Queue what is due, a few people first, so that the first messages leave while the rest is still being written.

        Those who share messages stay together. Returns whether anything has moved on.
        """
        async with self._database.read() as session:
            alone, together = await outbox.due_at(session, clock.now(), limit, without=awaited)
        people, has_moved = FIRST_SLICE, False
        while alone or together:
            wanted = min(2 * people if has_moved else people, len(alone) + len(together))
            by = await self._send_loop.claimant(wanted)
            are_alone = False
            if by is None:  # all through the tables: those who share messages must not wait there behind everybody else
                only, alone, together = [*chain.from_iterable(alone), *together], [], []
            elif together and (has_moved or not alone):
                only, together = together, []
            else:
                people = min(2 * people, by.room) if has_moved else people
                only, alone = list(chain.from_iterable(alone[:people])), alone[people:]
                are_alone = True
            queued = await self._queue_slice(awaited, only, by, are_alone=are_alone)
            if queued is None:
                return True
            has_moved = has_moved or bool(queued.claimed)
            if queued.claimed < len(only) / 2:  # another process has them: look again
                break
        return has_moved

    async def _queue_slice(
        self, awaited: frozenset[int], only: Sequence[int], by: Claimant | None, *, are_alone: bool
    ) -> outbox.Queued | None:
        """Queue these, and send what was leased for it. None: see `_queue_batch`."""
        async with self._send_loop.leasing:
            queued = await self._queue_batch(awaited, only, by, are_alone=are_alone)
            if queued is not None:
                self._send_loop.take(queued.lanes)
        self._sending.wake()
        return queued

    async def _queue_batch(
        self, awaited: frozenset[int], only: Sequence[int], by: Claimant | None, *, are_alone: bool
    ) -> outbox.Queued | None:
        """Queue many at once. None: that failed because of one of them, and each was queued by itself."""
        try:
            async with self._database.write() as session:
                queued = await outbox.queue_due(session, without=awaited, only=only, are_alone=are_alone, by=by)
                lateness = int(queued.lateness.total_seconds() * 1000)
                if queued.claimed and abs(lateness - self._lateness_ms) > LATENESS_STEP_MS:
                    self._lateness_ms = min(lateness, LATEST_MS)
                    mine = sa.update(Worker).where(Worker.id == self.id)
                    await session.exec(mine.values(last_lateness_ms=self._lateness_ms))
        except (OSError, sa.exc.SQLAlchemyError):
            raise
        except Exception:
            log.exception("What is due could not be queued together; trying one by one")
            await outbox.queue_due_one_by_one(self._database, without=awaited)
            self._sending.wake()
            return None
        return queued

    async def _check_punches(self) -> None:
        """Ask punch sources about the people who are due next: those who have punched are not reminded."""
        async with self._database.read() as session:
            if await is_on_hold(session):
                return
        self._checks.wake_at(await self._punch_checker.check_ahead())

    async def _run_pending_replans(self) -> None:
        """Plan the people whom a change of very many people left for later."""
        if await replans.run_pending_replans(self._database):
            self._due.wake()
            self._checks.wake()

    async def _send(self) -> None:
        """Send what waits, and wake again when the next attempt is due or a lane is free again."""
        if self._send_loop.is_busy:  # what is on its way is recorded, whatever else holds
            await self._send_loop.drain()
        async with self._database.read() as session:
            if await is_on_hold(session):
                return
            upcoming = await next_attempt_at(session, without=self._sender.lanes_of_others)
        if upcoming is not None and upcoming <= clock.now():
            await self._send_loop.drain()
            async with self._database.read() as session:
                upcoming = await next_attempt_at(session, without=self._sender.lanes_of_others)
        if upcoming is not None:
            self._sending.wake_at(max(upcoming, clock.now() + timedelta(milliseconds=200)))

    async def _hand_over(self) -> None:
        """Let other channels take over what still waits when little time is left."""
        while True:
            async with self._database.read() as session:
                late = await failover.late(session)
                if not late or await is_on_hold(session):
                    return
            async with self._database.write() as session:
                if not await failover.hand_over_late(session, late):
                    return  # others hold them: the next look finds what is left
            self._sending.wake()

    async def _poll_receipts(self) -> None:
        """Ask providers what became of the messages that they accepted, and send those that did not arrive another way."""
        async with self._database.read() as session:
            if await is_on_hold(session):
                return
        if await self._receipt_poller.poll():
            self._sending.wake()
        async with self._database.read() as session:
            self._receipts.wake_at(await next_receipt_at(session))

    async def _beat(self) -> None:
        """Record the heartbeat, and wake the others in case a wake-up was lost."""
        self._touch_tick_file()
        if not self.believes_clock or not clock.is_plausible():
            return
        async with self._database.write() as session:
            await session.exec(sa.update(Worker).where(Worker.id == self.id).values(last_tick_at=clock.now()))
        for loop in self._woken:
            loop.wake()

    def _touch_tick_file(self) -> None:
        if self._tick_file:
            self._tick_file.touch()

    async def _check_clock(self) -> None:
        has_jumped = self._clock_watch.has_jumped()
        if has_jumped:
            self._set_back_by = max(self._set_back_by - timedelta(seconds=self._clock_watch.jump_seconds), timedelta(0))
        if not clock.is_plausible():
            if self.believes_clock:
                self._doubt_clock()
        elif has_jumped or not self.believes_clock:
            log.warning("The clock was set; planning again")
            self._clock_jump.wake()
        else:
            self._worked_until = clock.now()

    async def _recover_from_jump(self) -> None:
        """Plan again, and let every loop work out its next moment from the new time."""
        self._scheduler.wakeup()  # it sleeps until a deadline that it worked out from the former time
        await self._catch_up()
        self._heartbeat.wake()

    async def _drop_leases(self) -> None:
        async with self._database.write() as session:
            await reset_leases_after_clock_jump(session)
        self._sending.wake()

    async def _ping_dead_man(self) -> None:
        """Ping DEAD_MAN_URL while reminding works; the watcher there raises the alarm when pings stop."""
        if not self._settings.dead_man_url:
            return
        async with self._database.read() as session:
            if await what_is_overdue(session, clock.now()):
                return
        try:
            await self._outbound.send(
                HttpRequest(url=self._settings.dead_man_url, body=b"", method="GET", is_trusted=True)
            )
        except NoAnswer as failure:
            log.warning("The dead man's switch did not answer", extra={"fields": {"reason": failure.code}})

    async def _plan(self) -> None:
        """Move the horizon on."""
        await planner.plan_everybody(self._database)
        self._due.wake()
        self._checks.wake()

    async def _make_moves(self) -> None:
        """Make the moves of people whose date has begun, and wake again when the next one begins."""
        async with self._database.read() as session:
            upcoming = await next_move_at(session)
        if upcoming is not None and upcoming <= clock.now():
            async with self._database.write() as session:
                await apply_due_moves(session)
                upcoming = await next_move_at(session)
        self._moves.wake_at(upcoming)

    async def _change_cards(self) -> None:
        """Change messages in place whose reminders were answered or have ended."""
        await self._card_updater.run()
        async with self._database.read() as session:
            self._cards.wake_at(await next_card_at(session))

    async def _look_at_chats(self) -> None:
        if await self._chats.look():
            self._sending.wake()

    async def _act_on_chats(self) -> None:
        """Act on what people tapped or wrote in a chat."""
        await self._chats.act()
        self._chat_replies.wake()  # also for those that failed before

    async def _reply_in_chats(self) -> None:
        await self._chats.reply()

    async def _queue_notices(self) -> None:
        """Notify people of changes of their roster, of tomorrow's shift, and of their last month."""
        async with self._database.write() as session:
            queued = await queue_notices(session)
            queued += await queue_month_reports(session)
        if queued:
            self._sending.wake()

    async def _back_up(self) -> None:
        """Make the backup that is due, unless another worker does; alert administrators if there is none."""
        await self._backups.run()
        async with self._database.write() as session:
            queued = await alert_about_backups(session)
        if queued:
            self._sending.wake()

    async def _tidy(self) -> None:
        """Remove what has been kept for long enough."""
        if time.monotonic() < self._tidies_from:
            return
        keep = timedelta(days=self._settings.log_retention_days)
        forgotten = DELIVERIES_AT_ONCE
        while forgotten >= DELIVERIES_AT_ONCE:  # others write in between
            async with self._database.write() as session:
                forgotten = await forget_old_deliveries(session, keep, at_most=DELIVERIES_AT_ONCE)
        async with self._database.write() as session:
            await delete_old_sign_ins(session, clock.now() - keep)
            await delete_old_entries(session, timedelta(days=self._settings.audit_retention_days))
            await forget_old_checks(session, clock.now() - keep)
            await forget_old_messages(session, clock.now() - keep)
            await session.exec(sa.delete(ChangeEvent).where(ChangeEvent.at < clock.now() - KEEP_CHANGE_EVENTS))
