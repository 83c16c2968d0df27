"""The inbound way: a personal token of a phone's shortcut tells of a punch."""

from typing import Any

import httpx
import pytest

from conftest import OWN, TODAY, Clock, Person, Workplace
from scenes import EARLY, SPLIT, give_shift, inbox_of, reminder_of, shanghai


async def shortcut(workplace: Workplace, person: Person, *scopes: str) -> httpx.AsyncClient:
    """A client that signs in with a new personal token."""
    made = await person.post("/api/v1/me/tokens", {"name": "iPhone", "scopes": list(scopes), **OWN})
    transport = httpx.ASGITransport(app=workplace.app)
    return httpx.AsyncClient(
        transport=transport, base_url="http://daka.test", headers={"Authorization": f"Bearer {made['token']}"}
    )


async def tell(client: httpx.AsyncClient, **body: Any) -> tuple[int, dict[str, Any]]:
    answer = await client.post("/api/v1/punches", json={"kind": "clock_in", "source": "ios-shortcut", **body})
    return answer.status_code, answer.json()


async def test_a_shortcut_tells_of_a_punch_and_the_reminder_ends(workplace: Workplace, frozen: Clock) -> None:
    await give_shift(workplace, EARLY, workplace.bob)
    frozen.set(shanghai("08:45"))
    await workplace.tick()
    async with await shortcut(workplace, workplace.bob, "punch:write") as phone:
        status, punch = await tell(phone)
        assert (status, punch["kind"], punch["work_date"], punch["source"]) == (
            201,
            "clock_in",
            str(TODAY),
            "ios-shortcut",
        )
        again = await tell(phone)
        assert again == (201, punch)  # told twice is told once
    reminder = await reminder_of(workplace.bob)
    assert (reminder["status"], reminder["ended_by"]) == ("punched", "ios-shortcut")
    frozen.set(shanghai("08:50"))
    await workplace.tick()
    assert len(await inbox_of(workplace.bob)) == 1


@pytest.mark.parametrize("scope", ["roster:read", "reminders:read"])
async def test_a_token_for_something_else_tells_nothing(workplace: Workplace, frozen: Clock, scope: str) -> None:
    await give_shift(workplace, EARLY, workplace.bob)
    async with await shortcut(workplace, workplace.bob, scope) as phone:
        status, problem = await tell(phone)
        assert (status, problem["code"]) == (403, "scope_missing")
    assert (await reminder_of(workplace.bob))["status"] == "scheduled"


async def test_a_token_that_may_tell_of_punches_may_do_nothing_else(workplace: Workplace) -> None:
    async with await shortcut(workplace, workplace.bob, "punch:write") as phone:
        for method, path in (
            ("GET", "/api/v1/punches"),
            ("GET", "/api/v1/reminders"),
            ("GET", "/api/v1/me"),
            ("GET", "/api/v1/punch-sources"),
            ("POST", "/api/v1/me/tokens"),
        ):
            answer = await phone.request(method, path, json={"name": "x", "scopes": []} if method == "POST" else None)
            assert (answer.status_code, answer.json()["code"]) == (403, "scope_missing"), path


async def test_nobody_tells_of_other_peoples_punches_but_their_planners(workplace: Workplace, frozen: Clock) -> None:
    await give_shift(workplace, EARLY, workplace.bob)
    for person, status in ((workplace.charlie, 403), (workplace.alice, 201)):
        async with await shortcut(workplace, person, "punch:write") as phone:
            assert (await tell(phone, user_id=workplace.bob.id))[0] == status


async def test_a_revoked_token_tells_nothing(workplace: Workplace) -> None:
    made = await workplace.bob.post("/api/v1/me/tokens", {"name": "iPhone", "scopes": ["punch:write"], **OWN})
    await workplace.bob.delete(f"/api/v1/me/tokens/{made['id']}")
    answer = await workplace.anonymous.post(
        "/api/v1/punches", json={"kind": "clock_in"}, headers={"Authorization": f"Bearer {made['token']}"}
    )
    assert answer.status_code == 401


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"at": "2026-11-23T08:50:00"}, 422, "timezone_missing"),
        ({"at": "2026-11-23T12:00:00+08:00"}, 422, "in_the_future"),
        ({"kind": "lunch"}, 422, "invalid_input"),
        ({"source": "<script>"}, 422, "invalid_input"),
        ({"at": "2026-11-21T08:50:00+08:00"}, 409, "no_punch_point"),
    ],
)
async def test_what_makes_no_sense_is_refused(
    workplace: Workplace, frozen: Clock, body: dict[str, Any], status: int, code: str
) -> None:
    await give_shift(workplace, EARLY, workplace.bob)
    async with await shortcut(workplace, workplace.bob, "punch:write") as phone:
        found = await tell(phone, **body)
        assert (found[0], found[1]["code"]) == (status, code)


async def test_a_punch_belongs_to_the_nearest_point(workplace: Workplace, frozen: Clock) -> None:
    await give_shift(workplace, SPLIT, workplace.bob)
    frozen.set(shanghai("13:50"))
    async with await shortcut(workplace, workplace.bob, "punch:write") as phone:
        assert (await tell(phone))[1]["period"] == 1
        assert (await tell(phone, at="2026-11-23T08:55:00+08:00"))[1]["period"] == 0
