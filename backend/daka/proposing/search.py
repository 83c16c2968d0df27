"""Ruin and recreate: take a few people out of the roster, put each back by the cheapest row, keep what is better. Pure.

In between, pairs of people exchange a few days, which leaves the needs as they are.

Accepts a little worse rosters like simulated annealing, the fewer the later. Any-time: the best so far can be had at each moment.
"""

import math
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from daka.proposing.model import BROKEN, Model, Row
from daka.proposing.rows import row_makers

PEOPLE_OUT = (1, 2, 2, 3, 3, 4)
HOT, COLD = 0.8, 0.007
"""Temperatures at the start and at the end, as shares of what one missing person costs."""
NOISE = (0.0, 0.0, 0.03, 0.12)
LURE = 2.0
"""Somebody is drawn to a missing need by up to that many times what it costs; where they leave a gap, others follow."""
MOST_EXCHANGES = 150
"""Tried after each round; in small teams one for each pair."""
EXCHANGED_DAYS = (1, 1, 2, 2, 3, 4, 5, 7)
WIDEST = 400


class NoRow(Exception):
    """A person's hard limits and fixed cells leave no row at all."""

    def __init__(self, person: int) -> None:
        super().__init__(person)
        self.person = person


@dataclass(frozen=True, slots=True)
class Found:
    """The best roster so far."""

    cost: float
    rows: list[Row]
    rounds: int


class Search:
    """One search; `rounds` goes on until the caller stops."""

    def __init__(self, model: Model, seed: int) -> None:
        self._model = model
        self._random = random.Random(seed)  # noqa: S311  # nosec B311
        self._makers = row_makers(model)
        self._days = range(len(model.days))
        self._counts = [[0] * len(model.values) for _ in self._days]
        self._gains = [[0.0] * len(model.values) for _ in self._days]
        for day in self._days:
            for value in model.values[1:]:
                self._price(day, value)
        self._scale = max((points for day in model.under for points in day), default=0) or 1.0
        self._rows: list[Row] = []
        self._costs: list[float] = []
        self._movable = [index for index, maker in enumerate(self._makers) if not maker.is_fixed]
        self._seat()
        self.cost = self._total()
        self.best = Found(self.cost, [row[:] for row in self._rows], 0)

    # --- the roster ---

    def _price(self, day: int, value: int) -> None:
        """What one more person there costs."""
        count, need = self._counts[day][value], self._model.needs[day][value]
        self._gains[day][value] = -self._model.under[day][value] if count < need else self._model.over[day][value]

    def _put(self, row: Row, sign: int) -> float:
        """Add a row to the counts or take it away; the points that this adds to the needs."""
        points = 0.0
        counts, gains, needs = self._counts, self._gains, self._model.needs
        under, over = self._model.under, self._model.over
        for day, value in enumerate(row):
            if value:
                count = counts[day][value]
                if sign > 0:
                    points += gains[day][value]
                    counts[day][value] = count = count + 1
                    gains[day][value] = -under[day][value] if count < needs[day][value] else over[day][value]
                else:
                    counts[day][value] = count = count - 1
                    gains[day][value] = -under[day][value] if count < needs[day][value] else over[day][value]
                    points -= gains[day][value]
        return points

    def _seat(self) -> None:
        """The first roster: fixed people, then the others in random order, each by the cheapest row."""
        order = [index for index in range(len(self._makers)) if self._makers[index].is_fixed]
        order += self._random.sample(self._movable, len(self._movable))
        seated: dict[int, Row] = {}
        for index in order:
            maker = self._makers[index]
            if maker.is_fixed:
                row: Row | None = [cells[0] for cells in maker.person.cells]
            else:
                row = maker.narrow(self._gains, None) or maker.wide(self._gains, WIDEST)
            if row is None:
                raise NoRow(index)
            seated[index] = row
            self._put(row, 1)
        self._rows = [seated[index] for index in range(len(self._makers))]
        self._costs = [maker.cost(row) for maker, row in zip(self._makers, self._rows, strict=True)]

    def _total(self) -> float:
        """Points of the roster, from nothing."""
        needs = sum(
            under[value] * max(0, need[value] - count[value]) + over[value] * max(0, count[value] - need[value])
            for need, under, over, count in zip(
                self._model.needs, self._model.under, self._model.over, self._counts, strict=True
            )
            for value in self._model.values[1:]
        )
        return self._model.constant + needs + sum(self._costs)

    # --- the search ---

    def rounds(self, progress: Callable[[], float]) -> Iterator[Found]:
        """One round after another until `progress`, the share that is over, reaches 1; yields the best so far after each."""
        number = 0
        while self._movable and (share := progress()) < 1:
            number += 1
            heat = self._scale * HOT * (COLD / HOT) ** share
            self._round(number, heat)
            for _ in range(min(MOST_EXCHANGES, len(self._movable) ** 2)):
                self._exchange(number, heat)
            yield self.best

    def _round(self, number: int, heat: float) -> None:
        strength = self._random.choice(NOISE) * self._scale
        noise = (lambda: self._random.random() * strength) if strength else None
        chosen, lure = self._chosen()
        old = [(self._rows[index], self._costs[index]) for index in chosen]
        change = sum(self._put(row, -1) - cost for row, cost in old)
        for index in chosen:
            maker = self._makers[index]
            if lure:
                self._gains[lure[0]][lure[1]] -= self._scale * self._random.random() * LURE
            row = maker.narrow(self._gains, self._rows[index], noise) or self._rows[index]
            if lure:
                self._price(*lure)
                lure = None
            self._rows[index], self._costs[index] = row, maker.cost(row)
            change += self._costs[index] + self._put(row, 1)
        if change <= 0 or self._random.random() < math.exp(-change / heat):
            self.cost += change
            if self.cost < self.best.cost - 1e-6:
                self.best = Found(self.cost, [row[:] for row in self._rows], number)
            return
        for index in chosen:
            self._put(self._rows[index], -1)
        for index, (row, cost) in zip(chosen, old, strict=True):
            self._rows[index], self._costs[index] = row, cost
            self._put(row, 1)

    def _exchange(self, number: int, heat: float) -> None:
        """Two people exchange a few days in a row: the headcounts stay as they are."""
        if len(self._movable) < 2:
            return
        one, other = self._random.sample(self._movable, 2)
        first = self._random.randrange(len(self._days))
        last = min(first + self._random.choice(EXCHANGED_DAYS), len(self._days))
        mine, theirs = self._rows[one], self._rows[other]
        if mine[first:last] == theirs[first:last]:
            return
        new = [*mine[:first], *theirs[first:last], *mine[last:]]
        cost = self._makers[one].legal_cost(new)
        before = self._costs[one] + self._costs[other]
        if cost >= BROKEN + before:
            return
        new_other = [*theirs[:first], *mine[first:last], *theirs[last:]]
        cost_other = self._makers[other].legal_cost(new_other)
        change = cost + cost_other - before
        if change <= 0 or self._random.random() < math.exp(-change / heat):
            self._rows[one], self._costs[one] = new, cost
            self._rows[other], self._costs[other] = new_other, cost_other
            self.cost += change
            if self.cost < self.best.cost - 1e-6:
                self.best = Found(self.cost, [row[:] for row in self._rows], number)

    def _chosen(self) -> tuple[list[int], tuple[int, int] | None]:
        """Who is taken out, in the order in which they are put back.

        Half the time the first is somebody who may fill a missing need; its day and value are given too, to draw them there.
        """
        many = min(self._random.choice(PEOPLE_OUT), len(self._movable))
        chosen = self._random.sample(self._movable, many)
        gaps = [
            (day, value)
            for day, (need, count) in enumerate(zip(self._model.needs, self._counts, strict=True))
            for value in self._model.values[1:]
            if count[value] < need[value]
        ]
        if not gaps or self._random.random() < 0.5:
            return chosen, None
        day, value = self._random.choice(gaps)
        able = [
            index
            for index in self._movable
            if value in self._model.people[index].cells[day] and self._rows[index][day] != value
        ]
        if not able:
            return chosen, None
        first = self._random.choice(able)
        return [first, *[index for index in chosen if index != first][: max(many - 1, 1)]], (day, value)
