"""A roster published to DingTalk: a preview, only what it showed, and what reading back tells the planner."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import select

from conftest import TODAY, Clock, Person, Workplace, WorkplaceMaker
from daka.delivery.models import Delivery
from daka.doctor.stored import roster_findings
from daka.syncing import pushes
from daka.syncing.dingtalk_writer import DingTalkWriter
from daka.syncing.pulls import put_forward_pulls
from daka.syncing.pushes import RosterPusher
from fakes.dingtalk_attendance import FakeAttendance
from scenes import EARLY, NIGHT, REST, assign, beside, new_shift

DATES = [TODAY + timedelta(days=passed) for passed in range(14)]
SPAN = {"from": str(DATES[0]), "to": str(DATES[6])}


class Publishing:
    """Bob's week is planned here: three day shifts, a night, a rest; in DingTalk he has one day shift and a night."""

    def __init__(self, workplace: Workplace, fake: Any, source_id: int) -> None:
        self.workplace, self.fake, self.source_id = workplace, fake, source_id
        self.path = f"/api/v1/punch-sources/{source_id}/roster"
        self.shifts: dict[str, int] = {}

    @property
    def pusher(self) -> RosterPusher:
        found: RosterPusher = self.workplace.app.state.roster_pusher
        return found

    async def preview(self, **order: Any) -> dict[str, Any]:
        found: dict[str, Any] = await self.workplace.alice.post(f"{self.path}/push/preview", {**SPAN, **order})
        return found

    async def push(self, token: str | None = None, by: Person | None = None, **order: Any) -> Any:
        token = (await self.preview(**order))["token"] if token is None else token
        by = by or self.workplace.alice
        return await by.http.post(f"{self.path}/push", json={**SPAN, **order, "token": token})

    async def latest(self) -> dict[str, Any]:
        found: dict[str, Any] = (await self.workplace.alice.get(f"{self.path}/pushes"))["items"][0]
        return found

    async def told(self) -> list[Delivery]:
        async with self.workplace.database.read() as session:
            found = await session.exec(select(Delivery))
            return [delivery for delivery in found if "没有全部发布" in str(delivery.message)]


@pytest.fixture
async def scene(make_workplace: WorkplaceMaker) -> AsyncIterator[Publishing]:
    async with beside(FakeAttendance(), "dingtalk", make_workplace) as (workplace, fake):
        fake.mobiles["13800000001"] = "u-bob"
        fake.shift(501, "行政班")
        fake.shift(502, "大夜班", hours=[("22:00", "06:00")])
        fake.groups[0]["group_name"] = "产线"
        fake.schedule("u-bob", DATES[0], 501, ("09:00", "18:00"))
        fake.schedule("u-bob", DATES[1], 502, ("22:00", "06:00"))
        config = {"app_key": fake.app_key, "app_secret": fake.app_secret}
        body = {"name": "钉钉", "kind": "dingtalk_attendance", "team_id": workplace.team_a, "config": config}
        source = await workplace.alice.post("/api/v1/punch-sources", body)
        scene = Publishing(workplace, fake, source["id"])
        for name, shift in ("early", EARLY), ("night", NIGHT), ("rest", REST):
            scene.shifts[name] = await new_shift(workplace.alice, shift)
        for day, name in zip(DATES, ("early", "early", "early", "night", "rest"), strict=False):
            await assign(workplace, scene.shifts[name], workplace.bob, on=day)
        await workplace.alice.put(f"{scene.path}/direction", {"direction": "push"})
        yield scene


async def test_a_preview_says_what_would_change_and_a_push_writes_just_that(frozen: Clock, scene: Publishing) -> None:
    shown = await scene.preview()
    before = {"name": "大夜班", "times": [{"start": "22:00", "end": "06:00"}]}
    cells = [(cell["name"], cell["date"], cell["before"], (cell["after"] or {}).get("name")) for cell in shown["cells"]]
    assert cells == [
        ("Bob", str(DATES[1]), before, "早班"),
        ("Bob", str(DATES[2]), None, "早班"),
        ("Bob", str(DATES[3]), None, "夜班"),
        ("Bob", str(DATES[4]), None, "休息"),
    ]
    assert (shown["outcome"], shown["same"], shown["obstacles"]) == ("ok", 1, [])
    assert scene.fake.written == []

    done = await scene.push(shown["token"])
    assert done.json()["status"] == "written", done.text
    assert [
        (each["userid"], each["shift_id"], each["is_rest"]) for (entries) in scene.fake.written for each in entries
    ] == [("u-bob", 501, False), ("u-bob", 501, False), ("u-bob", 502, False), ("u-bob", 1, True)]

    frozen.forward(seconds=31)
    await scene.pusher.check_due()
    state = await scene.latest()
    assert (state["status"], state["checks"], state["differences"]) == ("written", 1, [])
    frozen.forward(seconds=270)
    await scene.pusher.check_due()
    state = await scene.latest()
    assert (state["status"], state["checks"], state["next_check_at"]) == ("verified", 2, None)
    assert (await scene.preview())["cells"] == []
    (entry,) = (await scene.workplace.root.get("/api/v1/audit", action="roster.pushed"))["items"]
    assert (entry["actor_name"], entry["after"]["cells"]) == ("Alice", 4)
    assert await scene.told() == []


async def test_a_cell_that_is_silently_not_applied_is_told_to_the_planner_who_published(
    frozen: Clock, scene: Publishing
) -> None:
    scene.fake.ignored.add(("u-bob", DATES[3]))
    await scene.push()
    frozen.forward(seconds=31)
    await scene.pusher.check_due()
    assert await scene.told() == []  # it may still come
    frozen.forward(seconds=270)
    await scene.pusher.check_due()
    state = await scene.latest()
    assert (state["status"], state["differences"]) == (
        "differs",
        [{"name": "Bob", "date": str(DATES[3]), "wanted": "夜班"}],
    )
    (told,) = await scene.told()
    assert "Bob 11-26 夜班" in str(told.message)
    (trouble,) = (await scene.workplace.alice.get("/api/v1/dashboard"))["team"]["broken_rosters"]
    assert (trouble["is_push"], bool(trouble["remedy"]["en"])) == (True, True)
    async with scene.workplace.database.read() as session:
        levels = [each.level.value async for each in roster_findings(session) if each.check == "rosters"]
    assert levels == ["warning"]

    scene.fake.ignored.clear()
    assert (await scene.push()).json()["cells"] == 1
    for seconds in (31, 270):
        frozen.forward(seconds=seconds)
        await scene.pusher.check_due()
    assert (await scene.latest())["status"] == "verified"
    assert (await scene.workplace.alice.get("/api/v1/dashboard"))["team"]["broken_rosters"] == []


async def test_a_process_that_ends_between_writing_and_reading_back_loses_nothing(
    frozen: Clock, monkeypatch: pytest.MonkeyPatch, scene: Publishing
) -> None:

    async def killed(*_: Any) -> None:
        raise KeyboardInterrupt

    token = (await scene.preview())["token"]
    with monkeypatch.context() as patch:
        patch.setattr(RosterPusher, "_write", killed)
        with pytest.raises(BaseException):  # noqa: B017, PT011 - the process ends
            await scene.push(token)
    assert ((await scene.latest())["status"], scene.fake.written) == ("writing", [])
    other = RosterPusher(scene.workplace.database, scene.workplace.app.state.punch_checker)
    for seconds in (121, 200):
        frozen.forward(seconds=seconds)
        await other.check_due()
    state = await scene.latest()
    assert (state["status"], len(state["differences"])) == ("differs", 3)  # the rest is none there all the same
    assert len(await scene.told()) == 1


async def test_what_takes_long_to_write_is_not_read_back_meanwhile(
    frozen: Clock, monkeypatch: pytest.MonkeyPatch, scene: Publishing
) -> None:
    monkeypatch.setattr(pushes, "A_CELL_TAKES", timedelta(seconds=100), raising=False)
    write = DingTalkWriter.write

    async def write_slowly(*asked: Any) -> Any:
        frozen.forward(minutes=6)
        await scene.pusher.check_due()  # of another process
        return await write(*asked)

    monkeypatch.setattr(DingTalkWriter, "write", write_slowly)
    scene.fake.ignored.add(("u-bob", DATES[3]))
    assert (await scene.push()).json()["status"] == "written"
    assert await scene.told() == []
    for _ in range(2):
        frozen.forward(minutes=6)
        await scene.pusher.check_due()
    state = await scene.latest()
    assert (state["status"], len(state["differences"])) == ("differs", 1)


async def test_what_differs_from_the_preview_is_not_written(frozen: Clock, scene: Publishing) -> None:
    token = (await scene.preview())["token"]
    await assign(scene.workplace, scene.shifts["night"], scene.workplace.bob, on=DATES[2])
    answer = await scene.push(token)
    assert (answer.status_code, answer.json()["code"]) == (409, "push_differs")
    token = (await scene.preview())["token"]
    scene.fake.schedule("u-bob", DATES[5], 501, ("09:00", "18:00"))  # not one of the cells
    scene.fake.schedule("u-bob", DATES[3], 501, ("09:00", "18:00"))
    answer = await scene.push(token)
    assert (answer.status_code, answer.json()["code"]) == (409, "push_differs")
    assert scene.fake.written == []
    assert (await scene.push()).status_code == 200


async def test_a_shift_whose_times_changed_is_not_the_same_any_more(frozen: Clock, scene: Publishing) -> None:
    assert len((await scene.preview())["cells"]) == 4
    scene.fake.shift(501, "行政班", hours=[("08:00", "17:00")])
    frozen.forward(minutes=11)
    shown = await scene.preview()
    assert {each["reason"] for each in shown["obstacles"]} == {"shift"}
    assert {each["after"]["name"] for each in shown["cells"]} == {"夜班", "休息"}


async def test_what_cannot_be_written_is_said_and_asked(frozen: Clock, scene: Publishing) -> None:
    workplace, fake = scene.workplace, scene.fake
    odd = await new_shift(
        workplace.alice, {"name": "中班", "code": "中", "periods": [{"start": "14:00", "end": "22:00"}]}
    )
    fixed = await workplace.add_person("Dan", team_id=workplace.team_a, mobile="13800000002")
    stranger = await workplace.add_person("Eve", team_id=workplace.team_a)
    fake.mobiles["13800000002"] = "u-dan"
    fake.groups.append({"group_id": 12, "type": "FIXED", "owner_user_id": "mgr1", "group_name": "行政"})
    fake.group_of["u-dan"] = 12
    fake.schedule("u-dan", DATES[0], 502, ("22:00", "06:00"))
    await assign(workplace, scene.shifts["early"], fixed, stranger, on=DATES[0])
    await assign(workplace, odd, workplace.bob, on=DATES[5])
    shown = await scene.preview()
    assert sorted((each["reason"], each["name"], each["shift"], each["group"]) for each in shown["obstacles"]) == [
        ("group", "Dan", None, "行政"),
        ("person", "Eve", None, None),
        ("shift", "Bob", "中班", None),
    ]
    asked = {each["name"]: each["vendor_shift_id"] for each in shown["questions"]}
    assert asked == {"早班": "501", "夜班": "502", "中班": None}
    assert [each["id"] for each in shown["offered"]] == ["501", "502"]
    choice = [{"shift_id": odd, "vendor_shift_id": "502"}]
    shown = await scene.preview(shifts=choice)
    assert (shown["cells"][-1]["date"], shown["cells"][-1]["after"]["name"]) == (str(DATES[5]), "中班")
    assert (await scene.push(shown["token"], shifts=choice)).status_code == 200
    frozen.forward(seconds=40)  # kept for the next time
    assert "中班" not in {each["shift"] for each in (await scene.preview())["obstacles"]}


async def test_empty_cells_are_cleared_only_if_that_is_said(frozen: Clock, scene: Publishing) -> None:
    scene.fake.schedule("u-bob", DATES[6], 501, ("09:00", "18:00"))
    shown = await scene.preview()
    assert (shown["blank"], [cell["after"] for cell in shown["cells"]].count(None)) == (1, 0)
    await scene.push(clears=True)
    assert [each["shift_id"] for each in scene.fake.written[0]][-1] == -2
    frozen.forward(seconds=20)
    assert (await scene.preview())["blank"] == 0


async def test_calls_are_no_larger_than_dingtalk_takes(frozen: Clock, scene: Publishing) -> None:
    workplace = scene.workplace
    people = await workplace.add_people(36, team_id=workplace.team_a)
    for number, person in enumerate(people):
        mobile = f"139000000{number:02}"
        await workplace.root.patch(f"/api/v1/users/{person.id}", {"mobile": mobile})
        scene.fake.mobiles[mobile] = f"u-{number}"
    cells = [
        {"user_id": person.id, "date": str(day), "shift_id": scene.shifts["early"]}
        for person in people
        for day in DATES[:6]
    ]
    await workplace.root.put("/api/v1/roster", {"assignments": cells})
    shown = await scene.preview()
    assert len(shown["cells"]) == 36 * 6 + 4
    assert (await scene.push(shown["token"])).status_code == 200
    assert [len(entries) for entries in scene.fake.written] == [200, 20]


@pytest.mark.parametrize("fault", ["permission", "quota", "one chunk"])
async def test_what_dingtalk_refuses_is_said(frozen: Clock, fault: str, scene: Publishing) -> None:
    token = (await scene.preview())["token"]
    if fault == "permission":
        scene.fake.lacking.add("qyapi_attendance_group_manage")
    elif fault == "quota":
        scene.fake.calls_allowed = scene.fake.calls
    else:
        scene.fake.groups[0]["type"] = "FIXED"
    answer = await scene.push(token)
    if fault == "permission":  # the preview needs it not
        found = answer.json()
        assert (found["status"], "60011" in found["reason"]) == ("written", True)
        for seconds in (31, 270):
            frozen.forward(seconds=seconds)
            await scene.pusher.check_due()
        assert len((await scene.latest())["differences"]) == 3
        assert len(await scene.told()) == 1
    else:
        assert answer.status_code == 409
        assert answer.json()["code"] == {"quota": "push_refused", "one chunk": "push_differs"}[fault]
    assert scene.fake.written == []


async def test_what_cannot_be_read_back_is_tried_for_an_hour_and_then_told(frozen: Clock, scene: Publishing) -> None:
    await scene.push()
    scene.fake.lacking.add("qyapi_attendance_group_read")
    for seconds in (31, *[301] * 12):
        frozen.forward(seconds=seconds)
        await scene.pusher.check_due()
    state = await scene.latest()
    assert (state["status"], "60011" in state["reason"], state["next_check_at"]) == ("unverified", True, None)
    assert len(await scene.told()) == 1


async def test_a_roster_goes_one_way(frozen: Clock, scene: Publishing) -> None:
    alice, path, fake = scene.workplace.alice, scene.path, scene.fake
    for refused in ("preview", "pull"):
        answer = await alice.http.post(f"{path}/{refused}", json={})
        assert (answer.status_code, answer.json()["code"]) == (409, "roster_pushed")
    frozen.forward(seconds=86_400)
    calls = fake.calls
    await scene.workplace.app.state.roster_puller.pull_due()
    await scene.pusher.check_due()
    assert (fake.calls, fake.written) == (calls, [])  # nothing is read or written by itself
    await alice.put(f"{path}/direction", {"direction": "off"})
    answer = await alice.http.post(f"{path}/push/preview", json=SPAN)
    assert (answer.status_code, answer.json()["code"]) == (409, "roster_not_pushed")
    await scene.workplace.app.state.roster_puller.pull_due()
    assert fake.calls == calls
    assert (await alice.post(f"{path}/pull", {}))["outcome"] == "ok"
    assert (await alice.get(path))["source"]["direction"] == "pull"
    cell = {"user_id": scene.workplace.bob.id, "date": str(DATES[1])}
    assert cell in (await alice.get("/api/v1/roster/synced", team_id=scene.workplace.team_a))["cells"]
    await alice.put(f"{path}/direction", {"direction": "push"})  # cells do not follow any more
    assert (await alice.get("/api/v1/roster/synced", team_id=scene.workplace.team_a))["cells"] == []
    changes = await scene.workplace.root.get("/api/v1/audit", action="roster.direction_changed")
    assert [entry["after"]["direction"] for entry in changes["items"]] == ["push", "off", "push"]


async def test_an_undo_here_makes_the_roster_differ_and_offers_publishing_again(
    frozen: Clock, scene: Publishing
) -> None:
    workplace = scene.workplace

    async def differing() -> tuple[Any, int]:
        found = (await workplace.alice.get("/api/v1/roster/synced", team_id=workplace.team_a))["pushed"]
        return found["status"], found["differing"]

    assert await differing() == (None, 0)
    await assign(workplace, scene.shifts["night"], workplace.bob, on=DATES[4])
    await scene.push()
    assert await differing() == ("written", 0)
    actions = (await workplace.root.get("/api/v1/roster/actions"))["items"]
    await workplace.root.post(f"/api/v1/roster/actions/{actions[0]['id']}/undo", {})
    assert await differing() == ("written", 1)
    frozen.forward(seconds=20)
    again = await scene.preview()
    assert [(cell["date"], cell["after"]["name"]) for cell in again["cells"]] == [(str(DATES[4]), "休息")]


async def test_a_second_publication_takes_over_the_cells_of_the_first(frozen: Clock, scene: Publishing) -> None:
    await scene.push()
    frozen.forward(seconds=20)
    await assign(scene.workplace, scene.shifts["night"], scene.workplace.bob, on=DATES[2])
    await scene.push()
    for seconds in (31, 270):
        frozen.forward(seconds=seconds)
        await scene.pusher.check_due()
    found = (await scene.workplace.alice.get(f"{scene.path}/pushes"))["items"]
    assert [each["status"] for each in found] == ["verified", "verified"]
    assert await scene.told() == []


async def test_a_clock_that_was_ahead_does_not_put_reading_back_off(frozen: Clock, scene: Publishing) -> None:
    now = frozen.now
    frozen.forward(days=3)
    span = {"from": str(DATES[3]), "to": str(DATES[6])}
    await scene.push(**span)
    frozen.set(now)
    for seconds in (10, 301):
        async with scene.workplace.database.write() as session:
            await put_forward_pulls(session)
        frozen.forward(seconds=seconds)
        await scene.pusher.check_due()
    assert (await scene.latest())["checks"] == 2
    assert (await scene.latest())["next_check_at"] is None
