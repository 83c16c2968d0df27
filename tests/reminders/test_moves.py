"""People who move to a team in another time zone: each shift keeps the zone of the team that it is worked in."""

import asyncio
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlmodel import select

from conftest import TODAY, Clock, Workplace, WorkplaceMaker, eventually
from daka import clock
from daka.change_events import ChangeNotifier
from daka.identity.models import User
from daka.identity.moves import apply_due_moves
from daka.outbound.guard import Guard
from daka.outbound.http import Outbound
from daka.worker import ReminderWorker
from scenes import EARLY, NIGHT, assign, give_shift, inbox_of, new_shift, reminder_of, reminders_of, shanghai

TOMORROW = TODAY + timedelta(days=1)
EIGHTEEN_IN_SHANGHAI, EIGHTEEN_IN_BERLIN = "10:00:00Z", "17:00:00Z"


async def new_team(workplace: Workplace, zone: str = "Europe/Berlin") -> int:
    team: dict[str, Any] = await workplace.root.post("/api/v1/teams", {"name": f"Team {zone}", "timezone": zone})
    team_id: int = team["id"]
    return team_id


async def move(workplace: Workplace, team_id: int, on: date) -> int:
    body = {"team_id": team_id, "from_date": str(on)}
    made: dict[str, Any] = await workplace.root.post(f"/api/v1/users/{workplace.bob.id}/moves", body)
    move_id: int = made["id"]
    return move_id


async def bobs_points(workplace: Workplace) -> dict[str, str]:
    """When Bob's reminders are about, by work date and kind."""
    found = await workplace.root.get("/api/v1/reminders", user_id=workplace.bob.id)
    return {f"{each['work_date']} {each['kind']}": each["point_at"] for each in found["items"]}


@pytest.mark.parametrize("owner", ["its team", "shared"])
@pytest.mark.parametrize("way", ["patch", "move"])
async def test_todays_shift_keeps_its_zone_when_its_person_moves(
    workplace: Workplace, frozen: Clock, way: str, owner: str
) -> None:
    shift_id = await new_shift(workplace.root, EARLY, team_id=workplace.team_a if owner == "its team" else None)
    for day in (TODAY, TOMORROW):
        await assign(workplace, shift_id, workplace.bob, on=day)
    team_id = await new_team(workplace)
    frozen.set(shanghai("10:00"))
    if way == "patch":
        await workplace.root.patch(f"/api/v1/users/{workplace.bob.id}", {"team_id": team_id})
    else:
        await move(workplace, team_id, TODAY)
    await workplace.tick()  # the notice of the move
    points = await bobs_points(workplace)
    assert points[f"{TODAY} clock_out"] == f"{TODAY}T{EIGHTEEN_IN_SHANGHAI}"
    # The next shared shift is worked in the new team, and one of the former team's is not worked at all.
    assert points.get(f"{TOMORROW} clock_out") == (f"{TOMORROW}T{EIGHTEEN_IN_BERLIN}" if owner == "shared" else None)
    frozen.set(shanghai("18:00"))
    assert await workplace.tick() == 1
    bob = await workplace._signed_in(await person(workplace))
    assert (await reminder_of(bob, "clock_out"))["status"] == "nagging"
    assert "18:00" in (await inbox_of(bob))[0]["text"]
    explained = await workplace.root.get("/api/v1/reminders/explain", user_id=workplace.bob.id, date=str(TODAY))
    assert explained["timezone"] == "Asia/Shanghai"


async def person(workplace: Workplace) -> User:
    async with workplace.database.read() as session:
        return (await session.exec(select(User).where(User.id == workplace.bob.id))).one()


async def test_a_night_shift_that_began_before_the_move_ends_in_its_own_zone(
    workplace: Workplace, frozen: Clock
) -> None:
    await assign(workplace, await new_shift(workplace.root, NIGHT, team_id=None), workplace.bob)
    team_id = await new_team(workplace)
    await move(workplace, team_id, TOMORROW)
    before = await bobs_points(workplace)
    frozen.set(shanghai("11-24 00:00"))
    async with workplace.database.write() as session:
        assert await apply_due_moves(session) == 1
    assert (
        await bobs_points(workplace)
        == before
        == {
            f"{TODAY} clock_in": f"{TODAY}T14:00:00Z",
            f"{TODAY} clock_out": f"{TODAY}T22:00:00Z",
        }
    )


async def previewed(workplace: Workplace) -> list[tuple[str, str]]:
    """What will be sent to Bob: when, and through which channel."""
    found = await workplace.root.get("/api/v1/reminders/preview", days=2, user_id=workplace.bob.id)
    return [(each["at"], each["channel_name"]) for each in found["messages"]]


async def test_a_planned_move_is_in_the_preview_and_in_the_plan(workplace: Workplace, frozen: Clock) -> None:
    once = {"clock_in": {"start": 0, "every": None, "until": 10}, "clock_out": {"start": 0, "every": None, "until": 10}}
    shared = await new_shift(workplace.root, EARLY, team_id=None, policy=once)
    await assign(workplace, shared, workplace.bob, on=TOMORROW)
    team_id = await new_team(workplace)
    for name, owner in (("former", workplace.team_a), ("present", team_id)):
        await workplace.root.post("/api/v1/channels", {"name": name, "kind": "inbox", "team_id": owner})
    in_shanghai = [(f"{TOMORROW}T01:00:00Z", "former"), (f"{TOMORROW}T{EIGHTEEN_IN_SHANGHAI}", "former")]
    in_berlin = [(f"{TOMORROW}T08:00:00Z", "present"), (f"{TOMORROW}T{EIGHTEEN_IN_BERLIN}", "present")]
    assert await previewed(workplace) == in_shanghai
    planned = await move(workplace, team_id, TOMORROW)
    assert await previewed(workplace) == in_berlin
    assert list((await bobs_points(workplace)).values()) == [at for at, _ in in_berlin]
    await workplace.root.delete(f"/api/v1/users/{workplace.bob.id}/moves/{planned}")
    assert await previewed(workplace) == in_shanghai
    await move(workplace, team_id, TOMORROW)
    frozen.set(shanghai("11-24 00:00"))
    async with workplace.database.write() as session:
        await apply_due_moves(session)
    assert await previewed(workplace) == in_berlin
    assert list((await bobs_points(workplace)).values()) == [at for at, _ in in_berlin]


async def test_a_shift_that_a_planned_move_leaves_behind_is_not_reminded_of(workplace: Workplace) -> None:
    own = await new_shift(workplace.root, EARLY, team_id=workplace.team_a)
    for day in (TODAY, TOMORROW):
        await assign(workplace, own, workplace.bob, on=day)
    await move(workplace, await new_team(workplace), TOMORROW)
    assert {each["work_date"] for each in await reminders_of(workplace.bob)} == {str(TODAY)}
    assert all(at < str(TOMORROW) for at, _ in await previewed(workplace))


async def test_a_move_is_made_when_its_day_begins(make_workplace: WorkplaceMaker) -> None:
    """Not at the next planning, which may be ten minutes later."""
    started = asyncio.get_running_loop().time()
    almost = shanghai("23:59:58")

    def running() -> datetime:
        return almost + timedelta(seconds=asyncio.get_running_loop().time() - started)

    with clock.set_to(lambda: almost):
        async with make_workplace() as workplace, Outbound(Guard()) as outbound:
            team_id = await new_team(workplace)
            await move(workplace, team_id, TOMORROW)
            started = asyncio.get_running_loop().time()
            with clock.set_to(running), pytest.MonkeyPatch.context() as patch:
                patch.setattr("apscheduler.schedulers.base.datetime", Shifted)
                Shifted.read = staticmethod(running)
                worker = ReminderWorker(
                    workplace.database, workplace.settings, workplace.app.state.sender, outbound, ChangeNotifier()
                )
                await worker.start()
                try:

                    async def has_moved() -> bool:
                        return (await person(workplace)).team_id == team_id

                    assert not await has_moved()
                    await eventually(has_moved)
                finally:
                    await worker.stop()


class Shifted(datetime):
    """The clock of APScheduler."""

    read = staticmethod(lambda: datetime.now(UTC))

    @classmethod
    def now(cls, tz: Any = None) -> datetime:
        return cls.read().astimezone(tz)


@pytest.mark.parametrize("on", [TODAY, TOMORROW], ids=["a shift that stayed", "a planned move"])
async def test_a_team_whose_zone_changes_moves_the_work_of_those_who_left_and_of_those_who_come(
    workplace: Workplace, frozen: Clock, on: date
) -> None:
    shared = await new_shift(workplace.root, EARLY, team_id=None)
    for day in (TODAY, TOMORROW):
        await assign(workplace, shared, workplace.bob, on=day)
    frozen.set(shanghai("08:10"))
    team_id = await new_team(workplace)
    await move(workplace, team_id, on)
    worked_in = workplace.team_a if on == TODAY else team_id
    await workplace.root.patch(f"/api/v1/teams/{worked_in}", {"timezone": "Asia/Tokyo"})
    assert (await bobs_points(workplace))[f"{on} clock_out"] == f"{on}T09:00:00Z"


async def explained(workplace: Workplace) -> dict[str, str]:
    """Why Bob was not reminded today, by kind of punch."""
    asked = {"user_id": workplace.bob.id, "date": str(TODAY)}
    found = await workplace.root.get("/api/v1/reminders/explain", **asked)
    return {point["kind"]: point["reason"]["code"] for point in found["points"]}


@pytest.mark.parametrize(
    ("at", "zone", "back_at", "says"),
    [
        # To the east the point is an hour earlier: its window is over, and nobody was down.
        ("08:30", "Asia/Tokyo", None, "assigned_too_late"),
        # To the west it is hours later; back again, its window is over.
        ("08:30", "Europe/Berlin", "09:40", "assigned_too_late"),
        # Back in time nothing is lost.
        ("08:30", "Europe/Berlin", "08:31", "scheduled"),
        ("08:30", "Asia/Tokyo", "08:40", "scheduled"),
    ],
)
async def test_a_team_whose_zone_changes_leaves_no_wrong_reason(
    workplace: Workplace, frozen: Clock, at: str, zone: str, back_at: str | None, says: str
) -> None:
    frozen.set(shanghai("08:10"))
    await give_shift(workplace, EARLY, workplace.bob)
    frozen.set(shanghai(at))
    team = f"/api/v1/teams/{workplace.team_a}"
    await workplace.root.patch(team, {"timezone": zone})
    await workplace.tick()
    if back_at:
        frozen.set(shanghai(back_at))
        await workplace.root.patch(team, {"timezone": "Asia/Shanghai"})
        await workplace.tick()
    assert (await explained(workplace))["clock_in"] == says


async def test_a_team_whose_zone_was_changed_by_mistake_keeps_punches(workplace: Workplace, frozen: Clock) -> None:
    frozen.set(shanghai("08:10"))
    await give_shift(workplace, EARLY, workplace.bob)
    frozen.set(shanghai("08:50"))
    await workplace.tick()
    await workplace.bob.post("/api/v1/punches", {"kind": "clock_in"})
    frozen.set(shanghai("09:40"))
    for zone in ("Europe/Berlin", "Asia/Shanghai"):
        await workplace.root.patch(f"/api/v1/teams/{workplace.team_a}", {"timezone": zone})
        await workplace.tick()
    assert (await reminder_of(workplace.bob))["status"] == "punched"
