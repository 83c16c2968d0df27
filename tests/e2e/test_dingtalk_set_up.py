"""From an empty installation and a company of 60 in DingTalk to the first right reminder, without typing one name."""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from playwright.async_api import Locator, expect

from conftest import eventually
from e2e.server import PASSWORD, StartEmpty
from e2e.visit import Visit, Visitor
from fakes.dingtalk import FakeDingTalk
from fakes.dingtalk_attendance import BEIJING, FakeAttendance
from fakes.dingtalk_company import furnish
from fakes.server import Asked, FakeResponse

Show = Callable[[str], Awaitable[None]]


class Company(FakeDingTalk):
    """One DingTalk with robots and attendance."""

    def __init__(self, attendance: FakeAttendance) -> None:
        super().__init__()
        self.attendance = attendance

    def answer(self, asked: Asked) -> FakeResponse:
        if asked.path == "/robot/send":
            return super().answer(asked)
        return self.attendance.answer(asked)


def company() -> tuple[Company, str]:
    """The company, and the name of somebody who starts in ten minutes."""
    attendance = FakeAttendance(app_key="dingcompany", app_secret="secret-of-the-app")
    now = datetime.now(BEIJING)
    userids = furnish(attendance, now.date() - timedelta(days=1))
    start = now + timedelta(minutes=10)
    early = userids[1]
    attendance.shift(506, "马上")
    attendance.schedule(early, start.date(), 506, (f"{start:%H:%M}", f"{start + timedelta(hours=8):%H:%M}"))
    return Company(attendance), attendance.members[early]["name"]


WORDS = {
    "zh": {
        "user": "用户名",
        "password": "密码",
        "create": "创建账号",
        "open": "已经在钉钉、飞书或企业微信里打卡？从那里读取成员和排班",
        "team": "我的班组",
        "test": "测试并保存",
        "next": "添加成员",
        "save": "保存并检查权限",
        "again": "重新检查",
        "departments": "读取部门",
        "first": "一车间（20 人）",
        "second": "二车间（20 人）",
        "new": "新建同名班组",
        "preview": "预览",
        "write": "写入并每天同步",
        "found": "从钉钉读到 40 人、5 个班次、未来 14 天的排班",
        "added": "将添加 40 位成员",
        "missing": "没有",
        "done": "完成",
    },
    "en": {
        "user": "User name",
        "password": "Password",
        "create": "Create account",
        "open": "Already on DingTalk, Feishu or WeCom attendance? Read people and rosters from it",
        "team": "My team",
        "test": "Test and save",
        "next": "Add person",
        "save": "Save and try the permissions",
        "again": "Try again",
        "departments": "Read the departments",
        "first": "一车间 (20 people)",
        "second": "二车间 (20 people)",
        "new": "A new team of this name",
        "preview": "Preview",
        "write": "Write it, and keep in step",
        "found": "In DingTalk: people: 40, shifts: 5, days ahead: 14",
        "added": "40 people will be added",
        "missing": "Missing",
        "done": "Done",
    },
}


async def look_at_the_roster(root: Visit) -> None:
    """Cells from DingTalk are marked, and only written over by somebody who agrees."""
    page, dialog = root.page, root.page.get_by_role("dialog")
    await dialog.get_by_role("link", name="排班").click()
    await expect(page.locator("main")).to_contain_text("从钉钉同步：160 处变化")
    cell = page.locator("td.synced").first
    place = await cell.evaluate("(it) => [it.parentElement.dataset.row, it.cellIndex]")
    before = await cell.inner_text()
    same = page.locator(f'tr[data-row="{place[0]}"] > :nth-child({place[1] + 1})')
    await page.locator(".brush").last.click()  # wipes
    for answer, is_same in (("取消", True), ("锁定并修改", False)):
        await same.click()
        await expect(dialog).to_contain_text("1 格来自考勤系统")
        await dialog.get_by_role("button", name=answer).click()
        await (expect(same).to_have_text(before) if is_same else expect(same).to_have_text(""))


async def set_up(root: Visit, dingtalk: Company, language: str, show: Show) -> None:
    """Everything between the account of the administrator and the first roster."""
    words, page, dialog = WORDS[language], root.page, root.page.get_by_role("dialog")

    def named(name: str) -> Locator:
        return dialog.get_by_role("button", name=words[name], exact=True)

    await root.open("/")
    await page.get_by_label(words["user"]).fill("root")
    await page.get_by_label(words["password"]).fill(PASSWORD)
    await root.button(words["create"]).click()
    await page.locator(".first-steps li").nth(0).get_by_role("button").click()
    await dialog.get_by_label("Webhook").fill(dingtalk.webhook_url("company"))
    await named("test").click()
    await page.get_by_role("heading", name=words["next"]).wait_for()
    await page.keyboard.press("Escape")
    await page.get_by_role("link", name=words["open"]).click()

    await dialog.get_by_label("AppKey").fill(dingtalk.attendance.app_key)
    await dialog.get_by_label("AppSecret").fill(dingtalk.attendance.app_secret)
    await expect(dialog).to_contain_text("考勤组查询")
    await show("app")
    dingtalk.attendance.lacking = {"qyapi_attendance_group_read"}
    await named("save").click()
    refused = dialog.locator("li.permission").filter(has_text=words["missing"])
    await expect(refused).to_have_count(1)
    await expect(refused).to_contain_text("qyapi_attendance_group_read")
    await expect(named("departments")).to_be_disabled()
    await show("permissions")
    dingtalk.attendance.lacking = set()
    await named("again").click()
    await named("departments").click()

    await dialog.get_by_label(words["first"]).select_option(label=words["team"])
    await dialog.get_by_label(words["second"]).select_option(label=words["new"])
    await show("people")
    await named("preview").click()

    await expect(dialog).to_contain_text(words["found"])
    await expect(dialog).to_contain_text(words["added"])
    await show("preview")
    await named("write").click()
    await expect(named("done")).to_be_visible()
    await show("done")


@pytest.mark.parametrize("language", ["zh", "en"])
async def test_a_company_is_reminded_without_a_name_typed(
    start_empty: StartEmpty, visitor: Visitor, language: str, tmp_path: Path
) -> None:
    dingtalk, early = company()
    async with dingtalk.running():
        robot = dingtalk.add_robot("company")
        address = await start_empty(DINGTALK_BASE_URL=dingtalk.base_url)
        root = await visitor(address, language=language, timezone_id="Asia/Shanghai")
        found: list[object] = []

        async def look(_: str) -> None:
            found.extend(await root.axe())

        await set_up(root, dingtalk, language, look)
        assert found == []
        # Besides these, punches are asked for, the more often the longer it takes.
        assert len([asked for asked in dingtalk.asked if asked.path.startswith("/topapi/attendance/")]) <= 20

        async def reminders() -> list[str]:
            """What the group was told after the channel's test."""
            return [str(message) for message in robot.messages[1:]]

        await eventually(reminders)
        (reminder,) = await reminders()
        assert early in reminder
        assert dingtalk.attendance.members["u001"]["mobile"] in reminder
        if language == "zh":
            await look_at_the_roster(root)
