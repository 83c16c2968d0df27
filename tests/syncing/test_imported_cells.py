"""Cells that follow an attendance system: every way of writing over them asks; and who undoes a reading."""

from collections.abc import Awaitable, Callable

import httpx
import pytest

from conftest import Clock, Workplace
from daka.identity.models import Role
from daka.proposing.models import Proposal, ProposalStatus
from daka.roster.cells import newest_revision
from scenes import EARLY, assign, new_shift, shanghai
from syncing.conftest import DATES, Synced
from syncing.test_pulls import FORTNIGHT, cells_of, pull

DAY = DATES[0]
"""Bob's Monday follows DingTalk; the other shift is one that a planner means instead."""
Request = Callable[[Workplace, int], Awaitable[httpx.Request]]


def _posted(workplace: Workplace, path: str, body: object) -> httpx.Request:
    return workplace.alice.http.build_request("POST", f"/api/v1{path}", json=body)


async def _cells(workplace: Workplace, other: int) -> httpx.Request:
    cells = [{"user_id": workplace.bob.id, "date": str(DAY), "shift_id": other}]
    return workplace.alice.http.build_request("PUT", "/api/v1/roster", json={"assignments": cells})


async def _draft(workplace: Workplace, other: int) -> httpx.Request:
    await workplace.alice.put("/api/v1/roster/drafts", {"team_id": workplace.team_a, "uses_drafts": True})
    return await _cells(workplace, other)


async def _fill(workplace: Workplace, other: int) -> httpx.Request:
    span = {"user_ids": [workplace.bob.id], "from": str(DAY), "to": str(DAY), "overwrite": True}
    return _posted(workplace, "/roster/fill", {"cycle": [other], **span})


async def _copy(workplace: Workplace, other: int) -> httpx.Request:
    before = DATES[6]  # a day off
    await assign(workplace, other, workplace.bob, on=before)
    span = {"user_ids": [workplace.bob.id], "from": str(before), "to": str(before), "onto": str(DAY)}
    return _posted(workplace, "/roster/copy", {**span, "overwrite": True})


async def _file(workplace: Workplace, other: int) -> httpx.Request:
    table = f"姓名,{DAY}\nBob,早\n".encode()
    return workplace.alice.http.build_request("POST", "/api/v1/roster/import", files={"file": ("x.csv", table)})


async def _swap(workplace: Workplace, other: int) -> httpx.Request:
    dora = await workplace.add_person("Dora", team_id=workplace.team_a)
    swap = await workplace.bob.post("/api/v1/swaps", {"with_user_id": dora.id, "date": str(DAY)})
    await dora.post(f"/api/v1/swaps/{swap['id']}/accept")
    return _posted(workplace, f"/swaps/{swap['id']}/approve", None)


async def _proposal(workplace: Workplace, other: int) -> httpx.Request:
    cell = {"user_id": workplace.bob.id, "date": str(DAY), "before_shift_id": None, "shift_id": other}
    nothing = {"nights": 0, "weekends": 0, "holidays": 0, "hours": 0}
    share = {
        "user_id": workplace.bob.id,
        "display_name": "Bob",
        "before": nothing,
        "after": nothing,
        "weeks_before": nothing,
    }
    async with workplace.database.write() as session:
        proposal = Proposal(
            team_id=workplace.team_a,
            first_date=DAY,
            last_date=DAY,
            status=ProposalStatus.READY,
            asked={},
            revision=await newest_revision(session),
            outcome={"cells": [cell], "score": [], "unmet": [], "shares": [share]},
            created_by=workplace.alice.id,
        )
        session.add(proposal)
    return _posted(workplace, f"/roster/proposals/{proposal.id}/apply", {})


async def _shift(workplace: Workplace, other: int) -> httpx.Request:
    shifts = (await workplace.alice.get("/api/v1/shifts"))["items"]
    mine = next(shift["id"] for shift in shifts if shift["name"] == "行政班")
    params = {"replace_with": other}
    return workplace.alice.http.build_request("DELETE", f"/api/v1/shifts/{mine}", params=params)


REQUESTS: dict[str, Request] = {
    "cells": _cells,
    "draft": _draft,
    "pattern": _fill,
    "copy": _copy,
    "file": _file,
    "swap": _swap,
    "proposal": _proposal,
    "shift": _shift,
}


@pytest.mark.parametrize("way", REQUESTS)
async def test_a_planner_who_writes_over_a_cell_from_dingtalk_is_asked(frozen: Clock, way: str, synced: Synced) -> None:
    workplace, _, path = synced
    await pull(workplace, path)
    other = await new_shift(workplace.alice, EARLY, periods=[{"start": "07:00", "end": "15:00"}])
    request = await REQUESTS[way](workplace, other)
    before = await cells_of(workplace)
    refused = await workplace.alice.http.send(request)
    problem = refused.json()
    assert (refused.status_code, problem["code"]) == (409, "cells_imported"), problem
    assert refused.headers["content-type"] == "application/problem+json"
    assert problem["count"] == len(problem["cells"])
    assert (workplace.bob.id, str(DAY)) in {(cell["user_id"], cell["date"]) for cell in problem["cells"]}
    assert await cells_of(workplace) == before

    request.url = request.url.copy_add_param("over_imported", "true")
    done = await workplace.alice.http.send(request)
    assert done.is_success, done.text
    if way != "draft":
        assert (await cells_of(workplace))[0] != "行政班"
    # It is locked now: nobody is asked again, and the next pull leaves it.
    if way in ("cells", "file", "pattern"):
        await assign(workplace, None, workplace.bob, on=DAY, over_imported=False)
        assert (await pull(workplace, path))["kept"] == 1


async def test_the_same_and_an_empty_or_locked_cell_are_nobodys_question(frozen: Clock, synced: Synced) -> None:
    workplace, _, path = synced
    await pull(workplace, path)
    shifts = {each["name"]: each["id"] for each in (await workplace.alice.get("/api/v1/shifts"))["items"]}
    await assign(workplace, shifts["行政班"], workplace.bob, on=DAY, over_imported=False)
    await assign(workplace, shifts["大夜班"], workplace.bob, on=DATES[6], over_imported=False)
    body = {"user_ids": [workplace.bob.id], "from": str(DAY), "to": str(DATES[13]), "cycle": [shifts["大夜班"]]}
    await workplace.alice.post("/api/v1/roster/fill", body)  # blank cells only
    dry = await workplace.alice.post("/api/v1/roster/fill", {**body, "overwrite": True, "dry_run": True})
    assert dry["is_dry_run"]


async def test_a_dry_run_of_a_file_counts_the_cells_that_would_be_locked(frozen: Clock, synced: Synced) -> None:
    workplace, _, path = synced
    await pull(workplace, path)
    await new_shift(workplace.alice, EARLY)
    request = await _file(workplace, 0)
    request.url = request.url.copy_add_param("dry_run", "true")
    outcome = (await workplace.alice.http.send(request)).json()["outcome"]
    assert (outcome["over_imported"], outcome["moved"]) == (1, 1)


@pytest.mark.parametrize("who", ["another planner of the team", "a planner of another team", "a member"])
async def test_a_pull_that_ran_by_itself_is_undone_by_any_planner_of_the_team(
    frozen: Clock, who: str, synced: Synced
) -> None:
    workplace, fake, path = synced
    eve = await workplace.add_person("Eve", team_id=None, role=Role.PLANNER)
    await workplace.root.put(f"/api/v1/teams/{workplace.team_a}/planners", {"user_ids": [eve.id]})
    by = {"another planner of the team": eve, "a member": workplace.bob}.get(who, workplace.charlie)
    await pull(workplace, path)
    fake.schedule("u-bob", DAY, 0)
    frozen.set(shanghai("12:55"))
    await workplace.app.state.roster_puller.pull_due()
    newest = (await workplace.alice.get("/api/v1/roster/actions"))["items"][0]
    assert newest["is_own"]
    answer = await by.http.post(f"/api/v1/roster/actions/{newest['id']}/undo", json={})
    if by is not eve:
        assert answer.status_code in (403, 404)
        assert (await cells_of(workplace))[0] is None
        return
    assert answer.is_success, answer.text
    listed = (await eve.get("/api/v1/roster/actions"))["items"]
    assert next((each["id"], each["is_own"]) for each in listed) == (newest["id"], False)
    assert await cells_of(workplace) == FORTNIGHT
    entry = (await workplace.root.get("/api/v1/audit", action="roster.changed"))["items"][0]
    assert entry["actor_name"] == "Eve"


async def test_what_a_colleague_edited_stays_theirs_to_undo(frozen: Clock, synced: Synced) -> None:
    workplace, _, _ = synced
    early = await new_shift(workplace.alice, EARLY)
    cells = [{"user_id": workplace.bob.id, "date": str(DAY), "shift_id": early}]
    await workplace.alice.put("/api/v1/roster", {"assignments": cells})
    (edited,) = (await workplace.alice.get("/api/v1/roster/actions"))["items"]
    answer = await workplace.root.http.post(f"/api/v1/roster/actions/{edited['id']}/undo", json={})
    assert (answer.status_code, answer.json()["code"]) == (404, "action_not_found")
