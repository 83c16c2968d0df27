"""Sessions: rotation, re-use, cookies, devices, and what ends them at once."""

import asyncio

import httpx
import pytest

from conftest import OWN, PASSWORD, Clock, Workplace
from identity.test_sign_in import WEB, at, try_password

REFRESH = "/api/v1/auth/refresh"


async def signed_in(workplace: Workplace, username: str = "bob", **headers: str) -> dict:
    answer = await try_password(workplace.anonymous, username, PASSWORD, **headers)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def refreshed(workplace: Workplace, refresh_token: str, **headers: str) -> httpx.Response:
    return await workplace.anonymous.post(REFRESH, json={"refresh_token": refresh_token}, headers=headers)


async def status_of(workplace: Workplace, access_token: str) -> int:
    answer = await workplace.anonymous.get("/api/v1/me", headers={"Authorization": f"Bearer {access_token}"})
    return answer.status_code


async def test_each_refresh_token_works_once_and_gives_the_next(workplace: Workplace) -> None:
    first = await signed_in(workplace)
    second = (await refreshed(workplace, first["refresh_token"])).json()
    assert second["refresh_token"] != first["refresh_token"]
    third = await refreshed(workplace, second["refresh_token"])
    assert third.status_code == 200
    assert await status_of(workplace, third.json()["access_token"]) == 200


@pytest.mark.parametrize(("seconds", "user_agent"), [(0, "Thief"), (29, "Thief"), (30, None), (3600, None)])
async def test_a_stolen_token_that_is_used_again_ends_the_whole_family_and_only_it(
    workplace: Workplace, frozen: Clock, seconds: int, user_agent: str | None
) -> None:
    stolen, other = await signed_in(workplace), await signed_in(workplace)
    current = (await refreshed(workplace, stolen["refresh_token"])).json()

    frozen.forward(seconds=seconds)
    reused = await refreshed(workplace, stolen["refresh_token"], **({"User-Agent": user_agent} if user_agent else {}))
    assert (reused.status_code, reused.json()["code"]) == (401, "refresh_invalid")
    assert (await refreshed(workplace, current["refresh_token"])).status_code == 401
    assert await status_of(workplace, current["access_token"]) == 401  # also the access token, before it expires
    assert (await refreshed(workplace, other["refresh_token"])).status_code == 200


async def test_refreshes_at_once_from_one_device_get_the_same_successor(workplace: Workplace) -> None:
    """Two tabs, or a page that is reloaded while it refreshes."""
    token = (await signed_in(workplace))["refresh_token"]
    answers = [answer.json() for answer in await asyncio.gather(*[refreshed(workplace, token) for _ in range(5)])]
    assert len({answer["refresh_token"] for answer in answers}) == 1
    assert [await status_of(workplace, answer["access_token"]) for answer in answers] == [200] * 5
    assert len((await workplace.bob.get("/api/v1/me/devices"))["items"]) == 1
    assert (await refreshed(workplace, answers[0]["refresh_token"])).status_code == 200


async def test_of_refreshes_at_once_from_two_devices_at_most_one_succeeds(workplace: Workplace) -> None:
    token = (await signed_in(workplace))["refresh_token"]
    answers = await asyncio.gather(*[refreshed(workplace, token, **{"User-Agent": f"Device {n}"}) for n in range(5)])
    assert sorted(answer.status_code for answer in answers) == [200, 401, 401, 401, 401]


async def test_a_device_that_misses_two_answers_goes_on_with_the_last(workplace: Workplace, frozen: Clock) -> None:
    first = (await signed_in(workplace))["refresh_token"]
    second = (await refreshed(workplace, first)).json()["refresh_token"]
    frozen.forward(seconds=20)
    third = (await refreshed(workplace, second)).json()["refresh_token"]
    frozen.forward(seconds=9)
    assert (await refreshed(workplace, first)).json()["refresh_token"] == third
    frozen.forward(seconds=1)
    assert (await refreshed(workplace, first)).status_code == 401
    assert (await refreshed(workplace, third)).status_code == 401


@pytest.mark.parametrize("end", ["devices", "logout"])
async def test_the_grace_ends_with_the_session(workplace: Workplace, end: str) -> None:
    tokens = await signed_in(workplace)
    new = (await refreshed(workplace, tokens["refresh_token"])).json()
    if end == "devices":
        await workplace.bob.delete("/api/v1/me/devices")
    else:
        await workplace.anonymous.post("/api/v1/auth/logout", json={"refresh_token": new["refresh_token"]})
    assert (await refreshed(workplace, tokens["refresh_token"])).status_code == 401


async def test_a_refresh_token_expires_after_thirty_days_without_use(workplace: Workplace, frozen: Clock) -> None:
    token = (await signed_in(workplace))["refresh_token"]
    frozen.forward(days=29)
    token = (await refreshed(workplace, token)).json()["refresh_token"]
    frozen.forward(days=30)
    assert (await refreshed(workplace, token)).status_code == 401


@pytest.mark.parametrize("token", ["", "x", "é" * 50, "daka_" + "a" * 43])
async def test_nonsense_is_no_refresh_token(workplace: Workplace, token: str) -> None:
    assert (await refreshed(workplace, token)).status_code == 401


async def test_an_access_token_lives_fifteen_minutes(workplace: Workplace, frozen: Clock) -> None:
    token = (await signed_in(workplace))["access_token"]
    frozen.forward(minutes=14, seconds=59)
    assert await status_of(workplace, token) == 200
    frozen.forward(seconds=1)
    assert await status_of(workplace, token) == 401


async def test_signing_out_ends_refresh_and_access_at_once(workplace: Workplace) -> None:
    tokens, other = await signed_in(workplace), await signed_in(workplace)
    body = {"refresh_token": tokens["refresh_token"]}
    assert (await workplace.anonymous.post("/api/v1/auth/logout", json=body)).status_code == 204
    assert (await refreshed(workplace, tokens["refresh_token"])).status_code == 401
    assert await status_of(workplace, tokens["access_token"]) == 401
    assert await status_of(workplace, other["access_token"]) == 200


# --- browsers --------------------------------------------------------------------------------------------------------


async def test_browsers_get_the_refresh_token_in_a_cookie_that_scripts_cannot_read(workplace: Workplace) -> None:
    async with at(workplace, "10.0.0.1") as browser:
        answer = await try_password(browser, "bob", PASSWORD, **WEB)
        assert answer.json()["refresh_token"] is None
        cookies = answer.headers.get_list("set-cookie")
        assert {cookie.split("=")[0] for cookie in cookies} == {"daka_refresh", "daka_browser"}
        for cookie in cookies:
            assert "HttpOnly" in cookie
            assert "SameSite=strict" in cookie
            assert "Path=/api/v1/auth" in cookie
            assert "Secure" not in cookie  # plain http here

        again = await browser.post(REFRESH, headers=WEB)
        assert (again.status_code, again.json()["refresh_token"]) == (200, None)
        assert (await browser.post("/api/v1/auth/logout", headers=WEB)).status_code == 204
        assert "daka_refresh" not in browser.cookies
        assert (await browser.post(REFRESH, headers=WEB)).status_code == 401


async def test_behind_tls_the_cookies_are_secure(workplace: Workplace) -> None:
    async with at(workplace, "10.0.0.1") as browser:
        browser.base_url = httpx.URL("https://daka.test")
        answer = await try_password(browser, "bob", PASSWORD, **WEB)
    assert all("Secure" in cookie for cookie in answer.headers.get_list("set-cookie"))
    assert answer.headers["strict-transport-security"] == "max-age=31536000"


async def test_a_foreign_page_cannot_use_the_cookie(workplace: Workplace) -> None:
    """It can make a browser send a form with the cookie, but not set our header (without CORS, which is off)."""
    async with at(workplace, "10.0.0.1") as browser:
        await try_password(browser, "bob", PASSWORD, **WEB)
        for headers in ({}, {"Content-Type": "text/plain"}, {"X-Daka-Client": "other"}):
            answer = await browser.post(REFRESH, headers={"Origin": "https://evil.example", **headers})
            assert (answer.status_code, answer.json()["code"]) == (401, "refresh_missing")
            assert "access-control-allow-origin" not in answer.headers
        await browser.post("/api/v1/auth/logout")  # without the header: nobody is signed out
        browser.cookies.set("daka_refresh", browser.cookies.get("daka_refresh") or "gone", domain="daka.test")
    preflight = await workplace.anonymous.options(
        REFRESH,
        headers={
            "Origin": "https://evil.example",
            "Access-Control-Request-Method": "POST",
            "Access-Control-Request-Headers": "x-daka-client",
        },
    )
    assert preflight.status_code == 405
    assert "access-control-allow-origin" not in preflight.headers


# --- what ends sessions at once --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "change", [{"role": "planner"}, {"is_active": False}, {"team_id": None}, {"password": "another passphrase"}]
)
async def test_a_new_role_team_or_password_and_disabling_end_sessions_at_once(
    workplace: Workplace, change: dict
) -> None:
    tokens = await signed_in(workplace)
    await workplace.root.patch(f"/api/v1/users/{workplace.bob.id}", change)
    assert await status_of(workplace, tokens["access_token"]) == 401
    assert (await refreshed(workplace, tokens["refresh_token"])).status_code == 401
    assert (await workplace.bob.http.get("/api/v1/me")).status_code == 401


async def test_a_new_name_does_not_end_sessions(workplace: Workplace) -> None:
    tokens = await signed_in(workplace)
    await workplace.root.patch(f"/api/v1/users/{workplace.bob.id}", {"display_name": "王波", "role": "member"})
    assert await status_of(workplace, tokens["access_token"]) == 200


async def test_deleting_somebody_ends_their_sessions_and_tokens(workplace: Workplace) -> None:
    tokens = await signed_in(workplace)
    personal = await workplace.bob.post("/api/v1/me/tokens", {"name": "快捷指令", "scopes": ["roster:read"], **OWN})
    await workplace.alice.delete(f"/api/v1/users/{workplace.bob.id}")
    for token in (tokens["access_token"], personal["token"]):
        assert await status_of(workplace, token) == 401


async def test_a_new_password_of_ones_own_ends_every_other_session(workplace: Workplace) -> None:
    here, elsewhere = await signed_in(workplace), await signed_in(workplace)
    answer = await workplace.anonymous.post(
        "/api/v1/me/password",
        json={"current_password": PASSWORD, "new_password": "another passphrase"},
        headers={"Authorization": f"Bearer {here['access_token']}"},
    )
    assert answer.status_code == 200
    assert await status_of(workplace, answer.json()["access_token"]) == 200
    for old in (here, elsewhere):
        assert await status_of(workplace, old["access_token"]) == 401
        assert (await refreshed(workplace, old["refresh_token"])).status_code == 401
    assert (await try_password(workplace.anonymous, "bob", PASSWORD)).status_code == 401
    assert (await try_password(workplace.anonymous, "bob", "another passphrase")).status_code == 200


async def test_a_stolen_access_token_cannot_guess_the_password(workplace: Workplace) -> None:
    change = {"current_password": "wrong", "new_password": "another passphrase"}
    statuses = [(await workplace.bob.http.post("/api/v1/me/password", json=change)).status_code for _ in range(10)]
    assert statuses == [403] * 8 + [429] * 2


# --- devices ---------------------------------------------------------------------------------------------------------


async def test_a_person_sees_their_devices_and_signs_one_of_them_out(workplace: Workplace, frozen: Clock) -> None:
    phone = await signed_in(workplace, **{"User-Agent": "Phone"})
    frozen.forward(minutes=5)
    laptop = await signed_in(workplace, **{"User-Agent": "Laptop"})
    frozen.forward(minutes=5)
    phone = (await refreshed(workplace, phone["refresh_token"])).json()

    mine = {"Authorization": f"Bearer {phone['access_token']}"}
    found = (await workplace.anonymous.get("/api/v1/me/devices", headers=mine)).json()["items"]
    assert [(device["user_agent"], device["is_current"]) for device in found] == [
        ("python-httpx/" + httpx.__version__, True),
        ("Laptop", False),
    ]
    assert found[0]["signed_in_at"] == "2026-11-23T00:00:00Z"
    assert found[0]["last_used_at"] == "2026-11-23T00:10:00Z"

    other = found[1]["id"]
    assert (await workplace.charlie.http.delete(f"/api/v1/me/devices/{other}")).status_code == 404
    assert (await workplace.anonymous.delete(f"/api/v1/me/devices/{other}", headers=mine)).status_code == 204
    assert await status_of(workplace, laptop["access_token"]) == 401
    assert (await refreshed(workplace, laptop["refresh_token"])).status_code == 401
    assert await status_of(workplace, phone["access_token"]) == 200


async def test_signing_out_everywhere_is_everywhere(workplace: Workplace) -> None:
    phone, laptop = await signed_in(workplace), await signed_in(workplace)
    mine = {"Authorization": f"Bearer {phone['access_token']}"}
    assert (await workplace.anonymous.delete("/api/v1/me/devices", headers=mine)).status_code == 204
    for tokens in (phone, laptop):
        assert await status_of(workplace, tokens["access_token"]) == 401
        assert (await refreshed(workplace, tokens["refresh_token"])).status_code == 401


async def test_a_planner_signs_a_member_of_their_team_out(workplace: Workplace) -> None:
    tokens = await signed_in(workplace)
    await workplace.alice.post(f"/api/v1/users/{workplace.bob.id}/sign-out")
    assert await status_of(workplace, tokens["access_token"]) == 401
