"""The words of roster files: headings, totals, notes, shifts. Pure."""

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from daka.roster.transfer.days import looks_like_day
from daka.spreadsheets import Row, Value, text_of
from daka.widths import key

LONGEST_WORD = 200
"""Characters of a name or code; the rest of longer ones is dropped. No user, shift or mapping has a longer one."""

PERSON = {
    "姓名",
    "名字",
    "成员",
    "员工",
    "人员",
    "员工姓名",
    "人员姓名",
    "成员姓名",
    "氏名",
    "名前",
    "社員名",
    "従業員",
}
PERSON |= {"name", "user", "person", "employee"}
ACCOUNT = {"账号", "帐号", "用户名", "username", "account", "userid"}
NUMBER = {"工号", "员工编号", "员工工号"}
MOBILE = {"手机", "手机号", "手机号码", "电话", "mobile", "phone"}
DATE = {"日期", "工作日期", "排班日期", "上班日期", "日付", "date", "workdate", "work_date", "day"}
FROM = {"开始日期", "起始日期", "开始", "起", "from", "start", "startdate"}
UNTIL = {"结束日期", "截止日期", "终止日期", "结束", "止", "until", "to", "end", "enddate"}
SHIFT = {
    "班次",
    "排班",
    "班",
    "班次代码",
    "班次名称",
    "班别",
    "班別",
    "シフト",
    "shift",
    "code",
    "shiftcode",
    "shift_code",
}
BLANK = {"", "-", "--", "—", "——", "/", "\\", "无", "未排", "none", "null"}
_TOTAL = re.compile(
    r"(?:合计|小计|总计|人数|在岗|出勤|备注|说明|制表|审核|审批|填表|班次说明|图例|注意?|totals?|notes?)"
    r"(?:人|员|签字|签名|日期|人数|数|事项)?(?:[:(].*)?"
)
_LEGEND = {"代码", "班次代码", "符号", "图例", "班次", "code", "legend"}
_TOTAL_LABEL = re.compile(r"(?:人数|合计|小计|总计|天数|工时)$")
_NOTE = re.compile(r"=|\d{1,2}:\d\d")
MOST_WORDS_OF_A_LEGEND = 3
_TIME = re.compile(r"\d{1,2}:\d\d")
_A_SHIFT = re.compile(r"[^\s]{0,6}班|早|中|晚|夜|白|日|休|休息|大夜|小夜|公休|年假|调休|\S{0,8}\d{1,2}:\d\d.*")
_SIDE_COLUMN = re.compile(
    r"星期|周几|曜日|weekday|备注|说明|合计|小计|总计|人数|\b(?:remarks?|notes?|totals?)\b", re.IGNORECASE
)
_SEVERAL = re.compile(r"[、,;/\s]+")


def position(row: Row, known: set[str], first: int = 0, last: int | None = None) -> int | None:
    """The first column with one of the words, from 0."""
    return next(
        (i for i, value in enumerate(row[first:last], first) if isinstance(value, str) and key(value) in known), None
    )


def word_of(value: Any) -> str:
    return text_of(value)[:LONGEST_WORD]


def word_at(row: Row, column: int | None) -> str:
    return word_of(row[column]) if column is not None and column < len(row) else ""


@lru_cache(maxsize=4_096)
def code_of(value: Value) -> str:
    """The shift code or name in a cell; "" if the cell is blank."""
    text = word_of(value)
    return "" if key(text) in BLANK else text


def is_shift(word: str) -> bool:
    """Whether a heading looks like a shift rather than a name."""
    return _A_SHIFT.fullmatch(key(word)) is not None


def is_side_column(word: str) -> bool:
    """Whether a heading is of remarks, weekdays or totals."""
    return _SIDE_COLUMN.search(word) is not None


def names_in(value: Value) -> list[str]:
    return [name for name in _SEVERAL.split(code_of(value)) if name]


def is_total(labels: Sequence[str]) -> bool:
    """Whether labels are those of a total, a remark or a signature."""
    return any(_TOTAL.fullmatch(key(each)) or _TOTAL_LABEL.search(key(each)) for each in labels)


def is_note(name: str, values: Sequence[Value]) -> bool:
    """Whether a row of a table is a legend, a note or the name of a team, and nobody's shifts."""
    words = [code_of(value) for value in values]
    filled = [word for word in words if word]
    if filled and all(word == name for word in filled):
        return True
    if key(name) in _LEGEND or (
        is_shift(name) and any(_TIME.search(word) for word in filled) and len(filled) <= MOST_WORDS_OF_A_LEGEND
    ):
        return True
    texts = [word for word in filled if not looks_like_day(word)]
    return len(texts) <= (MOST_WORDS_OF_A_LEGEND if _NOTE.search(name) else 0 if ":" in name else -1)
