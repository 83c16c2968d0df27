"""Signing in at an OpenID Connect provider that runs here and behaves well, or badly in one way at a time."""

import base64
import hashlib
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
import pytest
from aiohttp import web
from joserfc import jwt
from joserfc.jwk import RSAKey

from conftest import ONE_DATABASE, Clock, Workplace, WorkplaceMaker
from daka.identity.models import Role
from identity.test_sign_in import at

CLIENT, CLIENT_SECRET = "daka", "what-the-provider-knows-us-by"
START, CALLBACK = "/api/v1/auth/oidc/start", "/api/v1/auth/oidc/callback"


@dataclass
class Provider:
    """An identity provider on loopback. `claims` is whom it vouches for; `spoil` changes its token before it is signed."""

    issuer: str = ""
    claims: dict[str, Any] = field(default_factory=lambda: {"sub": "u-1", "preferred_username": "Bob", "name": "王波"})
    spoil: dict[str, Any] = field(default_factory=dict)
    header: dict[str, Any] = field(default_factory=dict)
    signs_with: Any = None
    metadata: dict[str, Any] = field(default_factory=dict)
    userinfo: dict[str, Any] | None = None
    key: RSAKey = field(default_factory=lambda: RSAKey.generate_key(2048, {"kid": "k1", "use": "sig"}))
    now: int = 0
    _asked: dict[str, dict[str, str]] = field(default_factory=dict)

    async def configuration(self, _request: web.Request) -> web.Response:
        found = {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/keys",
            "userinfo_endpoint": f"{self.issuer}/userinfo",
        }
        return web.json_response(found | self.metadata)

    async def keys(self, _request: web.Request) -> web.Response:
        return web.json_response({"keys": [self.key.as_dict(private=False)]})

    def approve(self, url: str) -> dict[str, str]:
        """What the person's browser brings back after they agreed at this address."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
        assert (asked["response_type"], asked["client_id"], asked["code_challenge_method"]) == ("code", CLIENT, "S256")
        code = secrets.token_urlsafe(8)
        self._asked[code] = asked
        return {"code": code, "state": asked["state"]}

    async def authorize(self, request: web.Request) -> web.Response:
        """The page for a real browser: whoever comes agrees at once."""
        back = urlencode(self.approve(str(request.url)))
        raise web.HTTPSeeOther(f"{request.query['redirect_uri']}?{back}")

    async def token(self, request: web.Request) -> web.Response:
        form = await request.post()
        asked = self._asked.pop(str(form["code"]), None)
        basic = base64.b64encode(f"{CLIENT}:{CLIENT_SECRET}".encode()).decode()
        proof = hashlib.sha256(str(form["code_verifier"]).encode()).digest()
        is_good = (
            asked is not None
            and request.headers.get("Authorization") == f"Basic {basic}"
            and base64.urlsafe_b64encode(proof).decode().rstrip("=") == asked["code_challenge"]
            and form["redirect_uri"] == asked["redirect_uri"]
        )
        if not is_good or asked is None:
            return web.json_response({"error": "invalid_grant"}, status=400)
        claims = {"iss": self.issuer, "aud": CLIENT, "iat": self.now, "exp": self.now + 300, "nonce": asked["nonce"]}
        claims = {name: value for name, value in {**claims, **self.claims, **self.spoil}.items() if value is not None}
        header = {"alg": "RS256", "kid": "k1"} | self.header
        signed = jwt.encode(header, claims, self.signs_with or self.key, algorithms=[header["alg"]])
        return web.json_response({"access_token": "at-1", "id_token": signed, "token_type": "Bearer"})

    async def person(self, request: web.Request) -> web.Response:
        assert request.headers["Authorization"] == "Bearer at-1"
        return web.json_response(self.userinfo or {})


@asynccontextmanager
async def answering(made: Provider, host: str = "127.0.0.1") -> AsyncIterator[Provider]:
    """The provider at work, at an address of its own."""
    app = web.Application()
    app.router.add_get("/.well-known/openid-configuration", made.configuration)
    app.router.add_get("/keys", made.keys)
    app.router.add_get("/authorize", made.authorize)
    app.router.add_post("/token", made.token)
    app.router.add_get("/userinfo", made.person)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    made.issuer = f"http://{host}:{runner.addresses[0][1]}"
    yield made
    await runner.cleanup()


@pytest.fixture
async def provider(frozen: Clock) -> AsyncIterator[Provider]:
    async with answering(Provider(now=int(frozen.now.timestamp()))) as made:
        yield made


@pytest.fixture
def opened(make_workplace: WorkplaceMaker, provider: Provider) -> Any:
    @asynccontextmanager
    async def open_workplace(**values: Any) -> AsyncIterator[tuple[Workplace, httpx.AsyncClient]]:
        settings = {"oidc_issuer": provider.issuer, "oidc_client_id": CLIENT, "oidc_client_secret": CLIENT_SECRET}
        async with make_workplace(**settings, **values) as workplace, at(workplace, "10.0.0.1") as browser:
            yield workplace, browser

    return open_workplace


async def sign_in(browser: httpx.AsyncClient, provider: Provider, next_path: str = "/roster") -> httpx.Response:
    leaving = await browser.get(START, params={"next": next_path})
    assert leaving.status_code == 303, leaving.text
    return await browser.get(CALLBACK, params=provider.approve(leaving.headers["location"]))


async def who(browser: httpx.AsyncClient) -> str | None:
    answer = await browser.post("/api/v1/auth/refresh", headers={"X-Daka-Client": "web"})
    if answer.status_code != 200:
        return None
    key = {"Authorization": f"Bearer {answer.json()['access_token']}"}
    return (await browser.get("/api/v1/me", headers=key)).json()["username"]


async def test_a_person_signs_in_there_and_is_known_by_subject_afterwards(opened: Any, provider: Provider) -> None:
    async with opened() as (workplace, browser):
        methods = (await browser.get("/api/v1/auth/methods")).json()
        assert methods == {"providers": [{"provider": "oidc", "label": None, "url": START}]}
        back = await sign_in(browser, provider)
        assert (back.status_code, back.headers["location"]) == (303, "/roster?signed_in=oidc")
        assert await who(browser) == "bob"
        # Somebody who takes over the name there does not become Bob here; Bob stays Bob under another name.
        provider.claims = {"sub": "u-2", "preferred_username": "bob"}
        other = await sign_in(browser, provider)
        assert other.headers["location"] == "/?sign_in_error=external_login_no_account"
        provider.claims = {"sub": "u-1", "preferred_username": "robert"}
        await sign_in(browser, provider)
        assert await who(browser) == "bob"
        await workplace.root.patch(f"/api/v1/users/{workplace.bob.id}", {"is_active": False})
        assert (await sign_in(browser, provider)).headers["location"] == "/?sign_in_error=external_login_no_account"


async def test_the_state_cookie_is_lax_and_short_lived(opened: Any, provider: Provider) -> None:
    async with opened() as (_, browser):
        cookie = (await browser.get(START)).headers["set-cookie"]
    assert re_all(cookie, "HttpOnly", "SameSite=lax", "Max-Age=600", "Path=/api/v1/auth")


def re_all(text: str, *parts: str) -> bool:
    return all(part in text for part in parts)


OTHER_KEY = RSAKey.generate_key(2048, {"kid": "k1"})


@pytest.mark.parametrize(
    "badly",
    [
        {"spoil": {"iss": "https://evil.example"}},
        {"spoil": {"aud": "another-client"}},
        {"spoil": {"aud": ["daka", "another"], "azp": "another"}},
        {"spoil": {"nonce": "of another sign-in"}},
        {"spoil": {"nonce": None}},
        {"spoil": {"exp": 1}},
        {"spoil": {"exp": None}},
        {"spoil": {"sub": None}},
        {"signs_with": OTHER_KEY},
    ],
)
@ONE_DATABASE
async def test_a_token_that_is_not_for_us_signs_nobody_in(
    opened: Any, provider: Provider, badly: dict[str, Any]
) -> None:
    for name, value in badly.items():
        setattr(provider, name, value)
    async with opened() as (_, browser):
        assert (await sign_in(browser, provider)).headers["location"] == "/?sign_in_error=external_login_failed"
        assert await who(browser) is None


async def test_another_browsers_answer_a_used_code_and_a_late_one_are_refused(
    opened: Any, provider: Provider, frozen: Clock
) -> None:
    async with opened() as (workplace, browser), at(workplace, "10.0.0.2") as victim:
        leaving = await browser.get(START)
        brought = provider.approve(leaving.headers["location"])
        forged = await victim.get(
            CALLBACK, params=brought
        )  # sign-in forgery: the attacker's answer in the victim's browser
        assert forged.headers["location"] == "/?sign_in_error=external_login_expired"
        wrong = await browser.get(CALLBACK, params={**brought, "state": "x"})
        assert wrong.headers["location"] == "/?sign_in_error=external_login_expired"
        refused = await browser.get(CALLBACK, params={"error": "access_denied", "state": brought["state"]})
        assert refused.headers["location"] == "/?sign_in_error=external_login_refused"
        leaving = await browser.get(START)
        brought = provider.approve(leaving.headers["location"])
        frozen.forward(minutes=11)
        late = await browser.get(CALLBACK, params=brought)
        assert late.headers["location"] == "/?sign_in_error=external_login_expired"


async def test_administrators_are_not_found_by_name(opened: Any, provider: Provider) -> None:
    provider.claims = {"sub": "u-9", "preferred_username": "root"}
    async with opened() as (_, browser):
        assert (await sign_in(browser, provider)).headers["location"] == "/?sign_in_error=external_login_no_account"


async def test_newcomers_become_members_only_if_the_operator_wants_it(opened: Any, provider: Provider) -> None:
    provider.claims = {"sub": "u-7"}
    provider.userinfo = {"sub": "u-7", "preferred_username": "dora", "name": "多拉"}
    async with opened(oidc_create_members=True) as (workplace, browser):
        assert (await sign_in(browser, provider)).headers["location"].endswith("signed_in=oidc")
        dora = next(user for user in (await workplace.root.get("/api/v1/users"))["items"] if user["username"] == "dora")
        assert (dora["role"], dora["team_id"], dora["display_name"]) == (Role.MEMBER, None, "多拉")


BAD_NAMES = ["d", "do ra", "dora\0", "<b>dora</b>", "dora\n", "\u202edora"]


@pytest.mark.parametrize("username", BAD_NAMES)
async def test_a_username_from_the_provider_is_checked_like_a_typed_one(
    opened: Any, provider: Provider, username: str
) -> None:
    provider.claims = {"sub": "u-7", "preferred_username": username}
    async with opened(oidc_create_members=True) as (workplace, browser):
        location = (await sign_in(browser, provider)).headers["location"]
        names = [user["username"] for user in (await workplace.root.get("/api/v1/users"))["items"]]
    if username == "dora\n":  # surrounding spaces are removed, as when it is typed
        assert (location, "dora" in names) == ("/roster?signed_in=oidc", True)
        return
    assert location == "/?sign_in_error=external_login_no_account"
    assert sorted(names) == ["alice", "bob", "charlie", "root"]


@pytest.mark.parametrize(("name", "shown"), [("多拉", "多拉"), ("多\0拉", "dora"), ("a\nb", "dora"), ("  ", "dora")])
async def test_a_name_from_the_provider_is_checked_like_a_typed_one(
    opened: Any, provider: Provider, name: str, shown: str
) -> None:
    provider.claims = {"sub": "u-7", "preferred_username": "dora", "name": name}
    async with opened(oidc_create_members=True) as (workplace, browser):
        await sign_in(browser, provider)
        assert shown in [user["display_name"] for user in (await workplace.root.get("/api/v1/users"))["items"]]


async def test_an_identifier_with_control_characters_signs_nobody_in(opened: Any, provider: Provider) -> None:
    provider.claims = {"sub": "u\0007", "preferred_username": "bob"}
    async with opened() as (_, browser):
        assert (await sign_in(browser, provider)).headers["location"] == "/?sign_in_error=external_login_failed"


async def test_a_match_by_name_ends_when_the_account_becomes_an_administrators(opened: Any, provider: Provider) -> None:
    async with opened() as (workplace, browser):
        assert "signed_in=oidc" in (await sign_in(browser, provider)).headers["location"]
        await workplace.root.patch(f"/api/v1/users/{workplace.bob.id}", {"role": "admin"})
        assert (await sign_in(browser, provider)).headers["location"] == "/?sign_in_error=external_login_no_account"


async def test_a_provider_that_names_itself_otherwise_is_not_believed(opened: Any, provider: Provider) -> None:
    provider.metadata = {"issuer": "https://evil.example"}
    async with opened() as (_, browser):
        assert (await browser.get(START)).headers["location"] == "/?sign_in_error=external_login_misconfigured"


async def test_a_provider_that_is_away_is_told(opened: Any, provider: Provider) -> None:
    provider.issuer = "http://127.0.0.1:9"
    async with opened() as (_, browser):
        assert (await browser.get(START)).headers["location"] == "/?sign_in_error=external_login_unreachable"


async def test_an_application_that_starts_again_asks_with_its_new_client(opened: Any, provider: Provider) -> None:
    async with opened() as (workplace, browser):
        assert "code_challenge" in (await browser.get(START)).headers["location"]
    async with workplace.app.router.lifespan_context(workplace.app), at(workplace, "10.0.0.1") as browser:
        assert (await sign_in(browser, provider)).headers["location"] == "/roster?signed_in=oidc"


@pytest.mark.parametrize("site", ["https://evil.example", "//evil.example", "/\\evil.example"])
@ONE_DATABASE
async def test_signing_in_leads_nowhere_else(opened: Any, provider: Provider, site: str) -> None:
    async with opened() as (_, browser):
        assert (await sign_in(browser, provider, site)).headers["location"] == "/?signed_in=oidc"
