"""The text format of the published shift scheduling instances, and rosters whose best score is known because they were hidden."""

import math
import random
from collections import defaultdict
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

from daka.proposing.model import Band, DayRules, Model, Person, Row, Tally


@dataclass
class Instance:
    """One file. Requests are `(person, day, shift, weight)`."""

    days: int = 0
    minutes: dict[str, int] = field(default_factory=dict)
    not_next: dict[str, set[str]] = field(default_factory=dict)
    most_of: dict[str, dict[str, int]] = field(default_factory=dict)
    limits: dict[str, list[int]] = field(default_factory=dict)
    """Most minutes, least minutes, most days in a row, least days in a row, least days off in a row, most weekends."""
    days_off: dict[str, set[int]] = field(default_factory=lambda: defaultdict(set))
    wanted: list[tuple[str, int, str, int]] = field(default_factory=list)
    unwanted: list[tuple[str, int, str, int]] = field(default_factory=list)
    cover: dict[tuple[int, str], tuple[int, int, int]] = field(default_factory=dict)


def read_instance(file: Path) -> Instance:
    found, section = Instance(), ""
    for line in map(str.strip, file.read_text().splitlines()):
        if not line or line.startswith("#"):
            continue
        if line.startswith("SECTION_"):
            section = line.removeprefix("SECTION_")
            continue
        cells = line.split(",")
        match section:
            case "HORIZON":
                found.days = int(line)
            case "SHIFTS":
                found.minutes[cells[0]] = int(cells[1])
                found.not_next[cells[0]] = set(filter(None, cells[2].split("|")))
            case "STAFF":
                most = (pair.split("=") for pair in cells[1].split("|"))
                found.most_of[cells[0]] = {shift: int(count) for shift, count in most}
                found.limits[cells[0]] = list(map(int, cells[2:]))
            case "DAYS_OFF":
                found.days_off[cells[0]] |= set(map(int, cells[1:]))
            case "SHIFT_ON_REQUESTS" | "SHIFT_OFF_REQUESTS":
                requests = found.wanted if "ON" in section else found.unwanted
                requests.append((cells[0], int(cells[1]), cells[2], int(cells[3])))
            case "COVER":
                need, under, over = map(int, cells[2:])
                found.cover[int(cells[0]), cells[1]] = (need, under, over)
    return found


def model_of(found: Instance) -> Model:
    shifts = list(found.minutes)
    value_of = {shift: value for value, shift in enumerate(shifts, 1)}
    values = range(len(shifts) + 1)
    pairs = frozenset((value_of[a], value_of[b]) for a, after in found.not_next.items() for b in after)
    weekend, weekday = DayRules(pairs, ends_weekend=True), DayRules(pairs)
    unit = math.gcd(*found.minutes.values())
    lengths = (0, *(minutes // unit for minutes in found.minutes.values()))
    limited = [
        value
        for value, shift in enumerate(shifts, 1)
        if any(0 < most.get(shift, found.days) < found.days for most in found.most_of.values())
    ]
    weekend_day = tuple(int(value > 0) for value in values)
    tallies = [
        Tally("minutes", (lengths,) * found.days),
        Tally(
            "weekends",
            tuple(weekend_day if day % 7 >= 5 else (0,) * len(values) for day in range(found.days)),
            once_a_weekend=True,
        ),
        *(Tally(f"shift {one}", (tuple(int(value == one) for value in values),) * found.days) for one in limited),
    ]
    people = []
    constant = sum(weight for *_, weight in found.wanted)
    for name, (most, least, most_days, least_days, least_rest, weekends) in found.limits.items():
        allowed = tuple(
            value for value in values if not value or found.most_of[name].get(shifts[value - 1], found.days) > 0
        )
        points = [[0.0] * len(values) for _ in range(found.days)]
        for sign, requests in ((-1, found.wanted), (1, found.unwanted)):
            for who, day, shift, weight in requests:
                if who == name:
                    points[day][value_of[shift]] += sign * weight
        people.append(
            Person(
                key=name,
                cells=tuple((0,) if day in found.days_off[name] else allowed for day in range(found.days)),
                points=tuple(map(tuple, points)),
                bands=(
                    Band(least=-(-least // unit), most=most // unit, unit=max(lengths)),
                    Band(most=weekends),
                    *(Band(most=found.most_of[name].get(shifts[one - 1], found.days)) for one in limited),
                ),
                most_days=most_days,
                least_days=least_days,
                least_rest=least_rest,
            )
        )

    def by_day(part: int) -> tuple[tuple[int, ...], ...]:
        return tuple(
            (0, *(found.cover.get((day, shift), (0, 0, 0))[part] for shift in shifts)) for day in range(found.days)
        )

    return Model(
        shifts=tuple(shifts),
        days=tuple(weekend if day % 7 == 6 else weekday for day in range(found.days)),
        people=tuple(people),
        needs=by_day(0),
        under=by_day(1),
        over=by_day(2),
        tallies=tuple(tallies),
        constant=constant,
    )


# --- the checker: nothing of the product in it ------------------------------------------------------------------------


def broken_rules(found: Instance, rows: dict[str, str]) -> list[str]:
    """The hard rules that rows break, each as a sentence. A row has a shift or `-` for each day."""
    broken = []
    for name, row in rows.items():
        most, least, most_days, least_days, least_rest, weekends = found.limits[name]
        worked = [shift != "-" for shift in row]
        minutes = sum(found.minutes[shift] for shift in row if shift != "-")
        if not least <= minutes <= most:
            broken.append(f"{name}: {minutes} minutes")
        broken += [
            f"{name}: {row.count(shift)} times {shift}"
            for shift in found.minutes
            if row.count(shift) > found.most_of[name].get(shift, found.days)
        ]
        for day, (a, b) in enumerate(pairwise(row), 1):
            if b in found.not_next.get(a, ()):
                broken.append(f"{name}: {b} after {a} on day {day}")
        broken += [f"{name}: day off {day}" for day in found.days_off[name] if worked[day]]
        if sum(any(worked[day : day + 2]) for day in range(5, found.days, 7)) > weekends:
            broken.append(f"{name}: weekends")
        start = 0
        for end in range(1, found.days + 1):
            if end < found.days and worked[end] == worked[start]:
                continue
            length, inside = end - start, start > 0 and end < found.days
            if worked[start] and length > most_days:
                broken.append(f"{name}: {length} days from {start}")
            if inside and length < (least_days if worked[start] else least_rest):
                broken.append(f"{name}: only {length} {'days' if worked[start] else 'days off'} from {start}")
            start = end
    return broken


def score(found: Instance, rows: dict[str, str]) -> tuple[int, int, int]:
    """Points for requests, for missing people and for surplus people."""
    requests = sum(weight for name, day, shift, weight in found.wanted if rows[name][day] != shift)
    requests += sum(weight for name, day, shift, weight in found.unwanted if rows[name][day] == shift)
    under = over = 0
    for (day, shift), (need, missing, surplus) in found.cover.items():
        count = sum(row[day] == shift for row in rows.values())
        under += missing * max(0, need - count)
        over += surplus * max(0, count - need)
    return requests, under, over


def as_text(model: Model, rows: list[Row]) -> dict[str, str]:
    """Rows by name, as the checker reads them. Shifts have names of one letter."""
    signs = ("-", *model.shifts)
    return {person.key: "".join(signs[value] for value in row) for person, row in zip(model.people, rows, strict=True)}


# --- hidden rosters ---------------------------------------------------------------------------------------------------


def hidden_roster(people: int, days: int, seed: int) -> Instance:
    """Needs and wishes taken from a random legal roster of three shifts: the best score is 0."""
    chance = random.Random(seed)
    found = Instance(
        days=days,
        minutes={"E": 480, "L": 480, "N": 480},
        not_next={"E": set(), "L": {"E"}, "N": {"E", "L"}},
    )
    cover: dict[tuple[int, str], int] = defaultdict(int)
    for number in range(people):
        name = f"p{number}"
        row = ""
        rest = chance.randrange(3)
        while len(row) < days:
            row += "-" * rest
            row += "".join(sorted(chance.choices("ELN", (4, 3, 2), k=chance.randint(3, 5))))
            rest = chance.randint(2, 3)
        row = row[:days]
        minutes = sum(480 for sign in row if sign != "-")
        weekends = sum(row[day : day + 2] != "--" for day in range(5, days, 7))
        found.most_of[name] = {}
        found.limits[name] = [minutes + 480, minutes - 480, 5, 2, 2, weekends]
        found.days_off[name] = {day for day in range(days) if row[day] == "-" and chance.random() < 0.15}
        for day, sign in enumerate(row):
            if sign != "-":
                cover[day, sign] += 1
                if chance.random() < 0.08:
                    found.wanted.append((name, day, sign, 2))
    found.cover = {(day, shift): (cover[day, shift], 100, 10) for day in range(days) for shift in "ELN"}
    return found
