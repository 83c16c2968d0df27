"""What is due is queued even when one reminder of it cannot be, and by one process at a time."""

import asyncio
from typing import Any

import pytest
from sqlmodel import col, select

from conftest import TODAY, Clock, World
from daka.delivery import outbox
from daka.delivery.models import Channel, Delivery, Lane
from daka.reminders.models import Reminder

EARLY = {"name": "早班", "code": "早", "periods": [{"start": "09:00", "end": "18:00"}]}


async def everybody_works(world: World, *people: Any) -> None:
    shift = await world.alice.post("/api/v1/shifts", EARLY)
    cells = [{"user_id": person.id, "date": str(TODAY), "shift_id": shift["id"]} for person in people]
    await world.alice.put("/api/v1/roster", {"assignments": cells})


async def test_one_reminder_at_fault_waits_and_the_others_go_out(
    world: World, frozen: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    dora = (await world.add_people(1, team_id=world.team_a))[0]
    await everybody_works(world, world.bob, dora)
    line_of = outbox.line_of

    def fails_for_bob(found: Any, *rest: Any) -> Any:
        if found.user.id == world.bob.id:
            raise ValueError("a bug that only Bob meets")
        return line_of(found, *rest)

    monkeypatch.setattr(outbox, "line_of", fails_for_bob)
    frozen.forward(minutes=45)
    await outbox.queue_due_one_by_one(world.database)
    async with world.database.read() as session:
        deliveries = list(await session.exec(select(Delivery)))
        asked = select(Reminder).where(Reminder.user_id == world.bob.id).order_by(col(Reminder.point_at))
        bobs = (await session.exec(asked)).first()
    assert [line["user_id"] for delivery in deliveries for line in delivery.message["lines"]] == [dora.id]
    assert bobs is not None
    assert bobs.next_due_at == frozen.now + outbox.TRY_AGAIN_AFTER, "he is tried again within his window"


async def test_processes_that_look_at_the_same_second_do_not_split_a_robots_group(world: World, frozen: Clock) -> None:
    people = await world.add_people(12, team_id=world.team_a)
    await everybody_works(world, *people)
    async with world.database.write() as session:
        session.add(Lane(key="robot"))
        await session.flush()
        session.add(
            Channel(name="群", kind="webhook", team_id=world.team_a, config={}, lane="robot", created_at=frozen.now)
        )
    frozen.forward(minutes=45)

    async def look() -> None:
        async with world.database.write() as session:
            await outbox.queue_due(session)

    await asyncio.gather(*(look() for _ in range(4)))
    async with world.database.read() as session:
        (delivery,) = list(await session.exec(select(Delivery)))
    assert len(delivery.message["lines"]) == 12
