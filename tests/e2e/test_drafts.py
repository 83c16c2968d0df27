"""Drafts in the browser: what is published stays until the planner has seen what changes for whom, and publishes it."""

from datetime import timedelta
from typing import Any

import pytest
from playwright.async_api import Locator, Page, expect

from e2e.live_server import LiveServer
from e2e.visit import PHONE, Visit, Visitor


@pytest.fixture
async def drafting(live_server: LiveServer) -> tuple[int, int, str]:
    """A team with one member; its planner is root. The id of both, and the member's name."""
    teams = {team["name"] for team in (await live_server.ask("GET", "/teams"))["items"]}
    name = next(f"草稿组{index}" for index in range(100) if f"草稿组{index}" not in teams)
    team_id = await live_server.add_team(name)
    return team_id, await live_server.add_person(f"{name}1", f"{name}员", team_id), f"{name}员"


def cell(page: Page, name: str, day: Any) -> Locator:
    row = page.locator("tr[data-row]", has=page.get_by_role("rowheader", name=name))
    return row.locator("td").nth(day.day - 1)


async def opened(visit: Visit, team_id: int, day: Any, plan: str = "") -> Locator:
    await visit.open(f"/roster?day={day}&team={team_id}{plan}")
    return visit.page.get_by_role("dialog", name="草稿与发布")


async def test_a_draft_is_seen_looked_at_published_and_switched_off(
    live_server: LiveServer, visitor: Visitor, drafting: tuple[int, int, str]
) -> None:
    team_id, user_id, name = drafting
    assert live_server.shift_ids
    early, night = live_server.shift_ids["早"], live_server.shift_ids["夜"]
    day = (live_server.today.replace(day=1) + timedelta(days=70)).replace(day=10)
    await live_server.plan(user_id, day, early)
    root = await visitor(live_server.address, "root")
    page = root.page
    dialog = await opened(root, team_id, day, "&plan=drafts")
    await dialog.get_by_role("button", name="开启草稿").click()
    line = page.locator(".drafts-line")
    await expect(line).to_contain_text("改动先存为草稿")

    await cell(page, name, day).click()
    await page.keyboard.insert_text("夜")
    await page.keyboard.press("ArrowRight")
    await expect(line).to_contain_text("1 格是草稿")
    drafted = cell(page, name, day)
    await expect(drafted.locator(".cell-published")).to_have_text("早")
    await expect(drafted.get_by_role("img")).to_have_accessible_name("夜班; 草稿，已发布的是「早班」")
    assert await live_server.planned(user_id, day) == early
    assert await root.axe() == []

    await line.get_by_role("button", name="发布…").click()
    await expect(dialog).to_contain_text("1 人的 1 格会改变")
    await expect(dialog.locator(".draft-changes li")).to_contain_text("早班 → 夜班")
    assert await root.axe() == []
    await dialog.get_by_role("button", name="发布 1 格").click()
    await expect(page.locator(".toast", has_text="已发布 1 格，涉及 1 人")).to_be_visible()
    await expect(line).to_contain_text("改动先存为草稿")
    await expect(page.locator(".drafted")).to_have_count(0)
    assert await live_server.planned(user_id, day) == night

    # Undo of what is published is a draft again; switching off asks what becomes of it.
    await page.keyboard.press("Control+z")
    await expect(line).to_contain_text("1 格是草稿")
    assert await live_server.planned(user_id, day) == night
    await line.get_by_role("button", name="发布…").click()
    await dialog.get_by_role("button", name="关闭草稿…").click()
    await expect(dialog.get_by_role("button", name="发布 1 格")).to_have_count(0)  # one question at a time
    await dialog.get_by_role("button", name="返回").click()
    await dialog.get_by_role("button", name="关闭草稿…").click()
    await dialog.get_by_role("button", name="放弃草稿并关闭").click()
    await expect(line).to_have_count(0)
    assert await live_server.planned(user_id, day) == night


async def test_what_changed_since_is_marked_and_decided(
    live_server: LiveServer, visitor: Visitor, drafting: tuple[int, int, str]
) -> None:
    team_id, user_id, name = drafting
    assert live_server.shift_ids
    early, night, rest = (live_server.shift_ids[code] for code in "早夜休")
    day = live_server.today + timedelta(days=3)
    other = await live_server.add_person(f"swap{team_id}", "换班员", team_id)
    await live_server.plan(user_id, day, early)
    await live_server.plan(other, day, rest)
    await live_server.ask("PUT", "/roster/drafts", json={"team_id": team_id, "uses_drafts": True})
    await live_server.plan(user_id, day, night)
    member = await visitor(live_server.address, f"swap{team_id}")
    root = await visitor(live_server.address, "root", size=PHONE)
    dialog = await opened(root, team_id, day, "&plan=drafts")
    await expect(dialog.get_by_role("button", name="发布 1 格")).to_be_visible()

    async with member.page.expect_request(lambda request: "/api/v1/events" in request.url) as asked:
        await member.open("/")
    headers = {"Authorization": str((await (await asked.value).all_headers())["authorization"])}
    swap = {"with_user_id": user_id, "date": str(day)}
    answer = await member.context.request.post(f"{live_server.address}/api/v1/swaps", data=swap, headers=headers)
    assert answer.ok, await answer.text()
    swap_id = (await answer.json())["id"]
    bobs = await visitor(live_server.address, name.removesuffix("员") + "1")
    async with bobs.page.expect_request(lambda request: "/api/v1/events" in request.url) as asked:
        await bobs.open("/")
    headers = {"Authorization": str((await (await asked.value).all_headers())["authorization"])}
    accepted = await bobs.context.request.post(f"{live_server.address}/api/v1/swaps/{swap_id}/accept", headers=headers)
    assert accepted.ok, await accepted.text()
    await live_server.ask("POST", f"/swaps/{swap_id}/approve")

    await expect(dialog).to_contain_text("1 格在写草稿之后又被改过")
    await expect(dialog.locator(".draft-changed")).to_be_visible()
    assert await root.axe() == []
    await dialog.get_by_text("用草稿", exact=True).click()
    await dialog.get_by_role("button", name="发布 1 格").click()
    await expect(dialog).to_have_count(0)
    assert await live_server.planned(user_id, day) == night


async def test_today_tells_planners_what_is_not_published_and_members_nothing(
    live_server: LiveServer, visitor: Visitor, drafting: tuple[int, int, str]
) -> None:
    team_id, user_id, name = drafting
    assert live_server.shift_ids
    day = live_server.today + timedelta(days=40)
    await live_server.ask("PUT", "/roster/drafts", json={"team_id": team_id, "uses_drafts": True})
    await live_server.plan(user_id, day, live_server.shift_ids["早"])
    root = await visitor(live_server.address, "root")
    await root.open("/")
    told = root.page.locator(".quiet-line", has_text=name.removesuffix("员"))
    await expect(told).to_contain_text("有 1 格草稿没有发布")
    await told.get_by_role("link", name="去发布").click()
    dialog = root.page.get_by_role("dialog", name="草稿与发布")
    await expect(dialog.get_by_role("button", name="发布 1 格")).to_be_visible()

    member = await visitor(live_server.address, name.removesuffix("员") + "1", size=PHONE)
    await member.open(f"/roster?day={day}&team={team_id}")
    await expect(member.page.locator("tr[data-row]")).to_have_count(1)
    await expect(member.page.locator(".cell, .drafts-line")).to_have_count(0)
