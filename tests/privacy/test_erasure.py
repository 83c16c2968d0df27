"""After erasure nothing in the database says who the person was. The tables themselves say what to fill and to read."""

import json
import sqlite3
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlmodel import select

from conftest import OWN, Person, Workplace
from daka.database import Database, execute
from daka.delivery.models import InboxMessage
from daka.identity.models import ExternalIdentity, User
from daka.privacy.service import NAMES_OF_THINGS, SETTINGS, texts_of_people
from daka.privacy.traces import Traces
from daka.roster.transfer.models import ImportMapping
from daka.shifts.models import Shift
from daka.syncing.models import PushStatus, RosterPush, RosterSource
from daka.tables import metadata

NAMES = ("王小明", "former name", "wangxm", "阿明师傅")
IDENTIFIERS = (
    "13800004321",
    "138****4321",
    "manager7342",
    "subject-of-the-provider",
    "xm.wang@home.example",
    "wangxm8841",
)
MOMENT = datetime(2026, 11, 23, tzinfo=UTC)


async def _person(workplace: Workplace) -> Person:
    """Somebody with a name and a former one, numbers, a channel, a connection and a name in files."""
    person = await workplace.add_person("wangxm", team_id=workplace.team_a, mobile="13800004321")
    for name in ("Former Name", "王小明"):
        await workplace.root.patch(f"/api/v1/users/{person.id}", {"display_name": name})
    await person.patch("/api/v1/me", {"dingtalk_userid": "manager7342"})
    await workplace.root.patch(f"/api/v1/users/{person.id}", {"wecom_userid": "wangxm8841"})
    mail = {"host": "smtp.example.com", "sender": "daka@example.com", "to": "xm.wang@home.example"}
    await person.post("/api/v1/channels", {"name": "邮箱", "kind": "email", "config": mail})
    await person.post("/api/v1/me/tokens", {"name": "王小明的手机", "scopes": ["roster:read"], **OWN})
    subject = {"issuer": "https://id.example.com", "subject": "subject-of-the-provider", "token_version": 0}
    word = {"team_id": workplace.team_a, "kind": "person", "meaning": "user", "used_at": MOMENT}
    async with workplace.database.write() as session:
        session.add(ExternalIdentity(user_id=person.id, created_at=MOMENT, **subject))
        session.add(ImportMapping(word="阿明师傅", word_key="阿明师傅", user_id=person.id, **word))
    return person


def _sentence(values: tuple[str, ...], length: int, first: int) -> str:
    """As many of the values as there is room for, between other words."""
    found = ""
    for place in range(len(values)):
        more = found + f"，{values[(first + place) % len(values)].upper()}，也"
        if len(more) <= length:
            found = more
    return found


def _document(values: tuple[str, ...], more: dict[str, Any]) -> Any:
    numbers = [int(value) for value in values if value.isdecimal()]
    named = {f"({value})": {"alone": value, "within": f"（{value}）", "list": [value, 1]} for value in values}
    return {**named, "numbers": numbers, **more}


def _filled(column: sa.Column[Any], number: int) -> Any:
    """A value for one column of one row: of text, as much of the person as it can carry."""
    kind = column.type.impl_instance if isinstance(column.type, sa.types.TypeDecorator) else column.type
    if column.name in SETTINGS.get(column.table.name, ()):
        people = "\n".join(f"{value} ou_{place}" for place, value in enumerate((*NAMES, *IDENTIFIERS, "someone else")))
        return _document(IDENTIFIERS, {"people": people, "userids": "manager7342,another"})
    if column in list(texts_of_people(column.table)):
        values = IDENTIFIERS if column.name in NAMES_OF_THINGS.get(column.table.name, ()) else NAMES + IDENTIFIERS
        if isinstance(kind, sa.JSON):
            return _document(values, {})
        return _sentence(values, getattr(column.type, "length", None) or 4000, number)
    if isinstance(kind, sa.Enum):
        return kind.enums[0]
    return _anything(kind, f"{column.name}{number}"[: getattr(kind, "length", None) or 30])


def _anything(kind: sa.types.TypeEngine[Any], text: str) -> Any:
    found = {
        sa.Boolean: True,
        sa.Integer: 1,
        sa.Float: 1.5,
        sa.DateTime: MOMENT,
        sa.Date: date(2026, 11, 23),
        sa.JSON: [],
    }
    return next((value for of_type, value in found.items() if isinstance(kind, of_type)), text)


async def _fill(database: Database, workplace: Workplace) -> dict[str, list[str]]:
    """One row more in each table, about somebody else. Returns the columns of text that were filled."""
    filled: dict[str, list[str]] = {}
    keys: dict[str, Any] = {"user.id": workplace.charlie.id, "team.id": workplace.team_c}
    async with database.write() as session:
        for number, table in enumerate(metadata.sorted_tables):
            if table.name == "user":  # others' own values are not this person's
                continue
            row = {}
            for column in table.columns:
                refers = [key.target_fullname for key in column.foreign_keys]
                if refers:
                    row[column.name] = keys.get(refers[0])
                elif not (column.primary_key and isinstance(column.type, sa.Integer)):
                    row[column.name] = _filled(column, number)
            if table.name == "channel":  # one owner at most
                row["user_id"] = None
            done = await execute(session, sa.insert(table).values(row))
            for key, value in zip(table.primary_key.columns, done.inserted_primary_key or (), strict=False):
                keys.setdefault(f"{table.name}.{key.name}", value)
            filled[table.name] = [column.name for column in texts_of_people(table)]
    return filled


async def _dumped(database: Database) -> dict[str, str]:
    """Table → all its rows as text."""
    found = {}
    async with database.read() as session:
        for table in metadata.sorted_tables:
            rows = [list(row) for row in await execute(session, sa.select(table))]
            found[table.name] = json.dumps(rows, default=str, ensure_ascii=False).lower()
    return found


def _traces_in(text: str) -> list[str]:
    return [value for value in NAMES + IDENTIFIERS if value in text]


async def test_nothing_in_the_whole_database_says_who_an_erased_person_was(workplace: Workplace) -> None:
    person = await _person(workplace)
    filled = await _fill(workplace.database, workplace)
    before = await _dumped(workplace.database)
    assert _traces_in("".join(before.values())) == list(NAMES + IDENTIFIERS)
    unfilled = [name for name, columns in filled.items() if columns and not _traces_in(before[name])]
    assert unfilled == ["shift"] or unfilled == [], "no value fits: a code has four characters"

    await workplace.root.post(f"/api/v1/users/{person.id}/erase", {"username": "wangxm"})

    after = await _dumped(workplace.database)
    assert {name: found for name, rows in after.items() if (found := _traces_in(rows))} == {}
    assert f"已注销成员 {person.id}" in after["absence"], "others' texts stay, without the person"
    assert "someone else ou_" in after["channel"]
    assert "another" in after["channel"]
    if workplace.database.is_sqlite:
        assert _left_in_the_file(Path(str(workplace.database.engine.url.database))) == []


def _left_in_the_file(file: Path) -> list[str]:
    """What the bytes of the database still hold: rows that were deleted or moved, pages that are free."""
    connection = sqlite3.connect(file)
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    held = b"".join(part.read_bytes() for part in file.parent.glob(f"{file.name}*")).lower()
    sought = {value: (value.encode(), json.dumps(value)[1:-1].encode()) for value in NAMES + IDENTIFIERS}
    return [value for value, forms in sought.items() if any(form in held for form in forms)]


async def test_others_keep_what_is_theirs(workplace: Workplace) -> None:
    """A longer name, the same name, the same number, a word that begins like one, a shift of that name."""
    person = await _person(workplace)
    namesake = await workplace.add_person("Ming", team_id=workplace.team_a, mobile="13800004321")
    longer = await workplace.add_person("Longer", team_id=workplace.team_a)
    await workplace.root.patch(f"/api/v1/users/{longer.id}", {"display_name": "王小明月"})
    kept = "王小明月 wangxmm 138000043210 13800004321"
    await namesake.post("/api/v1/leaves", {"from": "2026-12-01", "to": "2026-12-02", "reason": kept})
    async with workplace.database.write() as session:
        shift = {"name": "wangxm", "code": "王小明", "color": "red", "periods": [], "created_at": MOMENT}
        session.add(Shift(**shift))
    await workplace.root.post(f"/api/v1/users/{person.id}/erase", {"username": "wangxm"})
    dumped = await _dumped(workplace.database)
    assert kept in dumped["absence"]
    assert "王小明月" in dumped["user"]
    assert '"wangxm", "王小明"' in dumped["shift"]


async def test_rosters_of_attendance_systems_outlive_a_person_whose_name_is_a_number(workplace: Workplace) -> None:
    """Work numbers are names and userids, and occur in others' cells: as ids, and as a day, a month or a year."""
    person = await workplace.add_person("23", team_id=workplace.team_a)
    await person.patch("/api/v1/me", {"dingtalk_userid": "20261"})
    config = {"app_key": "dingabcdef", "app_secret": "secret-of-the-app"}
    body = {"name": "钉钉", "kind": "dingtalk_attendance", "team_id": workplace.team_a, "config": config}
    source = await workplace.alice.post("/api/v1/punch-sources", body)
    cells = {"23 2026-11-23": 20261, f"{workplace.bob.id} 2026-11-23": 23}
    written = [
        [23, "u-23", "2026-11-23", "11", "2026", 2026],
        [workplace.bob.id, "u-bob", "2026-11-23", "23", None, 23],
    ]
    mine = [person.id, "20261", "2026-11-23", "11", "2026", 23]
    shifts = {"20261": "23"}
    row = {"punch_source_id": source["id"], "operator_userid": "u-23", "next_at": MOMENT, "reason": "20261"}
    push = {"started_by": workplace.alice.id, "first": date(2026, 11, 23), "last": date(2026, 11, 23), "cells": 3}
    push |= {"punch_source_id": source["id"], "operator_userid": "20261", "status": PushStatus.WRITTEN}
    async with workplace.database.write() as session:
        session.add(RosterSource(**row, imported=cells, leaves=cells, pushed=cells, push_shifts=shifts))
        lists = {"entries": [*written, mine], "differences": [mine, *written]}
        session.add(RosterPush(**push, **lists, next_check_at=MOMENT))
    await workplace.root.post(f"/api/v1/users/{person.id}/erase", {"username": "23"})
    async with workplace.database.read() as session:
        found = (await session.exec(select(RosterSource))).one()
        assert (found.imported, found.leaves, found.pushed, found.push_shifts) == (cells, cells, cells, shifts)
        assert found.reason == "***"
        published = (await session.exec(select(RosterPush))).one()
        assert (published.entries, published.differences, published.operator_userid) == (written, written, "***")
    assert (await workplace.alice.get("/api/v1/roster/synced", team_id=workplace.team_a))["cells"] == []


@pytest.mark.parametrize(
    ("text", "cleared"),
    [
        ("王小明，早班", "已注销成员 7，早班"),
        ("王小明月，早班", "王小明月，早班"),
        ("老王小明 BOB Bobby bob_2 bob", "老已注销成员 7 已注销成员 7 Bobby bob_2 已注销成员 7"),
        ("打 13800004321 找他，不是 138000043219", "打 *** 找他，不是 138000043219"),
        ("A", "A"),
    ],
)
def test_texts_lose_the_person_and_nothing_else(text: str, cleared: str) -> None:
    traces = Traces(
        "已注销成员 7", frozenset({"王小明", "bob", "A"}), frozenset({"13800004321"}), frozenset({"王小明月"})
    )
    assert traces.text(text) == cleared


def test_numbers_that_may_be_anything_are_not_looked_for() -> None:
    traces = Traces("已注销成员 7", frozenset({"23", "2026", "10023"}), frozenset({"12", "2026", "20261"}))
    kept = {"23": 12, "at": "2026-11-23T12:23:00+00:00", "ids": [12, 23, 2026]}
    assert traces.document(kept) == kept
    assert traces.document({"10023": [20261, 10023], "who": "20261"}) == {"已注销成员 7": [10023], "who": None}


def test_documents_and_settings_lose_the_person_and_nothing_else() -> None:
    traces = Traces("已注销成员 7", frozenset({"王小明", "bob"}), frozenset({"13800004321", "manager7342"}))
    assert traces.document(
        {"王小明": 13800004321, "list": ["13800004321", None, 5, True], "name": "王小明", "text": "13800004321 "}
    ) == {"已注销成员 7": None, "list": [None, 5, True], "name": "已注销成员 7", "text": "*** "}
    settings = {"host": "bob", "keyword": "", "userids": "manager7342,other", "people": "王小明 ou_1\n张三 ou_2"}
    assert traces.settings(settings) == {"host": "bob", "keyword": "", "userids": "other", "people": "张三 ou_2"}
    assert traces.settings({"userids": "manager7342", "agent_id": 5}) == {"agent_id": 5}


async def test_a_deleted_person_is_erased_later_with_what_the_log_still_knows(workplace: Workplace) -> None:
    person = await _person(workplace)
    inbox = await workplace.alice.post(
        "/api/v1/channels", {"name": "收件箱", "kind": "inbox", "team_id": workplace.team_a, "config": {}}
    )
    message = {"title": "王小明", "text": "Former Name，早班", "reminder_ids": [], "created_at": MOMENT}
    async with workplace.database.write() as session:
        session.add(InboxMessage(key="k", channel_id=inbox["id"], team_id=workplace.team_a, **message))
    await workplace.alice.delete(f"/api/v1/users/{person.id}")
    await workplace.root.post(f"/api/v1/users/{person.id}/erase", {"username": "wangxm"})
    async with workplace.database.read() as session:
        kept = (await session.exec(select(InboxMessage))).one()
        user = await session.get_one(User, person.id)
    assert (kept.title, kept.text) == (user.display_name, f"{user.display_name}，早班")
