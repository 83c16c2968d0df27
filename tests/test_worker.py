"""The scheduler's own health: heartbeat, overdue work, clock jumps, and the dead man's switch."""

import asyncio
import os
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from aiohttp import web
from sqlmodel import select

from conftest import TODAY, Clock, Workplace, WorkplaceMaker, eventually
from daka import clock
from daka.change_events import ChangeNotifier
from daka.chat.supervisor import LOOK_EVERY
from daka.loops import ClockWatch
from daka.outbound.guard import Guard
from daka.outbound.http import Outbound
from daka.reminders.models import Reminder
from daka.shifts.models import Shift
from daka.today.overdue import what_is_overdue
from daka.worker import ReminderWorker
from fakes.telegram_bot import FakeBot

EARLY = {"name": "早班", "code": "早", "periods": [{"start": "09:00", "end": "18:00"}]}


async def give_bob_the_early_shift(workplace: Workplace) -> None:
    shift = await workplace.alice.post("/api/v1/shifts", EARLY)
    await workplace.alice.put(
        "/api/v1/roster", {"assignments": [{"user_id": workplace.bob.id, "date": str(TODAY), "shift_id": shift["id"]}]}
    )


async def test_health_turns_red_without_a_worker_and_when_work_is_overdue(workplace: Workplace, frozen: Clock) -> None:
    assert (await workplace.anonymous.get("/api/health")).json()["checks"]["scheduler"] == "stale"
    async with Outbound(Guard()) as outbound:
        worker = ReminderWorker(
            workplace.database, workplace.settings, workplace.app.state.sender, outbound, ChangeNotifier()
        )
        await worker.start()
        await worker.stop()
    assert (await workplace.anonymous.get("/api/health")).status_code == 200

    await give_bob_the_early_shift(workplace)
    async with workplace.database.read() as session:
        assert await what_is_overdue(session, clock.now() + timedelta(minutes=45)) == ""
        assert await what_is_overdue(session, clock.now() + timedelta(minutes=47)) == "reminders"
    await workplace.root.post("/api/v1/scheduler/pause")
    async with workplace.database.read() as session:
        assert await what_is_overdue(session, clock.now() + timedelta(minutes=47)) == ""
    frozen.forward(minutes=2)
    answer = await workplace.anonymous.get("/api/health")
    assert (answer.status_code, answer.json()["status"]) == (503, "failing")


async def test_the_http_client_is_loaded_when_something_is_due_within_a_minute(
    workplace: Workplace, frozen: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither with the start, which it would make longer, nor with the first message, which it would make late."""
    await give_bob_the_early_shift(workplace)
    loaded: list[Outbound] = []

    async def load(outbound: Outbound) -> None:
        loaded.append(outbound)

    monkeypatch.setattr(Outbound, "load", load)
    outbound = Outbound(Guard())
    worker = ReminderWorker(
        workplace.database, workplace.settings, workplace.app.state.sender, outbound, ChangeNotifier()
    )
    await worker._queue_due()
    frozen.forward(minutes=43)
    await worker._queue_due()
    assert loaded == []
    frozen.forward(minutes=1, seconds=30)
    await worker._queue_due()
    assert loaded == [outbound]


async def test_the_file_for_health_checks_is_touched_at_the_start_and_with_each_heartbeat(
    workplace: Workplace, tmp_path: Path
) -> None:
    tick = tmp_path / "tick"
    async with Outbound(Guard()) as outbound:
        worker = ReminderWorker(
            workplace.database,
            workplace.settings,
            workplace.app.state.sender,
            outbound,
            ChangeNotifier(),
            tick_file=tick,
        )
        await worker.start()
        try:
            assert tick.exists()
            os.utime(tick, (0, 0))
            await worker._beat()
            assert tick.stat().st_mtime > 0
        finally:
            await worker.stop()


@pytest.fixture
async def watcher():
    """A dead man's switch that counts how often it is asked."""
    asked: list[str] = []

    async def answer(request: web.Request) -> web.Response:
        asked.append(request.method)
        return web.Response(text="OK")

    app = web.Application()
    app.router.add_get("/ping", answer)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    port = runner.addresses[0][1]
    yield f"http://127.0.0.1:{port}/ping", asked
    await runner.cleanup()


async def test_the_dead_mans_switch_hears_from_a_worker_that_works(
    make_workplace: WorkplaceMaker, frozen: Clock, watcher
) -> None:
    url, asked = watcher
    async with make_workplace(dead_man_url=url) as workplace, Outbound(Guard()) as outbound:
        worker = ReminderWorker(
            workplace.database, workplace.settings, workplace.app.state.sender, outbound, ChangeNotifier()
        )
        await worker.start()
        try:
            await worker._ping_dead_man()
            await worker._beat()
        finally:
            await worker.stop()
        assert asked == ["GET"]  # its own loop asks once a minute; a heartbeat does not

        await give_bob_the_early_shift(workplace)
        frozen.forward(minutes=50)
        await worker._ping_dead_man()
        assert asked == ["GET"]  # something is overdue: silence is the alarm


async def test_whoever_taps_after_a_start_is_heard_at_once(make_workplace: WorkplaceMaker) -> None:
    """Not only when the worker looks for new apps for the first time."""
    bot = FakeBot()
    async with bot.running(), make_workplace(telegram_base_url=bot.base_url) as workplace:
        config = {"bot_token": "42:good", "chat_id": "7", "answers_in_chat": True}
        await workplace.bob.post("/api/v1/channels", {"name": "Telegram", "kind": "telegram", "config": config})
        state = workplace.app.state
        worker = ReminderWorker(workplace.database, state.settings, state.sender, state.outbound, ChangeNotifier())
        await worker.start()
        try:
            await bot.until(lambda: bot.polls, LOOK_EVERY.total_seconds() - 1)
        finally:
            await worker.stop()


def test_a_jump_of_the_clock_is_noticed(frozen: Clock) -> None:
    watch = ClockWatch()
    assert not watch.has_jumped()
    frozen.forward(hours=1)
    assert watch.has_jumped()
    assert not watch.has_jumped()


async def test_one_person_who_cannot_be_planned_keeps_nobody_else_from_being_planned(
    workplace: Workplace,
) -> None:
    """Nor the worker from starting: what is stored of Bob's shift is beyond understanding."""
    await give_bob_the_early_shift(workplace)
    (eve,) = await workplace.add_people(1, team_id=workplace.team_a)
    shift = await workplace.alice.post("/api/v1/shifts", {**EARLY, "code": "二"})
    await workplace.alice.put(
        "/api/v1/roster", {"assignments": [{"user_id": eve.id, "date": str(TODAY), "shift_id": shift["id"]}]}
    )
    async with workplace.database.write() as session:
        await session.exec(sa.update(Shift).where(Shift.id != shift["id"]).values(periods=[{"start": "dawn"}]))
        await session.exec(sa.delete(Reminder))
    async with Outbound(Guard()) as outbound:
        worker = ReminderWorker(
            workplace.database, workplace.settings, workplace.app.state.sender, outbound, ChangeNotifier()
        )
        await worker.start()
        await worker.stop()
    async with workplace.database.read() as session:
        assert set(await session.exec(select(Reminder.user_id))) == {eve.id}


async def test_a_failure_in_one_round_does_not_end_reminding(
    make_workplace: WorkplaceMaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the real clock: the first look fails, the next one goes on."""
    from daka.delivery import outbox

    real, calls = outbox.queue_due, []

    async def fails_once(session, **values):
        calls.append(1)
        if len(calls) == 1:
            raise RuntimeError("the disk is full")
        return await real(session, **values)

    monkeypatch.setattr(outbox, "queue_due", fails_once)
    async with make_workplace(log_level="CRITICAL") as workplace, Outbound(Guard()) as outbound:
        notifier = ChangeNotifier()
        notifier.attach_to(workplace.database)
        worker = ReminderWorker(workplace.database, workplace.settings, workplace.app.state.sender, outbound, notifier)
        await worker.start()
        try:
            local = clock.now() + timedelta(hours=8)
            start = local + timedelta(minutes=5)  # its window is open already, so it goes out at once
            shift = await workplace.alice.post(
                "/api/v1/shifts",
                {**EARLY, "periods": [{"start": f"{start:%H:%M}", "end": f"{start + timedelta(hours=8):%H:%M}"}]},
            )
            cell = {"user_id": workplace.bob.id, "date": str(start.date()), "shift_id": shift["id"]}
            await workplace.alice.put("/api/v1/roster", {"assignments": [cell]})

            async def is_sent() -> bool:
                found = (await workplace.bob.get("/api/v1/deliveries"))["items"]
                return bool(found) and found[0]["status"] == "sent"

            await eventually(is_sent)
        finally:
            await worker.stop()
        await asyncio.sleep(0)
    assert len(calls) >= 2
