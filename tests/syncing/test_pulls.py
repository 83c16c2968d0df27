"""A team's roster read from DingTalk attendance: what is written, what stays, and what it costs."""

from datetime import datetime
from typing import Any

import pytest
from sqlmodel import select

from conftest import Clock, Workplace
from daka.delivery.models import Delivery
from daka.doctor.stored import roster_findings
from daka.identity.models import Role, User
from daka.outbound.quota import BEIJING, forecast
from daka.reminders.models import Reminder
from daka.roster.models import RosterChange
from daka.syncing.comparison import AskedTeam
from daka.syncing.models import RosterSource
from daka.syncing.pulls import RosterPuller
from scenes import EARLY, assign, new_shift, reminder_of, reminders_of, shanghai
from syncing.conftest import DATES, Synced

PULL: dict[str, Any] = {"accepts_gone": False}


async def pull(workplace: Workplace, path: str, **order: Any) -> dict[str, Any]:
    found: dict[str, Any] = await workplace.alice.post(f"{path}/pull", {**PULL, **order})
    return found


async def cells_of(workplace: Workplace) -> list[str | None]:
    """Bob's shifts of the fortnight by name."""
    span = {"from": str(DATES[0]), "to": str(DATES[-1]), "team_id": workplace.team_a}
    roster = await workplace.alice.get("/api/v1/roster", **span)
    names = {shift["id"]: shift["name"] for shift in (await workplace.alice.get("/api/v1/shifts"))["items"]}
    row = next(row for row in roster["users"] if row["display_name"] == "Bob")
    return [names.get(shift_id) for shift_id in row["shift_ids"]]


WEEK = ["行政班"] * 5
FORTNIGHT = [*WEEK, "大夜班", None, *WEEK, None, None]


async def test_a_preview_writes_nothing_and_a_pull_plans_the_reminders(frozen: Clock, synced: Synced) -> None:
    workplace, _, path = synced
    read = await workplace.alice.post(f"{path}/preview", {})
    assert (read["outcome"], read["people"], read["shifts"], read["days"]) == ("ok", 1, ["大夜班", "行政班"], 14)
    assert (read["changed"], read["replaced"], read["unclear"]) == (11, 0, 0)
    assert await cells_of(workplace) == [None] * 14
    assert (await workplace.alice.get(path))["source"] is None

    assert (await pull(workplace, path))["changed"] == 11
    assert await cells_of(workplace) == FORTNIGHT
    at = (await reminder_of(workplace.bob))["point_at"]
    assert at.startswith("2026-11-23T01:00")  # 09:00 in Shanghai
    entries = await workplace.root.get("/api/v1/audit", action="roster.synced")
    assert [entry["after"] for entry in entries["items"]] == [{"cells": 11}]


async def test_twice_is_once_and_what_did_not_change_is_not_written(frozen: Clock, synced: Synced) -> None:
    workplace, _, path = synced
    await pull(workplace, path)
    async with workplace.database.read() as session:
        before = {row.id: row.model_dump() for row in await session.exec(select(Reminder))}
    again = await pull(workplace, path)
    assert (again["changed"], again["calls"]) == (
        0,
        3,
    )  # two weeks and the leave; the shifts and the manager are known
    async with workplace.database.read() as session:
        assert {row.id: row.model_dump() for row in await session.exec(select(Reminder))} == before
    assert len((await workplace.root.get("/api/v1/audit", action="roster.synced"))["items"]) == 1


async def test_a_planners_cell_stays_and_others_follow(frozen: Clock, synced: Synced) -> None:
    workplace, fake, path = synced
    await pull(workplace, path)
    await assign(workplace, None, workplace.bob, on=DATES[1])
    fake.schedule("u-bob", DATES[2], 501, ("13:00", "18:00"))  # half a day's leave moves a point
    fake.schedule("u-bob", DATES[3], 0)
    read = await pull(workplace, path)
    assert (read["changed"], read["kept"]) == (2, 1)
    assert (await cells_of(workplace))[:5] == ["行政班", None, "行政班 13:00–18:00", None, "行政班"]
    state = (await workplace.alice.get(path))["source"]
    assert (state["status"], state["changed"], state["kept"]) == ("ok", 2, 1)


@pytest.mark.parametrize("other", ["has it already", "has the same number"])
async def test_an_id_that_a_number_leads_to_is_not_given_to_a_second_person(
    frozen: Clock, other: str, synced: Synced
) -> None:
    workplace, fake, path = synced
    alice, bob = f"/api/v1/users/{workplace.alice.id}", f"/api/v1/users/{workplace.bob.id}"
    mobile = (await workplace.root.get(bob))["mobile"]
    if other == "has it already":
        await workplace.root.patch(bob, {"dingtalk_userid": "u-bob", "mobile": None})
    await workplace.root.patch(alice, {"mobile": mobile, "dingtalk_userid": None})
    fake.schedule("u-alice", DATES[0], 0)
    read = await pull(workplace, path)
    async with workplace.database.read() as session:
        assert (await session.get_one(User, workplace.alice.id)).dingtalk_userid is None
    if other == "has it already":
        assert "Alice" in read["not_found"]
        assert await cells_of(workplace) == FORTNIGHT
    else:  # nobody knows whose it is
        assert read["outcome"] == "broken"
        assert await cells_of(workplace) == [None] * 14


async def test_cells_follow_again_when_somebody_comes_back_to_the_team(frozen: Clock, synced: Synced) -> None:
    workplace, _, path = synced
    await pull(workplace, path)
    for team_id in (workplace.team_c, workplace.team_a):  # by mistake, and back before the next pull
        await workplace.root.patch(f"/api/v1/users/{workplace.bob.id}", {"team_id": team_id})
    assert await cells_of(workplace) == [FORTNIGHT[0], *[None] * 13]
    read = await pull(workplace, path)
    assert (read["changed"], read["kept"]) == (10, 0)
    assert await cells_of(workplace) == FORTNIGHT


async def test_an_equal_shift_is_used_and_the_first_pull_replaces(frozen: Clock, synced: Synced) -> None:
    workplace, _, path = synced
    mine = {"name": "白班", "code": "白", "periods": [{"start": "09:00", "end": "18:00"}]}
    await new_shift(workplace.alice, mine)
    other = await new_shift(workplace.alice, EARLY)
    await assign(workplace, other, workplace.bob)
    read = await workplace.alice.post(f"{path}/preview", {})
    assert read["replaced"] == 1
    await pull(workplace, path)
    assert await cells_of(workplace) == [name and name.replace("行政班", "白班") for name in FORTNIGHT]


async def test_moved_times_are_one_variant_that_goes_when_nobody_has_it(frozen: Clock, synced: Synced) -> None:
    workplace, fake, path = synced
    fake.mobiles["13800000002"] = "u-dan"
    await workplace.add_person("Dan", team_id=workplace.team_a, mobile="13800000002")
    fake.schedule("u-bob", DATES[0], 501, ("13:00", "18:00"))  # the very first day is moved
    fake.schedule("u-dan", DATES[1], 501, ("13:00", "18:00"))
    fake.schedule("u-dan", DATES[2], 501, ("09:00", "18:00"))
    await pull(workplace, path)
    shifts = (await workplace.alice.get("/api/v1/shifts"))["items"]
    assert {shift["name"]: shift["is_variant"] for shift in shifts} == {
        "行政班": False,
        "大夜班": False,
        "行政班 13:00–18:00": True,
    }
    assert (await cells_of(workplace))[:2] == ["行政班 13:00–18:00", "行政班"]
    fake.schedule("u-bob", DATES[0], 501, ("09:00", "18:00"))
    fake.schedule("u-dan", DATES[1], 501, ("09:00", "18:00"))
    await pull(workplace, path)
    shifts = (await workplace.alice.get("/api/v1/shifts"))["items"]
    assert not any(shift["is_variant"] for shift in shifts)
    assert (await cells_of(workplace))[0] == "行政班"


@pytest.mark.parametrize(
    ("permit_minutes", "start"), [("60", "02:00"), (30, "01:30"), (10, "01:00"), (-1, "01:00"), (True, "01:00")]
)
async def test_a_flexible_shift_is_reminded_of_its_latest_moment(
    frozen: Clock, permit_minutes: Any, start: str, synced: Synced
) -> None:
    workplace, fake, path = synced
    fake.shift(501, "弹性班", permit_minutes=permit_minutes)
    await pull(workplace, path)
    assert (await reminder_of(workplace.bob))["point_at"].startswith(f"2026-11-23T{start}")


async def test_a_pull_is_undone_as_one_action_and_its_cells_are_marked(frozen: Clock, synced: Synced) -> None:
    workplace, fake, path = synced
    shown = await workplace.alice.get("/api/v1/roster/synced", team_id=workplace.team_a)
    assert (shown["source"], shown["cells"]) == (None, [])
    await pull(workplace, path)
    shown = await workplace.alice.get("/api/v1/roster/synced", team_id=workplace.team_a)
    assert (len(shown["cells"]), shown["source"]["changed"]) == (11, 11)
    fake.schedule("u-bob", DATES[0], 0)
    frozen.set(shanghai("12:55"))
    await workplace.app.state.roster_puller.pull_due()  # by itself
    actions = (await workplace.alice.get("/api/v1/roster/actions"))["items"]
    assert [(each["kind"], each["cells"]) for each in actions] == [("pulled", 1), ("pulled", 11)]
    await workplace.alice.post(f"/api/v1/roster/actions/{actions[0]['id']}/undo", {})
    assert (await cells_of(workplace))[0] == "行政班"
    await pull(workplace, path)  # what a planner took back stays so
    assert (await cells_of(workplace))[0] == "行政班"
    shown = await workplace.alice.get("/api/v1/roster/synced", team_id=workplace.team_a)
    assert (len(shown["cells"]), shown["source"]["kept"]) == (10, 1)


@pytest.mark.parametrize("fault", ["permission", "most are gone"])
async def test_planners_are_told_once_when_a_pull_no_longer_works(frozen: Clock, fault: str, synced: Synced) -> None:
    workplace, fake, path = synced
    await pull(workplace, path)
    if fault == "permission":
        fake.lacking.add("qyapi_attendance_group_read")
    else:
        fake.scheduled = {key: found for key, found in fake.scheduled.items() if key[1] < DATES[7]}
    for moment in ("12:55", "13:10"):
        frozen.set(shanghai(moment))
        async with workplace.database.write() as session:
            for row in await session.exec(select(RosterSource)):
                row.next_at = frozen.now
                session.add(row)
        await workplace.app.state.roster_puller.pull_due()
    (trouble,) = (await workplace.alice.get("/api/v1/dashboard"))["team"]["broken_rosters"]
    assert (trouble["team_name"], bool(trouble["remedy"]["zh"]), trouble["is_late"]) == ("Team A", True, False)
    async with workplace.database.read() as session:
        found = [each async for each in roster_findings(session)]
    assert [(each.check, each.level.value) for each in found] == [("rosters", "warning"), ("calls", "ok")]
    async with workplace.database.read() as session:
        told = [
            delivery for delivery in await session.exec(select(Delivery)) if "没有从钉钉同步" in str(delivery.message)
        ]
    assert len(told) == 1


async def test_a_pull_that_no_worker_made_is_late(frozen: Clock, synced: Synced) -> None:
    workplace, _, path = synced
    await pull(workplace, path)
    assert (await workplace.alice.get("/api/v1/dashboard"))["team"]["broken_rosters"] == []
    frozen.set(shanghai("15:30"))
    (trouble,) = (await workplace.alice.get("/api/v1/dashboard"))["team"]["broken_rosters"]
    assert trouble["is_late"]


@pytest.mark.parametrize(
    ("now", "calls", "expected"),
    [
        ("2026-11-01T12:00", 9, 9),
        ("2026-11-16T00:00", 100, 200),
        ("2026-11-30T23:59", 300, 300),
        ("2026-02-15T00:00", 0, 0),
    ],
)
def test_calls_of_the_month_are_foreseen(now: str, calls: int, expected: int) -> None:
    assert forecast(calls, datetime.fromisoformat(now).replace(tzinfo=BEIJING)) == expected


@pytest.mark.parametrize("fault", ["quota", "empty", "permission", "most are gone"])
async def test_nothing_is_deleted_on_doubt(frozen: Clock, fault: str, synced: Synced) -> None:
    workplace, fake, path = synced
    await pull(workplace, path)
    kept = dict(fake.scheduled)
    match fault:
        case "quota":
            fake.calls_allowed = fake.calls
        case "empty":
            fake.scheduled.clear()
        case "permission":
            fake.strangers.add("u-bob")
        case "most are gone":
            fake.scheduled = {key: found for key, found in kept.items() if key[1] < DATES[7]}
    read = await pull(workplace, path)
    assert read["outcome"] != "ok"
    assert await cells_of(workplace) == FORTNIGHT
    state = (await workplace.alice.get(path))["source"]
    assert state["status"] == ("stale" if fault == "most are gone" else "failed")
    assert state["remedy"]["zh"]
    if fault == "most are gone":
        assert (await pull(workplace, path, accepts_gone=True))["gone"] == 5
        assert await cells_of(workplace) == [*FORTNIGHT[:7], *[None] * 7]


async def test_a_person_of_whom_no_day_is_left_keeps_theirs_and_is_named(frozen: Clock, synced: Synced) -> None:
    workplace, fake, path = synced
    people = await workplace.add_people(4, team_id=workplace.team_a)
    for number, person in enumerate(people):
        mobile = f"1390000000{number}"
        await workplace.root.patch(f"/api/v1/users/{person.id}", {"mobile": mobile})
        fake.mobiles[mobile] = f"u-{number}"
        for day in DATES[:12]:
            fake.schedule(f"u-{number}", day, 501, ("09:00", "18:00"))
    await pull(workplace, path)
    whole = dict(fake.scheduled)
    fake.scheduled = {key: found for key, found in whole.items() if key[0] != "u-bob"}
    fake.schedule("u-0", DATES[0], 0)
    frozen.set(shanghai("12:55"))
    await workplace.app.state.roster_puller.pull_due()
    assert await cells_of(workplace) == FORTNIGHT
    state = (await workplace.alice.get(path))["source"]
    assert (state["status"], state["reason"], state["changed"]) == ("stale", "Bob", 1)
    async with workplace.database.read() as session:
        told = [str(each.message) for each in await session.exec(select(Delivery))]
    assert sum("一天排班都没有了" in each for each in told) == 1

    read = await workplace.alice.post(f"{path}/preview", {})
    assert (read["outcome"], read["vanished"], read["gone"], read["replaced"]) == ("stale", ["Bob"], 11, 0)
    await pull(workplace, path, accepts_gone=True)
    assert await cells_of(workplace) == [None] * 14
    assert (await workplace.alice.get(path))["source"]["status"] == "ok"


async def test_a_free_shift_is_not_reminded_and_a_partly_free_one_is_not_guessed(frozen: Clock, synced: Synced) -> None:
    workplace, fake, path = synced
    fake.shift(501, "免打卡", "true", True)
    fake.shift(502, "大夜班", True, "false")
    read = await pull(workplace, path)
    assert (read["changed"], read["unclear"], read["shifts"]) == (0, 1, [])
    assert await reminders_of(workplace.bob) == []


async def test_a_shift_whose_clock_out_is_free_reminds_of_clocking_in(frozen: Clock, synced: Synced) -> None:
    workplace, fake, path = synced
    fake.shift(501, "行政班", False, "true")
    assert (await pull(workplace, path))["unclear"] == 0
    assert {each["kind"] for each in await reminders_of(workplace.bob)} == {"clock_in"}


async def test_a_pull_runs_by_itself_twice_a_day(frozen: Clock, synced: Synced) -> None:
    workplace, fake, path = synced
    await pull(workplace, path)
    puller: RosterPuller = workplace.app.state.roster_puller
    calls = fake.calls
    await puller.pull_due()
    assert fake.calls == calls
    frozen.set(shanghai("12:55"))
    fake.schedule("u-bob", DATES[4], 0)
    await puller.pull_due()
    await puller.pull_due()
    assert fake.calls == calls + 3
    assert (await cells_of(workplace))[4] is None
    await workplace.alice.delete(path)
    frozen.set(shanghai("23:55"))
    await puller.pull_due()
    assert fake.calls == calls + 3


async def test_calls_of_300_people(frozen: Clock, synced: Synced) -> None:
    workplace, fake, path = synced
    async with workplace.database.write() as session:
        for number in range(299):
            name = f"p{number}"
            user = User(username=name, display_name=name, password_hash="", role=Role.MEMBER)
            user.team_id, user.dingtalk_userid = workplace.team_a, f"u-{name}"
            session.add(user)
    for number in range(299):
        for day in DATES:
            fake.schedule(f"u-p{number}", day, 501, ("09:00", "18:00"))
    first = await pull(workplace, path)
    again = await pull(workplace, path)
    print(f"300 people × 14 days: {first['calls']} calls, then {again['calls']}")
    assert (first["people"], first["calls"], again["calls"]) == (300, 18, 15)
    assert (await workplace.alice.get(path.removesuffix("/roster")))["calls_this_month"] == 33


@pytest.mark.parametrize("change", ["moved", "deleted", "deactivated", "another userid", "source removed"])
async def test_what_changed_while_the_vendor_was_asked_counts(
    frozen: Clock, monkeypatch: pytest.MonkeyPatch, change: str, synced: Synced
) -> None:
    workplace, fake, path = synced
    puller: RosterPuller = workplace.app.state.roster_puller
    await pull(workplace, path)
    fake.schedule("u-bob", DATES[0], 0)
    bob = f"/api/v1/users/{workplace.bob.id}"
    read = puller._read

    async def read_slowly(*asked: Any) -> AskedTeam:
        answer = await read(*asked)
        match change:
            case "moved":
                await workplace.root.patch(bob, {"team_id": workplace.team_c})
            case "deleted":
                await workplace.root.delete(bob)
            case "deactivated":
                await workplace.root.patch(bob, {"is_active": False})
            case "another userid":
                await workplace.root.patch(bob, {"dingtalk_userid": "u-other"})
            case "source removed":
                await workplace.alice.delete(path.removesuffix("/roster"))
        return answer

    monkeypatch.setattr(puller, "_read", read_slowly)
    async with workplace.database.read() as session:
        before = len(list(await session.exec(select(RosterChange))))
    frozen.set(shanghai("12:55"))
    await puller.pull_due()
    async with workplace.database.read() as session:
        rows = list(await session.exec(select(RosterChange)))[before:]
    assert [row for row in rows if row.changed_by is None] == []
    audited = await workplace.root.get("/api/v1/audit", action="roster.synced")
    assert len(audited["items"]) == 1  # the first pull


async def test_of_two_accounts_with_the_same_id_neither_is_read(frozen: Clock, synced: Synced) -> None:
    workplace, fake, path = synced
    await pull(workplace, path)
    twin = await workplace.add_person("Twin", team_id=workplace.team_a, dingtalk_userid="U-BOB")
    fake.scheduled.clear()
    fake.schedule("u-bob", DATES[0], 0)
    fake.mobiles["13900000009"] = "u-cleo"
    await workplace.add_person("Cleo", team_id=workplace.team_a, mobile="13900000009")
    fake.schedule("u-cleo", DATES[0], 501, ("09:00", "18:00"))
    read = await pull(workplace, path)
    assert (read["same_ids"], read["people"], read["gone"]) == (["Bob", "Twin"], 1, 0)
    assert "Bob" not in read["not_found"]
    assert await cells_of(workplace) == FORTNIGHT
    await workplace.root.patch(f"/api/v1/users/{twin.id}", {"dingtalk_userid": None})
    read = await pull(workplace, path, accepts_gone=True)
    assert (read["same_ids"], read["people"]) == ([], 2)
    assert (await cells_of(workplace))[1:] == [None] * 13


async def test_a_pull_that_fails_unexpectedly_does_not_stop_the_others(
    frozen: Clock, monkeypatch: pytest.MonkeyPatch, synced: Synced
) -> None:
    workplace, fake, path = synced
    config = {"app_key": fake.app_key, "app_secret": fake.app_secret}
    other = {"name": "钉钉", "kind": "dingtalk_attendance", "team_id": workplace.team_c, "config": config}
    source = await workplace.root.post("/api/v1/punch-sources", other)
    await workplace.add_person("Cleo", team_id=workplace.team_c, dingtalk_userid="u-bob")
    await pull(workplace, path)
    second = f"/api/v1/punch-sources/{source['id']}/roster"
    await workplace.root.post(f"{second}/pull", PULL)
    puller: RosterPuller = workplace.app.state.roster_puller
    read = puller._read

    async def read_or_fail(source_id: int, *asked: Any) -> AskedTeam:
        if source_id != source["id"]:
            raise RuntimeError("a bug")
        return await read(source_id, *asked)

    monkeypatch.setattr(puller, "_read", read_or_fail)
    frozen.set(shanghai("13:10"))
    await puller.pull_due()
    assert (await workplace.root.get(path))["source"]["status"] == "failed"
    state = (await workplace.root.get(second))["source"]
    assert (state["status"], state["pulled_at"]) == ("ok", "2026-11-23T05:10:00Z")
