"""A wall clock that is set while a worker runs: whatever is due by the new time goes out at once, and nothing grows or hangs."""

import asyncio
import tracemalloc
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from zoneinfo import ZoneInfo

import apscheduler.schedulers.base
import pytest
from sqlmodel import select

from conftest import DATABASES, PASSWORD, Clock, Workplace, WorkplaceMaker, eventually
from daka import RELEASED_ON, clock
from daka.change_events import ChangeNotifier
from daka.delivery.models import Delivery, DeliveryStatus, Lane, Occasion
from daka.identity.models import SignInFailure, User
from daka.identity.sessions import Device, open_family, refresh
from daka.outbound.guard import Guard
from daka.outbound.http import Outbound
from daka.reminders.models import Reminder
from daka.reminders.punches.models import PunchSource
from daka.reminders.states import ReminderStatus
from daka.roster.models import Assignment
from daka.scheduler.models import Worker
from daka.shifts.models import Shift
from daka.shifts.times import PunchKind
from daka.syncing.models import RosterSource
from daka.worker import ReminderWorker
from identity.test_sign_in import try_password
from scenes import EARLY

WITHIN_SECONDS = 15.0
MOST_BYTES = 20_000_000
NINE = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
"""09:00 in Shanghai, when Bob must clock in. His window opens a quarter of an hour before."""
LEAD = timedelta(minutes=15)
JUST = timedelta(seconds=1)


async def test_the_heartbeat_goes_on_after_the_clock_was_set_back(
    make_workplace: WorkplaceMaker, frozen: Clock
) -> None:
    async with make_workplace() as workplace, Outbound(Guard()) as outbound:
        notifier = ChangeNotifier()
        worker = ReminderWorker(workplace.database, workplace.settings, workplace.app.state.sender, outbound, notifier)
        await worker.start()
        try:
            frozen.forward(hours=-1)

            async def beats_now() -> bool:
                notifier.wake_all()
                async with workplace.database.read() as session:
                    (seen,) = list(await session.exec(select(Worker.last_tick_at)))
                return bool(seen == frozen.now)

            await eventually(beats_now)
        finally:
            await worker.stop()


@dataclass
class RunningClock:
    """A wall clock that runs, and can be set."""

    offset: timedelta = timedelta(0)

    def now(self) -> datetime:
        return datetime.now(UTC) + self.offset

    def set(self, moment: datetime) -> None:
        self.offset = moment - datetime.now(UTC)


@pytest.fixture
def running(monkeypatch: pytest.MonkeyPatch) -> Iterator[RunningClock]:
    """The clock of the program and of APScheduler."""
    wall = RunningClock()

    class SetDatetime(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override]
            return wall.now().astimezone(tz)

    monkeypatch.setattr(apscheduler.schedulers.base, "datetime", SetDatetime)
    with clock.set_to(wall.now):
        yield wall


async def sent(workplace: Workplace) -> int:
    """How many reminders were sent."""
    async with workplace.database.read() as session:
        asked = select(Delivery.id).where(
            Delivery.occasion == Occasion.REMINDER, Delivery.status == DeliveryStatus.SENT
        )
        return len(list(await session.exec(asked)))


async def work_at(workplace: Workplace, starts_at: datetime) -> None:
    """Put a shift with that start on Bob's roster, without planning it."""
    local = starts_at.astimezone(ZoneInfo("Asia/Shanghai"))
    end = local + timedelta(hours=8)
    async with workplace.database.write() as session:
        shift = Shift(
            name="早班",
            code="早",
            color="#888888",
            periods=[{"start": f"{local:%H:%M}", "end": f"{end:%H:%M}"}],
            created_at=clock.now(),
        )
        session.add(shift)
        await session.flush()
        day: date = local.date()
        session.add(Assignment(user_id=workplace.bob.id, work_date=day, shift_id=shift.id, updated_at=clock.now()))


JUMPS = {
    "10 s": timedelta(seconds=10),
    "1 h": timedelta(hours=1),
    "90 days": timedelta(days=90),
    "56 years": timedelta(days=56 * 365),
}


@pytest.mark.parametrize("database_maker", DATABASES[:1], indirect=True)
@pytest.mark.parametrize("is_forward", [True, False], ids=["forward", "back"])
@pytest.mark.parametrize("jump", JUMPS.values(), ids=JUMPS)
async def test_a_reminder_goes_out_within_15_seconds_of_a_jump(
    make_workplace: WorkplaceMaker, running: RunningClock, jump: timedelta, is_forward: bool
) -> None:
    """Forward into an open window, planned before if the horizon reaches so far; or back to just before one."""
    starts_at = NINE if is_forward else (NINE - jump).replace(second=0)
    after = starts_at - LEAD + (JUST if is_forward else -JUST)
    before = after - jump if is_forward else after + jump
    running.set(before)
    async with make_workplace(log_level="ERROR") as workplace, Outbound(Guard()) as outbound:
        notifier = ChangeNotifier()
        notifier.attach_to(workplace.database)
        if is_forward:
            await work_at(workplace, starts_at)
        worker = ReminderWorker(workplace.database, workplace.settings, workplace.app.state.sender, outbound, notifier)
        await worker.start()
        try:
            if not is_forward:
                await work_at(workplace, starts_at)

            async def is_sent() -> bool:
                return await sent(workplace) > 0

            assert not await is_sent()
            running.set(after)
            tracemalloc.start()
            try:
                await eventually(is_sent, within_seconds=WITHIN_SECONDS)
                _, most_bytes = tracemalloc.get_traced_memory()
            finally:
                tracemalloc.stop()
        finally:
            await worker.stop()
        assert most_bytes < MOST_BYTES


WRONG_FOR_A_WHILE = {"90 minutes": timedelta(minutes=90), "56 years": timedelta(days=56 * 365)}


@pytest.mark.parametrize("jump", WRONG_FOR_A_WHILE.values(), ids=WRONG_FOR_A_WHILE)
async def test_a_clock_that_was_ahead_for_a_while_costs_no_reminder(
    make_workplace: WorkplaceMaker, running: RunningClock, jump: timedelta
) -> None:
    """The window seems to be over until the clock is set right."""
    right = NINE - LEAD - timedelta(minutes=5)
    running.set(right)
    async with make_workplace(log_level="ERROR") as workplace:
        await work_at(workplace, NINE)
        async with working(workplace):
            running.set(right + jump)

            async def is_over() -> bool:
                return (await statuses(workplace))[NINE.date()] is ReminderStatus.MISSED

            await eventually(is_over)
            running.set(NINE - LEAD + JUST)

            async def is_sent() -> bool:
                return await sent(workplace) == 1

            await eventually(is_sent, within_seconds=WITHIN_SECONDS)


async def test_a_process_that_died_ahead_of_time_leaves_no_waits_and_no_sign_of_life(
    workplace: Workplace, frozen: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was killed while the clock was 56 years ahead; the next one starts by the right time, and saw no jump."""
    monkeypatch.setattr("daka.worker.LEASE", timedelta(0))
    ahead = frozen.now + WRONG_FOR_A_WHILE["56 years"]
    async with workplace.database.write() as session:
        session.add(Worker(id="dead", started_at=ahead, last_tick_at=ahead))
        session.add(Lane(key="x", leased_until=ahead, leased_by="dead", throttled_until=ahead))
        source = PunchSource(name="x", kind="json", config={}, account="x", leased_until=ahead, throttled_until=ahead)
        source.is_enabled = False
        session.add(source)
        await session.flush()
        session.add(RosterSource(punch_source_id=source.id, operator_userid="x", next_at=ahead))
        session.add_all(SignInFailure(username="bob", source="127.0.0.1", at=ahead) for _ in range(50))
    health = (await workplace.anonymous.get("/api/health")).json()
    assert health["checks"]["scheduler"] == "stale"
    assert (await try_password(workplace.anonymous, "bob", PASSWORD)).status_code == 200
    async with working(workplace):

        async def is_free() -> bool:
            async with workplace.database.read() as session:
                lane = await session.get_one(Lane, "x")
                source = (await session.exec(select(PunchSource))).one()
                roster = (await session.exec(select(RosterSource))).one()
                workers = list(await session.exec(select(Worker.id)))
                waits = (lane.leased_until, lane.throttled_until, source.leased_until, source.throttled_until)
                return waits == (None,) * 4 and roster.next_at < ahead and "dead" not in workers

        await eventually(is_free)


async def test_a_clock_that_jumps_ahead_makes_nothing_old_enough_to_be_deleted(
    workplace: Workplace, frozen: Clock
) -> None:
    kept = len((await workplace.root.get("/api/v1/audit"))["items"])
    await workplace.alice.post("/api/v1/shifts", EARLY)
    async with workplace.database.write() as session:
        session.add(Worker(id="before", started_at=frozen.now, last_tick_at=frozen.now))
    frozen.forward(days=56 * 365)
    async with working(workplace) as (worker, _):
        await worker._tidy()
    frozen.forward(days=-56 * 365)
    assert len((await workplace.root.get("/api/v1/audit"))["items"]) > kept


MADE_ON = datetime(2026, 11, 20, tzinfo=UTC)
"""When this version was made, in the tests of clocks that are not believed."""


@pytest.fixture
def sceptical(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "EARLIEST", MADE_ON)


@asynccontextmanager
async def working(workplace: Workplace) -> AsyncIterator[tuple[ReminderWorker, ChangeNotifier]]:
    notifier = ChangeNotifier()
    notifier.attach_to(workplace.database)
    async with Outbound(Guard()) as outbound:
        worker = ReminderWorker(workplace.database, workplace.settings, workplace.app.state.sender, outbound, notifier)
        await worker.start()
        try:
            yield worker, notifier
        finally:
            await worker.stop()


async def statuses(workplace: Workplace) -> dict[date, ReminderStatus]:
    """How Bob's clock-ins stand, by work date."""
    async with workplace.database.read() as session:
        asked = select(Reminder.work_date, Reminder.status).where(Reminder.kind == PunchKind.CLOCK_IN)
        return dict(list(await session.exec(asked)))


DAY = timedelta(days=1)
WRONG = {"1970": datetime(1970, 1, 1, tzinfo=UTC), "a day before the build": MADE_ON - DAY}


@pytest.mark.usefixtures("sceptical")
@pytest.mark.parametrize("wrong", WRONG.values(), ids=WRONG)
async def test_a_board_that_starts_in_1970_sends_nothing_until_it_knows_the_time(
    make_workplace: WorkplaceMaker, running: RunningClock, wrong: datetime
) -> None:
    """It ran until yesterday at ten, and has been without power since; today's window is open when it hears the time."""
    right = NINE - LEAD + JUST
    running.set(right - DAY + timedelta(hours=1))
    async with make_workplace(log_level="CRITICAL") as workplace:
        async with working(workplace):
            pass
        for starts_at in (NINE - timedelta(hours=20), NINE, NINE + timedelta(days=5)):
            await work_at(workplace, starts_at)
        running.set(wrong)
        before = await statuses(workplace)
        async with working(workplace) as (_, notifier):
            health = (await workplace.anonymous.get("/api/health")).json()
            assert (health["status"], health["checks"]["scheduler"]) == ("failing", "waiting")
            assert f"it says {wrong:%Y-%m-%d}" in health["checks"]["clock"]
            assert (await workplace.root.get("/api/v1/dashboard"))["team"]["scheduler"]["is_clock_wrong"]
            for _ in range(20):
                notifier.wake_all()
                await asyncio.sleep(0.02)
            assert (await statuses(workplace), await sent(workplace)) == (before, 0)

            running.set(right)

            async def is_sent() -> bool:
                return await sent(workplace) == 1

            await eventually(is_sent, within_seconds=WITHIN_SECONDS)
            today = NINE.date()
            assert await statuses(workplace) == {
                today - DAY: ReminderStatus.MISSED,  # at 13:00, without power
                today: ReminderStatus.NAGGING,
            }
            assert (await workplace.anonymous.get("/api/health")).json()["checks"]["clock"] == "ok"


@pytest.mark.usefixtures("sceptical")
async def test_a_clock_that_is_set_to_1970_under_a_worker_stops_it_until_it_is_set_right(
    make_workplace: WorkplaceMaker, running: RunningClock
) -> None:
    """What a planner changes meanwhile counts: today's shift is taken off the roster, tomorrow's is put on it."""
    running.set(NINE - LEAD - timedelta(hours=1))
    async with make_workplace(log_level="CRITICAL") as workplace:
        await work_at(workplace, NINE)
        async with working(workplace) as (worker, _):
            assert await statuses(workplace) == {NINE.date(): ReminderStatus.SCHEDULED}
            running.set(datetime(1970, 1, 1, tzinfo=UTC))

            async def has_stopped() -> bool:
                return not worker.believes_clock

            await eventually(has_stopped)
            shift = next(
                each for each in (await workplace.alice.get("/api/v1/shifts"))["items"] if each["code"] == "早"
            )
            cells = [(NINE.date(), None), (NINE.date() + DAY, shift["id"])]
            changes = [{"user_id": workplace.bob.id, "date": str(day), "shift_id": put} for day, put in cells]
            await workplace.alice.put("/api/v1/roster", {"assignments": changes})
            running.set(NINE + DAY - LEAD + JUST)

            async def is_sent() -> bool:
                return await sent(workplace) == 1

            await eventually(is_sent, within_seconds=WITHIN_SECONDS)
            assert await statuses(workplace) == {NINE.date() + DAY: ReminderStatus.NAGGING}


@pytest.mark.usefixtures("sceptical")
async def test_a_session_refreshed_in_1970_lives_on(workplace: Workplace, frozen: Clock) -> None:
    device = Device("Pi", "192.0.2.1")
    async with workplace.database.write() as session:
        user = await session.get(User, workplace.bob.id)
        assert user is not None
        tokens = await open_family(session, workplace.settings, user, device)
    today = frozen.now
    frozen.set(datetime(1970, 1, 1, tzinfo=UTC))
    tokens = await refresh(workplace.database, workplace.settings, tokens.refresh, device)
    frozen.set(today + DAY)
    assert (await refresh(workplace.database, workplace.settings, tokens.refresh, device)).user_id == workplace.bob.id


def test_this_version_is_not_of_the_future() -> None:
    """Otherwise nothing would be sent until then."""
    assert datetime.combine(RELEASED_ON, time(), UTC) <= datetime.now(UTC)
