"""The built-in inbox: one unread line for one punch point, however often it was reminded."""

from conftest import TODAY, Clock, Workplace

EARLY = {"name": "早班", "code": "早", "periods": [{"start": "09:00", "end": "18:00"}]}


async def test_a_repeated_reminder_leaves_one_unread_message(workplace: Workplace, frozen: Clock) -> None:
    shift = await workplace.alice.post("/api/v1/shifts", EARLY)
    cell = {"user_id": workplace.bob.id, "date": str(TODAY), "shift_id": shift["id"]}
    await workplace.alice.put("/api/v1/roster", {"assignments": [cell]})
    for minutes in (45, 5, 5):
        frozen.forward(minutes=minutes)
        await workplace.tick()
    messages = (await workplace.bob.get("/api/v1/inbox"))["items"]
    assert [found["read_at"] is None for found in messages] == [True, False, False]
    assert (await workplace.bob.get("/api/v1/dashboard"))["mine"]["unread_messages"] == 1

    await workplace.bob.post(f"/api/v1/inbox/{messages[0]['id']}/read")
    assert (await workplace.bob.get("/api/v1/dashboard"))["mine"]["unread_messages"] == 0
    assert (await workplace.charlie.http.post(f"/api/v1/inbox/{messages[0]['id']}/read")).status_code == 404
    assert (await workplace.charlie.get("/api/v1/inbox"))["items"] == []
