"""The roster as a spreadsheet: blocks, clipboard, undo, and two planners at once."""

import asyncio
import json
import re
import time
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import httpx
import openpyxl
import pytest
from playwright.async_api import APIResponse, Locator, Page, Route, expect

from e2e.live_server import LiveServer
from e2e.server import PASSWORD
from e2e.test_roster import cell, held
from e2e.visit import DESK, PHONE, Visit, Visitor

CHANGES = "**/api/v1/roster/changes*"


class Crew:
    """Three people of a team of their own, and what the server has planned for them."""

    def __init__(self, live_server: LiveServer, team_id: int, user_ids: list[int], names: list[str]) -> None:
        self.live_server, self.team_id, self.user_ids, self.names = live_server, team_id, user_ids, names
        self.address = f"/roster?team={team_id}&day={self.first}"

    @property
    def first(self) -> date:
        """Amid next month: days on both sides, and none of them past."""
        return (self.live_server.today.replace(day=1) + timedelta(days=32)).replace(day=10)

    @property
    def monday(self) -> date:
        return self.first - timedelta(days=self.first.weekday())

    async def planned(self, days: int = 4, first: date | None = None) -> list[list[str]]:
        """Codes in the database from `first` on, person by person."""
        assert self.live_server.shift_ids is not None
        codes = {shift_id: code for code, shift_id in self.live_server.shift_ids.items()}
        first = first or self.first
        last = first + timedelta(days=days - 1)
        query = {"from": first.isoformat(), "to": last.isoformat(), "team_id": self.team_id}
        found = (await self.live_server.ask("GET", "/roster", params=query))["users"]
        return [[codes.get(shift_id, "") for shift_id in user["shift_ids"]] for user in found]

    def cell(self, page: Page, person: int, day: int) -> Locator:
        return cell(page, self.names[person], self.first + timedelta(days=day))

    def cell_of_week(self, page: Page, person: int, weekday: int) -> Locator:
        """A cell on a phone, which shows one week."""
        row = page.locator("tr[data-row]", has=page.get_by_role("rowheader", name=self.names[person], exact=True))
        return row.locator(f"td:nth-child({weekday + 2})")


TURNED = "日期\t{0}\t{1}\n{2}月10日\t夜\t早\n{2}月11日\t早\t夜\n"
UNKNOWN = "新人甲\t早\t夜\n新人乙\t夜\t早\n"


@pytest.fixture
async def crew(live_server: LiveServer, request: pytest.FixtureRequest) -> Crew:
    mark = f"{abs(hash(request.node.name)) % 1_000_000}"
    team_id = await live_server.add_team(f"班组{mark}")
    names = [f"{name}{mark}" for name in ("安", "白", "陈")]
    user_ids = [await live_server.add_person(f"u{mark}{index}", name, team_id) for index, name in enumerate(names)]
    return Crew(live_server, team_id, user_ids, names)


async def at_desk(live_server: LiveServer, visitor: Visitor, crew: Crew, **options: Any) -> Visit:
    visit = await visitor(live_server.address, "root", permissions=["clipboard-read", "clipboard-write"], **options)
    await visit.open(crew.address)
    return visit


async def saved(visit: Visit) -> Any:
    return visit.page.expect_response(
        lambda answer: answer.request.method in ("PUT", "POST") and "/roster" in answer.url
    )


async def press(visit: Visit, key: str) -> None:
    """A key that changes the roster; comes back when it is saved."""
    async with await saved(visit) as answer:
        await visit.page.keyboard.press(key)
    assert (await answer.value).ok


async def type_at_once(visit: Visit, text: str) -> None:
    """Letters that were all typed at the same moment, however busy this machine is between them."""
    keyboard, moment = await visit.context.new_cdp_session(visit.page), time.time()
    for letter in text:
        for kind, of_letter in (("keyDown", {"text": letter}), ("keyUp", {})):
            event = {"type": kind, "key": letter, "timestamp": moment, **of_letter}
            await keyboard.send("Input.dispatchKeyEvent", event)


def copied_from_excel(workbook: Path, block: str) -> str:
    """The text that Excel puts on the clipboard for a block: tabs, CRLF, quotes only where they are needed."""
    sheet = openpyxl.load_workbook(workbook).active
    assert sheet is not None

    def word(value: object) -> str:
        text = "" if value is None else str(value)
        return '"' + text.replace('"', '""') + '"' if any(sign in text for sign in '\t\n"') else text

    return "".join("\t".join(word(one.value) for one in row) + "\r\n" for row in sheet[block])


async def test_a_block_of_a_real_workbook_is_pasted_undone_and_redone_and_the_database_agrees(
    live_server: LiveServer, visitor: Visitor, crew: Crew, tmp_path: Path
) -> None:
    workbook = openpyxl.Workbook()
    sheet = workbook.active
    assert sheet is not None
    sheet.append(["姓名", "一", "二", "三", "四"])
    sheet.append(["安", "早", "夜班", "休息", " 早 "])
    sheet.append(["白", "夜", None, "OFF", "早"])
    sheet.append(["陈", "早班", "休", "夜", "夜"])
    workbook.save(tmp_path / "plan.xlsx")
    text = copied_from_excel(tmp_path / "plan.xlsx", "B2:E4")

    alice = await at_desk(live_server, visitor, crew)
    await alice.page.evaluate("text => navigator.clipboard.writeText(text)", text)
    await crew.cell(alice.page, 1, 1).click()
    await press(alice, "2")
    before = await crew.planned()
    assert before == [["", "", "", ""], ["", "夜", "", ""], ["", "", "", ""]]

    await crew.cell(alice.page, 0, 0).click()
    await press(alice, "Control+v")
    pasted = [["早", "夜", "休", "早"], ["夜", "", "休", "早"], ["早", "休", "夜", "夜"]]
    assert await crew.planned() == pasted
    await expect(alice.page.locator("td[aria-selected=true]")).to_have_count(12)

    await press(alice, "Control+z")
    assert await crew.planned() == before
    await press(alice, "Control+y")
    assert await crew.planned() == pasted
    async with await saved(alice):
        await alice.button("撤销").click()
    assert await crew.planned() == before
    async with await saved(alice):
        await alice.button("重做").click()
    assert await crew.planned() == pasted

    # And back: what is copied here is what Excel would have given.
    await expect(crew.cell(alice.page, 2, 3)).to_contain_text("夜")  # the page heard of it, too
    await alice.page.keyboard.press("Control+c")
    assert (await alice.page.evaluate("navigator.clipboard.readText()")).replace("\r\n", "\n") == "\n".join(
        "\t".join(line) for line in pasted
    )


async def test_a_small_block_repeats_and_unknown_words_change_nothing_and_are_told_at_once(
    live_server: LiveServer, visitor: Visitor, crew: Crew
) -> None:
    alice = await at_desk(live_server, visitor, crew)
    await alice.page.evaluate("navigator.clipboard.writeText('早\\t老板\\r\\n夜\\t加班\\r\\n')")
    await crew.cell(alice.page, 0, 0).click()
    for key in ("ArrowDown", "ArrowRight", "ArrowRight", "ArrowRight"):
        await alice.page.keyboard.press(f"Shift+{key}")
    await press(alice, "Control+v")
    assert await crew.planned() == [["早", "", "早", ""], ["夜", "", "夜", ""], ["", "", "", ""]]
    await expect(alice.page.locator(".toast.problem")).to_have_count(1)
    await expect(alice.page.locator(".toast.problem")).to_contain_text("老板、加班")


async def test_fill_cut_and_the_handle(live_server: LiveServer, visitor: Visitor, crew: Crew) -> None:
    alice = await at_desk(live_server, visitor, crew)
    page = alice.page
    await crew.cell(page, 0, 0).click()
    await press(alice, "1")
    await page.keyboard.press("ArrowRight")
    await press(alice, "2")
    await page.keyboard.press("Shift+ArrowLeft")
    await page.keyboard.press("Shift+ArrowDown")
    await press(alice, "Control+d")
    assert await crew.planned() == [["早", "夜", "", ""], ["早", "夜", "", ""], ["", "", "", ""]]

    await crew.cell(page, 0, 0).click()
    await page.keyboard.press("Shift+ArrowRight")
    handle = await page.locator(".handle").bounding_box()
    target = await crew.cell(page, 0, 3).bounding_box()
    assert handle
    assert target
    async with await saved(alice):
        await page.mouse.move(handle["x"] + 4, handle["y"] + 4)
        await page.mouse.down()
        await page.mouse.move(target["x"] + 8, target["y"] + 8, steps=5)
        await page.mouse.up()
    assert (await crew.planned())[0] == ["早", "夜", "早", "夜"]

    await press(alice, "Control+x")
    assert (await crew.planned())[0] == ["", "", "", ""]
    await crew.cell(page, 2, 0).click()
    await press(alice, "Control+v")
    assert (await crew.planned())[2] == ["早", "夜", "早", "夜"]


async def test_a_code_is_typed_through_an_input_method(live_server: LiveServer, visitor: Visitor, crew: Crew) -> None:
    alice = await at_desk(live_server, visitor, crew)
    await crew.cell(alice.page, 0, 0).click()
    await alice.page.keyboard.press("Shift+ArrowRight")
    keyboard = await alice.context.new_cdp_session(alice.page)
    await keyboard.send("Input.imeSetComposition", {"text": "zao", "selectionStart": 3, "selectionEnd": 3})
    async with await saved(alice):
        await keyboard.send("Input.insertText", {"text": "早"})
    assert (await crew.planned())[0] == ["早", "早", "", ""]
    await keyboard.send("Input.imeSetComposition", {"text": "wu", "selectionStart": 2, "selectionEnd": 2})
    await keyboard.send("Input.insertText", {"text": "无"})
    await expect(alice.page.locator(".toast.problem")).to_contain_text("没有叫「无」的班次")
    assert (await crew.planned())[0] == ["早", "早", "", ""]


async def test_the_longest_code_wins_and_is_shown_while_it_is_typed(
    live_server: LiveServer, visitor: Visitor, crew: Crew
) -> None:
    assert live_server.shift_ids is not None
    for code in ("D", "D3", "WE1", "WE12"):
        live_server.shift_ids[code] = await live_server.add_shift(
            f"{code} 岗", code, ("08:00", "16:00"), team_id=crew.team_id
        )
    sheet = f"姓名,{crew.first}\n{crew.names[2]},甲1\n".encode()
    d3 = live_server.shift_ids["D3"]
    await live_server.ask(
        "POST",
        "/roster/import",
        params={"team_id": crew.team_id},
        files={"file": ("month.csv", sheet)},
        data={"mapping": json.dumps({"shifts": {"甲1": d3}})},
    )
    assert (await crew.planned())[2] == ["D3", "", "", ""]

    alice = await at_desk(live_server, visitor, crew)
    page, keys = alice.page, alice.page.keyboard
    note = page.locator(".cell-note")
    await crew.cell(page, 0, 0).click()
    await keys.press("Escape")
    await keys.type("d")
    await expect(note).to_contain_text("d = D 岗")
    await expect(note).to_contain_text("D3 = D3 岗")
    assert (await crew.planned())[0] == ["", "", "", ""]  # D3 may follow
    await press(alice, "3")
    await keys.press("ArrowRight")
    await keys.type("d")
    await press(alice, "ArrowRight")  # the next cell settles it
    await keys.type("we1")
    await press(alice, "Enter")
    await keys.press("ArrowRight")
    await keys.type("we1")
    await press(alice, "2")
    assert (await crew.planned())[0] == ["D3", "D", "WE1", "WE12"]

    # A code that does not exist: neither a part of it nor a position is taken for it, and it is said.
    await crew.cell(page, 1, 0).click()
    await keys.press("Escape")
    await keys.type("d4")
    await expect(note).to_contain_text("没有叫「d4」的班次")
    await keys.press("ArrowRight")
    await expect(page.locator(".toast.problem")).to_contain_text("没有叫「d4」的班次")
    async with await saved(alice):  # WE12, at once; and what follows within the pause between two codes belongs to it
        await type_at_once(alice, "we125")
    await expect(note).to_contain_text("没有叫「we125」的班次")
    await keys.press("Backspace")
    await keys.press("Enter")
    await expect(page.locator(".board")).to_have_attribute("aria-busy", "false")
    assert (await crew.planned())[1] == ["", "WE12", "", ""]

    # What waits is settled by a click elsewhere, too; and the team's own file has taught its word.
    await keys.press("ArrowRight")
    await keys.type("d")
    async with await saved(alice):
        await crew.cell(page, 2, 1).click()
    await keys.press("Escape")
    await keys.type("甲")
    await press(alice, "1")
    await expect(page.locator(".board")).to_have_attribute("aria-busy", "false")
    assert await crew.planned() == [["D3", "D", "WE1", "WE12"], ["", "WE12", "D", ""], ["D3", "D3", "", ""]]


async def test_an_import_and_a_pattern_are_undone_after_a_reload_and_what_somebody_changed_is_asked_about(
    live_server: LiveServer, visitor: Visitor, crew: Crew
) -> None:
    alice = await at_desk(live_server, visitor, crew)
    await crew.cell(alice.page, 0, 0).click()
    await press(alice, "1")
    sheet = f"姓名,{crew.first}\n{crew.names[1]},夜\n{crew.names[2]},夜\n".encode()
    files = {"file": ("month.csv", sheet)}
    await live_server.ask("POST", "/roster/import", params={"team_id": crew.team_id, "dry_run": False}, files=files)
    early = live_server.shift_ids["早"]  # type: ignore[index]
    theirs = {"user_id": crew.user_ids[2], "date": crew.first.isoformat(), "shift_id": early}
    await live_server.ask("PUT", "/roster", json={"assignments": [theirs]})

    await alice.open(crew.address)
    button = alice.button("撤销")
    await expect(button).to_have_attribute("title", re.compile("撤销：改 1 格"))
    await press(alice, "Control+z")
    await expect(button).to_have_attribute("title", re.compile("撤销：导入 .*月 的排班"))
    await press(alice, "Control+z")
    await expect(alice.page.locator(".toast").last).to_contain_text("已撤销：导入")
    assert [row[0] for row in await crew.planned()] == ["早", "", ""]
    await press(alice, "Control+z")
    assert [row[0] for row in await crew.planned()] == ["", "", ""]
    for _ in range(2):
        await press(alice, "Control+y")
    assert [row[0] for row in await crew.planned()] == ["早", "夜", "夜"]

    # Now somebody else changes one of the imported cells.
    await live_server.add_person(f"dora{crew.team_id}", "朵拉", crew.team_id, "admin")
    async with httpx.AsyncClient(base_url=f"{live_server.address}/api/v1", trust_env=False) as dora:
        given = {"username": f"dora{crew.team_id}", "password": PASSWORD}
        token = (await dora.post("/auth/token", data=given)).json()["access_token"]
        dora.headers["Authorization"] = f"Bearer {token}"
        assert (await dora.put("/roster", json={"assignments": [theirs]})).is_success
    await alice.page.keyboard.press("Control+z")
    asked = alice.page.get_by_role("region", name="1 格后来又被改过，保持不变")
    await expect(asked).to_contain_text(f"{crew.names[2]}")
    assert [row[0] for row in (await crew.planned())[:3]] == ["早", "", "早"]
    assert await alice.axe() == []
    async with await saved(alice):
        await asked.get_by_role("button", name="改回").click()
    assert [row[0] for row in (await crew.planned())[:3]] == ["早", "", ""]
    await expect(asked).to_have_count(0)


async def test_undo_goes_back_to_the_month_where_it_was_done(
    live_server: LiveServer, visitor: Visitor, crew: Crew
) -> None:
    alice = await at_desk(live_server, visitor, crew)
    await crew.cell(alice.page, 0, 0).click()
    await press(alice, "1")
    month = str(await alice.page.locator(".roster-span").text_content())
    await alice.button("下个月").click()
    await expect(alice.page.locator(".roster-span")).not_to_have_text(month)
    await expect(crew.cell(alice.page, 0, 0)).not_to_contain_text("早")
    await alice.page.keyboard.press("Control+z")
    await expect(alice.page.locator(".roster-span")).to_have_text(month)
    await expect(crew.cell(alice.page, 0, 0)).not_to_contain_text("早")
    await expect(alice.button("重做")).to_be_enabled()
    await expect(alice.page.locator(".board")).to_have_attribute("aria-busy", "false")
    assert (await crew.planned())[0] == ["", "", "", ""]


async def test_what_is_done_while_an_undo_waits_is_not_undone(
    live_server: LiveServer, visitor: Visitor, crew: Crew
) -> None:
    alice = await at_desk(live_server, visitor, crew)
    await crew.cell(alice.page, 0, 0).click()
    for key in "12":
        await press(alice, key)
        await alice.page.keyboard.press("ArrowRight")
    released = asyncio.Event()

    async def slow(route: Route) -> None:
        await released.wait()
        await route.continue_()

    await alice.page.route("**/api/v1/roster/actions", slow)
    async with alice.page.expect_request("**/api/v1/roster/actions"):
        await alice.page.keyboard.press("Control+z")
    await alice.page.keyboard.press("Control+z")
    await press(alice, "1")
    released.set()
    await expect(alice.page.locator(".toast.problem")).to_contain_text("所以没有做")
    await expect(alice.page.locator(".board")).to_have_attribute("aria-busy", "false")
    assert (await crew.planned())[0] == ["早", "夜", "早", ""]
    await press(alice, "Control+z")
    assert (await crew.planned())[0] == ["早", "夜", "", ""]


async def test_the_roster_remembers_team_and_month(live_server: LiveServer, visitor: Visitor, crew: Crew) -> None:
    alice = await at_desk(live_server, visitor, crew)
    page = alice.page
    await expect(crew.cell(page, 0, 0)).to_be_visible()
    month = str(await page.locator(".roster-span").text_content())
    await page.locator('a[href="/shifts"]').first.click()
    await expect(page.locator(".roster-span")).to_have_count(0)
    await page.locator('a[href="/roster"]').first.click()
    await expect(page.locator(".roster-span")).to_have_text(month)
    await expect(crew.cell(page, 0, 0)).to_be_visible()


async def test_two_planners_in_different_cells_do_not_hear_of_it(
    live_server: LiveServer, visitor: Visitor, crew: Crew
) -> None:
    alice = await at_desk(live_server, visitor, crew)
    other = await at_desk(live_server, visitor, crew)
    await other.page.route(CHANGES, lambda route: route.abort())  # the other one does not see it coming
    await crew.cell(alice.page, 0, 0).click()
    await press(alice, "1")
    await crew.cell(other.page, 1, 1).click()
    async with other.page.expect_response(lambda answer: answer.request.method == "PUT" and answer.status == 409):
        await other.page.keyboard.press("2")
    await expect(crew.cell(other.page, 0, 0)).to_contain_text("早")
    await expect(crew.cell(alice.page, 1, 1)).to_contain_text("夜")
    await expect(other.page.locator(".conflicts, .toast.problem")).to_have_count(0)
    assert await crew.planned() == [["早", "", "", ""], ["", "夜", "", ""], ["", "", "", ""]]


async def test_two_planners_in_one_cell_the_second_sees_who_was_first_and_decides(
    live_server: LiveServer, visitor: Visitor, crew: Crew
) -> None:
    alice = await at_desk(live_server, visitor, crew)
    other = await at_desk(live_server, visitor, crew)
    await other.page.route(CHANGES, lambda route: route.abort())
    await crew.cell(alice.page, 0, 0).click()
    await alice.page.keyboard.press("Shift+ArrowRight")
    await press(alice, "2")

    await crew.cell(other.page, 0, 0).click()
    for _ in range(3):
        await other.page.keyboard.press("Shift+ArrowRight")
    await other.page.keyboard.press("1")
    conflicts = other.page.locator(".conflicts")
    await expect(conflicts.locator("li")).to_have_count(2)
    await expect(conflicts.locator("li").first).to_contain_text("罗特改成了「夜班」，你改成了「早班」")
    await expect(crew.cell(other.page, 0, 0)).to_contain_text("夜")
    await expect(other.page.locator(".board")).to_have_attribute("aria-busy", "false")
    assert (await crew.planned())[0] == ["夜", "夜", "早", "早"]  # what nobody else touched is saved
    assert await other.axe() == []

    async with await saved(other) as answer:
        await conflicts.get_by_role("button", name="用我的", exact=True).first.click()
    assert (await answer.value).ok
    await conflicts.get_by_role("button", name="用对方的", exact=True).click()
    await expect(conflicts).to_have_count(0)
    assert (await crew.planned())[0] == ["早", "夜", "早", "早"]
    await expect(crew.cell(alice.page, 0, 0)).to_contain_text("早")

    # Both are the same person's: undo goes back from what was done last, wherever.
    await press(alice, "Control+z")
    assert (await crew.planned())[0] == ["夜", "夜", "早", "早"]


async def test_an_answer_that_was_overtaken_by_a_save_does_not_go_over_it(
    live_server: LiveServer, visitor: Visitor, crew: Crew
) -> None:
    alice = await at_desk(live_server, visitor, crew)
    page = alice.page
    await crew.cell(page, 0, 0).click()
    await press(alice, "2")
    held_back: list[tuple[Route, APIResponse]] = []

    async def hold(route: Route) -> None:
        if held_back:
            await route.continue_()
        else:  # the server answers now, the browser hears of it later
            held_back.append((route, await route.fetch()))

    await page.route("**/api/v1/roster?*", hold)
    await press(alice, "Delete")
    async with page.expect_request(lambda request: "/roster?" in request.url, timeout=15_000):
        await live_server.ask("POST", "/leaves", json=_leave(crew))  # news that names no cell: everything is read anew
    while not held_back:
        await page.wait_for_timeout(20)
    await press(alice, "1")
    route, answer = held_back[0]
    await route.fulfill(response=answer)
    await page.wait_for_timeout(200)
    await expect(crew.cell(page, 0, 0)).to_contain_text("早")
    await page.keyboard.press("Escape")
    await press(alice, "2")
    await expect(crew.cell(page, 0, 0)).to_contain_text("夜")
    await expect(page.locator(".conflicts")).to_have_count(0)
    assert (await crew.planned())[0][0] == "夜"


async def test_own_changes_load_no_roster_anew_but_a_leave_beside_them_does(
    live_server: LiveServer, visitor: Visitor, crew: Crew
) -> None:
    visit = await visitor(live_server.address, "root")
    page = visit.page
    async with page.expect_response("**/api/v1/events"):
        await visit.open(crew.address)
    read = []
    page.on("request", lambda request: read.append(request.url) if "/api/v1/roster?" in request.url else None)
    await crew.cell(page, 0, 0).click()
    async with page.expect_request("**/api/v1/roster/report?*"):
        for key in "12":
            await press(visit, key)
            await page.keyboard.press("ArrowRight")
    assert read == []
    async with page.expect_request(lambda request: "/api/v1/roster?" in request.url):
        await live_server.ask("POST", "/leaves", json=_leave(crew))
        await press(visit, "1")


def _leave(crew: Crew) -> dict[str, Any]:
    day = (crew.first + timedelta(days=2)).isoformat()
    return {"user_id": crew.user_ids[1], "from": day, "to": day}


async def test_leave_warnings_and_missing_people_are_seen_where_they_are(
    live_server: LiveServer, visitor: Visitor, crew: Crew
) -> None:
    assert live_server.shift_ids is not None
    need = {"shift_id": live_server.shift_ids["早"], "day": "any", "people": 2}
    await live_server.ask("PUT", "/roster/coverage", params={"team_id": crew.team_id}, json={"needs": [need]})
    await live_server.ask("POST", "/leaves", json=_leave(crew))
    alice = await at_desk(live_server, visitor, crew)
    page = alice.page
    await expect(crew.cell(page, 1, 2).get_by_role("img", name="请假")).to_be_visible()
    await crew.cell(page, 0, 0).click()
    await press(alice, "2")
    await page.keyboard.press("ArrowRight")
    await press(alice, "1")
    await expect(crew.cell(page, 0, 1).get_by_role("img", name="夜班之后紧接早班")).to_be_visible()
    await expect(page.get_by_role("tooltip")).to_contain_text("夜班之后紧接早班，中间只有 2 小时")
    short = page.locator("tfoot tr").last.locator(f"td:nth-child({crew.first.day + 2})")
    await expect(short).to_contain_text("缺 1 人")
    await page.get_by_role("button", name="在岗, 各班次人数").click()
    await expect(page.locator("tfoot tr").first.locator(f"td:nth-child({crew.first.day + 2})")).to_contain_text("1/2")
    await page.get_by_role("button", name="提示").click()
    dialog = page.get_by_role("dialog")
    await expect(dialog.locator("details").first).to_contain_text(f"{crew.first.month}月1日")
    await dialog.get_by_role("radio", name="按成员").check()
    await expect(dialog.locator("summary")).to_contain_text(["人手不足", crew.names[0]])
    await dialog.get_by_label("种类").select_option(label="夜班接早班（1）")
    await expect(dialog.locator("summary")).to_have_count(1)
    assert await alice.axe() == []
    await page.set_viewport_size(PHONE)
    await expect(page.locator("nav.rail")).to_be_visible()
    await expect(dialog.locator("summary")).to_contain_text([crew.names[0]])
    await page.set_viewport_size(DESK)
    await dialog.get_by_role("button", name="夜班之后紧接早班").click()
    await expect(held(crew.cell(page, 0, 1))).to_be_focused()
    assert await alice.axe() == []


async def test_a_planners_note_stands_at_its_cell_and_totals_beside_the_row(
    live_server: LiveServer, visitor: Visitor, crew: Crew
) -> None:
    assert live_server.shift_ids is not None
    alice = await at_desk(live_server, visitor, crew)
    page = alice.page
    row = page.locator("tr[data-row]", has=page.get_by_role("rowheader", name=crew.names[0], exact=True))
    await crew.cell(page, 0, 0).click()
    await press(alice, "2")
    await expect(row.locator(".row-total").get_by_role("img", name="上班 1 天，8 小时", exact=True)).to_be_visible()
    await page.keyboard.press("Enter")
    await page.get_by_role("option", name="备注…").click()
    await page.get_by_label("备注").fill("跟王师傅学习")
    await page.get_by_role("button", name="保存").click()
    await expect(crew.cell(page, 0, 0)).to_have_class(re.compile("noted"))
    await expect(crew.cell(page, 0, 0).get_by_role("img", name="备注：跟王师傅学习")).to_be_visible()
    await expect(page.get_by_role("dialog")).to_have_count(0)
    await crew.cell(page, 0, 0).click()
    await expect(page.get_by_role("tooltip")).to_contain_text("备注：跟王师傅学习（罗特）")
    await row.locator(".row-total").click()
    await expect(page.locator(".shift-picker")).to_have_count(0)
    assert await alice.axe() == []


async def test_ctrl_f_finds_a_person_in_the_grid(live_server: LiveServer, visitor: Visitor) -> None:
    day = live_server.today.replace(day=12)
    team_id = await live_server.add_team("查找组")
    for index, name in enumerate(("钱一", "孙小二", "小二黑")):
        await live_server.add_person(f"find{index}", name, team_id)
    root = await visitor(live_server.address, "root")
    page = await root.open(f"/roster?team={team_id}")
    await cell(page, "钱一", day).click()
    await page.keyboard.press("Control+f")
    await expect(page.get_by_role("dialog").get_by_label("姓名")).to_be_focused()
    await page.keyboard.type("小二")
    await expect(page.get_by_role("dialog").locator("li")).to_have_text(["小二黑", "孙小二"])
    assert await root.axe() == []
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("dialog")).to_have_count(0)
    await expect(held(cell(page, "小二黑", day))).to_be_focused()


async def test_who_can_take_a_shift_is_ranked_planned_by_one_click_and_kept_in_the_cells_history(
    live_server: LiveServer, visitor: Visitor
) -> None:
    day = live_server.today.replace(day=12)
    assert live_server.shift_ids is not None
    team_id = await live_server.add_team("替班组")
    names = ("阿一", "阿二", "阿三")
    ids = [await live_server.add_person(f"who{index}", name, team_id) for index, name in enumerate(names)]
    await live_server.plan(ids[0], day, live_server.shift_ids["早"])
    await live_server.plan(ids[1], day.replace(day=13), live_server.shift_ids["早"])
    await live_server.plan(ids[2], day.replace(day=15), live_server.shift_ids["早"])
    root = await visitor(live_server.address, "root")
    page = await root.open(f"/roster?team={team_id}")
    await cell(page, "阿一", day).click()
    await page.keyboard.press("Enter")
    await page.get_by_role("option", name="谁能上？").click()
    dialog = page.get_by_role("dialog")
    await dialog.get_by_label("班次").select_option(label="夜班")
    rows = dialog.locator(".candidates > li")
    await expect(rows.nth(0)).to_contain_text("阿三")
    await expect(rows.nth(1)).to_contain_text("夜班之后紧接早班")
    await expect(rows.nth(2)).to_contain_text("已排早班")
    await expect(rows.nth(2).get_by_role("button")).to_have_count(0)
    assert await root.axe() == []
    async with await saved(root):
        await dialog.get_by_role("button", name="排上阿三").click()
    await expect(cell(page, "阿三", day)).to_contain_text("夜")
    await expect(page.get_by_text("已排上阿三。")).to_be_visible()
    assert await live_server.planned(ids[2], day) == live_server.shift_ids["夜"]
    await cell(page, "阿三", day).dblclick()
    await page.get_by_role("option", name="改动历史").click()
    await expect(page.get_by_role("dialog").locator("li")).to_contain_text("空 → 夜班")
    assert await root.axe() == []


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("language", ["zh", "en"])
async def test_axe_finds_nothing_in_a_grid_at_work(
    live_server: LiveServer, visitor: Visitor, crew: Crew, theme: str, language: str
) -> None:
    alice = await at_desk(live_server, visitor, crew, theme=theme, language=language)
    await crew.cell(alice.page, 0, 0).click()
    await alice.page.keyboard.press("Shift+ArrowDown")
    await press(alice, "1")
    assert await alice.axe() == []
    await alice.page.keyboard.press("Enter")
    assert await alice.axe() == []
    await alice.page.keyboard.press("Escape")
    await alice.page.locator(".tools .icon-button").last.click()
    await expect(alice.page.get_by_role("dialog")).to_be_visible()
    assert await alice.axe() == []


async def test_everything_is_done_by_keyboard_alone(live_server: LiveServer, visitor: Visitor, crew: Crew) -> None:
    alice = await at_desk(live_server, visitor, crew)
    page, keys = alice.page, alice.page.keyboard
    for _ in range(60):
        await keys.press("Tab")
        if await page.evaluate("document.activeElement?.closest('tbody') !== null"):
            break
    await keys.press("Control+Home")
    for _ in range(crew.first.day - 1):
        await keys.press("ArrowRight")
    await expect(held(crew.cell(page, 0, 0))).to_be_focused()
    await press(alice, "1")
    await keys.press("Shift+ArrowRight")
    await keys.press("Shift+ArrowDown")
    await press(alice, "Control+r")
    await press(alice, "Control+d")
    assert await crew.planned() == [["早", "早", "", ""], ["早", "早", "", ""], ["", "", "", ""]]
    await keys.press("Control+c")
    await keys.press("ArrowRight")
    await press(alice, "Control+v")
    await keys.press("Enter")
    await expect(page.get_by_role("listbox")).to_be_focused()
    await keys.press("ArrowDown")
    async with await saved(alice):
        await keys.press("Enter")
    before = await crew.planned()
    await press(alice, "Control+z")
    await press(alice, "Control+Shift+Z")
    assert await crew.planned() == before
    await keys.press("Control+a")
    await press(alice, "Delete")
    assert await crew.planned() == [["", "", "", ""]] * 3
    await keys.press("Escape")
    await expect(page.locator("td[aria-selected=true]")).to_have_count(0)


SCROLLED_FAST = """
(frames) => new Promise((done) => {
  const box = document.querySelector(".roster-scroll");
  const body = box.querySelector("tbody");
  const wrong = new Set();
  let most = 0;
  let made = 0;
  const observer = new MutationObserver((records) => {
    most = Math.max(most, records.filter(({ attributeName }) => attributeName === "data-row").length);
    made += records.reduce((sum, { target, addedNodes }) => sum + (target === body ? addedNodes.length : 0), 0);
  });
  observer.observe(body, { subtree: true, childList: true, attributes: true });
  let way = 240;
  const frame = () => {
    const top = body.getBoundingClientRect().top;
    for (const row of body.querySelectorAll("tr[data-row]")) {
      const index = Number(row.dataset.row);
      const isAtPlace = Math.abs(row.getBoundingClientRect().top - top - index * row.offsetHeight) < 1;
      const name = row.querySelector("th").textContent;
      if (name !== `员工${String(index).padStart(3, "0")}` || !isAtPlace) wrong.add(`${index} ${name}`);
    }
    if (box.scrollTop + box.clientHeight >= box.scrollHeight - 1) way = -way;
    box.scrollTop += way;
    if (frames-- > 0) return requestAnimationFrame(frame);
    observer.disconnect();
    done({ wrong: [...wrong], most, made });
  };
  requestAnimationFrame(frame);
})
"""
"""Rows that showed somebody else, the most rows that were written at once, and how many were made."""


async def test_with_a_hundred_people_the_focus_survives_scrolling(live_server: LiveServer, visitor: Visitor) -> None:
    team_id = await live_server.add_team("大班组")
    people = [
        {
            "username": f"many{number}",
            "password": "correct horse battery",
            "display_name": f"员工{number:03}",
            "team_id": team_id,
        }
        for number in range(80)
    ]
    for person in people:
        await live_server.ask("POST", "/users", json=person)
    alice = await visitor(live_server.address, "root")
    page = await alice.open(f"/roster?team={team_id}")
    assert await page.locator("tr[data-row]").count() < 60
    await cell(page, "员工002", live_server.today).click()
    await expect(page.get_by_role("rowheader", name="员工030")).to_be_attached()  # the spare rows are there
    scrolled = await page.evaluate(SCROLLED_FAST, 60)
    assert scrolled["wrong"] == []
    assert 0 < scrolled["most"] <= 6
    assert scrolled["made"] <= 2
    await page.locator(".roster-scroll").evaluate("box => box.scrollTo(0, 99999)")
    await expect(cell(page, "员工079", live_server.today)).to_be_visible()
    # Their elements are used again, so screen readers are told the order.
    await expect(page.locator("table.roster tbody")).to_have_attribute("aria-owns", re.compile("roster-row"))
    await expect(held(cell(page, "员工002", live_server.today))).to_be_focused()
    await page.keyboard.press("ArrowDown")
    await expect(held(cell(page, "员工003", live_server.today))).to_be_focused()
    await expect(cell(page, "员工003", live_server.today)).to_be_in_viewport()
    await page.keyboard.press("Control+End")
    row = page.locator("tr[data-row]", has=page.get_by_role("rowheader", name="员工079"))
    await expect(row).to_have_attribute("aria-rowindex", "81")
    await expect(page.locator("table.roster")).to_have_attribute("aria-rowcount", "82")
    await expect(held(row)).to_be_focused()
    await page.keyboard.press("Control+Home")
    await expect(held(page.locator("tr[data-row='0']"))).to_be_focused()

    await page.locator(".roster-scroll").evaluate("box => box.scrollTo(0, 1000)")
    await expect(cell(page, "员工030", live_server.today)).to_be_in_viewport()
    await page.locator('a[href="/shifts"]').first.click()
    await expect(page.locator(".roster-span")).to_have_count(0)
    await page.locator('a[href="/roster"]').first.click()
    await expect(cell(page, "员工030", live_server.today)).to_be_in_viewport()
    assert await page.locator(".roster-scroll").evaluate("box => box.scrollTop") == 1000
    await page.get_by_role("button", name="下个月").click()
    await expect(page.get_by_role("rowheader", name="员工030")).to_be_in_viewport()


async def test_on_a_phone_a_block_is_selected_by_two_taps_or_a_long_press_and_undone_at_the_thumb(
    live_server: LiveServer, visitor: Visitor, crew: Crew
) -> None:
    alice = await at_desk(live_server, visitor, crew, size=PHONE, has_touch=True, is_mobile=True)
    page = alice.page
    monday = crew.monday

    def at(person: int, weekday: int) -> Locator:
        return crew.cell_of_week(page, person, weekday)

    async def planned() -> list[list[str]]:
        assert live_server.shift_ids is not None
        codes = {shift_id: code for code, shift_id in live_server.shift_ids.items()}
        query = {"from": monday.isoformat(), "to": (monday + timedelta(days=2)).isoformat(), "team_id": crew.team_id}
        users = (await live_server.ask("GET", "/roster", params=query))["users"]
        return [[codes.get(shift_id, "") for shift_id in user["shift_ids"]] for user in users]

    await page.get_by_role("button", name="选择").tap()
    await at(0, 0).tap()
    await at(1, 1).tap()
    await expect(page.locator("td[aria-selected=true]")).to_have_count(4)
    async with await saved(alice):
        await alice.button("早班").tap()
    assert await planned() == [["早", "早", ""], ["早", "早", ""], ["", "", ""]]
    undo = await alice.button("撤销").bounding_box()
    assert undo
    assert undo["y"] > PHONE["height"] / 2
    async with await saved(alice):
        await alice.button("撤销").tap()
    assert await planned() == [["", "", ""]] * 3

    await page.get_by_role("button", name="选择").tap()
    spot = await at(1, 1).bounding_box()
    assert spot
    touch = await alice.context.new_cdp_session(page)
    point = {"x": spot["x"] + 10, "y": spot["y"] + 10}
    await touch.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [point]})
    await expect(page.get_by_role("button", name="选择")).to_have_attribute("aria-pressed", "true")
    for step in (15, 30, spot["height"]):
        await touch.send(
            "Input.dispatchTouchEvent", {"type": "touchMove", "touchPoints": [{**point, "y": point["y"] + step}]}
        )
    await touch.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    await expect(page.locator("td[aria-selected=true]")).to_have_count(2)
    async with await saved(alice):
        await alice.button("夜班").tap()
    assert await planned() == [["", "", ""], ["", "夜", ""], ["", "夜", ""]]
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert await alice.axe() == []


async def test_a_pasted_table_finds_its_people_and_days_wherever_the_selection_is(
    live_server: LiveServer, visitor: Visitor, crew: Crew
) -> None:
    alice = await at_desk(live_server, visitor, crew)
    page = alice.page
    first, second, third = crew.names
    month = crew.first.month
    rows = [
        f"<tr><th>姓名</th><th>{month}月10日</th><th>{month}月11日</th><th>{month}月12日</th></tr>",
        f"<tr><td>{third}</td><td colspan=2>夜</td><td>早</td></tr>",
        f"<tr><td>{first}</td><td>早</td><td>加班</td><td></td></tr>",
        "<tr><td>没有的人</td><td>早</td><td>早</td><td>早</td></tr>",
    ]
    await page.evaluate(
        """html => navigator.clipboard.write([new ClipboardItem({
            'text/html': new Blob([html], {type: 'text/html'}), 'text/plain': new Blob(['x'], {type: 'text/plain'})})])""",
        f"<table>{''.join(rows)}</table>",
    )
    await crew.cell(page, 1, 15).click()
    await page.keyboard.press("Control+v")
    dialog = page.get_by_role("dialog", name="粘贴表格")
    drawn = dialog.locator(".import-drawn tbody tr")
    await expect(drawn).to_have_count(3)
    await expect(drawn.first.locator("td.new")).to_have_text(["夜", "夜", "早"])
    await expect(dialog.locator(".import-problems")).to_contain_text("没有的人没有这个成员")
    await expect(dialog.locator(".import-problems")).to_contain_text(f"加班{month}月11日没有这个班次")
    assert await alice.axe() == []
    async with await saved(alice):
        await dialog.get_by_role("button", name="粘贴 4 格").click()
    assert await crew.planned() == [["早", "", "", ""], ["", "", "", ""], ["夜", "夜", "早", ""]]
    await press(alice, "Control+z")
    assert await crew.planned() == [[""] * 4] * 3

    await page.evaluate("text => navigator.clipboard.writeText(text)", f"{second}\t早\t夜\n{first}\t夜\t早")
    await crew.cell(page, 2, 1).click()
    await page.keyboard.press("Control+v")
    await expect(drawn).to_have_count(2)
    async with await saved(alice):
        await dialog.get_by_role("button", name="粘贴 4 格").click()
    assert await crew.planned() == [["", "夜", "早", ""], ["", "早", "夜", ""], [""] * 4], "from the active day on"


async def test_a_table_that_does_not_fit_the_grid_is_never_written_beside_its_people(
    live_server: LiveServer, visitor: Visitor, crew: Crew
) -> None:
    alice = await at_desk(live_server, visitor, crew)
    page = alice.page
    dialog = page.get_by_role("dialog", name="粘贴表格")

    async def paste(text: str, day: int) -> None:
        await page.evaluate("text => navigator.clipboard.writeText(text)", text)
        await crew.cell(page, 0, day).click()
        await page.keyboard.press("Control+v")

    await paste(UNKNOWN, 3)
    await expect(dialog.locator(".import-problems li")).to_have_count(2)
    await expect(dialog.get_by_role("button", name="粘贴 0 格")).to_be_disabled()
    await dialog.get_by_role("button", name="取消").click()

    await paste(TURNED.format(crew.names[2], crew.names[0], crew.first.month), 2)
    await expect(dialog.locator("td.new")).to_have_text(["夜", "早", "早", "夜"])
    async with await saved(alice):
        await dialog.get_by_role("button", name="粘贴 4 格").click()
    assert await crew.planned() == [["早", "夜", "", ""], [""] * 4, ["夜", "早", "", ""]]


@pytest.mark.parametrize("clipboard", ["of the system", "kept from pages"])
async def test_on_a_phone_buttons_at_the_thumb_copy_cut_paste_and_fill_what_is_selected(
    live_server: LiveServer, visitor: Visitor, crew: Crew, clipboard: str
) -> None:
    for day, code in enumerate(("早", "夜")):
        await live_server.plan(crew.user_ids[0], crew.monday + timedelta(days=day), (live_server.shift_ids or {})[code])
    alice = await visitor(
        *(live_server.address, "root"),
        permissions=["clipboard-read", "clipboard-write"],
        size=PHONE,
        has_touch=True,
        is_mobile=True,
    )
    page = alice.page
    if clipboard == "kept from pages":  # as over plain http
        await page.add_init_script("Object.defineProperty(Navigator.prototype, 'clipboard', {get: () => undefined})")
    await alice.open(crew.address)
    await expect(alice.button("快捷键")).to_be_hidden()

    def at(person: int, weekday: int) -> Locator:
        return crew.cell_of_week(page, person, weekday)

    async def press_to_save(name: str) -> list[list[str]]:
        async with await saved(alice):
            await alice.button(name).tap()
        return await crew.planned(3, crew.monday)

    await page.get_by_role("button", name="选择：").tap()
    await at(0, 0).tap()
    await at(0, 1).tap()
    bar = page.get_by_role("group", name="已选 2 格")
    for button in await bar.get_by_role("button").all():
        box = await button.bounding_box()
        assert box
        assert box["width"] >= 44
        assert box["height"] >= 44
        assert box["y"] > PHONE["height"] / 2
    await alice.button("复制").tap()
    await expect(page.get_by_text("已复制 2 格。")).to_be_visible()
    await at(1, 0).tap()
    assert await press_to_save("粘贴") == [["早", "夜", ""], ["早", "夜", ""], ["", "", ""]]
    assert await press_to_save("剪切") == [["早", "夜", ""], ["", "", ""], ["", "", ""]]
    assert await press_to_save("撤销") == [["早", "夜", ""], ["早", "夜", ""], ["", "", ""]]

    await at(1, 1).tap()
    await at(2, 1).tap()
    assert await press_to_save("向下填") == [["早", "夜", ""], ["早", "夜", ""], ["", "夜", ""]]
    await at(2, 1).tap()
    await at(2, 2).tap()
    assert await press_to_save("向右填") == [["早", "夜", ""], ["早", "夜", ""], ["", "夜", "夜"]]
    if clipboard == "of the system":
        await at(0, 0).tap()
        await at(1, 0).tap()
        await alice.button("复制").tap()
        await alice.until("navigator.clipboard.readText().then((text) => text === '早\\r\\n早')")
        await page.evaluate("navigator.clipboard.writeText('夜\\t早')")
        await at(2, 0).tap()
        assert (await press_to_save("粘贴"))[2] == ["夜", "早", "夜"]
    assert await alice.axe() == []
    await page.get_by_role("button", name="完成").tap()
    await expect(page.locator("fieldset.selection-bar")).to_have_count(0)
    await expect(page.locator("td[aria-selected=true]")).to_have_count(0)
