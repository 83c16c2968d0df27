"""The whole chain: roster → reminder → delivery → provider's answer → log."""

from conftest import TODAY, Clock, World

EARLY = {"name": "早班", "code": "早", "periods": [{"start": "09:00", "end": "18:00"}]}


async def give_shift(world: World, shift: dict, *people) -> int:
    found = await world.alice.post("/api/v1/shifts", shift)
    cells = [{"user_id": person.id, "date": str(TODAY), "shift_id": found["id"]} for person in people]
    await world.alice.put("/api/v1/roster", {"assignments": cells})
    return found["id"]


async def test_a_shift_on_the_roster_becomes_a_message_and_one_tap_stops_it(world: World, frozen: Clock) -> None:
    await give_shift(world, EARLY, world.bob)
    assert await world.tick() == 0

    frozen.forward(minutes=45)
    assert await world.tick() == 1
    delivery = (await world.bob.get("/api/v1/deliveries"))["items"][0]
    assert (delivery["status"], delivery["kind"], delivery["people"][0]["name"]) == ("sent", "clock_in", "Bob")

    reminder_id = delivery["people"][0]["reminder_id"]
    acked = await world.bob.post(f"/api/v1/reminders/{reminder_id}/ack")
    assert acked["status"] == "acknowledged"
    frozen.forward(minutes=5)
    assert await world.tick() == 0
