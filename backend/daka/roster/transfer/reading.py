"""Parses roster files into people, dates and codes. Pure.

Three layouts are recognised. *Wide*: a row of dates, then one row per person. *Long*: columns for person, date and shift. And the
older system's JSON `{"2026": {"7": {"25": "A"}}}`, the roster of one person. Width, case and whitespace are ignored when words
are compared.
"""

import json
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import lru_cache
from typing import Any

from daka.roster.dates import next_month
from daka.spreadsheets import BadFile, Row, Sheet, Value, decoded, is_json, sheets, text_of, without_parentheses
from daka.widths import in_one_width, key

MOST_CELLS = 400_000
MOST_PROBLEMS = 500
LONGEST_WORD = 200
"""Characters of a name or code; the rest of longer ones is dropped. No user, shift or mapping has a longer one."""
HEADER_WITHIN_ROWS = 20

PERSON_WORDS = {"姓名", "名字", "成员", "员工", "人员", "员工姓名", "人员姓名", "成员姓名"}
PERSON_WORDS |= {"name", "user", "person", "employee"}
ACCOUNT_WORDS = {"账号", "帐号", "用户名", "username", "account", "工号", "员工编号", "员工工号", "userid"}
MOBILE_WORDS = {"手机", "手机号", "手机号码", "电话", "mobile", "phone"}
DATE_WORDS = {"日期", "工作日期", "排班日期", "上班日期", "date", "workdate", "work_date", "day"}
SHIFT_WORDS = {"班次", "排班", "班", "班次代码", "班次名称", "班别", "shift", "code", "shiftcode", "shift_code"}
TOTAL_WORDS = ("合计", "小计", "总计", "人数", "在岗", "备注", "说明", "制表", "审核", "注:", "total")
BLANK_CODES = {"", "-", "--", "—", "——", "/", "\\", "无", "未排", "none", "null"}
WEEKDAY = re.compile(r"(?:星期|周|礼拜)?[一二三四五六日天]|(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*")


@dataclass(frozen=True, slots=True)
class PersonInFile:
    """The person a row names. An account or a mobile number takes precedence over a name."""

    name: str
    account: str = ""
    mobile: str = ""


@dataclass(frozen=True, slots=True)
class CellInFile:
    """One cell of the roster; an empty code is a blank cell."""

    row: int
    person: PersonInFile
    day: date
    code: str


@dataclass(frozen=True, slots=True)
class ProblemInFile:
    """A row that cannot be imported."""

    sheet: str
    row: int
    column: int | None
    code: str
    value: str
    detail: str


@dataclass(slots=True)
class Problems:
    """The first `MOST_PROBLEMS` problems of a file, and the number of all."""

    problems: list[ProblemInFile] = field(default_factory=list)
    problem_count: int = 0

    def add_problem(
        self, row: int, code: str, detail: str, value: str = "", *, column: int | None = None, sheet: str = ""
    ) -> None:
        self.problem_count += 1
        if len(self.problems) < MOST_PROBLEMS:
            self.problems.append(ProblemInFile(sheet, row, column, code, value[:80], detail))


@dataclass(slots=True)
class RosterInFile(Problems):
    """The contents of a roster file."""

    layout: str = ""
    cells: list[CellInFile] = field(default_factory=list)
    rows: int = 0
    sheets: list[str] = field(default_factory=list)

    def add(self, cell: CellInFile) -> None:
        self.cells.append(cell)
        if len(self.cells) > MOST_CELLS:
            raise BadFile("file_too_many_cells", f"超过 {MOST_CELLS} 个班次，请分几次导入")


OnRow = Callable[[int], None]
"""Called with the number of rows read so far; may raise to stop reading."""


def read_file(
    body: bytes, *, file_name: str = "", month: date | None = None, on_row: OnRow = lambda _count: None
) -> RosterInFile:
    """Parse a roster file. `month` is the month of bare day numbers.

    Raises:
        BadFile: the file cannot be read, or contains no recognisable roster.
    """
    found = RosterInFile()
    if is_json(body):
        _read_json(decoded(body), found)
        return found
    for sheet in sheets(body):
        hint = month or month_in(sheet.name) or month_in(file_name)
        _read_sheet(sheet, hint, found, on_row)
    if not found.sheets:
        raise BadFile("roster_not_recognised", "没有识别出排班表：需要一行日期加一列姓名，或“姓名、日期、班次”三列")
    return found


# --- dates -----------------------------------------------------------------------------------------------------------

_FULL = re.compile(r"(20\d\d)\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*[日号]?(?:[T ]\d\d:\d\d.*)?")
_DIGITS = re.compile(r"(20\d\d)([01]\d)([0-3]\d)")
_MONTH_DAY = re.compile(r"(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*[日号]?")
_DAY = re.compile(r"(\d{1,2})\s*[日号]?")
_MONTH = re.compile(r"(20\d\d)\s*(?:[-/.年]\s*)?(1[0-2]|0?[1-9])(?!\d)")
_WEEKDAY_NOTE = re.compile(r"(?:星期|周|礼拜)[一二三四五六日天]|(?<=[\d日号\n ])[一二三四五六日天]$")


def month_in(text: str) -> date | None:
    """The month named in a title: 2026年12月排班表, 2026-12, 202612."""
    match = _MONTH.search(in_one_width(text))
    return date(int(match[1]), int(match[2]), 1) if match else None


DateParts = tuple[int | None, int | None, int]
"""Year, month and day; None where the cell leaves them open."""


def date_parts(value: Value) -> DateParts | None:
    """The date in a cell: Excel dates and serial numbers, 2026-12-01, 20261201, 12月1日 周二, 1号, 1."""
    if isinstance(value, date):
        return value.year, value.month, value.day
    if isinstance(value, float) and not value.is_integer():
        return None
    if isinstance(value, (int, float)) and 20_000 < value < 80_000:  # days since 1899-12-30, as Excel counts
        counted = date(1899, 12, 30) + timedelta(days=int(value))
        return counted.year, counted.month, counted.day
    text = _WEEKDAY_NOTE.sub("", without_parentheses(text_of(value))).strip()
    if match := _FULL.fullmatch(text) or _DIGITS.fullmatch(text):
        return int(match[1]), int(match[2]), int(match[3])
    if match := _MONTH_DAY.fullmatch(text):
        return None, int(match[1]), int(match[2])
    if match := _DAY.fullmatch(text):
        return None, None, int(match[1])
    return None


def as_date(value: Value, month: date | None) -> date | None:
    """The date in a cell, completed from `month`; None if it is not a date, or incomplete without a month."""
    parts = date_parts(value)
    if parts is None or (parts[0] is None and month is None):
        return None
    there = month or date(2000, 1, 1)
    return _sane(parts[0] or there.year, parts[1] or there.month, parts[2])


def looks_like_day(value: Value) -> bool:
    """Whether a cell would be a date if the month were known."""
    parts = date_parts(value)
    return parts is not None and _sane(parts[0] or 2024, parts[1] or 1, parts[2]) is not None


def header_dates(values: Sequence[Value], month: date | None) -> list[date | None]:
    """The dates of a header row. 26 … 31, 1 … 25 continues in the next month; 12-31, 1-1 in the next year."""
    dates: list[date | None] = []
    previous: date | None = None
    for value in values:
        parts = date_parts(value)
        day = as_date(value, month)
        if parts and day and previous and month and day < previous and parts[0] is None:
            month = next_month(month) if parts[1] is None else date(month.year + 1, month.month, 1)
            day = as_date(value, month)
        dates.append(day)
        previous = day or previous
    return dates


def _sane(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day) if 2000 <= year <= 2100 else None
    except ValueError:
        return None


# --- tables ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Columns:
    """Column indexes of a table, from 0."""

    person: int
    account: int | None = None
    mobile: int | None = None
    day: int | None = None
    shift: int | None = None
    dates: tuple[tuple[int, date], ...] = ()


def _read_sheet(sheet: Sheet, month: date | None, found: RosterInFile, on_row: OnRow) -> None:
    above: list[Row] = []
    columns: _Columns | None = None
    for number, row in sheet.rows:
        on_row(found.rows)
        if columns is None:
            if len(above) >= HEADER_WITHIN_ROWS:
                return
            month = next((named for value in row if (named := _title_month(value))), None) or month
            columns = _long_columns(row) or _wide_columns(row, above, month, sheet.name, number, found)
            above.append(row)
            if columns is not None:
                found.sheets.append(sheet.name)
                found.layout = "long" if columns.day is not None else "wide"
        else:
            found.rows += 1
            if columns.day is not None:
                _read_long_row(number, row, columns, month, sheet.name, found)
            else:
                _read_wide_row(number, row, columns, found)


def _title_month(value: Value) -> date | None:
    """The month in a title such as 2026年12月排班表; a complete date is not a title."""
    if not isinstance(value, str) or as_date(value, None) is not None:
        return None
    return month_in(value)


def _position(row: Row, known: set[str]) -> int | None:
    return next((index for index, value in enumerate(row) if isinstance(value, str) and key(value) in known), None)


def _long_columns(row: Row) -> _Columns | None:
    person, account = _position(row, PERSON_WORDS), _position(row, ACCOUNT_WORDS)
    day, shift = _position(row, DATE_WORDS), _position(row, SHIFT_WORDS)
    who = person if person is not None else account
    if who is None or day is None or shift is None:
        return None
    return _Columns(who, account, _position(row, MOBILE_WORDS), day, shift)


def _wide_columns(
    row: Row, above: Sequence[Row], month: date | None, sheet: str, number: int, found: RosterInFile
) -> _Columns | None:
    days = [index for index, value in enumerate(row) if looks_like_day(value)]
    person = next(
        (at for line in (row, *reversed(above[-2:])) if (at := _position(line, PERSON_WORDS)) is not None), None
    )
    account = next((at for line in (row, *above[-1:]) if (at := _position(line, ACCOUNT_WORDS)) is not None), None)
    who = person if person is not None else account
    if not days or (who is None and (len(days) < 3 or days[0] == 0)):
        return None
    dates = header_dates([row[index] for index in days], month)
    if None in dates:
        unknown = days[dates.index(None)]
        detail = "缺少年份和月份；请选择月份" if month is None else "没有这一天"
        code = "month_unknown" if month is None else "bad_date"
        found.add_problem(number, code, detail, text_of(row[unknown]), column=unknown + 1, sheet=sheet)
    return _Columns(
        who if who is not None else max(0, days[0] - 1),
        account,
        next((at for line in (row, *above[-1:]) if (at := _position(line, MOBILE_WORDS)) is not None), None),
        dates=tuple((index, day) for index, day in zip(days, dates, strict=True) if day is not None),
    )


def _text_at(row: Row, index: int | None) -> str:
    return _word_of(row[index]) if index is not None and index < len(row) else ""


def _word_of(value: Any) -> str:
    return text_of(value)[:LONGEST_WORD]


def _person_at(row: Row, columns: _Columns) -> PersonInFile:
    return PersonInFile(
        _text_at(row, columns.person).replace("\n", " "),
        _text_at(row, columns.account),
        _text_at(row, columns.mobile),
    )


def _is_not_a_person(name: str) -> bool:
    plain = key(name)
    return not plain or plain in PERSON_WORDS or plain.startswith(TOTAL_WORDS)


@lru_cache(maxsize=4_096)
def code_of(value: Value) -> str:
    """The shift code or name in a cell; "" if the cell is blank."""
    text = _word_of(value)
    return "" if key(text) in BLANK_CODES else text


def _read_wide_row(number: int, row: Row, columns: _Columns, found: RosterInFile) -> None:
    person = _person_at(row, columns)
    values = [row[index] if index < len(row) else None for index, _ in columns.dates]
    if _is_not_a_person(person.name) or _are_weekdays(values):
        return
    for (_, day), value in zip(columns.dates, values, strict=True):
        found.add(CellInFile(number, person, day, code_of(value)))


def _are_weekdays(values: Sequence[Value]) -> bool:
    """Whether this is the row of weekdays (一 二 三 …) below the dates."""
    texts = [key(value) for value in values if isinstance(value, str)]
    return len(texts) >= 2 and all(WEEKDAY.fullmatch(text) for text in texts) and len(set(texts)) > 1


def _read_long_row(
    number: int, row: Row, columns: _Columns, month: date | None, sheet: str, found: RosterInFile
) -> None:
    person = _person_at(row, columns)
    if _is_not_a_person(person.name):
        return
    at = columns.day or 0
    value = row[at] if at < len(row) else None
    day = as_date(value, month)
    if day is None:
        lacks_month = value is not None and looks_like_day(value)
        code, detail = ("month_unknown", "缺少年份和月份；请选择月份") if lacks_month else ("bad_date", "不是日期")
        found.add_problem(number, code, detail, text_of(value), column=at + 1, sheet=sheet)
        return
    shift = row[columns.shift] if columns.shift is not None and columns.shift < len(row) else None
    found.add(CellInFile(number, person, day, code_of(shift)))


# --- JSON ------------------------------------------------------------------------------------------------------------

# Also a string that is not closed: scanning it again from each of its quotes would take quadratic time.
_STRING_OR_COMMA = re.compile(r'"[^"\\]*+(?:\\.[^"\\]*+)*+"?|,(?=\s*[}\]])', re.DOTALL)


def without_trailing_commas(text: str) -> str:
    """Removes commas before closing brackets, which users of the older system left in their JSON."""
    return _STRING_OR_COMMA.sub(lambda match: match[0] if match[0].startswith('"') else "", text)


def _read_json(text: str, found: RosterInFile) -> None:
    try:
        document: Any = json.loads(without_trailing_commas(text))
    except (ValueError, RecursionError) as error:
        where = f"（第 {error.lineno} 行）" if isinstance(error, json.JSONDecodeError) else ""
        raise BadFile("file_not_json", f"这不是正确的 JSON{where}") from error
    if isinstance(document, dict) and isinstance(document.get("assignments"), list):
        found.layout, found.sheets = "json", [""]
        for number, entry in enumerate(document["assignments"], start=1):
            _read_json_entry(number, entry, found)
        return
    cells = list(_older_cells(document)) if isinstance(document, dict) else []
    if not cells:
        raise BadFile("roster_not_recognised", '没有识别出排班：需要 {"2026":{"7":{"25":"A"}}} 这样的 JSON')
    found.layout, found.sheets = "older_json", [""]
    for number, (parts, value) in enumerate(cells, start=1):
        found.rows += 1
        day = _sane(*parts) if len(parts) == 3 else None
        if day is None or isinstance(value, (dict, list)):
            shown = "/".join(str(part) for part in parts)
            found.add_problem(number, "bad_date", "不是日期", shown)
            continue
        found.add(CellInFile(number, PersonInFile(""), day, code_of(value)))


def _older_cells(document: dict[str, Any]) -> Iterator[tuple[tuple[int, ...], Any]]:
    for year, months in document.items():
        if not re.fullmatch(r"20\d\d", year) or not isinstance(months, dict):
            continue
        for month, days in months.items():
            for day, value in days.items() if isinstance(days, dict) else ():
                digits = [in_one_width(part).strip() for part in (year, month, day)]
                yield tuple(int(part) if re.fullmatch(r"\d{1,4}", part) else 0 for part in digits), value


def _read_json_entry(number: int, entry: Any, found: RosterInFile) -> None:
    found.rows += 1
    if not isinstance(entry, dict):
        found.add_problem(number, "bad_row", "不是一条排班")
        return
    day = as_date(str(entry.get("date", "")), None)
    if day is None:
        found.add_problem(number, "bad_date", "不是日期", str(entry.get("date"))[:40])
        return
    person = PersonInFile(_word_of(entry.get("display_name")), _word_of(entry.get("username")))
    found.add(CellInFile(number, person, day, code_of(entry.get("code"))))
