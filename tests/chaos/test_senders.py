"""Senders that meet what senders meet: lost leases, a database that goes away, answers made to hurt, slow neighbours, a stop."""

import asyncio
import tracemalloc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from typing import Any, cast

import pytest
import sqlalchemy as sa
from sqlmodel import select

from chaos.wire import WiredApp, address_of, hangs, says
from conftest import Clock, Workplace, eventually
from daka.delivery.channels.kind import Rate
from daka.delivery.channels.webhook import Webhook
from daka.delivery.lanes import (
    LEASE,
    LEASE_SAFE_FOR,
    Claimant,
    claim_lanes,
    reset_leases_after_clock_jump,
    reset_waits_after_clock_jump,
)
from daka.delivery.models import Delivery, DeliveryAttempt, DeliveryStatus, Lane
from daka.delivery.rate_limit import DELIVERIES_PER_LANE
from daka.delivery.records import record
from scenes import EARLY, give_shift

BACKLOG = 100_000


@pytest.fixture
def post(workplace: Workplace) -> WiredApp:
    return WiredApp(workplace)


async def claim(post: WiredApp, name: str = "one", limit: int = 16) -> Any:
    async with post.database.write() as session:
        return await claim_lanes(session, Claimant(name, limit))


async def attempts_at(post: WiredApp, delivery: Delivery) -> list[str]:
    async with post.database.read() as session:
        asked = select(DeliveryAttempt.outcome).where(DeliveryAttempt.delivery_id == delivery.id)
        return [outcome.value for outcome in await session.exec(asked.order_by(DeliveryAttempt.id))]


class TestALostLease:
    async def overtaken(self, post: WiredApp, frozen: Clock, late_answer: Any) -> Delivery:
        """One sends and sleeps longer than its lease; two sends and records; then one records what it got."""
        delivery = await post.queue(await post.add_channel("robot"))
        (lane,) = await claim(post, "one")
        post.wire.answers[address_of("robot")] = late_answer
        result = await post.sender().attempt(lane.jobs[0])
        lane.done.append(result)
        frozen.forward(seconds=LEASE.total_seconds() + 1)
        post.wire.answers[address_of("robot")] = says(200)
        assert await post.loop("two").drain() == 1
        async with post.database.write() as session:
            await record(session, [result], [lane])
        return delivery

    async def test_a_failure_told_late_does_not_undo_the_success_of_the_next_owner(
        self, post: WiredApp, frozen: Clock
    ) -> None:
        delivery = await self.overtaken(post, frozen, says(500))
        found = await post.read(delivery)
        assert (found.status, found.next_attempt_at) == (DeliveryStatus.SENT, None)
        assert await attempts_at(post, delivery) == ["done", "retry"]

    async def test_a_success_told_late_still_counts(self, post: WiredApp, frozen: Clock) -> None:
        delivery = await post.queue(await post.add_channel("robot"))
        (lane,) = await claim(post, "one")
        result = await post.sender().attempt(lane.jobs[0])
        frozen.forward(seconds=LEASE.total_seconds() + 1)
        (taken,) = await claim(post, "two")
        async with post.database.write() as session:
            await record(session, [result], [lane])
            held = await session.get(Lane, "robot")
        assert (await post.read(delivery)).status is DeliveryStatus.SENT
        assert held is not None
        assert held.leased_by == taken.lease, "the new owner keeps its lease"

    async def test_both_attempts_carry_the_same_key(self, post: WiredApp, frozen: Clock) -> None:
        delivery = await self.overtaken(post, frozen, says(200))
        assert post.wire.sent == [(address_of("robot"), delivery.key)] * 2

    async def test_no_attempt_starts_that_might_outlast_the_lease(self, post: WiredApp, frozen: Clock) -> None:
        delivery = await post.queue(await post.add_channel("robot"))
        (lane,) = await claim(post)
        frozen.forward(seconds=LEASE_SAFE_FOR.total_seconds() + 1)
        await post.loop()._send_lane(lane)
        assert post.wire.sent == []
        assert (await post.read(delivery)).next_attempt_at is not None

    async def test_a_clock_that_is_set_back_does_not_prolong_it(
        self, post: WiredApp, frozen: Clock, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        await post.queue(await post.add_channel("robot"))
        (lane,) = await claim(post)
        frozen.forward(hours=-1)
        assert lane.is_lease_safe()
        loop = asyncio.get_running_loop()
        really = loop.time
        monkeypatch.setattr(loop, "time", lambda: really() + LEASE_SAFE_FOR.total_seconds() + 1)
        assert not lane.is_lease_safe()


class TestAClockThatIsSetBack:
    async def test_what_waits_for_a_moment_of_the_former_clock_goes_out_now(
        self, post: WiredApp, frozen: Clock
    ) -> None:
        abandoned, fresh = await post.add_channel("abandoned"), await post.add_channel("fresh")
        deliveries = [await post.queue(abandoned), await post.queue(fresh)]
        assert len(await claim(post, "killed", 1)) == 1
        frozen.forward(hours=-2)
        assert await post.loop().drain() == 0
        async with post.database.write() as session:
            await reset_waits_after_clock_jump(session)
        assert await post.loop().drain() == 1, "the other lane's lease may still be in use"
        async with post.database.write() as session:  # when it cannot be any more
            await reset_leases_after_clock_jump(session)
        assert await post.loop().drain() == 1
        assert [(await post.read(delivery)).status for delivery in deliveries] == [DeliveryStatus.SENT] * 2

    async def test_a_lease_that_a_jump_makes_expire_is_left_to_its_holder(self, post: WiredApp, frozen: Clock) -> None:
        busy, fresh = await post.add_channel("busy"), await post.add_channel("fresh")
        deliveries = [await post.queue(busy), await post.queue(fresh)]
        assert len(await claim(post, "alive", 1)) == 1
        sender = post.loop()
        frozen.forward(minutes=5)
        assert await sender.drain() == 1
        assert [(await post.read(each)).status for each in deliveries] == [DeliveryStatus.SENDING, DeliveryStatus.SENT]
        assert await post.loop("started later").drain() == 1, "by a clock that is right, the lease has expired"

    @pytest.mark.parametrize("asked_to_wait", [20, 600])
    async def test_what_a_provider_asked_for_is_waited_for_and_no_longer(
        self, post: WiredApp, frozen: Clock, asked_to_wait: int
    ) -> None:
        post.wire.answers[address_of("robot")] = says(429, **{"retry-after": str(asked_to_wait)})
        delivery = await post.queue(await post.add_channel("robot"))
        await post.loop().drain()
        frozen.forward(minutes=-5)
        async with post.database.write() as session:
            await reset_waits_after_clock_jump(session, set_back_by=timedelta(minutes=5))
        again_at = (await post.read(delivery)).next_attempt_at
        assert again_at is not None
        assert timedelta(0) <= again_at - frozen.now - timedelta(seconds=asked_to_wait) < timedelta(seconds=5)
        async with post.database.read() as session:
            assert (await session.exec(select(Lane.throttled_until))).one() == again_at

    async def test_ordinary_waits_stay_as_they_are(self, post: WiredApp, frozen: Clock) -> None:
        post.wire.answers[address_of("robot")] = says(500)
        delivery = await post.queue(await post.add_channel("robot"))
        await post.loop().drain()
        again_at = (await post.read(delivery)).next_attempt_at
        async with post.database.write() as session:
            await reset_waits_after_clock_jump(session)
        assert again_at is not None
        assert (await post.read(delivery)).next_attempt_at == again_at > frozen.now


class TestClaims:
    async def test_two_claims_never_hold_the_same_lane(self, post: WiredApp) -> None:
        for number in range(6):
            await post.queue(await post.add_channel(f"robot{number}"))
        claims = await asyncio.gather(*(claim(post, f"sender{number}", 3) for number in range(3)))
        keys = [lane.key for lanes in claims for lane in lanes]
        assert len(keys) == len(set(keys))
        assert len(keys) + len(await claim(post)) == 6

    async def test_one_robots_backlog_is_loaded_in_parts(self, post: WiredApp) -> None:
        robot = await post.add_channel("robot")
        for _ in range(DELIVERIES_PER_LANE + 5):
            await post.queue(robot)
        (lane,) = await claim(post)
        assert len(lane.jobs) == DELIVERIES_PER_LANE

    async def test_a_backlog_of_100_000_costs_no_memory_and_holds_up_nobody(
        self, post: WiredApp, workplace: Workplace
    ) -> None:
        """A month of outage in one lane: whatever waits, twenty are loaded, and pages read none of it."""
        one = await post.queue(await post.add_channel("robot"))
        table = cast(sa.Table, sa.inspect(Delivery).local_table)
        others = [column for column in table.columns if column.name not in ("id", "key")]
        numbers = sa.select(sa.literal(2).label("n")).cte(recursive=True)
        numbers = numbers.union_all(sa.select(numbers.c.n + 1).where(numbers.c.n < BACKLOG))
        key = sa.literal("backlog-").concat(sa.cast(numbers.c.n, sa.String))
        more = sa.select(key, *others).select_from(table.join(numbers, sa.true())).where(table.c.id == one.id)
        async with post.database.write() as session:
            names = ["key", *(column.name for column in others)]
            await session.exec(sa.insert(table).from_select(names, more))
        await post.queue(await post.add_channel("neighbour"))
        async with post.database.read() as session:
            assert (await session.exec(select(sa.func.count()).select_from(table))).one() == BACKLOG + 1
        tracemalloc.start()
        try:
            lanes = await claim(post)
            for page in ("/api/health", "/api/v1/dashboard", "/api/v1/deliveries", "/api/metrics"):
                assert (await workplace.root.http.get(page)).status_code in (200, 503), page
            _, most = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
        assert sorted(len(lane.jobs) for lane in lanes) == [1, DELIVERIES_PER_LANE]
        assert most < 10_000_000

    async def test_what_a_killed_sender_claimed_counts_against_the_robots_rate(
        self, post: WiredApp, frozen: Clock, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(Webhook, "rate", Rate(3, timedelta(minutes=1)))
        robot = await post.add_channel("robot")
        for _ in range(5):
            await post.queue(robot)
        (lane,) = await claim(post)
        assert len(lane.jobs) == 3
        frozen.forward(seconds=LEASE.total_seconds() + 1)
        assert await claim(post) == [], "three may have gone out before the kill"
        frozen.forward(minutes=1)
        assert len((await claim(post))[0].jobs) == 3


class TestTheDatabase:
    @asynccontextmanager
    async def away(self, post: WiredApp, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[None]:
        def refuse() -> Any:
            raise sa.exc.OperationalError("", None, OSError("the server is restarting"))

        with monkeypatch.context() as patch:
            patch.setattr(post.database, "write", refuse)
            yield

    async def test_what_was_sent_while_it_was_away_is_recorded_when_it_is_back(
        self, post: WiredApp, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        delivery = await post.queue(await post.add_channel("robot"))
        answering = asyncio.Event()

        async def slowly(request: Any) -> Any:
            await answering.wait()
            return await says(200)(request)

        post.wire.answers[address_of("robot")] = slowly
        loop = post.loop()
        draining = asyncio.create_task(loop.drain())
        await eventually(lambda: _true(post.wire.sent))
        async with self.away(post, monkeypatch):
            answering.set()
            await eventually(lambda: _true(loop._failures))
        assert await draining == 1
        assert (await post.read(delivery)).status is DeliveryStatus.SENT
        assert len(post.wire.sent) == 1

    async def test_nothing_is_sent_that_could_not_be_claimed(
        self, post: WiredApp, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        await post.queue(await post.add_channel("robot"))
        async with self.away(post, monkeypatch):
            with pytest.raises(sa.exc.OperationalError):
                await post.loop().drain()
        assert post.wire.sent == []


class TestPoison:
    async def test_an_answer_that_no_database_stores_is_recorded_in_other_words(self, post: WiredApp) -> None:
        bad, good = await post.add_channel("bad"), await post.add_channel("good")
        post.wire.answers[address_of("bad")] = says(200, "\x00 and \ud800")
        poisoned, healthy = await post.queue(bad), await post.queue(good)
        assert await post.loop().drain() == 2
        assert (await post.read(poisoned)).status is DeliveryStatus.SENT
        assert (await post.read(healthy)).status is DeliveryStatus.SENT

    async def test_a_message_that_cannot_be_read_does_not_stop_the_others(self, post: WiredApp) -> None:
        bad, good = await post.queue(await post.add_channel("bad")), await post.queue(await post.add_channel("good"))
        async with post.database.write() as session:
            await session.exec(sa.update(Delivery).where(Delivery.id == bad.id).values(message={"lines": 7}))
        assert await post.loop().drain() == 2
        assert (await post.read(good)).status is DeliveryStatus.SENT
        assert (await post.read(bad)).status is DeliveryStatus.QUEUED, "it is tried again until it expires"

    async def test_a_result_whose_consequences_fail_is_recorded_alone(
        self, post: WiredApp, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        async def fail(*_: Any) -> None:
            raise ValueError("a bug")

        monkeypatch.setattr("daka.delivery.records.mark_broken", fail)
        post.wire.answers[address_of("bad")] = says(404)
        bad, good = await post.queue(await post.add_channel("bad")), await post.queue(await post.add_channel("good"))
        assert await post.loop().drain() == 0, "every result was written by itself"
        assert (await post.read(bad)).status is DeliveryStatus.FAILED
        assert (await post.read(good)).status is DeliveryStatus.SENT


class TestNeighbours:
    async def test_what_is_queued_while_a_channel_hangs_goes_out_at_once(self, post: WiredApp) -> None:
        slow, quick = await post.add_channel("slow"), await post.add_channel("quick")
        post.wire.answers[address_of("slow")] = hangs
        await post.queue(slow)
        news = asyncio.Event()
        draining = asyncio.create_task(post.loop(concurrency=2, news=news).drain())
        await eventually(lambda: _true(post.wire.sent))
        delivery = await post.queue(quick)
        news.set()
        await eventually(lambda: _is_sent(post, delivery), within_seconds=5)
        draining.cancel()
        with suppress(asyncio.CancelledError):
            await draining


class TestStopping:
    async def test_an_attempt_that_runs_is_awaited_and_recorded_and_the_rest_given_back(self, post: WiredApp) -> None:
        robot = await post.add_channel("robot")
        first, second = await post.queue(robot), await post.queue(robot)
        answering = asyncio.Event()

        async def slowly(request: Any) -> Any:
            await answering.wait()
            return await says(200)(request)

        post.wire.answers[address_of("robot")] = slowly
        loop = post.loop()
        draining = asyncio.create_task(loop.drain())
        await eventually(lambda: _true(post.wire.sent))
        stopping = asyncio.create_task(loop.finish(10))
        await asyncio.sleep(0)
        answering.set()
        await stopping
        assert await draining == 1
        assert (await post.read(first)).status is DeliveryStatus.SENT
        waiting = await post.read(second)
        assert waiting.status is DeliveryStatus.QUEUED
        assert len(await claim(post, "another", 1)) == 1, "nobody waits for the lease of a sender that has stopped"

    async def test_it_does_not_wait_for_ever(self, post: WiredApp) -> None:
        await post.queue(await post.add_channel("slow"))
        post.wire.answers[address_of("slow")] = hangs
        loop = post.loop()
        draining = asyncio.create_task(loop.drain())
        await eventually(lambda: _true(post.wire.sent))
        await loop.finish(0.05)
        assert await draining == 0
        assert len(await claim(post, "another", 1)) == 1


async def _true(something: Any) -> bool:
    return bool(something)


async def _is_sent(post: WiredApp, delivery: Delivery) -> bool:
    return (await post.read(delivery)).status is DeliveryStatus.SENT


def test_a_lease_is_short() -> None:
    assert LEASE.total_seconds() <= 30
    assert LEASE_SAFE_FOR.total_seconds() > 5


class TestAPause:
    async def test_stops_a_burst_within_a_second_and_loses_nothing(self, post: WiredApp, workplace: Workplace) -> None:
        async def slow(_: Any) -> Any:
            await asyncio.sleep(0.05)
            return await says(200)(_)

        channels = [await post.add_channel(f"c{number}") for number in range(20)]
        for channel in channels:
            post.wire.answers[address_of(channel.name)] = slow
        deliveries = [await post.queue(channel) for channel in channels for _ in range(15)]
        loop = post.loop("one", concurrency=10)
        draining = asyncio.create_task(loop.drain())

        async def is_under_way() -> bool:
            return len(post.wire.sent) > 40

        await eventually(is_under_way)
        await workplace.root.post("/api/v1/scheduler/pause")
        async with asyncio.timeout(1):
            await draining
        at_pause = len(post.wire.sent)
        assert at_pause < len(deliveries)
        assert await loop.drain() == 0, "nothing more while it lasts"
        async with post.database.read() as session:
            assert set(await session.exec(select(Lane.leased_until))) == {None}, "lanes were given back"

        await workplace.root.post("/api/v1/scheduler/resume")
        assert await loop.drain() == len(deliveries) - at_pause
        keys = [key for _, key in post.wire.sent]
        assert len(keys) == len(set(keys)) == len(deliveries)

    async def test_keeps_what_is_due_where_it_is(self, workplace: Workplace, frozen: Clock) -> None:
        await give_shift(workplace, EARLY, workplace.bob)
        await workplace.root.post("/api/v1/scheduler/pause")
        frozen.forward(minutes=46)
        assert await workplace.tick() == 0
        await workplace.root.post("/api/v1/scheduler/resume")
        assert await workplace.tick() == 1
