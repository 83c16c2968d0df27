"""The built-in inbox: one unread line for one punch point, however often it was reminded."""

from conftest import TODAY, Clock, World

EARLY = {"name": "早班", "code": "早", "periods": [{"start": "09:00", "end": "18:00"}]}


async def test_a_repeated_reminder_leaves_one_unread_message(world: World, frozen: Clock) -> None:
    shift = await world.alice.post("/api/v1/shifts", EARLY)
    cell = {"user_id": world.bob.id, "date": str(TODAY), "shift_id": shift["id"]}
    await world.alice.put("/api/v1/roster", {"assignments": [cell]})
    for minutes in (45, 5, 5):
        frozen.forward(minutes=minutes)
        await world.tick()
    messages = (await world.bob.get("/api/v1/inbox"))["items"]
    assert [found["read_at"] is None for found in messages] == [True, False, False]
    assert (await world.bob.get("/api/v1/dashboard"))["mine"]["unread_messages"] == 1

    await world.bob.post(f"/api/v1/inbox/{messages[0]['id']}/read")
    assert (await world.bob.get("/api/v1/dashboard"))["mine"]["unread_messages"] == 0
    assert (await world.charlie.http.post(f"/api/v1/inbox/{messages[0]['id']}/read")).status_code == 404
    assert (await world.charlie.get("/api/v1/inbox"))["items"] == []
