"""The delivery log: what can be asked of it, who sees what, and how long it is kept."""

from datetime import timedelta
from typing import Any

import pytest

from conftest import TODAY, Clock, Person, Workplace
from daka.delivery import delivery_log
from daka.delivery.delivery_log import forget_old_deliveries


async def a_day_of_messages(workplace: Workplace, frozen: Clock) -> None:
    """Bob and Charlie are reminded at 08:45; Alice tests her inbox."""
    shift = {"name": "早班", "code": "早", "periods": [{"start": "09:00", "end": "18:00"}]}
    shift_id = (await workplace.root.post("/api/v1/shifts", shift))["id"]
    cells = [
        {"user_id": who.id, "date": str(TODAY), "shift_id": shift_id} for who in (workplace.bob, workplace.charlie)
    ]
    await workplace.root.put("/api/v1/roster", {"assignments": cells})
    mine = await workplace.alice.post("/api/v1/channels", {"name": "爱丽丝的 100%", "kind": "inbox"})
    await workplace.alice.post(f"/api/v1/channels/{mine['id']}/test")
    frozen.forward(minutes=45)
    await workplace.tick()


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({}, ["reminder", "reminder", "test"]),
        ({"occasion": "test"}, ["test"]),
        ({"q": "bob"}, ["reminder"]),
        ({"q": "爱丽丝"}, ["test"]),
        ({"q": "100%"}, ["test"]),
        ({"q": "%"}, ["test"]),
        ({"q": "nobody"}, []),
        ({"q": "kept"}, ["reminder", "reminder", "test"]),
        ({"from": "2026-11-23", "to": "2026-11-23"}, ["reminder", "reminder", "test"]),
        ({"from": "2026-11-24"}, []),
        ({"to": "2026-11-22"}, []),
        ({"q": "bob", "occasion": "reminder", "status": "sent"}, ["reminder"]),
    ],
)
@pytest.mark.parametrize("are_many", [False, True], ids=["few match", "many match"])
async def test_the_log_can_be_asked(
    workplace: Workplace,
    frozen: Clock,
    monkeypatch: pytest.MonkeyPatch,
    asked: dict[str, Any],
    found: list[str],
    are_many: bool,
) -> None:
    if are_many:
        monkeypatch.setattr(delivery_log, "FEW", 0)
        monkeypatch.setattr(delivery_log, "MOST_ANSWERS", 0)
    await a_day_of_messages(workplace, frozen)
    items = (await workplace.root.get("/api/v1/deliveries", **asked))["items"]
    assert sorted(item["occasion"] for item in items) == found


async def test_nobody_finds_by_name_whom_they_may_not_see(workplace: Workplace, frozen: Clock) -> None:
    await a_day_of_messages(workplace, frozen)
    assert (await workplace.alice.get("/api/v1/deliveries", q="charlie"))["items"] == []
    assert (await workplace.charlie.get("/api/v1/deliveries", q="bob"))["items"] == []
    assert len((await workplace.charlie.get("/api/v1/deliveries", q="charlie"))["items"]) == 1


async def test_the_log_is_kept_for_so_long_and_then_forgotten(workplace: Workplace, frozen: Clock) -> None:
    await a_day_of_messages(workplace, frozen)
    for days, left in ((89, 3), (2, 0)):
        frozen.forward(days=days)
        async with workplace.database.write() as session:
            await forget_old_deliveries(session, timedelta(days=90), at_most=10)
        assert len((await workplace.root.get("/api/v1/deliveries"))["items"]) == left
    assert (await workplace.bob.get("/api/v1/inbox"))["items"] == []


async def test_the_log_can_be_asked_about_a_team(workplace: Workplace, frozen: Clock) -> None:
    await a_day_of_messages(workplace, frozen)

    async def people(who: Person, team_id: int) -> set[str]:
        items = (await who.get("/api/v1/deliveries", team_id=team_id))["items"]
        return {person["name"] for item in items for person in item["people"]} | {item["recipient"] for item in items}

    of_a = await people(workplace.root, workplace.team_a)
    assert "Bob" in of_a
    assert "Charlie" not in of_a
    assert "Charlie" in await people(workplace.root, workplace.team_c)
    # A planner of one team learns nothing of the other.
    assert await people(workplace.alice, workplace.team_c) <= {""}
