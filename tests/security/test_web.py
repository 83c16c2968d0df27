"""Around every answer: headers, limits, proxies, what leads elsewhere, and the pages that need no script."""

import logging
import re
from collections.abc import AsyncIterator

import httpx
import pytest

from conftest import ONE_DATABASE, OWN, Workplace, WorkplaceMaker
from daka.identity.external_login import safe_path
from daka.reference import reference_page

PATHS = [
    "/api/health",
    "/api/v1/me",
    "/api/v1/nothing",
    "/api/docs",
    "/api/openapi.json",
    "/a/x",
    "/ical/x.ics",
    "/",
    "/x",
]


@pytest.mark.parametrize("path", PATHS)
@ONE_DATABASE
async def test_every_answer_carries_the_security_headers(workplace: Workplace, path: str) -> None:
    answer = await workplace.anonymous.get(path)
    policy = answer.headers["content-security-policy"]
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert re.match(r"default-src '(self|none)'", policy)
    for name, value in {
        "x-content-type-options": "nosniff",
        "x-frame-options": "DENY",
        "referrer-policy": "no-referrer",
        "cross-origin-opener-policy": "same-origin",
    }.items():
        assert answer.headers[name] == value
    assert re.fullmatch(r"[0-9a-f]{16}", answer.headers["x-request-id"])
    assert "server" not in answer.headers
    assert "strict-transport-security" not in answer.headers  # plain http
    assert "access-control-allow-origin" not in answer.headers


async def test_an_answer_behind_tls_asks_for_tls_from_then_on(workplace: Workplace) -> None:
    answer = await workplace.anonymous.get("https://daka.test/api/v1/setup")
    assert answer.headers["strict-transport-security"] == "max-age=31536000"


async def test_a_failure_that_nobody_expected_is_a_problem_with_all_headers_and_no_details(
    workplace: Workplace, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def broken(*_: object, **__: object) -> None:
        raise RuntimeError("the password is hunter2")

    monkeypatch.setattr("daka.identity.teams.visible_teams", broken)
    with caplog.at_level(logging.ERROR):
        answer = await workplace.bob.http.get("/api/v1/teams")
    assert (answer.status_code, answer.json()["code"]) == (500, "internal_error")
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["request_id"] == answer.headers["x-request-id"]
    assert "content-security-policy" in answer.headers
    assert "hunter2" not in answer.text
    assert "hunter2" in caplog.text  # the log has the reason


async def test_bodies_over_the_limit_are_refused_also_without_a_length(make_workplace: WorkplaceMaker) -> None:
    async with make_workplace(max_body_bytes=10_000) as workplace:
        long = {"username": "x", "password": "y" * 20_000}
        assert (await workplace.anonymous.post("/api/v1/auth/token", data=long)).status_code == 413

        async def chunks() -> AsyncIterator[bytes]:
            for _ in range(30):
                yield b"x" * 1000

        for path, kind in (
            ("/api/v1/setup", "application/json"),
            ("/api/v1/auth/token", "application/x-www-form-urlencoded"),
        ):
            answer = await workplace.anonymous.post(path, content=chunks(), headers={"Content-Type": kind})
            assert (answer.status_code, answer.json()["code"]) == (413, "body_too_large"), answer.text


@pytest.mark.parametrize("path", ["/" + "://a:" * 2_000, "/api/v1/me?" + "x=://a:&" * 2_000, "/" + "%2f" * 4_000])
@ONE_DATABASE
async def test_long_addresses_are_refused_before_anything_looks_at_them(
    workplace: Workplace, path: str, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, logger="daka.access"):
        answer = await workplace.anonymous.get(path)
    assert (answer.status_code, answer.json()["code"]) == (414, "uri_too_long")
    assert answer.headers["content-type"] == "application/problem+json"
    assert len(caplog.messages[-1]) < 600
    assert (await workplace.anonymous.get("/api/v1/setup?x=" + "a" * 4_000)).status_code == 200


async def test_files_may_be_larger_than_other_bodies(make_workplace: WorkplaceMaker) -> None:
    async with make_workplace(max_body_bytes=10_000) as workplace:
        rows = "姓名,手机,班组\n" + "".join(f"成员{n},138{n:08},Team A\n" for n in range(800))
        answer = await workplace.root.http.post("/api/v1/users/import", files={"file": ("a.csv", rows.encode())})
        assert len(rows.encode()) > 10_000
        assert (answer.status_code, answer.json()["added"]) == (200, 800)


async def test_nothing_is_redirected_to_where_the_client_says(workplace: Workplace) -> None:
    for path in ("//evil.example/", "/api/v1/users/", "/\\evil.example", "/api/v1//evil.example/"):
        answer = await workplace.anonymous.get(f"http://daka.test{path}", headers={"Host": "evil.example"})
        assert answer.status_code in (200, 401, 404, 405)
        assert "location" not in answer.headers


async def test_links_that_are_sent_lead_here_whatever_host_was_asked_for(workplace: Workplace) -> None:
    claims = {"Host": "evil.example", "X-Forwarded-Host": "evil.example", "Forwarded": "host=evil.example"}
    for path in (f"/api/v1/users/{workplace.bob.id}/password-link", "/api/v1/me/ical"):
        answer = await workplace.alice.http.post(
            path, headers=claims, json={"name": "x", **OWN} if "ical" in path else None
        )
        assert answer.status_code == 201, answer.text
        assert "evil.example" not in answer.text
        assert answer.json()["url"].startswith(workplace.settings.base_url + "/")


@pytest.mark.parametrize(
    ("asked", "gone_to"),
    [
        ("/", "/"),
        ("/roster?from=2026-11-23", "/roster?from=2026-11-23"),
        ("https://evil.example", "/"),
        ("//evil.example", "/"),
        ("/\\evil.example", "/"),
        ("\\\\evil.example", "/"),
        ("javascript:alert(1)", "/"),
        ("/\r\nSet-Cookie: a=b", "/"),
        ("", "/"),
        ("/" + "a" * 600, "/"),
    ],
)
def test_only_paths_of_this_site_are_gone_to(asked: str, gone_to: str) -> None:
    assert safe_path(asked) == gone_to


@pytest.mark.parametrize(
    "path", ["/../secret.key", "/%2e%2e/%2e%2e/etc/passwd", "/assets/../../x", "/..%5c..%5cx", "/.env"]
)
@ONE_DATABASE
async def test_paths_do_not_lead_out_of_the_web_app(workplace: Workplace, path: str) -> None:
    answer = await workplace.anonymous.get(f"http://daka.test{path}")
    assert "root:" not in answer.text
    assert "SECRET" not in answer.text
    assert answer.status_code in (200, 404)


async def test_the_api_pages_work_offline_and_within_their_policy(workplace: Workplace) -> None:
    answer = await workplace.anonymous.get("/api/docs")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/html; charset=utf-8")
    page = answer.text
    assert not re.search(r"<script|<link|<img|\son\w+=|\sstyle=|(src|href)=[\"']?(https?:|//)", page)
    nonce = re.search(r"style-src 'nonce-([^']+)'", answer.headers["content-security-policy"])
    assert nonce
    assert f'<style nonce="{nonce[1]}">' in page
    described = workplace.app.openapi()
    for operations in described["paths"].values():
        for operation in operations.values():
            assert f'id="{operation["operationId"]}"' in page


def test_the_api_pages_escape_what_they_show() -> None:
    operation = {"operationId": "x", "summary": "<script>alert(1)</script>", "tags": ["<b>"], "responses": {}}
    openapi = {
        "info": {"title": "<i>", "version": "1"},
        "paths": {"/<u>": {"get": operation}},
        "components": {"schemas": {}},
    }
    page = reference_page(openapi, nonce="n")
    assert not re.search(r"<script|<u>|<i>|<b>[^G]", page)


async def test_a_proxy_is_believed_only_if_it_is_trusted() -> None:
    from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

    seen: list[tuple[str, str]] = []

    async def app(scope: dict, _receive: object, send: object) -> None:
        seen.append((scope["client"][0], scope["scheme"]))
        await send({"type": "http.response.start", "status": 200, "headers": []})  # type: ignore[operator]
        await send({"type": "http.response.body", "body": b""})  # type: ignore[operator]

    claims = {"X-Forwarded-For": "203.0.113.5, 198.51.100.1", "X-Forwarded-Proto": "https"}
    for trusted, peer in (("127.0.0.1", "127.0.0.1"), ("127.0.0.1", "10.0.0.9"), ("10.0.0.0/8", "10.0.0.9")):
        wrapped = ProxyHeadersMiddleware(app, trusted_hosts=trusted)  # type: ignore[arg-type]
        transport = httpx.ASGITransport(app=wrapped, client=(peer, 1))  # type: ignore[arg-type]
        async with httpx.AsyncClient(transport=transport, base_url="http://x") as client:
            await client.get("/", headers=claims)
    # What the client itself claims to the left of the trusted proxy's entry is never taken.
    assert seen == [("198.51.100.1", "https"), ("10.0.0.9", "http"), ("198.51.100.1", "https")]
