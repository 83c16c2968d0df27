"""Open shifts: a planner offers one, somebody of the team takes it, and only the planner's yes changes the roster."""

from typing import Any

import pytest
from sqlmodel import select

from conftest import Person, Workplace
from daka.identity.models import Role
from daka.reminders.models import Reminder
from roster.people import EARLY, NIGHT, REST, cell, grid, new_shift, plan, row_of
from roster.test_requests import told

DAY = "2026-11-24"


async def offer(workplace: Workplace, shift_id: int, **more: Any) -> dict[str, Any]:
    body = {"team_id": workplace.team_a, "date": DAY, "shift_id": shift_id, **more}
    return (await workplace.alice.post("/api/v1/open-shifts", body))["items"][0]


async def seen(person: Person, **asked: Any) -> list[tuple[str, list[str]]]:
    found = (await person.get("/api/v1/open-shifts", is_open=True, **asked))["items"]
    return [(each["status"], each["steps"]) for each in found]


async def step(person: Person, found: dict[str, Any], how: str) -> Any:
    return await person.http.post(f"/api/v1/open-shifts/{found['id']}/{how}")


async def test_a_shift_is_offered_taken_and_planned_once_a_planner_approves(workplace: Workplace) -> None:
    alice, bob = workplace.alice, workplace.bob
    early = await new_shift(workplace, EARLY)
    dora = await workplace.add_person("Dora", team_id=workplace.team_a)
    found = await offer(workplace, early, reason="小李请假")
    assert (found["status"], found["reason"], found["offered_by"]) == ("offered", "小李请假", alice.id)
    assert await seen(bob) == [("offered", ["take"])]
    assert await seen(workplace.charlie) == []
    taken = (await step(bob, found, "take")).json()
    assert (taken["status"], taken["taken_by"], taken["taken_by_name"]) == ("taken", bob.id, "Bob")
    assert await seen(bob) == [("taken", ["give_back"])]
    assert await seen(dora) == [], "it is somebody's already"
    assert await seen(alice) == [("taken", ["approve", "decline", "withdraw"])]
    assert row_of(await grid(bob, DAY, DAY), bob) == [None], "nothing changes before the approval"
    late = await step(dora, found, "take")
    assert (late.status_code, late.json()["code"]) == (409, "open_shift_gone")
    done = (await step(alice, found, "approve")).json()
    assert (done["status"], done["decided_by"], done["steps"]) == ("approved", alice.id, [])
    assert row_of(await grid(bob, DAY, DAY), bob) == [early]
    async with workplace.database.read() as session:
        kinds = await session.exec(select(Reminder.kind).where(Reminder.user_id == bob.id))
        assert sorted(kind.value for kind in kinds) == ["clock_in", "clock_out"]
    assert await seen(alice) == []
    assert [each["id"] for each in (await bob.get("/api/v1/open-shifts", is_open=False))["items"]] == [found["id"]]


async def test_declined_it_is_open_for_the_others_and_given_back_for_all(workplace: Workplace) -> None:
    bob = workplace.bob
    early = await new_shift(workplace, EARLY)
    dora = await workplace.add_person("Dora", team_id=workplace.team_a)
    found = await offer(workplace, early)
    await step(bob, found, "take")
    assert (await step(bob, found, "give_back")).json()["status"] == "offered"
    await step(bob, found, "take")
    assert (await step(workplace.alice, found, "decline")).json()["taken_by"] is None
    assert await seen(bob) == [("offered", [])]
    again = await step(bob, found, "take")
    assert (again.status_code, again.json()["code"]) == (409, "open_shift_gone")
    assert (await step(dora, found, "take")).status_code == 200
    assert (await step(workplace.alice, found, "withdraw")).json()["status"] == "withdrawn"
    assert (await step(workplace.alice, found, "approve")).json()["code"] == "open_shift_gone"
    assert row_of(await grid(dora, DAY, DAY), dora) == [None]


@pytest.mark.parametrize(
    ("there", "may"),
    [
        pytest.param(None, True, id="blank"),
        pytest.param("rest", True, id="rest"),
        pytest.param("work", False, id="at work"),
        pytest.param("leave", False, id="on leave"),
        pytest.param("half", True, id="leave of one punch"),
    ],
)
async def test_who_works_or_is_away_that_day_does_not_take_it_and_is_not_told(
    workplace: Workplace, there: str | None, may: bool
) -> None:
    bob = workplace.bob
    early, night, rest = [await new_shift(workplace, shift) for shift in (EARLY, NIGHT, REST)]
    if there in ("rest", "work"):
        await plan(workplace.alice, cell(bob, DAY, {"rest": rest, "work": night}[there]))
    elif there:
        await bob.post("/api/v1/leaves", {"from": DAY, "punch_kind": "clock_in" if there == "half" else None})
    found = await offer(workplace, early)
    assert await told(workplace, bob) == [["有空缺班次"] if may else []]
    assert await seen(bob) == [("offered", ["take"] if may else [])]
    answer = await step(bob, found, "take")
    assert (answer.status_code, answer.json().get("code")) == ((200, None) if may else (409, "busy_that_day"))


async def test_an_approval_is_refused_once_the_takers_day_has_changed(workplace: Workplace) -> None:
    early, night = await new_shift(workplace, EARLY), await new_shift(workplace, NIGHT)
    found = await offer(workplace, early)
    await step(workplace.bob, found, "take")
    await plan(workplace.alice, cell(workplace.bob, DAY, night))
    answer = await step(workplace.alice, found, "approve")
    assert (answer.status_code, answer.json()["code"]) == (409, "open_shift_outdated")
    assert row_of(await grid(workplace.bob, DAY, DAY), workplace.bob) == [night]
    found = await offer(workplace, early, date="2026-11-25")
    await step(workplace.bob, found, "take")
    move = {"team_id": workplace.team_c, "from_date": "2026-11-23"}
    await workplace.root.post(f"/api/v1/users/{workplace.bob.id}/moves", move)
    assert (await step(workplace.alice, found, "approve")).json()["code"] == "open_shift_outdated"


@pytest.mark.parametrize("why", ["leave", "inactive"])
async def test_an_approval_is_refused_once_the_taker_is_away_or_gone(workplace: Workplace, why: str) -> None:
    early, bob = await new_shift(workplace, EARLY), workplace.bob
    found = await offer(workplace, early)
    await step(bob, found, "take")
    if why == "leave":
        await bob.post("/api/v1/leaves", {"from": DAY})
    else:
        await workplace.alice.patch(f"/api/v1/users/{bob.id}", {"is_active": False})
    beforehand = await workplace.alice.http.get(f"/api/v1/open-shifts/{found['id']}/warnings")
    assert (beforehand.status_code, beforehand.json()["code"]) == (409, "open_shift_outdated")
    assert (await step(workplace.alice, found, "approve")).json()["code"] == "open_shift_outdated"


async def test_planners_see_the_warnings_that_an_approval_would_make(workplace: Workplace) -> None:
    early, night = await new_shift(workplace, EARLY), await new_shift(workplace, NIGHT)
    await plan(workplace.alice, cell(workplace.bob, DAY, night))
    found = await offer(workplace, early, date="2026-11-25")
    warnings = f"/api/v1/open-shifts/{found['id']}/warnings"
    assert (await workplace.alice.get(warnings))["items"] == [], "nobody has taken it"
    await step(workplace.bob, found, "take")
    warned = (await workplace.alice.get(warnings))["items"]
    assert [(each["user_id"], each["code"]) for each in warned] == [(workplace.bob.id, "night_before_morning")]
    assert (await workplace.bob.http.get(warnings)).status_code == 403


async def test_in_a_team_that_uses_drafts_an_approval_is_published(workplace: Workplace) -> None:
    early = await new_shift(workplace, EARLY)
    await workplace.alice.put("/api/v1/roster/drafts", {"team_id": workplace.team_a, "uses_drafts": True})
    found = await offer(workplace, early)
    await step(workplace.bob, found, "take")
    await step(workplace.alice, found, "approve")
    assert row_of(await grid(workplace.bob, DAY, DAY), workplace.bob) == [early]


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        pytest.param({"date": "2026-11-22"}, 422, "day_is_over", id="past"),
        pytest.param({"shift_id": 999}, 422, "unknown_shift", id="no shift"),
        pytest.param({"shift_id": "rest"}, 422, "rest_not_offered", id="rest"),
        pytest.param({"team_id": "other"}, 404, "team_not_found", id="a team of others"),
        pytest.param({"people": 0}, 422, "invalid_input", id="for nobody"),
    ],
)
async def test_what_cannot_be_offered(workplace: Workplace, change: dict[str, Any], status: int, code: str) -> None:
    early, rest = await new_shift(workplace, EARLY), await new_shift(workplace, REST)
    special = {"rest": rest, "other": workplace.team_c}
    body = {"team_id": workplace.team_a, "date": DAY, "shift_id": early}
    body |= {name: special.get(value, value) for name, value in change.items()}
    answer = await workplace.alice.http.post("/api/v1/open-shifts", json=body)
    problem = answer.json()
    found = [problem["code"], *(each["code"] for each in problem.get("errors", []))]
    assert answer.status_code == status
    assert code in found


async def test_several_people_are_several_open_shifts_and_one_message(workplace: Workplace) -> None:
    early = await new_shift(workplace, EARLY)
    await offer(workplace, early, people=3)
    assert len(await seen(workplace.bob)) == 3
    assert await told(workplace, workplace.bob, workplace.charlie) == [["有空缺班次"], []]


@pytest.mark.parametrize("replaced", [False, True], ids=["gone", "replaced"])
async def test_a_deleted_shift_is_offered_no_longer(workplace: Workplace, replaced: bool) -> None:
    early, night = await new_shift(workplace, EARLY), await new_shift(workplace, NIGHT)
    if replaced:
        await plan(workplace.alice, cell(workplace.bob, "2026-12-01", early))
    found = await offer(workplace, early)
    more = {"replace_with": night} if replaced else {}
    assert (await workplace.alice.http.delete(f"/api/v1/shifts/{early}", params=more)).status_code == 204
    offered = (await workplace.alice.get("/api/v1/open-shifts"))["items"]
    assert [(each["id"], each["shift_id"], each["status"]) for each in offered] == [
        (found["id"], night if replaced else early, "offered" if replaced else "withdrawn")
    ]


async def test_each_step_notifies_those_whom_it_concerns(workplace: Workplace) -> None:
    alice, bob = workplace.alice, workplace.bob
    early = await new_shift(workplace, EARLY)
    people = (bob, alice, workplace.charlie)
    found = await offer(workplace, early)
    assert await told(workplace, *people) == [["有空缺班次"], [], []]
    await step(bob, found, "take")
    assert await told(workplace, *people) == [[], ["有人愿意上空缺班次"], []]
    await step(bob, found, "give_back")
    assert await told(workplace, *people) == [[], ["空缺班次被退回"], []]
    await step(bob, found, "take")
    await told(workplace, *people)
    await step(alice, found, "approve")
    assert await told(workplace, *people) == [["空缺班次已排给你"], [], []]
    assert (await bob.get("/api/v1/inbox"))["items"][0]["text"] == "Alice批准你上11月24日 周二 早班，已排进排班表。"
    for how, title in (("decline", "空缺班次没有排给你"), ("withdraw", "空缺班次已取消")):
        found = await offer(workplace, early, date="2026-11-26")
        await step(bob, found, "take")
        await told(workplace, *people)
        await step(alice, found, how)
        assert await told(workplace, *people) == [[title], [], []]
    found = await offer(workplace, early, date="2026-11-26")
    await told(workplace, *people)
    await step(alice, found, "withdraw")
    assert await told(workplace, *people) == [[], [], []], "nobody had taken it"


async def test_planners_of_other_teams_and_members_do_not_decide(workplace: Workplace) -> None:
    early = await new_shift(workplace, EARLY)
    stranger = await workplace.add_person("Petra", team_id=workplace.team_c, role=Role.PLANNER)
    found = await offer(workplace, early)
    assert (await step(stranger, found, "take")).status_code == 404
    assert (await step(stranger, found, "withdraw")).status_code == 404
    assert (await step(workplace.bob, found, "withdraw")).status_code == 403
    await step(workplace.bob, found, "take")
    dora = await workplace.add_person("Dora", team_id=workplace.team_a)
    assert (await step(dora, found, "give_back")).status_code == 409
    assert await seen(workplace.alice) == [("taken", ["approve", "decline", "withdraw"])]
