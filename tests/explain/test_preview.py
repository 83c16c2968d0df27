"""What the preview promises is what the scheduler then does."""

from datetime import date, timedelta
from typing import Any

import pytest
from sqlmodel.ext.asyncio.session import AsyncSession

from conftest import TODAY, Clock, Workplace
from daka import clock
from daka.explain import preview
from daka.reminders import claims

NAG_AND_TELL = {
    "clock_in": {"start": -15, "every": 5, "until": 10, "escalate": 5, "also_team_from": 0},
    "clock_out": {"start": 0, "every": 10, "until": 30, "escalate": None},
}
SHIFTS = (
    {"name": "早班", "code": "早", "periods": [{"start": "09:00", "end": "17:00"}], "policy": NAG_AND_TELL},
    {"name": "夜班", "code": "夜", "periods": [{"start": "22:00", "end": "06:00"}]},
    {"name": "分段", "code": "分", "periods": [{"start": "10:00", "end": "12:00"}, {"start": "13:00", "end": "15:00"}]},
)


async def plan_a_day(workplace: Workplace) -> None:
    """Bob on early, Dora on night, Emil on a split shift; an inbox for the team."""
    dora = await workplace.add_person("Dora", team_id=workplace.team_a)
    emil = await workplace.add_person("Emil", team_id=workplace.team_a)
    await workplace.alice.post("/api/v1/channels", {"name": "Team", "kind": "inbox", "team_id": workplace.team_a})
    await workplace.bob.post("/api/v1/channels", {"name": "Bob's", "kind": "inbox"})
    ids = [(await workplace.alice.post("/api/v1/shifts", shift))["id"] for shift in SHIFTS]
    cells = [
        {"user_id": person.id, "date": str(TODAY), "shift_id": shift_id}
        for person, shift_id in zip((workplace.bob, dora, emil), ids, strict=True)
    ]
    await workplace.alice.put("/api/v1/roster", {"assignments": cells})


async def test_the_preview_of_a_day_is_exactly_what_goes_out(workplace: Workplace, frozen: Clock) -> None:
    await plan_a_day(workplace)
    promised = await workplace.root.get("/api/v1/reminders/preview", days=2)

    end = clock.now() + timedelta(days=2)
    while True:
        async with workplace.database.read() as session:
            upcoming = await claims.next_due_at(session)
        if upcoming is None or upcoming > end:
            break
        frozen.set(upcoming)
        await workplace.tick()

    sent = (await workplace.root.get("/api/v1/deliveries", limit=500))["items"]
    happened = sorted(
        (
            found["due_at"],
            found["occasion"],
            found["channel_name"],
            sorted(person["name"] for person in found["people"]),
        )
        for found in sent
    )
    expected = sorted(
        (
            found["at"],
            found["occasion"],
            found["channel_name"],
            sorted(person["display_name"] for person in found["people"]),
        )
        for found in promised["messages"]
    )
    assert len(expected) > 20
    assert happened == expected


async def test_travelling_to_another_moment_shows_what_would_come_from_there(workplace: Workplace) -> None:
    await plan_a_day(workplace)
    later = await workplace.root.get("/api/v1/reminders/preview", days=1, at="2026-11-23T09:02:00+08:00")
    times = [found["at"] for found in later["messages"] if found["kind"] == "clock_in"][:3]
    assert times == ["2026-11-23T01:05:00Z", "2026-11-23T01:05:00Z", "2026-11-23T01:05:00Z"]


async def test_somebody_who_has_punched_is_not_in_the_preview(workplace: Workplace) -> None:
    await plan_a_day(workplace)
    await workplace.bob.post("/api/v1/punches", {"kind": "clock_in"})
    promised = await workplace.root.get("/api/v1/reminders/preview", days=1, user_id=workplace.bob.id)
    assert {found["kind"] for found in promised["messages"]} == {"clock_out"}


async def test_people_see_only_themselves_and_charlie_sees_nothing(workplace: Workplace) -> None:
    await plan_a_day(workplace)
    mine = await workplace.bob.get("/api/v1/reminders/preview", days=2)
    assert {person["display_name"] for found in mine["messages"] for person in found["people"]} == {"Bob"}
    assert {found["occasion"] for found in mine["messages"]} == {"reminder"}
    assert (await workplace.charlie.get("/api/v1/reminders/preview", days=2))["messages"] == []


async def test_a_moment_without_an_offset_is_refused(workplace: Workplace) -> None:
    answer = await workplace.root.http.get("/api/v1/reminders/preview", params={"at": "2026-11-23T09:02:00"})
    assert (answer.status_code, answer.json()["code"]) == (422, "bad_moment")


async def test_a_long_preview_comes_in_parts_that_follow_on(
    workplace: Workplace, monkeypatch: pytest.MonkeyPatch
) -> None:
    await plan_a_day(workplace)
    shifts = {shift["name"]: shift["id"] for shift in (await workplace.alice.get("/api/v1/shifts"))["items"]}
    days = [TODAY + timedelta(days=day) for day in range(1, 12)]
    cells = [{"user_id": workplace.bob.id, "date": str(day), "shift_id": shifts["夜班"]} for day in days]
    await workplace.alice.put("/api/v1/roster", {"assignments": cells})
    whole = await workplace.root.get("/api/v1/reminders/preview", days=10)
    assert not whole["is_cut"]
    assert whole["messages"] == sorted(whole["messages"], key=lambda found: found["at"])

    read, planned_between = list[date](), preview.planned_between

    def remembering(session: AsyncSession, first: date, last: date, *of: Any) -> Any:
        read.append(last)
        return planned_between(session, first, last, *of)

    monkeypatch.setattr(preview, "planned_between", remembering)
    monkeypatch.setattr(preview, "MOST_LINES", 50)
    assert (await workplace.root.get("/api/v1/reminders/preview", days=10))["is_cut"]
    assert read[-1] == TODAY + timedelta(days=2), "days were read that do not fit into the answer"

    monkeypatch.setattr(preview, "MOST_LINES", 7)
    parts = [await workplace.root.get("/api/v1/reminders/preview", days=10)]
    while parts[-1]["is_cut"]:
        assert sum(len(found["people"]) for found in parts[-1]["messages"]) <= 7
        parts.append(await workplace.root.get("/api/v1/reminders/preview", days=10, after=parts[-1]["to_at"]))
    assert len(parts) > 10
    assert [found for part in parts for found in part["messages"]] == whole["messages"]
    assert parts[-1]["to_at"] == whole["to_at"]
