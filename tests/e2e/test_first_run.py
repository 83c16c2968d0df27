"""A stranger's first hour: from an empty server to the first reminder, as few clicks and fields as can be."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from playwright.async_api import Browser, Locator, expect

from conftest import eventually
from e2e.server import PASSWORD, StartEmpty, zone_where_it_is
from e2e.visit import PHONE, Visitor
from fakes.dingtalk import FakeDingTalk

MOST_CLICKS = 7
MOST_FIELDS = 7
"""With a colleague to be reminded, and hours that are not the offered ones; for oneself alone it is less."""


@dataclass
class Stranger:
    """Counts what they have to do."""

    clicks: int = 0
    fields: int = 0

    async def click(self, what: Locator) -> None:
        await what.click()
        self.clicks += 1

    async def fill(self, what: Locator, text: str) -> None:
        await what.fill(text)
        self.fields += 1


async def test_a_stranger_comes_from_an_empty_server_to_the_first_reminder(
    start_empty: StartEmpty, visitor: Visitor
) -> None:
    zone = zone_where_it_is(10)
    async with FakeDingTalk().running() as dingtalk:
        robot = dingtalk.add_robot("stranger")
        address = await start_empty(DINGTALK_BASE_URL=dingtalk.base_url, TIMEZONE="America/New_York")
        root = await visitor(address, timezone_id=zone)
        page, me = root.page, Stranger()
        await root.open("/")
        await expect(page.get_by_role("heading", level=1)).to_have_text("第一次使用")
        await expect(page.get_by_label("时区")).to_have_value(zone)
        await me.fill(page.get_by_label("用户名"), "root")
        await me.fill(page.get_by_label("密码"), PASSWORD)
        await me.click(root.button("创建账号"))

        await expect(page.get_by_role("heading", level=1)).to_have_text("今天")
        steps = page.locator(".first-steps li")
        await expect(steps).to_contain_text(
            ["添加通知渠道", "添加成员", "新建班次", "排班", "手机点得开吗？", "第一条提醒"]
        )
        await expect(steps).to_contain_text(["待完成"] * 6)
        dialog = page.get_by_role("dialog")

        await me.click(steps.nth(0).get_by_role("button"))
        address_field = dialog.get_by_label("Webhook 地址")
        await me.fill(address_field, dingtalk.webhook_url("nobody"))
        await expect(address_field).to_have_attribute("type", "text")  # readable while it is pasted
        await dialog.get_by_role("button", name="测试并保存").click()  # a slip, which is not counted
        await expect(dialog.locator(".test-answer")).to_contain_text("300005")
        await address_field.fill(dingtalk.webhook_url("stranger"))
        await expect(dialog.locator(".test-answer")).to_have_count(0)
        await me.click(dialog.get_by_role("button", name="测试并保存"))
        await expect(steps.nth(0)).to_contain_text("已完成")
        assert len(robot.messages) == 1

        await expect(dialog.get_by_role("heading")).to_have_text("添加成员")  # one step leads to the next
        await me.fill(dialog.get_by_label("姓名"), "王波")
        await me.fill(dialog.get_by_label("手机号"), "13800000001")
        await me.click(dialog.get_by_role("button", name="保存"))
        await me.click(dialog.get_by_role("button", name="完成"))
        await expect(steps.nth(1)).to_contain_text("已完成")

        start = datetime.now(ZoneInfo(zone)) + timedelta(minutes=10)
        await me.fill(dialog.get_by_label("上班", exact=True), f"{start:%H:%M}")
        await me.fill(dialog.get_by_label("下班", exact=True), f"{start + timedelta(hours=8):%H:%M}")
        await me.click(dialog.get_by_role("button", name="保存"))
        await expect(steps.nth(2)).to_contain_text("已完成")

        await expect(dialog.get_by_label("谁上班")).to_have_value("0")  # everybody
        assert await root.axe() == []
        await me.click(dialog.get_by_role("button", name="保存"))
        await expect(dialog).to_have_count(0)

        async def is_reminded() -> bool:
            return len(robot.messages) == 2

        await eventually(is_reminded)
        assert "@13800000001" in robot.messages[1]["markdown"]["text"]
        assert "上班打卡" in robot.messages[1]["markdown"]["title"]
        await expect(page.locator(".chips")).to_contain_text("王波")
        await expect(page.locator(".first-steps")).to_have_count(0)
        assert me.clicks <= MOST_CLICKS
        assert me.fields <= MOST_FIELDS


async def test_the_phones_step_ticks_itself_once_a_phone_opened_the_code(
    start_empty: StartEmpty, visitor: Visitor
) -> None:
    address = await start_empty()
    root = await visitor(address)
    page = await root.open("/")
    await page.get_by_label("用户名").fill("root")
    await page.get_by_label("密码").fill(PASSWORD)
    await root.button("创建账号").click()
    step = page.locator(".first-steps li").filter(has_text="手机点得开吗？")
    await expect(step).to_be_visible()
    await page.goto("about:blank")  # what this page has asked is not answered any more
    async with page.expect_response(lambda answer: "/doctor/phone" in answer.url) as answered:
        await page.goto(address)
    url = (await (await answered.value).json())["url"]
    await step.get_by_role("button").click()
    await expect(page.get_by_role("status").filter(has_text="等手机打开")).to_be_visible()
    await expect(page.get_by_role("img", name="二维码：消息里的地址")).to_be_visible()
    phone = await visitor(address, user_agent="Mozilla/5.0 (Linux; Android 16) Mobile Safari/537.36")
    await phone.page.goto(url)
    await expect(phone.page.get_by_role("heading")).to_have_text("在这个网络里点得开")
    await expect(page.get_by_text("只在局域网里试过")).to_be_visible()
    await page.get_by_role("dialog").get_by_role("button", name="完成").click()
    await expect(step).to_contain_text("已完成")


async def test_the_zones_of_these_tests_have_the_browsers_own_names_at_every_hour(browser: Browser) -> None:
    zones = [zone_where_it_is(hour) for hour in range(24)]
    page = await browser.new_page()
    question = (
        "(zones) => zones.map((timeZone) => new Intl.DateTimeFormat('en', { timeZone }).resolvedOptions().timeZone)"
    )
    assert await page.evaluate(question, zones) == zones
    await page.close()


@pytest.mark.parametrize("language", ["zh", "en"])
async def test_the_language_and_the_zone_of_the_first_team_are_the_browsers(
    start_empty: StartEmpty, visitor: Visitor, language: str
) -> None:
    address = await start_empty(TIMEZONE="UTC")
    root = await visitor(address, size=PHONE, language=language, timezone_id="Asia/Tokyo")
    page = await root.open("/")
    words = {"zh": ("用户名", "密码", "创建账号"), "en": ("User name", "Password", "Create account")}[language]
    await page.get_by_label(words[0]).fill("root")
    await page.get_by_label(words[1]).fill("short")
    await root.button(words[2]).click()  # the browser itself refuses what is too short
    await expect(page.get_by_label(words[1])).to_be_visible()
    await page.get_by_label(words[1]).fill(PASSWORD)
    await root.button(words[2]).click()
    await expect(page.locator(".first-steps")).to_be_visible()
    async with page.expect_response("**/api/v1/teams") as teams:
        await root.open("/people")
    (team,) = (await (await teams.value).json())["items"]
    assert team["timezone"] == "Asia/Tokyo"
    assert team["name"] == {"zh": "我的班组", "en": "My team"}[language]

    second = await visitor(address)
    await second.open("/")
    await expect(second.page.get_by_role("heading", level=1)).to_have_text("登录")


async def test_a_wrong_password_is_refused_in_words_and_lets_nobody_in(
    start_empty: StartEmpty, visitor: Visitor
) -> None:
    address = await start_empty()
    root = await visitor(address)
    setup = {"username": "root", "password": PASSWORD}
    assert (await root.context.request.post(f"{address}/api/v1/setup", data=setup)).ok
    somebody = await visitor(address)
    await somebody.open("/roster")
    await somebody.page.get_by_label("用户名").fill("root")
    await somebody.page.get_by_label("密码").fill("not the password")
    await somebody.button("登录").click()
    await expect(somebody.page.get_by_role("alert")).to_have_text("用户名或密码不对。")
    await expect(somebody.page.locator("nav.rail")).to_have_count(0)
    await somebody.page.get_by_label("密码").fill(PASSWORD)
    await somebody.button("登录").click()
    await expect(somebody.page.get_by_role("heading", level=1)).to_have_text("排班")
