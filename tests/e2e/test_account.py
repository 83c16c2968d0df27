"""One's own account: the second factor, devices, tokens, the password, and links that set one."""

import asyncio
import json
import re
import shlex
import subprocess
import sys
import time
from functools import partial
from typing import Any

import pyotp
from playwright.async_api import Locator, Page, expect

from e2e.live_server import LiveServer
from e2e.server import PASSWORD, StartEmpty
from e2e.test_pages import axe_in_all_looks
from e2e.visit import PHONE, Visit, Visitor, text_of
from fakes.scan_pages import CLIENT as SCAN_CLIENT
from fakes.scan_pages import CLIENT_SECRET as SCAN_SECRET
from fakes.scan_pages import FakeDingTalkPage
from identity.test_oidc import CLIENT, CLIENT_SECRET, Provider, answering

OTHER_PASSWORD = "eleven blue kettles"


async def fill_door(visit: Visit, username: str, password: str) -> None:
    await visit.page.locator("input[name=username]").fill(username)
    await visit.page.locator("input[name=password]").fill(password)
    await visit.page.locator("button[type=submit]").click()


def section(page: Page, heading: str) -> Locator:
    return page.locator("section", has=page.get_by_role("heading", name=heading, exact=True))


async def test_on_the_phone_that_has_the_app_nothing_needs_to_be_scanned(
    live_server: LiveServer, visitor: Visitor
) -> None:
    await live_server.add_person("gil", "顾四", live_server.team_id)
    options: dict[str, Any] = {"has_touch": True, "is_mobile": True}
    gil = await visitor(
        live_server.address, "gil", size=PHONE, permissions=["clipboard-read", "clipboard-write"], **options
    )
    page = await gil.open("/settings")
    await gil.button("设置两步验证").click()
    await page.get_by_label("先输入现在的密码").fill(PASSWORD)
    await gil.button("下一步").click()
    app = page.get_by_role("link", name="在这台手机的验证器里打开")
    address = await app.get_attribute("href") or ""
    assert re.fullmatch(r"otpauth://totp/Daka:gil\?secret=\w{32}&issuer=Daka", address), address
    await gil.button("复制密钥").click()
    assert f"secret={await page.evaluate('navigator.clipboard.readText()')}&" in address
    # A message covers neither the complaint nor the buttons of the sheet that it belongs to.
    await page.get_by_label("验证器里的六位数字").fill("000000")
    await gil.button("开启").click()
    complaint = page.get_by_role("dialog").get_by_text("验证码不对")
    toast = page.locator(".toast")
    below = await toast.bounding_box(), await complaint.bounding_box()
    assert below[0] is not None
    assert below[1] is not None
    assert below[0]["y"] + below[0]["height"] < below[1]["y"]


async def test_the_second_factor_is_set_up_asked_for_and_turned_off(live_server: LiveServer, visitor: Visitor) -> None:
    await live_server.add_person("fay", "范一", live_server.team_id)
    fay = await visitor(live_server.address, "fay", permissions=["clipboard-read", "clipboard-write"])
    page = await fay.open("/settings")
    await fay.button("设置两步验证").click()
    await page.get_by_label("先输入现在的密码").fill("not the password")
    await fay.button("下一步").click()
    await expect(page.get_by_role("dialog").get_by_text("现在的密码不对。")).to_be_visible()
    await page.get_by_label("先输入现在的密码").fill(PASSWORD)
    await fay.button("下一步").click()
    qr = page.get_by_role("img", name="两步验证的二维码")
    await expect(qr).to_be_visible()
    assert await qr.evaluate("image => image.decode().then(() => image.naturalWidth > 0)")
    assert await axe_in_all_looks(fay, "the QR code") == []
    secret = (await page.get_by_role("dialog").locator("code").inner_text()).replace(" ", "")
    totp = pyotp.TOTP(secret)
    await page.get_by_label("验证器里的六位数字").fill("000000")
    await fay.button("开启").click()
    await expect(page.get_by_role("dialog").get_by_text("验证码不对")).to_be_visible()
    await page.get_by_label("验证器里的六位数字").fill(totp.now())
    await fay.button("开启").click()
    shown = page.get_by_role("dialog").locator("li code")
    await expect(shown).to_have_count(10)
    codes = await shown.all_inner_texts()
    assert len(set(codes)) == 10
    assert await axe_in_all_looks(fay, "recovery codes") == []
    await page.keyboard.press("Escape")
    await expect(shown).to_have_count(10)  # they are not shown again
    await fay.button("复制").click()
    assert await page.evaluate("navigator.clipboard.readText()") == "\n".join(codes)
    async with page.expect_download() as saved:
        await fay.button("保存为文件").click()
    assert codes[0] in await text_of(await saved.value)
    await fay.button("我已保存").click()
    await expect(page.get_by_text("已开启。还有 10 个备用码。")).to_be_visible()

    phone = await visitor(live_server.address, size=PHONE)
    await phone.open("/roster")
    await fill_door(phone, "fay", PASSWORD)
    code = phone.page.get_by_label("验证码或备用码")
    await expect(code).to_be_focused()
    assert await axe_in_all_looks(phone, "second step") == []
    await code.fill("123456")
    await phone.button("登录").click()
    await expect(phone.page.get_by_role("alert")).to_contain_text("验证码不对")
    await code.fill(totp.at(int(time.time()) + 30))  # the one of now confirmed the app
    await phone.button("登录").click()
    await expect(phone.page.get_by_role("heading", level=1)).to_have_text("排班")

    other = await visitor(live_server.address)
    await other.open("/")
    await fill_door(other, "fay", PASSWORD)
    await other.page.get_by_label("验证码或备用码").fill(codes[4])
    await other.button("登录").click()
    await expect(other.page.locator("nav.rail")).to_be_visible()

    root = await visitor(live_server.address, "root")
    for username, is_on in (("bob", False), ("fay", True)):
        found = (await live_server.ask("GET", "/users", params={"q": username}))["items"]
        await root.open(f"/people?person={found[0]['id']}")
        await expect(root.button("退出所有设备")).to_be_visible()
        await expect(root.button("关闭两步验证")).to_have_count(int(is_on))

    await fay.open("/settings")
    await expect(page.get_by_text("已开启。还有 9 个备用码。")).to_be_visible()
    await section(page, "两步验证").get_by_role("button", name="关闭两步验证").click()
    await page.get_by_label("先输入现在的密码").fill(PASSWORD)
    await page.get_by_role("dialog").get_by_role("button", name="关闭两步验证").click()
    await expect(fay.button("设置两步验证")).to_be_visible()
    await root.button("关闭两步验证").click()  # meanwhile it is off
    await root.answer("关闭两步验证")
    await expect(root.button("关闭两步验证")).to_have_count(0)
    again = await visitor(live_server.address, "fay")
    await again.open("/")
    await expect(again.page.locator("nav.rail")).to_be_visible()


async def test_a_device_that_is_signed_out_is_out_with_its_next_request(
    live_server: LiveServer, visitor: Visitor
) -> None:
    await live_server.add_person("gus", "顾思", live_server.team_id)
    first = await visitor(live_server.address, "gus")
    second = await visitor(live_server.address, "gus", size=PHONE, user_agent="Mozilla/5.0 (iPhone) Safari/604.1")
    third = await visitor(live_server.address, "gus", user_agent="python-httpx/0.28.1")
    for elsewhere in (second, third):
        await elsewhere.open("/")
    page = await first.open("/settings")
    devices = section(page, "我的设备")
    await expect(devices.get_by_role("listitem")).to_have_count(3)
    await expect(devices.get_by_role("listitem").filter(has_text="本机")).to_have_count(1)
    await first.button("让「Safari · iPhone」退出").click()
    await expect(page.get_by_role("dialog", name="让「Safari · iPhone」退出？")).to_contain_text("要重新登录")
    await first.answer("退出")
    await expect(devices.get_by_role("listitem")).to_have_count(2)
    await second.page.reload()
    await expect(second.page.get_by_role("heading", level=1)).to_have_text("登录")
    await expect(first.page.get_by_role("heading", level=1)).to_have_text("设置")

    await first.button("退出其他所有设备").click()
    await expect(page.get_by_role("dialog", name="退出其他所有设备？")).to_contain_text("另外 1 台设备")
    await third.page.reload()
    await expect(third.page.locator("nav.rail")).to_be_visible()  # nothing before the answer
    await first.answer("退出其他所有设备")
    await expect(devices.get_by_role("listitem")).to_have_count(1)
    await third.page.reload()
    await expect(third.page.get_by_role("heading", level=1)).to_have_text("登录")

    await first.button("退出所有设备，包括本机").click()
    await first.answer("退出所有设备，包括本机")
    await expect(first.page.get_by_role("heading", level=1)).to_have_text("登录")


async def test_a_new_password_keeps_this_session_and_ends_the_others(live_server: LiveServer, visitor: Visitor) -> None:
    await live_server.add_person("hal", "韩乐", live_server.team_id)
    first = await visitor(live_server.address, "hal")
    second = await visitor(live_server.address, "hal")
    await second.open("/")
    page = await first.open("/settings")
    password = section(page, "密码")
    for wrong, said in (("password1", "这个密码太常见"), ("20001122", "全是数字"), ("hal12345", "本人的名字")):
        await page.get_by_label("现在的密码").fill(PASSWORD)
        await page.get_by_label("新密码").fill(wrong)
        await first.button("修改密码").click()
        await expect(password.locator(".field.wrong")).to_contain_text(said)
    await page.get_by_label("现在的密码").fill("not the password")
    await page.get_by_label("新密码").fill(OTHER_PASSWORD)
    await first.button("修改密码").click()
    await expect(password.locator(".field.wrong")).to_contain_text("现在的密码不对。")
    await page.get_by_label("现在的密码").fill(PASSWORD)
    await first.button("修改密码").click()
    await expect(page.get_by_text("密码已修改")).to_be_visible()
    await first.open("/roster")
    await expect(page.get_by_role("heading", level=1)).to_have_text("排班")
    await second.open("/calendar")
    await expect(second.page.get_by_role("heading", level=1)).to_have_text("登录")
    await fill_door(second, "hal", OTHER_PASSWORD)
    await expect(second.page.locator("nav.rail")).to_be_visible()


async def test_a_token_has_what_was_chosen_is_shown_once_and_is_worthless_once_revoked(
    live_server: LiveServer, visitor: Visitor
) -> None:
    await live_server.add_person("ida", "易达", live_server.team_id)
    ida = await visitor(live_server.address, "ida")
    page = await ida.open("/settings")
    await page.get_by_label("用途").fill("桌面小组件")
    await page.get_by_label("记录打卡").uncheck()
    await expect(ida.button("生成令牌")).to_be_disabled()
    await page.get_by_label("读取排班").check()
    await page.get_by_label("有效期").select_option(label="30 天")
    await ida.button("生成令牌").click()
    token = await page.locator("code.secret").inner_text()
    await page.evaluate("Object.defineProperty(navigator, 'clipboard', { value: undefined })")  # as without HTTPS
    await ida.button("复制令牌").click()
    await expect(page.get_by_text("已复制。")).to_be_visible()
    await page.get_by_label("用途").press("Control+V")
    await expect(page.get_by_label("用途")).to_have_value(token)
    query = f"from={live_server.today}&to={live_server.today}"
    key = {"Authorization": f"Bearer {token}"}
    assert (await ida.context.request.get(f"{live_server.address}/api/v1/roster?{query}", headers=key)).ok
    punch = {"kind": "clock_in", "source": "script"}
    refused = await ida.context.request.post(f"{live_server.address}/api/v1/punches", data=punch, headers=key)
    assert (await refused.json())["code"] == "scope_missing"
    await ida.open("/settings")
    row = page.get_by_role("listitem").filter(has_text="桌面小组件")
    await expect(row).to_contain_text("读取排班 · 上次使用 今天")
    await expect(row).to_contain_text("到期")
    assert token not in await page.content()
    await ida.button("作废「桌面小组件」").click()
    await expect(page.get_by_role("dialog", name="作废「桌面小组件」？")).to_contain_text("立即失效")
    assert await axe_in_all_looks(ida, "a question") == []
    await page.keyboard.press("Escape")
    await expect(ida.button("作废「桌面小组件」")).to_be_focused()
    await ida.button("作废「桌面小组件」").click()
    await ida.answer("作废")
    await expect(row).to_have_count(0)
    assert (await ida.context.request.get(f"{live_server.address}/api/v1/roster?{query}", headers=key)).status == 401


async def test_what_a_new_token_shows_works_as_it_is_pasted(live_server: LiveServer, visitor: Visitor) -> None:
    await live_server.add_person("ivo", "伊沃", live_server.team_id)
    ivo = await visitor(live_server.address, "ivo")
    page = await ivo.open("/settings")
    await page.get_by_label("用途").fill("手机")
    await ivo.button("生成令牌").click()
    await expect(page.get_by_text("到点自动打开钉钉")).to_be_visible()
    await page.get_by_role("radio", name="安卓").check()
    await expect(page.get_by_text("MacroDroid")).to_have_count(2)
    await page.get_by_role("radio", name="Python").check()
    script = await page.locator("section.recipes pre").inner_text()
    run = partial(subprocess.check_output, [sys.executable, "-c", script], text=True)
    assert await asyncio.to_thread(run) == "现在没有要打的卡\n"
    await page.get_by_role("radio", name="curl").check()
    _, _, method, address, _, header = shlex.split(await page.locator("section.recipes pre").inner_text())
    name, _, value = header.partition(": ")
    answer = await ivo.context.request.fetch(address, method=method, headers={name: value})
    assert (await answer.json())["code"] == "no_punch_point"


async def test_what_the_system_knows_of_somebody_is_a_file(live_server: LiveServer, visitor: Visitor) -> None:
    bob = await visitor(live_server.address, "bob")
    page = await bob.open("/settings")
    async with page.expect_download() as saved:
        await bob.button("导出我的数据").click()
    download = await saved.value
    assert download.suggested_filename.startswith("daka-user-")
    known = json.loads(await text_of(download))
    assert known["user"][0]["display_name"] == "王波"
    assert "password_hash" not in json.dumps(known)


async def test_too_many_failures_say_how_long_to_wait(live_server: LiveServer, visitor: Visitor) -> None:
    await live_server.add_person("jan", "江南", live_server.team_id)
    jan = await visitor(live_server.address)
    await jan.open("/")
    for _ in range(8):
        await fill_door(jan, "jan", "not the password")
        await expect(jan.page.get_by_role("alert")).to_have_text("用户名或密码不对。")
        await expect(jan.page.locator("button[type=submit]")).to_be_enabled()
    await fill_door(jan, "jan", PASSWORD)
    await expect(jan.page.get_by_role("alert")).to_have_text("尝试太多次了，请等 15 分钟再试。")


async def test_a_link_sets_a_password_once(live_server: LiveServer, visitor: Visitor) -> None:
    user_id = await live_server.add_person("kim", "金敏", live_server.team_id)
    link = await live_server.ask("POST", f"/users/{user_id}/password-link")
    before = await visitor(live_server.address, "kim")
    await before.open("/")
    kim = await visitor(live_server.address, size=PHONE)
    page = kim.page
    await page.goto(link["url"])
    await kim.ready()
    await expect(page.get_by_role("heading", level=1)).to_have_text("重设密码")
    await expect(page.get_by_text("金敏（kim）")).to_be_visible()
    assert await axe_in_all_looks(kim, "set password") == []
    await page.get_by_label("新密码").fill("iloveyou1")
    await kim.button("显示输入的内容").click()
    await expect(page.get_by_label("新密码")).to_have_attribute("type", "text")
    await kim.button("设置并登录").click()
    await expect(page.locator(".field.wrong")).to_contain_text("太常见")
    await page.get_by_label("新密码").fill(OTHER_PASSWORD)
    await kim.button("设置并登录").click()
    await expect(page.locator("nav.rail")).to_be_visible()

    await before.open("/calendar")
    await expect(before.page.get_by_role("heading", level=1)).to_have_text("登录")
    again = await visitor(live_server.address)
    await again.page.goto(link["url"])
    await again.ready()
    await expect(again.page.get_by_role("heading", level=1)).to_have_text("链接已失效")
    assert await axe_in_all_looks(again, "used link") == []


async def test_the_companys_accounts_are_offered_and_their_refusal_is_said(
    visitor: Visitor, start_empty: StartEmpty
) -> None:
    settings = {"OIDC_ISSUER": "http://127.0.0.1:9", "OIDC_CLIENT_ID": "daka", "OIDC_CLIENT_SECRET": "x" * 32}
    address = await start_empty(**settings)
    somebody = await visitor(address)
    setup = {"username": "root", "password": PASSWORD}
    assert (await somebody.context.request.post(f"{address}/api/v1/setup", data=setup)).ok
    page = await somebody.open("/roster")
    await page.get_by_role("link", name="用公司账号登录").click()
    await expect(page.get_by_role("alert")).to_contain_text("连不上登录服务")
    await expect(page).to_have_url(f"{address}/")
    assert await axe_in_all_looks(somebody, "with another way") == []


async def test_somebody_comes_back_from_the_companys_sign_in_page_to_where_they_wanted_to_go(
    visitor: Visitor, start_empty: StartEmpty
) -> None:
    """The provider is another site (localhost), so that the cookies are held to what they are for strangers."""
    async with answering(Provider(now=int(time.time())), "localhost") as provider:
        settings = {"OIDC_ISSUER": provider.issuer, "OIDC_CLIENT_ID": CLIENT, "OIDC_CLIENT_SECRET": CLIENT_SECRET}
        address = await start_empty(**settings)
        bob = await visitor(address)
        api, web = bob.context.request, f"{address}/api/v1"
        tokens = await (await api.post(f"{web}/setup", data={"username": "root", "password": PASSWORD})).json()
        new = {"username": "bob", "password": PASSWORD, "display_name": "王波"}
        key = {"Authorization": f"Bearer {tokens['access_token']}"}
        assert (await api.post(f"{web}/users", data=new, headers=key)).ok
        page = await bob.open("/roster?day=2026-11-25")
        await page.get_by_role("link", name="用公司账号登录").click()
        await expect(page.get_by_role("heading", level=1)).to_have_text("排班")
        assert page.url == f"{address}/roster?day=2026-11-25"
        await page.reload()  # the refresh token is in its cookie
        await expect(page.locator("nav.rail")).to_be_visible()
        await bob.open("/settings")
        await expect(page.get_by_text("王波 · bob")).to_be_visible()
        assert all(url.startswith(f"{provider.issuer}/authorize") for url in bob.foreign)
        bob.foreign.clear()


async def test_an_account_is_connected_with_dingtalk_once_and_scanning_signs_in(
    visitor: Visitor, start_empty: StartEmpty
) -> None:
    """DingTalk's page is another site (localhost). With the second factor on, scanning asks for it, too."""
    async with FakeDingTalkPage().running("localhost") as dingtalk:
        settings = {
            "DINGTALK_BASE_URL": dingtalk.base_url,
            "DINGTALK_CLIENT_ID": SCAN_CLIENT,
            "DINGTALK_CLIENT_SECRET": SCAN_SECRET,
        }
        address = await start_empty(**settings)
        bob = await visitor(address)
        page = await bob.open("/")
        await bob.context.request.post(f"{address}/api/v1/setup", data={"username": "bob", "password": PASSWORD})
        await page.reload()
        await page.get_by_role("link", name="用钉钉登录").click()
        await expect(page.get_by_role("alert")).to_contain_text("还没有连接账号")
        assert await axe_in_all_looks(bob, "not connected") == []
        await page.get_by_label("用户名").fill("bob")
        await page.get_by_label("密码").fill(PASSWORD)
        await page.get_by_role("button", name="登录").click()
        await expect(page.locator("nav.rail")).to_be_visible()

        await bob.open("/settings")
        await page.get_by_role("button", name="连接钉钉").click()
        dialog = page.get_by_role("dialog")
        await dialog.get_by_label("先输入现在的密码").fill("not the password")
        await dialog.get_by_role("button", name="前往钉钉确认").click()
        await expect(dialog.get_by_label("先输入现在的密码")).to_have_attribute("aria-invalid", "true")
        assert await axe_in_all_looks(bob, "connecting") == []
        await dialog.get_by_label("先输入现在的密码").fill(PASSWORD)
        await dialog.get_by_role("button", name="前往钉钉确认").click()
        await expect(page.get_by_text("钉钉已连接")).to_be_visible()
        await page.get_by_role("button", name="断开钉钉").click()
        await expect(page.get_by_role("dialog", name="断开钉钉？")).to_be_visible()
        await page.keyboard.press("Escape")
        assert page.url == f"{address}/settings"
        assert await axe_in_all_looks(bob, "connected") == []

        await page.get_by_role("button", name="设置两步验证").click()
        await dialog.get_by_label("先输入现在的密码").fill(PASSWORD)
        await dialog.get_by_role("button", name="下一步").click()
        secret = (await dialog.locator("code.secret").inner_text()).replace(" ", "")
        await dialog.get_by_label("验证器里的六位数字").fill(pyotp.TOTP(secret).now())
        await dialog.get_by_role("button", name="开启").click()
        code = await dialog.locator(".recovery-codes code").first.inner_text()
        await dialog.get_by_role("button", name="我已保存").click()
        await page.get_by_role("button", name="退出登录").click()

        await bob.open("/roster")
        await page.get_by_role("link", name="用钉钉登录").click()
        await page.get_by_label("验证码或备用码").fill(code)
        assert page.url == f"{address}/roster"  # nothing of the second step is left in the address
        await page.get_by_role("button", name="登录").click()
        await expect(page.get_by_role("heading", level=1)).to_have_text("排班")
        assert all(url.startswith(f"{dingtalk.base_url}/oauth2/auth") for url in bob.foreign)
        bob.foreign.clear()
