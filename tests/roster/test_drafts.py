"""Drafts: nothing follows from them until they are published; then everything does, at once."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
import sqlalchemy as sa
from sqlmodel import select

from conftest import Clock, Person, Workplace
from daka.audit_trail import AuditEntry
from daka.change_events import ChangeEvent
from daka.identity.models import Role
from daka.reminders.models import Reminder
from daka.roster.models import DraftCell
from daka.roster.notices.service import take_due
from roster.people import DECEMBER, EARLY, NIGHT, cell, grid, new_shift, plan, row_of

SPAN = {"from": DECEMBER[0], "to": DECEMBER[1]}
DAYS = ("2026-12-01", "2026-12-02", "2026-12-03")


async def use_drafts(workplace: Workplace, by: Person | None = None, **more: Any) -> Any:
    body = {"team_id": workplace.team_a, "uses_drafts": True, **more}
    return await (by or workplace.alice).http.put("/api/v1/roster/drafts", json=body)


async def drafts(workplace: Workplace) -> Any:
    return await workplace.alice.get("/api/v1/roster/drafts", team_id=workplace.team_a, **SPAN)


async def drafted(workplace: Workplace) -> list[tuple[str, int | None, int | None]]:
    return [(each["date"], each["published_shift_id"], each["shift_id"]) for each in (await drafts(workplace))["items"]]


async def publish(workplace: Workplace, **more: Any) -> Any:
    body = {"team_id": workplace.team_a, **SPAN, "revision": (await drafts(workplace))["revision"], **more}
    return await workplace.alice.http.post("/api/v1/roster/drafts/publish", json=body)


async def reminders(workplace: Workplace) -> int:
    async with workplace.database.read() as session:
        asked = select(Reminder.id).where(Reminder.next_due_at.is_not(None))  # type: ignore[union-attr]
        return len((await session.exec(asked)).all())


async def as_members_see(workplace: Workplace, days: int = 3) -> list[int | None]:
    return row_of(await grid(workplace.bob), workplace.bob)[:days]


async def as_planners_see(workplace: Workplace, days: int = 3) -> list[int | None]:
    return row_of(await grid(workplace.alice, drafts=True), workplace.bob)[:days]


async def test_nothing_follows_from_a_draft_until_it_is_published(workplace: Workplace, frozen: Clock) -> None:
    alice, bob = workplace.alice, workplace.bob
    early = await new_shift(workplace, EARLY)
    await use_drafts(workplace)
    today = "2026-11-23"
    saved = await plan(alice, cell(bob, today, early), cell(bob, "2026-11-24", early))
    assert saved["changed"] == 2
    frozen.forward(hours=1)
    async with workplace.database.write() as session:
        assert await take_due(session, frozen.now) == []
    assert await reminders(workplace) == 0
    around = {"first": today, "last": "2026-11-24"}
    assert row_of(await grid(bob, **around), bob) == [None, None]
    assert row_of(await grid(bob, **around, drafts=True), bob) == [None, None], "members see what is published"
    assert row_of(await grid(alice, **around), bob) == [None, None]
    assert row_of(await grid(alice, **around, drafts=True), bob) == [early, early]
    assert (await bob.get("/api/v1/roster/changes", since=0, drafts=True))["changes"] == []
    followed = (await alice.get("/api/v1/roster/changes", since=0, drafts=True))["changes"]
    assert {(each["date"], each["is_draft"]) for each in followed} == {(today, True), ("2026-11-24", True)}
    assert (await alice.get("/api/v1/roster/changes", since=0))["changes"] == []

    seen = await alice.get("/api/v1/roster/drafts", team_id=workplace.team_a, **{"from": today, "to": "2026-11-24"})
    body = {"team_id": workplace.team_a, "from": today, "to": "2026-11-24", "revision": seen["revision"]}
    published = await alice.post("/api/v1/roster/drafts/publish", body)
    assert (published["changed"], published["people"], published["kept"]) == (2, 1, 0)
    assert row_of(await grid(bob, **around), bob) == [early, early]
    assert await reminders(workplace) > 0
    frozen.forward(hours=1)
    async with workplace.database.write() as session:
        (notice,) = await take_due(session, frozen.now)
    assert notice.user_id == bob.id
    assert (await drafts(workplace))["total"] == 0


async def test_an_import_is_drawn_over_the_draft_that_it_changes(workplace: Workplace) -> None:
    early, night = await new_shift(workplace, EARLY), await new_shift(workplace, NIGHT)
    await plan(workplace.alice, cell(workplace.bob, "2026-12-01", early))
    await use_drafts(workplace)
    await plan(workplace.alice, cell(workplace.bob, "2026-12-01", night))
    files = {"file": ("month.csv", "姓名,2026-12-01\nBob,早\n".encode())}
    answer = await workplace.alice.http.post("/api/v1/roster/import", params={"dry_run": True}, files=files)
    outcome = answer.json()["outcome"]
    assert outcome["drawn"]["rows"][0]["before"] == [night]
    assert (outcome["moved"], outcome["same"]) == (1, 0)


async def test_browsers_of_members_are_not_told_of_drafts(workplace: Workplace) -> None:
    early = await new_shift(workplace, EARLY)
    await use_drafts(workplace)

    async def topics() -> list[str]:
        async with workplace.database.write() as session:
            found = [str(event.topic) for event in await session.exec(select(ChangeEvent).order_by(ChangeEvent.id))]  # type: ignore[arg-type]
            await session.exec(sa.delete(ChangeEvent))
        return [topic for topic in found if topic in ("roster", "draft")]

    await topics()
    await plan(workplace.alice, cell(workplace.bob, DAYS[0], early))
    assert await topics() == ["draft"]
    await publish(workplace)
    assert await topics() == ["roster"]


async def test_a_cell_that_is_as_published_is_no_draft(workplace: Workplace) -> None:
    early, night = await new_shift(workplace, EARLY), await new_shift(workplace, NIGHT)
    await plan(workplace.alice, cell(workplace.bob, DAYS[0], early))
    await use_drafts(workplace)
    assert (await plan(workplace.alice, cell(workplace.bob, DAYS[0], early)))["changed"] == 0
    await plan(workplace.alice, cell(workplace.bob, DAYS[0], night), cell(workplace.bob, DAYS[1], night))
    await plan(workplace.alice, cell(workplace.bob, DAYS[0], None))
    assert await drafted(workplace) == [(DAYS[0], early, None), (DAYS[1], None, night)]
    await plan(workplace.alice, cell(workplace.bob, DAYS[0], early), cell(workplace.bob, DAYS[1], None))
    assert await drafted(workplace) == []
    assert await as_members_see(workplace) == [early, None, None]


async def test_the_teams_of_others_are_published_at_once(workplace: Workplace) -> None:
    early = await new_shift(workplace, {**EARLY, "team_id": None}, by=workplace.root)
    await use_drafts(workplace)
    await plan(workplace.root, cell(workplace.bob, DAYS[0], early), cell(workplace.charlie, DAYS[0], early))
    assert row_of(await grid(workplace.charlie), workplace.charlie)[0] == early
    assert await as_members_see(workplace, 1) == [None]


async def _edit(workplace: Workplace, shift: int, _other: int) -> Any:
    return await plan(workplace.alice, cell(workplace.bob, DAYS[1], shift), cell(workplace.bob, DAYS[2], None))


async def _fill(workplace: Workplace, shift: int, _other: int) -> Any:
    body = {"cycle": [shift, None], "user_ids": [workplace.bob.id], "from": DAYS[1], "to": DAYS[2], "overwrite": True}
    return await workplace.alice.post("/api/v1/roster/fill", body)


async def _copy(workplace: Workplace, shift: int, _other: int) -> Any:
    await plan(workplace.alice, cell(workplace.bob, "2026-11-24", shift))
    body = {
        "user_ids": [workplace.bob.id],
        "from": "2026-11-24",
        "to": "2026-11-25",
        "onto": DAYS[1],
        "overwrite": True,
    }
    return await workplace.alice.post("/api/v1/roster/copy", body)


async def _import(workplace: Workplace, _shift: int, _other: int) -> Any:
    lines = f"账号,{DAYS[1]},{DAYS[2]}\n{workplace.bob.username},夜,\n"
    sent = await workplace.alice.http.post(
        "/api/v1/roster/import", params={"blanks": "clear"}, files={"file": ("x.csv", lines)}
    )
    assert sent.json()["status"] == "done", sent.text


@pytest.mark.parametrize("way", [_edit, _fill, _copy, _import], ids=["edit", "fill", "copy", "import"])
async def test_every_way_of_planning_goes_into_the_draft_and_is_undone_there(
    workplace: Workplace, way: Callable[[Workplace, int, int], Awaitable[Any]]
) -> None:
    early, night = await new_shift(workplace, EARLY), await new_shift(workplace, NIGHT)
    await plan(workplace.alice, *[cell(workplace.bob, day, early) for day in DAYS])
    await use_drafts(workplace)
    await way(workplace, night, early)
    assert await as_members_see(workplace) == [early, early, early]
    assert await as_planners_see(workplace) == [early, night, None]
    (action, *_) = (await workplace.alice.get("/api/v1/roster/actions"))["items"]
    await workplace.alice.post(f"/api/v1/roster/actions/{action['id']}/undo", {})
    assert await as_planners_see(workplace) == [early, early, early]
    assert await drafted(workplace) == []
    await workplace.alice.post(f"/api/v1/roster/actions/{action['id']}/redo", {})
    assert await as_planners_see(workplace) == [early, night, None]
    assert (await publish(workplace)).json()["changed"] == 2
    assert await as_members_see(workplace) == [early, night, None]
    # What is undone after it was published is a draft again.
    await workplace.alice.post(f"/api/v1/roster/actions/{action['id']}/undo", {})
    assert await as_members_see(workplace) == [early, night, None]
    assert await as_planners_see(workplace) == [early, early, early]


async def test_discarding_is_an_action_that_is_undone(workplace: Workplace) -> None:
    early, night = await new_shift(workplace, EARLY), await new_shift(workplace, NIGHT)
    await plan(workplace.alice, cell(workplace.bob, DAYS[0], early))
    await use_drafts(workplace)
    await plan(workplace.alice, cell(workplace.bob, DAYS[0], night))
    body = {"team_id": workplace.team_a, **SPAN}
    others = await workplace.alice.post("/api/v1/roster/drafts/discard", {**body, "user_ids": [workplace.alice.id]})
    assert others["changed"] == 0
    assert (await workplace.alice.post("/api/v1/roster/drafts/discard", body))["changed"] == 1
    assert await drafted(workplace) == []
    (action, *_) = (await workplace.alice.get("/api/v1/roster/actions"))["items"]
    await workplace.alice.post(f"/api/v1/roster/actions/{action['id']}/undo", {})
    assert await drafted(workplace) == [(DAYS[0], early, night)]


async def _swap(workplace: Workplace, other: Person) -> None:
    swap = await workplace.bob.post("/api/v1/swaps", {"with_user_id": other.id, "date": DAYS[0]})
    await other.post(f"/api/v1/swaps/{swap['id']}/accept")
    await workplace.alice.post(f"/api/v1/swaps/{swap['id']}/approve")


@pytest.mark.parametrize(
    ("choice", "published", "kept"), [("publish", "drafted", 0), ("keep", "swapped", 1)], ids=["publish", "keep"]
)
async def test_what_a_swap_changed_under_a_draft_is_asked_about(
    workplace: Workplace, choice: str, published: str, kept: int
) -> None:
    early, night = await new_shift(workplace, EARLY), await new_shift(workplace, NIGHT)
    other = await workplace.add_person("Ida", team_id=workplace.team_a)
    await plan(workplace.alice, cell(workplace.bob, DAYS[0], early), cell(other, DAYS[0], night))
    await use_drafts(workplace)
    await plan(workplace.alice, cell(workplace.bob, DAYS[0], None), cell(workplace.bob, DAYS[1], early))
    before = await drafts(workplace)
    await _swap(workplace, other)
    # Followers of the draft keep seeing it; a planner who looked before looks again.
    followed = await workplace.alice.get("/api/v1/roster/changes", since=before["revision"], drafts=True)
    assert [(each["user_id"], each["shift_id"]) for each in followed["changes"]] == [(other.id, early)]
    stale = await publish(workplace, revision=before["revision"])
    assert (stale.status_code, stale.json()["code"]) == (409, "drafts_changed")
    assert [(each["date"], each["changed_since"]) for each in (await drafts(workplace))["items"]] == [
        (DAYS[0], True),
        (DAYS[1], False),
    ]
    refused = await publish(workplace)
    assert (refused.status_code, refused.json()["code"]) == (409, "published_changed")
    assert refused.json()["cells"] == [
        {"user_id": workplace.bob.id, "date": DAYS[0], "published_shift_id": night, "shift_id": None}
    ]
    assert await as_members_see(workplace, 2) == [night, None]
    answer = (await publish(workplace, changed_since=choice)).json()
    assert answer["kept"] == kept
    assert await as_members_see(workplace, 2) == [{"drafted": None, "swapped": night}[published], early]
    assert (await drafts(workplace))["total"] == 0


async def test_a_swap_to_what_was_drafted_settles_the_draft(workplace: Workplace) -> None:
    early, night = await new_shift(workplace, EARLY), await new_shift(workplace, NIGHT)
    other = await workplace.add_person("Ida", team_id=workplace.team_a)
    await plan(workplace.alice, cell(workplace.bob, DAYS[0], early), cell(other, DAYS[0], night))
    await use_drafts(workplace)
    await plan(workplace.alice, cell(workplace.bob, DAYS[0], night))
    await _swap(workplace, other)
    assert await drafted(workplace) == []


@pytest.mark.parametrize(
    ("remaining", "status", "code", "published"),
    [
        pytest.param(None, 409, "drafts_remain", None, id="ask"),
        pytest.param("publish", 200, None, "night", id="publish"),
        pytest.param("discard", 200, None, "early", id="discard"),
    ],
)
async def test_switching_off_asks_what_becomes_of_drafts(
    workplace: Workplace, remaining: str | None, status: int, code: str | None, published: str | None
) -> None:
    shifts = {"early": await new_shift(workplace, EARLY), "night": await new_shift(workplace, NIGHT)}
    await plan(workplace.alice, cell(workplace.bob, DAYS[0], shifts["early"]))
    await use_drafts(workplace)
    assert await as_members_see(workplace, 1) == [shifts["early"]], "what was planned before is published"
    await plan(workplace.alice, cell(workplace.bob, DAYS[0], shifts["night"]))
    answer = await use_drafts(workplace, uses_drafts=False, remaining=remaining)
    assert (answer.status_code, answer.json().get("code")) == (status, code)
    team = await workplace.alice.get(f"/api/v1/teams/{workplace.team_a}")
    assert team["uses_drafts"] is (published is None)
    if published is None:
        assert (answer.json()["drafts"], answer.json()["people"]) == (1, 1)
    else:
        assert await as_members_see(workplace, 1) == [shifts[published]]
        assert await drafted(workplace) == []
        await plan(workplace.alice, cell(workplace.bob, DAYS[1], shifts["night"]))
        assert await as_members_see(workplace, 2) == [shifts[published], shifts["night"]]


async def test_who_moves_to_another_team_leaves_the_drafts_behind(workplace: Workplace) -> None:
    early = await new_shift(workplace, EARLY)
    await use_drafts(workplace)
    await plan(workplace.alice, cell(workplace.bob, DAYS[0], early))
    move = {"team_id": workplace.team_c, "from_date": "2026-11-20"}
    await workplace.root.post(f"/api/v1/users/{workplace.bob.id}/moves", move)
    async with workplace.database.read() as session:
        assert (await session.exec(select(DraftCell.id))).all() == []
    assert row_of(await grid(workplace.root, drafts=True), workplace.bob)[0] is None


async def test_leave_stops_reminders_of_what_is_published_later(workplace: Workplace) -> None:
    early = await new_shift(workplace, EARLY)
    await use_drafts(workplace)
    await plan(workplace.alice, cell(workplace.bob, "2026-11-24", early))
    await workplace.bob.post("/api/v1/leaves", {"from": "2026-11-24"})
    body = {"from": "2026-11-24", "to": "2026-11-24"}
    assert (await publish(workplace, **body)).json()["changed"] == 1
    assert await reminders(workplace) == 0


async def test_a_deleted_shift_leaves_the_drafts(workplace: Workplace) -> None:
    early, night = await new_shift(workplace, EARLY), await new_shift(workplace, NIGHT)
    await plan(workplace.alice, cell(workplace.bob, DAYS[0], early))
    await use_drafts(workplace)
    await plan(workplace.alice, cell(workplace.bob, DAYS[0], None), cell(workplace.bob, DAYS[1], early))
    late = await new_shift(workplace, {**EARLY, "name": "晚班", "code": "晚"})
    await plan(workplace.alice, cell(workplace.bob, DAYS[2], late))
    refused = await workplace.alice.http.delete(f"/api/v1/shifts/{late}")
    assert refused.json()["code"] == "shift_in_use", "a draft is a use"
    for shift in (late, early):
        gone = await workplace.alice.http.delete(f"/api/v1/shifts/{shift}", params={"replace_with": night})
        assert gone.status_code == 204
    found = await drafts(workplace)
    assert [(each["date"], each["shift_id"], each["changed_since"]) for each in found["items"]] == [
        (DAYS[0], None, False),
        (DAYS[1], night, False),
        (DAYS[2], night, False),
    ]
    assert (await publish(workplace)).status_code == 200


async def test_two_planners_do_not_overwrite_each_others_drafts(workplace: Workplace) -> None:
    early, night = await new_shift(workplace, EARLY), await new_shift(workplace, NIGHT)
    await use_drafts(workplace)
    seen = (await grid(workplace.alice, drafts=True))["revision"]
    await plan(workplace.root, cell(workplace.bob, DAYS[0], night))
    body = {"assignments": [cell(workplace.bob, DAYS[0], early)], "revision": seen}
    refused = await workplace.alice.http.put("/api/v1/roster", json=body)
    assert (refused.status_code, refused.json()["code"]) == (409, "roster_stale")
    (theirs,) = refused.json()["changes"]
    assert (theirs["shift_id"], theirs["is_draft"], theirs["changed_by"]) == (night, True, workplace.root.id)


async def test_warnings_coverage_report_and_export_are_of_the_draft_for_planners(workplace: Workplace) -> None:
    alice, bob = workplace.alice, workplace.bob
    early, night = await new_shift(workplace, EARLY), await new_shift(workplace, NIGHT)
    needs = {"needs": [{"shift_id": early, "day": "any", "people": 1}]}
    await alice.http.put("/api/v1/roster/coverage", params={"team_id": workplace.team_a}, json=needs)
    await use_drafts(workplace)
    saved = await plan(alice, cell(bob, DAYS[0], night), cell(bob, DAYS[1], early))
    assert [each["code"] for each in saved["warnings"]] == ["night_before_morning"]
    assert {(each["date"], each["planned"]) for each in saved["coverage"]} == {(DAYS[0], 0), (DAYS[1], 1)}
    span = {**SPAN, "team_id": workplace.team_a}
    warned = await alice.get("/api/v1/roster/drafts/warnings", **span)
    assert [each["code"] for each in warned["items"]] == ["night_before_morning"]
    for drafts_too, days in ((False, 0), (True, 2)):
        report = await alice.get("/api/v1/roster/report", **span, drafts=drafts_too)
        assert next(each["work_days"] for each in report["people"] if each["user_id"] == bob.id) == days
        assert sum(each["planned"] for each in report["coverage"]) == days // 2
        sent = await alice.http.get("/api/v1/roster/export", params={**span, "format": "json", "drafts": drafts_too})
        assert len(sent.json()["assignments"]) == days
    sent = await bob.http.get("/api/v1/roster/export", params={**SPAN, "format": "json", "drafts": True})
    assert sent.json()["assignments"] == []
    busy = await alice.get("/api/v1/roster/candidates", date=DAYS[1], shift_id=night, team_id=workplace.team_a)
    assert {each["user_id"]: each["fit"] for each in busy["items"]}[bob.id] == "busy"


async def test_history_and_audit_tell_drafts_from_what_is_published(workplace: Workplace) -> None:
    early = await new_shift(workplace, EARLY)
    await use_drafts(workplace)
    await plan(workplace.alice, cell(workplace.bob, DAYS[0], early))
    await publish(workplace)
    history = await workplace.alice.get("/api/v1/roster/history", user_id=workplace.bob.id, date=DAYS[0])
    assert [(each["is_draft"], each["before_shift_id"], each["shift_id"]) for each in history["items"]] == [
        (False, None, early),
        (True, None, early),
    ]
    async with workplace.database.read() as session:
        entries = list(await session.exec(select(AuditEntry).order_by(AuditEntry.id)))  # type: ignore[arg-type]
    mine = [each for each in entries if each.action in ("team.updated", "roster.drafted", "roster.published")]
    assert [each.action for each in mine] == ["team.updated", "roster.drafted", "roster.published"]
    assert (mine[0].before, mine[0].after) == ({"uses_drafts": False}, {"uses_drafts": True})
    assert mine[1].after
    assert mine[1].after["changes"] == [f"Bob {DAYS[0]}：空 → 早班"]
    story = await workplace.alice.get("/api/v1/reminders/explain", user_id=workplace.bob.id, date=DAYS[0])
    assert len(story["roster_steps"]) == 1
    assert story["draft"] is None
    await plan(workplace.alice, cell(workplace.bob, DAYS[0], None))
    for who, draft in ((workplace.alice, ("Alice", None)), (workplace.bob, None)):
        told = (await who.get("/api/v1/reminders/explain", user_id=workplace.bob.id, date=DAYS[0]))["draft"]
        assert (told and (told["changed_by"], told["shift"])) == draft


async def test_only_planners_of_the_team_draft_publish_and_switch(workplace: Workplace) -> None:
    stranger = await workplace.add_person("Petra", team_id=workplace.team_c, role=Role.PLANNER)
    for sent in (
        await use_drafts(workplace, by=stranger),
        await stranger.http.get("/api/v1/roster/drafts", params={**SPAN, "team_id": workplace.team_a}),
        await stranger.http.get("/api/v1/roster/drafts/warnings", params={**SPAN, "team_id": workplace.team_a}),
        await stranger.http.post(
            "/api/v1/roster/drafts/publish", json={"team_id": workplace.team_a, **SPAN, "revision": 2_000_000_000}
        ),
        await stranger.http.post("/api/v1/roster/drafts/discard", json={"team_id": workplace.team_a, **SPAN}),
    ):
        assert sent.status_code == 404


async def test_drafts_of_the_erased_are_gone_and_of_the_deleted_are_not_published(workplace: Workplace) -> None:
    early = await new_shift(workplace, EARLY)
    await use_drafts(workplace)
    await plan(workplace.alice, cell(workplace.bob, DAYS[0], early))
    await workplace.root.delete(f"/api/v1/users/{workplace.bob.id}")
    assert (await publish(workplace)).json()["changed"] == 0
    await workplace.root.post(f"/api/v1/users/{workplace.bob.id}/erase", {"username": workplace.bob.username})
    async with workplace.database.read() as session:
        assert (await session.exec(select(DraftCell.id))).all() == []
