"""Without a network: Today and the calendar open with the last known shifts, and say so; nothing stays after signing out."""

import asyncio
import shutil
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from playwright.async_api import Page, expect

from e2e.live_server import LiveServer
from e2e.server import BUILT, PASSWORD, StartEmpty
from e2e.test_pages import axe_in_all_looks
from e2e.visit import PHONE, Visit, Visitor

IS_LAID_IN = """async () => {
  await navigator.serviceWorker.ready
  const months = Object.keys(localStorage).filter((key) => key.startsWith('daka.known.month'))
  return months.length >= 2 && localStorage['daka.known.shifts'] !== undefined && navigator.serviceWorker.controller !== null
}"""


async def ready_for_the_tunnel(visit: Visit) -> Page:
    """Today has been open with a network: the files and the days are kept."""
    page = await visit.open("/")
    await visit.until(IS_LAID_IN)
    return page


async def new_person(live_server: LiveServer, username: str, name: str) -> int:
    assert live_server.shift_ids is not None
    user_id = await live_server.add_person(username, name, live_server.team_id)
    await live_server.plan(user_id, live_server.today, live_server.shift_ids["早"])
    await live_server.plan(user_id, live_server.today + timedelta(days=1), live_server.shift_ids["夜"])
    return user_id


@pytest.mark.parametrize("language", ["zh", "en"])
async def test_today_and_calendar_open_offline_with_what_was_known(
    live_server: LiveServer, visitor: Visitor, language: str
) -> None:
    await new_person(live_server, f"off{language}", "欧菲")
    visit = await visitor(live_server.address, f"off{language}", keeps_files=True, size=PHONE, language=language)
    page = await ready_for_the_tunnel(visit)
    await visit.context.set_offline(True)
    said = page.get_by_role("status").filter(has_text="没有连上服务器" if language == "zh" else "Offline")
    await page.reload()
    await visit.ready()
    await expect(said).to_be_visible()
    await expect(page.locator(".mine")).to_contain_text("早班")
    assert await axe_in_all_looks(visit, "/ offline") == []
    await page.set_viewport_size(PHONE)
    await page.goto(f"{live_server.address}/calendar")
    await visit.ready()
    await expect(page.locator("td.today")).to_contain_text("早")
    await expect(page.locator(".chosen-day")).to_contain_text("早班")
    await expect(said).to_be_visible()
    await expect(page.locator(".chosen-day .button")).to_have_count(0)
    assert await axe_in_all_looks(visit, "/calendar offline") == []

    await visit.context.set_offline(False)
    await expect(said).to_have_count(0, timeout=40_000)
    await expect(page.locator(".chosen-day .button").first).to_be_visible()


async def test_the_punch_button_says_that_it_needs_the_network(live_server: LiveServer, visitor: Visitor) -> None:
    await live_server.add_person_about_to_start("offpunch", "欧普", live_server.team_id)
    visit = await visitor(live_server.address, "offpunch", keeps_files=True)
    page = await ready_for_the_tunnel(visit)
    await expect(visit.button("我已打卡")).to_be_visible()
    await visit.context.set_offline(True)
    await page.reload()
    await expect(page.get_by_text("记录打卡需要联网")).to_be_visible()
    await expect(visit.button("我已打卡")).to_have_count(0)


async def test_nothing_of_a_person_stays_after_signing_out_and_nothing_of_others_is_ever_kept(
    live_server: LiveServer, visitor: Visitor
) -> None:
    await new_person(live_server, "offbert", "欧伯特")
    alice = await visitor(live_server.address, "alice", keeps_files=True)
    page = await ready_for_the_tunnel(alice)
    await expect(page.locator(".chip", has_text="欧伯特")).to_be_visible()
    kept = await page.evaluate("JSON.stringify({...localStorage})")
    assert "李爱丽" in kept
    assert "欧伯特" not in kept
    assert "eyJ" not in kept
    cached = await page.evaluate(
        """async () => (await Promise.all((await caches.keys()).map(async (name) =>
             (await (await caches.open(name)).keys()).map((request) => new URL(request.url).pathname)))).flat()"""
    )
    assert "/" in cached
    assert [path for path in cached if path.startswith(("/api", "/a/", "/ical"))] == []

    await alice.open("/settings")
    await alice.button("退出登录").click()
    await expect(page.locator("h1")).to_have_text("登录")
    assert "daka.known" not in await page.evaluate("JSON.stringify({...localStorage})")
    await alice.context.set_offline(True)
    await page.goto(live_server.address)
    await expect(page.get_by_text("连不上服务器")).to_be_visible()
    assert "李爱丽" not in await page.content()


async def test_a_new_version_is_a_quiet_line_and_comes_with_a_reload(
    visitor: Visitor, tmp_path: Path, start_empty: StartEmpty
) -> None:
    # Without what the build compressed: the worker changes below.
    without_compressed = shutil.ignore_patterns("*.br", "*.gz")
    web = await asyncio.to_thread(shutil.copytree, BUILT, tmp_path / "web", ignore=without_compressed)
    address = await start_empty(WEB_DIR=str(web))
    async with httpx.AsyncClient(base_url=address, trust_env=False) as http:
        assert (await http.post("/api/v1/setup", json={"username": "root", "password": PASSWORD})).is_success
    root = await visitor(address, "root", keeps_files=True)
    page = await ready_for_the_tunnel(root)
    said = page.get_by_text("有新版本。")
    await expect(said).to_have_count(0)
    await page.mouse.click(1, 1)  # in use: it is not reloaded under somebody's hands
    with (web / "sw.js").open("a") as worker:
        worker.write("// newer")
    await page.evaluate("navigator.serviceWorker.getRegistration().then((found) => found.update())")
    await expect(said).to_be_visible()
    async with page.expect_navigation():
        await root.button("重新载入").click()
    await root.ready()
    await expect(said).to_have_count(0)
    # Opened after an update, Today is the new version at once: by itself, as long as nobody has touched it.
    index = web / "index.html"
    index.write_text(index.read_text().replace("<body", '<body data-version="newest"'))
    with (web / "sw.js").open("a") as worker:
        worker.write("// newest")
    await page.goto("about:blank")
    await page.goto(address)
    await expect(page.locator("body[data-version=newest]")).to_be_attached()
    await root.ready()
    await expect(said).to_have_count(0)


async def test_the_app_can_be_installed(live_server: LiveServer) -> None:
    async with httpx.AsyncClient(base_url=live_server.address, trust_env=False) as http:
        worker = await http.get("/sw.js")
        assert worker.headers["cache-control"] == "no-cache"
        assert "javascript" in worker.headers["content-type"]
        manifest = (await http.get("/manifest.webmanifest")).json()
        assert {icon["sizes"] for icon in manifest["icons"]} >= {"192x192", "512x512"}
        for icon in manifest["icons"]:
            answer = await http.get(icon["src"])
            assert answer.headers["content-type"] == icon["type"]
            if icon["type"] == "image/png":
                width = int.from_bytes(answer.content[16:20], "big")
                assert f"{width}x{width}" == icon["sizes"]
