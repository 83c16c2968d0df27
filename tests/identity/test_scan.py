"""Signing in with DingTalk and Feishu: only into the account that its owner connected, while they belong to the company."""

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pyotp
import pytest
from sqlmodel import select

from conftest import ONE_DATABASE, PASSWORD, Clock, Person, Workplace, WorkplaceMaker
from daka.identity.models import ExternalIdentity, Role, User
from fakes.scan_pages import CLIENT, CLIENT_SECRET, FakeDingTalkPage, FakeFeishuPage, FakeScanPage
from fakes.server import FakeResponse
from identity.test_oidc import who
from identity.test_sign_in import at

WAYS = ("dingtalk", "feishu")
CONNECT = {"current_password": PASSWORD}


class ScanLogin:
    """One vendor's way in, with browsers that go through it."""

    def __init__(self, way: str, page: FakeScanPage, workplace: Workplace) -> None:
        self.way, self.page, self.workplace = way, page, workplace
        self.callback = f"/api/v1/auth/{way}/callback"

    async def sign_in(self, browser: httpx.AsyncClient, as_: str | None = None, next_path: str = "/roster") -> str:
        """Where somebody ends who scans as this person."""
        self.page.person = as_ or self.page.person
        leaving = await browser.get(f"/api/v1/auth/{self.way}/start", params={"next": next_path})
        assert leaving.status_code == 303, leaving.text
        return await self.back(browser, self.page.approve(leaving.headers["location"]))

    async def back(self, browser: httpx.AsyncClient, brought: dict[str, str]) -> str:
        answer = await browser.get(self.callback, params=brought)
        assert answer.status_code == 303, answer.text
        return answer.headers["location"]

    async def connect(self, person: Person, browser: httpx.AsyncClient, as_: str) -> str:
        self.page.person = as_
        begun = await browser.post(f"/api/v1/me/connections/{self.way}", json=CONNECT, headers=person.http.headers)
        assert begun.status_code == 200, begun.text
        return await self.back(browser, self.page.approve(begun.json()["url"]))


@pytest.fixture(params=WAYS)
async def scan(
    request: pytest.FixtureRequest, make_workplace: WorkplaceMaker, frozen: Clock
) -> AsyncIterator[ScanLogin]:
    async with opened(request.param, make_workplace) as made:
        yield made


def settings_of(way: str, page: FakeScanPage) -> dict[str, Any]:
    id_name = "client" if way == "dingtalk" else "app"
    return {
        f"{way}_base_url": page.base_url,
        f"{way}_{id_name}_id": CLIENT,
        f"{way}_{id_name}_secret": CLIENT_SECRET,
    }


@asynccontextmanager
async def opened(way: str, make_workplace: WorkplaceMaker) -> AsyncIterator[ScanLogin]:
    page: FakeScanPage = FakeDingTalkPage() if way == "dingtalk" else FakeFeishuPage()
    async with page.running(), make_workplace(**settings_of(way, page)) as workplace:
        yield ScanLogin(way, page, workplace)


async def connections(workplace: Workplace) -> list[tuple[int, str, str]]:
    async with workplace.database.read() as session:
        rows = await session.exec(select(ExternalIdentity).order_by(ExternalIdentity.id))
        return [(row.user_id, row.issuer, row.subject) for row in rows]


async def test_who_connected_their_account_signs_in_by_scanning(scan: ScanLogin) -> None:
    workplace = scan.workplace
    offered = (await workplace.anonymous.get("/api/v1/auth/methods")).json()["providers"]
    assert offered == [{"provider": scan.way, "label": None, "url": f"/api/v1/auth/{scan.way}/start"}]
    async with at(workplace, "10.0.0.1") as home, at(workplace, "10.0.0.2") as phone:
        assert await scan.connect(workplace.bob, home, as_="bob") == f"/settings?connected={scan.way}"
        assert await scan.sign_in(phone, as_="bob") == f"/roster?signed_in={scan.way}"
        assert await who(phone) == "bob"
    subject = "union-bob" if scan.way == "dingtalk" else "ou_bob"
    assert await connections(workplace) == [(workplace.bob.id, f"{scan.way}:{CLIENT}", subject)]
    mine = (await workplace.bob.get("/api/v1/me/connections"))["items"]
    assert [(each["provider"], each["connected_at"]) for each in mine] == [(scan.way, "2026-11-23T00:00:00Z")]
    kinds = [entry["action"] for entry in (await workplace.root.get("/api/v1/audit"))["items"]]
    assert {"user.connected", "session.opened"} <= set(kinds)


async def test_nobody_is_found_by_what_they_can_set_themselves(scan: ScanLogin) -> None:
    """Charlie says that Alice's numbers are his. A scan of hers must lead neither into his account nor into hers."""
    workplace = scan.workplace
    numbers = {"mobile": "13800000001", "dingtalk_userid": "userid-alice"}
    await workplace.charlie.patch("/api/v1/me", numbers)
    async with at(workplace, "10.0.0.1") as browser:
        for person in ("alice", "bob", "charlie", "root"):
            assert await scan.sign_in(browser, as_=person) == "/?sign_in_error=external_login_not_connected"
        assert await who(browser) is None
    assert await connections(workplace) == []


async def test_no_account_is_ever_made(scan: ScanLogin) -> None:
    workplace = scan.workplace
    async with at(workplace, "10.0.0.1") as browser:
        await scan.sign_in(browser, as_="alice")
    async with workplace.database.read() as session:
        assert len(list(await session.exec(select(User)))) == 4


async def test_connecting_takes_the_password(scan: ScanLogin) -> None:
    path = f"/api/v1/me/connections/{scan.way}"
    refused = await scan.workplace.bob.http.post(path, json={"current_password": "not the password"})
    assert (refused.status_code, refused.json()["code"]) == (403, "wrong_password")
    assert "set-cookie" not in refused.headers


async def test_who_thinks_better_of_connecting_is_told_where_they_were(scan: ScanLogin) -> None:
    async with at(scan.workplace, "10.0.0.1") as browser:
        path = f"/api/v1/me/connections/{scan.way}"
        await browser.post(path, json=CONNECT, headers=scan.workplace.bob.http.headers)
        assert await scan.back(browser, {"error": "access_denied"}) == "/settings?sign_in_error=external_login_refused"


async def test_one_account_there_opens_one_account_here(scan: ScanLogin) -> None:
    workplace = scan.workplace
    async with at(workplace, "10.0.0.1") as first, at(workplace, "10.0.0.2") as second:
        await scan.connect(workplace.bob, first, as_="bob")
        assert (
            await scan.connect(workplace.charlie, second, as_="bob") == "/settings?sign_in_error=external_login_taken"
        )
        again = await first.post(f"/api/v1/me/connections/{scan.way}", json=CONNECT, headers=workplace.bob.http.headers)
        assert (again.status_code, again.json()["code"]) == (409, "external_login_taken")
        await scan.sign_in(second, as_="bob")
        assert await who(second) == "bob"


async def test_an_administrator_who_connected_it_may_scan_too(scan: ScanLogin) -> None:
    workplace = scan.workplace
    async with at(workplace, "10.0.0.1") as browser:
        await scan.connect(workplace.root, browser, as_="root")
        await scan.sign_in(browser, as_="root")
        assert await who(browser) == "root"


async def test_somebody_elses_question_and_a_late_or_used_answer_are_refused(scan: ScanLogin, frozen: Clock) -> None:
    workplace = scan.workplace
    expired, failed = "/?sign_in_error=external_login_expired", "/?sign_in_error=external_login_failed"
    async with at(workplace, "10.0.0.1") as browser, at(workplace, "10.0.0.2") as victim:
        await scan.connect(workplace.bob, browser, as_="bob")
        start = f"/api/v1/auth/{scan.way}/start"
        brought = scan.page.approve((await browser.get(start)).headers["location"])
        assert await scan.back(victim, brought) == expired  # the attacker's answer in the victim's browser
        assert await scan.back(browser, {**brought, "state": "x"}) == expired
        leaving = (await browser.get(start)).headers["location"]
        refused = {"error": "access_denied", "state": httpx.URL(leaving).params["state"]}
        assert await scan.back(browser, refused) == "/?sign_in_error=external_login_refused"
        used = await scan.sign_in(browser)
        assert used == f"/roster?signed_in={scan.way}"
        state = httpx.URL((await browser.get(start)).headers["location"]).params["state"]
        replayed = {scan.page.code_name: brought[scan.page.code_name], "state": state}
        scan.page.asks.pop(brought[scan.page.code_name])
        assert await scan.back(browser, replayed) == failed
        late = scan.page.approve((await browser.get(start)).headers["location"])
        frozen.forward(minutes=11)
        assert await scan.back(browser, late) == expired


async def test_the_answer_to_one_way_is_none_to_another(make_workplace: WorkplaceMaker, frozen: Clock) -> None:
    async with FakeDingTalkPage().running() as ding, FakeFeishuPage().running() as fei:
        settings = settings_of("dingtalk", ding) | settings_of("feishu", fei)
        async with make_workplace(**settings) as workplace, at(workplace, "10.0.0.1") as browser:
            for page, way, other in ((ding, "dingtalk", "feishu"), (fei, "feishu", "dingtalk")):
                brought = page.approve((await browser.get(f"/api/v1/auth/{way}/start")).headers["location"])
                answer = await browser.get(f"/api/v1/auth/{other}/callback", params={**brought, "code": "x"})
                assert answer.headers["location"] == "/?sign_in_error=external_login_expired"


async def test_signing_out_everywhere_ends_a_connection_that_is_being_made(scan: ScanLogin) -> None:
    workplace = scan.workplace
    async with at(workplace, "10.0.0.1") as browser:
        begun = await browser.post(
            f"/api/v1/me/connections/{scan.way}", json=CONNECT, headers=workplace.bob.http.headers
        )
        brought = scan.page.approve(begun.json()["url"])
        await workplace.root.post(f"/api/v1/users/{workplace.bob.id}/sign-out")
        assert await scan.back(browser, brought) == "/settings?sign_in_error=external_login_expired"
    assert await connections(workplace) == []


async def test_who_left_the_company_is_refused(scan: ScanLogin) -> None:
    workplace = scan.workplace
    stranger = "/?sign_in_error=external_login_stranger"
    async with at(workplace, "10.0.0.1") as browser:
        await scan.connect(workplace.bob, browser, as_="bob")
        if isinstance(scan.page, FakeDingTalkPage):
            scan.page.contact_types["bob"] = 1  # an outside contact now
            assert await scan.sign_in(browser) == stranger
            del scan.page.contact_types["bob"]
        elif isinstance(scan.page, FakeFeishuPage):
            scan.page.may_use_the_app.clear()
        assert await scan.sign_in(browser) == stranger
        assert await who(browser) is None


async def test_a_disabled_account_stays_shut(scan: ScanLogin) -> None:
    workplace = scan.workplace
    async with at(workplace, "10.0.0.1") as browser:
        await scan.connect(workplace.bob, browser, as_="bob")
        await workplace.root.patch(f"/api/v1/users/{workplace.bob.id}", {"is_active": False})
        assert await scan.sign_in(browser) == "/?sign_in_error=external_login_no_account"


async def test_disconnecting_shuts_the_door(scan: ScanLogin) -> None:
    workplace = scan.workplace
    path = f"/api/v1/me/connections/{scan.way}"
    async with at(workplace, "10.0.0.1") as browser:
        await scan.connect(workplace.bob, browser, as_="bob")
        assert (await workplace.charlie.http.delete(path)).status_code == 404  # everybody ends only their own
        assert (await workplace.bob.http.delete(path)).status_code == 204
        assert await scan.sign_in(browser) == "/?sign_in_error=external_login_not_connected"
        assert (await workplace.bob.http.delete(path)).status_code == 404


async def test_nobody_locks_themselves_out(scan: ScanLogin) -> None:
    workplace = scan.workplace
    async with at(workplace, "10.0.0.1") as browser:
        await scan.connect(workplace.bob, browser, as_="bob")
    async with workplace.database.write() as session:
        (await session.get_one(User, workplace.bob.id)).password_hash = ""
    refused = await workplace.bob.http.delete(f"/api/v1/me/connections/{scan.way}")
    assert (refused.status_code, refused.json()["code"]) == (409, "last_way_in")


async def test_a_password_that_somebody_else_resets_ends_what_was_connected_with_the_old_one(scan: ScanLogin) -> None:
    workplace = scan.workplace
    new = "another long passphrase"
    async with at(workplace, "10.0.0.1") as browser:
        await scan.connect(workplace.bob, browser, as_="bob")
        await scan.connect(workplace.charlie, browser, as_="charlie")
        link = await workplace.alice.post(f"/api/v1/users/{workplace.bob.id}/password-link")
        token = link["url"].rpartition("#")[2].rpartition("=")[2]
        used = await workplace.anonymous.post("/api/v1/auth/password-link", json={"token": token, "password": new})
        assert used.status_code < 300, used.text
        await workplace.root.patch(f"/api/v1/users/{workplace.charlie.id}", {"password": new})
        for person in ("bob", "charlie"):
            assert await scan.sign_in(browser, as_=person) == "/?sign_in_error=external_login_not_connected"


async def test_the_second_factor_is_asked_for_as_after_a_password(scan: ScanLogin, frozen: Clock) -> None:
    workplace = scan.workplace
    async with at(workplace, "10.0.0.1") as browser:
        await scan.connect(workplace.bob, browser, as_="bob")
        secret = (await workplace.bob.post("/api/v1/me/second-factor", CONNECT))["secret"]
        app = pyotp.TOTP(secret)
        await workplace.bob.post("/api/v1/me/second-factor/confirm", {"code": app.at(frozen.now)})
        frozen.forward(minutes=1)
        page, _, token = (await scan.sign_in(browser)).partition("#second_factor=")
        assert page == "/roster"
        assert await who(browser) is None
        step = {"second_factor_token": token, "code": app.at(frozen.now)}
        done = await browser.post("/api/v1/auth/second-factor", json=step, headers={"X-Daka-Client": "web"})
        assert done.status_code == 200
        assert await who(browser) == "bob"


BAD_ANSWERS = [
    FakeResponse("<html>", 200),
    FakeResponse([], 200),
    FakeResponse({}, 200),
    FakeResponse({"code": "invalidClientIdOrSecret", "message": "无效"}, 400),
    FakeResponse({"code": 20002, "error_description": "The client secret is invalid."}, 400),
    FakeResponse({"accessToken": 7, "access_token": 7, "code": 0}, 200),
    FakeResponse({}, 503),
    FakeResponse(is_reset=True),
]


@pytest.mark.parametrize("answer", BAD_ANSWERS)
@pytest.mark.parametrize("after", [0, 1])
@ONE_DATABASE
async def test_an_answer_that_proves_nothing_signs_nobody_in(
    scan: ScanLogin, answer: FakeResponse, after: int, caplog: pytest.LogCaptureFixture
) -> None:
    """Whichever of the vendor's answers it is; the log says why, and carries no secret."""
    workplace = scan.workplace
    good = FakeResponse({"code": 0, "access_token": "user-token-x", "accessToken": "user-token-x"})
    async with at(workplace, "10.0.0.1") as browser:
        await scan.connect(workplace.bob, browser, as_="bob")
        scan.page.next[:] = [good] * after + [answer]
        with caplog.at_level(logging.DEBUG, "daka"):
            assert await scan.sign_in(browser) == "/?sign_in_error=external_login_failed"
        assert await who(browser) is None
    (line,) = [record for record in caplog.records if record.message == "external_login_failed"]
    told = str(vars(line)) + caplog.text
    assert vars(line)["fields"]["reason"]
    assert CLIENT_SECRET not in told
    assert "user-token" not in told


@pytest.mark.parametrize("way", WAYS)
async def test_a_way_that_is_not_set_up_is_not_there(way: str, workplace: Workplace) -> None:
    assert (await workplace.anonymous.get("/api/v1/auth/methods")).json() == {"providers": []}
    answer = await workplace.anonymous.get(f"/api/v1/auth/{way}/start")
    assert (answer.status_code, answer.json()["code"]) == (404, "external_login_off")
    assert (await workplace.bob.get("/api/v1/me/connections"))["items"] == []


@pytest.mark.parametrize("site", ["https://evil.example", "//evil.example", "/\\evil.example"])
@ONE_DATABASE
async def test_scanning_leads_nowhere_else(scan: ScanLogin, site: str) -> None:
    async with at(scan.workplace, "10.0.0.1") as browser:
        await scan.connect(scan.workplace.bob, browser, as_="bob")
        assert await scan.sign_in(browser, next_path=site) == f"/?signed_in={scan.way}"


async def test_the_role_is_the_accounts_own(scan: ScanLogin) -> None:
    workplace = scan.workplace
    async with at(workplace, "10.0.0.1") as browser:
        await scan.connect(workplace.alice, browser, as_="alice")
        await scan.sign_in(browser, as_="alice")
        answer = await browser.post("/api/v1/auth/refresh", headers={"X-Daka-Client": "web"})
        key = {"Authorization": f"Bearer {answer.json()['access_token']}"}
        assert (await browser.get("/api/v1/me", headers=key)).json()["role"] == Role.PLANNER
