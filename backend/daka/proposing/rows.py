"""The cheapest row of one person while everybody else stays: a dynamic programme over the days. Pure.

What the rules remember of a row is a *state*: the value yesterday and how long it has gone on. States and the steps between them
are made once for all people with the same rules; steps that break a hard rule do not exist, so no row can break one. Totals
(hours, nights) are carried along as one number with a field for each tally. The narrow search keeps the two cheapest totals of
each state, compared as if the rest of the row stayed as it was; the wide one keeps all, and is exact.
"""

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from daka.proposing.model import BROKEN, Band, Costs, DayRules, Model, Person, Row

INF = float("inf")
STEER = 60.0
"""Points for each unit that a row would be outside its hard limits, while it is made."""

FEW = 4
"""A total that may be no more than this is part of the state, so that using it up early is compared with later."""
MOST_TOTALS = 500_000
"""Kept in memory for all people together."""

Step = tuple[int, int, float]
"""Value, next state, points."""


class _Link(NamedTuple):
    """A row from its last day backwards."""

    value: int
    before: "_Link | None"


@dataclass(frozen=True, slots=True)
class _State:
    value: int
    """Yesterday's; -1 before a first day without a past."""
    run: int
    """Days of work, or of rest up to what the rules ask for."""
    is_long_enough: bool
    """Long enough, or begun before the first day."""
    before_rest: int = 0
    """The value before a single day of rest."""


class States:
    """The states and steps for one set of row rules."""

    def __init__(self, model: Model, most_days: int, least_days: int, least_rest: int) -> None:
        self._values = model.values
        self._costs: Costs = model.costs
        self._most_days, self._least_days, self._least_rest = most_days, least_days, least_rest
        at_least = 2 if model.costs.alone else 1
        self._long_work, self._long_rest = max(least_days, at_least), max(least_rest, at_least)
        kinds = list(dict.fromkeys(model.days))
        self.kind_of_day = [kinds.index(day) for day in model.days]
        self._kinds = kinds
        self._numbers: dict[_State, int] = {}
        self.values: list[int] = []
        self.legal: list[list[list[Step]]] = [[] for _ in kinds]
        """By kind of day and state."""
        self.forced: list[list[list[tuple[int, float]]]] = [[] for _ in kinds]
        """By kind of day, state and value: for what is fixed, whether legal or not."""

    def start(self, before: Sequence[int]) -> int:
        """The state after these values; without any, the edge, where every run is long enough."""
        state, quiet = _State(-1, 0, True), DayRules()
        for value in before:
            state = self._step(state, value, quiet)[0]
        return self._number(state)

    def _number(self, first: _State) -> int:
        """The number of a state; new ones are made with everything that can follow."""
        waiting = deque([first])
        while waiting:
            state = waiting.popleft()
            if state in self._numbers:
                continue
            self._numbers[state] = len(self.values)
            self.values.append(state.value)
            waiting.extend(self._step(state, value, day)[0] for day in self._kinds for value in self._values)
            for steps in self.legal:
                steps.append([])
            for forced in self.forced:
                forced.append([])
        return self._numbers[first]

    def make(self) -> None:
        """Fill the tables; call it after the last `start`."""
        for state, number in self._numbers.items():
            for kind, day in enumerate(self._kinds):
                steps = [self._step(state, value, day) for value in self._values]
                self.legal[kind][number] = [
                    (value, self._numbers[after], points)
                    for value, (after, points) in enumerate(steps)
                    if points < BROKEN
                ]
                self.forced[kind][number] = [(self._numbers[after], points) for after, points in steps]

    def _step(self, state: _State, value: int, day: DayRules) -> tuple[_State, float]:
        """The next state and its points; `BROKEN` for each hard rule that the step breaks."""
        points = 0.0
        if state.value < 0:
            return (_State(value, 1, True) if value else _State(0, self._long_rest, True)), points
        if day.ends_weekend and (state.value > 0) != (value > 0):
            points += self._costs.split_weekend
        pair = (state.value, value)
        if state.value and value:
            points += BROKEN * (state.run >= self._most_days) + BROKEN * (pair in day.next_day)
            points += self._costs.short_rest * (pair in day.soft_next) + self._costs.change * (state.value != value)
            run = min(state.run + 1, self._most_days)
            return _State(value, run, state.is_long_enough or run >= self._long_work), points
        if state.value:
            if not state.is_long_enough:
                points += BROKEN * (state.run < self._least_days) + self._costs.alone * (state.run == 1)
            remembers = any(state.value == a for each in self._kinds for a, _ in (*each.second_day, *each.soft_second))
            return _State(0, 1, self._long_rest <= 1, state.value if remembers else 0), points
        if value:
            if not state.is_long_enough:
                points += BROKEN * (state.run < self._least_rest) + self._costs.alone * (state.run == 1)
            pair = (state.before_rest, value)
            points += BROKEN * (pair in day.second_day) + self._costs.short_rest * (pair in day.soft_second)
            return _State(value, 1, self._long_work <= 1), points
        run = min(state.run + 1, self._long_rest)
        return _State(0, run, state.is_long_enough or run >= self._long_rest), points


class _Totals(dict[int, float]):
    """The points of packed totals, computed once each; forgotten when there are too many for the memory."""

    def __init__(self, bands: Sequence[Band], shifts: Sequence[int], masks: Sequence[int], most: int) -> None:
        self._fields = list(zip(bands, shifts, masks, strict=True))
        self._most = most

    def __missing__(self, packed: int) -> float:
        points = 0.0
        for band, shift, mask in self._fields:
            total = packed >> shift & mask
            points += band.cost(total)
            outside = max(band.least - total, 0 if band.most is None else total - band.most)
            if outside > 0:
                points += STEER * (0.2 + outside / band.unit)
        if len(self) >= self._most:
            self.clear()
        self[packed] = points
        return points


class RowMaker:
    """Makes rows of one person. `gains` of its methods is what one more person on a shift costs now, by day and value."""

    def __init__(self, model: Model, person: Person, states: States, start: int) -> None:
        self.person = person
        self._states, self._start = states, start
        self._days = len(person.cells)
        size = len(model.values)
        self._points = [
            [person.points[day][value] if value in person.cells[day] else INF for value in range(size)]
            for day in range(self._days)
        ]
        self._fixed = [cells[0] if len(cells) == 1 and cells[0] else 0 for cells in person.cells]
        """Shifts that stand whatever they break."""
        self.is_fixed = all(len(cells) == 1 for cells in person.cells)
        self._pack(model)

    def _pack(self, model: Model) -> None:
        """Lay out the totals: a field for each tally, with room for twice the largest total and a guard bit."""
        at, bands, shifts, masks, guard = 0, [], [], [], 0
        limits = [0] * self._days
        after_rest = [[0] * len(model.values) for _ in range(self._days)]
        after_work = [[0] * len(model.values) for _ in range(self._days)]
        for tally, band in zip(model.tallies, self.person.bands, strict=True):
            largest = sum(max(tally.amounts[day]) for day in range(self._days))
            bits = (2 * largest + 1).bit_length() + 1
            fixed = [
                0
                if tally.once_a_weekend and day and model.days[day].ends_weekend and self._fixed[day - 1]
                else tally.amounts[day][value]
                for day, value in enumerate(self._fixed)
            ]
            most = largest if band.most is None else min(largest, max(band.most, sum(fixed)))
            bands.append(replace(band, most=most))
            shifts.append(at)
            masks.append((1 << bits) - 1)
            guard |= 1 << (at + bits)
            for day in range(self._days):
                limits[day] |= most - sum(fixed[day + 1 :]) << at | 1 << (at + bits)
                counts_once = tally.once_a_weekend and model.days[day].ends_weekend
                for value, amount in enumerate(tally.amounts[day]):
                    after_rest[day][value] |= amount << at
                    after_work[day][value] |= (0 if counts_once else amount) << at
            at += bits + 1
        self._limits, self._guard = limits, guard
        """What a total may be after each day, if what is fixed later is to fit in."""
        self._fields = list(zip(bands, shifts, masks, strict=True))
        self._few = next(
            (
                (at, mask, band.most + 1)
                for band, at, mask in self._fields
                if band.most is not None and band.most <= FEW
            ),
            (0, 0, 1),
        )
        """Position, mask and number of the totals that are part of the state."""
        self._after_rest, self._after_work = after_rest, after_work
        self._totals = _Totals(bands, shifts, masks, MOST_TOTALS // len(model.people))

    # --- what a row costs ---

    def cost(self, row: Row) -> float:
        """Points of a row without the needs; `BROKEN` and more if it breaks a hard rule."""
        points, packed = self._added_up(row)
        return points + self._totals[packed]

    def legal_cost(self, row: Row) -> float:
        """The same, but infinite where `narrow` would not make the row because of its totals."""
        points, packed = self._added_up(row)
        if (self._limits[-1] - packed) & self._guard != self._guard or not self._is_enough(packed):
            return INF
        return points + self._totals[packed]

    def _added_up(self, row: Row) -> tuple[float, int]:
        """Points of the days of a row, and its packed totals."""
        states, state, packed, points = self._states, self._start, 0, 0.0
        for day, value in enumerate(row):
            packed += (self._after_work if states.values[state] > 0 else self._after_rest)[day][value]
            state, step = states.forced[states.kind_of_day[day]][state][value]
            points += step + self._points[day][value]
        return points, packed

    def remaining(self, row: Row | None) -> list[int]:
        """The packed totals from each day on, in this row; without one, at an even pace towards the middle of the bands."""
        if row is None:
            found = []
            for day in range(self._days + 1):
                share, packed = (self._days - day) / self._days, 0
                for band, at, _ in self._fields:
                    goal = (
                        band.target if band.weight else (band.least + band.most) / 2 if band.most and band.least else 0
                    )
                    packed |= max(0, round(goal * share)) << at
                found.append(packed)
            return found
        left = [0] * (self._days + 1)
        for day in range(self._days - 1, -1, -1):
            worked_before = day > 0 and row[day - 1] > 0
            left[day] = left[day + 1] + (self._after_work if worked_before else self._after_rest)[day][row[day]]
        return left

    # --- making one ---

    def narrow(
        self, gains: Sequence[Sequence[float]], old: Row | None, noise: Callable[[], float] | None = None
    ) -> Row | None:
        """A cheap row, mostly the cheapest; None if none is found."""
        states = self._states
        kind_of_day, state_values = states.kind_of_day, states.values
        at, mask, wide = self._few
        size, many = len(self._points[0]), len(state_values) * wide
        values = range(size)
        left = self.remaining(old)
        totals, guard = self._totals, self._guard
        infinite = [INF] * many
        nothing = [0] * many
        best, best_packed = infinite[:], nothing[:]
        second, second_packed = infinite[:], nothing[:]
        best[self._start * wide] = totals[left[0]]
        reached = [self._start * wide]
        parents: list[tuple[list[int], list[int]]] = []
        point, few = [0.0] * size, [0] * size
        for day in range(self._days):
            here = [a + b for a, b in zip(self._points[day], gains[day], strict=True)]
            if noise:
                here = [each + noise() for each in here]
            before, after, limit = left[day], left[day + 1], self._limits[day]
            fixed = self._fixed[day]
            legal = states.legal[kind_of_day[day]]
            forced = states.forced[kind_of_day[day]]
            next_best, next_best_packed = infinite[:], nothing[:]
            next_second, next_second_packed = infinite[:], nothing[:]
            from_best, from_second = nothing[:], nothing[:]
            for place in reached:
                state = place // wide
                added = (self._after_work if state_values[state] > 0 else self._after_rest)[day]
                steps = [(fixed, *forced[state][fixed])] if fixed else legal[state]
                for slot in (0, 1):
                    if slot:
                        so_far, packed = second[place], second_packed[place]
                        if so_far == INF:
                            break
                    else:
                        so_far, packed = best[place], best_packed[place]
                    so_far -= totals[packed + before]
                    for value in values:
                        total = packed + added[value]
                        if here[value] != INF and (limit - total) & guard == guard:
                            few[value] = total >> at & mask
                            point[value] = so_far + here[value] + totals[total + after]
                        else:
                            few[value], point[value] = 0, INF
                    parent = 2 * place + slot
                    for value, after_it, step in steps:
                        cost = point[value] + step
                        to = after_it * wide + few[value]
                        if cost < next_second[to]:
                            total = packed + added[value]
                            if cost < next_best[to]:
                                if total != next_best_packed[to]:
                                    next_second[to], next_second_packed[to] = next_best[to], next_best_packed[to]
                                    from_second[to] = from_best[to]
                                next_best[to], next_best_packed[to], from_best[to] = cost, total, parent
                            elif total != next_best_packed[to]:
                                next_second[to], next_second_packed[to], from_second[to] = cost, total, parent
            best, best_packed, second, second_packed = next_best, next_best_packed, next_second, next_second_packed
            reached = [place for place in range(many) if best[place] < INF]
            parents.append((from_best, from_second))
        return self._trace(best, best_packed, second, second_packed, parents)

    def _trace(
        self,
        best: list[float],
        best_packed: list[int],
        second: list[float],
        second_packed: list[int],
        parents: list[tuple[list[int], list[int]]],
    ) -> Row | None:
        found, at = INF, -1
        for slot, costs, packs in ((0, best, best_packed), (1, second, second_packed)):
            for place, cost in enumerate(costs):
                if cost < found and self._is_enough(packs[place]):
                    found, at = cost, 2 * place + slot
        if at < 0:
            return None
        row = [0] * self._days
        for day in range(self._days - 1, -1, -1):
            row[day] = self._states.values[(at >> 1) // self._few[2]]
            at = parents[day][at & 1][at >> 1]
        return row

    def _is_enough(self, packed: int) -> bool:
        return all((packed >> at & mask) >= band.least for band, at, mask in self._fields)

    def wide(self, gains: Sequence[Sequence[float]], keep: int | None = None) -> Row | None:
        """The cheapest row, exactly; `keep` is how many of a day's states go on, for when that takes too long."""
        states = self._states
        layer: dict[tuple[int, int], tuple[float, _Link | None]] = {(self._start, 0): (0.0, None)}
        for day in range(self._days):
            here = [a + b for a, b in zip(self._points[day], gains[day], strict=True)]
            kind, fixed = states.kind_of_day[day], self._fixed[day]
            found: dict[tuple[int, int], tuple[float, _Link | None]] = {}
            for (state, packed), (so_far, link) in layer.items():
                added = (self._after_work if states.values[state] > 0 else self._after_rest)[day]
                steps = [(fixed, *states.forced[kind][state][fixed])] if fixed else states.legal[kind][state]
                for value, to, step in steps:
                    total = packed + added[value]
                    cost = so_far + here[value] + step
                    if cost == INF or (self._limits[day] - total) & self._guard != self._guard:
                        continue
                    key = (to, total)
                    if key not in found or cost < found[key][0]:
                        found[key] = (cost, _Link(value, link))
            if keep is not None and len(found) > keep:
                left = self.remaining(None)[day + 1]
                kept = sorted(found, key=lambda key: found[key][0] + self._totals[key[1] + left])[:keep]
                found = {key: found[key] for key in kept}
            layer = found
        ends = [
            (cost + self._totals[packed], link)
            for (_, packed), (cost, link) in layer.items()
            if self._is_enough(packed)
        ]
        if not ends:
            return None
        link = min(ends, key=lambda end: end[0])[1]
        row: Row = []
        while link is not None:
            row.append(link.value)
            link = link.before
        return row[::-1]


def row_makers(model: Model) -> list[RowMaker]:
    """One for each person; people with the same rules share their states."""
    shared: dict[tuple[int, int, int], States] = {}
    found = []
    for person in model.people:
        rules = (person.most_days, person.least_days, person.least_rest)
        states = shared.setdefault(rules, States(model, *rules))
        found.append((person, states, states.start(person.before)))
    for states in shared.values():
        states.make()
    return [RowMaker(model, person, states, start) for person, states, start in found]
