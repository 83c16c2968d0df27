"""Who can take a shift, and what a cell held before."""

import pytest

from conftest import Workplace
from daka.roster.review.candidates import Candidate, Fit, fit_of, ranked
from roster.people import EARLY, NIGHT, REST, cell, new_shift, plan

DAY = "2026-12-10"


@pytest.mark.parametrize(
    ("candidate", "fit"),
    [
        (Candidate(1), "free"),
        (Candidate(1, nights=9, work_days=25), "free"),
        (Candidate(1, warnings=1), "warned"),
        (Candidate(1, is_at_work=True), "busy"),
        (Candidate(1, is_at_work=True, warnings=2), "busy"),
        (Candidate(1, is_away=True), "away"),
        (Candidate(1, is_away=True, is_at_work=True, warnings=1), "away"),
    ],
)
def test_how_a_shift_fits_somebody(candidate: Candidate, fit: Fit) -> None:
    assert fit_of(candidate) == fit


@pytest.mark.parametrize(
    ("better", "worse", "is_night"),
    [
        (Candidate(2), Candidate(1, warnings=1), False),
        (Candidate(2, work_days=20), Candidate(1, warnings=1), False),
        (Candidate(2, warnings=1), Candidate(1, warnings=2), False),
        (Candidate(2, warnings=3), Candidate(1, is_at_work=True), False),
        (Candidate(2, is_at_work=True), Candidate(1, is_away=True), False),
        # Who never works (a planner) would always have the fewest days.
        (Candidate(2, work_days=20), Candidate(1, is_planned=False), False),
        (Candidate(2, is_planned=False), Candidate(1, is_at_work=True), False),
        (Candidate(2, work_days=10), Candidate(1, work_days=11), False),
        (Candidate(2, work_days=10, nights=9), Candidate(1, work_days=11), False),
        (Candidate(2, work_days=11, nights=1), Candidate(1, work_days=10, nights=2), True),
        (Candidate(2, nights=2, work_days=10), Candidate(1, nights=2, work_days=11), True),
        (Candidate(2, work_days=10, hours=80), Candidate(1, work_days=10, hours=81.5), False),
        (Candidate(1), Candidate(2), False),
    ],
)
def test_who_comes_first(better: Candidate, worse: Candidate, is_night: bool) -> None:
    assert ranked([worse, better], is_night=is_night) == [better, worse]
    assert ranked([better, worse], is_night=is_night) == [better, worse]


async def test_candidates_are_read_from_roster_and_leave(workplace: Workplace) -> None:
    early, night = await new_shift(workplace, EARLY), await new_shift(workplace, NIGHT)
    rest = await new_shift(workplace, REST)
    people = {
        name: await workplace.add_person(name, team_id=workplace.team_a)
        for name in ("busy", "away", "tired", "many", "few", "rested")
    }
    await plan(
        workplace.alice,
        cell(people["busy"], DAY, early),
        cell(people["away"], "2026-12-02", early),
        cell(people["tired"], "2026-12-11", early),
        cell(people["many"], "2026-12-02", night),
        cell(people["many"], "2026-12-05", night),
        cell(people["few"], "2026-12-02", night),
        cell(people["few"], "2026-12-06", early),
        cell(people["few"], "2026-12-08", early),
        cell(people["rested"], DAY, rest),
        cell(people["rested"], "2026-11-30", night),  # of another month
    )
    await workplace.alice.post("/api/v1/leaves", {"user_id": people["away"].id, "from": DAY})
    query = {"date": DAY, "shift_id": night, "team_id": workplace.team_a}
    found = (await workplace.alice.get("/api/v1/roster/candidates", **query))["items"]
    mine = [one for one in found if one["display_name"] in people]
    assert [(one["display_name"], one["fit"], one["nights"], one["work_days"]) for one in mine] == [
        ("rested", "free", 0, 0),
        ("few", "free", 1, 3),
        ("many", "free", 2, 2),
        ("tired", "warned", 0, 1),
        ("busy", "busy", 0, 0),
        ("away", "away", 0, 1),
    ]
    assert [warning["code"] for warning in mine[3]["warnings"]] == ["night_before_morning"]
    assert (mine[0]["shift_id"], mine[4]["shift_id"], mine[1]["shift_id"]) == (rest, early, None)
    names = [one["display_name"] for one in found]
    assert names.index("Bob") > names.index("many")  # is never planned
    assert "Charlie" not in names
    # For a day shift nights do not count, days do.
    query["shift_id"] = early
    by_days = [
        one["display_name"] for one in (await workplace.alice.get("/api/v1/roster/candidates", **query))["items"]
    ]
    assert [name for name in by_days if name in ("rested", "many", "few")] == ["rested", "many", "few"]


async def test_a_cell_tells_who_changed_it_when_and_what_was_there(workplace: Workplace) -> None:
    early, night = await new_shift(workplace, EARLY), await new_shift(workplace, NIGHT)
    for by, shift in ((workplace.alice, early), (workplace.root, night), (workplace.alice, None)):
        await plan(by, cell(workplace.bob, DAY, shift))
    await plan(workplace.alice, cell(workplace.bob, "2026-12-11", early))
    query = {"user_id": workplace.bob.id, "date": DAY}
    found = (await workplace.alice.get("/api/v1/roster/history", **query))["items"]
    assert [(one["by_name"], one["before_shift_id"], one["shift_id"]) for one in found] == [
        ("Alice", night, None),
        ("Root", early, night),
        ("Alice", None, early),
    ]
    refused = await workplace.bob.http.get("/api/v1/roster/history", params=query)
    assert refused.status_code == 403
