"""One's own month: as a table and as a list, with whom one works, and in the phone's own calendar."""

from datetime import timedelta

import httpx
from playwright.async_api import expect

from e2e.live_server import LiveServer
from e2e.test_pages import axe_in_all_looks
from e2e.visit import DESK, PHONE, Visitor


async def test_month_and_list_show_shifts_leave_and_who_else_works(live_server: LiveServer, visitor: Visitor) -> None:
    assert live_server.shift_ids is not None
    day = live_server.today
    for username, name, code in (("ivo", "伊达", "早"), ("jill", "小简", "早"), ("kent", "小金", "夜")):
        await live_server.plan(
            await live_server.add_person(username, name, live_server.team_id), day, live_server.shift_ids[code]
        )
    ida = await visitor(live_server.address, "ivo", size=PHONE)
    await ida.open("/calendar")
    chosen = ida.page.locator(".chosen-day")
    await expect(chosen).to_contain_text("早班")
    await expect(chosen.locator(".company p").first).to_contain_text("小简")
    await expect(chosen.locator(".company-shift", has_text="夜班")).to_contain_text("小金")
    await expect(ida.page.locator("td.today")).to_contain_text("早")

    await ida.page.get_by_label("列表", exact=True).check()
    row = ida.page.locator(".day-list li", has_text="今天")
    await expect(row).to_contain_text("早班")
    await expect(row).to_contain_text("08:00–16:00")
    assert "view=list" in ida.page.url
    assert await ida.page.evaluate("document.documentElement.scrollWidth <= innerWidth")

    await live_server.plan(
        int((await live_server.ask("GET", "/users", params={"q": "ivo"}))["items"][0]["id"]), day, None
    )
    await expect(row).to_contain_text("没有排班")
    found = await axe_in_all_looks(ida, "/calendar?view=list")
    assert found == []


async def test_the_arrow_keys_move_through_the_month_and_a_day_is_kept_in_the_address(
    live_server: LiveServer, visitor: Visitor
) -> None:
    bob = await visitor(live_server.address, "bob")
    page = await bob.open("/calendar?day=2026-10-01")
    await expect(page.locator(".chosen-day")).to_contain_text("国庆")
    await page.locator('.month button[tabindex="0"]').focus()
    await page.keyboard.press("ArrowRight")
    assert "day=2026-10-02" in page.url
    await expect(page.locator('.month button[aria-pressed="true"]')).to_be_focused()
    await page.keyboard.press("PageDown")
    assert "day=2026-11-02" in page.url


async def test_a_phone_calendar_gets_an_address_of_its_own_until_it_is_revoked(
    live_server: LiveServer, visitor: Visitor
) -> None:
    assert live_server.shift_ids is not None
    lars_id = await live_server.add_person("lars", "拉尔斯", live_server.team_id)
    await live_server.plan(lars_id, live_server.today + timedelta(days=1), live_server.shift_ids["早"])
    lars = await visitor(live_server.address, "lars", permissions=["clipboard-read", "clipboard-write"])
    page = await lars.open("/calendar")
    await lars.button("加到手机日历").click()
    dialog = page.get_by_role("dialog")
    await dialog.get_by_label("名称").fill("拉尔斯的手机")
    await dialog.get_by_label("日历提醒").select_option(label="上班前 15 分钟，和下班时")
    await dialog.get_by_role("button", name="生成地址").click()
    url = await dialog.locator("code.secret").inner_text()
    assert url.startswith(f"{live_server.address}/ical/")
    link = dialog.get_by_role("link", name="用这台设备的日历订阅")
    assert await link.get_attribute("href") == url.replace("http://", "webcal://")
    await expect(dialog.get_by_role("img", name="订阅地址的二维码")).to_be_visible()
    await dialog.get_by_role("button", name="复制地址").click()
    await expect(page.get_by_text("已复制。")).to_be_visible()
    assert await page.evaluate("navigator.clipboard.readText()") == url
    assert await axe_in_all_looks(lars, "phone calendar") == []
    await page.set_viewport_size(DESK)

    async with httpx.AsyncClient(trust_env=False) as http:
        text = (await http.get(url)).text
        assert "早班" in text
        assert "TRIGGER;RELATED=START:-PT15M" in text
        await dialog.get_by_role("button", name="作废「拉尔斯的手机」").click()
        await lars.answer("作废")
        await expect(dialog.locator("code.secret")).to_have_count(0)
        assert (await http.get(url)).status_code == 404


async def test_what_one_is_told_of_ones_roster_is_ones_own_choice(live_server: LiveServer, visitor: Visitor) -> None:
    await live_server.add_person("mia", "米娅", live_server.team_id)
    mia = await visitor(live_server.address, "mia")
    page = await mia.open("/settings")
    section = page.locator("section", has=page.get_by_role("heading", name="排班通知"))
    await section.get_by_label("未来七天的排班变动时通知我").uncheck()
    await section.get_by_label("每天通知我明天的班次").check()
    await section.get_by_label("通知时间").fill("19:30")
    await section.get_by_role("button", name="保存").click()
    await expect(page.get_by_text("已保存").first).to_be_visible()
    await mia.open("/settings")
    await expect(section.get_by_label("通知时间")).to_have_value("19:30")
    await expect(section.get_by_label("未来七天的排班变动时通知我")).not_to_be_checked()
