"""A team with several channels: one that knows somebody reminds them; whom none reaches finds it in the inbox."""

from typing import Any

import pytest

from conftest import Clock, Person, Workplace, WorkplaceMaker
from delivery.conftest import WithDingTalk
from fakes.dingtalk_app import FakeDingTalkApp
from fakes.server import FakeResponse
from scenes import EARLY, OK, give_shift, inbox_of, log_of, new_robot, reminder_of, shanghai

REFUSED = {"errcode": 430101, "errmsg": "unsafe link"}
DOWN = FakeResponse("upstream is down", status=502)
WITHOUT_USERIDS = {"kind": "dingtalk_one_to_one", "config": {"app_key": "dingapp", "app_secret": "s3cret"}}
BOTS: dict[str, dict[str, Any]] = {
    "wecom_bot": {"bot_id": "aib1", "bot_secret": "s3cret", "userids": "boss"},
    "wecom_app": {"corp_id": "ww1234", "corp_secret": "s3cret", "agent_id": "7", "userids": "boss"},
    "feishu_app": {"app_id": "cli_good1", "app_secret": "s3cret", "open_ids": "ou_boss"},
}


async def new_channel(by: Person, kind: str, config: dict[str, Any], team_id: int) -> int:
    found = await by.post("/api/v1/channels", {"name": kind, "kind": kind, "config": config, "team_id": team_id})
    return int(found["id"])


@pytest.fixture
def at_quarter_to_nine(frozen: Clock) -> Clock:
    """Monday 08:40: five minutes before the early shift is reminded of."""
    frozen.set(shanghai("08:40"))
    return frozen


async def _remind_bob_once(workplace: Workplace, at: Clock) -> None:
    """At 08:45, and let four minutes pass, in which what fails is tried again."""
    await give_shift(workplace, EARLY, workplace.bob, policy={"clock_in": {"start": -15, "every": None, "until": 0}})
    at.set(shanghai("08:45"))
    await workplace.tick()
    for _ in range(8):
        at.forward(seconds=30)
        await workplace.tick()


@pytest.mark.parametrize("count", [1, 2, 3])
@pytest.mark.parametrize("verdict", [REFUSED, DOWN], ids=["refused", "down"])
async def test_when_all_of_a_teams_channels_fail_the_inbox_has_the_reminder_once(
    at_quarter_to_nine: Clock, with_dingtalk: WithDingTalk, verdict: Any, count: int
) -> None:
    workplace, dingtalk = with_dingtalk
    for number in range(count):
        await new_robot(workplace.alice, f"robot{number}", team_id=workplace.team_a)
        dingtalk.verdicts[f"robot{number}"] = verdict
    await _remind_bob_once(workplace, at_quarter_to_nine)
    kept = [message["title"] for message in await inbox_of(workplace.bob) if "上班打卡提醒" in message["title"]]
    assert kept == ["上班打卡提醒 09:00"]


async def test_one_channel_that_takes_it_keeps_the_inbox_empty(
    at_quarter_to_nine: Clock, with_dingtalk: WithDingTalk
) -> None:
    workplace, dingtalk = with_dingtalk
    for token in ("first", "second", "third"):
        await new_robot(workplace.alice, token, team_id=workplace.team_a)
    dingtalk.verdicts |= {"first": REFUSED, "third": DOWN}
    await _remind_bob_once(workplace, at_quarter_to_nine)
    assert len(dingtalk.messages("second")) == 1
    assert await inbox_of(workplace.bob) == []


@pytest.mark.parametrize("kind", [*BOTS, "dingtalk_one_to_one"])
async def test_a_channel_that_does_not_know_somebody_leaves_them_to_one_that_does(
    at_quarter_to_nine: Clock, with_dingtalk: WithDingTalk, kind: str
) -> None:
    """Nothing is tried that cannot work, so that the log has no failures which are none."""
    workplace, dingtalk = with_dingtalk
    config = {**BOTS[kind], "people": "Somebody else1"} if kind in BOTS else WITHOUT_USERIDS["config"]
    await new_channel(workplace.alice, kind, config, workplace.team_a)
    await new_robot(workplace.alice, "team", team_id=workplace.team_a)
    await give_shift(workplace, EARLY, workplace.bob)
    at_quarter_to_nine.set(shanghai("08:45"))
    await workplace.tick()
    assert [(each["channel_kind"], each["status"]) for each in await log_of(workplace.alice)] == [
        ("dingtalk_robot", "sent")
    ]
    assert len(dingtalk.messages("team")) == 1
    assert await inbox_of(workplace.bob) == []


@pytest.mark.parametrize("kinds", [["wecom_bot"], ["wecom_bot", "feishu_app"], ["dingtalk_one_to_one", *BOTS]])
async def test_whom_no_channel_knows_finds_the_reminder_in_the_inbox_at_once_and_the_log_says_what_is_missing(
    at_quarter_to_nine: Clock, with_dingtalk: WithDingTalk, kinds: list[str]
) -> None:
    workplace, _ = with_dingtalk
    for kind in kinds:
        config = {**BOTS[kind], "people": "Somebody else1"} if kind in BOTS else WITHOUT_USERIDS["config"]
        await new_channel(workplace.alice, kind, config, workplace.team_a)
    await give_shift(workplace, EARLY, workplace.bob)
    at_quarter_to_nine.set(shanghai("08:45"))
    await workplace.tick()
    assert [message["title"] for message in await inbox_of(workplace.bob)] == ["上班打卡提醒 09:00"]
    log = await log_of(workplace.bob)
    assert {each["channel_kind"]: each["status"] for each in log} == {"inbox": "sent", **dict.fromkeys(kinds, "failed")}
    assert (await reminder_of(workplace.bob))["status"] == "nagging"


@pytest.mark.parametrize(
    ("verdict", "expected"),
    [
        (DOWN, "正在提醒：试过 1 次，还没有一条送到（最后一次返回：502 upstream is down），下一次 08:50。"),
        (REFUSED, "正在提醒：提醒过 1 次，只在收件箱里，下一次 08:50。"),
        (OK, "正在提醒：提醒过 1 次，下一次 08:50。"),
    ],
    ids=["down", "refused", "sent"],
)
async def test_the_answer_to_why_counts_only_what_arrived(
    at_quarter_to_nine: Clock, with_dingtalk: WithDingTalk, verdict: Any, expected: str
) -> None:
    """A person's own channel is private; whether something arrived there is not."""
    workplace, dingtalk = with_dingtalk
    await new_robot(workplace.bob)
    dingtalk.verdicts["robot"] = verdict
    await give_shift(workplace, EARLY, workplace.bob)
    at_quarter_to_nine.set(shanghai("08:45"))
    await workplace.tick()
    for by in (workplace.bob, workplace.alice):
        found = await by.get("/api/v1/reminders/explain", user_id=workplace.bob.id, date="2026-11-23")
        assert found["points"][0]["reason"]["zh"] == expected


@pytest.mark.parametrize(
    ("kind", "of_a_test", "of_a_reminder"),
    [
        ("feishu_app", "no_test_recipient", "feishu_recipient"),
        ("wecom_app", "no_test_recipient", "wecom_recipient"),
        ("wecom_bot", "no_test_recipient", "wecom_recipient"),
        ("dingtalk_one_to_one", "no_recipient", "no_recipient"),
    ],
)
async def test_what_to_do_without_a_recipient_is_said_in_the_words_of_the_kind(
    at_quarter_to_nine: Clock, with_dingtalk: WithDingTalk, kind: str, of_a_test: str, of_a_reminder: str
) -> None:
    workplace, _ = with_dingtalk
    config = dict(BOTS.get(kind) or WITHOUT_USERIDS["config"])
    config |= {"people": "Somebody else1"} if kind in BOTS else {}
    for recipients in ("userids", "open_ids"):
        config.pop(recipients, None)
    channel_id = await new_channel(workplace.alice, kind, config, workplace.team_a)
    tested = await workplace.alice.post(f"/api/v1/channels/{channel_id}/test")
    assert (tested["outcome"], tested["provider_code"], tested["hint"]) == ("bad_message", "no_recipient", of_a_test)
    assert (tested["provider_message"], tested["exchanges"]) == ("", [])
    await give_shift(workplace, EARLY, workplace.bob)
    at_quarter_to_nine.set(shanghai("08:45"))
    await workplace.tick()
    failed = [each for each in await log_of(workplace.bob) if each["status"] == "failed"]
    assert [each["attempts"][0]["hint"] for each in failed] == [of_a_reminder]


@pytest.mark.parametrize("verdict", [REFUSED, DOWN, {"errcode": 300005, "errmsg": "token is not exist"}], ids=str)
async def test_a_notice_about_a_broken_channel_is_kept_where_the_owners_other_channel_fails_as_well(
    at_quarter_to_nine: Clock, with_dingtalk: WithDingTalk, verdict: Any
) -> None:
    workplace, dingtalk = with_dingtalk
    await new_robot(workplace.bob, "first")
    await new_robot(workplace.bob, "second")
    dingtalk.verdicts["first"] = {"errcode": 300005, "errmsg": "token is not exist"}
    await give_shift(workplace, EARLY, workplace.bob, policy={"clock_in": {"start": -15, "every": None, "until": 0}})
    at_quarter_to_nine.set(shanghai("08:45"))
    dingtalk.verdicts["second"] = verdict
    for _ in range(6):
        await workplace.tick()
        at_quarter_to_nine.forward(seconds=30)
    alerts = [message["title"] for message in await inbox_of(workplace.bob) if "发不出去" in message["title"]]
    assert alerts.count("通知渠道「机器人 first」发不出去") == 1


@pytest.mark.parametrize(
    "answer",
    [DOWN, FakeResponse("<html>", 200), FakeResponse("", 200), FakeResponse("x", 500), FakeResponse(is_reset=True)],
    ids=["502", "html", "empty", "500", "reset"],
)
async def test_whatever_failed_has_a_remedy_in_both_languages(
    at_quarter_to_nine: Clock, with_dingtalk: WithDingTalk, answer: FakeResponse
) -> None:
    workplace, dingtalk = with_dingtalk
    channel_id = await new_robot(workplace.bob, "robot")
    dingtalk.verdicts["robot"] = answer
    assert (await workplace.bob.post(f"/api/v1/channels/{channel_id}/test"))["hint_text"]["zh"]
    await _remind_bob_once(workplace, at_quarter_to_nine)
    await workplace.bob.patch(f"/api/v1/channels/{channel_id}", {"is_enabled": False})
    tried = [each for found in await log_of(workplace.bob, channel_id=channel_id) for each in found["attempts"]]
    assert len(tried) >= 3
    assert all(each["hint_text"]["zh"] and each["hint_text"]["en"] for each in tried)


async def test_one_person_of_whom_a_vendor_has_enough_holds_nobody_else_of_the_app(
    make_workplace: WorkplaceMaker, at_quarter_to_nine: Clock
) -> None:
    app = FakeDingTalkApp(people=("bob", "eve"))
    app.flow_controlled = ("bob",)
    async with app.running() as dingtalk, make_workplace(dingtalk_base_url=dingtalk.base_url) as workplace:
        eve = await workplace.add_person("Eve", team_id=workplace.team_a, dingtalk_userid="eve")
        await workplace.root.patch(f"/api/v1/users/{workplace.bob.id}", {"dingtalk_userid": "bob"})
        config = {"app_key": "dingapp", "app_secret": "app-secret"}
        channel_id = await new_channel(workplace.alice, "dingtalk_one_to_one", config, workplace.team_a)
        await give_shift(workplace, EARLY, workplace.bob, eve)
        for moment in ("08:45", "08:50"):
            at_quarter_to_nine.set(shanghai(moment))
            await workplace.tick()
        assert [sent["userIds"] for sent in app.chats] == [["eve"], ["eve"]]
        assert {message["title"] for message in await inbox_of(workplace.bob)} == {"上班打卡提醒 09:00"}
        (channel,) = (await workplace.alice.get("/api/v1/channels"))["items"]
        assert (channel["id"], channel["status"], channel["throttled_until"]) == (channel_id, "ok", None)
