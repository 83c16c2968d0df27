"""Answers in a chat as people see them: the test that waits for a tap, the connections, and Today after a tap."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import httpx
import pytest
from playwright.async_api import expect

from conftest import DatabaseMaker, eventually
from e2e.live_server import LiveServer, furnished
from e2e.server import running
from e2e.visit import PHONE, Visitor
from fakes.dingtalk import FakeDingTalk
from fakes.telegram_bot import FakeBot

ELSEWHERE = "https://daka.example"


@pytest.fixture(scope="module")
async def bot() -> AsyncIterator[FakeBot]:
    fake = FakeBot()
    async with fake.running():
        yield fake


@pytest.fixture(scope="module")
async def server(
    tmp_path_factory: pytest.TempPathFactory, sqlite_maker: DatabaseMaker, bot: FakeBot
) -> AsyncIterator[LiveServer]:
    """Its address in messages is another one than the browser's."""
    async with AsyncExitStack() as stack:
        database = await sqlite_maker.url()
        settings = {"TELEGRAM_BASE_URL": bot.base_url, "PUBLIC_URL": ELSEWHERE, "DATABASE_URL": database}
        address = await stack.enter_async_context(running("serve", tmp_path_factory.mktemp("chats"), **settings))
        http = await stack.enter_async_context(httpx.AsyncClient(base_url=address, trust_env=False))
        yield await furnished(address, http, FakeDingTalk())


async def channel_of(http: httpx.AsyncClient, chat: int) -> None:
    config = {"bot_token": "42:good", "chat_id": str(chat), "answers_in_chat": True}
    answer = await http.post("/api/v1/channels", json={"name": "电报", "kind": "telegram", "config": config})
    assert answer.is_success, answer.text


async def test_a_test_waits_for_the_tap(server: LiveServer, visitor: Visitor, bot: FakeBot) -> None:
    root = await visitor(server.address, "root")
    await channel_of(server.http, 1)
    await root.open("/channels")
    await root.page.locator("li.channel", has_text="电报").get_by_role("button", name="发送测试").click()
    dialog = root.page.get_by_role("dialog")
    await expect(dialog).to_contain_text("请点一下消息里的按钮")
    assert await root.axe() == []
    await bot.until(lambda: bot.messages)
    bot.tap(1, len(bot.messages), "ack")
    await expect(dialog).to_contain_text("收到了，按钮可以用")
    await expect(dialog).not_to_contain_text("还不认识")


@pytest.mark.parametrize("size", [PHONE, None], ids=["phone", "desk"])
async def test_settings_show_the_connection_and_how_to_set_up_each_chat(
    server: LiveServer, visitor: Visitor, size: dict[str, int] | None
) -> None:
    await channel_of(server.http, 2)

    async def is_connected() -> bool:
        found = (await server.ask("GET", "/chat-connections"))["items"]
        return [each["state"] for each in found] == ["open"]

    await eventually(is_connected, within_seconds=30)
    root = await visitor(server.address, "root", **({"size": size} if size else {}))
    page = await root.open("/settings")
    connection = page.get_by_role("list", name="聊天连接").locator("li")
    await expect(connection).to_contain_text("Telegram")
    await expect(connection).to_contain_text("已连接")
    await root.button("怎么接入").click()
    dialog = page.get_by_role("dialog")
    for vendor in ("Telegram", "钉钉", "钉钉卡片", "飞书", "企业微信", "ntfy"):
        await dialog.get_by_role("radio", name=vendor, exact=True).check()
        assert await dialog.locator("ol.guide li").count() > 2
    assert await root.axe() == []


async def test_today_is_done_after_a_tap_in_the_chat(server: LiveServer, visitor: Visitor, bot: FakeBot) -> None:
    sent = len(bot.messages)
    user_id = await server.add_person("eve", "夏娃", server.team_id)
    eve = await visitor(server.address, "eve", size=PHONE)
    answer = await eve.context.request.post(
        f"{server.address}/api/v1/auth/token",
        form={"username": "eve", "password": "correct horse battery"},
    )
    token = (await answer.json())["access_token"]
    async with httpx.AsyncClient(
        base_url=server.address, headers={"Authorization": f"Bearer {token}"}, trust_env=False
    ) as http:
        await channel_of(http, 7)
    start = server.now
    shift_id = await server.add_shift("马上", "马", (f"{start:%H:%M}", f"{start.hour + 5:02}:00"))
    await server.plan(user_id, server.today, shift_id)
    await bot.until(lambda: len(bot.messages) > sent, 30)
    await eve.open("/")
    await expect(eve.page.locator(".sentence.now")).to_be_visible()
    bot.tap(7, len(bot.messages), "ack")
    await expect(eve.page.locator(".sentence.now")).to_have_count(0)
    assert await server.clock_in_status(user_id) == "acknowledged"
    shown = bot.messages[len(bot.messages)]

    async def has_changed() -> bool:
        return "● 已打卡" in bot.messages[len(bot.messages)]["text"]

    await eventually(has_changed)
    assert shown["chat_id"] == "7"


async def test_today_says_that_no_phone_has_opened_the_address_in_messages(
    server: LiveServer, visitor: Visitor
) -> None:
    root = await visitor(server.address, "root")
    page = await root.open("/")
    notice = page.locator(".address-notice")
    await expect(notice).to_contain_text(f"{ELSEWHERE}，而你现在用的是 {server.address}")
    await notice.get_by_role("button", name="用手机试一下").click()
    await expect(page.get_by_role("dialog").get_by_role("img")).to_be_visible()
    await page.keyboard.press("Escape")
    await notice.get_by_role("button", name="不再提示").click()
    await expect(notice).to_have_count(0)
    await page.reload()
    await root.ready()
    await expect(notice).to_have_count(0)
    alice = await visitor(server.address, "alice")
    await alice.open("/")
    await expect(alice.page.locator(".address-notice")).to_have_count(0)
