"""Asking for a proposal, applying it as one action, and what refuses it."""

import asyncio
from typing import Any

import pytest

from conftest import Person, Workplace
from roster.people import EARLY, NIGHT, REST, cell, grid, new_shift, plan, row_of

FIRST, LAST = "2026-12-07", "2026-12-13"
PROPOSALS = "/api/v1/roster/proposals"
TERMS = "/api/v1/roster/work-terms"


async def needs(workplace: Workplace, **people: int) -> dict[str, int]:
    """A team with an early and a night shift that are needed every day; their ids."""
    shifts = {"early": await new_shift(workplace, {**EARLY, "team_id": workplace.team_a})}
    shifts["night"] = await new_shift(workplace, {**NIGHT, "team_id": workplace.team_a})
    wanted = [{"shift_id": shifts[name], "people": count} for name, count in people.items()]
    await workplace.alice.http.put(
        "/api/v1/roster/coverage", json={"needs": wanted}, params={"team_id": workplace.team_a}
    )
    return shifts


def asked(workplace: Workplace, **more: Any) -> dict[str, Any]:
    return {"team_id": workplace.team_a, "from": FIRST, "to": LAST, "seconds": 2, "seed": 1, **more}


async def ended(by: Person, proposal: Any) -> Any:
    """The proposal when it is no longer computed."""
    async with asyncio.timeout(60):
        while proposal["status"] == "running":
            await asyncio.sleep(0.05)
            proposal = await by.get(f"{PROPOSALS}/{proposal['id']}")
    return proposal


async def begun(by: Person, body: dict[str, Any]) -> Any:
    """A proposal of which there is something."""
    proposal = await by.post(PROPOSALS, body)
    async with asyncio.timeout(60):
        while proposal["status"] == "running" and proposal["progress"] is None:
            await asyncio.sleep(0.05)
            proposal = await by.get(f"{PROPOSALS}/{proposal['id']}")
    return proposal


async def stopped(by: Person, body: dict[str, Any]) -> Any:
    """A proposal that is stopped as soon as there is one."""
    proposal = await begun(by, body)
    await by.post(f"{PROPOSALS}/{proposal['id']}/stop")
    return await ended(by, proposal)


async def test_a_proposal_is_applied_as_one_action_and_undone(workplace: Workplace) -> None:
    shifts = await needs(workplace, early=1)
    await workplace.add_people(2, team_id=workplace.team_a)
    before = await grid(workplace.alice, FIRST, LAST)
    proposal = await stopped(workplace.alice, asked(workplace))
    assert proposal["status"] == "ready"
    assert proposal["progress"]["missing"] == 0
    assert proposal["asked"] == {
        "keep": "planned",
        "short_rest": "never",
        "seconds": 2,
        "weights": dict.fromkeys(
            ("wishes", "fairness", "free_days", "weekends", "steadiness", "contract_hours"), "normal"
        ),
    }
    outcome = proposal["outcome"]
    assert {one["date"] for one in outcome["cells"]} == {f"2026-12-{day:02}" for day in range(7, 14)}
    assert {one["shift_id"] for one in outcome["cells"]} == {shifts["early"]}
    assert outcome["unmet"] == []
    assert sum(share["after"]["hours"] for share in outcome["shares"]) == 9 * len(outcome["cells"])
    assert await grid(workplace.alice, FIRST, LAST) == before

    saved = await workplace.alice.post(f"{PROPOSALS}/{proposal['id']}/apply", {})
    assert saved["changed"] == len(outcome["cells"])
    assert all(each["planned"] >= each["needed"] for each in saved["coverage"])
    twice = await workplace.alice.http.post(f"{PROPOSALS}/{proposal['id']}/apply", json={})
    assert (twice.status_code, twice.json()["code"]) == (409, "proposal_not_ready")

    (action,) = (await workplace.alice.get("/api/v1/roster/actions"))["items"]
    assert action["kind"] == "proposed"
    await workplace.alice.post(f"/api/v1/roster/actions/{action['id']}/undo", {})
    after = await grid(workplace.alice, FIRST, LAST)
    assert [row["shift_ids"] for row in after["users"]] == [row["shift_ids"] for row in before["users"]]


async def test_only_some_cells_are_applied_and_the_rest_proposed_again(workplace: Workplace) -> None:
    await needs(workplace, early=1)
    proposal = await stopped(workplace.alice, asked(workplace))
    kept, other = proposal["outcome"]["cells"][:2]
    chosen = [{"user_id": kept["user_id"], "date": kept["date"]}]
    assert (await workplace.alice.post(f"{PROPOSALS}/{proposal['id']}/apply", {"cells": chosen}))["changed"] == 1
    again = asked(workplace, kept=[{"user_id": kept["user_id"], "date": other["date"], "shift_id": None}])
    outcome = (await stopped(workplace.alice, again))["outcome"]
    assert not {kept["date"], other["date"]} & {one["date"] for one in outcome["cells"]}
    (unmet,) = [need for need in outcome["unmet"] if need["date"] == other["date"]]
    assert [each["code"] for each in unmet["obstacles"]] == ["kept"]


async def test_what_stops_each_person_is_said(workplace: Workplace) -> None:
    shifts = await needs(workplace, early=1, night=1)
    dan = await workplace.add_person("Dan", team_id=workplace.team_a)
    await workplace.alice.post("/api/v1/leaves", {"user_id": dan.id, "from": FIRST, "to": LAST})
    await workplace.alice.put(f"{TERMS}/{workplace.bob.id}", {"shift_ids": [shifts["early"]]})
    outcome = (await stopped(workplace.alice, asked(workplace)))["outcome"]
    nights = [need for need in outcome["unmet"] if need["shift_id"] == shifts["night"]]
    assert len(nights) == 7
    assert {(each["user_id"], each["code"]) for each in nights[0]["obstacles"]} == {
        (workplace.bob.id, "not_allowed"),
        (dan.id, "away"),
    }
    early = [need for need in outcome["unmet"] if need["shift_id"] == shifts["early"]]
    assert ("long_run", 7) in {(each["code"], each["value"]) for need in early for each in need["obstacles"]}


async def test_what_a_contract_says_holds(workplace: Workplace) -> None:
    shifts = await needs(workplace, early=1, night=1)
    bob = workplace.bob
    terms = {"shift_ids": [shifts["early"]], "least_hours": 9, "most_hours": 150, "most_days": 2}
    assert await workplace.alice.put(f"{TERMS}/{bob.id}", terms) == {"user_id": bob.id, **terms}
    assert (await workplace.alice.get(TERMS, team_id=workplace.team_a))["items"] == [{"user_id": bob.id, **terms}]
    settings = {"keep": "nothing", "short_rest": "if_needed", "seconds": 3, "weights": {"wishes": "important"}}
    proposal = await stopped(workplace.alice, asked(workplace, **settings))
    told = proposal["asked"]
    assert {**told, "weights": {"wishes": told["weights"]["wishes"]}} == settings
    outcome = proposal["outcome"]
    least = {share["user_id"]: share["least_hours"] for share in outcome["shares"]}
    assert least[bob.id] == round(9 * 7 / 31, 2)
    days = sorted(int(one["date"][-2:]) for one in outcome["cells"])
    assert {one["shift_id"] for one in outcome["cells"]} == {shifts["early"]}
    assert all(not {day, day + 1, day + 2} <= set(days) for day in days)
    assert 0 < len(days) * 9 <= 150 * 7 / 31
    codes = {each["code"] for need in outcome["unmet"] for each in need["obstacles"]}
    assert {"not_allowed", "long_run"} <= codes


@pytest.mark.parametrize(
    ("terms", "code"),
    [
        ({"shift_ids": [999]}, "unknown_shift"),
        ({"least_hours": 9, "most_hours": 8}, "hours_crossed"),
        ({"most_days": 0}, "invalid_input"),
        ({"most_hours": 401}, "invalid_input"),
    ],
)
async def test_contracts_that_are_refused(workplace: Workplace, terms: dict[str, Any], code: str) -> None:
    refused = await workplace.alice.http.put(f"{TERMS}/{workplace.bob.id}", json=terms)
    assert (refused.status_code, refused.json()["code"]) == (422, code)
    assert (await workplace.alice.get(TERMS, team_id=workplace.team_a))["items"] == []


async def test_a_change_meanwhile_refuses_it(workplace: Workplace) -> None:
    shifts = await needs(workplace, early=1)
    proposal = await stopped(workplace.alice, asked(workplace))
    await plan(workplace.alice, cell(workplace.bob, "2026-12-06", shifts["night"]))
    refused = await workplace.alice.http.post(f"{PROPOSALS}/{proposal['id']}/apply", json={})
    assert (refused.status_code, refused.json()["code"], refused.json()["cells"]) == (409, "proposal_outdated", 1)
    assert row_of(await grid(workplace.alice, FIRST, LAST), workplace.bob) == [None] * 7


async def test_it_goes_into_the_draft_where_a_team_publishes(workplace: Workplace) -> None:
    await needs(workplace, early=1)
    await workplace.alice.put("/api/v1/roster/drafts", {"team_id": workplace.team_a, "uses_drafts": True})
    proposal = await stopped(workplace.alice, asked(workplace))
    await workplace.alice.post(f"{PROPOSALS}/{proposal['id']}/apply", {})
    assert row_of(await grid(workplace.bob, FIRST, LAST), workplace.bob) == [None] * 7
    drafts = await workplace.alice.get(
        "/api/v1/roster/drafts", **{"team_id": workplace.team_a, "from": FIRST, "to": LAST}
    )
    assert drafts["total"] == len(proposal["outcome"]["cells"]) > 0


async def test_rest_days_are_written_where_the_team_writes_them(workplace: Workplace) -> None:
    await needs(workplace, early=1)
    rest = await new_shift(workplace, {**REST, "team_id": workplace.team_a})
    await plan(workplace.alice, cell(workplace.bob, "2026-12-06", rest))
    outcome = (await stopped(workplace.alice, asked(workplace)))["outcome"]
    assert rest in {one["shift_id"] for one in outcome["cells"]}
    assert len(outcome["cells"]) == 7


async def test_one_at_a_time_and_discarding_ends_it(workplace: Workplace) -> None:
    await needs(workplace, early=1)
    running = await workplace.alice.post(PROPOSALS, asked(workplace, seconds=120))
    refused = await workplace.root.http.post(PROPOSALS, json=asked(workplace))
    assert (refused.status_code, refused.json()["code"]) == (429, "proposal_running")
    await workplace.alice.delete(f"{PROPOSALS}/{running['id']}")
    gone = await workplace.alice.http.get(f"{PROPOSALS}/{running['id']}")
    assert (gone.status_code, gone.json()["code"]) == (404, "proposal_not_found")
    assert (await stopped(workplace.root, asked(workplace)))["status"] == "ready"


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"to": "2027-03-01"}, 422, "invalid_input"),
        ({"to": "2026-12-01"}, 422, "invalid_input"),
        ({"user_ids": [999]}, 422, "unknown_user"),
        ({"kept": [{"user_id": 999, "date": FIRST, "shift_id": None}]}, 422, "unknown_user"),
        ({"seconds": 1000}, 422, "invalid_input"),
        ({}, 422, "proposal_without_needs"),
        ({"team_id": 999}, 404, "team_not_found"),
    ],
    ids=lambda value: str(value)[:30],
)
async def test_refusals(workplace: Workplace, change: dict[str, Any], status: int, code: str) -> None:
    refused = await workplace.alice.http.post(PROPOSALS, json=asked(workplace, **change))
    assert (refused.status_code, refused.json()["code"]) == (status, code)


async def test_what_others_plan_does_not_exist(workplace: Workplace) -> None:
    await needs(workplace, early=1)
    proposal = await stopped(workplace.alice, asked(workplace))
    stranger = await workplace.add_person("Eva", team_id=workplace.team_c, role="planner")  # type: ignore[arg-type]
    for method, path in (("GET", ""), ("POST", "/stop"), ("POST", "/apply"), ("DELETE", "")):
        answer = await stranger.http.request(method, f"{PROPOSALS}/{proposal['id']}{path}", json={})
        assert (answer.status_code, answer.json()["code"]) == (404, "proposal_not_found"), path


async def test_stopped_before_it_has_begun_it_still_ends(workplace: Workplace) -> None:
    await needs(workplace, early=2)
    await workplace.alice.post("/api/v1/leaves", {"user_id": workplace.bob.id, "from": "2026-12-08"})
    proposal = await workplace.alice.post(PROPOSALS, asked(workplace, seconds=120))
    await workplace.alice.post(f"{PROPOSALS}/{proposal['id']}/stop")
    assert (await ended(workplace.alice, proposal))["status"] == "ready"
