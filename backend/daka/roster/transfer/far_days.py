"""Days that are rather a slip of the pen: 2062 for 2026, or one day of last year among those of this one. Pure."""

from collections.abc import Iterable
from datetime import date, timedelta
from itertools import pairwise

from daka.roster.transfer.found import RosterInFile

FARTHEST = timedelta(days=731)
"""From today, to either side. A planner who means such a month chooses it."""
LONGEST_HOLE = timedelta(days=180)
"""Between two days of a file, and from its last one to today."""


def set_far_days_aside(found: RosterInFile, chosen: date | None, today: date) -> None:
    """Take cells on such days out of `found`, and ask once about each of their years."""
    if found.layout in ("json", "older_json"):  # which programs write, of years
        return
    far = _far_days({cell.day for cell in found.cells if cell.code}, chosen, today)
    first_of_years = {cell.day.year: cell for cell in reversed(found.cells) if cell.day in far and cell.code}
    for cell in first_of_years.values():
        detail = "这一天离今天或文件里别的日期太远"
        found.add_problem(
            cell.row, "far_day", detail, str(cell.day), column=cell.column, person=cell.person, day=cell.day
        )
    if far:
        found.cells = [cell for cell in found.cells if cell.day not in far]


def _far_days(days: Iterable[date], chosen: date | None, today: date) -> set[date]:
    known = sorted(days)
    runs = [known[:1]]
    for before, after in pairwise(known):
        if after - before > LONGEST_HOLE and chosen is None:
            runs.append([])
        runs[-1].append(after)
    here = chosen or today
    nearest = min(runs, key=lambda run: min((abs(day - here) for day in run), default=FARTHEST))
    is_past = chosen is None and nearest[-1:] < [today - LONGEST_HOLE]
    return {day for day in known if is_past or abs(day - here) > FARTHEST or day not in nearest}
