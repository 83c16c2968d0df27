import pytest
from playwright.async_api import expect

from e2e.live_server import LiveServer
from e2e.visit import PHONE, Visitor


async def test_the_shift_editor_refuses_bad_times_and_keeps_what_was_typed(
    live_server: LiveServer, visitor: Visitor
) -> None:
    before = len((await live_server.ask("GET", "/shifts"))["items"])
    alice = await visitor(live_server.address, "alice")
    page = await alice.open("/shifts")
    await alice.button("新建班次").click()
    dialog = page.get_by_role("dialog")
    await dialog.get_by_label("名称").fill("两段班")
    await dialog.get_by_label("代号").fill("两")
    await dialog.get_by_label("上班").fill("")
    await dialog.get_by_role("button", name="保存").click()
    await expect(dialog).to_be_visible()  # an empty time never leaves the browser
    await dialog.get_by_label("上班").fill("09:00")
    await dialog.get_by_label("下班", exact=True).fill("18:00")
    await dialog.get_by_role("button", name="添加时段").click()
    await dialog.get_by_label("上班").nth(1).fill("12:00")
    await dialog.get_by_label("下班", exact=True).nth(1).fill("20:00")
    await dialog.get_by_role("button", name="保存").click()
    await expect(dialog.get_by_role("alert")).to_contain_text("时段要按先后排列，一天之内不能重叠。")
    await expect(dialog.get_by_label("名称")).to_have_value("两段班")
    assert len((await live_server.ask("GET", "/shifts"))["items"]) == before

    await dialog.get_by_label("上班").nth(1).fill("19:00")
    await dialog.get_by_label("下班", exact=True).nth(1).fill("03:00")
    await expect(dialog.get_by_text("次日", exact=True)).to_be_visible()
    await dialog.get_by_role("button", name="保存").click()
    await expect(dialog).to_have_count(0)
    await expect(page.get_by_text("09:00–18:00，19:00–次日 03:00")).to_be_visible()


async def test_a_code_that_is_taken_is_refused(live_server: LiveServer, visitor: Visitor) -> None:
    alice = await visitor(live_server.address, "root", size=PHONE)
    page = await alice.open("/shifts")
    await alice.button("新建班次").click()
    dialog = page.get_by_role("dialog")
    await dialog.get_by_label("名称").fill("另一个早班")
    await dialog.get_by_label("代号").fill("早")
    await dialog.get_by_role("button", name="保存").click()
    await expect(dialog).to_contain_text("这个代号已被其他班次使用。")
    await page.keyboard.press("Escape")
    await alice.button("放弃").click()
    await expect(dialog).to_have_count(0)
    await expect(alice.button("新建班次")).to_be_focused()


@pytest.mark.parametrize("path", ["shifts", "channels", "settings", "people"])
async def test_on_a_desk_a_detail_stands_beside_its_list(live_server: LiveServer, visitor: Visitor, path: str) -> None:
    config = {"webhook_url": live_server.dingtalk.webhook_url("beside"), "secret": "SEC-beside"}
    channel = {"name": "并排群", "kind": "dingtalk_robot", "team_id": live_server.team_id, "config": config}
    channel_id = (await live_server.ask("POST", "/channels", json=channel))["id"]
    root = await visitor(live_server.address, "root")
    page = await root.open(f"/{path}")
    if path == "settings":
        rows = page.get_by_role("navigation", name="设置").get_by_role("listitem")
        detail = page.get_by_role("heading", name="我的设备")
        await rows.get_by_role("button", name="我的设备").click()
        await expect(detail).to_be_focused()
        await expect(detail).to_be_in_viewport()
    elif path == "people":
        rows = page.get_by_role("region", name="成员").get_by_role("listitem")
        detail = page.locator(".person-body")
        await page.get_by_label("班组").select_option(label="一车间")
        await page.get_by_role("link", name="李爱丽").click()
        await expect(page.get_by_role("heading", level=1)).to_have_text("李爱丽")
        await expect(page.get_by_role("heading", level=1)).to_be_focused()
        await expect(page.get_by_label("班组").first).to_have_value(str(live_server.team_id))
    else:
        rows = page.locator("ul.rows > li")
        detail = page.get_by_role("dialog")
        await rows.get_by_role("button").first.click()
    await expect(detail).to_be_visible()
    left, right = await rows.first.bounding_box(), await detail.bounding_box()
    assert left
    assert right
    assert left["x"] + left["width"] <= right["x"]
    if path != "settings":
        assert right["x"] + right["width"] > 1300, "the right of the window is not empty"
    await live_server.ask("DELETE", f"/channels/{channel_id}")
