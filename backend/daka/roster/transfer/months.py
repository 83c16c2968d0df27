"""What titles, sheet names and file names say about the month. Pure.

Every date but the roster's own is ignored (制表日期, 导出时间, 文件编号). Clues that contradict one another ask.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

from daka.roster.transfer.days import a_date
from daka.roster.transfer.tongues import MONTH, MONTH_IN_TEXT, MONTH_NUMBERS, in_signs
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
    r"(20\d\d)\s*+[-/.年]\s*+(1[0-2]|0?[1-9])\s*+[-/.月]\s*+(\d{1,2})\s*+[日号]?\s*+(?:至|到|~|-|—|–)\s*+(\d{1,2})\s*+[日号](?!\d)"
)
_MONTH = re.compile(
    r"(?<!\d)(20\d\d)\s*+(?:[-/._年]\s*+|(?=1[0-2]|0[1-9]))(1[0-2]|0?[1-9])(?!\d)\s*+(?:月份?)?"  # 2026 2 may be a copy
)
_YEAR = re.compile(r"(?<!\d)(20\d\d)(?!\d)")
_YEAR_ALONE = re.compile(r"20\d\d\s*+年度?")
_MONTH_ALONE = re.compile(r"(?<!\d)(1[0-2]|0?[1-9])\s*+月(?!\s?\d{1,2}[日号])")
_NAMED = re.compile(r"(?<![a-z])" + MONTH_IN_TEXT + r"(?![a-z])", re.IGNORECASE)
_NAMED_AND_YEAR = re.compile(
    r"(?<![a-z])" + MONTH + r"(?![a-z])(?:[ ,.'-]{1,2}(?:del? )?(20\d\d)|\s?[-']([2-4]\d))(?![\d/-])", re.IGNORECASE
)
_FIGURES = {word: str(number) for number, word in enumerate("〇一二三四五六七八九")} | {"零": "0", "○": "0"}
_YEAR_IN_WORDS = re.compile(r"二[〇零○][一二三四五六七八九〇零○]{2}(?=年)")
_MONTH_IN_WORDS = re.compile(r"(?<![一二三四五六七八九十〇零○第])(十[一二]?|[一二三四五六七八九])(?=月)")
_MONTHS_IN_WORDS = ("一", "二", "三", "四", "五", "六", "七", "八", "九", "十", "十一", "十二")
_SCHOOL_YEAR = re.compile(r"(20\d\d)\s?[-—~至]\s?(20\d\d)\s?学?年(?=.{0,60}?(?<!\d)(1[0-2]|0?[1-9])\s*+月)")
_ERA = re.compile(r"(?:令和|(?<![a-z])r)\s?(\d{1,2})\s?[年.]\s?(?=\d)", re.IGNORECASE)
_OF_THE_REPUBLIC = re.compile(r"(?:[民中][國国华華]\s?)?(?<!\d)(1[0-4]\d)\s?年(?=\s?\d{1,2}\s?月)")
_SHORT_YEAR = re.compile(r"(?<!\d)([2-4]\d)年(?=\s?\d{1,2}\s?月)")
_SHORT_MONTH = re.compile(r"([2-4]\d)[.-](1[0-2]|0?[1-9])")
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
_ANOTHER = (
    r"(?=[参參根依比按沿延套仿以同上前去bacsrlp])(?:[参參][照考见看]|根据|依据|依照|比照|按照|沿用|延用|套用|仿照|[以按同](?=20\d\d)"
    r"|(?:上个?月份?|前月|去年|上一?年)(?!\s?\d{1,2}[日号])|(?<![a-z])(?:based\son|according\sto|copied\sfrom|same\sas|as\s(?:in|per)"
    r"|refer(?:ring|s)?\sto|reference|(?:last|previous)\s(?:month|year)))[\s:(《「【\[]*+"
)
"""The set of first letters makes the search fast."""
_OF_ANOTHER = re.compile(_ANOTHER + r"[^,;。、()\[\]【】\n]*+", re.IGNORECASE)
"""What is said of another roster, to the end of its clause: 参照2025年12月排班表."""
_LABEL_OF_ANOTHER = re.compile(_ANOTHER, re.IGNORECASE)
_TITLE = re.compile(
    r"排班|值班|班表|更表|轮班|倒班|排休|值勤|值日|考勤|出勤|勤务|工作安排|计划表|安排表|统计日期|统计周期|年月|月份|周期|日期范围|シフト|勤務表"
    r"|第[\d一二三四五六七八九十]{1,3}周|[本下]周|roster|schedule|shift|rota|week\b|岗位表|值守"
    r"|dienstplan|schichtplan|einsatzplan|\bkw\s?\d|planning|semaine|cuadrante|turnos?\b|horario|escala\b|turni\b|rooster|график|lịch|근무|당직"
    r"|^[【(《]?\s?20\d\d\s?[年.-]\s?(?:1[0-2]|0?[1-9])\s?月份?(?![\d\s]*[\d日至到~-])",
    re.IGNORECASE,
)
_NO_TITLE = re.compile(
    r"[*※\d、.\s]*(?:注|备注|说明|附|要求|排班人|排班员|排班者|notes?\b|remarks?\b|staff\b(?! roster| schedule| rota))"
    r"|.*(?:补贴|津贴|工资|奖金)",
    re.IGNORECASE,
)

_LABEL = re.compile(r"(?:(?:排班)?(?:时间|日期|时段|期间|周期)|起止(?:时间|日期))\s?:\s?")
"""Of a line with a range; a single date behind it may be that of making."""

_WEEK_OF = re.compile(r"(?<![a-z])kw\s?(5[0-2]|[1-4]\d|0?[1-9])[\s/,.-]{1,3}(20\d\d)(?!\d)", re.IGNORECASE)
"""The week of the year, as Germans count them."""
_WEEK_FROM = re.compile(
    r"(?<![a-z])(?:week|w/?c|semaine|woche|semana)\b([^\d\n]{0,16})" + _FULL_DATE + f"(?!{_DASH})", re.IGNORECASE
)
"""Week of 7 December 2026, or ending on it."""
_NAMED_DATE = re.compile(
    r"(?<![\d/.-])(?P<day>\d{1,2})(?:[a-zº.]{1,2})?[- ]{1,2}(?:de )?(?P<month>"
    + MONTH
    + r")\.?[- ,]{1,2}(?:del? )?(?P<year>20\d\d)(?!\d)",
    re.IGNORECASE,
)
_NAMED_MONTH_FIRST = re.compile(
    r"(?<![a-z])(?P<month>" + MONTH + r")\.? (?P<day>\d{1,2})(?:st|nd|rd|th)?,? (?P<year>20\d\d)(?!\d)", re.IGNORECASE
)
_DAY_MONTH_YEAR = re.compile(r"(?<![\d.])(3[01]|[12]\d|0?[1-9])\.(1[0-2]|0?[1-9])\.(20\d\d)(?!\d)")
A_WEEK = timedelta(days=6)
LONGEST_MONTH = timedelta(days=45)


@dataclass(frozen=True, slots=True)
class Clue:
    """What a text says about the month; None where it leaves it open."""

    text: str
    year: int | None = None
    month: int | None = None
    span: tuple[date, date] | None = None
    """The first and last day of a range that the text names. No day of the table is outside."""
    ends: tuple[int, int, int, int] | None = None
    """Month and day of a range whose year the text leaves open, first and last."""
    other: str = ""
    """What contradicts the text in itself: a second range."""


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
    for other in (_OF_ANOTHER, _MADE_AT, _MADE_BEFORE, _NUMBERED):
        plain = other.sub(" ", plain)
    plain = _in_figures(plain)
    ranges = [*_RANGE.finditer(plain), *_SHORT_RANGE.finditer(_RANGE.sub(" ", plain))]
    if len({tuple(int(figure) for figure in found.groups() if figure and len(figure) < 3) for found in ranges}) > 1:
        return Clue(quoted, other=ranges[-1][0])
    if match := _WEEK_OF.search(plain):
        monday = date.fromisocalendar(int(match[2]), int(match[1]), 1)
        return _of_span(quoted, monday, monday + A_WEEK)
    if match := _WEEK_FROM.search(plain):
        first = a_date(*(int(figure) for figure in match.groups()[1:] if figure))
        first = first and first - ("end" in match[1].lower()) * A_WEEK
        return _of_span(quoted, first, first + A_WEEK) if first else Clue(quoted, other=match[0])
    if match := _RANGE.search(plain):
        figures = [int(figure) for figure in match.groups() if figure]
        first, last = a_date(*figures[:3]), a_date(*figures[3:])
        is_range = first and last and first <= last < first + LONGEST_MONTH
        return _of_span(quoted, first, last) if is_range else Clue(quoted, other=match[0])  # type: ignore[arg-type]
    if match := _MONTHS.search(plain):
        return None if match[2] else Clue(quoted, int(match[1]))
    short = _SHORT_RANGE.search(plain)
    rest = re.sub(_FULL_DATE, " ", _SHORT_RANGE.sub(" ", plain) if short else plain)
    named, year = _MONTH.search(rest), set(_YEAR.findall(rest))
    years = int(named[1]) if named else int(year.pop()) if len(year) == 1 else None
    if short:
        ends = int(short[2]), int(short[3]), int(short[4]), int(short[5])
        if short[1]:
            return of_ends(quoted, ends, int(short[1]), ends[0])
        return of_ends(quoted, ends, years, int(named[2]) if named else None)
    months = {int(month) for month in _MONTH_ALONE.findall(rest)} | {int(named[2]) for named in (named,) if named}
    months |= {MONTH_NUMBERS[month.casefold()] for month in _NAMED.findall(rest)}
    month = months.pop() if len(months) == 1 else None  # 11月、12月 is a contradiction in itself
    return Clue(quoted, years, month) if years or month else None


def sheet_clue(name: str) -> Clue | None:
    """The same for a sheet's name, which may be as short as 26.12."""
    found = _SHORT_MONTH.fullmatch(in_one_width(name).strip())
    return Clue(name, 2000 + int(found[1]), int(found[2])) if found else clue_in(name)


def _of_span(text: str, first: date, last: date) -> Clue:
    """A range is of the month that it begins with its first day, or else of the one in which it ends."""
    named = first if first.day == 1 else last
    return Clue(text, named.year, named.month, (first, last))


def of_ends(text: str, ends: tuple[int, int, int, int], year: int | None, month: int | None) -> Clue:
    """A range such as 12月26日-1月25日; `year` and `month` are named beside it, and tell its year if it is of one year or of
    that month."""
    begins, first_day, stops, last_day = ends
    is_certain = year and month in ((begins, stops) if begins > stops else (None, begins, stops))
    if year and is_certain:
        starts = year - (begins > stops and month == stops)
        first, last = a_date(starts, begins, first_day), a_date(starts + (begins > stops), stops, last_day)
        if first and last and first <= last < first + LONGEST_MONTH:
            return _of_span(text, first, last)
    return Clue(text, None if begins > stops else year, begins if begins == stops else None, ends=ends)


def _in_figures(text: str) -> str:
    """The text with its years and months as 2026年12月: 二〇二六年十二月, 令和8年12月, 115年12月, 26年12月, 12/2026."""
    text = _DAY_MONTH_YEAR.sub(r"\3年\2月\1日", in_signs(text).replace("元月", "1月"))
    text = _LABELLED_DATE.sub(r"\1年\2月", _DAYS_OF_MONTH.sub(r"\1年\2月\3日至\2月\4日", text))
    if _MONTH.search(text):
        return text
    text = _NAMED_MONTH_FIRST.sub(_date_in_figures, _NAMED_DATE.sub(_date_in_figures, text))
    text = _NAMED_AND_YEAR.sub(
        lambda found: f"20{(found[2] or found[3])[-2:]}年{MONTH_NUMBERS[found[1].casefold()]}月", text
    )
    text = _YEAR_IN_WORDS.sub(lambda found: "".join(_FIGURES[word] for word in found[0]), text)
    text = _MONTH_IN_WORDS.sub(lambda found: str(_MONTHS_IN_WORDS.index(found[0]) + 1), text)
    text = _SCHOOL_YEAR.sub(_year_of_school, text)
    text = _ERA.sub(lambda found: f"{2018 + int(found[1])}年", text)
    text = _OF_THE_REPUBLIC.sub(lambda found: f"{1911 + int(found[1])}年", text)
    text = _SHORT_YEAR.sub(r"20\1年", text)
    text = _MONTH_BEFORE_YEAR.sub(r"\2年\1月", text)
    return _LABELLED.sub(r"\1年\2月", text)


def _date_in_figures(found: re.Match[str]) -> str:
    return f"{found['year']}年{MONTH_NUMBERS[found['month'].casefold()]}月{found['day']}日"


def _year_of_school(found: re.Match[str]) -> str:
    """The year in which a month of a school year lies: 2026-2027学年…3月 is in 2027."""
    is_one = int(found[2]) == int(found[1]) + 1
    return f"{found[1] if int(found[3]) >= 8 else found[2]}年 " if is_one else found[0]


@lru_cache(maxsize=4_096)
def title_clue(text: str) -> Clue | None:
    """The same for a line above a table: only a title counts, or a line that is nothing but a month."""
    plain = in_signs(in_one_width(text)).strip()
    line = _LABEL.sub("", plain, count=1) if _LABEL.match(plain) else plain
    short = _SHORT_RANGE.fullmatch(re.sub(r"[日号]$", "", line))
    is_alone = month_of(text) or _YEAR_ALONE.fullmatch(plain) or _RANGE.fullmatch(line) or (short and short[1])
    return clue_in(text) if is_alone or is_title_word(plain) else None


def is_title_word(text: str) -> bool:
    """Whether a title may begin with this text."""
    return _TITLE.search(text) is not None and not _NO_TITLE.match(text)


def is_of_another(text: str) -> bool:
    """Whether a text is nothing but the word before another roster's title: 参照："""
    return _LABEL_OF_ANOTHER.fullmatch(in_one_width(text).strip()) is not None


def month_of(value: Value) -> Clue | None:
    """The month of a text that is nothing but a month, as 2026年12月 or 12月."""
    plain = _in_figures(text_of(value))
    return clue_in(plain) if _MONTH.fullmatch(plain) or _MONTH_ALONE.fullmatch(plain) else None


def month_in(text: str) -> date | None:
    """The month that a text names with its year."""
    clue = clue_in(text)
    return date(clue.year, clue.month, 1) if clue and clue.year and clue.month else None


def agreed(clues: Sequence[Clue | None], chosen: date | None = None) -> Clue | Question:
    """What the clues say together; a contradiction asks. A month that was chosen tells the year of a range without one."""
    year = month = span = None
    by_year = by_month = ""
    for clue in clues:
        if clue is None:
            continue
        if clue.other:
            return contradiction(clue.text, clue.other)
        if clue.year and year and clue.year != year:
            return contradiction(by_year, clue.text)
        if clue.month and month and clue.month != month:
            return contradiction(by_month, clue.text)
        by_year, year = (by_year, year) if year or not clue.year else (clue.text, clue.year)
        by_month, month = (by_month, month) if month or not clue.month else (clue.text, clue.month)
        if clue.span and span and not (span[0] <= clue.span[0] <= clue.span[1] <= span[1]):
            return contradiction(by_month, clue.text)
        span = clue.span or span
    open_ends = next((clue for clue in clues if clue and clue.ends), None)
    if span and open_ends and open_ends.ends:
        of_year = [of_ends("", open_ends.ends, day.year, day.month).span for day in span]
        if span not in of_year:
            return contradiction(by_month, open_ends.text)
    elif open_ends and open_ends.ends:
        beside = (chosen.year, chosen.month) if chosen else (year, month)
        return of_ends(open_ends.text, open_ends.ends, *beside)
    return Clue(by_month or by_year, year, month, span)


def contradiction(one: str, other: str) -> Question:
    return Question("month_contradiction", "两处写的月份不同；请改文件，或选择月份", f"{one} ≠ {other}")
