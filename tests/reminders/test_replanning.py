"""Whatever changes the plan changes the reminders in the same transaction."""

import asyncio
from datetime import date, timedelta

import pytest
import sqlalchemy as sa
from sqlmodel import col, func, select

from conftest import TODAY, Clock, Workplace
from daka import clock
from daka.delivery.models import Delivery
from daka.reminders import planner, replans
from daka.reminders.models import PendingReplan, Reminder
from daka.roster.requests.models import Absence, AbsenceKind
from scenes import (
    EARLY,
    NIGHT,
    ONCE,
    SPLIT,
    assign,
    clock_times,
    give_shift,
    log_of,
    new_shift,
    reminder_of,
    reminders_of,
    shanghai,
    stored,
)

TOMORROW = TODAY + timedelta(days=1)


async def points(workplace: Workplace) -> list[str]:
    return clock_times([found["point_at"] for found in await reminders_of(workplace.bob)])


async def plan(workplace: Workplace, **values: object) -> int:
    async with workplace.database.write() as session:
        return await planner.plan(session, **values)  # type: ignore[arg-type]


async def test_a_night_shift_reminds_of_clock_out_on_the_next_calendar_day_under_its_own_work_date(
    workplace: Workplace, frozen: Clock
) -> None:
    await give_shift(workplace, NIGHT, workplace.bob)
    found = await reminders_of(workplace.bob)
    assert [(each["kind"], each["work_date"]) for each in found] == [
        ("clock_in", "2026-11-23"),
        ("clock_out", "2026-11-23"),
    ]
    assert clock_times([each["point_at"] for each in found]) == ["11-23 22:00", "11-24 06:00"]

    frozen.set(shanghai("11-24 05:59"))
    await workplace.bob.post(f"/api/v1/reminders/{found[0]['id']}/ack")
    frozen.set(shanghai("11-24 06:00"))
    assert await workplace.tick() == 1
    delivery = (await log_of(workplace.bob))[0]
    assert (delivery["kind"], delivery["status"]) == ("clock_out", "sent")
    assert delivery["people"][0]["reminder_id"] == found[1]["id"]
    # Tuesday has no shift: nothing more comes, and what is asked for on Monday is found under Monday.
    assert await reminders_of(workplace.bob, **{"from": "2026-11-24"}) == []


async def test_a_split_shift_asks_for_four_punches(workplace: Workplace) -> None:
    await give_shift(workplace, SPLIT, workplace.bob)
    assert await points(workplace) == ["11-23 09:00", "11-23 12:00", "11-23 14:00", "11-23 18:00"]


async def test_reminders_are_planned_within_the_horizon_and_move_on_with_it(
    workplace: Workplace, frozen: Clock
) -> None:
    shift_id = await new_shift(workplace.alice, EARLY)
    for days in range(5):
        await assign(workplace, shift_id, workplace.bob, on=TODAY + timedelta(days=days))
    # Monday 08:00 plus 48 hours: Wednesday's window opens at 08:45, after it.
    assert [found["work_date"] for found in await reminders_of(workplace.bob)] == ["2026-11-23"] * 2 + [
        "2026-11-24"
    ] * 2
    frozen.forward(hours=1)
    assert await plan(workplace) == 1
    assert (await reminders_of(workplace.bob))[-1]["work_date"] == "2026-11-25"
    assert await plan(workplace) == 0


async def test_a_shift_assigned_at_the_last_minute_reminds_at_once(workplace: Workplace, frozen: Clock) -> None:
    frozen.set(shanghai("08:57"))
    await give_shift(workplace, EARLY, workplace.bob)
    assert await workplace.tick() == 1
    assert (await log_of(workplace.bob))[0]["is_late"] is False
    frozen.set(shanghai("08:59"))
    assert await workplace.tick() == 0
    frozen.set(shanghai("09:00"))
    assert await workplace.tick() == 1


async def test_a_shift_assigned_after_its_window_shows_its_punch_and_does_not_remind_of_it(
    workplace: Workplace, frozen: Clock
) -> None:
    frozen.set(shanghai("09:30"))
    await give_shift(workplace, EARLY, workplace.bob)
    assert await points(workplace) == ["11-23 09:00", "11-23 18:00"]
    assert await workplace.tick() == 0
    shown = (await workplace.bob.get("/api/v1/dashboard"))["mine"]["reminders"]
    assert [(each["status"], each["ended_by"]) for each in shown] == [
        ("missed", "assigned_too_late"),
        ("scheduled", ""),
    ]
    told = await workplace.bob.post("/api/v1/punches", {"kind": "clock_in"})
    assert (told["work_date"], told["period"]) == ("2026-11-23", 0)
    assert (await reminder_of(workplace.bob))["status"] == "punched"


async def test_a_shift_assigned_by_mistake_after_its_window_leaves_nothing_behind(
    workplace: Workplace, frozen: Clock
) -> None:
    frozen.set(shanghai("09:30"))
    await give_shift(workplace, EARLY, workplace.bob)
    await assign(workplace, None, workplace.bob)
    assert await points(workplace) == []


async def test_a_missed_clock_in_can_be_recorded_and_offers_no_undo_that_is_refused(
    workplace: Workplace, frozen: Clock
) -> None:
    await give_shift(workplace, EARLY, workplace.bob)
    frozen.set(shanghai("12:00"))
    await workplace.tick()
    missed = await reminder_of(workplace.bob)
    assert missed["status"] == "missed"
    told = await workplace.bob.post(f"/api/v1/reminders/{missed['id']}/ack")
    assert (told["status"], told["can_undo_until"]) == ("acknowledged", None)


async def test_a_shift_assigned_after_its_work_shows_no_punches(workplace: Workplace, frozen: Clock) -> None:
    frozen.set(shanghai("19:00"))
    await give_shift(workplace, EARLY, workplace.bob)
    assert await points(workplace) == []


async def test_another_shift_on_the_roster_moves_the_reminders(workplace: Workplace) -> None:
    early = await give_shift(workplace, EARLY, workplace.bob)
    night = await new_shift(workplace.alice, NIGHT)
    await assign(workplace, night, workplace.bob)
    found = await reminders_of(workplace.bob)
    assert [each["shift_id"] for each in found] == [night, night]
    assert await points(workplace) == ["11-23 22:00", "11-24 06:00"]
    await assign(workplace, early, workplace.bob)
    assert await points(workplace) == ["11-23 09:00", "11-23 18:00"]


async def test_fewer_periods_leave_no_orphans(workplace: Workplace) -> None:
    shift_id = await give_shift(workplace, SPLIT, workplace.bob)
    await workplace.alice.patch(f"/api/v1/shifts/{shift_id}", {"periods": [{"start": "09:00", "end": "12:00"}]})
    assert await points(workplace) == ["11-23 09:00", "11-23 12:00"]


async def test_an_orphan_that_was_reminded_of_stays_in_the_history(workplace: Workplace, frozen: Clock) -> None:
    await give_shift(workplace, EARLY, workplace.bob)
    frozen.set(shanghai("08:45"))
    await workplace.tick()
    await assign(workplace, None, workplace.bob)
    (left,) = await reminders_of(workplace.bob)
    assert (left["kind"], left["status"], left["ended_by"]) == ("clock_in", "skipped", "roster")
    frozen.set(shanghai("08:50"))
    assert await workplace.tick() == 0


async def test_who_is_put_back_on_the_shift_is_reminded_again(workplace: Workplace, frozen: Clock) -> None:
    shift_id = await give_shift(workplace, EARLY, workplace.bob)
    frozen.set(shanghai("08:45"))
    await workplace.tick()
    await assign(workplace, None, workplace.bob)
    await assign(workplace, shift_id, workplace.bob)
    assert (await reminder_of(workplace.bob))["status"] == "nagging"
    frozen.set(shanghai("08:50"))
    assert await workplace.tick() == 1


async def test_a_teams_zone_moves_its_peoples_reminders(workplace: Workplace) -> None:
    await give_shift(workplace, EARLY, workplace.bob)
    await workplace.alice.patch(f"/api/v1/teams/{workplace.team_a}", {"timezone": "Europe/Berlin"})
    assert await points(workplace) == ["11-23 16:00", "11-24 01:00"]


async def test_the_nearest_policy_counts(workplace: Workplace) -> None:
    shift_id = await give_shift(workplace, EARLY, workplace.bob)

    async def opens() -> list[str]:
        return clock_times([(await reminder_of(workplace.bob))["opens_at"]])

    def opening(minutes: int) -> dict:
        return {"clock_in": {"start": -minutes, "every": None, "until": 10}}

    assert await opens() == ["11-23 08:45"]
    await workplace.alice.patch(f"/api/v1/teams/{workplace.team_a}", {"policy": opening(20)})
    assert await opens() == ["11-23 08:40"]
    await workplace.alice.patch(f"/api/v1/shifts/{shift_id}", {"policy": opening(30)})
    assert await opens() == ["11-23 08:30"]
    await workplace.alice.patch(f"/api/v1/users/{workplace.bob.id}", {"policy": opening(5)})
    assert await opens() == ["11-23 08:55"]
    await workplace.alice.patch(f"/api/v1/users/{workplace.bob.id}", {"policy": None})
    await workplace.alice.patch(f"/api/v1/shifts/{shift_id}", {"policy": None})
    await workplace.alice.patch(f"/api/v1/teams/{workplace.team_a}", {"policy": None})
    assert await opens() == ["11-23 08:45"]


async def test_a_disabled_person_is_not_reminded_and_an_enabled_one_is_again(workplace: Workplace) -> None:
    await give_shift(workplace, EARLY, workplace.bob)
    await workplace.alice.patch(f"/api/v1/users/{workplace.bob.id}", {"is_active": False})
    assert await reminders_of_bob_seen_by_root(workplace) == []
    await workplace.alice.patch(f"/api/v1/users/{workplace.bob.id}", {"is_active": True})
    assert len(await reminders_of_bob_seen_by_root(workplace)) == 2


async def reminders_of_bob_seen_by_root(workplace: Workplace) -> list[dict]:
    found: list[dict] = (await workplace.root.get("/api/v1/reminders", user_id=workplace.bob.id))["items"]
    return found


async def test_a_deleted_person_is_not_reminded(workplace: Workplace) -> None:
    await give_shift(workplace, EARLY, workplace.bob)
    await workplace.alice.delete(f"/api/v1/users/{workplace.bob.id}")
    assert await reminders_of_bob_seen_by_root(workplace) == []


async def test_leave_on_a_span_of_days_silences_them_and_only_them(workplace: Workplace) -> None:
    shift_id = await give_shift(workplace, EARLY, workplace.bob)
    async with workplace.database.write() as session:
        session.add(
            Absence(
                user_id=workplace.bob.id,
                kind=AbsenceKind.LEAVE,
                first_date=date(2026, 11, 20),
                last_date=TODAY,
                created_at=clock.now(),
            )
        )
    await assign(workplace, shift_id, workplace.bob, on=TOMORROW)
    await plan(workplace)
    found = await reminders_of(workplace.bob)
    assert [(each["work_date"], each["status"]) for each in found] == [
        ("2026-11-23", "skipped"),
        ("2026-11-23", "skipped"),
        ("2026-11-24", "scheduled"),
        ("2026-11-24", "scheduled"),
    ]


async def test_windows_that_overlap_remind_of_both_shifts(workplace: Workplace, frozen: Clock) -> None:
    """A night that ends at 06:00 and, on the next work date, a morning that starts at 06:10."""
    await give_shift(workplace, NIGHT, workplace.bob)
    await give_shift(workplace, {**EARLY, "periods": [{"start": "06:10", "end": "12:00"}]}, workplace.bob, on=TOMORROW)
    frozen.set(shanghai("11-24 06:00"))
    await workplace.tick()
    told = [(each["kind"], clock_times([each["due_at"]])[0]) for each in await log_of(workplace.bob)]
    assert max(told) == ("clock_out", "11-24 06:00")
    assert [kind for kind, _ in told].count("clock_in") == 1
    kinds = {(each["work_date"], each["kind"]): each["status"] for each in await reminders_of(workplace.bob)}
    assert kinds["2026-11-23", "clock_out"] == "nagging"
    assert kinds["2026-11-24", "clock_in"] == "nagging"


async def test_what_passed_while_no_worker_was_there_is_missed_and_not_sent(
    workplace: Workplace, frozen: Clock
) -> None:
    await give_shift(workplace, EARLY, workplace.bob)
    frozen.set(shanghai("12:00"))
    assert await workplace.tick() == 0
    found = await reminder_of(workplace.bob)
    assert (found["status"], found["ended_by"]) == ("missed", "window")
    assert await log_of(workplace.bob) == []


async def test_what_was_never_planned_because_of_a_long_outage_is_missed_too(
    workplace: Workplace, frozen: Clock
) -> None:
    shift_id = await new_shift(workplace.alice, {**EARLY, "policy": ONCE})
    for days in range(6):
        await assign(workplace, shift_id, workplace.bob, on=TODAY + timedelta(days=days))
    last_seen = frozen.now
    frozen.set(shanghai("11-28 08:00"))
    await plan(workplace, missed_since=last_seen)
    await workplace.tick()
    statuses = {(each["work_date"], each["kind"]): each["status"] for each in await reminders_of(workplace.bob)}
    passed = [(str(TODAY + timedelta(days=days)), kind) for days in range(5) for kind in ("clock_in", "clock_out")]
    assert {key: statuses[key] for key in passed} == dict.fromkeys(passed, "missed")
    assert statuses["2026-11-28", "clock_in"] == "scheduled"
    async with workplace.database.read() as session:
        assert (await session.exec(select(func.count()).select_from(Delivery))).one() == 0


async def test_inside_the_window_it_still_goes_out_and_says_that_it_is_late(
    workplace: Workplace, frozen: Clock
) -> None:
    await give_shift(workplace, EARLY, workplace.bob)
    frozen.set(shanghai("08:58"))
    assert await workplace.tick() == 1
    delivery = (await log_of(workplace.bob))[0]
    assert (delivery["status"], delivery["is_late"], clock_times([delivery["due_at"]])) == (
        "sent",
        True,
        ["11-23 08:45"],
    )
    frozen.set(shanghai("09:00"))
    assert await workplace.tick() == 1


async def test_planning_twice_at_once_makes_each_reminder_once(workplace: Workplace) -> None:
    shift_id = await new_shift(workplace.alice, SPLIT)
    people = [workplace.bob, *await workplace.add_people(5, team_id=workplace.team_a)]
    await assign(workplace, shift_id, *people)
    async with workplace.database.write() as session:
        await session.exec(sa.delete(Reminder))
    await asyncio.gather(*(plan(workplace) for _ in range(4)))
    async with workplace.database.read() as session:
        counted = await session.exec(select(col(Reminder.user_id), func.count()).group_by(col(Reminder.user_id)))
        assert dict(list(counted)) == {person.id: 4 for person in people}


async def test_a_change_that_is_refused_changes_no_reminder(workplace: Workplace) -> None:
    shift_id = await give_shift(workplace, EARLY, workplace.bob)
    before = await reminders_of(workplace.bob)
    cells = [
        {"user_id": workplace.bob.id, "date": str(TODAY), "shift_id": None},
        {"user_id": 999_999, "date": str(TODAY), "shift_id": shift_id},
    ]
    answer = await workplace.alice.http.put("/api/v1/roster", json={"assignments": cells})
    assert (answer.status_code, answer.json()["code"]) == (422, "unknown_user")
    assert await reminders_of(workplace.bob) == before
    assert (await stored(workplace, before[0]["id"])).status == "scheduled"


# --- very many people at once ----------------------------------------------------------------------------------------


async def planned_people(workplace: Workplace) -> tuple[int, int]:
    """How many people have reminders, and how many are owed them."""
    async with workplace.database.read() as session:
        have = set(await session.exec(select(Reminder.user_id)))
        return len(have), (await session.exec(select(func.count()).select_from(PendingReplan))).one()


@pytest.fixture
def _three_are_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(planner, "PEOPLE_AT_ONCE", 3)
    monkeypatch.setattr(replans, "REPLANS_AT_ONCE", 2)


async def put_five_to_work(workplace: Workplace) -> None:
    shift_id = await new_shift(workplace.alice, EARLY)
    people = await workplace.add_people(5, team_id=workplace.team_a)
    cells = [{"user_id": one.id, "date": str(TOMORROW), "shift_id": shift_id} for one in people]
    await workplace.alice.put("/api/v1/roster", {"assignments": cells})


@pytest.mark.usefixtures("_three_are_many")
async def test_a_change_of_very_many_people_is_planned_in_slices_between_which_others_write(
    workplace: Workplace, monkeypatch: pytest.MonkeyPatch
) -> None:
    await put_five_to_work(workplace)
    assert await planned_people(workplace) == (0, 5)
    seen: list[tuple[int, int]] = []
    plan_slice = planner.plan

    async def look_first(*given: object, **named: object) -> int:
        seen.append(await planned_people(workplace))
        return await plan_slice(*given, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(planner, "plan", look_first)
    assert await replans.run_pending_replans(workplace.database) == 5
    assert seen == [(0, 5), (2, 3), (4, 1)]  # each slice is committed by itself
    assert await planned_people(workplace) == (5, 0)


@pytest.mark.usefixtures("_three_are_many")
async def test_a_process_that_ends_amid_the_slices_leaves_the_rest_to_the_next_one(
    workplace: Workplace, monkeypatch: pytest.MonkeyPatch
) -> None:
    await put_five_to_work(workplace)
    plan_slice, slices = planner.plan, 0

    async def end_at_the_second(*given: object, **named: object) -> int:
        nonlocal slices
        slices += 1
        if slices == 2:
            raise asyncio.CancelledError
        return await plan_slice(*given, **named)  # type: ignore[arg-type]

    with monkeypatch.context() as patch:
        patch.setattr(planner, "plan", end_at_the_second)
        with pytest.raises(asyncio.CancelledError):
            await replans.run_pending_replans(workplace.database)
    assert await planned_people(workplace) == (2, 3)
    assert await replans.run_pending_replans(workplace.database) == 3
    assert await planned_people(workplace) == (5, 0)


@pytest.mark.usefixtures("_three_are_many")
async def test_a_second_change_widens_what_is_pending(workplace: Workplace) -> None:
    await put_five_to_work(workplace)
    async with workplace.database.read() as session:
        people = list(await session.exec(select(PendingReplan.user_id).order_by(col(PendingReplan.user_id))))
    cells = [{"user_id": one, "date": str(TODAY), "shift_id": None} for one in people]
    shift_id = await new_shift(workplace.alice, NIGHT)
    for each in cells:
        each["shift_id"] = shift_id
    await workplace.alice.put("/api/v1/roster", {"assignments": cells[:4]})
    async with workplace.database.read() as session:
        pending = {(row.first_date, row.last_date) for row in await session.exec(select(PendingReplan))}
    assert pending == {(TODAY, TOMORROW), (TOMORROW, TOMORROW)}
    await replans.run_pending_replans(workplace.database)
    async with workplace.database.read() as session:
        days = list(await session.exec(select(Reminder.work_date).where(Reminder.user_id == people[0])))
    assert sorted(days) == [TODAY, TODAY, TOMORROW, TOMORROW]


@pytest.mark.usefixtures("_three_are_many")
async def test_whoever_cannot_be_planned_holds_up_nobody_who_is_pending(
    workplace: Workplace, monkeypatch: pytest.MonkeyPatch
) -> None:
    await put_five_to_work(workplace)
    plan_slice = planner.plan
    async with workplace.database.read() as session:
        broken = (await session.exec(select(func.min(PendingReplan.user_id)))).one()

    async def fail_for_one(*given: object, user_ids: list[int], **named: object) -> int:
        assert broken not in user_ids
        return await plan_slice(*given, user_ids=user_ids, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(planner, "plan", fail_for_one)
    assert await replans.run_pending_replans(workplace.database) == 4
    assert await planned_people(workplace) == (4, 0)
