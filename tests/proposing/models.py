"""Random models with every rule of a roster, and a checker of their hard rules that shares no code with the product."""

import random
from itertools import product

from daka.proposing.model import Band, Costs, DayRules, Model, Person, Row, Tally


def random_model(chance: random.Random, *, people: int, days: int, shifts: int = 3, after: int = 0) -> Model:
    """Rules, leave, kept cells (also such that break rules), limits, wishes and histories; the last `after` days are fixed."""
    values = range(shifts + 1)
    pairs = {(a, b) for a, b in product(values[1:], repeat=2) if a > b and chance.random() < 0.6}
    hard = frozenset(pair for pair in pairs if chance.random() < 0.8)
    second = frozenset((a, b) for a, b in product(values[1:], repeat=2) if chance.random() < 0.1)
    on_clock_change = hard | {(1, 1)} if chance.random() < 0.5 else hard
    start = chance.randrange(7)
    rules = [
        DayRules(
            next_day=on_clock_change if day == 3 else hard,
            second_day=second,
            soft_next=frozenset(pairs - hard),
            ends_weekend=(start + day) % 7 == 6,
        )
        for day in range(days)
    ]
    lengths = (0, *(chance.choice((8, 8, 10, 12)) for _ in values[1:]))
    tallies = (
        Tally("hours", (lengths,) * days),
        Tally("nights", (tuple(int(value == shifts) for value in values),) * days),
        Tally(
            "weekends",
            tuple(tuple(int(value > 0 and (start + day) % 7 >= 5) for value in values) for day in range(days)),
        ),
    )
    fair = chance.choice((0.0, 4.0))
    return Model(
        shifts=tuple("ELNABCD"[:shifts]),
        days=tuple(rules),
        people=tuple(
            _random_person(chance, f"p{number}", days, shifts, after, fair, tallies) for number in range(people)
        ),
        needs=tuple((0, *(chance.randint(0, max(1, people // 3)) for _ in values[1:])) for _ in range(days)),
        under=tuple((0.0, *(100.0,) * shifts) for _ in range(days)),
        over=tuple((0.0, *(10.0,) * shifts) for _ in range(days)),
        tallies=tallies,
        costs=Costs(short_rest=50, alone=8, split_weekend=10, change=1),
    )


def _random_person(
    chance: random.Random, key: str, days: int, shifts: int, after: int, fair: float, tallies: tuple[Tally, ...]
) -> Person:
    values = range(shifts + 1)
    allowed = tuple(value for value in values if not value or value == 1 or chance.random() < 0.8)
    cells: list[tuple[int, ...]] = []
    why = {}
    for day in range(days):
        dice = chance.random()
        if dice < 0.06:
            cells.append((0,))
            why[day] = "away"
        elif dice < 0.14 or day >= days - after:
            cells.append((chance.choice(values),))
            why[day] = "kept"
        else:
            cells.append(allowed)
    most = chance.choice((None, 8 * max(2, days * 2 // 3)))
    return Person(
        key=key,
        cells=tuple(cells),
        points=tuple(tuple(chance.choice((0.0, 0.0, 0.0, -3.0, 5.0)) for _ in values) for _ in range(days)),
        bands=(
            Band(most=most, wanted=chance.choice((0, 8 * (days // 2))), wanted_cost=8, unit=8),
            Band(most=chance.choice((None, 2)), target=days / 5, weight=fair),
            Band(target=days / 10, weight=fair),
        ),
        most_days=chance.choice((5, 6)),
        before=tuple(chance.choice((0, 1, 1, *values[1:])) for _ in range(chance.choice((0, 3, 9)))),
        why_fixed=why,
    )


def broken(model: Model, rows: list[Row]) -> list[str]:
    """The hard rules that rows break where something could have been chosen."""
    found = []
    hours, nights = model.tallies[0].amounts[0], len(model.shifts)
    for person, row in zip(model.people, rows, strict=True):
        whole = [*person.before, *row]
        offset = len(person.before)
        for day, value in enumerate(row):
            fixed = len(person.cells[day]) == 1
            if value not in person.cells[day]:
                found.append(f"{person.key} {day}: {value} may not stand there")
            if fixed or not value:
                continue  # a fixed shift breaks what it breaks; rest breaks nothing
            at = offset + day
            if at >= 1 and (whole[at - 1], value) in model.days[day].next_day:
                found.append(f"{person.key} {day}: {value} after {whole[at - 1]}")
            if at >= 2 and whole[at - 1] == 0 and (whole[at - 2], value) in model.days[day].second_day:
                found.append(f"{person.key} {day}: {value} two days after {whole[at - 2]}")
            run = 0
            while run <= at and whole[at - run]:
                run += 1
            if run > person.most_days:
                found.append(f"{person.key} {day}: day {run} in a row")
        for limit, each in ((person.bands[0].most, hours), (person.bands[1].most, None)):
            given = sum(_amount(cells[0], each, nights) for cells in person.cells if len(cells) == 1)
            total = sum(_amount(value, each, nights) for value in row)
            if limit is not None and total > max(limit, given):
                found.append(f"{person.key}: {total} of at most {limit}")
    return found


def _amount(value: int, hours: tuple[int, ...] | None, nights: int) -> int:
    return int(value == nights) if hours is None else hours[value]
