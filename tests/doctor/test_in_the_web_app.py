"""The doctor in the web app: the same checks from within, against the browser, and a release that is looked up on request."""

import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from conftest import Clock, Workplace, WorkplaceMaker
from conftest import test_settings as settings_with
from daka import __version__
from daka.doctor.diagnoses import Severity, public_url, release
from fakes.server import FakeResponse, FakeServer

PUBLIC = "https://daka.example.com"


@pytest.mark.parametrize(
    ("present", "tag", "level", "says"),
    [
        ("0.1.0", "v0.1.0", Severity.OK, "newest"),
        ("0.1.0", "0.1", Severity.OK, "newest"),
        ("0.2.0", "v0.1.9", Severity.OK, "newest"),
        ("0.9.0", "v0.10.0", Severity.WARNING, "0.10.0 is available"),
        ("0.1.0", "v1", Severity.WARNING, "1 is available"),
        ("0.1.0", "nightly", Severity.WARNING, "could not be read"),
        ("0.1.0", "v1.0.0-rc1", Severity.WARNING, "could not be read"),
        ("0.1.0", None, Severity.WARNING, "could not be read"),
    ],
)
def test_a_newer_release_is_told_by_its_numbers(present: str, tag: str | None, level: Severity, says: str) -> None:
    found = release(present, tag)
    assert (found.level, says in found.message.en) == (level, True)


@pytest.mark.parametrize(
    ("ours", "theirs", "level"),
    [
        (PUBLIC, PUBLIC, Severity.OK),
        (f"{PUBLIC}/", PUBLIC, Severity.OK),
        ("https://daka.example.com:443", PUBLIC, Severity.OK),
        (PUBLIC, "http://daka.example.com", Severity.WARNING),
        (PUBLIC, "https://192.168.1.5:8443", Severity.WARNING),
        ("", "http://localhost:8000", Severity.WARNING),
        ("http://nas.lan:8080", "http://nas.lan:8080", Severity.WARNING),
    ],
)
def test_the_address_is_compared_with_the_browsers(ours: str, theirs: str, level: Severity) -> None:
    assert public_url(settings_with(public_url=ours), theirs).level is level


async def findings(workplace: Workplace, **of_browser: Any) -> dict[str, dict[str, Any]]:
    told = {"origin": PUBLIC, "now": "2026-11-23T00:00:00Z", **of_browser}
    read = await workplace.root.get("/api/v1/doctor", **told)
    return {found["check"]: found for found in read["findings"]}


@pytest.mark.parametrize(
    ("origin", "trusted", "is_told"),
    [(PUBLIC, "10.9.9.9", True), (PUBLIC, "127.0.0.1", False), ("http://daka.lan", "10.9.9.9", False)],
)
async def test_a_proxy_that_is_not_believed_is_named(
    make_workplace: WorkplaceMaker, origin: str, trusted: str, is_told: bool
) -> None:
    async with make_workplace(public_url=PUBLIC) as workplace:
        app = ProxyHeadersMiddleware(workplace.app, trusted_hosts=trusted)
        transport = httpx.ASGITransport(app, client=("127.0.0.1", 5000))
        headers = {**workplace.root.http.headers, "X-Forwarded-Proto": "https", "X-Forwarded-For": "203.0.113.7"}
        async with httpx.AsyncClient(transport=transport, base_url="http://daka", headers=headers) as client:
            asked = {"origin": origin, "now": "2026-11-23T00:00:00Z"}
            read = (await client.get("/api/v1/doctor", params=asked)).json()
        said = [each["remedy"]["en"] for each in read["findings"] if each["check"] == "proxy"]
        assert [each.startswith("if 127.0.0.1 is your proxy, add it to TRUSTED_PROXIES") for each in said] == [
            True
        ] * is_told


async def test_an_administrator_sees_every_check_in_both_languages(
    make_workplace: WorkplaceMaker, frozen: Clock
) -> None:
    async with make_workplace(public_url=PUBLIC) as workplace:
        now = frozen.now.isoformat()
        found = await findings(workplace, now=now)
        assert found.keys() >= {
            "version", "secret", "address", "zone", "clock", "disk", "tables", "database", "worker", "channels", "backup",
        }  # fmt: skip
        assert __version__ in found["version"]["message"]["en"]
        assert found["address"]["level"] == "ok"
        for each in found.values():
            for said in (each["message"], each["remedy"]):
                assert said is None or (said["en"] and said["zh"])
                assert said is None or not re.search("[\u4e00-\u9fff]", said["en"])
        late = await findings(workplace, now=(frozen.now + timedelta(minutes=2)).isoformat(), origin="http://10.0.0.2")
        if workplace.settings.database_url.startswith("sqlite"):  # PostgreSQL's own clock does not stand still
            assert found["clock"]["level"] == "ok"
            assert (late["clock"]["level"], late["clock"]["message"]["en"]) == ("error", "120 s behind this browser")
        assert "10.0.0.2" in late["address"]["message"]["zh"]


@pytest.mark.parametrize(
    ("answer", "allowed", "says"),
    [
        (None, True, "release_url_missing"),
        (FakeResponse({"tag_name": "v99.0.0"}), False, "release_unreachable"),
        (FakeResponse("", 404), True, "release_unreachable"),
        (FakeResponse({"tag_name": "v99.0.0"}), True, "99.0.0 is available"),
        (FakeResponse("no JSON"), True, "could not be read"),
    ],
    ids=["no address", "an address that the guard refuses", "nothing there", "a newer one", "not readable"],
)
async def test_a_release_is_looked_up_only_on_request_and_through_the_guard(
    make_workplace: WorkplaceMaker, answer: FakeResponse | None, allowed: bool, says: str
) -> None:
    async with (
        FakeServer(lambda _: answer or FakeResponse("")).running() as releases,
        make_workplace(
            release_url=f"{releases.base_url}/latest" if answer else "",
            allow_private_targets=("127.0.0.1",) if allowed else (),
        ) as workplace,
    ):
        await findings(workplace)
        assert releases.asked == []
        found = (await workplace.root.http.post("/api/v1/doctor/release")).json()
        assert says in (found["code"] if "code" in found else found["message"]["en"])
        assert len(releases.asked) == (answer is not None and allowed)


def test_every_check_has_a_name_in_the_web_app() -> None:
    root = Path(__file__).parents[2]
    checks: set[str] = set()
    for file in (root / "backend" / "daka" / "doctor").glob("*.py"):
        checks |= set(re.findall(r'(?:ok|warning|error|\(error if [^)]*\))\(\s*"(\w+)"', file.read_text()))
    named = set(re.findall(r'"check\.(\w+)"', (root / "frontend/src/settings/words.ts").read_text()))
    assert len(checks) > 10
    assert checks - {"network"} <= named
