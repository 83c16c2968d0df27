"""A clock that is set back while a worker runs: its regular jobs go by the new time at once."""

from sqlmodel import select

from conftest import Clock, WorldMaker, eventually
from daka.change_events import ChangeNotifier
from daka.outbound.guard import Guard
from daka.outbound.http import Outbound
from daka.reminders.models import Worker
from daka.worker import ReminderWorker


async def test_the_heartbeat_goes_on_after_the_clock_was_set_back(make_world: WorldMaker, frozen: Clock) -> None:
    async with make_world() as world, Outbound(Guard()) as outbound:
        notifier = ChangeNotifier()
        worker = ReminderWorker(world.database, world.settings, world.app.state.sender, outbound, notifier)
        await worker.start()
        try:
            frozen.forward(hours=-1)

            async def beats_now() -> bool:
                notifier.wake_all()
                async with world.database.read() as session:
                    (seen,) = list(await session.exec(select(Worker.last_tick_at)))
                return bool(seen == frozen.now)

            await eventually(beats_now)
        finally:
            await worker.stop()
