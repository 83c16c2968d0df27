"""What cannot be shown: said once and in words, with a way on, and a retry only where one can help."""

import re
from typing import Any

from playwright.async_api import Route, expect

from e2e.live_server import LiveServer
from e2e.test_pages import axe_in_all_looks
from e2e.test_roster_planning import crew, opened
from e2e.visit import Visit, Visitor

__all__ = ["crew"]
FAILED = {"status": 500, "code": "internal_error", "title": "Internal error", "request_id": "01JDF7KQ9Y3M"}


async def break_api(visit: Visit, *parts: str) -> None:
    """The server fails at every request whose address has one of these parts."""

    async def answer(route: Route) -> Any:
        if any(part in route.request.url for part in parts):
            await route.fulfill(status=500, json=FAILED, content_type="application/problem+json")
        else:
            await route.fallback()

    await visit.page.route("**/api/v1/**", answer)


async def test_what_is_gone_is_said_without_a_retry(live_server: LiveServer, visitor: Visitor) -> None:
    root = await visitor(live_server.address, "root")
    gone = {
        "/log?delivery=99999": "找不到这条投递记录",
        "/why?person=99999&date=2027-01-01": "找不到这个人",
        "/people?person=99999": "可能已被删除",
        "/punch-sources?id=99999": "这个打卡数据源已被删除",
        "/channels?id=99999": "这个渠道已被删除",
        "/nowhere": "这个地址下没有内容",
    }
    for path, words in gone.items():
        page = await root.open(path)
        await expect(page.locator("main")).to_contain_text(words)
        await expect(root.button("再试一次")).to_have_count(0)


async def test_pages_whose_server_fails_say_it_once_and_lead_on(live_server: LiveServer, visitor: Visitor) -> None:
    assert live_server.user_ids is not None
    root = await visitor(live_server.address, "root")
    page = await root.open("/")
    await break_api(root, "/swaps", "/leaves", "/open-shifts", "/users/", "/teams", "/punch-sources/kinds")
    await root.open("/requests")
    await expect(page.get_by_role("alert")).to_have_count(1)
    await expect(page.get_by_role("alert")).to_contain_text("01JDF7KQ9Y3M")
    assert await axe_in_all_looks(root, "/requests failing") == []

    await root.open(f"/people?person={live_server.user_ids['bob']}")
    await expect(page.get_by_role("link", name="所有成员")).to_be_visible()
    await root.open("/people")
    teams = page.locator(".people-teams")
    await expect(teams.get_by_role("alert")).to_contain_text("没有加载出来")
    await expect(page.get_by_role("link", name="王波")).not_to_contain_text("没有班组")

    await root.open("/punch-sources")
    await expect(root.button("添加打卡数据源")).to_be_disabled()
    await expect(page.locator(".quiet-line")).to_contain_text("服务器内部出错")
    await page.unroute_all()
    await root.button("再试一次").click()
    await expect(root.button("添加打卡数据源")).to_be_enabled()


async def test_a_dialog_whose_roster_fails_offers_a_retry_and_blames_nobody(
    live_server: LiveServer, visitor: Visitor, crew: tuple[int, list[int]]
) -> None:
    team_id, _ = crew
    root = await visitor(live_server.address, "root")
    dialog = await opened(root, "复制一周或一个月", f"?team={team_id}")
    await expect(dialog.get_by_role("radio", name="一个月")).to_be_focused()
    for name in ("复制一周或一个月", "按规律排班"):
        await root.page.unroute_all()
        await root.open(f"/roster?team={team_id}")
        await break_api(root, "/roster?")
        await root.button("排班工具").click()
        await root.page.get_by_role("menuitem", name=name, exact=True).click()
        dialog = root.page.get_by_role("dialog", name=name)
        await expect(dialog.get_by_role("alert")).to_contain_text("没有加载出来")
        await expect(dialog).not_to_contain_text("请先勾选成员")
        await root.page.unroute_all()
        await dialog.get_by_role("button", name="再试一次").click()
        await expect(dialog.get_by_role("checkbox", name=re.compile("员1$"))).to_be_visible()


async def test_a_team_without_members_is_told_what_is_missing(live_server: LiveServer, visitor: Visitor) -> None:
    team_id = await live_server.add_team("没有人的组")
    root = await visitor(live_server.address, "root")
    dialog = await opened(root, "复制一周或一个月", f"?team={team_id}")
    await expect(dialog).to_contain_text("这个班组还没有成员")
