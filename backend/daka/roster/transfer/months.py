"""Which month does a table mean? One question, one answer. Pure.

Clues in their order: what the planner chose, full dates in the cells, the sheet's name, a title, the file's name. Every
other date is ignored (制表日期, 导出时间, 文件编号). Clues that contradict one another ask; weekdays and the number of days are
checked.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from itertools import pairwise

from daka.roster.dates import next_month
from daka.roster.transfer.days import ENGLISH_MONTH, DateParts, a_date, month_number
from daka.spreadsheets.sheet import Value, text_of
from daka.widths import in_one_width

_FULL_DATE = (
    r"(20\d\d)(?:\s*+[-/.年]\s*+(1[0-2]|0?[1-9])\s*+[-/.月]\s*+(3[01]|[12]\d|0?[1-9])(?!\d)\s*+[日号]?"
    r"|(?<!\d\d\d\d\d)(1[0-2]|0[1-9])([0-2]\d|3[01])(?!\d))"
)
_DASH = r"\s*+起?\s*+(?:至|到|~|-{1,2}|—{1,2}|–|to)\s*+"
_RANGE = re.compile(_FULL_DATE + _DASH + _FULL_DATE, re.IGNORECASE)
_SHORT_RANGE = re.compile(
    r"(?:(20\d\d)\s*+[-/.年]\s*+)?(?<!\d)(1[0-2]|0?[1-9])\s*+[-/.月]\s*+(3[01]|[12]\d|0?[1-9])\s*+[日号]?"
    + _DASH
    + r"(1[0-2]|0?[1-9])\s*+[-/.月]\s*+(3[01]|[12]\d|0?[1-9])(?!\d)",
    re.IGNORECASE,
)
_MONTHS = re.compile(
    r"(20\d\d)\s*+(?:年\s*+\d{1,2}\s*+(?:月份?)?|[-/.]\s*+\d{1,2})\s*+(?:至|到|~|-|—|–|、)\s*+"
    r"(?:(20\d\d)\s*+[-/.年]\s*+\d{1,2}(?![\d.月/-])|\d{1,2}\s*+月)"
)
_DAYS_OF_MONTH = re.compile(
    r"(20\d\d\s*+[-/.年]\s*+(?:1[0-2]|0?[1-9]))\s*+[-/.月]\s*+\d{1,2}\s*+[日号]?\s*+(?:至|到|~|-|—|–)\s*+\d{1,2}\s*+[日号](?!\d)"
)
_MONTH = re.compile(
    r"(?<!\d)(20\d\d)\s*+(?:[-/._年]\s*+|(?=1[0-2]|0[1-9]))(1[0-2]|0?[1-9])(?!\d)\s*+(?:月份?)?"  # 2026 2 may be a copy
)
_YEAR = re.compile(r"(?<!\d)(20\d\d)(?!\d)")
_YEAR_ALONE = re.compile(r"20\d\d\s*+年度?")
_MONTH_ALONE = re.compile(r"(?<!\d)(1[0-2]|0?[1-9])\s*+月")
_ENGLISH = re.compile(r"(?<![a-z])" + ENGLISH_MONTH + r"(?![a-z])", re.IGNORECASE)
_ENGLISH_AND_YEAR = re.compile(
    r"(?<![a-z])" + ENGLISH_MONTH + r"(?![a-z])(?:[ ,.'-]{1,2}(20\d\d)|\s?[-'](\d\d))(?![\d/-])", re.IGNORECASE
)
_FIGURES = {word: str(number) for number, word in enumerate("〇一二三四五六七八九")} | {"零": "0", "○": "0"}
_YEAR_IN_WORDS = re.compile(r"二[〇零○][一二三四五六七八九〇零○]{2}(?=年)")
_MONTH_IN_WORDS = re.compile(r"(?<![一二三四五六七八九十〇零○第])(十[一二]?|[一二三四五六七八九])(?=月)")
_MONTHS_IN_WORDS = ("一", "二", "三", "四", "五", "六", "七", "八", "九", "十", "十一", "十二")
_SCHOOL_YEAR = re.compile(r"(20\d\d)\s?[-—~至]\s?(20\d\d)\s?学?年(?=.{0,60}?(?<!\d)(1[0-2]|0?[1-9])\s*+月)")
_ERA = re.compile(r"(?:令和|(?<![a-z])r)\s?(\d{1,2})\s?[年.]\s?(?=\d)", re.IGNORECASE)
_OF_THE_REPUBLIC = re.compile(r"(?:[民中][國国华華]\s?)?(?<!\d)(1[0-4]\d)\s?年(?=\s?\d{1,2}\s?月)")
_SHORT_YEAR = re.compile(r"(?<!\d)([2-4]\d)年(?=\s?\d{1,2}\s?月)")
_MONTH_BEFORE_YEAR = re.compile(r"(?<![\d/.-])(1[0-2]|0?[1-9])[/.-](20\d\d)(?!\d)")
_LABELLED = re.compile(r"年份?\s*+:?\s*+(20\d\d)\s*+年?\s*+月份?\s*+:?\s*+(\d{1,2})(?!\d)")
_LABELLED_DATE = re.compile(r"(?:年月|月份?)\s*+:?\s*+(20\d\d)-(\d\d)-01(?!\d)")
_MADE_AT = re.compile(
    r"(?:制表|导出|打印|生成|编制|制作|更新|修改|填报|填表|创建|审核|审批|发布|下载|作成|created|printed|exported)"
    r"(?:日期|时间|日|于|至|on|at)?\s?[::]?\s?20\d\d[-/.年]?\d{1,2}[-/.月]?(?:\d{1,2})?[日号]?(?:\s?\d\d:\d\d(?::\d\d)?)?",
    re.IGNORECASE,
)
_MADE_BEFORE = re.compile(
    r"20\d\d[-/.年]\d{1,2}[-/.月]?(?:\d{1,2}[日号]?)?(?:起|开始)?(?:执行|实施|施行|启用|生效|修订|修改|更新|制|版|印发|发布|入职)"
)
_NUMBERED = re.compile(
    r"(?<![a-z])v\s?\d[\d.]*|(?:编号|文号|版本号?|no\.)\s{0,3}[::]?\s{0,3}[\w.-]+|\b[A-Z]{1,6}[-_]?\d{5,}",
    re.IGNORECASE,
)
_TITLE = re.compile(
    r"排班|值班|班表|轮班|倒班|排休|值勤|值日|考勤|出勤|勤务|工作安排|计划表|安排表|统计日期|统计周期|年月|月份|周期|日期范围|シフト|勤務表"
    r"|roster|schedule|shift|rota",
    re.IGNORECASE,
)
_NO_TITLE = re.compile(
    r"[*※\d、.\s]*(?:注|备注|说明|附|要求|排班人|排班员|排班者|notes?\b|remarks?\b|staff\b)|.*(?:补贴|津贴|工资|奖金)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Clue:
    """What a text says about the month; None where it leaves it open."""

    text: str
    year: int | None = None
    month: int | None = None
    first: date | None = None
    """The first day of a range that the text names."""


@dataclass(frozen=True, slots=True)
class Question:
    """Why the month is not certain; `between` quotes what says so."""

    code: str
    detail: str
    between: str = ""


def clue_in(text: str) -> Clue | None:
    """What a sheet's name, a title or a file's name says about the month."""
    quoted = in_one_width(text).strip()[:60]
    plain = in_one_width(text)
    for other in (_MADE_AT, _MADE_BEFORE, _NUMBERED):
        plain = other.sub(" ", plain)
    plain = _in_figures(plain)
    if match := _RANGE.search(plain):
        figures = [int(figure) for figure in match.groups() if figure]
        first, last = a_date(*figures[:3]), a_date(*figures[3:])
        if first and last and first <= last < first + timedelta(days=45):
            is_month = first.day == 1
            return Clue(quoted, first.year if is_month else last.year, first.month if is_month else last.month, first)
    if match := _MONTHS.search(plain):
        return None if match[2] else Clue(quoted, int(match[1]))
    short = _SHORT_RANGE.search(plain)
    rest = re.sub(_FULL_DATE, " ", _SHORT_RANGE.sub(" ", plain) if short else plain)
    named, year = _MONTH.search(rest), set(_YEAR.findall(rest))
    years = int(named[1]) if named else int(short[1]) if short and short[1] else None
    if len(year) == 1 and not named:
        years = int(year.pop())
    if short:
        months = int(short[2]), int(short[4])
        if years is None:
            return Clue(quoted, None, months[1])
        begins = years - (months[0] > months[1] and not short[1])
        return Clue(quoted, years, months[1], a_date(begins, months[0], int(short[3])))
    if named:
        return Clue(quoted, years, int(named[2]))
    english, alone = _ENGLISH.search(rest), _MONTH_ALONE.search(rest)
    month = month_number(english[1]) if english else int(alone[1]) if alone else None
    return Clue(quoted, years, month) if years or month else None


def _in_figures(text: str) -> str:
    """The text with its years and months as 2026年12月: 二〇二六年十二月, 令和8年12月, 115年12月, 26年12月, 12/2026."""
    text = _LABELLED_DATE.sub(r"\1年\2月", _DAYS_OF_MONTH.sub(r"\1月", text))
    if _MONTH.search(text):
        return text
    text = _ENGLISH_AND_YEAR.sub(lambda found: f"20{(found[2] or found[3])[-2:]}年{month_number(found[1])}月", text)
    text = _YEAR_IN_WORDS.sub(lambda found: "".join(_FIGURES[word] for word in found[0]), text)
    text = _MONTH_IN_WORDS.sub(lambda found: str(_MONTHS_IN_WORDS.index(found[0]) + 1), text)
    text = _SCHOOL_YEAR.sub(_year_of_school, text)
    text = _ERA.sub(lambda found: f"{2018 + int(found[1])}年", text)
    text = _OF_THE_REPUBLIC.sub(lambda found: f"{1911 + int(found[1])}年", text)
    text = _SHORT_YEAR.sub(r"20\1年", text)
    text = _MONTH_BEFORE_YEAR.sub(r"\2年\1月", text)
    return _LABELLED.sub(r"\1年\2月", text)


def _year_of_school(found: re.Match[str]) -> str:
    """The year in which a month of a school year lies: 2026-2027学年…3月 is in 2027."""
    is_one = int(found[2]) == int(found[1]) + 1
    return f"{found[1] if int(found[3]) >= 8 else found[2]}年 " if is_one else found[0]


@lru_cache(maxsize=4_096)
def title_clue(text: str) -> Clue | None:
    """The same for a line above a table: only a title counts, or a line that is nothing but a month."""
    plain = in_one_width(text).strip()
    return clue_in(text) if month_of(text) or _YEAR_ALONE.fullmatch(plain) or is_title_word(plain) else None


def is_title_word(text: str) -> bool:
    """Whether a title may begin with this text."""
    return _TITLE.search(text) is not None and not _NO_TITLE.match(text)


def month_of(value: Value) -> Clue | None:
    """The month of a text that is nothing but a month, as 2026年12月 or 12月."""
    plain = _in_figures(text_of(value))
    return clue_in(plain) if _MONTH.fullmatch(plain) or _MONTH_ALONE.fullmatch(plain) else None


def month_in(text: str) -> date | None:
    """The month that a text names with its year."""
    clue = clue_in(text)
    return date(clue.year, clue.month, 1) if clue and clue.year and clue.month else None


def agreed(clues: Sequence[Clue | None]) -> Clue | Question:
    """What the clues say together; a contradiction asks."""
    year = month = first = None
    by_year = by_month = ""
    for clue in clues:
        if clue is None:
            continue
        if clue.year and year and clue.year != year:
            return _contradiction(by_year, clue.text)
        if clue.month and month and clue.month != month:
            return _contradiction(by_month, clue.text)
        by_year, year = (by_year, year) if year or not clue.year else (clue.text, clue.year)
        by_month, month = (by_month, month) if month or not clue.month else (clue.text, clue.month)
        first = first or clue.first
    return Clue(by_month or by_year, year, month, first)


def _contradiction(one: str, other: str) -> Question:
    return Question("month_contradiction", "两处写的月份不同；请改文件，或选择月份", f"{one} ≠ {other}")


def dated(
    headings: Sequence[DateParts],
    weekdays: Sequence[int | None],
    *,
    chosen: date | None,
    clues: Sequence[Clue | None],
    has_values: Sequence[bool],
    is_only_table: bool = True,
) -> list[date | None] | Question:
    """The date of each heading; None is a surplus day such as the 31st of November, whose column must be empty.

    `weekdays` are what the table says about its headings; `has_values` tells which columns hold a shift.
    """
    said = agreed(clues)
    if all(parts[0] for parts in headings):
        dates = [a_date(*parts) for parts in headings]  # type: ignore[arg-type]
        return _checked_full(dates, weekdays, chosen, clues)
    if chosen is not None:
        first = said.first if isinstance(said, Clue) else None
        if first and first.day == headings[0][2] and first.replace(day=1) != chosen and headings[0][1] is None:
            return _contradiction(f"{chosen:%Y-%m}", said.text)  # type: ignore[union-attr]
        if not is_only_table and isinstance(said, Clue) and said.year and said.month:
            own = date(said.year, said.month, 1)
            if own != chosen and (said.first is None or said.first.replace(day=1) != chosen):
                return _contradiction(f"{chosen:%Y-%m}", said.text)
        starts = [chosen]
    elif isinstance(said, Question):
        return said
    else:
        starts = _starts(headings, said)
    if isinstance(headings[0][1], int) and starts:
        return _month_days(headings, weekdays, starts, said if isinstance(said, Clue) else None, chosen)
    return _bare_days(headings, weekdays, starts, has_values, chosen)


def _starts(headings: Sequence[DateParts], said: Clue) -> list[date]:
    """The months in which the headings may begin."""
    if said.year is None:
        return []
    if said.first is not None:
        return [said.first.replace(day=1)]
    if said.month is None:
        month = headings[0][1]
        return [date(said.year, month, 1)] if month and 1 <= month <= 12 else []
    named = date(said.year, said.month, 1)
    runs_over = any(after[2] < before[2] for before, after in pairwise(headings))
    return [(named - timedelta(days=1)).replace(day=1), named] if runs_over else [named]


def _month_days(
    headings: Sequence[DateParts],
    weekdays: Sequence[int | None],
    starts: list[date],
    said: Clue | None,
    chosen: date | None,
) -> list[date | None] | Question:
    months = {parts[1] for parts in headings}
    if None in months:
        return Question(
            "month_unknown", "有的日期没有月份；请在每个日期里写上月份", f"{headings[0][1]}月{headings[0][2]}日"
        )
    if chosen is None and said and said.month and said.month not in months:
        return _contradiction(said.text, f"{headings[0][1]}月{headings[0][2]}日")
    named = chosen or starts[-1]
    runs_over = any((after[1] or 1) < (before[1] or 1) for before, after in pairwise(headings))
    if runs_over and chosen is None and said and not said.month and all(weekday is None for weekday in weekdays):
        return Question("month_unknown", "日期跨了两年；请选择第一天所在的月份", said.text)
    year = named.year
    if named.month == 1 and headings[0][1] == 12 and len(months) > 1:
        year -= 1
    elif named.month == 12 and headings[0][1] == 1:  # a later block of a plan that began in December
        year += 1
    dates: list[date | None] = []
    for before, parts in zip([headings[0], *headings], headings, strict=False):
        year += (parts[1] or 1) < (before[1] or 1)
        dates.append(a_date(year, parts[1] or 1, parts[2]))
    if chosen is not None and chosen.month not in months:
        return _contradiction(f"{chosen:%Y-%m}", f"{headings[0][1]}月{headings[0][2]}日")
    return _weekday_question(dates, weekdays) or dates


def _bare_days(
    headings: Sequence[DateParts],
    weekdays: Sequence[int | None],
    starts: Sequence[date],
    has_values: Sequence[bool],
    chosen: date | None,
) -> list[date | None] | Question:
    if not starts:
        return Question("month_unknown", "缺少年份和月份；请选择月份")
    candidates = [dates for start in starts if (dates := _counted(headings, start)) is not None]
    fitting = [dates for dates in candidates if _weekday_question(dates, weekdays) is None]
    if not candidates:
        return Question(
            "days_contradiction", "表头的日期与这个月的天数不符；请选择第一天所在的月份", f"{starts[-1]:%Y-%m}"
        )
    if not fitting:
        return _weekday_question(candidates[-1], weekdays) or candidates[-1]
    if len(fitting) > 1:
        between = " / ".join(f"{dates[0]} … {dates[-1]}" for dates in fitting)
        return Question("month_unknown", "可能是两个月份；请选择第一天所在的月份", between)
    [dates] = fitting
    days = [parts[2] for parts in headings]
    last = (next_month(starts[-1]) - timedelta(days=1)).day
    is_certain = chosen is not None or any(weekday is not None for weekday in weekdays)
    runs_over = [after for before, after in pairwise(days) if after < before]
    if runs_over and days[0] == 1 and any(weekday is None for weekday in weekdays):
        return Question("days_contradiction", "日期数到月底后又从头开始", f"1 … {last}, {runs_over[0]} …")
    if not is_certain and days[0] == 1 and 28 <= days[-1] < last and days == list(range(1, days[-1] + 1)):
        return Question(
            "days_contradiction", "表头的天数与这个月不符；请选择月份", f"{days[-1]} ≠ {last}（{starts[-1]:%Y-%m}）"
        )
    for day, filled, number in zip(dates, has_values, days, strict=True):
        if day is None and filled:
            return Question("bad_date", "没有这一天", f"{starts[-1]:%Y-%m}-{number}")
    return dates


def _counted(headings: Sequence[DateParts], month: date) -> list[date | None] | None:
    """Bare days as dates from `month` on; None if they leave a month before its end."""
    dates: list[date | None] = []
    before = 0
    for parts in headings:
        day = parts[2]
        if day < before:
            last = (next_month(month) - timedelta(days=1)).day
            if before > last or (day == 1 and before < last and last - before > 3):
                return None
            if day == 1 and before != last and before >= 28:
                return None
            month = next_month(month)
        dates.append(a_date(month.year, month.month, day))
        before = day
    return dates if any(dates) else None


def _checked_full(
    dates: list[date | None], weekdays: Sequence[int | None], chosen: date | None, clues: Sequence[Clue | None]
) -> list[date | None] | Question:
    known = [day for day in dates if day is not None]
    if not known:
        return Question("bad_date", "没有这一天")
    months = {(day.year, day.month) for day in known}
    shown = f"{known[0]} … {known[-1]}"
    if chosen is not None and (chosen.year, chosen.month) not in months:
        return _contradiction(f"{chosen:%Y-%m}", shown)
    for clue in clues:
        if (
            chosen is None
            and clue
            and clue.month
            and not any(clue.month == month and clue.year in (None, year) for year, month in months)
        ):
            return _contradiction(clue.text, shown)
    return _weekday_question(dates, weekdays) or dates


def _weekday_question(dates: Sequence[date | None], weekdays: Sequence[int | None]) -> Question | None:
    for day, weekday in zip(dates, weekdays, strict=True):
        if day is not None and weekday is not None and day.weekday() != weekday:
            names = "一二三四五六日"
            between = f"{day} = {names[day.weekday()]} ≠ {names[weekday]}"
            return Question("weekday_contradiction", "星期与日期不符；月份或星期写错了", between)
    return None
