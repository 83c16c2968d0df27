"""Sign-ins and refreshes under way while the account changes, each in a transaction of its own, on both databases."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from conftest import PASSWORD, Workplace
from daka import security
from daka.identity import sessions
from daka.identity.models import User
from daka.identity.sessions import Device
from identity.test_sessions import refreshed, signed_in, status_of
from identity.test_sign_in import try_password

NEW = "another long passphrase"
DEVICE = Device("127.0.0.1", "test")


async def everywhere(workplace: Workplace, tokens: dict[str, str]) -> None:
    await workplace.bob.delete("/api/v1/me/devices")


async def by_a_planner(workplace: Workplace, tokens: dict[str, str]) -> None:
    await workplace.alice.post(f"/api/v1/users/{workplace.bob.id}/sign-out")


async def this_device(workplace: Workplace, tokens: dict[str, str]) -> None:
    body = {"refresh_token": tokens["refresh_token"]}
    assert (await workplace.anonymous.post("/api/v1/auth/logout", json=body)).status_code == 204


async def one_device(workplace: Workplace, tokens: dict[str, str]) -> None:
    (device,) = (await workplace.bob.get("/api/v1/me/devices"))["items"]
    await workplace.bob.delete(f"/api/v1/me/devices/{device['id']}")


async def new_password(workplace: Workplace, tokens: dict[str, str]) -> None:
    await workplace.root.patch(f"/api/v1/users/{workplace.bob.id}", {"password": NEW})


Ending = Callable[[Workplace, dict[str, str]], Awaitable[None]]


@pytest.mark.parametrize("end", [everywhere, by_a_planner, this_device, one_device, new_password])
async def test_a_refresh_under_way_does_not_survive_signing_out(workplace: Workplace, end: Ending) -> None:
    tokens = await signed_in(workplace)
    async with workplace.database.write() as session:
        new = await sessions._rotate(session, workplace.settings, tokens["refresh_token"], DEVICE)
        assert new is not None
        ending = asyncio.create_task(_run(end(workplace, tokens)))
        await asyncio.sleep(0.3)
        assert not ending.done()  # it waits for the refresh
    await ending
    assert await status_of(workplace, new.access) == 401
    assert (await refreshed(workplace, new.refresh)).status_code == 401


async def test_a_refresh_that_waits_for_signing_out_fails(workplace: Workplace) -> None:
    token = (await signed_in(workplace))["refresh_token"]
    async with workplace.database.write() as session:
        await sessions.end_all_sessions(session, await session.get_one(User, workplace.bob.id))
        refreshing = asyncio.create_task(refreshed(workplace, token))
        await asyncio.sleep(0.3)
        assert not refreshing.done()
    assert (await refreshing).status_code == 401


async def test_the_former_password_opens_nothing_once_it_is_changed(
    workplace: Workplace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The password is right when it is verified, and changed before the session is issued."""
    verify = security.is_password

    async def slow(password: str, hashed: str | None, *, is_low_priority: bool = False) -> bool:
        fits = await verify(password, hashed, is_low_priority=is_low_priority)
        monkeypatch.setattr(security, "is_password", verify)
        await new_password(workplace, {})
        return fits

    monkeypatch.setattr(security, "is_password", slow)
    answer = await try_password(workplace.anonymous, "bob", PASSWORD)
    assert (answer.status_code, answer.json()["code"]) == (401, "wrong_credentials")
    assert (await try_password(workplace.anonymous, "bob", NEW)).status_code == 200


async def test_of_two_changes_with_the_same_former_password_one_succeeds(workplace: Workplace) -> None:
    changes = [{"current_password": PASSWORD, "new_password": f"passphrase number {n}"} for n in range(3)]
    path = "/api/v1/me/password"
    answers = await asyncio.gather(*[workplace.bob.http.post(path, json=change) for change in changes])
    assert sorted(answer.status_code for answer in answers) == [200, 401, 401]


async def test_concurrent_sign_outs_each_get_a_version(workplace: Workplace) -> None:
    """A lost increment would leave an access token valid that was issued between the two."""
    async with workplace.database.read() as session:
        before = (await session.get_one(User, workplace.bob.id)).token_version
    await asyncio.gather(*[by_a_planner(workplace, {}) for _ in range(4)])
    async with workplace.database.read() as session:
        assert (await session.get_one(User, workplace.bob.id)).token_version == before + 4


async def _run(ending: Awaitable[None]) -> None:
    await ending
