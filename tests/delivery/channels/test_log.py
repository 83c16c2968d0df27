"""The delivery log: what can be asked of it, who sees what, and how long it is kept."""

from datetime import timedelta
from typing import Any

import pytest

from conftest import TODAY, Clock, World
from daka.delivery.delivery_log import forget_old_deliveries


async def a_day_of_messages(world: World, frozen: Clock) -> None:
    """Bob and Charlie are reminded at 08:45; Alice tests her inbox."""
    shift = {"name": "早班", "code": "早", "periods": [{"start": "09:00", "end": "18:00"}]}
    shift_id = (await world.root.post("/api/v1/shifts", shift))["id"]
    cells = [{"user_id": who.id, "date": str(TODAY), "shift_id": shift_id} for who in (world.bob, world.charlie)]
    await world.root.put("/api/v1/roster", {"assignments": cells})
    mine = await world.alice.post("/api/v1/channels", {"name": "爱丽丝的 100%", "kind": "inbox"})
    await world.alice.post(f"/api/v1/channels/{mine['id']}/test")
    frozen.forward(minutes=45)
    await world.tick()


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({}, ["reminder", "reminder", "test"]),
        ({"occasion": "test"}, ["test"]),
        ({"q": "bob"}, ["reminder"]),
        ({"q": "爱丽丝"}, ["test"]),
        ({"q": "100%"}, ["test"]),
        ({"q": "%"}, ["test"]),
        ({"q": "nobody"}, []),
        ({"q": "kept"}, ["reminder", "reminder", "test"]),
        ({"from": "2026-11-23", "to": "2026-11-23"}, ["reminder", "reminder", "test"]),
        ({"from": "2026-11-24"}, []),
        ({"to": "2026-11-22"}, []),
        ({"q": "bob", "occasion": "reminder", "status": "sent"}, ["reminder"]),
    ],
)
async def test_the_log_can_be_asked(world: World, frozen: Clock, asked: dict[str, Any], found: list[str]) -> None:
    await a_day_of_messages(world, frozen)
    items = (await world.root.get("/api/v1/deliveries", **asked))["items"]
    assert sorted(item["occasion"] for item in items) == found


async def test_nobody_finds_by_name_whom_they_may_not_see(world: World, frozen: Clock) -> None:
    await a_day_of_messages(world, frozen)
    assert (await world.alice.get("/api/v1/deliveries", q="charlie"))["items"] == []
    assert (await world.charlie.get("/api/v1/deliveries", q="bob"))["items"] == []
    assert len((await world.charlie.get("/api/v1/deliveries", q="charlie"))["items"]) == 1


async def test_the_log_is_kept_for_so_long_and_then_forgotten(world: World, frozen: Clock) -> None:
    await a_day_of_messages(world, frozen)
    for days, left in ((89, 3), (2, 0)):
        frozen.forward(days=days)
        async with world.database.write() as session:
            await forget_old_deliveries(session, timedelta(days=90))
        assert len((await world.root.get("/api/v1/deliveries"))["items"]) == left
    assert (await world.bob.get("/api/v1/inbox"))["items"] == []
