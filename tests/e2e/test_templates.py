"""A planner gives their team's messages other words, sees them before anybody gets them, and takes them back."""

import pytest
from playwright.async_api import expect

from e2e.live_server import LiveServer
from e2e.test_pages import axe_in_all_looks
from e2e.visit import DESK, Visitor

EDITOR = "/templates?stage=clock_in_before"


async def test_words_with_a_variable_are_previewed_saved_and_taken_back(
    live_server: LiveServer, visitor: Visitor
) -> None:
    alice = await visitor(live_server.address, "alice")
    page = await alice.open("/templates")
    stage = page.locator(".stages a").filter(has=page.get_by_text("上班前", exact=True))
    await expect(stage).to_contain_text("内置")
    await expect(stage).to_contain_text("上班打卡提醒")
    await stage.click()
    title = page.get_by_label("标题")
    await expect(title).to_have_value("{kind}提醒 {time}")  # begins with the built-in words
    await title.fill("早上好，")
    await page.get_by_role("button", name="插入 {names}").click()
    await expect(title).to_have_value("早上好，{names}")
    await expect(title).to_be_focused()
    bubble = page.locator(".bubble")
    await expect(bubble).to_contain_text("早上好，张三")
    await expect(bubble.locator(".bubble-buttons")).to_contain_text("我已打卡")
    await page.get_by_label("渠道种类").select_option(label="钉钉群机器人")
    await page.get_by_label("3 个人").check()
    await expect(bubble).to_contain_text("早上好，张三、李四、王五")
    await expect(page.locator(".preview")).to_contain_text("@张三 @李四 @王五")
    await page.get_by_label("渠道种类").select_option(label="收件箱")
    await expect(page.locator(".preview")).to_contain_text("这种渠道不 @ 人")
    await alice.button("保存").click()
    await expect(stage).to_contain_text("自定义")
    await expect(stage).to_contain_text("早上好，张三")
    saved = (await live_server.ask("GET", "/templates", params={"team_id": live_server.team_id}))["items"]
    assert [(each["stage"], each["variants"][0]["title"]) for each in saved] == [("clock_in_before", "早上好，{names}")]

    await stage.click()
    await alice.button("恢复内置文案").click()
    await page.get_by_role("dialog").get_by_role("button", name="恢复内置文案").click()
    await expect(stage).to_contain_text("内置")
    assert (await live_server.ask("GET", "/templates", params={"team_id": live_server.team_id}))["items"] == []


async def test_several_ways_to_say_it(live_server: LiveServer, visitor: Visitor) -> None:
    alice = await visitor(live_server.address, "alice")
    page = await alice.open("/templates?stage=escalation")
    await alice.button("添加一种文案").click()
    ways = page.get_by_label("标题")
    await expect(ways).to_have_count(2)
    await ways.nth(1).fill("{count} 个人忘了")
    await expect(page.locator(".bubble")).to_contain_text("1 个人忘了")
    await ways.nth(0).focus()
    await expect(page.locator(".bubble")).to_contain_text("1 人还没有打卡记录")
    await alice.button("保存").click()
    await expect(
        page.locator(".stages a").filter(has=page.get_by_text("上报给班组和排班员", exact=True))
    ).to_contain_text("自定义，2 种")
    await live_server.ask("DELETE", f"/templates/{live_server.team_id}/escalation")


async def test_a_variable_that_there_is_not_is_said_beside_its_field_and_nothing_is_saved(
    live_server: LiveServer, visitor: Visitor
) -> None:
    alice = await visitor(live_server.address, "alice")
    page = await alice.open(EDITOR)
    line = page.get_by_label("每个人一行")
    await line.fill("{password}")
    await expect(line).to_have_accessible_description("含有未知变量。只能使用下面列出的变量。")
    await expect(line).to_have_attribute("aria-invalid", "true")
    await alice.button("保存").click()
    await expect(page).to_have_url(f"{live_server.address}{EDITOR}")
    assert (await live_server.ask("GET", "/templates", params={"team_id": live_server.team_id}))["items"] == []
    await line.fill("{name}")
    await expect(line).not_to_have_attribute("aria-invalid", "true")


async def test_members_have_no_such_page(live_server: LiveServer, visitor: Visitor) -> None:
    bob = await visitor(live_server.address, "bob")
    page = await bob.open("/templates")
    await expect(page.get_by_role("heading", level=1)).to_have_text("没有这个页面")


@pytest.mark.parametrize("language", ["zh", "en"])
async def test_the_editor_is_clean_in_every_look(live_server: LiveServer, visitor: Visitor, language: str) -> None:
    alice = await visitor(live_server.address, "alice", language=language, size=DESK)
    await alice.open(EDITOR)
    await expect(alice.page.locator(".bubble")).to_be_visible()
    await alice.page.locator(".preview summary").click()
    assert await axe_in_all_looks(alice, EDITOR) == []
