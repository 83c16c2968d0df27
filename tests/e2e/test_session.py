"""Staying signed in, and leaving."""

import asyncio

from playwright.async_api import expect

from e2e.live_server import LiveServer
from e2e.server import PASSWORD
from e2e.visit import Visitor


async def test_a_reload_stays_signed_in_and_nothing_readable_is_left_in_the_browser(
    live_server: LiveServer, visitor: Visitor
) -> None:
    bob = await visitor(live_server.address, "bob")
    await bob.open("/")
    for _ in range(3):
        await bob.page.reload()
        await expect(bob.page.locator("nav.rail")).to_be_visible()
    stored = await bob.page.evaluate("JSON.stringify({...localStorage, ...sessionStorage, cookie: document.cookie})")
    assert "eyJ" not in stored
    cookies = await bob.context.cookies()
    assert [(cookie["httpOnly"], cookie["sameSite"]) for cookie in cookies if "refresh" in cookie["name"]] == [
        (True, "Strict")
    ]


async def test_two_tabs_that_load_at_the_same_moment_both_stay_signed_in(
    live_server: LiveServer, visitor: Visitor
) -> None:
    bob = await visitor(live_server.address, "bob")
    await bob.open("/")
    second = await bob.open("/calendar", await bob.context.new_page())
    for _ in range(3):
        await asyncio.gather(bob.page.reload(), second.reload())
        for tab in (bob.page, second):
            await expect(tab.locator("nav.rail")).to_be_visible()


async def test_an_access_token_that_ran_out_is_renewed_without_a_word(
    live_server: LiveServer, visitor: Visitor
) -> None:
    bob = await visitor(live_server.address, "bob")
    await bob.open("/settings")  # a page that does not ask for shifts itself
    refused = 0

    async def once_expired(route):  # type: ignore[no-untyped-def]
        nonlocal refused
        refused += 1
        await (route.fulfill(status=401, json={"code": "not_signed_in"}) if refused == 1 else route.continue_())

    await bob.page.route("**/api/v1/shifts*", once_expired)
    await bob.page.get_by_role("link", name="班次").click()
    await expect(bob.page.get_by_text("早班")).to_be_visible()
    assert refused == 2


async def test_signing_out_ends_it_in_every_tab_and_for_the_cookie_too(
    live_server: LiveServer, visitor: Visitor
) -> None:
    bob = await visitor(live_server.address, "bob")
    await bob.open("/")
    second = await bob.open("/calendar", await bob.context.new_page())
    kept = await bob.context.cookies()
    await bob.open("/settings")
    await bob.button("退出登录").click()
    for tab in (bob.page, second):
        await expect(tab.get_by_role("heading", level=1)).to_have_text("登录")
    await bob.context.add_cookies(kept)  # a thief's copy
    again = await bob.context.request.post(
        f"{live_server.address}/api/v1/auth/refresh", data={}, headers={"X-Daka-Client": "web"}
    )
    assert again.status == 401
    await bob.open("/roster")
    await expect(bob.page.get_by_role("heading", level=1)).to_have_text("登录")


async def test_whoever_is_signed_out_amid_their_work_is_told_why_and_goes_on_where_they_were(
    live_server: LiveServer, visitor: Visitor
) -> None:
    hal = await live_server.add_person("hal", "韩磊", live_server.team_id)
    visit = await visitor(live_server.address, "hal")
    page = await visit.open("/calendar")
    await live_server.ask("PATCH", f"/users/{hal}", json={"role": "planner"})  # ends every session
    await expect(page.get_by_role("heading", level=1)).to_have_text("登录")
    await expect(page.get_by_role("alert")).to_have_text("登录已过期，请重新登录。")
    await page.locator("input[name=username]").fill("hal")
    await page.locator("input[name=password]").fill(PASSWORD)
    await page.locator("button[type=submit]").click()
    await expect(page.get_by_role("link", name="日历")).to_have_attribute("aria-current", "page")
    await page.get_by_role("link", name="设置").click()
    await visit.button("退出登录").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("登录")
    await expect(page.get_by_role("alert")).to_have_count(0)


async def test_language_and_theme_stay_as_chosen(live_server: LiveServer, visitor: Visitor) -> None:
    bob = await visitor(live_server.address, "bob")
    page = await bob.open("/settings")
    await page.get_by_label("English", exact=True).check()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Settings")
    await page.get_by_label("Dark", exact=True).check()
    dark = await page.evaluate("getComputedStyle(document.documentElement).backgroundColor")
    await page.reload()
    await bob.ready()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Settings")
    await expect(page.locator("html")).to_have_attribute("lang", "en")
    assert await page.evaluate("getComputedStyle(document.documentElement).backgroundColor") == dark
    await page.get_by_label("Light", exact=True).check()
    assert await page.evaluate("getComputedStyle(document.documentElement).backgroundColor") != dark
    await bob.button("Sign out").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")


async def test_a_server_that_is_away_is_said_to_be_away_and_comes_back(
    live_server: LiveServer, visitor: Visitor
) -> None:
    bob = await visitor(live_server.address, "bob")
    await bob.open("/")
    await bob.page.route("**/api/**", lambda route: route.abort())
    await bob.page.evaluate("localStorage.removeItem('daka.known.me')")  # as if nothing of Bob was known here
    await bob.page.reload()
    await expect(bob.page.get_by_role("heading", level=1)).to_have_text("连不上服务器")
    assert await bob.axe() == []
    await bob.page.unroute("**/api/**")
    await bob.button("再试一次").click()
    await expect(bob.page.locator("nav.rail")).to_be_visible()
