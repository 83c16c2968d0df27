"""Years that were typed wrong."""

from datetime import date, timedelta

import pytest

from daka.roster.transfer.far_days import set_far_days_aside
from daka.roster.transfer.found import CellInFile, PersonInFile, RosterInFile

TODAY = date(2026, 11, 29)
BOB = PersonInFile("Bob")
DECEMBER = [date(2026, 12, 1) + timedelta(step) for step in range(31)]


def left(days: list[date], *, chosen: date | None = None, layout: str = "long") -> tuple[list[date], list[str]]:
    """The days that are left of a file, and those that are asked about."""
    found = RosterInFile(layout=layout, cells=[CellInFile(row, BOB, day, "早") for row, day in enumerate(days, 2)])
    set_far_days_aside(found, chosen, TODAY)
    assert all(problem.code == "far_day" for problem in found.problems)
    return [cell.day for cell in found.cells], [problem.value for problem in found.problems]


@pytest.mark.parametrize("year", [2006, 2016, 2023, 2036, 2062])
def test_a_year_far_from_today_asks_once(year: int) -> None:
    wrong = [day.replace(year=year) for day in DECEMBER]
    assert left(wrong) == ([], [f"{year}-12-01"])
    assert left(wrong, chosen=wrong[0]) == (wrong, []), "the planner chose it"


@pytest.mark.parametrize("year", [2062, 2025, 2027])
def test_one_day_of_another_year_among_those_of_this_one_asks(year: int) -> None:
    wrong = DECEMBER[6].replace(year=year)
    assert left([*DECEMBER[:6], wrong, *DECEMBER[7:]]) == ([*DECEMBER[:6], *DECEMBER[7:]], [str(wrong)])


@pytest.mark.parametrize("first", [date(2026, 1, 1), date(2025, 12, 1)])
def test_a_file_of_more_than_half_a_year_ago_asks(first: date) -> None:
    """1-1, typed in November for the next January, is a date of the last one."""
    past = [first + timedelta(step) for step in range(31)]
    assert left(past) == ([], [str(first)])
    assert left(past, chosen=first) == (past, []), "the planner chose it"


def test_last_month_a_whole_year_and_what_programs_write_ask_nothing() -> None:
    year = [date(2027, 1, 1) + timedelta(step) for step in range(365)]
    last = [day.replace(year=2025) for day in DECEMBER]
    recent = [date(2026, 6, 1) + timedelta(step) for step in range(30)]
    for days in (DECEMBER, year, recent, [DECEMBER[0], DECEMBER[0] + timedelta(180)]):
        assert left(days) == (days, [])
    assert left([*last, *DECEMBER], layout="older_json") == ([*last, *DECEMBER], [])
    assert left([]) == ([], [])
