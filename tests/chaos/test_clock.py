"""A wall clock that is set while a worker runs: whatever is due by the new time goes out at once, and nothing grows or hangs."""

import tracemalloc
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo

import apscheduler.schedulers.base
import pytest
from sqlmodel import select

from conftest import DATABASES, Clock, Workplace, WorkplaceMaker, eventually
from daka import clock
from daka.change_events import ChangeNotifier
from daka.delivery.models import Delivery, DeliveryStatus, Occasion
from daka.outbound.guard import Guard
from daka.outbound.http import Outbound
from daka.reminders.models import Worker
from daka.roster.models import Assignment
from daka.shifts.models import Shift
from daka.worker import ReminderWorker

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
                async with workplace.database.read() as session:
                    asked = select(Delivery).where(
                        Delivery.occasion == Occasion.REMINDER, Delivery.status == DeliveryStatus.SENT
                    )
                    return (await session.exec(asked)).first() is not None

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
