"""The audit log: who changed what, before and after, from where; nobody changes it, and it holds no secrets."""

import csv
import re
from datetime import date, timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlmodel import select

from conftest import OWN, PASSWORD, Clock, Workplace
from daka.audit.service import delete_old_entries
from daka.audit_trail import AuditEntry, masked_number, shown
from daka.roster.cells import CELLS_IN_AUDIT, lock_roster, write_cells
from roster.people import EARLY, NIGHT, cell, new_shift, plan

ROOT = Path(__file__).parents[2]
SECRETS = {"access_token": "4f2a0000deadbeef", "secret": "SEC0123456789abcdef0123456789abcdef"}


async def entries(workplace: Workplace, **search: Any) -> list[dict[str, Any]]:
    return (await workplace.root.get("/api/v1/audit", **search))["items"]


def test_every_action_has_words_in_the_web_app() -> None:
    actions = set()
    for file in (ROOT / "backend" / "daka").rglob("*.py"):
        actions |= set(re.findall(r'audit\(\s*\w+,\s*"([a-z_]+\.[a-z_]+)"', file.read_text()))
    assert "user.chat_bound" in actions
    words = (ROOT / "frontend" / "src" / "audit" / "words.ts").read_text()
    assert {action for action in actions if f'"did.{action}"' not in words} == set()


async def test_a_change_says_who_what_before_and_after_and_from_where(workplace: Workplace) -> None:
    transport = httpx.ASGITransport(app=workplace.app, client=("203.0.113.9", 1))
    headers = {"Authorization": workplace.alice.http.headers["authorization"], "User-Agent": "Mozilla/5.0 (Office)"}
    async with httpx.AsyncClient(transport=transport, base_url="http://daka.test", headers=headers) as office:
        change = {"display_name": "王波", "mobile": "13900005678", "dingtalk_userid": None}
        answer = await office.patch(f"/api/v1/users/{workplace.bob.id}", json=change)
    entry = (await entries(workplace, subject_kind="user", subject_id=workplace.bob.id))[0]
    assert entry.pop("id") > 0
    assert entry == {
        "at": "2026-11-23T00:00:00Z",
        "actor_id": workplace.alice.id,
        "actor_name": "Alice",
        "action": "user.updated",
        "subject_kind": "user",
        "subject_id": workplace.bob.id,
        "subject_name": "王波",
        "before": {"display_name": "Bob", "mobile": "138****0001"},
        "after": {"display_name": "王波", "mobile": "139****5678"},
        "address": "203.0.113.9",
        "user_agent": "Mozilla/5.0 (Office)",
        "request_id": answer.headers["x-request-id"],
    }


async def test_what_changes_nothing_is_not_recorded_and_a_refused_change_neither(workplace: Workplace) -> None:
    before = len(await entries(workplace))
    await workplace.alice.patch(f"/api/v1/users/{workplace.bob.id}", {"display_name": "Bob"})
    await workplace.alice.http.patch(f"/api/v1/users/{workplace.bob.id}", json={"role": "admin"})
    await workplace.root.http.delete(f"/api/v1/teams/{workplace.team_a}")
    assert len(await entries(workplace)) == before


async def test_every_feature_writes_to_it_and_no_secret_gets_in(workplace: Workplace) -> None:
    alice = workplace.alice
    url = f"https://oapi.dingtalk.com/robot/send?access_token={SECRETS['access_token']}"
    config = {"webhook_url": url, "secret": SECRETS["secret"]}
    channel = await alice.post(
        "/api/v1/channels", {"name": "群", "kind": "dingtalk_robot", "team_id": workplace.team_a, "config": config}
    )
    changed = {**config, "secret": "SEC" + "f" * 32}
    await alice.patch(f"/api/v1/channels/{channel['id']}", {"config": changed})
    await alice.delete(f"/api/v1/channels/{channel['id']}")
    shift = await alice.post(
        "/api/v1/shifts", {"name": "早", "code": "早", "periods": [{"start": "08:30", "end": "17:00"}]}
    )
    await alice.patch(f"/api/v1/shifts/{shift['id']}", {"name": "早班"})
    cell = {"user_id": workplace.bob.id, "date": "2026-11-23", "shift_id": shift["id"]}
    await alice.put("/api/v1/roster", {"assignments": [cell]})
    await alice.put("/api/v1/roster", {"assignments": [{**cell, "shift_id": None}]})
    await alice.delete(f"/api/v1/shifts/{shift['id']}")
    token = await alice.post("/api/v1/me/tokens", {"name": "t", "scopes": ["roster:read"], **OWN})
    await alice.delete(f"/api/v1/me/tokens/{token['id']}")
    await alice.patch(f"/api/v1/users/{workplace.bob.id}", {"password": "a brand new passphrase"})
    team = await workplace.root.post("/api/v1/teams", {"name": "新"})
    await workplace.root.patch(f"/api/v1/teams/{team['id']}", {"name": "更新"})
    await workplace.root.put(f"/api/v1/teams/{team['id']}/planners", {"user_ids": [alice.id]})
    await workplace.root.delete(f"/api/v1/teams/{team['id']}")
    await workplace.root.post("/api/v1/scheduler/pause")
    await workplace.root.post("/api/v1/scheduler/resume")
    form = {"username": "bob", "password": "a brand new passphrase"}
    await workplace.anonymous.post("/api/v1/auth/token", data=form)

    found = await entries(workplace, limit=100)
    assert [entry["action"] for entry in reversed(found)] == [
        "channel.created", "channel.updated", "channel.deleted", "shift.created", "shift.updated", "roster.changed",
        "roster.changed", "shift.deleted", "api_token.created", "api_token.deleted", "user.password_set", "team.created",
        "team.updated", "team.planners_set", "team.deleted", "scheduler.paused", "scheduler.resumed", "session.opened",
    ]  # fmt: skip
    updated = next(entry for entry in found if entry["action"] == "channel.updated")
    assert updated["before"] == updated["after"] == {"sealed_secrets": "***"}
    text = str(found)
    for secret in (*SECRETS.values(), "f" * 32, token["token"], "brand new", PASSWORD, "argon2"):
        assert secret not in text


async def test_a_change_of_the_roster_names_the_cells_before_and_after(workplace: Workplace) -> None:
    early, night = await new_shift(workplace, EARLY), await new_shift(workplace, NIGHT)
    for shift in (early, night, None):
        await plan(workplace.alice, cell(workplace.bob, "2026-12-01", shift))
    found = await entries(workplace, action="roster.changed")
    assert [(entry["subject_name"], entry["after"]["changes"]) for entry in found] == [
        ("Bob", ["Bob 2026-12-01：夜班 → 空"]),
        ("Bob", ["Bob 2026-12-01：早班 → 夜班"]),
        ("Bob", ["Bob 2026-12-01：空 → 早班"]),
    ]
    # A whole company is counted, its first cells named; who did it is known after the request has ended, too.
    days = {(workplace.bob.id, date(2027, 1, 1) + timedelta(days=day)): early for day in range(CELLS_IN_AUDIT + 5)}
    async with workplace.database.write() as session:
        await lock_roster(session)
        await write_cells(session, days, changed_by=workplace.alice.id, over_imported=False)
    newest = (await entries(workplace, action="roster.changed"))[0]
    assert (newest["actor_name"], newest["after"]["cells"]) == ("Alice", CELLS_IN_AUDIT + 5)
    assert len(newest["after"]["changes"]) == CELLS_IN_AUDIT


async def test_changes_of_a_team_are_those_of_its_roster_and_its_people(workplace: Workplace) -> None:
    shift = {"name": "早班", "code": "早", "periods": [{"start": "09:00", "end": "18:00"}]}
    early = (await workplace.root.post("/api/v1/shifts", shift))["id"]
    await plan(workplace.root, cell(workplace.bob, "2026-12-01", early))
    await plan(workplace.root, cell(workplace.charlie, "2026-12-01", early))
    await workplace.root.patch(f"/api/v1/users/{workplace.bob.id}", {"display_name": "王波"})
    of_bob = await entries(workplace, team_id=workplace.team_a)
    names = {(entry["action"], entry["subject_name"]) for entry in of_bob}
    assert {("roster.changed", "Bob"), ("user.updated", "王波")} <= names
    of_charlie = await entries(workplace, team_id=workplace.team_c)
    assert {("roster.changed", "Charlie")} <= {(entry["action"], entry["subject_name"]) for entry in of_charlie}
    assert not any(entry["subject_name"] in ("Bob", "王波") for entry in of_charlie)


async def test_it_is_searched_by_actor_action_subject_and_span_and_pages(workplace: Workplace, frozen: Clock) -> None:
    for name in ("甲", "乙", "丙"):
        await workplace.alice.patch(f"/api/v1/users/{workplace.bob.id}", {"display_name": name})
        frozen.forward(hours=1)
    await workplace.root.post("/api/v1/teams", {"name": "新"})
    assert len(await entries(workplace, actor_id=workplace.alice.id)) == 3
    assert len(await entries(workplace, action="team")) == 1
    assert len(await entries(workplace, action="user.updated")) == 3
    assert len(await entries(workplace, q="alic")) == 3
    assert [entry["subject_name"] for entry in await entries(workplace, q="乙")] == ["乙"]
    assert await entries(workplace, q="%") == []
    span = {"from": "2026-11-23T09:00:00+08:00", "to": "2026-11-23T10:00:00+08:00"}
    assert [entry["after"]["display_name"] for entry in await entries(workplace, **span)] == ["乙"]
    page = await workplace.root.get("/api/v1/audit", limit=2)
    rest = await workplace.root.get("/api/v1/audit", limit=2, cursor=page["next_cursor"])
    ids = [entry["id"] for entry in (*page["items"], *rest["items"])]
    assert ids == sorted(ids, reverse=True)
    assert (len(ids), rest["next_cursor"]) == (4, None)
    bad = await workplace.root.http.get("/api/v1/audit", params={"from": "2026-11-23T09:00:00"})
    assert bad.status_code == 422


async def test_it_is_exported_as_text_that_no_spreadsheet_runs(workplace: Workplace) -> None:
    await workplace.alice.patch(
        f"/api/v1/users/{workplace.bob.id}", {"display_name": '=HYPERLINK("http://evil.example")'}
    )
    answer = await workplace.root.http.get("/api/v1/audit/export", params={"action": "user.updated"})
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert "attachment" in answer.headers["content-disposition"]
    rows = list(csv.DictReader(StringIO(answer.text.removeprefix("\ufeff"))))
    assert rows[0]["subject_name"] == '\'=HYPERLINK("http://evil.example")'
    assert rows[0]["actor_name"] == "Alice"


async def test_entries_are_neither_changed_nor_removed_until_their_time_is_over(
    workplace: Workplace, frozen: Clock
) -> None:
    await workplace.alice.patch(f"/api/v1/users/{workplace.bob.id}", {"display_name": "甲"})
    async with workplace.database.write() as session:
        entry = (await session.exec(select(AuditEntry))).one()
        entry.actor_name = "Mallory"
        session.add(entry)
        with pytest.raises(RuntimeError, match="must not be changed"):
            await session.flush()
        await session.rollback()
    async with workplace.database.write() as session:
        await session.delete((await session.exec(select(AuditEntry))).one())
        with pytest.raises(RuntimeError, match="must not be changed"):
            await session.flush()
        await session.rollback()
    for days, left in ((29, 1), (2, 0)):
        frozen.forward(days=days)
        async with workplace.database.write() as session:
            await delete_old_entries(session, timedelta(days=30))
        async with workplace.database.read() as session:
            assert len(list(await session.exec(select(AuditEntry)))) == left


@pytest.mark.parametrize(
    ("fields", "kept"),
    [
        ({"password": "x", "name": "a"}, {"password": "***", "name": "a"}),
        (
            {"config": {"webhook_url": "https://x", "keyword": "打卡"}},
            {"config": {"webhook_url": "***", "keyword": "打卡"}},
        ),
        ({"secret": ""}, {"secret": ""}),
        ({"text": "see https://u:pw@host/?access_token=abc123"}, {"text": "see https://u:***@host/?access_token=***"}),
        ({"mobile": "13800000001"}, {"mobile": "138****0001"}),
        ({"mobile": None, "n": 1, "ok": True}, {"mobile": None, "n": 1, "ok": True}),
    ],
)
def test_secrets_are_masked_on_the_way_in(fields: dict[str, Any], kept: dict[str, Any]) -> None:
    assert shown(fields) == kept


@pytest.mark.parametrize(
    ("number", "masked"),
    [
        ("13800000001", "138****0001"),
        ("+8613800000001", "+86****0001"),
        ("12345", "****45"),
        ("12", "****"),
        (None, None),
    ],
)
def test_numbers_are_masked(number: str | None, masked: str | None) -> None:
    assert masked_number(number) == masked
