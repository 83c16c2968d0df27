"""A robot is added in the browser and tried against a DingTalk that answers HTTP 200 to everything."""

import re

from playwright.async_api import Locator, expect

from e2e.house import House
from e2e.visit import Visit, Visitor

RIGHT = "SEC-the-right-one"
CHINESE = re.compile(r"[\u4e00-\u9fff]")


async def add_robot(alice: Visit, house: House, *, name: str, token: str, secret: str) -> Locator:
    """Adds it by the form; its line on the page."""
    page = await alice.open("/channels")
    await alice.button("添加渠道").click()
    dialog = page.get_by_role("dialog")
    await dialog.get_by_label("种类").select_option(label="钉钉群机器人")
    await dialog.get_by_label("名称").fill(name)
    await dialog.get_by_label("Webhook 地址").fill(house.dingtalk.webhook_url(token))
    await dialog.get_by_label("加签密钥").fill(secret)
    await dialog.get_by_role("button", name="保存").click()
    await expect(dialog).to_have_count(0)
    return page.locator("li.channel", has_text=name)


async def test_a_robot_with_the_right_secret_says_ok(house: House, visitor: Visitor) -> None:
    robot = house.dingtalk.add_robot("e2e0good", secret=RIGHT)
    alice = await visitor(house.address, "alice")
    line = await add_robot(alice, house, name="好群", token="e2e0good", secret=RIGHT)
    await line.get_by_role("button", name="发一条试试").click()
    answer = line.locator(".test-answer")
    await expect(answer).to_contain_text("对方收到了")
    await expect(answer.locator("code")).to_have_text("0")
    assert len(robot.messages) == 1
    await line.locator(".channel-open").click()
    dialog = alice.page.get_by_role("dialog")
    await expect(dialog.get_by_label("加签密钥")).to_have_value("")  # a secret is never given back
    assert RIGHT not in await alice.page.content()


async def test_a_wrong_secret_shows_the_code_and_the_remedy_and_is_never_called_sent(
    house: House, visitor: Visitor
) -> None:
    robot = house.dingtalk.add_robot("e2e0bad", secret=RIGHT)
    alice = await visitor(house.address, "alice")
    line = await add_robot(alice, house, name="错群", token="e2e0bad", secret="SEC-a-wrong-one")
    await line.get_by_role("button", name="发一条试试").click()
    answer = line.locator(".test-answer")
    await expect(answer.locator("code")).to_have_text("310000")
    await expect(answer).to_contain_text("sign not match")
    await expect(answer).to_contain_text("加签密钥不对")
    assert robot.messages == []


async def test_a_reminder_that_the_robot_refused_is_failed_in_the_log_and_never_sent(
    house: House, visitor: Visitor
) -> None:
    house.dingtalk.add_robot("e2e0log", secret=RIGHT)
    team_id = await house.add_team("错群组")
    config = {"webhook_url": house.dingtalk.webhook_url("e2e0log"), "secret": "SEC-a-wrong-one"}
    channel = {"name": "错密钥群", "kind": "dingtalk_robot", "team_id": team_id, "config": config}
    await house.ask("POST", "/channels", json=channel)
    await house.add_person_about_to_start("tess", "泰丝", team_id)
    root = await visitor(house.address, "root")
    page = await root.open("/log")
    await page.get_by_label("渠道").select_option(label="错密钥群")
    row = page.locator("button.delivery", has=page.locator(".delivery-channel", has_text="错密钥群"))
    await expect(row).to_contain_text("310000")
    await expect(row).to_contain_text("失败")
    await expect(row).not_to_contain_text("已送达")
    await row.click()
    await expect(page.locator(".story")).to_contain_text("sign not match")
    await expect(page.locator(".story")).to_contain_text("加签密钥不对")
    await root.open("/channels")
    await expect(page.locator("li.channel", has_text="错密钥群")).to_contain_text("发不出去")


async def test_an_address_that_is_no_robots_is_refused_beside_its_field(house: House, visitor: Visitor) -> None:
    alice = await visitor(house.address, "alice")
    page = await alice.open("/channels")
    await alice.button("添加渠道").click()
    dialog = page.get_by_role("dialog")
    await dialog.get_by_label("种类").select_option(label="钉钉群机器人")
    await dialog.get_by_label("名称").fill("错地址")
    await dialog.get_by_label("Webhook 地址").fill("https://example.com/")
    await dialog.get_by_role("button", name="保存").click()
    field = dialog.get_by_label("Webhook 地址")
    await expect(field).to_have_attribute("aria-invalid", "true")
    await expect(field).to_have_accessible_description(
        "应是机器人的完整地址：https://oapi.dingtalk.com/robot/send?access_token=…"
    )


async def test_every_kind_speaks_the_readers_language(house: House, visitor: Visitor) -> None:
    alice = await visitor(house.address, "alice", language="en")
    page = await alice.open("/channels")
    await alice.button("Add channel").click()
    dialog = page.get_by_role("dialog")
    kind = dialog.get_by_label("Kind")
    choices = await kind.locator("option").all_text_contents()
    assert len(choices) > 10
    for choice in choices:
        await kind.select_option(label=choice)
        words = await dialog.locator("label, .note, h2, button").all_text_contents()
        assert [each for each in words if CHINESE.search(each)] == [], choice
