"""Planners keep the sources that are asked who punched, try them, and see when one does not answer."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import httpx
import pytest
from playwright.async_api import expect

from conftest import DatabaseMaker
from e2e.live_server import LiveServer, furnished
from e2e.server import running
from e2e.test_pages import axe_in_all_looks
from e2e.visit import Visitor
from fakes.dingtalk_attendance import FakeAttendance
from fakes.server import FakeResponse, FakeServer

SECRET = "attendance-secret"


@pytest.fixture(scope="module")
async def attendance() -> AsyncIterator[FakeAttendance]:
    async with FakeAttendance(app_key="dingattendance").running() as fake:
        yield fake


@pytest.fixture(scope="module")
async def office(
    tmp_path_factory: pytest.TempPathFactory, sqlite_maker: DatabaseMaker, attendance: FakeAttendance
) -> AsyncIterator[LiveServer]:
    """A server with a script set in the environment, beside a DingTalk that knows who punched."""
    async with AsyncExitStack() as stack:
        script = await stack.enter_async_context(FakeServer(lambda _: FakeResponse("", 500)).running())
        settings = {
            "DATABASE_URL": await sqlite_maker.url(),
            "DINGTALK_BASE_URL": attendance.base_url,
            "CHECK_URL": f"{script.base_url}/script",
            "API_TOKEN": "token-of-the-script",
        }
        address = await stack.enter_async_context(running("serve", tmp_path_factory.mktemp("office"), **settings))
        http = await stack.enter_async_context(httpx.AsyncClient(base_url=address, trust_env=False))
        yield await furnished(address, http, attendance)


async def test_a_source_is_added_by_the_form_of_its_schema_tried_and_never_shows_its_secret(
    office: LiveServer, visitor: Visitor, attendance: FakeAttendance
) -> None:
    alice = await visitor(office.address, "alice")
    page = await alice.open("/punch-sources")
    await alice.button("添加打卡数据源").click()
    dialog = page.get_by_role("dialog")
    await dialog.get_by_label("种类").select_option(label="钉钉考勤")
    await dialog.get_by_label("名称").fill("一车间考勤")
    await expect(dialog.get_by_label("每月最多查询次数")).to_have_value("4000")
    await dialog.get_by_label("AppKey").fill("x")
    await dialog.get_by_label("AppSecret").fill(SECRET)
    await dialog.get_by_role("button", name="测试并保存").click()
    await expect(dialog.get_by_label("AppKey")).to_have_attribute("aria-invalid", "true")
    await dialog.get_by_label("AppKey").fill("dingattendance")

    # A person whom DingTalk does not know proves nothing.
    await dialog.get_by_label("查谁").select_option(label="王波")
    await dialog.get_by_role("button", name="测试并保存").click()
    await expect(dialog.locator(".test-answer")).to_contain_text("未知")
    await expect(dialog.get_by_role("button", name="仍要保存")).to_be_visible()
    assert await alice.axe() == []

    assert office.user_ids is not None
    assert office.shift_ids is not None
    await office.ask("PATCH", f"/users/{office.user_ids['bob']}", json={"dingtalk_userid": "u-bob"})
    await office.plan(office.user_ids["bob"], office.today, office.shift_ids["早"])
    await dialog.get_by_role("button", name="测试并保存").click()
    await expect(dialog).to_have_count(0)
    line = page.locator("li.channel", has_text="一车间考勤")
    await expect(line).to_contain_text("正常")
    await expect(line).not_to_contain_text("本月已查询 0 ")

    await line.get_by_role("button", name="试查一次").click()
    await dialog.get_by_label("查谁").select_option(label="王波")
    await dialog.get_by_role("button", name="查询", exact=True).click()
    await expect(dialog.locator(".test-answer")).to_contain_text("查询正常")
    await expect(dialog.locator(".test-answer")).to_contain_text("未打卡")
    assert await alice.axe() == []
    await page.keyboard.press("Escape")

    await line.locator(".channel-open").click()
    await expect(dialog.get_by_label("AppSecret")).to_have_value("")
    assert SECRET not in await page.content()
    assert await alice.axe() == []


async def test_a_source_that_cannot_be_asked_says_since_when_and_what_to_do_here_and_on_today(
    office: LiveServer, visitor: Visitor
) -> None:
    config = {"app_key": "dingattendance", "app_secret": "a-wrong-secret"}
    body = {"name": "错密钥考勤", "kind": "dingtalk_attendance", "team_id": office.team_id, "config": config}
    source = await office.ask("POST", "/punch-sources", json=body)
    assert office.user_ids is not None
    await office.ask("PATCH", f"/users/{office.user_ids['dora']}", json={"dingtalk_userid": "u-dora"})
    start = await office.add_shift("马上开始", "马", (f"{office.now:%H}:59", "23:59"), team_id=office.team_id)
    await office.plan(office.user_ids["dora"], office.today, start)
    alice = await visitor(office.address, "alice")
    page = await alice.open("/punch-sources")
    line = page.locator("li.channel", has_text="错密钥考勤")
    await line.get_by_role("button", name="试查一次").click()
    dialog = page.get_by_role("dialog")
    await dialog.get_by_label("查谁").select_option(label="多拉")
    await dialog.get_by_role("button", name="查询", exact=True).click()
    await expect(dialog.locator(".test-answer")).to_contain_text("设置有误，无法查询")
    await expect(dialog.locator(".test-answer")).to_contain_text("invalidClientIdOrSecret")
    await expect(dialog.locator(".test-answer")).to_contain_text("AppKey 或 AppSecret 不正确")
    await page.keyboard.press("Escape")
    await office.ask("DELETE", f"/punch-sources/{source['id']}")


async def test_the_environments_source_is_shown_and_only_its_person_and_budget_change(
    office: LiveServer, visitor: Visitor
) -> None:
    root = await visitor(office.address, "root")
    page = await root.open("/punch-sources")
    line = page.locator("li.channel", has_text="CHECK_URL")
    await expect(line).to_contain_text("由环境变量设置")
    await line.locator(".channel-open").click()
    dialog = page.get_by_role("dialog")
    await expect(dialog).to_contain_text("CHECK_URL 和 API_TOKEN")
    await expect(dialog.get_by_label("名称")).to_have_count(0)
    await expect(dialog.get_by_role("button", name="删除")).to_have_count(0)
    await dialog.get_by_label("只查询这一个人").select_option(label="王波")
    await dialog.get_by_label("每月最多查询次数").fill("500")
    await dialog.get_by_role("button", name="保存").click()
    await expect(dialog).to_have_count(0)
    await expect(line).to_contain_text("/ 500 次")
    assert "token-of-the-script" not in await page.content()

    alice = await visitor(office.address, "alice")
    page = await alice.open("/punch-sources")
    line = page.locator("li.channel", has_text="CHECK_URL")
    await expect(line.get_by_role("button", name="试查一次")).to_have_count(0)
    await line.locator(".channel-open").click()
    await expect(page.get_by_role("dialog")).to_contain_text("只有管理员能修改")


@pytest.mark.parametrize("language", ["zh", "en"])
async def test_the_page_and_its_form_are_clean_in_every_look(
    office: LiveServer, visitor: Visitor, language: str
) -> None:
    root = await visitor(office.address, "root", language=language)
    page = await root.open("/punch-sources")
    found = await axe_in_all_looks(root, "/punch-sources")
    await root.button("添加打卡数据源" if language == "zh" else "Add punch source").click()
    kind = page.get_by_role("dialog").locator("select").first
    await expect(kind.locator("option")).to_have_count(5)
    for choice in await kind.locator("option").all_text_contents():
        await kind.select_option(label=choice)
        found += await axe_in_all_looks(root, f"form {choice}")
    assert found == []
