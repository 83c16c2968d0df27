"""Processes go on hearing of each other when the database goes away and comes back."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import pytest
import sqlalchemy as sa
from sqlmodel import select

import daka.app
from conftest import Workplace, WorkplaceMaker, eventually
from daka import change_events
from daka.change_events import ChangeEvent, ChangeListener, ChangeNotifier, Topic, listen_to_other_processes, publish
from daka.database import Database
from daka.live.stream import Live


@asynccontextmanager
async def heard(database: Database) -> AsyncIterator[ChangeListener]:
    """What another process hears."""
    notifier = ChangeNotifier()
    listener = notifier.listener()
    hearing = asyncio.create_task(listen_to_other_processes(database, notifier))
    try:
        yield listener
    finally:
        hearing.cancel()
        with suppress(asyncio.CancelledError):
            await hearing


async def say_something(workplace: Workplace) -> None:
    async with workplace.database.write() as session:
        publish(session, Topic.ROSTER, team_id=workplace.team_a)


async def test_the_other_process_hears_it(workplace: Workplace) -> None:
    async with heard(workplace.database) as listener:
        await eventually(lambda: listener.wait(2))
        await say_something(workplace)
        assert await listener.wait(5)


async def test_an_application_hears_what_another_process_says(
    make_workplace: WorkplaceMaker, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(daka.app, "listen_to_other_processes", listen_to_other_processes)
    ChangeNotifier().attach_to(database)
    async with make_workplace() as workplace:
        listener = workplace.app.state.live._notifier.listener()

        async def is_heard() -> bool:
            async with database.write() as session:
                publish(session, Topic.ROSTER, team_id=workplace.team_a)
            return await listener.wait(0.3)

        await eventually(is_heard)


async def test_it_hears_again_after_its_connection_was_cut(
    workplace: Workplace, monkeypatch: pytest.MonkeyPatch
) -> None:
    if workplace.database.is_sqlite:
        pytest.skip("a file has no connection that could be cut")
    monkeypatch.setattr(change_events, "RECONNECT_SECONDS", 0.05)
    async with heard(workplace.database) as listener:
        assert await listener.wait(5)
        async with workplace.database.write() as session:
            await session.exec(
                sa.text(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                    "WHERE datname = current_database() AND pid <> pg_backend_pid()"
                )
            )
        assert await listener.wait(5), "it looks by itself for what it did not hear"
        await eventually(lambda: _is_heard(workplace, listener))


async def test_browsers_hear_again_after_the_database_was_away(
    workplace: Workplace, monkeypatch: pytest.MonkeyPatch
) -> None:
    notifier = ChangeNotifier()
    live = Live(workplace.database, notifier)
    running = asyncio.create_task(live.run())
    failures = 0

    async def away() -> None:
        nonlocal failures
        failures += 1
        raise sa.exc.OperationalError("", None, OSError("the server is restarting"))

    somebody = asyncio.Event()
    live._subscribers.add(somebody)  # type: ignore[arg-type]
    with monkeypatch.context() as patch:
        patch.setattr(live, "_read", away)
        for expected in (1, 2):

            async def has_failed_again(expected: int = expected) -> bool:
                notifier.wake_all()
                return failures >= expected

            await eventually(has_failed_again)
    running.cancel()
    with suppress(asyncio.CancelledError):
        await running


async def test_the_same_news_is_written_once_in_a_transaction(workplace: Workplace) -> None:
    async with workplace.database.write() as session:
        for _ in range(3):
            publish(session, Topic.SHIFT, team_id=workplace.team_a)
    async with workplace.database.read() as session:
        assert len(list(await session.exec(select(ChangeEvent).where(ChangeEvent.topic == Topic.SHIFT)))) == 1


async def _is_heard(workplace: Workplace, listener: ChangeListener) -> bool:
    await say_something(workplace)
    return await listener.wait(0.3)
