"""Leave and swaps: who may, what follows for the roster and its reminders."""

import io
from typing import Any

import openpyxl
import pytest
from sqlmodel import select

from conftest import TODAY, Person, Workplace
from daka.identity.models import Role
from daka.reminders.models import Reminder
from roster.people import EARLY, NIGHT, cell, grid, new_shift, plan, row_of

DAY = str(TODAY)


async def open_reminders(workplace: Workplace, person: Person) -> list[str]:
    async with workplace.database.read() as session:
        asked = select(Reminder).where(Reminder.user_id == person.id, Reminder.next_due_at != None)  # noqa: E711
        return sorted(found.kind.value for found in await session.exec(asked))


async def test_leave_stops_the_reminders_of_its_days_and_keeps_the_shift(workplace: Workplace) -> None:
    early = await new_shift(workplace, EARLY)
    await plan(workplace.alice, cell(workplace.bob, DAY, early))
    assert await open_reminders(workplace, workplace.bob) == ["clock_in", "clock_out"]
    leave = await workplace.bob.post("/api/v1/leaves", {"from": DAY, "reason": "体检"})
    assert (leave["first_date"], leave["last_date"], leave["kind"]) == (DAY, DAY, "leave")
    assert await open_reminders(workplace, workplace.bob) == []
    roster = await grid(workplace.alice, DAY, DAY)
    assert row_of(roster, workplace.bob) == [early]
    assert roster["marks"] == [
        {
            "user_id": workplace.bob.id,
            "kind": "leave",
            "first_date": DAY,
            "last_date": DAY,
            "punch_kind": None,
            "leave_type": None,
            "id": leave["id"],
        }
    ]

    await workplace.bob.delete(f"/api/v1/leaves/{leave['id']}")
    assert await open_reminders(workplace, workplace.bob) == ["clock_in", "clock_out"]
    assert (await grid(workplace.alice, DAY, DAY))["marks"] == []


async def test_leave_of_one_punch_leaves_the_other(workplace: Workplace) -> None:
    early = await new_shift(workplace, EARLY)
    await plan(workplace.alice, cell(workplace.bob, DAY, early))
    await workplace.bob.post("/api/v1/leaves", {"from": DAY, "punch_kind": "clock_in"})
    assert await open_reminders(workplace, workplace.bob) == ["clock_out"]


async def test_planners_write_leave_for_their_people_who_cannot_take_it_back(workplace: Workplace) -> None:
    leave = await workplace.alice.post("/api/v1/leaves", {"user_id": workplace.bob.id, "from": DAY, "to": "2026-11-25"})
    refused = await workplace.bob.http.delete(f"/api/v1/leaves/{leave['id']}")
    assert (refused.status_code, refused.json()["code"]) == (403, "set_by_planner")
    assert [one["can_delete"] for one in (await workplace.bob.get("/api/v1/leaves"))["items"]] == [False]
    again = await workplace.bob.http.post("/api/v1/leaves", json={"from": "2026-11-25"})
    assert (again.status_code, again.json()["code"]) == (409, "leave_overlaps")
    await workplace.alice.delete(f"/api/v1/leaves/{leave['id']}")


async def test_leave_is_seen_by_oneself_and_ones_planners(workplace: Workplace) -> None:
    leave = await workplace.bob.post("/api/v1/leaves", {"from": DAY, "reason": "体检"})
    for person, sees in (
        (workplace.bob, True),
        (workplace.alice, True),
        (workplace.root, True),
        (workplace.charlie, False),
    ):
        assert bool((await person.get("/api/v1/leaves"))["items"]) is sees
    assert (await workplace.charlie.http.delete(f"/api/v1/leaves/{leave['id']}")).status_code == 404
    body = {"user_id": workplace.bob.id, "from": "2026-12-01"}
    assert (await workplace.charlie.http.post("/api/v1/leaves", json=body)).status_code == 404
    dora = await workplace.add_person("Dora", team_id=workplace.team_a)
    assert (await dora.http.post("/api/v1/leaves", json=body)).status_code == 403
    assert (await workplace.bob.http.post("/api/v1/leaves", json={"from": DAY, "to": "2026-11-01"})).status_code == 422
    assert (await workplace.bob.get("/api/v1/leaves", **{"from": "2026-11-24"}))["items"] == []


@pytest.mark.parametrize(
    ("leave_type", "said"),
    [
        ("annual", "年假"),
        ("sick", "病假"),
        ("time_off", "调休"),
        ("maternity", "产假"),
        ("高温假", "高温假"),
        (None, "请假"),
    ],
)
async def test_leave_has_a_type_that_only_the_person_and_their_planners_see(
    workplace: Workplace, leave_type: str | None, said: str
) -> None:
    early = await new_shift(workplace, EARLY)
    dora = await dora_of(workplace)
    await plan(workplace.alice, cell(workplace.bob, DAY, early))
    await workplace.alice.patch(f"/api/v1/teams/{workplace.team_a}", {"leave_types": [" 高温假 ", "高温假"]})
    body = {"user_id": workplace.bob.id, "from": DAY, "leave_type": leave_type}
    assert (await workplace.alice.post("/api/v1/leaves", body))["leave_type"] == leave_type
    assert await open_reminders(workplace, workplace.bob) == []
    for person, seen in ((workplace.bob, leave_type), (workplace.alice, leave_type), (dora, None)):
        assert [mark["leave_type"] for mark in (await grid(person, DAY, DAY))["marks"]] == [seen]
    report = await workplace.alice.get("/api/v1/roster/report", **{"from": DAY, "to": DAY})
    shares = {share["user_id"]: share["leave_types"] for share in report["people"]}
    assert (shares[workplace.bob.id], shares[dora.id]) == ({leave_type or "": 1}, {})
    notes = {}
    for person in (workplace.alice, dora):
        export = {"from": DAY, "to": DAY, "format": "xlsx", "user_id": workplace.bob.id}
        book = openpyxl.load_workbook(
            io.BytesIO((await person.http.get("/api/v1/roster/export", params=export)).content)
        )
        there = book.worksheets[0]["C2"]
        notes[person.id] = (there.value, there.comment.text if there.comment else None)
    assert notes == {workplace.alice.id: ("早", said), dora.id: ("早", "请假")}


@pytest.mark.parametrize("leave_type", ["高温假", "年假", "SICK", "vacation"])
async def test_a_type_of_leave_that_the_team_does_not_have_is_refused(workplace: Workplace, leave_type: str) -> None:
    refused = await workplace.bob.http.post("/api/v1/leaves", json={"from": DAY, "leave_type": leave_type})
    assert (refused.status_code, refused.json()["code"]) == (422, "unknown_leave_type")
    assert (await workplace.bob.get("/api/v1/leaves"))["items"] == []


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
async def test_leave_upon_leave(workplace: Workplace, there: Any, new: Any, left: Any) -> None:
    def said(span: Any) -> dict[str, Any]:
        return {"from": f"2026-12-{span[0]}", "to": f"2026-12-{span[1]}", "punch_kind": span[2]}

    first = await workplace.bob.post("/api/v1/leaves", said(there))
    answer = await workplace.bob.http.post("/api/v1/leaves", json=said(new))
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
    found = (await workplace.bob.get("/api/v1/leaves"))["items"]
    assert sorted((each["first_date"][-2:], each["last_date"][-2:], each["punch_kind"]) for each in found) == left


async def test_a_planners_half_day_gives_way_to_planners_only(workplace: Workplace) -> None:
    half = {"user_id": workplace.bob.id, "from": DAY, "punch_kind": "clock_in"}
    await workplace.alice.post("/api/v1/leaves", half)
    refused = await workplace.bob.http.post("/api/v1/leaves", json={"from": DAY})
    assert (refused.status_code, refused.json()["leave"]["can_delete"]) == (409, False)
    assert (await workplace.alice.post("/api/v1/leaves", {"user_id": workplace.bob.id, "from": DAY}))["superseded"] == 1
    found = (await workplace.bob.get("/api/v1/leaves"))["items"]
    assert [each["punch_kind"] for each in found] == [None]


# --- swaps -----------------------------------------------------------------------------------------------------------


async def dora_of(workplace: Workplace) -> Person:
    return await workplace.add_person("Dora", team_id=workplace.team_a)


async def test_a_swap_trades_shifts_and_reminders_once_both_and_a_planner_agree(workplace: Workplace) -> None:
    early = await new_shift(workplace, EARLY)
    dora = await dora_of(workplace)
    await plan(workplace.alice, cell(workplace.bob, DAY, early), cell(dora, "2026-11-24", early))
    swap = await workplace.bob.post(
        "/api/v1/swaps", {"with_user_id": dora.id, "date": DAY, "return_date": "2026-11-24", "reason": "接孩子"}
    )
    assert (swap["status"], swap["steps"], swap["with_display_name"]) == ("asked", ["withdraw"], "Dora")
    assert [mark["kind"] for mark in (await grid(workplace.alice, DAY, "2026-11-24"))["marks"]] == ["swap"] * 4
    too_early = await workplace.alice.http.post(f"/api/v1/swaps/{swap['id']}/approve")
    assert (too_early.status_code, too_early.json()["code"]) == (409, "swap_not_accepted")

    assert (await dora.get("/api/v1/swaps"))["items"][0]["steps"] == ["accept", "decline"]
    assert (await dora.post(f"/api/v1/swaps/{swap['id']}/accept"))["status"] == "accepted"
    roster = await grid(workplace.alice, DAY, "2026-11-24")
    assert row_of(roster, workplace.bob) == [early, None]
    assert await open_reminders(workplace, dora) == ["clock_in", "clock_out"]

    assert (await workplace.alice.get("/api/v1/swaps", is_open=True))["items"][0]["steps"] == ["approve", "decline"]
    done = await workplace.alice.post(f"/api/v1/swaps/{swap['id']}/approve")
    assert (done["status"], done["decided_by"], done["steps"]) == ("approved", workplace.alice.id, [])
    roster = await grid(workplace.alice, DAY, "2026-11-24")
    assert (row_of(roster, workplace.bob), row_of(roster, dora)) == ([None, early], [early, None])
    assert roster["marks"] == []
    async with workplace.database.read() as session:
        dates = {
            (found.user_id, str(found.work_date)) for found in await session.exec(select(Reminder)) if found.next_due_at
        }
    assert dates == {(dora.id, DAY), (workplace.bob.id, "2026-11-24")}


async def test_an_approval_is_told_the_warnings_that_it_would_make(workplace: Workplace) -> None:
    early, night = await new_shift(workplace, EARLY), await new_shift(workplace, NIGHT)
    dora = await dora_of(workplace)
    # Bob's own short rest is there before; Dora's would come with the swap.
    await plan(
        workplace.alice,
        cell(workplace.bob, "2026-11-25", night),
        cell(workplace.bob, "2026-11-26", early),
        cell(workplace.bob, "2026-11-29", night),
        cell(dora, "2026-11-30", early),
    )
    swap = await workplace.bob.post("/api/v1/swaps", {"with_user_id": dora.id, "date": "2026-11-29"})
    found = (await workplace.alice.get(f"/api/v1/swaps/{swap['id']}/warnings"))["items"]
    assert [(each["user_id"], each["date"], each["code"]) for each in found] == [
        (dora.id, "2026-11-30", "night_before_morning")
    ]
    await dora.post(f"/api/v1/swaps/{swap['id']}/accept")
    await workplace.alice.post(f"/api/v1/swaps/{swap['id']}/approve")
    assert (await workplace.alice.get(f"/api/v1/swaps/{swap['id']}/warnings"))["items"] == []


async def test_a_swap_whose_cells_changed_meanwhile_is_outdated(workplace: Workplace) -> None:
    early, night = await new_shift(workplace, EARLY), await new_shift(workplace, NIGHT)
    dora = await dora_of(workplace)
    await plan(workplace.alice, cell(workplace.bob, DAY, early))
    swap = await workplace.bob.post("/api/v1/swaps", {"with_user_id": dora.id, "date": DAY})
    await dora.post(f"/api/v1/swaps/{swap['id']}/accept")
    await plan(workplace.alice, cell(workplace.bob, DAY, night))
    answer = await workplace.alice.http.post(f"/api/v1/swaps/{swap['id']}/approve")
    assert (answer.status_code, answer.json()["code"]) == (409, "swap_outdated")
    assert row_of(await grid(workplace.alice, DAY, DAY), workplace.bob) == [night]


@pytest.mark.parametrize(
    ("left", "is_outdated"),
    [
        pytest.param("leave of the one who gets the shift", True, id="leave of the one who gets the shift"),
        pytest.param("half", False, id="leave of one punch"),
        pytest.param("leave of the one who gives it", False, id="leave of the one who gives it"),
        pytest.param("inactive", True, id="deactivated"),
        pytest.param("moved", True, id="another team"),
    ],
)
async def test_nobody_who_is_away_or_gone_is_given_a_shift_by_an_approval(
    workplace: Workplace, left: str, is_outdated: bool
) -> None:
    early = await new_shift(workplace, EARLY)
    alice, bob, dora = workplace.alice, workplace.bob, await dora_of(workplace)
    await plan(alice, cell(bob, DAY, early))
    swap = await bob.post("/api/v1/swaps", {"with_user_id": dora.id, "date": DAY})
    await dora.post(f"/api/v1/swaps/{swap['id']}/accept")
    if left == "inactive":
        await alice.patch(f"/api/v1/users/{dora.id}", {"is_active": False})
    elif left == "moved":
        move = {"team_id": workplace.team_c, "from_date": DAY}
        await workplace.root.post(f"/api/v1/users/{dora.id}/moves", move)
    else:
        whose = bob if left == "leave of the one who gives it" else dora
        await whose.post("/api/v1/leaves", {"from": DAY, "punch_kind": "clock_in" if left == "half" else None})
    outcome = (409, "swap_outdated") if is_outdated else (200, None)
    beforehand = await alice.http.get(f"/api/v1/swaps/{swap['id']}/warnings")
    assert (beforehand.status_code, beforehand.json().get("code")) == outcome, "said before anybody approves it"
    answer = await alice.http.post(f"/api/v1/swaps/{swap['id']}/approve")
    assert (answer.status_code, answer.json().get("code")) == outcome
    assert row_of(await grid(workplace.root, DAY, DAY), bob) == [early if is_outdated else None]


@pytest.mark.parametrize(
    ("who", "step", "status"),
    [("dora", "decline", "declined"), ("bob", "withdraw", "withdrawn"), ("alice", "decline", "declined")],
)
async def test_a_swap_ends_when_somebody_thinks_otherwise(workplace: Workplace, who, step, status) -> None:
    early = await new_shift(workplace, EARLY)
    dora = await dora_of(workplace)
    people = {"bob": workplace.bob, "alice": workplace.alice, "dora": dora}
    await plan(workplace.alice, cell(workplace.bob, DAY, early))
    swap = await workplace.bob.post("/api/v1/swaps", {"with_user_id": dora.id, "date": DAY})
    assert (await people[who].post(f"/api/v1/swaps/{swap['id']}/{step}"))["status"] == status
    closed = await dora.http.post(f"/api/v1/swaps/{swap['id']}/accept")
    assert (closed.status_code, closed.json()["code"]) == (409, "swap_closed")
    assert row_of(await grid(workplace.alice, DAY, DAY), workplace.bob) == [early]


async def test_each_step_belongs_to_somebody(workplace: Workplace) -> None:
    early = await new_shift(workplace, EARLY)
    dora = await dora_of(workplace)
    await plan(workplace.alice, cell(workplace.bob, DAY, early))
    swap = await workplace.bob.post("/api/v1/swaps", {"with_user_id": dora.id, "date": DAY})
    for person, step in ((workplace.bob, "accept"), (dora, "approve"), (dora, "withdraw"), (workplace.alice, "accept")):
        answer = await person.http.post(f"/api/v1/swaps/{swap['id']}/{step}")
        assert (answer.status_code, answer.json()["code"]) == (403, "not_your_step")
    assert (await workplace.charlie.http.post(f"/api/v1/swaps/{swap['id']}/accept")).status_code == 404
    assert (await workplace.charlie.get("/api/v1/swaps"))["items"] == []
    twice = await workplace.bob.http.post("/api/v1/swaps", json={"with_user_id": dora.id, "date": DAY})
    assert (twice.status_code, twice.json()["code"]) == (409, "swap_open")


async def test_what_cannot_be_swapped_is_not_asked(workplace: Workplace) -> None:
    early = await new_shift(workplace, EARLY)
    await plan(workplace.alice, cell(workplace.bob, DAY, early), cell(workplace.alice, DAY, early))
    for body, code in (
        ({"with_user_id": workplace.charlie.id, "date": DAY}, "not_a_colleague"),
        ({"with_user_id": workplace.bob.id, "date": DAY}, "not_a_colleague"),
        ({"with_user_id": 999, "date": DAY}, "not_a_colleague"),
        ({"with_user_id": workplace.alice.id, "date": "2026-11-22"}, "day_is_over"),
        ({"with_user_id": workplace.alice.id, "date": DAY}, "nothing_to_swap"),
    ):
        answer = await workplace.bob.http.post("/api/v1/swaps", json=body)
        assert (answer.status_code, answer.json()["code"]) == (422, code)
    loner = await workplace.add_person("Loner", team_id=None, role=Role.MEMBER)
    answer = await loner.http.post("/api/v1/swaps", json={"with_user_id": workplace.bob.id, "date": DAY})
    assert answer.json()["code"] == "not_a_colleague"


# --- who is notified -------------------------------------------------------------------------------------------------


async def told(workplace: Workplace, *people: Person) -> list[list[str]]:
    """The titles of each person's new messages, which count as read afterwards."""
    await workplace.tick()
    found = []
    for person in people:
        unread = [each for each in (await person.get("/api/v1/inbox"))["items"] if each["read_at"] is None]
        found.append([each["title"] for each in unread])
        for each in unread:
            await person.post(f"/api/v1/inbox/{each['id']}/read")
    return found


async def test_each_step_of_a_swap_notifies_those_whom_it_concerns(workplace: Workplace) -> None:
    early = await new_shift(workplace, EARLY)
    dora = await dora_of(workplace)
    await plan(workplace.alice, cell(workplace.bob, "2026-12-01", early))
    people = (workplace.bob, dora, workplace.alice, workplace.charlie)

    async def ask() -> str:
        swap = await workplace.bob.post("/api/v1/swaps", {"with_user_id": dora.id, "date": "2026-12-01"})
        return f"/api/v1/swaps/{swap['id']}"

    swap = await ask()
    assert await told(workplace, *people) == [[], ["有人想和你换班"], [], []]
    await dora.post(f"{swap}/accept")
    assert await told(workplace, *people) == [["换班待批准"], [], ["换班待批准"], []]
    await dora.post(f"{swap}/accept")
    assert await told(workplace, *people) == [[], [], [], []]
    await workplace.bob.post(f"{swap}/withdraw")
    assert await told(workplace, *people) == [[], ["换班已撤回"], ["换班已撤回"], []]
    swap = await ask()
    await told(workplace, *people)
    await dora.post(f"{swap}/decline")
    assert await told(workplace, *people) == [["换班没有成功"], [], [], []]
    swap = await ask()
    await dora.post(f"{swap}/accept")
    await told(workplace, *people)
    await workplace.alice.post(f"{swap}/approve")
    assert await told(workplace, *people) == [["换班已批准"], ["换班已批准"], [], []]
    text = (await workplace.bob.get("/api/v1/inbox"))["items"][0]["text"]
    assert text == "Bob和Dora换班：12月1日 周二。排班表已经换好。"


async def test_a_person_is_told_of_leave_that_a_planner_entered_or_deleted(workplace: Workplace) -> None:
    half = {"user_id": workplace.bob.id, "from": "2026-12-01", "to": "2026-12-02", "punch_kind": "clock_in"}
    leave = await workplace.alice.post("/api/v1/leaves", half)
    assert await told(workplace, workplace.bob, workplace.alice) == [["已登记请假"], []]
    await workplace.alice.delete(f"/api/v1/leaves/{leave['id']}")
    assert await told(workplace, workplace.bob, workplace.alice) == [["请假已取消"], []]
    texts = [each["text"] for each in (await workplace.bob.get("/api/v1/inbox"))["items"]]
    days = "12月1日 周二至12月2日 周三的上班打卡"
    assert texts == [f"Alice取消了你的请假：{days}，照常提醒打卡。", f"Alice为你登记了请假：{days}，不会提醒打卡。"]
    own = await workplace.bob.post("/api/v1/leaves", {"from": "2026-12-03"})
    await workplace.bob.delete(f"/api/v1/leaves/{own['id']}")
    assert await told(workplace, workplace.bob, workplace.alice) == [[], []]


async def test_a_person_is_told_that_somebody_moves_them_and_so_are_the_planners_there(workplace: Workplace) -> None:
    carol = await workplace.add_person("Carol", team_id=workplace.team_c, role=Role.PLANNER)
    moves = f"/api/v1/users/{workplace.bob.id}/moves"
    planned = await workplace.root.post(moves, {"team_id": workplace.team_c, "from_date": "2026-12-01"})
    concerned = (workplace.bob, carol, workplace.alice, workplace.root)
    assert await told(workplace, *concerned) == [["换班组"], ["换班组"], [], []]
    await workplace.root.delete(f"{moves}/{planned['id']}")
    assert await told(workplace, *concerned) == [["换班组的安排已取消"], ["换班组的安排已取消"], [], []]
    texts = [each["text"] for each in (await carol.get("/api/v1/inbox"))["items"]]
    assert texts == ["Bob从12月1日 周二起不换到Team C了。", "Bob从12月1日 周二起在Team C。"]
    await workplace.root.patch(f"/api/v1/users/{workplace.bob.id}", {"team_id": workplace.team_c})
    assert await told(workplace, carol, workplace.alice) == [["换班组"], []]
    await workplace.root.patch(f"/api/v1/users/{workplace.bob.id}", {"team_id": None, "mobile": None})
    assert (await carol.get("/api/v1/inbox"))["items"][0]["text"] == "Bob从11月23日 周一起在Team C。"
