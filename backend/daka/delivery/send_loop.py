"""Claims lanes, sends their deliveries and records the results until none is left. A crash at any point loses nothing."""

import asyncio
import logging
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

from daka import clock
from daka.database import Database, is_too_busy
from daka.delivery.channels.verdicts import Verdict
from daka.delivery.lanes import LEASE, MAX_CLOCK_SKEW, Claimant, ClaimedLane, Job, Result, claim_lanes, new_lease
from daka.delivery.models import Outcome
from daka.delivery.records import record
from daka.delivery.remedies import INTERNAL
from daka.delivery.sender import Sender
from daka.loops import ClockWatch
from daka.scheduler.service import is_on_hold

log = logging.getLogger(__name__)

CLAIMS_APART_SECONDS = 0.1
RECORDS_APART_SECONDS = 0.03
"""While all lanes are in flight; the fewer there are, the sooner each result is recorded."""
LONGEST_WAIT_FOR_ROOM_SECONDS = 1.0
AHEAD_SECONDS = 0.25
"""Lanes are leased before a slot is free for them, as many as slots became free in this time: they wait about as long."""
FRESH_FOR_SECONDS = 2.0
"""A lane that waits longer for a slot, or for its turn after earlier messages, is claimed again."""
RECORD_AGAIN_SECONDS = 0.25
OTHERS_FIRST_SECONDS = 2.0
"""After a database outage every process first records what it had sent, and only then claims again."""


class SendLoop:
    """Keeps up to `concurrency` lanes in flight and writes results in batches, without waiting for a batch to fill.

    Results are kept until they are recorded, however long the database is down; until then nothing more is claimed, and a lane
    sends its next message only after the previous one is recorded. So a kill leaves at most one message per lane in doubt.
    """

    def __init__(
        self, database: Database, sender: Sender, worker_id: str, concurrency: int, wake: asyncio.Event | None = None
    ) -> None:
        self._database = database
        self._sender = sender
        self._worker_id = worker_id
        self._concurrency = concurrency
        self._wake = wake or asyncio.Event()
        """Set when a result arrives, and by others when something new waits."""
        self._in_flight: set[asyncio.Task[None]] = set()
        self._results: list[Result] = []
        self._finished: list[ClaimedLane] = []
        self._next_batch = asyncio.Event()
        """Set when the batch with the next result is recorded."""
        self._unrecorded: list[asyncio.Event] = []
        self._failures = 0
        self._claimed_at = self._recorded_at = 0.0
        self._is_behind = False
        """As of the last claim: more waited than could be claimed."""
        self._leased: deque[ClaimedLane] = deque()
        """Lanes that wait for a slot."""
        self._has_landed = asyncio.Event()
        """Set when a lane in flight ends."""
        self._landings: deque[float] = deque(maxlen=concurrency)
        """When the last ones did, on the event loop's clock."""
        self._clock_watch = ClockWatch()
        self._takes_over_from = 0.0
        """When lanes whose leases have expired may be claimed again, on the event loop's clock."""
        self._others_first_until = 0.0
        self.leasing = asyncio.Lock()
        """Held from `claimant` to `take`, so that the end of the loop waits for what was leased for it."""
        self._is_stopping = False
        self._is_on_hold = False
        """As of the last transaction: lanes in flight stop before their next message."""
        self._idle = asyncio.Event()
        self._idle.set()

    async def drain(self) -> int:
        """Send until nothing is left that may be sent now. Returns the number of results."""
        done = 0
        self._idle.clear()
        try:
            while True:
                self._wake.clear()
                try:
                    done += await self._record()
                    await self._claim()
                except Exception as error:
                    self._others_first_until = asyncio.get_running_loop().time() + OTHERS_FIRST_SECONDS
                    if not self.is_busy:
                        raise
                    if not is_too_busy(error):
                        log.exception("Send loop failed; retrying")
                    await asyncio.sleep(RECORD_AGAIN_SECONDS)
                    continue
                if not self.is_busy:
                    return done
                await self._wake.wait()
        finally:
            self._idle.set()

    async def claimant(self, wanted: int) -> Claimant | None:
        """As whom to lease lanes for deliveries that are about to be written; then let the loop `take` them.

        Waits a moment for room for as many lanes as are wanted, at most for half of all slots. None: slow lanes hold the slots,
        or what waits in the tables comes first.
        """
        enough = max(min(wanted, self._concurrency // 2), 1)
        with suppress(TimeoutError):
            async with asyncio.timeout(LONGEST_WAIT_FOR_ROOM_SECONDS):
                while self._room < enough:
                    self._has_landed.clear()
                    await self._has_landed.wait()
        is_after_failure = asyncio.get_running_loop().time() < self._others_first_until
        if self._is_stopping or self._is_on_hold or self._is_behind or is_after_failure or self._room < enough:
            return None
        return self._as_claimant(self._room)

    def take(self, lanes: Sequence[ClaimedLane]) -> None:
        """Send what was leased for the loop; it must be woken to record the results."""
        if not lanes:
            return
        loop = asyncio.get_running_loop()
        self._idle.clear()
        for lane in lanes:
            lane.fresh_until = loop.time() + FRESH_FOR_SECONDS
        self._leased.extend(lanes)
        self._fill_slots()
        if self._leased:
            loop.call_later(FRESH_FOR_SECONDS, self._fill_slots)

    def _fill_slots(self) -> None:
        """Send what waits for a slot. What has waited for too long, or is not to be sent any more, is given back."""
        now = asyncio.get_running_loop().time()
        while self._leased:
            lane = self._leased[0]
            if self._is_stopping or now >= lane.fresh_until:
                self._finished.append(lane)
                self._wake.set()
            elif len(self._in_flight) < self._concurrency:
                task = asyncio.create_task(self._send_lane(lane))
                self._in_flight.add(task)
                task.add_done_callback(self._landed)
            else:
                return
            self._leased.popleft()

    def _landed(self, task: asyncio.Task[None]) -> None:
        self._in_flight.discard(task)
        self._landings.append(asyncio.get_running_loop().time())
        self._has_landed.set()
        self._fill_slots()

    async def finish(self, within_seconds: float) -> None:
        """Stop claiming, let running attempts finish, record them and release the lanes."""
        self._is_stopping = True
        self._fill_slots()
        self._wake.set()
        with suppress(TimeoutError):
            async with asyncio.timeout(within_seconds):
                async with self.leasing:  # what a transaction has leased comes yet, to be given back
                    pass
                await self._idle.wait()
        for task in self._in_flight:
            task.cancel()

    @property
    def _free(self) -> int:
        return self._concurrency - len(self._in_flight) - len(self._leased)

    @property
    def _room(self) -> int:
        """How many lanes can be sent at once, or very soon."""
        since = asyncio.get_running_loop().time() - AHEAD_SECONDS
        return self._free + sum(landed > since for landed in self._landings)

    def _as_claimant(self, room: int) -> Claimant:
        loop = asyncio.get_running_loop()
        if self._clock_watch.has_jumped(MAX_CLOCK_SKEW.total_seconds()):  # leases seem to have expired: let them really
            self._takes_over_from = loop.time() + LEASE.total_seconds()
        takes_over = loop.time() >= self._takes_over_from
        return Claimant(new_lease(self._worker_id), room, takes_over, self._sender.lanes_of_others)

    @property
    def is_busy(self) -> bool:
        return bool(self._in_flight or self._leased or self._results or self._finished)

    async def _claim(self) -> None:
        loop = asyncio.get_running_loop()
        if self._is_stopping or self._free <= 0:
            return
        # A transaction for a lane or two costs more than it gains; but a free slot must not wait long for slow lanes.
        is_little = self._in_flight and (not self._is_behind or self._free < self._concurrency // 2)
        not_before = max(self._others_first_until, self._claimed_at + CLAIMS_APART_SECONDS if is_little else 0.0)
        if loop.time() < not_before:
            loop.call_at(not_before, self._wake.set)
            return
        async with self._database.write() as session:
            self._is_on_hold = await is_on_hold(session)
            by = self._as_claimant(self._free)
            if by.room <= 0:  # meanwhile a slice has taken the slots
                return
            lanes = [] if self._is_on_hold else await claim_lanes(session, by)
        self._claimed_at, self._is_behind = loop.time(), len(lanes) == by.room
        self.take(lanes)

    async def _record(self) -> int:
        """Record the results that have arrived. Those that cannot be written are kept."""
        if not self._results and not self._finished:
            return 0
        loop = asyncio.get_running_loop()
        not_before = self._recorded_at + RECORDS_APART_SECONDS * len(self._in_flight) / self._concurrency
        if loop.time() < not_before:
            loop.call_at(not_before, self._wake.set)
            return 0
        self._recorded_at = loop.time()
        results, finished = self._results, self._finished
        self._results, self._finished = [], []
        self._unrecorded.append(self._next_batch)
        self._next_batch = asyncio.Event()
        try:
            async with self._database.write() as session:
                await record(session, results, finished)
                self._is_on_hold = await is_on_hold(session)
        except BaseException as error:
            self._results[:0], self._finished[:0] = results, finished
            self._failures += not (isinstance(error, Exception) and is_too_busy(error))
            if isinstance(error, Exception) and self._failures > 1 and results:
                # The database may not be the cause: a result in the batch may be at fault.
                await self._record_one_by_one()
            raise
        self._failures = 0
        self._wake_lanes()
        return len(results)

    def _wake_lanes(self) -> None:
        for batch in self._unrecorded:
            batch.set()
        self._unrecorded.clear()

    async def _record_one_by_one(self) -> None:
        """Record results one by one; of one that cannot be written, only the outcome. Stop if not even that works."""
        while self._results:
            result = self._results[0]
            try:
                async with self._database.write() as session:
                    await record(session, [result], [])
            except Exception as error:
                if is_too_busy(error):
                    raise
                log.exception(
                    "A result could not be recorded", extra={"fields": {"delivery_id": result.job.delivery.id}}
                )
                async with self._database.write() as session:
                    await record(session, [_bare(result)], [])
            self._results.pop(0)
        self._wake_lanes()

    async def _send_lane(self, lane: ClaimedLane) -> None:
        """Send a lane's deliveries one after the other, while its lease is safe and what was read of them is fresh."""
        loop = asyncio.get_running_loop()
        batch: asyncio.Event | None = None
        try:
            for job in lane.jobs:
                if batch is not None:
                    await batch.wait()
                    if loop.time() >= lane.fresh_until:
                        break
                if self._is_stopping or self._is_on_hold or not lane.is_lease_safe():
                    break
                result = await self._attempt(job)
                lane.done.append(result)
                self._results.append(result)
                batch = self._next_batch
                self._wake.set()
                if result.outcome in (Outcome.THROTTLED, Outcome.BROKEN_CHANNEL):
                    break
        finally:
            self._finished.append(lane)
            self._wake.set()

    async def _attempt(self, job: Job) -> Result:
        try:
            return await self._sender.attempt(job)
        except Exception:
            # A bug of ours must not block the lane, nor pass for a provider's answer.
            log.exception("An attempt failed unexpectedly", extra={"fields": {"delivery_id": job.delivery.id}})
            verdict = Verdict(Outcome.RETRY, "internal", "an unexpected failure; see the log", INTERNAL)
            return Result(job, verdict, clock.now(), timedelta(0))


def _bare(result: Result) -> Result:
    """The outcome without the provider's answer, and without its consequences."""
    if result.verdict is None:
        return result
    outcome = Outcome.BAD_MESSAGE if result.verdict.outcome is Outcome.BROKEN_CHANNEL else result.verdict.outcome
    return replace(
        result, verdict=Verdict(outcome, "internal", "the answer could not be stored; see the log"), message=None
    )
