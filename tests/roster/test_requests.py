"""Leave and swaps: who may, what follows for the roster and its reminders."""

from typing import Any

import pytest
from sqlmodel import select

from conftest import TODAY, Person, World
from daka.identity.models import Role
from daka.reminders.models import Reminder
from roster.people import EARLY, NIGHT, cell, grid, new_shift, plan, row_of

DAY = str(TODAY)


async def open_reminders(world: World, person: Person) -> list[str]:
    async with world.database.read() as session:
        asked = select(Reminder).where(Reminder.user_id == person.id, Reminder.next_due_at != None)  # noqa: E711
        return sorted(found.kind.value for found in await session.exec(asked))


async def test_leave_stops_the_reminders_of_its_days_and_keeps_the_shift(world: World) -> None:
    early = await new_shift(world, EARLY)
    await plan(world.alice, cell(world.bob, DAY, early))
    assert await open_reminders(world, world.bob) == ["clock_in", "clock_out"]
    leave = await world.bob.post("/api/v1/leaves", {"from": DAY, "reason": "体检"})
    assert (leave["first_date"], leave["last_date"], leave["kind"]) == (DAY, DAY, "leave")
    assert await open_reminders(world, world.bob) == []
    roster = await grid(world.alice, DAY, DAY)
    assert row_of(roster, world.bob) == [early]
    assert roster["marks"] == [
        {
            "user_id": world.bob.id,
            "kind": "leave",
            "first_date": DAY,
            "last_date": DAY,
            "punch_kind": None,
            "id": leave["id"],
        }
    ]

    await world.bob.delete(f"/api/v1/leaves/{leave['id']}")
    assert await open_reminders(world, world.bob) == ["clock_in", "clock_out"]
    assert (await grid(world.alice, DAY, DAY))["marks"] == []


async def test_leave_of_one_punch_leaves_the_other(world: World) -> None:
    early = await new_shift(world, EARLY)
    await plan(world.alice, cell(world.bob, DAY, early))
    await world.bob.post("/api/v1/leaves", {"from": DAY, "punch_kind": "clock_in"})
    assert await open_reminders(world, world.bob) == ["clock_out"]


async def test_planners_write_leave_for_their_people_who_cannot_take_it_back(world: World) -> None:
    leave = await world.alice.post("/api/v1/leaves", {"user_id": world.bob.id, "from": DAY, "to": "2026-11-25"})
    refused = await world.bob.http.delete(f"/api/v1/leaves/{leave['id']}")
    assert (refused.status_code, refused.json()["code"]) == (403, "set_by_planner")
    assert [one["can_delete"] for one in (await world.bob.get("/api/v1/leaves"))["items"]] == [False]
    again = await world.bob.http.post("/api/v1/leaves", json={"from": "2026-11-25"})
    assert (again.status_code, again.json()["code"]) == (409, "leave_overlaps")
    await world.alice.delete(f"/api/v1/leaves/{leave['id']}")


async def test_leave_is_seen_by_oneself_and_ones_planners(world: World) -> None:
    leave = await world.bob.post("/api/v1/leaves", {"from": DAY, "reason": "体检"})
    for person, sees in ((world.bob, True), (world.alice, True), (world.root, True), (world.charlie, False)):
        assert bool((await person.get("/api/v1/leaves"))["items"]) is sees
    assert (await world.charlie.http.delete(f"/api/v1/leaves/{leave['id']}")).status_code == 404
    body = {"user_id": world.bob.id, "from": "2026-12-01"}
    assert (await world.charlie.http.post("/api/v1/leaves", json=body)).status_code == 404
    dora = await world.add_person("Dora", team_id=world.team_a)
    assert (await dora.http.post("/api/v1/leaves", json=body)).status_code == 403
    assert (await world.bob.http.post("/api/v1/leaves", json={"from": DAY, "to": "2026-11-01"})).status_code == 422
    assert (await world.bob.get("/api/v1/leaves", **{"from": "2026-11-24"}))["items"] == []


WHOLE, IN, OUT = None, "clock_in", "clock_out"


@pytest.mark.parametrize(
    ("there", "new", "left"),
    [
        # first, last, which punch               first, last, which punch          what is there then; None is a refusal
        (("01", "01", WHOLE), ("01", "01", WHOLE), None),
        (("01", "03", WHOLE), ("03", "05", WHOLE), None),
        (("01", "03", WHOLE), ("02", "02", IN), None),
        (("01", "01", IN), ("01", "01", IN), None),
        (("01", "05", OUT), ("05", "06", OUT), None),
        (("01", "01", IN), ("01", "01", OUT), [("01", "01", IN), ("01", "01", OUT)]),
        (("01", "01", IN), ("01", "01", WHOLE), [("01", "01", WHOLE)]),
        (("02", "03", OUT), ("01", "05", WHOLE), [("01", "05", WHOLE)]),
        (("01", "03", IN), ("03", "04", WHOLE), [("01", "02", IN), ("03", "04", WHOLE)]),
        (("03", "06", IN), ("01", "04", WHOLE), [("01", "04", WHOLE), ("05", "06", IN)]),
        (("01", "09", OUT), ("04", "05", WHOLE), [("01", "03", OUT), ("04", "05", WHOLE), ("06", "09", OUT)]),
        (("01", "03", WHOLE), ("04", "04", IN), [("01", "03", WHOLE), ("04", "04", IN)]),
    ],
)
async def test_leave_upon_leave(world: World, there: Any, new: Any, left: Any) -> None:
    def said(span: Any) -> dict[str, Any]:
        return {"from": f"2026-12-{span[0]}", "to": f"2026-12-{span[1]}", "punch_kind": span[2]}

    first = await world.bob.post("/api/v1/leaves", said(there))
    answer = await world.bob.http.post("/api/v1/leaves", json=said(new))
    if left is None:
        problem = answer.json()
        assert (answer.status_code, problem["code"]) == (409, "leave_overlaps")
        assert problem["leave"] == {
            "id": first["id"],
            "first_date": first["first_date"],
            "last_date": first["last_date"],
            "punch_kind": there[2],
            "can_delete": True,
        }
        left = [there]
    else:
        assert answer.status_code == 201, answer.text
        assert answer.json()["superseded"] == (there not in left)
    found = (await world.bob.get("/api/v1/leaves"))["items"]
    assert sorted((each["first_date"][-2:], each["last_date"][-2:], each["punch_kind"]) for each in found) == left


async def test_a_planners_half_day_gives_way_to_planners_only(world: World) -> None:
    half = {"user_id": world.bob.id, "from": DAY, "punch_kind": "clock_in"}
    await world.alice.post("/api/v1/leaves", half)
    refused = await world.bob.http.post("/api/v1/leaves", json={"from": DAY})
    assert (refused.status_code, refused.json()["leave"]["can_delete"]) == (409, False)
    assert (await world.alice.post("/api/v1/leaves", {"user_id": world.bob.id, "from": DAY}))["superseded"] == 1
    found = (await world.bob.get("/api/v1/leaves"))["items"]
    assert [each["punch_kind"] for each in found] == [None]


# --- swaps -----------------------------------------------------------------------------------------------------------


async def dora_of(world: World) -> Person:
    return await world.add_person("Dora", team_id=world.team_a)


async def test_a_swap_trades_shifts_and_reminders_once_both_and_a_planner_agree(world: World) -> None:
    early = await new_shift(world, EARLY)
    dora = await dora_of(world)
    await plan(world.alice, cell(world.bob, DAY, early), cell(dora, "2026-11-24", early))
    swap = await world.bob.post(
        "/api/v1/swaps", {"with_user_id": dora.id, "date": DAY, "return_date": "2026-11-24", "reason": "接孩子"}
    )
    assert (swap["status"], swap["steps"], swap["with_display_name"]) == ("asked", ["withdraw"], "Dora")
    assert [mark["kind"] for mark in (await grid(world.alice, DAY, "2026-11-24"))["marks"]] == ["swap"] * 4
    too_early = await world.alice.http.post(f"/api/v1/swaps/{swap['id']}/approve")
    assert (too_early.status_code, too_early.json()["code"]) == (409, "swap_not_accepted")

    assert (await dora.get("/api/v1/swaps"))["items"][0]["steps"] == ["accept", "decline"]
    assert (await dora.post(f"/api/v1/swaps/{swap['id']}/accept"))["status"] == "accepted"
    roster = await grid(world.alice, DAY, "2026-11-24")
    assert row_of(roster, world.bob) == [early, None]
    assert await open_reminders(world, dora) == ["clock_in", "clock_out"]

    assert (await world.alice.get("/api/v1/swaps", is_open=True))["items"][0]["steps"] == ["approve", "decline"]
    done = await world.alice.post(f"/api/v1/swaps/{swap['id']}/approve")
    assert (done["status"], done["decided_by"], done["steps"]) == ("approved", world.alice.id, [])
    roster = await grid(world.alice, DAY, "2026-11-24")
    assert (row_of(roster, world.bob), row_of(roster, dora)) == ([None, early], [early, None])
    assert roster["marks"] == []
    async with world.database.read() as session:
        dates = {
            (found.user_id, str(found.work_date)) for found in await session.exec(select(Reminder)) if found.next_due_at
        }
    assert dates == {(dora.id, DAY), (world.bob.id, "2026-11-24")}


async def test_a_swap_whose_cells_changed_meanwhile_is_outdated(world: World) -> None:
    early, night = await new_shift(world, EARLY), await new_shift(world, NIGHT)
    dora = await dora_of(world)
    await plan(world.alice, cell(world.bob, DAY, early))
    swap = await world.bob.post("/api/v1/swaps", {"with_user_id": dora.id, "date": DAY})
    await dora.post(f"/api/v1/swaps/{swap['id']}/accept")
    await plan(world.alice, cell(world.bob, DAY, night))
    answer = await world.alice.http.post(f"/api/v1/swaps/{swap['id']}/approve")
    assert (answer.status_code, answer.json()["code"]) == (409, "swap_outdated")
    assert row_of(await grid(world.alice, DAY, DAY), world.bob) == [night]


@pytest.mark.parametrize(
    ("who", "step", "status"),
    [("dora", "decline", "declined"), ("bob", "withdraw", "withdrawn"), ("alice", "decline", "declined")],
)
async def test_a_swap_ends_when_somebody_thinks_otherwise(world: World, who, step, status) -> None:
    early = await new_shift(world, EARLY)
    dora = await dora_of(world)
    people = {"bob": world.bob, "alice": world.alice, "dora": dora}
    await plan(world.alice, cell(world.bob, DAY, early))
    swap = await world.bob.post("/api/v1/swaps", {"with_user_id": dora.id, "date": DAY})
    assert (await people[who].post(f"/api/v1/swaps/{swap['id']}/{step}"))["status"] == status
    closed = await dora.http.post(f"/api/v1/swaps/{swap['id']}/accept")
    assert (closed.status_code, closed.json()["code"]) == (409, "swap_closed")
    assert row_of(await grid(world.alice, DAY, DAY), world.bob) == [early]


async def test_each_step_belongs_to_somebody(world: World) -> None:
    early = await new_shift(world, EARLY)
    dora = await dora_of(world)
    await plan(world.alice, cell(world.bob, DAY, early))
    swap = await world.bob.post("/api/v1/swaps", {"with_user_id": dora.id, "date": DAY})
    for person, step in ((world.bob, "accept"), (dora, "approve"), (dora, "withdraw"), (world.alice, "accept")):
        answer = await person.http.post(f"/api/v1/swaps/{swap['id']}/{step}")
        assert (answer.status_code, answer.json()["code"]) == (403, "not_your_step")
    assert (await world.charlie.http.post(f"/api/v1/swaps/{swap['id']}/accept")).status_code == 404
    assert (await world.charlie.get("/api/v1/swaps"))["items"] == []
    twice = await world.bob.http.post("/api/v1/swaps", json={"with_user_id": dora.id, "date": DAY})
    assert (twice.status_code, twice.json()["code"]) == (409, "swap_open")


async def test_what_cannot_be_swapped_is_not_asked(world: World) -> None:
    early = await new_shift(world, EARLY)
    await plan(world.alice, cell(world.bob, DAY, early), cell(world.alice, DAY, early))
    for body, code in (
        ({"with_user_id": world.charlie.id, "date": DAY}, "not_a_colleague"),
        ({"with_user_id": world.bob.id, "date": DAY}, "not_a_colleague"),
        ({"with_user_id": 999, "date": DAY}, "not_a_colleague"),
        ({"with_user_id": world.alice.id, "date": "2026-11-22"}, "day_is_over"),
        ({"with_user_id": world.alice.id, "date": DAY}, "nothing_to_swap"),
    ):
        answer = await world.bob.http.post("/api/v1/swaps", json=body)
        assert (answer.status_code, answer.json()["code"]) == (422, code)
    loner = await world.add_person("Loner", team_id=None, role=Role.MEMBER)
    answer = await loner.http.post("/api/v1/swaps", json={"with_user_id": world.bob.id, "date": DAY})
    assert answer.json()["code"] == "not_a_colleague"


# --- who is notified -------------------------------------------------------------------------------------------------


async def told(world: World, *people: Person) -> list[list[str]]:
    """The titles of each person's new messages, which count as read afterwards."""
    await world.tick()
    found = []
    for person in people:
        unread = [each for each in (await person.get("/api/v1/inbox"))["items"] if each["read_at"] is None]
        found.append([each["title"] for each in unread])
        for each in unread:
            await person.post(f"/api/v1/inbox/{each['id']}/read")
    return found


async def test_each_step_of_a_swap_notifies_those_whom_it_concerns(world: World) -> None:
    early = await new_shift(world, EARLY)
    dora = await dora_of(world)
    await plan(world.alice, cell(world.bob, "2026-12-01", early))
    people = (world.bob, dora, world.alice, world.charlie)

    async def ask() -> str:
        swap = await world.bob.post("/api/v1/swaps", {"with_user_id": dora.id, "date": "2026-12-01"})
        return f"/api/v1/swaps/{swap['id']}"

    swap = await ask()
    assert await told(world, *people) == [[], ["有人想和你换班"], [], []]
    await dora.post(f"{swap}/accept")
    assert await told(world, *people) == [["换班待批准"], [], ["换班待批准"], []]
    await dora.post(f"{swap}/accept")
    assert await told(world, *people) == [[], [], [], []]
    await world.bob.post(f"{swap}/withdraw")
    assert await told(world, *people) == [[], ["换班已撤回"], ["换班已撤回"], []]
    swap = await ask()
    await told(world, *people)
    await dora.post(f"{swap}/decline")
    assert await told(world, *people) == [["换班没有成"], [], [], []]
    swap = await ask()
    await dora.post(f"{swap}/accept")
    await told(world, *people)
    await world.alice.post(f"{swap}/approve")
    assert await told(world, *people) == [["换班已批准"], ["换班已批准"], [], []]
    text = (await world.bob.get("/api/v1/inbox"))["items"][0]["text"]
    assert text == "Bob和Dora换班：12月1日 周二。排班表已经换好。"


async def test_a_person_is_told_of_leave_that_a_planner_entered_or_deleted(world: World) -> None:
    half = {"user_id": world.bob.id, "from": "2026-12-01", "to": "2026-12-02", "punch_kind": "clock_in"}
    leave = await world.alice.post("/api/v1/leaves", half)
    assert await told(world, world.bob, world.alice) == [["已登记请假"], []]
    await world.alice.delete(f"/api/v1/leaves/{leave['id']}")
    assert await told(world, world.bob, world.alice) == [["请假已取消"], []]
    texts = [each["text"] for each in (await world.bob.get("/api/v1/inbox"))["items"]]
    days = "12月1日 周二至12月2日 周三的上班打卡"
    assert texts == [f"Alice取消了你的请假：{days}，照常提醒打卡。", f"Alice为你登记了请假：{days}，不会提醒打卡。"]
    own = await world.bob.post("/api/v1/leaves", {"from": "2026-12-03"})
    await world.bob.delete(f"/api/v1/leaves/{own['id']}")
    assert await told(world, world.bob, world.alice) == [[], []]
