"""People whom a source cannot tell apart: a punch ends nobody's reminder, and everybody is told why it is in doubt."""

from typing import Any

import pytest
from sqlmodel import col, select

from conftest import Clock, Workplace, WorkplaceMaker
from daka.reminders.punches.json_url import JsonUrl, JsonUrlConfig
from daka.reminders.punches.models import PunchCheck
from daka.reminders.punches.same_people import SAME_PERSON
from fakes.server import Asked, FakeResponse, FakeServer
from reminders.punches.test_checker import IN_DOUBT, add_attendance, at, attendance_workplace, give_all
from scenes import inbox_of, reminder_of, shanghai


async def is_silenced(workplace: Workplace, frozen: Clock) -> bool:
    await at(workplace, frozen, "08:45")
    reminder = await reminder_of(workplace.bob)
    if reminder["status"] == "punched":
        assert await inbox_of(workplace.bob) == []
        return True
    (message,) = await inbox_of(workplace.bob)
    assert IN_DOUBT in message["text"]
    async with workplace.database.read() as session:
        checks = await session.exec(select(PunchCheck).where(col(PunchCheck.reminder_id) == reminder["id"]))
        assert {check.reason for check in checks} == {SAME_PERSON}
    return False


@pytest.mark.parametrize(
    ("other", "is_doubtful"),
    [
        ({"dingtalk_userid": "u-bob"}, True),
        ({"dingtalk_userid": "U-BOB"}, True),
        ({"dingtalk_userid": "u-bob", "team": "c"}, True),
        ({"mobile": "138 0000 0001"}, True),
        ({"dingtalk_userid": "u-bob", "is_active": False}, False),
        ({"dingtalk_userid": "u-bob2"}, False),
        ({"wecom_userid": "u-bob"}, False),
    ],
    ids=str,
)
async def test_a_punch_under_an_id_of_two_accounts_ends_nobodys_reminder(
    make_workplace: WorkplaceMaker, frozen: Clock, other: dict[str, Any], is_doubtful: bool
) -> None:
    async with attendance_workplace(make_workplace) as (workplace, fake):
        await add_attendance(workplace, workplace.root, fake)
        team = workplace.team_c if other.pop("team", "a") == "c" else workplace.team_a
        erin = await workplace.add_person("Erin", team_id=team, **other)
        has_shift = "mobile" in other  # a number is looked up only of whom is asked about
        await give_all(workplace, workplace.bob, *([erin] if has_shift else []))
        fake.punch("u-bob", shanghai("08:31"))
        assert await is_silenced(workplace, frozen) is not is_doubtful


async def test_another_company_may_give_out_the_same_id(make_workplace: WorkplaceMaker, frozen: Clock) -> None:
    async with attendance_workplace(make_workplace) as (workplace, fake):
        await add_attendance(workplace, workplace.root, fake, team_id=workplace.team_a)
        config = {"app_key": "dinganother", "app_secret": "another-secret"}
        await add_attendance(workplace, workplace.root, fake, team_id=workplace.team_c, config=config)
        await workplace.add_person("Erin", team_id=workplace.team_c, dingtalk_userid="u-bob")
        await give_all(workplace, workplace.bob)
        fake.punch("u-bob", shanghai("08:31"))
        assert await is_silenced(workplace, frozen)


class Entrance(FakeServer):
    """Everybody has come in."""

    def answer(self, asked: Asked) -> FakeResponse:
        return FakeResponse({"people": [{"who": "Bob", "punched": True}]})


@pytest.mark.parametrize("namesake", ["Bob", "Ｂ ob", "Bobby"])
async def test_one_row_of_a_name_that_two_people_have(
    make_workplace: WorkplaceMaker, frozen: Clock, namesake: str
) -> None:
    async with Entrance().running() as door, make_workplace(allow_private_targets=("127.0.0.0/8",)) as workplace:
        config = {
            "url": f"{door.base_url}/{{kind}}",
            "people_path": "people",
            "person_path": "who",
            "person_by": "display_name",
            "value_path": "punched",
        }
        body = {"name": "门禁", "kind": "json_url", "team_id": workplace.team_a, "config": config}
        await workplace.alice.post("/api/v1/punch-sources", body)
        erin = await workplace.add_person("Erin", team_id=workplace.team_a)
        await workplace.root.patch(f"/api/v1/users/{erin.id}", {"display_name": namesake})
        await give_all(workplace, workplace.bob)
        assert await is_silenced(workplace, frozen) is (namesake == "Bobby")


@pytest.mark.parametrize(
    ("more", "fields"),
    [
        ({"url": "https://door.example/{kind}"}, []),
        ({"url": "https://door.example/{mobile}/{kind}"}, ["mobile"]),
        ({"url": "https://door.example/{kind}", "value_path": "{display_name}.in"}, ["display_name"]),
        (
            {"url": "https://d.example/{kind}/{mobile}", "people_path": "all", "person_path": "{wecom_userid}"},
            ["username", "mobile", "wecom_userid"],
        ),
    ],
)
def test_what_an_address_goes_by(more: dict[str, Any], fields: list[str]) -> None:
    assert list(JsonUrl().identified_by(JsonUrlConfig.model_validate({"value_path": "punched", **more}))) == fields
