"""Warnings in answers, coverage, and the month report."""

import io
from datetime import date, timedelta
from typing import Any

import openpyxl
import pytest

from conftest import Workplace
from roster.people import EARLY, NIGHT, REST, cell, new_shift, plan

MONTH = {"from": "2026-12-01", "to": "2026-12-31"}


async def test_a_save_answers_what_is_wrong_around_it_and_blocks_nothing(workplace: Workplace) -> None:
    early, night = await new_shift(workplace, EARLY), await new_shift(workplace, NIGHT)
    await plan(workplace.alice, cell(workplace.bob, "2026-12-02", early))
    saved = await plan(workplace.alice, cell(workplace.bob, "2026-12-01", night))
    assert saved["changed"] == 1
    assert saved["warnings"] == [
        {
            "user_id": workplace.bob.id,
            "date": "2026-12-02",
            "code": "night_before_morning",
            "detail": "夜班之后紧接早班，中间只有 3 小时",
            "values": {"hours": 3.0},
        }
    ]
    assert (await plan(workplace.alice, cell(workplace.bob, "2026-12-01", None)))["warnings"] == []


async def test_a_run_that_began_before_the_saved_days_is_counted_from_its_first_day(workplace: Workplace) -> None:
    early = await new_shift(workplace, EARLY)
    await plan(workplace.alice, *[cell(workplace.bob, f"2026-12-{day:02}", early) for day in range(1, 7)])
    saved = await plan(workplace.alice, cell(workplace.bob, "2026-12-07", early))
    assert [(found["code"], found["date"], found["values"]) for found in saved["warnings"]] == [
        ("long_run", "2026-12-07", {"days": 7.0})
    ]


@pytest.mark.parametrize(
    ("begins", "rested", "first_run"), [(7, [], 8), (20, [], 21), (70, [], 71), (70, [15], 15), (70, [1], 1)]
)
async def test_report_save_and_grid_count_a_run_from_its_first_day(
    workplace: Workplace, begins: int, rested: list[int], first_run: int
) -> None:
    """Who has worked on every day but those `rested` days before 1 December, since `begins` days before."""
    early, december = await new_shift(workplace, EARLY), date(2026, 12, 1)
    days = [december - timedelta(days=before) for before in range(-1, begins + 1) if before not in rested]
    saved = await plan(workplace.alice, *[cell(workplace.bob, str(day), early) for day in days])
    again = await plan(workplace.alice, cell(workplace.bob, "2026-12-02", early))
    report = await workplace.alice.get("/api/v1/roster/report", **MONTH)

    def run_on(day: str, warnings: list[dict[str, Any]]) -> list[float]:
        return [one["values"]["days"] for one in warnings if (one["code"], one["date"]) == ("long_run", day)]

    share = next(one for one in report["people"] if one["user_id"] == workplace.bob.id)
    assert share["longest_run"] == first_run + 1
    for day, run in ("2026-12-01", first_run), ("2026-12-02", first_run + 1):
        assert run_on(day, report["warnings"]) == run_on(day, saved["warnings"]) == [run] * (run > 6)
    assert run_on("2026-12-02", again["warnings"]) == [first_run + 1] * (first_run > 5)


async def test_people_per_shift_are_held_against_the_teams_need(workplace: Workplace) -> None:
    early, rest = await new_shift(workplace, EARLY), await new_shift(workplace, REST)
    needs = [
        {"shift_id": early, "day": "workday", "people": 2},
        {"shift_id": early, "day": "weekend", "people": 1},
    ]
    kept = await workplace.alice.http.put(
        "/api/v1/roster/coverage", params={"team_id": workplace.team_a}, json={"needs": needs}
    )
    assert kept.json() == {"team_id": workplace.team_a, "needs": needs}
    assert await workplace.alice.get("/api/v1/roster/coverage", team_id=workplace.team_a) == kept.json()

    saved = await plan(
        workplace.alice, cell(workplace.bob, "2026-12-04", early), cell(workplace.bob, "2026-12-05", early)
    )
    assert [(one["date"], one["planned"], one["needed"]) for one in saved["coverage"]] == [
        ("2026-12-04", 1, 2),
        ("2026-12-05", 1, 1),
    ]
    await workplace.bob.post("/api/v1/leaves", {"from": "2026-12-05", "to": "2026-12-05"})
    report = await workplace.alice.get("/api/v1/roster/report", **{"from": "2026-12-04", "to": "2026-12-06"})
    assert [(one["date"], one["planned"], one["needed"]) for one in report["coverage"]] == [
        ("2026-12-04", 1, 2),
        ("2026-12-05", 0, 1),
        ("2026-12-06", 0, 1),
    ]
    await workplace.alice.delete(f"/api/v1/shifts/{early}", replace_with=rest)
    assert (await workplace.alice.get("/api/v1/roster/coverage", team_id=workplace.team_a))["needs"] == []


async def test_needs_are_a_planners_matter_and_must_make_sense(workplace: Workplace) -> None:
    early = await new_shift(workplace, EARLY)
    need = {"shift_id": early, "day": "any", "people": 1}

    async def refusal(by, needs) -> tuple[int, str]:
        answer = await by.http.put(
            "/api/v1/roster/coverage", params={"team_id": workplace.team_a}, json={"needs": needs}
        )
        return answer.status_code, answer.json()["code"]

    carol = await workplace.add_person("Carol", team_id=workplace.team_c, role="planner")
    assert await refusal(workplace.bob, [need]) == (403, "planners_only")
    assert await refusal(carol, [need]) == (404, "team_not_found")
    assert await refusal(workplace.alice, [need, need]) == (422, "need_twice")
    assert await refusal(workplace.alice, [{**need, "shift_id": 999}]) == (422, "unknown_shift")
    assert await refusal(workplace.alice, [{**need, "day": "someday"}]) == (422, "invalid_input")


async def test_the_report_says_who_carries_what(workplace: Workplace) -> None:
    early, night = await new_shift(workplace, EARLY), await new_shift(workplace, NIGHT)
    await plan(
        workplace.alice,
        cell(workplace.bob, "2026-12-01", early),
        cell(workplace.bob, "2026-12-05", night),
        cell(workplace.alice, "2026-12-01", early),
    )
    report = await workplace.alice.get("/api/v1/roster/report", **MONTH)
    shares = {person["display_name"]: person for person in report["people"]}
    assert list(shares) == ["Alice", "Bob"]
    bob = shares["Bob"]
    assert (bob["work_days"], bob["nights"], bob["weekends"], bob["hours"]) == (2, 1, 1, 17)
    assert bob["shifts"] == {str(early): 1, str(night): 1}
    assert report["fairness"]["nights"] == {"least": 0, "most": 1, "mean": 0.5}
    assert report["warnings"] == []


async def test_the_report_names_whom_nobody_planned_yet(workplace: Workplace) -> None:
    early = await new_shift(workplace, EARLY)
    await plan(workplace.alice, cell(workplace.bob, "2026-11-24", early), cell(workplace.alice, "2026-12-24", early))
    report = await workplace.alice.get("/api/v1/roster/report", **{"from": "2026-11-01", "to": "2026-11-30"})
    assert [(one["user_id"], one["code"], one["date"], one["detail"]) for one in report["warnings"]] == [
        (workplace.alice.id, "not_planned", "2026-11-01", "11 月还没有排班"),
        (workplace.bob.id, "not_planned", "2026-12-01", "12 月还没有排班"),
    ]


async def test_the_report_names_disabled_people_who_are_still_planned(workplace: Workplace) -> None:
    early = await new_shift(workplace, EARLY)
    await plan(workplace.alice, cell(workplace.bob, "2026-12-03", early), cell(workplace.alice, "2026-12-03", early))
    await workplace.alice.patch(f"/api/v1/users/{workplace.bob.id}", {"is_active": False})
    report = await workplace.alice.get("/api/v1/roster/report", **MONTH)
    assert [(one["user_id"], one["code"], one["date"]) for one in report["warnings"]] == [
        (workplace.bob.id, "inactive", "2026-12-03")
    ]
    assert report["fairness"]["hours"]["most"] == 9


async def test_planners_who_work_no_shifts_are_not_in_the_report(workplace: Workplace) -> None:
    early = await new_shift(workplace, EARLY)

    async def reported(**span: str) -> list[str]:
        report = await workplace.alice.get("/api/v1/roster/report", **(span or MONTH))
        assert {one["user_id"] for one in report["warnings"]} <= {one["user_id"] for one in report["people"]}
        return [person["display_name"] for person in report["people"]]

    assert await reported() == ["Bob"]
    await plan(workplace.alice, cell(workplace.alice, "2026-10-24", early))
    assert await reported() == ["Alice", "Bob"]
    assert await reported(**{"from": "2027-03-01", "to": "2027-03-31"}) == ["Bob"]


async def test_the_report_as_a_workbook_counts_each_shift(workplace: Workplace) -> None:
    early, rest = await new_shift(workplace, EARLY), await new_shift(workplace, REST)
    await new_shift(workplace, NIGHT)
    await plan(
        workplace.alice,
        cell(workplace.bob, "2026-12-01", early),
        cell(workplace.bob, "2026-12-02", early),
        cell(workplace.bob, "2026-12-03", rest),
    )
    sent = await workplace.alice.http.get("/api/v1/roster/report/export", params=MONTH)
    assert sent.headers["content-disposition"] == 'attachment; filename="roster-report-2026-12-01-2026-12-31.xlsx"'
    sheet = openpyxl.load_workbook(io.BytesIO(sent.content)).active
    head, *people = [list(row) for row in sheet.iter_rows(values_only=True)]
    assert len(people) == 1
    bob = dict(zip(head, people[0], strict=True))
    assert (bob["姓名"], bob["账号"], bob["工时"], bob["上班天数"], bob["休息天数"]) == ("Bob", "bob", 18, 2, 1)
    assert [(name, bob[name]) for name in head[10:]] == [
        (f"{EARLY['code']} {EARLY['name']}", 2),
        (f"{REST['code']} {REST['name']}", 1),
    ]


async def test_a_planner_reports_only_the_teams_they_plan(workplace: Workplace) -> None:
    report = await workplace.alice.get("/api/v1/roster/report", team_id=workplace.team_c, **MONTH)
    assert (report["people"], report["warnings"], report["coverage"]) == ([], [], [])
    assert len((await workplace.root.get("/api/v1/roster/report", **MONTH))["people"]) == 2
