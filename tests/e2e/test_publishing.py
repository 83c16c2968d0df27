"""A planner publishes a roster to DingTalk: what would change, a click, and what reading back says."""

import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from playwright.async_api import expect

from e2e.live_server import LiveServer
from e2e.server import PASSWORD, running
from e2e.visit import Visitor
from fakes.dingtalk_attendance import BEIJING, FakeAttendance


@dataclass
class Office:
    server: LiveServer
    dingtalk: FakeAttendance
    folder: Path
    today: date

    @property
    def database(self) -> Path:
        return next(self.folder.rglob("*.db"))

    def five_minutes_later(self) -> None:
        """As if the publication had been made five minutes ago: it is read back for the last time."""
        with closing(sqlite3.connect(self.database, timeout=20)) as database, database:
            ((at,),) = database.execute("SELECT at FROM roster_push").fetchall()
            earlier = str(datetime.fromisoformat(at) - timedelta(minutes=6))
            database.execute("UPDATE roster_push SET at = ?, next_check_at = ?", (earlier, earlier))


@pytest.fixture
async def office(tmp_path: Path) -> AsyncIterator[Office]:
    """A team in China whose Bob is planned for three days, in a DingTalk that has another shift for him on one of them."""
    today = datetime.now(BEIJING).date()
    fake = FakeAttendance()
    fake.applies_after = timedelta(0)
    fake.shift(501, "行政班")
    fake.shift(502, "大夜班", hours=[("22:00", "06:00")])
    fake.schedule("u-bob", today + timedelta(days=1), 502, ("22:00", "06:00"))
    async with (
        fake.running(),
        running("serve", tmp_path, DINGTALK_BASE_URL=fake.base_url, TIMEZONE="Asia/Shanghai") as address,
        httpx.AsyncClient(base_url=address, trust_env=False) as http,
    ):
        setup = {"username": "root", "password": PASSWORD, "display_name": "罗特"}
        tokens = (await http.post("/api/v1/setup", json=setup)).json()
        http.headers["Authorization"] = f"Bearer {tokens['access_token']}"
        server = LiveServer(address, http, fake, "Asia/Shanghai")
        server.team_id = await server.add_team("一车间")
        await server.add_person("alice", "李爱丽", server.team_id, "planner")
        bob = await server.add_person("bob", "王波", server.team_id)
        await server.ask("PATCH", f"/users/{bob}", json={"dingtalk_userid": "u-bob"})
        early = await server.add_shift("早班", "早", ("09:00", "18:00"))
        middle = await server.add_shift("中班", "中", ("14:00", "22:00"))
        for passed, shift_id in enumerate((early, early, early, middle)):
            await server.plan(bob, today + timedelta(days=passed), shift_id)
        config = {"app_key": fake.app_key, "app_secret": fake.app_secret}
        body = {"name": "钉钉考勤", "kind": "dingtalk_attendance", "team_id": server.team_id, "config": config}
        await server.ask("POST", "/punch-sources", json=body)
        yield Office(server, fake, tmp_path, today)


async def test_a_roster_is_previewed_published_and_read_back(office: Office, visitor: Visitor) -> None:
    alice = await visitor(office.server.address, "alice", timezone_id="Asia/Shanghai")
    page = await alice.open("/punch-sources")
    dialog = page.get_by_role("dialog")
    await page.get_by_role("button", name="发布到钉钉").click()
    await expect(dialog).to_contain_text("不再从钉钉读取")
    await dialog.get_by_role("button", name="改为发布").click()
    await dialog.get_by_role("button", name="预览").click()

    rows = dialog.locator("tbody tr")
    await expect(rows).to_have_count(3)
    await expect(rows.nth(1)).to_contain_text("大夜班 22:00–06:00")
    await expect(rows.nth(1)).to_contain_text("早班 09:00–18:00")
    await expect(rows.nth(0)).to_contain_text("没有排班")
    await expect(dialog).to_contain_text("不知道「中班」是那边的哪个班次")
    assert await alice.axe() == []
    await dialog.get_by_label("中班 14:00–22:00").select_option(label="大夜班 22:00–06:00")
    await dialog.get_by_role("button", name="预览").click()
    await expect(rows).to_have_count(4)
    assert office.dingtalk.written == []

    office.dingtalk.ignored.add(("u-bob", office.today + timedelta(days=2)))
    await dialog.get_by_role("button", name="发布 4 格").click()
    await expect(dialog).to_contain_text("已发送 4 格")
    assert len(office.dingtalk.written) == 1
    office.five_minutes_later()
    await expect(dialog).to_contain_text("有 1 格没有生效", timeout=30_000)
    await expect(dialog).to_contain_text("王波")
    assert await alice.axe() == []
    await page.keyboard.press("Escape")

    await alice.open("/roster")
    await expect(page.locator("main")).to_contain_text("没有全部生效")
    await page.locator("main").get_by_role("button", name="发布到钉钉").click()
    await expect(dialog).to_contain_text("有 1 格没有生效")
    office.dingtalk.ignored.clear()
    with closing(sqlite3.connect(office.database, timeout=20)) as database, database:
        database.execute("DELETE FROM roster_push")
    await dialog.get_by_role("button", name="预览").click()
    await expect(rows).to_have_count(1)
    await dialog.get_by_role("button", name="发布 1 格").click()
    await expect(dialog).to_contain_text("已发送 1 格")
    office.five_minutes_later()
    await expect(dialog).to_contain_text("1 格全部生效", timeout=30_000)
