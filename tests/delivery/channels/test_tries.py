"""Settings that are tested before they are saved, and what a channel may claim of itself."""

import json
from typing import Any

import pytest
from sqlmodel import func, select

from conftest import Clock, Workplace, WorkplaceMaker
from daka.delivery.models import Channel, Delivery
from delivery.conftest import WithDingTalk
from fakes.server import FakeResponse
from scenes import dingtalk_workplace, new_robot

TRY = "/api/v1/channels/test"
HOOK = "https://oapi.dingtalk.com/robot/send?access_token="


def typed(token: str = "robot", **values: Any) -> dict[str, Any]:
    return {"name": "一车间群", "kind": "dingtalk_robot", "config": {"webhook_url": HOOK + token}, **values}


async def status_of(workplace: Workplace, channel_id: int) -> tuple[str, bool]:
    channel = await workplace.alice.get(f"/api/v1/channels/{channel_id}")
    return channel["status"], channel["status_at"] is not None


async def test_a_channel_is_tested_before_it_is_saved_and_nothing_of_the_test_is_kept(
    frozen: Clock, with_dingtalk: WithDingTalk
) -> None:
    workplace, dingtalk = with_dingtalk
    async with workplace.database.read() as session:
        before = [(await session.exec(select(func.count()).select_from(row))).one() for row in (Delivery, Channel)]
    asked = typed("canary-token-0001", team_id=workplace.team_a)
    found = await workplace.alice.post(TRY, asked)
    assert (found["outcome"], found["delivery_id"]) == ("done", None)
    assert "一车间群" in dingtalk.messages()[0]["markdown"]["text"]
    assert "canary-token" not in json.dumps(found)
    async with workplace.database.read() as session:
        after = [(await session.exec(select(func.count()).select_from(row))).one() for row in (Delivery, Channel)]
    assert after == before
    saved = await workplace.alice.post("/api/v1/channels", {**asked, "proof": found["proof"]})
    assert await status_of(workplace, saved["id"]) == ("ok", True)


@pytest.mark.parametrize("change", ["none", "another address", "another person", "an hour later", "forged"])
async def test_a_proof_holds_for_these_settings_their_tester_and_an_hour(
    frozen: Clock, change: str, with_dingtalk: WithDingTalk
) -> None:
    workplace, _ = with_dingtalk
    proof = (await workplace.alice.post(TRY, typed(team_id=workplace.team_a)))["proof"]
    asked = typed("other" if change == "another address" else "robot", team_id=workplace.team_a)
    if change == "an hour later":
        frozen.forward(hours=1, seconds=1)
    by = workplace.root if change == "another person" else workplace.alice
    saved = await by.post("/api/v1/channels", {**asked, "proof": proof[:-4] if change == "forged" else proof})
    expected = ("ok", True) if change == "none" else ("untried", False)
    assert await status_of(workplace, saved["id"]) == expected


async def test_a_channel_claims_to_work_only_once_it_was_seen_to_work(
    frozen: Clock, with_dingtalk: WithDingTalk
) -> None:
    workplace, dingtalk = with_dingtalk
    channel_id = await new_robot(workplace.alice, team_id=workplace.team_a)
    path = f"/api/v1/channels/{channel_id}"
    assert await status_of(workplace, channel_id) == ("untried", False)
    await workplace.alice.post(f"{path}/test")
    assert await status_of(workplace, channel_id) == ("ok", True)
    await workplace.alice.patch(path, {"name": "二车间群"})
    await workplace.alice.patch(path, {"config": {"webhook_url": HOOK + "robot"}})  # the same address
    assert await status_of(workplace, channel_id) == ("ok", True)
    await workplace.alice.patch(path, {"config": {"webhook_url": HOOK + "other"}})
    assert await status_of(workplace, channel_id) == ("untried", False)
    dingtalk.next.append(FakeResponse({"errcode": 300005, "errmsg": "token is not exist"}))
    await workplace.alice.post(f"{path}/test")
    assert await status_of(workplace, channel_id) == ("broken", True)
    await workplace.alice.patch(path, {"name": "三车间群"})
    assert await status_of(workplace, channel_id) == ("broken", True)


async def test_changed_settings_are_tested_with_the_secrets_that_are_saved(
    frozen: Clock, with_dingtalk: WithDingTalk
) -> None:
    workplace, _ = with_dingtalk
    channel_id = await new_robot(workplace.alice, team_id=workplace.team_a)
    asked = typed(channel_id=channel_id, config={"keyword": "打卡"})
    found = await workplace.alice.post(TRY, asked)
    assert found["outcome"] == "done"
    change = {"config": asked["config"], "proof": found["proof"]}
    await workplace.alice.patch(f"/api/v1/channels/{channel_id}", change)
    assert await status_of(workplace, channel_id) == ("ok", True)
    for person in (workplace.bob, workplace.charlie):
        assert (await person.http.post(TRY, json=asked)).status_code == 404


async def test_a_refusal_gives_no_proof_and_throttles_the_robot_for_everybody(
    frozen: Clock, with_dingtalk: WithDingTalk
) -> None:
    workplace, dingtalk = with_dingtalk
    dingtalk.next += [
        FakeResponse({"errcode": 300005, "errmsg": "token is not exist"}),
        FakeResponse({"errcode": 410100, "errmsg": "send too fast"}),
    ]
    refused = await workplace.alice.post(TRY, typed())
    assert (refused["outcome"], refused["proof"]) == ("broken_channel", None)
    assert refused["hint_text"]["zh"]
    assert (await workplace.alice.post(TRY, typed()))["outcome"] == "throttled"
    again = await workplace.bob.http.post(TRY, json=typed())
    assert (again.status_code, again.json()["code"]) == (429, "channel_throttled")
    assert len(dingtalk.asked) == 2


async def test_a_person_tests_ten_addresses_a_minute(make_workplace: WorkplaceMaker, frozen: Clock) -> None:
    async with dingtalk_workplace(make_workplace) as (workplace, dingtalk):
        for number in range(10):
            assert (await workplace.bob.post(TRY, typed(f"robot{number}")))["outcome"] == "done"
        refused = await workplace.bob.http.post(TRY, json=typed("robot10"))
        assert (refused.status_code, refused.headers["Retry-After"]) == (429, "61")
        assert (await workplace.alice.post(TRY, typed("robot10")))["outcome"] == "done"
        frozen.forward(seconds=61)
        assert (await workplace.bob.post(TRY, typed("robot11")))["outcome"] == "done"
    assert len(dingtalk.asked) == 12


@pytest.mark.parametrize(
    ("asked", "status", "code"),
    [
        ({"kind": "environment_webhook"}, 422, "unknown_kind"),
        ({"config": {"webhook_url": "not an address"}}, 422, "invalid_input"),
        ({"team_id": 99}, 404, "team_not_found"),
        ({"channel_id": 99}, 404, "channel_not_found"),
    ],
)
async def test_what_could_not_be_saved_is_not_sent_either(
    workplace: Workplace, asked: dict[str, Any], status: int, code: str
) -> None:
    refused = await workplace.alice.http.post(TRY, json=typed(**asked))
    assert (refused.status_code, refused.json()["code"]) == (status, code)


async def test_a_test_of_typed_settings_goes_through_the_guard(
    make_workplace: WorkplaceMaker, refused_connections: list[str]
) -> None:
    async with make_workplace() as workplace:
        asked = {"name": "x", "kind": "webhook", "config": {"url": "http://127.0.0.1:9/metadata"}}
        found = await workplace.bob.post(TRY, asked)
    assert (found["outcome"], found["proof"]) == ("broken_channel", None)
    assert refused_connections == []
