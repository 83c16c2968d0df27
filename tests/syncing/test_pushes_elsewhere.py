"""Rosters published to Feishu and WeCom: the same for the planner, with what is the vendor's own."""

from collections.abc import AsyncIterator
from datetime import date
from typing import Any

import pytest

from conftest import Clock, WorkplaceMaker
from daka.syncing.feishu_writer import not_applied_by_name
from daka.syncing.writer import Entry
from fakes.feishu_attendance import FakeFeishuAttendance
from fakes.wecom_attendance import FakeWecomAttendance, rule, shift, week
from scenes import EARLY, NIGHT, REST, assign, beside, new_shift
from syncing.test_pushes import DATES, Publishing


@pytest.fixture
async def with_feishu(make_workplace: WorkplaceMaker) -> AsyncIterator[tuple[Publishing, FakeFeishuAttendance]]:
    """Bob's week is planned here: three day shifts, a night until 06:00, a rest; in Feishu he has a night on one of them."""
    async with beside(FakeFeishuAttendance(), "feishu", make_workplace) as (workplace, fake):
        fake.mobiles["13800000001"] = "u-bob"
        fake.group_members["11"] = ["u-bob"]
        fake.shift("501", "行政班", ("9:00", "18:00"))
        fake.shift("502", "大夜班", ("22:00", "30:00"))
        fake.shift("503", "下班免打卡", ("9:00", "18:00"))
        fake.shifts["503"]["no_need_off"] = True
        fake.shifts["503"]["punch_time_rule"][0]["no_need_off"] = False
        fake.schedule("u-bob", DATES[1], "502")
        config = {"app_id": fake.app_id, "app_secret": fake.app_secret}
        body = {"name": "飞书", "kind": "feishu_attendance", "team_id": workplace.team_a, "config": config}
        source = await workplace.alice.post("/api/v1/punch-sources", body)
        scene = Publishing(workplace, fake, source["id"])
        for name, shift in ("early", EARLY), ("night", NIGHT), ("rest", REST):
            scene.shifts[name] = await new_shift(workplace.alice, shift)
        for day, name in zip(DATES, ("early", "early", "early", "night", "rest"), strict=False):
            await assign(workplace, scene.shifts[name], workplace.bob, on=day)
        await workplace.alice.put(f"{scene.path}/direction", {"direction": "push"})
        yield scene, fake


async def read_back(scene: Publishing, frozen: Clock) -> dict[str, Any]:
    for seconds in (31, 270):
        frozen.forward(seconds=seconds)
        await scene.pusher.check_due()
    return await scene.latest()


async def test_feishu_takes_what_the_preview_showed(
    frozen: Clock, with_feishu: tuple[Publishing, FakeFeishuAttendance]
) -> None:
    scene, fake = with_feishu
    shown = await scene.preview()
    cells = [(cell["date"], (cell["before"] or {}).get("name"), cell["after"]["name"]) for cell in shown["cells"]]
    assert cells == [
        (str(DATES[0]), None, "早班"),
        (str(DATES[1]), "大夜班", "早班"),
        (str(DATES[2]), None, "早班"),
        (str(DATES[3]), None, "夜班"),
        (str(DATES[4]), None, "休息"),
    ]
    assert fake.written == []
    assert (await scene.push(shown["token"])).status_code == 200
    (entries,) = fake.written
    assert [(entry["shift_id"], entry["month"], entry["day_no"]) for entry in entries][3:] == [
        ("502", 202611, 26),
        ("0", 202611, 27),
    ]
    assert (await read_back(scene, frozen))["status"] == "verified"
    assert (await scene.preview())["cells"] == []


async def test_people_whom_feishu_names_as_not_applied_are_shown_at_once(
    frozen: Clock, monkeypatch: pytest.MonkeyPatch, with_feishu: tuple[Publishing, FakeFeishuAttendance]
) -> None:
    scene, fake = with_feishu
    token = (await scene.preview())["token"]
    write = fake._write

    def write_late(body: dict[str, Any]) -> Any:
        """They have left the group since the preview."""
        fake.group_members["11"] = []
        return write(body)

    monkeypatch.setattr(fake, "_write", write_late)
    answer = await scene.push(token)
    assert answer.status_code == 200
    assert len(answer.json()["differences"]) == 5
    state = await read_back(scene, frozen)
    assert (state["status"], len(state["differences"])) == ("differs", 4)
    assert len(await scene.told()) == 1


async def test_calls_to_feishu_have_fifty_entries_at_most(
    frozen: Clock, with_feishu: tuple[Publishing, FakeFeishuAttendance]
) -> None:
    scene, fake = with_feishu
    workplace = scene.workplace
    people = await workplace.add_people(10, team_id=workplace.team_a)
    for number, person in enumerate(people):
        mobile = f"1390000000{number}"
        await workplace.root.patch(f"/api/v1/users/{person.id}", {"mobile": mobile})
        fake.mobiles[mobile] = f"u-{number}"
        fake.group_members["11"].append(f"u-{number}")
        for day in DATES[:5]:
            await assign(workplace, scene.shifts["early"], person, on=day)
    assert (await scene.push()).json()["cells"] == 55
    assert [len(entries) for entries in fake.written] == [50, 5]


MONDAY = Entry("u-bob", date(2026, 1, 5), "11", "501")


@pytest.mark.parametrize(
    ("said", "is_named"),
    [
        ("success", False),
        ({"u-bob": [20260105]}, True),
        ({"u-bob": ["2026-01-05"]}, True),
        ('{"u-bob":["20260105"]}', True),
        ({"u-bob": 20260105}, True),
        ({"u-bob": [20260106]}, False),
        ({"u-eve": [20260105]}, False),
        (None, False),
    ],
)
def test_what_feishu_says_of_entries_that_it_did_not_apply(said: Any, is_named: bool) -> None:
    assert not_applied_by_name(said, [MONDAY]) == ({("u-bob", date(2026, 1, 5))} if is_named else set())


HOUR = 3600
NINE_TO_SIX, TEN_TO_SIX = (9 * HOUR, 18 * HOUR), (22 * HOUR, 30 * HOUR)


@pytest.fixture
async def with_wecom(make_workplace: WorkplaceMaker) -> AsyncIterator[tuple[Publishing, FakeWecomAttendance]]:
    """Bob's rule is by shift, with a night on Tuesday; Dan's is of fixed hours, and has a shift of the same times."""
    async with beside(FakeWecomAttendance(), "wecom", make_workplace) as (workplace, fake):
        fake.mobiles |= {"13800000001": "Bob", "13800000002": "Dan"}
        night = shift(222, "大夜班", TEN_TO_SIX)
        fake.rules["Bob"] = rule(2, "倒班", schedulelist=[shift(221, "行政班", NINE_TO_SIX), night])
        fake.rules["Dan"] = rule(1, "行政", week([1, 2, 3, 4, 5], NINE_TO_SIX))
        fake.schedule("Bob", DATES[1], 222, "大夜班", TEN_TO_SIX)
        config = {"corp_id": fake.corp_id, "corp_secret": fake.corp_secret}
        body = {"name": "企业微信", "kind": "wecom_attendance", "team_id": workplace.team_a, "config": config}
        source = await workplace.alice.post("/api/v1/punch-sources", body)
        scene = Publishing(workplace, fake, source["id"])
        dan = await workplace.add_person("Dan", team_id=workplace.team_a, mobile="13800000002")
        for name, each in ("early", EARLY), ("night", NIGHT), ("rest", REST):
            scene.shifts[name] = await new_shift(workplace.alice, each)
        for day, name in zip(DATES, ("early", "early", "early", "night", "rest"), strict=False):
            await assign(workplace, scene.shifts[name], workplace.bob, on=day)
        await assign(workplace, scene.shifts["night"], dan, on=DATES[0])
        await workplace.alice.put(f"{scene.path}/direction", {"direction": "push"})
        yield scene, fake


async def test_wecom_takes_schedules_by_rule_and_month(
    frozen: Clock, with_wecom: tuple[Publishing, FakeWecomAttendance]
) -> None:
    scene, fake = with_wecom
    await assign(scene.workplace, scene.shifts["early"], scene.workplace.bob, on=DATES[8])  # in December
    span = {"to": str(DATES[8])}
    shown = await scene.preview(**span)
    assert [(each["reason"], each["name"], each["group"]) for each in shown["obstacles"]] == [("group", "Dan", "行政")]
    cells = [(cell["date"], (cell["before"] or {}).get("name"), cell["after"]["name"]) for cell in shown["cells"]]
    assert cells == [
        (str(DATES[0]), None, "早班"),
        (str(DATES[1]), "大夜班", "早班"),
        (str(DATES[2]), None, "早班"),
        (str(DATES[3]), None, "夜班"),
        (str(DATES[4]), None, "休息"),
        (str(DATES[8]), None, "早班"),
    ]
    assert not shown["can_clear"]
    fake.ignored.add(("Bob", DATES[2]))
    assert (await scene.push(shown["token"], **span)).status_code == 200
    assert [(each["groupid"], each["yearmonth"], len(each["items"])) for each in fake.written] == [
        (2, 202611, 5),
        (2, 202612, 1),
    ]
    assert [item["schedule_id"] for item in fake.written[0]["items"]] == [221, 221, 221, 222, 0]
    state = await read_back(scene, frozen)
    assert (state["status"], [each["date"] for each in state["differences"]]) == ("differs", [str(DATES[2])])


async def test_wecom_refuses_an_app_that_may_not(
    frozen: Clock, with_wecom: tuple[Publishing, FakeWecomAttendance]
) -> None:
    scene, fake = with_wecom
    fake.may_call = False
    shown = await scene.preview()
    assert (shown["outcome"], shown["provider_code"], bool(shown["remedy"]["en"])) == ("broken", "48002", True)
