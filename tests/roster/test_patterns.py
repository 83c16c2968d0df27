"""Filling, copying and templates over HTTP."""

from typing import Any

import pytest

from conftest import Workplace
from daka.roster.patterns.service import BUILT_IN
from roster.people import EARLY, NIGHT, REST, cell, grid, new_shift, plan, row_of


async def three_shifts(workplace: Workplace) -> tuple[int, int, int]:
    return await new_shift(workplace, EARLY), await new_shift(workplace, NIGHT), await new_shift(workplace, REST)


def fill_body(cycle: list[int | None], *people, **more: Any) -> dict[str, Any]:
    return {
        "cycle": cycle,
        "user_ids": [person.id for person in people],
        "from": "2026-12-01",
        "to": "2026-12-08",
        **more,
    }


async def test_a_cycle_fills_the_grid_with_an_offset_for_each_person(workplace: Workplace) -> None:
    early, night, rest = await three_shifts(workplace)
    body = fill_body([early, night, rest, rest], workplace.alice, workplace.bob, offsets={str(workplace.bob.id): 1})
    shown = await workplace.alice.post("/api/v1/roster/fill", {**body, "dry_run": True})
    assert (shown["is_dry_run"], shown["changed"], len(shown["cells"])) == (True, 16, 16)
    assert row_of(await grid(workplace.alice), workplace.bob)[:8] == [None] * 8

    done = await workplace.alice.post("/api/v1/roster/fill", body)
    assert (done["changed"], done["cells"]) == (16, shown["cells"])
    roster = await grid(workplace.alice)
    assert row_of(roster, workplace.alice)[:9] == [early, night, rest, rest, early, night, rest, rest, None]
    assert row_of(roster, workplace.bob)[:8] == [night, rest, rest, early, night, rest, rest, early]
    assert {found["code"] for found in done["warnings"]} == set()


async def test_blank_cells_are_filled_and_planned_ones_only_overwritten_when_asked(workplace: Workplace) -> None:
    early, night, _ = await three_shifts(workplace)
    await plan(workplace.alice, cell(workplace.bob, "2026-12-02", night))
    body = fill_body([early, None], workplace.bob)
    done = await workplace.alice.post("/api/v1/roster/fill", body)
    assert (done["changed"], done["kept"]) == (4, 1)
    assert row_of(await grid(workplace.alice), workplace.bob)[:4] == [early, night, early, None]
    done = await workplace.alice.post("/api/v1/roster/fill", {**body, "overwrite": True})
    assert (done["changed"], done["kept"]) == (1, 0)
    assert row_of(await grid(workplace.alice), workplace.bob)[:4] == [early, None, early, None]
    assert (await workplace.alice.post("/api/v1/roster/fill", body))["changed"] == 0


async def test_with_the_calendar_national_day_is_off_and_the_make_up_saturday_is_worked(workplace: Workplace) -> None:
    early, _, rest = await three_shifts(workplace)
    body = {
        **fill_body([early] * 5 + [rest] * 2, workplace.bob),
        "from": "2026-10-01",
        "to": "2026-10-11",
        "anchor": "2026-09-28",
        "calendar": "follow",
    }
    await workplace.alice.post("/api/v1/roster/fill", body)
    row = row_of(await grid(workplace.alice, "2026-10-01", "2026-10-11"), workplace.bob)
    assert row == [rest] * 7 + [early, early, early, rest]


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"cycle": []}, 422, "invalid_input"),
        ({"cycle": [999]}, 422, "unknown_shift"),
        ({"user_ids": [999]}, 422, "unknown_user"),
        ({"to": "2026-11-30"}, 422, "invalid_input"),
        ({"to": "2028-12-31"}, 422, "invalid_input"),
        ({"revision": 0}, 409, "roster_stale"),
        ({"calender": "follow"}, 422, "invalid_input"),
    ],
)
async def test_a_fill_that_cannot_be_is_refused_and_writes_nothing(workplace: Workplace, change, status, code) -> None:
    early, _, _ = await three_shifts(workplace)
    await plan(workplace.alice, cell(workplace.bob, "2026-12-01", early))
    answer = await workplace.alice.http.post(
        "/api/v1/roster/fill", json={**fill_body([early], workplace.bob), **change}
    )
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert row_of(await grid(workplace.alice), workplace.bob)[1:] == [None] * 30


async def test_only_planners_fill_and_only_their_teams(workplace: Workplace) -> None:
    early, _, _ = await three_shifts(workplace)
    body = fill_body([early], workplace.charlie)
    assert (await workplace.alice.http.post("/api/v1/roster/fill", json=body)).json()["code"] == "unknown_user"
    for person in (workplace.bob, workplace.charlie):
        assert (await person.http.post("/api/v1/roster/fill", json=body)).status_code == 403
    assert (await workplace.root.http.post("/api/v1/roster/fill", json=body)).json()["code"] == "shift_of_other_team"


async def test_a_week_is_copied_over_the_rest_of_the_month(workplace: Workplace) -> None:
    early, night, _ = await three_shifts(workplace)
    await plan(workplace.alice, cell(workplace.bob, "2026-12-07", early), cell(workplace.bob, "2026-12-09", night))
    body = {"user_ids": [workplace.bob.id], "from": "2026-12-07", "to": "2026-12-13", "onto": "2026-12-14"}
    shown = await workplace.alice.post("/api/v1/roster/copy", {**body, "until": "2026-12-31", "dry_run": True})
    assert shown["changed"] == 6
    await workplace.alice.post("/api/v1/roster/copy", {**body, "until": "2026-12-31"})
    row = row_of(await grid(workplace.alice), workplace.bob)
    assert [index + 1 for index, shift_id in enumerate(row) if shift_id == early] == [7, 14, 21, 28]
    assert [index + 1 for index, shift_id in enumerate(row) if shift_id == night] == [9, 16, 23, 30]


async def test_a_month_is_copied_weekday_by_weekday(workplace: Workplace) -> None:
    early, _, _ = await three_shifts(workplace)
    fridays = ["2026-12-04", "2026-12-11", "2026-12-18", "2026-12-25"]
    await plan(workplace.alice, *[cell(workplace.bob, day, early) for day in fridays])
    await workplace.alice.post(
        "/api/v1/roster/copy",
        {
            "user_ids": [workplace.bob.id],
            "from": "2026-12-01",
            "to": "2026-12-31",
            "onto": "2027-01-01",
            "by_weekday": True,
        },
    )
    row = row_of(await grid(workplace.alice, "2027-01-01", "2027-01-31"), workplace.bob)
    assert [index + 1 for index, shift_id in enumerate(row) if shift_id == early] == [1, 8, 15, 22, 29]


async def test_copying_with_overwrite_also_copies_blanks(workplace: Workplace) -> None:
    early, night, _ = await three_shifts(workplace)
    await plan(workplace.alice, cell(workplace.bob, "2026-12-01", early), cell(workplace.bob, "2026-12-04", night))
    body = {"user_ids": [workplace.bob.id], "from": "2026-12-01", "to": "2026-12-02", "onto": "2026-12-03"}
    assert (await workplace.alice.post("/api/v1/roster/copy", body))["changed"] == 1
    assert row_of(await grid(workplace.alice), workplace.bob)[2:4] == [early, night]
    await workplace.alice.post("/api/v1/roster/copy", {**body, "overwrite": True})
    assert row_of(await grid(workplace.alice), workplace.bob)[2:4] == [early, None]


# --- templates -------------------------------------------------------------------------------------------------------


async def test_the_built_in_templates_are_made_of_the_teams_own_shifts(workplace: Workplace) -> None:
    early, night, rest = await three_shifts(workplace)
    found = {one["name"]: one for one in (await workplace.alice.get("/api/v1/roster/patterns"))["items"]}
    assert list(found) == [
        "做五休二",
        "大小周",
        "做六休一",
        "上二休二",
        "上四休二",
        "白夜休休",
        "四班三倒",
        "四班两倒",
        "三班两倒",
    ]
    assert found["白夜休休"]["cycle"] == [early, night, rest, rest]
    assert found["做五休二"]["cycle"] == [early] * 5 + [rest] * 2
    assert (found["做五休二"]["starts_on_monday"], found["做五休二"]["calendar"]) == (True, "follow")
    assert len(found["大小周"]["cycle"]) == 14


async def test_where_everybody_works_at_night_a_pattern_of_work_and_rest_means_the_night(workplace: Workplace) -> None:
    night = await new_shift(workplace, NIGHT)
    found = {one["name"]: one for one in (await workplace.alice.get("/api/v1/roster/patterns"))["items"]}
    assert found["做五休二"]["cycle"] == [*[night] * 5, None, None]
    assert found["三班两倒"]["missing"] == ["白"]


async def test_a_template_whose_shift_is_missing_says_so(workplace: Workplace) -> None:
    early = await new_shift(workplace, EARLY)
    found = {one["name"]: one for one in (await workplace.alice.get("/api/v1/roster/patterns"))["items"]}
    assert (found["白夜休休"]["cycle"], found["白夜休休"]["missing"]) == ([], ["夜"])
    assert found["上四休二"]["cycle"] == [early] * 4 + [None] * 2


async def test_planners_keep_change_and_forget_templates(workplace: Workplace) -> None:
    early, night, _ = await three_shifts(workplace)
    kept = await workplace.alice.post(
        "/api/v1/roster/patterns", {"name": "两班倒", "cycle": [early, early, night, None]}
    )
    assert (kept["team_id"], kept["slots"]) == (workplace.team_a, ["早", "早", "夜", "休"])
    for taken in ("两班倒", "做五休二"):
        again = await workplace.alice.http.post("/api/v1/roster/patterns", json={"name": taken, "cycle": [early]})
        assert (again.status_code, again.json()["code"]) == (409, "pattern_name_taken")
    changed = await workplace.alice.patch(f"/api/v1/roster/patterns/{kept['id']}", {"cycle": [night]})
    assert changed["cycle"] == [night]

    await workplace.alice.delete(f"/api/v1/shifts/{night}")
    last = (await workplace.alice.get("/api/v1/roster/patterns"))["items"][-1]
    assert (last["name"], last["cycle"], last["missing"]) == ("两班倒", [], [str(night)])
    await workplace.alice.delete(f"/api/v1/roster/patterns/{kept['id']}")
    assert len((await workplace.alice.get("/api/v1/roster/patterns"))["items"]) == len(BUILT_IN)


async def test_templates_of_another_team_are_not_there(workplace: Workplace) -> None:
    early, _, _ = await three_shifts(workplace)
    kept = await workplace.alice.post("/api/v1/roster/patterns", {"name": "两班倒", "cycle": [early]})
    carol = await workplace.add_person("Carol", team_id=workplace.team_c, role="planner")
    assert len((await carol.get("/api/v1/roster/patterns"))["items"]) == len(BUILT_IN)
    for method, body in (("PATCH", {"name": "别人的"}), ("DELETE", None)):
        answer = await carol.http.request(method, f"/api/v1/roster/patterns/{kept['id']}", json=body)
        assert answer.status_code == 404
    foreign = await carol.http.post("/api/v1/roster/patterns", json={"name": "x", "cycle": [early]})
    assert foreign.json()["code"] == "unknown_shift"


async def test_the_next_month_goes_on_where_everybody_stopped(workplace: Workplace) -> None:
    early, night, rest = await three_shifts(workplace)
    cycle = [early, night, rest, rest, rest]
    alice, bob = workplace.alice, workplace.bob
    december = {"from": "2026-12-01", "to": "2026-12-31", "offsets": {str(bob.id): 2}}
    await alice.post("/api/v1/roster/fill", fill_body(cycle, alice, bob) | december)
    body = fill_body(cycle, alice, bob) | {"from": "2027-01-01", "to": "2027-01-05", "offsets": {str(bob.id): 1}}
    await alice.post("/api/v1/roster/fill", {**body, "continues": True})
    january = await grid(alice, "2027-01-01", "2027-01-05")
    # 31 December was the first day of the sixth round for Alice; Bob is two days ahead.
    assert row_of(january, alice) == [night, rest, rest, rest, early]
    assert row_of(january, bob) == [rest, rest, early, night, rest]

    copied = {"user_ids": [alice.id, bob.id], "from": "2026-12-01", "to": "2026-12-31", "onto": "2027-02-01"}
    await alice.post("/api/v1/roster/copy", {**copied, "until": "2027-02-05", "by_weekday": True, "keep_cycle": True})
    february = await grid(alice, "2027-02-01", "2027-02-05")
    assert row_of(february, alice) == [rest, rest, rest, early, night]
    assert row_of(february, bob) == [rest, early, night, rest, rest]


async def test_who_is_new_in_a_crew_goes_on_with_it(workplace: Workplace) -> None:
    """Moved from one crew to another in the middle of a month, or planned for the first time: the crew's place counts."""
    early, night, rest = await three_shifts(workplace)
    cycle = [early, early, night, night, rest, rest]
    alice, bob = workplace.alice, workplace.bob
    dora = await workplace.add_person("Dora", team_id=workplace.team_a)
    erik = await workplace.add_person("Erik", team_id=workplace.team_a)
    december = {"from": "2026-12-01", "to": "2026-12-31", "offsets": {str(each.id): 2 for each in (bob, dora)}}
    await alice.post("/api/v1/roster/fill", fill_body(cycle, alice, bob, dora) | december)
    crews = [{"user_ids": [alice.id]}, {"user_ids": [bob.id, dora.id], "new_user_ids": [erik.id]}]
    january = {"from": "2027-01-01", "to": "2027-01-06", "continues": True, "crews": crews}
    await alice.post("/api/v1/roster/fill", fill_body(cycle, alice, bob, dora, erik) | january)
    seen = await grid(alice, "2027-01-01", "2027-01-06")
    assert row_of(seen, bob) == row_of(seen, erik) == [night, rest, rest, early, early, night]

    moved = {"from": "2026-12-16", "to": "2026-12-31", "continues": True, "overwrite": True}
    crews = [{"user_ids": []}, {"user_ids": [bob.id], "new_user_ids": [alice.id]}]
    await alice.post("/api/v1/roster/fill", fill_body(cycle, alice) | moved | {"crews": crews})
    seen = await grid(alice)
    assert row_of(seen, alice)[15:] == row_of(seen, bob)[15:]
    assert row_of(seen, alice)[:15] == [early, early, night, night, rest, rest] * 2 + [early, early, night]
    await alice.post("/api/v1/roster/fill", fill_body(cycle, alice) | december | {"offset": 3, "overwrite": True})
    made = [{"user_ids": [], "new_user_ids": [bob.id, dora.id, alice.id, erik.id]}]
    asked = fill_body(cycle, alice, bob) | january | {"overwrite": True, "crews": made}
    await alice.post("/api/v1/roster/fill", asked)
    seen = await grid(alice, "2027-01-01", "2027-01-06")
    assert row_of(seen, alice) == [rest, rest, early, early, night, night], (
        "a new crew leads nobody from their own place"
    )
    assert row_of(seen, bob) == [night, rest, rest, early, early, night]
    foreign = {"crews": [{"user_ids": [workplace.charlie.id]}], "continues": True}
    answer = await alice.http.post("/api/v1/roster/fill", json=fill_body(cycle, alice) | foreign)
    assert (answer.status_code, answer.json()["errors"][0]["loc"]) == (
        422,
        ["body", "crews", 0, "user_ids", 0],
    )


async def test_the_list_says_which_pattern_the_team_works(workplace: Workplace) -> None:
    early, night, rest = await three_shifts(workplace)
    alice, bob = workplace.alice, workplace.bob
    cycle = [early, night, rest, rest]
    december = {"from": "2026-12-01", "to": "2026-12-31", "offsets": {str(bob.id): 1}}
    await alice.post("/api/v1/roster/fill", fill_body(cycle, alice, bob) | december)

    async def worked(**asked: Any) -> dict[str, int]:
        found = (await alice.get("/api/v1/roster/patterns", **asked))["items"]
        return {one["name"]: one["people"] for one in found if one["people"]}

    assert await worked(team_id=workplace.team_a, before="2027-01-01") == {"白夜休休": 2}
    assert await worked(team_id=workplace.team_a, before="2027-02-01") == {"白夜休休": 2}, "nothing is planned after it"
    assert await worked(team_id=workplace.team_a, before="2026-12-16") == {"白夜休休": 2}
    assert await worked(team_id=workplace.team_a, before="2026-12-01") == {}
    assert await worked(before="2027-01-01") == {}


@pytest.mark.parametrize(
    ("start", "slots"),
    [
        pytest.param("22:00", {"四班三倒": "早早中中夜夜休休", "白夜休休": "白夜休休"}, id="before midnight"),
        pytest.param("00:00", {"四班三倒": "夜夜早早中中休休", "白夜休休": "夜白休休"}, id="at midnight"),
        pytest.param("01:30", {"四班两倒": "夜夜白白休休休休", "三班两倒": "夜夜白白休休"}, id="after midnight"),
    ],
)
async def test_a_night_after_midnight_comes_before_the_days(
    workplace: Workplace, start: str, slots: dict[str, str]
) -> None:
    for name, code, begins, ends in (("早班", "早", "08:00", "16:00"), ("中班", "中", "16:00", "00:00")):
        await new_shift(workplace, {"name": name, "code": code, "periods": [{"start": begins, "end": ends}]})
    await new_shift(workplace, {"name": "夜班", "code": "夜", "periods": [{"start": start, "end": "08:00"}]})
    rest = await new_shift(workplace, REST)
    found = {one["name"]: one for one in (await workplace.alice.get("/api/v1/roster/patterns"))["items"]}
    assert {name: "".join(found[name]["slots"]) for name in slots} == slots
    assert found["四班三倒"]["cycle"][-2:] == [rest, rest]


async def test_crews_belong_to_their_team(workplace: Workplace) -> None:
    path = f"/api/v1/teams/{workplace.team_a}"
    crews = [{"name": "甲", "user_ids": [workplace.alice.id]}, {"name": "乙", "user_ids": [workplace.bob.id]}]
    assert (await workplace.alice.patch(path, {"crews": crews}))["crews"] == crews
    assert (await workplace.alice.patch(path, {"name": "一班组"}))["crews"] == crews
    for wrong, code in (
        ([{"name": "甲", "user_ids": [workplace.charlie.id]}], "not_in_team"),
        ([{"name": "甲", "user_ids": []}, {"name": "甲", "user_ids": []}], "invalid_input"),
        ([{"name": "甲", "user_ids": [workplace.bob.id] * 2}], "invalid_input"),
    ):
        answer = await workplace.alice.http.patch(path, json={"crews": wrong})
        assert (answer.status_code, answer.json()["code"]) == (422, code)
