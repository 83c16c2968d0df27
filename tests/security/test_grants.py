"""Links, invitations, tokens, feeds and connections end when the account changes, or the right of the person who made them."""

from datetime import datetime
from typing import Any

import pytest

from conftest import OWN, Workplace
from daka import clock
from daka.identity import grants
from daka.identity.models import ExternalIdentity, Role, User

NEW = "another long passphrase"
CHECK, USE = "/api/v1/auth/password-link/check", "/api/v1/auth/password-link"


async def reset_link(workplace: Workplace) -> str:
    made = await workplace.alice.post(f"/api/v1/users/{workplace.bob.id}/password-link")
    return str(made["url"].partition("#")[2])


async def personal_token(workplace: Workplace) -> str:
    body = {"name": "t", "scopes": ["roster:read"], **OWN}
    return str((await workplace.bob.post("/api/v1/me/tokens", body))["token"])


async def feed(workplace: Workplace) -> str:
    made = await workplace.bob.post("/api/v1/me/ical", {"name": "手机", **OWN})
    return "/ical/" + str(made["url"].partition("/ical/")[2])


async def work(workplace: Workplace, link: str, token: str, address: str) -> list[bool]:
    headers = {"Authorization": f"Bearer {token}"}
    day = {"from": "2026-11-23", "to": "2026-11-24"}
    answers = [
        await workplace.anonymous.post(CHECK, json={"token": link}),
        await workplace.anonymous.get("/api/v1/roster", params=day, headers=headers),
        await workplace.anonymous.get(address),
    ]
    return [answer.status_code == 200 for answer in answers]


CHANGES: dict[str, dict[str, Any]] = {
    "role": {"role": "admin"},
    "password": {"password": NEW},
    "team": {"team_id": None},
    "disabled": {"is_active": False},
}


@pytest.mark.parametrize("change", [*CHANGES, "enabled again", "deleted", "signed out by a planner", "signed out"])
async def test_what_was_made_before_an_account_changed_does_not_open_it(workplace: Workplace, change: str) -> None:
    made = (await reset_link(workplace), await personal_token(workplace), await feed(workplace))
    assert await work(workplace, *made) == [True] * 3
    bob = f"/api/v1/users/{workplace.bob.id}"
    if change in CHANGES:
        await workplace.root.patch(bob, CHANGES[change])
    elif change == "enabled again":
        await workplace.root.patch(bob, {"is_active": False})
        await workplace.root.patch(bob, {"is_active": True})
    elif change == "deleted":
        await workplace.root.delete(bob)
    elif change == "signed out":
        await workplace.bob.delete("/api/v1/me/devices")
    else:
        await workplace.alice.post(f"{bob}/sign-out")
    assert await work(workplace, *made) == [False] * 3
    used = await workplace.anonymous.post(USE, json={"token": made[0], "password": NEW})
    assert (used.status_code, used.json()["code"]) == (404, "link_not_valid")


async def test_an_invitation_does_not_open_an_account_that_has_become_an_administrators(workplace: Workplace) -> None:
    invited = await workplace.alice.post("/api/v1/users/invite", {"username": "dora", "team_id": workplace.team_a})
    await workplace.root.patch(f"/api/v1/users/{invited['user']['id']}", {"role": "admin"})
    body = {"token": invited["link"]["url"].partition("#")[2], "password": NEW}
    assert (await workplace.anonymous.post(USE, json=body)).status_code == 404


@pytest.mark.parametrize("change", [{"role": "member"}, {"team_id": None}, {"is_active": False}, "deleted"])
async def test_a_link_ends_with_the_right_of_the_person_who_made_it(workplace: Workplace, change: Any) -> None:
    link = await reset_link(workplace)
    alice = f"/api/v1/users/{workplace.alice.id}"
    await (workplace.root.delete(alice) if change == "deleted" else workplace.root.patch(alice, change))
    assert (await workplace.anonymous.post(CHECK, json={"token": link})).status_code == 404
    assert (await workplace.anonymous.post(USE, json={"token": link, "password": NEW})).status_code == 404


async def test_a_link_outlives_changes_that_concern_neither_access_nor_rights(workplace: Workplace) -> None:
    made = (await reset_link(workplace), await personal_token(workplace), await feed(workplace))
    await workplace.root.patch(f"/api/v1/users/{workplace.bob.id}", {"display_name": "王波", "mobile": "13800000001"})
    await workplace.root.patch(f"/api/v1/users/{workplace.alice.id}", {"display_name": "爱丽"})
    assert await work(workplace, *made) == [True] * 3


async def test_a_token_ends_after_ninety_days_unless_another_end_is_asked_for(workplace: Workplace) -> None:
    body: dict[str, Any] = {"name": "t", "scopes": ["roster:read"], **OWN}
    made = await workplace.bob.post("/api/v1/me/tokens", body)
    days = (datetime.fromisoformat(made["expires_at"]) - clock.now()).total_seconds() / 86_400
    assert 89.9 < days <= 90
    assert (await workplace.bob.post("/api/v1/me/tokens", {**body, "expires_at": None}))["expires_at"] is None


@pytest.mark.parametrize(
    ("identity_version", "role", "opens"),
    [(0, Role.MEMBER, True), (1, Role.MEMBER, False), (None, Role.MEMBER, True), (None, Role.ADMIN, False)],
)
def test_a_connection_opens_the_account_for_which_it_was_made(
    identity_version: int | None, role: Role, *, opens: bool
) -> None:
    user = User(id=1, username="bob", display_name="Bob", password_hash="", role=role, created_at=clock.now())
    identity = ExternalIdentity(
        user_id=1, issuer="https://id.example", subject="b", token_version=identity_version, created_at=clock.now()
    )
    assert grants.opens(identity, user) is opens
