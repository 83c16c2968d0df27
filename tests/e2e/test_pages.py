"""What every page keeps: for a screen reader, for a keyboard, on a phone and on a desk, light and dark, in both languages."""

import pytest
from playwright.async_api import expect

from e2e.live_server import LiveServer
from e2e.server import PASSWORD
from e2e.visit import DESK, OF_COLOUR, PHONE, Visit, Visitor

PATHS = (
    "/",
    "/calendar",
    "/roster",
    "/shifts",
    "/channels",
    "/templates",
    "/punch-sources",
    "/log",
    "/requests",
    "/preview",
    "/people",
    "/settings",
    "/more",
    "/nowhere",
)
LANG = {"zh": "zh-CN", "en": "en"}

TOO_LOW_FOR_A_THUMB = """() => [...document.querySelectorAll(
  "main button, main a.button, main select, main summary, main input:not([type=checkbox], [type=radio])")]
  .filter((each) => !each.closest("table") && each.checkVisibility({ visibilityProperty: true })
    && each.getBoundingClientRect().height < 43.5)
  .map((each) => `${each.tagName} ${each.className} ${each.textContent.trim().slice(0, 30)}`)"""


async def axe_in_all_looks(visit: Visit, where: str) -> list[str]:
    found = []
    for size in (DESK, PHONE):
        await visit.page.set_viewport_size(size)
        await visit.ready()
        for theme, rules in (("light", ()), ("dark", OF_COLOUR)):
            await visit.page.emulate_media(color_scheme=theme)
            found += [f"{where} {size['width']} {theme} {each}" for each in await visit.axe(None, *rules, state=where)]
        wide = await visit.page.evaluate("document.documentElement.scrollWidth - innerWidth")
        found += [f"{where} {size['width']} scrolls sideways by {wide} px"] if wide > 0 else []
    return found


@pytest.mark.parametrize("language", ["zh", "en"])
async def test_every_page_is_clean_in_every_look(live_server: LiveServer, visitor: Visitor, language: str) -> None:
    if "王波" not in str(await live_server.ask("GET", "/deliveries")):
        assert live_server.user_ids is not None
        await live_server.add_person_about_to_start(f"w{language}", "王小波", live_server.team_id)
    alice = await visitor(live_server.address, language=language)
    found = []
    await alice.open("/")
    found += await axe_in_all_looks(alice, "sign-in")
    await alice.page.set_viewport_size(DESK)
    await alice.sign_in("alice", "correct horse battery")
    titles = set()
    for path in PATHS:
        page = await alice.open(path)
        found += await axe_in_all_looks(alice, path)
        found += [f"{path} is too low for a thumb: {each}" for each in await page.evaluate(TOO_LOW_FOR_A_THUMB)]
        assert await page.locator("html").get_attribute("lang") == LANG[language]
        assert await page.locator("meta[name=viewport]").get_attribute("content")
        await expect(page.locator("h1")).to_have_count(1)
        titles.add(await page.title())
    assert len(titles) == len(PATHS), titles
    assert found == []


DIALOGS = (
    ("/shifts", "新建班次"),
    ("/channels", "添加渠道"),
    ("/people", "添加成员"),
    ("/people", "从文件添加"),
    ("/people", "新建班组"),
    ("/people?person=BOB", "修改资料"),
    ("/people?person=BOB", "密码链接"),
    ("/people?person=BOB", "删除"),
    ("/people?person=BOB", "抹除"),
    ("/settings", "设置两步验证"),
    ("/settings", "怎么接入"),
)


async def test_every_dialog_is_clean_begins_at_its_first_field_and_gives_the_focus_back(
    live_server: LiveServer, visitor: Visitor
) -> None:
    assert live_server.user_ids is not None
    alice = await visitor(live_server.address, "root")
    found = []
    for path, opener in DIALOGS:
        page = await alice.open(path.replace("BOB", str(live_server.user_ids["bob"])))
        await page.set_viewport_size(DESK)
        await alice.button(opener).click()
        dialog = page.get_by_role("dialog")
        await expect(dialog).to_be_visible()
        fields = dialog.locator("input, select, textarea")
        await expect(fields.first if await fields.count() else dialog).to_be_focused()
        found += await axe_in_all_looks(alice, f"{path} {opener}")
        await expect(dialog.locator("footer.form-foot").last).to_be_in_viewport(ratio=1)
        await page.keyboard.press("Escape")
        if opener == "密码链接":  # shown only once: it goes when that is said
            await expect(dialog).to_be_visible()
            await dialog.get_by_role("button", name="完成").click()
        await expect(page.get_by_role("dialog"), f"{path} {opener}").to_have_count(0)
        await expect(alice.button(opener)).to_be_focused()
    assert found == []


async def test_what_was_typed_in_a_dialog_is_not_lost_by_a_slip(live_server: LiveServer, visitor: Visitor) -> None:
    root = await visitor(live_server.address, "root")
    page = await root.open("/people")
    await root.button("新建班组").click()
    dialog, asked = page.get_by_role("dialog", name="新建班组"), page.get_by_role("dialog", name="放弃修改？")
    name = dialog.get_by_label("名称")
    await page.keyboard.type("夜")
    for slip in (lambda: page.keyboard.press("Escape"), lambda: page.mouse.click(5, 5)):
        await slip()
        await expect(asked).to_be_visible()
        await root.button("继续编辑").click()
        await expect(asked).to_have_count(0)
        await expect(name).to_have_value("夜")
        await expect(name).to_be_focused()
    await page.keyboard.press("Escape")
    await root.button("放弃").click()
    await expect(page.get_by_role("dialog")).to_have_count(0)

    await root.button("从文件添加").click()
    # What the browser says when no file was chosen after all.
    await page.locator("input[type=file]").dispatch_event("cancel", {"bubbles": True})
    await expect(page.get_by_role("dialog")).to_be_visible()


async def test_a_refused_field_has_the_focus_and_the_next_step_too(live_server: LiveServer, visitor: Visitor) -> None:
    root = await visitor(live_server.address, "root")
    page = await root.open("/settings")
    await root.button("设置两步验证").click()
    field = page.get_by_label("先输入现在的密码")
    for typed in ("not the password", PASSWORD):
        await field.fill(typed)
        await root.button("下一步").click()
        if typed != PASSWORD:
            await expect(page.get_by_text("现在的密码不对。")).to_be_visible()
            await expect(field).to_be_focused()
    await expect(page.get_by_label("验证器里的六位数字")).to_be_focused()


async def test_the_first_tab_skips_to_the_content_and_the_rail_comes_before_the_page(
    live_server: LiveServer, visitor: Visitor
) -> None:
    alice = await visitor(live_server.address, "alice")
    for path in PATHS:
        page = await alice.open(path)
        await page.keyboard.press("Tab")
        skip = page.get_by_role("link", name="跳到内容")
        await expect(skip).to_be_focused()
        await expect(skip).to_be_in_viewport()
        await page.keyboard.press("Tab")
        assert await page.evaluate("document.activeElement.closest('nav.rail') !== null"), path
        await skip.focus()
        await page.keyboard.press("Enter")
        await page.keyboard.press("Tab")
        assert await page.evaluate("document.activeElement.closest('nav.rail') === null"), path


async def test_whoever_moves_by_a_link_is_told_where_they_are(live_server: LiveServer, visitor: Visitor) -> None:
    alice = await visitor(live_server.address, "alice")
    page = await alice.open("/")
    await page.get_by_role("link", name="班次").focus()
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("heading", level=1)).to_be_focused()
    await expect(page).to_have_title("班次 · 打卡")
    await page.go_back()
    await expect(page.get_by_role("heading", level=1)).to_have_text("今天")


async def test_twice_the_size_loses_nothing(live_server: LiveServer, visitor: Visitor) -> None:
    alice = await visitor(
        live_server.address, "alice", size={"width": 720, "height": 450}
    )  # 200 % on a desk of 1440 px
    for path in PATHS:
        page = await alice.open(path)
        assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
