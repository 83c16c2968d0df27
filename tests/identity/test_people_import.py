"""People from files as offices have them: every row's problem is named before anything is written."""

from io import BytesIO
from typing import Any

import openpyxl
import pytest

from conftest import Workplace
from daka.identity.people_files import PersonRow, people_in, role_of
from daka.spreadsheets.sheet import BadFile

MESSY = """一车间花名册（2026年11月）,,,,
,,,,
 姓　名 ,工号（必填）*,手机号 码,所属班组,备注
王 五,A001,138 0000 0002,Team A,
李四,A002,+86-139-0000-0003,Team A,老员工
,,,,
"""


def sheet(rows: list[list[Any]]) -> bytes:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    written = BytesIO()
    book.save(written)
    return written.getvalue()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_titles_blank_lines_and_odd_headings_are_understood(encoding: str) -> None:
    rows = people_in(MESSY.encode(encoding))
    assert rows == [
        PersonRow(4, {"display_name": "王 五", "username": "A001", "mobile": "13800000002", "team": "Team A"}),
        PersonRow(5, {"display_name": "李四", "username": "A002", "mobile": "13900000003", "team": "Team A"}),
    ]


def test_numbers_that_a_spreadsheet_made_floats_are_read_as_people_meant_them() -> None:
    rows = people_in(
        sheet([["姓名", "工号", "手机"], ["王五", 1001, 13800000002.0], ["李四", 1002.0, "1.3900000003E10"]])
    )
    assert [row.cells["username"] for row in rows] == ["1001", "1002"]
    assert [row.cells["mobile"] for row in rows] == ["13800000002", "13900000003"]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "headings_missing"),
        (b"\x00\x01\x02\xff", "unreadable_file"),
        (b"PK\x03\x04 not a zip", "unreadable_file"),
        ("日期,班次\n1,2\n".encode(), "headings_missing"),
        (("姓名,手机\n" + "王五,138\n" * 2001).encode(), "too_many_rows"),
    ],
)
def test_other_files_are_refused_with_a_reason(content: bytes, code: str) -> None:
    with pytest.raises(BadFile) as refused:
        people_in(content)
    assert refused.value.code == code


@pytest.mark.parametrize(
    ("said", "meant"), [("管理员", "admin"), ("班长", "planner"), ("员工 ", "member"), ("老板", None)]
)
def test_roles_have_many_words(said: str, meant: str | None) -> None:
    assert role_of(said) == meant


async def upload(person: Any, content: bytes, *, dry_run: bool = True) -> Any:
    files = {"file": ("people.xlsx", content)}
    return await person.http.post("/api/v1/users/import", files=files, params={"dry_run": dry_run})


async def test_a_dry_run_names_every_rows_problem_and_writes_nothing(workplace: Workplace) -> None:
    content = sheet(
        [
            ["姓名", "工号", "手机", "班组", "角色"],
            ["新人", "b001", "13800000009", "Team A", None],
            ["Bob", "BOB", None, "Team A", None],
            ["无号", None, None, "Team A", None],
            ["外人", "b002", None, "Team C", None],
            ["重号", "b001", None, "Team A", None],
            ["坏号", "b003", "call me", "Team A", None],
            ["头儿", "b004", None, "Team A", "管理员"],
            ["怪人", "b005", None, "Team A", "老板"],
            [True, "b 006", None, "Team A", None],
            ["少号", "b007", "1380000001", "Team A", None],
        ]
    )
    found = (await upload(workplace.alice, content)).json()
    assert (found["added"], found["existing"], found["problems"]) == (1, 1, 8)
    assert [(row["row"], row["status"], [problem["code"] for problem in row["problems"]]) for row in found["rows"]] == [
        (2, "new", []),
        (3, "exists", []),
        (4, "problem", ["username_missing"]),
        (5, "problem", ["unknown_team"]),
        (6, "problem", ["twice"]),
        (7, "problem", ["string_pattern_mismatch"]),
        (8, "problem", ["admins_only"]),
        (9, "problem", ["unknown_role"]),
        (10, "problem", ["string_pattern_mismatch"]),
        (11, "problem", ["string_pattern_mismatch"]),
    ]
    refused = await upload(workplace.alice, content, dry_run=False)
    assert (refused.status_code, refused.json()["code"], len(refused.json()["rows"])) == (422, "import_has_problems", 8)
    assert {user["username"] for user in (await workplace.alice.get("/api/v1/users"))["items"]} == {"alice", "bob"}


async def test_people_are_added_with_a_link_each_and_those_who_exist_are_left_alone(workplace: Workplace) -> None:
    content = MESSY.encode("gb18030")
    found = (await upload(workplace.root, content, dry_run=False)).json()
    assert (found["added"], found["problems"]) == (2, 0)
    token = found["rows"][0]["link"].split("#")[1]
    seen = await workplace.anonymous.post("/api/v1/auth/password-link/check", json={"token": token})
    assert seen.json()["display_name"] == "王 五"
    again = (await upload(workplace.root, content, dry_run=False)).json()
    assert (again["added"], again["existing"], again["rows"][0]["link"]) == (0, 2, None)
