"""What a person does with a reminder: I have punched, later, not today, and back again."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlmodel import func, select

from conftest import TODAY, Clock, Workplace, eventually
from daka import clock
from daka.database import advisory_lock, execute
from daka.reminders import planner
from daka.reminders.models import Punch
from scenes import (
    EARLY,
    NIGHT,
    SPLIT,
    clock_times,
    give_shift,
    log_of,
    path_of_link,
    reminder_of,
    reminders_of,
    shanghai,
)


async def act(workplace: Workplace, what: str, reminder_id: int, **body: Any) -> dict:
    found: dict = await workplace.bob.post(f"/api/v1/reminders/{reminder_id}/{what}", body or None)
    return found


async def refused(workplace: Workplace, what: str, reminder_id: int) -> tuple[int, str]:
    answer = await workplace.bob.http.post(f"/api/v1/reminders/{reminder_id}/{what}")
    return answer.status_code, answer.json()["code"]


@pytest.fixture
async def nagged(workplace: Workplace, frozen: Clock) -> int:
    """Bob's clock-in at 09:00, of which he was reminded at 08:45."""
    await give_shift(workplace, EARLY, workplace.bob)
    frozen.set(shanghai("08:45"))
    assert await workplace.tick() == 1
    found = await reminder_of(workplace.bob)
    assert found["status"] == "nagging"
    reminder_id: int = found["id"]
    return reminder_id


async def test_an_acknowledged_reminder_is_silent_and_telling_it_twice_is_telling_it_once(
    workplace: Workplace, frozen: Clock, nagged: int
) -> None:
    first = await act(workplace, "ack", nagged)
    assert (first["status"], first["ended_by"], first["next_due_at"]) == ("acknowledged", "web", None)
    frozen.forward(seconds=30)
    assert await act(workplace, "ack", nagged) == first
    frozen.set(shanghai("09:05"))
    assert await workplace.tick() == 0


async def test_a_planner_may_say_it_for_somebody_and_the_record_names_them(workplace: Workplace, nagged: int) -> None:
    found = await workplace.alice.post(f"/api/v1/reminders/{nagged}/ack")
    assert found["ended_by"] == f"user:{workplace.alice.id}"


@pytest.mark.parametrize("what", ["ack", "snooze", "skip", "undo"])
async def test_somebody_elses_reminder_does_not_exist(workplace: Workplace, nagged: int, what: str) -> None:
    answer = await workplace.charlie.http.post(f"/api/v1/reminders/{nagged}/{what}")
    assert (answer.status_code, answer.json()["code"]) == (404, "reminder_not_found")
    assert (await workplace.charlie.get("/api/v1/reminders"))["items"] == []
    assert (await workplace.charlie.get("/api/v1/reminders", user_id=workplace.bob.id))["items"] == []
    assert (await reminder_of(workplace.bob))["status"] == "nagging"


async def test_a_snoozed_reminder_comes_back_and_then_keeps_its_steps(
    workplace: Workplace, frozen: Clock, nagged: int
) -> None:
    frozen.set(shanghai("08:47"))
    found = await act(workplace, "snooze", nagged, minutes=6)
    assert clock_times([found["snoozed_until"], found["next_due_at"]]) == ["11-23 08:53", "11-23 08:53"]
    frozen.set(shanghai("08:50"))
    assert await workplace.tick() == 0
    frozen.set(shanghai("08:53"))
    assert await workplace.tick() == 1
    frozen.set(shanghai("08:55"))
    assert await workplace.tick() == 1


async def test_a_reminder_snoozed_before_its_window_does_not_come_early(workplace: Workplace, frozen: Clock) -> None:
    await give_shift(workplace, EARLY, workplace.bob)
    found = await act(workplace, "snooze", (await reminder_of(workplace.bob))["id"])
    assert clock_times([found["next_due_at"]]) == ["11-23 08:45"]
    frozen.set(shanghai("08:10"))
    assert await workplace.tick() == 0


@pytest.mark.parametrize(
    ("shift", "kind", "period", "scope", "left"),
    [
        (EARLY, "clock_in", 0, None, ["clock_out 0"]),
        (EARLY, "clock_in", 0, "punch", ["clock_out 0"]),
        (EARLY, "clock_out", 0, "punch", ["clock_in 0"]),
        (EARLY, "clock_in", 0, "work_date", []),
        (NIGHT, "clock_in", 0, "punch", ["clock_out 0"]),
        (NIGHT, "clock_out", 0, "work_date", []),
        (SPLIT, "clock_in", 0, "punch", ["clock_out 0", "clock_in 1", "clock_out 1"]),
        (SPLIT, "clock_in", 1, "punch", ["clock_in 0", "clock_out 0", "clock_out 1"]),
        (SPLIT, "clock_out", 1, "punch", ["clock_in 0", "clock_out 0", "clock_in 1"]),
        (SPLIT, "clock_out", 0, "work_date", []),
    ],
)
async def test_a_skip_covers_one_punch_or_the_work_date_and_is_undone(
    workplace: Workplace,
    frozen: Clock,
    shift: dict[str, Any],
    kind: str,
    period: int,
    scope: str | None,
    left: list[str],
) -> None:
    await give_shift(workplace, shift, workplace.bob)
    await give_shift(workplace, {**shift, "name": "明天", "code": "明"}, workplace.bob, on=TODAY + timedelta(days=1))
    before = [each["status"] for each in await reminders_of(workplace.bob)]
    reminder_id = (await reminder_of(workplace.bob, kind, period=period))["id"]
    found = await act(workplace, "skip", reminder_id, **({"scope": scope} if scope else {}))
    assert (found["status"], found["ended_by"]) == ("skipped", "skip")
    today = [each for each in await reminders_of(workplace.bob) if each["work_date"] == str(TODAY)]
    assert [f"{each['kind']} {each['period']}" for each in today if each["status"] != "skipped"] == left
    assert (await act(workplace, "undo", reminder_id))["status"] == "scheduled"
    assert [each["status"] for each in await reminders_of(workplace.bob)] == before
    assert (await workplace.bob.get("/api/v1/leaves"))["items"] == []


async def test_after_one_punch_the_whole_work_date_can_be_skipped(workplace: Workplace, frozen: Clock) -> None:
    await give_shift(workplace, SPLIT, workplace.bob)
    first = (await reminder_of(workplace.bob))["id"]
    last = (await reminder_of(workplace.bob, "clock_out", period=1))["id"]
    await act(workplace, "skip", first)
    await act(workplace, "skip", first, scope="work_date")
    assert {each["status"] for each in await reminders_of(workplace.bob)} == {"skipped"}
    # What covers the last punch is undone; the first one was skipped by itself.
    await act(workplace, "undo", last)
    assert [each["status"] for each in await reminders_of(workplace.bob)] == ["skipped", *["scheduled"] * 3]


async def test_an_unknown_scope_is_refused(workplace: Workplace, nagged: int) -> None:
    answer = await workplace.bob.http.post(f"/api/v1/reminders/{nagged}/skip", json={"scope": "week"})
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_input")


async def test_skipping_the_work_date_leaves_the_roster_alone(workplace: Workplace, frozen: Clock, nagged: int) -> None:
    found = await act(workplace, "skip", nagged, scope="work_date")
    assert (found["status"], found["ended_by"]) == ("skipped", "skip")
    assert [each["status"] for each in await reminders_of(workplace.bob)] == ["skipped", "skipped"]
    assert await act(workplace, "skip", nagged, scope="work_date") == found
    roster = await workplace.bob.get(
        "/api/v1/roster", **{"from": str(TODAY), "to": str(TODAY), "user_id": workplace.bob.id}
    )
    assert roster["users"][0]["shift_ids"] != [None]
    for moment in ("09:00", "18:00"):
        frozen.set(shanghai(moment))
        assert await workplace.tick() == 0


async def test_a_skip_taken_back_reminds_again(workplace: Workplace, frozen: Clock, nagged: int) -> None:
    skipped = await act(workplace, "skip", nagged)
    assert skipped["can_undo_until"] is not None
    frozen.forward(minutes=4)
    back = await act(workplace, "undo", nagged)
    assert (back["status"], back["ended_at"]) == ("nagging", None)
    assert [each["status"] for each in await reminders_of(workplace.bob)] == ["nagging", "scheduled"]
    frozen.set(shanghai("08:50"))
    assert await workplace.tick() == 1


async def test_an_acknowledgement_taken_back_reminds_again(workplace: Workplace, frozen: Clock, nagged: int) -> None:
    await act(workplace, "ack", nagged)
    frozen.forward(minutes=5)
    assert (await act(workplace, "undo", nagged))["status"] == "nagging"
    frozen.set(shanghai("08:55"))
    assert await workplace.tick() == 1


async def test_after_five_minutes_nothing_is_taken_back(workplace: Workplace, frozen: Clock, nagged: int) -> None:
    await act(workplace, "ack", nagged)
    frozen.forward(minutes=5, seconds=1)
    assert await refused(workplace, "undo", nagged) == (409, "too_late_to_undo")
    assert (await reminder_of(workplace.bob))["status"] == "acknowledged"


async def test_there_is_nothing_to_take_back_from_an_open_reminder(workplace: Workplace, nagged: int) -> None:
    assert await refused(workplace, "undo", nagged) == (409, "too_late_to_undo")


async def test_after_the_window_one_can_still_say_that_one_had_punched(
    workplace: Workplace, frozen: Clock, nagged: int
) -> None:
    frozen.set(shanghai("09:30"))
    await workplace.tick()
    assert (await reminder_of(workplace.bob))["status"] == "expired"
    assert await refused(workplace, "snooze", nagged) == (409, "reminder_ended")
    assert await refused(workplace, "skip", nagged) == (409, "reminder_ended")
    assert (await act(workplace, "ack", nagged))["status"] == "acknowledged"


async def test_who_is_told_in_vain_has_an_expired_reminder(workplace: Workplace, frozen: Clock, nagged: int) -> None:
    sent = 1
    for minutes in (50, 55, 60, 65, 70):
        frozen.set(shanghai("08:00") + timedelta(minutes=minutes))
        sent += await workplace.tick()
    assert sent == 6
    frozen.set(shanghai("09:11"))
    assert await workplace.tick() == 0
    found = await reminder_of(workplace.bob)
    assert (found["status"], found["steps_sent"], found["next_due_at"], found["ended_by"]) == (
        "expired",
        6,
        None,
        "window",
    )


# --- punches ----------------------------------------------------------------------------------------------------------


async def punch(workplace: Workplace, **values: object) -> dict:
    found: dict = await workplace.bob.post("/api/v1/punches", {"kind": "clock_in", **values})
    return found


async def test_a_punch_ends_its_reminder_and_telling_it_twice_changes_nothing(
    workplace: Workplace, frozen: Clock, nagged: int
) -> None:
    first = await punch(workplace, source="ios-shortcut")
    assert (first["work_date"], first["period"], first["source"]) == ("2026-11-23", 0, "ios-shortcut")
    frozen.forward(minutes=1)
    assert await punch(workplace, source="tasker") == first
    found = await reminder_of(workplace.bob)
    assert (found["status"], found["ended_by"]) == ("punched", "ios-shortcut")
    frozen.set(shanghai("08:50"))
    assert await workplace.tick() == 0
    assert len((await workplace.bob.get("/api/v1/punches"))["items"]) == 1


@pytest.mark.parametrize(
    ("shift", "known", "at", "settled", "is_missing", "said"),
    [
        (EARLY, (), "08:20", "clock_in 09:00", False, "现在没有要打的卡"),
        (EARLY, (), "08:50", "clock_in 09:00", True, "09:00 上班打卡：还没有打卡记录"),
        (EARLY, ("clock_in",), "09:01", "clock_in 09:00", False, "09:00 上班打卡：不用再打"),
        (EARLY, (), "11:00", "clock_in 09:00", True, "09:00 上班打卡：还没有打卡记录"),
        (EARLY, ("clock_in",), "18:01", "clock_out 18:00", True, "18:00 下班打卡：还没有打卡记录"),
        (EARLY, (), "18:01", "clock_out 18:00", True, "18:00 下班打卡：还没有打卡记录"),
        (SPLIT, ("clock_in",), "12:05", "clock_out 12:00", True, "12:00 下班打卡：还没有打卡记录"),
        (SPLIT, ("clock_in",), "13:50", "clock_in 14:00", True, "14:00 上班打卡：还没有打卡记录"),
    ],
)
async def test_one_call_of_a_shortcut_serves_every_punch_of_the_day(
    workplace: Workplace,
    frozen: Clock,
    shift: dict[str, Any],
    known: tuple[str, ...],
    at: str,
    settled: str,
    is_missing: bool,
    said: str,
) -> None:
    await give_shift(workplace, shift, workplace.bob)
    for kind in known:
        frozen.set(shanghai("08:58"))
        await punch(workplace, kind=kind)
    frozen.set(shanghai(at))
    now = await workplace.bob.get("/api/v1/punches/current")
    assert (now["is_missing"], now["text"]) == (is_missing, said)
    assert (now["kind"] is None) is ("没有要打" in said)
    told = await workplace.bob.post("/api/v1/punches")
    assert await workplace.bob.post("/api/v1/punches", {}) == told
    ended = [each for each in await reminders_of(workplace.bob) if each["status"] == "punched"]
    assert f"{told['kind']} {clock_times([ended[-1]['point_at']])[0][6:]}" == settled
    assert not (await workplace.bob.get("/api/v1/punches/current"))["is_missing"]


@pytest.mark.parametrize(
    ("before", "at", "settled"),
    [
        ("ack", "14:05", "clock_in"),
        ("ack", "14:30", "clock_in"),  # nobody is reminded any more
        ("skip", "14:30", "clock_in"),
        ("none", "14:30", "clock_out"),
    ],
)
async def test_of_two_punches_at_one_moment_a_shortcut_tells_of_the_one_that_is_missing(
    workplace: Workplace, frozen: Clock, before: str, at: str, settled: str
) -> None:
    """The end of one period is the start of the next."""
    await give_shift(
        workplace,
        {**SPLIT, "periods": [{"start": "10:00", "end": "14:00"}, {"start": "14:00", "end": "19:00"}]},
        workplace.bob,
    )
    frozen.set(shanghai("14:00"))
    await workplace.tick()
    if before != "none":
        out = await reminder_of(workplace.bob, "clock_out")
        await workplace.bob.post(f"/api/v1/reminders/{out['id']}/{before}")
    frozen.set(shanghai(at))
    await workplace.tick()
    told = await workplace.bob.post("/api/v1/punches")
    assert (told["kind"], told["period"]) == (settled, 1 if settled == "clock_in" else 0)


async def test_without_any_shift_a_shortcut_is_told_so(workplace: Workplace) -> None:
    assert (await workplace.bob.get("/api/v1/punches/current"))["text"] == "现在没有要打的卡"
    assert (await workplace.bob.http.post("/api/v1/punches")).json()["code"] == "no_punch_point"
    answer = await workplace.bob.http.post("/api/v1/punches", json={"work_date": str(TODAY)})
    assert (answer.status_code, answer.json()["code"]) == (409, "no_punch_point")


async def test_the_same_punch_told_five_times_at_once_is_one_punch(workplace: Workplace) -> None:
    answers = await asyncio.gather(
        *(
            workplace.bob.http.post("/api/v1/punches", json={"kind": "clock_in", "work_date": str(TODAY)})
            for _ in range(5)
        )
    )
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.json()["id"] for answer in answers}) == 1
    async with workplace.database.read() as session:
        assert (await session.exec(select(func.count()).select_from(Punch))).one() == 1


async def test_an_early_punch_settles_a_reminder_that_has_not_begun(workplace: Workplace, frozen: Clock) -> None:
    await give_shift(workplace, EARLY, workplace.bob)
    await punch(workplace)
    assert (await reminder_of(workplace.bob))["status"] == "punched"
    frozen.set(shanghai("08:45"))
    assert await workplace.tick() == 0


async def test_a_punch_told_before_the_shift_was_assigned_counts(workplace: Workplace, frozen: Clock) -> None:
    await punch(workplace, work_date=str(TODAY))
    await give_shift(workplace, EARLY, workplace.bob)
    assert (await reminder_of(workplace.bob))["status"] == "punched"


async def test_a_clock_out_after_midnight_belongs_to_the_night_shift_of_the_day_before(
    workplace: Workplace, frozen: Clock
) -> None:
    await give_shift(workplace, NIGHT, workplace.bob)
    frozen.set(shanghai("11-24 06:03"))
    await workplace.tick()
    found = await punch(workplace, kind="clock_out")
    assert found["work_date"] == "2026-11-23"
    assert (await reminder_of(workplace.bob, "clock_out"))["status"] == "punched"


@pytest.mark.parametrize(("moment", "period"), [("08:50", 0), ("10:30", 0), ("13:50", 1), ("15:00", 1)])
async def test_a_punch_belongs_to_the_nearest_period(
    workplace: Workplace, frozen: Clock, moment: str, period: int
) -> None:
    await give_shift(workplace, SPLIT, workplace.bob)
    frozen.set(shanghai("20:00"))
    assert (await punch(workplace, at=shanghai(moment).isoformat()))["period"] == period


@pytest.mark.parametrize(
    ("day", "status", "code"),
    [
        ("2026-11-20", 201, None),  # told late
        ("2026-11-19", 409, "no_punch_point"),  # a day of rest
        ("2026-11-18", 409, "no_punch_point"),  # no shift
        ("2026-11-22", 201, None),  # no shift yet
        ("2026-11-23", 201, None),
        ("2026-11-24", 201, None),
        ("2026-11-25", 422, "in_the_future"),
        ("2026-12-24", 422, "in_the_future"),
        ("2099-12-31", 422, "in_the_future"),
    ],
)
async def test_a_punch_needs_a_shift_and_silences_no_future_day(
    workplace: Workplace, day: str, status: int, code: str | None
) -> None:
    rest = await workplace.alice.post("/api/v1/shifts", {"name": "休", "code": "休", "periods": [], "is_rest": True})
    await workplace.alice.put(
        "/api/v1/roster",
        {"assignments": [{"user_id": workplace.bob.id, "date": "2026-11-19", "shift_id": rest["id"]}]},
    )
    shift = await workplace.alice.post("/api/v1/shifts", EARLY)
    for worked in ("2026-11-20", "2026-12-24"):
        cell = {"user_id": workplace.bob.id, "date": worked, "shift_id": shift["id"]}
        await workplace.alice.put("/api/v1/roster", {"assignments": [cell]})
    answer = await workplace.bob.http.post("/api/v1/punches", json={"kind": "clock_in", "work_date": day})
    assert (answer.status_code, answer.json().get("code")) == (status, code)


async def test_a_punch_near_nothing_needs_its_work_date(workplace: Workplace) -> None:
    answer = await workplace.bob.http.post("/api/v1/punches", json={"kind": "clock_in"})
    assert (answer.status_code, answer.json()["code"]) == (409, "no_punch_point")


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"at": "2026-11-23T08:00:00"}, "timezone_missing"),
        ({"at": "2026-11-23T08:06:00+08:00"}, "in_the_future"),
        ({"at": "9999-12-31T23:59:59-12:00"}, "in_the_future"),
        ({"at": "0001-01-01T00:00:00+14:00"}, "too_long_ago"),
        ({"at": "0001-01-01T00:00:00Z"}, "too_long_ago"),
        ({"at": "yesterday"}, "invalid_input"),
        ({"work_date": "1999-12-31"}, "invalid_input"),
        ({"work_date": "2026-02-30"}, "invalid_input"),
        ({"source": "a b"}, "invalid_input"),
        ({"source": "x\x00"}, "invalid_input"),
        ({"user_id": 10**20}, "invalid_input"),
        ({"kind": "lunch"}, "invalid_input"),
    ],
    ids=str,
)
async def test_a_punch_that_makes_no_sense_is_refused(workplace: Workplace, wrong: dict, code: str) -> None:
    answer = await workplace.bob.http.post("/api/v1/punches", json={"kind": "clock_in", **wrong})
    assert (answer.status_code, answer.json()["code"]) == (422, code)
    assert (await workplace.bob.get("/api/v1/punches"))["items"] == []


async def test_planners_tell_punches_of_their_people_and_nobody_elses(workplace: Workplace, nagged: int) -> None:
    told = await workplace.alice.post("/api/v1/punches", {"kind": "clock_in", "user_id": workplace.bob.id})
    assert told["user_id"] == workplace.bob.id
    answer = await workplace.charlie.http.post(
        "/api/v1/punches", json={"kind": "clock_in", "user_id": workplace.bob.id}
    )
    assert answer.status_code in (403, 404)
    assert (await workplace.charlie.get("/api/v1/punches"))["items"] == []


async def test_the_log_shows_what_went_out_to_whom(workplace: Workplace, nagged: int) -> None:
    (delivery,) = await log_of(workplace.bob, reminder_id=nagged)
    assert delivery["people"] == [{"user_id": workplace.bob.id, "name": "Bob", "reminder_id": nagged}]
    assert [attempt["outcome"] for attempt in delivery["attempts"]] == ["done"]


# --- at the same moment -----------------------------------------------------------------------------------------------


async def _waits_for_planning(workplace: Workplace) -> bool:
    async with workplace.database.read() as session:
        asked = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
        return bool((await execute(session, sa.text(asked))).scalar())


@pytest.mark.parametrize("by_link", [False, True])
async def test_skipping_while_somebody_plans_waits_and_does_not_deadlock(
    workplace: Workplace, nagged: int, by_link: bool
) -> None:
    if workplace.database.is_sqlite:
        pytest.skip("SQLite has one writer")

    path = await path_of_link(workplace, nagged, ends_at=clock.now() + timedelta(hours=1))

    async def skipping() -> int:
        if not by_link:
            return (await workplace.bob.http.post(f"/api/v1/reminders/{nagged}/skip")).status_code
        return (await workplace.anonymous.post(path, data={"action": "skip"})).status_code

    async with workplace.database.write() as session:
        await advisory_lock(session, planner.PLANNING_LOCK)
        skipped = asyncio.create_task(skipping())
        await eventually(lambda: _waits_for_planning(workplace))
        await planner.plan(session, user_ids=[workplace.bob.id])
    assert await skipped == (303 if by_link else 200)
    assert (await reminder_of(workplace.bob))["status"] == "skipped"
