"""Charlie is a member of another team."""

from playwright.async_api import expect

from e2e.live_server import LiveServer
from e2e.visit import PHONE, Visitor


async def test_a_member_sees_nothing_of_planning_not_even_by_its_address(
    live_server: LiveServer, visitor: Visitor
) -> None:
    charlie = await visitor(live_server.address, "charlie")
    await charlie.open("/")
    rail = charlie.page.locator("nav.rail")
    await expect(rail.get_by_role("link", name="成员")).to_have_count(0)
    await expect(charlie.page.locator(".team")).to_have_count(0)

    page = await charlie.open("/people")
    await expect(page.get_by_role("heading", level=1)).to_have_text("没有这个页面")
    await expect(page.get_by_role("button", name="添加成员")).to_have_count(0)

    await charlie.open("/shifts")
    await expect(charlie.button("新建班次")).to_have_count(0)

    await charlie.open("/roster")
    await expect(page.locator(".brushes")).to_have_count(0)
    await expect(page.locator("table.roster")).to_have_attribute("aria-readonly", "true")
    await page.locator("tr[data-row] td").first.click()
    await expect(page.get_by_role("listbox")).to_have_count(0)


async def test_a_member_sees_nothing_of_another_team(live_server: LiveServer, visitor: Visitor) -> None:
    charlie = await visitor(live_server.address, "charlie", size=PHONE)
    for path in ("/", "/roster", f"/roster?team={live_server.team_id}", "/log", "/channels", "/more"):
        await charlie.open(path)
        for name in ("王波", "李爱丽", "一车间"):
            await expect(charlie.page.get_by_text(name)).to_have_count(0)


async def test_a_page_that_does_not_exist_says_so_and_leads_back(live_server: LiveServer, visitor: Visitor) -> None:
    charlie = await visitor(live_server.address, "charlie", size=PHONE)
    page = await charlie.open("/nowhere")
    await expect(page.get_by_role("heading", level=1)).to_have_text("没有这个页面")
    await page.get_by_role("link", name="回到今天").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("今天")
