"""Planning by mouse, by keyboard, by thumb, and on a day when the server fails."""

from datetime import date
from typing import Any

from playwright.async_api import Locator, Page, Route, expect

from e2e.live_server import LiveServer
from e2e.visit import PHONE, Visit, Visitor

ROSTER = "**/api/v1/roster"


def cell(page: Page, name: str, day: date) -> Locator:
    """The cell of a person on a date of the month in sight."""
    return page.locator("tr[data-row]", has=page.get_by_role("rowheader", name=name, exact=True)).locator(
        f"td:nth-child({day.day + 1})"
    )


def held(where: Locator) -> Locator:
    """What holds the focus of a cell: the field over it, that takes what is typed."""
    return where.locator("input.grid-input")


async def new_person(live_server: LiveServer, username: str, name: str) -> int:
    return await live_server.add_person(username, name, live_server.team_id)


async def saved(visit: Visit) -> Any:
    return visit.page.expect_response(lambda answer: answer.request.method == "PUT" and "/roster" in answer.url)


async def test_a_cell_is_set_by_mouse_and_a_reload_shows_it(live_server: LiveServer, visitor: Visitor) -> None:
    user_id = await new_person(live_server, "kate", "凯特")
    alice = await visitor(live_server.address, "alice")
    await alice.open("/roster")
    async with await saved(alice) as answer:
        await cell(alice.page, "凯特", live_server.today).dblclick()
        await alice.page.get_by_role("option", name="早班").click()
    assert (await answer.value).ok
    await expect(cell(alice.page, "凯特", live_server.today)).to_contain_text("早")
    await alice.open("/roster")
    await expect(cell(alice.page, "凯特", live_server.today)).to_contain_text("早")
    assert live_server.shift_ids is not None
    assert await live_server.planned(user_id, live_server.today) == live_server.shift_ids["早"]


async def test_a_brush_paints_several_cells_with_one_stroke(live_server: LiveServer, visitor: Visitor) -> None:
    await new_person(live_server, "leo", "里奥")
    await new_person(live_server, "mona", "莫娜")
    alice = await visitor(live_server.address, "alice")
    await alice.open("/roster")
    await alice.button("夜班").click()
    start = await cell(alice.page, "里奥", live_server.today).bounding_box()
    end = await cell(alice.page, "莫娜", live_server.today).bounding_box()
    assert start
    assert end
    async with await saved(alice):
        await alice.page.mouse.move(start["x"] + 10, start["y"] + 10)
        await alice.page.mouse.down()
        await alice.page.mouse.move(end["x"] + 10, end["y"] + 10, steps=6)
        await alice.page.mouse.up()
    await alice.open("/roster")
    for name in ("里奥", "莫娜"):
        await expect(cell(alice.page, name, live_server.today)).to_contain_text("夜")


async def test_the_keyboard_alone_is_enough(live_server: LiveServer, visitor: Visitor) -> None:
    user_id = await new_person(live_server, "nina", "尼娜")
    alice = await visitor(live_server.address, "alice")
    page = await alice.open("/roster")
    keys = page.keyboard
    for _ in range(60):  # Tab until the grid has the focus
        await keys.press("Tab")
        if await page.evaluate("document.activeElement?.closest('tbody') !== null"):
            break
    await keys.press("Control+Home")
    target = cell(page, "尼娜", live_server.today)
    row = int(str(await page.locator("tr[data-row]", has_text="尼娜").get_attribute("data-row")))
    for _ in range(row):
        await keys.press("ArrowDown")
    for _ in range(live_server.today.day - 1):
        await keys.press("ArrowRight")
    await expect(held(target)).to_be_focused()
    async with await saved(alice):
        await keys.press("Enter")
        await expect(page.get_by_role("listbox")).to_be_focused()
        await keys.press("ArrowDown")
        await keys.press("Enter")
    await expect(held(target)).to_be_focused()
    assert live_server.shift_ids is not None
    assert await live_server.planned(user_id, live_server.today) == live_server.shift_ids["夜"]
    async with await saved(alice):
        await keys.press("Delete")
    assert await live_server.planned(user_id, live_server.today) is None
    async with await saved(alice):
        await keys.press("1")
    await alice.open("/roster")
    await expect(cell(page, "尼娜", live_server.today)).to_contain_text("早")


async def test_the_other_planner_sees_a_change_without_reloading(live_server: LiveServer, visitor: Visitor) -> None:
    await new_person(live_server, "quinn", "奎恩")
    dora = await visitor(live_server.address, "dora")
    alice = await visitor(live_server.address, "alice")
    await dora.open("/roster")
    await alice.open("/roster")
    await cell(alice.page, "奎恩", live_server.today).dblclick()
    await alice.page.get_by_role("option", name="早班").click()
    await expect(cell(dora.page, "奎恩", live_server.today)).to_contain_text("早")


async def test_what_the_server_refuses_is_said_and_put_back(live_server: LiveServer, visitor: Visitor) -> None:
    user_id = await new_person(live_server, "rosa", "罗莎")
    alice = await visitor(live_server.address, "alice")
    await alice.open("/roster")

    async def refused(route: Route) -> None:
        answer = {"status": 422, "json": {"code": "unknown_shift"}}
        await (route.fulfill(**answer) if route.request.method == "PUT" else route.continue_())

    await alice.page.route(ROSTER, refused)
    await cell(alice.page, "罗莎", live_server.today).dblclick()
    await alice.page.get_by_role("option", name="早班").click()
    said = alice.page.locator(".toast.problem").filter(has_text="罗莎 的 1 格没有保存，已恢复原样")
    await expect(said).to_be_visible()
    await expect(cell(alice.page, "罗莎", live_server.today)).not_to_contain_text("早")
    assert await live_server.planned(user_id, live_server.today) is None


async def test_without_a_connection_changes_are_kept_said_and_saved_later(
    live_server: LiveServer, visitor: Visitor
) -> None:
    user_id = await new_person(live_server, "ruth", "露丝")
    alice = await visitor(live_server.address, "alice")
    await alice.open("/roster")

    async def unplugged(route: Route) -> None:
        await (route.abort() if route.request.method == "PUT" else route.continue_())

    await alice.page.route(ROSTER, unplugged)
    await cell(alice.page, "露丝", live_server.today).click()
    await alice.page.keyboard.press("1")
    said = alice.page.get_by_role("status").filter(has_text="1 格还没有保存")
    await expect(said).to_be_visible()
    await expect(cell(alice.page, "露丝", live_server.today)).to_contain_text("早")
    assert await live_server.planned(user_id, live_server.today) is None
    await alice.page.locator("a[href='/log']").first.click()  # they are kept there, too
    await alice.ready()
    async with alice.page.expect_event("dialog") as asked:
        await alice.page.close(run_before_unload=True)
    assert (await asked.value).type == "beforeunload"
    await (await asked.value).dismiss()
    await alice.page.locator("a[href='/roster']").first.click()
    await expect(said).to_be_visible()
    async with alice.page.expect_request(lambda request: request.method == "PUT"):
        await alice.button("现在重试").click()
    await alice.page.unroute(ROSTER)
    await alice.page.evaluate("dispatchEvent(new Event('online'))")
    await expect(said).to_have_count(0)
    assert live_server.shift_ids is not None
    assert await live_server.planned(user_id, live_server.today) == live_server.shift_ids["早"]


async def test_a_phone_shows_a_week_and_paints_with_the_thumb(live_server: LiveServer, visitor: Visitor) -> None:
    await new_person(live_server, "sam", "萨姆")
    alice = await visitor(live_server.address, "alice", size=PHONE, has_touch=True)
    await alice.open("/roster")
    await expect(alice.page.locator("thead th")).to_have_count(8)
    assert await alice.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    sam = alice.page.locator("tr[data-row]", has_text="萨姆").locator(
        f"td:nth-child({live_server.today.isoweekday() + 1})"
    )
    await alice.button("早班").tap()
    async with await saved(alice):
        await sam.tap()
    await expect(sam).to_contain_text("早")
