"""The planner's grid of 500 people × 31 days in a browser whose processor is four times slower."""

import os
import time
from datetime import date
from pathlib import Path
from statistics import median

import httpx
from playwright.async_api import Browser, CDPSession, Page, async_playwright

from bench.figures import percentile
from bench.planning import write_roster
from browser import find
from chaos.stage import settings_for
from daka import clock
from daka.database import Database
from e2e.server import PASSWORD, running
from e2e.visit import FLAGS, Visit

PEOPLE = 500
SLOWER = 4
EDITS = 40
MOST_JSON_BYTES = 150_000
PAINTED_WITHIN_MS = 2000
EDITED_WITHIN_MS = 60
FRAME_WITHIN_MS = 50
ALL_SET_WITHIN_MS = 3000
SCROLLED_FRAMES = 200

WATCH = """
const look = () => document.querySelector("tr[data-row] .cell")
  ? requestAnimationFrame(() => setTimeout(() => { window.paintedAt = performance.now(); }))
  : requestAnimationFrame(look);
look();
window.edits = [];
addEventListener("keydown", (event) => {
  const pressed = event.timeStamp;
  window.pressedAt = pressed;
  requestAnimationFrame(() => setTimeout(() => edits.push(performance.now() - pressed)));
}, true);
"""
"""After a frame's callbacks comes its paint, and after that the timer: when it runs, the change can be seen."""


SCROLL = """
([frames, step]) => new Promise((done) => {
  const box = document.querySelector(".roster-scroll");
  const took = [];
  let before = 0;
  let way = step;
  const frame = (now) => {
    if (before) took.push(now - before);
    before = now;
    if (took.length >= frames) return done(took);
    if (box.scrollTop + box.clientHeight >= box.scrollHeight - 1) way = -step;
    if (box.scrollTop === 0) way = step;
    box.scrollTop += way;
    requestAnimationFrame(frame);
  };
  requestAnimationFrame(frame);
})
"""
"""Milliseconds of each frame of scrolling by so many pixels a frame, as a wheel that is turned fast does."""
ALL_SET = """
(code) => new Promise((done) => {
  const begun = window.pressedAt;
  let painted = 0;
  const look = () => {
    const drawn = [...document.querySelectorAll("tr[data-row] td:not(.row-total)")];
    const isSet = (cell) => cell.querySelector(".cell")?.textContent === code;
    if (!painted && drawn.every(isSet)) painted = performance.now();
    const isBusy = document.querySelector(".board").getAttribute("aria-busy") === "true";
    if (painted && !isBusy) return done([painted - begun, performance.now() - begun]);
    setTimeout(look, 20);
  };
  look();
})
"""
"""Milliseconds until all cells in sight have a code, and until everything is saved."""


async def measure(folder: Path, rounds: int) -> None:
    first = date(clock.now().year + 1, 1, 1)
    url = f"sqlite:///{folder}/grid.db"
    async with (
        running("serve", folder, DATABASE_URL=url) as address,
        httpx.AsyncClient(base_url=f"{address}/api/v1", trust_env=False, timeout=60) as http,
    ):
        setup = {"username": "root", "password": PASSWORD, "display_name": "Root"}
        token = (await http.post("/setup", json=setup)).json()["access_token"]
        http.headers["Authorization"] = f"Bearer {token}"
        database = Database(settings_for(url))
        await write_roster(database, PEOPLE, first, teams=1)
        await database.dispose()
        teams = (await http.get("/teams")).json()["items"]
        team = next(each for each in teams if each["name"] == "Team 0")
        span = {"from": str(first), "to": str(first.replace(day=31)), "team_id": team["id"]}
        empty, _ = await _asked(http, "/me", {})
        grid, size = await _asked(http, "/roster", span)
        print(f"(f) roster of {PEOPLE} people × 31 days, on SQLite, load {os.getloadavg()[0]:.1f}")
        print(
            f"    answered in {grid * 1000:.0f} ms, {grid / empty:.1f} times an empty signed-in request "
            f"({empty * 1000:.1f} ms); {size / 1000:.1f} kB of JSON (goal {MOST_JSON_BYTES // 1000})"
        )
        async with async_playwright() as playwright:
            chromium = find(playwright.chromium.executable_path)
            browser = await playwright.chromium.launch(executable_path=chromium, args=FLAGS)
            await _in_browser(browser, address, f"/roster?team={team['id']}&day={first}", rounds)
            await browser.close()


async def _asked(http: httpx.AsyncClient, path: str, query: dict[str, str]) -> tuple[float, int]:
    """Median seconds of an answer, and its size."""
    times = []
    for _ in range(15):
        started = time.perf_counter()
        answer = await http.get(path, params=query)
        times.append(time.perf_counter() - started)
        answer.raise_for_status()
    return median(times), len(answer.content)


async def _in_browser(browser: Browser, address: str, path: str, rounds: int) -> None:
    visit = await Visit.begin(browser, address)
    await visit.sign_in("root", PASSWORD)
    page = visit.page
    slow = await visit.context.new_cdp_session(page)
    await slow.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
    await slow.send("Performance.enable", {"timeDomain": "threadTicks"})
    await slow.send("Network.enable")
    await slow.send("Network.setCacheDisabled", {"cacheDisabled": True})
    await page.add_init_script(WATCH)
    painted: list[float] = []
    edits: list[float] = []
    frames: list[float] = []
    shown: list[float] = []
    saved: list[float] = []
    busy: list[float] = []
    for number in range(rounds):
        await page.goto(address + path)
        painted.append(await _until(page, "window.paintedAt"))
        edits += await _edited(page)
        before = await processor_seconds(slow)
        frames += await page.evaluate(SCROLL, [SCROLLED_FRAMES, 120])
        busy.append((await processor_seconds(slow) - before) * 1000 / SCROLLED_FRAMES)
        drawn, done = await _all_set(page, number)
        shown.append(drawn)
        saved.append(done)
    print(
        f"    processor {SLOWER} times slower, nothing cached: first cells painted after {median(painted):.0f} ms "
        f"(goal {PAINTED_WITHIN_MS}), a cell changed {median(edits):.0f} ms after the key "
        f"(95 % within {percentile(edits, 0.95):.0f} ms, goal {EDITED_WITHIN_MS})"
    )
    slow_frames = sum(frame > FRAME_WITHIN_MS for frame in frames)
    print(
        f"    {slow_frames} of {len(frames)} frames of scrolling over {FRAME_WITHIN_MS} ms "
        f"(median {median(frames):.0f}, 95 % within {percentile(frames, 0.95):.0f}, longest {max(frames):.0f}; "
        f"{median(busy):.0f} ms of the main thread's processor time each); "
        f"all {PEOPLE * 31} cells set after {median(shown):.0f} ms, saved after {median(saved):.0f} ms "
        f"(goal {ALL_SET_WITHIN_MS}); load {os.getloadavg()[0]:.1f}"
    )
    await visit.context.close()


async def processor_seconds(session: CDPSession) -> float:
    """What the page's main thread has worked; other processes hardly change it."""
    metrics = (await session.send("Performance.getMetrics"))["metrics"]
    return float(next(each["value"] for each in metrics if each["name"] == "TaskDuration"))


async def _all_set(page: Page, number: int) -> list[float]:
    await page.keyboard.press("Escape")
    await page.locator("tr[data-row] td").nth(2).click()
    await page.keyboard.press("Control+a")
    key = "12"[number % 2]
    await page.keyboard.press(key)
    return list(await page.evaluate(ALL_SET, "早中"[number % 2]))


async def _until(page: Page, number: str) -> float:
    """A number as soon as the page has it. The page's security policy leaves no other way to wait for it."""
    while not (found := await page.evaluate(number)):
        await page.wait_for_timeout(50)
    return float(found)


async def _edited(page: Page) -> list[float]:
    """Milliseconds from a key to the painted change, one cell after the other."""
    await page.wait_for_timeout(3000)  # the report of the month comes after the cells
    here = page.locator("tr[data-row='3'] td").nth(4)
    await here.click()
    took: list[float] = []
    for number in range(EDITS):
        key = "123"[number % 3]
        await page.keyboard.press("Escape")  # else it would go on with the code before it
        await page.evaluate("edits.length = 0")
        await page.keyboard.press(key)
        took.append(await _until(page, "edits[0]"))
        assert await here.locator(".cell").text_content() == "早中夜"[number % 3]
        await page.wait_for_timeout(100)
    return took
