"""Reminding once more, out of turn."""

from conftest import TODAY, Clock, Workplace

EARLY = {"name": "早班", "code": "早", "periods": [{"start": "09:00", "end": "18:00"}]}


async def bobs_reminder(workplace: Workplace) -> int:
    shift = await workplace.alice.post("/api/v1/shifts", EARLY)
    cell = {"user_id": workplace.bob.id, "date": str(TODAY), "shift_id": shift["id"]}
    await workplace.alice.put("/api/v1/roster", {"assignments": [cell]})
    return (await workplace.bob.get("/api/v1/reminders"))["items"][0]["id"]


async def test_a_planner_reminds_bob_right_now_and_the_steps_go_on_as_planned(
    workplace: Workplace, frozen: Clock
) -> None:
    reminder = await bobs_reminder(workplace)
    frozen.forward(minutes=47)
    await workplace.tick()
    await workplace.alice.post(f"/api/v1/reminders/{reminder}/resend")
    assert await workplace.tick() == 1
    found = (await workplace.bob.get("/api/v1/reminders"))["items"][0]
    assert (found["steps_sent"], found["next_due_at"]) == (2, "2026-11-23T00:50:00Z")


async def test_before_the_window_it_goes_out_too_and_the_window_stays(workplace: Workplace, frozen: Clock) -> None:
    reminder = await bobs_reminder(workplace)
    await workplace.alice.post(f"/api/v1/reminders/{reminder}/resend")
    assert await workplace.tick() == 1
    assert (await workplace.bob.get("/api/v1/reminders"))["items"][0]["next_due_at"] == "2026-11-23T00:45:00Z"


async def test_what_has_ended_is_not_sent_again_and_charlie_cannot(workplace: Workplace) -> None:
    reminder = await bobs_reminder(workplace)
    assert (await workplace.charlie.http.post(f"/api/v1/reminders/{reminder}/resend")).status_code == 404
    await workplace.bob.post(f"/api/v1/reminders/{reminder}/ack")
    answer = await workplace.alice.http.post(f"/api/v1/reminders/{reminder}/resend")
    assert (answer.status_code, answer.json()["code"]) == (409, "reminder_ended")
