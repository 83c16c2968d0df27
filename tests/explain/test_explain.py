"""Why was Bob (not) reminded? One sentence first, then the story."""

import sqlalchemy as sa

from conftest import TODAY, Clock, Workplace
from daka.reminders import planner
from daka.reminders.models import Reminder
from daka.shifts.models import Shift

EARLY = {"name": "早班", "code": "早", "periods": [{"start": "09:00", "end": "18:00"}]}


async def give_bob_the_early_shift(workplace: Workplace) -> None:
    shift = await workplace.alice.post("/api/v1/shifts", EARLY)
    await workplace.alice.put(
        "/api/v1/roster", {"assignments": [{"user_id": workplace.bob.id, "date": str(TODAY), "shift_id": shift["id"]}]}
    )


async def why(workplace: Workplace, **values: object) -> dict:
    return await workplace.alice.get("/api/v1/reminders/explain", user_id=workplace.bob.id, date=str(TODAY), **values)


async def test_without_a_cell_there_is_no_reminder(workplace: Workplace) -> None:
    found = await why(workplace)
    assert (found["reason"]["code"], found["points"], found["day"]["kind"]) == ("no_assignment", [], "workday")


async def test_before_the_window_it_says_when(workplace: Workplace) -> None:
    await give_bob_the_early_shift(workplace)
    found = await why(workplace)
    assert found["reason"]["zh"] == "将在 08:45 提醒。"
    assert [step["at"] for step in found["points"][0]["steps"]][:2] == ["2026-11-23T00:45:00Z", "2026-11-23T00:50:00Z"]
    assert found["roster_steps"][0]["after"] == "早班"
    assert found["roster_steps"][0]["changed_by"] == "Alice"


async def test_after_the_window_it_counts_what_was_sent_with_the_answers(workplace: Workplace, frozen: Clock) -> None:
    await give_bob_the_early_shift(workplace)
    for _ in range(6):
        frozen.forward(minutes=45 if _ == 0 else 5)
        await workplace.tick()
    frozen.forward(minutes=2)
    await workplace.tick()
    point = (await why(workplace))["points"][0]
    assert point["reason"]["code"] == "expired"
    assert "6 次" in point["reason"]["zh"]
    assert [found["status"] for found in point["deliveries"]] == ["sent"] * 6
    assert point["deliveries"][0]["attempts"][0]["provider_code"] == "kept"


async def test_an_acknowledgement_says_when_and_how(workplace: Workplace, frozen: Clock) -> None:
    await give_bob_the_early_shift(workplace)
    frozen.forward(minutes=45)
    await workplace.tick()
    mine = await workplace.bob.get("/api/v1/reminders", user_id=workplace.bob.id)
    await workplace.bob.post(f"/api/v1/reminders/{mine['items'][0]['id']}/ack")
    point = (await why(workplace))["points"][0]
    assert point["reason"]["zh"] == "08:45 在网页上点了「我已打卡」，之后不再提醒。"


async def test_a_cell_filled_after_the_window_is_told_as_such(workplace: Workplace, frozen: Clock) -> None:
    frozen.forward(hours=3)
    await give_bob_the_early_shift(workplace)
    point = (await why(workplace))["points"][0]
    assert (point["reason"]["code"], point["reminder"]["status"]) == ("assigned_too_late", "missed")


async def test_a_cell_filled_after_the_work_has_no_reminder(workplace: Workplace, frozen: Clock) -> None:
    frozen.forward(hours=13)
    await give_bob_the_early_shift(workplace)
    point = (await why(workplace))["points"][0]
    assert (point["reason"]["code"], point["reminder"]) == ("assigned_too_late", None)


async def test_pausing_is_the_reason_while_it_lasts(workplace: Workplace) -> None:
    await give_bob_the_early_shift(workplace)
    await workplace.root.post("/api/v1/scheduler/pause")
    assert (await why(workplace))["reason"]["code"] == "paused"
    await workplace.root.post("/api/v1/scheduler/resume")
    assert (await why(workplace))["reason"]["code"] == "scheduled"


async def test_a_policy_that_cannot_be_read_stops_nobody_and_is_said(workplace: Workplace, frozen: Clock) -> None:
    """Another version of the server wrote it, or a hand."""
    await give_bob_the_early_shift(workplace)
    async with workplace.database.write() as session:
        await session.exec(sa.update(Shift).values(policy={"clock_in": {"start": "soon"}}))
        await session.exec(sa.delete(Reminder))
    async with workplace.database.write() as session:
        assert await planner.plan(session) == 2
    point = (await why(workplace))["points"][0]
    assert (point["policy_from"], point["unreadable_policies"]) == ("default", ["shift"])
    assert point["reason"]["code"] == "scheduled"
    (shift,) = (await workplace.alice.get("/api/v1/shifts"))["items"]
    assert shift["policy"] is None
    frozen.forward(minutes=45)
    await workplace.tick()
    assert (await why(workplace))["points"][0]["deliveries"][0]["status"] == "sent"


async def test_charlie_does_not_learn_that_bob_exists(workplace: Workplace) -> None:
    answer = await workplace.charlie.http.get(
        "/api/v1/reminders/explain", params={"user_id": workplace.bob.id, "date": str(TODAY)}
    )
    assert (answer.status_code, answer.json()["code"]) == (404, "user_not_found")
