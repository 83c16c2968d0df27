"""Cycles of shifts laid over dates. Pure: tables of dates in, tables of cells out."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from daka.roster.holidays.models import DayKind

Slot = int | None
"""A shift, or a day without one."""


@dataclass(frozen=True, slots=True)
class Cycle:
    """Slots that repeat for ever. `anchor` is a date on which the first slot falls (for somebody with offset 0)."""

    slots: tuple[Slot, ...]
    anchor: date

    def slot_on(self, day: date, offset: int = 0) -> Slot:
        """The slot of somebody who is `offset` days further on in the cycle."""
        return self.slots[((day - self.anchor).days + offset) % len(self.slots)]


def follow_calendar(slot: Slot, kind: DayKind, *, work: Slot, rest: Slot, is_rest: Callable[[int], bool]) -> Slot:
    """Holidays are off, make-up workdays are worked; ordinary workdays and weekends stay as the cycle has them."""
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
    """The cells of each person (by id, with their offset) on each of the dates.

    With the calendar, holidays take the cycle's first rest (or nothing) and make-up workdays that the cycle leaves free its
    first work.
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
    """For every date from `onto` to `until`, the date between first and last that it repeats.

    The block is laid end to end as often as it takes. By weekday, it is moved so that Mondays fall on Mondays, and repeats
    its last whole weeks where a target is longer: a month onto a month keeps everybody's week.

    Raises:
        ValueError: by weekday, and the block is shorter than a week.
    """
    length = (last - first).days + 1
    lead = (onto.weekday() - first.weekday()) % 7 if by_weekday else 0
    if by_weekday and length < 7:
        raise ValueError("a block that is copied by weekday is at least a week long")
    sources: dict[date, date] = {}
    for index in range((until - onto).days + 1):
        step = index + lead
        if by_weekday:
            weeks_over = max(0, -(-(step - length + 1) // 7))
            if length % 7 == 0:
                step %= length
            else:
                step -= 7 * weeks_over
        else:
            step %= length
        sources[onto + timedelta(days=index)] = first + timedelta(days=step)
    return sources


def missing_slots(slots: Sequence[str], known: Mapping[str, Slot]) -> list[str]:
    """Those words of a pattern (班 白 夜) for which there is no shift."""
    return sorted({word for word in slots if word not in known}, key=list(slots).index)
