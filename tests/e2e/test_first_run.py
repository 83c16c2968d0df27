from collections.abc import Awaitable, Callable

from playwright.async_api import expect

from e2e.server import PASSWORD
from e2e.visit import PHONE, Visitor


async def test_the_first_to_come_makes_the_administrator_and_lands_on_today(
    start_empty: Callable[[], Awaitable[str]], visitor: Visitor
) -> None:
    address = await start_empty()
    root = await visitor(address, size=PHONE)
    await root.open("/")
    await expect(root.page.get_by_role("heading", level=1)).to_have_text("第一次使用")
    await root.page.get_by_label("用户名").fill("root")
    await root.page.get_by_label("姓名").fill("罗特")
    await root.page.get_by_label("密码").fill("short")
    await root.button("创建账号").click()  # the browser itself refuses what is too short
    await expect(root.page.get_by_role("heading", level=1)).to_have_text("第一次使用")
    await root.page.get_by_label("密码").fill(PASSWORD)
    await root.button("创建账号").click()

    await expect(root.page.get_by_role("heading", level=1)).to_have_text("今天")
    steps = root.page.locator(".first-steps li")
    await expect(steps).to_contain_text(["新建班次", "添加成员", "添加通知渠道", "排班"])
    await expect(steps).to_contain_text(["待完成"] * 4)

    await steps.filter(has_text="新建班次").get_by_role("link").click()
    await root.button("新建班次").click()
    await root.page.get_by_label("名称").fill("早班")
    await root.page.get_by_label("代号").fill("早")
    await root.button("保存").click()
    await expect(root.page.get_by_role("dialog")).to_have_count(0)
    await root.open("/")
    await expect(steps).to_contain_text(["已完成", "待完成", "待完成", "待完成"])
    await steps.last.get_by_role("link").click()
    await expect(root.page.get_by_role("heading", level=1)).to_have_text("排班")

    second = await visitor(address)
    await second.open("/")
    await expect(second.page.get_by_role("heading", level=1)).to_have_text("登录")


async def test_a_wrong_password_is_refused_in_words_and_lets_nobody_in(
    start_empty: Callable[[], Awaitable[str]], visitor: Visitor
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
