"""What was answered stays answered when a change takes the punch point away, or elsewhere, and brings it back."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from conftest import TODAY, Clock, Person, Workplace, WorkplaceMaker
from scenes import EARLY, assign, dingtalk_workplace, give_shift, new_robot, new_shift, reminder_of, shanghai

Change = Callable[[], Awaitable[Any]]
LATE = {"name": "晚班", "code": "晚", "periods": [{"start": "11:00", "end": "20:00"}]}
NIGHT = {"name": "夜班", "code": "夜", "periods": [{"start": "22:00", "end": "06:00"}]}
AN_HOUR_AFTER = {"clock_in": {"start": 60, "every": 5, "until": 90}}
TEAM, SHIFT = "/api/v1/teams/{team}", "/api/v1/shifts/{shift}"

PATCHES: dict[str, tuple[str, dict[str, Any], dict[str, Any]]] = {
    "zone, and later": (TEAM, {"timezone": "Asia/Dhaka"}, {"timezone": "Asia/Shanghai"}),
    "zone, and over": (TEAM, {"timezone": "Asia/Tokyo"}, {"timezone": "Asia/Shanghai"}),
    "zone, and long over": (TEAM, {"timezone": "Pacific/Auckland"}, {"timezone": "Asia/Shanghai"}),
    "times": (SHIFT, {"periods": LATE["periods"]}, {"periods": EARLY["periods"]}),
    "rest": (SHIFT, {"is_rest": True, "periods": []}, {"is_rest": False, "periods": EARLY["periods"]}),
    "policy": (SHIFT, {"policy": AN_HOUR_AFTER}, {"policy": None}),
    "team's policy": (TEAM, {"policy": AN_HOUR_AFTER}, {"policy": None}),
}
"""What is changed, and changed back."""
OTHERS = ["cell", "cell undone", "cells and none", "cell emptied", "leave", "person", "channel"]


async def changed(how: str, workplace: Workplace, shift: int, people: list[Person]) -> Change:
    """Make the change. What is returned takes it back."""
    alice = workplace.alice
    back_on_shift = assigning(workplace, shift, people)
    if how in PATCHES:
        path, there, back = PATCHES[how]
        path = path.format(team=workplace.team_a, shift=shift)
        await workplace.root.patch(path, there)
        return lambda: workplace.root.patch(path, back)
    if how == "leave":
        leaves = [await alice.post("/api/v1/leaves", {"user_id": each.id, "from": str(TODAY)}) for each in people]
        return each_of([lambda leave=leave: alice.delete(f"/api/v1/leaves/{leave['id']}") for leave in leaves])
    if how in ("person", "channel"):
        name = "is_active" if how == "person" else "is_enabled"
        paths = [f"/api/v1/users/{each.id}" for each in people]
        if how == "channel":
            paths = [
                f"/api/v1/channels/{found['id']}" for found in (await workplace.root.get("/api/v1/channels"))["items"]
            ]
        for path in paths:
            await workplace.root.patch(path, {name: False})
        return each_of([lambda path=path: workplace.root.patch(path, {name: True}) for path in paths])
    if how == "cell emptied":
        await assign(workplace, None, *people)
        return back_on_shift
    await assign(workplace, await new_shift(alice, LATE), *people)
    if how == "cells and none":
        await assign(workplace, await new_shift(alice, NIGHT), *people)
        await assign(workplace, None, *people)
    if how != "cell undone":
        return back_on_shift
    action = (await workplace.root.get("/api/v1/roster/actions"))["items"][0]
    return lambda: workplace.root.post(f"/api/v1/roster/actions/{action['id']}/undo", {})


def assigning(workplace: Workplace, shift: int, people: list[Person]) -> Change:
    return lambda: assign(workplace, shift, *people)


def each_of(changes: list[Change]) -> Change:
    async def all_of_them() -> None:
        for change in changes:
            await change()

    return all_of_them


@pytest.mark.parametrize("back_at", ["08:52", "09:30", "11:30"])
@pytest.mark.parametrize("how", [*PATCHES, *OTHERS])
async def test_an_answer_outlives_a_change_that_is_taken_back(
    make_workplace: WorkplaceMaker, frozen: Clock, how: str, back_at: str
) -> None:
    """Taken back amid the window, after it, and after the window that there was meanwhile."""
    async with dingtalk_workplace(make_workplace) as (workplace, dingtalk):
        people = [workplace.bob, *await workplace.add_people(2, team_id=workplace.team_a)]
        for person in people:
            await new_robot(person, person.username)
        shift = await give_shift(workplace, EARLY, *people)
        frozen.set(shanghai("08:45"))
        await workplace.tick()
        frozen.set(shanghai("08:48"))
        acked, punched, skipped = people
        await acked.post(f"/api/v1/reminders/{(await reminder_of(acked))['id']}/ack")
        await punched.post("/api/v1/punches", {"kind": "clock_in"})
        await skipped.post(f"/api/v1/reminders/{(await reminder_of(skipped))['id']}/skip")
        given = await answers_of(workplace, people)
        assert [answer["status"] for answer in given] == ["acknowledged", "punched", "skipped"]
        frozen.set(shanghai("08:50"))
        take_back = await changed(how, workplace, shift, people)
        await tick_until(workplace, frozen, back_at)
        about_nine = len([message for message in dingtalk.messages() if "09:00" in message["markdown"]["text"]])
        await take_back()
        assert await answers_of(workplace, people) == given
        await tick_until(workplace, frozen, "12:00")
        assert await answers_of(workplace, people) == given
        assert len([message for message in dingtalk.messages() if "09:00" in message["markdown"]["text"]]) == about_nine


async def answers_of(workplace: Workplace, people: list[Person]) -> list[dict[str, Any]]:
    asked = [await workplace.alice.get("/api/v1/reminders", user_id=each.id) for each in people]
    found = [next(each for each in page["items"] if each["kind"] == "clock_in") for page in asked]
    return [{name: each[name] for name in ("status", "ended_by", "ended_at", "point_at")} for each in found]


async def tick_until(workplace: Workplace, frozen: Clock, until: str) -> None:
    await workplace.tick()
    while frozen.now < shanghai(until):
        frozen.set(min(shanghai(until), frozen.now + (shanghai("00:10") - shanghai("00:00"))))
        await workplace.tick()
