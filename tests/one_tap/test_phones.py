"""The address in messages, tried with a phone: a QR code whose page says what it saw, and is remembered."""

from datetime import timedelta

import pytest

from conftest import Clock, WorkplaceMaker
from daka.one_tap.phones import is_from_internet, is_phone

IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 19_1 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148 Safari/604.1"
ANDROID = "Mozilla/5.0 (Linux; Android 16; 25102RKBEC) AppleWebKit/537.36 Chrome/142.0 Mobile Safari/537.36"
HARMONY = "Mozilla/5.0 (Phone; OpenHarmony 5.0) AppleWebKit/537.36 Chrome/132.0 Safari/537.36 ArkWeb/5.0 Mobile"
WINDOWS = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/142.0 Safari/537.36"


@pytest.mark.parametrize(
    ("user_agent", "expected"), [(IPHONE, True), (ANDROID, True), (HARMONY, True), (WINDOWS, False), ("", False)]
)
def test_what_a_phone_is(user_agent: str, expected: bool) -> None:
    assert is_phone(user_agent) is expected


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        *[("8.8.8.8", True), ("2400:3200::1", True), ("192.168.1.20", False), ("100.64.3.4", False)],
        *[("127.0.0.1", False), ("fd00::5", False), ("fe80::1", False), ("", False), ("unix:", False)],
    ],
)
def test_who_comes_from_outside(address: str, expected: bool) -> None:
    assert is_from_internet(address) is expected


async def test_a_phone_that_opens_the_code_ticks_the_check(make_workplace: WorkplaceMaker, frozen: Clock) -> None:
    async with make_workplace(public_url="https://daka.example") as workplace:
        begun = await workplace.root.get("/api/v1/doctor/phone")
        assert (begun["public_url"], begun["opened_at"]) == ("https://daka.example", None)
        assert begun["url"].startswith("https://daka.example/a/")
        assert "<svg" in begun["qr_svg"]
        path = begun["url"].removeprefix("https://daka.example")
        page = await workplace.anonymous.get(path, headers={"User-Agent": WINDOWS})
        assert (page.status_code, "请用手机打开" in page.text) == (200, True)
        assert (await workplace.root.get("/api/v1/doctor/phone"))["opened_at"] is None
        page = await workplace.anonymous.get(path, headers={"User-Agent": IPHONE, "Accept-Language": "en"})
        assert "Your phone opens it in this network" in page.text
        found = await workplace.root.get("/api/v1/doctor/phone")
        assert (found["opened_at"] is not None, found["is_from_internet"]) == (True, False)
        assert (await workplace.anonymous.post(path, data={"action": "ack"})).status_code == 410
        frozen.forward(seconds=int(timedelta(hours=25).total_seconds()))
        assert (await workplace.anonymous.get(path, headers={"User-Agent": IPHONE})).status_code == 410


async def test_without_an_address_there_is_nothing_to_try(make_workplace: WorkplaceMaker) -> None:
    async with make_workplace(public_url="") as workplace:
        found = await workplace.root.get("/api/v1/doctor/phone")
        assert (found["public_url"], found["url"], found["qr_svg"], found["opened_at"]) == (None, None, None, None)
