"""One person's data: given out to them, and forgotten without tearing holes into others' history."""

import json

from conftest import Workplace
from daka.privacy.service import ON_ERASURE, tables_of_people
from roster.people import cell, plan
from security.stage import set_stage


def test_every_table_that_refers_to_people_says_what_happens_to_it() -> None:
    assert sorted(set(tables_of_people()) - set(ON_ERASURE)) == [], "add these tables to ON_ERASURE"
    assert sorted(set(ON_ERASURE) - set(tables_of_people())) == [], "these tables are not there"


async def test_a_person_gets_everything_about_them_and_no_keys(workplace: Workplace) -> None:
    await set_stage(workplace)
    answer = await workplace.bob.http.get("/api/v1/me/export")
    assert 'filename="daka-user-' in answer.headers["content-disposition"]
    found = answer.json()
    assert found["user"][0]["mobile"] == "13800000001"
    for table in ("assignment", "reminder", "channel", "refresh_token", "absence", "swap", "audit_entry", "team_move"):
        assert found[table], table
    assert {row["user_id"] for row in found["assignment"]} == {workplace.bob.id}
    for key in ("argon2", "token_hash", "password_hash", "gAAAA", "hooks.example.com/bob"):
        assert key not in answer.text


async def test_a_person_is_forgotten_and_history_stays_without_the_name(workplace: Workplace) -> None:
    scene = await set_stage(workplace)
    await plan(workplace.alice, cell(workplace.bob, "2026-12-24", scene.things["a_shift"]))
    assert "Bob 2026-12-24" in json.dumps(await workplace.root.get("/api/v1/audit", action="roster.changed"))
    path = f"/api/v1/users/{workplace.bob.id}/erase"
    wrong = await workplace.root.http.post(path, json={"username": "alice"})
    assert (wrong.status_code, wrong.json()["code"]) == (409, "username_differs")
    await workplace.root.post(path, {"username": "bob"})

    assert (await workplace.bob.http.get("/api/v1/me")).status_code == 401
    export = json.dumps(await workplace.root.get("/api/v1/audit", limit=200), ensure_ascii=False)
    deliveries = json.dumps(await workplace.root.get("/api/v1/deliveries"), ensure_ascii=False)
    for text in (export, deliveries):
        assert "Bob" not in text
        assert "13800000001" not in text
    delivery = await workplace.root.get(f"/api/v1/deliveries/{scene.things['bobs_delivery']}")
    assert delivery["people"][0]["name"] == f"已注销成员 {workplace.bob.id}"
    audit = (await workplace.root.get("/api/v1/audit", action="user.erased"))["items"][0]
    assert audit["actor_name"] == "Root"
    assert (
        await workplace.root.http.post("/api/v1/users", json={"username": "bob", "password": "a long passphrase"})
    ).is_success


async def test_somebody_who_was_removed_earlier_can_be_forgotten_later(workplace: Workplace) -> None:
    await workplace.alice.delete(f"/api/v1/users/{workplace.bob.id}")
    await workplace.root.post(f"/api/v1/users/{workplace.bob.id}/erase", {"username": "bob"})
    assert (await workplace.root.http.post("/api/v1/users/999/erase", json={"username": "bob"})).status_code == 404
