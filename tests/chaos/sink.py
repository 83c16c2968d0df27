"""A provider that takes messages, and often enough does not: a process of its own, so that nothing else slows it down.

It writes a line for each message that it took. Times out, resets and errors come before a message is taken, so that whoever
gets one of them is right to try again. `POST /faults` sets the shares, `GET /count` says how many messages were taken.
"""

import argparse
import asyncio
import json
import random
import sys
import time
from pathlib import Path
from typing import Any

from aiohttp import web

TOO_LONG_SECONDS = 60
ASKS_TO_WAIT_SECONDS = 2


class Sink:
    def __init__(self, log: Path | None, seed: int) -> None:
        self._log = log.open("a", buffering=1) if log else None
        self._chance = random.Random(seed)
        self.faults: dict[str, float] = {}
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
        self._take(request.path, request.headers["webhook-id"])
        return web.Response(text="ok")

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
        return web.json_response({"errcode": 0, "errmsg": "ok"})

    async def _refuse(self, request: web.Request, fault: str, *, is_dingtalk: bool) -> web.StreamResponse:
        if is_dingtalk and fault in ("lie", "throttle"):
            return self._says("lie", -1, "system busy")
        self.refused[fault] = self.refused.get(fault, 0) + 1
        if fault == "timeout":
            await asyncio.sleep(TOO_LONG_SECONDS)
        elif fault == "reset":
            assert request.transport is not None
            request.transport.abort()
        elif fault in ("throttle", "lie"):
            return web.Response(status=429, headers={"Retry-After": str(ASKS_TO_WAIT_SECONDS)})
        return web.Response(status=500, text="out of order")

    def _says(self, fault: str, code: int, words: str) -> web.Response:
        self.refused[fault] = self.refused.get(fault, 0) + 1
        return web.json_response({"errcode": code, "errmsg": words})

    def _take(self, address: str, key: str) -> None:
        self.taken += 1
        if self._log:
            self._log.write(json.dumps({"at": time.time(), "to": address, "key": key}) + "\n")

    async def set_faults(self, request: web.Request) -> web.Response:
        wanted = await request.json()
        self.faults = wanted.get("shares", {})
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
    print(runner.addresses[0][1], flush=True)
    await asyncio.to_thread(sys.stdin.read)  # until whoever started it is gone
    await runner.cleanup()


if __name__ == "__main__":
    asyncio.run(main())
