"""Clients that mean harm, against a real process: everybody else is served meanwhile."""

import asyncio
import time
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from conftest import SECRET, eventually
from daka.connections import Admission, most_connections, raise_file_limit
from forked import program
from process.servers import Server, Sink, give_webhooks, hire, roster, serving, slowness
from process.test_processes import database_at
from security.slow_clients import SLOW, seconds_unread, seconds_until_closed

pytestmark = pytest.mark.process

CPU_SECONDS_OF_A_REQUEST = 0.02
"""Processor time, so that others on this machine do not matter: nobody else is served while the server thinks about a path."""


async def sent(server: Server, raw: bytes, *, within_seconds: float = 20) -> bytes:
    """What the server answers to these bytes before it closes the connection."""
    reader, writer = await asyncio.open_connection(server.http.base_url.host, server.http.base_url.port)
    try:
        writer.write(raw)
        return await asyncio.wait_for(reader.read(), within_seconds)
    finally:
        writer.close()


@pytest.mark.parametrize("unit", ["://a:", "/a/", "token=", "-eyJa", "%2f", "a"])
async def test_long_hostile_paths_delay_nobody(tmp_path: Path, unit: str) -> None:
    path = (unit * 64_000)[:64_000]
    request = f"GET /{path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode()
    async with serving(tmp_path, program=program("forked"), secret_key=SECRET) as server:
        before = server.cpu_seconds
        for _ in range(5):
            answers = await asyncio.gather(*(sent(server, request) for _ in range(6)))
            assert all(answer[9:12] in (b"414", b"400", b"431") for answer in answers), answers[0][:80]
        assert (server.cpu_seconds - before) / 30 < CPU_SECONDS_OF_A_REQUEST
        assert (await server.http.get("/api/health")).status_code == 200
        assert len(server.log.read_bytes()) < 100_000


# --- connections -----------------------------------------------------------------------------------------------------

DIRECT = {"secret_key": SECRET, "trusted_proxies": "192.0.2.1", "allow_private_targets": "127.0.0.1"}
"""Nothing on this machine is a proxy: connections from 127.0.0.1 are those of one client."""
FROM_ELSEWHERE = "127.0.0.2"
IDLE = 1_100
AT_ONCE = {"clock_in": {"start": 0, "every": None, "until": 60}, "clock_out": {"start": 0, "every": None, "until": 60}}


def elsewhere(server: Server) -> httpx.AsyncClient:
    """A client at another address than the attacker's."""
    transport = httpx.AsyncHTTPTransport(local_address=FROM_ELSEWHERE)
    return httpx.AsyncClient(base_url=server.http.base_url, transport=transport, timeout=10)


async def test_clients_that_keep_the_server_waiting_are_cut_off(tmp_path: Path) -> None:
    async with serving(tmp_path, program=program("forked"), **DIRECT) as server:
        address = (server.http.base_url.host, server.http.base_url.port or 0)
        sending = [seconds_until_closed(address, *client) for client in SLOW.values()]
        took = await asyncio.gather(*sending, seconds_unread(address))
        print(dict(zip([*SLOW, "reads nothing"], [round(seconds, 1) for seconds in took], strict=True)))
        assert max(took) < 60
        assert (await server.http.get("/api/health")).status_code == 200
        log = server.log.read_text()
        assert log.count("Refused or closed") <= 2


async def test_a_refused_body_still_gets_its_answer(tmp_path: Path) -> None:
    async with serving(tmp_path, program=program("forked"), **DIRECT) as server:
        answer = await server.http.post("/api/v1/setup", content=b"x" * 4_000_000)
        assert (answer.status_code, answer.json()["code"]) == (413, "body_too_large")


async def test_what_is_left_of_a_refused_body_is_not_taken_for_headers(tmp_path: Path) -> None:
    body, rest = b"x" * 4_000_000, 40_000
    async with serving(tmp_path, program=program("forked"), **DIRECT) as server:
        reader, writer = await asyncio.open_connection(server.http.base_url.host, server.http.base_url.port)
        writer.write(b"POST /api/v1/setup HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n" % len(body))
        writer.write(body[:-rest])
        assert (await _answer(reader))[9:12] == b"413"
        writer.write(body[-rest:])
        await writer.drain()
        await asyncio.sleep(0.2)  # read by itself
        writer.write(b"GET /api/health HTTP/1.1\r\nHost: x\r\n\r\n")
        assert (await _answer(reader))[9:12] == b"200"
        writer.close()


async def _answer(reader: asyncio.StreamReader) -> bytes:
    async with asyncio.timeout(10):
        head = await reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().split(b"content-length:")[1].split()[0])
        return head + await reader.readexactly(length)


async def test_idle_connections_and_streams_of_one_address_delay_no_reminder(tmp_path: Path) -> None:
    database = f"sqlite+aiosqlite:///{tmp_path}/app.db"
    tmp_path.joinpath("data").mkdir()
    async with (
        Sink().running() as sink,
        serving(tmp_path, program=program("forked"), **DIRECT, database_url=database) as server,
        AsyncExitStack() as stack,
    ):
        async with database_at(database) as opened:
            crew = await hire(opened, 3)
        await give_webhooks(server, crew, sink.base_url)
        moment = datetime.now(UTC).replace(second=0, microsecond=0) + timedelta(minutes=1)
        moment += timedelta(minutes=1 if (moment - datetime.now(UTC)).total_seconds() < 20 else 0)
        await roster(server, crew, moment, AT_ONCE)
        address = (server.http.base_url.host, server.http.base_url.port)

        kept = []
        for number in range(IDLE):
            reader, writer = await asyncio.open_connection(*address)
            if number < 30:  # event streams of one person
                token = server.as_user(crew.people[0])["Authorization"]
                writer.write(f"GET /api/v1/events HTTP/1.1\r\nHost: x\r\nAuthorization: {token}\r\n\r\n".encode())
            kept.append((reader, writer))
            stack.callback(writer.transport.abort)
        answers = await asyncio.gather(*(_first_bytes(reader) for reader, _ in kept))
        streams = [answer[9:12] for answer in answers[:30]]
        assert (streams.count(b"200"), streams.count(b"429")) == (20, 10), streams
        refused = [answer[9:12] for answer in answers[30:]].count(b"503")
        assert refused >= IDLE - 400, refused

        async with elsewhere(server) as somebody:
            assert (await somebody.get("/api/health")).status_code == 200
        await asyncio.sleep(moment.timestamp() - time.time())
        await eventually(lambda: _has_arrived(sink, 3), within_seconds=20)
        late = [at - moment.timestamp() for at, _ in sink.arrived]
        assert max(late) < await asyncio.to_thread(slowness), late
        assert server.log.read_text().count("Refused or closed") in (1, 2, 3)


async def _first_bytes(reader: asyncio.StreamReader) -> bytes:
    try:
        async with asyncio.timeout(3):
            return await reader.read(200)
    except (TimeoutError, ConnectionError):
        return b""


async def _has_arrived(sink: Sink, how_many: int) -> bool:
    return len(sink.arrived) >= how_many


def test_reminding_keeps_file_handles_of_its_own() -> None:
    assert most_connections(1024) == 1024 - 400
    assert most_connections(65_536) == 4_000
    assert raise_file_limit() >= 1024


def test_an_address_is_a_place_and_proxies_are_exempt() -> None:
    admission = Admission("10.0.0.9", 1_000)
    places = [admission.admit(f"2001:db8::{number:x}") for number in range(401)]
    assert places.count(None) == 1
    assert all(admission.admit("10.0.0.9") == "" for _ in range(500))
    assert admission.admit("198.51.100.1") == "198.51.100.1"
    assert [admission.admit("10.0.0.9") for _ in range(100)].count(None) == 1, "no more than there are handles for"
    admission.leave("")
    assert admission.admit("198.51.100.1") == "198.51.100.1"
    assert dict(admission.refusals) == {"too many connections from one address": 1, "too many connections": 1}
