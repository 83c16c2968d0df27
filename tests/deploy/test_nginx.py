"""The frontend image's proxy, asked over real connections."""

import http.client
import re
import socket
import tempfile
from contextlib import AbstractContextManager, suppress
from pathlib import Path

import pytest

from daka.web import CONTENT_SECURITY_POLICY, SECURITY_HEADERS, UPLOADS
from deploy.proxy import ROOT, Nginx, Upstream, free_port, needs_nginx, running_nginx, running_upstream

pytestmark = [needs_nginx, pytest.mark.process]

SCRIPT = "/assets/index-0dg-AhLL.js"


@pytest.mark.parametrize("path", ["/", SCRIPT, "/manifest.webmanifest", "/assets/gone.js"])
def test_files_carry_the_same_security_headers_as_the_app_would_send_each_once(nginx: Nginx, path: str) -> None:
    headers = nginx.ask(path).headers
    for name, value in {**SECURITY_HEADERS, "Content-Security-Policy": CONTENT_SECURITY_POLICY}.items():
        assert headers.get_all(name) == [value], name


def test_hashed_files_are_cached_for_good_and_the_page_never_unasked(nginx: Nginx) -> None:
    assert nginx.ask(SCRIPT).headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert nginx.ask("/").headers["Cache-Control"] == "no-cache"
    for path in ("/manifest.webmanifest", "/sw.js"):  # an old service worker would keep an old app
        assert nginx.ask(path).headers["Cache-Control"] == "no-cache"


def test_an_unchanged_page_is_not_sent_again(nginx: Nginx) -> None:
    tag = nginx.ask("/").headers["ETag"]
    again = nginx.ask("/", If_None_Match=tag)
    assert (again.status, again.body) == (304, b"")
    assert again.headers["Cache-Control"] == "no-cache"


@pytest.mark.parametrize(
    ("path", "status"),
    {
        "/roster": 200,
        "/roster/": 200,
        "/roster?team=1": 200,
        "/roster/deep": 404,
        "/nowhere": 404,
        "/.env": 404,
    }.items(),
)
def test_every_page_of_the_app_has_its_address_and_no_other_does(nginx: Nginx, path: str, status: int) -> None:
    """An unknown address is the app's page too, which says so, but a monitor or a crawler must not take it for one."""
    found = nginx.ask(path)
    assert (found.status, found.body) == (status, nginx.ask("/").body)
    assert found.headers["Content-Type"] == "text/html; charset=utf-8"
    assert found.headers["Cache-Control"] == "no-cache"
    assert found.headers["X-Frame-Options"] == "DENY"


@pytest.mark.parametrize("path", ["/api/health", "/health", "/healthz"])
def test_health_is_the_servers_not_the_proxys(nginx: Nginx, path: str) -> None:
    assert nginx.ask(path).json["path"] == path


def test_a_file_of_an_older_version_is_missing_rather_than_the_page_and_nobody_remembers_that(nginx: Nginx) -> None:
    gone = nginx.ask("/assets/index-older.js")
    assert gone.status == 404
    assert gone.headers["Cache-Control"] == "no-cache"


def test_what_was_compressed_at_build_time_is_sent_as_it_is_to_who_takes_it(nginx: Nginx) -> None:
    packed = nginx.ask(SCRIPT, Accept_Encoding="gzip")
    assert packed.headers["Content-Encoding"] == "gzip"
    assert packed.headers["Vary"] == "Accept-Encoding"
    assert packed.body == Path(f"{nginx.web_root}{SCRIPT}.gz").read_bytes()
    plain = nginx.ask(SCRIPT)
    assert plain.headers["Content-Encoding"] is None
    assert plain.text.startswith("export default")


def test_types_are_right_for_what_browsers_check(nginx: Nginx) -> None:
    assert nginx.ask("/manifest.webmanifest").headers["Content-Type"] == "application/manifest+json; charset=utf-8"
    assert "javascript" in nginx.ask(SCRIPT).headers["Content-Type"]


@pytest.mark.parametrize("path", ["/api/v1/me?x=1&y=%2F", "/a/some-token", "/ical/some-token.ics"])
def test_the_app_is_asked_under_the_same_address_with_the_visitors_host_and_its_answer_is_left_alone(
    nginx: Nginx, path: str
) -> None:
    answer = nginx.ask(path, Host="daka.example:8443")
    assert answer.json["path"] == path
    assert answer.json["headers"]["host"] == "daka.example:8443"
    assert answer.headers.get_all("Content-Security-Policy") == ["default-src 'none'"]
    assert answer.headers.get_all("Cache-Control") == ["no-store"]
    assert answer.headers["X-Frame-Options"] is None, "it is the app that sets it"


def test_the_apps_own_failures_pass_through(nginx: Nginx) -> None:
    answer = nginx.ask("/api/health")
    assert answer.status == 503
    assert answer.json["path"] == "/api/health"


def test_what_a_visitor_claims_about_address_and_scheme_is_replaced(nginx: Nginx) -> None:
    claims = {"X_Forwarded_For": "203.0.113.9", "X_Forwarded_Proto": "https"}
    with running_upstream() as upstream, _nginx_like(nginx, upstream, TRUSTED_PROXY="192.0.2.1") as other:
        seen = other.ask("/api/x", **claims).json["headers"]
        assert (seen["x-forwarded-for"], seen["x-forwarded-proto"]) == ("127.0.0.1", "http")
        assert other.ask("/", **claims).headers["Strict-Transport-Security"] is None


def test_what_the_trusted_proxy_says_is_passed_on_but_not_what_its_visitors_put_before_it(nginx: Nginx) -> None:
    claims = {"X_Forwarded_For": "198.51.100.1, 203.0.113.9", "X_Forwarded_Proto": "https"}
    seen = nginx.ask("/api/x", **claims).json["headers"]
    assert (seen["x-forwarded-for"], seen["x-forwarded-proto"]) == ("203.0.113.9", "https")
    assert nginx.ask("/", **claims).headers["Strict-Transport-Security"] == "max-age=31536000"


def test_large_answers_of_the_api_are_compressed(nginx: Nginx) -> None:
    assert nginx.ask("/api/x", Accept_Encoding="gzip").headers["Content-Encoding"] == "gzip"


def test_each_live_event_arrives_before_the_next_one_is_sent(nginx: Nginx, upstream: Upstream) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", nginx.port, timeout=5)
    connection.request("GET", "/api/v1/events", headers={"Accept-Encoding": "gzip"})
    stream = connection.getresponse()
    assert stream.headers["Content-Encoding"] is None, "compression would hold events back"
    for number in range(3):
        assert stream.readline() == f"id: {number}\n".encode()
        assert stream.readline() == b"event: reminder\n"
        assert stream.readline() == b"data: {}\n"
        assert stream.readline() == b"\n"
        upstream.next_event.set()
    connection.close()


def test_while_the_app_is_away_the_answer_is_a_problem_document_that_says_when_to_come_back(nginx: Nginx) -> None:
    with _nginx_like(nginx, free_port()) as other:
        away = other.ask("/api/v1/me")
        assert away.status == 503
        assert away.headers["Content-Type"] == "application/problem+json"
        assert away.headers["Retry-After"] == "5"
        assert away.json["code"] == "backend_away"
        assert other.ask("/").status == 200, "the web app itself is there"


def test_the_app_is_found_again_after_it_came_back(nginx: Nginx) -> None:
    port = free_port()
    with _nginx_like(nginx, port) as other:
        assert other.ask("/api/x").status == 503
        with running_upstream(("127.0.0.1", port)):
            assert other.ask("/api/x").status == 200


def test_nginx_starts_even_if_the_apps_name_is_not_known_yet(nginx: Nginx) -> None:
    with _nginx_like(nginx, "http://not-started-yet:8000") as other:
        assert other.ask("/").status == 200
        assert other.ask("/api/x").status == 503


def test_a_body_over_the_limit_is_refused_in_words_and_a_smaller_one_reaches_the_app(nginx: Nginx) -> None:
    with running_upstream() as upstream, _nginx_like(nginx, upstream, CLIENT_MAX_BODY_SIZE="100k") as other:
        refused = other.ask("/api/x", method="POST", body=b"x" * 200_000)
        assert (refused.status, refused.json["code"]) == (413, "body_too_large")
        assert other.ask("/api/x", method="PUT", body=b"x" * 90_000).json["received"] == 90_000


@pytest.mark.parametrize(("path", "limit"), UPLOADS.items())
def test_the_largest_file_that_the_app_takes_reaches_it_whole(nginx: Nginx, path: str, limit: int) -> None:
    with running_upstream() as upstream, _nginx_like(nginx, upstream) as other:
        assert other.ask(path, method="POST", body=b"x" * limit).json["received"] == limit


def test_a_file_of_50_mb_is_refused_by_nginx_in_words(nginx: Nginx) -> None:
    """Before it is sent: a client that waits for `100 Continue` hears it at once."""
    refused = nginx.ask("/api/v1/roster/import", method="POST", Content_Length="50000000", Expect="100-continue")
    assert (refused.status, refused.json["code"]) == (413, "body_too_large")


def test_keys_in_one_tap_and_calendar_addresses_reach_no_log_not_even_when_the_app_is_away(nginx: Nginx) -> None:
    with _nginx_like(nginx, free_port()) as other:
        other.ask("/a/eyJ-a-secret-key")
        other.ask("/ical/a-secret-key.ics?download=a-secret-key")
        other.ask("/api/v1/me")
        for path in ("/api/v1/me", "/a/***", "/ical/***"):  # its processes write in any order
            log = other.log_once_it_has(f'"message":"GET {path} 503"')
        assert "secret-key" not in log


def _with_shorter(folder: Path, **values: str) -> str:
    """The template with other values of some directives, so that nobody has to wait or to flood; each must be there."""
    template = (ROOT / "deploy" / "nginx.conf.template").read_text()
    for name, value in values.items():
        template, count = re.subn(rf"\b{name} [^;]+;", f"{name} {value};", template)
        assert count, name
    (folder / "short.template").write_text(template)
    return str(folder / "short.template")


def test_who_is_slow_with_headers_or_body_is_cut_off(nginx: Nginx, tmp_path: Path) -> None:
    """Neither reaches the app, which would wait, too. In the real configuration 10 and 15 seconds."""
    template = _with_shorter(tmp_path, client_header_timeout="1s", client_body_timeout="1s")
    slow = (b"GET /api/x HTTP/1.1\r\nHost: x\r\n", b"POST /api/x HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nx")
    with running_upstream() as upstream, _nginx_like(nginx, upstream, NGINX_TEMPLATE=template) as other:
        peers = [socket.create_connection(("127.0.0.1", other.port), timeout=10) for _ in slow]
        for peer, begun in zip(peers, slow, strict=True):
            peer.sendall(begun)
        for peer in peers:
            with suppress(ConnectionResetError):
                answer = peer.recv(4096)
                assert answer == b"" or b" 408 " in answer.split(b"\r\n")[0]
            peer.close()


def test_one_address_has_so_many_connections_at_once_and_the_next_one_is_told(nginx: Nginx, tmp_path: Path) -> None:
    template = _with_shorter(tmp_path, limit_conn="connections 2")
    with running_upstream() as upstream, _nginx_like(nginx, upstream, NGINX_TEMPLATE=template) as other:
        streams = [http.client.HTTPConnection("127.0.0.1", other.port, timeout=5) for _ in range(2)]
        for stream in streams:
            stream.request("GET", "/api/v1/events")
            stream.getresponse().readline()
        refused = other.ask("/api/x")
        assert (refused.status, refused.json["code"], refused.headers["Retry-After"]) == (429, "too_many_requests", "5")
        assert other.ask("/api/x", X_Forwarded_For="203.0.113.9").status == 200, "others do not notice"
        assert other.ask("/").status == 200, "files cost the app nothing"
        for _ in range(6):
            upstream.next_event.set()
        for stream in streams:
            stream.close()


def test_one_address_has_so_many_requests_a_second_and_an_ipv6_network_counts_as_one(
    nginx: Nginx, tmp_path: Path
) -> None:
    template = _with_shorter(tmp_path, limit_req="zone=requests burst=3 nodelay")
    slow = Path(template)
    slow.write_text(slow.read_text().replace("rate=200r/s", "rate=1r/m"))
    with running_upstream() as upstream, _nginx_like(nginx, upstream, NGINX_TEMPLATE=template) as other:
        for addresses in (["203.0.113.9"] * 5, [f"2001:db8:1:2:{number}::1" for number in range(1, 6)]):
            found = [other.ask("/api/x", X_Forwarded_For=address).status for address in addresses]
            assert found == [200, 200, 200, 200, 429], addresses
        assert other.ask("/api/x", X_Forwarded_For="2001:db8:1:3:1::1").status == 200
        assert "limiting" not in other.log_once_it_has('"message":"GET /api/x 429"')


def test_the_real_limits_leave_room_for_an_office_behind_one_router() -> None:
    template = (ROOT / "deploy" / "nginx.conf.template").read_text()
    for directive in (
        "client_header_timeout 10s;", "client_body_timeout 15s;", "send_timeout 30s;", "limit_conn connections 400;",
        "rate=200r/s;", "burst=4000 nodelay;",
    ):  # fmt: skip
        assert directive in template


def test_the_version_of_nginx_is_nobodys_business(nginx: Nginx) -> None:
    assert nginx.ask("/").headers["Server"] == "nginx"


def test_an_address_of_the_app_that_is_none_ends_the_start_with_a_sentence(nginx: Nginx) -> None:
    with (
        pytest.raises(pytest.fail.Exception, match="BACKEND_URL must start with http://"),
        _nginx_like(nginx, "backend:8000"),
    ):
        pass


def _nginx_like(nginx: Nginx, backend: Upstream | int | str, **environment: str) -> AbstractContextManager[Nginx]:
    """Another one over the same files, with another upstream (itself, its port or its URL) and other settings."""
    port = backend.port if isinstance(backend, Upstream) else backend
    url = port if isinstance(port, str) else f"http://127.0.0.1:{port}"
    folder = Path(tempfile.mkdtemp(dir=nginx.folder))
    folder.chmod(0o755)
    return running_nginx(folder, nginx.web_root, url, **environment)
