"""Makes the pictures of the docs from the demo: `make setup`, then `python tests/e2e/pictures.py`.

It waits for the demo's first reminders, so that what is shown has happened. It takes about three minutes.
"""

import asyncio
import sys
import tempfile
from base64 import b64encode
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from playwright.async_api import Browser, async_playwright, expect

from daka.demo.team import CYCLE

sys.path.insert(0, str(Path(__file__).parents[1]))

from browser import find
from e2e.chat_scenes import chat_pictures
from e2e.server import PASSWORD, ROOT, running, zone_where_it_is
from e2e.test_dingtalk_set_up import company, set_up
from e2e.test_feishu_set_up import company as feishu_company
from e2e.test_feishu_set_up import set_up as set_up_feishu
from e2e.visit import FLAGS, PHONE, Visit
from fakes.server import FakeServer

PICTURES = ROOT / "docs" / "pictures"
SHARP = 2
"""Device pixels to a CSS pixel."""
REMINDED_WITHIN_MS = 70_000
ESCALATED_WITHIN_MS = 260_000

SIDE_BY_SIDE = """<!doctype html><meta charset="utf-8"><style>
body{margin:0;width:1600px;height:930px;background:#e9e2d3;position:relative;overflow:hidden}
img{position:absolute;display:block;border-radius:10px;box-shadow:0 1px 2px #3a2f1c33,0 24px 60px -20px #3a2f1c66}
.desk{left:64px;top:64px;width:1240px}
.phone{right:56px;bottom:56px;width:330px;border-radius:34px;border:9px solid #1d1b18}
</style><img class="desk" src="DESK"><img class="phone" src="PHONE">"""


async def signed_in(browser: Browser, address: str, username: str, **options: object) -> Visit:
    visit = await Visit.begin(browser, address, device_scale_factor=SHARP, timezone_id=zone_where_it_is(8), **options)
    await visit.sign_in(username, PASSWORD)
    return visit


async def side_by_side(browser: Browser, desk: bytes, phone: bytes) -> bytes:
    page = await browser.new_page(viewport={"width": 1600, "height": 930})
    html = SIDE_BY_SIDE
    for name, picture in (("DESK", desk), ("PHONE", phone)):
        html = html.replace(f'"{name}"', f'"data:image/png;base64,{b64encode(picture).decode()}"')
    await page.set_content(html, wait_until="load")
    return await page.screenshot()


async def plan_the_month(alice: Visit) -> None:
    """Everybody's shifts walk on through the days of the month that the demo leaves empty."""
    async with alice.page.expect_request(lambda request: "/api/v1/events" in request.url) as asked:
        await alice.page.reload()
    headers = {"Authorization": str((await (await asked.value).all_headers())["authorization"])}
    today = datetime.now(ZoneInfo(zone_where_it_is(8))).date()
    first = today.replace(day=1)
    last = (first + timedelta(days=32)).replace(day=1) - timedelta(days=1)
    http, api = alice.context.request, f"{alice.address}/api/v1"
    query = f"from={first - timedelta(days=14)}&to={last + timedelta(days=14)}"
    people = (await (await http.get(f"{api}/roster?{query}", headers=headers)).json())["users"]
    shifts = (await (await http.get(f"{api}/shifts", headers=headers)).json())["items"]
    by_code = {shift["code"]: shift["id"] for shift in shifts}
    filled = {
        "cycle": [by_code[code] for code in CYCLE],
        "offsets": {str(person["id"]): index for index, person in enumerate(people)},
        "user_ids": [person["id"] for person in people],
        "from": str(first),
        "to": str(last),
    }
    answer = await http.post(f"{api}/roster/fill", data=filled, headers=headers)
    assert answer.ok, await answer.text()


async def take_pictures(browser: Browser, address: str) -> dict[str, bytes]:
    chen = await signed_in(browser, address, "chen", size=PHONE)
    bob = await signed_in(browser, address, "bob", size=PHONE)
    alice = await signed_in(browser, address, "alice", size={"width": 1240, "height": 730})
    await expect(bob.page.locator(".sentence.now")).to_be_visible(timeout=REMINDED_WITHIN_MS)
    await expect(chen.page.locator(".sentence.now")).to_be_visible()
    await expect(alice.page.locator(".chip.nagging", has_text="董莉")).to_be_visible(timeout=ESCALATED_WITHIN_MS)
    await chen.button("我已打卡").click()
    await alice.button("我已打卡").click()
    await expect(alice.page.locator(".chip.done")).to_have_count(2)
    await expect(alice.page.locator(".undo")).to_be_visible()
    today = await side_by_side(browser, await alice.page.screenshot(), await bob.page.screenshot())

    await plan_the_month(alice)
    await alice.page.set_viewport_size({"width": 1440, "height": 640})
    await alice.open("/roster")
    roster = await alice.page.screenshot()
    await alice.page.set_viewport_size({"width": 1100, "height": 720})
    await alice.open("/log")
    await alice.page.locator("button.delivery", has_text="一车间群").first.click()
    await expect(alice.page.locator(".story")).to_be_visible()
    log = await alice.page.screenshot()
    return {"today": today, "roster": roster, "log": log}


async def set_up_pictures(browser: Browser, folder: Path) -> dict[str, bytes]:
    """Each step of the set-up with DingTalk, and what differs with Feishu, in both languages."""
    pictures: dict[str, bytes] = {}

    async def shot(address: str, language: str, set_up: Callable[..., Awaitable[None]], fake: FakeServer) -> None:
        options = {"language": language, "timezone_id": "Asia/Shanghai", "size": {"width": 760, "height": 860}}
        root = await Visit.begin(browser, address, **options)

        async def shoot(step: str) -> None:
            dialog = root.page.get_by_role("dialog").locator(".dialog-body")
            pictures[f"set-up-{step}.{language}"] = await dialog.screenshot(animations="disabled")

        await set_up(root, fake, language, shoot)
        await root.context.close()

    for language in ("zh", "en"):
        dingtalk, _ = company()
        feishu = feishu_company()
        for name in ("dingtalk", "feishu"):
            (folder / language / name).mkdir(parents=True)
        async with dingtalk.running(), feishu.running():
            dingtalk.add_robot("company")
            vendors = {"DINGTALK_BASE_URL": dingtalk.base_url, "FEISHU_BASE_URL": feishu.base_url}
            async with running("serve", folder / language / "dingtalk", **vendors) as address:
                await shot(address, language, set_up, dingtalk)
            async with running("serve", folder / language / "feishu", **vendors) as address:
                await shot(address, language, set_up_feishu, feishu)
    return pictures


async def main() -> None:
    with tempfile.TemporaryDirectory(prefix="daka-pictures") as folder:
        demo = running("demo", Path(folder), DEMO_PASSWORD=PASSWORD, TIMEZONE=zone_where_it_is(8))
        async with demo as address, async_playwright() as playwright:
            chromium = find(playwright.chromium.executable_path)
            browser = await playwright.chromium.launch(executable_path=chromium, args=FLAGS)
            pictures = await take_pictures(browser, address)
            pictures |= await set_up_pictures(browser, Path(folder))
            (Path(folder) / "chats").mkdir()
            pictures |= await chat_pictures(browser, Path(folder) / "chats")
            await browser.close()
    for name, picture in pictures.items():
        (PICTURES / f"{name}.png").write_bytes(picture)
        print(f"docs/pictures/{name}.png {len(picture) // 1024} kB")


if __name__ == "__main__":
    asyncio.run(main())
