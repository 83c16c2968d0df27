"""Today for those who see very many people: numbers of all, the people who need attention, and the others page by page."""

from typing import Any

import pytest
import sqlalchemy as sa

from conftest import TODAY, Clock, Person, Workplace
from daka.database import execute
from daka.identity.models import User
from daka.reminders.models import Reminder
from daka.today import people
from scenes import EARLY, assign, give_shift, new_shift

PAGES = "/api/v1/dashboard/people"
NIGHT = {"name": "夜班", "code": "夜", "periods": [{"start": "20:00", "end": "23:00"}]}


@pytest.fixture
async def crew(workplace: Workplace, frozen: Clock, monkeypatch: pytest.MonkeyPatch) -> list[Person]:
    """Five people of Alice's team, of whom four work early; the second has missed the punch, the fourth is being reminded."""
    monkeypatch.setattr(people, "MOST_PEOPLE", 2)
    crew = await workplace.add_people(5, team_id=workplace.alice.team_id)
    await give_shift(workplace, EARLY, *crew[:4])
    await assign(workplace, await new_shift(workplace.alice, NIGHT), crew[4])
    for person, status in ((crew[1], "expired"), (crew[3], "nagging")):
        async with workplace.database.write() as session:
            its = (Reminder.user_id == person.id, Reminder.kind == "clock_in")
            await execute(session, sa.update(Reminder).where(*its).values(status=status))
    return crew


async def _team_of(person: Person) -> dict[str, Any]:
    team: dict[str, Any] = (await person.get("/api/v1/dashboard"))["team"]
    return team


def _people(groups: list[dict[str, Any]]) -> list[int]:
    return [person["user_id"] for group in groups for person in group["people"]]


@pytest.mark.parametrize("named", [1000, 1])
async def test_numbers_are_of_all_and_people_those_who_need_attention(
    workplace: Workplace, crew: list[Person], monkeypatch: pytest.MonkeyPatch, named: int
) -> None:
    monkeypatch.setattr(people, "MANY", named)
    for who in (workplace.alice, workplace.root):
        team = await _team_of(who)
        assert team["counts"] == {"to_punch": 8, "nagging": 1, "missed": 1, "done": 0}
        assert [(group["shift"]["code"], group["count"]) for group in team["groups"]] == [("早", 4), ("夜", 1)]
        assert sorted(_people(team["groups"])) == sorted([crew[1].id, crew[3].id])
        assert [len(person["reminders"]) for person in team["groups"][0]["people"]] == [2, 2]


async def test_a_team_that_is_not_large_is_whole(
    workplace: Workplace, crew: list[Person], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(people, "MOST_PEOPLE", 5)
    team = await _team_of(workplace.alice)
    assert [(group["count"], len(group["people"])) for group in team["groups"]] == [(4, 4), (1, 1)]


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({}, [0, 1, 2, 3, 4]),
        ({"state": "to_punch"}, [0, 1, 2, 3, 4]),
        ({"state": "nagging"}, [3]),
        ({"state": "missed"}, [1]),
        ({"shift": "早"}, [0, 1, 2, 3]),
        ({"shift": "夜"}, [4]),
        ({"work_date": "2026-11-24"}, []),
        ({"team_id": 0}, []),
    ],
)
async def test_the_others_come_page_by_page(
    workplace: Workplace, crew: list[Person], asked: dict[str, Any], expected: list[int]
) -> None:
    if code := asked.get("shift"):
        shifts = {shift["code"]: shift["id"] for shift in (await workplace.alice.get("/api/v1/shifts"))["items"]}
        asked = {"shift_id": shifts[code], "team_id": workplace.alice.team_id, "work_date": str(TODAY)}
    found: list[int] = []
    cursor: dict[str, str] = {}
    for _ in range(10):
        page = await workplace.alice.get(PAGES, limit=2, **asked, **cursor)
        assert len(_people(page["items"])) <= 2
        found += _people(page["items"])
        if page["next_cursor"] is None:
            break
        cursor = {"cursor": page["next_cursor"]}
    assert sorted(found) == sorted(crew[number].id for number in expected)


async def test_nobody_sees_people_of_other_teams(workplace: Workplace, crew: list[Person]) -> None:
    async with workplace.database.write() as session:
        await execute(session, sa.update(User).where(User.id == crew[1].id).values(team_id=None))
    assert crew[1].id not in _people((await workplace.alice.get(PAGES))["items"])
    assert crew[1].id not in _people((await _team_of(workplace.alice))["groups"])
    assert _people((await workplace.root.get(PAGES, team_id=0))["items"]) == [crew[1].id]
