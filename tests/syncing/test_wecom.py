"""A team's roster and people read from WeCom: what is written, what stays, and what it costs."""

from collections.abc import AsyncIterator

import pytest
from sqlmodel import select

from conftest import Clock, Workplace, WorkplaceMaker
from daka.identity.models import Role, User
from daka.reminders.models import Reminder
from fakes.server import FakeResponse
from fakes.wecom_attendance import FakeWecomAttendance, rule, week
from scenes import assign, beside, reminders_of
from syncing.conftest import DATES
from syncing.test_pulls import cells_of, pull

HOUR = 3600
NINE_TO_SIX = (9 * HOUR, 18 * HOUR)
FIVE = [1, 2, 3, 4, 5]


Office = tuple[Workplace, FakeWecomAttendance, str]


@pytest.fixture
async def office(make_workplace: WorkplaceMaker) -> AsyncIterator[Office]:
    """Bob works by shift: days from Monday to Friday, and the night of the first Tuesday."""
    async with beside(FakeWecomAttendance(), "wecom", make_workplace) as (workplace, fake):
        fake.mobiles["13800000001"] = "Bob"
        fake.rules["Bob"] = rule(2, "倒班")
        for day in DATES:
            if day.weekday() < 5:
                fake.schedule("Bob", day, 221, "行政班", NINE_TO_SIX)
            else:
                fake.schedule("Bob", day, 0)
        fake.schedule("Bob", DATES[1], 222, "大夜班", (22 * HOUR, 30 * HOUR))
        config = {"corp_id": fake.corp_id, "corp_secret": fake.corp_secret}
        body = {"name": "企业微信", "kind": "wecom_attendance", "team_id": workplace.team_a, "config": config}
        source = await workplace.alice.post("/api/v1/punch-sources", body)
        yield workplace, fake, f"/api/v1/punch-sources/{source['id']}/roster"


FORTNIGHT = ["行政班", "大夜班", *["行政班"] * 3, None, None, *["行政班"] * 5, None, None]


async def test_a_schedule_becomes_reminders_and_a_second_pull_writes_nothing(frozen: Clock, office: Office) -> None:
    workplace, _, path = office
    seen = await workplace.alice.post(f"{path}/preview", {})
    assert (seen["outcome"], seen["people"], seen["shifts"]) == ("ok", 1, ["大夜班", "行政班"])
    assert (seen["changed"], seen["leaves"]) == (10, 0)
    assert await cells_of(workplace) == [None] * 14

    assert (await pull(workplace, path))["changed"] == 10
    assert await cells_of(workplace) == FORTNIGHT
    async with workplace.database.read() as session:
        night = await session.exec(select(Reminder).where(Reminder.work_date == DATES[1]))
        assert {(each.kind.value, f"{each.point_at:%d %H:%M}") for each in night} == {
            ("clock_in", "24 14:00"),
            ("clock_out", "24 22:00"),  # 06:00 on Wednesday, of Tuesday's work date
        }
    async with workplace.database.read() as session:
        before = {row.id: row.model_dump() for row in await session.exec(select(Reminder))}
    again = await pull(workplace, path)
    assert (again["changed"], again["calls"]) == (0, 2)  # the rules and the schedule; the userid is known
    async with workplace.database.read() as session:
        assert {row.id: row.model_dump() for row in await session.exec(select(Reminder))} == before
    assert len((await workplace.root.get("/api/v1/audit", action="roster.synced"))["items"]) == 1


async def test_fixed_hours_are_computed_and_who_need_not_clock_out_is_not_reminded_of_it(
    frozen: Clock, office: Office
) -> None:
    workplace, fake, path = office
    fake.rules["Bob"] = rule(1, "办公室", week(FIVE, NINE_TO_SIX, noneed_offwork=True))
    assert (await pull(workplace, path))["outcome"] == "ok"
    assert await cells_of(workplace) == [*["办公室"] * 5, None, None] * 2
    assert {each["kind"] for each in await reminders_of(workplace.bob)} == {"clock_in"}

    fake.rules["Bob"] = rule(1, "办公室", week(FIVE, NINE_TO_SIX))
    assert (await pull(workplace, path))["changed"] == 10
    assert {each["kind"] for each in await reminders_of(workplace.bob)} == {"clock_in", "clock_out"}
    shifts = (await workplace.alice.get("/api/v1/shifts"))["items"]
    assert sorted((each["name"], each["asks_clock_out"]) for each in shifts) == [
        ("办公室", False),
        ("办公室 09:00–18:00", True),
    ]


async def test_a_holiday_that_was_set_here_counts_where_the_rule_follows_holidays(
    frozen: Clock, office: Office
) -> None:
    workplace, fake, path = office
    days = {str(DATES[1]): {"kind": "holiday", "name": "厂庆"}}
    await workplace.root.put("/api/v1/calendar/2026", {"days": days})
    fake.rules["Bob"] = rule(1, "办公室", week(FIVE, NINE_TO_SIX), sync_holidays=True)
    await pull(workplace, path)
    assert (await cells_of(workplace))[:3] == ["办公室", None, "办公室"]


async def test_free_hours_plan_nothing(frozen: Clock, office: Office) -> None:
    workplace, fake, path = office
    alice = f"/api/v1/users/{workplace.alice.id}"
    await workplace.root.patch(alice, {"wecom_userid": "alice"})
    fake.rules["alice"] = rule(3, "自由", week(FIVE, NINE_TO_SIX))
    read = await pull(workplace, path)
    assert (read["people"], read["without_schedule"]) == (1, ["Alice"])


async def test_a_planners_cell_stays(frozen: Clock, office: Office) -> None:
    workplace, fake, path = office
    await pull(workplace, path)
    await assign(workplace, None, workplace.bob, on=DATES[2])
    fake.schedule("Bob", DATES[3], 0)
    read = await pull(workplace, path)
    assert (read["changed"], read["kept"]) == (1, 1)
    assert (await cells_of(workplace))[:5] == ["行政班", "大夜班", None, None, "行政班"]


FAULTS: dict[str, str] = {
    "not allowed": "failed",
    "address": "failed",
    "too many calls": "failed",
    "no rules": "failed",
    "no schedules": "failed",
    "rules nobody understands": "ok",
    "most are gone": "stale",
}


@pytest.mark.parametrize("fault", FAULTS)
async def test_nothing_is_deleted_on_doubt(frozen: Clock, fault: str, office: Office) -> None:
    workplace, fake, path = office
    await pull(workplace, path)
    match fault:
        case "not allowed":
            fake.may_call = False
        case "address":
            fake.is_trusted = False
        case "too many calls":
            fake.next = [FakeResponse({"errcode": 45009, "errmsg": "api freq out of limit"})]
        case "no rules":
            fake.rules.clear()
        case "no schedules":
            fake.schedules.clear()
        case "rules nobody understands":
            fake.rules["Bob"] = {"grouptype": 9}
        case "most are gone":
            fake.schedules = {key: found for key, found in fake.schedules.items() if key[1] < DATES[7]}
    read = await pull(workplace, path)
    assert await cells_of(workplace) == FORTNIGHT
    state = (await workplace.alice.get(path))["source"]
    assert state["status"] == FAULTS[fault]
    if fault == "rules nobody understands":
        assert read["unclear"] == 14
    else:
        assert read["outcome"] != "ok"
        assert state["remedy"]["zh"]
    if fault == "address":
        assert "192.0.2.1" in state["remedy"]["en"]


async def test_one_person_outside_the_range_does_not_spoil_the_others(frozen: Clock, office: Office) -> None:
    workplace, fake, path = office
    await workplace.root.patch(f"/api/v1/users/{workplace.alice.id}", {"wecom_userid": "alice"})
    fake.outside_range.add("alice")
    read = await pull(workplace, path)
    assert (read["outcome"], read["people"], read["not_found"]) == ("ok", 1, ["Alice"])


async def test_calls_of_300_people(frozen: Clock, office: Office) -> None:
    workplace, fake, path = office
    async with workplace.database.write() as session:
        for number in range(299):
            name = f"p{number}"
            user = User(username=name, display_name=name, password_hash="", role=Role.MEMBER)
            user.team_id, user.wecom_userid = workplace.team_a, name
            session.add(user)
    for number in range(299):
        fake.rules[f"p{number}"] = rule(2, "倒班")
        for day in DATES:
            fake.schedule(f"p{number}", day, 221, "行政班", NINE_TO_SIX)
    first = await pull(workplace, path)
    again = await pull(workplace, path)
    print(f"300 people × 14 days: {first['calls']} calls, then {again['calls']}")
    assert (first["people"], first["calls"], again["calls"], again["changed"]) == (300, 8, 6, 0)
    assert max(fake.calls.values()) <= 60


# --- people ----------------------------------------------------------------------------------------------------------


async def test_departments_become_teams(frozen: Clock, office: Office) -> None:
    """The app sees one department and the one below it, and people's names but not their numbers."""
    workplace, fake, path = office
    fake.departments = [{"id": 12, "name": "二组", "parentid": 3}, {"id": 3, "name": "车间", "parentid": 1}]
    fake.members = {
        3: [{"userid": "wang", "name": "王波", "department": [3]}],
        12: [{"userid": "li", "name": "李强", "department": [12]}, {"userid": "zhao", "department": [12]}],
    }
    people = path.replace("/roster", "/people")
    seen = await workplace.root.post(f"{people}/preview", {})
    assert [(each["name"], each["depth"], each["people"]) for each in seen["departments"]] == [
        ("", 0, 3),
        ("车间", 1, 3),
        ("二组", 2, 2),
    ]
    order = {"departments": [{"department_id": "3", "team_id": workplace.team_a}]}
    added = await workplace.root.post(people, order)
    assert (added["outcome"], added["added"]) == ("ok", 3)
    users = (await workplace.root.get("/api/v1/users", limit=100))["items"]
    assert {each["display_name"]: each["wecom_userid"] for each in users if each["wecom_userid"]} == {
        "王波": "wang",
        "李强": "li",
        "zhao": "zhao",
    }


@pytest.mark.parametrize("fault", ["", "address", "not allowed", "nobody is visible"])
async def test_each_permission_is_tried(frozen: Clock, fault: str, office: Office) -> None:
    workplace, fake, path = office
    fake.departments = [{"id": 3, "name": "车间", "parentid": 1}]
    fake.members = {3: [{"userid": "Bob", "name": "Bob"}]}
    if fault == "nobody is visible":
        fake.departments = []
    fake.is_trusted, fake.may_call = fault != "address", fault != "not allowed"
    found = (await workplace.alice.post(path.replace("/roster", "/permissions"), {}))["permissions"]
    states = [(each["name"], each["state"]) for each in found]
    if fault == "address":
        assert states == [("", "missing")]
        assert "192.0.2.1" in found[0]["remedy"]["zh"]
    else:
        attendance = "missing" if fault == "not allowed" else "ok"
        assert states == [("可见范围", "ok"), ("打卡 › 可调用接口的应用", attendance)]
