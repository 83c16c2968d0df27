"""A team's roster, leave and people read from Feishu: what is written, what stays, and what it costs."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlmodel import select

from conftest import TODAY, Clock, Workplace, WorkplaceMaker
from daka.identity.models import Role, User
from daka.reminders.models import Reminder
from daka.roster.requests.models import Absence
from daka.syncing.feishu_rows import (
    FeishuGroup,
    ScheduleRow,
    planned_days,
    read_group,
    read_leaves,
    read_people,
    read_schedules,
    read_shift,
)
from daka.syncing.reading import PlannedDay
from fakes.feishu_attendance import FakeFeishuAttendance
from fakes.feishu_company import furnish
from scenes import assign, beside, reminder_of, reminders_of, shanghai
from syncing.conftest import DATES
from syncing.test_pulls import FORTNIGHT, cells_of, pull

DAY = date(2026, 1, 5)
SHANGHAI, BERLIN = ZoneInfo("Asia/Shanghai"), ZoneInfo("Europe/Berlin")


def rule(start: Any = "9:00", end: Any = "18:00", **values: Any) -> dict[str, Any]:
    return {"on_time": start, "off_time": end, "no_need_on": False, "no_need_off": False, **values}


def one_day(
    shift: dict[str, Any] | None,
    *,
    group: FeishuGroup | None = FeishuGroup(SHANGHAI, is_free=False),
    zone: ZoneInfo = SHANGHAI,
    shift_id: str = "501",
    group_id: str = "11",
    day: date = DAY,
) -> dict[date, PlannedDay | None]:
    said = {"shift_name": "班", "day_type": 1, **shift} if shift is not None else {}
    row = ScheduleRow("u1", day, group_id, shift_id)
    around = day - timedelta(days=2), day + timedelta(days=2)
    days, _ = planned_days([row], {group_id: group}, {shift_id: read_shift(said)}, zone, *around)
    return {work_date: found for (_, work_date), found in days.items()}


def times(*found: tuple[str, str], shift_id: str = "501", on: date = DAY) -> dict[date, PlannedDay | None]:
    return {on: PlannedDay(found, shift_id)}


SINGAPORE = FeishuGroup(ZoneInfo("Asia/Singapore"), is_free=False)
NEW_YORK = FeishuGroup(ZoneInfo("America/New_York"), is_free=False)
DAYS: dict[str, tuple[dict[date, PlannedDay | None], dict[date, PlannedDay | None]]] = {
    "a day": (one_day({"punch_time_rule": [rule()]}), times(("09:00", "18:00"))),
    "02:00 on the next day": (one_day({"punch_time_rule": [rule("18:00", "26:00")]}), times(("18:00", "02:00"))),
    "02:00, written plainly": (one_day({"punch_time_rule": [rule("18:00", "2:00")]}), times(("18:00", "02:00"))),
    "two sections": (
        one_day({"punch_time_rule": [rule("9:00", "12:00"), rule("14:00", "18:00")]}),
        times(("09:00", "12:00"), ("14:00", "18:00")),
    ),
    "a second section on the next day": (
        one_day({"punch_time_rule": [rule("20:00", "24:00"), rule("25:00", "29:00")]}),
        times(("20:00", "00:00"), ("01:00", "05:00")),
    ),
    "no punch needed, perhaps": (
        one_day({"punch_time_rule": [rule(no_need_on=True, no_need_off=True)]}),
        times(("09:00", "18:00")),
    ),
    "rest": (one_day(None, shift_id="0"), {DAY: PlannedDay()}),
    "a shift of a rest day": (one_day({"punch_time_rule": [rule()], "day_type": 2}), {DAY: PlannedDay()}),
    "not in a group": (one_day({"punch_time_rule": [rule()]}, group_id="1"), {}),
    "a free group": (one_day(None, group=FeishuGroup(SHANGHAI, is_free=True), shift_id="9"), {DAY: PlannedDay()}),
    "the default shift of a group": (one_day(None, shift_id="9"), {DAY: None}),
    "a shift that is gone": (one_day(None), {DAY: None}),
    "a group that is gone": (one_day({"punch_time_rule": [rule()]}, group=None), {DAY: None}),
    "a group without a zone": (
        one_day({"punch_time_rule": [rule()]}, group=FeishuGroup(None, is_free=False)),
        {DAY: None},
    ),
    "no time": (one_day({"punch_time_rule": [rule("soon")]}), {DAY: None}),
    "no section": (one_day({"punch_time_rule": []}), {DAY: None}),
    "more than a day": (one_day({"punch_time_rule": [rule("9:00", "34:00")]}), {DAY: None}),
    "another zone with the same time": (
        one_day({"punch_time_rule": [rule()]}, group=SINGAPORE),
        times(("09:00", "18:00"), shift_id="501 Asia/Singapore"),
    ),
    "another zone in winter": (
        one_day({"punch_time_rule": [rule()]}, zone=BERLIN),
        times(("02:00", "11:00"), shift_id="501 Asia/Shanghai"),
    ),
    "another zone in summer": (
        one_day({"punch_time_rule": [rule()]}, zone=BERLIN, day=date(2026, 7, 6)),
        times(("03:00", "12:00"), shift_id="501 Asia/Shanghai", on=date(2026, 7, 6)),
    ),
    "another zone, another date": (
        one_day({"punch_time_rule": [rule("13:00", "21:00")]}, group=NEW_YORK),
        times(("02:00", "10:00"), shift_id="501 America/New_York", on=DAY + timedelta(days=1)),
    ),
}


@pytest.mark.parametrize("case", DAYS)
def test_a_day(case: str) -> None:
    found, expected = DAYS[case]
    assert found == expected


def test_two_days_that_become_one_are_not_understood() -> None:
    rows = [ScheduleRow("u1", DAY, "11", "501"), ScheduleRow("u1", DAY, "11", "502")]
    shift = read_shift({"shift_name": "班", "punch_time_rule": [rule()]})
    groups = {"11": FeishuGroup(SHANGHAI, is_free=False)}
    days, _ = planned_days(rows, groups, {"501": shift, "502": shift}, SHANGHAI, DAY, DAY)
    assert days == {("u1", DAY): None}


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        pytest.param({}, [ScheduleRow("u1", DAY, "11", "501")], id="a row"),
        pytest.param(
            {"month": "202601", "day_no": "5", "shift_id": 0}, [ScheduleRow("u1", DAY, "11", "0")], id="spelling"
        ),
        pytest.param({"day_no": 32}, [], id="no day"),
        pytest.param({"month": 202613}, [], id="no month"),
        pytest.param({"user_id": None}, [], id="nobody"),
        pytest.param({"shift_id": None}, [ScheduleRow("u1", DAY, "11", "")], id="no shift"),
    ],
)
def test_schedules(row: dict[str, Any], expected: list[ScheduleRow]) -> None:
    there = {"user_id": "u1", "group_id": "11", "shift_id": "501", "month": 202601, "day_no": 5, **row}
    assert read_schedules({"user_daily_shifts": [there, "?"]}) == expected


def test_an_answer_without_a_list_is_none() -> None:
    with pytest.raises(ValueError, match="no list"):
        read_schedules({})
    with pytest.raises(ValueError, match="no list"):
        read_leaves({"user_approvals": None}, SHANGHAI)


@pytest.mark.parametrize(
    ("values", "minutes"),
    [
        pytest.param({"is_flexible": True, "flexible_minutes": 60}, 60, id="flexible"),
        pytest.param({"is_flexible": True, "flexible_minutes": 10}, 0, id="a tolerance"),
        pytest.param({"is_flexible": False, "flexible_minutes": 60}, 0, id="not flexible"),
        pytest.param(
            {"is_flexible": True, "flexible_minutes": 60, "flexible_rule": [{"flexible_late_minutes": 45}]},
            45,
            id="the newer rule",
        ),
    ],
)
def test_flexible_shifts(values: dict[str, Any], minutes: int) -> None:
    found = read_shift({"shift_name": "弹性", "punch_time_rule": [rule()], **values})
    assert found is not None
    assert found.definition.flexible_minutes == minutes


@pytest.mark.parametrize(
    ("whole", "sections", "asks"),
    [
        pytest.param(True, [rule(no_need_off=False)], False, id="both say that none is needed"),
        pytest.param(True, [rule(no_need_off=True)], True, id="the section says that it is"),
        pytest.param(False, [rule(no_need_off=False)], True, id="the shift says that it is"),
        pytest.param(None, [rule(no_need_off=False)], True, id="the shift does not say"),
        pytest.param(True, [rule("9:00", "12:00"), rule("14:00", "18:00")], True, id="two sections"),
    ],
)
def test_a_clock_out_is_asked_for_unless_both_marks_agree(
    whole: bool | None, sections: list[dict[str, Any]], asks: bool
) -> None:
    found = read_shift({"shift_name": "班", "punch_time_rule": sections, "no_need_off": whole})
    assert found is not None
    assert found.definition.asks_clock_out is asks


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        pytest.param({"time_zone": "Europe/Berlin", "group_type": 0}, FeishuGroup(BERLIN, is_free=False), id="fixed"),
        pytest.param({"time_zone": "?", "group_type": "3"}, FeishuGroup(None, is_free=True), id="free"),
        pytest.param({"time_zone": "../etc"}, FeishuGroup(None, is_free=False), id="no zone"),
    ],
)
def test_groups(data: dict[str, Any], expected: FeishuGroup) -> None:
    assert read_group(data) == expected


@pytest.mark.parametrize(
    ("row", "leave", "expected"),
    [
        pytest.param({}, {}, ("09:00", "13:00", None), id="hours"),
        pytest.param({"time_zone": "Asia/Tokyo"}, {}, ("08:00", "12:00", None), id="another zone"),
        pytest.param({"time_zone": ""}, {}, None, id="no zone"),
        pytest.param({}, {"unit": 1, "interval": 86400}, ("09:00", "13:00", 1), id="a day"),
        pytest.param({}, {"unit": 1, "interval": 28800}, ("09:00", "13:00", None), id="a day of eight hours"),
        pytest.param({}, {"end_time": "soon"}, None, id="no end"),
        pytest.param({}, {"end_time": "2026-01-04 09:00:00"}, None, id="an end before the start"),
    ],
)
def test_leave(row: dict[str, Any], leave: dict[str, Any], expected: tuple[str, str, int | None] | None) -> None:
    span = {"start_time": "2026-01-05 09:00:00", "end_time": "2026-01-05 13:00:00", "unit": 2, "interval": 14400}
    rows = [{"user_id": "u1", "time_zone": "Asia/Shanghai", "leaves": [{**span, **leave}] * 2, **row}]
    found = read_leaves({"user_approvals": rows}, SHANGHAI)
    assert [(f"{each.start:%H:%M}", f"{each.end:%H:%M}", each.whole_days) for each in found] == (
        [expected] if expected else []
    )


@pytest.mark.parametrize(
    ("row", "people", "all_have_ids"),
    [
        pytest.param({}, [("王波", "13800000001", ("od-2",))], True, id="a person"),
        pytest.param({"mobile": "+86 138 0000 0001"}, [("王波", "13800000001", ("od-2",))], True, id="a country code"),
        pytest.param({"user_id": None}, [], False, id="no id"),
        pytest.param({"status": {"is_resigned": True}}, [], True, id="left"),
        pytest.param({"name": None, "department_ids": None}, [("u1", "13800000001", ("od-9",))], True, id="little"),
    ],
)
def test_people(row: dict[str, Any], people: list[Any], all_have_ids: bool) -> None:
    there = {"user_id": "u1", "name": "王波", "mobile": "13800000001", "department_ids": ["od-2"], "status": {}, **row}
    found, have_ids = read_people({"items": [there]}, "od-9")
    assert [(each.name, each.mobile, each.department_ids) for each in found] == people
    assert have_ids is all_have_ids


# --- pulls -----------------------------------------------------------------------------------------------------------


@asynccontextmanager
async def feishu_workplace(
    make_workplace: WorkplaceMaker,
) -> AsyncIterator[tuple[Workplace, FakeFeishuAttendance, str]]:
    """Bob has a day shift from Monday to Friday and one night; Alice rests."""
    async with beside(FakeFeishuAttendance(), "feishu", make_workplace) as (workplace, fake):
        fake.mobiles["13800000001"] = "u-bob"
        fake.shift("501", "行政班", ("9:00", "18:00"))
        fake.shift("502", "大夜班", ("22:00", "30:00"))
        for day in DATES:
            fake.schedule("u-bob", day, "501" if day.weekday() < 5 else "0")
        fake.schedule("u-bob", DATES[5], "502")
        config = {"app_id": fake.app_id, "app_secret": fake.app_secret}
        body = {"name": "飞书", "kind": "feishu_attendance", "team_id": workplace.team_a, "config": config}
        source = await workplace.alice.post("/api/v1/punch-sources", body)
        yield workplace, fake, f"/api/v1/punch-sources/{source['id']}/roster"


WithFeishu = tuple[Workplace, FakeFeishuAttendance, str]


@pytest.fixture
async def with_feishu(make_workplace: WorkplaceMaker) -> AsyncIterator[WithFeishu]:
    async with feishu_workplace(make_workplace) as made:
        yield made


async def test_a_preview_writes_nothing_and_twice_is_once(frozen: Clock, with_feishu: WithFeishu) -> None:
    workplace, fake, path = with_feishu
    read = await workplace.alice.post(f"{path}/preview", {})
    assert (read["outcome"], read["people"], read["shifts"], read["days"]) == ("ok", 1, ["大夜班", "行政班"], 14)
    assert (read["changed"], read["unclear"], await cells_of(workplace)) == (11, 0, [None] * 14)

    assert (await pull(workplace, path))["changed"] == 11
    assert await cells_of(workplace) == FORTNIGHT
    assert (await reminder_of(workplace.bob))["point_at"].startswith("2026-11-23T01:00")
    async with workplace.database.read() as session:
        bob = (await session.exec(select(User).where(User.id == workplace.bob.id))).one()
        assert bob.feishu_userid == "u-bob"
        before = {row.id: row.model_dump() for row in await session.exec(select(Reminder))}
    again = await pull(workplace, path)
    assert (again["changed"], again["calls"]) == (0, 5)  # the schedules, the group, two shifts, and the leave
    async with workplace.database.read() as session:
        assert {row.id: row.model_dump() for row in await session.exec(select(Reminder))} == before
    assert len((await workplace.root.get("/api/v1/audit", action="roster.synced"))["items"]) == 1

    fake.shift("501", "新名字", ("9:00", "18:00"))  # a shift is renamed
    assert (await pull(workplace, path))["changed"] == 0
    fake.shift("501", "新名字", ("8:30", "18:00"))
    assert (await pull(workplace, path))["changed"] == 10
    assert (await cells_of(workplace))[0] == "新名字"


async def test_a_nights_clock_out_is_of_the_work_date_before(frozen: Clock, with_feishu: WithFeishu) -> None:
    workplace, fake, path = with_feishu
    fake.schedule("u-bob", TODAY, "502")
    fake.schedule("u-bob", DATES[1], "0")
    await pull(workplace, path)
    night = await reminder_of(workplace.bob, "clock_out", on=TODAY)
    assert (night["work_date"], night["point_at"][:16]) == (str(TODAY), "2026-11-23T22:00")  # 06:00 on the next day
    assert len(await reminders_of(workplace.bob)) == 2


async def test_a_planners_cell_stays(frozen: Clock, with_feishu: WithFeishu) -> None:
    workplace, fake, path = with_feishu
    await pull(workplace, path)
    await assign(workplace, None, workplace.bob, on=DATES[1])
    fake.schedule("u-bob", DATES[3], "0")
    read = await pull(workplace, path)
    assert (read["changed"], read["kept"]) == (1, 1)
    assert (await cells_of(workplace))[:5] == ["行政班", None, "行政班", None, "行政班"]


@pytest.mark.parametrize(
    "fault", ["nothing", "rules", "records", "not connected", "everybody refused", "too fast", "most are gone"]
)
async def test_nothing_is_deleted_on_doubt(frozen: Clock, fault: str, with_feishu: WithFeishu) -> None:
    workplace, fake, path = with_feishu
    await pull(workplace, path)
    match fault:
        case "nothing":
            fake.scheduled.clear()
        case "rules":
            fake.lacking = {"attendance:rule:readonly"}
        case "records":
            fake.lacking = {"attendance:task:readonly"}
        case "not connected":
            fake.is_connected = False
        case "everybody refused":
            fake.strangers = {"u-bob"}
        case "too fast":
            fake.too_fast = 1
        case "most are gone":
            fake.scheduled = {key: found for key, found in fake.scheduled.items() if key[1] < DATES[7]}
    read = await pull(workplace, path)
    assert read["outcome"] != "ok"
    assert await cells_of(workplace) == FORTNIGHT
    state = (await workplace.alice.get(path))["source"]
    assert state["status"] == ("stale" if fault == "most are gone" else "failed")
    assert state["remedy"]["zh"]
    if fault in ("rules", "records"):
        assert {"rules": "导出打卡管理规则", "records": "导出打卡数据"}[fault] in read["provider_message"]


async def test_unknown_people_do_not_stop_a_pull(frozen: Clock, with_feishu: WithFeishu) -> None:
    workplace, fake, path = with_feishu
    await workplace.add_person("Dan", team_id=workplace.team_a, feishu_userid="u-dan")
    fake.strangers = {"u-dan"}
    read = await pull(workplace, path)
    assert (read["outcome"], read["people"], "Dan" in read["not_found"]) == ("ok", 1, True)
    assert await cells_of(workplace) == FORTNIGHT


async def test_a_group_in_another_zone_reminds_at_the_right_instant(
    make_workplace: WorkplaceMaker, frozen: Clock
) -> None:
    """Over the end of daylight saving time in New York, on 2026-11-01."""
    frozen.set(datetime(2026, 10, 31, 8, 0, tzinfo=SHANGHAI))
    async with feishu_workplace(make_workplace) as (workplace, fake, path):
        fake.scheduled.clear()
        fake.groups["12"] = {"group_id": "12", "time_zone": "America/New_York", "group_type": 2}
        fake.shift("503", "纽约", ("8:00", "16:00"))
        for day in (date(2026, 10, 31), date(2026, 11, 1)):
            fake.schedule("u-bob", day, "503", "12")
        await pull(workplace, path)
        async with workplace.database.read() as session:
            points = [row.point_at for row in await session.exec(select(Reminder).order_by(Reminder.point_at))]
        assert [f"{point:%m-%d %H:%M}" for point in points] == [
            "10-31 12:00",
            "10-31 20:00",
            "11-01 13:00",
            "11-01 21:00",
        ]


async def test_leave_until_tomorrow_ends_reminders_and_later_leave_waits(
    frozen: Clock, with_feishu: WithFeishu
) -> None:
    workplace, fake, path = with_feishu
    later = DATES[2]
    fake.leave("u-bob", f"{TODAY} 09:00", f"{later} 18:00")
    fake.leave("u-bob", f"{later} 09:00", f"{later} 18:00")
    assert (await pull(workplace, path))["leaves_changed"] == 2
    states = [(await reminder_of(workplace.bob, on=day))["status"] for day in DATES[:2]]
    assert states == ["skipped", "skipped"]
    frozen.set(shanghai("00:30", DATES[1]))
    assert (await pull(workplace, path))["leaves_changed"] == 1
    fake.lacking = {"attendance:task:readonly"}  # no answer takes nothing back
    assert (await pull(workplace, path))["outcome"] == "broken"
    fake.lacking.clear()
    fake.leaves.clear()
    assert (await pull(workplace, path))["leaves_changed"] == 2
    async with workplace.database.read() as session:
        assert [row.first_date for row in await session.exec(select(Absence))] == [TODAY]


async def test_calls_of_300_people(frozen: Clock, with_feishu: WithFeishu) -> None:
    workplace, fake, path = with_feishu
    async with workplace.database.write() as session:
        for number in range(299):
            name = f"p{number}"
            user = User(username=name, display_name=name, password_hash="", role=Role.MEMBER)
            user.team_id, user.mobile = workplace.team_a, f"1390000{number:04}"
            session.add(user)
    for number in range(299):
        fake.mobiles[f"1390000{number:04}"] = f"u-p{number}"
        for day in DATES:
            fake.schedule(f"u-p{number}", day, "501")
    first = await pull(workplace, path)
    again = await pull(workplace, path)
    print(f"Feishu, 300 people × 14 days: {first['calls']} calls, then {again['calls']}")
    # A token, six times people by number, and as every time: six of schedules, a group, two shifts, six of leave.
    assert (first["people"], first["calls"], again["calls"]) == (300, 22, 15)
    assert (await workplace.alice.get(path.removesuffix("/roster")))["calls_this_month"] == 37


# --- people ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def company(with_feishu: WithFeishu) -> WithFeishu:
    """Sixty people in three departments, one of them below another; Bob is one of the second."""
    workplace, fake, path = with_feishu
    fake.member("u-bob", "王波", "od-2", mobile="13800000001")
    furnish(fake, TODAY)
    return workplace, fake, path.removesuffix("/roster")


async def test_departments_become_teams_and_leavers_are_suggested(frozen: Clock, company: WithFeishu) -> None:
    workplace, fake, path = company
    tree = await workplace.root.post(f"{path}/people/preview", {})
    assert [(each["name"], each["depth"], each["people"]) for each in tree["departments"]] == [
        ("", 0, 61),
        ("二车间", 1, 21),
        ("一车间", 1, 40),
        ("早班组", 2, 20),
    ]
    order = {"departments": [{"department_id": "od-1", "team_id": workplace.team_a}]}
    seen = await workplace.root.post(f"{path}/roster/preview", order)
    assert (seen["outcome"], seen["people"], len(seen["newcomers"])) == ("ok", 41, 40)
    added = await workplace.root.post(f"{path}/people", order)
    assert (added["added"], added["linked"]) == (40, 0)
    read = await workplace.root.post(f"{path}/roster/pull", {})
    assert (read["outcome"], read["people"]) == ("ok", 41)
    people = (await workplace.root.get("/api/v1/users", q="成员01"))["items"]
    assert [(each["feishu_userid"], each["mobile"]) for each in people] == [("u001", "13900000001")]
    assert await reminders_of(workplace.root, user_id=people[0]["id"])
    again = await workplace.root.post(f"{path}/people", {})
    assert (again["added"], again["linked"], again["leavers"]) == (0, 0, [])

    fake.members["u001"]["status"] = {"is_resigned": True}
    fake.strangers.add("u001")
    fake.member("u-new", "新来的", "od-3")
    read = await workplace.root.post(f"{path}/roster/pull", {})
    assert (read["outcome"], read["newcomers"], read["leavers"]) == ("ok", ["新来的"], ["成员01"])
    async with workplace.database.read() as session:
        assert (await session.exec(select(User).where(User.feishu_userid == "u001"))).one().is_active


@pytest.mark.parametrize(
    ("lacking", "refused", "needed"),
    [
        ("contact:department.organize:readonly", "获取通讯录部门组织架构信息", True),
        ("contact:user.base:readonly", "获取用户基本信息", True),
        ("contact:user.employee_id:readonly", "获取用户 user ID", True),
        ("contact:user.phone:readonly", "获取用户手机号", False),
        ("contact:user.id:readonly", "通过手机号或邮箱获取用户 ID", False),
        ("attendance:rule:readonly", "导出打卡管理规则", True),
        ("attendance:task:readonly", "导出打卡数据", True),
        ("API 接入", "考勤管理后台 › API 接入", True),
        ("", "", True),
    ],
)
async def test_each_permission_has_its_test_and_its_remedy(
    frozen: Clock, lacking: str, refused: str, needed: bool, company: WithFeishu
) -> None:
    workplace, fake, path = company
    fake.lacking = {lacking} - {"", "API 接入"}
    fake.is_connected = lacking != "API 接入"
    found = await workplace.root.post(f"{path}/permissions", {})
    missing = [each for each in found["permissions"] if each["state"] == "missing"]
    assert [each["name"] for each in missing] == [refused] * bool(refused)
    for each in missing:
        assert (each["is_needed"], refused.split(" › ")[-1] in each["remedy"]["zh"]) == (needed, True)


async def test_wrong_credentials_are_one_answer(frozen: Clock, company: WithFeishu) -> None:
    workplace, fake, path = company
    fake.app_secret = "another"
    found = (await workplace.root.post(f"{path}/permissions", {}))["permissions"]
    assert [(each["name"], each["state"]) for each in found] == [("", "missing")]
    assert "App ID" in found[0]["remedy"]["zh"]
