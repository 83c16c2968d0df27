"""What a proposal is worth, by rule, and why a need stays unmet. Pure; counts from nothing, whatever made the rows."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from daka.proposing.model import Model, Person, Row


@dataclass(frozen=True, slots=True)
class Fault:
    """A hard rule that a row breaks on a day."""

    day: int
    code: str
    """`short_rest`, `long_run`, `short_run`, `few_days_off`, or `most:` and the name of a tally."""
    value: float = 0


def faults(model: Model, person: Person, row: Row) -> Iterator[Fault]:
    """The hard rules that a row breaks, each on the day that completes it."""
    yield from _short_rests(model, person, row)
    yield from _long_and_short_runs(person, row)
    yield from _tallies_out_of_bounds(model, person, row)


def _short_rests(model: Model, person: Person, row: Row) -> Iterator[Fault]:
    for day, rules in enumerate(model.days):
        worked = _before(person, row, day - 1)
        if row[day] and worked and (worked, row[day]) in rules.next_day:
            yield Fault(day, "short_rest")
        earlier = _before(person, row, day - 2)
        if row[day] and worked == 0 and earlier and (earlier, row[day]) in rules.second_day:
            yield Fault(day, "short_rest")


def _long_and_short_runs(person: Person, row: Row) -> Iterator[Fault]:
    for first, last, works, inside in _runs(person, row):
        length = last - first + 1
        if works and last >= 0:
            yield from (
                Fault(day, "long_run", day - first + 1) for day in range(max(0, first + person.most_days), last + 1)
            )
        if inside and last >= 0 and length < (person.least_days if works else person.least_rest):
            yield Fault(last, "short_run" if works else "few_days_off", length)


def _tallies_out_of_bounds(model: Model, person: Person, row: Row) -> Iterator[Fault]:
    for tally, band in zip(model.tallies, person.bands, strict=True):
        total = 0
        for day, amount in enumerate(amounts(model, tally.name, row)):
            total += amount
            if amount and band.most is not None and total > band.most:
                yield Fault(day, f"most:{tally.name}", total)
        if total < band.least:
            yield Fault(len(row) - 1, f"least:{tally.name}", total)


def _before(person: Person, row: Row, day: int) -> int | None:
    """The value of a day, also of one before the first; None if nothing is known of it."""
    if day >= 0:
        return row[day]
    return person.before[day] if -day <= len(person.before) else None


def _runs(person: Person, row: Row) -> Iterator[tuple[int, int, bool, bool]]:
    """First and last day of each run of work or rest, whether it is work, and whether both of its ends are known."""
    whole = [*person.before, *row]
    edges = [0, *(at for at, (a, b) in enumerate(pairwise(whole), 1) if (a > 0) != (b > 0)), len(whole)]
    for start, end in pairwise(edges):
        yield start - len(person.before), end - 1 - len(person.before), whole[start] > 0, start > 0 and end < len(whole)


def amounts(model: Model, name: str, row: Row) -> list[int]:
    """What each day of a row adds to a tally."""
    tally = next(tally for tally in model.tallies if tally.name == name)
    return [
        0
        if tally.once_a_weekend and model.days[day].ends_weekend and day and row[day - 1]
        else tally.amounts[day][value]
        for day, value in enumerate(row)
    ]


def points(model: Model, rows: Sequence[Row]) -> dict[str, float]:
    """The points of a roster by rule; their sum and the model's constant are what the search makes small."""
    found = dict.fromkeys(("missing", "surplus", "wishes", "short_rest", "alone", "split_weekend", "change"), 0.0)
    found |= {f"share:{tally.name}": 0.0 for tally in model.tallies}
    for day, value, missing in headcounts(model, rows):
        if missing > 0:
            found["missing"] += model.under[day][value] * missing
        else:
            found["surplus"] -= model.over[day][value] * missing
    for person, row in zip(model.people, rows, strict=True):
        found["wishes"] += sum(person.points[day][value] for day, value in enumerate(row))
        for code, cost in _costs_of_days(model, person, row):
            found[code] += cost
        alone = sum(inside and first == last and last >= -1 for first, last, _, inside in _runs(person, row))
        found["alone"] += model.costs.alone * alone
        for tally, band in zip(model.tallies, person.bands, strict=True):
            found[f"share:{tally.name}"] += band.cost(sum(amounts(model, tally.name, row)))
    return found


def _costs_of_days(model: Model, person: Person, row: Row) -> Iterator[tuple[str, float]]:
    """What each day costs after those before it."""
    for day, rules in enumerate(model.days):
        now, last, earlier = row[day], _before(person, row, day - 1), _before(person, row, day - 2)
        if last is None:
            continue
        if now and last:
            yield "short_rest", model.costs.short_rest * ((last, now) in rules.soft_next)
            yield "change", model.costs.change * (last != now)
        elif now and earlier:
            yield "short_rest", model.costs.short_rest * ((earlier, now) in rules.soft_second)
        if rules.ends_weekend and (last > 0) != (now > 0):
            yield "split_weekend", model.costs.split_weekend


def headcounts(model: Model, rows: Sequence[Row]) -> Iterator[tuple[int, int, int]]:
    """For each day and shift: how many people are missing; negative if there are too many."""
    for day, need in enumerate(model.needs):
        for value in model.values[1:]:
            yield day, value, need[value] - sum(row[day] == value for row in rows)


@dataclass(frozen=True, slots=True)
class Obstacle:
    """Why one person does not fill a need: see `obstacle`."""

    person: int
    code: str
    value: float = 0


def obstacle(model: Model, person: Person, row: Row, day: int, value: int) -> tuple[str, float] | None:
    """What stops a person: `away`, `not_there`, `kept`, `not_allowed`, `at_work` (on which shift), a hard rule, or `nothing`.

    None if they do it already.
    """
    if row[day] == value:
        return None
    if day in person.why_fixed and len(person.cells[day]) == 1:
        return person.why_fixed[day], row[day]
    if value not in person.cells[day]:
        return "not_allowed", 0
    if row[day]:
        return "at_work", row[day]
    there = {(fault.day, fault.code) for fault in faults(model, person, row)}
    instead = [*row[:day], value, *row[day + 1 :]]
    new = next((fault for fault in faults(model, person, instead) if (fault.day, fault.code) not in there), None)
    return (new.code, new.value) if new else ("nothing", 0)


@dataclass(frozen=True, slots=True)
class Unmet:
    """A need that stays unmet."""

    day: int
    value: int
    missing: int
    obstacles: list[Obstacle]


def unmet(model: Model, rows: Sequence[Row]) -> list[Unmet]:
    """Every unmet need, with what stops each person who is not there."""
    return [
        Unmet(
            day,
            value,
            missing,
            [
                Obstacle(index, *found)
                for index, (person, row) in enumerate(zip(model.people, rows, strict=True))
                if (found := obstacle(model, person, row, day, value))
            ],
        )
        for day, value, missing in headcounts(model, rows)
        if missing > 0
    ]
