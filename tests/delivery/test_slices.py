"""What is due is queued in slices and sent from memory: who may be in a slice, what is leased, and what a crash leaves."""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlmodel import select

from chaos.wire import Wire, address_of, says
from conftest import Clock, Person, Workplace, eventually
from daka import clock
from daka import worker as worker_module
from daka.change_events import ChangeNotifier
from daka.database import execute
from daka.delivery import outbox, send_loop
from daka.delivery.channels.registry import KINDS
from daka.delivery.lanes import LEASE, Claimant, new_lease
from daka.delivery.messages import MessageContent
from daka.delivery.models import Channel, ChannelStatus, Delivery, DeliveryStatus, Lane, Occasion
from daka.delivery.send_loop import SendLoop
from daka.delivery.sender import Sender
from daka.outbound.guard import Guard
from daka.outbound.http import Outbound
from daka.reminders.models import Reminder
from daka.reminders.states import ReminderStatus
from daka.scheduler.models import SchedulerState
from daka.security import SecretBox
from daka.worker import ReminderWorker
from scenes import EARLY, assign, new_shift

QUARTER_TO = timedelta(minutes=45)


class Office:
    """People of one team who are due at 08:45, over a wire."""

    def __init__(self, workplace: Workplace) -> None:
        self.workplace, self.database, self.wire = workplace, workplace.database, Wire()
        self.sender = Sender(workplace.database, workplace.settings, self.wire)  # type: ignore[arg-type]

    def loop(self, name: str = "one", concurrency: int = 16) -> SendLoop:
        return SendLoop(self.database, self.sender, name, concurrency)

    async def hire(self, how_many: int, *, own: bool = True, **values: Any) -> list[Person]:
        people = await self.workplace.add_people(how_many, team_id=self.workplace.team_a)
        if own:
            for person in people:
                await self.channel(person.username, user_id=person.id, **values)
        await assign(self.workplace, await self._shift(), *people)
        return people

    async def _shift(self) -> int:
        if not hasattr(self, "_shift_id"):
            self._shift_id = await new_shift(self.workplace.alice, EARLY)
        return self._shift_id

    async def channel(self, lane: str, *, kind: str = "webhook", **values: Any) -> Channel:
        sealed = SecretBox(self.workplace.settings.secret).seal({"url": address_of(lane)})
        async with self.database.write() as session:
            if await session.get(Lane, lane) is None:
                session.add(Lane(key=lane))
                await session.flush()
            given = {"name": lane, "config": {}, "sealed_secrets": sealed, "created_at": clock.now(), **values}
            channel = Channel(kind=kind, lane=lane, **given)
            session.add(channel)
        return channel

    async def change(self, statement: Any) -> None:
        async with self.database.write() as session:
            await execute(session, statement)

    async def due(self, limit: int = outbox.AT_ONCE) -> tuple[set[int], set[int]]:
        """People who are alone in their messages, and who are not."""
        async with self.database.read() as session:
            alone, together = await outbox.due_at(session, clock.now(), limit)
            whose = dict(list(await session.exec(select(Reminder.id, Reminder.user_id))))
        return {whose[ids[0]] for ids in alone}, {whose[reminder_id] for reminder_id in together}

    async def queue(self, room: int = 16, name: str = "one", **values: Any) -> outbox.Queued:
        async with self.database.write() as session:
            return await outbox.queue_due(session, by=Claimant(new_lease(name), room), **values)

    async def slices(self, monkeypatch: pytest.MonkeyPatch, *, is_behind: bool = False) -> list[int]:
        """Let a worker queue in slices what is due, and send it. Returns the number of reminders in each slice."""
        queued: list[int] = []
        really = outbox.queue_due

        async def counted(*given: Any, **values: Any) -> outbox.Queued:
            found = await really(*given, **values)
            queued.append(found.claimed)
            return found

        monkeypatch.setattr(outbox, "queue_due", counted)
        async with Outbound(Guard()) as outbound:
            worker = ReminderWorker(self.database, self.workplace.settings, self.sender, outbound, ChangeNotifier())
            worker._send_loop._is_behind = is_behind
            await worker._queue_due()
            await worker._send_loop.drain()
        return queued

    async def deliveries(self) -> list[Delivery]:
        async with self.database.read() as session:
            return list(await session.exec(select(Delivery).order_by(Delivery.id)))

    async def messages(self) -> set[tuple[str, frozenset[int]]]:
        """Which people stand in one message, by lane."""
        return {
            (found.lane, frozenset(line.user_id for line in MessageContent.model_validate(found.message).lines))
            for found in await self.deliveries()
        }


@pytest.fixture
def office(workplace: Workplace) -> Office:
    return Office(workplace)


def of_user(table: Any, **values: Any) -> Callable[[Person, Clock], Any]:
    return lambda person, _: sa.update(table).where(table.user_id == person.id).values(**values)


def ahead(**values: int) -> Callable[[Clock], Any]:
    return lambda frozen: frozen.now + timedelta(**values)


SHARES: dict[str, Callable[[Person, Clock], Any]] = {
    "their channel is broken": of_user(Channel, status=ChannelStatus.BROKEN),
    "their channel is switched off": of_user(Channel, is_enabled=False),
    "their channel was made by the system": of_user(Channel, is_fallback=True),
    "their channel is removed": lambda person, frozen: (
        sa.update(Channel).where(Channel.user_id == person.id).values(deleted_at=frozen.now)
    ),
    "their lane is throttled": lambda person, frozen: (
        sa.update(Lane).where(Lane.key == person.username).values(throttled_until=frozen.now + timedelta(hours=2))
    ),
    "they are reported": lambda person, frozen: (
        sa.update(Reminder)
        .where(Reminder.user_id == person.id)
        .values(escalate_at=frozen.now + QUARTER_TO, escalated_at=None)
    ),
    "their team is told, too": lambda person, frozen: (
        sa.update(Reminder).where(Reminder.user_id == person.id).values(team_from_at=frozen.now + QUARTER_TO)
    ),
    "another reminder of theirs goes to the team": lambda person, frozen: (
        sa.update(Reminder)
        .where(Reminder.user_id == person.id, Reminder.kind == "clock_out")
        .values(next_due_at=frozen.now, team_from_at=frozen.now)
    ),
}


@pytest.mark.parametrize("what", SHARES)
async def test_who_may_share_a_message_is_not_queued_alone(office: Office, frozen: Clock, what: str) -> None:
    first, second = await office.hire(2)
    await office.change(SHARES[what](first, frozen))
    frozen.forward(minutes=45)
    assert await office.due() == ({second.id}, {first.id})


async def test_what_has_been_reported_or_will_be_is_alone(office: Office, frozen: Clock) -> None:
    reported, later = await office.hire(2)
    values = {"escalate_at": frozen.now, "escalated_at": frozen.now}
    await office.change(sa.update(Reminder).where(Reminder.user_id == reported.id).values(**values))
    values = {"team_from_at": frozen.now + timedelta(hours=1)}
    await office.change(sa.update(Reminder).where(Reminder.user_id == later.id).values(**values))
    frozen.forward(minutes=45)
    assert await office.due() == ({reported.id, later.id}, set())


async def test_slices_make_the_same_messages_as_everything_at_once(
    office: Office, frozen: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker_module, "FIRST_SLICE", 1)
    alone = await office.hire(7)
    sharing = await office.hire(4, own=False)
    await office.channel("robot", team_id=office.workplace.team_a)
    frozen.forward(minutes=45)
    assert await office.slices(monkeypatch) == [1, 1, 4, 2, 3], (
        "one before all are known, one, who belong together, more"
    )
    robot = ("robot", frozenset(person.id for person in sharing))
    assert await office.messages() == {robot, *((person.username, frozenset({person.id})) for person in alone)}
    assert {found.status for found in await office.deliveries()} == {DeliveryStatus.SENT}
    assert len(office.wire.sent) == 8


def of_clock_in(**values: Any) -> Callable[[Person, Clock], Any]:
    return lambda person, frozen: (
        sa.update(Reminder)
        .where(Reminder.user_id == person.id, Reminder.kind == "clock_in")
        .values(**{name: found(frozen) if callable(found) else found for name, found in values.items()})
    )


CHANGED_SINCE: dict[str, Callable[[Person, Clock], Any]] = {
    "they have punched": of_clock_in(status=ReminderStatus.PUNCHED, next_due_at=None),
    "they are due later": of_clock_in(next_due_at=ahead(minutes=5)),
    "their channel is switched off": SHARES["their channel is switched off"],
    "reminding is paused": lambda _, __: sa.insert(SchedulerState).values(id=1, paused_at=clock.now()),
}


@pytest.mark.parametrize("what", [None, *CHANGED_SINCE])
async def test_who_is_first_is_chosen_before_the_moment_and_looked_at_again_then(
    office: Office, frozen: Clock, monkeypatch: pytest.MonkeyPatch, what: str | None
) -> None:
    monkeypatch.setattr(worker_module, "FIRST_SLICE", 2)
    people = await office.hire(5)
    frozen.forward(minutes=44, seconds=59.8)
    steps: list[str] = []
    for name in ("due_at", "queue_due"):
        really = getattr(outbox, name)

        async def counted(*given: Any, name: str = name, really: Any = really, **values: Any) -> Any:
            steps.append(name)
            return await really(*given, **values)

        monkeypatch.setattr(outbox, name, counted)
    async with Outbound(Guard()) as wire:
        worker = ReminderWorker(office.database, office.workplace.settings, office.sender, wire, ChangeNotifier())
        await worker._queue_due()
        assert (steps, office.wire.sent) == (["due_at"], [])
        if what is not None:
            await office.change(CHANGED_SINCE[what](people[0], frozen))
        await worker._queue_due()
        assert steps == ["due_at"], "once"
        frozen.forward(seconds=0.2)
        await worker._queue_due()
        await worker._send_loop.drain()
    assert steps[1] == "queue_due", "no look stands between the moment and the first slice"
    reminded = [] if what == "reminding is paused" else people[bool(what) :]
    assert {address for address, _ in office.wire.sent} == {address_of(person.username) for person in reminded}


async def test_a_look_at_a_few_tells_nothing_of_those_who_share_messages_or_have_more_that_is_due(
    office: Office, frozen: Clock
) -> None:
    twice, alone, sharing, last = await office.hire(4)
    again = sa.update(Reminder).where(Reminder.user_id == twice.id, Reminder.kind == "clock_out")
    await office.change(again.values(next_due_at=frozen.now + QUARTER_TO))
    await office.change(SHARES["their channel is broken"](sharing, frozen))
    frozen.forward(minutes=45)
    assert await office.due() == ({twice.id, alone.id, last.id}, {sharing.id})
    assert await office.due(6) == ({alone.id, last.id}, {twice.id, sharing.id}), "these are all"
    assert await office.due(4) == ({alone.id}, set())


async def test_while_there_is_no_room_those_who_share_messages_do_not_come_last(
    office: Office, frozen: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What waits in the tables is sent in the order in which it was written."""
    await office.hire(3)
    await office.hire(2, own=False)
    await office.channel("robot", team_id=office.workplace.team_a)
    frozen.forward(minutes=45)
    assert await office.slices(monkeypatch, is_behind=True) == [5]
    assert len(office.wire.sent) == 4


class TestLeasedAsTheyAreWritten:
    async def test_they_are_sent_without_being_claimed_and_nobody_else_claims_them(
        self, office: Office, frozen: Clock
    ) -> None:
        await office.hire(3)
        frozen.forward(minutes=45)
        queued = await office.queue()
        assert [found.status for found in await office.deliveries()] == [DeliveryStatus.SENDING] * 3
        assert await office.loop("two").drain() == 0
        mine = office.loop()
        mine.take(queued.lanes)
        assert await mine.drain() == 3
        found = await office.deliveries()
        assert [(each.status, each.next_attempt_at, each.attempt_count) for each in found] == [
            (DeliveryStatus.SENT, None, 1)
        ] * 3
        assert sorted(office.wire.sent) == sorted((address_of(each.lane), each.key) for each in found)
        async with office.database.read() as session:
            assert set(await session.exec(select(Lane.leased_by))) == {""}

    async def test_after_a_crash_they_are_sent_under_the_same_keys_when_the_lease_is_over(
        self, office: Office, frozen: Clock
    ) -> None:
        await office.hire(2)
        frozen.forward(minutes=45)
        await office.queue(name="dies")
        keys = {found.key for found in await office.deliveries()}
        assert await office.loop("two").drain() == 0
        frozen.forward(seconds=LEASE.total_seconds() + 1)
        assert await office.loop("two").drain() == 2
        assert {key for _, key in office.wire.sent} == keys

    async def test_what_waits_in_a_lane_comes_first(self, office: Office, frozen: Clock) -> None:
        first, second = await office.hire(2)
        async with office.database.write() as session:
            channel = (await session.exec(select(Channel).where(Channel.user_id == first.id))).one()
            alert = MessageContent(occasion=Occasion.ALERT, title="Look here")
            until = frozen.now + timedelta(hours=2)
            earlier = outbox.queue(session, channel, alert, due_at=frozen.now, expires_at=until)
        frozen.forward(minutes=45)
        queued = await office.queue()
        assert [lane.key for lane in queued.lanes] == [second.username]
        mine = office.loop()
        mine.take(queued.lanes)
        assert await mine.drain() == 3
        in_order = [key for address, key in office.wire.sent if address == address_of(first.username)]
        assert in_order[0] == earlier.key
        assert len(in_order) == 2

    async def test_only_as_many_as_there_is_room_for(self, office: Office, frozen: Clock) -> None:
        await office.hire(3)
        frozen.forward(minutes=45)
        queued = await office.queue(room=1)
        statuses = sorted(found.status for found in await office.deliveries())
        assert (len(queued.lanes), statuses) == (1, ["queued", "queued", "sending"])

    async def test_a_robots_rate_is_counted_before_it_sends(self, office: Office, frozen: Clock) -> None:
        """A lane whose rate is used up waits for it; one with room for one more message sends one."""
        people = await office.hire(3, own=False)
        rate = KINDS["dingtalk_robot"].rate
        assert rate is not None
        most = rate.messages
        for person, lane, sends in zip(people, ("full", "nearly", "nearly"), (most, most - 1, most - 1), strict=True):
            await office.channel(lane, kind="dingtalk_robot", user_id=person.id)
            recent = [frozen.now.timestamp() + QUARTER_TO.total_seconds() - 5] * sends
            await office.change(sa.update(Lane).where(Lane.key == lane).values(recent_sends=recent))
        frozen.forward(minutes=45)
        queued = await office.queue()
        assert [(lane.key, len(lane.jobs)) for lane in queued.lanes] == [("nearly", 1)]
        async with office.database.read() as session:
            full, nearly = await session.get(Lane, "full"), await session.get(Lane, "nearly")
        assert full is not None
        assert nearly is not None
        assert full.throttled_until == frozen.now + timedelta(seconds=55)
        assert len(nearly.recent_sends) == most
        assert sorted(found.status for found in await office.deliveries()) == ["queued", "queued", "sending"]

    async def test_who_punched_since_the_slice_was_chosen_is_not_reminded(self, office: Office, frozen: Clock) -> None:
        first, second = await office.hire(2)
        frozen.forward(minutes=45)
        async with office.database.read() as session:
            alone, _ = await outbox.due_at(session, clock.now())
        await first.post("/api/v1/punches", {"kind": "clock_in"})
        queued = await office.queue(only=[reminder_id for ids in alone for reminder_id in ids])
        assert [lane.key for lane in queued.lanes] == [second.username]
        async with office.database.read() as session:
            asked = select(Reminder.status).where(Reminder.user_id == first.id, Reminder.kind == "clock_in")
            assert (await session.exec(asked)).one() is ReminderStatus.PUNCHED

    async def test_who_punched_while_a_slot_was_waited_for_is_not_reminded(
        self, office: Office, frozen: Clock, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(send_loop, "FRESH_FOR_SECONDS", 0.05)
        people = await office.hire(2)
        frozen.forward(minutes=45)
        queued = await office.queue()
        slow, waiting = (lane.key for lane in queued.lanes)
        is_asked, answers = asyncio.Event(), asyncio.Event()

        async def answer(request: Any) -> Any:
            is_asked.set()
            await answers.wait()
            return await says(200)(request)

        office.wire.answers = {address_of(slow): answer}
        loop = office.loop(concurrency=1)
        loop.take(queued.lanes)
        await is_asked.wait()
        await next(person for person in people if person.username == waiting).post(
            "/api/v1/punches", {"kind": "clock_in"}
        )
        await asyncio.sleep(0.06)
        answers.set()
        await loop.drain()
        assert [address for address, _ in office.wire.sent] == [address_of(slow)]

    async def test_a_lane_that_its_provider_throttles_stops_and_blocks_no_other(
        self, office: Office, frozen: Clock
    ) -> None:
        people = await office.hire(2, own=False)
        for person in people:
            await office.channel("full", user_id=person.id)
        (other,) = await office.hire(1)
        frozen.forward(minutes=45)
        queued = await office.queue()
        office.wire.answers = {address_of("full"): says(429, **{"retry-after": "20"})}
        loop = office.loop()
        loop.take(queued.lanes)
        assert await loop.drain() == 2
        assert sorted(address for address, _ in office.wire.sent) == sorted(map(address_of, ("full", other.username)))
        found = [(each.status, each.attempt_count) for each in await office.deliveries() if each.lane == "full"]
        assert found == [(DeliveryStatus.THROTTLED, 1), (DeliveryStatus.QUEUED, 0)]
        frozen.forward(seconds=19)
        assert await loop.drain() == 0, "both wait: the lane does"
        office.wire.answers.clear()
        frozen.forward(seconds=2)
        assert await loop.drain() == 2
        keys = [key for address, key in office.wire.sent if address == address_of("full")]
        assert keys[0] == keys[1], "in order, under the same key"

    @pytest.mark.parametrize("what", ["punched", "channel removed"])
    async def test_what_was_withdrawn_while_earlier_messages_of_a_lane_were_sent_is_not_sent(
        self, office: Office, frozen: Clock, monkeypatch: pytest.MonkeyPatch, what: str
    ) -> None:
        """Shown to fail where a lane was read once: its last message left up to ten seconds after that."""
        monkeypatch.setattr(send_loop, "FRESH_FOR_SECONDS", 0.05)
        people = await office.hire(2, own=False)
        for person in people:
            await office.channel("shared", user_id=person.id)
        frozen.forward(minutes=45)
        queued = await office.queue()
        (lane,) = queued.lanes
        first, second = lane.jobs
        is_asked, answers = asyncio.Event(), asyncio.Event()

        async def answer(request: Any) -> Any:
            is_asked.set()
            await answers.wait()
            return await says(200)(request)

        office.wire.answers = {address_of("shared"): answer}
        loop = office.loop()
        loop.take(queued.lanes)
        sending = asyncio.create_task(loop.drain())
        await is_asked.wait()
        person = next(person for person in people if person.id == second.channel.user_id)
        if what == "punched":
            await person.post("/api/v1/punches", {"kind": "clock_in"})
        else:
            await person.delete(f"/api/v1/channels/{second.channel.id}")
        await asyncio.sleep(0.06)
        answers.set()
        await sending
        assert office.wire.sent == [(address_of("shared"), first.delivery.key)]
        statuses = {found.id: found.status for found in await office.deliveries()}
        ended = DeliveryStatus.EXPIRED if what == "punched" else DeliveryStatus.FAILED
        assert statuses[second.delivery.id] is ended

    @pytest.mark.parametrize("what", ["too long", "stopped"])
    async def test_what_waits_for_a_slot_behind_slow_lanes_is_left_to_other_processes(
        self, office: Office, frozen: Clock, monkeypatch: pytest.MonkeyPatch, what: str
    ) -> None:
        """Shown to fail where it was given back only once a slot was free: as long as an attempt takes."""
        monkeypatch.setattr(send_loop, "FRESH_FOR_SECONDS", 0.05 if what == "too long" else 3600)
        await office.hire(3)
        frozen.forward(minutes=45)
        queued = await office.queue()
        slow, *waiting = (address_of(lane.key) for lane in queued.lanes)
        is_asked, answers = asyncio.Event(), asyncio.Event()

        async def answer(request: Any) -> Any:
            is_asked.set()
            await answers.wait()
            return await says(200)(request)

        office.wire.answers = {slow: answer}
        loop = office.loop(concurrency=1)
        loop.take(queued.lanes)
        sending = asyncio.create_task(loop.drain())
        await is_asked.wait()
        stopping = asyncio.create_task(loop.finish(10)) if what == "stopped" else None

        async def others_send() -> bool:
            await office.loop("two").drain()
            return len(office.wire.sent) == 3

        await eventually(others_send)
        assert sorted(address for address, _ in office.wire.sent[1:]) == sorted(waiting)
        answers.set()
        assert await sending == 1
        if stopping:
            await stopping

    async def test_a_worker_that_stops_gives_back_what_was_just_leased_for_it(
        self, office: Office, frozen: Clock, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Shown to fail where a stop does not wait: the lanes stay leased, and the messages leave half a minute late."""
        await office.hire(2)
        frozen.forward(minutes=45)
        async with Outbound(Guard()) as outbound:
            worker = ReminderWorker(
                office.database, office.workplace.settings, office.sender, outbound, ChangeNotifier()
            )
            worker.believes_clock = True
            is_committed, goes_on, really = asyncio.Event(), asyncio.Event(), worker._queue_batch

            async def slowly(*given: Any, **values: Any) -> Any:
                queued = await really(*given, **values)
                is_committed.set()
                await goes_on.wait()
                return queued

            monkeypatch.setattr(worker, "_queue_batch", slowly)
            worker._tasks = [asyncio.create_task(loop.run()) for loop in (worker._due, worker._sending)]
            worker._due.wake()
            await is_committed.wait()
            stopping = asyncio.create_task(worker.stop())
            asyncio.get_running_loop().call_later(0.05, goes_on.set)
            await stopping
        assert [found.status for found in await office.deliveries()] == [DeliveryStatus.QUEUED] * 2
        assert await office.loop("two").drain() == 2


@pytest.mark.parametrize("database_maker", ["postgres"], indirect=True)
async def test_processes_queue_people_who_share_nothing_side_by_side(office: Office, frozen: Clock) -> None:
    """Shown to fail where each slice waited for all others. What is shared waits, and nobody is queued twice."""
    await office.hire(4)
    frozen.forward(minutes=45)
    async with office.database.read() as session:
        alone, _ = await outbox.due_at(session, clock.now())
    ids = [reminder_id for of_person in alone for reminder_id in of_person]
    async with office.database.write() as first:
        one = await outbox.queue_due(first, only=ids[:3], are_alone=True, by=Claimant(new_lease("one"), 9))
        async with asyncio.timeout(10):
            two = await office.queue(only=ids[1:], are_alone=True, name="two")
        shared = asyncio.create_task(office.queue(name="three"))
        await eventually(lambda: is_waited_for(office, "advisory"))
        assert not shared.done()
    assert (one.claimed, len(one.lanes), two.claimed, len(two.lanes)) == (3, 3, 1, 1)
    assert (await shared).claimed == 0
    assert len(await office.deliveries()) == 4


async def is_waited_for(office: Office, kind: str) -> bool:
    """Whether a process waits for a lock of this kind."""
    async with office.database.read() as session:
        asked = sa.text("SELECT count(*) FROM pg_locks WHERE locktype = :kind AND NOT granted")
        return bool((await execute(session, asked, {"kind": kind})).scalar_one())


class TestRoom:
    async def test_while_more_waits_than_was_claimed_it_comes_first(self, office: Office, frozen: Clock) -> None:
        people = await office.hire(5)
        frozen.forward(minutes=45)
        async with office.database.write() as session:
            await outbox.queue_due(session)
        loop, answers, asked = office.loop(concurrency=4), asyncio.Event(), asyncio.Semaphore(0)

        async def answer(request: Any) -> Any:
            asked.release()
            await answers.wait()
            return await says(200)(request)

        office.wire.answers = {address_of(person.username): answer for person in people}
        sending = asyncio.create_task(loop.drain())
        for _ in range(4):
            await asked.acquire()
        answers.set()
        assert await loop.claimant(1) is None
        assert await sending == 5
        assert await loop.claimant(1) is not None

    @pytest.mark.parametrize(
        ("wanted", "longest_wait", "has_room"), [(1, 3600.0, True), (2, 0.01, False), (64, 0.01, False)]
    )
    async def test_slow_lanes_delay_nothing_that_has_room_beside_them(
        self,
        office: Office,
        frozen: Clock,
        monkeypatch: pytest.MonkeyPatch,
        wanted: int,
        longest_wait: float,
        has_room: bool,
    ) -> None:
        """Three of four slots are taken: there is room for one lane at once, and never for a slice."""
        monkeypatch.setattr(send_loop, "LONGEST_WAIT_FOR_ROOM_SECONDS", longest_wait)
        people = await office.hire(3)
        frozen.forward(minutes=45)
        loop, answers = office.loop(concurrency=4), asyncio.Event()

        async def answer(request: Any) -> Any:
            await answers.wait()
            return await says(200)(request)

        office.wire.answers = {address_of(person.username): answer for person in people}
        loop.take((await office.queue()).lanes)
        async with asyncio.timeout(10):
            found = await loop.claimant(wanted)
        assert (found is not None) is has_room
        answers.set()
        assert await loop.drain() == 3

    async def test_a_slice_that_takes_the_slots_while_a_claim_begins_leaves_it_none(
        self, office: Office, frozen: Clock, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Shown to fail where a claim asked for -1 lanes: PostgreSQL refuses that, and SQLite leases all there are."""
        await office.hire(6)
        frozen.forward(minutes=45)
        async with office.database.read() as session:
            alone, _ = await outbox.due_at(session, clock.now())
        leased = (await office.queue(only=[reminder_id for ids in alone[:3] for reminder_id in ids])).lanes
        await office.queue(room=0)
        loop, answers, really = office.loop(concurrency=2), asyncio.Event(), send_loop.is_on_hold

        async def answer(request: Any) -> Any:
            await answers.wait()
            return await says(200)(request)

        async def meanwhile(session: Any) -> bool:
            monkeypatch.setattr(send_loop, "is_on_hold", really)
            loop.take(leased)
            return await really(session)

        office.wire.answers = {address_of(lane.key): answer for lane in leased}
        monkeypatch.setattr(send_loop, "is_on_hold", meanwhile)
        await loop._claim()
        assert loop._free == -1
        answers.set()
        assert await loop.drain() == 6

    async def test_a_loop_that_ends_or_is_on_hold_takes_nothing_more(self, office: Office) -> None:
        loop = office.loop()
        assert (found := await loop.claimant(1)) is not None
        assert found.room == 16
        await loop.finish(1)
        assert await loop.claimant(1) is None
