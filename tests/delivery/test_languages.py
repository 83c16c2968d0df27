"""Each message is in the language of whom its channel belongs to: a person's own, else their team's."""

from datetime import timedelta

import pytest

from conftest import TODAY, Clock, Workplace, WorkplaceMaker
from daka.notices.roster_notices import queue_notices
from scenes import EARLY, KEYWORDS_DO_NOT_MATCH, dingtalk_workplace, give_shift, inbox_of, new_robot, shanghai


@pytest.mark.parametrize(
    ("of_team", "of_bob", "to_group", "to_bob"),
    [
        (None, None, "上班打卡提醒 09:00", "上班打卡提醒 09:00"),
        (None, "en", "上班打卡提醒 09:00", "Reminder: clock in at 09:00"),
        ("en", None, "Reminder: clock in at 09:00", "Reminder: clock in at 09:00"),
        ("en", "zh", "Reminder: clock in at 09:00", "上班打卡提醒 09:00"),
    ],
)
async def test_a_group_reads_its_teams_language_and_a_person_their_own(
    make_workplace: WorkplaceMaker,
    frozen: Clock,
    of_team: str | None,
    of_bob: str | None,
    to_group: str,
    to_bob: str,
) -> None:
    frozen.set(shanghai("08:40"))
    async with dingtalk_workplace(make_workplace) as (workplace, dingtalk):
        if of_team:
            await workplace.alice.patch(f"/api/v1/teams/{workplace.team_a}", {"language": of_team})
        if of_bob:
            assert (await workplace.bob.patch("/api/v1/me", {"language": of_bob}))["language"] == of_bob
        await new_robot(workplace.alice, team_id=workplace.team_a)
        await give_shift(workplace, EARLY, workplace.bob)
        frozen.set(shanghai("08:45"))
        await workplace.tick()
        (grouped,) = dingtalk.messages()
        assert grouped["markdown"]["title"].endswith(to_group)
        channels = (await workplace.alice.get("/api/v1/channels"))["items"]
        await workplace.alice.delete(f"/api/v1/channels/{channels[0]['id']}")
        await new_robot(workplace.bob)
        frozen.forward(minutes=5)
        await workplace.tick()
        assert dingtalk.messages()[-1]["markdown"]["title"].endswith(to_bob)


async def test_a_teams_wording_in_one_language_leaves_the_other_as_it_is(workplace: Workplace, frozen: Clock) -> None:
    path = f"/api/v1/templates/{workplace.team_a}/clock_in_before"
    await workplace.alice.put(path, {"variants": [{"title": "早安 {name}", "line": "{time}"}]})
    answer = await workplace.alice.http.put(
        f"{path}?language=en", json={"variants": [{"title": "Morning, {name}", "line": "{kind} {date} {weekday}"}]}
    )
    assert answer.json()["language"] == "en"
    await workplace.bob.patch("/api/v1/me", {"language": "en"})
    frozen.set(shanghai("08:40"))
    await give_shift(workplace, EARLY, workplace.bob)
    frozen.set(shanghai("08:45"))
    await workplace.tick()
    (message,) = await inbox_of(workplace.bob)
    assert (message["title"], message["text"]) == ("Morning, Bob", "clock in 23 Nov Mon")
    assert (await workplace.alice.http.delete(f"{path}?language=en")).status_code == 204
    listed = (await workplace.alice.get("/api/v1/templates", team_id=workplace.team_a))["items"]
    assert [(each["language"], each["variants"][0]["title"]) for each in listed] == [("zh", "早安 {name}")]


async def test_notices_and_alerts_are_in_the_language_of_each_reader(
    make_workplace: WorkplaceMaker, frozen: Clock
) -> None:
    async with dingtalk_workplace(make_workplace) as (workplace, dingtalk):
        for person in (workplace.bob, workplace.alice):
            await person.patch("/api/v1/me", {"language": "en"})
        leave = {"user_id": workplace.bob.id, "leave_type": "annual", "from": str(TODAY)}
        await workplace.alice.post("/api/v1/leaves", {**leave, "to": str(TODAY + timedelta(days=1))})
        await workplace.tick()
        await workplace.bob.put("/api/v1/me/notices", {"tells_changes": True, "tomorrow_at": "20:00"})
        frozen.set(shanghai("20:00"))
        async with workplace.database.write() as session:
            await queue_notices(session)
        channel_id = await new_robot(workplace.alice)
        dingtalk.verdicts["robot"] = KEYWORDS_DO_NOT_MATCH
        await workplace.alice.post(f"/api/v1/channels/{channel_id}/test")
        await workplace.tick()
        assert {each["title"]: each["text"] for each in await inbox_of(workplace.bob)} == {
            "Leave entered": "Alice entered leave for you (annual leave): Mon 23 Nov to Tue 24 Nov. You are not reminded.",
            "On leave tomorrow": "Tue 24 Nov: on leave, no reminders.",
        }
        assert "cannot send" in (await inbox_of(workplace.alice))[0]["title"]
