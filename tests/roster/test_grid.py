"""Reading and changing people × days."""

import asyncio
import json
from datetime import date, timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy import event
from sqlmodel import col, select

from conftest import TODAY, World
from daka.identity.models import Role, User
from daka.reminders.models import Reminder
from daka.roster.models import Assignment, RosterChange
from roster.people import DECEMBER, EARLY, NIGHT, REST, cell, grid, new_shift, plan, row_of


async def statements_of(world: World, asking) -> int:
    """How many statements a request sends to the database."""
    seen = []

    def count(_connection, _cursor, statement, *_rest) -> None:
        seen.append(statement)

    event.listen(world.database.engine.sync_engine, "before_cursor_execute", count)
    try:
        await asking
    finally:
        event.remove(world.database.engine.sync_engine, "before_cursor_execute", count)
    return len(seen)


async def test_the_grid_shows_who_works_when_and_what_kind_of_day_it_is(world: World) -> None:
    early = await new_shift(world, EARLY)
    await plan(world.alice, cell(world.bob, "2026-12-01", early))
    roster = await grid(world.alice)
    assert (len(roster["dates"]), roster["dates"][0], roster["dates"][-1]) == (31, *DECEMBER)
    assert row_of(roster, world.bob) == [early, *[None] * 30]
    assert roster["days"]["2026-12-05"] == {"kind": "weekend", "name": ""}
    assert roster["revision"] > 0


async def test_two_hundred_people_for_a_month_are_one_answer_of_a_few_queries_and_60_kb(world: World) -> None:
    shift_id = await new_shift(world, EARLY)
    async with world.database.write() as session:
        people = [
            User(
                username=f"worker{number}",
                display_name=f"欧阳工人{number:03}",
                password_hash="x",
                role=Role.MEMBER,
                team_id=world.team_a,
                created_at=world.bob and (await session.get(User, world.bob.id)).created_at,
            )
            for number in range(198)
        ]
        session.add_all(people)
        await session.flush()
    few = await statements_of(world, grid(world.alice, user_id=world.bob.id))
    async with world.database.write() as session:
        session.add_all(
            Assignment(
                user_id=person.id,
                work_date=date(2026, 12, 1) + timedelta(days=day),
                shift_id=shift_id,
                updated_at=person.created_at,
            )
            for person in people
            for day in range(31)
            if day % 3
        )
    answer = await world.alice.http.get("/api/v1/roster", params={"from": DECEMBER[0], "to": DECEMBER[1]})
    assert len(answer.json()["users"]) == 200
    assert len(answer.content) <= 60_000
    many = await statements_of(world, grid(world.alice))
    assert many == few <= 9

    # The widest it can be: ids of five digits in every cell.
    worst = answer.json()
    for row in worst["users"]:
        row["shift_ids"] = [12345] * 31
    assert len(json.dumps(worst, separators=(",", ":"), ensure_ascii=False).encode()) <= 60_000


async def test_clearing_a_cell_and_setting_it_to_what_it_is_change_what_they_say(world: World) -> None:
    early, night = await new_shift(world, EARLY), await new_shift(world, NIGHT)
    assert (await plan(world.alice, cell(world.bob, "2026-12-01", early)))["changed"] == 1
    assert (await plan(world.alice, cell(world.bob, "2026-12-01", early)))["changed"] == 0
    assert (await plan(world.alice, cell(world.bob, "2026-12-01", night)))["changed"] == 1
    assert (await plan(world.alice, cell(world.bob, "2026-12-01", None)))["changed"] == 1
    assert row_of(await grid(world.alice), world.bob) == [None] * 31


async def test_of_one_cell_that_is_sent_twice_the_last_word_counts(world: World) -> None:
    early, night = await new_shift(world, EARLY), await new_shift(world, NIGHT)
    saved = await plan(world.alice, cell(world.bob, "2026-12-01", early), cell(world.bob, "2026-12-01", night))
    assert saved["changed"] == 1
    assert row_of(await grid(world.alice), world.bob)[0] == night


@pytest.mark.parametrize(
    ("wrong", "status", "code", "loc"),
    [
        ({"shift_id": 999}, 422, "unknown_shift", ["body", "assignments", 1, "shift_id"]),
        ({"user_id": 999}, 422, "unknown_user", ["body", "assignments", 1, "user_id"]),
        ({"user_id": "charlie"}, 422, "unknown_user", ["body", "assignments", 1, "user_id"]),
        ({"date": "1026-12-01"}, 422, "invalid_input", ["body", "assignments", 1, "date"]),
    ],
)
async def test_one_wrong_cell_and_nothing_is_written(world: World, wrong, status, code, loc) -> None:
    early = await new_shift(world, EARLY)
    wrong = {key: world.charlie.id if value == "charlie" else value for key, value in wrong.items()}
    cells = [cell(world.bob, "2026-12-01", early), {**cell(world.bob, "2026-12-02", early), **wrong}]
    answer = await world.alice.http.put("/api/v1/roster", json={"assignments": cells})
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.json()["errors"][0]["loc"] == loc
    assert row_of(await grid(world.alice), world.bob) == [None] * 31


async def test_a_shift_of_another_team_does_not_fit(world: World) -> None:
    of_c = await new_shift(world, {**EARLY, "team_id": world.team_c}, by=world.root)
    for by, code in ((world.alice, "unknown_shift"), (world.root, "shift_of_other_team")):
        body = {"assignments": [cell(world.bob, "2026-12-01", of_c)]}
        assert (await by.http.put("/api/v1/roster", json=body)).json()["code"] == code


async def test_charlie_sees_nothing_of_team_a_and_may_change_nothing(world: World) -> None:
    early = await new_shift(world, EARLY)
    await plan(world.alice, cell(world.bob, "2026-12-01", early))
    for more in ({}, {"team_id": world.team_a}, {"user_id": world.bob.id}):
        roster = await grid(world.charlie, **more)
        assert [row["id"] for row in roster["users"]] == ([world.charlie.id] if not more else [])
        assert (roster["revision"], roster["marks"]) == (0, [])
    changes = await world.charlie.get("/api/v1/roster/changes", since=0, team_id=world.team_a)
    assert changes == {"changes": [], "revision": 0, "is_complete": True}
    body = {"assignments": [cell(world.bob, "2026-12-01", None)]}
    assert (await world.charlie.http.put("/api/v1/roster", json=body)).status_code == 403
    assert (await world.bob.http.put("/api/v1/roster", json=body)).status_code == 403
    assert (
        await world.charlie.http.get("/api/v1/roster/report", params={"from": "2026-12-01", "to": "2026-12-01"})
    ).status_code == 403
    assert (
        await world.anonymous.get("/api/v1/roster", params={"from": "2026-12-01", "to": "2026-12-01"})
    ).status_code == 401


async def test_bob_sees_his_whole_team(world: World) -> None:
    assert [row["id"] for row in (await grid(world.bob))["users"]] == [world.alice.id, world.bob.id]


async def test_deleted_and_disabled_people_leave_the_grid_and_the_deleted_cannot_be_planned(world: World) -> None:
    early = await new_shift(world, EARLY)
    dora = await world.add_person("Dora", team_id=world.team_a)
    await plan(world.alice, cell(dora, "2026-12-01", early), cell(world.bob, "2026-12-01", early))
    await world.alice.patch(f"/api/v1/users/{dora.id}", {"is_active": False})
    assert dora.id not in [row["id"] for row in (await grid(world.alice))["users"]]
    saved = await plan(world.alice, cell(dora, "2026-12-02", early))
    assert [(found["code"], found["date"]) for found in saved["warnings"]] == [("inactive", "2026-12-02")]

    await world.alice.delete(f"/api/v1/users/{world.bob.id}")
    body = {"assignments": [cell(world.bob, "2026-12-02", early)]}
    assert (await world.alice.http.put("/api/v1/roster", json=body)).json()["code"] == "unknown_user"


async def test_a_team_without_people_is_an_empty_grid_with_its_dates(world: World) -> None:
    team = await world.root.post("/api/v1/teams", {"name": "Empty"})
    roster = await grid(world.root, team_id=team["id"])
    assert (roster["users"], len(roster["dates"]), roster["revision"]) == ([], 31, 0)


@pytest.mark.parametrize("span", [("2026-12-02", "2026-12-01"), ("2026-01-01", "2028-01-01")])
async def test_a_span_that_runs_backwards_or_for_years_is_refused(world: World, span) -> None:
    answer = await world.alice.http.get("/api/v1/roster", params={"from": span[0], "to": span[1]})
    assert (answer.status_code, answer.json()["code"]) == (422, "bad_span")


async def test_reminders_follow_the_roster_in_the_same_transaction(world: World) -> None:
    early, rest = await new_shift(world, EARLY), await new_shift(world, REST)

    async def reminded() -> int:
        async with world.database.read() as session:
            return len(list(await session.exec(select(Reminder).where(Reminder.user_id == world.bob.id))))

    for shift_id, reminders in ((early, 2), (rest, 0), (early, 2), (None, 0)):
        await plan(world.alice, cell(world.bob, TODAY, shift_id))
        assert await reminded() == reminders


# --- revisions -------------------------------------------------------------------------------------------------------


async def test_a_stale_planner_is_told_what_changed_and_nothing_is_written(world: World) -> None:
    early, night = await new_shift(world, EARLY), await new_shift(world, NIGHT)
    seen = (await grid(world.alice))["revision"]
    first = await plan(world.root, cell(world.bob, "2026-12-01", early), revision=seen)
    body = {"assignments": [cell(world.bob, "2026-12-01", night)], "revision": seen}
    answer = await world.alice.http.put("/api/v1/roster", json=body)
    assert (answer.status_code, answer.json()["code"], answer.json()["revision"]) == (
        409,
        "roster_stale",
        first["revision"],
    )
    (change,) = answer.json()["changes"]
    assert {name: change[name] for name in ("user_id", "date", "before_shift_id", "shift_id", "changed_by")} == {
        "user_id": world.bob.id,
        "date": "2026-12-01",
        "before_shift_id": None,
        "shift_id": early,
        "changed_by": world.root.id,
    }
    assert row_of(await grid(world.alice), world.bob)[0] == early
    assert (await plan(world.alice, *body["assignments"], revision=first["revision"]))["changed"] == 1


async def test_a_save_with_the_newest_revision_passes_however_many_come(world: World) -> None:
    early = await new_shift(world, EARLY)
    revision = (await grid(world.alice))["revision"]
    for day in range(1, 6):
        revision = (await plan(world.alice, cell(world.bob, f"2026-12-{day:02}", early), revision=revision))["revision"]
    assert (await grid(world.alice))["revision"] == revision


async def test_changes_of_another_team_are_no_conflict_but_are_told_so_that_none_is_overwritten_unseen(
    world: World,
) -> None:
    shared = await new_shift(world, EARLY, by=world.root)
    seen = (await grid(world.root))["revision"]
    dora = await world.add_person("Dora", team_id=world.team_c, role=Role.PLANNER)
    await plan(dora, cell(world.charlie, "2026-12-01", shared))
    saved = await plan(world.root, cell(world.bob, "2026-12-01", shared), revision=seen)
    assert [(found["user_id"], found["shift_id"]) for found in saved["missed"]] == [(world.charlie.id, shared)]
    assert saved["revision"] == (await grid(world.root))["revision"]


async def test_the_changes_after_a_revision_come_in_order(world: World) -> None:
    early, night = await new_shift(world, EARLY), await new_shift(world, NIGHT)
    since = (await plan(world.alice, cell(world.bob, "2026-12-01", early)))["revision"]
    await plan(world.alice, cell(world.bob, "2026-12-01", night))
    await plan(world.alice, cell(world.bob, "2026-12-01", None))
    news = await world.bob.get("/api/v1/roster/changes", since=since)
    assert [(found["before_shift_id"], found["shift_id"]) for found in news["changes"]] == [
        (early, night),
        (night, None),
    ]
    assert news["is_complete"]
    assert (await world.bob.get("/api/v1/roster/changes", since=news["revision"]))["changes"] == []


async def test_more_changes_than_one_answer_holds_come_page_by_page(world: World) -> None:
    early = await new_shift(world, EARLY)
    days = [date(2026, 1, 1) + timedelta(days=offset) for offset in range(600)]
    await plan(world.alice, *[cell(person, day, early) for day in days for person in (world.bob, world.alice)])
    since, told, asked = 0, 0, 0
    while True:
        news = await world.alice.get("/api/v1/roster/changes", since=since)
        since, told, asked = news["revision"], told + len(news["changes"]), asked + 1
        if news["is_complete"]:
            break
    assert (told, asked) == (1200, 2)


async def test_of_two_planners_at_once_one_is_refused_and_no_change_is_lost_silently(world: World) -> None:
    """Twenty pairs race for the same cell: each time one wins, the other hears what the winner wrote."""
    early, night = await new_shift(world, EARLY), await new_shift(world, NIGHT)
    for number in range(20):
        revision = (await grid(world.alice))["revision"]
        day = f"2026-12-{number + 1:02}"
        answers = await asyncio.gather(
            *[
                by.http.put(
                    "/api/v1/roster", json={"assignments": [cell(world.bob, day, shift_id)], "revision": revision}
                )
                for by, shift_id in ((world.alice, early), (world.root, night))
            ]
        )
        assert sorted(answer.status_code for answer in answers) == [200, 409]
        won = early if answers[0].status_code == 200 else night
        lost = next(answer for answer in answers if answer.status_code == 409)
        assert [change["shift_id"] for change in lost.json()["changes"]] == [won]
        assert row_of(await grid(world.alice), world.bob)[number] == won


async def test_revisions_are_in_the_order_of_commits_also_without_a_revision(world: World) -> None:
    early, night = await new_shift(world, EARLY), await new_shift(world, NIGHT)
    await asyncio.gather(
        *[
            plan(by, cell(world.bob, f"2026-12-{day:02}", shift_id))
            for day in range(1, 9)
            for by, shift_id in ((world.alice, early), (world.root, night))
        ]
    )
    async with world.database.read() as session:
        changes = list(await session.exec(select(RosterChange).order_by(col(RosterChange.id))))
        cells = {
            found.work_date: found.shift_id
            for found in await session.exec(select(Assignment).where(Assignment.user_id == world.bob.id))
        }
    told: dict[date, int | None] = {}
    for change in changes:
        assert change.before_shift_id == told.get(change.work_date)
        told[change.work_date] = change.after_shift_id
    assert told == cells


# --- shifts that go --------------------------------------------------------------------------------------------------


async def test_a_shift_in_use_stays_until_another_one_takes_its_place(world: World) -> None:
    early, night = await new_shift(world, EARLY), await new_shift(world, NIGHT)
    seen = (await plan(world.alice, cell(world.bob, "2026-12-01", early), cell(world.bob, "2026-12-02", early)))[
        "revision"
    ]
    refused = await world.alice.http.delete(f"/api/v1/shifts/{early}")
    assert (refused.status_code, refused.json()["code"], refused.json()["people"]) == (409, "shift_in_use", 1)
    wrong = await world.alice.http.delete(f"/api/v1/shifts/{early}", params={"replace_with": early})
    assert (wrong.status_code, wrong.json()["code"]) == (422, "bad_replacement")
    unknown = await world.alice.http.delete(f"/api/v1/shifts/{early}", params={"replace_with": 999})
    assert (unknown.status_code, unknown.json()["code"]) == (422, "bad_replacement")

    await world.alice.delete(f"/api/v1/shifts/{early}", replace_with=night)
    assert row_of(await grid(world.alice), world.bob)[:3] == [night, night, None]
    assert len((await world.alice.get("/api/v1/roster/changes", since=seen))["changes"]) == 2
    body = {"assignments": [cell(world.bob, "2026-12-03", early)]}
    assert (await world.alice.http.put("/api/v1/roster", json=body)).json()["code"] == "unknown_shift"


async def test_a_shift_nobody_uses_simply_goes(world: World) -> None:
    early = await new_shift(world, EARLY)
    await world.alice.delete(f"/api/v1/shifts/{early}")
    assert (await world.alice.get("/api/v1/shifts"))["items"] == []


async def test_no_cell_can_slip_onto_a_shift_while_it_is_removed(world: World) -> None:
    early, night = await new_shift(world, EARLY), await new_shift(world, NIGHT)
    await plan(world.alice, cell(world.bob, "2026-12-01", early))
    body = {"assignments": [cell(world.bob, "2026-12-02", early)]}
    await asyncio.gather(
        world.alice.http.delete(f"/api/v1/shifts/{early}", params={"replace_with": night}),
        world.root.http.put("/api/v1/roster", json=body),
    )
    async with world.database.read() as session:
        left = await session.exec(select(sa.func.count()).where(Assignment.shift_id == early))
        assert left.one() == 0
