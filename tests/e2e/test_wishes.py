"""Wishes in the browser: a planner asks, a member answers on the phone, and the planner sees it in the grid."""

import re
from datetime import date
from typing import Any

from playwright.async_api import expect

from e2e.live_server import LiveServer
from e2e.test_pages import axe_in_all_looks
from e2e.test_roster_planning import crew, opened
from e2e.visit import PHONE, Visit, Visitor

__all__ = ["crew"]
DAY = date(2027, 5, 6)


def changed(visit: Visit, path: str) -> Any:
    """The next answer to a change at this address."""
    return visit.page.expect_response(lambda answer: answer.request.method != "GET" and f"/api/v1/{path}" in answer.url)


async def test_wishes_are_asked_for_made_and_seen(
    live_server: LiveServer, visitor: Visitor, crew: tuple[int, list[int]]
) -> None:
    team_id, _ = crew
    root = await visitor(live_server.address, "root")
    dialog = await opened(root, "征集意愿", f"?day={DAY}&team={team_id}")
    await dialog.get_by_label("从", exact=True).fill("2027-05-03")
    await dialog.get_by_label("到", exact=True).fill("2027-05-30")
    await dialog.get_by_label("每人最多几天").fill("1")
    async with changed(root, "wish-call") as answer:
        await dialog.get_by_role("button", name="征集", exact=True).click()
    assert (await answer.value).ok

    name = next(
        user["username"] for user in (await live_server.ask("GET", "/users", params={"team_id": team_id}))["items"]
    )
    member = await visitor(live_server.address, name, size=PHONE)
    await member.open("/requests")
    await member.page.get_by_role("link", name="填写意愿").click()
    day = member.page.get_by_role("button", name=re.compile("5月6日"))
    await day.click()
    async with changed(member, "wishes"):
        await member.page.get_by_label("想休息").check()
    await expect(day).to_contain_text("休")
    await member.page.get_by_role("button", name=re.compile("5月7日")).click()
    await expect(member.page.get_by_text("已填满 1 天")).to_be_visible()
    assert await axe_in_all_looks(member, "wishes") == []
    await member.page.set_viewport_size(PHONE)
    await day.click()
    async with changed(member, "wishes"):
        await member.page.get_by_label("不想上").check()
    await expect(day).to_contain_text("不早")

    await root.open(f"/roster?day={DAY}&team={team_id}")
    await expect(root.page.locator(".cell-wish.met")).to_have_count(1)
    await expect(root.page.get_by_role("img", name="意愿：不想上早班")).to_be_visible()
