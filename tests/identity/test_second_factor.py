"""The optional second factor: codes of an app and recovery codes, each good once."""

import re
from collections.abc import Callable
from typing import Any

import pyotp
import pytest

from conftest import PASSWORD, Clock, Workplace
from identity.test_sign_in import at, try_password


def code_now(secret: str, frozen: Clock, steps: int = 0) -> str:
    return pyotp.TOTP(secret).at(int(frozen.now.timestamp()) + 30 * steps)


async def turned_on(workplace: Workplace, frozen: Clock) -> tuple[str, list[str]]:
    begun = await workplace.bob.post("/api/v1/me/second-factor", {"current_password": PASSWORD})
    assert re.fullmatch(r"otpauth://totp/Daka:bob\?.*secret=.*", begun["uri"])
    secret = begun["secret"]
    codes = await workplace.bob.post("/api/v1/me/second-factor/confirm", {"code": code_now(secret, frozen)})
    return secret, codes["recovery_codes"]


async def first_step(workplace: Workplace) -> str:
    answer = await try_password(workplace.anonymous, "bob", PASSWORD)
    assert (answer.status_code, answer.json()["code"]) == (401, "second_factor_needed")
    return answer.json()["second_factor_token"]


async def second_step(workplace: Workplace, token: str, code: str) -> Any:
    return await workplace.anonymous.post(
        "/api/v1/auth/second-factor", json={"second_factor_token": token, "code": code}
    )


async def test_nothing_changes_until_a_first_code_confirms_it(workplace: Workplace, frozen: Clock) -> None:
    wrong = await workplace.bob.http.post("/api/v1/me/second-factor", json={"current_password": "wrong"})
    assert wrong.status_code == 403
    await workplace.bob.post("/api/v1/me/second-factor", {"current_password": PASSWORD})
    bad = await workplace.bob.http.post("/api/v1/me/second-factor/confirm", json={"code": "000000"})
    assert (bad.status_code, bad.json()["code"]) == (422, "wrong_code")
    assert (await workplace.bob.get("/api/v1/me/second-factor"))["is_on"] is False
    assert (await try_password(workplace.anonymous, "bob", PASSWORD)).status_code == 200


async def test_administrators_see_who_has_one_and_nobody_else_does(workplace: Workplace, frozen: Clock) -> None:
    path = f"/api/v1/users/{workplace.bob.id}"
    seen = [(await by.get(path))["has_second_factor"] for by in (workplace.root, workplace.alice, workplace.bob)]
    assert seen == [False, None, None]
    await turned_on(workplace, frozen)
    seen = [(await by.get(path))["has_second_factor"] for by in (workplace.root, workplace.alice, workplace.bob)]
    assert seen == [True, None, None]
    await workplace.root.delete(f"{path}/second-factor")
    assert (await workplace.root.get(path))["has_second_factor"] is False


async def test_signing_in_takes_a_code_and_no_code_works_twice(workplace: Workplace, frozen: Clock) -> None:
    secret, _ = await turned_on(workplace, frozen)
    token = await first_step(workplace)
    assert (await second_step(workplace, token, code_now(secret, frozen))).status_code == 401  # used to confirm
    frozen.forward(seconds=30)
    code = code_now(secret, frozen)
    tokens = await second_step(workplace, token, code)
    assert tokens.status_code == 200
    key = {"Authorization": f"Bearer {tokens.json()['access_token']}"}
    assert (await workplace.anonymous.get("/api/v1/me", headers=key)).status_code == 200
    assert (await second_step(workplace, await first_step(workplace), code)).json()["code"] == "wrong_code"


async def test_a_code_that_was_used_while_the_clock_was_ahead_locks_nobody_out(
    workplace: Workplace, frozen: Clock
) -> None:
    secret, _ = await turned_on(workplace, frozen)
    for days in (90, -89):
        frozen.forward(days=days)
        answer = await second_step(workplace, await first_step(workplace), code_now(secret, frozen))
        assert answer.status_code == 200


async def test_a_recovery_code_works_once(workplace: Workplace, frozen: Clock) -> None:
    _, recovery = await turned_on(workplace, frozen)
    assert len(set(recovery)) == 10
    assert (await second_step(workplace, await first_step(workplace), f" {recovery[3].upper()} ")).status_code == 200
    assert (await second_step(workplace, await first_step(workplace), recovery[3])).status_code == 401
    assert (await workplace.bob.get("/api/v1/me/second-factor"))["recovery_codes_left"] == 9


TYPED: dict[str, Callable[[str], str]] = {
    "capital letters and a blank for the dash": lambda code: code.upper().replace("-", " "),
    "no dash": lambda code: code.replace("-", ""),
    "a long dash": lambda code: code.replace("-", "——"),
    "wide, from a Chinese keyboard": lambda code: "".join(chr(ord(each) + 0xFEE0) for each in code),
    "in groups": lambda code: " ".join(re.findall("..", code.replace("-", ""))),
}


@pytest.mark.parametrize("how", TYPED)
async def test_a_recovery_code_counts_however_it_was_typed(workplace: Workplace, frozen: Clock, how: str) -> None:
    _, recovery = await turned_on(workplace, frozen)
    token = await first_step(workplace)
    assert (await second_step(workplace, token, TYPED[how](recovery[0]))).status_code == 200
    again = await second_step(workplace, await first_step(workplace), TYPED[how](recovery[0]))
    assert (again.status_code, again.json()["code"]) == (401, "wrong_recovery_code")


@pytest.mark.parametrize("written", ["{0} {1}", "{0}-{1}", " {0}{1} "])
async def test_a_code_of_the_app_counts_in_groups(workplace: Workplace, frozen: Clock, written: str) -> None:
    secret, _ = await turned_on(workplace, frozen)
    frozen.forward(seconds=30)
    code = code_now(secret, frozen)
    answer = await second_step(workplace, await first_step(workplace), written.format(code[:3], code[3:]))
    assert answer.status_code == 200


async def test_codes_cannot_be_guessed_from_many_places(workplace: Workplace, frozen: Clock) -> None:
    secret, _ = await turned_on(workplace, frozen)
    frozen.forward(minutes=1)
    token = await first_step(workplace)
    statuses = [(await second_step(workplace, token, f"{number:06}")).status_code for number in range(9)]
    assert statuses == [401] * 8 + [429]
    assert (await second_step(workplace, token, code_now(secret, frozen))).status_code == 429


async def test_wrong_codes_of_the_app_do_not_lock_out_a_recovery_code(workplace: Workplace, frozen: Clock) -> None:
    _, recovery = await turned_on(workplace, frozen)
    frozen.forward(minutes=1)
    token = await first_step(workplace)
    statuses = [(await second_step(workplace, token, f"{number:06}")).status_code for number in range(9)]
    assert statuses == [401] * 8 + [429]
    assert (await second_step(workplace, token, recovery[0])).status_code == 200


async def test_recovery_codes_are_counted_by_network_so_that_others_lock_nobody_out(
    workplace: Workplace, frozen: Clock
) -> None:
    _, recovery = await turned_on(workplace, frozen)
    token = await first_step(workplace)
    async with at(workplace, "203.0.113.9") as stranger:
        path, step = "/api/v1/auth/second-factor", {"second_factor_token": token, "code": "abcdef-abcdef"}
        statuses = [(await stranger.post(path, json=step)).status_code for _ in range(9)]
    assert statuses == [401] * 8 + [429]
    assert (await second_step(workplace, token, recovery[0])).status_code == 200


async def test_the_first_step_does_not_last_and_is_no_access_token(workplace: Workplace, frozen: Clock) -> None:
    secret, _ = await turned_on(workplace, frozen)
    token = await first_step(workplace)
    key = {"Authorization": f"Bearer {token}"}
    assert (await workplace.anonymous.get("/api/v1/me", headers=key)).status_code == 401
    frozen.forward(minutes=5, seconds=1)
    late = await second_step(workplace, token, code_now(secret, frozen))
    assert (late.status_code, late.json()["code"]) == (401, "second_factor_expired")


async def test_it_is_turned_off_with_the_password_or_by_an_administrator(workplace: Workplace, frozen: Clock) -> None:
    await turned_on(workplace, frozen)
    on = await workplace.bob.http.post("/api/v1/me/second-factor", json={"current_password": PASSWORD})
    assert on.status_code == 409
    await workplace.bob.post("/api/v1/me/second-factor/off", {"current_password": PASSWORD})
    assert (await try_password(workplace.anonymous, "bob", PASSWORD)).status_code == 200
    frozen.forward(minutes=5)
    await turned_on(workplace, frozen)
    await workplace.root.delete(f"/api/v1/users/{workplace.bob.id}/second-factor")
    assert (await try_password(workplace.anonymous, "bob", PASSWORD)).status_code == 200
