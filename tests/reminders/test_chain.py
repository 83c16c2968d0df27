"""The whole chain: roster → reminder → delivery → provider's answer → log."""

from conftest import TODAY, Clock, Workplace

EARLY = {"name": "早班", "code": "早", "periods": [{"start": "09:00", "end": "18:00"}]}


async def give_shift(workplace: Workplace, shift: dict, *people) -> int:
    found = await workplace.alice.post("/api/v1/shifts", shift)
    cells = [{"user_id": person.id, "date": str(TODAY), "shift_id": found["id"]} for person in people]
    await workplace.alice.put("/api/v1/roster", {"assignments": cells})
    return found["id"]


async def test_a_shift_on_the_roster_becomes_a_message_and_one_tap_stops_it(
    workplace: Workplace, frozen: Clock
) -> None:
    await give_shift(workplace, EARLY, workplace.bob)
    assert await workplace.tick() == 0

    frozen.forward(minutes=45)
    assert await workplace.tick() == 1
    delivery = (await workplace.bob.get("/api/v1/deliveries"))["items"][0]
    assert (delivery["status"], delivery["kind"], delivery["people"][0]["name"]) == ("sent", "clock_in", "Bob")

    reminder_id = delivery["people"][0]["reminder_id"]
    acked = await workplace.bob.post(f"/api/v1/reminders/{reminder_id}/ack")
    assert acked["status"] == "acknowledged"
    frozen.forward(minutes=5)
    assert await workplace.tick() == 0
