"""Signing in: what is told, what is not, and how guessing is slowed without locking anybody out."""

import asyncio
import threading
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
import sqlalchemy as sa
from sqlmodel import select

from conftest import PASSWORD, REAL_NOBODY, REAL_PASSWORDS, Clock, Workplace, eventually
from daka import clock, security
from daka.identity import sign_in, throttle
from daka.identity.models import SignInFailure
from daka.identity.throttle import FAILURES_PER_ACCOUNT_AND_SOURCE, FAILURES_PER_ADDRESS, MOST_AT_ONCE, SLOTS_EACH

WEB = {"X-Daka-Client": "web"}


def at(workplace: Workplace, address: str, **options: Any) -> httpx.AsyncClient:
    """A client that asks from this address."""
    transport = httpx.ASGITransport(app=workplace.app, raise_app_exceptions=False, client=(address, 1234))
    return httpx.AsyncClient(transport=transport, base_url="http://daka.test", **options)


async def try_password(client: httpx.AsyncClient, username: str, password: str, **headers: str) -> httpx.Response:
    form = {"username": username, "password": password}
    return await client.post("/api/v1/auth/token", data=form, headers=headers)


async def test_signing_in_gives_tokens_that_work(workplace: Workplace) -> None:
    answer = await try_password(workplace.anonymous, " BOB ", PASSWORD)
    tokens = answer.json()
    assert (answer.status_code, tokens["token_type"], tokens["expires_in"]) == (200, "bearer", 900)
    assert answer.headers["cache-control"] == "no-store"
    me = await workplace.anonymous.get("/api/v1/me", headers={"Authorization": f"Bearer {tokens['access_token']}"})
    assert me.json()["display_name"] == "Bob"


@pytest.mark.parametrize(
    ("username", "password"),
    [("bob", "wrong password"), ("nobody", PASSWORD), ("", ""), ("bob\0", PASSWORD + "!"), ("b" * 5000, "x" * 5000)],
)
async def test_wrong_passwords_and_unknown_people_are_answered_alike(
    workplace: Workplace, username: str, password: str
) -> None:
    answer = await try_password(workplace.anonymous, username, password)
    if username == "" or password == "":
        assert answer.status_code in (401, 422)
        return
    body = {name: value for name, value in answer.json().items() if name != "request_id"}
    assert answer.status_code == 401
    assert body == {
        "type": "about:blank#wrong_credentials",
        "title": "Sign in first",
        "status": 401,
        "code": "wrong_credentials",
        "detail": "The username or the password is wrong",
    }


async def test_the_slow_hash_is_checked_for_unknown_people_too(
    workplace: Workplace, monkeypatch: pytest.MonkeyPatch
) -> None:
    checked: list[str] = []

    def counting(password: str, hashed: str) -> bool:
        checked.append(hashed)
        return False

    monkeypatch.setattr(security._passwords(), "verify", counting)
    for username in ("bob", "nobody"):
        await try_password(workplace.anonymous, username, "wrong password")
    assert len(checked) == 2


def test_the_hash_of_nobody_costs_what_a_real_one_costs() -> None:
    assert REAL_NOBODY.startswith("$argon2id$v=19$m=65536,")
    assert REAL_NOBODY.split("$")[1:4] == REAL_PASSWORDS.hash("x").split("$")[1:4]
    assert not REAL_PASSWORDS.needs_update(REAL_NOBODY)


async def test_a_disabled_person_looks_like_a_wrong_password(workplace: Workplace) -> None:
    await workplace.root.patch(f"/api/v1/users/{workplace.bob.id}", {"is_active": False})
    answer = await try_password(workplace.anonymous, "bob", PASSWORD)
    assert (answer.status_code, answer.json()["code"]) == (401, "wrong_credentials")


async def test_after_some_failures_the_account_waits_there_but_not_elsewhere(
    workplace: Workplace, frozen: Clock
) -> None:
    async with at(workplace, "203.0.113.7") as attacker, at(workplace, "198.51.100.1") as owner:
        for _ in range(FAILURES_PER_ACCOUNT_AND_SOURCE):
            assert (await try_password(attacker, "bob", "guess number one")).status_code == 401
        refused = await try_password(attacker, "bob", PASSWORD)
        assert (refused.status_code, refused.json()["code"]) == (429, "too_many_attempts")
        assert refused.headers["retry-after"] == "901"
        assert (await try_password(owner, "bob", PASSWORD)).status_code == 200

        frozen.forward(seconds=int(refused.headers["retry-after"]))
        assert (await try_password(attacker, "bob", PASSWORD)).status_code == 200


async def test_unknown_accounts_are_throttled_alike(workplace: Workplace) -> None:
    async with at(workplace, "203.0.113.7") as attacker:
        answers = [
            (await try_password(attacker, "nobody", "guess number one")).status_code
            for _ in range(FAILURES_PER_ACCOUNT_AND_SOURCE + 1)
        ]
    assert answers == [401] * FAILURES_PER_ACCOUNT_AND_SOURCE + [429]


async def test_a_browser_that_the_owner_used_before_is_not_locked_out_by_a_neighbour(workplace: Workplace) -> None:
    async with at(workplace, "203.0.113.7") as neighbour, at(workplace, "203.0.113.7") as owner:
        assert (await try_password(owner, "bob", PASSWORD, **WEB)).status_code == 200
        for _ in range(FAILURES_PER_ACCOUNT_AND_SOURCE + 1):
            last = await try_password(neighbour, "bob", "guess number one")
        assert last.status_code == 429
        assert (await try_password(owner, "bob", PASSWORD, **WEB)).status_code == 200
        neighbour.cookies.update(owner.cookies)  # what a browser keeps for Bob is worth nothing for Alice
        for _ in range(FAILURES_PER_ACCOUNT_AND_SOURCE + 1):
            last = await try_password(neighbour, "alice", "guess number one")
        assert last.status_code == 429


async def test_one_ipv6_network_counts_as_one_place(workplace: Workplace) -> None:
    for number in range(FAILURES_PER_ACCOUNT_AND_SOURCE):
        async with at(workplace, f"2001:db8:1:2::{number:x}") as attacker:
            assert (await try_password(attacker, "bob", "guess number one")).status_code == 401
    async with at(workplace, "2001:db8:1:2:ffff::1") as attacker, at(workplace, "2001:db8:1:3::1") as owner:
        assert (await try_password(attacker, "bob", PASSWORD)).status_code == 429
        assert (await try_password(owner, "bob", PASSWORD)).status_code == 200


async def test_success_forgets_the_failures_of_this_account_here(workplace: Workplace) -> None:
    for _ in range(3):
        for _ in range(FAILURES_PER_ACCOUNT_AND_SOURCE - 1):
            assert (await try_password(workplace.anonymous, "bob", "guess number one")).status_code == 401
        assert (await try_password(workplace.anonymous, "bob", PASSWORD)).status_code == 200
    async with workplace.database.read() as session:
        assert list(await session.exec(select(SignInFailure))) == []


async def test_many_guesses_at_once_are_not_more_than_allowed(workplace: Workplace) -> None:
    async with at(workplace, "203.0.113.7") as attacker:
        answers = await asyncio.gather(*[try_password(attacker, "bob", f"guess {number}") for number in range(40)])
    statuses = [answer.status_code for answer in answers]
    assert statuses.count(401) == FAILURES_PER_ACCOUNT_AND_SOURCE
    assert statuses.count(429) == 40 - FAILURES_PER_ACCOUNT_AND_SOURCE


async def test_one_address_cannot_try_one_password_on_everybody(
    workplace: Workplace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(security, "is_password", _never)
    async with at(workplace, "203.0.113.7") as attacker:
        for number in range(FAILURES_PER_ADDRESS):
            assert (await try_password(attacker, f"worker{number}", "guess number one")).status_code == 401
        refused = await try_password(attacker, "bob", PASSWORD)
    assert (refused.status_code, refused.json()["code"]) == (429, "too_many_attempts")


async def _never(_password: str, _hashed: str | None, **_: bool) -> bool:
    return False


async def test_a_flood_of_sign_ins_is_refused_and_the_server_goes_on(
    workplace: Workplace, monkeypatch: pytest.MonkeyPatch
) -> None:
    at_once = most = 0

    async def slow_check(_password: str, _hashed: str | None, **_: bool) -> bool:
        nonlocal at_once, most
        at_once += 1
        most = max(most, at_once)
        await asyncio.sleep(0.01)
        at_once -= 1
        return False

    with monkeypatch.context() as patch:
        patch.setattr(security, "is_password", slow_check)
        clients = [at(workplace, f"10.0.{number // 250}.{number % 250}") for number in range(500)]
        answers = await asyncio.gather(
            *[try_password(clients[number % 500], "bob", "guess number one") for number in range(2_000)]
        )
    assert {answer.status_code for answer in answers} == {401, 429}
    assert {answer.json()["code"] for answer in answers if answer.status_code == 429} == {"busy"}
    assert 1 <= most <= MOST_AT_ONCE
    assert (await workplace.alice.http.get("/api/v1/me")).status_code == 200
    assert (await try_password(workplace.anonymous, "bob", PASSWORD)).status_code == 200


async def test_strangers_who_fill_the_line_leave_room_for_a_known_browser(
    workplace: Workplace, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with at(workplace, "10.9.9.9") as known, at(workplace, "10.9.9.8") as stranger:
        assert (await try_password(known, "bob", PASSWORD, **WEB)).status_code == 200
        verify, may_end, checked = security._passwords().verify, threading.Event(), list[str]()

        def slow_for_strangers(password: str, hashed: str) -> bool:
            checked.append(password)
            return verify(password, hashed) if password == PASSWORD else not may_end.wait(10)

        monkeypatch.setattr(security, "_passwords", lambda: SimpleNamespace(verify=slow_for_strangers))
        crowd = [at(workplace, f"10.1.0.{number}") for number in range(MOST_AT_ONCE)]
        flood = [asyncio.create_task(try_password(each, "bob", "guess number one")) for each in crowd]

        async def all_wait() -> bool:
            return security._waiting == sum(throttle._at_once.values()) == waiting

        waiting = MOST_AT_ONCE
        await eventually(all_wait)
        assert (await try_password(stranger, "bob", PASSWORD)).json()["code"] == "busy"
        asking = asyncio.create_task(try_password(known, "bob", PASSWORD))
        waiting += 1
        await eventually(all_wait)
        may_end.set()
        assert (await asking).status_code == 200
        assert checked.index(PASSWORD) <= 2  # after the two that were being checked already
        assert {answer.status_code for answer in await asyncio.gather(*flood)} == {401}
    assert throttle._at_once == {False: 0, True: 0}


async def test_a_crowd_that_signs_in_leaves_connections_to_those_who_work(
    workplace: Workplace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While somebody writes for long, each sign-in that waits to write holds a connection: it must not be all of them."""
    take_attempt, may_go_on, inside = sign_in.take_attempt, asyncio.Event(), list[str]()

    async def slow(session: Any, username: str, source: str) -> None:
        inside.append(source)
        await may_go_on.wait()
        await take_attempt(session, username, source)

    async def some_write() -> bool:
        return len(inside) > 0

    monkeypatch.setattr(sign_in, "take_attempt", slow)
    crowd = [at(workplace, f"10.1.0.{number}") for number in range(40)]
    flood = [asyncio.create_task(try_password(each, "bob", "guess number one")) for each in crowd]
    await eventually(some_write)
    async with asyncio.timeout(10):
        assert {(await workplace.alice.http.get("/api/v1/me")).status_code for _ in range(20)} == {200}
    assert len(inside) <= SLOTS_EACH
    may_go_on.set()
    assert {answer.status_code for answer in await asyncio.gather(*flood)} == {401}


@pytest.mark.parametrize(
    ("failure", "status"),
    [
        (sa.exc.TimeoutError("QueuePool limit reached"), 429),
        (sa.exc.OperationalError("BEGIN IMMEDIATE", None, Exception("database is locked")), 429),
        (sa.exc.OperationalError("BEGIN IMMEDIATE", None, Exception("disk I/O error")), 500),
    ],
)
async def test_a_database_that_is_too_busy_is_said_to_be(
    workplace: Workplace, monkeypatch: pytest.MonkeyPatch, failure: Exception, status: int
) -> None:
    async def fails(*_: object) -> None:
        raise failure

    monkeypatch.setattr("daka.identity.sign_in.take_attempt", fails)
    assert (await try_password(workplace.anonymous, "bob", PASSWORD)).status_code == status


async def test_no_hash_is_computed_while_the_database_is_locked(
    workplace: Workplace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A password takes 0.2 s: whoever hashes inside a transaction holds up every reminder on SQLite."""
    hash_password = security.hash_password

    async def hashing_needs_no_lock(password: str) -> str:
        async with workplace.database.write() as session:
            session.add(SignInFailure(username="someone", source="else", at=clock.now()))
        return await hash_password(password)

    monkeypatch.setattr(security, "hash_password", hashing_needs_no_lock)
    team = workplace.team_a
    new = {"username": "dora", "password": "a long passphrase", "team_id": team}
    dora = await workplace.alice.post("/api/v1/users", new)
    await workplace.alice.patch(f"/api/v1/users/{dora['id']}", {"password": "another passphrase"})
    await workplace.bob.post(
        "/api/v1/me/password", {"current_password": PASSWORD, "new_password": "another passphrase"}
    )
