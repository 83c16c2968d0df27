"""Who has not punched is reported to the team's channel and to the planners: once at each address, everybody in one message."""

import json
from typing import Any

import pytest

from conftest import Clock, Person, Workplace, WorkplaceMaker
from daka.identity.models import Role
from fakes.dingtalk_app import FakeDingTalkApp
from fakes.server import FakeResponse, FakeServer
from scenes import (
    EARLY,
    KEYWORDS_DO_NOT_MATCH,
    NAG_AND_ESCALATE,
    beside,
    dingtalk_workplace,
    give_shift,
    inbox_of,
    log_of,
    new_robot,
    reminder_of,
    shanghai,
)

REPORTED = {**EARLY, "policy": NAG_AND_ESCALATE}
ESCALATES_ONCE = {"clock_in": {"start": 0, "every": None, "until": 0, "escalate": 5}}
IN_THE_MORNING = ("08:45", "08:50", "08:55", "09:00", "09:05", "09:10", "09:11")


async def nobody_punches(workplace: Workplace, clock: Clock, moments: tuple[str, ...] = IN_THE_MORNING) -> None:
    for moment in moments:
        clock.set(shanghai(moment))
        await workplace.tick()


async def new_app(by: Person, kind: str, **values: Any) -> int:
    """A channel of the company's DingTalk app, which writes to persons."""
    config = {"app_key": "dingapp", "app_secret": "app-secret"}
    if kind == "dingtalk_work_notice":
        config |= {"agent_id": 7}  # type: ignore[dict-item]
    found: dict[str, Any] = await by.post(
        "/api/v1/channels", {"name": "应用", "kind": kind, "config": config, **values}
    )
    channel_id: int = found["id"]
    return channel_id


async def test_an_escalation_tells_the_teams_channel_and_the_planners_once(
    make_workplace: WorkplaceMaker, frozen: Clock
) -> None:
    frozen.set(shanghai("08:40"))
    async with dingtalk_workplace(make_workplace) as (workplace, dingtalk):
        await new_robot(workplace.bob, "own")
        await new_robot(workplace.alice, "team", team_id=workplace.team_a)
        eve = await workplace.add_person("Eve", team_id=workplace.team_a)
        await give_shift(workplace, {**EARLY, "policy": NAG_AND_ESCALATE}, workplace.bob, eve)
        for moment in ("08:45", "08:50", "08:55", "09:00"):
            frozen.set(shanghai(moment))
            await workplace.tick()
        assert await inbox_of(workplace.alice) == []
        await eve.post(f"/api/v1/reminders/{(await reminder_of(eve))['id']}/ack")
        for moment in ("09:05", "09:10", "09:11"):
            frozen.set(shanghai(moment))
            await workplace.tick()
        (told,) = await inbox_of(workplace.alice)
        assert (told["title"], told["text"]) == (
            "上班打卡：1 人还没有打卡记录",
            "Bob，早班 09:00，已过 5 分钟，还没有打卡记录。",
        )
        escalations = [each for each in await log_of(workplace.alice) if each["occasion"] == "escalation"]
        assert sorted(each["channel_kind"] for each in escalations) == ["dingtalk_robot", "inbox"]
        in_the_group = [message["markdown"]["title"] for message in dingtalk.messages("team")]
        assert in_the_group.count("上班打卡：1 人还没有打卡记录") == 1
        assert await inbox_of(workplace.charlie) == []


async def test_planners_who_share_a_robot_with_their_team_get_one_message_that_names_everybody(
    make_workplace: WorkplaceMaker, frozen: Clock
) -> None:
    frozen.set(shanghai("08:40"))
    async with dingtalk_workplace(make_workplace) as (workplace, dingtalk):
        dan = await workplace.add_person("Dan", team_id=workplace.team_a, role=Role.PLANNER)
        eve = await workplace.add_person("Eve", team_id=workplace.team_a)
        await new_robot(workplace.alice, "office")
        await new_robot(dan, "office")
        await new_robot(workplace.alice, "office", team_id=workplace.team_a)
        await new_robot(workplace.bob, "bobs")
        await new_robot(eve, "eves")
        await give_shift(workplace, REPORTED, workplace.bob, eve)
        await nobody_punches(workplace, frozen)
        (told,) = [found["markdown"] for found in dingtalk.messages("office")]
        assert told["title"] == "上班打卡：2 人还没有打卡记录"
        assert [told["text"].count(name) for name in ("Bob，早班", "Eve，早班")] == [1, 1]
        (delivery,) = [each for each in await log_of(workplace.alice) if each["occasion"] == "escalation"]
        assert [person["name"] for person in delivery["people"]] == ["Bob", "Eve"]
        assert [each["occasion"] for each in await log_of(dan)].count("escalation") == 1
        assert [each["occasion"] for each in await log_of(workplace.charlie)] == []


async def test_planners_with_addresses_of_their_own_get_a_message_each(
    make_workplace: WorkplaceMaker, frozen: Clock
) -> None:
    frozen.set(shanghai("08:40"))
    async with dingtalk_workplace(make_workplace) as (workplace, dingtalk):
        dan = await workplace.add_person("Dan", team_id=workplace.team_a, role=Role.PLANNER)
        eve = await workplace.add_person("Eve", team_id=workplace.team_a)
        await new_robot(workplace.alice, "alices")
        await new_robot(dan, "dans")
        await give_shift(workplace, REPORTED, workplace.bob, eve)
        await nobody_punches(workplace, frozen)
        for token in ("alices", "dans"):
            assert [found["markdown"]["title"] for found in dingtalk.messages(token)] == [
                "上班打卡：2 人还没有打卡记录"
            ]


async def test_what_a_shared_robot_does_not_take_is_kept_in_every_planners_inbox(
    make_workplace: WorkplaceMaker, frozen: Clock
) -> None:
    frozen.set(shanghai("08:40"))
    async with dingtalk_workplace(make_workplace) as (workplace, dingtalk):
        dan = await workplace.add_person("Dan", team_id=workplace.team_a, role=Role.PLANNER)
        await new_robot(workplace.alice, "office")
        await new_robot(dan, "office")
        await give_shift(workplace, REPORTED, workplace.bob)
        dingtalk.verdicts["office"] = KEYWORDS_DO_NOT_MATCH
        await nobody_punches(workplace, frozen)
        assert len(dingtalk.messages("office")) == 1
        for planner in (workplace.alice, dan):
            titles = [message["title"] for message in await inbox_of(planner)]
            assert titles.count("上班打卡：1 人还没有打卡记录") == 1
        assert await inbox_of(workplace.charlie) == []


async def test_an_app_that_writes_to_persons_reports_to_each_planner_once_and_not_to_whom_it_is_about(
    make_workplace: WorkplaceMaker, frozen: Clock
) -> None:
    frozen.set(shanghai("08:40"))
    app = FakeDingTalkApp(people=("alice", "dan", "bob", "eve"))
    async with app.running() as dingtalk, make_workplace(dingtalk_base_url=dingtalk.base_url) as workplace:
        eve = await workplace.add_person("Eve", team_id=workplace.team_a, dingtalk_userid="eve")
        dan = await workplace.add_person("Dan", team_id=workplace.team_a, role=Role.PLANNER, dingtalk_userid="dan")
        await workplace.root.patch(f"/api/v1/users/{workplace.alice.id}", {"dingtalk_userid": "alice"})
        await workplace.root.patch(f"/api/v1/users/{workplace.bob.id}", {"dingtalk_userid": "bob"})
        await new_app(workplace.alice, "dingtalk_one_to_one", team_id=workplace.team_a)
        await new_app(dan, "dingtalk_one_to_one")
        await give_shift(workplace, REPORTED, workplace.bob, eve)
        await nobody_punches(workplace, frozen)
        reports = [
            (sent["userIds"], json.loads(sent["msgParam"])["title"])
            for sent in app.chats
            if sent["msgKey"] == "sampleMarkdown"
        ]
        # Alice has no channel of her own that works: the inbox has it too.
        title = "上班打卡：2 人还没有打卡记录"
        assert sorted(reports) == [(["alice"], title), (["dan"], title)]
        reminded = {who for sent in app.chats if sent["msgKey"] != "sampleMarkdown" for who in sent["userIds"]}
        assert reminded == {"bob", "eve"}


@pytest.mark.parametrize(
    ("answer", "is_kept_at"),
    [
        (
            {"code": 900, "msg": "too many requests today"},
            "09:05",
        ),  # held until the next day: so it is on that day as well
        ({"code": 903, "msg": "wrong token"}, "09:05"),
    ],
)
async def test_a_planner_whose_only_channel_is_held_or_broken_finds_each_escalation_in_the_inbox(
    make_workplace: WorkplaceMaker, frozen: Clock, answer: dict[str, Any], is_kept_at: str
) -> None:
    frozen.set(shanghai("08:40"))
    async with beside(FakeServer(lambda asked: FakeResponse(answer)), "pushplus", make_workplace) as (workplace, _):
        config = {"token": "0123456789abcdef0123456789abcdef"}
        await workplace.alice.post("/api/v1/channels", {"name": "微信", "kind": "pushplus", "config": config})
        two_ends = {**REPORTED, "periods": [{"start": "09:00", "end": "12:00"}, {"start": "14:00", "end": "18:00"}]}
        await give_shift(workplace, two_ends, workplace.bob)
        for moment in (is_kept_at, "12:00", "12:20", "14:05", "18:20"):
            frozen.set(shanghai(moment))
            await workplace.tick()
            await workplace.tick()
        titles = [found["title"] for found in await inbox_of(workplace.alice)]
        assert [title for title in reversed(titles) if "没有打卡记录" in title] == [
            "上班打卡：1 人还没有打卡记录",
            "下班打卡：1 人还没有打卡记录",
            "上班打卡：1 人还没有打卡记录",
            "下班打卡：1 人还没有打卡记录",
        ]


async def test_a_planners_channel_that_gets_only_escalations_is_tried_again_once_it_may_have_been_mended(
    make_workplace: WorkplaceMaker, frozen: Clock
) -> None:
    frozen.set(shanghai("08:40"))
    async with dingtalk_workplace(make_workplace) as (workplace, dingtalk):
        await new_robot(workplace.alice, "alices")
        await give_shift(workplace, REPORTED, workplace.bob)
        dingtalk.verdicts["alices"] = KEYWORDS_DO_NOT_MATCH
        await nobody_punches(workplace, frozen, ("09:05",))
        del dingtalk.verdicts["alices"]
        await nobody_punches(workplace, frozen, ("18:00", "18:20"))
        assert len(dingtalk.messages("alices")) == 2
        titles = [found["title"] for found in await inbox_of(workplace.alice)]
        assert titles.count("下班打卡：1 人还没有打卡记录") == 1  # nobody knew yet that it works
        assert (await workplace.alice.get("/api/v1/channels"))["items"][0]["status"] == "ok"


@pytest.mark.parametrize(
    ("change", "reached"),
    [
        ({"dingtalk_userid": "alice-now"}, ["alice-now"]),
        ({"display_name": "Alice B"}, ["alice"]),
        ({"role": "member"}, []),
        ({"is_active": False}, []),
    ],
    ids=str,
)
async def test_an_escalation_that_waits_goes_to_whom_plans_by_the_profile_as_it_is_then(
    make_workplace: WorkplaceMaker, frozen: Clock, change: dict[str, Any], reached: list[str]
) -> None:
    frozen.set(shanghai("08:40"))
    app = FakeDingTalkApp(people=("alice", "alice-now", "bob"))
    async with app.running() as dingtalk, make_workplace(dingtalk_base_url=dingtalk.base_url) as workplace:
        await workplace.root.patch(f"/api/v1/users/{workplace.alice.id}", {"dingtalk_userid": "alice"})
        await new_app(workplace.alice, "dingtalk_one_to_one", team_id=workplace.team_a)
        await give_shift(workplace, {**EARLY, "policy": ESCALATES_ONCE}, workplace.bob)
        app.next.append(FakeResponse("busy", 503))
        await nobody_punches(workplace, frozen, ("09:05",))
        await workplace.root.patch(f"/api/v1/users/{workplace.alice.id}", change)
        frozen.forward(seconds=5)
        await workplace.tick()
        reports = [sent["userIds"] for sent in app.chats if sent["msgKey"] == "sampleMarkdown"]
        assert reports == [[who] for who in reached]
