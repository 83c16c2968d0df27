"""The page behind a message's link: for somebody who is not signed in, in a browser that runs no JavaScript."""

import asyncio
import json
import re
from typing import Any

from playwright.async_api import expect

from e2e.live_server import LiveServer
from e2e.visit import PHONE, Visitor

SECRET = "SEC-for-one-tap"


async def reminded(live_server: LiveServer, token: str, username: str, name: str) -> tuple[int, str]:
    """Somebody whose team's robot has just reminded them, with the first link of the message that the group got."""
    team_id = await live_server.add_team(f"{name}组")
    live_server.dingtalk.add_robot(token, secret=SECRET)
    robot = {"webhook_url": live_server.dingtalk.webhook_url(token), "secret": SECRET}
    channel = {"name": f"{name}群", "kind": "dingtalk_robot", "team_id": team_id, "config": robot}
    await live_server.ask("POST", "/channels", json=channel)
    user_id = await live_server.add_person_about_to_start(username, name, team_id)
    async with asyncio.timeout(15):
        while not (messages := live_server.dingtalk.robots[token].messages):  # noqa: ASYNC110 - the fake has no event
            await asyncio.sleep(0.05)
    found = re.search(rf"{live_server.address}/a/[\w.-]+", json.dumps(messages[0]))
    assert found, messages[0]
    return user_id, found[0]


async def test_one_tap_needs_no_login_and_no_javascript_and_looking_acknowledges_nothing(
    live_server: LiveServer, visitor: Visitor
) -> None:
    user_id, link = await reminded(live_server, "one0tap", "judy", "朱迪")

    judy = await visitor(live_server.address, size=PHONE, java_script_enabled=False)
    for _ in range(3):  # a preview, a scanner, and Judy herself
        await judy.page.goto(link)
    await expect(judy.page.locator("h1")).to_have_text(re.compile(r"^\d\d:\d\d$"))
    await expect(judy.page.get_by_text("朱迪，上班打卡")).to_be_visible()
    assert await live_server.clock_in_status(user_id) == "nagging"
    head = await judy.context.request.head(link)
    assert head.status < 500
    assert await live_server.clock_in_status(user_id) == "nagging"

    await judy.button("我已打卡").click()
    await expect(judy.page.get_by_text("已打卡")).to_be_visible()
    assert await live_server.clock_in_status(user_id) == "acknowledged"
    await judy.button("撤销").click()
    await expect(judy.button("我已打卡")).to_be_visible()
    assert await live_server.clock_in_status(user_id) == "nagging"

    for language, title, said in (("zh", "打卡提醒", "zh-CN"), ("en", "Clock-in reminder", "en")):
        looked_at = await visitor(live_server.address, size=PHONE, language=language)
        for theme in ("light", "dark"):
            await looked_at.page.emulate_media(color_scheme=theme)
            await looked_at.page.goto(link)
            assert await looked_at.axe() == []
        assert await looked_at.page.title() == title
        assert await looked_at.page.locator("html").get_attribute("lang") == said
        await expect(looked_at.page.locator("h1")).to_have_count(1)
        await looked_at.page.locator("button").first.click()
        await expect(looked_at.page.locator("button")).to_have_count(1)
        assert await looked_at.axe() == []
        await looked_at.page.locator("button").click()


async def test_back_a_reload_and_a_second_tap_answer_nothing_again(live_server: LiveServer, visitor: Visitor) -> None:
    user_id, link = await reminded(live_server, "again0tap", "kurt", "库尔特")
    day = live_server.today.isoformat()

    async def clock_in() -> dict[str, Any]:
        found = await live_server.ask("GET", "/reminders", params={"user_id": user_id, "from": day, "to": day})
        return next(each for each in found["items"] if each["kind"] == "clock_in")

    kurt = await visitor(live_server.address, size=PHONE, java_script_enabled=False)
    earlier = await kurt.context.new_page()  # it shows the buttons still, when they have been tapped elsewhere
    for page in (kurt.page, earlier):
        await page.goto(f"{live_server.address}/a/not.a.link")
        await page.goto(f"{link}#snooze")
    for button, said in (("10 分钟后提醒", re.compile(r"好的，\d\d:\d\d 再提醒")), ("我已打卡", "已打卡")):
        before = await clock_in()
        await kurt.button(button).click()
        await expect(kurt.page.get_by_text(said)).to_be_visible()
        done = await clock_in()
        assert done != before
        for leave in (kurt.page.reload, kurt.page.reload):
            answer = await leave()
            assert answer is not None
            assert (answer.status, answer.request.method) == (200, "GET")
            await expect(kurt.page.get_by_text(said)).to_be_visible()
        await earlier.get_by_role("button", name=button).click()
        await expect(earlier.get_by_text("之前已经做过了")).to_be_visible()
        await expect(earlier.get_by_text(said)).to_be_visible()
        assert await clock_in() == done
    await kurt.page.go_back()
    await expect(kurt.page.get_by_text("已打卡")).to_be_visible()
    await kurt.page.go_forward()
    await expect(kurt.page.get_by_text("已打卡")).to_be_visible()
    assert await clock_in() == done


async def test_a_link_that_was_tampered_with_says_that_it_no_longer_works(
    live_server: LiveServer, visitor: Visitor
) -> None:
    for language, words in (("zh", "这个链接已失效"), ("en", "This link has expired")):
        somebody = await visitor(live_server.address, size=PHONE, language=language)
        await somebody.page.goto(f"{live_server.address}/a/not.a.link")
        await expect(somebody.page.get_by_text(words)).to_be_visible()
        await expect(somebody.page.get_by_role("button")).to_have_count(0)
        assert await somebody.axe() == []
