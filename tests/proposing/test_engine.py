"""The engine: rows against enumeration, rosters against checkers, published and hidden instances by number of rounds."""

import random
from collections.abc import Iterator
from dataclasses import replace
from itertools import islice, product
from pathlib import Path

import pytest

from daka.proposing import scores
from daka.proposing.model import BROKEN, Model, Row
from daka.proposing.rows import row_makers
from daka.proposing.search import Found, Search
from proposing.instances import Instance, as_text, broken_rules, hidden_roster, model_of, read_instance, score
from proposing.models import broken, random_model

HERE = Path(__file__).parent
OWN1 = (
    "ann EEN-----EL--NN · bo EN--EEEEN----- · cai -ELLLL--EELL-- · di LL-NN-L--E-ELL · eve --E----E--E-EE · "
    "fu N--EENNN--EE-- · gao --EE---LLNNN--"
)
OWN2 = (
    "ann NN--EL--NNNN-- · bo ELNN---EE--ENN · cai -ELLL--EE--ELL · di L--ENNNN-EE--E · eve --E--EE--EE--- · "
    "fu EEEEE--LLLLL--"
)


def own(number: int) -> Instance:
    return read_instance(HERE / f"own{number}.txt")


def rows_of(text: str) -> dict[str, str]:
    return dict(part.split() for part in text.split(" · "))


def values_of(instance: Instance, rows: dict[str, str]) -> list[Row]:
    signs = ["-", *instance.minutes]
    return [[signs.index(sign) for sign in rows[name]] for name in instance.limits]


def searched(model: Model, seed: int, rounds: int) -> Found:
    search = Search(model, seed)
    done = iter(range(rounds + 1))
    for _ in search.rounds(lambda: next(done) / rounds):
        pass
    return search.best


# --- rows -------------------------------------------------------------------------------------------------------------


def every_row(cells: tuple[tuple[int, ...], ...]) -> Iterator[Row]:
    return map(list, product(*cells))


@pytest.mark.parametrize("seed", range(300))
def test_the_wide_search_is_as_good_as_trying_every_row(seed: int) -> None:
    chance = random.Random(seed)
    model = random_model(chance, people=1, days=chance.randint(2, 6), shifts=chance.choice((1, 2, 2, 3)))
    gains = [[0.0, *(chance.choice((-100.0, 10.0, 0.0)) for _ in model.shifts)] for _ in model.days]
    (maker,) = row_makers(model)

    def cost(row: Row) -> float:
        return maker.cost(row) + sum(gains[day][value] for day, value in enumerate(row))

    best = min((row for row in every_row(model.people[0].cells) if not broken(model, [row])), key=cost)
    found, narrow = maker.wide(gains), maker.narrow(gains, None)
    assert found is not None
    assert cost(found) == pytest.approx(cost(best))
    assert narrow is None or (not broken(model, [narrow]) and cost(narrow) >= cost(best) - 1e-6)


@pytest.mark.parametrize("seed", range(40))
def test_rows_cost_what_the_rules_say(seed: int) -> None:
    """What the search adds up step by step is what `scores.points` counts from nothing, also for rows that break rules."""
    chance = random.Random(seed)
    model = random_model(chance, people=1, days=12, after=2)
    (maker,) = row_makers(model)
    for _ in range(30):
        row = [chance.choice(cells) for cells in model.people[0].cells]
        said = scores.points(model, [row])
        mine = sum(said.values()) - said["missing"] - said["surplus"]
        faults = [fault for fault in scores.faults(model, model.people[0], row) if ":" not in fault.code]
        cost = maker.cost(row)
        assert (cost >= BROKEN) == bool(faults), faults
        if not faults and not any(":" in fault.code for fault in scores.faults(model, model.people[0], row)):
            assert cost == pytest.approx(mine)


# --- rosters ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seeds", [range(start, start + 50) for start in range(0, 300, 50)], ids=str)
def test_no_proposal_breaks_a_hard_rule(seeds: range) -> None:
    for seed in seeds:
        chance = random.Random(seed)
        model = random_model(
            chance, people=chance.randint(1, 6), days=chance.randint(7, 16), after=chance.randint(0, 3)
        )
        found = searched(model, seed, 12)
        assert broken(model, found.rows) == [], seed
        assert sum(len(cells) == 1 and row[day] != cells[0]
                   for person, row in zip(model.people, found.rows, strict=True)
                   for day, cells in enumerate(person.cells)) == 0  # fmt: skip
        if found.cost < BROKEN:
            assert sum(scores.points(model, found.rows).values()) + model.constant == pytest.approx(
                found.cost, abs=1e-6
            )


def test_the_same_seed_proposes_the_same() -> None:
    model = model_of(own(2))
    assert searched(model, 7, 60) == searched(model, 7, 60)
    assert searched(model, 7, 60).rows != searched(model, 8, 60).rows


def test_the_best_so_far_can_be_had_at_any_time() -> None:
    search = Search(model_of(own(1)), 1)
    first = search.best.cost
    costs = [found.cost for found in islice(search.rounds(lambda: 0.5), 40)]
    assert costs == sorted(costs, reverse=True)
    assert costs[-1] < first
    assert broken_rules(own(1), as_text(model_of(own(1)), search.best.rows)) == []


@pytest.mark.parametrize(("number", "most"), [(1, 4), (2, 25)])
def test_own_instances(number: int, most: int) -> None:
    instance = own(number)
    found = searched(model_of(instance), 1, 600)
    rows = as_text(model_of(instance), found.rows)
    assert broken_rules(instance, rows) == []
    assert sum(score(instance, rows)) == pytest.approx(found.cost)
    assert found.cost <= most


def test_a_hidden_roster_is_staffed() -> None:
    instance = hidden_roster(8, 21, 2)
    model = model_of(instance)
    found = searched(model, 1, 500)
    assert [each for each in scores.headcounts(model, found.rows) if each[2] > 0] == []
    assert broken_rules(instance, as_text(model, found.rows)) == []


def shuffled(instance: Instance) -> Instance:
    """The same with people in another order and shifts by other names."""
    name = {"E": "X", "L": "Y", "N": "Z"}.__getitem__
    return replace(
        instance,
        minutes={name(shift): minutes for shift, minutes in instance.minutes.items()},
        not_next={name(shift): set(map(name, after)) for shift, after in instance.not_next.items()},
        most_of={who: {name(shift): most for shift, most in mine.items()} for who, mine in instance.most_of.items()},
        limits=dict(reversed(instance.limits.items())),
        wanted=[(who, day, name(shift), weight) for who, day, shift, weight in instance.wanted],
        unwanted=[(who, day, name(shift), weight) for who, day, shift, weight in instance.unwanted],
        cover={(day, name(shift)): cover for (day, shift), cover in instance.cover.items()},
    )


def test_names_and_order_do_not_matter() -> None:
    assert searched(model_of(shuffled(own(1))), 1, 600).cost <= 4


def test_a_week_later_is_the_same() -> None:
    """The rules know days by their kind only: the same span a week later is the same model."""
    whole = model_of(read_instance(HERE / "own1.txt"))
    assert whole.days[0:7] == whole.days[7:14]


# --- the checker and the scores against rosters made by hand ----------------------------------------------------------


@pytest.mark.parametrize(("number", "text", "expected"), [(1, OWN1, (0, 0, 0)), (2, OWN2, (0, 20, 0))])
def test_known_best_rosters(number: int, text: str, expected: tuple[int, int, int]) -> None:
    instance, rows = own(number), rows_of(text)
    assert score(instance, rows) == expected
    assert broken_rules(instance, rows) == []
    model = model_of(instance)
    values = values_of(instance, rows)
    assert sum(scores.points(model, values).values()) + model.constant == sum(expected)
    assert [
        fault for person, row in zip(model.people, values, strict=True) for fault in scores.faults(model, person, row)
    ] == []


CHANGES: list[tuple[dict[tuple[str, int], str], set[str]]] = [
    ({("bo", 2): "E"}, {"bo: E after L on day 2"}),
    ({("cai", 2): "N"}, {"cai: 1 times N", "cai: L after N on day 3"}),
    ({("eve", 3): "E", ("eve", 4): "E"}, {"eve: 5 days from 2", "eve: 3360 minutes"}),
    ({("cai", 6): "L"}, {"cai: only 1 days off from 5", "cai: E after L on day 7"}),
    ({("di", 12): "N"}, {"di: 5 times N", "di: E after N on day 13"}),
    ({("eve", 2): "-"}, set()),
]


@pytest.mark.parametrize(("changes", "expected"), CHANGES, ids=lambda value: "; ".join(map(str, sorted(value)))[:40])
def test_the_checker_and_the_faults_find_what_a_change_breaks(
    changes: dict[tuple[str, int], str], expected: set[str]
) -> None:
    instance, rows = own(2), rows_of(OWN2)
    for (name, day), sign in changes.items():
        rows[name] = rows[name][:day] + sign + rows[name][day + 1 :]
    assert expected <= set(broken_rules(instance, rows))
    assert bool(expected) == bool(broken_rules(instance, rows))
    model = model_of(instance)
    faults = {
        person.key
        for person, row in zip(model.people, values_of(instance, rows), strict=True)
        if any(row[day] not in cells for day, cells in enumerate(person.cells))
        or list(scores.faults(model, person, row))
    }
    assert faults == {sentence.split(":")[0] for sentence in broken_rules(instance, rows)}
    if not expected:
        assert score(instance, rows) == (2, 30, 0)
