"""Channels in the running system: one lane for one robot, holds that merge what waits, and others who take over."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from conftest import TODAY, Clock, Workplace, WorkplaceMaker
from fakes.chats import FakeTelegram
from fakes.dingtalk import FakeDingTalk, Robot
from fakes.server import FakeResponse, FakeServer

HOOK = "https://oapi.dingtalk.com/robot/send?access_token="
THROTTLE = FakeResponse({"errcode": 130101, "errmsg": "send too fast, exceed 20 times per minute"})


async def give_shift(workplace: Workplace, *people: Any, start: str = "09:00") -> None:
    shift = {"name": f"班{start}", "code": start.replace(":", ""), "periods": [{"start": start, "end": "18:00"}]}
    found = await workplace.alice.post("/api/v1/shifts", shift)
    cells = [{"user_id": person.id, "date": str(TODAY), "shift_id": found["id"]} for person in people]
    await workplace.alice.put("/api/v1/roster", {"assignments": cells})


async def robot_of(workplace: Workplace, team_id: int, token: str = "good", **config: Any) -> int:
    body = {
        "name": "群机器人",
        "kind": "dingtalk_robot",
        "team_id": team_id,
        "config": {"webhook_url": f"{HOOK}{token}", **config},
    }
    by = workplace.alice if team_id == workplace.team_a else workplace.root
    return int((await by.post("/api/v1/channels", body))["id"])


async def log_of(workplace: Workplace, channel_id: int | None = None, **filters: Any) -> list[dict[str, Any]]:
    found = await workplace.root.get(
        "/api/v1/deliveries", **({"channel_id": channel_id} if channel_id else {}), **filters
    )
    return list(reversed(found["items"]))


async def test_people_of_one_team_are_called_together_in_one_message(
    make_workplace: WorkplaceMaker, frozen: Clock
) -> None:
    robot = Robot(keywords=("打卡",))
    async with (
        FakeDingTalk(now=lambda: frozen.now.timestamp(), good=robot).running() as dingtalk,
        make_workplace(dingtalk_base_url=dingtalk.base_url) as workplace,
    ):
        await robot_of(workplace, workplace.team_a)
        eve = await workplace.add_person("Eve", team_id=workplace.team_a, mobile="13800000002")
        await give_shift(workplace, workplace.bob, eve)
        frozen.forward(minutes=45)
        assert await workplace.tick() == 1
    assert len(robot.messages) == 1
    message = robot.messages[0]
    assert message["at"]["atMobiles"] == ["13800000001", "13800000002"]
    assert all(f"@{mobile}" in message["markdown"]["text"] for mobile in message["at"]["atMobiles"])


async def test_two_teams_that_share_a_robot_share_its_rate(make_workplace: WorkplaceMaker, frozen: Clock) -> None:
    robot = Robot()
    async with (
        FakeDingTalk(now=lambda: frozen.now.timestamp(), good=robot).running() as dingtalk,
        make_workplace(dingtalk_base_url=dingtalk.base_url) as workplace,
    ):
        one = await robot_of(workplace, workplace.team_a, keyword="一组")
        two = await robot_of(workplace, workplace.team_c, keyword="三组")
        for number in range(18):
            path = f"/api/v1/channels/{one if number % 2 else two}/test"
            assert (await workplace.root.post(path))["outcome"] == "done"
        for channel_id in (one, two):
            refused = await workplace.root.http.post(f"/api/v1/channels/{channel_id}/test")
            assert (refused.status_code, refused.json()["code"]) == (429, "channel_throttled")
        frozen.forward(seconds=61)
        assert (await workplace.root.post(f"/api/v1/channels/{two}/test"))["outcome"] == "done"
    assert len(robot.messages) == 19


async def test_the_environments_address_shares_the_lane_of_the_same_robot(
    make_workplace: WorkplaceMaker, frozen: Clock
) -> None:
    from sqlmodel import select

    from daka.delivery import service
    from daka.delivery.models import Channel

    async with make_workplace(working_url=f"{HOOK}good") as workplace:
        await robot_of(workplace, workplace.team_a)
        async with workplace.database.write() as session:
            await service.sync_environment_channels(session, workplace.settings)
        async with workplace.database.read() as session:
            assert len(set(await session.exec(select(Channel.lane)))) == 1


async def test_what_waits_in_a_held_lane_becomes_one_message(make_workplace: WorkplaceMaker, frozen: Clock) -> None:
    async with FakeServer().running() as dingtalk, make_workplace(dingtalk_base_url=dingtalk.base_url) as workplace:
        channel_id = await robot_of(workplace, workplace.team_a)
        eve = await workplace.add_person("Eve", team_id=workplace.team_a, mobile="13800000002")
        await give_shift(workplace, workplace.bob, start="09:00")
        await give_shift(workplace, eve, start="09:05")
        dingtalk.next.append(THROTTLE)
        frozen.forward(minutes=45)
        await workplace.tick()  # 08:45: Bob's message is refused, and the robot is held until 08:55
        frozen.forward(minutes=5)
        await workplace.tick()  # 08:50: Bob's second step and Eve's first wait
        dingtalk.next.append(FakeResponse({"errcode": 0, "errmsg": "ok"}))
        frozen.forward(minutes=5, seconds=1)
        await workplace.tick()
        first, *later = await log_of(workplace, channel_id)
        assert first["status"] == "expired"
        assert first["superseded_by"] == later[0]["id"]
        assert [found["status"] for found in later] == ["expired"] * (len(later) - 1) + ["sent"]
        assert {person["name"] for person in later[-1]["people"]} == {"Bob", "Eve"}
    assert len(dingtalk.asked) == 2
    assert "@13800000001" in dingtalk.last.json["markdown"]["text"]
    assert "@13800000002" in dingtalk.last.json["markdown"]["text"]


async def test_the_inbox_takes_over_when_a_hold_lasts_past_the_punch_point(
    make_workplace: WorkplaceMaker, frozen: Clock
) -> None:
    async with FakeServer().running() as dingtalk, make_workplace(dingtalk_base_url=dingtalk.base_url) as workplace:
        await robot_of(workplace, workplace.team_a)
        await give_shift(workplace, workplace.bob)
        dingtalk.next += [FakeResponse({"errcode": 0}), FakeResponse({"errcode": 0}), THROTTLE]
        for _ in range(2):
            frozen.forward(minutes=45 if frozen.now.minute == 0 else 5)
            await workplace.tick()
        assert (await workplace.bob.get("/api/v1/inbox"))["items"] == []
        frozen.forward(minutes=5)
        await workplace.tick()  # 08:55: held until 09:05, which is after 09:00
        await workplace.tick()
        inbox = (await workplace.bob.get("/api/v1/inbox"))["items"]
        assert len(inbox) == 1
        frozen.forward(minutes=5)
        await (
            workplace.tick()
        )  # 09:00: the window lasts until 09:10, so the robot will still say it, and the inbox does now
        assert len((await workplace.bob.get("/api/v1/inbox"))["items"]) in (1, 2)


async def test_another_channel_of_the_team_takes_over_from_a_throttled_one(
    make_workplace: WorkplaceMaker, frozen: Clock
) -> None:
    async with (
        FakeServer().running() as dingtalk,
        make_workplace(dingtalk_base_url=dingtalk.base_url, allow_private_targets=("127.0.0.1",)) as workplace,
        FakeServer().running() as phone,
    ):
        bark = {"device_key": "bobs-phone", "server": phone.base_url}
        own = {"name": "手机", "kind": "bark", "config": bark}
        await workplace.bob.post("/api/v1/channels", own)
        await robot_of(workplace, workplace.team_a)
        await give_shift(workplace, workplace.bob)
        phone.next.append(FakeResponse({"code": 42901, "http": 429, "error": "x"}, 429, {"Retry-After": "3600"}))
        frozen.forward(minutes=45)
        dingtalk.next.append(FakeResponse({"errcode": 0, "errmsg": "ok"}))
        await workplace.tick()
        await workplace.tick()
    assert len(dingtalk.asked) == 1
    assert "@13800000001" in dingtalk.last.json["markdown"]["text"]


async def test_a_daily_quota_that_is_used_up_holds_the_channel_until_the_providers_next_day(
    make_workplace: WorkplaceMaker, frozen: Clock
) -> None:
    async with FakeServer().running() as pushplus, make_workplace(pushplus_base_url=pushplus.base_url) as workplace:
        body = {"name": "推送", "kind": "pushplus", "config": {"token": "0123456789abcdef"}}
        channel = await workplace.bob.post("/api/v1/channels", body)
        pushplus.next.append(FakeResponse({"code": 900, "msg": "用户账号使用受限"}))
        await give_shift(workplace, workplace.bob)
        frozen.forward(minutes=45)
        for _ in range(6):
            await workplace.tick()
            frozen.forward(minutes=90)
        assert len(pushplus.asked) == 1  # at 08:45, and never again on this day
        found = await workplace.bob.get(f"/api/v1/channels/{channel['id']}")
        assert (found["status"], found["throttled_until"]) == ("throttled", "2026-11-23T16:00:00Z")  # midnight in China
        assert "上班打卡提醒 09:00" in {
            message["title"] for message in (await workplace.bob.get("/api/v1/inbox"))["items"]
        }
        frozen.set(datetime(2026, 11, 23, 16, 0, 1, tzinfo=UTC))
        pushplus.next.append(FakeResponse({"code": 200, "msg": "请求成功"}))
        assert (await workplace.bob.post(f"/api/v1/channels/{channel['id']}/test"))["outcome"] == "done"


async def test_a_channel_says_since_when_it_is_broken_however_often_it_was_tried(
    make_workplace: WorkplaceMaker, frozen: Clock
) -> None:
    async with FakeServer().running() as dingtalk, make_workplace(dingtalk_base_url=dingtalk.base_url) as workplace:
        channel_id = await robot_of(workplace, workplace.team_a)
        first = frozen.now.isoformat().replace("+00:00", "Z")
        for _ in range(2):
            dingtalk.next.append(FakeResponse({"errcode": 300005, "errmsg": "token is not exist"}))
            await workplace.alice.post(f"/api/v1/channels/{channel_id}/test")
            frozen.forward(hours=1)
        channel = await workplace.alice.get(f"/api/v1/channels/{channel_id}")
        assert (channel["status_since"], channel["status_at"] > first) == (first, True)
        (broken,) = (await workplace.alice.get("/api/v1/dashboard"))["team"]["broken_channels"]
        assert (broken["status_since"], broken["status_hint_text"]) == (first, channel["status_hint_text"])
        dingtalk.next.append(FakeResponse({"errcode": 0}))
        await workplace.alice.post(f"/api/v1/channels/{channel_id}/test")
        assert (await workplace.alice.get(f"/api/v1/channels/{channel_id}"))["status_since"] > first
        assert (await workplace.alice.get("/api/v1/dashboard"))["team"]["broken_channels"] == []


async def test_a_message_that_is_refused_is_said_another_way(make_workplace: WorkplaceMaker, frozen: Clock) -> None:
    async with FakeServer().running() as dingtalk, make_workplace(dingtalk_base_url=dingtalk.base_url) as workplace:
        channel_id = await robot_of(workplace, workplace.team_a)
        await give_shift(workplace, workplace.bob)
        dingtalk.next.append(FakeResponse({"errcode": 430104, "errmsg": "unsafe content"}))
        frozen.forward(minutes=45)
        await workplace.tick()
        assert (await log_of(workplace, channel_id))[0]["status"] == "failed"
        assert len((await workplace.bob.get("/api/v1/inbox"))["items"]) == 1
        assert (await workplace.alice.get(f"/api/v1/channels/{channel_id}"))["status"] == "untried"


async def test_an_outage_of_a_vendor_is_bridged_after_some_attempts(
    make_workplace: WorkplaceMaker, frozen: Clock
) -> None:
    async with FakeServer().running() as dingtalk, make_workplace(dingtalk_base_url=dingtalk.base_url) as workplace:
        channel_id = await robot_of(workplace, workplace.team_a)
        await give_shift(workplace, workplace.bob)
        dingtalk.next += [FakeResponse("", 503)] * 5 + [FakeResponse({"errcode": 0})]
        frozen.forward(minutes=45)
        inbox = []
        for _ in range(6):
            await workplace.tick()
            inbox.append(len((await workplace.bob.get("/api/v1/inbox"))["items"]))
            frozen.forward(seconds=40)
        delivery = (await log_of(workplace, channel_id))[0]
    assert inbox[2] == 0
    assert inbox[-1] == 1
    assert (delivery["status"], len(delivery["attempts"])) == ("sent", 6)


# --- the test button -------------------------------------------------------------------------------------------------


async def test_the_test_button_shows_the_request_the_answer_and_the_remedy(
    make_workplace: WorkplaceMaker, frozen: Clock
) -> None:
    async with FakeServer().running() as dingtalk, make_workplace(dingtalk_base_url=dingtalk.base_url) as workplace:
        channel_id = await robot_of(
            workplace, workplace.team_a, "canary-access-token-0001", secret="SECcanary-sign-0002"
        )
        dingtalk.next.append(FakeResponse({"errcode": 310000, "errmsg": "sign not match"}))
        found = await workplace.alice.post(f"/api/v1/channels/{channel_id}/test")
        assert (found["outcome"], found["provider_code"], found["hint"]) == (
            "broken_channel",
            "310000",
            "dingtalk_sign",
        )
        assert "SEC" in found["hint_text"]["zh"]
        assert "SEC" in found["hint_text"]["en"]
        exchange = found["exchanges"][0]
        assert "sign not match" in exchange["answer"]
        assert json.loads(exchange["body"])["msgtype"] == "markdown"
        assert "canary" not in exchange["url"].replace("cana…", "")
        logged = (await log_of(workplace, channel_id))[0]
        assert (logged["id"], logged["occasion"], logged["status"]) == (found["delivery_id"], "test", "failed")
        channel = await workplace.alice.get(f"/api/v1/channels/{channel_id}")
        assert channel["status"] == "broken"
        assert channel["status_hint_text"]["zh"]


async def test_the_test_calls_whoever_pressed_the_button(make_workplace: WorkplaceMaker, frozen: Clock) -> None:
    robot = Robot()
    async with (
        FakeDingTalk(now=lambda: frozen.now.timestamp(), good=robot).running() as dingtalk,
        make_workplace(dingtalk_base_url=dingtalk.base_url) as workplace,
    ):
        body = {"name": "我的群", "kind": "dingtalk_robot", "config": {"webhook_url": f"{HOOK}good"}}
        channel_id = (await workplace.bob.post("/api/v1/channels", body))["id"]
        assert (await workplace.bob.post(f"/api/v1/channels/{channel_id}/test"))["outcome"] == "done"
    assert "@13800000001" in robot.messages[0]["markdown"]["text"]


async def test_a_failed_test_is_not_tried_again(make_workplace: WorkplaceMaker, frozen: Clock) -> None:
    async with FakeServer().running() as dingtalk, make_workplace(dingtalk_base_url=dingtalk.base_url) as workplace:
        channel_id = await robot_of(workplace, workplace.team_a)
        dingtalk.next.append(FakeResponse("", 503))
        assert (await workplace.alice.post(f"/api/v1/channels/{channel_id}/test"))["outcome"] == "retry"
        frozen.forward(seconds=30)
        assert await workplace.tick() == 0
    assert len(dingtalk.asked) == 1


@pytest.mark.parametrize(("who", "sees"), [("root", True), ("alice", False)])
async def test_the_answer_of_a_free_address_is_for_administrators_only(
    make_workplace: WorkplaceMaker, frozen: Clock, who: str, sees: bool
) -> None:
    async with FakeServer().running() as inside, make_workplace(allow_private_targets=("127.0.0.1",)) as workplace:
        by = getattr(workplace, who)
        config = {"url": f"{inside.base_url}/admin"}
        channel = await by.post("/api/v1/channels", {"name": "x", "kind": "webhook", "config": config})
        inside.next.append(FakeResponse("what only the LAN may read", 403))
        found = await by.post(f"/api/v1/channels/{channel['id']}/test")
    assert ("LAN" in json.dumps(found)) is sees
    assert "LAN" not in found["provider_message"]


async def test_charlie_cannot_test_what_is_not_theirs(workplace: Workplace) -> None:
    channel_id = await robot_of(workplace, workplace.team_a)
    for person in (workplace.charlie, workplace.bob):
        assert (await person.http.post(f"/api/v1/channels/{channel_id}/test")).status_code == 404
    assert (await workplace.anonymous.post(f"/api/v1/channels/{channel_id}/test")).status_code == 401


async def test_a_telegram_group_that_has_a_new_id_is_followed_once_and_for_good(make_workplace: WorkplaceMaker) -> None:
    async with (
        FakeTelegram("-10042", moved={"-42": -10042}).running() as telegram,
        make_workplace(telegram_base_url=telegram.base_url) as workplace,
    ):
        new = {
            "name": "一车间",
            "kind": "telegram",
            "team_id": workplace.alice.team_id,
            "config": {"bot_token": "1:good", "chat_id": "-42"},
        }
        channel = await workplace.alice.post("/api/v1/channels", new)
        assert (await workplace.alice.post(f"/api/v1/channels/{channel['id']}/test"))["outcome"] == "done"
        assert len(telegram.asked) == 2
        kept = await workplace.alice.get(f"/api/v1/channels/{channel['id']}")
        assert kept["config"]["chat_id"] == "-10042"
        assert (await workplace.alice.post(f"/api/v1/channels/{channel['id']}/test"))["outcome"] == "done"
        assert len(telegram.asked) == 3
