"""What a proposal is computed from: days, shifts, people, needs and rules, as plain numbers. Pure.

A *value* is what a person does on a day: 0 is rest, 1 … n are the team's shifts. A *row* is one person's values, one a day.
Costs are points: the fewer, the better.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

Row = list[int]
BROKEN = 100_000.0
"""The cost of a broken hard rule. Only what was fixed before can break one."""
Pairs = frozenset[tuple[int, int]]
"""`(a, b)`: b may not follow a."""


@dataclass(frozen=True, slots=True)
class DayRules:
    """What one day asks of the days before it. Days that ask the same share one object.

    A pair in `soft_next` or `soft_second` costs `Costs.short_rest`; one in the others breaks a hard rule.
    """

    next_day: Pairs = frozenset()
    """Pairs of the day before and this one."""
    second_day: Pairs = frozenset()
    """Pairs of two days before and this one, with a rest day between."""
    soft_next: Pairs = frozenset()
    soft_second: Pairs = frozenset()
    ends_weekend: bool = False
    """The second day of a free weekend, which is worked whole or not at all."""


@dataclass(frozen=True, slots=True)
class Costs:
    """Points for what rows should avoid."""

    short_rest: float = 0
    alone: float = 0
    """A single day of work or of rest between two others."""
    split_weekend: float = 0
    change: float = 0
    """Another shift than the day before."""


@dataclass(frozen=True, slots=True)
class Tally:
    """Something that is counted along a row: minutes, nights, days on weekends."""

    name: str
    amounts: tuple[tuple[int, ...], ...]
    """By day and value; not negative."""
    once_a_weekend: bool = False
    """A day that ends a weekend does not count where the day before was worked."""


@dataclass(frozen=True, slots=True)
class Band:
    """What one person's total of a tally may be, and what it should be, in units that make tallies comparable."""

    least: int = 0
    """Hard."""
    most: int | None = None
    """Hard."""
    wanted: int = 0
    """Each unit less costs `wanted_cost`."""
    wanted_cost: float = 0
    target: float = 0
    """A fair share; may be negative for somebody who had more than their share before."""
    weight: float = 0
    """Costs `weight × (total - target)²` in units."""
    unit: int = 1

    def cost(self, total: int) -> float:
        """Points of a total within the hard limits."""
        short = max(0, self.wanted - total) / self.unit
        return self.weight * ((total - self.target) / self.unit) ** 2 + self.wanted_cost * short


@dataclass(frozen=True, slots=True)
class Person:
    """One person. `cells` is what may stand on each day: one value is a fixed cell."""

    key: str
    cells: tuple[tuple[int, ...], ...]
    points: tuple[tuple[float, ...], ...]
    """By day and value: wishes, and the cost of changing what was published. May be negative."""
    bands: tuple[Band, ...] = ()
    """One for each tally of the model."""
    most_days: int = 6
    """In a row."""
    least_days: int = 1
    least_rest: int = 1
    before: tuple[int, ...] = ()
    """The values of the days before the first one, oldest first. Empty: nothing is known of them."""
    why_fixed: Mapping[int, str] = field(default_factory=dict)
    """By day: `away`, `not_there` or `kept`; for explanations."""


@dataclass(frozen=True, slots=True)
class Model:
    """A span of days for some people. The last days of `cells` may lie after the span: fixed, they only limit what precedes."""

    shifts: tuple[str, ...]
    """Keys of the values 1 … n."""
    days: tuple[DayRules, ...]
    people: tuple[Person, ...]
    needs: tuple[tuple[int, ...], ...]
    """By day and value; the first entry of each day is unused."""
    under: tuple[tuple[float, ...], ...]
    """Points for each missing person."""
    over: tuple[tuple[float, ...], ...]
    tallies: tuple[Tally, ...] = ()
    costs: Costs = field(default_factory=Costs)
    constant: float = 0
    """Points that no roster can avoid or that balance negative ones."""

    @property
    def values(self) -> range:
        return range(len(self.shifts) + 1)
