"""Shifts over HTTP: who sees and changes which, what is refused, and that reminders follow."""

from typing import Any

import pytest

from conftest import ONE_DATABASE, Clock, Workplace
from daka.policy import PRESETS
from scenes import EARLY, NIGHT, REST, SPLIT, assign, clock_times, give_shift, new_shift, reminder_of, reminders_of


async def names(person: Any) -> list[str]:
    return [shift["name"] for shift in (await person.get("/api/v1/shifts"))["items"]]


async def test_a_planners_shift_belongs_to_their_team_and_an_administrators_to_all(workplace: Workplace) -> None:
    await new_shift(workplace.alice, EARLY)
    await new_shift(workplace.root, NIGHT)
    assert await names(workplace.alice) == ["早班", "夜班"]
    assert await names(workplace.bob) == ["早班", "夜班"]
    assert await names(workplace.charlie) == ["夜班"]


async def test_a_shift_comes_back_as_it_was_made(workplace: Workplace) -> None:
    made = await workplace.alice.post("/api/v1/shifts", {**NIGHT, "color": "#aabbcc", "overtime_minutes": 15})
    assert made == await workplace.bob.get(f"/api/v1/shifts/{made['id']}")
    assert made == {
        "id": made["id"],
        "name": "夜班",
        "code": "夜",
        "color": "#aabbcc",
        "is_rest": False,
        "overtime_minutes": 15,
        "periods": [{"start": "22:00", "end": "06:00"}],
        "asks_clock_out": True,
        "policy": None,
        "team_id": workplace.team_a,
        "is_variant": False,
        "is_night": True,
    }


@pytest.mark.parametrize(("shift", "is_night"), [(EARLY, False), (NIGHT, True), (SPLIT, False), (REST, False)])
async def test_a_shift_is_a_night_shift_if_it_works_in_the_night(
    workplace: Workplace, shift: dict, is_night: bool
) -> None:
    assert (await workplace.alice.post("/api/v1/shifts", shift))["is_night"] is is_night


@pytest.mark.parametrize(
    "wrong",
    [
        {"periods": [{"start": "09:00", "end": "25:00"}]},
        {"periods": [{"start": "9:00", "end": "18:00"}]},
        {"periods": [{"start": "09:00", "end": "24:00"}]},
        {"periods": [{"start": "09:00", "end": "18:60"}]},
        {"periods": [{"start": "09:00"}]},
        {"periods": [{"start": "09:00", "end": "18:00", "break": 30}]},
        {"periods": []},
        {"periods": [{"start": f"{hour:02}:00", "end": f"{hour:02}:30"} for hour in (8, 10, 12, 14)]},
        {
            "periods": [
                {"start": "13:00", "end": "18:00"},
                {"start": "09:00", "end": "12:00"},
                {"start": "08:00", "end": "08:30"},
            ]
        },
        {"periods": [{"start": "22:00", "end": "06:00"}, {"start": "07:00", "end": "23:00"}]},
        {"is_rest": True},
        {"name": ""},
        {"name": "   "},
        {"name": "早\x00班"},
        {"name": "班" * 41},
        {"name": 7},
        {"code": "too long"},
        {"code": "a,b"},
        {"color": "red; background: url(x)"},
        {"overtime_minutes": -1},
        {"overtime_minutes": 10**30},
        {"overtime_minutes": "later"},
        {"team_id": 10**30},
        {"team_id": 0},
        {"policy": {"clock_in": {"start": 10, "until": -10}}},
        {"policy": {"clock_in": {"start": -15, "until": 10, "every": 0}}},
        {"policy": {"clock_in": {"start": -15, "until": 10, "often": True}}},
        {"policy": "always"},
        {"colour": "hue-1"},
    ],
    ids=str,
)
@ONE_DATABASE
async def test_a_shift_that_makes_no_sense_is_refused_and_nothing_is_written(workplace: Workplace, wrong: dict) -> None:
    answer = await workplace.alice.http.post("/api/v1/shifts", json={**EARLY, **wrong})
    problem = answer.json()
    assert (answer.status_code, problem["code"]) == (422, "invalid_input")
    assert answer.headers["content-type"] == "application/problem+json"
    assert all({"loc", "code", "msg"} == set(found) for found in problem["errors"])
    assert await names(workplace.alice) == []


async def test_two_shifts_on_one_code_would_be_ambiguous(workplace: Workplace) -> None:
    await new_shift(workplace.alice, EARLY)
    answer = await workplace.alice.http.post("/api/v1/shifts", json={**NIGHT, "code": "早"})
    assert (answer.status_code, answer.json()["code"]) == (409, "shift_code_taken")
    assert await names(workplace.alice) == ["早班"]


async def test_members_make_no_shifts_and_planners_do_not_change_shared_ones(workplace: Workplace) -> None:
    refused = await workplace.bob.http.post("/api/v1/shifts", json=EARLY)
    assert (refused.status_code, refused.json()["code"]) == (403, "planners_only")
    shared = await new_shift(workplace.root, NIGHT)
    refused = await workplace.alice.http.patch(f"/api/v1/shifts/{shared}", json={"name": "晚班"})
    assert (refused.status_code, refused.json()["code"]) == (403, "not_your_shift")
    assert await names(workplace.alice) == ["夜班"]


async def test_a_foreign_teams_shift_does_not_exist_for_others(workplace: Workplace) -> None:
    shift_id = await new_shift(workplace.alice, EARLY)
    carol = await workplace.add_person("Carol", team_id=workplace.team_c, role="planner")
    for answer in (
        await workplace.charlie.http.get(f"/api/v1/shifts/{shift_id}"),
        await carol.http.patch(f"/api/v1/shifts/{shift_id}", json={"name": "x"}),
        await carol.http.delete(f"/api/v1/shifts/{shift_id}"),
    ):
        assert (answer.status_code, answer.json()["code"]) == (404, "shift_not_found")
    assert (await carol.get("/api/v1/shifts", team_id=workplace.team_a))["items"] == []
    refused = await carol.http.post("/api/v1/shifts", json={**EARLY, "team_id": workplace.team_a})
    assert refused.status_code == 404
    assert await names(workplace.alice) == ["早班"]


async def test_the_three_presets_are_offered(workplace: Workplace) -> None:
    offered = await workplace.bob.get("/api/v1/shifts/presets")
    assert offered == {name: policy.model_dump() for name, policy in PRESETS.items()}


async def test_new_times_move_the_reminders_of_everybody_on_the_shift(workplace: Workplace, frozen: Clock) -> None:
    shift_id = await give_shift(workplace, EARLY, workplace.bob)
    await workplace.alice.patch(f"/api/v1/shifts/{shift_id}", {"periods": [{"start": "10:00", "end": "19:00"}]})
    found = await reminders_of(workplace.bob)
    assert clock_times([each["opens_at"] for each in found]) == ["11-23 09:45", "11-23 19:00"]


async def test_who_need_not_clock_out_is_reminded_of_clocking_in_only(workplace: Workplace, frozen: Clock) -> None:
    shift_id = await give_shift(workplace, {**SPLIT, "asks_clock_out": False}, workplace.bob)
    assert {each["kind"] for each in await reminders_of(workplace.bob)} == {"clock_in"}
    one = f"/api/v1/shifts/{shift_id}"
    await workplace.alice.patch(one, {"asks_clock_out": True})
    kinds = [each["kind"] for each in await reminders_of(workplace.bob)]
    assert kinds.count("clock_out") == kinds.count("clock_in") > 0
    await workplace.alice.patch(one, {"asks_clock_out": False})
    left = [each["status"] for each in await reminders_of(workplace.bob) if each["kind"] == "clock_out"]
    assert "scheduled" not in left


async def test_a_new_name_leaves_reminders_alone(workplace: Workplace) -> None:
    shift_id = await give_shift(workplace, EARLY, workplace.bob)
    before = await reminders_of(workplace.bob)
    await workplace.alice.patch(f"/api/v1/shifts/{shift_id}", {"name": "晨班"})
    assert [{**each, "shift_name": "早班"} for each in await reminders_of(workplace.bob)] == before


async def test_a_shift_that_becomes_rest_takes_its_reminders_along(workplace: Workplace) -> None:
    shift_id = await give_shift(workplace, EARLY, workplace.bob)
    await workplace.alice.patch(f"/api/v1/shifts/{shift_id}", {"is_rest": True})
    assert await reminders_of(workplace.bob) == []


async def test_half_a_change_that_makes_no_sense_changes_nothing(workplace: Workplace) -> None:
    shift_id = await give_shift(workplace, EARLY, workplace.bob)
    before = await workplace.alice.get(f"/api/v1/shifts/{shift_id}"), await reminders_of(workplace.bob)
    for wrong, code in (
        ({"periods": []}, "periods_missing"),
        ({"is_rest": True, "periods": EARLY["periods"]}, "rest_has_periods"),
    ):
        answer = await workplace.alice.http.patch(f"/api/v1/shifts/{shift_id}", json={"name": "坏", **wrong})
        assert (answer.status_code, answer.json()["code"]) == (422, code)
    assert (await workplace.alice.get(f"/api/v1/shifts/{shift_id}"), await reminders_of(workplace.bob)) == before


async def test_a_shift_in_use_is_removed_only_with_a_replacement(workplace: Workplace) -> None:
    early, late = (
        await give_shift(workplace, EARLY, workplace.bob),
        await new_shift(
            workplace.alice, {**EARLY, "code": "晚", "name": "晚班", "periods": [{"start": "13:00", "end": "21:00"}]}
        ),
    )
    refused = await workplace.alice.http.delete(f"/api/v1/shifts/{early}")
    assert (refused.status_code, refused.json()["code"], refused.json()["people"]) == (409, "shift_in_use", 1)
    await workplace.alice.delete(f"/api/v1/shifts/{early}", replace_with=late)
    assert await names(workplace.bob) == ["晚班"]
    assert clock_times([(await reminder_of(workplace.bob))["point_at"]]) == ["11-23 13:00"]


async def test_a_shift_that_nobody_works_goes_and_its_code_is_free_again(workplace: Workplace) -> None:
    shift_id = await new_shift(workplace.alice, EARLY)
    await workplace.alice.delete(f"/api/v1/shifts/{shift_id}")
    assert await names(workplace.alice) == []
    await new_shift(workplace.alice, EARLY)


async def test_a_rest_shift_on_the_roster_reminds_nobody(workplace: Workplace) -> None:
    await give_shift(workplace, REST, workplace.bob)
    assert await reminders_of(workplace.bob) == []


async def test_taking_somebody_off_a_shift_takes_their_reminders(workplace: Workplace) -> None:
    await give_shift(workplace, EARLY, workplace.bob)
    assert len(await reminders_of(workplace.bob)) == 2
    await assign(workplace, None, workplace.bob)
    assert await reminders_of(workplace.bob) == []
