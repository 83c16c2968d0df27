"""What is due is queued even when one reminder of it cannot be, and by one process at a time."""

import asyncio
from typing import Any

import pytest
from sqlmodel import col, select

from conftest import TODAY, Clock, Workplace
from daka.delivery import outbox
from daka.delivery.models import Channel, Delivery, Lane
from daka.reminders.models import Reminder

EARLY = {"name": "早班", "code": "早", "periods": [{"start": "09:00", "end": "18:00"}]}


async def everybody_works(workplace: Workplace, *people: Any) -> None:
    shift = await workplace.alice.post("/api/v1/shifts", EARLY)
    cells = [{"user_id": person.id, "date": str(TODAY), "shift_id": shift["id"]} for person in people]
    await workplace.alice.put("/api/v1/roster", {"assignments": cells})


async def test_one_reminder_at_fault_waits_and_the_others_go_out(
    workplace: Workplace, frozen: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    dora = (await workplace.add_people(1, team_id=workplace.team_a))[0]
    await everybody_works(workplace, workplace.bob, dora)
    line_of = outbox.line_of

    def fails_for_bob(found: Any, *rest: Any, **more: Any) -> Any:
        if found.user_id == workplace.bob.id:
            raise ValueError("a bug that only Bob meets")
        return line_of(found, *rest, **more)

    monkeypatch.setattr(outbox, "line_of", fails_for_bob)
    frozen.forward(minutes=45)
    await outbox.queue_due_one_by_one(workplace.database)
    async with workplace.database.read() as session:
        deliveries = list(await session.exec(select(Delivery)))
        asked = select(Reminder).where(Reminder.user_id == workplace.bob.id).order_by(col(Reminder.point_at))
        bobs = (await session.exec(asked)).first()
    assert [line["user_id"] for delivery in deliveries for line in delivery.message["lines"]] == [dora.id]
    assert bobs is not None
    assert bobs.next_due_at == frozen.now + outbox.TRY_AGAIN_AFTER, "he is tried again within his window"


async def test_processes_that_look_at_the_same_second_do_not_split_a_robots_group(
    workplace: Workplace, frozen: Clock
) -> None:
    people = await workplace.add_people(12, team_id=workplace.team_a)
    await everybody_works(workplace, *people)
    async with workplace.database.write() as session:
        session.add(Lane(key="robot"))
        await session.flush()
        session.add(
            Channel(name="群", kind="webhook", team_id=workplace.team_a, config={}, lane="robot", created_at=frozen.now)
        )
    frozen.forward(minutes=45)

    async def look() -> None:
        async with workplace.database.write() as session:
            await outbox.queue_due(session)

    await asyncio.gather(*(look() for _ in range(4)))
    async with workplace.database.read() as session:
        (delivery,) = list(await session.exec(select(Delivery)))
    assert len(delivery.message["lines"]) == 12
