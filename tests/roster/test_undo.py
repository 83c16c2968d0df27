"""Undoing and redoing what a planner did."""

from datetime import date, timedelta
from time import perf_counter
from typing import Any

import pytest
from sqlmodel import col, select

from conftest import Person, Workplace
from daka.identity.models import Role, User
from daka.reminders.models import Reminder
from daka.roster.actions import Edit, edits_of, reversal
from roster.people import EARLY, NIGHT, cell, grid, new_shift, plan, row_of

DAY = date(2026, 12, 1)
CELL = (7, DAY)
A, B, C = 1, 2, 3


@pytest.mark.parametrize(
    ("changes", "edits"),
    [
        pytest.param([(None, A)], {CELL: Edit(None, A)}, id="one"),
        pytest.param([(None, A), (A, B)], {CELL: Edit(None, B)}, id="two letters of a code"),
        pytest.param([(A, B), (B, A)], {}, id="back to what it was"),
        pytest.param([], {}, id="nothing"),
    ],
)
def test_changes_of_one_action_are_one_edit_of_each_cell(changes: list[Any], edits: dict[Any, Edit]) -> None:
    assert edits_of([(*CELL, before, after) for before, after in changes]) == edits


@pytest.mark.parametrize(
    ("edit", "now", "is_redo", "wanted", "changed_since"),
    [
        pytest.param(Edit(None, A), A, False, {CELL: None}, {}, id="undo: as it was left"),
        pytest.param(Edit(B, A), A, False, {CELL: B}, {}, id="undo: to another shift"),
        pytest.param(Edit(B, A), C, False, {}, {CELL: B}, id="undo: changed since"),
        pytest.param(Edit(B, A), None, False, {}, {CELL: B}, id="undo: cleared since"),
        pytest.param(Edit(B, A), B, False, {}, {}, id="undo: somebody restored it"),
        pytest.param(Edit(B, A), B, True, {CELL: A}, {}, id="redo: as undoing left it"),
        pytest.param(Edit(B, A), C, True, {}, {CELL: A}, id="redo: changed since"),
        pytest.param(Edit(B, None), B, True, {CELL: None}, {}, id="redo: clears again"),
        pytest.param(Edit(B, A), A, True, {}, {}, id="redo: so already"),
    ],
)
def test_what_undoing_and_redoing_write(
    edit: Edit, now: int | None, is_redo: bool, wanted: dict[Any, int | None], changed_since: dict[Any, int | None]
) -> None:
    present = {} if now is None else {CELL: now}
    assert reversal({CELL: edit}, present, is_redo=is_redo) == (wanted, changed_since)


async def actions(by: Person) -> list[dict[str, Any]]:
    return (await by.get("/api/v1/roster/actions"))["items"]


async def turn(by: Person, action: dict[str, Any], how: str = "undo", **body: Any) -> Any:
    return await by.http.post(f"/api/v1/roster/actions/{action['id']}/{how}", json=body)


async def test_every_way_of_planning_is_an_action_of_its_own_that_is_undone_and_redone(workplace: Workplace) -> None:
    alice, bob = workplace.alice, workplace.bob
    early = await new_shift(workplace, EARLY)
    before = row_of(await grid(alice), bob)
    whom = {"user_ids": [bob.id]}
    await plan(alice, cell(bob, "2026-12-01", early))
    await alice.post("/api/v1/roster/fill", {"cycle": [early], **whom, "from": "2026-12-02", "to": "2026-12-04"})
    await alice.post("/api/v1/roster/copy", {**whom, "from": "2026-12-01", "to": "2026-12-03", "onto": "2026-12-08"})
    lines = f"username,date,shift\n{bob.username},2026-12-20,早\n"
    sent = await alice.http.post("/api/v1/roster/import", params={"dry_run": False}, files={"file": ("x.csv", lines)})
    assert sent.json()["status"] == "done", sent.text
    after = row_of(await grid(alice), bob)
    found = await actions(alice)
    assert [(each["kind"], each["cells"], each["first"]) for each in found] == [
        ("imported", 1, "2026-12-20"),
        ("copied", 3, "2026-12-08"),
        ("filled", 3, "2026-12-02"),
        ("edited", 1, "2026-12-01"),
    ]
    for each in found:
        answer = await turn(alice, each)
        assert (answer.status_code, answer.json()["changed"]) == (200, each["cells"])
    assert row_of(await grid(alice), bob) == before
    async with workplace.database.read() as session:
        assert not (await session.exec(select(Reminder.id).where(Reminder.next_due_at.is_not(None)))).all()  # type: ignore[union-attr]
    assert all(each["undone_at"] for each in await actions(alice))
    assert (await turn(alice, found[0])).json()["code"] == "not_undoable"
    for each in reversed(found):
        assert (await turn(alice, each, "redo")).status_code == 200
    assert row_of(await grid(alice), bob) == after
    assert (await turn(alice, found[0], "redo")).json()["code"] == "not_undoable"


async def test_requests_with_one_name_are_one_action(workplace: Workplace) -> None:
    early, night = await new_shift(workplace, EARLY), await new_shift(workplace, NIGHT)
    await plan(workplace.alice, {**cell(workplace.bob, "2026-12-01", early), "action": "a1"})
    await plan(
        workplace.alice,
        {**cell(workplace.bob, "2026-12-01", night), "action": "a1"},
        {**cell(workplace.bob, "2026-12-02", night), "action": "a2"},
    )
    second, first = await actions(workplace.alice)
    assert (first["cells"], second["cells"]) == (1, 1)
    await turn(workplace.alice, first)
    assert row_of(await grid(workplace.alice), workplace.bob)[:2] == [None, night]


async def test_actions_of_one_request_are_undone_from_the_last_one(workplace: Workplace) -> None:
    early = await new_shift(workplace, EARLY)
    days = [f"2026-12-0{number}" for number in range(1, 9)]
    await plan(workplace.alice, *({**cell(workplace.bob, day, early), "action": f"a{day}"} for day in days))
    assert [each["first"] for each in await actions(workplace.alice)] == days[::-1]


async def test_what_was_changed_since_is_listed_and_stays_where_the_planner_says_so(workplace: Workplace) -> None:
    alice, bob = workplace.alice, workplace.bob
    early, night = await new_shift(workplace, EARLY), await new_shift(workplace, NIGHT)
    await plan(alice, cell(bob, "2026-12-01", early), cell(bob, "2026-12-02", early))
    (action,) = await actions(alice)
    await plan(workplace.root, cell(bob, "2026-12-02", night))
    refused = await turn(alice, action)
    assert (refused.status_code, refused.json()["code"]) == (409, "cells_changed")
    (conflict,) = refused.json()["cells"]
    assert (conflict["date"], conflict["shift_id"], conflict["before_shift_id"], conflict["changed_by"]) == (
        "2026-12-02",
        night,
        None,
        workplace.root.id,
    )
    assert row_of(await grid(alice), bob)[:2] == [early, night]
    before = (await grid(alice))["revision"] - 1
    undone = (await turn(alice, action, keep_changed=True, revision=before)).json()
    assert undone["changed"] == 1
    assert [(each["date"], each["shift_id"]) for each in undone["missed"]] == [("2026-12-02", night)]
    assert undone["revision"] == (await grid(alice))["revision"], "the next change is not refused as stale"
    assert row_of(await grid(alice), bob)[:2] == [None, night]


async def test_nobody_undoes_what_another_planner_did(workplace: Workplace) -> None:
    early = await new_shift(workplace, EARLY)
    await plan(workplace.alice, cell(workplace.bob, "2026-12-01", early))
    (action,) = await actions(workplace.alice)
    assert await actions(workplace.root) == []
    assert (await turn(workplace.root, action)).status_code == 404
    assert row_of(await grid(workplace.alice), workplace.bob)[0] == early


async def test_1860_cells_are_undone_within_two_seconds(workplace: Workplace) -> None:
    early = await new_shift(workplace, EARLY)
    async with workplace.database.write() as session:
        bob = (await session.exec(select(User).where(col(User.id) == workplace.bob.id))).one()
        people = [
            User(
                username=f"crew{number}",
                display_name=f"工人{number}",
                password_hash="x",
                role=Role.MEMBER,
                team_id=workplace.team_a,
                created_at=bob.created_at,
            )
            for number in range(60)
        ]
        session.add_all(people)
        await session.flush()
    days = [DAY + timedelta(days=number) for number in range(31)]
    await plan(workplace.alice, *[cell(person.id, day, early) for person in people for day in days])
    (action,) = await actions(workplace.alice)
    began = perf_counter()
    answer = await turn(workplace.alice, action)
    took = perf_counter() - began
    assert answer.json()["changed"] == 1860
    print(f"undone in {took:.2f} s")
    assert took < 2
