"""Reading people out of the files that offices have: CSV from any spreadsheet, XLSX, with whatever headings. Pure."""

import csv
import re
import unicodedata
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from io import BytesIO, StringIO
from typing import Any

from daka.errors import Invalid
from daka.mobile_numbers import bare_mobile

MOST_ROWS = 2_000
MOST_COLUMNS = 60
HEADINGS_WITHIN = 10
"""Titles and notes above the headings are passed over, this many rows at most."""
LARGEST_UNPACKED = 100_000_000

HEADINGS = {
    "username": "用户名 账号 帐号 登录名 登录账号 工号 员工号 员工编号 人员编号 编号 username account login",
    "display_name": "姓名 名字 员工姓名 人员姓名 显示名 人员 员工 name displayname fullname",
    "mobile": "手机 手机号 手机号码 电话 电话号码 联系电话 联系方式 移动电话 mobile phone tel mobilephone",
    "team": "班组 部门 团队 组别 小组 车间 所属班组 所属部门 team department group",
    "role": "角色 权限 role",
    "dingtalk_userid": "钉钉id 钉钉userid 钉钉用户id 钉钉账号 userid dingtalkuserid dingtalk",
}
_FIELDS = {word: field for field, words in HEADINGS.items() for word in words.split()}
ROLES = {
    "admin": "管理员 系统管理员 admin administrator",
    "planner": "排班员 班长 组长 主管 planner",
    "member": "成员 员工 普通成员 普通员工 member",
}
_ROLES = {word: role for role, words in ROLES.items() for word in words.split()}


@dataclass(frozen=True, slots=True)
class PersonRow:
    """One row as it is in the file; empty cells are left out."""

    number: int
    """As the spreadsheet counts."""
    cells: dict[str, str]


def people_in(content: bytes) -> list[PersonRow]:
    """The people in a CSV or XLSX file.

    Raises:
        Invalid: neither, without headings, or too many rows.
    """
    rows = list(_sheet(content) if content[:4] == b"PK\x03\x04" else _separated(content))
    for position, (_, row) in enumerate(rows[:HEADINGS_WITHIN]):
        columns = {index: field for index, cell in enumerate(row) if (field := _FIELDS.get(_plain(cell)))}
        if {"username", "display_name", "mobile"} & set(columns.values()) and len(columns) >= 2:
            below = rows[position + 1 :]
            break
    else:
        raise _unreadable("headings_missing", "There is no row with headings such as 姓名, 工号, 手机, 班组")
    found = [PersonRow(number, _person(columns, row)) for number, row in below]
    found = [row for row in found if row.cells]
    if len(found) > MOST_ROWS:
        raise _unreadable("too_many_rows", f"More than {MOST_ROWS} people; split the file")
    return found


def role_of(text: str) -> str | None:
    return _ROLES.get(_plain(text))


def _person(columns: dict[int, str], row: Sequence[str]) -> dict[str, str]:
    cells: dict[str, str] = {}
    for index, field in columns.items():
        text = unicodedata.normalize("NFKC", row[index]).strip() if index < len(row) else ""
        if text and field not in cells:
            cells[field] = bare_mobile(text) if field == "mobile" else re.sub(r"\.0$", "", text)
    return cells


def _plain(heading: str) -> str:
    """手机号（必填） * → 手机号"""
    text = unicodedata.normalize("NFKC", heading).lower()
    return re.sub(r"[\W_]", "", re.sub(r"\(.*?\)", "", text))


def _separated(content: bytes) -> Iterator[tuple[int, list[str]]]:
    text = _text(content)
    first = text.split("\n", 1)[0]
    separator = max(",;\t", key=first.count)
    try:
        for number, row in enumerate(csv.reader(StringIO(text), delimiter=separator), 1):
            yield number, row[:MOST_COLUMNS]
            if number > MOST_ROWS + HEADINGS_WITHIN:
                break
    except csv.Error as error:
        raise _unreadable("unreadable_file", "This is neither CSV nor XLSX") from error


def _text(content: bytes) -> str:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text.replace("\r\n", "\n").replace("\r", "\n")
    raise _unreadable("unreadable_file", "This is neither CSV (UTF-8 or GB 18030) nor XLSX")


def _sheet(content: bytes) -> Iterator[tuple[int, list[str]]]:
    import openpyxl  # megabytes that most processes never need
    from openpyxl.utils.exceptions import InvalidFileException

    try:
        with zipfile.ZipFile(BytesIO(content)) as packed:
            if sum(part.file_size for part in packed.infolist()) > LARGEST_UNPACKED:
                raise _unreadable("too_large", "The file is too large when unpacked")
        book = openpyxl.load_workbook(BytesIO(content), read_only=True, data_only=True)
        sheet = book.worksheets[0]
        rows = sheet.iter_rows(max_row=MOST_ROWS + HEADINGS_WITHIN + 2, max_col=MOST_COLUMNS, values_only=True)
        for number, row in enumerate(rows, 1):
            yield number, [_cell(value) for value in row]
        book.close()
    except (zipfile.BadZipFile, InvalidFileException, KeyError, ValueError, IndexError, SyntaxError, OSError) as error:
        raise _unreadable("unreadable_file", "This XLSX file is damaged") from error


def _cell(value: Any) -> str:
    if value is None:
        return ""
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def _unreadable(code: str, reason: str) -> Invalid:
    return Invalid(code, reason, loc=("body", "file"))
