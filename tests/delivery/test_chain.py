"""From due reminders to the provider's answer in the log, with a DingTalk that really listens."""

import base64
import hashlib
import hmac
from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlmodel import col, func, select

from conftest import TODAY, Clock, WorkplaceMaker
from daka.delivery.lanes import LEASE, Claimant, claim_lanes
from daka.delivery.models import Delivery, DeliveryAttempt, DeliveryReminder, DeliveryStatus, Lane
from daka.scheduler.service import is_paused
from delivery.conftest import WithDingTalk
from fakes.names import no_names as no_names
from fakes.server import FakeResponse, FakeServer
from scenes import (
    EARLY,
    KEYWORDS_DO_NOT_MATCH,
    TOO_FAST,
    assign,
    clock_times,
    dingtalk_workplace,
    give_shift,
    inbox_of,
    link_in,
    log_of,
    new_robot,
    new_shift,
    reminder_of,
    shanghai,
)


@pytest.fixture
def at_quarter_to_nine(frozen: Clock) -> Clock:
    """Monday 08:40: five minutes before the early shift is reminded of."""
    frozen.set(shanghai("08:40"))
    return frozen


# --- groups -----------------------------------------------------------------------------------------------------------


async def test_a_hundred_and_twenty_people_on_one_robot_are_three_messages(
    at_quarter_to_nine: Clock, with_dingtalk: WithDingTalk
) -> None:
    workplace, dingtalk = with_dingtalk
    await new_robot(workplace.alice, team_id=workplace.team_a)
    people = [
        await workplace.add_person(f"Worker{number}", team_id=workplace.team_a, mobile=f"139000{number:05}")
        for number in range(120)
    ]
    await give_shift(workplace, EARLY, *people)
    at_quarter_to_nine.set(shanghai("08:45"))
    assert await workplace.tick() == 3
    messages = dingtalk.messages()
    called = [message["at"]["atMobiles"] for message in messages]
    assert sorted(map(len, called)) == [20, 50, 50]
    assert {mobile for part in called for mobile in part} == {f"139000{number:05}" for number in range(120)}
    assert all(
        f"@{mobile}" in message["markdown"]["text"] for message in messages for mobile in message["at"]["atMobiles"]
    )
    assert len({message["msgUuid"] for message in messages}) == 3
    assert [each["status"] for each in await log_of(workplace.alice)] == ["sent"] * 3
    async with workplace.database.read() as session:
        assert (await session.exec(select(func.count()).select_from(DeliveryReminder))).one() == 120


async def test_clock_in_and_clock_out_are_never_mixed(at_quarter_to_nine: Clock, with_dingtalk: WithDingTalk) -> None:
    workplace, dingtalk = with_dingtalk
    await new_robot(workplace.alice, team_id=workplace.team_a)
    eve = await workplace.add_person("Eve", team_id=workplace.team_a)
    await give_shift(workplace, EARLY, workplace.bob)
    ends_now = {"name": "大夜", "code": "大", "periods": [{"start": "01:00", "end": "08:45"}]}
    await give_shift(workplace, ends_now, eve)
    at_quarter_to_nine.set(shanghai("08:45"))
    assert await workplace.tick() == 2
    assert sorted(message["markdown"]["title"] for message in dingtalk.messages()) == [
        "上班打卡提醒 09:00",
        "下班打卡提醒 08:45",
    ]


async def test_who_punched_while_the_group_message_waited_is_not_called(
    make_workplace: WorkplaceMaker, at_quarter_to_nine: Clock
) -> None:
    from daka.delivery import outbox
    from daka.delivery.send_loop import SendLoop

    async with dingtalk_workplace(make_workplace) as (workplace, dingtalk):
        await new_robot(workplace.alice, team_id=workplace.team_a)
        eve = await workplace.add_person("Eve", team_id=workplace.team_a, mobile="13900000009")
        await give_shift(workplace, EARLY, workplace.bob, eve)
        at_quarter_to_nine.set(shanghai("08:45"))
        async with workplace.database.write() as session:
            await outbox.queue_due(session)
        await workplace.bob.post("/api/v1/punches", {"kind": "clock_in"})
        assert await SendLoop(workplace.database, workplace.app.state.sender, "one", 4).drain() == 1
        (message,) = dingtalk.messages()
        assert message["at"]["atMobiles"] == ["13900000009"]
        assert "Bob" not in message["markdown"]["text"]
        (sent,) = await log_of(workplace.alice)
        assert [person["name"] for person in sent["people"]] == ["Eve"]
        assert await log_of(workplace.alice, reminder_id=(await reminder_of(workplace.bob))["id"]) == []
        assert "Bob" not in (await workplace.anonymous.get(link_in(message))).text


async def test_nothing_is_sent_when_everybody_punched_meanwhile(
    make_workplace: WorkplaceMaker, at_quarter_to_nine: Clock
) -> None:
    from daka.delivery import outbox
    from daka.delivery.send_loop import SendLoop

    async with dingtalk_workplace(make_workplace) as (workplace, dingtalk):
        await new_robot(workplace.bob)
        await give_shift(workplace, EARLY, workplace.bob)
        at_quarter_to_nine.set(shanghai("08:45"))
        async with workplace.database.write() as session:
            await outbox.queue_due(session)
        await workplace.bob.post("/api/v1/punches", {"kind": "clock_in"})
        await SendLoop(workplace.database, workplace.app.state.sender, "one", 4).drain()
        assert dingtalk.messages() == []
        (delivery,) = await log_of(workplace.bob)
        assert (delivery["status"], delivery["attempts"]) == ("expired", [])


# --- answers ----------------------------------------------------------------------------------------------------------


async def test_http_200_with_errcode_310000_is_a_failure_that_the_log_explains(
    at_quarter_to_nine: Clock, with_dingtalk: WithDingTalk
) -> None:
    workplace, dingtalk = with_dingtalk
    channel_id = await new_robot(workplace.bob)
    dingtalk.verdicts["robot"] = KEYWORDS_DO_NOT_MATCH
    await give_shift(workplace, EARLY, workplace.bob)
    at_quarter_to_nine.set(shanghai("08:45"))
    await workplace.tick()
    (failed,) = await log_of(workplace.bob, channel_id=channel_id)
    assert (failed["status"], failed["sent_at"]) == ("failed", None)
    (attempt,) = failed["attempts"]
    assert (attempt["http_status"], attempt["provider_code"], attempt["outcome"]) == (
        200,
        "310000",
        "broken_channel",
    )
    assert "keywords not in content" in attempt["provider_message"]
    assert attempt["hint"] == "dingtalk_keyword"
    assert await log_of(workplace.bob, channel_id=channel_id, status="sent") == []


async def test_a_broken_channel_is_marked_its_owner_told_and_the_inbox_takes_over(
    at_quarter_to_nine: Clock, with_dingtalk: WithDingTalk
) -> None:
    workplace, dingtalk = with_dingtalk
    channel_id = await new_robot(workplace.bob)
    dingtalk.verdicts["robot"] = KEYWORDS_DO_NOT_MATCH
    await give_shift(workplace, EARLY, workplace.bob)
    at_quarter_to_nine.set(shanghai("08:45"))
    await workplace.tick()
    channel = await workplace.bob.get(f"/api/v1/channels/{channel_id}")
    assert (channel["status"], channel["status_hint"]) == ("broken", "dingtalk_keyword")
    titles = {message["title"] for message in await inbox_of(workplace.bob)}
    assert titles == {"通知渠道「机器人 robot」发不出去", "上班打卡提醒 09:00"}
    assert (await reminder_of(workplace.bob))["status"] == "nagging"
    # The next step goes to the inbox at once; the owner is not told a second time.
    at_quarter_to_nine.set(shanghai("08:50"))
    await workplace.tick()
    assert len(dingtalk.asked) == 1
    assert (await log_of(workplace.bob))[0]["channel_kind"] == "inbox"
    assert sum("发不出去" in message["title"] for message in await inbox_of(workplace.bob)) == 1
    # With the channel goes what was about it; the reminder stays.
    await workplace.bob.delete(f"/api/v1/channels/{channel_id}")
    unread = [message["title"] for message in await inbox_of(workplace.bob) if message["read_at"] is None]
    assert unread == ["上班打卡提醒 09:00"]
    assert (await workplace.bob.get("/api/v1/dashboard"))["mine"]["unread_messages"] == 1


async def test_a_broken_channel_hands_over_to_the_teams(at_quarter_to_nine: Clock, with_dingtalk: WithDingTalk) -> None:
    workplace, dingtalk = with_dingtalk
    await new_robot(workplace.bob, "own")
    await new_robot(workplace.alice, "team", team_id=workplace.team_a)
    dingtalk.verdicts["own"] = KEYWORDS_DO_NOT_MATCH
    await give_shift(workplace, EARLY, workplace.bob)
    at_quarter_to_nine.set(shanghai("08:45"))
    await workplace.tick()
    assert [message["markdown"]["title"] for message in dingtalk.messages("team")] == ["上班打卡提醒 09:00"]
    at_quarter_to_nine.set(shanghai("08:50"))
    await workplace.tick()
    assert (len(dingtalk.messages("own")), len(dingtalk.messages("team"))) == (1, 2)


async def test_a_teams_broken_channel_is_told_to_its_planners(
    at_quarter_to_nine: Clock, with_dingtalk: WithDingTalk
) -> None:
    workplace, dingtalk = with_dingtalk
    await new_robot(workplace.alice, team_id=workplace.team_a)
    dingtalk.verdicts["robot"] = KEYWORDS_DO_NOT_MATCH
    await give_shift(workplace, EARLY, workplace.bob)
    at_quarter_to_nine.set(shanghai("08:45"))
    await workplace.tick()
    assert [message["title"] for message in await inbox_of(workplace.alice)] == ["通知渠道「机器人 robot」发不出去"]
    assert [message["title"] for message in await inbox_of(workplace.bob)] == ["上班打卡提醒 09:00"]
    assert await inbox_of(workplace.charlie) == []


async def test_a_channel_that_works_again_is_ok_again(at_quarter_to_nine: Clock, with_dingtalk: WithDingTalk) -> None:
    workplace, dingtalk = with_dingtalk
    channel_id = await new_robot(workplace.bob)
    dingtalk.verdicts["robot"] = KEYWORDS_DO_NOT_MATCH
    answer = await workplace.bob.post(f"/api/v1/channels/{channel_id}/test")
    assert (answer["outcome"], answer["provider_code"]) == ("broken_channel", "310000")
    assert (await workplace.bob.get(f"/api/v1/channels/{channel_id}"))["status"] == "broken"
    dingtalk.verdicts.clear()
    assert (await workplace.bob.post(f"/api/v1/channels/{channel_id}/test"))["outcome"] == "done"
    assert (await workplace.bob.get(f"/api/v1/channels/{channel_id}"))["status"] == "ok"


async def test_a_throttled_robot_holds_everything_that_it_was_to_say(
    at_quarter_to_nine: Clock, with_dingtalk: WithDingTalk
) -> None:
    workplace, dingtalk = with_dingtalk
    long_window = {"clock_in": {"start": -15, "every": None, "until": 60}}
    first, second = await new_robot(workplace.bob), await new_robot(workplace.bob)
    dingtalk.verdicts["robot"] = TOO_FAST
    await give_shift(workplace, EARLY, workplace.bob, policy=long_window)
    at_quarter_to_nine.set(shanghai("08:45"))
    await workplace.tick()
    assert len(dingtalk.asked) == 1
    statuses = {each["channel_id"]: each["status"] for each in await log_of(workplace.bob)}
    assert statuses == {first: "throttled", second: "queued"}
    channel = await workplace.bob.get(f"/api/v1/channels/{second}")
    assert (channel["status"], clock_times([channel["throttled_until"]])) == ("throttled", ["11-23 08:55"])
    test = await workplace.bob.http.post(f"/api/v1/channels/{second}/test")
    assert (test.status_code, test.json()["code"], test.headers["retry-after"]) == (429, "channel_throttled", "601")

    dingtalk.verdicts.clear()
    at_quarter_to_nine.set(shanghai("08:54"))
    assert await workplace.tick() == 0
    at_quarter_to_nine.set(shanghai("08:55"))
    assert await workplace.tick() == 2
    assert [each["status"] for each in await log_of(workplace.bob)] == ["sent", "sent"]
    assert all(each["is_late"] for each in await log_of(workplace.bob))


async def test_an_outage_is_tried_again_under_the_same_key_until_it_is_too_late(
    at_quarter_to_nine: Clock, with_dingtalk: WithDingTalk
) -> None:
    workplace, dingtalk = with_dingtalk
    await new_robot(workplace.bob)
    dingtalk.verdicts["robot"] = FakeResponse("upstream is down", status=502)
    await give_shift(workplace, EARLY, workplace.bob, policy={"clock_in": {"start": -15, "every": None, "until": -10}})
    at_quarter_to_nine.set(shanghai("08:45"))
    await workplace.tick()
    (waiting,) = await log_of(workplace.bob)
    assert waiting["status"] == "queued"
    assert waiting["next_attempt_at"] is not None
    for _ in range(40):
        at_quarter_to_nine.forward(seconds=40)
        await workplace.tick()
    inbox, failed = await log_of(workplace.bob)
    assert (inbox["channel_kind"], inbox["status"]) == (
        "inbox",
        "sent",
    )  # told another way when it went on too long
    assert failed["status"] in ("failed", "expired")
    assert failed["next_attempt_at"] is None
    assert 3 <= len(failed["attempts"]) == len(dingtalk.asked)
    assert {message["msgUuid"] for message in dingtalk.messages()} == {dingtalk.messages()[0]["msgUuid"]}
    assert (await reminder_of(workplace.bob))["status"] == "expired"


async def test_a_router_that_restarts_delays_a_reminder_and_breaks_no_channel(
    make_workplace: WorkplaceMaker, at_quarter_to_nine: Clock, no_names: dict[str, str]
) -> None:
    async with FakeServer().running() as sink, make_workplace(allow_private_targets=("nas.lan",)) as workplace:
        config = {"url": f"http://nas.lan:{sink.port}/in"}
        created = await workplace.bob.post("/api/v1/channels", {"name": "脚本", "kind": "webhook", "config": config})
        test = await workplace.bob.post(f"/api/v1/channels/{created['id']}/test")
        assert (test["outcome"], test["hint"]) == ("retry", "name_not_resolved")
        await give_shift(
            workplace, EARLY, workplace.bob, policy={"clock_in": {"start": -15, "every": None, "until": 10}}
        )
        at_quarter_to_nine.set(shanghai("08:45"))
        for _ in range(2):
            await workplace.tick()
            at_quarter_to_nine.forward(seconds=15)
        waiting = (await log_of(workplace.bob))[0]
        assert waiting["status"] == "queued"
        assert [attempt["outcome"] for attempt in waiting["attempts"]] == ["retry", "retry"]
        assert (await workplace.bob.get(f"/api/v1/channels/{created['id']}"))["status"] == "untried"
        no_names["nas.lan"] = "127.0.0.1"
        await workplace.tick()
        assert ((await log_of(workplace.bob))[0]["status"], len(sink.asked)) == ("sent", 1)


async def test_a_short_outage_ends_in_one_message_that_says_it_is_late(
    at_quarter_to_nine: Clock, with_dingtalk: WithDingTalk
) -> None:
    workplace, dingtalk = with_dingtalk
    await new_robot(workplace.bob)
    dingtalk.next = [
        FakeResponse("", status=500),
        FakeResponse({"errcode": -1, "errmsg": "系统繁忙"}),
        FakeResponse("", is_reset=True),
    ]
    await give_shift(workplace, EARLY, workplace.bob, policy={"clock_in": {"start": -15, "every": None, "until": 10}})
    at_quarter_to_nine.set(shanghai("08:45"))
    for _ in range(4):
        await workplace.tick()
        at_quarter_to_nine.forward(seconds=15)
    (delivery,) = await log_of(workplace.bob)
    assert [attempt["outcome"] for attempt in delivery["attempts"]] == ["retry", "retry", "retry", "done"]
    assert (delivery["status"], delivery["is_late"]) == ("sent", True)
    assert "（这条提醒迟到了，本应 08:45 发出）" in dingtalk.messages()[-1]["markdown"]["text"].replace("\\", "")


# --- leases -----------------------------------------------------------------------------------------------------------


async def test_what_a_dead_sender_held_goes_out_once_its_lease_is_over(
    make_workplace: WorkplaceMaker, at_quarter_to_nine: Clock
) -> None:
    from daka.delivery import outbox

    async with dingtalk_workplace(make_workplace) as (workplace, dingtalk):
        await new_robot(workplace.bob)
        await give_shift(workplace, EARLY, workplace.bob)
        at_quarter_to_nine.set(shanghai("08:45"))
        async with workplace.database.write() as session:
            await outbox.queue_due(session)
            (lane,) = await claim_lanes(session, Claimant("dies", 10))
        key = lane.jobs[0].delivery.key
        assert timedelta(seconds=30) >= LEASE
        assert await workplace.tick() == 0
        assert (await log_of(workplace.bob))[0]["status"] == "sending"
        at_quarter_to_nine.forward(seconds=LEASE.total_seconds() + 1)
        assert await workplace.tick() == 1
        assert [message["msgUuid"] for message in dingtalk.messages()] == [key]
        assert (await log_of(workplace.bob))[0]["status"] == "sent"


# --- the log ----------------------------------------------------------------------------------------------------------


async def test_the_log_pages_from_the_newest_and_shows_everybody_only_what_is_theirs(
    at_quarter_to_nine: Clock, with_dingtalk: WithDingTalk
) -> None:
    workplace, _ = with_dingtalk
    await new_robot(workplace.alice, team_id=workplace.team_a)
    eve = await workplace.add_person("Eve", team_id=workplace.team_a)
    await give_shift(workplace, EARLY, workplace.bob, eve)
    for minutes in range(45, 70, 5):
        at_quarter_to_nine.set(shanghai("08:00") + timedelta(minutes=minutes))
        await workplace.tick()
    seen, cursor = [], None
    while True:
        asked = {"limit": 2} | ({"cursor": cursor} if cursor else {})
        page = await workplace.alice.get("/api/v1/deliveries", **asked)
        assert len(page["items"]) <= 2
        seen += page["items"]
        if (cursor := page["next_cursor"]) is None:
            break
    ids = [each["id"] for each in seen]
    assert (len(ids), ids) == (5, sorted(ids, reverse=True))
    assert {person["name"] for person in seen[0]["people"]} == {"Bob", "Eve"}
    assert [person["name"] for person in (await log_of(workplace.bob))[0]["people"]] == ["Bob"]

    assert await log_of(workplace.charlie) == []
    assert await log_of(workplace.charlie, user_id=workplace.bob.id) == []
    for answer in (
        await workplace.charlie.http.get(f"/api/v1/deliveries/{ids[0]}"),
        await workplace.charlie.http.post(f"/api/v1/deliveries/{ids[0]}/retry"),
    ):
        assert (answer.status_code, answer.json()["code"]) == (404, "delivery_not_found")


async def test_only_what_failed_is_tried_again_by_hand_and_under_its_own_key(
    at_quarter_to_nine: Clock, with_dingtalk: WithDingTalk
) -> None:
    workplace, dingtalk = with_dingtalk
    channel_id = await new_robot(workplace.bob)
    dingtalk.verdicts["robot"] = KEYWORDS_DO_NOT_MATCH
    await give_shift(workplace, EARLY, workplace.bob, policy={"clock_in": {"start": -15, "every": None, "until": 10}})
    at_quarter_to_nine.set(shanghai("08:45"))
    await workplace.tick()
    (failed,) = await log_of(workplace.bob, channel_id=channel_id)
    dingtalk.verdicts.clear()
    await workplace.bob.post(f"/api/v1/deliveries/{failed['id']}/retry")
    await workplace.tick()
    sent = await workplace.bob.get(f"/api/v1/deliveries/{failed['id']}")
    assert (sent["status"], [attempt["outcome"] for attempt in sent["attempts"]]) == (
        "sent",
        ["broken_channel", "done"],
    )
    assert len({message["msgUuid"] for message in dingtalk.messages()}) == 1
    again = await workplace.bob.http.post(f"/api/v1/deliveries/{failed['id']}/retry")
    assert (again.status_code, again.json()["code"]) == (409, "not_failed")


# --- other channels ---------------------------------------------------------------------------------------------------


async def test_a_webhook_gets_a_signed_message(make_workplace: WorkplaceMaker, at_quarter_to_nine: Clock) -> None:
    key = base64.b64encode(bytes(range(32))).decode()
    async with FakeServer().running() as sink, make_workplace(allow_private_targets=("127.0.0.1",)) as workplace:
        config = {"url": f"{sink.base_url}/in?room=7", "secret": f"whsec_{key}"}
        await workplace.bob.post("/api/v1/channels", {"name": "脚本", "kind": "webhook", "config": config})
        await give_shift(workplace, EARLY, workplace.bob)
        at_quarter_to_nine.set(shanghai("08:45"))
        await workplace.tick()
        asked = sink.last
        assert (asked.method, asked.query) == ("POST", {"room": "7"})
        timestamp = asked.headers["webhook-timestamp"]
        assert int(timestamp) == int(shanghai("08:45").timestamp())
        signed = f"{asked.headers['webhook-id']}.{timestamp}.".encode() + asked.body
        expected = base64.b64encode(hmac.new(bytes(range(32)), signed, hashlib.sha256).digest()).decode()
        assert asked.headers["webhook-signature"] == f"v1,{expected}"
        assert asked.json["type"] == "reminder.due"
        (person,) = asked.json["data"]["people"]
        assert (person["name"], person["kind"], person["work_date"]) == ("Bob", "clock_in", str(TODAY))


async def test_the_addresses_of_the_environment_get_dingtalk_text_bodies(
    make_workplace: WorkplaceMaker, frozen: Clock
) -> None:
    from daka.delivery import service

    async with FakeServer().running() as sink:
        addresses = {"working_url": f"{sink.base_url}/in?token=1", "no_work_url": f"{sink.base_url}/out"}
        async with make_workplace(**addresses) as workplace:
            async with workplace.database.write() as session:
                await service.sync_environment_channels(session, workplace.settings)
            await give_shift(workplace, EARLY, workplace.bob)
            frozen.set(shanghai("08:44"))
            assert await workplace.tick() == 0
            frozen.set(shanghai("08:45"))
            await workplace.tick()
            frozen.set(shanghai("18:00"))
            await workplace.tick()
            (morning, evening) = sink.asked
            assert (morning.path, morning.query, evening.path) == ("/in", {"token": "1"}, "/out")
            for asked, word in ((morning, "上班打卡"), (evening, "下班打卡")):
                assert asked.json["msgtype"] == "text"
                assert word in asked.json["text"]["content"]
                assert "@13800000001" in asked.json["text"]["content"]
                assert asked.json["at"]["atMobiles"] == ["13800000001"]


DOWN = FakeResponse("down", status=500)
HELD = FakeResponse("slow", status=429, headers={"Retry-After": "120"})
WELL = FakeResponse({})


@pytest.mark.parametrize(
    ("first", "second", "has_robot", "reached"),
    [
        (DOWN, DOWN, False, "inbox"),  # one machine at home behind both of them
        (DOWN, HELD, False, "inbox"),
        (HELD, DOWN, False, "inbox"),
        (DOWN, DOWN, True, "robot"),
        (HELD, DOWN, True, "robot"),
        (DOWN, WELL, True, "own"),
        (WELL, DOWN, False, "own"),
    ],
)
async def test_two_channels_that_fail_do_not_wait_for_each_other(
    make_workplace: WorkplaceMaker,
    frozen: Clock,
    first: FakeResponse,
    second: FakeResponse,
    has_robot: bool,
    reached: str,
) -> None:
    said = {"/first": first, "/second": second}
    async with (
        FakeServer(lambda asked: said[asked.path]).running() as sink,
        dingtalk_workplace(make_workplace, allow_private_targets=("127.0.0.1",)) as (workplace, dingtalk),
    ):
        for path in said:
            config = {"url": f"{sink.base_url}{path}"}
            await workplace.bob.post("/api/v1/channels", {"name": path, "kind": "webhook", "config": config})
        if has_robot:
            await new_robot(workplace.alice, team_id=workplace.team_a)
        await give_shift(workplace, EARLY, workplace.bob)
        frozen.set(shanghai("08:45"))
        for _ in range(45):
            await workplace.tick()
            frozen.forward(seconds=1)
        found = (len(dingtalk.asked), len(await inbox_of(workplace.bob)))
        assert found == {"inbox": (0, 1), "robot": (1, 0), "own": (0, 0)}[reached]


async def test_the_inbox_of_an_emergency_ends_with_it(at_quarter_to_nine: Clock, with_dingtalk: WithDingTalk) -> None:
    """Bob had no channel at all, so the system kept his messages; now his team has a robot."""
    workplace, dingtalk = with_dingtalk
    await give_shift(workplace, EARLY, workplace.bob)
    at_quarter_to_nine.set(shanghai("08:45"))
    await workplace.tick()
    assert len(await inbox_of(workplace.bob)) == 1
    await new_robot(workplace.alice, team_id=workplace.team_a)
    at_quarter_to_nine.set(shanghai("08:50"))
    await workplace.tick()
    assert (len(dingtalk.asked), len(await inbox_of(workplace.bob))) == (1, 1)


async def test_people_without_any_channel_are_told_in_their_inbox(
    make_workplace: WorkplaceMaker, at_quarter_to_nine: Clock
) -> None:
    async with make_workplace() as workplace:
        await give_shift(workplace, EARLY, workplace.bob)
        at_quarter_to_nine.set(shanghai("08:45"))
        await workplace.tick()
        assert [message["title"] for message in await inbox_of(workplace.bob)] == ["上班打卡提醒 09:00"]
        assert await inbox_of(workplace.alice) == []


async def test_every_attempt_is_recorded_with_the_providers_words(
    at_quarter_to_nine: Clock, with_dingtalk: WithDingTalk
) -> None:
    workplace, dingtalk = with_dingtalk
    await new_robot(workplace.bob)
    await give_shift(workplace, EARLY, workplace.bob)
    at_quarter_to_nine.set(shanghai("08:45"))
    await workplace.tick()
    async with workplace.database.read() as session:
        (attempt,) = list(await session.exec(select(DeliveryAttempt)))
        (lane,) = list(await session.exec(select(Lane).where(sa.func.length(col(Lane.key)) == 40)))
        (delivery,) = list(await session.exec(select(Delivery)))
    assert (attempt.http_status, attempt.provider_code, attempt.provider_message) == (200, "0", "ok")
    assert attempt.at == shanghai("08:45")
    assert (lane.leased_until, lane.leased_by, len(lane.recent_sends)) == (None, "", 1)
    assert (delivery.status, delivery.next_attempt_at) == (DeliveryStatus.SENT, None)
    assert dingtalk.last.headers["content-type"].startswith("application/json")


async def test_pausing_holds_back_what_is_due(make_workplace: WorkplaceMaker, at_quarter_to_nine: Clock) -> None:
    async with make_workplace() as workplace:
        await workplace.root.post("/api/v1/scheduler/pause")
        async with workplace.database.read() as session:
            assert await is_paused(session)
        assert (await workplace.alice.get("/api/v1/scheduler"))["is_paused"] is True
        refused = await workplace.alice.http.post("/api/v1/scheduler/resume")
        assert (refused.status_code, refused.json()["code"]) == (403, "admins_only")
        await workplace.root.post("/api/v1/scheduler/resume")
        async with workplace.database.read() as session:
            assert not await is_paused(session)


async def test_somebody_moved_to_another_shift_is_not_told_of_the_old_one(
    at_quarter_to_nine: Clock, with_dingtalk: WithDingTalk
) -> None:
    workplace, dingtalk = with_dingtalk
    await new_robot(workplace.bob)
    await give_shift(workplace, EARLY, workplace.bob)
    late = await new_shift(workplace.alice, {**EARLY, "code": "晚", "periods": [{"start": "13:00", "end": "21:00"}]})
    at_quarter_to_nine.set(shanghai("08:44"))
    await assign(workplace, late, workplace.bob)
    at_quarter_to_nine.set(shanghai("08:45"))
    assert await workplace.tick() == 0
    at_quarter_to_nine.set(shanghai("12:45"))
    assert await workplace.tick() == 1
    assert dingtalk.messages()[0]["markdown"]["title"] == "上班打卡提醒 13:00"
