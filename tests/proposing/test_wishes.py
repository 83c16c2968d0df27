"""Wishes: asked for until a day, made by members, seen by their planners, weighed by proposals."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import select

from conftest import TODAY, Clock, Person, Workplace
from daka.proposing.models import Wish
from proposing.test_proposals import FIRST, LAST, PROPOSALS, asked, ended, needs
from roster.people import REST, new_shift
from roster.test_requests import told

CALL = "/api/v1/wish-call"
WISHES = "/api/v1/wishes"
SPAN = {"from": FIRST, "to": LAST}


async def call(workplace: Workplace, **more: Any) -> Any:
    body = {**SPAN, "closes_on": str(TODAY), **more}
    return await workplace.alice.http.put(CALL, json=body, params={"team_id": workplace.team_a})


async def wish(person: Person, day: str, kind: str = "free", shift_id: int | None = None) -> Any:
    return await person.http.put(f"{WISHES}/{day}", json={"kind": kind, "shift_id": shift_id})


async def listed(person: Person, **params: Any) -> list[tuple[int, str, str]]:
    found = (await person.get(WISHES, **SPAN, **params))["items"]
    return [(each["user_id"], each["date"], each["kind"]) for each in found]


async def test_a_wish_is_made_changed_and_taken_back_while_it_is_asked_for(workplace: Workplace) -> None:
    bob, alice = workplace.bob, workplace.alice
    shifts = await needs(workplace, early=1)
    assert (await bob.get(CALL))["call"] is None
    assert (await wish(bob, FIRST)).json()["code"] == "wishes_closed"
    assert (await call(workplace)).json()["is_open"]
    assert (await bob.get(CALL))["call"]["last_date"] == LAST
    assert await told(workplace, bob) == [["请填写排班意愿"]]
    assert (await wish(bob, FIRST)).is_success
    assert (await wish(bob, FIRST, "unwanted", shifts["night"])).is_success
    assert (await wish(bob, LAST, "wanted", shifts["early"])).is_success
    assert await listed(bob) == [(bob.id, FIRST, "unwanted"), (bob.id, LAST, "wanted")]
    assert await listed(alice, team_id=workplace.team_a) == await listed(bob)
    assert (await bob.http.delete(f"{WISHES}/{FIRST}")).status_code == 204
    assert await listed(bob) == [(bob.id, LAST, "wanted")]
    assert (await alice.http.delete(CALL, params={"team_id": workplace.team_a})).status_code == 204
    assert (await bob.http.delete(f"{WISHES}/{LAST}")).json()["code"] == "wishes_closed"
    assert await listed(bob) == [(bob.id, LAST, "wanted")], "what was wished stays"
    audited = (await workplace.root.get("/api/v1/audit", action="team"))["items"]
    assert [entry["action"] for entry in audited[:2]] == ["team.wishes_ended", "team.wishes_asked"]


async def test_planners_who_ask_at_once_ask_one_after_the_other(workplace: Workplace) -> None:
    answers = await asyncio.gather(*(call(workplace, most=most) for most in (1, 2, 3, 4)))
    assert [answer.status_code for answer in answers] == [200] * 4
    audited = (await workplace.root.get("/api/v1/audit", action="team.wishes_asked"))["items"]
    assert [entry["before"] and entry["before"]["most"] for entry in audited[:-1]] == [
        entry["after"]["most"] for entry in audited[1:]
    ]


@pytest.mark.parametrize(
    ("day", "kind", "shift", "status", "code"),
    [
        ("2026-12-06", "free", None, 409, "wishes_closed"),
        ("2026-12-14", "free", None, 409, "wishes_closed"),
        (FIRST, "wanted", None, 422, "invalid_input"),
        (FIRST, "free", "early", 422, "invalid_input"),
        (FIRST, "wanted", "rest", 422, "rest_not_wished"),
        (FIRST, "wanted", "foreign", 422, "unknown_shift"),
        (FIRST, "free", None, 409, "too_many_wishes"),
    ],
)
async def test_refusals(workplace: Workplace, day: str, kind: str, shift: str | None, status: int, code: str) -> None:
    shifts = await needs(workplace, early=1)
    shifts["rest"] = await new_shift(workplace, REST)
    foreign = {"name": "外", "code": "外", "team_id": workplace.team_c, "periods": [{"start": "09:00", "end": "17:00"}]}
    shifts["foreign"] = (await workplace.root.post("/api/v1/shifts", foreign))["id"]
    await call(workplace, most=1)
    await wish(workplace.bob, LAST)
    refused = await wish(workplace.bob, day, kind, shifts[shift] if shift else None)
    assert (refused.status_code, refused.json()["code"]) == (status, code)
    assert await listed(workplace.bob) == [(workplace.bob.id, LAST, "free")]


async def test_after_the_last_day_nothing_changes(workplace: Workplace, frozen: Clock) -> None:
    await call(workplace, closes_on=str(TODAY + timedelta(days=1)))
    frozen.now += timedelta(days=1)
    assert (await wish(workplace.bob, FIRST)).is_success, "the last day is included"
    frozen.now += timedelta(days=1)
    assert not (await workplace.bob.get(CALL))["call"]["is_open"]
    assert (await wish(workplace.bob, LAST)).json()["code"] == "wishes_closed"
    assert (await workplace.bob.http.delete(f"{WISHES}/{FIRST}")).json()["code"] == "wishes_closed"
    assert (await call(workplace)).json()["code"] == "day_is_over"


async def test_what_others_wish_is_their_planners_business_only(workplace: Workplace) -> None:
    await call(workplace)
    await wish(workplace.bob, FIRST)
    dan = await workplace.add_person("Dan", team_id=workplace.team_a)
    assert await listed(dan) == []
    refused = await dan.http.get(WISHES, params={**SPAN, "team_id": workplace.team_a})
    assert refused.status_code == 403
    assert (await workplace.charlie.http.get(WISHES, params={**SPAN, "team_id": workplace.team_a})).status_code == 404
    assert (await wish(workplace.charlie, FIRST)).json()["code"] == "wishes_closed"


async def test_the_same_call_again_tells_nobody_twice(workplace: Workplace) -> None:
    told_each_time = []
    for most in (5, 5, 3):
        await call(workplace, most=most)
        told_each_time += await told(workplace, workplace.bob)
    assert told_each_time == [["请填写排班意愿"], [], ["请填写排班意愿"]]


async def test_a_proposal_weighs_wishes_and_says_which_are_met(workplace: Workplace) -> None:
    bob = workplace.bob
    await needs(workplace, early=1)
    dan = await workplace.add_person("Dan", team_id=workplace.team_a)
    await call(workplace)
    for person, day in ((bob, "2026-12-09"), (dan, "2026-12-10"), (bob, "2026-12-11"), (dan, "2026-12-11")):
        await wish(person, day)
    outcome = (await ended(workplace.alice, await workplace.alice.post(PROPOSALS, asked(workplace))))["outcome"]
    met = {(each["user_id"], each["date"]): each["is_met"] for each in outcome["wishes"]}
    assert met[bob.id, "2026-12-09"]
    assert met[dan.id, "2026-12-10"]
    assert sorted([met[bob.id, "2026-12-11"], met[dan.id, "2026-12-11"]]) == [False, True], "somebody has to"
    assert outcome["unmet"] == []


async def test_export_and_erasure_cover_wishes(workplace: Workplace) -> None:
    bob = workplace.bob
    await call(workplace)
    await wish(bob, FIRST)
    assert [row["work_date"] for row in (await bob.get("/api/v1/me/export"))["wish"]] == [FIRST]
    await workplace.root.http.post(f"/api/v1/users/{bob.id}/erase", json={"username": "bob"})
    assert await listed(workplace.alice, team_id=workplace.team_a) == []
    async with workplace.database.read() as session:
        assert not (await session.exec(select(Wish))).all()
