"""The minutes before work, in the demo that a newcomer starts and in a live_server where work starts in ten minutes."""

import re

from playwright.async_api import Locator, expect

from e2e.live_server import LiveServer
from e2e.test_pages import axe_in_all_looks
from e2e.visit import PHONE, Visit, Visitor

WITHIN_A_MINUTE_MS = 70_000


def chip_of(planner: Visit, name: str) -> Locator:
    return planner.page.locator(".chip", has_text=name)


async def stay_on_this_page(visit: Visit) -> None:
    await visit.page.evaluate("window.sameDocument = true")


async def is_still_the_same_page(visit: Visit) -> bool:
    return bool(await visit.page.evaluate("window.sameDocument === true"))


async def test_bob_is_reminded_within_a_minute_stops_it_with_one_tap_and_alice_sees_it_at_once(
    demo: str, visitor: Visitor
) -> None:
    bob = await visitor(demo, "bob", size=PHONE)
    alice = await visitor(demo, "alice")
    await bob.open("/")
    await alice.open("/")
    await stay_on_this_page(bob)
    await stay_on_this_page(alice)
    messages = bob.page.locator(".inbox li")
    await expect(messages).to_have_count(0)
    await expect(chip_of(alice, "王波")).to_have_class(re.compile(r"\bwaiting\b"))

    await expect(messages).to_have_count(1, timeout=WITHIN_A_MINUTE_MS)
    await expect(messages.first).to_contain_text("上班打卡提醒")
    await expect(bob.page.locator(".sentence")).to_have_class(re.compile(r"\bnow\b"))
    await expect(chip_of(alice, "王波")).to_have_class(re.compile(r"\bnagging\b"))

    await bob.button("我已打卡").click()
    await expect(bob.page.locator(".undo")).to_contain_text("已打卡")
    await expect(chip_of(alice, "王波")).to_contain_text("已打卡")
    await expect(chip_of(alice, "王波")).to_contain_text("已打卡")
    assert await is_still_the_same_page(bob)
    assert await is_still_the_same_page(alice)


async def test_what_was_tapped_by_mistake_is_taken_back(live_server: LiveServer, visitor: Visitor) -> None:
    user_id = await live_server.add_person_about_to_start("emma", "艾玛", live_server.team_id)
    emma = await visitor(live_server.address, "emma", size=PHONE)
    await emma.open("/")
    await emma.button("我已打卡").click()
    await emma.button("撤销").click()
    await expect(emma.button("我已打卡")).to_be_visible()
    assert await live_server.clock_in_status(user_id) == "nagging"


async def test_ten_minutes_later_means_ten_minutes_later(live_server: LiveServer, visitor: Visitor) -> None:
    user_id = await live_server.add_person_about_to_start("frank", "弗兰克", live_server.team_id)
    frank = await visitor(live_server.address, "frank", size=PHONE)
    await frank.open("/")
    await frank.button("10 分钟后再提醒").click()
    await expect(frank.page.locator(".sentence")).to_have_text(re.compile(r"^\d\d:\d\d 再提醒$"))
    day = live_server.today.isoformat()
    found = await live_server.ask("GET", "/reminders", params={"user_id": user_id, "from": day, "to": day})
    snoozed = next(each for each in found["items"] if each["kind"] == "clock_in")["snoozed_until"]
    assert snoozed is not None
    await frank.open("/")
    await expect(frank.page.locator(".sentence")).to_contain_text("再提醒")


async def test_a_skipped_punch_stays_quiet(live_server: LiveServer, visitor: Visitor) -> None:
    user_id = await live_server.add_person_about_to_start("grace", "格蕾丝", live_server.team_id)
    grace = await visitor(live_server.address, "grace", size=PHONE)
    await grace.open("/")
    await grace.button("这次跳过").click()
    await expect(grace.page.locator(".undo")).to_contain_text("不再提醒")
    assert await live_server.clock_in_status(user_id) == "skipped"


async def test_a_planner_notes_a_punch_for_somebody(live_server: LiveServer, visitor: Visitor) -> None:
    user_id = await live_server.add_person_about_to_start("henry", "亨利", live_server.team_id)
    alice = await visitor(live_server.address, "alice")
    await alice.open("/")
    await chip_of(alice, "亨利").click()
    await alice.page.get_by_role("dialog").get_by_role("button", name="记为已打卡").first.click()
    await expect(chip_of(alice, "亨利")).to_contain_text("已打卡")
    assert await live_server.clock_in_status(user_id) in ("acknowledged", "punched")


async def test_the_button_says_so_when_the_server_does_not_hear_it(live_server: LiveServer, visitor: Visitor) -> None:
    user_id = await live_server.add_person_about_to_start("irene", "艾琳", live_server.team_id)
    irene = await visitor(live_server.address, "irene", size=PHONE)
    await irene.open("/")
    await irene.page.route("**/api/v1/reminders/*/ack", lambda route: route.abort())
    await irene.button("我已打卡").click()
    await expect(irene.page.locator(".toast.problem")).to_contain_text("连不上服务器")
    await expect(irene.button("我已打卡")).to_be_enabled()
    assert await live_server.clock_in_status(user_id) == "nagging"


async def test_whoever_sees_that_reminders_are_paused_sees_who_can_resume_them(
    live_server: LiveServer, visitor: Visitor
) -> None:
    await live_server.ask("POST", "/scheduler/pause")
    alice = await visitor(live_server.address, "alice")
    await alice.open("/")
    await expect(alice.page.locator(".quiet-line")).to_contain_text(["请管理员恢复"])
    await expect(alice.button("恢复提醒")).to_have_count(0)
    root = await visitor(live_server.address, "root")
    await root.open("/")
    assert await axe_in_all_looks(root, "paused") == []
    await root.button("恢复提醒").click()
    await expect(root.page.get_by_text("提醒已暂停")).to_have_count(0)
    await expect(alice.page.get_by_text("提醒已暂停")).to_have_count(0)
    assert (await live_server.ask("GET", "/scheduler"))["is_paused"] is False
