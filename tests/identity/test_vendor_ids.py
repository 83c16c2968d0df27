"""A userid is one person's: that of another account is refused wherever it is entered, and found numbers keep nobody's."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from conftest import Person, Workplace
from daka.identity.vendor_ids import keep_ids
from fakes.dingtalk_app import FakeDingTalkApp
from scenes import beside

FIELDS = ["dingtalk_userid", "wecom_userid", "feishu_userid"]
NEW = {"username": "dora", "display_name": "多拉"}
APP = {"app_key": "dingapp", "app_secret": "app-secret"}


def path_of(person: Person) -> str:
    return f"/api/v1/users/{person.id}"


async def share_a_source(workplace: Workplace, *team_ids: int | None) -> None:
    for team_id in team_ids:
        body = {"name": "考勤", "kind": "dingtalk_attendance", "config": APP, "team_id": team_id}
        await workplace.root.post("/api/v1/punch-sources", body)


async def invite(workplace: Workplace, profile: dict[str, Any]) -> Any:
    body = {**NEW, **profile, "team_id": workplace.team_a}
    return await workplace.alice.http.post("/api/v1/users/invite", json=body)


async def create(workplace: Workplace, profile: dict[str, Any]) -> Any:
    body = {**NEW, **profile, "team_id": workplace.team_a, "password": "a long passphrase"}
    return await workplace.alice.http.post("/api/v1/users", json=body)


async def change(workplace: Workplace, profile: dict[str, Any]) -> Any:
    erin = await workplace.add_person("Erin", team_id=workplace.team_a)
    return await workplace.alice.http.patch(path_of(erin), json=profile)


async def come_back(workplace: Workplace, profile: dict[str, Any]) -> Any:
    erin = await workplace.add_person("Erin", team_id=workplace.team_a, is_active=False)
    await workplace.root.patch(path_of(erin), profile)
    return await workplace.alice.http.patch(path_of(erin), json={"is_active": True})


async def change_teams(workplace: Workplace, profile: dict[str, Any]) -> Any:
    erin = await workplace.add_person("Erin", team_id=workplace.team_c, **profile)
    return await workplace.root.http.patch(path_of(erin), json={"team_id": workplace.team_a})


async def plan_a_move(workplace: Workplace, profile: dict[str, Any]) -> Any:
    erin = await workplace.add_person("Erin", team_id=workplace.team_c, **profile)
    body = {"team_id": workplace.team_a, "from_date": "2026-12-10"}
    return await workplace.root.http.post(f"{path_of(erin)}/moves", json=body)


WAYS: dict[str, Callable[[Workplace, dict[str, Any]], Awaitable[Any]]] = {
    "invited": invite,
    "created": create,
    "changed": change,
    "back at work": come_back,
    "to another team": change_teams,
    "to another team later": plan_a_move,
}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("field", FIELDS)
async def test_an_id_of_a_colleague_is_refused_however_it_is_entered(
    workplace: Workplace, field: str, way: str
) -> None:
    await workplace.root.patch(path_of(workplace.bob), {field: "u-Bob"})
    refused = await WAYS[way](workplace, {field: "U-BOB"})
    assert (refused.status_code, refused.json()["code"]) == (409, "userid_taken")
    (problem,) = refused.json()["errors"]
    assert problem["loc"] == ["body", field]
    assert "Bob" in problem["text"]["zh"]
    everybody = (await workplace.root.get("/api/v1/users"))["items"]
    holders = [user["username"] for user in everybody if user[field] and user["team_id"] == workplace.team_a]
    assert holders == ["bob"] or way == "back at work"


async def test_members_cannot_take_a_colleagues_id(workplace: Workplace) -> None:
    await workplace.root.patch(path_of(workplace.bob), {"dingtalk_userid": "u-bob"})
    erin = await workplace.add_person("Erin", team_id=workplace.team_a)
    refused = await erin.http.patch("/api/v1/me", json={"dingtalk_userid": "u-bob"})
    assert (refused.status_code, refused.json()["code"]) == (409, "userid_taken")
    assert "Bob" not in refused.text
    await workplace.bob.patch("/api/v1/me", {"dingtalk_userid": "u-bob", "display_name": "老王"})  # it is his


async def test_what_was_there_twice_before_hinders_no_other_change(workplace: Workplace) -> None:
    await workplace.add_person("Erin", team_id=workplace.team_a, dingtalk_userid="u-bob")
    twin = await workplace.add_person("Finn", team_id=workplace.team_a, dingtalk_userid="u-bob")
    await workplace.alice.patch(path_of(twin), {"display_name": "小费", "dingtalk_userid": "u-bob"})
    await workplace.alice.patch(path_of(twin), {"is_active": False})
    await workplace.root.patch(path_of(twin), {"team_id": workplace.team_c})


@pytest.mark.parametrize("shared", ["nothing", "the server's source", "copies of one source"])
async def test_teams_that_share_a_source_share_its_ids(workplace: Workplace, shared: str) -> None:
    """Another company on the same server may give out the same ids."""
    owners = {"nothing": [], "the server's source": [None]}.get(shared, [workplace.team_a, workplace.team_c])
    await share_a_source(workplace, *owners)
    await workplace.root.patch(path_of(workplace.bob), {"dingtalk_userid": "u-1"})
    answer = await workplace.root.http.patch(path_of(workplace.charlie), json={"dingtalk_userid": "u-1"})
    assert answer.status_code == (200 if shared == "nothing" else 409)


async def test_a_file_of_people_names_every_row_with_an_id_of_somebody_else(workplace: Workplace) -> None:
    await workplace.root.patch(path_of(workplace.bob), {"wecom_userid": "BoB"})
    rows = ["姓名,工号,企业微信账号,钉钉userid", "甲,a1,bob,", "乙,a2,yi,d1", "丙,a3,YI,", "丁,a4,,D1", "戊,a5,wu,d5"]
    content = "\n".join(rows).encode()

    async def upload(dry_run: bool) -> Any:
        files, params = {"file": ("people.csv", content)}, {"dry_run": dry_run}
        return await workplace.alice.http.post("/api/v1/users/import", files=files, params=params)

    found = (await upload(True)).json()
    said = [[(each["field"], each["code"]) for each in row["problems"]] for row in found["rows"]]
    assert said == [
        [("wecom_userid", "userid_taken")],
        [],
        [("wecom_userid", "twice")],
        [("dingtalk_userid", "twice")],
        [],
    ]
    assert (found["added"], found["problems"]) == (2, 3)
    assert (await upload(False)).status_code == 422


async def test_two_planners_enter_the_same_id_at_once(workplace: Workplace) -> None:
    people = await workplace.add_people(6, team_id=workplace.team_a)
    body = {"dingtalk_userid": "u-1"}
    answers = await asyncio.gather(*(workplace.alice.http.patch(path_of(each), json=body) for each in people))
    assert sorted(answer.status_code for answer in answers) == [200, *[409] * 5]


async def test_two_numbers_that_lead_to_one_id_give_it_to_one_person(workplace: Workplace) -> None:
    erin = await workplace.add_person("Erin", team_id=workplace.team_a)
    finn = await workplace.add_person("Finn", team_id=workplace.team_a, feishu_userid="u-2")
    async with workplace.database.write() as session:
        await keep_ids(session, "feishu_userid", {workplace.bob.id: "u-1", erin.id: "u-1", finn.id: "u-3"})
        await keep_ids(session, "feishu_userid", {erin.id: "U-2"})
    ids = [(await workplace.root.get(path_of(each)))["feishu_userid"] for each in (workplace.bob, erin, finn)]
    assert ids == ["u-1", None, "u-2"]


async def test_dingtalk_says_an_id_that_somebody_else_has(make_workplace: Any) -> None:
    async with beside(FakeDingTalkApp(), "dingtalk", make_workplace) as (workplace, dingtalk):
        dingtalk.mobiles["13800000001"] = "u-bob"
        await share_a_source(workplace, workplace.team_a)
        await workplace.add_person("Erin", team_id=workplace.team_a, dingtalk_userid="u-bob")
        refused = await workplace.alice.http.post(f"{path_of(workplace.bob)}/dingtalk-userid")
        assert (refused.status_code, refused.json()["code"]) == (409, "userid_taken")
        assert "Erin" in refused.text
