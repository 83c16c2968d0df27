"""People and teams: whom planners may change, what is refused, and that one administrator always stays."""

import asyncio
from typing import Any

import httpx
import pytest

from conftest import OWN, PASSWORD, Workplace
from daka.identity.models import Role

NEW = {"username": "dora", "password": "a long passphrase", "display_name": "多拉"}


async def refused(asking: Any) -> tuple[int, str]:
    answer: httpx.Response = await asking
    return answer.status_code, answer.json()["code"]


# --- whom one sees and changes ---------------------------------------------------------------------------------------


async def test_planners_see_their_teams_and_members_only_themselves(workplace: Workplace) -> None:
    everybody = {user["display_name"] for user in (await workplace.root.get("/api/v1/users"))["items"]}
    of_alice = {user["display_name"] for user in (await workplace.alice.get("/api/v1/users"))["items"]}
    assert (everybody, of_alice) == ({"Root", "Alice", "Bob", "Charlie"}, {"Alice", "Bob"})
    assert await refused(workplace.bob.http.get("/api/v1/users")) == (403, "planners_only")
    assert (await workplace.bob.get(f"/api/v1/users/{workplace.bob.id}"))["mobile"] == "13800000001"
    for other in (workplace.charlie.id, workplace.alice.id, workplace.root.id, 999):
        assert await refused(workplace.bob.http.get(f"/api/v1/users/{other}")) == (404, "user_not_found")
    assert await refused(workplace.alice.http.get(f"/api/v1/users/{workplace.charlie.id}")) == (404, "user_not_found")


async def test_people_are_found_by_part_of_a_name_and_listed_page_by_page(workplace: Workplace) -> None:
    await workplace.add_person("Erin", team_id=workplace.team_a, mobile="13912345678")

    async def found(**search: Any) -> list[str]:
        return [user["display_name"] for user in (await workplace.root.get("/api/v1/users", **search))["items"]]

    assert await found(q="ER") == ["Erin"]
    assert await found(q=" 12345 ") == ["Erin"]
    assert await found(q="%") == await found(q="_") == []
    assert await found(role="planner") == ["Alice"]
    assert await found(team_id=workplace.team_c, q="i") == ["Charlie"]
    await workplace.root.patch(f"/api/v1/users/{workplace.bob.id}", {"is_active": False})
    assert await found(is_active="false") == ["Bob"]
    everybody, cursor = [], None
    while True:
        page = await workplace.root.get("/api/v1/users", limit=2, **({"cursor": cursor} if cursor else {}))
        assert len(page["items"]) <= 2
        everybody += [user["display_name"] for user in page["items"]]
        if not (cursor := page["next_cursor"]):
            break
    assert everybody == ["Root", "Alice", "Bob", "Charlie", "Erin"]
    assert await refused(workplace.root.http.get("/api/v1/users", params={"cursor": "made up"})) == (422, "bad_cursor")


async def test_a_number_that_is_masked_is_not_found_by_its_digits(workplace: Workplace) -> None:
    await workplace.add_person("Erin", team_id=workplace.team_a, role=Role.PLANNER, mobile="13912345678")
    for digits, by_alice in (("12345", set()), ("1380000", {"Bob"})):
        people = (await workplace.alice.get("/api/v1/users", q=digits))["items"]
        assert {user["display_name"] for user in people} == by_alice
    assert (await workplace.alice.get("/api/v1/users", q="Charlie"))["items"] == []


async def test_whoever_has_not_come_yet_is_told_apart(workplace: Workplace) -> None:
    new = {"username": "dora", "team_id": workplace.team_a}
    invited = (await workplace.alice.post("/api/v1/users/invite", new))["user"]
    assert invited["has_password"] is False
    assert (await workplace.alice.get(f"/api/v1/users/{workplace.bob.id}"))["has_password"] is True


async def test_a_planner_adds_members_to_their_teams_and_nothing_more(workplace: Workplace) -> None:
    made = await workplace.alice.post("/api/v1/users", {**NEW, "team_id": workplace.team_a})
    assert (made["role"], made["team_id"]) == ("member", workplace.team_a)
    for change, expected in (
        ({"team_id": workplace.team_c}, (404, "team_not_found")),
        ({"team_id": None}, (403, "not_your_team")),
        ({"team_id": workplace.team_a, "role": "planner"}, (403, "admins_only")),
        ({"team_id": workplace.team_a, "role": "admin"}, (403, "admins_only")),
    ):
        body = {**NEW, "username": "erin", **change}
        assert await refused(workplace.alice.http.post("/api/v1/users", json=body)) == expected


async def test_a_planner_cannot_raise_anybody_nor_take_people_elsewhere(workplace: Workplace) -> None:
    bob = f"/api/v1/users/{workplace.bob.id}"
    for change, expected in (
        ({"role": "planner"}, (403, "admins_only")),
        ({"role": "admin"}, (403, "admins_only")),
        ({"team_id": workplace.team_c}, (404, "team_not_found")),
        ({"team_id": None}, (403, "not_your_team")),
    ):
        assert await refused(workplace.alice.http.patch(bob, json=change)) == expected
    me = f"/api/v1/users/{workplace.alice.id}"
    assert await refused(workplace.alice.http.patch(me, json={"role": "admin"})) == (403, "admins_only")


async def test_a_planner_does_not_touch_other_planners_and_sees_their_number_masked(workplace: Workplace) -> None:
    erin = await workplace.add_person("Erin", team_id=workplace.team_a, role=Role.PLANNER, mobile="13900001234")
    path = f"/api/v1/users/{erin.id}"
    assert (await workplace.alice.get(path))["mobile"] == "139****1234"
    assert (await workplace.root.get(path))["mobile"] == "13900001234"
    for asking in (
        workplace.alice.http.patch(path, json={"password": "another passphrase"}),
        workplace.alice.http.delete(path),
        workplace.alice.http.post(f"{path}/password-link"),
        workplace.alice.http.post(f"{path}/sign-out"),
        workplace.alice.http.post(f"{path}/moves", json={"team_id": workplace.team_a, "from_date": "2026-12-01"}),
    ):
        assert await refused(asking) == (403, "admins_only")


@pytest.mark.parametrize("field", ["id", "password_hash", "token_version", "deleted_at", "created_at", "scopes"])
async def test_fields_that_nobody_may_set_are_refused(workplace: Workplace, field: str) -> None:
    for asking in (
        workplace.root.http.post("/api/v1/users", json={**NEW, field: 1}),
        workplace.root.http.patch(f"/api/v1/users/{workplace.bob.id}", json={field: 1}),
        workplace.bob.http.patch("/api/v1/me", json={field: 1}),
    ):
        assert await refused(asking) == (422, "invalid_input")


@pytest.mark.parametrize("field", ["role", "team_id", "username", "is_active", "password", "policy"])
async def test_a_member_cannot_raise_themselves(workplace: Workplace, field: str) -> None:
    value = {"role": "admin", "team_id": workplace.team_c, "is_active": True}.get(field, "a long passphrase")
    assert await refused(workplace.bob.http.patch("/api/v1/me", json={field: value})) == (422, "invalid_input")
    me = await workplace.bob.get("/api/v1/me")
    assert (me["role"], me["team_id"]) == ("member", workplace.team_a)


async def test_answers_carry_no_password_hash(workplace: Workplace) -> None:
    for answer in (
        await workplace.root.http.post("/api/v1/users", json=NEW),
        await workplace.root.http.get("/api/v1/users"),
        await workplace.bob.http.get("/api/v1/me"),
        await workplace.bob.http.get("/api/v1/me/export"),
    ):
        assert "argon2" not in answer.text
        assert "password" not in answer.json()


async def test_a_username_is_taken_whatever_its_case_also_when_five_ask_at_once(workplace: Workplace) -> None:
    body = {**NEW, "username": "BOB"}
    assert await refused(workplace.root.http.post("/api/v1/users", json=body)) == (409, "username_taken")
    change = {"username": "Alice"}
    path = f"/api/v1/users/{workplace.bob.id}"
    assert await refused(workplace.root.http.patch(path, json=change)) == (409, "username_taken")
    answers = await asyncio.gather(*[workplace.root.http.post("/api/v1/users", json=NEW) for _ in range(5)])
    assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409, 409]
    teams = await asyncio.gather(*[workplace.root.http.post("/api/v1/teams", json={"name": "新"}) for _ in range(3)])
    assert sorted(answer.status_code for answer in teams) == [201, 409, 409]


@pytest.mark.parametrize(
    ("password", "code"),
    [
        ("seven77", "invalid_input"),
        ("password123", "password_too_common"),
        ("Woaini1314", "password_too_common"),
        ("1qaz2wsx", "password_too_common"),
        ("P@ssw0rd!", "password_too_common"),
        ("19900101", "password_only_digits"),
        ("138001380001", "password_only_digits"),
        ("abababab", "password_too_simple"),
        ("dora2026", "password_is_name"),
    ],
)
async def test_passwords_that_are_tried_first_are_refused_without_repeating_them(
    workplace: Workplace, password: str, code: str
) -> None:
    answer = await workplace.root.http.post("/api/v1/users", json={**NEW, "password": password})
    assert (answer.status_code, answer.json()["code"]) == (422, code)
    assert password not in answer.text


# --- the last administrator ------------------------------------------------------------------------------------------


async def test_the_last_administrator_stays(workplace: Workplace) -> None:
    me = f"/api/v1/users/{workplace.root.id}"
    for change in ({"role": "planner"}, {"is_active": False}):
        assert await refused(workplace.root.http.patch(me, json=change)) == (409, "last_admin")
    assert await refused(workplace.root.http.delete(me)) == (409, "not_yourself")
    ruth = await workplace.add_person("Ruth", team_id=None, role=Role.ADMIN)
    await ruth.patch(me, {"role": "member"})
    assert await refused(ruth.http.patch(f"/api/v1/users/{ruth.id}", json={"role": "member"})) == (409, "last_admin")


async def test_two_administrators_who_demote_each_other_at_once_leave_one(workplace: Workplace) -> None:
    ruth = await workplace.add_person("Ruth", team_id=None, role=Role.ADMIN)
    answers = await asyncio.gather(
        workplace.root.http.patch(f"/api/v1/users/{ruth.id}", json={"role": "member"}),
        ruth.http.patch(f"/api/v1/users/{workplace.root.id}", json={"role": "member"}),
    )
    assert min(answer.status_code for answer in answers) == 200
    assert sum(answer.status_code == 200 for answer in answers) == 1


# --- deleting, teams and their planners ------------------------------------------------------------------------------


async def test_a_deleted_person_frees_the_username_and_keeps_the_name_in_history(workplace: Workplace) -> None:
    shift = await workplace.alice.post(
        "/api/v1/shifts", {"name": "早", "code": "早", "periods": [{"start": "08:30", "end": "17:00"}]}
    )
    cell = {"user_id": workplace.bob.id, "date": "2026-11-23", "shift_id": shift["id"]}
    await workplace.alice.put("/api/v1/roster", {"assignments": [cell]})
    await workplace.alice.delete(f"/api/v1/users/{workplace.bob.id}")
    assert await refused(workplace.alice.http.get(f"/api/v1/users/{workplace.bob.id}")) == (404, "user_not_found")
    again = await workplace.root.post("/api/v1/users", {**NEW, "username": "bob"})
    assert again["id"] != workplace.bob.id
    audit = await workplace.root.get("/api/v1/audit", subject_kind="user", subject_id=workplace.bob.id)
    assert audit["items"][0]["subject_name"] == "Bob"


async def test_who_is_made_planner_of_a_team_plans_it_at_once(workplace: Workplace) -> None:
    path = f"/api/v1/teams/{workplace.team_c}/planners"
    assert await refused(workplace.alice.http.get(f"/api/v1/teams/{workplace.team_c}")) == (404, "team_not_found")
    found = await workplace.root.put(path, {"user_ids": [workplace.alice.id]})
    assert found["items"] == [{"id": workplace.alice.id, "display_name": "Alice", "belongs": False}]
    assert {user["display_name"] for user in (await workplace.alice.get("/api/v1/users"))["items"]} == {
        "Alice",
        "Bob",
        "Charlie",
    }
    assert (await workplace.alice.get("/api/v1/me"))["planned_team_ids"] == [workplace.team_a, workplace.team_c]
    await workplace.root.put(path, {"user_ids": []})
    assert await refused(workplace.alice.http.get(f"/api/v1/users/{workplace.charlie.id}")) == (404, "user_not_found")


async def test_only_planners_become_planners_of_a_team(workplace: Workplace) -> None:
    for user_id in (workplace.bob.id, workplace.root.id, 999):
        change = {"user_ids": [workplace.alice.id, user_id]}
        answer = await workplace.root.http.put(f"/api/v1/teams/{workplace.team_c}/planners", json=change)
        assert (answer.status_code, answer.json()["errors"][0]["loc"]) == (422, ["body", "user_ids", 1])


async def test_a_team_with_people_or_history_stays(workplace: Workplace) -> None:
    assert await refused(workplace.root.http.delete(f"/api/v1/teams/{workplace.team_a}")) == (409, "team_in_use")
    empty = await workplace.root.post("/api/v1/teams", {"name": "空"})
    await workplace.root.delete(f"/api/v1/teams/{empty['id']}")


# --- personal tokens -------------------------------------------------------------------------------------------------


async def test_a_personal_token_is_shown_once_has_scopes_expires_and_says_when_it_was_used(
    workplace: Workplace, frozen: Any
) -> None:
    expiry = "2026-11-24T00:00:00+08:00"
    body = {"name": "快捷指令", "scopes": ["roster:read"], "expires_at": expiry}
    made = await workplace.bob.post("/api/v1/me/tokens", body | OWN)
    token = made["token"]
    assert token.startswith("daka_")
    listed = (await workplace.bob.get("/api/v1/me/tokens"))["items"][0]
    assert "token" not in listed
    assert listed["last_used_at"] is None

    key = {"Authorization": f"Bearer {token}"}
    span = {"from": "2026-11-23", "to": "2026-11-24"}
    assert (await workplace.anonymous.get("/api/v1/roster", params=span, headers=key)).status_code == 200
    assert await refused(workplace.anonymous.get("/api/v1/me", headers=key)) == (403, "scope_missing")
    punch = {"kind": "clock_in"}
    assert await refused(workplace.anonymous.post("/api/v1/punches", json=punch, headers=key)) == (403, "scope_missing")
    used = (await workplace.bob.get("/api/v1/me/tokens"))["items"][0]["last_used_at"]
    assert used == "2026-11-23T00:00:00Z"

    frozen.forward(hours=16)
    assert await refused(workplace.anonymous.get("/api/v1/roster", params=span, headers=key)) == (401, "token_invalid")
    await workplace.bob.delete(f"/api/v1/me/tokens/{made['id']}")


async def test_a_disabled_persons_tokens_stop_at_once(workplace: Workplace) -> None:
    token = (await workplace.bob.post("/api/v1/me/tokens", {"name": "t", "scopes": ["roster:read"], **OWN}))["token"]
    await workplace.root.patch(f"/api/v1/users/{workplace.bob.id}", {"is_active": False})
    answer = await workplace.anonymous.get("/api/v1/roster", headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 401


# --- links for passwords ---------------------------------------------------------------------------------------------


async def test_an_invited_person_sets_a_password_once_and_signs_in(workplace: Workplace, frozen: Any) -> None:
    person = {"username": "dora", "display_name": "多拉", "team_id": workplace.team_a}
    invited = await workplace.alice.post("/api/v1/users/invite", person)
    assert invited["link"]["qr_svg"].startswith("<svg")
    address, token = invited["link"]["url"].split("#")
    assert address == "http://localhost:8000/set-password"
    http = workplace.anonymous

    form = {"username": "dora", "password": ""}
    assert (await http.post("/api/v1/auth/token", data=form)).status_code in (401, 422)
    seen = (await http.post("/api/v1/auth/password-link/check", json={"token": token})).json()
    assert (seen["display_name"], seen["is_invitation"]) == ("多拉", True)
    weak = {"token": token, "password": "dora1234"}
    assert await refused(http.post("/api/v1/auth/password-link", json=weak)) == (422, "password_is_name")
    good = {"token": token, "password": PASSWORD}
    assert (await http.post("/api/v1/auth/password-link", json=good)).status_code == 204
    assert await refused(http.post("/api/v1/auth/password-link", json=good)) == (404, "link_not_valid")
    form = {"username": "dora", "password": PASSWORD}
    assert (await http.post("/api/v1/auth/token", data=form)).status_code == 200


async def test_a_reset_link_ends_sessions_replaces_earlier_links_and_expires(workplace: Workplace, frozen: Any) -> None:
    path = f"/api/v1/users/{workplace.bob.id}/password-link"
    first = (await workplace.alice.post(path))["url"].split("#")[1]
    second = (await workplace.alice.post(path))["url"].split("#")[1]
    check = "/api/v1/auth/password-link/check"
    assert await refused(workplace.anonymous.post(check, json={"token": first})) == (404, "link_not_valid")
    seen = (await workplace.anonymous.post(check, json={"token": second})).json()
    assert seen["is_invitation"] is False
    body = {"token": second, "password": "another passphrase"}
    assert (await workplace.anonymous.post("/api/v1/auth/password-link", json=body)).status_code == 204
    assert (await workplace.bob.http.get("/api/v1/me")).status_code == 401

    third = (await workplace.alice.post(path))["url"].split("#")[1]
    frozen.forward(hours=24, seconds=1)
    assert await refused(workplace.anonymous.post(check, json={"token": third})) == (404, "link_not_valid")


async def test_of_two_who_use_a_link_at_once_one_succeeds(workplace: Workplace) -> None:
    token = (await workplace.alice.post(f"/api/v1/users/{workplace.bob.id}/password-link"))["url"].split("#")[1]
    answers = await asyncio.gather(
        *[
            workplace.anonymous.post(
                "/api/v1/auth/password-link", json={"token": token, "password": f"passphrase no {n}"}
            )
            for n in range(3)
        ]
    )
    assert sorted(answer.status_code for answer in answers) == [204, 404, 404]


# --- moves -----------------------------------------------------------------------------------------------------------


async def test_a_person_moves_to_another_team_when_the_day_begins_there(workplace: Workplace, frozen: Any) -> None:
    from daka.identity.moves import apply_due_moves

    path = f"/api/v1/users/{workplace.bob.id}/moves"
    move = await workplace.root.post(path, {"team_id": workplace.team_c, "from_date": "2026-11-24"})
    assert move["applied_at"] is None
    again = {"team_id": workplace.team_c, "from_date": "2026-11-24"}
    assert await refused(workplace.root.http.post(path, json=again)) == (409, "move_planned")

    async def apply() -> int:
        async with workplace.database.write() as session:
            return await apply_due_moves(session)

    frozen.forward(hours=15, minutes=59)  # 23:59 in Shanghai
    assert await apply() == 0
    assert (await workplace.bob.get("/api/v1/me"))["team_id"] == workplace.team_a
    frozen.forward(minutes=1)
    assert await apply() == 1
    assert await apply() == 0
    assert (await workplace.root.get(f"/api/v1/users/{workplace.bob.id}"))["team_id"] == workplace.team_c
    assert (await workplace.bob.http.get("/api/v1/me")).status_code == 401  # what they may see changed at once


async def test_a_move_from_today_on_happens_at_once_and_a_planned_one_can_be_called_off(workplace: Workplace) -> None:
    path = f"/api/v1/users/{workplace.bob.id}/moves"
    later = await workplace.alice.post(path, {"team_id": workplace.team_a, "from_date": "2026-12-01"})
    await workplace.alice.delete(f"{path}/{later['id']}")
    refusal = (404, "team_not_found")
    body = {"team_id": workplace.team_c, "from_date": "2026-12-01"}
    assert await refused(workplace.alice.http.post(path, json=body)) == refusal
    now = await workplace.root.post(path, {"team_id": workplace.team_c, "from_date": "2026-11-23"})
    assert now["applied_at"] is not None
    assert await refused(workplace.root.http.delete(f"{path}/{now['id']}")) == (404, "move_not_found")


NEXT_DAYS = ("2026-11-23", "2026-11-24", "2026-11-25", "2026-11-26")


async def plan_bobs_week(workplace: Workplace) -> tuple[int, int]:
    """Bob works a shift of team A today and on the next two days, and a shared one on the third. Gives both shifts."""
    early = {"name": "早班", "code": "早", "periods": [{"start": "09:00", "end": "18:00"}]}
    own = (await workplace.alice.post("/api/v1/shifts", {**early, "team_id": workplace.team_a}))["id"]
    shared = (await workplace.root.post("/api/v1/shifts", {**early, "code": "通", "team_id": None}))["id"]
    cells = [
        {"user_id": workplace.bob.id, "date": day, "shift_id": shift}
        for day, shift in zip(NEXT_DAYS, (own, own, own, shared), strict=True)
    ]
    await workplace.root.put("/api/v1/roster", {"assignments": cells})
    return own, shared


async def bobs_shifts(workplace: Workplace) -> list[int | None]:
    dates = {"from": NEXT_DAYS[0], "to": NEXT_DAYS[-1], "user_id": workplace.bob.id}
    shift_ids: list[int | None] = (await workplace.root.get("/api/v1/roster", **dates))["users"][0]["shift_ids"]
    return shift_ids


async def test_a_move_says_which_days_it_leaves_unplanned_and_does_so_when_its_day_begins(
    workplace: Workplace, frozen: Any
) -> None:
    from daka.identity.moves import apply_due_moves

    own, shared = await plan_bobs_week(workplace)
    path = f"/api/v1/users/{workplace.bob.id}/moves"
    move = await workplace.root.post(path, {"team_id": workplace.team_c, "from_date": NEXT_DAYS[1]})
    assert move["unplanned_dates"] == list(NEXT_DAYS[1:3])
    assert (await workplace.root.get(path))["items"][0]["unplanned_dates"] == list(NEXT_DAYS[1:3])
    assert await bobs_shifts(workplace) == [own, own, own, shared]

    frozen.forward(hours=16)
    async with workplace.database.write() as session:
        await apply_due_moves(session)
    assert await bobs_shifts(workplace) == [own, None, None, shared]
    assert (await workplace.root.get(path))["items"][0]["unplanned_dates"] == []
    changes = (await workplace.root.get("/api/v1/roster/changes", since=0, team_id=workplace.team_c))["changes"]
    assert [(change["date"], change["shift_id"]) for change in changes] == [(day, None) for day in NEXT_DAYS[1:3]]
    reminders = (await workplace.root.get("/api/v1/reminders", user_id=workplace.bob.id))["items"]
    assert {reminder["work_date"] for reminder in reminders if reminder["status"] == "pending"} <= {NEXT_DAYS[0]}


@pytest.mark.parametrize("at_once", ["move", "patch"])
async def test_who_moves_at_once_finishes_todays_shift(workplace: Workplace, at_once: str) -> None:
    own, shared = await plan_bobs_week(workplace)
    if at_once == "move":
        body = {"team_id": workplace.team_c, "from_date": NEXT_DAYS[0]}
        move = await workplace.root.post(f"/api/v1/users/{workplace.bob.id}/moves", body)
        assert move["unplanned_dates"] == list(NEXT_DAYS[1:3])
    else:
        await workplace.root.patch(f"/api/v1/users/{workplace.bob.id}", {"team_id": workplace.team_c})
    assert await bobs_shifts(workplace) == [own, None, None, shared]


async def test_a_teams_name_that_is_taken_is_refused_whatever_else_changes(workplace: Workplace) -> None:
    teams = {team["id"]: team["name"] for team in (await workplace.root.get("/api/v1/teams"))["items"]}
    crew = {"name": "甲班", "user_ids": [workplace.bob.id]}
    change = {"name": teams[workplace.team_c], "crews": [crew], "roster_order": [workplace.bob.id], "language": "en"}
    asking = workplace.root.http.patch(f"/api/v1/teams/{workplace.team_a}", json=change)
    assert await refused(asking) == (409, "team_name_taken")
    team = await workplace.root.get(f"/api/v1/teams/{workplace.team_a}")
    assert (team["name"], team["language"], team["crews"]) == (teams[workplace.team_a], "zh", [])
