"""Reminding once more, out of turn."""

from conftest import TODAY, Clock, World

EARLY = {"name": "早班", "code": "早", "periods": [{"start": "09:00", "end": "18:00"}]}


async def bobs_reminder(world: World) -> int:
    shift = await world.alice.post("/api/v1/shifts", EARLY)
    cell = {"user_id": world.bob.id, "date": str(TODAY), "shift_id": shift["id"]}
    await world.alice.put("/api/v1/roster", {"assignments": [cell]})
    return (await world.bob.get("/api/v1/reminders"))["items"][0]["id"]


async def test_a_planner_reminds_bob_right_now_and_the_steps_go_on_as_planned(world: World, frozen: Clock) -> None:
    reminder = await bobs_reminder(world)
    frozen.forward(minutes=47)
    await world.tick()
    await world.alice.post(f"/api/v1/reminders/{reminder}/resend")
    assert await world.tick() == 1
    found = (await world.bob.get("/api/v1/reminders"))["items"][0]
    assert (found["steps_sent"], found["next_due_at"]) == (2, "2026-11-23T00:50:00Z")


async def test_before_the_window_it_goes_out_too_and_the_window_stays(world: World, frozen: Clock) -> None:
    reminder = await bobs_reminder(world)
    await world.alice.post(f"/api/v1/reminders/{reminder}/resend")
    assert await world.tick() == 1
    assert (await world.bob.get("/api/v1/reminders"))["items"][0]["next_due_at"] == "2026-11-23T00:45:00Z"


async def test_what_has_ended_is_not_sent_again_and_charlie_cannot(world: World) -> None:
    reminder = await bobs_reminder(world)
    assert (await world.charlie.http.post(f"/api/v1/reminders/{reminder}/resend")).status_code == 404
    await world.bob.post(f"/api/v1/reminders/{reminder}/ack")
    answer = await world.alice.http.post(f"/api/v1/reminders/{reminder}/resend")
    assert (answer.status_code, answer.json()["code"]) == (409, "reminder_ended")
