"""A proposal in the browser: asked for, looked at, applied and taken back."""

import re
from datetime import date

from playwright.async_api import expect

from e2e.live_server import LiveServer
from e2e.test_pages import axe_in_all_looks
from e2e.test_roster_planning import crew, month_of, opened, written
from e2e.visit import DESK, Visitor

__all__ = ["crew"]
APRIL = date(2027, 4, 5)


async def test_a_month_is_proposed_and_taken_back(
    live_server: LiveServer, visitor: Visitor, crew: tuple[int, list[int]]
) -> None:
    team_id, (one, two) = crew
    assert live_server.shift_ids
    early = live_server.shift_ids["早"]
    needs = {"needs": [{"shift_id": early, "day": "any", "people": 2}]}
    await live_server.ask("PUT", "/roster/coverage", json=needs, params={"team_id": team_id})
    await live_server.ask("POST", "/leaves", json={"user_id": one, "from": "2027-04-06"})

    root = await visitor(live_server.address, "root")
    dialog = await opened(root, "建议排班", f"?day={APRIL}&team={team_id}")
    await dialog.get_by_label("到", exact=True).fill("2027-09-30")
    await expect(dialog.get_by_text("一次最多 62 天")).to_be_visible()
    await expect(dialog.get_by_role("button", name="开始计算")).to_be_disabled()
    await dialog.get_by_label("从", exact=True).fill("2027-04-05")
    await dialog.get_by_label("到", exact=True).fill("2027-04-11")
    await dialog.get_by_role("button", name="开始计算").click()
    await dialog.get_by_role("button", name="停止，用目前最好的结果").click()
    await expect(dialog.get_by_text(re.compile("4月6日 早班 缺 1 人"))).to_be_visible(timeout=60_000)
    await expect(dialog.get_by_text(re.compile("请假：.*员1"))).to_be_visible()
    away = dialog.locator("td.away")
    await expect(away).to_have_text("假")
    await expect(away.get_by_role("button", name=re.compile("员1，.*4月6日.*请假"))).to_be_visible()
    # Two people cannot work all seven days: whoever is free has the team's rest shift, as on the roster.
    await expect(dialog.locator("td.new", has_text="休").first).to_be_visible()
    await expect(dialog.locator(".plan-grid td", has_not_text=re.compile("."))).to_have_count(0)
    assert await axe_in_all_looks(root, "proposal") == []
    await expect(dialog.get_by_role("button", name=re.compile("^应用 "))).to_be_in_viewport()
    await root.page.set_viewport_size(DESK)
    await expect(dialog.locator("tbody tr").first.locator("td.new").first).to_have_text("早")
    # A single cell stays when the rest is proposed again, also after the dialog was closed.
    kept = dialog.get_by_role("button", name=re.compile("员2，.*4月7日"))
    before = await kept.get_attribute("aria-label")
    await kept.press("ArrowRight")
    await expect(dialog.get_by_role("button", name=re.compile("员2，.*4月8日"))).to_be_focused()
    await kept.click()
    await dialog.get_by_role("button", name="保留 1 格，其余重新建议").click()
    await dialog.get_by_role("button", name="停止，用目前最好的结果").click()
    await expect(dialog.locator("td.locked")).to_have_count(1, timeout=60_000)
    assert await kept.get_attribute("aria-label") == before
    await dialog.get_by_role("button", name="关闭").click()
    dialog = await opened(root, "建议排班", f"?day={APRIL}&team={team_id}")
    await expect(dialog.locator("tbody tr").first.locator("td.new").first).to_have_text("早")
    await dialog.get_by_role("checkbox", name=re.compile("员1$")).uncheck()
    async with written(root, "proposals") as answer:
        await dialog.get_by_role("button", name=re.compile("^应用 ")).click()
    assert (await answer.value).ok
    await expect(root.page.get_by_role("dialog")).to_have_count(0)
    planned = await month_of(live_server, team_id, APRIL)
    assert {early, live_server.shift_ids["休"]} <= set(planned[two])
    assert set(planned[one]) == {None}
    async with written(root, "actions"):
        await root.page.locator(".toast").get_by_role("button", name="撤销").click()
    assert set((await month_of(live_server, team_id, APRIL))[two]) == {None}
