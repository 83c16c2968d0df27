"""Leave read ahead from DingTalk: the points that it covers, and what becomes of the reminders."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlmodel import select

from conftest import TODAY, Clock, Workplace
from daka import clock
from daka.identity.moves import apply_due_moves
from daka.roster.requests.models import Absence
from daka.shifts.times import PunchKind
from daka.syncing.dingtalk_rows import read_leaves
from daka.syncing.leaves import DayPoint, LeaveSpan, absences_of
from daka.syncing.models import RosterSource
from scenes import EARLY, assign, new_shift, reminder_of
from syncing.conftest import Synced
from syncing.test_pulls import pull

IN, OUT = PunchKind.CLOCK_IN, PunchKind.CLOCK_OUT
FRIDAY = date(2026, 11, 27)


def at(day: int, clock: str) -> datetime:
    return datetime.fromisoformat(f"2026-11-{day:02} {clock}")


def points(*days: tuple[int, str]) -> list[DayPoint]:
    """`(27, "09:00-18:00")`: both points; an end before its start is on the next day."""
    found = []
    for day, hours in days:
        for period, (start, end) in enumerate(each.split("-") for each in hours.split(" ")):
            last = at(day, end) + timedelta(days=end < start)
            work_date = date(2026, 11, day)
            found += [DayPoint(work_date, IN, period, at(day, start)), DayPoint(work_date, OUT, period, last)]
    return found


def span(start: datetime, end: datetime, whole_days: int | None = None) -> LeaveSpan:
    return LeaveSpan("u1", start, end, whole_days)


DAY, NIGHT, SPLIT = (27, "09:00-18:00"), (27, "22:00-06:00"), (27, "09:00-12:00 14:00-18:00")
WHOLE, CLOCK_IN, CLOCK_OUT = (FRIDAY, None, None), (FRIDAY, IN, 0), (FRIDAY, OUT, 0)
CASES: dict[str, tuple[LeaveSpan, list[DayPoint], set[Any]]] = {
    "the working hours": (span(at(27, "09:00"), at(27, "18:00")), points(DAY), {WHOLE}),
    "the morning": (span(at(27, "09:00"), at(27, "13:00")), points(DAY), {CLOCK_IN}),
    "the afternoon": (span(at(27, "13:00"), at(27, "18:00")), points(DAY), {CLOCK_OUT}),
    "an hour in between": (span(at(27, "11:00"), at(27, "12:00")), points(DAY), set()),
    "the morning, moved already": (span(at(27, "09:00"), at(27, "13:00")), points((27, "13:00-18:00")), set()),
    "the afternoon, moved already": (span(at(27, "13:00"), at(27, "18:00")), points((27, "09:00-13:00")), set()),
    "the first of two periods": (
        span(at(27, "09:00"), at(27, "12:00")),
        points(SPLIT),
        {(FRIDAY, IN, 0), (FRIDAY, OUT, 0)},
    ),
    "a night's end on the next day": (span(at(28, "00:00"), at(28, "06:00")), points(NIGHT), {(FRIDAY, OUT, 0)}),
    "one day": (span(at(27, "00:00"), at(27, "00:00"), 1), points(DAY), {WHOLE}),
    "one day, its end not included": (
        span(at(27, "00:00"), at(28, "00:00"), 1),
        points(DAY, (28, "09:00-18:00")),
        {WHOLE},
    ),
    "two days, the second free, the end perhaps not included": (
        span(at(27, "00:00"), at(29, "00:00"), 2),
        points(DAY, (29, "09:00-18:00")),
        {WHOLE},
    ),
    "two days": (
        span(at(27, "00:00"), at(28, "00:00"), 2),
        points(DAY, (28, "09:00-18:00")),
        {WHOLE, (FRIDAY + timedelta(days=1), None, None)},
    ),
    "begun before, its end not clear": (span(at(25, "00:00"), at(28, "00:00"), 3), points(DAY), {WHOLE}),
    "half a day without saying which": (span(at(27, "00:00"), at(27, "00:00")), points(DAY), set()),
    "a day of rest": (span(at(27, "00:00"), at(27, "00:00"), 1), [], set()),
}


@pytest.mark.parametrize("case", CASES)
def test_only_what_is_clearly_covered_is_not_reminded(case: str) -> None:
    leave, found, expected = CASES[case]
    assert absences_of([leave], found, FRIDAY) == expected


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ({"duration_unit": "percent_day", "duration_percent": 100}, 1),
        ({"duration_unit": "percent_day", "duration_percent": "200"}, 2),
        ({"duration_unit": "percent_day", "duration_percent": 50}, None),
        ({"duration_unit": "percent_hour", "duration_percent": 400}, None),
        ({"duration_unit": "percent_day"}, None),
        ({"userid": None}, "left out"),
        ({"end_time": 1_764_172_799_000}, "left out"),
        ({"end_time": "soon"}, "left out"),
    ],
)
def test_rows_are_read(row: dict[str, Any], expected: Any) -> None:
    start = 1_764_172_800_000
    answer = {"leave_status": [{"userid": "u1", "start_time": start, "end_time": start, **row}], "has_more": "true"}
    found, has_more = read_leaves({"result": answer})
    assert has_more
    assert [leave.whole_days for leave in found] == ([] if expected == "left out" else [expected])


async def test_leave_ends_reminders_and_comes_back_with_them(frozen: Clock, synced: Synced) -> None:
    workplace, fake, path = synced
    tomorrow = TODAY + timedelta(days=1)
    fake.leave("u-bob", f"{TODAY} 00:00", f"{TODAY} 00:00", "percent_day", 100)
    fake.leave("u-bob", f"{tomorrow} 09:00", f"{tomorrow} 13:00")
    assert (await pull(workplace, path))["leaves_changed"] == 2
    states = [
        (await reminder_of(workplace.bob, kind, on=day))["status"]
        for day in (TODAY, tomorrow)
        for kind in ("clock_in", "clock_out")
    ]
    assert states == ["skipped", "skipped", "skipped", "scheduled"]
    assert (await pull(workplace, path))["leaves_changed"] == 0

    fake.lacking.add("qyapi_get_attendance_data")  # no answer takes nothing back
    assert (await pull(workplace, path))["outcome"] == "ok"
    assert (await reminder_of(workplace.bob))["status"] == "skipped"
    fake.lacking.clear()

    leaves = (await workplace.bob.get("/api/v1/leaves"))["items"]
    whole = next(leave for leave in leaves if leave["punch_kind"] is None)
    await workplace.bob.delete(f"/api/v1/leaves/{whole['id']}")
    assert (await pull(workplace, path))["leaves_changed"] == 0  # who deletes it here is reminded
    assert (await reminder_of(workplace.bob))["status"] != "skipped"

    fake.leaves.clear()
    assert (await pull(workplace, path))["leaves_changed"] == 1
    assert (await reminder_of(workplace.bob, on=tomorrow))["status"] == "scheduled"
    async with workplace.database.read() as session:
        assert list(await session.exec(select(Absence))) == []


async def test_leave_of_somebody_who_changed_teams_is_taken_back_by_the_new_teams_source(
    frozen: Clock, synced: Synced
) -> None:
    workplace, fake, path = synced
    tomorrow = TODAY + timedelta(days=1)
    fake.leave("u-bob", f"{tomorrow} 00:00", f"{tomorrow} 00:00", "percent_day", 100)
    assert (await pull(workplace, path))["leaves_changed"] == 1
    config = {"app_key": fake.app_key, "app_secret": fake.app_secret}
    body = {"name": "钉钉", "kind": "dingtalk_attendance", "team_id": workplace.team_c, "config": config}
    other = await workplace.root.post("/api/v1/punch-sources", body)
    await workplace.root.patch(f"/api/v1/users/{workplace.bob.id}", {"team_id": workplace.team_c})
    bob = replace(workplace.bob, http=workplace.root.http)  # who moves signs in again
    theirs = f"/api/v1/punch-sources/{other['id']}/roster"
    await workplace.root.post(f"{theirs}/pull", {"accepts_gone": False})
    assert (await reminder_of(bob, on=tomorrow))["status"] == "skipped"
    fake.leaves.clear()
    await workplace.root.post(f"{theirs}/pull", {"accepts_gone": False})
    assert (await reminder_of(bob, on=tomorrow))["status"] == "scheduled"
    async with workplace.database.read() as session:
        assert list(await session.exec(select(Absence))) == []


async def absent_days(workplace: Workplace) -> list[date]:
    async with workplace.database.read() as session:
        return sorted(absence.first_date for absence in await session.exec(select(Absence)))


@pytest.mark.parametrize(
    "moved", ["at once", "on a date", "to no team", "to another app's team", "to a team of the app"]
)
async def test_leave_of_somebody_who_moves_stays_only_if_the_new_team_is_read_from_the_same_app(
    frozen: Clock, moved: str, synced: Synced
) -> None:
    workplace, fake, path = synced
    tomorrow, later = TODAY + timedelta(days=1), TODAY + timedelta(days=2)
    for day in (TODAY, tomorrow, later):
        fake.leave("u-bob", f"{day} 00:00", f"{day} 00:00", "percent_day", 100)
    await workplace.alice.post("/api/v1/leaves", {"user_id": workplace.bob.id, "from": str(later)})
    assert (await pull(workplace, path))["leaves_changed"] == 2
    if moved.startswith("to a"):
        key = fake.app_key if moved == "to a team of the app" else "another-app-key"
        config = {"app_key": key, "app_secret": fake.app_secret}
        body = {"name": "钉钉", "kind": "dingtalk_attendance", "team_id": workplace.team_c, "config": config}
        other = await workplace.root.post("/api/v1/punch-sources", body)
        async with workplace.database.write() as session:
            session.add(RosterSource(punch_source_id=other["id"], operator_userid="", next_at=clock.now()))
    bob = f"/api/v1/users/{workplace.bob.id}"
    if moved == "on a date":
        await workplace.root.post(f"{bob}/moves", {"team_id": workplace.team_c, "from_date": str(tomorrow)})
        assert await absent_days(workplace) == [TODAY, tomorrow, later]  # until then, the former team's source asks
        frozen.set(frozen.now + timedelta(days=1))
        async with workplace.database.write() as session:
            assert await apply_due_moves(session) == 1
    else:
        team_id = None if moved == "to no team" else workplace.team_c
        await workplace.root.patch(bob, {"team_id": team_id})
    stays = [tomorrow] if moved == "to a team of the app" else []
    # Today's shift stays in the former team; what a planner recorded here is not of the app.
    assert await absent_days(workplace) == [TODAY, *stays, later]
    if moved == "at once":
        theirs = await new_shift(workplace.root, EARLY, team_id=workplace.team_c)
        await assign(workplace, theirs, workplace.bob, on=tomorrow)
        seen_by_root = replace(workplace.bob, http=workplace.root.http)
        assert (await reminder_of(seen_by_root, on=tomorrow))["status"] == "scheduled"


async def test_leave_that_was_read_before_reading_ended_is_taken_back_after_it_began_again(
    frozen: Clock, synced: Synced
) -> None:
    workplace, fake, path = synced
    fake.leave("u-bob", f"{TODAY} 00:00", f"{TODAY} 00:00", "percent_day", 100)
    assert (await pull(workplace, path))["leaves_changed"] == 1
    await workplace.alice.delete(path)
    assert (await pull(workplace, path))["leaves_changed"] == 0
    fake.leaves.clear()
    assert (await pull(workplace, path))["leaves_changed"] == 1
    assert await absent_days(workplace) == []


async def test_pages_of_leave_that_never_end_change_nothing(frozen: Clock, synced: Synced) -> None:
    workplace, fake, path = synced
    fake.leave("u-bob", f"{TODAY} 00:00", f"{TODAY} 00:00", "percent_day", 100)
    assert (await pull(workplace, path))["leaves_changed"] == 1
    fake.leaves.clear()
    fake.leaves_never_end = True
    read = await pull(workplace, path)
    assert (read["outcome"], read["leaves_changed"], read["calls"]) == ("ok", 0, 52)
    assert (await reminder_of(workplace.bob))["status"] == "skipped"


async def test_leave_that_is_recorded_here_already_is_not_doubled(frozen: Clock, synced: Synced) -> None:
    workplace, fake, path = synced
    await workplace.alice.post("/api/v1/leaves", {"user_id": workplace.bob.id, "from": str(TODAY)})
    fake.leave("u-bob", f"{TODAY} 09:00", f"{TODAY} 18:00", percent=800)
    assert (await pull(workplace, path))["leaves_changed"] == 0
    fake.leaves.clear()
    await pull(workplace, path)
    assert len((await workplace.bob.get("/api/v1/leaves"))["items"]) == 1
