"""A planner has DingTalk asked for a person's userid, by their mobile number."""

from collections.abc import AsyncIterator

import pytest

from conftest import Workplace, WorkplaceMaker
from fakes.dingtalk_app import FakeDingTalkApp
from fakes.server import FakeResponse
from scenes import beside

APP = {"app_key": "dingapp", "app_secret": "app-secret"}
BOBS_NUMBER = "13800000001"


Office = tuple[Workplace, FakeDingTalkApp]


@pytest.fixture
async def office(make_workplace: WorkplaceMaker) -> AsyncIterator[Office]:
    async with beside(FakeDingTalkApp(), "dingtalk", make_workplace) as (workplace, dingtalk):
        dingtalk.mobiles[BOBS_NUMBER] = "u-bob"
        yield workplace, dingtalk


def path_of(workplace: Workplace) -> str:
    return f"/api/v1/users/{workplace.bob.id}/dingtalk-userid"


@pytest.mark.parametrize("owner", ["channel", "source"])
async def test_the_userid_is_found_with_the_teams_own_app_and_kept(owner: str, office: Office) -> None:
    workplace, _ = office
    if owner == "channel":
        body = {"name": "工作通知", "kind": "dingtalk_work_notice", "config": {**APP, "agent_id": 7}}
        await workplace.alice.post("/api/v1/channels", {**body, "team_id": workplace.team_a})
    else:
        body = {"name": "考勤", "kind": "dingtalk_attendance", "config": APP}
        await workplace.alice.post("/api/v1/punch-sources", {**body, "team_id": workplace.team_a})
    found = await workplace.alice.post(path_of(workplace))
    assert found == {"user_id": workplace.bob.id, "dingtalk_userid": "u-bob"}
    assert (await workplace.alice.get(f"/api/v1/users/{workplace.bob.id}"))["dingtalk_userid"] == "u-bob"
    entries = (await workplace.root.get("/api/v1/audit"))["items"]
    assert "u-bob" in str(entries[0]["after"])
    assert "app-secret" not in str(entries)


async def test_the_app_of_another_team_is_not_asked_with(office: Office) -> None:
    workplace, dingtalk = office
    body = {"name": "考勤", "kind": "dingtalk_attendance", "config": APP, "team_id": workplace.team_c}
    await workplace.root.post("/api/v1/punch-sources", body)
    refused = await workplace.alice.http.post(path_of(workplace))
    assert (refused.status_code, refused.json()["code"], dingtalk.asked) == (409, "no_dingtalk_app", [])


async def test_a_refusal_has_dingtalks_own_words_and_the_remedy(office: Office) -> None:
    workplace, dingtalk = office
    body = {"name": "考勤", "kind": "dingtalk_attendance", "config": APP, "team_id": workplace.team_a}
    await workplace.alice.post("/api/v1/punch-sources", body)
    dingtalk.may_find_people = False
    refused = (await workplace.alice.http.post(path_of(workplace))).json()
    assert (refused["code"], refused["provider_code"]) == ("dingtalk_refused", "60011")
    assert refused["hint_text"]["zh"]
    dingtalk.may_find_people = True
    dingtalk.mobiles.clear()
    refused = (await workplace.alice.http.post(path_of(workplace))).json()
    assert (refused["code"], refused["provider_code"]) == ("dingtalk_knows_nobody", "60121")
    assert (await workplace.alice.get(f"/api/v1/users/{workplace.bob.id}"))["dingtalk_userid"] is None
    await workplace.alice.patch(f"/api/v1/users/{workplace.bob.id}", {"mobile": None})
    assert (await workplace.alice.http.post(path_of(workplace))).json()["code"] == "no_mobile"


async def test_only_planners_of_the_team_may_ask(office: Office) -> None:
    workplace, dingtalk = office
    for person, status in ((workplace.bob, 403), (workplace.charlie, 403), (workplace.anonymous, 401)):
        http = person if person is workplace.anonymous else person.http
        assert (await http.post(path_of(workplace))).status_code == status
    charlie = f"/api/v1/users/{workplace.charlie.id}/dingtalk-userid"
    assert (await workplace.alice.http.post(charlie)).status_code == 404
    assert dingtalk.asked == []


async def test_every_code_for_a_number_that_nobody_has_says_so(office: Office) -> None:
    workplace, dingtalk = office
    body = {"name": "考勤", "kind": "dingtalk_attendance", "config": APP, "team_id": workplace.team_a}
    await workplace.alice.post("/api/v1/punch-sources", body)
    dingtalk.next.append(FakeResponse({"accessToken": "token-number-1", "expireIn": 7200}))
    for code in (33012, 40104, 60121, 400002):
        dingtalk.next.append(FakeResponse({"errcode": code, "errmsg": "words"}))
        refused = (await workplace.alice.http.post(path_of(workplace))).json()
        assert (refused["code"], refused["provider_code"]) == ("dingtalk_knows_nobody", str(code))
