"""Reading and changing people × days."""

import asyncio
import json
from datetime import date, timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy import event
from sqlmodel import col, select

from conftest import TODAY, Workplace
from daka.identity.models import Role, User
from daka.reminders.models import Reminder
from daka.roster.models import Assignment, RosterChange
from roster.people import DECEMBER, EARLY, NIGHT, REST, cell, grid, new_shift, plan, row_of


async def statements_of(workplace: Workplace, asking) -> int:
    """How many statements a request sends to the database."""
    seen = []

    def count(_connection, _cursor, statement, *_rest) -> None:
        seen.append(statement)

    event.listen(workplace.database.engine.sync_engine, "before_cursor_execute", count)
    try:
        await asking
    finally:
        event.remove(workplace.database.engine.sync_engine, "before_cursor_execute", count)
    return len(seen)


async def test_the_grid_shows_who_works_when_and_what_kind_of_day_it_is(workplace: Workplace) -> None:
    early = await new_shift(workplace, EARLY)
    await plan(workplace.alice, cell(workplace.bob, "2026-12-01", early))
    roster = await grid(workplace.alice)
    assert (len(roster["dates"]), roster["dates"][0], roster["dates"][-1]) == (31, *DECEMBER)
    assert row_of(roster, workplace.bob) == [early, *[None] * 30]
    assert roster["days"]["2026-12-05"] == {"kind": "weekend", "name": ""}
    assert roster["revision"] > 0


async def test_two_hundred_people_for_a_month_are_one_answer_of_a_few_queries_and_60_kb(workplace: Workplace) -> None:
    shift_id = await new_shift(workplace, EARLY)
    async with workplace.database.write() as session:
        people = [
            User(
                username=f"worker{number}",
                display_name=f"欧阳工人{number:03}",
                password_hash="x",
                role=Role.MEMBER,
                team_id=workplace.team_a,
                created_at=workplace.bob and (await session.get(User, workplace.bob.id)).created_at,
            )
            for number in range(198)
        ]
        session.add_all(people)
        await session.flush()
    few = await statements_of(workplace, grid(workplace.alice, user_id=workplace.bob.id))
    async with workplace.database.write() as session:
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
    answer = await workplace.alice.http.get("/api/v1/roster", params={"from": DECEMBER[0], "to": DECEMBER[1]})
    assert len(answer.json()["users"]) == 200
    assert len(answer.content) <= 60_000
    many = await statements_of(workplace, grid(workplace.alice))
    assert many == few <= 10

    # The widest it can be: ids of five digits in every cell.
    worst = answer.json()
    for row in worst["users"]:
        row["shift_ids"] = [12345] * 31
    assert len(json.dumps(worst, separators=(",", ":"), ensure_ascii=False).encode()) <= 60_000


async def test_clearing_a_cell_and_setting_it_to_what_it_is_change_what_they_say(workplace: Workplace) -> None:
    early, night = await new_shift(workplace, EARLY), await new_shift(workplace, NIGHT)
    assert (await plan(workplace.alice, cell(workplace.bob, "2026-12-01", early)))["changed"] == 1
    assert (await plan(workplace.alice, cell(workplace.bob, "2026-12-01", early)))["changed"] == 0
    assert (await plan(workplace.alice, cell(workplace.bob, "2026-12-01", night)))["changed"] == 1
    assert (await plan(workplace.alice, cell(workplace.bob, "2026-12-01", None)))["changed"] == 1
    assert row_of(await grid(workplace.alice), workplace.bob) == [None] * 31


async def test_of_one_cell_that_is_sent_twice_the_last_word_counts(workplace: Workplace) -> None:
    early, night = await new_shift(workplace, EARLY), await new_shift(workplace, NIGHT)
    saved = await plan(
        workplace.alice, cell(workplace.bob, "2026-12-01", early), cell(workplace.bob, "2026-12-01", night)
    )
    assert saved["changed"] == 1
    assert row_of(await grid(workplace.alice), workplace.bob)[0] == night


@pytest.mark.parametrize(
    ("wrong", "status", "code", "loc"),
    [
        ({"shift_id": 999}, 422, "unknown_shift", ["body", "assignments", 1, "shift_id"]),
        ({"user_id": 999}, 422, "unknown_user", ["body", "assignments", 1, "user_id"]),
        ({"user_id": "charlie"}, 422, "unknown_user", ["body", "assignments", 1, "user_id"]),
        ({"date": "1026-12-01"}, 422, "invalid_input", ["body", "assignments", 1, "date"]),
    ],
)
async def test_one_wrong_cell_and_nothing_is_written(workplace: Workplace, wrong, status, code, loc) -> None:
    early = await new_shift(workplace, EARLY)
    wrong = {key: workplace.charlie.id if value == "charlie" else value for key, value in wrong.items()}
    cells = [cell(workplace.bob, "2026-12-01", early), {**cell(workplace.bob, "2026-12-02", early), **wrong}]
    answer = await workplace.alice.http.put("/api/v1/roster", json={"assignments": cells})
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.json()["errors"][0]["loc"] == loc
    assert row_of(await grid(workplace.alice), workplace.bob) == [None] * 31


async def test_a_refusal_names_everybody_whom_it_is_about(workplace: Workplace) -> None:
    early = await new_shift(workplace, EARLY)
    cells = [
        cell(workplace.bob, "2026-12-01", early),
        *(cell(workplace.charlie, f"2026-12-0{day}", early) for day in (1, 2)),
    ]
    answer = await workplace.alice.http.put(
        "/api/v1/roster", json={"assignments": [*cells, {**cells[0], "user_id": 999}]}
    )
    assert [(one["loc"][2], one["code"]) for one in answer.json()["errors"]] == [
        (1, "unknown_user"),
        (3, "unknown_user"),
    ]


async def test_a_shift_of_another_team_does_not_fit(workplace: Workplace) -> None:
    of_c = await new_shift(workplace, {**EARLY, "team_id": workplace.team_c}, by=workplace.root)
    for by, code in ((workplace.alice, "unknown_shift"), (workplace.root, "shift_of_other_team")):
        body = {"assignments": [cell(workplace.bob, "2026-12-01", of_c)]}
        assert (await by.http.put("/api/v1/roster", json=body)).json()["code"] == code


async def test_charlie_sees_nothing_of_team_a_and_may_change_nothing(workplace: Workplace) -> None:
    early = await new_shift(workplace, EARLY)
    await plan(workplace.alice, cell(workplace.bob, "2026-12-01", early))
    for more in ({}, {"team_id": workplace.team_a}, {"user_id": workplace.bob.id}):
        roster = await grid(workplace.charlie, **more)
        assert [row["id"] for row in roster["users"]] == ([workplace.charlie.id] if not more else [])
        assert (roster["revision"], roster["marks"]) == (0, [])
    changes = await workplace.charlie.get("/api/v1/roster/changes", since=0, team_id=workplace.team_a)
    assert changes == {"changes": [], "revision": 0, "is_complete": True}
    body = {"assignments": [cell(workplace.bob, "2026-12-01", None)]}
    assert (await workplace.charlie.http.put("/api/v1/roster", json=body)).status_code == 403
    assert (await workplace.bob.http.put("/api/v1/roster", json=body)).status_code == 403
    assert (
        await workplace.charlie.http.get("/api/v1/roster/report", params={"from": "2026-12-01", "to": "2026-12-01"})
    ).status_code == 403
    assert (
        await workplace.anonymous.get("/api/v1/roster", params={"from": "2026-12-01", "to": "2026-12-01"})
    ).status_code == 401


async def test_bob_sees_his_whole_team(workplace: Workplace) -> None:
    assert [row["id"] for row in (await grid(workplace.bob))["users"]] == [workplace.alice.id, workplace.bob.id]


async def test_deleted_and_disabled_people_leave_the_grid_and_the_deleted_cannot_be_planned(
    workplace: Workplace,
) -> None:
    early = await new_shift(workplace, EARLY)
    dora = await workplace.add_person("Dora", team_id=workplace.team_a)
    await plan(workplace.alice, cell(dora, "2026-12-01", early), cell(workplace.bob, "2026-12-01", early))
    await workplace.alice.patch(f"/api/v1/users/{dora.id}", {"is_active": False})
    assert dora.id not in [row["id"] for row in (await grid(workplace.alice))["users"]]
    saved = await plan(workplace.alice, cell(dora, "2026-12-02", early))
    assert [(found["code"], found["date"]) for found in saved["warnings"]] == [("inactive", "2026-12-02")]

    await workplace.alice.delete(f"/api/v1/users/{workplace.bob.id}")
    body = {"assignments": [cell(workplace.bob, "2026-12-02", early)]}
    assert (await workplace.alice.http.put("/api/v1/roster", json=body)).json()["code"] == "unknown_user"


async def test_a_team_without_people_is_an_empty_grid_with_its_dates(workplace: Workplace) -> None:
    team = await workplace.root.post("/api/v1/teams", {"name": "Empty"})
    roster = await grid(workplace.root, team_id=team["id"])
    assert (roster["users"], len(roster["dates"]), roster["revision"]) == ([], 31, 0)


@pytest.mark.parametrize("span", [("2026-12-02", "2026-12-01"), ("2026-01-01", "2028-01-01")])
async def test_a_span_that_runs_backwards_or_for_years_is_refused(workplace: Workplace, span) -> None:
    answer = await workplace.alice.http.get("/api/v1/roster", params={"from": span[0], "to": span[1]})
    assert (answer.status_code, answer.json()["code"]) == (422, "bad_span")


async def test_reminders_follow_the_roster_in_the_same_transaction(workplace: Workplace) -> None:
    early, rest = await new_shift(workplace, EARLY), await new_shift(workplace, REST)

    async def reminded() -> int:
        async with workplace.database.read() as session:
            return len(list(await session.exec(select(Reminder).where(Reminder.user_id == workplace.bob.id))))

    for shift_id, reminders in ((early, 2), (rest, 0), (early, 2), (None, 0)):
        await plan(workplace.alice, cell(workplace.bob, TODAY, shift_id))
        assert await reminded() == reminders


# --- revisions -------------------------------------------------------------------------------------------------------


async def test_a_stale_planner_is_told_what_changed_and_nothing_is_written(workplace: Workplace) -> None:
    early, night = await new_shift(workplace, EARLY), await new_shift(workplace, NIGHT)
    seen = (await grid(workplace.alice))["revision"]
    first = await plan(workplace.root, cell(workplace.bob, "2026-12-01", early), revision=seen)
    body = {"assignments": [cell(workplace.bob, "2026-12-01", night)], "revision": seen}
    answer = await workplace.alice.http.put("/api/v1/roster", json=body)
    assert (answer.status_code, answer.json()["code"], answer.json()["revision"]) == (
        409,
        "roster_stale",
        first["revision"],
    )
    (change,) = answer.json()["changes"]
    assert {name: change[name] for name in ("user_id", "date", "before_shift_id", "shift_id", "changed_by")} == {
        "user_id": workplace.bob.id,
        "date": "2026-12-01",
        "before_shift_id": None,
        "shift_id": early,
        "changed_by": workplace.root.id,
    }
    assert row_of(await grid(workplace.alice), workplace.bob)[0] == early
    assert (await plan(workplace.alice, *body["assignments"], revision=first["revision"]))["changed"] == 1


async def test_a_save_with_the_newest_revision_passes_however_many_come(workplace: Workplace) -> None:
    early = await new_shift(workplace, EARLY)
    revision = (await grid(workplace.alice))["revision"]
    for day in range(1, 6):
        revision = (await plan(workplace.alice, cell(workplace.bob, f"2026-12-{day:02}", early), revision=revision))[
            "revision"
        ]
    assert (await grid(workplace.alice))["revision"] == revision


async def test_changes_of_another_team_are_no_conflict_but_are_told_so_that_none_is_overwritten_unseen(
    workplace: Workplace,
) -> None:
    shared = await new_shift(workplace, EARLY, by=workplace.root)
    seen = (await grid(workplace.root))["revision"]
    dora = await workplace.add_person("Dora", team_id=workplace.team_c, role=Role.PLANNER)
    await plan(dora, cell(workplace.charlie, "2026-12-01", shared))
    saved = await plan(workplace.root, cell(workplace.bob, "2026-12-01", shared), revision=seen)
    assert [(found["user_id"], found["shift_id"]) for found in saved["missed"]] == [(workplace.charlie.id, shared)]
    assert saved["revision"] == (await grid(workplace.root))["revision"]


async def test_the_changes_after_a_revision_come_in_order(workplace: Workplace) -> None:
    early, night = await new_shift(workplace, EARLY), await new_shift(workplace, NIGHT)
    since = (await plan(workplace.alice, cell(workplace.bob, "2026-12-01", early)))["revision"]
    await plan(workplace.alice, cell(workplace.bob, "2026-12-01", night))
    await plan(workplace.alice, cell(workplace.bob, "2026-12-01", None))
    news = await workplace.bob.get("/api/v1/roster/changes", since=since)
    assert [(found["before_shift_id"], found["shift_id"]) for found in news["changes"]] == [
        (early, night),
        (night, None),
    ]
    assert news["is_complete"]
    assert (await workplace.bob.get("/api/v1/roster/changes", since=news["revision"]))["changes"] == []


async def test_more_changes_than_one_answer_holds_come_page_by_page(workplace: Workplace) -> None:
    early = await new_shift(workplace, EARLY)
    days = [date(2026, 1, 1) + timedelta(days=offset) for offset in range(600)]
    await plan(
        workplace.alice, *[cell(person, day, early) for day in days for person in (workplace.bob, workplace.alice)]
    )
    since, told, asked = 0, 0, 0
    while True:
        news = await workplace.alice.get("/api/v1/roster/changes", since=since)
        since, told, asked = news["revision"], told + len(news["changes"]), asked + 1
        if news["is_complete"]:
            break
    assert (told, asked) == (1200, 2)


async def test_of_two_planners_at_once_one_is_refused_and_no_change_is_lost_silently(workplace: Workplace) -> None:
    """Twenty pairs race for the same cell: each time one wins, the other hears what the winner wrote."""
    early, night = await new_shift(workplace, EARLY), await new_shift(workplace, NIGHT)
    for number in range(20):
        revision = (await grid(workplace.alice))["revision"]
        day = f"2026-12-{number + 1:02}"
        answers = await asyncio.gather(
            *[
                by.http.put(
                    "/api/v1/roster", json={"assignments": [cell(workplace.bob, day, shift_id)], "revision": revision}
                )
                for by, shift_id in ((workplace.alice, early), (workplace.root, night))
            ]
        )
        assert sorted(answer.status_code for answer in answers) == [200, 409]
        won = early if answers[0].status_code == 200 else night
        lost = next(answer for answer in answers if answer.status_code == 409)
        assert [change["shift_id"] for change in lost.json()["changes"]] == [won]
        assert row_of(await grid(workplace.alice), workplace.bob)[number] == won


async def test_revisions_are_in_the_order_of_commits_also_without_a_revision(workplace: Workplace) -> None:
    early, night = await new_shift(workplace, EARLY), await new_shift(workplace, NIGHT)
    await asyncio.gather(
        *[
            plan(by, cell(workplace.bob, f"2026-12-{day:02}", shift_id))
            for day in range(1, 9)
            for by, shift_id in ((workplace.alice, early), (workplace.root, night))
        ]
    )
    async with workplace.database.read() as session:
        changes = list(await session.exec(select(RosterChange).order_by(col(RosterChange.id))))
        cells = {
            found.work_date: found.shift_id
            for found in await session.exec(select(Assignment).where(Assignment.user_id == workplace.bob.id))
        }
    told: dict[date, int | None] = {}
    for change in changes:
        assert change.before_shift_id == told.get(change.work_date)
        told[change.work_date] = change.after_shift_id
    assert told == cells


# --- shifts that go --------------------------------------------------------------------------------------------------


async def test_a_shift_in_use_stays_until_another_one_takes_its_place(workplace: Workplace) -> None:
    early, night = await new_shift(workplace, EARLY), await new_shift(workplace, NIGHT)
    seen = (
        await plan(workplace.alice, cell(workplace.bob, "2026-12-01", early), cell(workplace.bob, "2026-12-02", early))
    )["revision"]
    refused = await workplace.alice.http.delete(f"/api/v1/shifts/{early}")
    assert (refused.status_code, refused.json()["code"], refused.json()["people"]) == (409, "shift_in_use", 1)
    wrong = await workplace.alice.http.delete(f"/api/v1/shifts/{early}", params={"replace_with": early})
    assert (wrong.status_code, wrong.json()["code"]) == (422, "bad_replacement")
    unknown = await workplace.alice.http.delete(f"/api/v1/shifts/{early}", params={"replace_with": 999})
    assert (unknown.status_code, unknown.json()["code"]) == (422, "bad_replacement")

    await workplace.alice.delete(f"/api/v1/shifts/{early}", replace_with=night)
    assert row_of(await grid(workplace.alice), workplace.bob)[:3] == [night, night, None]
    assert len((await workplace.alice.get("/api/v1/roster/changes", since=seen))["changes"]) == 2
    body = {"assignments": [cell(workplace.bob, "2026-12-03", early)]}
    assert (await workplace.alice.http.put("/api/v1/roster", json=body)).json()["code"] == "unknown_shift"


async def test_a_shift_nobody_uses_simply_goes(workplace: Workplace) -> None:
    early = await new_shift(workplace, EARLY)
    await workplace.alice.delete(f"/api/v1/shifts/{early}")
    assert (await workplace.alice.get("/api/v1/shifts"))["items"] == []


async def test_no_cell_can_slip_onto_a_shift_while_it_is_removed(workplace: Workplace) -> None:
    early, night = await new_shift(workplace, EARLY), await new_shift(workplace, NIGHT)
    await plan(workplace.alice, cell(workplace.bob, "2026-12-01", early))
    body = {"assignments": [cell(workplace.bob, "2026-12-02", early)]}
    await asyncio.gather(
        workplace.alice.http.delete(f"/api/v1/shifts/{early}", params={"replace_with": night}),
        workplace.root.http.put("/api/v1/roster", json=body),
    )
    async with workplace.database.read() as session:
        left = await session.exec(select(sa.func.count()).where(Assignment.shift_id == early))
        assert left.one() == 0
