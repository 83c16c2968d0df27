"""A provider that takes messages, and often enough does not: a process of its own, so that nothing else slows it down.

It writes a line for each message that it took. Times out, resets and errors come before a message is taken, so that whoever
gets one of them is right to try again. `POST /faults` sets the shares, `GET /count` says how many messages were taken.
"""

import argparse
import asyncio
import gzip
import json
import random
import sys
import time
import zlib
from collections.abc import Callable
from email import message_from_bytes
from pathlib import Path
from typing import Any

from aiohttp import web
from aiosmtpd.smtp import SMTP

TOO_LONG_SECONDS = 60
ASKS_TO_WAIT_SECONDS = 2


ENCODINGS: dict[str, tuple[str, Callable[[str], bytes]]] = {
    "bom": ("", lambda text: text.encode("utf-8-sig")),
    "utf-16": ("", lambda text: text.encode("utf-16")),
    "gbk": ("; charset=gbk", lambda text: text.encode("gbk")),
    "gbk without a name": ("", lambda text: text.encode("gbk")),
    "gb2312 by another name": ("; charset=gb2312", lambda text: text.encode("gb18030")),
}
PACKINGS: dict[str, Callable[[bytes], bytes]] = {"gzip": gzip.compress, "deflate": zlib.compress}
ODD_BODIES = (*ENCODINGS, *PACKINGS, "gzip of a bom", "large header", "both lengths", "many cookies", "cut")
"""Of answers whose body decides. After one that is cut short nobody knows whether the message was taken."""
ODD_ANSWERS = ("large header", "both lengths", "many cookies", "cut body")
"""Of answers whose status decides."""
ODD_WAITS = ("2", "Sat, 28 Nov 2020 08:00:00 GMT", "-5", "NaN", "0", "soon", "", "2.5", "0x10", "-Infinity")
ABSURD_WAITS = ("1" + "0" * 18, "Infinity", "9" * 400, "Fri, 31 Dec 9999 23:59:59 GMT")
"""Each counts as an hour, so whoever waits in that lane is to be reached another way."""
ABSURD_SHARE = 0.1
LAST_WORDS = ("silent", "gone", "odd", "")
"""What a mail server does at QUIT, after it has taken a mail."""


def raw_answer(odd: str, body: bytes) -> bytes:
    """An answer of HTTP 200 as it goes over the wire."""
    headers = {"Content-Type": "application/json", "Connection": "close"}
    if odd in ENCODINGS:
        name, encoded = ENCODINGS[odd]
        body = encoded(body.decode())
        headers["Content-Type"] += name
    elif odd in PACKINGS:
        body = PACKINGS[odd](body)
        headers["Content-Encoding"] = odd
    elif odd == "gzip of a bom":
        body = gzip.compress(body.decode().encode("utf-8-sig"))
        headers["Content-Encoding"] = "gzip"
    elif odd == "large header":
        headers["X-Trace"] = "x" * 9000
    elif odd == "both lengths":
        headers["Transfer-Encoding"] = "chunked"
        body = b"%x\r\n%b\r\n0\r\n\r\n" % (len(body), body)
    headers["Content-Length"] = str(len(body) + (100 if odd.startswith("cut") else 0))
    lines = [f"{name}: {value}" for name, value in headers.items()]
    if odd == "many cookies":
        lines += [f"Set-Cookie: c{number}=1" for number in range(180)]
    if odd == "cut":
        body = body[:8]
    return "\r\n".join(["HTTP/1.1 200 OK", *lines, "", ""]).encode() + body


class Sink:
    def __init__(self, log: Path | None, seed: int) -> None:
        self._log = log.open("a", buffering=1) if log else None
        self._chance = random.Random(seed)
        self.faults: dict[str, float] = {}
        self.odd_share = 0.0
        """Of the messages that are taken, so many are answered oddly."""
        self.banned: set[str] = set()
        """Access tokens that get 130101 once."""
        self.broken: set[str] = set()
        """Access tokens that are refused for good, with HTTP 200."""
        self.taken = 0
        self.refused: dict[str, int] = {}

    def _fault(self) -> str | None:
        dice = self._chance.random()
        for name, share in self.faults.items():
            if dice < share:
                return name
            dice -= share
        return None

    async def webhook(self, request: web.Request) -> web.StreamResponse:
        await request.read()
        if self.faults and (fault := self._fault()):
            return await self._refuse(request, fault, is_dingtalk=False)
        key = request.headers["webhook-id"]
        self._take(request.path, key)
        return await self._odd_answer(request, key, b"ok") or web.Response(text="ok")

    async def robot(self, request: web.Request) -> web.StreamResponse:
        body: dict[str, Any] = json.loads(await request.read())
        token = request.query["access_token"]
        if token in self.banned:
            self.banned.discard(token)
            return self._says("banned", 130101, "send too fast")
        if token in self.broken:
            return self._says("broken", 310000, "keywords not in content")
        if self.faults and (fault := self._fault()):
            return await self._refuse(request, fault, is_dingtalk=True)
        self._take(token, body["msgUuid"])
        done = b'{"errcode":0,"errmsg":"\xe6\x88\x90\xe5\x8a\x9f"}'
        odd = await self._odd_answer(request, body["msgUuid"], done, is_dingtalk=True)
        return odd or web.Response(body=done, content_type="application/json")

    async def _odd_answer(
        self, request: web.Request, key: str, body: bytes, *, is_dingtalk: bool = False
    ) -> web.StreamResponse | None:
        """Some say that they took the message in a form that no library writes. None: in the usual form."""
        if self._chance.random() >= self.odd_share:
            return None
        odd = self._chance.choice(ODD_BODIES if is_dingtalk else ODD_ANSWERS)
        self.refused[odd] = self.refused.get(odd, 0) + 1
        if odd == "cut":
            self._unanswered(key)
        answer = raw_answer(odd, body)
        transport = request.transport
        assert transport is not None
        transport.write(answer)  # type: ignore[attr-defined]
        await asyncio.sleep(0.05)
        transport.close()
        return web.Response()

    def _unanswered(self, key: str) -> None:
        """Nobody can know whether this one was taken."""
        if self._log:
            self._log.write(json.dumps({"unanswered": key}) + "\n")

    async def _refuse(self, request: web.Request, fault: str, *, is_dingtalk: bool) -> web.StreamResponse:
        if is_dingtalk and fault == "throttle" and self.odd_share and self._chance.random() < ABSURD_SHARE:
            self.refused["absurd wait"] = self.refused.get("absurd wait", 0) + 1
            return web.json_response({"status": 1111, "wait": 10**13, "punish": "deny"})
        if is_dingtalk and fault in ("lie", "throttle"):
            return self._says("lie", -1, "system busy")
        self.refused[fault] = self.refused.get(fault, 0) + 1
        if fault == "timeout":
            await asyncio.sleep(TOO_LONG_SECONDS)
        elif fault == "reset":
            assert request.transport is not None
            request.transport.abort()
        elif fault in ("throttle", "lie"):
            return web.Response(status=429, headers={"Retry-After": self._wait()})
        return web.Response(status=500, text="out of order")

    def _wait(self) -> str:
        if not self.odd_share:
            return str(ASKS_TO_WAIT_SECONDS)
        is_absurd = self._chance.random() < ABSURD_SHARE
        return self._chance.choice(ABSURD_WAITS if is_absurd else ODD_WAITS)

    def _says(self, fault: str, code: int, words: str) -> web.Response:
        self.refused[fault] = self.refused.get(fault, 0) + 1
        return web.json_response({"errcode": code, "errmsg": words})

    def _take(self, address: str, key: str) -> None:
        self.taken += 1
        if self._log:
            self._log.write(json.dumps({"at": time.time(), "to": address, "key": key}) + "\n")

    # Mail, by the names that aiosmtpd calls.

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802
        key = message_from_bytes(envelope.content)["Message-ID"].strip("<>").partition("@")[0]
        self._take(envelope.rcpt_tos[0], key)
        return "250 OK queued"

    async def handle_QUIT(self, server: Any, _session: Any, _envelope: Any) -> str:  # noqa: N802
        last_word = self._chance.choice(LAST_WORDS) if self.odd_share else ""
        if last_word:
            name = f"QUIT: {last_word}"
            self.refused[name] = self.refused.get(name, 0) + 1
        if last_word == "silent":
            await asyncio.sleep(TOO_LONG_SECONDS)
        elif last_word == "gone":
            server.transport.abort()
        return "999 what?" if last_word == "odd" else "221 Bye"

    async def set_faults(self, request: web.Request) -> web.Response:
        wanted = await request.json()
        self.faults = wanted.get("shares", {})
        self.odd_share = wanted.get("odd_share", 0.0)
        self.banned, self.broken = set(wanted.get("banned", ())), set(wanted.get("broken", ()))
        return web.Response()

    async def count(self, _: web.Request) -> web.Response:
        return web.json_response({"taken": self.taken, "refused": self.refused})


async def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--log", type=Path)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    sink = Sink(asked.log, asked.seed)
    app = web.Application()
    app.router.add_post("/robot/send", sink.robot)
    app.router.add_post("/faults", sink.set_faults)
    app.router.add_get("/count", sink.count)
    app.router.add_post("/hook/{name}", sink.webhook)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0, backlog=1024)
    await site.start()
    mail = await asyncio.get_running_loop().create_server(lambda: SMTP(sink, hostname="sink"), "127.0.0.1", 0)
    print(runner.addresses[0][1], mail.sockets[0].getsockname()[1], flush=True)
    await asyncio.to_thread(sys.stdin.read)  # until whoever started it is gone
    mail.close()
    await runner.cleanup()


if __name__ == "__main__":
    asyncio.run(main())
