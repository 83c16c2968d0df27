"""Which days do the headings of tables mean? One question, one answer. Pure.

In their order: what the planner chose, full dates in the cells, the sheet's name, a title, the file's name. A range in one of
them bounds every day; weekdays and the number of days are checked. Tables that count on from one another, as blocks of a week,
are dated as one.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import pairwise

from daka.roster.dates import next_month
from daka.roster.transfer.days import DateParts, a_date, as_date, completed, date_parts, follows, number_in_words
from daka.roster.transfer.months import Clue, Question, agreed, contradiction, of_ends
from daka.spreadsheets.sheet import Value

LONGEST_GAP = 3
"""Days from a block's last day to the next one's first: over a weekend."""
FEWEST_WEEKS, FRIDAY = 3, 4
_WEEK = re.compile(r"第(?:([1-5])|([一二三四五]))周")
Dates = list[date | None]
"""The date of each heading; None is a surplus day such as the 31st of November, whose column must be empty."""


@dataclass(frozen=True, slots=True)
class Headings:
    """What a table says about its days."""

    parts: tuple[DateParts, ...]
    weekdays: tuple[int | None, ...]
    clues: tuple[Clue | None, ...] = ()

    def may_repeat(self, other: "Headings") -> bool:
        """Whether these are the days of an earlier table."""
        pairs = zip(self.weekdays, other.weekdays, strict=False)
        return (self.parts, self.clues) == (other.parts, other.clues) and all(
            one == two or None in (one, two) for one, two in pairs
        )


@dataclass(slots=True)
class _Chain:
    """Tables that count on from one another."""

    tables: list[int]
    parts: list[DateParts]
    weekdays: list[int | None]
    clues: tuple[Clue | None, ...]
    is_first: bool
    """The first with its clues."""
    is_in_disorder: bool = False
    """Blocks stand in no order: a month before or after may be meant."""
    breaks: set[int] = field(default_factory=set)
    """Where a further table begins in `parts`."""

    @property
    def runs_over(self) -> list[int]:
        """Where the days begin anew."""
        return [
            number
            for number, (before, after) in enumerate(pairwise(self.parts), 1)
            if (after[1] or 0, after[2]) < (before[1] or 0, before[2])
        ]

    def goes_on_with(self, table: Headings) -> bool:
        last, first = self.parts[-1], completed(self.parts[-1], table.parts[0])
        if self.clues != table.clues or (follows(last, first) or LONGEST_GAP + 1) > LONGEST_GAP:
            return False
        said = agreed(self.clues)
        if isinstance(said, Question) or first[1]:
            return True
        if said.span and said.span[1] - said.span[0] < timedelta(days=31):
            return False  # which tells the month of each day
        is_again = first[2] < last[2] and self.parts[0][2] == 1
        return not is_again or said.month is None

    def add(self, number: int, table: Headings) -> None:
        self.breaks.add(len(self.parts))
        self.tables.append(number)
        self.weekdays += table.weekdays
        for each in table.parts:
            self.parts.append(completed(self.parts[-1] if self.parts else None, each))


def dated(
    tables: Sequence[Headings], chosen: date | None = None, *, is_only_sheet: bool = True
) -> list[Dates | Question | None]:
    """The dates of each table of a sheet, from top to bottom.

    What is asked about several tables stands at the first of them; the others have None.
    """
    found: list[Dates | Question | None] = [None] * len(tables)
    earlier: dict[tuple[tuple[DateParts, ...], tuple[Clue | None, ...]], int] = {}
    chains: list[_Chain] = []
    of_clues: dict[tuple[Clue | None, ...], list[_Chain]] = {}
    repeats: list[tuple[int, int]] = []
    for number, table in enumerate(tables):
        first = earlier.setdefault((table.parts, table.clues), number)
        if first != number and tables[first].may_repeat(table):
            repeats.append((number, first))
            continue
        if not chains or not chains[-1].goes_on_with(table):
            chains.append(_Chain([], [], [], table.clues, table.clues not in of_clues))
            of_clues.setdefault(table.clues, []).append(chains[-1])
        chains[-1].add(number, table)
    for group in of_clues.values():
        is_in_disorder = _are_in_disorder(group) and not (chosen and _are_plainly_of(group, chosen))
        for chain in group:
            chain.is_in_disorder = is_in_disorder
    for chain in chains:
        dates = _dated(chain, chosen, is_only_sheet)
        if isinstance(dates, Question):
            found[chain.tables[0]] = dates
            continue
        end = 0
        for number in chain.tables:
            start, end = end, end + len(tables[number].parts)
            found[number] = dates[start:end]
    for number, first in repeats:
        if isinstance(same := found[first], list):
            found[number] = _weekday_question(same, tables[number].weekdays) or same
    return found


def _are_in_disorder(chains: Sequence[_Chain]) -> bool:
    first_days = [chain.parts[0][2] for chain in chains]
    is_ordered = first_days == sorted(first_days)
    return len(set(first_days)) > 1 and (not is_ordered or any(chain.runs_over for chain in chains))


def _are_plainly_of(chains: Sequence[_Chain], month: date) -> bool:
    """Whether blocks that are all days of this month, once each, stand from its end to its beginning, or between its first day
    and its last, as in columns. Any other order may be that of a pay month, whose second half is the beginning."""
    days = [day for chain in chains for _, _, day in chain.parts]
    is_whole = sorted(days) == [day.day for day in _days_of(month)]
    if not is_whole or any(chain.runs_over or chain.parts[0][1] for chain in chains):
        return False
    first_days = [chain.parts[0][2] for chain in chains]
    return first_days == sorted(first_days, reverse=True) or (days[0], days[-1]) == (1, len(days))


def _dated(chain: _Chain, chosen: date | None, is_only_sheet: bool) -> Dates | Question:
    parts, weekdays = chain.parts, chain.weekdays
    if all(each[0] for each in parts):
        return _checked_full([a_date(*each) for each in parts], weekdays, chosen, chain.clues)  # type: ignore[arg-type]
    said = agreed(chain.clues, chosen)
    if isinstance(said, Question):
        if chosen is None:
            return said
        said = Clue("")
    months = {month for _, month, _ in parts}
    if None in months and len(months) > 1:
        return Question("month_unknown", "有的日期没有月份；请在每个日期里写上月份", _shown(parts[0]))
    if chosen and said.month and not _is_said(chosen, said, is_only_sheet):
        return contradiction(f"{chosen:%Y-%m}", said.text)
    starts = list(_starts(chain, said, chosen))
    if not starts:
        return Question("month_unknown", "缺少年份和月份；请选择月份")
    counted = [_counted(parts, start) for start in starts]
    if chain.runs_over and parts[0][1] is None and chain.breaks.issuperset(chain.runs_over):
        halves = _in_month(parts, starts[-1])  # the second half of a month above the first
        if not chosen or sorted(filter(None, halves)) == _days_of(starts[-1]):
            counted.append(halves)
    candidates = [dates for dates in counted if dates and _is_within(dates, chain, said, chosen)]
    if not candidates:
        if said.span or None not in months:
            of_file = said.text if chosen and said.span else _shown(parts[0])
            return contradiction(f"{chosen:%Y-%m}" if chosen else said.text, of_file)
        detail = "表头的日期与这个月的天数不符；请选择第一天所在的月份"
        return Question("days_contradiction", detail, f"{starts[-1]:%Y-%m}")
    fitting = [dates for dates in candidates if _weekday_question(dates, weekdays) is None]
    if not fitting:
        return _weekday_question(candidates[-1], weekdays) or candidates[-1]
    if len(fitting) > 1:
        between = " / ".join(f"{dates[0]} … {dates[-1]}" for dates in fitting)
        detail = "可能是两个月份；请选择第一天所在的月份"
        if chain.is_in_disorder or chosen:
            detail = "各段日期的先后不清楚；请在标题里写上起止日期，或在每个日期里写上月份"
        return Question("month_unknown", detail, between)
    is_certain = said.span is not None or None not in months
    return (None if is_certain else _count_question(chain, fitting[0], chosen)) or fitting[0]


def _is_said(chosen: date, said: Clue, is_only_sheet: bool) -> bool:
    """Whether the clues leave the choice open. A title alone may be an old one, a range or one sheet of many is not."""
    if said.span:
        return any(chosen == month for month in _months_of(said.span))
    return is_only_sheet or (said.year or chosen.year, said.month) == (chosen.year, chosen.month)


def weeks_question(days: Iterable[date], fewest: int = FEWEST_WEEKS) -> Question | None:
    """Days that may each stand for the week which they begin: the Mondays of a month, or another workday's."""
    known = sorted(set(days))
    if len(known) < fewest or known[0].weekday() > FRIDAY:
        return None
    are_weekly = all(after - before == timedelta(days=7) for before, after in pairwise(known))
    between = f"{known[0]}, {known[1]}, …"
    return Question("weeks", "日期都相隔七天：是一整周，还是只有那一天？请写出每一天", between) if are_weekly else None


def day_within(value: Value, span: tuple[date, date]) -> date | None:
    """The date in a cell; what it leaves open, the range tells."""
    parts = date_parts(value)
    if parts is None or parts[0]:
        return as_date(value, None)
    days = {a_date(month.year, parts[1] or month.month, parts[2]) for month in _months_of(span)}
    within = [day for day in days if day and span[0] <= day <= span[1]]
    return within[0] if len(within) == 1 else None


def _months_of(span: tuple[date, date]) -> Iterator[date]:
    month = span[0].replace(day=1)
    while month <= span[1]:
        yield month
        month = next_month(month)


def _starts(chain: _Chain, said: Clue, chosen: date | None) -> Iterator[date]:
    """The months in which the headings may begin."""
    _, month, day = chain.parts[0]
    if said.span:
        months = list(_months_of(said.span))
        if chain.is_first and (chosen or said.span[0].day == day):
            months = [chosen or months[0]]
    elif chosen:
        months = [chosen, next_month(chosen)] if chain.is_in_disorder else [chosen]
    elif said.year and said.month:
        named = date(said.year, said.month, 1)
        before = [(named - timedelta(days=1)).replace(day=1)] if chain.is_in_disorder or chain.runs_over else []
        months = [*before, named, *([next_month(named)] if chain.is_in_disorder else [])]
    else:
        months = [date(said.year, month, 1)] if said.year and month and 1 <= month <= 12 else []
    if month is None or not months:
        yield from months
    elif 1 <= month <= 12:  # the year alone is open
        years = {each.year + step for each in months for step in (-1, 0, 1)}
        yield from (date(year, month, 1) for year in sorted(years))


def _counted(parts: Sequence[DateParts], start: date) -> Dates | None:
    """The headings as dates from the month `start` on; None if bare days leave a month before its end."""
    dates: Dates = []
    year, month, before = start.year, start.month, 0
    for _, own, day in parts:
        if own:
            year, month = year + (own < month), own
        elif day < before:
            last = _last_day(year, month)
            if before > last or (day == 1 and before != last and (before >= 28 or last - before > 3)):
                return None
            year, month = year + month // 12, month % 12 + 1
        dates.append(a_date(year, month, day))
        before = day
    return dates if any(dates) else None


def _in_month(parts: Sequence[DateParts], month: date) -> Dates:
    """Bare days, all in one month: its second half may stand above the first."""
    return [a_date(month.year, month.month, day) for _, _, day in parts]


def _days_of(month: date) -> list[date]:
    return [month.replace(day=day) for day in range(1, _last_day(month.year, month.month) + 1)]


def _last_day(year: int, month: int) -> int:
    return (next_month(date(year, month, 1)) - timedelta(days=1)).day


def _is_within(dates: Dates, chain: _Chain, said: Clue, chosen: date | None) -> bool:
    """Whether dates are within the range that was named; those that name their months, in the month or year."""
    known = [day for day in dates if day]
    if said.span:
        return all(said.span[0] <= day <= said.span[1] for day in known)
    if chain.parts[0][1] is None:
        return True
    if chosen or said.month:
        year, month = (chosen.year, chosen.month) if chosen else (said.year, said.month)
        return any((day.year, day.month) == (year, month) for day in known)
    return any(day.year == said.year for day in known)


def _count_question(chain: _Chain, dates: Dates, chosen: date | None) -> Question | None:
    """What is doubtful about the number of bare days."""
    days = [day for _, _, day in chain.parts]
    first = next(day for day in dates if day)
    last = _last_day(first.year, first.month)
    if chain.runs_over and days[0] == 1 and None in chain.weekdays:
        return Question("days_contradiction", "日期数到月底后又从头开始", f"1 … {last}, {days[chain.runs_over[0]]} …")
    weeks = (found for clue in chain.clues if clue and (found := _WEEK.search(clue.text)))
    for week in (int(found[1] or number_in_words(found[2])) for found in weeks):
        if len(days) <= 7 and not 7 * week - 12 <= days[0] <= 7 * week:  # rather the days of that week, counted
            return Question("days_contradiction", "标题里的第几周与日期不符", f"{week} ≠ {days[0]} … {days[-1]}")
    is_certain = chosen is not None or any(weekday is not None for weekday in chain.weekdays)
    is_whole = len(chain.tables) == 1 and 28 <= days[-1] < last and days == list(range(1, days[-1] + 1))
    if is_whole and not is_certain:
        between = f"{days[-1]} ≠ {last}（{first:%Y-%m}）"
        return Question("days_contradiction", "表头的天数与这个月不符；请选择月份", between)
    return None


def _shown(parts: DateParts) -> str:
    return "".join(f"{number}{unit}" for number, unit in zip(parts, "年月日", strict=True) if number)


def _checked_full(
    dates: Dates, weekdays: Sequence[int | None], chosen: date | None, clues: Sequence[Clue | None]
) -> Dates | Question:
    known = [day for day in dates if day is not None]
    if not known:
        return Question("bad_date", "没有这一天")
    months = {(day.year, day.month) for day in known}
    shown = f"{known[0]} … {known[-1]}"
    if chosen is not None and (chosen.year, chosen.month) not in months:
        return contradiction(f"{chosen:%Y-%m}", shown)
    for clue in clues if chosen is None else ():
        if clue and clue.month and not any(clue.month == month and clue.year in (None, year) for year, month in months):
            return contradiction(clue.text, shown)
        span = clue and (clue.span or (clue.ends and of_ends("", clue.ends, known[-1].year, known[-1].month).span))
        if clue and span and not all(span[0] <= day <= span[1] for day in known):
            return contradiction(clue.text, shown)
    return _weekday_question(dates, weekdays) or dates


def _weekday_question(dates: Dates, weekdays: Sequence[int | None]) -> Question | None:
    for day, weekday in zip(dates, weekdays, strict=True):
        if day is not None and weekday is not None and day.weekday() != weekday:
            names = "一二三四五六日"
            between = f"{day} = {names[day.weekday()]} ≠ {names[weekday]}"
            return Question("weekday_contradiction", "星期与日期不符；月份或星期写错了", between)
    return None
