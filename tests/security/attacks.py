"""Attacks on a running server, each a function that raises AssertionError if it succeeds.

`make attack` runs all of them on SQLite, PostgreSQL and through nginx (attack.py), `make test` the quick ones (test_attacks.py).
"""

import asyncio
import re
import socket
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager, closing, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx

from conftest import MONDAY_EIGHT, PASSWORD, SECRET, Person, Workplace, _user, eventually
from conftest import test_settings as settings_with
from daka import clock
from daka.database import Database
from daka.delivery.models import InboxMessage
from daka.identity.models import Role, Team
from daka.wiring import open_database
from process.servers import Crew, Server, Sink, give_webhooks, hire, roster, serving, slowness
from security.hostile_reading import hostile_uploads, make_due
from security.permissions import PEOPLE
from security.served import going_on
from security.slow_clients import slow_clients
from security.stage import Stage, set_stage
from security.test_permissions import LINES, NOT_THINGS, answered
from security.test_tokens import FORGED, PURPOSES, good

PROGRAM = str(Path(__file__).with_name("served.py"))
ELSEWHERE = "127.0.0.2"
IDLE = 1_100
BURST = 40
LONGEST_WAIT_SECONDS = 5.0
FILE_ANSWERS = {
    *("read", "files_busy", "file_takes_too_long", "file_too_complex", "roster_not_recognised", "headings_missing"),
    *("file_not_json", "unreadable_file"),
}
AT_ONCE = {"clock_in": {"start": 0, "every": None, "until": 60}, "clock_out": {"start": 0, "every": None, "until": 60}}

Front = Callable[[Server], AbstractAsyncContextManager[str]]
"""What stands before a server: gives the base URL to attack."""


@dataclass
class LiveWorkplace(Workplace):
    """The workplace of the tests at a running server, whose own worker sends."""

    base_url: str = ""

    def client(self, headers: dict[str, str]) -> httpx.AsyncClient:
        return httpx.AsyncClient(base_url=self.base_url, headers=headers, timeout=30)

    async def tick(self, without: Any = ()) -> int:
        async def has_sent() -> bool:
            async with self.database.read() as session:
                return await session.get(InboxMessage, 1) is not None

        await eventually(has_sent, within_seconds=60)
        return 1


@dataclass
class Place:
    """A server with Alice, Bob, Charlie and Root, and their things (stage.py)."""

    server: Server
    base_url: str
    workplace: LiveWorkplace
    stage: Stage
    is_proxied: bool

    async def raw(self, request: bytes) -> bytes:
        """What is answered to these bytes until the connection is closed, or nothing comes for two seconds."""
        url = httpx.URL(self.base_url)
        reader, writer = await asyncio.open_connection(url.host, url.port)
        answer = b""
        try:
            writer.write(request)
            while piece := await asyncio.wait_for(reader.read(65_536), 2):
                answer += piece
        except (TimeoutError, ConnectionError):
            pass
        finally:
            writer.close()
        return answer


@asynccontextmanager
async def place(folder: Path, database_url: str, front: Front, *, is_proxied: bool) -> AsyncIterator[Place]:
    began = time.time()
    program = (PROGRAM, MONDAY_EIGHT.isoformat(), str(began))
    settings = {"secret_key": SECRET, "database_url": database_url, "data_dir": str(folder / "data")}
    settings |= {} if is_proxied else {"trusted_proxies": "192.0.2.1"}
    async with AsyncExitStack() as stack:
        stack.enter_context(clock.set_to(going_on(MONDAY_EIGHT, began)))
        server = await stack.enter_async_context(serving(folder, program=program, **settings))
        base_url = await stack.enter_async_context(front(server))
        database = await stack.enter_async_context(open_database(settings_with(database_url=database_url)))
        workplace = await _people(database, base_url, stack)
        yield Place(server, base_url, workplace, await set_stage(workplace), is_proxied)


async def _people(database: Database, base_url: str, stack: AsyncExitStack) -> LiveWorkplace:
    async with database.write() as session:
        teams = [Team(name=f"Team {letter}", timezone="Asia/Shanghai", created_at=clock.now()) for letter in "AC"]
        session.add_all(teams)
        await session.flush()
        team_a, team_c = (team.id for team in teams)
        users = [
            await _user("Root", team_id=None, role=Role.ADMIN),
            await _user("Alice", team_id=team_a, role=Role.PLANNER),
            await _user("Bob", team_id=team_a, mobile="13800000001"),
            await _user("Charlie", team_id=team_c),
        ]
        session.add_all(users)
    anonymous = await stack.enter_async_context(httpx.AsyncClient(base_url=base_url, timeout=30))
    nobody = Person(0, "", None, anonymous)
    workplace = LiveWorkplace(
        *(None, database, settings_with(), anonymous, nobody, nobody, nobody, nobody, team_a, team_c, stack),
        base_url=base_url,
    )
    for user in users:
        setattr(workplace, user.username, await workplace._signed_in(user))
    return workplace


@dataclass
class Attack:
    name: str
    run: Callable[[Any], Awaitable[None]]
    is_siege: bool = False


ATTACKS: list[Attack] = []


def attack(name: str) -> Callable[[Callable[[Place], Awaitable[None]]], Callable[[Place], Awaitable[None]]]:
    def listed(run: Callable[[Place], Awaitable[None]]) -> Callable[[Place], Awaitable[None]]:
        ATTACKS.append(Attack(name, run))
        return run

    return listed


# --- somebody without the right ---------------------------------------------------------------------------------------


@attack("every route by everybody who may not use it")
async def foreign_routes(at: Place) -> None:
    things = {**at.stage.things, **NOT_THINGS}
    broken = []
    for method, path, *expected in LINES:
        for name, word in zip(PEOPLE, expected, strict=True):
            if word == "ok":  # it would change what the next one finds
                continue
            found = await answered(at.stage.clients[name], method, path, things)
            if found != word and not (found == "ok" and await _is_throttled(at, name, method, path, things)):
                broken.append(f"{name} {method} {path}: {found} instead of {word}")
    assert not broken, "\n".join(broken)


async def _is_throttled(at: Place, name: str, method: str, path: str, things: dict[str, Any]) -> bool:
    """Whether a wrong password was tried too often: `answered` knows no 429."""
    url = re.sub(r"\{(\w+)\}", lambda found: str(things[found[1]]), path)
    answer = await at.stage.clients[name].request(method, url, json={"current_password": "wrong"})
    return answer.status_code == 429


@attack("forged, expired and swapped tokens")
async def forged_tokens(at: Place) -> None:
    tokens = FORGED | {
        purpose: good(purpose, sub=str(at.workplace.bob.id)) for purpose in PURPOSES if purpose != "access"
    }
    for name, token in tokens.items():
        answer = await at.workplace.anonymous.get("/api/v1/me", headers={"Authorization": f"Bearer {token}".strip()})
        assert answer.status_code == 401, f"{name}: {answer.status_code}"


@attack("a good token where none belongs")
async def misplaced_tokens(at: Place) -> None:
    token, http = good(sub=str(at.workplace.bob.id)), at.workplace.anonymous
    for scheme in ("Basic", "Token", "Bearer,", ""):
        headers = {"Authorization": f"{scheme} {token}".strip()}
        assert (await http.get("/api/v1/me", headers=headers)).status_code == 401, scheme
    assert (await http.get(f"/api/v1/me?access_token={token}")).status_code == 401
    assert (await http.get("/api/v1/me", headers={"Cookie": f"access_token={token}"})).status_code == 401
    assert (await http.get(f"/a/{token}")).status_code == 410


@attack("guessing a password")
async def guesses(at: Place) -> None:
    statuses = []
    for number in range(12):
        claimed = {"X-Forwarded-For": f"198.51.100.{number}", "Forwarded": f"for=198.51.100.{number}"}
        form = {"username": "charlie", "password": f"guess number {number}"}
        answer = await at.workplace.anonymous.post("/api/v1/auth/token", data=form, headers=claimed)
        statuses.append(answer.status_code)
    assert statuses[-1] == 429, statuses
    assert set(statuses) == {401, 429}, statuses
    transport = httpx.AsyncHTTPTransport(local_address=ELSEWHERE)
    async with httpx.AsyncClient(base_url=at.base_url, transport=transport, timeout=30) as owner:
        answer = await owner.post("/api/v1/auth/token", data={"username": "charlie", "password": PASSWORD})
        assert answer.status_code == 200, "the owner is locked out"


@attack("another website in the same browser")
async def other_sites(at: Place) -> None:
    async with httpx.AsyncClient(base_url=at.base_url, timeout=30) as browser:
        form = {"username": "alice", "password": PASSWORD}
        web = {"X-Daka-Client": "web"}
        assert (await browser.post("/api/v1/auth/token", data=form, headers=web)).status_code == 200
        evil = {"Origin": "https://evil.example", "Referer": "https://evil.example/", "Sec-Fetch-Site": "cross-site"}
        for path in ("/api/v1/auth/refresh", "/api/v1/auth/logout"):
            answer = await browser.post(path, json={}, headers=evil)
            assert "access_token" not in answer.text, path
            assert "access-control-allow-origin" not in answer.headers
        asked = await browser.options("/api/v1/me", headers={**evil, "Access-Control-Request-Method": "PATCH"})
        assert "access-control-allow-origin" not in asked.headers
        assert (await browser.get("/api/v1/me", headers=evil)).status_code == 401, "a cookie alone signs nobody in"


@attack("a signed-out session that goes on")
async def ended_sessions(at: Place) -> None:
    async with httpx.AsyncClient(base_url=at.base_url, timeout=30) as app:
        tokens = (await app.post("/api/v1/auth/token", data={"username": "dan", "password": PASSWORD})).json()
        mine = {"Authorization": f"Bearer {tokens['access_token']}"}
        assert (await app.get("/api/v1/me", headers=mine)).status_code == 200
        renewing = [app.post("/api/v1/auth/refresh", json={"refresh_token": tokens["refresh_token"]}) for _ in range(5)]
        leaving = app.request("DELETE", "/api/v1/me/devices", headers=mine)
        *answers, _ = await asyncio.gather(*renewing, leaving)
        await app.request("DELETE", "/api/v1/me/devices", headers=mine)
        for answer in answers:
            if answer.status_code == 200:
                again = {"Authorization": f"Bearer {answer.json()['access_token']}"}
                assert (await app.get("/api/v1/me", headers=again)).status_code == 401
        assert (await app.get("/api/v1/me", headers=mine)).status_code == 401


# --- what a request says of itself ------------------------------------------------------------------------------------


@attack("requests inside requests")
async def smuggling(at: Place) -> None:
    inner = b"GET /api/v1/setup HTTP/1.1\r\nHost: x\r\n\r\n"
    start = b"POST /api/v1/auth/logout HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
    length = str(len(inner) + 5).encode()
    for name, request in {
        "length and chunks": start
        + b"Content-Length: "
        + length
        + b"\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
        + inner,
        "two lengths": start + b"Content-Length: 2\r\nContent-Length: " + length + b"\r\n\r\n{}" + inner,
        "odd chunks": start + b"Transfer-Encoding: \x0bchunked\r\nContent-Length: 2\r\n\r\n{}" + inner,
        "a blank before the colon": start + b"Content-Length : 2\r\n\r\n{}" + inner,
        "a length with a sign": start + b"Content-Length: +2\r\n\r\n{}" + inner,
        "a negative length": start + b"Content-Length: -1\r\n\r\n{}" + inner,
        "chunks twice": start + b"Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n" + inner,
        "a line in a header": b"GET /api/health HTTP/1.1\r\nHost: x\r\nX-A: b\n\n" + inner,
    }.items():
        answer = await at.raw(request)
        assert b"needs_setup" not in answer, f"{name}: {answer[:300]!r}"
        assert answer.count(b"HTTP/1.1 200") == 0 or b"setup" not in answer, name


@attack("addresses that lead elsewhere")
async def odd_addresses(at: Place) -> None:
    for path in (
        *(
            "/../secret.key",
            "/%2e%2e/%2e%2e/etc/passwd",
            "/assets/../../x",
            "/..%5c..%5cx",
            "/.env",
            "/%00",
            "//etc/passwd",
        ),
        *("/assets/%2e%2e/%2e%2e/%2e%2e/etc/passwd", "/api/v1/..%2f..%2fetc/passwd", "/a/%00", "/ical/%00.ics"),
    ):
        answer = await at.raw(f"GET {path} HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n".encode())
        status = int(answer[9:12] or b"400")
        assert status < 500, f"{path}: {status}"
        assert b"root:" not in answer, path
        assert b"location: " not in answer.lower() or b"evil.example" not in answer, path


@attack("values beyond all limits")
async def odd_values(at: Place) -> None:
    root = at.workplace.root.http
    for path in (
        *("/api/v1/roster?from=0001-01-01&to=0001-01-02", "/api/v1/roster?from=9999-12-31&to=9999-12-31"),
        *(
            "/api/v1/deliveries?cursor=%00",
            "/api/v1/deliveries?cursor=W10",
            "/api/v1/users?q=%00",
            "/api/v1/users/99999999999999999999",
        ),
        *(
            "/api/v1/deliveries?limit=1e999",
            "/api/v1/audit?cursor=WzFlOTk5XQ",
            "/api/v1/calendar/9999",
            "/api/v1/users?q=%ff",
        ),
    ):
        assert (await root.get(path)).status_code < 500, path
    bodies = [b'{"name": "\\u0000"}', b'{"name": 1e999}', b'{"name": ' + b"9" * 5_000 + b"}", b"[" * 400_000]
    bodies += [b'{"a":' * 80_000, b'{"name": "\\ud800"}', b"\xff\xfe", b"null"]
    for body in bodies:
        for path in ("/api/v1/teams", "/api/v1/shifts", "/api/v1/me/tokens", "/api/v1/setup", "/api/v1/auth/refresh"):
            answer = await root.post(path, content=body, headers={"Content-Type": "application/json"})
            assert 400 <= answer.status_code < 500, f"{path} {body[:30]!r}: {answer.status_code}"


@attack("bodies that are too large")
async def large_bodies(at: Place) -> None:
    for path, size in (
        ("/api/v1/setup", 4_000_000),
        ("/api/v1/auth/token", 4_000_000),
        ("/api/v1/users/import", 30_000_000),
    ):
        answer = await at.workplace.root.http.post(path, content=b"x" * size)
        assert answer.status_code == 413, f"{path}: {answer.status_code}"


@attack("links to another host")
async def host_headers(at: Place) -> None:
    claims = {"Host": "evil.example", "X-Forwarded-Host": "evil.example", "Forwarded": "host=evil.example"}
    answer = await at.workplace.alice.http.post(f"/api/v1/users/{at.workplace.bob.id}/password-link", headers=claims)
    assert answer.status_code == 201, answer.text
    assert "evil.example" not in answer.text


@attack("formulas and lines in files that others open")
async def injections(at: Place) -> None:
    http = at.workplace.root.http
    for number, name in enumerate(("=HYPERLINK(1)", "+cmd|' /C calc'!A0", "@SUM(1)", "-2+3")):
        new = {
            "username": f"formula{number}",
            "display_name": name,
            "team_id": at.workplace.team_a,
            "password": "a long phrase of words",
        }
        assert (await http.post("/api/v1/users", json=new)).status_code == 201
    exported = await http.get("/api/v1/roster/export?from=2026-11-23&to=2026-11-23&format=csv")
    fields = re.split(r"[,\n]", exported.content.decode("utf-8-sig").replace('"', ""))
    assert not [cell for cell in fields if cell[:1] in ("=", "+", "@")], fields
    bob = at.workplace.bob
    hostile = {"display_name": "Bob\r\nATTENDEE:mailto:x@evil.example"}
    assert (await http.patch(f"/api/v1/users/{bob.id}", json=hostile)).status_code in (200, 422)
    feed = await bob.http.post("/api/v1/me/ical", json={"name": "x\r\nATTENDEE:y", "current_password": PASSWORD})
    if feed.status_code == 201:
        calendar = await at.workplace.anonymous.get(httpx.URL(feed.json()["url"]).raw_path.decode())
        assert "\nATTENDEE" not in calendar.text


@attack("channels that lead into the inner network")
async def inner_network(at: Place) -> None:
    with socket.create_server((ELSEWHERE, 0)) as listener:
        listener.settimeout(0.1)
        port = listener.getsockname()[1]
        spelled = (
            "127.0.0.2",
            "127.2",
            "0x7f000002",
            "2130706434",
            "[::ffff:127.0.0.2]",
            "[::ffff:7f00:2]",
            "localhost",
            "0.0.0.0",
        )
        for host in (*spelled, "169.254.169.254", "[::1]", "[fe80::1]", "10.0.0.1", "user@127.0.0.2", "0177.0.0.2"):
            config = {"url": f"http://{host}:{port}/"}
            made = await at.workplace.bob.http.post(
                "/api/v1/channels", json={"name": host, "kind": "webhook", "config": config}
            )
            if made.status_code == 201:
                tried = await at.workplace.bob.http.post(f"/api/v1/channels/{made.json()['id']}/test")
                assert tried.status_code < 500, host
                assert not tried.json().get("ok"), f"{host}: {tried.text}"
        try:
            listener.accept()
            raise AssertionError("somebody knocked at the inner network")
        except TimeoutError:
            pass


# --- sieges: reminders are due meanwhile ------------------------------------------------------------------------------


@dataclass
class Siege:
    """A server that reminds forty people at a moment, while somebody holds it under attack."""

    server: Server
    base_url: str
    database: Database
    sink: Sink
    crew: Crew
    told: list[str] = field(default_factory=list)
    """What was measured."""

    @property
    def address(self) -> tuple[str, int]:
        url = httpx.URL(self.base_url)
        return url.host, url.port or 80

    async def lateness(self) -> float:
        """How late the last of all reminders is that are due in three seconds."""
        self.sink.arrived.clear()
        due_at = await make_due(self.database, in_seconds=3)

        async def all_have_come() -> bool:
            return len(self.sink.arrived) >= BURST

        await eventually(all_have_come, within_seconds=60)
        return max(at for at, _ in self.sink.arrived) - due_at.timestamp()

    async def endure(self, holding: AbstractAsyncContextManager[object]) -> None:
        """Reminders are on time, and people elsewhere are answered, while the block is held."""
        transport = httpx.AsyncHTTPTransport(local_address=ELSEWHERE)
        async with holding, httpx.AsyncClient(base_url=self.base_url, transport=transport, timeout=30) as somebody:
            late = await self.lateness()
            started = time.monotonic()
            assert (await somebody.get("/api/health")).status_code in (200, 503)
            waited = time.monotonic() - started
        bound = await asyncio.to_thread(slowness)
        self.told.append(f"late {late:.2f} s, others waited {waited:.2f} s")
        assert late < bound, f"reminders were {late:.2f} s late (bound {bound:.2f})"
        assert waited < LONGEST_WAIT_SECONDS


@asynccontextmanager
async def besieged(folder: Path, database_url: str, front: Front, *, is_proxied: bool) -> AsyncIterator[Siege]:
    settings = {"secret_key": SECRET, "database_url": database_url, "data_dir": str(folder / "data")}
    settings |= {"allow_private_targets": "127.0.0.1"} | ({} if is_proxied else {"trusted_proxies": "192.0.2.1"})
    async with (
        Sink().running() as sink,
        serving(folder, **settings) as server,
        front(server) as base_url,
        open_database(settings_with(database_url=database_url)) as database,
    ):
        crew = await hire(database, BURST, planners=5)
        await give_webhooks(server, crew, sink.base_url)
        await roster(server, crew, clock.now() + timedelta(hours=2), AT_ONCE)
        yield Siege(server, base_url, database, sink, crew)


def siege(name: str) -> Callable[[Callable[[Siege], Awaitable[None]]], Callable[[Siege], Awaitable[None]]]:
    def listed(run: Callable[[Siege], Awaitable[None]]) -> Callable[[Siege], Awaitable[None]]:
        ATTACKS.append(Attack(name, run, is_siege=True))
        return run

    return listed


@siege("nothing (the usual lateness)")
async def peace(at: Siege) -> None:
    @asynccontextmanager
    async def nothing() -> AsyncIterator[None]:
        yield

    await at.endure(nothing())


@siege("twenty hostile files at a time")
async def hostile_files(at: Siege) -> None:
    @asynccontextmanager
    async def uploading() -> AsyncIterator[None]:
        with hostile_uploads(at.base_url, [at.server.as_user(planner) for planner in at.crew.planners]) as told:

            async def are_read() -> bool:
                return told["files_busy"] > 0 and told.total() > told["files_busy"]

            await eventually(are_read, within_seconds=60)
            yield
        assert told["files_busy"], "the queue was never full"
        assert set(told) <= FILE_ANSWERS, told

    await at.endure(uploading())


@siege("1,100 idle connections and event streams of one address")
async def idle_connections(at: Siege) -> None:
    @asynccontextmanager
    async def holding() -> AsyncIterator[None]:
        kept = []
        token = at.server.as_user(at.crew.people[0])["Authorization"]
        try:
            for number in range(IDLE):
                _, writer = await asyncio.open_connection(*at.address)
                kept.append(writer)
                if number < 300:
                    asked = f"GET /api/v1/events HTTP/1.1\r\nHost: x\r\nAuthorization: {token}\r\n\r\n"
                    writer.write(asked.encode() if number < 100 else b"GET / HTTP/1.1\r\nX: ")
            yield
        finally:
            for writer in kept:
                writer.transport.abort()

    await at.endure(holding())


@siege("long hostile addresses again and again")
async def long_addresses(at: Siege) -> None:
    @asynccontextmanager
    async def asking() -> AsyncIterator[None]:
        async def ask(unit: str) -> None:
            request = f"GET /{(unit * 64_000)[:64_000]} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode()
            while True:
                with suppress(OSError):
                    reader, writer = await asyncio.open_connection(*at.address)
                    with closing(writer):
                        writer.write(request)
                        await asyncio.wait_for(reader.read(), 20)
                await asyncio.sleep(0.02)

        tasks = [asyncio.create_task(ask(unit)) for unit in ("://a:", "/a/", "token=", "-eyJa", "%2f", "a")]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()

    await at.endure(asking())


@siege("a hundred slow clients")
async def slowness_of_all_kinds(at: Siege) -> None:
    await at.endure(slow_clients(at.address, of_each=12))
