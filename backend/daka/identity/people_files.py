"""Finds people in CSV and XLSX files with the headings that offices use. Pure."""

import re
from collections.abc import Callable, Iterator
from dataclasses import astuple, dataclass
from itertools import islice
from typing import Any

from daka.mobile_numbers import bare_mobile
from daka.spreadsheets.reading import sheets
from daka.spreadsheets.sheet import BadFile, Row, text_of, without_parentheses

MOST_ROWS = 2_000
LONGEST_CELL = 200
"""Characters; the rest of longer ones is dropped. No field of a person takes as many."""
HEADINGS_WITHIN = 10
"""Headings must be among this many first rows; titles and notes above them are skipped."""

HEADINGS = {
    "username": "用户名 账号 帐号 登录名 登录账号 工号 员工号 员工编号 人员编号 编号 username account login",
    "display_name": "姓名 名字 员工姓名 人员姓名 显示名 人员 员工 name displayname fullname",
    "mobile": "手机 手机号 手机号码 电话 电话号码 联系电话 联系方式 移动电话 mobile phone tel mobilephone",
    "team": "班组 部门 团队 组别 小组 车间 所属班组 所属部门 team department group",
    "role": "角色 权限 role",
    "dingtalk_userid": "钉钉id 钉钉userid 钉钉用户id 钉钉账号 userid dingtalkuserid dingtalk",
    "wecom_userid": "企业微信id 企业微信userid 企业微信账号 企业微信帐号 企微账号 企微id wecomuserid wecom",
    "feishu_userid": "飞书id 飞书userid 飞书用户id 飞书账号 feishuuserid feishu",
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
    """The non-empty cells of one row, by field."""

    number: int
    """Row number in the spreadsheet."""
    cells: dict[str, str]


def people_in(content: bytes) -> list[PersonRow]:
    """The people on the first visible sheet of a CSV or XLSX file.

    Raises BadFile: not such a file, no headings, or too many rows.
    """
    rows = _rows(content)
    for _, row in islice(rows, HEADINGS_WITHIN):
        columns = {index: field for index, cell in enumerate(row) if (field := _FIELDS.get(_normalized(text_of(cell))))}
        if {"username", "display_name", "mobile"} & set(columns.values()) and len(columns) >= 2:
            break
    else:
        raise BadFile("headings_missing", "There is no row with headings such as 姓名, 工号, 手机, 班组")
    found = (PersonRow(number, _person(columns, row)) for number, row in rows)
    people = list(islice((row for row in found if row.cells), MOST_ROWS + 1))
    if len(people) > MOST_ROWS:
        raise BadFile("too_many_rows", f"More than {MOST_ROWS} people; split the file")
    return people


def read_lines(body: bytes, *, on_row: Callable[[int], None]) -> Iterator[Any]:
    """The people in a file as JSON values, each the arguments of a `PersonRow`."""
    for row in people_in(body):
        on_row(row.number)
        yield astuple(row)


def _rows(content: bytes) -> Iterator[tuple[int, Row]]:
    try:
        for sheet in sheets(content):
            yield from sheet.rows
            return
    except BadFile as error:
        if error.code == "file_unpacks_too_large":
            raise BadFile("too_large", "The file is too large when unpacked") from error
        if error.code != "file_empty":
            raise BadFile("unreadable_file", "This is not a readable CSV (UTF-8 or GB 18030) or XLSX file") from error


def role_of(text: str) -> str | None:
    return _ROLES.get(_normalized(text_of(text)))


def _person(columns: dict[int, str], row: Row) -> dict[str, str]:
    cells: dict[str, str] = {}
    for index, field in columns.items():
        text = text_of(row[index])[:LONGEST_CELL] if index < len(row) else ""
        if text and field not in cells:
            cells[field] = bare_mobile(text) if field == "mobile" else re.sub(r"\.0$", "", text)
    return cells


def _normalized(heading: str) -> str:
    """手机号（必填） * → 手机号"""
    return re.sub(r"[\W_]", "", without_parentheses(heading.lower()))
