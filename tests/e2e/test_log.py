"""The log is searched, filtered by an address that can be sent to somebody, and sends again what may be."""

from datetime import timedelta

import pytest
from playwright.async_api import expect

from e2e.live_server import LiveServer
from e2e.test_pages import axe_in_all_looks
from e2e.visit import Visitor


async def broken_robot(live_server: LiveServer, name: str, token: str) -> tuple[int, int]:
    """A team's robot that refuses everything, and how it refused a reminder; the team and the channel."""
    live_server.dingtalk.add_robot(token, secret="SEC-right")
    team_id = await live_server.add_team(name)
    config = {"webhook_url": live_server.dingtalk.webhook_url(token), "secret": "SEC-wrong"}
    channel = {"name": f"{name}机器人", "kind": "dingtalk_robot", "team_id": team_id, "config": config}
    return team_id, int((await live_server.ask("POST", "/channels", json=channel))["id"])


async def test_a_search_finds_the_providers_words_and_its_address_says_what_is_shown(
    live_server: LiveServer, visitor: Visitor
) -> None:
    _, channel_id = await broken_robot(live_server, "搜索组", "e2e0search")
    await live_server.ask("POST", f"/channels/{channel_id}/test")
    root = await visitor(live_server.address, "root")
    page = await root.open("/log")
    await page.get_by_label("搜索").fill("sign not match")
    rows = page.locator("button.delivery")
    await expect(rows.filter(has_text="搜索组机器人")).to_have_count(1)
    await expect(page).to_have_url(f"{live_server.address}/log?q=sign+not+match")
    await page.get_by_label("搜索").fill("没有人说过这个")
    await expect(page.locator(".empty")).to_contain_text("没有符合的记录")
    await root.button("清除筛选").click()
    await expect(page).to_have_url(f"{live_server.address}/log")
    await expect(rows.first).to_be_visible()


async def test_filters_by_status_channel_occasion_and_date_are_in_the_address(
    live_server: LiveServer, visitor: Visitor
) -> None:
    _, channel_id = await broken_robot(live_server, "筛选组", "e2e0filter")
    await live_server.ask("POST", f"/channels/{channel_id}/test")
    root = await visitor(live_server.address, "root")
    page = await root.open("/log")
    await page.get_by_label("渠道", exact=True).select_option(label="筛选组机器人")
    await page.get_by_label("状态").select_option(label="失败")
    await page.get_by_text("按种类和日期").click()
    await page.get_by_label("种类").select_option(label="测试")
    await page.get_by_label("从", exact=True).fill(str(live_server.today))
    await page.get_by_label("到", exact=True).fill(str(live_server.today))
    rows = page.locator("button.delivery")
    await expect(rows).to_have_count(1)
    asked = (
        f"channel={channel_id}",
        "status=failed",
        "occasion=test",
        f"from={live_server.today}",
        f"to={live_server.today}",
    )
    assert all(part in page.url for part in asked)
    # Whoever gets the address sees the same.
    await page.reload()
    await root.ready()
    await expect(rows).to_have_count(1)
    await expect(page.get_by_label("种类")).to_have_value("test")
    tomorrow = live_server.today + timedelta(days=1)
    await root.open(f"/log?channel={channel_id}&from={tomorrow}")
    await expect(rows).to_have_count(0)


async def test_what_failed_in_time_is_sent_again_once_its_channel_was_mended(
    live_server: LiveServer, visitor: Visitor
) -> None:
    team_id, channel_id = await broken_robot(live_server, "重发组", "e2e0again")
    await live_server.add_person_about_to_start("rhea", "丽塔", team_id)
    root = await visitor(live_server.address, "root")
    page = await root.open(f"/log?channel={channel_id}&occasion=reminder")
    row = page.locator("button.delivery")
    await expect(row).to_contain_text("失败")
    await row.click()
    story = page.locator(".story")
    await expect(story).to_contain_text("310000")
    await expect(story).to_contain_text("加签密钥")
    await expect(story).to_contain_text("毫秒")
    config = {"webhook_url": live_server.dingtalk.webhook_url("e2e0again"), "secret": "SEC-right"}
    await live_server.ask("PATCH", f"/channels/{channel_id}", json={"config": config})
    await story.get_by_role("button", name="重新投递").click()
    await expect(row).to_contain_text("已接收")
    await expect(story).to_contain_text("第 2 次尝试")
    await expect(story.get_by_role("button", name="重新投递")).to_have_count(0)
    await story.get_by_role("link", name="为什么这样提醒").click()
    await expect(page.locator("main")).to_contain_text("丽塔")


async def test_an_address_of_a_delivery_that_is_not_ones_own_shows_nothing(
    live_server: LiveServer, visitor: Visitor
) -> None:
    _, channel_id = await broken_robot(live_server, "别人组", "e2e0others")
    tried = await live_server.ask("POST", f"/channels/{channel_id}/test")
    charlie = await visitor(live_server.address, "charlie")
    page = await charlie.open(f"/log?delivery={tried['delivery_id']}")
    await expect(page.get_by_role("alert")).to_contain_text("找不到这条投递")
    await charlie.open("/log")
    await expect(page.locator("main")).not_to_contain_text("别人组")


@pytest.mark.parametrize("language", ["zh", "en"])
async def test_an_open_story_is_clean_in_every_look(live_server: LiveServer, visitor: Visitor, language: str) -> None:
    _, channel_id = await broken_robot(live_server, f"样子组{language}", f"e2e0look{language}")
    tried = await live_server.ask("POST", f"/channels/{channel_id}/test")
    root = await visitor(live_server.address, "root", language=language)
    await root.open(f"/log?delivery={tried['delivery_id']}")
    await expect(root.page.locator(".story")).to_be_visible()
    assert await axe_in_all_looks(root, "a delivery") == []
    await root.open(f"/log?channel={channel_id}&occasion=test&q=310000")
    assert await axe_in_all_looks(root, "a filtered log") == []
