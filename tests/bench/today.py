"""How soon Today is there on a slow phone: a processor four times slower, on the network that Lighthouse calls slow 4G."""

import os
from datetime import timedelta
from pathlib import Path
from statistics import median

import httpx
from playwright.async_api import Page, async_playwright

from bench.grid import processor_seconds
from bench.planning import SHANGHAI, write_roster
from browser import find
from chaos.stage import settings_for
from daka import clock
from daka.database import Database
from e2e.server import PASSWORD, running
from e2e.visit import FLAGS, PHONE, Visit

PEOPLE = 30
SLOWER = 4
SLOW_4G = {"offline": False, "latency": 150, "downloadThroughput": 1_638_400 / 8, "uploadThroughput": 750_000 / 8}
"""Milliseconds for each request, bytes a second."""
READY_WITHIN_MS = 1000
WATCH = """
const look = () => document.querySelector("h1") && !document.querySelector(".loading")
  ? requestAnimationFrame(() => setTimeout(() => { window.readyAt = performance.now(); }))
  : requestAnimationFrame(look);
look();
"""
"""After a frame's callbacks comes its paint, and after that the timer: when it runs, the page can be seen."""
ASKED = """
performance.getEntriesByType("resource")
  .map((each) => `${new URL(each.name).pathname} ${Math.round(each.startTime)}–${Math.round(each.responseEnd)}`)
"""


async def measure(folder: Path, rounds: int) -> None:
    url = f"sqlite:///{folder}/today.db"
    async with (
        running("serve", folder, DATABASE_URL=url) as address,
        httpx.AsyncClient(base_url=f"{address}/api/v1", trust_env=False, timeout=60) as http,
        async_playwright() as playwright,
    ):
        setup = {"username": "root", "password": PASSWORD, "display_name": "Root"}
        (await http.post("/setup", json=setup)).raise_for_status()
        async with Database(settings_for(url)) as database:
            await write_roster(database, PEOPLE, clock.now().astimezone(SHANGHAI).date() + timedelta(days=1), teams=1)
        browser = await playwright.chromium.launch(
            executable_path=find(playwright.chromium.executable_path), args=FLAGS
        )
        cold: list[float] = []
        kept: list[float] = []
        busy: list[float] = []
        kept_busy: list[float] = []
        for _ in range(rounds):
            visit = await Visit.begin(browser, address, size=PHONE, keeps_files=True)
            await visit.enter("root", PASSWORD)
            await visit.page.goto(f"{address}/api/health")  # connected
            cold.append(await _ready_at(visit, visit.page, busy))
            await visit.until("navigator.serviceWorker.ready.then(() => true)")
            first = await visit.page.evaluate(ASKED)
            kept.append(await _ready_at(visit, await visit.context.new_page(), kept_busy))
            again = await visit.context.pages[-1].evaluate(ASKED)
            await visit.context.close()
        await browser.close()
    print(
        f"(h) Today on a processor {SLOWER} times slower and slow 4G: ready after {median(cold):.0f} ms with nothing kept, "
        f"{median(kept):.0f} ms with the service worker (goal {READY_WITHIN_MS}); load {os.getloadavg()[0]:.1f}"
    )
    print(f"    processor time of the main thread until then: {median(busy):.0f} and {median(kept_busy):.0f} ms")
    print(f"    asked for, milliseconds: {', '.join(first)}")
    print(f"    with the service worker: {', '.join(again)}")


async def _ready_at(visit: Visit, page: Page, busy: list[float]) -> float:
    slow = await visit.context.new_cdp_session(page)
    await slow.send("Network.enable")
    await slow.send("Network.emulateNetworkConditions", SLOW_4G)
    await slow.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
    await slow.send("Performance.enable", {"timeDomain": "threadTicks"})
    await page.add_init_script(WATCH)
    await page.goto(visit.address)
    while not (found := await page.evaluate("window.readyAt")):  # the page's security policy leaves no other way
        await page.wait_for_timeout(50)
    busy.append(await processor_seconds(slow) * 1000)
    return float(found)
