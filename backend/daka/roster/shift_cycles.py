"""Fills dates with repeating shift cycles and copies blocks of days. Pure."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from daka.roster.calendar import dates_between
from daka.roster.holidays.models import DayKind

Slot = int | None
"""A shift id; None is a day without a shift."""


@dataclass(frozen=True, slots=True)
class Cycle:
    """A repeating sequence of slots. On `anchor`, a person with offset 0 has the first slot."""

    slots: tuple[Slot, ...]
    anchor: date

    def slot_on(self, day: date, offset: int = 0) -> Slot:
        """The slot on a day for a person who is `offset` days ahead in the cycle."""
        return self.slots[((day - self.anchor).days + offset) % len(self.slots)]


def follow_calendar(slot: Slot, kind: DayKind, *, work: Slot, rest: Slot, is_rest: Callable[[int], bool]) -> Slot:
    """Replaces holidays with rest and free makeup workdays with work; other days keep their slot."""
    if kind is DayKind.HOLIDAY:
        return rest
    if kind is DayKind.MAKEUP_WORKDAY and (slot is None or is_rest(slot)):
        return work
    return slot


def filled(
    cycle: Cycle,
    offsets: Mapping[int, int],
    kinds: Mapping[date, DayKind],
    *,
    follows_calendar: bool,
    is_rest: Callable[[int], bool],
) -> dict[tuple[int, date], Slot]:
    """The cells of each person (`offsets` is by user id) on each date.

    With `follows_calendar`, holidays get the cycle's first rest (or no shift), and free makeup workdays its first work.
    """
    work = next((slot for slot in cycle.slots if slot is not None and not is_rest(slot)), None)
    rest = next((slot for slot in cycle.slots if slot is None or is_rest(slot)), None)
    cells: dict[tuple[int, date], Slot] = {}
    for user_id, offset in offsets.items():
        for day, kind in kinds.items():
            slot = cycle.slot_on(day, offset)
            if follows_calendar:
                slot = follow_calendar(slot, kind, work=work, rest=rest, is_rest=is_rest)
            cells[user_id, day] = slot
    return cells


def copied_dates(first: date, last: date, onto: date, until: date, *, by_weekday: bool) -> dict[date, date]:
    """Maps every date from `onto` to `until` to the date between `first` and `last` that it copies.

    The block repeats until the target is full. With `by_weekday` it is shifted so that weekdays match, and a longer target
    repeats its last whole weeks: copying a month to the next one keeps everyone's weekly rhythm.
    """
    length = (last - first).days + 1
    lead = (onto.weekday() - first.weekday()) % 7 if by_weekday else 0
    if by_weekday and length < 7:
        raise ValueError("a block copied by weekday must be at least a week long")
    sources: dict[date, date] = {}
    for index, day in enumerate(dates_between(onto, until)):
        step = index + lead
        if by_weekday:
            weeks_over = max(0, -(-(step - length + 1) // 7))
            if length % 7 == 0:
                step %= length
            else:
                step -= 7 * weeks_over
        else:
            step %= length
        sources[day] = first + timedelta(days=step)
    return sources


ALIKE = 0.8
"""Share of the days before that must be those of the cycle; holidays and swaps break some of them."""
REGULAR = 0.9


def offset_after(cycle: Cycle, before: Mapping[date, Slot], first: date) -> int | None:
    """How far ahead in the cycle a person is if `first` continues what they did before; None if that is another rhythm.

    `before` has the days that were planned, as many as two rounds and at least four weeks before `first` count.
    """
    length = len(cycle.slots)
    reach = max(28, 2 * length)
    planned = [day for day in before if first - timedelta(days=reach) <= day < first and before[day] is not None]
    if len(planned) < min(3, length):
        return None
    days = dates_between(min(planned), max(planned))
    alike = {
        offset: sum(before.get(day) == cycle.slot_on(day, offset) for day in days) / len(days)
        for offset in range(length)
    }
    best = max(alike, key=lambda offset: alike[offset])
    return best if alike[best] >= ALIKE else None


def rhythm_of(slots: Sequence[Slot]) -> list[Slot] | None:
    """The cycle that a row of days repeats, from its first day on; None if it repeats none at least twice.

    >>> rhythm_of([1, 2, None, 1, 2, None, 1])
    [1, 2, None]
    """
    best: list[Slot] | None = None
    best_alike = REGULAR
    for length in range(1, len(slots) // 2 + 1):
        cycle = [Counter(slots[start::length]).most_common(1)[0][0] for start in range(length)]
        alike = sum(slot == cycle[index % length] for index, slot in enumerate(slots)) / len(slots)
        if alike > best_alike or (best is None and alike >= REGULAR):
            best, best_alike = cycle, alike
    return best if best and any(slot is not None for slot in best) else None


def missing_slots(slots: Sequence[str], known: Mapping[str, Slot]) -> list[str]:
    """The words of a pattern (班 白 夜) for which there is no shift, in order of appearance."""
    return sorted({word for word in slots if word not in known}, key=list(slots).index)
