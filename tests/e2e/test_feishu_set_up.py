"""From an empty installation and a company in Feishu to people with rosters, without typing one name."""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

import pytest
from playwright.async_api import expect

from e2e.server import PASSWORD, StartEmpty
from e2e.visit import Visit, Visitor
from fakes.feishu_attendance import BEIJING, FakeFeishuAttendance
from fakes.feishu_company import furnish

Show = Callable[[str], Awaitable[None]]


def company() -> FakeFeishuAttendance:
    fake = FakeFeishuAttendance()
    furnish(fake, datetime.now(BEIJING).date() - timedelta(days=1))
    return fake


WORDS = {
    "zh": {
        "user": "用户名",
        "password": "密码",
        "create": "创建账号",
        "save": "保存并检查权限",
        "missing": "没有",
        "again": "重新检查",
        "departments": "读取部门",
        "first": "一车间（40 人）",
        "new": "新建同名班组",
        "preview": "预览",
        "found": "从飞书读到 40 人、2 个班次、未来 14 天的排班",
        "added": "将添加 40 位成员",
        "write": "写入并每天同步",
        "done": "完成",
        "roster": "排班",
        "synced": "从飞书同步",
        "cell": "来自飞书",
    },
    "en": {
        "user": "User name",
        "password": "Password",
        "create": "Create account",
        "save": "Save and try the permissions",
        "missing": "Missing",
        "again": "Try again",
        "departments": "Read the departments",
        "first": "一车间 (40 people)",
        "new": "A new team of this name",
        "preview": "Preview",
        "found": "In Feishu: people: 40, shifts: 2, days ahead: 14",
        "added": "40 people will be added",
        "write": "Write it, and keep in step",
        "done": "Done",
        "roster": "Roster",
        "synced": "Read from Feishu",
        "cell": "From Feishu",
    },
}


async def set_up(root: Visit, fake: FakeFeishuAttendance, language: str, show: Show) -> None:
    """From the account of the administrator to the first roster."""
    words, page, dialog = WORDS[language], root.page, root.page.get_by_role("dialog")
    await root.open("/")
    await page.get_by_label(words["user"]).fill("root")
    await page.get_by_label(words["password"]).fill(PASSWORD)
    await root.button(words["create"]).click()
    await expect(page.locator(".first-steps")).to_be_visible()
    await root.open("/punch-sources?setup=feishu")

    await expect(dialog).to_contain_text("导出打卡管理规则")
    await expect(dialog).to_contain_text("API 接入")
    await dialog.get_by_label("App ID").fill(fake.app_id)
    await dialog.get_by_label("App Secret").fill(fake.app_secret)
    await show("feishu-app")
    fake.lacking, fake.is_connected = {"attendance:rule:readonly"}, False
    await dialog.get_by_role("button", name=words["save"]).click()
    refused = dialog.locator("li.permission").filter(has_text=words["missing"])
    await expect(refused).to_have_count(2)
    await expect(refused.nth(0)).to_contain_text("导出打卡管理规则")
    await expect(refused.nth(1)).to_contain_text("API 接入")
    await expect(dialog.get_by_role("button", name=words["departments"])).to_be_disabled()
    await show("feishu-permissions")
    fake.lacking, fake.is_connected = set(), True
    await dialog.get_by_role("button", name=words["again"]).click()
    await dialog.get_by_role("button", name=words["departments"]).click()

    await dialog.get_by_label(words["first"]).select_option(label=words["new"])
    await dialog.get_by_role("button", name=words["preview"], exact=True).click()
    await expect(dialog).to_contain_text(words["found"])
    await expect(dialog).to_contain_text(words["added"])
    await dialog.get_by_role("button", name=words["write"]).click()
    await expect(dialog.get_by_role("button", name=words["done"], exact=True)).to_be_visible()


@pytest.mark.parametrize("language", ["zh", "en"])
async def test_a_company_comes_from_feishu(start_empty: StartEmpty, visitor: Visitor, language: str) -> None:
    words, fake = WORDS[language], company()
    async with fake.running():
        root = await visitor(await start_empty(FEISHU_BASE_URL=fake.base_url), language=language)
        found: list[object] = []

        async def look(_: str) -> None:
            found.extend(await root.axe())

        await set_up(root, fake, language, look)
        await look("done")
        assert found == []
        page = root.page
        await page.get_by_role("dialog").get_by_role("link", name=words["roster"]).click()
        await page.locator("main").get_by_role("combobox").first.select_option(label="一车间")
        await expect(page.locator("main")).to_contain_text(words["synced"])
        cell = page.locator("td.synced").first
        await expect(cell).to_be_visible()
        assert words["cell"] in await cell.evaluate("(it) => it.title + it.outerHTML")
