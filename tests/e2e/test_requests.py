"""Leave and swaps, from asking to the roster that changed, seen by everybody whom they concern without reloading."""

from datetime import date, timedelta

from playwright.async_api import Locator, expect

from e2e.live_server import LiveServer
from e2e.test_pages import axe_in_all_looks
from e2e.test_roster import cell
from e2e.visit import DESK, PHONE, Visit, Visitor


async def two_colleagues(live_server: LiveServer, one: str, other: str, day: date) -> tuple[int, int]:
    """Two people of the team: the first on the early shift, the second on the night shift of this day."""
    assert live_server.shift_ids is not None
    ids = [await live_server.add_person(name.lower(), name, live_server.team_id) for name in (one, other)]
    await live_server.plan(ids[0], day, live_server.shift_ids["早"])
    await live_server.plan(ids[1], day, live_server.shift_ids["夜"])
    return ids[0], ids[1]


def waiting(visit: Visit) -> Locator:
    return visit.page.get_by_role("region", name="全部请假和换班")


async def open_calendar(visit: Visit, day: date) -> None:
    await visit.open(f"/calendar?day={day}")


async def ask(visit: Visit, day: date, colleague: str) -> None:
    """Ask for a swap from the day in the calendar."""
    await open_calendar(visit, day)
    await visit.button("换班").click()
    dialog = visit.page.get_by_role("dialog")
    await expect(dialog.get_by_label("哪一天")).to_have_value(str(day))
    await dialog.get_by_label("和谁换").select_option(label=f"{colleague} · 夜班")
    trade = dialog.locator(".trade")
    await expect(trade).to_contain_text("早班")
    await expect(trade).to_contain_text("夜班")
    await dialog.get_by_role("button", name=f"发给{colleague}").click()
    await expect(visit.page.get_by_text(f"已发给{colleague}")).to_be_visible()


async def test_a_swap_is_asked_accepted_and_approved_and_all_see_it_live(
    live_server: LiveServer, visitor: Visitor
) -> None:
    day = live_server.today + timedelta(days=3)
    tom_id, ulla_id = await two_colleagues(live_server, "Tom", "Ulla", day)
    tom = await visitor(live_server.address, "tom", size=PHONE)
    ulla = await visitor(live_server.address, "ulla", size=PHONE)
    alice = await visitor(live_server.address, "alice")
    await ulla.open("/")
    await alice.open("/")
    await ask(tom, day, "Ulla")

    asked = waiting(ulla).locator("li", has_text="Tom想和你换班")
    await expect(asked).to_contain_text("我：夜班 → 早班")
    await expect(waiting(alice).locator("li")).to_have_count(0)
    await asked.get_by_role("button", name="同意").click()
    await expect(asked).to_contain_text("你已同意，等排班员批准")

    to_approve = waiting(alice).locator("li", has_text="Tom想和Ulla换班")
    await expect(to_approve).to_contain_text("Ulla已同意，等排班员批准")
    await tom.open("/")
    await expect(waiting(tom).locator("li")).to_contain_text("等排班员批准")
    await to_approve.get_by_role("button", name="批准：Tom想和Ulla换班", exact=True).click()
    await expect(to_approve).to_have_count(0)
    await expect(waiting(tom).locator("li")).to_have_count(0)
    assert live_server.shift_ids is not None
    assert await live_server.planned(tom_id, day) == live_server.shift_ids["夜"]
    assert await live_server.planned(ulla_id, day) == live_server.shift_ids["早"]

    await tom.open("/requests")
    await tom.button("以前的请假和换班").click()
    await expect(tom.page.locator("li", has_text="你想和Ulla换班")).to_contain_text("已换好")


async def test_a_swap_can_be_withdrawn_or_refused_and_nothing_changes(
    live_server: LiveServer, visitor: Visitor
) -> None:
    day = live_server.today + timedelta(days=4)
    vera_id, _ = await two_colleagues(live_server, "Vera", "Walt", day)
    vera = await visitor(live_server.address, "vera")
    alice = await visitor(live_server.address, "alice")
    await ask(vera, day, "Walt")
    await vera.open("/requests")
    await vera.page.get_by_role("button", name="撤回：你想和Walt换班").click()
    await expect(vera.page.get_by_text("已撤回，班次不变。")).to_be_visible()

    await ask(vera, day, "Walt")
    walt = await visitor(live_server.address, "walt")
    await walt.open("/")
    await waiting(walt).get_by_role("button", name="同意：Vera想和你换班").click()
    await alice.open("/requests")
    await alice.page.get_by_role("button", name="不批准：Vera想和Walt换班").click()
    await expect(alice.page.locator("li", has_text="Vera想和Walt换班")).to_have_count(0)
    assert live_server.shift_ids is not None
    assert await live_server.planned(vera_id, day) == live_server.shift_ids["早"]


async def test_a_roster_that_changed_meanwhile_is_said_when_it_is_approved(
    live_server: LiveServer, visitor: Visitor
) -> None:
    day = live_server.today + timedelta(days=5)
    xena_id, _ = await two_colleagues(live_server, "Xena", "Yuri", day)
    xena = await visitor(live_server.address, "xena")
    await ask(xena, day, "Yuri")
    yuri = await visitor(live_server.address, "yuri")
    await yuri.open("/")
    await waiting(yuri).get_by_role("button", name="同意：Xena想和你换班").click()
    await expect(yuri.page.get_by_text("已同意，等排班员批准。")).to_be_visible()
    await live_server.plan(xena_id, day, None)
    alice = await visitor(live_server.address, "alice")
    await alice.open("/requests")
    row = alice.page.locator("li", has_text="Xena想和Yuri换班")
    await row.get_by_role("button", name="批准：Xena想和Yuri换班", exact=True).click()
    await expect(alice.page.locator(".toast.problem")).to_contain_text("重新提出")
    await row.get_by_role("button", name="不批准：").click()
    await expect(row).to_have_count(0)


async def test_leave_is_taken_seen_and_taken_back(live_server: LiveServer, visitor: Visitor) -> None:
    day = live_server.today + timedelta(days=2)
    await two_colleagues(live_server, "Zoe", "Zack", day)
    zoe = await visitor(live_server.address, "zoe", size=PHONE)
    alice = await visitor(live_server.address, "alice")
    await alice.open("/requests")
    await open_calendar(zoe, day)
    await zoe.button("请假").click()
    dialog = zoe.page.get_by_role("dialog")
    await dialog.get_by_label("到（含）").fill(str(day - timedelta(days=1)))
    await dialog.get_by_role("button", name="请假").click()
    await expect(dialog.get_by_text("结束日期不能早于开始日期。")).to_be_visible()
    await dialog.get_by_label("到（含）").fill(str(day))
    await dialog.get_by_label("免上班打卡").check()
    await dialog.get_by_label("原因（选填）").fill("看牙")
    await dialog.get_by_role("button", name="请假").click()
    await expect(zoe.page.locator(".chosen-day")).to_contain_text("请假，免上班打卡")

    row = alice.page.locator("li.request", has_text="Zoe")
    await expect(row).to_contain_text("免上班打卡")
    await expect(row).to_contain_text("看牙")

    await zoe.button("请假").click()
    await dialog.get_by_label("免上班打卡").check()
    await dialog.get_by_role("button", name="请假").click()
    await expect(zoe.page.get_by_role("alert")).to_contain_text("已有请假")
    await dialog.get_by_role("button", name="取消", exact=True).click()
    await zoe.button("取消请假").click()
    await expect(zoe.page.locator(".chosen-day")).not_to_contain_text("免上班打卡")
    await expect(row).to_have_count(0)


async def test_what_a_planner_entered_a_planner_takes_back(live_server: LiveServer, visitor: Visitor) -> None:
    await live_server.add_person("yan", "燕子", live_server.team_id)
    alice = await visitor(live_server.address, "alice")
    yan = await visitor(live_server.address, "yan")
    await yan.open("/")
    await alice.open("/requests")
    await alice.button("登记请假").click()
    dialog = alice.page.get_by_role("dialog")
    await expect(dialog.get_by_text("只有你和排班员能看到。")).to_be_visible()
    await dialog.get_by_label("成员").select_option(label="燕子")
    await expect(dialog.get_by_text("只有本人和排班员能看到。")).to_be_visible()
    await dialog.get_by_role("button", name="登记").click()
    await expect(alice.page.get_by_text("已登记：燕子")).to_be_visible()

    said = waiting(yan).get_by_text("今天请假，不提醒打卡。")
    await expect(said).to_be_visible()
    await expect(yan.button("取消请假")).to_have_count(0)
    await yan.open("/requests")
    await expect(yan.page.get_by_text("由排班员登记；如需取消，请联系排班员。")).to_be_visible()
    await alice.page.locator("li.request", has_text="燕子").get_by_role("button").click()
    await expect(yan.page.locator("li.request")).to_have_count(0)


async def test_a_planner_enters_leave_for_a_selection_of_the_roster_and_takes_it_back(
    live_server: LiveServer, visitor: Visitor
) -> None:
    first = live_server.today.replace(day=10)
    names = ("贝贝", "冰冰")
    ids = [await live_server.add_person(f"sel{index}", name, live_server.team_id) for index, name in enumerate(names)]
    assert live_server.shift_ids is not None
    await live_server.plan(ids[0], first, live_server.shift_ids["早"])
    alice = await visitor(live_server.address, "alice")
    page = await alice.open("/roster")
    await cell(page, names[0], first).click()
    await cell(page, names[1], first + timedelta(days=1)).click(modifiers=["Shift"])
    await page.keyboard.press("Enter")
    await page.get_by_role("option", name="登记请假…").click()
    dialog = page.get_by_role("dialog")
    await expect(dialog.get_by_text("贝贝、冰冰")).to_be_visible()
    await expect(dialog.get_by_label("从")).to_have_value(str(first))
    await dialog.get_by_label("假别（选填）").select_option(label="年假")
    assert await alice.axe() == []
    await dialog.get_by_role("button", name="登记").click()
    await expect(page.get_by_text("已为 2 人登记请假")).to_be_visible()
    await expect(cell(page, names[0], first).get_by_role("img", name="早班; 年假")).to_be_visible()
    assert await axe_in_all_looks(alice, "roster with leave") == []
    found = (await live_server.ask("GET", "/leaves", params={"user_id": ids[1]}))["items"]
    assert [(leave["leave_type"], leave["first_date"], leave["last_date"]) for leave in found] == [
        ("annual", str(first), str(first + timedelta(days=1)))
    ]
    await page.set_viewport_size(DESK)
    await cell(page, names[0], first).click()
    await page.keyboard.press("Enter")
    await page.get_by_role("option", name="取消年假").click()
    await expect(cell(page, names[0], first).get_by_role("img", name="早班", exact=True)).to_be_visible()


async def test_who_approves_a_swap_sees_the_warnings_that_it_would_cause(
    live_server: LiveServer, visitor: Visitor
) -> None:
    day = live_server.today + timedelta(days=8)
    wim_id, _ = await two_colleagues(live_server, "Wim", "Ute", day)
    assert live_server.shift_ids is not None
    await live_server.plan(wim_id, day + timedelta(days=1), live_server.shift_ids["早"])
    wim = await visitor(live_server.address, "wim")
    await ask(wim, day, "Ute")
    ute = await visitor(live_server.address, "ute")
    await ute.open("/")
    await waiting(ute).get_by_role("button", name="同意：").click()
    alice = await visitor(live_server.address, "alice")
    await alice.open("/requests")
    row = alice.page.locator("li.request", has_text="Wim想和Ute换班")
    await expect(row).to_contain_text("批准后会出现")
    await expect(row).to_contain_text("夜班之后紧接早班")
    assert await axe_in_all_looks(alice, "/requests with warnings") == []


async def test_requests_are_clean_in_every_look(live_server: LiveServer, visitor: Visitor) -> None:
    day = live_server.today + timedelta(days=6)
    await two_colleagues(live_server, "Olga", "Otto", day)
    olga = await visitor(live_server.address, "olga")
    await ask(olga, day, "Otto")
    otto = await visitor(live_server.address, "otto")
    await otto.open("/")
    found = await axe_in_all_looks(otto, "today with a swap")
    await otto.open("/requests")
    found += await axe_in_all_looks(otto, "/requests")
    for opener in ("请假", "换班"):
        await otto.page.set_viewport_size(DESK)
        await otto.button(opener).click()
        await expect(otto.page.get_by_role("dialog")).to_be_visible()
        found += await axe_in_all_looks(otto, f"/requests {opener}")
        await otto.page.keyboard.press("Escape")
        await expect(otto.button(opener)).to_be_focused()
    assert found == []


async def test_an_open_shift_is_offered_taken_on_the_phone_and_approved(
    live_server: LiveServer, visitor: Visitor
) -> None:
    assert live_server.shift_ids is not None
    day = live_server.today + timedelta(days=2)
    ines_id = await live_server.add_person("ines", "Ines", live_server.team_id)
    await live_server.plan(ines_id, day - timedelta(days=1), live_server.shift_ids["夜"])
    ines = await visitor(live_server.address, "ines", size=PHONE)
    await ines.open("/")
    alice = await visitor(live_server.address, "alice")
    await alice.open(f"/roster?day={day}")
    await cell(alice.page, "Ines", day).click()
    await alice.page.keyboard.press("Enter")
    await alice.page.get_by_role("option", name="谁能上？").click()
    dialog = alice.page.get_by_role("dialog", name="谁能上这个班")
    await dialog.get_by_label("班次").select_option(label="早班")
    assert await alice.axe() == []
    await dialog.get_by_role("button", name="让班组的人来上").click()
    await expect(alice.page.locator(".toast", has_text="已发给有空的人")).to_be_visible()

    mark = alice.page.locator("tfoot .open-shifts")
    await alice.open(f"/roster?day={day}")
    await expect(mark).to_have_text("1 个空缺：早班")

    offered = waiting(ines).locator("li", has_text="早班")
    await expect(offered).to_contain_text("缺人")
    assert await ines.axe() == []
    await offered.get_by_role("button", name="我来上：").click()
    await expect(offered).to_contain_text("你愿意上，等排班员批准")

    await alice.open("/")
    taken = waiting(alice).locator("li", has_text="Ines愿意上")
    await expect(taken.locator(".approval-warnings")).to_contain_text("Ines")
    assert await alice.axe() == []
    await taken.get_by_role("button", name="批准：").first.click()
    await expect(taken).to_have_count(0)
    assert await live_server.planned(ines_id, day) == live_server.shift_ids["早"]
    await expect(offered).to_have_count(0)
    await alice.open(f"/roster?day={day}")
    await expect(cell(alice.page, "Ines", day)).to_contain_text("早")
    await expect(mark).to_have_count(0)
    await ines.open("/requests")
    await ines.button("以前的请假和换班").click()
    await expect(ines.page.locator("li", has_text="已排给Ines")).to_be_visible()
