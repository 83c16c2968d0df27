"""An access token alone changes nothing about how its owner signs in, and makes nothing that outlives it."""

import re
from typing import Any

import pytest

from conftest import OWN, PASSWORD, Clock, Workplace
from identity.test_sessions import refreshed, signed_in
from security.test_permissions import LINES, shape

NEW = "another long passphrase"

GUARDED: dict[str, dict[str, Any]] = {
    "/api/v1/me/password": {"new_password": NEW},
    "/api/v1/me/tokens": {"name": "t", "scopes": ["roster:read"]},
    "/api/v1/me/ical": {},
    "/api/v1/me/chats/code": {},
    "/api/v1/me/second-factor": {},
    "/api/v1/me/second-factor/off": {},
    "/api/v1/me/connections/oidc": {},
    "/api/v1/backups": {},
    "/api/v1/backups/daka-20261123T000000Z.backup/file": {},
}


async def outcome(workplace: Workplace, path: str, body: Any, token: str | None = None) -> tuple[int, str]:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    answer = await workplace.root.http.post(path, json=body, headers=headers)
    found = answer.json() if answer.content else {}
    return answer.status_code, found.get("code", "")


@pytest.mark.parametrize("path", GUARDED)
async def test_the_password_or_a_fresh_sign_in_is_needed(workplace: Workplace, frozen: Clock, path: str) -> None:
    body = GUARDED[path]
    assert await outcome(workplace, path, body) == (403, "password_needed")  # this token belongs to no sign-in
    assert await outcome(workplace, path, body | {"current_password": None}) == (403, "password_needed")
    assert await outcome(workplace, path, body | {"current_password": "wrong"}) == (403, "wrong_password")

    tokens = await signed_in(workplace, "root")
    frozen.forward(minutes=4, seconds=59)
    tokens = (await refreshed(workplace, tokens["refresh_token"])).json()
    status, code = await outcome(workplace, path, body, tokens["access_token"])
    assert (status, code) != (403, "password_needed")
    frozen.forward(seconds=1)  # refreshing is not signing in
    if path != "/api/v1/me/password":
        assert await outcome(workplace, path, body, tokens["access_token"]) == (403, "password_needed")
    status, code = await outcome(workplace, path, body | OWN)
    assert status != 403, code


async def test_a_new_password_of_ones_own_always_takes_the_former_one(workplace: Workplace) -> None:
    token = (await signed_in(workplace, "root"))["access_token"]
    assert (await outcome(workplace, "/api/v1/me/password", {"new_password": NEW}, token))[0] == 422


async def test_a_guessing_token_is_slowed_down_on_every_route(workplace: Workplace) -> None:
    paths = list(GUARDED)
    statuses = [
        (
            await outcome(
                workplace, paths[n % len(paths)], GUARDED[paths[n % len(paths)]] | {"current_password": str(n)}
            )
        )[0]
        for n in range(10)
    ]
    assert statuses == [403] * 8 + [429] * 2


async def test_the_routes_for_other_peoples_accounts_do_not_change_ones_own(workplace: Workplace) -> None:
    for person in (workplace.root, workplace.alice):
        path = f"/api/v1/users/{person.id}"
        answers = [
            await person.http.patch(path, json={"password": NEW}),
            await person.http.post(f"{path}/password-link"),
            await person.http.delete(f"{path}/second-factor"),
        ]
        assert [answer.status_code for answer in answers] == [403] * 3
        if person is workplace.root:
            assert {answer.json()["code"] for answer in answers} == {"own_account"}
    form = {"username": "root", "password": PASSWORD}
    assert (await workplace.anonymous.post("/api/v1/auth/token", data=form)).status_code == 200


ENDS_OR_SHOWS = {
    "PATCH /api/v1/me": "name and numbers, with which nobody signs in",
    "PUT /api/v1/me/notices": "what one is told about the roster",
    "DELETE /api/v1/me/devices": "ends sessions",
    "DELETE /api/v1/me/devices/{bobs_device}": "ends a session",
    "DELETE /api/v1/me/connections/{a_way}": "ends a grant",
    "DELETE /api/v1/me/tokens/{bobs_token}": "ends a grant",
    "DELETE /api/v1/me/ical/{bobs_feed}": "ends a grant",
    "DELETE /api/v1/me/chats/{bobs_chat}": "ends a grant",
    "POST /api/v1/me/second-factor/confirm": "takes effect only after /me/second-factor, which asked for the password",
}
"""Ending what opens an account needs no password: after a loss it must be quick, and a thief who does it locks himself out."""


def test_every_route_about_ones_own_account_and_backups_asks_for_the_password_or_is_said_not_to() -> None:
    guarded = {re.sub(r"oidc|daka-\d+T\d+Z\.backup", "{}", path) for path in GUARDED}
    found = {
        f"{method} {path}"
        for method, path, *_ in LINES
        if method != "GET"
        and re.match(r"/api/v1/(me|backups)\b", path)
        and not (method == "POST" and shape(path) in guarded)
    }
    assert found == set(ENDS_OR_SHOWS)
