"""From an empty installation and a company in WeCom to people with rosters, without typing one name."""

from datetime import datetime, timedelta

from playwright.async_api import expect

from daka.outbound.quota import BEIJING
from e2e.server import PASSWORD, StartEmpty
from e2e.visit import Visitor
from fakes.wecom_attendance import FakeWecomAttendance, rule, week

HOUR = 3600


def company() -> FakeWecomAttendance:
    """Twenty with fixed hours in the office, forty by shift in a workshop that has a group below it."""
    fake = FakeWecomAttendance()
    fake.departments = [
        {"id": 2, "name": "办公室", "parentid": 1},
        {"id": 3, "name": "车间", "parentid": 1},
        {"id": 4, "name": "早班组", "parentid": 3},
    ]
    today = datetime.now(BEIJING).date()
    for number in range(60):
        userid, department = f"u{number:03}", 2 + number // 20
        fake.members.setdefault(department, []).append({"userid": userid, "name": f"成员{number:02}"})
        if department == 2:
            fake.rules[userid] = rule(1, "办公室", week([0, 1, 2, 3, 4, 5, 6], (9 * HOUR, 18 * HOUR)))
            continue
        fake.rules[userid] = rule(2, "倒班")
        for passed in range(-1, 20):
            fake.schedule(userid, today + timedelta(days=passed), 221, "大夜班", (22 * HOUR, 30 * HOUR))
    return fake


async def test_a_company_comes_from_wecom(start_empty: StartEmpty, visitor: Visitor) -> None:
    fake = company()
    async with fake.running():
        address = await start_empty(WECOM_BASE_URL=fake.base_url)
        root = await visitor(address, language="zh", timezone_id="Asia/Shanghai")
        page, dialog = root.page, root.page.get_by_role("dialog")
        await root.open("/")
        await page.get_by_label("用户名").fill("root")
        await page.get_by_label("密码").fill(PASSWORD)
        await root.button("创建账号").click()
        await expect(page.locator(".first-steps")).to_be_visible()
        await root.open("/punch-sources?setup=wecom")

        await expect(dialog).to_contain_text("企业可信 IP")
        await dialog.get_by_label("CorpID").fill(fake.corp_id)
        await dialog.get_by_label("Secret").fill(fake.corp_secret)
        assert await root.axe() == []
        fake.is_trusted, fake.may_call = False, False
        await dialog.get_by_role("button", name="保存并检查权限").click()
        await expect(dialog).to_contain_text("192.0.2.1")  # the address that is to be trusted
        fake.is_trusted = True
        # Whoever was interrupted goes on with the app that is saved, and makes no second one.
        await root.open("/punch-sources?setup=wecom")
        await dialog.get_by_role("button", name="用它继续").click()
        refused = dialog.locator("li.permission").filter(has_text="没有")
        await expect(refused).to_contain_text("可调用接口的应用")
        await expect(dialog.get_by_role("button", name="读取部门")).to_be_disabled()
        assert await root.axe() == []
        fake.may_call = True
        await dialog.get_by_role("button", name="重新检查").click()
        await dialog.get_by_role("button", name="读取部门").click()
        await dialog.get_by_role("button", name="返回").click()
        await dialog.get_by_role("button", name="读取部门").click()

        await dialog.get_by_label("车间（40 人）").select_option(label="新建同名班组")
        await dialog.get_by_role("button", name="预览", exact=True).click()
        await expect(dialog).to_contain_text("从企业微信读到 40 人、1 个班次、未来 14 天的排班")
        await expect(dialog).to_contain_text("将添加 40 位成员")
        await expect(dialog).to_contain_text("40 位没有手机号（企业微信不提供）")
        assert await root.axe() == []
        await dialog.get_by_role("button", name="写入并每天同步").click()
        await expect(dialog.get_by_role("button", name="完成", exact=True)).to_be_visible()
        await expect(dialog.get_by_role("link", name="添加通知渠道")).to_be_visible()  # nothing would reach anybody
        assert await root.axe() == []
        await dialog.get_by_role("link", name="排班").click()
        await page.locator("main").get_by_role("combobox").first.select_option(label="车间")
        await expect(page.locator("main")).to_contain_text("从企业微信同步")
